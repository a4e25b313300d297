//! Which files name packages, by their paths.

use crate::path;

macro_rules! formats {
    ($($(#[$doc:meta])* $format:ident = $phrase:literal;)*) => {
        /// A kind of file that names packages, or that says which of them count.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(in crate::parse) enum Format {
            $($(#[$doc])* $format,)*
        }

        impl Format {
            /// All of them, each at the place that [`Self::number`] tells.
            const ALL: &[Self] = &[$(Self::$format),*];

            /// What people call it.
            pub(super) const fn phrase(self) -> &'static str {
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
    pub(in crate::parse) fn number(self) -> u32 {
        self as u32 + 1
    }

    /// The format of a number.
    pub(in crate::parse) fn of_number(number: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    }

    /// The longest such file that is read, in bytes.
    pub(in crate::parse) const fn longest(self) -> u64 {
        match self {
            Self::Waivers | Self::GitIgnore => 1 << 20,
            _ => 64 << 20,
        }
    }

    /// What kind of such a file this is by its path, if it is one by itself.
    #[inline]
    pub(in crate::parse) fn of(file: &[u8]) -> Option<Self> {
        // Asked of every path: a letter or two at its end tell nearly all apart.
        match file {
            // `json` and `yaml`, `yml` or `xml` behind what may stand before them, of all that end so.
            [.., b'k' | b'p' | b'm' | b's' | b'x' | b'K' | b'P' | b'M' | b'S' | b'X', _, _, _, _, b'n' | b'N']
            | [.., b'a' | b'x' | b'y' | b'A' | b'X' | b'Y', _, b'l' | b'L']
            | [.., b'o' | b'e', b'd']
            | [.., b'k' | b'g' | b'e' | b'x' | b'f' | b't' | b'X' | b'F'] => Self::of_likely(file),
            _ => None,
        }
    }

    #[inline(never)]
    fn of_likely(file: &[u8]) -> Option<Self> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_paths() {
        let exactly = [
            ("package-lock.json", Format::PackageLock),
            ("npm-shrinkwrap.json", Format::Shrinkwrap),
            ("packages.lock.json", Format::NugetLock),
            ("osv-scanner-custom.json", Format::OsvCustom),
            ("app.deps.json", Format::NugetDeps),
            ("yarn.lock", Format::Yarn),
            ("bun.lock", Format::Bun),
            ("Cargo.lock", Format::Cargo),
            ("Gemfile.lock", Format::Gemfile),
            ("gems.locked", Format::Gemfile),
            ("composer.lock", Format::Composer),
            ("Pipfile.lock", Format::Pipfile),
            ("poetry.lock", Format::Poetry),
            ("pdm.lock", Format::Pdm),
            ("uv.lock", Format::Uv),
            ("pubspec.lock", Format::Pubspec),
            ("mix.lock", Format::Mix),
            ("conan.lock", Format::Conan),
            ("renv.lock", Format::Renv),
            ("stack.yaml.lock", Format::Stack),
            ("pnpm-lock.yaml", Format::Pnpm),
            ("pom.xml", Format::Pom),
            ("gradle/verification-metadata.xml", Format::GradleVerification),
            ("go.mod", Format::GoMod),
            ("gradle.lockfile", Format::GradleLock),
            ("buildscript-gradle.lockfile", Format::GradleLock),
            ("cabal.project.freeze", Format::CabalFreeze),
            ("packages.config", Format::NugetConfig),
            ("dev-requirements-3.txt", Format::Requirements),
        ];
        let in_any_case = [
            ("bom.json", Format::CycloneDxJson),
            ("x.cdx.json", Format::CycloneDxJson),
            ("bom.xml", Format::CycloneDxXml),
            ("x.cdx.xml", Format::CycloneDxXml),
            ("x.spdx.json", Format::SpdxJson),
            ("x.spdx", Format::SpdxTags),
            ("x.spdx.yml", Format::SpdxYaml),
            ("x.spdx.rdf", Format::SpdxRdf),
            ("x.spdx.rdf.xml", Format::SpdxRdf),
        ];
        for (name, format) in exactly.into_iter().chain(in_any_case) {
            assert_eq!(Format::of(name.as_bytes()), Some(format), "{name}");
            assert_eq!(Format::of(format!("a/b/{name}").as_bytes()), Some(format), "{name}");
        }
        for (name, format) in exactly {
            assert_eq!(Format::of(name.to_uppercase().as_bytes()), None, "{name}");
            let is_ending = matches!(format, Format::NugetDeps | Format::Requirements);
            assert_eq!(Format::of(format!("x{name}").as_bytes()), Some(format).filter(|_| is_ending), "x{name}");
        }
        for (name, format) in in_any_case {
            assert_eq!(Format::of(name.to_uppercase().as_bytes()), Some(format), "{name}");
        }
        for name in
            ["node_modules/a/package-lock.json", "x/node_modules/yarn.lock", "lock", "a.json", "", "b.yaml", "verification-metadata.xml"]
        {
            assert_eq!(Format::of(name.as_bytes()), None, "{name}");
        }
    }
}
