//! A project together with its parents in the repository.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::properties::Values;
use super::{Dependency, Managed, Part, Pom};
use crate::Id;
use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Scope, Unread};
use crate::parse::packages::{Found, package};
use crate::path::RepoPath;

/// How many parents, and theirs, are looked at.
const MOST_PARENTS: usize = 99;

/// How many dependencies of parents and profiles are taken over.
const MOST_INHERITED: usize = 1_000;

/// How many managed dependencies are looked at for one project.
const MOST_LOOKS: usize = 1_000_000;

/// A project and its parents.
struct Line<'a> {
    /// Each with its path, the project itself first.
    poms: Vec<(RepoPath, &'a Pom)>,
    /// The last of them has a parent that is not in the repository.
    goes_on: bool,
}

/// A dependency with all properties replaced.
struct Resolved {
    group: String,
    artifact: String,
    version: String,
    kind: String,
    classifier: String,
    scope: String,
    optional: String,
}

impl Resolved {
    /// What tells it from others.
    fn key(&self) -> (&str, &str, &str, &str) {
        (&self.group, &self.artifact, &self.kind, &self.classifier)
    }
}

/// What is written is looked up in; of the project itself by its own properties alone, as the reference does.
struct Sources<'v, 'p> {
    own: &'v Values<'p>,
    all: &'v Values<'p>,
    managed: Vec<&'p Managed>,
    looks: Cell<usize>,
}

pub(super) fn found<'a>(pom: &'a Pom, own: &RepoPath, read: &dyn Fn(&RepoPath) -> Option<&'a Pom>) -> Found {
    let line = match parents(pom, own, read) {
        Ok(line) => line,
        Err(broken) => return Found { broken: Some(broken), ..Found::default() },
    };
    // Without a parent the reference forgets profiles.
    let profiles: &[Part] = if pom.parent.is_named() { &pom.profiles } else { &[] };
    let own_values = Values::new(project(pom, &pom.group, &pom.version), vec![&pom.own.properties]);
    let first = |of: fn(&Pom) -> &str| line.poms.iter().map(|(_, pom)| of(pom)).find(|text| !text.is_empty()).unwrap_or_default();
    let layers = profiles.iter().rev().chain(line.poms.iter().map(|(_, pom)| &pom.own)).map(|part| &part.properties).collect();
    let all_values = Values::new(project(pom, first(|pom| &pom.group), first(|pom| &pom.version)), layers);
    let parts = || {
        std::iter::once((0, &pom.own))
            .chain(profiles.iter().map(|part| (0, part)))
            .chain((1..).zip(line.poms[1..].iter().map(|(_, pom)| &pom.own)))
    };
    let sources =
        Sources { own: &own_values, all: &all_values, managed: parts().map(|(_, part)| &part.managed).collect(), looks: Cell::new(0) };
    let is_whole = !line.goes_on && !parts().any(|(_, part)| part.managed.all.iter().any(|managed| managed.scope == "import"));

    let mut found = Found { cut: line.poms.iter().any(|(_, pom)| pom.cut), ..Found::default() };
    let mut seen = BTreeSet::new();
    let (mut listed, mut overlooked) = (Vec::new(), Vec::new());
    let declared = parts().enumerate().flat_map(|(at, (depth, part))| part.declared.iter().map(move |dependency| (at, depth, dependency)));
    let (mut inherited, mut names) = (0, BTreeMap::new());
    for (at, depth, dependency) in declared {
        inherited += usize::from(at > 0);
        if inherited > MOST_INHERITED {
            found.cut = true;
            break;
        }
        let values = if at == 0 { sources.own } else { sources.all };
        let path = (depth > 0).then(|| line.poms[depth].0.clone());
        let Some(mut resolved) = resolve(dependency, values) else {
            overlooked.push(guessed(dependency, &sources, path));
            continue;
        };
        let (group, artifact, kind, classifier) = resolved.key();
        if !seen.insert([group, artifact, kind, classifier].map(str::to_owned)) {
            continue;
        }
        sources.fill(&mut resolved, false);
        let package = listed_as(&resolved, dependency.line, path, is_whole);
        // Of the same name the last counts.
        names.insert(package.name.clone(), listed.len());
        listed.push(package);
    }
    for (at, mut package) in listed.iter().cloned().enumerate() {
        let counts = names.get(&package.name).copied();
        package.overlooked = package.version.is_empty() || counts != Some(at);
        if counts == Some(at) || counts.is_some_and(|counts| listed[counts].version != package.version) {
            found.push(package);
        }
    }
    for package in overlooked.into_iter().flatten().filter(|package| !names.contains_key(&package.name)) {
        found.push(package);
    }
    found.cut |= sources.looks.get() > MOST_LOOKS;
    found
}

/// Goes from parent to parent.
fn parents<'a>(pom: &'a Pom, own: &RepoPath, read: &dyn Fn(&RepoPath) -> Option<&'a Pom>) -> Result<Line<'a>, Unread> {
    let mut line = Line { poms: vec![(own.clone(), pom)], goes_on: false };
    let mut seen = BTreeSet::new();
    while let Some((path, pom)) = line.poms.last().filter(|(_, pom)| pom.parent.is_named()) {
        if !seen.insert(pom.parent.key()) {
            return Err(Unread { line: None, why: "its parents go round in a circle".to_owned() });
        }
        let parent = pom.parent_paths(path).into_iter().find_map(|path| Some((read(&path)?, path)));
        if let Some((Pom { broken: Some(broken), is_parent_only: false, .. }, path)) = &parent {
            return Err(Unread { line: None, why: format!("its parent {path} cannot be read: {}", broken.why) });
        }
        match parent {
            Some((parent, path)) if parent.key() == pom.parent.key() && parent.packaging == "pom" && line.poms.len() <= MOST_PARENTS => {
                line.poms.push((path, parent));
            }
            _ => {
                line.goes_on = true;
                break;
            }
        }
    }
    Ok(line)
}

const fn project<'p>(pom: &'p Pom, group: &'p str, version: &'p str) -> [(&'static str, &'p str); 4] {
    let parent = &pom.parent;
    [("groupId", group), ("version", version), ("parent.groupId", parent.group.as_str()), ("parent.version", parent.version.as_str())]
}

/// Replaces all properties; `None` if one of them has no value.
fn resolve(dependency: &Dependency, values: &Values<'_>) -> Option<Resolved> {
    let kind = values.replace(&dependency.kind)?;
    Some(Resolved {
        group: values.replace(&dependency.group)?,
        artifact: values.replace(&dependency.artifact)?,
        version: values.replace(&dependency.version)?,
        kind: if kind.is_empty() { "jar".to_owned() } else { kind },
        classifier: values.replace(&dependency.classifier)?,
        scope: values.replace(&dependency.scope)?,
        optional: values.replace(&dependency.optional)?,
    })
}

/// What the reference overlooks as a property is not set, or not where it looks; as far as its name is certain.
fn guessed(dependency: &Dependency, sources: &Sources<'_, '_>, path: Option<RepoPath>) -> Option<Package> {
    let or_empty = |text: &str| sources.all.replace(text).unwrap_or_default();
    let mut resolved = resolve(dependency, sources.all).or_else(|| {
        Some(Resolved {
            group: sources.all.replace(&dependency.group)?,
            artifact: sources.all.replace(&dependency.artifact)?,
            version: or_empty(&dependency.version),
            kind: or_empty(&dependency.kind),
            classifier: or_empty(&dependency.classifier),
            scope: or_empty(&dependency.scope),
            optional: or_empty(&dependency.optional),
        })
    })?;
    if dependency.version.is_empty() || dependency.scope.is_empty() {
        sources.fill(&mut resolved, true);
    }
    let mut package = listed_as(&resolved, dependency.line, path, false);
    package.overlooked = true;
    Some(package)
}

impl Sources<'_, '_> {
    /// Takes what a dependency does not say itself from what is managed.
    fn fill(&self, dependency: &mut Resolved, with_parents: bool) {
        let Some(managed) = self.managed(dependency, with_parents) else { return };
        if dependency.version.is_empty() {
            dependency.version = managed.version;
        }
        if dependency.scope.is_empty() {
            dependency.scope = managed.scope;
        }
    }

    fn managed(&self, wanted: &Resolved, with_parents: bool) -> Option<Resolved> {
        for (at, managed) in self.managed.iter().enumerate() {
            let values = if at == 0 && !with_parents { self.own } else { self.all };
            let exact = managed.by_artifact.get(&wanted.artifact).map(Vec::as_slice).unwrap_or_default();
            let mut places: Vec<u32> = exact.iter().chain(&managed.open).copied().collect();
            places.sort_unstable();
            self.looks.set(self.looks.get() + places.len());
            if self.looks.get() > MOST_LOOKS {
                return None;
            }
            let all = places.into_iter().filter_map(|place| resolve(&managed.all[place as usize], values));
            if let Some(found) = all.into_iter().find(|managed| managed.scope != "import" && managed.key() == wanted.key()) {
                return Some(found);
            }
        }
        None
    }
}

fn listed_as(resolved: &Resolved, line: u32, from: Option<RepoPath>, is_whole: bool) -> Package {
    let name = format!("{}:{}", resolved.group, resolved.artifact);
    let scope = match resolved.scope.as_str() {
        "test" | "provided" => Some(Scope::Development),
        "compile" | "runtime" | "system" => Some(Scope::Production),
        // A project that is not here could say more.
        "" if is_whole => Some(Scope::Production),
        _ => None,
    };
    let is_optional = resolved.optional.eq_ignore_ascii_case("true");
    let groups = Some(resolved.scope.clone()).filter(|scope| !scope.is_empty() && scope != "compile");
    Package {
        from,
        direct: Some(true),
        scope: if is_optional && scope == Some(Scope::Production) { Some(Scope::Optional) } else { scope },
        groups: groups.into_iter().map(Id::Owned).collect(),
        ..package(Ecosystem::Maven, name, lower_bound(&resolved.version), Some(line))
    }
}

/// What the reference takes for the version of a range: what is before its first comma or closing bracket.
fn lower_bound(version: &str) -> &str {
    let lines = version.split('\n');
    let mut last = "";
    for line in lines {
        let line = line.strip_prefix(['[', '(']).unwrap_or(line);
        if let Some(end) = line.find([',', ')', ']']) {
            return &line[..end];
        }
        last = line;
    }
    last
}
