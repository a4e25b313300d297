//! Bad input: one clear message, a hint, and an exit code.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{Folder, Repo, carat, score};

#[test]
fn a_path_that_does_not_exist_cannot_be_scored() {
    let folder = Folder::new();
    for missing in ["missing", "./repo/missing", "missing@v1", "@v1", "repo@", ""] {
        let error = score(missing).within(&folder.beside("")).fails(3);
        assert!(error.starts_with(&format!("error: no such path: {missing}\n")), "{error}");
        assert!(error.contains("\n       name an existing folder"), "{error}");
    }
}

#[test]
fn a_file_is_no_target() {
    let folder = Folder::with(&[("a.txt", "text")]);
    let error = score(folder.path().join("a.txt")).fails(3);
    assert!(error.starts_with("error: not a folder: ") && error.contains("a.txt\n"), "{error}");
    assert!(error.contains("\n       name the folder"), "{error}");
    score(folder.path().join("a.txt/b")).fails(3);
}

#[test]
fn a_folder_that_may_not_be_read_cannot_be_scored() {
    let folder = Folder::with(&[("a.txt", "text")]);
    let mode = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).expect("the owner may close a folder");
    mode(0);
    // Root may read everything: for it there is no such folder.
    if fs::read_dir(folder.path()).is_err() {
        let error = folder.score().fails(3);
        assert!(error.starts_with("error: cannot read [TMP]/repo: "), "{error}");
    }
    mode(0o700);
}

#[test]
fn a_repository_without_commits_cannot_be_scored() {
    for repo in [Repo::new(), Repo::bare()] {
        let error = repo.score().fails(3);
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @r"
            error: the repository [TMP]/repo has no commits
                   commit something first; to score files that no commit holds, copy them to a folder without Git
            ");
        }
        repo.score_at("main").fails(3);
    }
    // Files change nothing about that.
    let repo = Repo::new();
    repo.add("a.txt", "text");
    assert!(repo.score().fails(3).contains("has no commits"));
}

#[test]
fn a_head_that_leads_nowhere_cannot_be_scored() {
    let repo = Repo::with(&[("a.txt", "text")]);
    for head in ["ref: refs/heads/gone\n", "no reference\n", ""] {
        repo.write(".git/HEAD", head);
        let error = repo.score().fails(3);
        assert!(error.starts_with("error: cannot read the repository [TMP]/repo: "), "{head:?}: {error}");
    }
    repo.write(".git/HEAD", "ref: refs/heads/gone\n");
    repo.score_at("main").ok();
}

#[test]
fn a_commit_that_the_clone_lacks_cannot_be_scored_though_its_working_tree_can() {
    let lost = "0123456789012345678901234567890123456789";
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    repo.write(".git/HEAD", format!("{lost}\n"));
    let card = repo.score().json();
    assert_eq!((&card["repo"]["commit"], card.score("License")), (&lost.into(), 10));
    for run in [repo.score_at("HEAD"), repo.score_at(lost)] {
        let error = run.fails(3);
        assert!(error.contains("[TMP]/repo") && !error.contains("has no commits"), "{error}");
    }
}

/// A git directory whose configuration says how it stores things.
fn stored(extensions: &str) -> String {
    format!("[core]\n\trepositoryformatversion = 1\n\tbare = false\n[extensions]\n{extensions}")
}

#[test]
fn repositories_that_cannot_be_read_are_refused_with_the_reason() {
    let cases = [
        ("\tobjectFormat = sha256\n", "SHA-256"),
        ("\tobjectformat = \"sha256\"\n", "SHA-256"),
        ("\trefStorage = reftable\n", "reftable"),
        ("\tobjectFormat = sha256\n\trefStorage = reftable\n", "SHA-256"),
    ];
    for (extensions, reason) in cases {
        let config = stored(extensions);
        let clone = Folder::with(&[(".git/HEAD", "ref: refs/heads/main\n"), (".git/config", &config), ("LICENSE", "text")]);
        let bare = Folder::with(&[("HEAD", "ref: refs/heads/main\n"), ("config", &config)]);
        for folder in ["objects", "refs"] {
            fs::create_dir(clone.path().join(".git").join(folder)).expect("a folder can be made");
            fs::create_dir(bare.path().join(folder)).expect("a folder can be made");
        }
        for run in [clone.score(), clone.score_at("main"), bare.score()] {
            let error = run.fails(3);
            assert!(error.starts_with("error: cannot read the repository [TMP]/repo: "), "{error}");
            assert!(error.contains(reason), "{error}");
        }
    }
}

#[test]
fn an_unknown_revision_gives_the_names_that_are_like_it() {
    let repo = Repo::with(&[("a.txt", "text")]);
    for branch in ["feature/tables", "feature/labels", "release-1"] {
        repo.branch(branch);
    }
    repo.tag("v1.2.0");
    let near = |revision: &str| {
        let error = repo.score_at(revision).fails(3);
        assert!(error.starts_with(&format!("error: unknown revision {revision:?} in [TMP]/repo\n       ")), "{error}");
        error.split_once("\n       ").expect("a hint follows").1.trim_end().to_owned()
    };
    assert!(near("mian").contains("main"));
    assert!(near("v1.2").contains("v1.2.0"));
    assert!(near("feature/table").contains("did you mean feature/tables or feature/labels"));
    for other in ["zzz", "0123456789", "HEAD~9"] {
        assert!(!near(other).is_empty());
    }
    // Trees and files are no commits.
    assert!(!near("HEAD^{tree}").is_empty());
    repo.score().args(["--commit", "mian"]).fails(3);
    repo.score().args(["--commit", ""]).fails(3);
    repo.score().args(["--commit", "HEAD:a.txt"]).fails(3);
}

#[test]
fn a_folder_without_git_has_no_revisions() {
    let folder = Folder::with(&[("a.txt", "text")]);
    for run in [folder.score_at("main"), folder.score().args(["--commit", "main"])] {
        let error = run.fails(3);
        assert!(
            error.starts_with("error: no revision \"main\": [TMP]/repo is a folder without Git\n       leave the revision out"),
            "{error}"
        );
    }
}

#[test]
fn two_revisions_are_one_too_many() {
    let repo = Repo::with(&[("a.txt", "text")]);
    let error = repo.score_at("main").args(["--commit", "HEAD"]).fails(2);
    assert!(error.contains("two revisions for one target: @main and --commit HEAD"), "{error}");
}

#[test]
fn an_unknown_name_gives_the_nearest_one() {
    let folder = Folder::new();
    let cases = [
        (["--checks", "Licence"], "unknown check \"Licence\"; did you mean License?"),
        (["--checks", "License,binary-artifact"], "unknown check \"binary-artifact\"; did you mean Binary-Artifacts?"),
        (["--skip", "Fuzing"], "unknown check \"Fuzing\"; did you mean Fuzzing?"),
        (["--probes", "hasLicense"], "unknown probe \"hasLicense\"; did you mean hasLicenseFile?"),
        (["--format", "jsn"], "unknown format \"jsn\"; did you mean json?"),
        (["--format", "tabel=x"], "unknown format \"tabel\"; did you mean table?"),
        (["--checks", "qqqq"], "unknown check \"qqqq\"; carat checks lists what there is"),
        (["--format", "qqqq"], "unknown format \"qqqq\"; carat score --help lists what there is"),
    ];
    for (arguments, message) in cases {
        let error = folder.score().args(arguments).fails(2);
        assert_eq!(error, format!("error: {message}\n"));
    }
    assert!(!folder.beside("x").exists());
}

#[test]
fn wrong_usage_comes_before_a_target_that_cannot_be_scored() {
    score("missing").args(["--checks", "Licence"]).fails(2);
    score("missing").args(["--no-such-flag"]).fails(2);
}

#[test]
fn wrong_arguments_are_wrong_usage() {
    let cases: [&[&str]; 8] = [
        &["score"],
        &["score", ".", "--threads", "0"],
        &["score", ".", "--threads", "many"],
        &["score", ".", "--jobs", "0"],
        &["score", ".", "--timeout", "0"],
        &["score", ".", "--checks"],
        &["explain"],
        &["no-such-command"],
    ];
    for arguments in cases {
        carat(arguments).fails(2);
    }
}
