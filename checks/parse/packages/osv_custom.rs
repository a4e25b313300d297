//! `osv-scanner-custom.json`: what a program of the maintainers' own found
//! (<https://google.github.io/osv-scanner/supported-languages-and-lockfiles/#custom-lockfiles>).

use super::super::json::{Document, Value, Wrong};
use super::{Found, commit, of_text, package};
use crate::ecosystem::Ecosystem;
use crate::evidence::Unread;

/// Reads such a file.
pub(super) fn read(text: &[u8]) -> Found {
    of_text(text, found)
}

fn found(text: &str) -> Result<Found, Unread> {
    let document = Document::parse(text, &super::super::json::nothing)?;
    let Some(root) = document.object()? else { return Ok(Found::default()) };
    let mut found = Found::default();
    for (_, result) in root.list("results")? {
        let Value::Object(result) = result else { return Err(Wrong::new("results", "a list of objects").into()) };
        for (line, entry) in result.list("packages")? {
            let Value::Object(entry) = entry else { return Err(Wrong::new("packages", "a list of objects").into()) };
            let Some(fields) = entry.object("package")? else { continue };
            let (name, version, ecosystem) = (fields.text("name")?, fields.text("version")?, fields.text("ecosystem")?);
            let id = fields.text("commit")?;
            let line = Some(*line);
            let ecosystem = Ecosystem::from_name(ecosystem);
            if ecosystem.is_known() && !name.is_empty() {
                let mut package = package(ecosystem, name, version, line);
                package.commit = Some(id.to_owned()).filter(|id| version.is_empty() && !id.is_empty());
                found.push(package);
            } else if !id.is_empty() {
                found.push(commit(name, id, line));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_any_known_ecosystem() {
        let found = read(
            br#"{"results": [{"packages": [{"package": {"name": "a", "version": "1", "ecosystem": "npm"}}, {"package": {"name": "b", "version": "2", "ecosystem": "Debian:11"}},
                 {"package": {"commit": "0a1b2c"}}, {"package": {"name": "c", "version": "1", "ecosystem": "NoSuch"}}]}]}"#,
        );
        let each = found
            .packages
            .iter()
            .map(|p| format!("{:?} {}", p.ecosystem.as_ref().map(Ecosystem::name), p.commit.as_deref().unwrap_or(&p.version)));
        assert_eq!(each.collect::<Vec<_>>(), ["Some(\"npm\") 1", "Some(\"Debian:11\") 2", "None 0a1b2c"]);
        assert!(read(b"[]").broken.is_some());
    }
}
