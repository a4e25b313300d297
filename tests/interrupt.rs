//! Runs that are interrupted, killed, or not alone: a file of theirs is whole or not there.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::support::{Carat, Folder, Repo};

/// What stands around a repository.
fn around(folder: &Folder) -> Vec<String> {
    let entries = folder.beside("").read_dir().expect("the folder around can be listed");
    let mut names: Vec<String> = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A repository of a dozen objects that takes long to list: a million entries, and more behind them.
fn endless() -> Repo {
    let repo = Repo::bare();
    let (mut mode, mut id) = (0o100_644, repo.blob("text"));
    for _ in 0..10 {
        let names: Vec<String> = (0..10).map(|n| format!("{n}.so")).collect();
        id = repo.tree(names.iter().map(|name| (name.as_str(), mode, id)));
        mode = 0o040_000;
    }
    repo.commit_tree(id);
    repo
}

/// Interrupts a run as soon as it listens to interrupts, which it does from the moment that its work begins. The work
/// takes a million entries, so that it is not over by then; no moment is waited for by a clock.
#[cfg(target_os = "linux")]
fn interrupted(run: Carat) -> (Option<i32>, String) {
    use rustix::process::{Pid, Signal, kill_process};
    let (mut child, _home) = run.start();
    let listens = |child: &Child| {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 << (Signal::INT.as_raw() - 1) != 0)
    };
    while !listens(&child) {
        assert!(child.try_wait().expect("it can be asked").is_none(), "it ended before it could be interrupted");
        std::thread::yield_now();
    }
    kill_process(Pid::from_child(&child), Signal::INT).expect("it runs");
    let mut err = String::new();
    child.stderr.take().expect("it is captured").read_to_string(&mut err).expect("it is a text");
    (child.wait().expect("it ends").code(), err)
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_run_leaves_nothing_behind() {
    let repo = endless();
    fs::write(repo.beside("old.json"), "old").expect("a file can be written");
    let run = repo.score().args(["-f", "json=old.json", "-f", "evidence=new.json"]);
    assert_eq!(interrupted(run), (Some(130), "error: interrupted\n".to_owned()));
    assert_eq!(fs::read_to_string(repo.beside("old.json")).expect("it is there"), "old");
    assert_eq!(around(&repo), ["old.json", "repo"]);
}

#[test]
fn a_killed_run_leaves_a_file_as_it_was() {
    let repo = endless();
    fs::write(repo.beside("old.json"), "old").expect("a file can be written");
    let (mut child, _home) = repo.score().args(["-f", "json=old.json"]).start();
    child.kill().expect("it runs");
    assert_eq!(child.wait().expect("it ends").code(), None);
    // Nobody can tidy up behind a process that was killed: a file beside may be left, this one is whole.
    assert_eq!(fs::read_to_string(repo.beside("old.json")).expect("it is there"), "old");
}

#[test]
fn of_runs_at_once_that_write_one_file_one_wins_whole() {
    let repo = Repo::new();
    for n in 0..200 {
        repo.add(format!("src/f{n}.so"), crate::support::ELF);
    }
    repo.commit();
    let checks = ["License", "Binary-Artifacts", "Fuzzing", "Security-Policy"];
    let one = |check| repo.score().args(["--as-of", "2026-01-01", "-f", "json", "--checks", check]);
    let alone = checks.map(|check| one(check).ok().out);
    for _ in 0..5 {
        let runs = checks.map(|check| one(check).args(["-o", "out.json"]).start());
        for (mut child, _home) in runs {
            assert_eq!(child.wait().expect("it ends").code(), Some(0));
        }
        let written = fs::read_to_string(repo.beside("out.json")).expect("it was written");
        assert!(alone.contains(&written), "{written}");
        assert_eq!(around(&repo), ["out.json", "repo"]);
    }
}

/// A folder that is scored at once, and behind it one that is not.
fn quick_and_endless() -> (Folder, Repo) {
    (Folder::with(&[("LICENSE", "MIT")]), endless())
}

#[cfg(target_os = "linux")]
#[test]
fn of_many_what_is_complete_is_written_before_an_interrupt_ends_the_run() {
    use rustix::process::{Pid, Signal, kill_process};
    for signal in [Signal::INT, Signal::TERM] {
        let (quick, slow) = quick_and_endless();
        let run = quick.score().args([slow.path(), quick.beside("").as_path()]);
        let run =
            run.args(["--jobs", "1", "--checks", "License,Binary-Artifacts", "-f", "ndjson", "-f", "json=all.json", "-f", "table=all.txt"]);
        let (mut child, _home) = run.stdout(Stdio::piped()).start();
        let mut out = BufReader::new(child.stdout.take().expect("it is captured"));
        let mut line = String::new();
        out.read_line(&mut line).expect("it is a text");
        kill_process(Pid::from_child(&child), signal).expect("it runs");
        let mut err = String::new();
        child.stderr.take().expect("it is captured").read_to_string(&mut err).expect("it is a text");
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{err}");
        let told =
            "error: interrupted: what was complete is written; 2 of 3 targets were not done\n3 listed = 1 scored + 0 failed + 2 skipped\n";
        assert_eq!(err, told);
        let one: Value = serde_json::from_str(&line).expect("a whole line");
        let all: Value = serde_json::from_str(&fs::read_to_string(quick.beside("all.json")).expect("it is written")).expect("whole");
        assert_eq!(all, Value::Array(vec![one]));
        let table = fs::read_to_string(quick.beside("all.txt")).expect("it is written");
        assert!(table.contains("/repo") && table.ends_with('\n'), "{table}");
        assert_eq!(around(&quick), ["all.json", "all.txt", "repo"]);
    }
}

#[test]
fn a_reader_of_lines_who_reads_no_more_ends_the_run_quietly() {
    let (quick, slow) = quick_and_endless();
    let run = quick.score().args([slow.path()]).args(["--jobs", "1", "--checks", "License,Binary-Artifacts", "-f", "ndjson"]);
    let (mut child, _home) = run.stdout(Stdio::piped()).start();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().expect("it is captured").read_to_string(&mut err).expect("it is a text");
    assert_eq!((child.wait().expect("it ends").code(), err.as_str()), (Some(0), ""));
}
