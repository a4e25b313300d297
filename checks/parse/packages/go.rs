//! `go.mod` (<https://go.dev/ref/mod#go-mod-file>) and `go.sum` (<https://go.dev/ref/mod#go-sum-files>): the modules that
//! they name, and Go's standard library by the version of Go.

use super::go_mod::{Directive, canonical, directives, fits};
use super::{Found, package};
use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Unread};

/// Reads a `go.mod`. As for Go itself one fault spoils the file.
pub(super) fn read_mod(text: &[u8]) -> Found {
    found(text).unwrap_or_else(|Unread { line, why }| Found::broken(line, why))
}

/// A replacement: of which module, of which version if of one only, and by what.
struct Replacement {
    path: String,
    version: Option<String>,
    by: Option<(String, String)>,
}

fn found(text: &[u8]) -> Result<Found, Unread> {
    let text = std::str::from_utf8(text).map_err(|_| Unread { line: None, why: "is no UTF-8".to_owned() })?;
    let mut found = Found::default();
    let mut replacements: Vec<Replacement> = Vec::new();
    let mut go: Option<(String, u32)> = None;
    let mut toolchain: Option<(String, u32)> = None;
    let mut module = false;
    for directive in directives(text)? {
        let Directive { line, verb, arguments, .. } = &directive;
        let fail = |why: String| Unread { line: Some(*line), why };
        let words: Vec<&str> = arguments.iter().map(|argument| &**argument).collect();
        match (*verb, &words[..]) {
            ("module", [_]) if !module => module = true,
            ("go", [version]) if go.is_none() && is_go_version(version) => go = Some(((*version).to_owned(), *line)),
            ("toolchain", [name]) if toolchain.is_none() && (*name == "default" || *name == "go1" || name.starts_with("go1.")) => {
                toolchain = Some(((*name).to_owned(), *line));
            }
            ("require" | "exclude", [path, version]) => {
                let version = canonical(version).ok_or_else(|| fail(format!("{version:?} is no version such as v1.2.3")))?;
                if !fits(path, &version) {
                    return Err(fail(format!("{version} does not fit the path {path:?}")));
                }
                if *verb == "require" {
                    let is_indirect = matches!(directive.comment.split([' ', '\t', ';']).next(), Some("indirect"));
                    let required =
                        Package { direct: Some(!is_indirect), ..package(Ecosystem::Go, *path, unprefixed(&version), Some(*line)) };
                    found.push(required);
                }
            }
            ("replace", words) => replacements.push(replacement(words).map_err(|why| fail(why.to_owned()))?),
            ("retract" | "tool" | "ignore" | "godebug", words) if !words.is_empty() => {}
            (verb, _) => return Err(fail(format!("{verb:?} is written more than once or with wrong arguments"))),
        }
    }
    // Those of one version come first, whatever their place in the file.
    let (of_one, of_all): (Vec<_>, Vec<_>) = replacements.iter().partition(|replacement| replacement.version.is_some());
    for replacement in of_one.into_iter().chain(of_all) {
        replace(&mut found.packages, replacement);
    }
    let mut seen = std::collections::HashSet::new();
    found.packages.retain(|package| seen.insert((package.name.clone(), package.version.clone())));
    let go = match toolchain {
        Some((name, line)) => {
            let name = name.split('-').next().unwrap_or_default();
            Some((name.strip_prefix("go").unwrap_or(name).to_owned(), line))
        }
        None => go,
    };
    if let Some((version, line)) = go {
        found.wants_sum = is_before_complete(&version);
        found.push(Package { direct: Some(true), ..package(Ecosystem::Go, "stdlib", with_patch(&version), Some(line)) });
    }
    Ok(found)
}

fn unprefixed(version: &str) -> &str {
    version.strip_prefix('v').unwrap_or(version)
}

fn replacement(words: &[&str]) -> Result<Replacement, &'static str> {
    let (old, new) = match words.iter().position(|word| *word == "=>") {
        Some(arrow) => (&words[..arrow], &words[arrow + 1..]),
        None => return Err("a replacement needs an arrow"),
    };
    let (path, version) = match old {
        [path] => (*path, None),
        [path, version] => {
            let version = canonical(version).filter(|version| fits(path, version)).ok_or("a replacement of no possible version")?;
            (*path, Some(unprefixed(&version).to_owned()))
        }
        _ => return Err("a replacement of something else than a module"),
    };
    let is_folder = |path: &str| path.starts_with("./") || path.starts_with("../") || path.starts_with('/') || matches!(path, "." | "..");
    let by = match new {
        [path] if is_folder(path) => None,
        [path, version] if !is_folder(path) => {
            Some(((*path).to_owned(), unprefixed(&canonical(version).ok_or("a replacement by no possible version")?).to_owned()))
        }
        _ => return Err("a replacement by something else than a module with a version or a folder"),
    };
    Ok(Replacement { path: path.to_owned(), version, by })
}

fn replace(packages: &mut Vec<Package>, replacement: &Replacement) {
    let is_hit = |package: &Package| {
        package.name == replacement.path && replacement.version.as_ref().is_none_or(|version| package.version == *version)
    };
    match &replacement.by {
        None => packages.retain(|package| !is_hit(package)),
        Some((name, version)) => {
            for package in packages.iter_mut().filter(|package| is_hit(package)) {
                (package.name, package.version) = (name.clone(), version.clone());
            }
        }
    }
}

/// Whether this is a version of Go as the directive takes it: `1.21`, `1.21.3`, `1.21rc2`.
fn is_go_version(version: &str) -> bool {
    let is_number =
        |text: &str| text == "0" || !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    let end = version.find(|c: char| c.is_ascii_lowercase()).unwrap_or(version.len());
    let (numbers, label) = version.split_at(end);
    let parts: Vec<&str> = numbers.split('.').collect();
    let label_number = label.trim_start_matches(|c: char| c.is_ascii_lowercase());
    (2..=3).contains(&parts.len())
        && parts[0] != "0"
        && parts.iter().all(|part| is_number(part))
        && (label.is_empty() || !label_number.is_empty() && label_number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The numbers of a version of Go: the first two, and the third if it has one.
fn numbers(version: &str) -> Option<(u64, u64, Option<u64>)> {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    let mut parts = version[..end].split('.');
    let (first, second) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((first, second, parts.next().and_then(|third| third.parse().ok())))
}

/// Whether `go.mod` files of this version do not name all modules (<https://go.dev/ref/mod#go-mod-file-go>).
fn is_before_complete(version: &str) -> bool {
    numbers(version).is_some_and(|(first, second, _)| (first, second) < (1, 17))
}

/// The version as the reference asks for it: without a patch, which is the oldest that would do, the newest one.
pub(crate) fn with_patch(version: &str) -> String {
    match numbers(version) {
        Some((first, second, None)) => format!("{first}.{second}.99"),
        _ => version.to_owned(),
    }
}

/// Reads a `go.sum`: every module of which it has the content.
pub(super) fn read_sum(text: &[u8]) -> Found {
    let mut found = Found::default();
    for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let line = String::from_utf8_lossy(line);
        let mut words = line.split_ascii_whitespace();
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        if !version.ends_with("/go.mod") {
            found.push(package(Ecosystem::Go, name, unprefixed(version), u32::try_from(at + 1).ok()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Vec<String> {
        let found = read_mod(text.as_bytes());
        assert_eq!(found.broken, None, "{text}");
        let direct = |package: &Package| if package.direct == Some(true) { "" } else { " indirect" };
        found.packages.iter().map(|p| format!("{}@{}:{}{}", p.name, p.version, p.line.unwrap_or(0), direct(p))).collect()
    }

    #[test]
    fn what_is_required() {
        let text = "module m\ngo 1.20\nrequire (\n\ta.org/x v1.0 // indirect; for y\n\t\"b.org/y/v2\" v2.0.1\n)\n";
        assert_eq!(listed(text), ["a.org/x@1.0.0:4 indirect", "b.org/y/v2@2.0.1:5", "stdlib@1.20.99:2"]);
        assert_eq!(listed("module m\ngo 1.20\ntoolchain go1.22.1-x"), ["stdlib@1.22.1:3"]);
        assert_eq!(listed("module m\ntoolchain default"), ["stdlib@default:2"]);
        assert_eq!(listed("retract [v1.0.0, v1.1.0] // oops\nexclude a.org/x v1.0.0\ntool x.org/t"), [""; 0]);
    }

    #[test]
    fn what_is_replaced() {
        let with = |lines: &str| listed(&format!("require a.org/x v1.0.0\nreplace (\n{lines}\n)"));
        assert_eq!(with("a.org/x => ../x"), [""; 0]);
        assert_eq!(with("a.org/x => g.org/x v1.1.0\na.org/x v1.0.0 => s.org/x v1.2.0"), ["s.org/x@1.2.0:1"]);
        assert_eq!(with("a.org/x => b.org/x v1.1.0\nb.org/x => c.org/x v1.2.0"), ["c.org/x@1.2.0:1"]);
        assert_eq!(with("a.org/x v1.9.0 => b.org/x v1.1.0"), ["a.org/x@1.0.0:1"]);
    }

    #[test]
    fn a_fault_spoils_the_file() {
        for (text, line) in [
            ("module a\nrequire (\nx.org/a v1.0.0\n", 4),
            ("frob x", 1),
            ("module {}", 1),
            ("module exam\u{8}ple", 1),
            ("module a\nrequire x.org/a\u{200b} v1.0.0", 2),
            ("module a\nrequire x'.org/a v1.0.0", 2),
            ("module a\nrequire x\".org\"/a v1.0.0", 2),
            ("require x.org/c latest", 1),
            ("require x.org/d/v2 v1.0.0", 1),
            ("go 1.x", 1),
            ("go 1.20\ngo 1.21", 2),
            ("require x.org/a", 1),
            ("replace a.org/x => b.org/y", 1),
            ("replace a.org/x => ./y v1.0.0", 1),
            ("/* x */", 1),
            ("go (\n1.20\n)", 1),
        ] {
            let found = read_mod(text.as_bytes());
            assert_eq!(found.broken.as_ref().and_then(|broken| broken.line), Some(line), "{text}");
            assert!(found.packages.is_empty(), "{text}");
        }
    }

    #[test]
    fn an_old_file_wants_its_sums() {
        assert!(read_mod(b"go 1.16").wants_sum);
        assert!(!read_mod(b"go 1.17").wants_sum);
        let sum = read_sum(b"a.org/x v1.0.0 h1:abc=\na.org/x v1.0.0/go.mod h1:def=\nb.org/y v0.2.0/go.mod h1:x=\n");
        assert_eq!(sum.packages.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["a.org/x"]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(require|replace|go|module|toolchain|[ab/v0-9.=>()\"` \n-]){0,40}") {
            let _ = read_mod(text.as_bytes());
        }
    }
}
