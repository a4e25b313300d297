//! Many targets in one run: each ends as a result or as a reason.

use std::time::Duration;

use fake_github::{Commit, Effect, FakeGithub, Fault, Kind, READ, Repository, World};
use serde_json::Value;

use crate::schema::{errors, schema};
use crate::support::{Carat, Folder, Ran, carat, score_on};

const FILES: [&str; 2] = ["--checks", "License"];

fn repository(name: &str) -> Repository {
    Repository::new(name).commit(Commit::at("2024-03-01T10:00:00Z").file("LICENSE-MIT", "MIT"))
}

fn start() -> FakeGithub {
    let ours = [repository("octo/cat").formerly("octo/dog"), repository("octo/owl"), repository("octo/secret").private()];
    FakeGithub::start(World::of(ours))
}

fn several(fake: &FakeGithub, targets: &[&str]) -> Carat {
    carat(["score"]).args(targets).on(fake).args(FILES).token(READ)
}

fn names(array: &Value) -> Vec<&str> {
    array.as_array().expect("several give an array").iter().map(|entry| entry["repo"]["name"].as_str().expect("a name")).collect()
}

/// The last line of standard error: what became of what was listed.
fn sum(ran: &Ran) -> &str {
    ran.err.lines().last().unwrap_or_default()
}

#[test]
fn every_target_ends_as_a_result_or_as_a_reason_in_the_order_asked() {
    let fake = start();
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    let path = folder.path().to_str().expect("temporary paths are UTF-8");
    let targets = ["octo/none", "octo/owl", path, "octo/secret", "octo/cat", "OCTO/owl", "./gone"];
    let ran = several(&fake, &targets).args(["--format", "json"]).run();
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    let array = ran.json();
    let local = format!("file://{path}");
    let expected =
        ["github.com/octo/none", "github.com/octo/owl", &local, "github.com/octo/secret", "github.com/octo/cat", "file://./gone"];
    assert_eq!(names(&array), expected);
    for (at, entry) in array.as_array().expect("an array").iter().enumerate() {
        let is_failed = [0, 3, 5].contains(&at);
        assert_eq!(entry.get("error").is_some(), is_failed, "{entry}");
        assert_eq!(entry["score"].as_f64(), Some(if is_failed { -1.0 } else { 10.0 }), "{entry}");
        assert_eq!(entry["checks"].as_array().expect("checks").len(), usize::from(!is_failed));
        for file in [if is_failed { "carat-failed.schema.json" } else { "carat.schema.json" }, "scorecard-v2.schema.json"] {
            assert_eq!(errors(&schema(file), entry), Vec::<String>::new(), "{file}");
        }
    }
    assert!(ran.err.contains("note: github.com/OCTO/owl is listed more than once"), "{}", ran.err);
    assert_eq!(sum(&ran), "7 listed = 3 scored + 3 failed + 1 skipped");
}

#[test]
fn two_names_of_one_repository_are_told() {
    let fake = start();
    let ran = several(&fake, &["octo/dog", "octo/cat"]).run();
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("are one repository, github.com/octo/cat"), "{}", ran.err);
    assert_eq!(sum(&ran), "2 listed = 2 scored + 0 failed + 0 skipped");
}

#[test]
fn the_table_has_a_row_for_each_and_failures_below() {
    let fake = start();
    let ran = several(&fake, &["octo/owl", "octo/none", "octo/cat"]).run();
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    let at = |text: &str| ran.out.find(text).unwrap_or_else(|| panic!("{text} in {}", ran.out));
    assert!(at("github.com/octo/owl") < at("github.com/octo/cat") && at("github.com/octo/cat") < at("github.com/octo/none failed: "));
    let details = several(&fake, &["octo/owl", "octo/cat"]).args(["--details", "--quiet"]).ok().out;
    assert_eq!(details.matches("Score 10.0 of 10").count(), 2, "{details}");
}

#[test]
fn lines_come_as_targets_end_and_probes_in_an_array() {
    let fake = start();
    let run = |format: &str| several(&fake, &["octo/owl", "octo/none", "octo/cat"]).args(["--format", format, "--jobs", "2"]).run();
    let lines = run("ndjson");
    let mut seen: Vec<String> = lines
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON")["repo"]["name"].as_str().expect("a name").to_owned())
        .collect();
    seen.sort();
    assert_eq!((lines.code, seen.join(" ")), (Some(3), "github.com/octo/cat github.com/octo/none github.com/octo/owl".to_owned()));
    let probes = run("probe").json();
    assert_eq!(names(&probes).len(), 3);
    assert_eq!((&probes[1]["findings"], probes[1]["error"].is_string()), (&Value::Array(Vec::new()), true));
    let folder = Folder::new();
    let file = folder.beside("lines");
    several(&fake, &["octo/owl", "octo/cat"]).args(["--quiet", "-f"]).args([format!("ndjson={}", file.display())]).ok();
    assert_eq!(std::fs::read_to_string(file).expect("it is written").lines().count(), 2);
}

#[test]
fn a_list_is_read_and_a_bad_line_is_told_before_any_work() {
    let fake = start();
    let listed = |text: &str| score_on(&fake, "octo/owl").args(["--repos", "list"]).home("list", text).args(FILES).token(READ);
    let ran = listed("\u{feff}# ours\r\n\n  octo/cat\r\nocto/owl\n").args(["--format", "json"]).run();
    assert_eq!((ran.code, sum(&ran)), (Some(0), "3 listed = 2 scored + 0 failed + 1 skipped"), "{}", ran.err);
    assert_eq!(names(&ran.json()), ["github.com/octo/owl", "github.com/octo/cat"]);
    fake.forget();
    for bad in ["octo cat", "octo", "a\tb/c", "https://u:ghp_secret@github.com/octo"] {
        let error = listed(&format!("octo/cat\n\n{bad}\n")).fails(2);
        assert!(error.starts_with("error: list, line 3: ") && !error.contains("secret"), "{error}");
    }
    assert!(carat(["score", "--repos", "none"]).fails(2).contains("cannot read none"));
    assert!(carat(["score", "--repos", "-"]).fails(2).contains("no target is listed"));
    assert_eq!(fake.requests().len(), 0);
    // A list of one is a list.
    let ran = carat(["score", "--repos", "list", "-f", "json"]).home("list", "octo/owl").on(&fake).args(FILES).token(READ).run();
    assert_eq!(names(&ran.json()), ["github.com/octo/owl"]);
}

#[test]
fn what_goes_with_one_target_is_refused_for_several() {
    let fake = start();
    assert!(several(&fake, &["octo/owl", "octo/cat"]).args(["-f", "evidence"]).fails(2).contains("goes with one target"));
    assert!(several(&fake, &["octo/owl", "octo/cat"]).args(["--commit", "main"]).fails(2).contains("--commit goes with one"));
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn gates_and_time_hold_for_each() {
    let fake = start();
    let folder = Folder::new();
    let path = folder.path().to_str().expect("temporary paths are UTF-8");
    let gate = ["--fail-under", "5", "--quiet"];
    assert_eq!(several(&fake, &["octo/owl", "octo/cat"]).args(gate).run().code, Some(0));
    assert_eq!(several(&fake, &["octo/owl", path]).args(gate).run().code, Some(1));
    // That a target failed comes before a gate.
    assert_eq!(several(&fake, &["octo/none", path]).args(gate).run().code, Some(3));
    let short = ["--timeout", "0.0000001", "--max-wait", "0"];
    let ran = several(&fake, &["octo/owl", "octo/cat"]).args(short).run();
    assert_eq!((ran.code, sum(&ran)), (Some(3), "2 listed = 0 scored + 2 failed + 0 skipped"), "{}", ran.err);
    assert!(ran.out.contains("longer than --timeout allows"), "{}", ran.out);
    assert!(several(&fake, &["octo/owl"]).args(short).fails(3).contains("longer than --timeout allows"));
}

#[test]
fn a_plan_adds_up_and_what_all_share_is_asked_once() {
    let fake = start();
    let plan = |targets: &[&str]| carat(["score"]).args(targets).on(&fake).token(READ).args(["--plan"]).ok().out;
    let graphql = |plan: &str| {
        let line = plan.lines().find_map(|line| line.strip_prefix("GraphQL documents")).expect("a line").trim().to_owned();
        line.split([',', ' ']).next().and_then(|number| number.parse::<u64>().ok()).expect("a number")
    };
    assert_eq!(graphql(&plan(&["octo/owl", "octo/cat"])), 2 * graphql(&plan(&["octo/owl"])));
    assert_eq!(fake.requests().len(), 0);
    let ran = carat(["score", "octo/owl", "octo/cat", "--checks", "Fuzzing", "--verbose"]).on(&fake).token(READ).run().done();
    assert!(ran.err.contains(&format!("Git: {} requests", fake.count(Kind::Git))), "{}", ran.err);
    assert_eq!(fake.count(Kind::OssFuzz), 1);
}

#[test]
fn time_does_not_pass_while_a_limit_is_waited_for() {
    let fake = start();
    fake.fault(Fault::new(Effect::LimitUsedUp(Duration::from_secs(2))).kind(Kind::Graphql).times(1));
    // A second and a half, of which waits take none.
    let short = ["--timeout", "0.025", "--max-wait", "15"];
    let ran = several(&fake, &["octo/owl", "octo/cat"]).args(short).run();
    assert_eq!((ran.code, sum(&ran)), (Some(0), "2 listed = 2 scored + 0 failed + 0 skipped"), "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("waiting for "), "{}", ran.err);
    fake.fault(Fault::new(Effect::Stall(Duration::from_secs(300))).kind(Kind::Graphql));
    let ran = several(&fake, &["octo/owl", "octo/cat"]).args(short).run();
    assert_eq!((ran.code, sum(&ran)), (Some(3), "2 listed = 0 scored + 2 failed + 0 skipped"), "{}", ran.err);
}
