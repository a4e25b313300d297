//! The badge service of OpenSSF Best Practices.
//!
//! Its interface: <https://github.com/coreinfrastructure/best-practices-badge/blob/main/docs/api.md>

use carat_checks::evidence::{BadgeLevel, Cause};
use serde::Deserialize;

use super::ask;
use crate::http::{Client, Service};

/// Where the service is, unless the user says otherwise.
pub(crate) const ADDRESS: &str = "https://www.bestpractices.dev";

/// The longest answer that is read, in bytes.
const LONGEST: usize = 8 << 20;

#[derive(Deserialize)]
struct Project {
    badge_level: Option<String>,
}

/// The badge of a repository, by the name that it was asked for with: `HOST/OWNER/NAME`.
pub(crate) async fn badge(client: &Client, base: &str, repository: &str) -> Result<Option<BadgeLevel>, Cause> {
    let url = format!("{}/projects.json?url=https://{repository}", base.trim_end_matches('/'));
    let mut projects: Result<Vec<Project>, _> = serde_json::from_slice(&ask(client, Service::Badge, &url, LONGEST).await?);
    if projects.is_err() {
        // An answer may be spoilt on its way.
        projects = serde_json::from_slice(&ask(client, Service::Badge, &url, LONGEST).await?);
    }
    let projects = projects.map_err(|error| Cause::Failed { why: format!("the badge service answered what cannot be read: {error}") })?;
    let Some(project) = projects.into_iter().next() else { return Ok(None) };
    level(&project.badge_level.unwrap_or_default())
}

/// A level by the word in it, as the reference looks for it.
fn level(text: &str) -> Result<Option<BadgeLevel>, Cause> {
    let words = [
        ("in_progress", BadgeLevel::InProgress),
        ("passing", BadgeLevel::Passing),
        ("silver", BadgeLevel::Silver),
        ("gold", BadgeLevel::Gold),
    ];
    match words.into_iter().find(|(word, _)| text.contains(word)) {
        Some((_, level)) => Ok(Some(level)),
        None if text.is_empty() => Ok(None),
        None => {
            let text: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
            Err(Cause::Failed { why: format!("the badge service names a level that is not known: {text:?}") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_told_by_the_word_in_it() {
        assert_eq!(level("gold"), Ok(Some(BadgeLevel::Gold)));
        assert_eq!(level("nearly-passing"), Ok(Some(BadgeLevel::Passing)));
        assert_eq!(level(""), Ok(None));
        assert!(matches!(level("platinum"), Err(Cause::Failed { .. })));
    }
}
