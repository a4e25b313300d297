//! `pnpm-lock.yaml` (<https://github.com/pnpm/spec/blob/master/lockfile/9.0.md>).

use std::sync::LazyLock;

use foldhash::{HashMap, HashMapExt as _, HashSet};
use regex::Regex;

use super::yaml_lines::{self, Line};
use super::{Found, MOST, graph, package};
use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Scope};

static NAME_AT_VERSION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(.+)@([0-9A-Za-z_.-]+)(?:\(|$)").expect("the expression is tested"));

/// What the file says.
#[derive(Default)]
struct Lock<'a> {
    /// The last key at the left.
    top: &'a str,
    tops: HashSet<&'a str>,
    version: Option<(&'a str, u32)>,
    packages: Part<'a>,
    snapshots: Part<'a>,
    projects: Projects<'a>,
    /// The first line with a value of the wrong kind.
    wrong: Option<(u32, &'static str)>,
    /// The first line with a key that its mapping has already, in the mappings that the reference reads.
    twice: Option<u32>,
}

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
    is_asking: bool,
    /// The keys of the last entry, as far as one is looked for that is there twice.
    fields: Vec<&'a str>,
}

/// What is written in brackets, and says nothing of packages.
const IN_BRACKETS: [&str; 5] = ["resolution", "engines", "cpu", "os", "libc"];

/// Reads such a file.
pub(super) fn read(text: &[u8]) -> Found {
    let mut lock = Lock::default();
    let regular = std::str::from_utf8(text).ok().and_then(|text| yaml_lines::regular(text, &IN_BRACKETS, |line| lock.take(line)));
    if regular.is_some() {
        return found(&lock);
    }
    match yaml_lines::whole(text) {
        Ok(lines) => {
            let mut lock = Lock::default();
            lines.iter().for_each(|line| lock.take(line));
            found(&lock)
        }
        Err(unread) => Found::broken(unread.line, unread.why),
    }
}

impl<'a> Lock<'a> {
    fn take(&mut self, line: Line<'a>) {
        if line.depth == 0 {
            self.top = line.key;
            if !self.tops.insert(line.key) {
                self.twice.get_or_insert(line.number);
            }
            if line.key == "lockfileVersion" {
                self.version.get_or_insert((line.value, line.number));
            }
            self.projects.take(self.top, line);
            return;
        }
        match self.top {
            "packages" => self.package(line),
            "snapshots" => self.snapshots.take(line),
            _ => self.projects.take(self.top, line),
        }
    }

    fn package(&mut self, line: Line<'a>) {
        self.packages.take(line);
        let Some(entry) = self.packages.entries.last_mut() else { return };
        let wrong = match (line.depth, line.key) {
            (1, _) if !is_mapping(line.value) => Some("an entry is no mapping"),
            (2, "dev") => match truth(line.value) {
                Some(is_dev) => {
                    entry.is_dev = is_dev;
                    None
                }
                None => Some("dev is neither true nor false"),
            },
            (2, "resolution") if !is_mapping(line.value) => Some("resolution is no mapping"),
            _ => None,
        };
        self.wrong = self.wrong.or(wrong.map(|why| (line.number, why)));
        match line.depth {
            1 => self.packages.fields.clear(),
            2 => {
                let fields = &mut self.packages.fields;
                if fields.len() < MOST_FIELDS && fields.contains(&line.key) {
                    self.twice.get_or_insert(line.number);
                }
                fields.push(line.key);
            }
            _ => {}
        }
    }
}

impl<'a> Part<'a> {
    fn take(&mut self, line: Line<'a>) {
        match (line.depth, self.entries.last_mut()) {
            (1, _) => {
                self.is_asking = false;
                self.entries.push(Entry { key: line.key, line: line.number, name: "", version: "", is_dev: false });
            }
            (2, Some(entry)) => {
                self.is_asking = matches!(line.key, "dependencies" | "optionalDependencies");
                match line.key {
                    "name" => entry.name = line.value,
                    "version" => entry.version = line.value,
                    _ => {}
                }
            }
            (3, Some(_)) if self.is_asking => self.asks.push((self.entries.len() - 1, line.key, line.value)),
            _ => {}
        }
    }
}

fn found(lock: &Lock<'_>) -> Found {
    let Some((version, line)) = lock.version else {
        return if lock.tops.is_empty() { Found::default() } else { Found::broken(None, "has no lockfileVersion") };
    };
    let Ok(version) = version.parse::<f64>() else {
        return Found::broken(Some(line), "lockfileVersion is no number");
    };
    let is_new = version >= 9.0;
    let mut found = Found::default();
    if let Some((line, why)) = lock.wrong {
        return Found::broken(Some(line), why);
    }
    let entries = &lock.packages.entries;
    let mut places = Places { by_key: HashMap::with_capacity(entries.len()), is_new };
    let mut twice = lock.twice;
    found.packages.reserve(entries.len().min(MOST) + 1);
    for entry in entries {
        let (name, version) = match name_and_version(entry.key, is_new) {
            Ok(told) => told,
            Err(why) => {
                found.note(Some(entry.line), why);
                ("", "")
            }
        };
        let name = if entry.name.is_empty() { name } else { entry.name };
        let version = if entry.version.is_empty() { version } else { entry.version };
        let is_package = !name.is_empty() && !version.is_empty();
        if places.by_key.insert(entry.key, is_package.then_some(found.packages.len())).is_some() {
            twice = Some(twice.map_or(entry.line, |line| line.min(entry.line)));
        }
        if !is_package {
            continue;
        }
        let mut package = package(Ecosystem::Npm, name, version, Some(entry.line));
        if entry.is_dev {
            package.scope = Some(Scope::Development);
            package.groups = vec!["dev".into()];
        }
        found.push(package);
    }
    if let Some(line) = twice {
        return Found::broken(Some(line), "a key is there twice");
    }
    if !found.cut {
        bring(lock, &places, &mut found.packages);
    }
    found
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

/// Among how many fields of an entry one is looked for that is there twice.
const MOST_FIELDS: usize = 64;

/// What a key says, by the rules of before version 9 or from it on.
fn name_and_version(key: &str, is_new: bool) -> Result<(&str, &str), &'static str> {
    if is_new {
        let scope = usize::from(key.starts_with('@'));
        let end = memchr::memchr(b'@', &key.as_bytes()[scope..]).map_or(key.len(), |at| at + scope);
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

/// The places of packages by the keys of all entries; an entry may have none.
struct Places<'a> {
    by_key: HashMap<&'a str, Option<usize>>,
    is_new: bool,
}

impl Places<'_> {
    fn at(&self, key: &str) -> Option<usize> {
        self.by_key.get(key).copied().flatten()
    }

    /// The package that is meant by a name and a version; `key` is room to put keys together.
    fn find(&self, name: &str, version: &str, key: &mut String) -> Option<usize> {
        let version = without_peers(version);
        let mut together = |parts: &[&str]| {
            key.clear();
            parts.iter().for_each(|part| key.push_str(part));
            self.at(key)
        };
        let found = if self.is_new {
            together(&[name, "@", version])
        } else {
            together(&["/", name, "@", version]).or_else(|| together(&["/", name, "/", version]))
        };
        found.or_else(|| self.at(version))
    }
}

/// A version or a key without what it was resolved with.
fn without_peers(text: &str) -> &str {
    memchr::memchr(b'(', text.as_bytes()).map_or(text, |end| &text[..end])
}

/// Writes into the packages who brings them, and from version 9 on for what they are needed.
fn bring(lock: &Lock<'_>, places: &Places<'_>, packages: &mut Vec<Package>) {
    let asked = &lock.projects.asked;
    if asked.is_empty() {
        return;
    }
    let parts = [Some(&lock.packages), Some(&lock.snapshots).filter(|_| places.is_new)];
    let mut key = String::new();
    let mut pairs: Vec<(usize, usize)> = Vec::with_capacity(parts.iter().flatten().map(|part| part.asks.len()).sum());
    for part in parts.into_iter().flatten() {
        for (entry, name, version) in &part.asks {
            let own = part.entries[*entry].key;
            let from = places.at(own).or_else(|| places.at(without_peers(own)));
            pairs.extend(from.and_then(|from| Some((from, places.find(name, version, &mut key)?))));
        }
    }
    let (mut all, mut production) = (Vec::new(), Vec::new());
    for (part, name, version) in asked {
        let Some(place) = places.find(name, version, &mut key) else { continue };
        all.push(place);
        if *part != "devDependencies" {
            production.push(place);
        }
    }
    graph::trace_projects(packages, pairs, all, places.is_new.then_some(production));
}

/// What the projects of the repository ask for: the part, the name, the version.
#[derive(Default)]
struct Projects<'a> {
    asked: Vec<(&'a str, &'a str, &'a str)>,
    part: &'a str,
    name: &'a str,
}

impl<'a> Projects<'a> {
    /// Takes a line below `importers`, or of a single project, whose parts stand at the left.
    fn take(&mut self, top: &str, line: Line<'a>) {
        const PARTS: [&str; 3] = ["dependencies", "devDependencies", "optionalDependencies"];
        let depth = if top == "importers" { line.depth } else { line.depth + 2 };
        let part_of = |line: Line<'a>| if PARTS.contains(&line.key) { line.key } else { "" };
        match (line.depth, depth) {
            (0, _) | (_, 2) => self.part = part_of(line),
            (_, 3) if !self.part.is_empty() && (top == "importers" || PARTS.contains(&top)) => {
                self.name = line.key;
                if !line.value.is_empty() {
                    self.asked.push((self.part, line.key, line.value));
                }
            }
            (_, 4) if !self.part.is_empty() && line.key == "version" => self.asked.push((self.part, self.name, line.value)),
            _ => {}
        }
    }
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
