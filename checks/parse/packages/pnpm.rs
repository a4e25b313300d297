//! `pnpm-lock.yaml` (<https://github.com/pnpm/spec/blob/master/lockfile/9.0.md>).

use std::sync::LazyLock;

use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};
use regex::Regex;

use super::yaml_lines::{self, Line};
use super::{Found, graph, package};
use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Scope};

static NAME_AT_VERSION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(.+)@([0-9A-Za-z_.-]+)(?:\(|$)").expect("the expression is tested"));

/// An entry below `packages` or `snapshots`.
struct Entry<'a> {
    key: &'a str,
    line: u32,
    name: &'a str,
    version: &'a str,
    is_dev: bool,
}

/// The entries of a part of the file, and what they ask for: the place of the entry, name and version.
#[derive(Default)]
struct Part<'a> {
    entries: Vec<Entry<'a>>,
    asks: Vec<(usize, &'a str, &'a str)>,
    /// The first line with a value of the wrong kind.
    wrong: Option<(u32, &'static str)>,
}

/// What is written in brackets, and says nothing of packages.
const IN_BRACKETS: [&str; 5] = ["resolution", "engines", "cpu", "os", "libc"];

/// Reads such a file.
pub(super) fn read(text: &[u8]) -> Found {
    let lines = match yaml_lines::read(text, &IN_BRACKETS) {
        Ok(lines) => lines,
        Err(unread) => return Found::broken(unread.line, unread.why),
    };
    let Some(version) = lines.iter().find(|line| line.depth == 0 && line.key == "lockfileVersion") else {
        return if lines.is_empty() { Found::default() } else { Found::broken(None, "has no lockfileVersion") };
    };
    let Ok(version) = version.value.parse::<f64>() else {
        return Found::broken(Some(version.number), "lockfileVersion is no number");
    };
    let is_new = version >= 9.0;
    let mut found = Found::default();
    let part = part(&lines, "packages");
    if let Some((line, why)) = part.wrong.or_else(|| twice(&lines)) {
        return Found::broken(Some(line), why);
    }
    let mut places = Places { by_key: HashMap::with_capacity(part.entries.len()), is_new };
    for entry in &part.entries {
        let (name, version) = match name_and_version(entry.key, is_new) {
            Ok(told) => told,
            Err(why) => {
                found.note(Some(entry.line), why);
                ("", "")
            }
        };
        let name = if entry.name.is_empty() { name } else { entry.name };
        let version = if entry.version.is_empty() { version } else { entry.version };
        if name.is_empty() || version.is_empty() {
            continue;
        }
        places.by_key.insert(entry.key, found.packages.len());
        let mut package = package(Ecosystem::Npm, name, version, Some(entry.line));
        if entry.is_dev {
            package.scope = Some(Scope::Development);
            package.groups = vec!["dev".into()];
        }
        found.push(package);
    }
    if !found.cut {
        bring(&lines, &part, &places, &mut found.packages);
    }
    found
}

/// Reads a part of the file.
fn part<'a>(lines: &'a [Line<'a>], name: &str) -> Part<'a> {
    let mut part = Part::default();
    let mut is_inside = false;
    let mut is_asking = false;
    for line in lines {
        match line.depth {
            0 => is_inside = line.key == name,
            _ if !is_inside => {}
            1 => {
                is_asking = false;
                if !is_mapping(&line.value) {
                    part.wrong.get_or_insert((line.number, "an entry is no mapping"));
                }
                part.entries.push(Entry { key: &line.key, line: line.number, name: "", version: "", is_dev: false });
            }
            2 => {
                is_asking = matches!(&*line.key, "dependencies" | "optionalDependencies");
                if let Some(entry) = part.entries.last_mut() {
                    match &*line.key {
                        "name" => entry.name = &line.value,
                        "version" => entry.version = &line.value,
                        "dev" => match truth(&line.value) {
                            Some(is_dev) => entry.is_dev = is_dev,
                            None => drop(part.wrong.get_or_insert((line.number, "dev is neither true nor false"))),
                        },
                        "resolution" if !is_mapping(&line.value) => {
                            part.wrong.get_or_insert((line.number, "resolution is no mapping"));
                        }
                        _ => {}
                    }
                }
            }
            3 if is_asking => part.asks.push((part.entries.len() - 1, &line.key, &line.value)),
            _ => {}
        }
    }
    part
}

/// Whether a value could be a mapping, or nothing.
fn is_mapping(value: &str) -> bool {
    matches!(value, "" | "null" | "~") || value.starts_with('{')
}

/// What Go's reader takes for true and false.
fn truth(value: &str) -> Option<bool> {
    match value {
        "true" | "True" | "TRUE" | "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "false" | "False" | "FALSE" | "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "" | "null" | "~" => Some(false),
        _ => None,
    }
}

/// The line of a key that its mapping has already, in the mappings that the reference reads.
fn twice(lines: &[Line<'_>]) -> Option<(u32, &'static str)> {
    let mut top: HashSet<&str> = HashSet::new();
    let mut entries: HashSet<&str> = HashSet::new();
    let mut fields: Vec<&str> = Vec::new();
    let mut is_inside = false;
    for line in lines {
        let key = &*line.key;
        let is_new = match line.depth {
            0 => {
                is_inside = key == "packages";
                top.insert(key)
            }
            1 if is_inside => {
                fields.clear();
                entries.insert(key)
            }
            2 if is_inside => {
                let is_new = fields.len() >= MOST_FIELDS || !fields.contains(&key);
                fields.push(key);
                is_new
            }
            _ => true,
        };
        if !is_new {
            return Some((line.number, "a key is there twice"));
        }
    }
    None
}

/// Among how many fields of an entry one is looked for that is there twice.
const MOST_FIELDS: usize = 64;

/// What a key says, by the rules of before version 9 or from it on.
fn name_and_version(key: &str, is_new: bool) -> Result<(&str, &str), &'static str> {
    if is_new {
        let scope = usize::from(key.starts_with('@'));
        let end = key[scope..].find('@').map_or(key.len(), |at| at + scope);
        return Ok((&key[..end], key[end..].strip_prefix('@').unwrap_or_default()));
    }
    let nothing = Ok(("", ""));
    if key.starts_with("file:") {
        return nothing;
    }
    let Some((_, rest)) = key.split_once('/') else { return Err("a key that is no path") };
    let part = |from: usize| rest[from..].find('/').map_or(rest.len(), |slash| from + slash);
    let mut end = part(0);
    if rest.starts_with('@') && end < rest.len() {
        end = part(end + 1);
    }
    let name = &rest[..end];
    let behind = if end < rest.len() { &rest[end + 1..part(end + 1)] } else { "" };
    let (name, version) = if behind.is_empty() {
        let told = NAME_AT_VERSION.captures(name).and_then(|told| told.get(1).zip(told.get(2)));
        told.map_or(("", ""), |(name, version)| (name.as_str(), version.as_str()))
    } else {
        (name, behind)
    };
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        return nothing;
    }
    Ok((name, version.split('_').next().unwrap_or_default()))
}

/// The places of packages by their keys.
struct Places<'a> {
    by_key: HashMap<&'a str, usize>,
    is_new: bool,
}

impl Places<'_> {
    /// The package that is meant by a name and a version; `key` is room to put keys together.
    fn find(&self, name: &str, version: &str, key: &mut String) -> Option<usize> {
        let version = version.split('(').next().unwrap_or_default();
        let mut at = |parts: [&str; 4]| {
            key.clear();
            parts.iter().for_each(|part| key.push_str(part));
            self.by_key.get(key.as_str()).copied()
        };
        let found = if self.is_new {
            at(["", name, "@", version])
        } else {
            at(["/", name, "@", version]).or_else(|| at(["/", name, "/", version]))
        };
        found.or_else(|| self.by_key.get(version).copied())
    }
}

/// Writes into the packages who brings them, and from version 9 on for what they are needed.
fn bring(lines: &[Line<'_>], packages_part: &Part<'_>, places: &Places<'_>, packages: &mut Vec<Package>) {
    let asked = asked(lines);
    if asked.is_empty() {
        return;
    }
    let snapshots = if places.is_new { part(lines, "snapshots") } else { Part::default() };
    let mut key = String::new();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for part in [packages_part, &snapshots] {
        for (entry, name, version) in &part.asks {
            let own = part.entries[*entry].key;
            let from = places.by_key.get(own).or_else(|| places.by_key.get(own.split('(').next().unwrap_or_default()));
            pairs.extend(from.and_then(|from| Some((*from, places.find(name, version, &mut key)?))));
        }
    }
    let (mut all, mut production) = (Vec::new(), Vec::new());
    for (part, name, version) in asked {
        let Some(place) = places.find(name, version, &mut key) else { continue };
        all.push(place);
        if part != "devDependencies" {
            production.push(place);
        }
    }
    graph::trace_projects(packages, pairs, all, places.is_new.then_some(production));
}

/// What the projects of the repository ask for: the part, the name, the version.
fn asked<'a>(lines: &'a [Line<'a>]) -> Vec<(&'a str, &'a str, &'a str)> {
    const PARTS: [&str; 3] = ["dependencies", "devDependencies", "optionalDependencies"];
    let mut asked = Vec::new();
    let (mut top, mut part, mut name) = ("", "", "");
    for line in lines {
        let depth = if top == "importers" { line.depth } else { line.depth + 2 };
        match (line.depth, depth) {
            (0, _) => {
                top = &line.key;
                part = if PARTS.contains(&top) { top } else { "" };
            }
            (_, 2) => part = if PARTS.contains(&&*line.key) { &line.key } else { "" },
            (_, 3) if !part.is_empty() && (top == "importers" || PARTS.contains(&top)) => {
                name = &line.key;
                if !line.value.is_empty() {
                    asked.push((part, name, &*line.value));
                }
            }
            (_, 4) if !part.is_empty() && line.key == "version" => asked.push((part, name, &*line.value)),
            _ => {}
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Vec<String> {
        let each = read(text.as_bytes()).packages.into_iter().map(|p| {
            let told = [
                p.direct.map(|is| if is { "direct" } else { "indirect" }),
                p.scope.map(|scope| if scope == Scope::Development { "dev" } else { "prod" }),
            ];
            format!("{}@{}:{} {}", p.name, p.version, p.line.unwrap_or(0), told.into_iter().flatten().collect::<Vec<_>>().join(" "))
        });
        each.collect()
    }

    #[test]
    fn the_form_of_version_9() {
        let text = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      a:\n        specifier: ^1\n        version: 1.0.0(b@2.0.0)\n    devDependencies:\n      '@s/d':\n        specifier: ^1\n        version: 1.0.0\n\npackages:\n\n  '@s/d@1.0.0':\n    resolution: {integrity: x}\n\n  a@1.0.0:\n    resolution: {integrity: x}\n\n  b@2.0.0:\n    resolution: {integrity: x}\n\n  t@https://x.org/t.tgz:\n    resolution: {tarball: https://x.org/t.tgz}\n    version: 3.0.0\n\nsnapshots:\n\n  '@s/d@1.0.0':\n    dependencies:\n      t: https://x.org/t.tgz\n\n  a@1.0.0(b@2.0.0):\n    dependencies:\n      b: 2.0.0\n";
        assert_eq!(
            listed(text),
            ["@s/d@1.0.0:17 direct dev", "a@1.0.0:20 direct prod", "b@2.0.0:23 indirect prod", "t@3.0.0:26 indirect dev"]
        );
    }

    #[test]
    fn older_forms() {
        let with = |version: &str, keys: &[&str]| {
            let keys: String = keys.iter().map(|key| format!("  {key}:\n    resolution: {{integrity: x}}\n")).collect();
            listed(&format!("lockfileVersion: {version}\npackages:\n{keys}"))
        };
        assert_eq!(
            with("5.4", &["/a/1.0.0", "/@s/b/2.0.0_a@1.0.0", "x.org/c/3.0.0", "/d/main"]),
            ["a@1.0.0:3 ", "@s/b@2.0.0:5 ", "c@3.0.0:7 "]
        );
        assert_eq!(
            with("'6.0'", &["/a@1.0.3", "/@s/b@2.0.0(a@1.0.3)(c@3.0.0)", "/d@4.0.0_e@1.0.0"]),
            ["a@1.0.3:3 ", "@s/b@2.0.0:5 ", "d@4.0.0_e@1.0.0:7 "]
        );
    }

    #[test]
    fn an_entry_may_have_nothing_in_it() {
        let text = "lockfileVersion: '9.0'\n\npackages:\n\n  a@1.0.0: {}\n\n  b@2.0.0: {version: 3.0.0}\n\n  c@1.0.0:\n    resolution: {integrity: x}\n";
        assert_eq!(listed(text), ["a@1.0.0:5 ", "b@3.0.0:7 ", "c@1.0.0:9 "]);
    }

    #[test]
    fn faults() {
        let found = read(b"lockfileVersion: 5.4\npackages:\n  noslash:\n    a: b\n  /good/1.0.0:\n    a: b\n");
        assert_eq!((found.packages.len(), found.broken.and_then(|broken| broken.line)), (1, Some(3)));
        for (entries, line) in [
            ("  /a/1.0.0: {}\n  /b/1.0.0: x\n", Some(4)),
            ("  /a/1.0.0: {}\n  /a/1.0.0: {}\n", Some(4)),
            ("  /a/1.0.0:\n    cpu: [x]\n    cpu: [y]\n", Some(5)),
            ("  /a/1.0.0:\n    resolution: x\n", Some(4)),
            ("  /a/1.0.0:\n    dev: 0\n", Some(4)),
            ("packages:\n", Some(3)),
            ("  /a/1.0.0:\n    dev: no\n    engines: 3\n    dependencies:\n      a: 1\n      a: 1\n", None),
        ] {
            let found = read(format!("\u{feff}lockfileVersion: 5.4\npackages:\n{entries}").as_bytes());
            assert_eq!(found.broken.and_then(|broken| broken.line), line, "{entries}");
        }
        for text in ["packages:\n  /a/1.0.0:\n    a: b\n", "lockfileVersion: latest\n", "a:\n\tb: 1"] {
            assert!(read(text.as_bytes()).broken.is_some(), "{text}");
        }
        assert!(read(b"").broken.is_none());
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(text in proptest::collection::vec(proptest::num::u8::ANY, 0..64), key in "[a@/()_0-9.]{0,12}") {
            let _ = read(&text);
            let _ = read(format!("lockfileVersion: 6\npackages:\n  '{key}':\n    a: b\n").as_bytes());
        }
    }
}
