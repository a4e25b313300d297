//! Names of bills of materials. Their text is never read, as in the reference.

use std::sync::OnceLock;

use regex::Regex;

/// Whether a file or an asset of a release is a bill of materials by its name.
///
/// The reference's expression is not anchored at its end and its dots stand for any character, so that what goes on
/// behind `.spdx` does not matter.
#[must_use]
pub fn is_sbom_name(name: &str) -> bool {
    static NAME: OnceLock<Regex> = OnceLock::new();
    // Compiling takes longer than all else that is done with names, and nearly no repository has such a one.
    let could_be = |word: &[u8]| word.eq_ignore_ascii_case(b"cdx") || word.eq_ignore_ascii_case(b"pdx");
    name.as_bytes().windows(3).any(could_be)
        && NAME
            .get_or_init(|| Regex::new(r"(?i).\.(?:cdx.json|cdx.xml|spdx)").expect("the expression stands here and is tested"))
            .is_match(name)
}

/// Whether a file of the repository is one: right in the root, and not hidden.
#[must_use]
pub fn is_sbom(file: &[u8]) -> bool {
    !file.starts_with(b".") && !file.contains(&b'/') && is_sbom_name(&String::from_utf8_lossy(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_an_ending_in_them_with_something_before() {
        for name in
            ["a.cdx.json", "A.CDX.XML", "a.cdx-json", "a.spdx", "a.spdx.yml", "a.spdxtra", "a.\u{17f}pdx", ".a.spdx", "a.cdx.json.asc"]
        {
            assert!(is_sbom_name(name), "{name}");
        }
        for name in ["bom.json", "cdx.json", ".cdx.json", ".spdx", "a.cyclonedx.json", "a.cdx", "a.cdx.yaml", "a.cdxjson", "\n.spdx", ""] {
            assert!(!is_sbom_name(name), "{name}");
        }
    }

    #[test]
    fn files_stand_in_the_root() {
        assert!(is_sbom(b"a.spdx.json"));
        assert!(is_sbom(b"\xff.spdx.json"));
        assert!(!is_sbom(b".a.spdx.json"));
        assert!(!is_sbom(b"sbom/a.spdx.json"));
    }
}
