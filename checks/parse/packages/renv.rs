//! `renv.lock` (<https://rstudio.github.io/renv/articles/lockfile.html>).

use super::super::json::Document;
use super::{Found, of_text, package};
use crate::ecosystem::Ecosystem;
use crate::evidence::Unread;

/// Reads such a file. The reference asks about what comes from a repository named exactly `CRAN`.
pub(super) fn read(text: &[u8]) -> Found {
    of_text(text, found)
}

fn found(text: &str) -> Result<Found, Unread> {
    let document = Document::parse(text, &super::super::json::nothing)?;
    let Some(root) = document.object()? else { return Ok(Found::broken(Some(1), "is null")) };
    let mut found = Found::default();
    let Some(packages) = root.object("Packages")? else { return Ok(found) };
    for (key, line, value) in packages.members() {
        let Some(fields) = value.fields(key, "an object")? else { continue };
        let (name, version, repository) = (fields.text("Package")?, fields.text("Version")?, fields.text("Repository")?);
        if !name.is_empty() && repository == "CRAN" {
            found.push(package(Ecosystem::Cran, name, version, Some(line)));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_cran() {
        let found = read(
            br#"{"Packages": {"a": {"Package": "a", "Version": "1.0", "Repository": "CRAN"}, "b": {"Package": "b", "Version": "1", "Repository": "cran"},
                 "c": {"package": "c", "version": "1.1", "repository": "CRAN"}, "d": {"Version": "1", "Repository": "CRAN"}}}"#,
        );
        assert_eq!(found.packages.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert!(read(b"null").broken.is_some() && read(br#"{"Packages": {"e": {"Version": 1}}}"#).broken.is_some());
    }
}
