//! Repositories that mean harm: nothing of them is run, nothing outside is read, nothing of theirs steers a terminal.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{ELF, Folder, Repo, carat, score};

/// Names that steer a terminal, turn text around, forge a line, or are no UTF-8.
const NAMES: [&[u8]; 6] = [
    b"\x1b]0;title\x07\x1b[31mred\x1b[0m.so",
    "a\u{202e}txt.so".as_bytes(),
    b"one\nWarn forged.so",
    "c1 \u{9b}31m \u{2028}.so".as_bytes(),
    b"\xff\xfe.so",
    b"<script>&\"'.so",
];

fn is_harmless(text: &str) -> bool {
    let steers =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !text.contains(steers)
}

#[test]
fn names_are_shown_harmlessly_in_every_format() {
    let repo = Repo::bare();
    for name in NAMES {
        repo.add([b"lib/".as_slice(), name].concat(), ELF);
    }
    repo.commit();
    for arguments in [["--format", "table"], ["--details", "--format=table"], ["--format", "json"], ["--format", "probe"]] {
        let ran = repo.score().args(arguments).ok();
        assert!(is_harmless(&ran.out), "{}", ran.out);
        assert!(!ran.out.contains("\nWarn forged"), "{}", ran.out);
    }
    let listed = repo.score().args(["--probes", "hasUnverifiedBinaryArtifacts"]).ok();
    assert!(is_harmless(&listed.out), "{}", listed.out);

    let card = repo.score().json();
    let mut paths = card.places("hasUnverifiedBinaryArtifacts");
    paths.sort_unstable();
    let mut want: Vec<String> = NAMES.iter().filter_map(|name| std::str::from_utf8(name).ok()).map(|name| format!("lib/{name}")).collect();
    want.push("lib/\\xFF\\xFE.so".to_owned());
    want.sort_unstable();
    assert_eq!(paths, want);
}

#[test]
fn names_on_a_disk_are_shown_harmlessly_too() {
    let repo = Repo::new();
    repo.add(NAMES[0], ELF);
    repo.add(NAMES[2], ELF);
    repo.commit();
    repo.write(NAMES[1], ELF);
    for run in [repo.score(), repo.score().args(["--untracked", "--details"]), repo.score().args(["-v"])] {
        let ran = run.run();
        assert_eq!(ran.code, Some(0));
        assert!(is_harmless(&ran.out) && is_harmless(&ran.err), "{}{}", ran.out, ran.err);
    }
    assert_eq!(repo.score().args(["--untracked"]).json().places("hasUnverifiedBinaryArtifacts").len(), 3);
}

#[test]
fn what_the_user_typed_is_shown_harmlessly() {
    let folder = Folder::with(&[]);
    let odd = folder.path().join(OsStr::from_bytes(b"\x1b[31m\nerror: forged"));
    let missing = score(&odd).fails(3);
    assert!(is_harmless(&missing) && !missing.contains("\nerror: forged"), "{missing}");
    fs::create_dir(&odd).expect("a folder can be made");
    let table = score(&odd).ok();
    assert!(is_harmless(&table.out) && table.out.starts_with("file://"), "{}", table.out);
    let json = score(&odd).args(["-f", "json"]).ok();
    assert!(is_harmless(&json.out) && json.json()["repo"]["name"] == format!("file://{}", odd.display()), "{}", json.out);
    let repo = Repo::with(&[("a.txt", "text")]);
    for error in [
        repo.score().args(["--commit", "\x1b[31mx"]).fails(3),
        repo.score().args(["--checks", "\x1b[31mx"]).fails(2),
        repo.score().args(["--probes", "\u{202e}x"]).fails(2),
        repo.score().args(["--format", "\x1b[31mx"]).fails(2),
        repo.score().args(["--output", "none/\x1b[31mx"]).fails(5),
        carat(["explain", "\x1b[31mx"]).fails(2),
    ] {
        assert!(is_harmless(&error), "{error}");
    }
}

#[test]
fn names_that_are_no_utf8_come_from_the_command_line_as_well() {
    let folder = Folder::new();
    let error = score(folder.path().join(OsStr::from_bytes(b"\xff"))).fails(3);
    assert!(error.starts_with("error: no such path: "), "{error}");
}

#[test]
fn nothing_of_a_repository_is_run() {
    let repo = Repo::with(&[("a.txt", "text"), (".gitattributes", "* filter=evil diff=evil\n")]);
    let marker = repo.beside("it-was-run");
    let program = repo.beside("program");
    fs::write(&program, format!("#!/bin/sh\necho > '{}'\ncat\n", marker.display())).expect("a file can be written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it may be run");
    let program = program.display();
    let settings = format!(
        "[core]\n\trepositoryformatversion = 0\n\tfsmonitor = {program}\n\thooksPath = {0}\n\tsshCommand = {program}\n\tpager = {program}\n\
         [filter \"evil\"]\n\tclean = {program}\n\tsmudge = {program}\n\tprocess = {program}\n\trequired = true\n\
         [diff \"evil\"]\n\ttextconv = {program}\n\tcommand = {program}\n[credential]\n\thelper = {program}\n",
        repo.path().join("hooks").display(),
    );
    repo.write(".git/config", settings);
    for hook in ["post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"] {
        for folder in ["hooks", ".git/hooks"] {
            repo.write(format!("{folder}/{hook}"), format!("#!/bin/sh\necho > '{}'\n", marker.display()));
            fs::set_permissions(repo.path().join(folder).join(hook), fs::Permissions::from_mode(0o755)).expect("it may be run");
        }
    }
    for run in [repo.score(), repo.score_at("HEAD"), repo.score().args(["--untracked"])] {
        run.ok();
    }
    assert!(!marker.exists());
}

#[test]
fn a_repository_does_not_say_where_its_working_tree_is() {
    let repo = Repo::with(&[("a.txt", "text"), ("LICENSE-MIT", "text")]);
    repo.delete("LICENSE-MIT");
    fs::create_dir(repo.beside("outside")).expect("a folder can be made");
    fs::write(repo.beside("outside/LICENSE-MIT"), "text").expect("a file can be written");
    let settings = format!("[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = {}\n", repo.beside("outside").display());
    repo.write(".git/config", settings);
    let card = repo.score().json();
    assert_eq!(card.score("License"), 0);
    assert_eq!(card.files(), [1, 0, 0, 1]);
}

#[test]
fn a_link_in_the_place_of_a_tracked_folder_is_not_followed() {
    let repo = Repo::with(&[("LICENSES/MIT.txt", "text"), ("COPYING", "text"), ("a.txt", "text")]);
    for path in ["outside/MIT.txt", "outside/COPYING"] {
        fs::create_dir_all(repo.beside("outside")).expect("a folder can be made");
        fs::write(repo.beside(path), "text").expect("a file can be written");
    }
    fs::remove_dir_all(repo.path().join("LICENSES")).expect("a folder can be removed");
    repo.link("LICENSES", repo.beside("outside"));
    repo.delete("COPYING");
    repo.link("COPYING", repo.beside("outside/COPYING"));
    let card = repo.score().json();
    assert_eq!(card.score("License"), 0);
    assert_eq!(card.files()[3], 1, "the file in the folder is gone, the other one is a link now");
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_is_listed_and_not_waited_for() {
    use rustix::fs::{CWD, Mode, mkfifoat};
    let repo = Repo::with(&[("LICENSE-MIT", "text"), ("SECURITY.md", "text"), ("tool.so", "text")]);
    for path in ["LICENSE-MIT", "SECURITY.md", "tool.so"] {
        repo.delete(path);
        mkfifoat(CWD, repo.path().join(path), Mode::RWXU).expect("a pipe can be made");
    }
    let folder = Folder::with(&[]);
    for path in ["LICENSE-MIT", ".gitignore"] {
        mkfifoat(CWD, folder.path().join(path), Mode::RWXU).expect("a pipe can be made");
    }
    for run in [repo.score(), repo.score().args(["--untracked"]), folder.score()] {
        assert_eq!(run.json().score("License"), 0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_git_directory_of_pipes_is_not_waited_for() {
    use rustix::fs::{CWD, Mode, mkfifoat};
    for path in ["config", "HEAD", "index", "packed-refs", "info/exclude", "refs/heads/main", "objects/info/alternates"] {
        let repo = Repo::with(&[("LICENSE-MIT", "text")]);
        let pipe = repo.path().join(".git").join(path);
        if pipe.exists() {
            fs::remove_file(&pipe).expect("a file can be deleted");
        }
        fs::create_dir_all(pipe.parent().expect("it stands in a folder")).expect("a folder can be made");
        mkfifoat(CWD, &pipe, Mode::RWXU).expect("a pipe can be made");
        for run in [repo.score(), repo.score_at("main")] {
            let code = run.run().code;
            assert!(matches!(code, Some(0 | 3)), "{path}: {code:?}");
        }
    }
}

#[test]
fn objects_that_are_pipes_or_links_are_not_waited_for_and_not_followed() {
    use rustix::fs::{CWD, Mode, mkfifoat};
    for place in ["objects/pack/pack-1.idx", "objects/ab/cdef"] {
        let repo = Repo::with(&[("LICENSE-MIT", "text")]);
        let odd = repo.path().join(".git").join(place);
        fs::create_dir_all(odd.parent().expect("it stands in a folder")).expect("a folder can be made");
        mkfifoat(CWD, &odd, Mode::RWXU).expect("a pipe can be made");
        assert!(repo.score_at("main").fails(3).contains("no files, among its objects"));
        fs::remove_file(&odd).expect("a pipe can be deleted");
        std::os::unix::fs::symlink("/dev/null", &odd).expect("a link can be made");
        assert!(repo.score_at("main").fails(3).contains("links"));
        repo.score().ok();
    }
}

#[test]
fn a_pipe_in_the_place_of_a_saved_run_is_not_waited_for() {
    use rustix::fs::{CWD, Mode, mkfifoat};
    let folder = Folder::new();
    mkfifoat(CWD, folder.beside("pipe"), Mode::RWXU).expect("a pipe can be made");
    let error = carat(["score", "--evidence", "pipe"]).within(&folder.beside("")).fails(2);
    assert!(error.contains("no regular file"), "{error}");
}

#[test]
fn configuration_that_a_repository_includes_is_not_read() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    fs::write(repo.beside("outside"), "[this is no configuration").expect("a file can be written");
    let settings = format!("[core]\n\trepositoryformatversion = 0\n[include]\n\tpath = {}\n", repo.beside("outside").display());
    repo.write(".git/config", settings);
    assert_eq!(repo.score().json().score("License"), 10);
    assert_eq!(repo.score_at("HEAD").json().score("License"), 10);
}

#[test]
fn objects_of_another_repository_are_not_borrowed() {
    let other = Repo::with(&[("LICENSE-MIT", "text")]);
    let repo = Repo::with(&[("COPYING", "text")]);
    repo.write(".git/objects/info/alternates", format!("{}\n", other.path().join(".git/objects").display()));
    assert_eq!(repo.score().json().score("License"), 9);
    let theirs = other.head().id().to_string();
    for revision in ["HEAD", &theirs] {
        let error = repo.score_at(revision).fails(3);
        assert!(error.contains("alternates"), "{error}");
    }
}

#[test]
fn the_users_configuration_of_git_is_not_read() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    let run = repo.score().home(".gitconfig", "[this is no configuration").home(".config/git/config", "[neither is this");
    assert_eq!(run.json().score("License"), 10);
}

#[test]
fn replacements_are_not_believed() {
    let repo = Repo::with(&[("COPYING", "text")]);
    let first = repo.head().id().to_string();
    repo.add("LICENSE-MIT", "text");
    let second = repo.commit();
    repo.git().reference(&format!("refs/replace/{first}"), second.parse().expect("an id"), false, "").expect("a ref can be made");
    assert_eq!(repo.score_at(&first).json().files(), [1, 0, 0, 0]);
}

#[test]
fn settings_for_a_partial_clone_are_no_hindrance() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    let settings = "[core]\n\trepositoryformatversion = 1\n\tbare = false\n[extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\turl = https://invalid.example/x\n\tpromisor = true\n";
    repo.write(".git/config", settings);
    assert_eq!(repo.score().json().score("License"), 10);
    assert_eq!(repo.score_at("HEAD").json().score("License"), 10);
}

#[test]
fn no_line_is_a_command_to_a_runner_of_workflows() {
    let folder = Folder::new();
    for name in ["::error title=x::forged.so", "##[add-mask]e.so"] {
        folder.write(name, ELF);
    }
    let formats =
        [&["--details"][..], &["--probes", "hasUnverifiedBinaryArtifacts"], &["-f", "json"], &["-f", "probe"], &["-f", "evidence"]];
    for arguments in formats {
        let out = folder.score().args(arguments).ok().out;
        assert!(out.contains("forged") && !out.contains("##["), "{out}");
        assert!(!out.lines().any(|line| line.trim_start().starts_with("::")), "{out}");
    }
}
