//! Maintainers' annotations: the form is the reference's,
//! <https://github.com/ossf/scorecard/blob/main/config/README.md>.

use serde::Deserialize;

use crate::evidence::{Annotation, Reason};
use crate::model::SCORECARD_V5;

/// The files that may hold annotations; the first that there is counts.
const PLACES: [&str; 6] =
    ["scorecard.yml", "scorecard.yaml", ".scorecard.yml", ".scorecard.yaml", ".github/scorecard.yml", ".github/scorecard.yaml"];

/// The longest such file, in bytes.
pub(super) const LONGEST: u64 = 256 << 10;

/// The rank of a file among those that may hold annotations; the lowest counts.
pub(super) fn rank(file: &[u8]) -> Option<usize> {
    PLACES.iter().position(|place| place.as_bytes() == file)
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    annotations: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    checks: Vec<String>,
    #[serde(default)]
    reasons: Vec<ReasonEntry>,
}

#[derive(Deserialize)]
struct ReasonEntry {
    reason: Reason,
}

/// The annotations of a file.
///
/// # Errors
/// Why the file is dropped as a whole, in a few words.
pub fn read_annotations(text: &[u8]) -> Result<Vec<Annotation>, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_nodes: 20_000, max_depth: 50, max_aliases: 1_000 },
    };
    let mut reader = text;
    // Only the first document counts.
    let Some(first) = serde_saphyr::read_with_options::<_, Option<File>>(&mut reader, options).next() else {
        return Ok(Vec::new());
    };
    let error = |error: serde_saphyr::Error| error.to_string().lines().next().unwrap_or("it does not parse").to_owned();
    let groups = first.map_err(error)?.map(|file| file.annotations).unwrap_or_default();
    for name in groups.iter().flat_map(|group| &group.checks) {
        let mut known = SCORECARD_V5.checks.iter().chain(SCORECARD_V5.experimental);
        if !known.any(|(check, _)| check.eq_ignore_ascii_case(name)) {
            return Err(format!("there is no check {name:?}"));
        }
    }
    let plain = |group: Group| Annotation { checks: group.checks, reasons: group.reasons.into_iter().map(|entry| entry.reason).collect() };
    Ok(groups.into_iter().map(plain).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_are_read_in_order() {
        let text = "annotations:\n  - checks: [binary-artifacts, License]\n    reasons:\n      - reason: test-data\n      - reason: test-data\n\
                    \u{20}   other: 1\n  - checks: [Fuzzing]\n    reasons: [{reason: not-detected}]\n---\nannotations: 5\n";
        let groups = read_annotations(text.as_bytes()).expect("understood");
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].checks, ["binary-artifacts", "License"]);
        assert_eq!(groups[0].reasons, [Reason::TestData, Reason::TestData]);
        assert_eq!(groups[1].reasons, [Reason::NotDetected]);
        assert_eq!(read_annotations("\u{feff}annotations: []".as_bytes()), Ok(vec![]));
        assert_eq!(read_annotations(b""), Ok(vec![]));
        assert_eq!(read_annotations(b"# nothing\n"), Ok(vec![]));
    }

    #[test]
    fn one_mistake_drops_the_file() {
        for text in [
            "annotations:\n  - checks: [Nonsense]\n    reasons: [{reason: test-data}]",
            "annotations:\n  - checks: [all]\n    reasons: [{reason: test-data}]",
            "annotations:\n  - checks: [License]\n    reasons: [{reason: Test-Data}]",
            "annotations:\n  - checks: [License]\n    reasons: [test-data]",
            "annotations:\n  - checks: [License]\n    reasons: [{}]",
            "annotations:\n  - checks: License\n    reasons: [{reason: test-data}]",
            "annotations: [",
            "annotations: {}",
            "annotations:\n- checks: [License]\n  checks: [License]\n",
        ] {
            assert!(read_annotations(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn bombs_are_refused() {
        let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for (name, before) in "bcdefgh".chars().zip("abcdefg".chars()) {
            bomb.push_str(&format!(
                "{name}: &{name} [*{before},*{before},*{before},*{before},*{before},*{before},*{before},*{before},*{before}]\n"
            ));
        }
        bomb.push_str("annotations: *h\n");
        assert!(read_annotations(bomb.as_bytes()).is_err());
        assert!(read_annotations("[".repeat(100_000).as_bytes()).is_err());
        assert!(read_annotations(&[0xff; 100]).is_err());
    }
}
