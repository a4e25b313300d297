//! Packages: which files name some, and what each of them says.
//!
//! The rules are the reference's (osv-scanner 2.3.2, see the README of Vulnerabilities): what it asks about is listed as
//! it asks, whatever one may think of it; what it overlooks although the file names it is listed and marked.

mod assembly;
mod bun;
mod by_purl;
mod cargo;
mod composer;
mod conan;
mod cyclonedx;
mod follow;
mod format;
mod gemfile;
mod git_address;
mod go;
mod go_mod;
mod gradle;
mod graph;
mod haskell;
mod ignored;
mod lines;
mod mix;
mod npm;
mod nuget;
mod osv_custom;
mod pipfile;
mod pnpm;
mod pom;
mod pubspec;
mod python_lock;
mod renv;
mod requirements;
mod spdx;
mod yaml_lines;
mod yarn;

use std::borrow::Cow;

use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Unread};

pub(super) use assembly::inventory;
pub(super) use follow::follow;
pub(super) use format::Format;
pub(crate) use go::with_patch as go_version_with_patch;

/// How many packages of one file are kept.
const MOST: usize = 100_000;

/// What one file gave.
#[derive(Clone, Debug)]
pub(super) enum Manifest {
    /// Packages.
    Packages(Format, Found),
    /// Requirements, and the files that they include.
    Requirements(requirements::Requirements),
    /// A project of Maven, and what it takes from others.
    Pom(Box<pom::Pom>),
    /// The text of a file that says which packages count.
    Text(Format, Vec<u8>),
}

impl Manifest {
    /// As what the file was read.
    pub(super) const fn format(&self) -> Format {
        match self {
            Self::Packages(format, _) | Self::Text(format, _) => *format,
            Self::Requirements(_) => Format::Requirements,
            Self::Pom(_) => Format::Pom,
        }
    }
}

/// The packages of one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// The packages.
    pub(super) packages: Vec<Package>,
    /// What cannot be read. The packages beside it count: a reader for which one fault spoils the whole file gives none.
    pub(super) broken: Option<Unread>,
    /// There were more packages than are kept.
    pub(super) cut: bool,
    /// Of `go.mod`: it is from before the time in which it names all modules, and `go.sum` names the others.
    pub(super) wants_sum: bool,
}

impl Found {
    /// Nothing, as a fault spoils the file.
    fn broken(line: Option<u32>, why: impl Into<String>) -> Self {
        let broken = Some(Unread { line: line.filter(|line| *line > 0), why: why.into() });
        Self { broken, ..Self::default() }
    }

    /// Adds a package, unless there are too many already.
    fn push(&mut self, package: Package) {
        if self.packages.len() < MOST {
            self.packages.push(package);
        } else {
            self.cut = true;
        }
    }

    /// Notes a fault that leaves the rest as it is; of several the first is kept.
    fn note(&mut self, line: Option<u32>, why: impl Into<String>) {
        self.broken.get_or_insert_with(|| Unread { line, why: why.into() });
    }
}

/// A text, in which what is no UTF-8 becomes U+FFFD.
fn text_of(text: &[u8]) -> Cow<'_, str> {
    // Looking first is many times as fast, and nearly all are UTF-8.
    std::str::from_utf8(text).map_or_else(|_| String::from_utf8_lossy(text), Cow::Borrowed)
}

/// Reads a text whose first fault spoils it.
fn of_text(text: &[u8], read: impl FnOnce(&str) -> Result<Found, Unread>) -> Found {
    read(&text_of(text)).unwrap_or_else(|Unread { line, why }| Found::broken(line, why))
}

/// A package of an ecosystem, with a version.
fn package(ecosystem: Ecosystem, name: impl Into<String>, version: impl Into<String>, line: Option<u32>) -> Package {
    Package { ecosystem: Some(ecosystem), name: name.into(), version: version.into(), line, ..Package::default() }
}

/// Something that a file gives by a commit alone; the reference asks for the commit, without the name.
fn commit(name: impl Into<String>, commit: impl Into<String>, line: Option<u32>) -> Package {
    Package { name: name.into(), commit: Some(commit.into()), line, ..Package::default() }
}

/// Reads a file of a format.
pub(super) fn read(format: Format, text: &[u8]) -> Manifest {
    let found = match format {
        Format::Waivers | Format::GitIgnore => return Manifest::Text(format, text.to_vec()),
        Format::Requirements => return Manifest::Requirements(requirements::read(text)),
        Format::Pom => return Manifest::Pom(Box::new(pom::read(text))),
        Format::PackageLock | Format::Shrinkwrap => npm::read(text),
        Format::Yarn => yarn::read(text),
        Format::Pnpm => pnpm::read(text),
        Format::Bun => bun::read(text),
        Format::GoMod => go::read_mod(text),
        Format::GoSum => go::read_sum(text),
        Format::Cargo => cargo::read(text),
        Format::Gemfile => gemfile::read(text),
        Format::Composer => composer::read(text),
        Format::Pipfile => pipfile::read(text),
        Format::Poetry => python_lock::read_poetry(text),
        Format::Pdm => python_lock::read_pdm(text),
        Format::Uv => python_lock::read_uv(text),
        Format::GradleLock => gradle::read_lock(text),
        Format::GradleVerification => gradle::read_verification(text),
        Format::NugetLock => nuget::read_lock(text),
        Format::NugetConfig => nuget::read_config(text),
        Format::NugetDeps => nuget::read_deps(text),
        Format::Pubspec => pubspec::read(text),
        Format::Mix => mix::read(text),
        Format::Conan => conan::read(text),
        Format::Renv => renv::read(text),
        Format::Stack => haskell::read_stack(text),
        Format::CabalFreeze => haskell::read_freeze(text),
        Format::SpdxJson => spdx::read_json(text),
        Format::SpdxTags => spdx::read_tags(text),
        Format::SpdxYaml => spdx::read_yaml(text),
        Format::SpdxRdf => spdx::read_rdf(text),
        Format::CycloneDxJson => cyclonedx::read_json(text),
        Format::CycloneDxXml => cyclonedx::read_xml(text),
        Format::OsvCustom => osv_custom::read(text),
    };
    Manifest::Packages(format, found)
}
