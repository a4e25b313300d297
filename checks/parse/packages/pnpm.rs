//! `pnpm-lock.yaml` (<https://github.com/pnpm/spec/blob/master/lockfile/9.0.md>).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::yaml_lines::{self, Line};
use super::{Found, graph, package};
use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Scope};

static NAME_AT_VERSION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^(.+)@([\w.-]+)(?:\(|$)").expect("the expression is tested"));

/// An entry below `packages` or `snapshots`, and what it asks for: name and version.
struct Entry<'a> {
    key: &'a str,
    line: u32,
    name: &'a str,
    version: &'a str,
    is_dev: bool,
    asks: Vec<(&'a str, &'a str)>,
}

/// Reads such a file.
pub(super) fn read(text: &[u8]) -> Found {
    let lines = match yaml_lines::read(text) {
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
    let entries = entries(&lines, "packages");
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(entries.len());
    for entry in &entries {
        let (name, version) = match name_and_version(entry.key, is_new) {
            Ok(told) => told,
            Err(why) => {
                found.note(Some(entry.line), why);
                (String::new(), String::new())
            }
        };
        let name = if entry.name.is_empty() { name } else { entry.name.to_owned() };
        let version = if entry.version.is_empty() { version } else { entry.version.to_owned() };
        if name.is_empty() || version.is_empty() {
            continue;
        }
        places.insert(entry.key, found.packages.len());
        let mut package = package(Ecosystem::Npm, name, version, Some(entry.line));
        if entry.is_dev {
            package.scope = Some(Scope::Development);
            package.groups = vec!["dev".to_owned()];
        }
        found.push(package);
    }
    if !found.cut {
        bring(&lines, &entries, &places, is_new, &mut found.packages);
    }
    found
}

/// The entries of a part of the file.
fn entries<'a>(lines: &'a [Line<'a>], part: &str) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut is_inside = false;
    let mut is_asking = false;
    for line in lines {
        match line.depth {
            0 => is_inside = line.key == part,
            _ if !is_inside => {}
            1 => {
                is_asking = false;
                entries.push(Entry { key: &line.key, line: line.number, name: "", version: "", is_dev: false, asks: Vec::new() });
            }
            2 => {
                is_asking = matches!(&*line.key, "dependencies" | "optionalDependencies");
                if let Some(entry) = entries.last_mut() {
                    match &*line.key {
                        "name" => entry.name = &line.value,
                        "version" => entry.version = &line.value,
                        "dev" => entry.is_dev = line.value == "true",
                        _ => {}
                    }
                }
            }
            3 if is_asking => entries.last_mut().into_iter().for_each(|entry| entry.asks.push((&line.key, &line.value))),
            _ => {}
        }
    }
    entries
}

/// What a key says, by the rules of before version 9 or from it on.
fn name_and_version(key: &str, is_new: bool) -> Result<(String, String), &'static str> {
    if is_new {
        let (scope, rest) = key.strip_prefix('@').map_or(("", key), |rest| ("@", rest));
        let (name, version) = rest.split_once('@').unwrap_or((rest, ""));
        return Ok((format!("{scope}{name}"), version.to_owned()));
    }
    let nothing = || Ok((String::new(), String::new()));
    if key.starts_with("file:") {
        return nothing();
    }
    let mut parts = key.split('/').skip(1);
    let Some(first) = parts.next() else { return Err("a key that is no path") };
    let name = match parts.next().filter(|_| first.starts_with('@')) {
        Some(second) => format!("{first}/{second}"),
        None => {
            parts = key.split('/').skip(2);
            first.to_owned()
        }
    };
    let (name, version) = match parts.next().filter(|version| !version.is_empty()) {
        Some(version) => (name, version.to_owned()),
        None => match NAME_AT_VERSION.captures(&name) {
            Some(told) => (told[1].to_owned(), told[2].to_owned()),
            None => return nothing(),
        },
    };
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        return nothing();
    }
    Ok((name, version.split('_').next().unwrap_or_default().to_owned()))
}

/// Writes into the packages who brings them, and from version 9 on for what they are needed.
fn bring(lines: &[Line<'_>], entries: &[Entry<'_>], places: &HashMap<&str, usize>, is_new: bool, packages: &mut Vec<Package>) {
    let place = |name: &str, version: &str| {
        let version = version.split('(').next().unwrap_or_default();
        let at = |key: &str| places.get(key).copied();
        if is_new {
            return at(&format!("{name}@{version}")).or_else(|| at(version));
        }
        at(&format!("/{name}@{version}")).or_else(|| at(&format!("/{name}/{version}"))).or_else(|| at(version))
    };
    let mut edges: Vec<Vec<usize>> = vec![Vec::new(); packages.len()];
    let snapshots = if is_new { self::entries(lines, "snapshots") } else { Vec::new() };
    for entry in entries.iter().chain(&snapshots) {
        let key = entry.key.split('(').next().unwrap_or_default();
        if let Some(from) = places.get(entry.key).or_else(|| places.get(key)) {
            edges[*from].extend(entry.asks.iter().filter_map(|(name, version)| place(name, version)));
        }
    }
    let asked = asked(lines);
    if asked.is_empty() {
        return;
    }
    let all: Vec<usize> = asked.iter().filter_map(|(_, name, version)| place(name, version)).collect();
    if is_new {
        let of_production =
            asked.iter().filter(|(part, _, _)| *part != "devDependencies").filter_map(|(_, name, version)| place(name, version));
        let mut reached: HashSet<usize> = of_production.collect();
        let mut front: Vec<usize> = reached.iter().copied().collect();
        while let Some(from) = front.pop() {
            front.extend(edges[from].iter().copied().filter(|to| reached.insert(*to)));
        }
        for (at, package) in packages.iter_mut().enumerate() {
            package.scope = Some(if reached.contains(&at) { Scope::Production } else { Scope::Development });
        }
    }
    // The projects of the repository as one more package, which is taken away again.
    let count = packages.len();
    packages.push(Package::default());
    edges.push(all);
    graph::trace(packages, &[count], &edges);
    packages.truncate(count);
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
    fn faults() {
        let found = read(b"lockfileVersion: 5.4\npackages:\n  noslash:\n    a: b\n  /good/1.0.0:\n    a: b\n");
        assert_eq!((found.packages.len(), found.broken.and_then(|broken| broken.line)), (1, Some(3)));
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
