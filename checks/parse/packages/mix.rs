//! `mix.lock`, what Mix locks: a term of Elixir with one package a line
//! (<https://hexdocs.pm/mix/Mix.Tasks.Deps.html>).

use std::sync::LazyLock;

use regex::Regex;

use super::lines::{TOO_LONG, lines};
use super::{Found, commit, package};
use crate::ecosystem::Ecosystem;

// The first two are where the reference draws the line, commas within texts included.
static GIT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"^ +"([^"]+)": \{:git, +"([^,]+)", +"([^,]+)",.+$"#).ok());
static LOCKED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^ +"([^"]+)": \{([^,]+), +([^,]+), +"([^,]+)", +"([^,]+)",.+$"#).ok());
static HEX: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^[ \t]*"([^"]+)": *\{:hex, *:"?([A-Za-z0-9_.-]+)"?, *"([^",]+)"[,}]"#).ok());

/// Reads the file. The reference takes the name from the key; the package's own name, where it is another, is listed
/// beside it.
pub(super) fn read(text: &[u8]) -> Found {
    let (mut found, mut all) = (Found::default(), lines(text));
    for (number, line) in all.by_ref() {
        let line = String::from_utf8_lossy(line);
        let parts = |regex: &'static LazyLock<Option<Regex>>| regex.as_ref()?.captures(&line);
        if let Some(parts) = parts(&GIT) {
            found.push(commit(&parts[1], &parts[3], Some(number)));
            continue;
        }
        let (locked, hex) = (parts(&LOCKED), parts(&HEX));
        if let Some(parts) = &locked {
            found.push(package(Ecosystem::Hex, &parts[1], &parts[4], Some(number)));
        }
        if let Some(parts) = hex.filter(|parts| locked.is_none() || parts[1] != parts[2]) {
            let mut package = package(Ecosystem::Hex, &parts[2], &parts[3], Some(number));
            package.overlooked = true;
            found.push(package);
        }
    }
    match all.too_long {
        Some(line) => Found::broken(Some(line), TOO_LONG),
        None => found,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let shown = |package: &crate::evidence::Package| {
            let (line, mark) = (package.line.unwrap_or_default(), if package.overlooked { " overlooked" } else { "" });
            match &package.commit {
                Some(commit) => format!("{} {commit}:{line}", package.name),
                None => format!("{}@{}:{line}{mark}", package.name, package.version),
            }
        };
        read(text.as_bytes()).packages.iter().map(shown).collect()
    }

    /// In the form that Mix writes.
    #[test]
    fn a_lock() {
        let text = r#"%{
  "plug": {:hex, :plug, "1.12.1", "645678", [:mix], [{:mime, "~> 1.0", [hex: :mime, repo: "hexpm", optional: false]}], "hexpm", "d57e79"},
  "alias": {:hex, :real_name, "2.0.0", "cccc", [:mix], [], "hexpm", "00"},
  "gitty": {:git, "https://github.com/acme/gitty.git", "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", [branch: "main"]},
  "ancient": {:hex, :ancient, "0.1.0"},
"flush": {:hex, :flush, "1.0.0", "ee", [:mix], []},
  "path": {:path, "x"},
}
"#;
        let want = [
            "plug@1.12.1:2",
            "alias@2.0.0:3",
            "real_name@2.0.0:3 overlooked",
            "gitty 0a1b2c3d4e5f60718293a4b5c6d7e8f901234567:4",
            "ancient@0.1.0:5 overlooked",
            "flush@1.0.0:6 overlooked",
        ];
        assert_eq!(shown(text), want);
        assert_eq!(shown(&text.replace('\n', "\r\n")), want);
        assert!(read(format!("{text}{}", "x".repeat(1 << 16)).as_bytes()).packages.is_empty());
    }

    #[test]
    fn the_patterns_are_patterns() {
        assert!(GIT.is_some() && LOCKED.is_some() && HEX.is_some());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            read(&text);
        }
    }
}
