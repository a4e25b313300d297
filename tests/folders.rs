//! Folders without Git.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use git2::RepositoryInitOptions;

use crate::support::{ELF, Folder, Repo, init, score};

#[test]
fn a_folder_without_git_is_scored_and_said_to_be_one() {
    let folder = Folder::with(&[("LICENSE-MIT", "text"), (".hidden/a.txt", "text")]);
    let card = folder.score().json();
    assert_eq!(card["repo"]["commit"], "unknown");
    assert_eq!(card.score("License"), 10);
    assert_eq!((card.files(), card.notes()), ([2, 0, 0, 0], String::new()));
    let table = folder.score().ok().table();
    assert!(table.starts_with("file://[TMP]/repo, a folder without Git, 2 files\n"), "{table}");
}

#[test]
fn a_folder_without_files_is_scored() {
    let card = Folder::new().score().json();
    assert_eq!(card.files(), [0, 0, 0, 0]);
    assert_eq!((card.score("License"), card.score("Binary-Artifacts")), (0, 10));
}

#[test]
fn what_the_folders_own_rules_ignore_is_left_out_and_said() {
    let folder = Folder::with(&[
        (".gitignore", "*.so\n/target\n!keep.so\n"),
        ("lib/.gitignore", "!b.so\n"),
        ("lib/.hidden/.gitignore", "# nothing\n"),
        ("target/deep/down.txt", "text"),
        ("target/deep/up.txt", "text"),
    ]);
    for path in ["a.so", "keep.so", "lib/b.so", "lib/c.so", "lib/.hidden/d.so"] {
        folder.write(path, ELF);
    }
    let card = folder.score().json();
    assert_eq!(card.places("hasUnverifiedBinaryArtifacts"), ["keep.so", "lib/b.so"]);
    // A folder that is ignored counts as one.
    assert_eq!(card.files()[2], 3 + 1);
    let table = folder.score().ok().table();
    assert!(table.contains("Note 4 entries that .gitignore names not looked at\n"), "{table}");
}

#[test]
fn no_other_rules_count() {
    let folder = Folder::with(&[(".ignore", "*.so\n"), (".rgignore", "*.so\n"), (".git/info/exclude", "*.so\n")]);
    folder.write("a.so", ELF);
    fs::write(folder.beside(".gitignore"), "*\n").expect("a file can be written");
    let settings = "[core]\n\texcludesFile = ~/ignored\n";
    let run = folder.score().home(".gitconfig", settings).home("ignored", "*\n").home(".config/git/ignore", "*\n");
    let card = run.json();
    assert_eq!(card.places("hasUnverifiedBinaryArtifacts"), ["a.so"]);
    assert_eq!(card.files(), [3, 0, 0, 0]);
}

#[test]
fn links_lead_nowhere_but_the_users_own_does() {
    let folder = Folder::with(&[("real/a.txt", "text")]);
    fs::create_dir(folder.beside("outside")).expect("a folder can be made");
    fs::write(folder.beside("outside/LICENSE-MIT"), "text").expect("a file can be written");
    fs::write(folder.beside("outside/tool.so"), ELF).expect("a file can be written");
    folder.link("LICENSE-MIT", folder.beside("outside/LICENSE-MIT"));
    folder.link("LICENSES", folder.beside("outside"));
    folder.link("loop", ".");
    let named = folder.beside("named");
    symlink(folder.path(), &named).expect("a link can be made");
    for card in [folder.score().json(), score(&named).json()] {
        assert_eq!((card.score("License"), card.score("Binary-Artifacts")), (0, 10));
        assert_eq!(card.files(), [4, 0, 0, 0]);
    }
}

#[test]
fn a_folder_of_a_clone_is_a_folder_without_git() {
    let repo = Repo::with(&[("LICENSE", "text"), ("part/COPYING", "text")]);
    let card = score(repo.path().join("part")).json();
    assert_eq!((&card["repo"]["commit"], card.score("License")), (&"unknown".into(), 9));
}

#[test]
fn a_git_file_that_leads_elsewhere_makes_no_clone() {
    let other = Repo::with(&[("LICENSE-MIT", "text")]);
    let folder = Folder::with(&[(".git", &format!("gitdir: {}\n", other.path().join(".git").display())), ("COPYING", "text")]);
    let card = folder.score().json();
    assert_eq!(card["repo"]["commit"], "unknown");
    assert_eq!(card.score("License"), 9);
    assert!(card.notes().contains("does not point back here"), "{}", card.notes());
    // Git directories that name a working tree, but not this one.
    let linked = other.beside("linked");
    other.git().worktree("linked", &linked, None).expect("a working tree can be linked");
    let sub = other.path().join("sub");
    init(&other.path().join(".git/modules/sub"), RepositoryInitOptions::new().no_dotgit_dir(true).workdir_path(&sub));
    for git in [linked.join(".git"), sub.join(".git")] {
        folder.write(".git", fs::read(git).expect("both have a .git file"));
        let card = folder.score().json();
        assert_eq!((&card["repo"]["commit"], card.score("License")), (&"unknown".into(), 9));
        assert!(card.notes().contains("does not point back here"), "{}", card.notes());
    }
    for text in ["", "gitdir: ", "gitdir: nowhere\n", "gitdir: .\n", "text"] {
        folder.write(".git", text);
        let card = folder.score().json();
        assert_eq!((&card["repo"]["commit"], card.score("License")), (&"unknown".into(), 9), "{text:?}");
        assert!(card.notes().contains("scored as a folder without Git"), "{text:?}");
    }
}

#[test]
fn a_git_folder_without_a_repository_makes_no_clone() {
    let folder = Folder::with(&[(".git/description", "text"), ("COPYING", "text")]);
    let card = folder.score().json();
    assert_eq!((&card["repo"]["commit"], card.score("License")), (&"unknown".into(), 9));
    assert!(card.notes().contains(".git holds no repository"), "{}", card.notes());
    let table = folder.score().ok().table();
    assert!(table.contains("\nNote .git holds no repository: scored as a folder without Git\n"), "{table}");
}

#[test]
fn git_folders_further_down_are_left_out() {
    let folder = Folder::with(&[("part/a.txt", "text")]);
    folder.write("part/.git/hooks/tool.so", ELF);
    folder.write("part/b.git/tool.so", ELF);
    let card = folder.score().json();
    assert_eq!(card.places("hasUnverifiedBinaryArtifacts"), ["part/b.git/tool.so"]);
    assert_eq!(card.files()[0], 2);
}

#[test]
fn what_may_not_be_read_is_a_gap_and_the_run_goes_on() {
    let folder = Folder::with(&[("LICENSE-MIT", "text"), ("closed/a.txt", "text"), ("SECURITY.md", "text")]);
    let mode = |path: &str, mode| {
        let path = folder.path().join(path);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the owner may close a file");
    };
    mode("SECURITY.md", 0);
    mode("closed", 0);
    // Who may read everything, as root may, has no gap to see.
    let closed = fs::read(folder.path().join("SECURITY.md")).is_err();
    let card = folder.score().json();
    mode("closed", 0o700);
    assert_eq!(card.score("License"), 10);
    if closed {
        assert_eq!(card.check("Security-Policy")["status"], "limited");
        assert_eq!(card["files"]["missing"].as_array().map(Vec::len), Some(1));
    }
}
