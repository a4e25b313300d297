//! Which packages are asked about, and in which order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::waivers::Waivers;
use crate::ecosystem::Ecosystem;
use crate::evidence::{Inventory, Package, PackageFile};
use crate::inventory::reference_asks;
use crate::parse::go_version_with_patch;

/// A package to be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The place of its file in the inventory.
    pub file: usize,
    /// Its place in the file; of several equal ones the first.
    pub package: usize,
    /// Where packages of its kind come from; absent for a commit.
    pub ecosystem: Option<&'a Ecosystem>,
    /// Its name.
    pub name: &'a str,
    /// Its version, or its commit.
    pub version: Cow<'a, str>,
}

/// The waivers of every folder that has some; a file that counts for nothing is left out.
pub(super) struct Folders<'a>(BTreeMap<&'a [u8], Waivers>);

impl<'a> Folders<'a> {
    pub(super) fn of(inventory: &'a Inventory) -> Self {
        let read = inventory.waivers.iter().filter_map(|file| Some((folder(file.path.as_bytes()), Waivers::read(&file.text).ok()?)));
        Self(read.collect())
    }

    /// The waivers for what a file names.
    pub(super) fn for_file(&self, file: &PackageFile) -> Option<&Waivers> {
        self.0.get(folder(file.path.as_bytes()))
    }
}

fn folder(file: &[u8]) -> &[u8] {
    &file[..file.len() - crate::path::name(file).len()]
}

/// What the reference would ask about, without what waivers leave out: by the bytes of the files' paths, then by name and
/// version, equal ones of a file once.
#[must_use]
pub fn asked(inventory: &Inventory, now: Timestamp) -> Vec<Asked<'_>> {
    asked_within(inventory, &Folders::of(inventory), now, |_, _| true)
}

/// Of that the packages that count, by the places of their files and their own.
pub(super) fn asked_within<'a>(
    inventory: &'a Inventory,
    folders: &Folders<'_>,
    now: Timestamp,
    counts: impl Fn(usize, usize) -> bool,
) -> Vec<Asked<'a>> {
    let mut places: Vec<usize> = (0..inventory.files.len()).collect();
    places.sort_by_key(|place| inventory.files[*place].path.as_bytes());
    let mut all = Vec::new();
    for place in places {
        let file = &inventory.files[place];
        let waivers = folders.for_file(file);
        let begun = all.len();
        for (at, package) in file.packages.iter().enumerate() {
            let is_left_out = || waivers.is_some_and(|waivers| waivers.ignores_package(package, now).is_some());
            if !counts(place, at) || !reference_asks(file, package) || is_left_out() {
                continue;
            }
            let version = version(package, waivers);
            all.push(Asked { file: place, package: at, ecosystem: package.ecosystem.as_ref(), name: &package.name, version });
        }
        let of_file = &mut all[begun..];
        of_file.sort_by(|a, b| (a.name, &a.version, a.ecosystem, a.package).cmp(&(b.name, &b.version, b.ecosystem, b.package)));
        let mut kept = begun;
        for at in begun..all.len() {
            let is_new = kept == begun
                || (all[kept - 1].name, &all[kept - 1].version, all[kept - 1].ecosystem)
                    != (all[at].name, &all[at].version, all[at].ecosystem);
            if is_new {
                all.swap(kept, at);
                kept += 1;
            }
        }
        all.truncate(kept);
    }
    all
}

fn version<'a>(package: &'a Package, waivers: Option<&Waivers>) -> Cow<'a, str> {
    if let Some(commit) = package.commit.as_ref().filter(|_| package.ecosystem.is_none()) {
        return Cow::Borrowed(commit);
    }
    let is_go = package.ecosystem == Some(Ecosystem::Go) && package.name == "stdlib";
    match waivers.and_then(Waivers::go).filter(|_| is_go) {
        Some(version) => Cow::Owned(go_version_with_patch(version)),
        None => Cow::Borrowed(&package.version),
    }
}
