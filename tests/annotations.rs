//! What maintainers say about scores, in a `scorecard.yml` of theirs.

use serde_json::Value;

use crate::support::{Card, Folder, Repo};

const ANNOTATIONS: &str =
    "annotations:\n- checks:\n  - fuzzing\n  - License\n  reasons:\n  - reason: not-applicable\n  - reason: test-data\n";

fn of<'a>(card: &'a Card, check: &str) -> Option<&'a Value> {
    card.check(check).get("annotations")
}

#[test]
fn annotations_are_shown_when_asked_for_and_change_nothing() {
    let repo = Repo::with(&[("scorecard.yml", ANNOTATIONS), ("LICENSE-MIT", "text")]);
    let without = repo.score().args(["--as-of", "2026-01-01"]).json();
    let with = repo.score().args(["--as-of", "2026-01-01", "--show-annotations"]).json();
    assert_eq!(of(&without, "Fuzzing"), None);
    let shown = of(&with, "Fuzzing").and_then(Value::as_array).expect("they are shown");
    assert_eq!(shown.len(), 2);
    assert!(shown[0].as_str().is_some_and(|text| text.contains("does not apply")), "{shown:?}");
    assert_eq!(of(&with, "License"), None, "a score of 10 needs no excuse");
    assert_eq!(of(&with, "Security-Policy"), None);
    for key in ["score", "interval", "findings", "gaps", "completeness"] {
        assert_eq!(with[key], without[key], "{key}");
    }
    let table = repo.score().args(["--show-annotations"]).ok().table();
    assert_eq!(table.matches("The maintainers say: ").count(), 2, "{table}");
    assert!(!repo.score().ok().table().contains("The maintainers say: "));
}

#[test]
fn a_file_that_is_not_understood_is_no_hindrance() {
    let bomb = format!("a: &a [x, x, x, x]\n{}", "b: [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n".repeat(200));
    for text in
        ["annotations: [", "annotations: 5\n", "\t", "- checks: [No-Such-Check]\n", "annotations:\n- checks: [No-Such-Check]\n", &bomb]
    {
        let folder = Folder::with(&[(".github/scorecard.yaml", text)]);
        let card = folder.score().args(["--show-annotations"]).json();
        assert_eq!(of(&card, "Fuzzing"), None, "{text}");
        assert_eq!(card.score("Fuzzing"), 0);
    }
}

#[test]
fn a_file_that_names_an_unknown_check_is_dropped_whole() {
    let text = format!("{ANNOTATIONS}- checks: [No-Such-Check]\n  reasons: [{{reason: remediated}}]\n");
    let card = Folder::with(&[("scorecard.yml", &text)]).score().args(["--show-annotations"]).json();
    assert_eq!(of(&card, "Fuzzing"), None);
}

#[test]
fn of_several_files_the_first_counts() {
    let other = ANNOTATIONS.replace("fuzzing", "security-policy");
    let card =
        Folder::with(&[(".github/scorecard.yml", &other), ("scorecard.yml", ANNOTATIONS)]).score().args(["--show-annotations"]).json();
    assert!(of(&card, "Fuzzing").is_some() && of(&card, "Security-Policy").is_none());
}
