//! `conan.lock`, of Conan 1 and 2 (<https://docs.conan.io/2/tutorial/versioning/lockfiles.html>).

use super::super::json::{Document, Value, Wrong};
use super::{Found, of_text, package};
use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Scope, Unread};

/// Reads such a file.
pub(super) fn read(text: &[u8]) -> Found {
    of_text(text, found)
}

fn found(text: &str) -> Result<Found, Unread> {
    let document = Document::parse(text, &super::super::json::nothing)?;
    let Some(root) = document.object()? else { return Ok(Found::broken(Some(1), "is null")) };
    let mut found = Found::default();
    if let Some(nodes) = root.object("graph_lock")?.map_or(Ok(None), |graph| graph.object("nodes"))? {
        for (key, line, value) in nodes.members() {
            let Value::Object(node) = value else { return Err(Wrong::new(key, "an object").into()) };
            let (own, reference, path) = (node.text("pref")?, node.text("ref")?, node.text("path")?);
            // What is built from the repository itself has a path.
            let told = if own.is_empty() { reference } else { own };
            if path.is_empty()
                && let Some(package) = told_by(told, line)
            {
                found.push(package);
            }
        }
        return Ok(found);
    }
    let parts = [
        ("requires", "requires", Scope::Production),
        ("build_requires", "build-requires", Scope::Development),
        ("python_requires", "python-requires", Scope::Development),
    ];
    for (part, group, scope) in parts {
        for (line, value) in root.list(part)? {
            let Value::Text(reference) = value else { return Err(Wrong::new(part, "a list of texts").into()) };
            if let Some(package) = told_by(reference, *line) {
                found.push(Package { scope: Some(scope), groups: vec![group.into()], ..package });
            }
        }
    }
    Ok(found)
}

/// What `name/version@user/channel#revision:package%time` says.
fn told_by(reference: &str, line: u32) -> Option<Package> {
    let reference = reference.split(['@', '#', ':', '%']).next()?;
    let (name, version) = reference.split_once('/')?;
    (!name.is_empty()).then(|| package(Ecosystem::ConanCenter, name, version, Some(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Vec<String> {
        read(text.as_bytes()).packages.iter().map(|p| format!("{}@{} {}", p.name, p.version, p.groups.join(","))).collect()
    }

    #[test]
    fn both_forms() {
        let nodes = r#"{"graph_lock": {"nodes": {"0": {"ref": "own/1", "path": "conanfile.py"}, "1": {"ref": "z/1.2@u/c#r"}, "2": {"pref": "b/1.0#r:p#q"}, "3": {"ref": "x"}}}}"#;
        assert_eq!(listed(nodes), ["z@1.2 ", "b@1.0 "]);
        let lists = r#"{"version": "0.5", "requires": ["a/1.0#r%1"], "build_requires": ["b/2"], "graph_lock": {}}"#;
        assert_eq!(listed(lists), ["a@1.0 requires", "b@2 build-requires"]);
        assert_eq!(listed(r#"{"graph_lock": {"nodes": {}}, "requires": ["a/1"]}"#), [""; 0]);
        assert!(read(b"null").broken.is_some() && read(br#"{"requires": [1]}"#).broken.is_some());
    }
}
