//! `bun.lock` (<https://bun.com/docs/pm/lockfile>).

use std::collections::HashMap;

use super::super::json::{Document, Object, Value, Wrong};
use super::{Found, commit, graph, of_text, package};
use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Unread};

/// Reads such a file.
pub(super) fn read(text: &[u8]) -> Found {
    of_text(text, found)
}

fn found(text: &str) -> Result<Found, Unread> {
    let document = Document::parse_relaxed(text, &super::super::json::nothing)?;
    let Some(root) = document.object()? else { return Ok(Found::broken(Some(1), "is null")) };
    if root.get("lockfileVersion").is_some_and(|version| !version.is_integer()) {
        return Err(Wrong::new("lockfileVersion", "a number").into());
    }
    let mut found = Found::default();
    let Some(packages) = root.object("packages")? else { return Ok(found) };
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(packages.len());
    let mut asked: Vec<(&str, Option<&Object<'_>>)> = Vec::with_capacity(packages.len());
    for (key, line, value) in packages.members() {
        let tuple = match value {
            Value::List(tuple) => tuple,
            _ => return Err(Wrong::new(key, "a list").into()),
        };
        let Some((_, Value::Text(text))) = tuple.first() else {
            found.note(Some(line), format!("{key:?} does not begin with a name and a version"));
            continue;
        };
        let fields = tuple.iter().find_map(|(_, value)| match value {
            Value::Object(fields) => Some(fields),
            _ => None,
        });
        let Some(package) = told(text, line) else { continue };
        places.insert(key, found.packages.len());
        asked.push((key, fields));
        found.push(package);
        if found.cut {
            return Ok(found);
        }
    }
    bring(root, &places, &asked, &mut found.packages);
    Ok(found)
}

/// What `name@version#commit` says; nothing of a file.
fn told(text: &str, line: u32) -> Option<Package> {
    let start = usize::from(text.starts_with('@'));
    let (name, version) = match text[start..].find('@') {
        Some(at) => (&text[..start + at], &text[start + at + 1..]),
        None => (text, ""),
    };
    if version.starts_with("file:") {
        return None;
    }
    if let Some((_, id)) = version.split_once('#') {
        return Some(commit(name, id, Some(line)));
    }
    Some(package(Ecosystem::Npm, name, version, Some(line)))
}

/// Writes into the packages who brings them, and for what they are needed.
fn bring(root: &Object<'_>, places: &HashMap<&str, usize>, asked: &[(&str, Option<&Object<'_>>)], packages: &mut Vec<Package>) {
    let names = |fields: &Object<'_>, parts: &[&str]| -> Vec<String> {
        let objects = parts.iter().filter_map(|part| fields.object(part).ok().flatten());
        objects.flat_map(Object::members).map(|(name, _, _)| name.to_owned()).collect()
    };
    const PARTS: [&str; 3] = ["dependencies", "optionalDependencies", "peerDependencies"];
    // A key is the way to a package; one that stands deeper is for the package before it alone.
    let place = |from: &str, name: &str| {
        let mut way = from;
        loop {
            let near = if way.is_empty() { name.to_owned() } else { format!("{way}/{name}") };
            if let Some(place) = places.get(near.as_str()) {
                return Some(*place);
            }
            if way.is_empty() {
                return None;
            }
            way = way.rfind('/').map_or("", |slash| &way[..slash]);
        }
    };
    let mut pairs = Vec::new();
    for (from, (key, fields)) in asked.iter().enumerate() {
        let names = fields.map(|fields| names(fields, &PARTS)).unwrap_or_default();
        pairs.extend(names.iter().filter_map(|name| Some((from, place(key, name)?))));
    }
    let Ok(Some(workspaces)) = root.object("workspaces") else { return };
    let own = |parts: &[&str]| -> Vec<usize> {
        let fields = workspaces.members().filter_map(|(_, _, value)| match value {
            Value::Object(fields) => Some(fields),
            _ => None,
        });
        fields.flat_map(|fields| names(fields, parts)).filter_map(|name| place("", &name)).collect()
    };
    let all = own(&["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"]);
    graph::trace_projects(packages, pairs, all, Some(own(&PARTS)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_and_who_asks_for_them() {
        let text = r#"{
          "lockfileVersion": 1, // c
          "workspaces": {"": {"dependencies": {"a": "1"}, "devDependencies": {"d": "1"}}},
          "packages": {
            "a": ["a@1.0.0", "", {"dependencies": {"b": "2"}}, "sha"],
            "b": ["@real/b@2.0.0", {}],
            "d": ["d@git+ssh://git@x.org/d.git#0a1b2c", {}],
            "f": ["f@file:../f", {}],
            "w": ["w@workspace:w"],
          },
        }"#;
        let found = read(text.as_bytes());
        let each =
            found.packages.iter().map(|p| format!("{}@{} {:?} {:?}", p.name, p.commit.as_deref().unwrap_or(&p.version), p.direct, p.scope));
        assert_eq!(
            each.collect::<Vec<_>>(),
            [
                "a@1.0.0 Some(true) Some(Production)",
                "@real/b@2.0.0 Some(false) Some(Production)",
                "d@0a1b2c Some(true) Some(Development)",
                "w@workspace:w None Some(Development)",
            ]
        );
    }

    #[test]
    fn faults() {
        let found = read(br#"{"lockfileVersion":1,"packages":{"e":[],"n":[5],"ok":["ok@1.0.0"]}}"#);
        assert_eq!((found.packages.len(), found.broken.is_some()), (1, true));
        for text in [r#"{"lockfileVersion": "1", "packages": {"q": ["q@1"]}}"#, "null", "{} x", r#"{"packages": {"a": 1}}"#] {
            let found = read(text.as_bytes());
            assert!(found.broken.is_some() && found.packages.is_empty(), "{text}");
        }
    }
}
