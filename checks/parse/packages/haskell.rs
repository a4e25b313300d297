//! What Stack and Cabal lock: <https://docs.haskellstack.org/en/stable/topics/lock_files/> and
//! <https://cabal.readthedocs.io/en/stable/cabal-commands.html#cabal-freeze>.
//!
//! The reference looks for words in lines, whatever they mean: the first hit of a line counts.

use std::sync::LazyLock;

use regex::Regex;

use super::lines::{TOO_LONG, lines};
use super::{Found, package};
use crate::ecosystem::Ecosystem;

/// The longest file that the reference looks at, in bytes.
const LONGEST: usize = 30 << 20;

static STACK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"hackage:[\t\n\f\r ]*([a-zA-Z0-9-]+)-([0-9.]+)@").ok());
static CABAL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"any\.([^\t\n\f\r ]+) ==([^\t\n\f\r ]+)").ok());

/// Reads `stack.yaml.lock`.
pub(super) fn read_stack(text: &[u8]) -> Found {
    let mut found = read(text, |line| STACK.as_ref()?.captures(line));
    // Stack writes what is locked, and then once more what was asked for.
    found.packages.dedup_by(|a, b| (&a.name, &a.version) == (&b.name, &b.version));
    found
}

/// Reads `cabal.project.freeze`.
pub(super) fn read_freeze(text: &[u8]) -> Found {
    read(text, |line| if line.starts_with("--") { None } else { CABAL.as_ref()?.captures(line) })
}

fn read(text: &[u8], hit: impl for<'t> Fn(&'t str) -> Option<regex::Captures<'t>>) -> Found {
    let (mut found, mut all) = (Found::default(), lines(text));
    for (number, line) in all.by_ref() {
        if let Some(parts) = hit(&String::from_utf8_lossy(line)) {
            let version = parts[2].strip_suffix(',').unwrap_or(&parts[2]);
            let mut package = package(Ecosystem::Hackage, &parts[1], version, Some(number));
            package.overlooked = text.len() > LONGEST;
            found.push(package);
        }
    }
    if let Some(line) = all.too_long {
        found.note(Some(line), TOO_LONG);
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(found: &Found) -> Vec<String> {
        found.packages.iter().map(|package| format!("{}@{}:{}", package.name, package.version, package.line.unwrap_or(0))).collect()
    }

    /// In the form that the documentation of Stack shows.
    #[test]
    fn what_stack_locks() {
        let text = "packages:
- completed:
    hackage: acme-missiles-0.3@sha256:2ba66a092a32593880a87fb00f3213762d7bca65a687d45965778deb8694c5d1,613
    pantry-tree: {size: 226}
  original:
    hackage: acme-missiles-0.3@sha256:2ba66a
- completed:
    commit: 08c9b4cdf977d5bcd1baba046a007940c1940758
- original:
    hackage:text-2-conv-1.0
- completed: {hackage: text-conv2-1.0.5.@x, hackage: other-1@x}
";
        assert_eq!(shown(&read_stack(text.as_bytes())), ["acme-missiles@0.3:3", "text-conv2@1.0.5.:11"]);
    }

    /// In the form that `cabal freeze` writes.
    #[test]
    fn what_cabal_freezes() {
        let text = "active-repositories: hackage.haskell.org:merge\r
constraints: any.aeson ==2.1.2.1,\r
             aeson -cffi +ordered-keymap,\r
             any.base ==4.17.1.0 || ==4.18,\r
             any.later >=1,\r
-- any.gone ==1,\r
  -- any.kept ==1\r
index-state: hackage.haskell.org 2023-06-20T00:00:00Z\r
";
        assert_eq!(shown(&read_freeze(text.as_bytes())), ["aeson@2.1.2.1:2", "base@4.17.1.0:4", "kept@1:7"]);
        let long = read_freeze(format!("any.a ==1\n{}\nany.b ==1", "x".repeat(1 << 16)).as_bytes());
        assert_eq!((shown(&long).len(), long.broken.is_some()), (1, true));
    }

    proptest! {
        #[test]
        fn no_text_makes_them_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            read_stack(&text);
            read_freeze(&text);
        }
    }
}
