//! Clones: the tracked files as they stand in the working tree.

use std::fs;

use git2::{Repository, RepositoryInitOptions, WorktreeAddOptions};

use crate::support::{ELF, Repo, commit, entry, init, score};

const SKIP_WORKTREE: u16 = 1 << 14;

#[test]
fn a_clone_is_scored_at_its_commit() {
    let repo = Repo::new();
    repo.add("LICENSE-MIT", "text");
    repo.add("lib/tool.so", ELF);
    let commit = repo.commit();
    let card = repo.score().json();
    assert_eq!(card["repo"]["name"], format!("file://{}", repo.path().display()));
    assert_eq!(card["repo"]["commit"], commit);
    assert_eq!((card.score("License"), card.score("Binary-Artifacts")), (10, 9));
    assert_eq!(card.files(), [2, 0, 0, 0]);
}

#[test]
fn what_stands_in_the_working_tree_counts_not_what_was_committed() {
    let repo = Repo::with(&[("SECURITY.md", "Nothing."), ("tool.so", "text")]);
    repo.write("SECURITY.md", "Report vulnerabilities to security@example.org; we disclose them after 90 days.");
    repo.write("tool.so", ELF);
    let card = repo.score().json();
    assert_eq!((card.score("Security-Policy"), card.score("Binary-Artifacts")), (10, 9));
}

#[test]
fn untracked_files_are_counted_and_only_looked_at_when_asked() {
    let repo = Repo::with(&[(".gitignore", "/build/\n"), ("src/main.rs", "fn main() {}\n")]);
    repo.write("LICENSE-MIT", "text");
    repo.write("src/tool.so", ELF);
    repo.write("build/other.so", ELF);
    repo.write("mine.so", ELF);
    repo.write(".git/info/exclude", "/mine.so\n");
    let card = repo.score().json();
    assert_eq!((card.score("License"), card.score("Binary-Artifacts")), (0, 10));
    assert_eq!(card.files(), [2, 2, 0, 0]);
    let table = repo.score().ok().table();
    assert!(table.contains("Note 2 untracked files not looked at (--untracked adds them)\n"), "{table}");

    let card = repo.score().args(["--untracked"]).json();
    assert_eq!((card.score("License"), card.score("Binary-Artifacts")), (10, 9));
    assert_eq!(card.places("hasUnverifiedBinaryArtifacts"), ["src/tool.so"]);
    assert_eq!(card.files(), [4, 0, 0, 0]);
}

#[test]
fn a_tracked_file_counts_though_it_is_ignored() {
    let repo = Repo::with(&[(".gitignore", "*.so\nLICENSE*\n"), ("LICENSE-MIT", "text")]);
    let card = repo.score().json();
    assert_eq!(card.score("License"), 10);
    assert_eq!(card.files(), [2, 0, 0, 0]);
}

#[test]
fn a_repository_within_that_is_not_tracked_is_one_thing_and_closed() {
    let repo = Repo::with(&[("a.txt", "text")]);
    let within = repo.path().join("within");
    init(&within, &mut RepositoryInitOptions::new());
    repo.write("within/tool.so", ELF);
    let card = repo.score().args(["--untracked"]).json();
    assert_eq!(card.score("Binary-Artifacts"), 10);
    assert_eq!(repo.score().json().files(), [1, 1, 0, 0]);
}

#[test]
fn a_tracked_file_that_was_deleted_does_not_count() {
    let repo = Repo::with(&[("LICENSE", "text"), ("a.so", "text"), ("b.so", "text"), ("c.txt", "text")]);
    repo.write("b.so", ELF);
    repo.delete("a.so");
    repo.delete("LICENSE");
    let card = repo.score().json();
    assert_eq!(card.score("License"), 0);
    assert_eq!(card.places("hasUnverifiedBinaryArtifacts"), ["b.so"]);
    assert_eq!(card.files(), [2, 0, 0, 2]);
    let table = repo.score().ok().table();
    assert!(table.contains("Note 2 tracked files missing from the working tree\n"), "{table}");
}

#[test]
fn links_submodules_and_empty_files_are_listed_and_not_offered() {
    let repo = Repo::with(&[("text/mit", "text"), ("LICENCE", "")]);
    repo.link("COPYING", "text/mit");
    repo.track("COPYING", 0o120_000, repo.blob("text/mit"));
    let commit = repo.commit();
    fs::create_dir(repo.path().join("LICENSE")).expect("a folder for the submodule");
    repo.track("LICENSE", 0o160_000, commit.parse().expect("an id"));
    repo.commit();
    for card in [repo.score().json(), repo.score_at("HEAD").json()] {
        assert_eq!(card.score("License"), 0);
        assert_eq!(card.files(), [4, 0, 0, 0]);
    }
}

#[test]
fn what_stands_in_a_submodule_belongs_to_another_repository() {
    let repo = Repo::with(&[("a.txt", "text")]);
    repo.track("sub", 0o160_000, repo.commit().parse().expect("an id"));
    repo.commit();
    init(&repo.path().join("sub"), &mut RepositoryInitOptions::new());
    repo.write("sub/tool.so", ELF);
    let card = repo.score().json();
    assert_eq!(card.score("Binary-Artifacts"), 10);
    assert_eq!(card.files(), [2, 0, 0, 0]);
}

#[test]
fn an_entry_that_the_user_left_out_of_the_working_tree_is_read_from_the_objects() {
    let repo = Repo::new();
    repo.add("a.txt", "text");
    let text = repo.blob("Report vulnerabilities to security@example.org; we disclose them after 90 days.");
    let mut entry = entry(b"docs/SECURITY.md", 0o100_644, text);
    entry.flags_extended = SKIP_WORKTREE;
    repo.track_entry(&entry);
    repo.commit();
    let card = repo.score().json();
    assert_eq!(card.score("Security-Policy"), 10);
    assert_eq!(card.files(), [2, 0, 0, 0]);
}

#[test]
fn without_an_index_that_can_be_read_the_files_are_those_of_the_commit() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    let whole = repo.score().json();
    assert_eq!(whole.notes(), "");
    repo.delete(".git/index");
    let missing = repo.score().json();
    assert!(missing.notes().contains("the files are those of HEAD"), "{}", missing.notes());
    repo.write(".git/index", "DIRC and then nothing that makes sense, for longer than a checksum");
    let broken = repo.score().json();
    assert!(broken.notes().contains("the files are those of HEAD"), "{}", broken.notes());
    for card in [missing, broken] {
        assert_eq!(card["findings"], whole["findings"]);
        assert_eq!(card.files(), [1, 0, 0, 0]);
    }
    let table = repo.score().ok().table();
    assert!(table.contains("\nNote Git's index could not be used"), "{table}");
}

#[test]
fn an_index_that_shortens_its_paths_is_read_as_well() {
    let repo = Repo::new();
    let mut index = repo.git().index().expect("a repository has an index");
    index.set_version(4).expect("libgit2 knows version 4");
    for path in ["docs/LICENSE", "docs/long/way/down.md", "docs/long/way/up.md", "lib/tool.so"] {
        repo.add(path, ELF);
    }
    repo.commit();
    assert_eq!(index.version(), 4);
    let card = repo.score().json();
    assert_eq!(card.places("hasUnverifiedBinaryArtifacts").len(), 4);
    assert_eq!((card.files(), card.notes()), ([4, 0, 0, 0], String::new()));
}

#[test]
fn a_linked_working_tree_is_a_clone() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    let side = repo.beside("side");
    repo.git().worktree("side", &side, Some(&WorktreeAddOptions::new())).expect("a working tree can be linked");
    let linked = Repository::open(&side).expect("it is a repository");
    let mut index = linked.index().expect("with an index of its own");
    let text = linked.blob(ELF).expect("an object can be written");
    index.add(&entry(b"tool.so", 0o100_644, text)).expect("an entry can be added");
    index.write().expect("an index can be written");
    fs::write(side.join("tool.so"), ELF).expect("a file can be written");
    let commit = commit(&linked);
    let card = score(&side).json();
    assert_eq!(card["repo"]["commit"], commit);
    assert_eq!((card.score("License"), card.score("Binary-Artifacts")), (10, 9));
    assert_eq!(card.files(), [2, 0, 0, 0]);
    let mut target = side.into_os_string();
    target.push("@HEAD");
    let tree = score(&target).json();
    assert_eq!((&tree["repo"]["commit"], &tree["score"]), (&card["repo"]["commit"], &card["score"]));
    assert_eq!(tree.files(), [2, 0, 0, 0]);
    // The working tree that it was linked to is as it was.
    assert_eq!(repo.score().json().score("Binary-Artifacts"), 10);
}

#[test]
fn a_submodules_working_tree_is_a_clone() {
    let repo = Repo::with(&[("a.txt", "text")]);
    let sub = repo.path().join("sub");
    let mut options = RepositoryInitOptions::new();
    options.no_dotgit_dir(true).workdir_path(&sub);
    let git = init(&repo.path().join(".git/modules/sub"), &mut options);
    fs::write(sub.join("LICENSE-MIT"), "text").expect("a file can be written");
    let mut index = git.index().expect("a repository has an index");
    let text = git.blob(b"text").expect("an object can be written");
    index.add(&entry(b"LICENSE-MIT", 0o100_644, text)).expect("an entry can be added");
    index.write().expect("an index can be written");
    let commit = commit(&git);
    assert!(sub.join(".git").is_file());
    let card = score(&sub).json();
    assert_eq!(card["repo"]["commit"], commit);
    assert_eq!(card.score("License"), 10);
}

#[test]
fn what_stands_in_an_ignored_folder_is_ignored_though_the_folder_holds_a_tracked_file() {
    let repo = Repo::with(&[(".gitignore", "/dist/\n"), ("dist/.gitkeep", "x")]);
    repo.write("dist/app.exe", "MZ");
    repo.write("dist/sub/more.exe", "MZ");
    repo.write("other.txt", "x");
    assert_eq!(repo.score().json().files(), [2, 1, 0, 0]);
    assert_eq!(repo.score().args(["--untracked"]).json().score("Binary-Artifacts"), 10);
}
