//! Gates: exit codes 1 and 4.

use crate::support::{Carat, Folder};

fn code(run: Carat, arguments: &[&str]) -> Option<i32> {
    let ran = run.args(arguments).run();
    assert_eq!(ran.err, "", "a gate says nothing: the result does");
    assert!(!ran.out.is_empty());
    ran.code
}

#[test]
fn a_total_below_the_gate_is_code_1() {
    let folder = Folder::with(&[("COPYING", "text")]);
    let gate = |least: &str| code(folder.score(), &["--checks", "License", "--fail-under", least]);
    assert_eq!(folder.score().args(["--checks", "License"]).json()["score"], 9.0);
    for (least, want) in [("0", 0), ("5", 0), ("8.9", 0), ("9", 0), ("9.0", 0), ("9.1", 1), ("10", 1)] {
        assert_eq!(gate(least), Some(want), "{least}");
    }
}

#[test]
fn the_gate_judges_the_total_as_it_is_shown() {
    // 7.5 weighs Binary-Artifacts with 10, 2.5 License with 9: 9.75, shown as 9.8.
    let folder = Folder::with(&[("COPYING", "text")]);
    let arguments = ["--checks", "Binary-Artifacts,License", "--fail-under"];
    assert_eq!(folder.score().args(&arguments[..2]).json()["score"], 9.8);
    assert_eq!(code(folder.score().args(arguments), &["9.8"]), Some(0));
    assert_eq!(code(folder.score().args(arguments), &["9.9"]), Some(1));
}

#[test]
fn a_gate_on_a_run_without_a_total_fails() {
    for arguments in [["--checks", "Branch-Protection"], ["--checks", "Packaging"], ["--probes", "hasLicenseFile"]] {
        assert_eq!(code(Folder::new().score().args(arguments), &["--fail-under", "0"]), Some(1), "{arguments:?}");
    }
}

#[test]
fn a_gate_is_a_number_from_0_to_10() {
    for bad in ["-1", "10.1", "11", "NaN", "inf", "ten", ""] {
        let error = Folder::new().score().args([format!("--fail-under={bad}")]).fails(2);
        assert!(error.contains("--fail-under"), "{error}");
    }
}

#[test]
fn a_check_that_could_not_judge_is_code_4_where_all_were_demanded() {
    let complete = |checks: &str| code(Folder::new().score(), &["--require-complete", "--checks", checks]);
    assert_eq!(complete("License"), Some(0), "a limited score is a score");
    assert_eq!(complete("License,Packaging"), Some(0), "nothing to judge is an answer");
    assert_eq!(complete("License,Branch-Protection"), Some(0), "no folder answers for a host");
    assert_eq!(complete("License,Vulnerabilities"), Some(4));
    assert_eq!(code(Folder::new().score(), &["--require-complete"]), Some(4));
    assert_eq!(code(Folder::new().score(), &[]), Some(0));
}

#[test]
fn of_two_failed_gates_the_total_is_told() {
    let both = ["--checks", "License,Vulnerabilities", "--require-complete", "--fail-under"];
    assert_eq!(code(Folder::new().score().args(both), &["5"]), Some(1));
    assert_eq!(code(Folder::new().score().args(both), &["0"]), Some(4));
}

#[test]
fn the_low_end_of_the_interval_can_be_the_gate() {
    // 10, which could be 9.
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    let gate = |arguments: &[&str]| code(folder.score().args(["--checks", "License"]), arguments);
    assert_eq!(gate(&["--fail-under", "9.5"]), Some(0));
    assert_eq!(gate(&["--fail-under", "9.5", "--low-end"]), Some(1));
    assert_eq!(gate(&["--fail-under", "9", "--low-end"]), Some(0));
    assert_eq!(code(folder.score().args(["--checks", "Packaging"]), &["--fail-under", "0", "--low-end"]), Some(1));
    folder.score().args(["--low-end"]).fails(2);
}
