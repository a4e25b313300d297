//! CycloneDX, a list of parts: <https://cyclonedx.org/docs/1.6/json/>. The purl of a component decides; components
//! stand in components; the component that the list is about is none of its parts.

use std::collections::HashMap;

use super::by_purl::by_purl;
use super::graph::{self, Edges};
use super::{Found, of_text};
use crate::evidence::{Package, Scope, Unread};
use crate::parse::json::{Document, Object, Value};
use crate::parse::xml::{Element, Tree};

/// Reads the JSON form.
pub(super) fn read_json(text: &[u8]) -> Found {
    /// What is of no use here, and long.
    const SKIPPED: [&str; 8] =
        ["hashes", "licenses", "externalReferences", "properties", "pedigree", "vulnerabilities", "services", "compositions"];
    of_text(text, |text| of_json(&Document::parse_whole(text, &|_, key| SKIPPED.contains(&key))?))
}

fn of_json(document: &Document<'_>) -> Result<Found, Unread> {
    let Some(root) = document.object()? else { return Ok(Found::default()) };
    let version = root.text("specVersion")?;
    if !matches!(version, "" | "1.0" | "1.1" | "1.2" | "1.3" | "1.4" | "1.5" | "1.6") {
        return Err(Unread { line: None, why: format!("CycloneDX {version} is not read") });
    }
    let mut parts = Parts::default();
    // Each with what is left of it; a list, as components are as deep as they like.
    let mut open = vec![root.list("components")?.iter()];
    while let Some(all) = open.last_mut() {
        let Some((line, component)) = all.next() else {
            open.pop();
            continue;
        };
        let Some(component) = component.fields("components", "a list of objects")? else { continue };
        let (purl, version, wanted) = (component.text("purl")?, component.text("version")?, component.text("scope")?);
        let was_added = parts.add(component.text("bom-ref")?, purl, version, wanted, *line);
        if was_added && occurs(component) {
            parts.occurs();
        }
        open.push(component.list("components")?.iter());
    }
    for (_, dependency) in root.list("dependencies")? {
        let Value::Object(dependency) = dependency else { continue };
        let from = dependency.text("ref")?;
        for (_, to) in dependency.list("dependsOn")? {
            if let Value::Text(to) = to {
                parts.edges.push((from, to));
            }
        }
    }
    let about = root.object("metadata")?.map(|metadata| metadata.object("component")).transpose()?.flatten();
    let about = about.map(|about| about.text("bom-ref")).transpose()?.unwrap_or_default();
    Ok(parts.connected(about))
}

/// Whether a component says where it was found.
fn occurs(component: &Object<'_>) -> bool {
    let places = component.object("evidence").ok().flatten().and_then(|evidence| evidence.list("occurrences").ok()).unwrap_or_default();
    let is_place = |value: &Value<'_>| matches!(value, Value::Object(place) if place.text("location").is_ok_and(|text| !text.is_empty()));
    places.iter().any(|(_, value)| is_place(value))
}

/// What a list says, until all of it is known.
#[derive(Default)]
struct Parts<'a> {
    found: Found,
    /// The places of components by what others call them by.
    places: HashMap<&'a str, usize>,
    /// What depends on what, by those names.
    edges: Vec<(&'a str, &'a str)>,
}

impl<'a> Parts<'a> {
    /// Adds a component, if it is a package that its purl tells.
    fn add(&mut self, name: &'a str, purl: &str, version: &str, wanted: &str, line: u32) -> bool {
        let Some(package) = by_purl(purl, version, line) else { return false };
        self.places.insert(name, self.found.packages.len());
        self.found.push(Package { scope: scope(wanted), ..package });
        true
    }

    /// Notes that the last package says where it was found.
    fn occurs(&mut self) {
        if let Some(package) = self.found.packages.last_mut() {
            package.occurs_elsewhere = true;
        }
    }

    /// The packages, with what brings each, as seen from the component that the list is about.
    fn connected(self, about: &str) -> Found {
        let Self { mut found, places, edges: names } = self;
        let place = |name: &str| places.get(name).copied().filter(|place| !name.is_empty() && *place < found.packages.len());
        let direct: Vec<usize> =
            names.iter().filter(|(from, _)| *from == about && !about.is_empty()).filter_map(|(_, to)| place(to)).collect();
        let pairs: Vec<_> = names.iter().filter_map(|(from, to)| place(from).zip(place(to))).collect();
        let edges = Edges::of(found.packages.len(), &pairs);
        if !direct.is_empty() {
            graph::trace_from(&mut found.packages, &direct, &edges);
        }
        found
    }
}

/// Reads the XML form.
pub(super) fn read_xml(text: &[u8]) -> Found {
    let tree = match Tree::read(text) {
        Ok(tree) => tree,
        Err(error) => return Found::broken(Some(error.line), error.what),
    };
    let root = tree.root();
    if root.name() != b"bom" {
        return Found::broken(Some(root.line()), "another root than bom");
    }
    if root.attribute("version").map(str::trim).is_some_and(|version| !version.is_empty() && version.parse::<i64>().is_err()) {
        return Found::broken(Some(root.line()), "a version that is no number");
    }
    let mut parts = Parts::default();
    let mut open = vec![root.below(&["components", "component"]).into_iter()];
    while let Some(all) = open.last_mut() {
        let Some(component) = all.next() else {
            open.pop();
            continue;
        };
        let of = |name: &str| component.named(name).last().map_or("", Element::text);
        let name = component.attribute("bom-ref").unwrap_or_default();
        let was_added = parts.add(name, of("purl"), of("version"), of("scope"), component.line());
        let places = component.below(&["evidence", "occurrences", "occurrence", "location"]);
        if was_added && places.iter().any(|place| !place.text().is_empty()) {
            parts.occurs();
        }
        open.push(component.below(&["components", "component"]).into_iter());
    }
    for dependency in root.below(&["dependencies", "dependency"]) {
        let from = dependency.attribute("ref").unwrap_or_default();
        parts.edges.extend(dependency.named("dependency").filter_map(|to| Some((from, to.attribute("ref")?))));
    }
    let about = root.below(&["metadata", "component"]);
    parts.connected(about.last().and_then(|about| about.attribute("bom-ref")).unwrap_or_default())
}

/// The scopes of the specification. Without one a component is required; that is not what a list without scopes says.
fn scope(text: &str) -> Option<Scope> {
    match text {
        "required" => Some(Scope::Production),
        "optional" => Some(Scope::Optional),
        // Needed to build or test, not to run.
        "excluded" => Some(Scope::Development),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(found: &Found) -> Vec<String> {
        let shown = |package: &Package| {
            let ecosystem = package.ecosystem.as_ref().map_or("", |ecosystem| ecosystem.name());
            let (mark, line) = (if package.overlooked { " overlooked" } else { "" }, package.line.unwrap_or_default());
            format!("{ecosystem} {}@{}:{line} {:?}{mark}", package.name, package.version, package.scope)
        };
        found.packages.iter().map(shown).collect()
    }

    /// In the form of the examples of the specification.
    #[test]
    fn the_xml_form() {
        let text = r#"<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5" serialNumber="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79" version="1">
  <metadata><component type="application"><name>self</name><purl>pkg:npm/self@1</purl></component></metadata>
  <components>
    <component type="library">
      <name>shown</name>
      <version>0</version>
      <scope>required</scope>
      <purl>pkg:npm/real@1.0.0</purl>
      <components>
        <component type="library"><purl>pkg:gem/inner@2</purl><scope>excluded</scope></component>
      </components>
    </component>
    <component><name>none</name><version>1</version></component>
    <component><version>9.9</version><scope>optional</scope><purl>pkg:npm/versionless</purl></component>
    <component><purl>pkg:generic/openssl@1</purl></component>
  </components>
  <services><service><components><component><purl>pkg:npm/x@1</purl></component></components></service></services>
</bom>"#;
        let want = [
            "npm real@1.0.0:5 Some(Production)",
            "RubyGems inner@2:11 Some(Development)",
            "npm versionless@9.9:15 Some(Optional) overlooked",
        ];
        assert_eq!(shown(&read_xml(text.as_bytes())), want);
        for text in ["<x><components/></x>", "<bom>", "<bom version='x'/>", ""] {
            assert!(read_xml(text.as_bytes()).broken.is_some(), "{text}");
        }
        assert!(read_xml(b"<bom version=''><components/></bom>").broken.is_none());
    }

    #[test]
    fn the_json_form() {
        let text = r#"{
  "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
  "metadata": {"component": {"bom-ref": "self", "name": "self", "purl": "pkg:npm/self@1"}},
  "components": [
    {"type": "library", "bom-ref": "a", "name": "shown", "version": "0", "purl": "pkg:npm/real@1.0.0",
     "components": [{"PURL": "pkg:gem/inner@2", "scope": "excluded"}]},
    {"name": "none", "version": "1"},
    null,
    {"bom-ref": "b", "version": "9.9", "scope": "optional", "purl": "pkg:npm/versionless"}
  ],
  "dependencies": [{"ref": "self", "dependsOn": ["a", "gone"]}, {"ref": "a", "dependsOn": ["b", "a"]}]
} "#;
        let found = read_json(text.as_bytes());
        let want = ["npm real@1.0.0:5 None", "RubyGems inner@2:6 Some(Development)", "npm versionless@9.9:9 Some(Optional) overlooked"];
        assert_eq!(shown(&found), want);
        let ways: Vec<_> = found.packages.iter().map(|package| (package.direct, package.parent)).collect();
        assert_eq!(ways, [(Some(true), None), (Some(false), None), (Some(false), Some(0))]);
        for (from, to) in
            [("1.5", "9.9"), ("} ", "} x"), ("\"1.5\"", "1.5"), ("null,", "1,"), ("\"pkg:npm/real@1.0.0\"", "1"), ("{\n", "\u{feff}{")]
        {
            let found = read_json(text.replacen(from, to, 1).as_bytes());
            assert!(found.broken.is_some() && found.packages.is_empty(), "{from}");
        }
        for text in ["null", "{}", r#"{"components": null}"#, r#"{"bomFormat": "x", "components": []}"#] {
            assert!(read_json(text.as_bytes()).broken.is_none(), "{text}");
        }
    }

    #[test]
    fn what_brings_what_in_the_xml_form() {
        let text = r#"<bom><metadata><component bom-ref="self"/></metadata><components>
<component bom-ref="a"><purl>pkg:npm/a@1</purl></component><component bom-ref="b"><purl>pkg:npm/b@1</purl></component></components>
<dependencies><dependency ref="self"><dependency ref="b"/></dependency><dependency ref="b"><dependency ref="a"/></dependency></dependencies></bom>"#;
        let found = read_xml(text.as_bytes());
        let ways: Vec<_> = found.packages.iter().map(|package| (package.direct, package.parent)).collect();
        assert_eq!(ways, [(Some(false), Some(1)), (Some(true), None)]);
    }

    #[test]
    fn deep_components_end() {
        let (open, close) = ("<components><component><purl>pkg:npm/a@1</purl>", "</component></components>");
        let text = format!("<bom>{}{}</bom>", open.repeat(20_000), close.repeat(20_000));
        assert_eq!(read_xml(text.as_bytes()).packages.len(), 20_000);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            read_xml(&text);
            read_json(&text);
        }
    }
}
