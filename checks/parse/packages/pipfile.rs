//! `Pipfile.lock` (<https://pipenv.pypa.io/en/latest/pipfile.html>).

use super::super::json::Document;
use super::{Found, of_text, package};
use crate::Id;
use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Scope, Unread};

/// Reads such a file.
pub(super) fn read(text: &[u8]) -> Found {
    of_text(text, found)
}

fn found(text: &str) -> Result<Found, Unread> {
    let document = Document::parse(text, &|depth, key| depth == 3 && matches!(key, "hashes" | "markers" | "extras"))?;
    let Some(root) = document.object()? else { return Ok(Found::broken(Some(1), "is null")) };
    let mut found = Found::default();
    for (part, scope, group) in [("default", Scope::Production, None), ("develop", Scope::Development, Some("dev"))] {
        let Some(packages) = root.object(part)? else { continue };
        for (name, line, value) in packages.members() {
            let Some(fields) = value.fields(name, "an object")? else { continue };
            let version = fields.text("version")?;
            let line = Some(line);
            let name = Ecosystem::PyPi.normalised(name);
            let package = match version.strip_prefix("==").filter(|version| !version.is_empty()) {
                Some(version) => package(Ecosystem::PyPi, name, version, line),
                // From Git, from a folder: a package all the same.
                None => Package { overlooked: true, ..package(Ecosystem::PyPi, name, "", line) },
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
            br#"{"_meta": {}, "default": {"Flask_X": {"version": "==1.0", "hashes": ["x"]}, "odd": {"version": "===2.0"}, "g": {"git": "x", "ref": "y"}},
                 "develop": {"t": {"version": "==3"}}, "docs": {"s": {"version": "==4"}}}"#,
        );
        let each = found.packages.iter().map(|p| format!("{}@{}:{}:{:?}", p.name, p.version, p.overlooked, p.scope));
        assert_eq!(
            each.collect::<Vec<_>>(),
            [
                "flask-x@1.0:false:Some(Production)",
                "odd@=2.0:false:Some(Production)",
                "g@:true:Some(Production)",
                "t@3:false:Some(Development)"
            ]
        );
        assert!(read(b"null").broken.is_some() && read(b"{\"default\": {\"a\": {\"version\": 1}}}").broken.is_some());
    }
}
