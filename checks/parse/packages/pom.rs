//! Projects of Maven: <https://maven.apache.org/pom.html>.
//!
//! A project takes versions and properties from its parents. Those in the repository are read, others are not: what they
//! alone would tell is missing. The rules are those by which the reference reads a project without a network, two of
//! them its own: what a project declares with a property that only its parent sets is overlooked, and of the same
//! artifact with several classifiers only the last counts.

mod merge;
mod properties;

use std::collections::BTreeMap;

use crate::evidence::Unread;
use crate::parse::xml::{Element, Tree, XmlError};
use crate::path::RepoPath;

use super::Found;
use super::follow::beside;

/// How many dependencies and properties of one project are kept.
const MOST: usize = 20_000;

/// A dependency, as it is written.
#[derive(Clone, Debug, Default)]
struct Dependency {
    group: String,
    artifact: String,
    version: String,
    kind: String,
    classifier: String,
    scope: String,
    optional: String,
    line: u32,
}

/// The dependencies that are declared, those that are managed, and the properties; of a project or of a profile.
#[derive(Clone, Debug, Default)]
struct Part {
    declared: Vec<Dependency>,
    managed: Managed,
    properties: BTreeMap<String, String>,
}

/// Managed dependencies, to be found by the artifact.
#[derive(Clone, Debug, Default)]
struct Managed {
    all: Vec<Dependency>,
    by_artifact: BTreeMap<String, Vec<u32>>,
    /// Those whose artifact has a property in its name.
    open: Vec<u32>,
}

/// The parent that a project names.
#[derive(Clone, Debug, Default)]
struct Parent {
    group: String,
    artifact: String,
    version: String,
    relative_path: String,
}

/// A project of Maven, as its file has it.
#[derive(Clone, Debug, Default)]
pub(in crate::parse) struct Pom {
    group: String,
    artifact: String,
    version: String,
    packaging: String,
    parent: Parent,
    own: Part,
    /// The profiles that are active unless others are.
    profiles: Vec<Part>,
    /// Why it is nothing by itself.
    broken: Option<Unread>,
    /// It can be a parent, although it is nothing by itself.
    is_parent_only: bool,
    /// There was more than is kept.
    cut: bool,
}

/// Reads a project.
pub(super) fn read(text: &[u8]) -> Pom {
    match parsed(text) {
        Ok(pom) => pom,
        // The reference takes other encodings from parents, not from the project itself.
        Err(error) => {
            let broken = Some(Unread { line: Some(error.line), why: error.what.to_owned() });
            match latin(text).and_then(|text| parsed(&text).ok()) {
                Some(pom) => Pom { broken, is_parent_only: true, ..pom },
                None => Pom { broken, ..Pom::default() },
            }
        }
    }
}

fn parsed(text: &[u8]) -> Result<Pom, XmlError> {
    let tree = Tree::read(text)?;
    let root = tree.root();
    check_booleans(root)?;
    let of = |path: &[&str]| root.below(path).last().map_or_else(String::new, |element| element.text().trim().to_owned());
    let mut cut = false;
    let active = |profile: &Element<'_>| {
        let active = profile.below(&["activation", "activeByDefault"]);
        active.last().is_some_and(|active| active.text().trim().eq_ignore_ascii_case("true"))
    };
    let profiles = root.below(&["profiles", "profile"]).into_iter().filter(active).map(|profile| part(profile, &mut cut)).collect();
    Ok(Pom {
        group: of(&["groupId"]),
        artifact: of(&["artifactId"]),
        version: of(&["version"]),
        packaging: of(&["packaging"]),
        parent: Parent {
            group: of(&["parent", "groupId"]),
            artifact: of(&["parent", "artifactId"]),
            version: of(&["parent", "version"]),
            relative_path: of(&["parent", "relativePath"]),
        },
        own: part(root, &mut cut),
        profiles,
        broken: None,
        is_parent_only: false,
        cut,
    })
}

/// What a project or a profile says directly.
fn part(element: Element<'_>, cut: &mut bool) -> Part {
    let mut dependencies = |path: &[&str]| {
        let mut found = element.below(path);
        *cut |= found.len() > MOST;
        found.truncate(MOST);
        // Without a group or an artifact it says nothing.
        let all = found.into_iter().map(dependency).filter(|d| !d.group.is_empty() && !d.artifact.is_empty());
        all.collect::<Vec<_>>()
    };
    let declared = dependencies(&["dependencies", "dependency"]);
    let mut managed = Managed { all: dependencies(&["dependencyManagement", "dependencies", "dependency"]), ..Managed::default() };
    for (at, dependency) in (0_u32..).zip(&managed.all) {
        if dependency.artifact.contains("${") {
            managed.open.push(at);
        } else {
            managed.by_artifact.entry(dependency.artifact.clone()).or_default().push(at);
        }
    }
    let mut properties = BTreeMap::new();
    for property in element.named("properties").flat_map(Element::children) {
        *cut |= properties.len() >= MOST;
        if properties.len() < MOST {
            properties.insert(String::from_utf8_lossy(property.name()).into_owned(), property.text().trim().to_owned());
        }
    }
    Part { declared, managed, properties }
}

fn dependency(element: Element<'_>) -> Dependency {
    let mut dependency = Dependency { line: element.line(), ..Dependency::default() };
    for child in element.children() {
        let field = match child.name() {
            b"groupId" => &mut dependency.group,
            b"artifactId" => &mut dependency.artifact,
            b"version" => &mut dependency.version,
            b"type" => &mut dependency.kind,
            b"classifier" => &mut dependency.classifier,
            b"scope" => &mut dependency.scope,
            b"optional" => &mut dependency.optional,
            _ => continue,
        };
        child.text().trim().clone_into(field);
    }
    dependency
}

/// What is no boolean where one belongs spoils a project.
fn check_booleans(root: Element<'_>) -> Result<(), XmlError> {
    const WHERE: [&[&str]; 10] = [
        &["dependencies", "dependency", "optional"],
        &["dependencyManagement", "dependencies", "dependency", "optional"],
        &["repositories", "repository", "releases", "enabled"],
        &["repositories", "repository", "snapshots", "enabled"],
        &["build", "pluginManagement", "plugins", "plugin", "inherited"],
        &["build", "pluginManagement", "plugins", "plugin", "dependencies", "dependency", "optional"],
        // In profiles.
        &["dependencies", "dependency", "optional"],
        &["dependencyManagement", "dependencies", "dependency", "optional"],
        &["repositories", "repository", "releases", "enabled"],
        &["repositories", "repository", "snapshots", "enabled"],
    ];
    let profiles = root.below(&["profiles", "profile"]);
    let in_root = WHERE[..6].iter().flat_map(|path| root.below(path));
    let in_profiles = profiles.iter().flat_map(|profile| WHERE[6..].iter().flat_map(|path| profile.below(path)));
    let active = profiles.iter().flat_map(|profile| profile.below(&["activation", "activeByDefault"]));
    let is_boolean = |element: &Element<'_>| {
        let text = element.text().trim();
        (text.contains("${") && text.contains('}')) || ["", "true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word))
    };
    match in_root.chain(in_profiles).chain(active).find(|element| !is_boolean(element)) {
        Some(wrong) => Err(XmlError { line: wrong.line(), what: "neither true nor false" }),
        None => Ok(()),
    }
}

/// A text in Latin-1 as one in UTF-8, if it says that it is in Latin-1.
fn latin(text: &[u8]) -> Option<Vec<u8>> {
    let end = memchr::memmem::find(text, b"?>")?;
    let (head, rest) = text.split_at(end);
    let head = std::str::from_utf8(head).ok().filter(|head| head.trim_start().starts_with("<?xml"))?;
    let start = head.find("encoding=")? + "encoding=".len();
    let quote = head[start..].chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let name = head[start + 1..].split(quote).next()?;
    const LATIN: [&str; 5] = ["iso-8859-1", "latin1", "us-ascii", "ascii", "windows-1252"];
    LATIN
        .iter()
        .any(|latin| name.eq_ignore_ascii_case(latin))
        .then(|| rest[2..].iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes())
}

impl Parent {
    fn key(&self) -> (&str, &str, &str) {
        (&self.group, &self.artifact, &self.version)
    }

    /// Without all three, a parent is none.
    const fn is_named(&self) -> bool {
        !self.group.is_empty() && !self.artifact.is_empty() && !self.version.is_empty()
    }
}

impl Pom {
    /// The names of a project, those that its parent gives included.
    fn key(&self) -> (&str, &str, &str) {
        let group = if self.group.is_empty() { &self.parent.group } else { &self.group };
        let version = if self.version.is_empty() { &self.parent.version } else { &self.version };
        (group, &self.artifact, version)
    }

    /// Where in the repository its parent could stand: as a file, or else as the project of a folder.
    pub(super) fn parent_paths(&self, own: &RepoPath) -> Vec<RepoPath> {
        if !self.parent.is_named() {
            return Vec::new();
        }
        let relative = match self.parent.relative_path.trim_start_matches('/') {
            "" => "../pom.xml",
            relative => relative,
        };
        let file = beside(own, relative.as_bytes());
        file.into_iter().chain(beside(own, format!("{relative}/pom.xml").as_bytes())).collect()
    }

    /// The packages that it depends on, with what `read` tells of the projects in the repository.
    pub(super) fn found<'a>(&'a self, own: &RepoPath, read: &dyn Fn(&RepoPath) -> Option<&'a Self>) -> Found {
        if let Some(broken) = &self.broken {
            return Found { broken: Some(broken.clone()), ..Found::default() };
        }
        merge::found(self, own, read)
    }
}

#[cfg(test)]
mod tests;
