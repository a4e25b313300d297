//! Package URLs: <https://github.com/package-url/purl-spec/blob/main/PURL-SPECIFICATION.rst>, with the rules of each
//! type in <https://github.com/package-url/purl-spec/tree/main/types>.
//!
//! A reader of our own: libraries draw other lines than the reference, and which purls are none decides which packages
//! it asks about.

use std::borrow::Cow;
use std::fmt::Write;

use crate::ecosystem::Ecosystem;

/// A package URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purl {
    /// Its type, in lower case.
    pub kind: String,
    /// What stands between type and name, without slashes at its ends; may be empty.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The version; may be empty.
    pub version: String,
    /// What stands behind `#`; may be empty.
    pub subpath: String,
}

/// Reads a package URL.
#[must_use]
pub fn parse(text: &str) -> Option<Purl> {
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        return None;
    }
    let (text, subpath) = text.split_once('#').unwrap_or((text, ""));
    let (text, qualifiers) = text.split_once('?').unwrap_or((text, ""));
    let (scheme, rest) = text.split_once(':')?;
    let (kind, rest) = rest.trim_start_matches('/').split_once('/')?;
    let is_kind = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
    if !scheme.eq_ignore_ascii_case("pkg")
        || kind.is_empty()
        || kind.starts_with(|c: char| c.is_ascii_digit())
        || !kind.bytes().all(is_kind)
    {
        return None;
    }
    let kind = kind.to_ascii_lowercase();
    let (namespace, name) = rest.rsplit_once('/').unwrap_or(("", rest));
    let (name, version) = name.rsplit_once('@').unwrap_or((name, ""));
    let (namespace, mut name, version) = (decoded(namespace)?, decoded(name)?, decoded(version)?);
    let parts: Vec<&str> = namespace.split('/').filter(|part| !part.is_empty()).collect();
    let mut namespace = parts.join("/");
    let channel = channel(qualifiers)?;
    let subpath = decoded(subpath)?;
    if name.is_empty() || subpath.split('/').skip(1).any(|part| matches!(part, "." | "..")) {
        return None;
    }
    match kind.as_str() {
        "alpm" | "apk" | "bitbucket" | "composer" | "deb" | "github" | "golang" | "npm" => {
            (namespace, name) = (namespace.to_lowercase(), name.to_lowercase());
        }
        "pypi" => name = name.replace('_', "-").to_lowercase(),
        _ => {}
    }
    // Rules of single types.
    let is_right = match kind.as_str() {
        "conan" => namespace.is_empty() == channel.is_empty(),
        "swift" => !namespace.is_empty() && !version.is_empty(),
        "cran" => !version.is_empty(),
        _ => true,
    };
    is_right.then(|| Purl { kind, namespace, name, version, subpath: subpath.trim_matches('/').to_owned() })
}

/// The qualifier `channel` of all; `None` if one of them is wrong.
fn channel(qualifiers: &str) -> Option<String> {
    let mut seen = std::collections::BTreeMap::new();
    for qualifier in qualifiers.split('&').filter(|qualifier| !qualifier.is_empty()) {
        let (key, value) = qualifier.split_once('=').unwrap_or((qualifier, ""));
        let key = decoded(key)?.to_ascii_lowercase();
        let is_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if qualifier.contains(';') || key.is_empty() || key.starts_with(|c: char| c.is_ascii_digit()) || !key.bytes().all(is_key) {
            return None;
        }
        let value = decoded(value)?;
        // One without a value is as good as none.
        if !value.is_empty() && seen.insert(key, value).is_some() {
            return None;
        }
    }
    Some(seen.remove("channel").unwrap_or_default())
}

/// A text with `%41` replaced; `None` if half of such a thing is in it, or what is no UTF-8.
fn decoded(text: &str) -> Option<String> {
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        let digit = |at: usize| behind.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        out.push(u8::try_from(digit(0)? << 4 | digit(1)?).ok()?);
        rest = &behind[2..];
    }
    String::from_utf8(out).ok()
}

impl Purl {
    /// The ecosystem of OSV that it belongs to, and the name of the package there; `None` if there is none.
    #[must_use]
    pub fn package(&self) -> Option<(Ecosystem, String)> {
        let ecosystem = match (self.kind.as_str(), self.namespace.as_str()) {
            ("cargo", _) => Ecosystem::CratesIo,
            ("composer", _) => Ecosystem::Packagist,
            ("conan", _) => Ecosystem::ConanCenter,
            ("cran", _) => Ecosystem::Cran,
            ("gem", _) => Ecosystem::RubyGems,
            ("github", _) => Ecosystem::GitHubActions,
            ("golang", _) => Ecosystem::Go,
            ("hackage", _) => Ecosystem::Hackage,
            ("hex", _) => Ecosystem::Hex,
            ("maven", _) => Ecosystem::Maven,
            ("npm", _) => Ecosystem::Npm,
            ("nuget", _) => Ecosystem::NuGet,
            ("pub", _) => Ecosystem::Pub,
            ("pypi", _) => Ecosystem::PyPi,
            ("swift", _) => Ecosystem::SwiftUrl,
            // A distribution repeats itself in the namespace.
            ("apk", "alpine") => return Some((Ecosystem::from_name("Alpine"), self.name.clone())),
            ("deb", "debian") => return Some((Ecosystem::from_name("Debian"), self.name.clone())),
            ("deb", "ubuntu") => return Some((Ecosystem::from_name("Ubuntu"), self.name.clone())),
            _ => return None,
        };
        let between = if ecosystem == Ecosystem::Maven { ":" } else { "/" };
        let mut name = self.name.clone();
        if !self.namespace.is_empty() {
            name = format!("{}{between}{name}", self.namespace);
        }
        // Some tools put the major version of a module where its folders belong.
        let first = self.subpath.split('/').next().unwrap_or_default();
        let is_major = first.strip_prefix('v').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
        if ecosystem == Ecosystem::Go && is_major {
            name = format!("{name}/{first}");
        }
        Some((ecosystem, name))
    }
}

/// The package URL of a package; `None` for a name that its type does not allow, and for ecosystems without a type.
/// The version may be empty.
#[must_use]
pub fn of(ecosystem: &Ecosystem, name: &str, version: &str) -> Option<String> {
    let lower = |text: &str| Cow::Owned(text.to_lowercase());
    let split = |between: char| name.rsplit_once(between).filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty());
    let mut version = Cow::Borrowed(version);
    let (kind, namespace, name): (&str, Cow<'_, str>, Cow<'_, str>) = match ecosystem {
        Ecosystem::Npm => match split('/') {
            Some((scope, name)) => ("npm", scope.into(), name.into()),
            None => ("npm", "".into(), name.into()),
        },
        Ecosystem::Go => {
            // Modules have a letter before their versions, which OSV leaves out; the standard library has none.
            if name != "stdlib" && version.starts_with(|c: char| c.is_ascii_digit()) {
                version = Cow::Owned(format!("v{version}"));
            }
            let (namespace, name) = split('/').unwrap_or(("", name));
            ("golang", lower(namespace), lower(name))
        }
        Ecosystem::Maven => split(':').map(|(group, name)| ("maven", group.into(), name.into()))?,
        Ecosystem::Packagist => split('/').map(|(vendor, name)| ("composer", lower(vendor), lower(name)))?,
        Ecosystem::GitHubActions => split('/').map(|(owner, name)| ("github", lower(owner), lower(name)))?,
        Ecosystem::SwiftUrl => split('/').map(|(address, name)| ("swift", address.into(), name.into()))?,
        Ecosystem::PyPi => ("pypi", "".into(), Cow::Owned(name.to_lowercase().replace('_', "-"))),
        Ecosystem::Hex => ("hex", "".into(), lower(name)),
        Ecosystem::Pub => ("pub", "".into(), lower(name)),
        Ecosystem::CratesIo => ("cargo", "".into(), name.into()),
        Ecosystem::RubyGems => ("gem", "".into(), name.into()),
        Ecosystem::NuGet => ("nuget", "".into(), name.into()),
        Ecosystem::ConanCenter => ("conan", "".into(), name.into()),
        Ecosystem::Cran => ("cran", "".into(), name.into()),
        Ecosystem::Hackage => ("hackage", "".into(), name.into()),
        Ecosystem::Other(_) => match ecosystem.family() {
            "Alpine" => ("apk", "alpine".into(), lower(name)),
            "Debian" => ("deb", "debian".into(), lower(name)),
            "Ubuntu" => ("deb", "ubuntu".into(), lower(name)),
            _ => return None,
        },
    };
    if name.is_empty() || (version.is_empty() && matches!(ecosystem, Ecosystem::Cran | Ecosystem::SwiftUrl)) {
        return None;
    }
    let mut out = format!("pkg:{kind}/");
    for part in namespace.split('/').filter(|part| !part.is_empty()) {
        encode(part, &mut out);
        out.push('/');
    }
    encode(&name, &mut out);
    if !version.is_empty() {
        out.push('@');
        encode(&version, &mut out);
    }
    Some(out)
}

/// All but letters, digits and `.-_~:` becomes `%41`.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~' | b':') {
            out.push(char::from(byte));
        } else {
            // Writing to a text does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn package(text: &str) -> String {
        let Some(purl) = parse(text) else { return "none".to_owned() };
        purl.package().map_or_else(|| "unknown".to_owned(), |(ecosystem, name)| format!("{ecosystem} {name} {}", purl.version))
    }

    /// Mostly examples of the specification.
    #[test]
    fn packages_of_purls() {
        for (text, want) in [
            ("pkg:npm/%40angular/animation@12.3.1", "npm @angular/animation 12.3.1"),
            ("pkg:npm/foobar@12.3.1", "npm foobar 12.3.1"),
            ("PKG://NPM//FooBar@1", "npm foobar 1"),
            ("pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?packaging=sources", "Maven org.apache.xmlgraphics:batik-anim 1.9.1"),
            ("pkg:golang/google.golang.org/genproto@v1#googleapis/api/annotations", "Go google.golang.org/genproto v1"),
            ("pkg:golang/github.com/X/y@v4.1.3#v4", "Go github.com/x/y/v4 v4.1.3"),
            ("pkg:golang/a.b/c@v5.0.0#/v5/sdk", "Go a.b/c/v5 v5.0.0"),
            ("pkg:golang/stdlib@1.20", "Go stdlib 1.20"),
            ("pkg:pypi/Zope.Interface_x@5.0", "PyPI zope.interface-x 5.0"),
            ("pkg:gem/jruby-launcher@1.1.2?platform=java", "RubyGems jruby-launcher 1.1.2"),
            ("pkg:composer/Laravel/Laravel@5.5.0", "Packagist laravel/laravel 5.5.0"),
            ("pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", "Debian curl 7.50.3-1"),
            ("pkg:deb/ubuntu/curl@1", "Ubuntu curl 1"),
            ("pkg:deb/other/curl@1", "unknown"),
            ("pkg:apk/alpine/curl@7.83.0-r0", "Alpine curl 7.83.0-r0"),
            ("pkg:cargo/structopt@0.3.11", "crates.io structopt 0.3.11"),
            ("pkg:github/Package-URL/purl-spec@244fd47e07d1004", "GitHub Actions package-url/purl-spec 244fd47e07d1004"),
            ("pkg:swift/github.com/Alamofire/Alamofire@5.4.3", "SwiftURL github.com/Alamofire/Alamofire 5.4.3"),
            ("pkg:conan/openssl@3.0.3", "ConanCenter openssl 3.0.3"),
            ("pkg:conan/openssl.org/openssl@3.0.3?user=bincrafters&channel=stable", "ConanCenter openssl.org/openssl 3.0.3"),
            ("pkg:npm/a@1.0.0%2Bb", "npm a 1.0.0+b"),
            ("pkg:npm/a", "npm a "),
            ("pkg:generic/openssl@1.1.10g", "unknown"),
            ("pkg:docker/customer/dockerimage@sha256:244fd47e07d1004?repository_url=gcr.io", "unknown"),
        ] {
            assert_eq!(package(text), want, "{text}");
        }
    }

    #[test]
    fn what_is_no_purl() {
        for text in [
            "",
            "npm/a@1",
            "pkg:npm",
            "pkg:npm/",
            "pkg:npm/@1",
            "purl:npm/a",
            "pkg:1npm/a",
            "pkg:n_pm/a",
            "pkg:npm/a%4",
            "pkg:npm/a%zz",
            "pkg:npm/a%ff",
            "pkg:npm/a\n",
            " pkg:npm/a",
            "pkg:npm/a?1=2",
            "pkg:npm/a?a=1;b=2",
            "pkg:npm/a?a=1&A=2",
            "pkg:npm/a#b/../c",
            "pkg:conan/user/a@1",
            "pkg:conan/a@1?channel=x",
            "pkg:swift/a@1",
            "pkg:swift/b/a",
            "pkg:cran/a",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert!(parse("pkg:npm/a?a=&b=1&&").is_some());
    }

    #[test]
    fn purls_of_packages() {
        for (ecosystem, name, version, want) in [
            ("npm", "@angular/animation", "12.3.1", Some("pkg:npm/%40angular/animation@12.3.1")),
            ("npm", "JSONStream", "", Some("pkg:npm/JSONStream")),
            ("npm", "a", "https://x.org/a.tgz", Some("pkg:npm/a@https:%2F%2Fx.org%2Fa.tgz")),
            ("Maven", "org.x:y", "1.0", Some("pkg:maven/org.x/y@1.0")),
            ("Maven", ":y", "1.0", None),
            ("Go", "github.com/BurntSushi/toml", "1.2.3", Some("pkg:golang/github.com/burntsushi/toml@v1.2.3")),
            ("Go", "stdlib", "1.20.99", Some("pkg:golang/stdlib@1.20.99")),
            ("Packagist", "Symfony/Yaml", "v5.0.0", Some("pkg:composer/symfony/yaml@v5.0.0")),
            ("Packagist", "yaml", "1", None),
            ("PyPI", "Zope.Interface_x", "1!2+a", Some("pkg:pypi/zope.interface-x@1%212%2Ba")),
            ("crates.io", "serde", "1.0.0+x", Some("pkg:cargo/serde@1.0.0%2Bx")),
            ("Debian:12", "bash", "5.0-4", Some("pkg:deb/debian/bash@5.0-4")),
            ("Alpine:v3.19", "musl", "1", Some("pkg:apk/alpine/musl@1")),
            ("SwiftURL", "github.com/apple/swift-nio", "2.0.0", Some("pkg:swift/github.com/apple/swift-nio@2.0.0")),
            ("CRAN", "dplyr", "", None),
            ("GitHub Actions", "actions/checkout", "v2", Some("pkg:github/actions/checkout@v2")),
            ("OSS-Fuzz", "x", "1", None),
            ("RubyGems", "", "1", None),
            ("NuGet", "Naïve", "1", Some("pkg:nuget/Na%C3%AFve@1")),
        ] {
            assert_eq!(of(&Ecosystem::from_name(ecosystem), name, version).as_deref(), want, "{ecosystem} {name}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(pkg:)?[a-z%@/?#.0-9é=&]{0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_built_is_read_again(place in 0..Ecosystem::KNOWN.len(), namespace in "[a-z@%#? .]{1,8}", name in "[a-z0-9@%#?.!~:]{1,12}", version in "[ -~é]{1,12}") {
            let ecosystem = &Ecosystem::KNOWN[place];
            let between = if *ecosystem == Ecosystem::Maven { ':' } else { '/' };
            let name = name.replace([':', '/'], "");
            let full = match ecosystem {
                Ecosystem::Npm | Ecosystem::Go | Ecosystem::Maven | Ecosystem::Packagist | Ecosystem::GitHubActions | Ecosystem::SwiftUrl => {
                    format!("{}{between}{name}", namespace.replace([':', '/'], ""))
                }
                _ => name,
            };
            if let Some(purl) = of(ecosystem, &full, &version) {
                let read = parse(&purl).expect("it is a purl");
                prop_assert_eq!(read.package(), Some((ecosystem.clone(), full)));
                let with_letter = format!("v{version}");
                prop_assert!(read.version == version || read.version == with_letter);
            }
        }
    }
}
