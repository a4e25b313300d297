//! The inventory as people and tools read it: every package once, with all places that name it.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::Timestamp;

use crate::ecosystem::Ecosystem;
use crate::evidence::{Inventory, Package, PackageFile, Scope};
use crate::path::RepoPath;
use crate::role::Role;

/// A package, with all places that name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<'a> {
    /// Where packages of its kind come from; absent for a commit.
    pub ecosystem: Option<&'a Ecosystem>,
    /// Its name; of a commit, what the file calls it.
    pub name: &'a str,
    /// Its version, or its commit; empty if the file gives neither.
    pub version: Cow<'a, str>,
    /// The places, in the order of the files.
    pub places: Vec<Place<'a>>,
    /// Whether the repository itself asks for it, if any file tells: one that does so wins.
    pub direct: Option<bool>,
    /// For what it is needed, if any file tells: running wins over developing.
    pub scope: Option<Scope>,
    /// The part in the repository of the file that names it: production wins, then the first.
    pub role: Role,
    /// Whether the reference would ask about it.
    pub reference: bool,
}

/// A place that names a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The file.
    pub path: &'a RepoPath,
    /// The line, from 1, where it is known.
    pub line: Option<u32>,
    /// The part of the file in the repository.
    pub role: Role,
}

/// Every package once, by ecosystem, name and version; commits last. What waivers leave out at this moment the reference
/// does not ask about.
#[must_use]
pub fn listed(inventory: &Inventory, now: Timestamp) -> Vec<Listed<'_>> {
    let asked: HashMap<(usize, usize), Cow<'_, str>> =
        crate::vulnerabilities::asked(inventory, now).into_iter().map(|asked| ((asked.file, asked.package), asked.version)).collect();
    let mut places: HashMap<(Option<&Ecosystem>, &str, Cow<'_, str>), usize> = HashMap::new();
    let mut all: Vec<Listed<'_>> = Vec::new();
    for (file_at, file) in inventory.files.iter().enumerate() {
        for (at, package) in file.packages.iter().enumerate() {
            let own = package.commit.as_deref().filter(|_| package.ecosystem.is_none()).unwrap_or(&package.version);
            let asked = asked.get(&(file_at, at));
            let version = asked.cloned().unwrap_or(Cow::Borrowed(own));
            let place = Place { path: package.from.as_ref().unwrap_or(&file.path), line: package.line, role: file.role };
            let reference = asked.is_some();
            let key = (package.ecosystem.as_ref(), package.name.as_str(), version.clone());
            let at = *places.entry(key).or_insert_with(|| {
                all.push(Listed {
                    ecosystem: package.ecosystem.as_ref(),
                    name: &package.name,
                    version,
                    places: Vec::new(),
                    direct: None,
                    scope: None,
                    role: file.role,
                    reference: false,
                });
                all.len() - 1
            });
            let listed = &mut all[at];
            if !listed.places.contains(&place) || listed.places.len() > 64 {
                listed.places.push(place);
            }
            listed.direct = listed.direct.max(package.direct);
            listed.scope = match (listed.scope, package.scope) {
                (Some(known), Some(other)) => Some(known.min(other)),
                (known, other) => known.or(other),
            };
            if file.role.is_production() {
                listed.role = Role::Production;
            }
            listed.reference |= reference;
        }
    }
    all.sort_by(|a, b| {
        (a.ecosystem.is_none(), a.ecosystem, a.name, &a.version).cmp(&(b.ecosystem.is_none(), b.ecosystem, b.name, &b.version))
    });
    all
}

/// Whether the reference would ask about a package: it looks at the file, sees the package in it, and has a name with a
/// version or a commit to ask for.
#[must_use]
pub fn reference_asks(file: &PackageFile, package: &Package) -> bool {
    let has_version = package.ecosystem.is_some() && !package.name.is_empty() && !package.version.is_empty();
    file.unseen.is_none() && !package.overlooked && (has_version || package.commit.is_some())
}
