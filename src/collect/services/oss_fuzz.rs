//! The list of projects that OSS-Fuzz builds.

use std::collections::BTreeSet;

use carat_checks::evidence::Cause;
use serde::Deserialize;

use super::ask;
use crate::http::{Client, Service};

/// Where the list is, unless the user says otherwise.
pub(crate) const ADDRESS: &str = "https://oss-fuzz-build-logs.storage.googleapis.com/status.json";

/// The longest list that is read, in bytes. It is of some megabytes.
const LONGEST: usize = 64 << 20;

#[derive(Deserialize)]
struct List {
    projects: Vec<Project>,
}

#[derive(Deserialize)]
struct Project {
    main_repo: Option<String>,
}

/// The repositories of the list, as `host/owner/name` in lower case.
pub(crate) async fn projects(client: &Client, url: &str) -> Result<BTreeSet<String>, Cause> {
    let body = ask(client, Service::OssFuzz, url, LONGEST).await?;
    let list: List =
        serde_json::from_slice(&body).map_err(|error| Cause::Failed { why: format!("the list of OSS-Fuzz cannot be read: {error}") })?;
    Ok(list.projects.iter().filter_map(|project| normalised(project.main_repo.as_deref()?)).collect())
}

/// An address of a repository as `host/owner/name`, without what stands deeper.
fn normalised(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let (authority, path) = rest.split_once('/')?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let path = path.split(['?', '#']).next()?.trim_matches('/');
    let (owner, rest) = path.split_once('/')?;
    let name = rest.split('/').next()?;
    let name = name.strip_suffix(".git").unwrap_or(name);
    let whole = !host.is_empty() && !owner.is_empty() && !name.is_empty();
    whole.then(|| format!("{host}/{owner}/{name}").to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_names() {
        for (address, want) in [
            ("https://github.com/Owner/Name", Some("github.com/owner/name")),
            ("https://github.com/o/n.git", Some("github.com/o/n")),
            ("https://github.com/o/n.git/tree/main/sub", Some("github.com/o/n")),
            ("git://github.com/o/n/", Some("github.com/o/n")),
            ("https://www.github.com/o/n", Some("www.github.com/o/n")),
            ("git@github.com:o/n.git", None),
            ("https://example.org/n", None),
            ("", None),
        ] {
            assert_eq!(normalised(address).as_deref(), want, "{address}");
        }
    }
}
