//! Saved runs: judged again, they give the same bytes.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Carat, ELF, Folder, Repo, carat};

/// A run from a file beside a folder.
fn replay(folder: &Folder, file: &str) -> Carat {
    carat(["score", "--evidence", file]).within(&folder.beside(""))
}

fn saved(folder: &Folder, file: &str) -> Value {
    let text = fs::read_to_string(folder.beside(file)).expect("the run was saved");
    serde_json::from_str(&text).expect("it is JSON")
}

/// Saves the run, and compares every format of it with that of its replay.
fn is_the_same(folder: &Folder, run: Carat, arguments: &[&str]) {
    let formats = ["table", "json", "ndjson", "probe", "evidence"];
    let files = formats.iter().flat_map(|format| ["--format".to_owned(), format!("{format}={format}.run")]);
    run.args(arguments).args(files).ok();
    for format in formats {
        let run = fs::read_to_string(folder.beside(&format!("{format}.run"))).expect("every format was written");
        let details = arguments.iter().filter(|argument| argument.starts_with("--details") || argument.starts_with("--show"));
        let again = replay(folder, "evidence.run").args(["--format", format]).args(details).ok();
        assert!(again.out == run, "{format}:\n{run}\n{}", again.out);
    }
}

#[test]
fn every_format_of_a_replay_has_the_bytes_of_the_run() {
    let repo = Repo::with(&[
        ("LICENSE-MIT", "text"),
        ("SECURITY.md", "Report to security@example.org within 90 days.\n"),
        ("scorecard.yml", "annotations:\n- checks: [fuzzing]\n  reasons: [{reason: not-applicable}]\n"),
        ("src/a.rs", "use libfuzzer_sys::fuzz_target;\n"),
        ("renovate.json", "{}"),
    ]);
    repo.add("\x1b[31m\u{202e}.so", ELF);
    repo.commit();
    repo.write("untracked.txt", "text");
    is_the_same(&repo, repo.score(), &[]);
    is_the_same(&repo, repo.score_at("HEAD"), &["--details", "--show-annotations"]);
    is_the_same(&repo, repo.score(), &["--experimental", "--with-sources", "--untracked"]);
    is_the_same(&repo, repo.score(), &["--probes", "hasPermissiveLicense,hasBinaryArtifacts"]);
    is_the_same(&repo, repo.score(), &["--checks", "License,Fuzzing", "--probes", "hasPermissiveLicense"]);
    is_the_same(&repo, repo.score(), &["--as-of", "2020-02-02"]);
}

#[test]
fn gaps_and_names_that_are_no_utf8_come_back() {
    let repo = Repo::bare_with(&[("lost.so", "lost"), ("SECURITY.md", "lost")]);
    repo.add(b"lib/\xff.so", ELF);
    repo.commit();
    repo.lose(repo.blob("lost"));
    is_the_same(&repo, repo.score(), &["--details"]);
    let folder = Folder::with(&[(".git/description", "text"), (".gitignore", "a\n"), ("a", "text")]);
    is_the_same(&folder, folder.score(), &[]);
}

#[test]
fn a_replay_judges_by_other_checks_and_at_another_day_when_told() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    folder.score().args(["-f", "evidence=e"]).ok();
    let card = replay(&folder, "e").args(["--checks", "License,SAST", "--as-of", "2021-03-04T05:06:07Z"]).json();
    assert_eq!((card.checks(), card.score("License")), (vec!["License", "SAST"], 10));
    assert_eq!(card["date"], "2021-03-04T05:06:07Z");
    // What nobody asked for then is unknown now.
    folder.score().args(["--checks", "License", "-f", "evidence=e"]).ok();
    let card = replay(&folder, "e").args(["--checks", "Fuzzing"]).json();
    assert_eq!(card.score("Fuzzing"), -1);
    assert_eq!(card.check("Fuzzing")["gaps"][0]["cause"], "not_asked");
}

#[test]
fn gates_hold_for_a_replay() {
    let folder = Folder::with(&[("COPYING", "text")]);
    folder.score().args(["--checks", "License", "-f", "evidence=e"]).ok();
    assert_eq!(replay(&folder, "e").args(["--fail-under", "9"]).run().code, Some(0));
    assert_eq!(replay(&folder, "e").args(["--fail-under", "9.5"]).run().code, Some(1));
}

#[test]
fn texts_are_kept_only_when_asked_for() {
    let text = "Report to security@example.org. A secret word: abracadabra.\n";
    let folder = Folder::with(&[("SECURITY.md", text)]);
    folder.score().args(["-f", "evidence=e"]).ok();
    assert!(!saved(&folder, "e").to_string().contains("abracadabra"));
    folder.score().args(["-f", "evidence=e", "--with-sources"]).ok();
    assert!(saved(&folder, "e").to_string().contains("abracadabra"));
}

#[test]
fn what_is_no_saved_run_is_refused_with_what_was_found() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    folder.score().args(["-f", "evidence=good"]).ok();
    let good = saved(&folder, "good");
    let text = good.to_string();
    let with = |key: &str, value: Value| {
        let mut changed = good.clone();
        changed[key] = value;
        changed.to_string()
    };
    let cases = [
        (String::new(), "an empty file"),
        (text[..text.len() / 2].to_owned(), "ends too soon"),
        ("text".to_owned(), "no JSON"),
        ("{}".to_owned(), "without a schema number"),
        ("[1]".to_owned(), "found"),
        ("[".repeat(100_000), "found"),
        (with("schema", 99.into()), "schema 99"),
        (with("checks", json!(["Licence"])), "a check that does not exist: \"Licence\""),
        (with("probes", json!(["\x1b[31m"])), "a probe that does not exist"),
        (with("evidence", json!({ "files": 5 })), "does not fit"),
        (with("evidence", Value::Null), "does not fit"),
        (with("checks", json!(["License", "License"])), "named twice"),
        (text.replace("\"commit\":null", "\"commit\":\"\\u001b[31mEVIL\""), "a commit that is none"),
        (text.replace("\"as_of\":\"2", "\"as_of\":\"x"), "a moment of judging that is none"),
    ];
    for (text, found) in cases {
        fs::write(folder.beside("bad"), &text).expect("a file can be written");
        let error = replay(&folder, "bad").args(["-o", "out"]).fails(2);
        assert!(error.starts_with("error: cannot use bad: expected evidence saved by carat, schema 2, found "), "{error}");
        assert!(error.contains(found) && error.contains("\n       carat score PATH --format evidence=FILE"), "{error}");
    }
    for missing in ["missing", "repo"] {
        assert!(replay(&folder, missing).fails(2).starts_with(&format!("error: cannot use {missing}: ")));
    }
    let sparse = fs::File::create(folder.beside("long")).expect("a file can be made");
    sparse.set_len(300 << 20).expect("a file can have a hole");
    assert!(replay(&folder, "long").fails(2).contains("300 MiB"));
    assert!(!folder.beside("out").exists());
}

#[test]
fn a_replay_takes_no_target() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    folder.score().args(["-f", "evidence=e"]).ok();
    for arguments in [&["repo"][..], &["--commit", "main"], &["--untracked"], &["--with-sources"], &["--threads", "2"]] {
        let error = replay(&folder, "e").args(arguments).fails(2);
        assert!(error.contains("cannot be used with"), "{error}");
    }
}

#[test]
fn a_day_is_a_day_or_a_moment() {
    let folder = Folder::new();
    let date = |day: &str| folder.score().args(["--as-of", day]).json()["date"].clone();
    assert_eq!(date("2026-01-02"), "2026-01-02T00:00:00Z");
    assert_eq!(date("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05Z");
    assert_eq!(date("2026-01-02T03:04:05+02:00"), "2026-01-02T01:04:05Z");
    for bad in ["", "tomorrow", "2026-13-01", "2026-02-30", "1"] {
        let error = folder.score().args([format!("--as-of={bad}")]).fails(2);
        assert!(error.contains("2026-11-25"), "{error}");
    }
}
