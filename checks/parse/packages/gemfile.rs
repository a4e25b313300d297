//! `Gemfile.lock`, what Bundler locks: <https://bundler.io/guides/rationale.html>.
//!
//! Sections begin at the start of a line; in those of sources, four blanks stand before what is locked and six before
//! what that asks for.

use std::collections::HashMap;

use super::graph::{self, Edges};
use super::lines::{TOO_LONG, lines};
use super::{Found, package};
use crate::ecosystem::Ecosystem;

/// Where a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    /// No section has begun.
    None,
    /// What comes from a place.
    Source,
    /// What the repository itself asks for.
    Dependencies,
    Other,
}

/// Reads the file. The repository's own gems are among those that the reference asks about.
pub(super) fn read(text: &[u8]) -> Found {
    let (mut found, mut all, mut section) = (Found::default(), lines(text), Section::None);
    let (mut asked, mut direct): (Vec<(usize, String)>, Vec<String>) = (Vec::new(), Vec::new());
    // What a line of six blanks belongs to.
    let mut under = None;
    for (number, line) in all.by_ref() {
        let line = String::from_utf8_lossy(line);
        let rest = line.trim_start_matches(' ');
        match (line.len() - rest.len(), section) {
            (0, _) if line.is_empty() => {}
            (0, _) => {
                section = match rest {
                    "GEM" | "GIT" | "PATH" | "PLUGIN SOURCE" => Section::Source,
                    "DEPENDENCIES" => Section::Dependencies,
                    _ => Section::Other,
                };
                under = None;
            }
            (4, Section::None) => return Found::broken(Some(number), "a gem before any section"),
            (2, Section::None) if rest.starts_with("revision: ") => return Found::broken(Some(number), "a revision before any section"),
            (4, Section::Source) => {
                under = None;
                let Some((name, version)) = spec(rest) else { continue };
                under = Some(found.packages.len());
                found.push(package(Ecosystem::RubyGems, name, version, Some(number)));
                if found.cut {
                    break;
                }
            }
            (6, Section::Source) => asked.extend(under.map(|under| (under, name(rest).to_owned()))),
            (2, Section::Dependencies) => direct.push(name(rest).to_owned()),
            _ => {}
        }
    }
    if let Some(line) = all.too_long {
        found.note(Some(line), TOO_LONG);
    }
    connect(&mut found, &asked, &direct);
    found
}

/// The name and the version of `name (version-platform)`, without the platform.
fn spec(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_suffix('!').unwrap_or(text).strip_suffix(')')?;
    let (name, version) = inner.split_once(" (")?;
    let version = version.split('-').next()?;
    (!name.is_empty() && !version.is_empty()).then_some((name, version))
}

/// The name of what is asked for: `name`, `name (>= 1)`, `name!`.
fn name(text: &str) -> &str {
    text.split([' ', '!']).next().unwrap_or_default()
}

fn connect(found: &mut Found, asked: &[(usize, String)], direct: &[String]) {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, package) in found.packages.iter().enumerate() {
        by_name.entry(&package.name).or_default().push(at);
    }
    let mut pairs = Vec::new();
    for (from, name) in asked {
        if let Some(first) = by_name.get(name.as_str()).and_then(|places| places.first()) {
            pairs.push((*from, *first));
        }
    }
    let edges = Edges::of(found.packages.len(), &pairs);
    // One gem for several platforms is as direct as for one.
    let direct: Vec<usize> = direct.iter().filter_map(|name| by_name.remove(name.as_str())).flatten().collect();
    if !direct.is_empty() {
        graph::trace_from(&mut found.packages, &direct, &edges);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let found = read(text.as_bytes());
        let parent = |package: &crate::evidence::Package| package.parent.map(|parent| found.packages[parent as usize].name.clone());
        let direct = |direct: Option<bool>| direct.map_or("?", |direct| if direct { "direct" } else { "transitive" });
        found
            .packages
            .iter()
            .map(|package| {
                let (line, parent) = (package.line.unwrap_or_default(), parent(package).unwrap_or_default());
                format!("{}@{}:{line} {} {parent}", package.name, package.version, direct(package.direct)).trim_end().to_owned()
            })
            .collect()
    }

    /// In the form that Bundler writes.
    #[test]
    fn a_lock() {
        let text = "GIT
  remote: https://github.com/acme/viagit.git
  revision: 0a1b2c3d4e5f60718293a4b5c6d7e8f901234567
  specs:
    viagit (0.9)

PATH
  remote: .
  specs:
    own (1.0.0)
      rack (~> 3)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.15.4)
      racc (~> 1.4)
    nokogiri (1.15.4-x86_64-linux)
      racc (~> 1.4)
    racc (1.7.1)
    rack (3.0.8)
    odd
    empty ()

PLATFORMS
    ruby (1.0)

DEPENDENCIES
  nokogiri (>= 1.15)
  own!
  viagit!

BUNDLED WITH
   2.4.19
";
        let want = [
            "viagit@0.9:5 direct",
            "own@1.0.0:10 direct",
            "nokogiri@1.15.4:16 direct",
            "nokogiri@1.15.4:18 direct",
            "racc@1.7.1:20 transitive nokogiri",
            "rack@3.0.8:21 transitive own",
        ];
        assert_eq!(shown(text), want);
        assert_eq!(shown(&text.replace('\n', "\r\n")), want);
    }

    #[test]
    fn what_does_not_count() {
        assert_eq!(shown("<<<<<<< HEAD\n    a (1)\nGEM\n  specs:\n    b (1)\n"), ["b@1:5 ?"]);
        assert_eq!(shown("\u{feff}GEM\n  specs:\n    a (1)\n"), [""; 0]);
        assert_eq!(shown("GEM \n    a (1)\n"), [""; 0]);
        assert!(read(b"    a (1)\nGEM\n    b (1)\n").broken.is_some_and(|broken| broken.line == Some(1)));
        assert!(read(b"  revision: x\nGEM\n    b (1)\n").broken.is_some());
        assert!(read(b"  specs:\nGEM\n    b (1)\n").broken.is_none());
        let long = read(format!("GEM\n    a (1)\n{}\n    b (1)\n", "x".repeat(1 << 16)).as_bytes());
        assert_eq!((long.packages.len(), long.broken.and_then(|broken| broken.line)), (1, Some(3)));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in proptest::collection::vec(any::<u8>(), 0..200), lines in "(GEM|DEPENDENCIES|    a \\(1\\)|      a|  a!|    b \\(2-x\\)!|      b|\n){0,20}") {
            read(&text);
            read(lines.as_bytes());
        }
    }
}
