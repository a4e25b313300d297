//! `Cargo.lock` (<https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html>).

use foldhash::{HashMap, HashMapExt as _};

use super::super::toml::{Value, parse};
use super::graph::{self, Edges};
use super::{Found, package};
use crate::ecosystem::Ecosystem;
use crate::evidence::Unread;

/// Reads the file. The reference asks about every package in it, also the repository's own.
pub(super) fn read(text: &[u8]) -> Found {
    found(text).unwrap_or_else(|Unread { line, why }| Found::broken(line, why))
}

fn found(text: &[u8]) -> Result<Found, Unread> {
    let table = parse(text, &["metadata", "checksum"])?;
    if table.get("version").is_some_and(|version| *version != Value::Integer) {
        return Err(table.wrong("version", "a number"));
    }
    let tables = table.tables("package")?;
    let mut found = Found::default();
    // The first package of each name, and of each name and version.
    let mut by_name: HashMap<&str, usize> = HashMap::with_capacity(tables.len());
    let mut by_version: HashMap<(&str, &str), usize> = HashMap::with_capacity(tables.len());
    let (mut asked, mut own): (Vec<&[Value<'_>]>, Vec<usize>) = (Vec::with_capacity(tables.len()), Vec::new());
    for table in tables {
        let (name, version) = (table.text("name")?.unwrap_or_default(), table.text("version")?.unwrap_or_default());
        let at = found.packages.len();
        by_name.entry(name).or_insert(at);
        by_version.entry((name, version)).or_insert(at);
        asked.push(table.list("dependencies")?);
        if table.text("source")?.is_none() {
            own.push(at);
        }
        found.push(package(Ecosystem::CratesIo, name, version, Some(table.line)));
        if found.cut {
            return Ok(found);
        }
    }
    let place = |wanted: &Value<'_>| {
        let Value::Text(wanted) = wanted else { return None };
        let Some(end) = memchr::memchr(b' ', wanted.as_bytes()) else { return by_name.get(&**wanted).copied() };
        let (name, version) = (&wanted[..end], wanted[end + 1..].split(' ').next().unwrap_or_default());
        by_version.get(&(name, version)).copied()
    };
    let pairs = asked.iter().enumerate().flat_map(|(from, asked)| asked.iter().filter_map(place).map(move |to| (from, to)));
    let edges = Edges::of(found.packages.len(), &pairs.collect::<Vec<_>>());
    graph::trace(&mut found.packages, &own, &edges);
    Ok(found)
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
}
