//! The files of NuGet: `packages.lock.json`, `packages.config` and `*.deps.json`.

use std::collections::HashMap;

use super::super::json::{Document, Object};
use super::graph::{self, Edges};
use super::{Found, of_text, package};
use crate::ecosystem::Ecosystem;
use crate::evidence::{Scope, Unread};
use crate::parse::xml::Tree;

/// Reads `packages.lock.json`
/// (<https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files#locking-dependencies>).
pub(super) fn read_lock(text: &[u8]) -> Found {
    of_text(text, lock)
}

fn lock(text: &str) -> Result<Found, Unread> {
    let document = Document::parse(text, &|depth, key| depth == 4 && matches!(key, "contentHash" | "requested"))?;
    let Some(root) = document.object()? else { return Ok(Found::default()) };
    let mut found = Found::default();
    let Some(frameworks) = root.object("dependencies")? else { return Ok(found) };
    for (framework, _, value) in frameworks.members() {
        let Some(packages) = value.fields(framework, "an object")? else { continue };
        let begun = found.packages.len();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut asked: Vec<&Object<'_>> = Vec::new();
        let mut direct: Vec<usize> = Vec::new();
        for (name, line, value) in packages.members() {
            let Some(fields) = value.fields(name, "an object")? else { continue };
            let (version, kind) = (fields.text("resolved")?, fields.text("type")?);
            // Another project of the repository has no version.
            if version.is_empty() {
                continue;
            }
            let place = found.packages.len() - begun;
            places.insert(name.to_lowercase(), place);
            asked.push(fields);
            if kind.eq_ignore_ascii_case("Direct") {
                direct.push(place);
            }
            found.push(package(Ecosystem::NuGet, name, version, Some(line)));
            if found.cut {
                return Ok(found);
            }
        }
        let mut pairs = Vec::new();
        for (from, fields) in asked.iter().enumerate() {
            let names = fields.object("dependencies").ok().flatten().into_iter().flat_map(Object::members);
            pairs.extend(names.filter_map(|(name, _, _)| Some((from, *places.get(&name.to_lowercase())?))));
        }
        let of_framework = &mut found.packages[begun..];
        let edges = Edges::of(of_framework.len(), &pairs);
        graph::trace(of_framework, &direct, &edges);
        // What the project asks for is not what the project is: it brings its own.
        for place in &direct {
            for asked in edges.from(*place) {
                if !direct.contains(asked) {
                    of_framework[*asked].direct = Some(false);
                    of_framework[*asked].parent = u32::try_from(*place).ok();
                }
            }
        }
        let shift = u32::try_from(begun).unwrap_or(u32::MAX);
        of_framework.iter_mut().for_each(|package| package.parent = package.parent.map(|parent| parent.saturating_add(shift)));
    }
    Ok(found)
}

/// The longest `packages.config` that the reference looks at, in bytes.
const LONGEST_CONFIG: usize = 20 << 20;

/// Reads `packages.config` (<https://learn.microsoft.com/nuget/reference/packages-config>).
pub(super) fn read_config(text: &[u8]) -> Found {
    let tree = match Tree::read(text) {
        Ok(tree) => tree,
        Err(error) => return Found::broken(Some(error.line), error.what),
    };
    let root = tree.root();
    if root.name() != b"packages" {
        return Found::broken(Some(root.line()), "another root than packages");
    }
    let mut found = Found::default();
    for element in root.named("package") {
        let (Some(name), Some(version)) = (element.attribute("id"), element.attribute("version")) else { continue };
        if name.is_empty() || version.is_empty() {
            continue;
        }
        let mut package = package(Ecosystem::NuGet, name, version, Some(element.line()));
        let is_development = element.attribute("developmentDependency").is_some_and(|text| text.eq_ignore_ascii_case("true"));
        package.scope = is_development.then_some(Scope::Development);
        package.overlooked = text.len() > LONGEST_CONFIG;
        found.push(package);
    }
    found
}

/// The longest `*.deps.json` that the reference looks at, in bytes.
const LONGEST_DEPS: usize = 10 << 20;

/// Reads `*.deps.json` (<https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md>).
pub(super) fn read_deps(text: &[u8]) -> Found {
    let is_long = text.len() > LONGEST_DEPS;
    of_text(text, |text| {
        let document = Document::parse(text, &|depth, key| depth == 1 && !key.eq_ignore_ascii_case("libraries"))?;
        let Some(root) = document.object()? else { return Ok(Found::default()) };
        let mut found = Found::default();
        for (key, line, _) in root.object("libraries")?.into_iter().flat_map(Object::members) {
            let mut parts = key.split('/');
            if let (Some(name), Some(version), None) = (parts.next(), parts.next(), parts.next()) {
                let mut package = package(Ecosystem::NuGet, name, version, Some(line));
                package.overlooked = is_long;
                found.push(package);
            }
        }
        Ok(found)
    })
}

#[cfg(test)]
mod json_tests {
    use super::*;

    #[test]
    fn what_a_lock_names() {
        let text = r#"{"version": 1, "dependencies": {"net8.0": {
            "A": {"type": "Direct", "requested": "[1, )", "resolved": "1.0.0", "dependencies": {"b": "2.0.0"}},
            "B": {"type": "Transitive", "resolved": "2.0.0", "dependencies": {"C": "3"}},
            "C": {"type": "Transitive", "resolved": "3.0.0"}, "own": {"type": "Project"}}, "net9.0": {"C": {"type": "Direct", "resolved": "3.1.0"}}}}"#;
        let found = read_lock(text.as_bytes());
        let each = found.packages.iter().map(|p| format!("{}@{}:{} {:?} {:?}", p.name, p.version, p.line.unwrap_or(0), p.direct, p.parent));
        assert_eq!(
            each.collect::<Vec<_>>(),
            ["A@1.0.0:2 Some(true) None", "B@2.0.0:3 Some(false) Some(0)", "C@3.0.0:4 Some(false) Some(1)", "C@3.1.0:4 Some(true) None",]
        );
        assert!(read_lock(br#"{"dependencies": {"a": 1}}"#).broken.is_some());
    }

    #[test]
    fn what_the_libraries_of_a_program_are() {
        let found = read_deps(
            br#"{"targets": {"x": {}}, "libraries": {"Own/1.0.0": {"type": "project"}, "A.B/2.0.0": {}, "odd": {}, "a/b/c": {}}}"#,
        );
        assert_eq!(found.packages.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["Own", "A.B"]);
    }
}

#[cfg(test)]
mod config_tests {
    use proptest::prelude::*;

    use super::*;

    /// In the form that the documentation shows.
    #[test]
    fn what_packages_config_names() {
        let text = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<packages>
  <package id=\"jQuery\" version=\"3.1.1\" targetFramework=\"net46\" />
  <package id=\"NLog\" version=\"4.3.10\" developmentDependency=\"true\" />
  <package id=\"None\"/><package version=\"1\"/><package id=\"\" version=\"1\"/>
  <group><package id=\"Deep\" version=\"1\"/></group>
</packages>";
        let found = read_config(text.as_bytes());
        let all: Vec<_> =
            found.packages.iter().map(|package| (package.name.as_str(), package.version.as_str(), package.line, package.scope)).collect();
        assert_eq!(all, [("jQuery", "3.1.1", Some(3), None), ("NLog", "4.3.10", Some(4), Some(Scope::Development))]);
        assert!(read_config(b"<configuration><package id='a' version='1'/></configuration>").broken.is_some());
        assert!(read_config(b"<packages>").broken.is_some());
    }

    proptest! {
        #[test]
        fn no_config_makes_it_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            read_config(&text);
        }
    }
}
