//! Ecosystems of packages, by the names that OSV gives them.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! ecosystems {
    ($($(#[$doc:meta])* $ecosystem:ident = $name:literal;)*) => {
        /// Where packages of one kind come from: the ecosystems of the OSV schema
        /// (<https://ossf.github.io/osv-schema/#defined-ecosystems>).
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Ecosystem {
            $($(#[$doc])* $ecosystem,)*
            /// One without rules of its own here, such as a distribution's with its release: `Debian:12`.
            Other(Box<str>),
        }

        impl Ecosystem {
            /// Those with rules of their own here.
            pub const KNOWN: &[Self] = &[$(Self::$ecosystem),*];

            /// OSV's name of it.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$ecosystem => $name,)*
                    Self::Other(name) => name,
                }
            }

            /// The ecosystem of a name, which is exact in its case.
            #[must_use]
            pub fn from_name(name: &str) -> Self {
                match name {
                    $($name => Self::$ecosystem,)*
                    other => Self::Other(other.into()),
                }
            }
        }
    };
}

ecosystems! {
    /// JavaScript: npm.
    Npm = "npm";
    /// Rust: crates.io.
    CratesIo = "crates.io";
    /// Python: PyPI.
    PyPi = "PyPI";
    /// Go's modules.
    Go = "Go";
    /// Java and its kin: Maven.
    Maven = "Maven";
    /// Ruby: RubyGems.
    RubyGems = "RubyGems";
    /// PHP: Packagist.
    Packagist = "Packagist";
    /// .NET: NuGet.
    NuGet = "NuGet";
    /// Dart: Pub.
    Pub = "Pub";
    /// Erlang and Elixir: Hex.
    Hex = "Hex";
    /// C and C++: ConanCenter.
    ConanCenter = "ConanCenter";
    /// R: CRAN.
    Cran = "CRAN";
    /// Haskell: Hackage.
    Hackage = "Hackage";
    /// Actions of GitHub.
    GitHubActions = "GitHub Actions";
    /// Swift: packages by their address.
    SwiftUrl = "SwiftURL";
}

impl Ecosystem {
    /// The name without a distribution's release: `Debian` of `Debian:12`.
    #[must_use]
    pub fn family(&self) -> &str {
        match self {
            Self::Other(name) => name.split_once(':').map_or(name, |(family, _)| family),
            known => known.name(),
        }
    }

    /// Whether OSV defines it (<https://ossf.github.io/osv-schema/#defined-ecosystems>).
    #[must_use]
    pub fn is_known(&self) -> bool {
        const OTHERS: &[&str] = &[
            "AlmaLinux",
            "Alpaquita",
            "Alpine",
            "Android",
            "BellSoft Hardened Containers",
            "Bioconductor",
            "Bitnami",
            "Chainguard",
            "CleanStart",
            "Debian",
            "Docker Hardened Images",
            "Echo",
            "FreeBSD",
            "GHC",
            "Julia",
            "Kubernetes",
            "Linux",
            "Mageia",
            "MinimOS",
            "OSS-Fuzz",
            "Photon OS",
            "Red Hat",
            "Rocky Linux",
            "Root",
            "SUSE",
            "TuxCare",
            "Ubuntu",
            "VSCode",
            "Wolfi",
            "opam",
            "openEuler",
            "openSUSE",
        ];
        match self {
            Self::Other(_) => OTHERS.contains(&self.family()),
            _ => true,
        }
    }

    /// A package's name as it is compared: PyPI does not tell apart what its rules of normalisation map together
    /// (<https://packaging.python.org/en/latest/specifications/name-normalization/>); everybody else compares exactly.
    #[must_use]
    pub fn normalised<'a>(&self, name: &'a str) -> Cow<'a, str> {
        let is_separator = |c: char| matches!(c, '-' | '_' | '.');
        let is_normal = |name: &str| !name.contains("--") && !name.contains(|c: char| c.is_ascii_uppercase() || c == '_' || c == '.');
        if self.family() != Self::PyPi.name() || is_normal(name) {
            return Cow::Borrowed(name);
        }
        let mut out = String::with_capacity(name.len());
        for c in name.chars() {
            if !is_separator(c) {
                out.push(c.to_ascii_lowercase());
            } else if !out.ends_with('-') {
                out.push('-');
            }
        }
        Cow::Owned(out)
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Ecosystem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Ecosystem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_name(&<Cow<'de, str>>::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for ecosystem in Ecosystem::KNOWN {
            assert_eq!(&Ecosystem::from_name(ecosystem.name()), ecosystem);
        }
        let debian = Ecosystem::from_name("Debian:12");
        assert_eq!((debian.name(), debian.family()), ("Debian:12", "Debian"));
        assert_eq!(Ecosystem::from_name("rubygems"), Ecosystem::Other("rubygems".into()));
    }

    #[test]
    fn names_of_pypi_are_normalised() {
        for (name, want) in [("Zope.Interface", "zope-interface"), ("a__b-.c", "a-b-c"), ("x-y", "x-y"), ("x--y", "x-y")] {
            assert_eq!(Ecosystem::PyPi.normalised(name), want, "{name}");
        }
        assert_eq!(Ecosystem::Npm.normalised("A_b"), "A_b");
    }
}
