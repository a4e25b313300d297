//! Which checks and probes run.

use carat::checks::CHECKS;
use carat::checks::model::SCORECARD_V5;

use crate::support::{Folder, Repo};

fn names(checks: &[(&'static str, impl Copy)]) -> Vec<&'static str> {
    checks.iter().map(|(name, _)| *name).collect()
}

#[test]
fn by_default_the_checks_of_the_model_run() {
    let card = Folder::new().score().json();
    assert_eq!(card.checks(), names(SCORECARD_V5.checks));
    assert_eq!(card["completeness"]["selected"], 18);
}

#[test]
fn experimental_checks_run_when_asked_for_or_named() {
    let all: Vec<&str> = CHECKS.iter().map(|check| check.meta().name).collect();
    assert_eq!(Folder::new().score().args(["--experimental"]).json().checks(), all);
    let card = Folder::new().score().args(["--checks", "Webhooks"]).json();
    assert_eq!(card.checks(), names(&SCORECARD_V5.experimental[1..]));
}

#[test]
fn checks_are_named_in_any_case_and_come_once_and_sorted() {
    let card = Folder::new().score().args(["--checks", "license, FUZZING", "--checks=binary-artifacts,License"]).json();
    assert_eq!(card.checks(), ["Binary-Artifacts", "Fuzzing", "License"]);
}

#[test]
fn checks_are_left_out_by_name() {
    let card = Folder::new().score().args(["--skip", "license,SAST"]).json();
    assert_eq!(card.checks().len(), 16);
    assert!(!card.checks().contains(&"License"));
    let card = Folder::new().score().args(["--checks", "License,SAST", "--skip", "SAST"]).json();
    assert_eq!(card.checks(), ["License"]);
    let error = Folder::new().score().args(["--checks", "License", "--skip", "License"]).fails(2);
    assert_eq!(error, "error: no check is left to run\n");
}

#[test]
fn probes_run_alone_or_beside_checks() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    let probes = |card: &serde_json::Value| {
        let findings = card["findings"].as_array().expect("findings are a list").iter();
        findings.map(|finding| finding["probe"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let card = repo.score().args(["--probes", "HASPERMISSIVELICENSE,hasBinaryArtifacts"]).json();
    assert_eq!((card.checks().len(), probes(&card)), (0, vec!["hasPermissiveLicense".to_owned(), "hasBinaryArtifacts".to_owned()]));
    assert_eq!(card["score"], -1.0);
    let card = repo.score().args(["--probes", "hasPermissiveLicense,hasLicenseFile", "--checks", "License"]).json();
    assert_eq!(card.checks(), ["License"]);
    assert_eq!(probes(&card), ["hasLicenseFile", "hasFSFOrOSIApprovedLicense", "hasPermissiveLicense"]);
}

#[test]
fn every_probe_answers_when_it_is_named() {
    let folder = Folder::with(&[("a.txt", "text")]);
    for probe in carat::checks::probes() {
        let card = folder.score().args(["--probes", probe.meta().id]).json();
        let findings = card["findings"].as_array().expect("findings are a list");
        assert!(!findings.is_empty() && findings.iter().all(|finding| finding["probe"] == probe.meta().id), "{}", probe.meta().id);
    }
}

#[test]
fn what_is_left_out_changes_no_score() {
    let repo = Repo::with(&[("COPYING", "text"), ("SECURITY.md", "Report to security@example.org.\n"), ("renovate.json", "{}")]);
    let whole = repo.score().json();
    for check in whole.checks() {
        let alone = repo.score().args(["--checks", check]).json();
        assert_eq!(alone.check(check), whole.check(check));
    }
}
