//! `Cargo.lock` (<https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html>).

mod regular;

use std::borrow::Cow;
use std::ops::Range;

use foldhash::{HashMap, HashMapExt as _};

use super::super::toml::{Value, parse};
use super::graph::{self, Edges};
use super::{Found, MOST, package};
use crate::ecosystem::Ecosystem;
use crate::evidence::Unread;

/// Reads the file. The reference asks about every package in it, also the repository's own.
pub(super) fn read(text: &[u8]) -> Found {
    let regular = std::str::from_utf8(text).ok().and_then(regular::read);
    match regular {
        Some(lock) => found(&lock),
        None => any(text).unwrap_or_else(|Unread { line, why }| Found::broken(line, why)),
    }
}

/// What the file says.
#[derive(Debug, Default, PartialEq)]
struct Lock<'a> {
    packages: Vec<Locked<'a>>,
    /// What they ask for: names, with versions where a name does not tell.
    asked: Vec<Cow<'a, str>>,
}

#[derive(Debug, PartialEq)]
struct Locked<'a> {
    line: u32,
    name: Cow<'a, str>,
    version: Cow<'a, str>,
    /// It does not come from elsewhere.
    is_own: bool,
    asked: Range<usize>,
}

/// Reads the file however it is written.
fn any(text: &[u8]) -> Result<Found, Unread> {
    let table = parse(text, &["metadata", "checksum"])?;
    if table.get("version").is_some_and(|version| *version != Value::Integer) {
        return Err(table.wrong("version", "a number"));
    }
    let mut lock = Lock::default();
    for table in table.tables("package")? {
        let begin = lock.asked.len();
        lock.asked.extend(table.list("dependencies")?.iter().filter_map(|asked| match asked {
            Value::Text(asked) => Some(Cow::Borrowed(&**asked)),
            _ => None,
        }));
        lock.packages.push(Locked {
            line: table.line,
            name: table.text("name")?.unwrap_or_default().into(),
            version: table.text("version")?.unwrap_or_default().into(),
            is_own: table.text("source")?.is_none(),
            asked: begin..lock.asked.len(),
        });
    }
    Ok(found(&lock))
}

fn found(lock: &Lock<'_>) -> Found {
    let count = lock.packages.len();
    let mut found = Found::default();
    found.packages.reserve(count.min(MOST));
    // The first package of each name, and of each name and version.
    let mut by_name: HashMap<&str, usize> = HashMap::with_capacity(count);
    let mut by_version: HashMap<(&str, &str), usize> = HashMap::with_capacity(count);
    let mut own: Vec<usize> = Vec::new();
    for (at, locked) in lock.packages.iter().enumerate() {
        let (name, version) = (&*locked.name, &*locked.version);
        by_name.entry(name).or_insert(at);
        by_version.entry((name, version)).or_insert(at);
        if locked.is_own {
            own.push(at);
        }
        found.push(package(Ecosystem::CratesIo, name, version, Some(locked.line)));
        if found.cut {
            return found;
        }
    }
    let place = |wanted: &Cow<'_, str>| {
        let Some(end) = memchr::memchr(b' ', wanted.as_bytes()) else { return by_name.get(&**wanted).copied() };
        let (name, version) = (&wanted[..end], wanted[end + 1..].split(' ').next().unwrap_or_default());
        by_version.get(&(name, version)).copied()
    };
    let mut pairs: Vec<(usize, usize)> = Vec::with_capacity(lock.asked.len());
    for (from, locked) in lock.packages.iter().enumerate() {
        pairs.extend(lock.asked[locked.asked.clone()].iter().filter_map(|asked| Some((from, place(asked)?))));
    }
    let edges = Edges::of(count, &pairs);
    graph::trace(&mut found.packages, &own, &edges);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Vec<(String, Option<bool>, Option<u32>)> {
        let found = read(text.as_bytes());
        found.packages.iter().map(|p| (format!("{}@{}:{}", p.name, p.version, p.line.unwrap_or(0)), p.direct, p.parent)).collect()
    }

    #[test]
    fn who_brings_whom() {
        let text = "version = 4\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\ndependencies = [\n \"a\",\n \"c 2.0.0\",\n]\n\n\
            [[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\ndependencies = [\"c 1.0.0 (registry+x)\"]\n\n\
            [[package]]\nname = \"c\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\n\n\
            [[package]]\nname = \"c\"\nversion = \"2.0.0\"\nsource = \"git+https://x\"\n";
        let want = [
            ("own@0.1.0:3", Some(true), None),
            ("a@1.0.0:11", Some(true), None),
            ("c@1.0.0:17", Some(false), Some(1)),
            ("c@2.0.0:22", Some(true), None),
        ];
        assert_eq!(listed(text), want.map(|(text, direct, parent)| (text.to_owned(), direct, parent)));
    }

    #[test]
    fn wrong_types_spoil_the_file() {
        for text in [
            "version = \"3\"",
            "[[package]]\nname = 1",
            "[package]\nname = \"a\"",
            "package = \"x\"",
            "[[package]]\nname = \"a\"\ndependencies = 1",
        ] {
            let found = read(text.as_bytes());
            assert!(found.broken.is_some() && found.packages.is_empty(), "{text}");
        }
        assert_eq!(listed("\u{feff}[[package]]\nname = \"a\"\nversion = \"1\"").len(), 1);
    }

    /// A package as Cargo writes it.
    const PACKAGE: &str = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\nchecksum = \"00\"\n\
        dependencies = [\n \"b\",\n \"c 2.0.0\",\n]\n";

    #[test]
    fn what_cargo_writes_is_read_by_lines() {
        let text = format!("# by Cargo\nversion = 4\n\n{PACKAGE}\n[[package]]\nname = \"b\"\nversion = \"1\"\n");
        assert_eq!(regular::read(&text).map(|lock| lock.packages.len()), Some(2));
        for (from, to) in [
            ("version = 4", "version = \"4\""),
            ("version = 4", "version = 4\nversion = 4"),
            ("name = \"b\"\n", ""),
            ("name = \"b\"", "name = \"\\u0062\""),
            ("name = \"b\"", "name = \"b\" # x"),
            ("checksum = \"00\"\n", "checksum = \"00\"\nchecksum = \"00\"\n"),
            (" \"b\",", " 1,"),
            (" \"b\",", "\t\"b\","),
            ("]\n\n", ""),
            ("\n\n[[package]]\nname = \"b\"", "\n\n[metadata]\nname = \"b\""),
            ("\n", "\r\n"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert!(changed != text && regular::read(&changed).is_none(), "{changed}");
        }
    }

    proptest::proptest! {
        #[test]
        fn it_is_the_same_by_lines(lines in proptest::collection::vec((0_usize..9, 0_usize..14), 0..4), tail in 0_usize..40) {
            let all = ["version = 4", "", "# x", "x = 1", "[metadata]", "]", "name = \"\"", "source = \"\"", "\"a\" = \"b\"", " \"a\",", "dependencies = []", "a\"", "[[package]]", "name = \"\"\""];
            let mut text: Vec<&str> = PACKAGE.lines().chain([""]).chain(PACKAGE.lines()).collect();
            for (at, line) in lines {
                text.insert(at * 2 % (text.len() + 1), all[line]);
            }
            let text = text.join("\n");
            let text = &text[..text.len() - tail.min(text.len())];
            if let Some(lock) = regular::read(text) {
                let (by_lines, whole) = (found(&lock), any(text.as_bytes()).map(|found| found.packages));
                proptest::prop_assert_eq!(Ok(by_lines.packages), whole);
            }
        }
    }
}
