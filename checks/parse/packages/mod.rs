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
use crate::path;

pub(super) use assembly::inventory;
pub(super) use follow::follow;
pub(crate) use go::with_patch as go_version_with_patch;

/// How many packages of one file are kept.
const MOST: usize = 100_000;

macro_rules! formats {
    ($($(#[$doc:meta])* $format:ident = $phrase:literal;)*) => {
        /// A kind of file that names packages, or that says which of them count.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum Format {
            $($(#[$doc])* $format,)*
        }

        impl Format {
            /// All of them, each at the place that [`Self::number`] tells.
            const ALL: &[Self] = &[$(Self::$format),*];

            /// What people call it.
            const fn phrase(self) -> &'static str {
                match self { $(Self::$format => $phrase,)* }
            }
        }
    };
}

formats! {
    /// `package-lock.json`.
    PackageLock = "package-lock.json";
    /// `npm-shrinkwrap.json`, the same format.
    Shrinkwrap = "npm-shrinkwrap.json";
    /// `yarn.lock`, classic and new.
    Yarn = "yarn.lock";
    /// `pnpm-lock.yaml`.
    Pnpm = "pnpm-lock.yaml";
    /// `bun.lock`.
    Bun = "bun.lock";
    /// `go.mod`.
    GoMod = "go.mod";
    /// `go.sum`; read only beside an old `go.mod`.
    GoSum = "go.sum";
    /// `Cargo.lock`.
    Cargo = "Cargo.lock";
    /// `Gemfile.lock` and `gems.locked`.
    Gemfile = "Gemfile.lock";
    /// `composer.lock`.
    Composer = "composer.lock";
    /// `Pipfile.lock`.
    Pipfile = "Pipfile.lock";
    /// `poetry.lock`.
    Poetry = "poetry.lock";
    /// `pdm.lock`.
    Pdm = "pdm.lock";
    /// `uv.lock`.
    Uv = "uv.lock";
    /// Requirements of pip, by whatever name.
    Requirements = "requirements of pip";
    /// `pom.xml`, and its parents by whatever name.
    Pom = "pom.xml";
    /// `gradle.lockfile` and `buildscript-gradle.lockfile`.
    GradleLock = "gradle.lockfile";
    /// `gradle/verification-metadata.xml`.
    GradleVerification = "verification-metadata.xml of Gradle";
    /// `packages.lock.json`.
    NugetLock = "packages.lock.json";
    /// `packages.config`.
    NugetConfig = "packages.config";
    /// `*.deps.json`.
    NugetDeps = "deps.json of .NET";
    /// `pubspec.lock`.
    Pubspec = "pubspec.lock";
    /// `mix.lock`.
    Mix = "mix.lock";
    /// `conan.lock`.
    Conan = "conan.lock";
    /// `renv.lock`.
    Renv = "renv.lock";
    /// `stack.yaml.lock`.
    Stack = "stack.yaml.lock";
    /// `cabal.project.freeze`.
    CabalFreeze = "cabal.project.freeze";
    /// SPDX in JSON.
    SpdxJson = "SPDX document";
    /// SPDX in its own lines of tags and values.
    SpdxTags = "SPDX document of tags and values";
    /// SPDX in YAML.
    SpdxYaml = "SPDX document in YAML";
    /// SPDX in RDF.
    SpdxRdf = "SPDX document in RDF";
    /// CycloneDX in JSON.
    CycloneDxJson = "CycloneDX document";
    /// CycloneDX in XML.
    CycloneDxXml = "CycloneDX document in XML";
    /// `osv-scanner-custom.json`.
    OsvCustom = "osv-scanner-custom.json";
    /// `osv-scanner.toml`, which waives; read only beside another.
    Waivers = "osv-scanner.toml";
    /// `.gitignore`; read only at or above another.
    GitIgnore = ".gitignore";
}

impl Format {
    /// Its number, from 1.
    pub(super) fn number(self) -> u32 {
        self as u32 + 1
    }

    /// The format of a number.
    pub(super) fn of_number(number: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    }

    /// The longest such file that is read, in bytes.
    pub(super) const fn longest(self) -> u64 {
        match self {
            Self::Waivers | Self::GitIgnore => 1 << 20,
            _ => 64 << 20,
        }
    }

    /// What kind of such a file this is by its path, if it is one by itself.
    pub(super) fn of(file: &[u8]) -> Option<Self> {
        // Asked of every path: how it ends tells nearly all apart.
        let begins = |name: &str| file.len() == name.len() || file[file.len() - name.len() - 1] == b'/';
        let is = |name: &str| file.ends_with(name.as_bytes()) && begins(name);
        let is_in_any_case = |name: &str| path::ends_with(file, name) && begins(name);
        let format = match file.last()? {
            b'n' | b'N' if path::ends_with(file, ".json") => {
                if is("package-lock.json") {
                    Self::PackageLock
                } else if is("npm-shrinkwrap.json") {
                    Self::Shrinkwrap
                } else if is("packages.lock.json") {
                    Self::NugetLock
                } else if is("osv-scanner-custom.json") {
                    Self::OsvCustom
                } else if file.ends_with(b".deps.json") {
                    Self::NugetDeps
                } else if path::ends_with(file, ".cdx.json") || is_in_any_case("bom.json") {
                    Self::CycloneDxJson
                } else if path::ends_with(file, ".spdx.json") {
                    Self::SpdxJson
                } else {
                    return None;
                }
            }
            b'k' if file.ends_with(b".lock") => match path::name(file) {
                b"yarn.lock" => Self::Yarn,
                b"bun.lock" => Self::Bun,
                b"Cargo.lock" => Self::Cargo,
                b"Gemfile.lock" => Self::Gemfile,
                b"composer.lock" => Self::Composer,
                b"Pipfile.lock" => Self::Pipfile,
                b"poetry.lock" => Self::Poetry,
                b"pdm.lock" => Self::Pdm,
                b"uv.lock" => Self::Uv,
                b"pubspec.lock" => Self::Pubspec,
                b"mix.lock" => Self::Mix,
                b"conan.lock" => Self::Conan,
                b"renv.lock" => Self::Renv,
                b"stack.yaml.lock" => Self::Stack,
                _ => return None,
            },
            b'l' | b'L' => {
                if is("pnpm-lock.yaml") {
                    Self::Pnpm
                } else if is("pom.xml") {
                    Self::Pom
                } else if is("gradle/verification-metadata.xml") {
                    Self::GradleVerification
                } else if path::ends_with(file, ".cdx.xml") || is_in_any_case("bom.xml") {
                    Self::CycloneDxXml
                } else if path::ends_with(file, ".spdx.rdf.xml") {
                    Self::SpdxRdf
                } else if path::ends_with(file, ".spdx.yml") {
                    Self::SpdxYaml
                } else {
                    return None;
                }
            }
            b'd' if is("go.mod") => Self::GoMod,
            b'd' if is("gems.locked") => Self::Gemfile,
            b'e' if is("gradle.lockfile") || is("buildscript-gradle.lockfile") => Self::GradleLock,
            b'e' if is("cabal.project.freeze") => Self::CabalFreeze,
            b'g' if is("packages.config") => Self::NugetConfig,
            b't' if file.ends_with(b".txt") && memchr::memmem::find(path::name(file), b"requirements").is_some() => Self::Requirements,
            b'x' | b'X' if path::ends_with(file, ".spdx") => Self::SpdxTags,
            b'f' | b'F' if path::ends_with(file, ".spdx.rdf") => Self::SpdxRdf,
            _ => return None,
        };
        // What an installed package locked for its own development is not installed with it.
        let is_script = matches!(format, Self::PackageLock | Self::Shrinkwrap | Self::Yarn | Self::Pnpm | Self::Bun);
        (!is_script || !file.split(|byte| *byte == b'/').any(|part| part == b"node_modules")).then_some(format)
    }
}

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
