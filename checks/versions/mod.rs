//! The order of versions, by the rules of each ecosystem.

mod composer;
mod gem;
mod maven;
mod nuget;
mod number;
mod pep440;
mod semver;

use std::cmp::Ordering;

use crate::ecosystem::Ecosystem;

/// The longest version that is compared, in bytes: none that was ever published comes near.
const LONGEST: usize = 256;

/// The rules of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Semantic Versioning (<https://semver.org>).
    SemVer,
    /// Semantic Versioning in which what stands behind `+` counts
    /// (<https://pub.dev/documentation/pub_semver/latest/pub_semver/Version-class.html>).
    SemVerWithBuild,
    /// PEP 440 (<https://packaging.python.org/en/latest/specifications/version-specifiers/>).
    Pep440,
    /// Maven (<https://maven.apache.org/pom.html#version-order-specification>).
    Maven,
    /// RubyGems (<https://docs.ruby-lang.org/en/master/Gem/Version.html>).
    Gem,
    /// NuGet (<https://learn.microsoft.com/en-us/nuget/concepts/package-versioning>).
    NuGet,
    /// Composer (<https://getcomposer.org/doc/articles/versions.md>), which orders as PHP does
    /// (<https://www.php.net/manual/en/function.version-compare.php>).
    Composer,
}

impl Scheme {
    /// The rules of an ecosystem; `None` where versions are only the same or not.
    #[must_use]
    pub const fn of(ecosystem: &Ecosystem) -> Option<Self> {
        Some(match ecosystem {
            Ecosystem::Npm | Ecosystem::CratesIo | Ecosystem::Go | Ecosystem::Hex | Ecosystem::SwiftUrl | Ecosystem::GitHubActions => {
                Self::SemVer
            }
            Ecosystem::Pub => Self::SemVerWithBuild,
            Ecosystem::PyPi => Self::Pep440,
            Ecosystem::Maven => Self::Maven,
            Ecosystem::RubyGems => Self::Gem,
            Ecosystem::NuGet => Self::NuGet,
            Ecosystem::Packagist => Self::Composer,
            Ecosystem::ConanCenter | Ecosystem::Cran | Ecosystem::Hackage | Ecosystem::Other(_) => return None,
        })
    }

    /// Reads a version; `None` if the rules do not know such a one.
    #[must_use]
    pub fn parse(self, text: &str) -> Option<Version> {
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST {
            return None;
        }
        Some(Version(match self {
            Self::SemVer => Key::SemVer(semver::SemVer::parse(text, false)?),
            Self::SemVerWithBuild => Key::SemVer(semver::SemVer::parse(text, true)?),
            Self::Pep440 => Key::Pep440(pep440::Pep440::parse(text)?),
            Self::Maven => Key::Maven(maven::Maven::parse(text)),
            Self::Gem => Key::Gem(gem::Gem::parse(text)?),
            Self::NuGet => Key::NuGet(nuget::NuGet::parse(text)?),
            Self::Composer => Key::Composer(composer::Composer::parse(text)?),
        }))
    }

    /// The order of two versions; `None` if one of them cannot be read.
    #[must_use]
    pub fn compare(self, a: &str, b: &str) -> Option<Ordering> {
        Some(self.parse(a)?.compare(&self.parse(b)?))
    }
}

/// A version that was read. Only those of one scheme are to be compared.
#[derive(Clone, Debug)]
pub struct Version(Key);

#[derive(Clone, Debug)]
enum Key {
    SemVer(semver::SemVer),
    Pep440(pep440::Pep440),
    Maven(maven::Maven),
    Gem(gem::Gem),
    NuGet(nuget::NuGet),
    Composer(composer::Composer),
}

impl Version {
    /// Its order to another of the same scheme; of two of different schemes that of the schemes.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Key::SemVer(a), Key::SemVer(b)) => a.cmp(b),
            (Key::Pep440(a), Key::Pep440(b)) => a.cmp(b),
            (Key::Maven(a), Key::Maven(b)) => a.compare(b),
            (Key::Gem(a), Key::Gem(b)) => a.compare(b),
            (Key::NuGet(a), Key::NuGet(b)) => a.cmp(b),
            (Key::Composer(a), Key::Composer(b)) => a.compare(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

impl Key {
    const fn rank(&self) -> u8 {
        match self {
            Self::SemVer(_) => 0,
            Self::Pep440(_) => 1,
            Self::Maven(_) => 2,
            Self::Gem(_) => 3,
            Self::NuGet(_) => 4,
            Self::Composer(_) => 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Scheme; 7] =
        [Scheme::SemVer, Scheme::SemVerWithBuild, Scheme::Pep440, Scheme::Maven, Scheme::Gem, Scheme::NuGet, Scheme::Composer];

    /// Checks a list in ascending order, each against each.
    #[track_caller]
    fn ascending(scheme: Scheme, list: &[&str]) {
        for (i, a) in list.iter().enumerate() {
            for (j, b) in list.iter().enumerate() {
                assert_eq!(scheme.compare(a, b), Some(i.cmp(&j)), "{scheme:?}: {a} and {b}");
            }
        }
    }

    #[track_caller]
    fn equal(scheme: Scheme, list: &[&str]) {
        for a in list {
            for b in list {
                assert_eq!(scheme.compare(a, b), Some(Ordering::Equal), "{scheme:?}: {a} and {b}");
            }
        }
    }

    /// The list of <https://semver.org/#spec-item-11>.
    #[test]
    fn semantic_versions() {
        ascending(
            Scheme::SemVer,
            &[
                "0.0.0-0",
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0",
                "2.0.0",
                "2.1.0",
                "2.1.1",
                "10.0.0",
            ],
        );
        equal(Scheme::SemVer, &["1.2.0", "v1.2.0", "1.2", "1.2.0+build.5"]);
        // Of modules of Go (<https://go.dev/ref/mod#pseudo-versions>).
        ascending(
            Scheme::SemVer,
            &[
                "v0.0.0-20191109021931-daa7c04131f5",
                "v0.0.0-20200101000000-abcdefabcdef",
                "v1.2.3-pre",
                "v1.2.3-pre.0.20191109021931-daa7c04131f5",
                "v1.2.3",
            ],
        );
        ascending(Scheme::SemVer, &["1.0.0", "99999999999999999999999.0.0", "100000000000000000000000.0.0"]);
        ascending(Scheme::SemVerWithBuild, &["1.0.0-a", "1.0.0", "1.0.0+1", "1.0.0+2", "1.0.1"]);
        for bad in ["", "x", "1.2.3.4", "1..2", "1.0.0-", "https://example.org/x.tgz", "1.0.0-a..b", "dev-main"] {
            assert!(Scheme::SemVer.parse(bad).is_none(), "{bad}");
        }
    }

    /// Lists of <https://packaging.python.org/en/latest/specifications/version-specifiers/#summary-of-permitted-suffixes-and-relative-ordering>
    /// and of the sections about normalisation there.
    #[test]
    fn versions_of_python() {
        ascending(
            Scheme::Pep440,
            &[
                "1.dev0",
                "1.0.dev456",
                "1.0a1",
                "1.0a2.dev456",
                "1.0a12.dev456",
                "1.0a12",
                "1.0b1.dev456",
                "1.0b2",
                "1.0b2.post345.dev456",
                "1.0b2.post345",
                "1.0rc1.dev456",
                "1.0rc1",
                "1.0",
                "1.0+abc.5",
                "1.0+abc.7",
                "1.0+5",
                "1.0.post456.dev34",
                "1.0.post456",
                "1.0.15",
                "1.1.dev1",
                "2013.10",
                "1!0.1",
            ],
        );
        equal(
            Scheme::Pep440,
            &["1.1RC1", "1.1rc1", "1.1.rc1", "1.1-rc.1", "1.1c1", "1.1pre1", "1.1_preview_1", "v1.1rc1", " 1.1rc1\n", "1.1.0rc01"],
        );
        equal(Scheme::Pep440, &["1.0-1", "1.0.post1", "1.0-r1", "1.0rev1", "1.0post1"]);
        equal(Scheme::Pep440, &["1.0+ubuntu-1", "1.0+Ubuntu.1", "1.0+ubuntu_1"]);
        for bad in ["", "x", "1.0-x", "1..0", "1.0+", "1.0+a+b", "2004d-x", "1.*"] {
            assert!(Scheme::Pep440.parse(bad).is_none(), "{bad}");
        }
    }

    /// Examples of <https://maven.apache.org/pom.html#version-order-specification>.
    #[test]
    fn versions_of_maven() {
        ascending(Scheme::Maven, &["1", "1.1"]);
        ascending(Scheme::Maven, &["1-snapshot", "1", "1-sp"]);
        ascending(Scheme::Maven, &["1-foo2", "1-foo10"]);
        ascending(Scheme::Maven, &["1-foo", "1-1", "1.1"]);
        equal(Scheme::Maven, &["1.ga", "1-ga", "1-0", "1.0", "1", "1.final", "1-release", "1.0.0"]);
        ascending(Scheme::Maven, &["1-ga", "1-sp"]);
        ascending(Scheme::Maven, &["1-ga.1", "1-sp.1"]);
        ascending(Scheme::Maven, &["1-sp-1", "1-ga-1"]);
        equal(Scheme::Maven, &["1-ga-1", "1-1"]);
        equal(Scheme::Maven, &["1.foo", "1-foo"]);
        equal(Scheme::Maven, &["1-a1", "1-alpha-1", "1-alpha1", "1.0-ALPHA1"]);
        equal(Scheme::Maven, &["1-cr1", "1-rc1"]);
        ascending(
            Scheme::Maven,
            &[
                "1.0-alpha-1",
                "1.0-beta-1",
                "1.0-milestone-1",
                "1.0-rc-1",
                "1.0-SNAPSHOT",
                "1.0",
                "1.0-sp",
                "1.0-jre",
                "1.0-1",
                "1.0.1",
                "1.2-beta-2",
                "1.2",
                "1.10",
            ],
        );
        ascending(Scheme::Maven, &["2.9.10", "2.9.10.1", "2.9.10.8", "2.10.0"]);
        ascending(Scheme::Maven, &["31.1-android", "31.1-jre", "32.0.0-jre"]);
    }

    /// Examples of <https://docs.ruby-lang.org/en/master/Gem/Version.html>.
    #[test]
    fn versions_of_ruby() {
        ascending(Scheme::Gem, &["0.9", "1.0.a", "1.0.a.2", "1.0.a10", "1.0.b1", "1.0", "1.0.2.pre", "1.0.2", "1.1.a", "1.1", "1.10"]);
        equal(Scheme::Gem, &["1", "1.0", "1.0.0"]);
        equal(Scheme::Gem, &["1.0-1", "1.0.pre.1"]);
        assert!(Scheme::Gem.parse("junk").is_none() && Scheme::Gem.parse("1.").is_none());
    }

    /// Examples of <https://learn.microsoft.com/en-us/nuget/concepts/package-versioning>.
    #[test]
    fn versions_of_net() {
        ascending(
            Scheme::NuGet,
            &["1.0.1-alpha", "1.0.1-alpha.2", "1.0.1-alpha.10", "1.0.1-open", "1.0.1-rc", "1.0.1-zzz", "1.0.1", "1.0.1.1", "1.0.2"],
        );
        equal(Scheme::NuGet, &["1.0", "1.00", "1.0.0", "1.0.0.0", "1.0.0+meta", "1"]);
        equal(Scheme::NuGet, &["1.0.0-RC", "1.0.0-rc"]);
        assert!(Scheme::NuGet.parse("1.0.0.0.0").is_none());
    }

    /// Examples of <https://getcomposer.org/doc/articles/versions.md> and of PHP's `version_compare`.
    #[test]
    fn versions_of_php() {
        ascending(
            Scheme::Composer,
            &["1.0.0-dev", "1.0.0-alpha1", "1.0.0-beta2", "1.0.0-beta11", "1.0.0-RC1", "1.0.0", "1.0.0-patch1", "1.0.1", "1.10"],
        );
        equal(Scheme::Composer, &["1.0", "v1.0.0", "1.0.0.0", "1.0-stable"]);
        equal(Scheme::Composer, &["1.0.0-b2", "1.0.0beta2", "1.0.0-BETA.2"]);
        for bad in ["dev-main", "", "x"] {
            assert!(Scheme::Composer.parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn others_are_the_same_or_not() {
        assert_eq!(Scheme::of(&Ecosystem::Cran), None);
        assert_eq!(Scheme::of(&Ecosystem::from_name("Debian:12")), None);
        assert!(Scheme::SemVer.parse(&"1".repeat(LONGEST + 1)).is_none());
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(2_000))]

        #[test]
        fn every_order_is_total(
            a in "v?[0-3](\\.[0-2]){0,3}([.+_-]?(a|b|rc|pre|dev|post|final|sp|SNAPSHOT|x|[0-2])){0,3}",
            b in "v?[0-3](\\.[0-2]){0,3}([.+_-]?(a|b|rc|pre|dev|post|final|sp|SNAPSHOT|x|[0-2])){0,3}",
            c in "v?[0-3](\\.[0-2]){0,3}([.+_-]?(a|b|rc|pre|dev|post|final|sp|SNAPSHOT|x|[0-2])){0,3}",
        ) {
            for scheme in ALL {
                let (Some(a), Some(b), Some(c)) = (scheme.parse(&a), scheme.parse(&b), scheme.parse(&c)) else { continue };
                proptest::prop_assert_eq!(a.compare(&a), Ordering::Equal);
                proptest::prop_assert_eq!(a.compare(&b), b.compare(&a).reverse(), "{:?}", scheme);
                if a.compare(&b) != Ordering::Greater && b.compare(&c) != Ordering::Greater {
                    proptest::prop_assert_ne!(a.compare(&c), Ordering::Greater, "{:?}", scheme);
                }
            }
        }

        #[test]
        fn nothing_makes_it_panic(a in ".{0,24}", b in "[0-9a-z.+~!_-]{0,24}") {
            for scheme in ALL {
                let _ = scheme.compare(&a, &b);
            }
        }
    }
}
