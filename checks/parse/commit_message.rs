//! What commit messages say of a review on another platform.

use crate::evidence::ReviewMarks;

/// The marks that review tools leave in the message of a commit. Time is linear in its length.
#[must_use]
pub fn review_marks(message: &str) -> ReviewMarks {
    ReviewMarks {
        phabricator: message.split(['\r', '\n']).find_map(phabricator).map(str::to_owned),
        gerrit: message.contains("Reviewed-on:") && message.contains("Reviewed-by:"),
        piper: piper(message).map(str::to_owned),
    }
}

/// Phabricator's revision in a line: the last one behind the first mark.
fn phabricator(line: &str) -> Option<&str> {
    let (_, behind) = line.split_once("Differential Revision:")?;
    behind.rmatch_indices('D').find_map(|(at, _)| {
        let digits = leading_digits(&behind[at + 1..]);
        (digits > 0).then(|| &behind[at..=at + digits])
    })
}

/// Piper's revision: three digits or more, which may stand on the next line.
fn piper(message: &str) -> Option<&str> {
    message.split("PiperOrigin-RevId:").skip(1).find_map(|behind| {
        // Go's blanks: a vertical tab is none.
        let behind = behind.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
        let digits = leading_digits(behind);
        (digits >= 3).then(|| &behind[..digits])
    })
}

fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    #[test]
    fn marks_are_found_where_the_tools_write_them() {
        let marks = review_marks("Fix\n\nSummary: x\nDifferential Revision: https://phabricator.example.org/D123\n");
        assert_eq!(marks, ReviewMarks { phabricator: Some("D123".into()), ..ReviewMarks::default() });
        let marks = review_marks("Fix\n\nReviewed-on: https://go-review.example.org/c/1\nReviewed-by: Bob <bob@example.org>");
        assert_eq!(marks, ReviewMarks { gerrit: true, ..ReviewMarks::default() });
        let marks = review_marks("Fix\n\nPiperOrigin-RevId:\r\n 456789");
        assert_eq!(marks, ReviewMarks { piper: Some("456789".into()), ..ReviewMarks::default() });
        for nothing in [
            "",
            "Reviewed By: Bob",
            "Reviewed-on: x",
            "Reviewed-by: x",
            "Reviewed-On: x\nReviewed-by: y",
            "Differential Revision: D",
            "Differential Revision: d12",
            "Differential Revision:\nD12",
            "differential revision: D12",
            "PiperOrigin-RevId: 12",
            "PiperOrigin-Revid: 12345",
            "PiperOrigin-RevId: x 123",
            "PiperOrigin-RevId:\u{b}123",
            "PiperOrigin-RevId: \u{661}\u{662}\u{663}",
        ] {
            assert!(review_marks(nothing).is_empty(), "{nothing:?}");
        }
    }

    #[test]
    fn of_several_revisions_the_last_of_the_line_and_the_first_line_count() {
        let revision = |message| review_marks(message).phabricator;
        assert_eq!(revision("Differential Revision: D1 D22 Dx D").as_deref(), Some("D22"));
        assert_eq!(revision("Differential Revision: none\rDifferential Revision: D3\nDifferential Revision: D4").as_deref(), Some("D3"));
        assert_eq!(revision("D1 Differential Revision: D2 Differential Revision: x").as_deref(), Some("D2"));
        assert_eq!(review_marks("PiperOrigin-RevId: 1 PiperOrigin-RevId: 234 PiperOrigin-RevId: 567").piper.as_deref(), Some("234"));
    }

    fn any_message() -> impl Strategy<Value = String> {
        let mark = prop::sample::select(vec![
            "Differential Revision:",
            "PiperOrigin-RevId:",
            "Reviewed-on:",
            "Reviewed-by:",
            "D",
            "12",
            "3",
            " ",
            "\n",
            "\r",
            "\t",
            "\u{b}",
            "é",
        ]);
        prop::collection::vec(mark, 0..20).prop_map(|marks| marks.concat())
    }

    proptest! {
        #[test]
        fn the_same_as_the_patterns_of_the_reference(message in any_message()) {
            let marks = review_marks(&message);
            let first = |pattern: &str| {
                let found = Regex::new(pattern).expect("a pattern").captures(&message);
                found.map(|groups| groups[1].to_owned())
            };
            prop_assert_eq!(marks.phabricator, first(r"Differential Revision:[^\r\n]*(D[0-9]+)"));
            prop_assert_eq!(marks.piper, first(r"PiperOrigin-RevId:[\t\n\x0c\r ]*([0-9]{3,})"));
        }
    }
}
