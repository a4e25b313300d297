//! `composer.lock` (<https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control>).

use super::super::json::Document;
use super::{Found, commit, of_text, package};
use crate::Id;
use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Scope, Unread};

/// What is long and says nothing of packages.
const SKIPPED: [&str; 12] = [
    "require",
    "require-dev",
    "autoload",
    "autoload-dev",
    "notification-url",
    "license",
    "authors",
    "description",
    "keywords",
    "support",
    "funding",
    "extra",
];

/// Reads such a file.
pub(super) fn read(text: &[u8]) -> Found {
    of_text(text, found)
}

fn found(text: &str) -> Result<Found, Unread> {
    let document = Document::parse(text, &|depth, key| depth > 1 && SKIPPED.contains(&key))?;
    let Some(root) = document.object()? else { return Ok(Found::broken(Some(1), "is null")) };
    let mut found = Found::default();
    for (part, scope, group) in [("packages", Scope::Production, None), ("packages-dev", Scope::Development, Some("dev"))] {
        for (line, value) in root.list(part)? {
            let Some(fields) = value.fields(part, "a list of objects")? else { continue };
            let (name, version) = (fields.text("name")?, fields.text("version")?);
            let reference = fields.object("dist")?.map_or(Ok(""), |dist| dist.text("reference"))?;
            let line = Some(*line);
            let package = match (version, reference) {
                ("", "") => continue,
                ("", reference) => commit(name, reference, line),
                (version, _) => package(Ecosystem::Packagist, name, version, line),
            };
            found.push(Package { scope: Some(scope), groups: group.map(Id::Borrowed).into_iter().collect(), ..package });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_both_parts() {
        let found = read(
            br#"{"packages": [{"name": "a/b", "version": "v1.2.3", "require": {"php": "8"}}, {"name": "a/c", "dist": {"reference": "0a1b2c"}}, {"name": "a/d"}],
                 "packages-dev": [{"name": "a/e", "version": "dev-main"}]}"#,
        );
        let each = found.packages.iter().map(|p| format!("{}@{}:{:?}", p.name, p.commit.as_deref().unwrap_or(&p.version), p.scope));
        assert_eq!(
            each.collect::<Vec<_>>(),
            ["a/b@v1.2.3:Some(Production)", "a/c@0a1b2c:Some(Production)", "a/e@dev-main:Some(Development)"]
        );
        assert_eq!(found.packages[2].groups, ["dev"]);
        for text in [&b"null"[..], b"{\"packages\": [", b"{\"packages\": {}}", b"{\"packages\": [{\"name\": 1}]}"] {
            assert!(read(text).broken.is_some());
        }
    }
}
