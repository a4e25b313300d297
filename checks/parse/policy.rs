//! What stands in a security policy: links, addresses, and words that hint at disclosure.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::evidence::PolicyText;
use crate::path;

/// The places in which a policy counts, as lower-case paths.
const PLACES: [&str; 13] = [
    "security.md",
    ".github/security.md",
    "docs/security.md",
    "security.markdown",
    ".github/security.markdown",
    "docs/security.markdown",
    "security.adoc",
    ".github/security.adoc",
    "docs/security.adoc",
    "security.rst",
    ".github/security.rst",
    "doc/security.rst",
    "docs/security.rst",
];

static LINK: LazyLock<Regex> = LazyLock::new(|| regex(r"(?-u)https?://[a-zA-Z0-9./?=_%:-]*"));
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| regex(r"(?-u)\b[A-Za-z0-9._%+-]+(?:@|\\?\[at\\?\])[A-Za-z0-9.-]+\.[A-Za-z]{2,6}\b"));
static HINT: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i:[0-9]{1,4}(?-u:\b)|Disclos|Vuln)"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is constant and a test compiles it")
}

/// Whether a security policy counts in this place, a path in a repository.
#[must_use]
pub fn is_place(file: &[u8]) -> bool {
    // Every place ends in a name that begins with "security"; other names are told apart at once.
    could_be(path::name(file)) && PLACES.iter().any(|place| path::eq_fold(file, place))
}

/// Whether the reference could read this file for a policy of the root: a namesake of it, outside test data.
pub(crate) fn is_namesake(file: &[u8]) -> bool {
    let name = path::name(file);
    could_be(name)
        && ["security.md", "security.markdown", "security.adoc", "security.rst"].iter().any(|place| path::eq_fold(name, place))
        && !path::is_test_data(file)
}

/// A cheap sieve: one of the names, or one with a letter beyond ASCII.
fn could_be(name: &[u8]) -> bool {
    matches!(name.first(), Some(b's' | b'S' | 0x80..)) && (11..=24).contains(&name.len())
}

/// What stands in the text of a security policy.
#[must_use]
pub fn of(text: &[u8]) -> PolicyText {
    let mut into = PolicyText { size: text.len() as u64, ..PolicyText::default() };
    read(text, &mut into);
    into
}

/// Adds what stands in `text`, a piece of a policy that ends with a line's end or with the file's.
pub(super) fn read(text: &[u8], into: &mut PolicyText) {
    for regex in [&LINK, &ADDRESS] {
        let hits = regex.find_iter(text).filter_map(|hit| str::from_utf8(hit.as_bytes()).ok());
        into.contacts.extend(hits.map(str::to_owned));
    }
    into.hints += HINT.find_iter(text).count();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &[u8]) -> (Vec<String>, usize) {
        let out = super::of(text);
        (out.contacts.into_iter().collect(), out.hints)
    }

    #[test]
    fn places_are_compared_under_unicode_folding() {
        for place in ["SECURITY.md", ".GitHub/Security.MD", "doc/security.rst", "\u{17f}ecurity.mar\u{212a}down"] {
            assert!(is_place(place.as_bytes()), "{place}");
        }
        for other in ["SECURITY.txt", "doc/security.md", "a/SECURITY.md", "SECURITY", "docs/de/security.md"] {
            assert!(!is_place(other.as_bytes()), "{other}");
        }
        assert!(is_namesake(b"vendor/lib/Security.md"));
        assert!(!is_namesake(b"vendor/testdata/SECURITY.md"));
    }

    #[test]
    fn links_and_addresses() {
        for (text, want) in [
            ("see https://a.example/x?y=1~z", &["https://a.example/x?y=1"][..]),
            ("http://", &["http://"]),
            ("HTTPS://a.example", &[]),
            ("mail a@x.org or b[at]x.org or c\\[at\\]x.org", &["a@x.org", "b[at]x.org", "c\\[at\\]x.org"]),
            ("émail@x.org a@x.comé", &["a@x.com", "mail@x.org"]),
            ("twice a@x.org a@x.org", &["a@x.org"]),
            ("a at x dot org", &[]),
            ("https://u@x.org/", &["https://u", "u@x.org"]),
        ] {
            assert_eq!(of(text.as_bytes()).0, want, "{text}");
        }
    }

    #[test]
    fn hints_are_words_and_numbers_with_a_boundary_behind() {
        for (text, want) in [
            (&b"Disclosure of VULNERABILITIES"[..], 2),
            (b"v1", 1),
            (b"90days", 0),
            (b"12345", 1),
            (b"2026-11-25", 3),
            ("90é".as_bytes(), 1),
            ("Di\u{17f}clo\u{17f}ure".as_bytes(), 1),
            (b"9\x000\x00\n\x00", 2),
            (b"\xff\xfe disclos \xff", 1),
        ] {
            assert_eq!(of(text).1, want, "{}", String::from_utf8_lossy(text));
        }
    }
}
