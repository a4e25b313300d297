//! Which file names are those of a licence, and which licence the name tells. The text is never read, as in the
//! reference where the host has no answer.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use crate::path;

/// Part before or behind the keyword that may be an SPDX id: `MIT`, `GPL-2.0`, `Apache_2_0`.
const SPDX: &str = r"[0-9A-Za-z]+(?:[-_.][0-9]{1,2}[A-Za-z]{0,1}){0,5}(?:[_-]?[0-9A-Za-z.])*";

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = format!(
        "(?i)^(?<all>(?<before>{SPDX})?[-_]?(?<keyword>patents?|copy(?:ing|right)|LICEN[SC]ES?)(?<separator>[-_./])?\
         (?<behind>{SPDX})?(?<extension>[.]?[A-Za-z]+)?)"
    );
    Regex::new(&pattern).expect("the pattern is constant and a test compiles it")
});

/// Extensions that a licence may have; searched anywhere in the extension, so `.mdx` has one.
static ALLOWED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\.(?:adoc|asc|docx?|ext|html|markdown|md|rst|txt|xml)").expect("the pattern is constant"));

static DOT_DIGIT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\.[0-9]").expect("the pattern is constant"));

/// A cheap sieve: the first component holds the beginning of a keyword.
fn could_be(file: &[u8]) -> bool {
    const BEGINNINGS: [&[u8; 4]; 3] = [b"lice", b"copy", b"pate"];
    // The expression crosses one slash at most, right behind a keyword, so a keyword stands in the first component.
    let end = memchr::memchr(b'/', file).unwrap_or(file.len());
    file[..end].windows(4).any(|word| BEGINNINGS.iter().any(|known| word.eq_ignore_ascii_case(&known[..])))
}

/// The SPDX id that the name of the file at `file` holds, if it is the name of a licence: as it is written there, empty
/// where it holds none. It may be no id at all.
#[must_use]
pub fn license_id(file: &[u8]) -> Option<String> {
    match could_be(file) {
        false => None,
        // What most are called; the expression takes a while to compile.
        true if KEYWORDS.iter().any(|keyword| file.eq_ignore_ascii_case(keyword)) => Some(String::new()),
        true => read(file),
    }
}

/// Names that are a keyword and nothing else.
const KEYWORDS: [&[u8]; 4] = [b"LICENSE", b"LICENCE", b"COPYING", b"COPYRIGHT"];

fn read(file: &[u8]) -> Option<String> {
    let groups = NAME.captures(file)?;
    let group = |name: &str| part(&groups, name);
    let (all, keyword) = (group("all"), group("keyword"));
    if file == keyword {
        return Some(String::new());
    }
    let mut spdx = if group("before").is_empty() { group("behind") } else { group("before") }.to_vec();
    if spdx.eq_ignore_ascii_case(b"UN") {
        spdx = b"UNLICENSE".to_vec();
    }
    let mut extension = path::extension(file);
    if contains(extension, keyword) {
        extension = b"";
    }
    if !spdx.is_empty() && contains(extension, &spdx) {
        spdx.clear();
    }
    if !spdx.is_empty() && !extension.is_empty() {
        if contains(&spdx, extension) {
            if !is_allowed(extension) && DOT_DIGIT.is_match(&spdx) {
                extension = b"";
            } else {
                spdx = without(&spdx, extension);
            }
        } else if extension != group("extension") {
            spdx.extend_from_slice(group("extension"));
        }
    }
    let accepted = if all == file {
        extension.is_empty() || is_allowed(extension)
    } else {
        (group("separator") == b"/" || !spdx.is_empty()) && [all, extension].concat() == file
    };
    accepted.then(|| String::from_utf8_lossy(&spdx).into_owned())
}

fn part<'a>(groups: &Captures<'a>, name: &str) -> &'a [u8] {
    groups.name(name).map_or(&[], |group| group.as_bytes())
}

fn is_allowed(extension: &[u8]) -> bool {
    ALLOWED.is_match(extension)
}

/// Whether `text` holds `part`; nothing holds an empty part.
fn contains(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && memchr::memmem::find(text, part).is_some()
}

/// `text` without any `part`.
fn without(text: &[u8], part: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = 0;
    for at in memchr::memmem::find_iter(text, part) {
        out.extend_from_slice(&text[rest..at]);
        rest = at + part.len();
    }
    out.extend_from_slice(&text[rest..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENSIONS: [&str; 11] = [".adoc", ".asc", ".doc", ".docx", ".ext", ".html", ".markdown", ".md", ".rst", ".txt", ".xml"];

    #[test]
    fn accepted_names_with_the_guess_they_hold() {
        for (name, guess) in [
            ("LICENSE", ""),
            ("LICENCE", ""),
            ("COPYING", ""),
            ("PATENTS", ""),
            ("COPYRIGHT", ""),
            ("LICENSES.txt", ""),
            ("license.md", ""),
            ("COPYRIGHT.txt", ""),
            ("copyright.md", ""),
            ("LICENSE.mdx", ""),
            ("LICENSE..txt", ""),
            ("LICENSE-", ""),
            ("_LICENSE", ""),
            ("UNLICENSE", "UNLICENSE"),
            ("unlicense", "UNLICENSE"),
            ("UNLICENSE.md", "UNLICENSE"),
            ("UNLICENCE", "UNLICENSE"),
            ("LICENSE-MIT", "MIT"),
            ("LICENSES/MIT.txt", "MIT"),
            ("LICENSE/MIT.txt", "MIT"),
            ("LICENSEMIT", "MIT"),
            ("MITLICENSE", "MIT"),
            ("LICENSE.Apache-2.0", "Apache-2.0"),
            ("LICENSES/Apache-2.0.txt", "Apache-2.0"),
            ("LICENSE-APACHE", "APACHE"),
            ("LICENSE-2.0.txt", "2.0"),
            ("LICENSE_1_0.txt", "1_0"),
            ("COPYRIGHT-HEADER", "HEADER"),
            ("COPYING3", "3"),
            ("MIT.LICENSE", "MIT."),
            ("LICENSE.md.txt", "md"),
            ("copyrights.txt", "s"),
            ("LICENSES/README.md", "README"),
            ("COPYING.LGPL-2.1", "LGPL-2.1"),
            ("0BSD-LICENSE", "0BSD"),
            ("GPL-2.0-only-LICENSE", "GPL-2.0-only"),
            ("ACME-LICENSE-MIT", "ACME"),
        ] {
            assert_eq!(license_id(name.as_bytes()).as_deref(), Some(guess), "{name}");
        }
    }

    #[test]
    fn keywords_alone_are_names_for_the_expression_too() {
        for name in KEYWORDS {
            assert_eq!(read(name), Some(String::new()), "{name:?}");
        }
    }

    #[test]
    fn names_that_the_reference_accepts() {
        for name in [
            "MIT-LICENSE-MIT",
            "MIT-COPYING",
            "LPPL-1.3clicences",
            "LICENSE_LPPL-1.3c",
            "APACHE_LICENSETEXT.md",
            "GPL-2.0-LICENSE",
            "GPL-LICENSE",
            "GPL2LICENCES",
            "GPLLICENCE",
            "LICENCES",
            "LICENSE-ASL.txt",
            "LICENSE-MPL-2.0",
            "license-CC-BY-4.0",
            "LICENSE-binary",
            "LICENSE-junit.txt",
            "LICENSE_RELEASE",
            "Licenses/GPL-3.0.md",
            "MIG_kjahdskhaskjdhk_LICENSE",
            "MIT-License",
            "MIT_.0_LICENSE",
            "mit-2-0-0-LICENSE",
            "mit-2.0.0-LICENSE",
            "mit.2.0.0.LICENSE",
            "mit_2_0_0_LICENSE",
            "mit_2_0_LICENSE",
            "THIRD_PARTY_LICENSES.txt",
            "license_header.txt",
        ] {
            assert!(read(name.as_bytes()).is_some(), "{name}");
            assert!(could_be(name.as_bytes()), "{name}");
        }
        for name in ["LICENSE", "COPYING", "MIT-LICENSE-MIT", "GPL-2.0-LICENSE", "unlicense"] {
            for extension in EXTENSIONS {
                assert!(read(format!("{name}{extension}").as_bytes()).is_some(), "{name}{extension}");
            }
        }
    }

    #[test]
    fn names_that_the_reference_rejects() {
        for name in [
            "OFL",
            "OFL.txt",
            "Artistic-1.0-Perl LICENSE",
            "GPL",
            "GPL-2.0",
            ".actions/ASFLicenseHeaderMarkdown.txt",
            ".baseline/copyright/001_apache-2.0.txt",
            ".copyrightignore",
            ".dependency_license",
            ".github/testForLicenseHeaders.sh",
            ".github/workflows/license.yml",
            ".idea/copyright/x.xml",
            ".licenserc.yaml",
            "Docgen/x/license.html",
            "Documentation/x/licensedusage.dita",
            "LICENSE,",
            "content/dev/apply-license.md",
            "examples-trunk/LICENSE",
            "jetty-1/META-INF/LICENSE",
            "license.yaml",
            "licenserc.yaml",
            "python-phoenixdb/LICENSE",
            "static/fonts/OFL.txt",
            "COPYING.LESSER",
            "COPYING.LIB",
            "COPYING3.LIB",
            "LICENSE.MIT",
            "LICENSE.BSD-3-Clause",
            "LICENSE-GPL-2.0+",
            "LICENSE.pdf",
            "LICENSE.htm",
            "LICENSE.md.bak",
            "license.go",
            "licenses.csv",
            "LICENSES/vendor/MIT.txt",
            "third-party-licenses/x/MIT.txt",
            "--LICENSE",
            "LICENSE-é",
            "LICENS",
            "LICENSING",
        ] {
            assert_eq!(read(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn the_sieve_lets_every_keyword_pass_in_any_case() {
        for word in ["patent", "PATENTS", "copying", "CopyRight", "licence", "LICENSE", "LiCen\u{17f}e"] {
            for name in [word.to_owned(), format!("a-{word}"), format!("{word}/x/y"), format!("nnttpp{word}")] {
                assert!(could_be(name.as_bytes()), "{name}");
            }
        }
        assert!(!could_be(b"src/LICENSE"));
        assert!(!could_be(b"main.rs"));
    }
}
