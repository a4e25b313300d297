//! SPDX, a list of parts: <https://spdx.github.io/spdx-spec/v2.3/>. Of each package the last purl among its references
//! counts. Versions 2.1, 2.2 and 2.3 are read.

use std::collections::BTreeSet;

use super::by_purl::by_purl;
use super::lines::{TOO_LONG, lines};
use super::{Found, of_text};
use crate::evidence::{Package, Unread};
use crate::parse::json;
use crate::parse::xml::{Element, Tree};
use crate::parse::yaml::{Document, Node};

/// The version that a document says it has is read.
fn is_read(version: &str) -> bool {
    matches!(version, "SPDX-2.1" | "SPDX-2.2" | "SPDX-2.3")
}

const UNKNOWN: &str = "no version of SPDX that is read";

/// A purl by the name of its kind, or by its address.
fn is_purl(kind: &str) -> bool {
    kind.strip_prefix("http://spdx.org/rdf/references/").unwrap_or(kind) == "purl"
}

/// Reads the JSON form.
pub(super) fn read_json(text: &[u8]) -> Found {
    /// What is of no use here, and long.
    const SKIPPED: [&str; 6] = ["files", "snippets", "relationships", "checksums", "annotations", "hasFiles"];
    of_text(text, |text| of_json(&json::Document::parse_whole(text, &|_, key| SKIPPED.contains(&key))?))
}

fn of_json(document: &json::Document<'_>) -> Result<Found, Unread> {
    let unknown = || Unread { line: None, why: UNKNOWN.to_owned() };
    let root = document.object()?.ok_or_else(unknown)?;
    if !is_read(root.text("spdxVersion")?) {
        return Err(unknown());
    }
    let mut found = Found::default();
    for (line, package) in root.list("packages")? {
        let json::Value::Object(package) = package else { return Err(json::Wrong::new("packages", "a list of objects").into()) };
        let (said, line) = (package.text("versionInfo")?, *line);
        let mut last = None;
        for (_, reference) in package.list("externalRefs")? {
            let json::Value::Object(reference) = reference else {
                return Err(json::Wrong::new("externalRefs", "a list of objects").into());
            };
            let (kind, locator) = (reference.text("referenceType")?, reference.text("referenceLocator")?);
            if is_purl(kind) {
                last = by_purl(locator, said, line).or(last);
            }
        }
        last.into_iter().for_each(|package| found.push(package));
    }
    Ok(found)
}

type Wrong = (u32, &'static str);

/// Reads the YAML form.
pub(super) fn read_yaml(text: &[u8]) -> Found {
    match Document::parse(text) {
        Err(error) => Found::broken(Some(error.line), error.problem),
        Ok(document) => {
            let found = document.root().ok_or((1, "nothing is in it")).and_then(of_yaml);
            found.unwrap_or_else(|(line, why)| Found::broken(Some(line), why))
        }
    }
}

fn of_yaml(root: Node<'_>) -> Result<Found, Wrong> {
    let mut found = Found::default();
    let version = field(root, "spdxVersion")?.ok_or((root.line(), UNKNOWN))?;
    if !version.text().is_some_and(is_read) {
        return Err((version.line(), UNKNOWN));
    }
    for package in list(field(root, "packages")?)? {
        let said = field(package, "versionInfo")?.and_then(Node::text).unwrap_or_default();
        let mut last = None;
        for reference in list(field(package, "externalRefs")?)? {
            let text = |name| Ok(field(reference, name)?.and_then(Node::text).unwrap_or_default());
            if is_purl(text("referenceType")?) {
                last = by_purl(text("referenceLocator")?, said, package.line()).or(last);
            }
        }
        last.into_iter().for_each(|package| found.push(package));
    }
    Ok(found)
}

/// A value by its key, in whatever case.
fn field<'a>(node: Node<'a>, name: &str) -> Result<Option<Node<'a>>, Wrong> {
    let mut pairs = node.pairs().ok_or((node.line(), "no mapping where one belongs"))?;
    Ok(pairs.find(|(key, _)| key.text().is_some_and(|key| key.eq_ignore_ascii_case(name))).map(|(_, value)| value))
}

fn list(node: Option<Node<'_>>) -> Result<Vec<Node<'_>>, Wrong> {
    match node {
        None => Ok(Vec::new()),
        Some(node) if node.text().is_some_and(|text| matches!(text, "" | "~" | "null")) => Ok(Vec::new()),
        Some(node) => Ok(node.items().ok_or((node.line(), "no list where one belongs"))?.collect()),
    }
}

/// Reads the form of tags and values, one a line; a value in `<text>` may go on over more.
pub(super) fn read_tags(text: &[u8]) -> Found {
    let (mut tags, mut all) = (Vec::new(), lines(text));
    let mut open: Option<(u32, String, String)> = None;
    for (number, line) in all.by_ref() {
        let line = String::from_utf8_lossy(line);
        if let Some((started, tag, value)) = &mut open {
            match line.split_once("</text>") {
                None => {
                    value.push_str(&line);
                    value.push('\n');
                }
                Some((end, _)) => {
                    value.push_str(end);
                    tags.push((*started, std::mem::take(tag), std::mem::take(value)));
                    open = None;
                }
            }
            continue;
        }
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((tag, value)) = line.split_once(':') else { return Found::broken(Some(number), "a line without a tag") };
        let tag = tag.trim().to_owned();
        match value.split_once("<text>") {
            None => tags.push((number, tag, value.trim().to_owned())),
            Some((_, value)) => match value.split_once("</text>") {
                Some((value, _)) => tags.push((number, tag, value.to_owned())),
                None => open = Some((number, tag, format!("{value}\n"))),
            },
        }
    }
    if let Some(line) = all.too_long {
        return Found::broken(Some(line), TOO_LONG);
    }
    if let Some((line, ..)) = open {
        return Found::broken(Some(line), "a text without an end");
    }
    of_tags(&tags).unwrap_or_else(|(line, why)| Found::broken(Some(line), why))
}

/// A package of a document of tags.
#[derive(Default)]
struct Tagged<'a> {
    line: u32,
    version: &'a str,
    /// Locators of purls, in their order.
    purls: Vec<&'a str>,
    has_id: bool,
}

fn of_tags(tags: &[(u32, String, String)]) -> Result<Found, Wrong> {
    let version = tags.iter().find(|(_, tag, _)| tag == "SPDXVersion").ok_or((1, UNKNOWN))?;
    if !is_read(&version.2) {
        return Err((version.0, UNKNOWN));
    }
    let mut packages: Vec<Tagged<'_>> = Vec::new();
    let mut is_in_package = false;
    for (line, tag, value) in tags {
        match tag.as_str() {
            "PackageName" => {
                packages.push(Tagged { line: *line, ..Tagged::default() });
                is_in_package = true;
            }
            "FileName" | "LicenseID" | "Reviewer" | "SnippetSPDXID" | "SnippetSPDXIdentifier" => is_in_package = false,
            _ => {}
        }
        let Some(package) = packages.last_mut().filter(|_| is_in_package) else { continue };
        match tag.as_str() {
            "SPDXID" if value.starts_with("SPDXRef-") => package.has_id = true,
            "SPDXID" => return Err((*line, "an identifier that is none")),
            "PackageVersion" => package.version = value,
            "ExternalRef" => {
                let words: Vec<&str> = value.split_whitespace().collect();
                let [_, kind, locator] = words[..] else { return Err((*line, "a reference that has not three parts")) };
                if is_purl(kind) {
                    package.purls.push(locator);
                }
            }
            _ => {}
        }
    }
    if let Some(package) = packages.iter().find(|package| !package.has_id) {
        return Err((package.line, "a package without an identifier"));
    }
    let mut found = Found::default();
    let last = |package: Tagged<'_>| package.purls.iter().rev().find_map(|purl| by_purl(purl, package.version, package.line));
    packages.into_iter().filter_map(last).for_each(|package| found.push(package));
    Ok(found)
}

/// Reads the RDF form, in XML.
pub(super) fn read_rdf(text: &[u8]) -> Found {
    let tree = match Tree::read(text) {
        Ok(tree) => tree,
        Err(error) => return Found::broken(Some(error.line), error.what),
    };
    let root = tree.root();
    let version = root.descendants().find(|element| element.name() == b"specVersion");
    if !version.is_some_and(|version| matches!(version.text().trim(), "SPDX-2.2" | "SPDX-2.3")) {
        return Found::broken(version.map(Element::line), UNKNOWN);
    }
    let mut found = Found::default();
    // One package may stand in several relations.
    let mut seen = BTreeSet::new();
    for package in root.descendants().filter(|element| element.name() == b"Package") {
        if let Some(package) = of_rdf(package).filter(|_| package.attribute("about").is_none_or(|id| seen.insert(id))) {
            found.push(package);
        }
    }
    found
}

fn of_rdf(package: Element<'_>) -> Option<Package> {
    let version = package.named("versionInfo").last().map_or("", |element| element.text().trim());
    let locator = |reference: &Element<'_>| {
        let kind = reference.named("referenceType").last()?;
        let below = kind.children().next().and_then(|kind| kind.attribute("about"));
        let kind = kind.attribute("resource").or(below)?;
        let locator = reference.named("referenceLocator").last().filter(|_| is_purl(kind))?;
        by_purl(locator.text().trim(), version, package.line())
    };
    package.below(&["externalRef", "ExternalRef"]).iter().rev().find_map(locator)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(found: &Found) -> Vec<String> {
        assert_eq!(found.broken, None);
        let shown = |package: &Package| {
            let ecosystem = package.ecosystem.as_ref().map_or("", |ecosystem| ecosystem.name());
            let (mark, line) = (if package.overlooked { " overlooked" } else { "" }, package.line.unwrap_or_default());
            format!("{ecosystem} {}@{}:{line}{mark}", package.name, package.version)
        };
        found.packages.iter().map(shown).collect()
    }

    /// In the form of the examples of the specification.
    #[test]
    fn the_form_of_tags() {
        let text = "SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentComment: <text>This
PackageName: is no package
</text>

# A package
PackageName: glibc
SPDXID: SPDXRef-Package
PackageVersion: 2.11.1
ExternalRef: SECURITY cpe23Type cpe:2.3:a:x:y:1:*:*:*:*:*:*:*
ExternalRef: PACKAGE-MANAGER purl pkg:npm/first@1
ExternalRef:  PACKAGE-MANAGER  http://spdx.org/rdf/references/purl  pkg:npm/second@2
ExternalRef: PACKAGE-MANAGER purl no-purl
PackageName: other
SPDXID: SPDXRef-Other
PackageVersion: <text>7</text>
ExternalRef: PACKAGE_MANAGER purl pkg:gem/other
FileName: ./x.c
SPDXID: SPDXRef-File
";
        let want = ["npm second@2:9", "RubyGems other@7:16 overlooked"];
        assert_eq!(shown(&read_tags(text.as_bytes())), want);
        assert_eq!(shown(&read_tags(text.replace('\n', "\r\n").as_bytes())), want);
        for (from, to) in [
            ("SPDX-2.3", "SPDX-3.0"),
            ("SPDXVersion:", "Version:"),
            ("SPDXID: SPDXRef-Other", ""),
            ("SPDXRef-Other", "Other"),
            ("<text>7</text>", "<text>7"),
            ("purl no-purl", "purl no purl"),
            ("# A package", "A package"),
        ] {
            assert!(read_tags(text.replacen(from, to, 1).as_bytes()).broken.is_some(), "{from}");
        }
        assert!(read_tags(b"").broken.is_some());
    }

    #[test]
    fn the_yaml_form() {
        let text = "spdxVersion: SPDX-2.3
SPDXID: SPDXRef-DOCUMENT
packages:
- name: x
  versionInfo: '4'
  externalRefs:
  - {referenceCategory: PACKAGE-MANAGER, referenceType: purl, referenceLocator: 'pkg:npm/%40a/b@1.0.0'}
  - referenceType: purl
    referenceLocator: wrong
- Name: y
- name: z
  versionInfo: 5
  externalrefs:
  - {referencetype: purl, referencelocator: pkg:cargo/z}
  - {referencetype: cpe23Type, referencelocator: pkg:cargo/c@1}
";
        assert_eq!(shown(&read_yaml(text.as_bytes())), ["npm @a/b@1.0.0:4", "crates.io z@5:11 overlooked"]);
        for text in [
            "",
            "a: b",
            "- a",
            "spdxVersion: SPDX-2.0",
            "spdxVersion: [",
            "spdxVersion: SPDX-2.3\npackages: x",
            "spdxVersion: SPDX-2.3\npackages: [x]",
        ] {
            assert!(read_yaml(text.as_bytes()).broken.is_some(), "{text}");
        }
        assert_eq!(shown(&read_yaml(b"spdxVersion: SPDX-2.2\npackages:\n")), [""; 0]);
    }

    #[test]
    fn the_json_form() {
        let text = r#"{"spdxVersion": "SPDX-2.3", "packages": [
  {"name": "x", "versionInfo": "4", "externalRefs": [
    {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/%40a/b@1.0.0"},
    {"referenceType": "purl", "referenceLocator": "wrong"}]},
  {"name": "y"},
  {"name": "z", "versionInfo": "5", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:cargo/z"}]}]}
"#;
        assert_eq!(shown(&read_json(text.as_bytes())), ["npm @a/b@1.0.0:2", "crates.io z@5:6 overlooked"]);
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"spdxVersion": "SPDX-3.0"}"#,
            r#"{"spdxVersion": "SPDX-2.3", "packages": 1}"#,
            r#"{"spdxVersion": "SPDX-2.3"} 1"#,
        ] {
            assert!(read_json(text.as_bytes()).broken.is_some(), "{text}");
        }
        assert_eq!(shown(&read_json(br#"{"spdxVersion": "SPDX-2.1", "packages": null}"#)), [""; 0]);
    }

    #[test]
    fn the_rdf_form() {
        let text = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:spdx="http://spdx.org/rdf/terms#">
<spdx:SpdxDocument rdf:about="https://example.org/d#SPDXRef-DOCUMENT"><spdx:specVersion>SPDX-2.3</spdx:specVersion>
<spdx:relationship><spdx:Relationship><spdx:relatedSpdxElement>
<spdx:Package rdf:about="https://example.org/d#SPDXRef-1"><spdx:versionInfo>4</spdx:versionInfo>
<spdx:externalRef><spdx:ExternalRef><spdx:referenceType rdf:resource="http://spdx.org/rdf/references/purl"/><spdx:referenceLocator>pkg:npm/a@4.17.20</spdx:referenceLocator></spdx:ExternalRef></spdx:externalRef>
<spdx:externalRef><spdx:ExternalRef><spdx:referenceType><spdx:ReferenceType rdf:about="http://spdx.org/rdf/references/cpe23Type"/></spdx:referenceType><spdx:referenceLocator>pkg:npm/b@1</spdx:referenceLocator></spdx:ExternalRef></spdx:externalRef>
</spdx:Package></spdx:relatedSpdxElement></spdx:Relationship></spdx:relationship></spdx:SpdxDocument>
<spdx:Package rdf:about="https://example.org/d#SPDXRef-1"><spdx:externalRef><spdx:ExternalRef><spdx:referenceType><spdx:ReferenceType rdf:about="http://spdx.org/rdf/references/purl"/></spdx:referenceType><spdx:referenceLocator>pkg:npm/c@1</spdx:referenceLocator></spdx:ExternalRef></spdx:externalRef></spdx:Package>
</rdf:RDF>"#;
        assert_eq!(shown(&read_rdf(text.as_bytes())), ["npm a@4.17.20:4"]);
        assert_eq!(shown(&read_rdf(text.replacen("SPDXRef-1", "SPDXRef-2", 1).as_bytes())), ["npm a@4.17.20:4", "npm c@1:8"]);
        assert!(read_rdf(text.replace("SPDX-2.3", "SPDX-2.1").as_bytes()).broken.is_some());
        assert!(read_rdf(b"<rdf:RDF/>").broken.is_some() && read_rdf(b"<rdf:RDF>").broken.is_some());
    }

    proptest! {
        #[test]
        fn no_text_makes_them_panic(text in proptest::collection::vec(any::<u8>(), 0..200), lines in "(SPDXVersion: SPDX-2.3|PackageName: x|SPDXID: SPDXRef-a|ExternalRef: a purl pkg:npm/a@1|<text>|:|\n){0,20}") {
            read_tags(&text);
            read_yaml(&text);
            read_rdf(&text);
            read_json(&text);
            read_tags(lines.as_bytes());
        }
    }
}
