//! Revisions and bare repositories: trees from the object database.

use crate::support::{ELF, Folder, Repo, score};

/// A clone with a commit without a licence, of several names, and one with a licence. Returns the first commit's id.
fn two_commits() -> (Repo, String) {
    let repo = Repo::with(&[("a.txt", "text")]);
    repo.branch("old/one");
    repo.tag("v1");
    repo.annotated_tag("v1.0");
    let first = repo.head().id().to_string();
    repo.add("LICENSE-MIT", "text");
    repo.commit();
    (repo, first)
}

#[test]
fn a_revision_is_a_branch_a_tag_or_a_commit() {
    let (repo, first) = two_commits();
    assert_eq!(repo.score().json().score("License"), 10);
    for revision in ["old/one", "v1", "v1.0", "refs/tags/v1", "HEAD~1", "main^", &first, &first[..7]] {
        for card in [repo.score_at(revision).json(), repo.score().args(["--commit", revision]).json()] {
            assert_eq!(card["repo"]["commit"], first, "{revision}");
            assert_eq!(card.score("License"), 0, "{revision}");
            assert_eq!(card.files(), [1, 0, 0, 0], "{revision}");
        }
    }
    let twice = repo.score_at("v1").args(["--commit", "v1"]).json();
    assert_eq!(twice["repo"]["commit"], first);
}

#[test]
fn the_working_tree_of_a_revision_is_not_looked_at() {
    let repo = Repo::with(&[("LICENSE-MIT", "text"), ("a/b/SECURITY.md", "text")]);
    let before = repo.score_at("HEAD").json();
    repo.delete("LICENSE-MIT");
    repo.delete(".git/index");
    repo.write("a/b/tool.so", ELF);
    let after = repo.score_at("HEAD").json();
    assert_eq!(after["findings"], before["findings"]);
    assert_eq!((after.files(), after.notes()), ([2, 0, 0, 0], String::new()));
}

#[test]
fn the_table_says_which_revision_it_is_about() {
    let (repo, first) = two_commits();
    let table = repo.score_at("v1").ok().table();
    assert!(table.starts_with(&format!("file://[TMP]/repo at v1 ({}), 1 file\n", &first[..12])), "{table}");
}

#[test]
fn a_bare_repository_is_scored_by_its_tree() {
    let repo = Repo::bare_with(&[("LICENSE-MIT", "text"), ("docs/SECURITY.md", "Nothing."), ("LICENSE.md", "")]);
    let first = repo.head().id().to_string();
    repo.branch("old");
    repo.add("tool.so", ELF);
    let second = repo.commit();
    let card = repo.score().json();
    assert_eq!(card["repo"]["commit"], second);
    assert_eq!((card.score("License"), card.score("Binary-Artifacts")), (10, 9));
    assert_eq!(card.files(), [4, 0, 0, 0]);
    let card = repo.score_at("old").json();
    assert_eq!(card["repo"]["commit"], first);
    assert_eq!(card.score("Binary-Artifacts"), 10);
}

#[test]
fn a_tree_is_judged_as_its_checkout_is() {
    let repo = Repo::with(&[
        (".github/dependabot.yml", "version: 2\n"),
        ("COPYING", "text"),
        ("SECURITY.md", "Report to security@example.org.\n"),
        ("fuzz/fuzz_targets/a.rs", "#![no_main]\nuse libfuzzer_sys::fuzz_target;\n"),
        ("tool.jar", "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}"),
    ]);
    let (tree, checkout) = (repo.score_at("HEAD").json(), repo.score().json());
    let scores = ["Binary-Artifacts", "Dependency-Update-Tool", "Fuzzing", "License", "Security-Policy"].map(|check| tree.score(check));
    assert_eq!(scores, [9, 10, 10, 9, 9]);
    for key in ["score", "completeness", "interval", "files"] {
        assert_eq!(tree[key], checkout[key], "{key}");
    }
    let judged = |card: &serde_json::Value| {
        let findings = card["findings"].as_array().expect("findings are a list").clone();
        findings
            .into_iter()
            .map(|finding| ["probe", "outcome", "location", "fingerprint"].map(|key| finding[key].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(judged(&tree), judged(&checkout));
}

#[test]
fn equal_files_are_judged_each_by_its_own_name() {
    let repo = Repo::bare();
    for path in ["a.txt", "b.so", "c.exe", "d/SECURITY.md", "e.so", "src/test/f.so"] {
        repo.add(path, b"\x01\x02\x03\x04\x05\x06\x07\x08");
    }
    repo.commit();
    let card = repo.score().json();
    assert_eq!(card.places("hasUnverifiedBinaryArtifacts"), ["b.so", "c.exe", "e.so"]);
    let messages: Vec<&str> = card.check("Binary-Artifacts")["details"]
        .as_array()
        .expect("details are a list")
        .iter()
        .map(|detail| detail.as_str().expect("a text"))
        .collect();
    assert!(messages[1].contains("exe") && messages[2].contains("so"), "{messages:?}");
}

#[test]
fn files_come_in_the_order_of_git_wherever_they_stand() {
    // A folder sorts as if its name ended with a slash: behind a full stop, before a digit.
    let paths = ["B.so", "a-b.so", "a.so", "a/b.so", "a/c/d.so", "a0.so"];
    let (clone, bare, folder) = (Repo::new(), Repo::bare(), Folder::new());
    for path in ["a0.so", "a/c/d.so", "B.so", "a.so", "a/b.so", "a-b.so"] {
        clone.add(path, ELF);
        bare.add(path, ELF);
        folder.write(path, ELF);
    }
    clone.commit();
    bare.commit();
    for run in [clone.score(), clone.score_at("main"), bare.score(), folder.score(), clone.score().args(["--untracked", "--threads", "1"])]
    {
        assert_eq!(run.json().places("hasUnverifiedBinaryArtifacts"), paths);
    }
}

#[test]
fn an_object_that_the_clone_lacks_is_a_gap_and_limits_the_check_that_would_have_read_it() {
    let repo = Repo::bare_with(&[("LICENSE-MIT", "text"), ("lib/a.so", "other text")]);
    repo.lose(repo.blob("other text"));
    let card = repo.score().json();
    assert_eq!(card.check("Binary-Artifacts")["status"], "limited");
    assert_eq!(card.check("Binary-Artifacts")["gaps"][0]["paths"][0], "lib/a.so");
    assert_eq!((card.score("Binary-Artifacts"), card.score("License")), (10, 10));
}

#[test]
fn a_folder_of_a_tree_that_the_clone_lacks_is_said() {
    let repo = Repo::bare_with(&[("LICENSE-MIT", "text"), ("lib/a.so", "text")]);
    let root = repo.head().tree().expect("a commit has a tree");
    repo.lose(root.get_name("lib").expect("there is a folder").id());
    let card = repo.score().json();
    assert_eq!(card["files"]["missing"][0].as_str().map(|text| text.starts_with("lib: ")), Some(true), "{}", card["files"]);
    assert_eq!(card.check("Binary-Artifacts")["status"], "limited");
    let table = repo.score().ok().table();
    assert!(table.contains("\nNote not listed: lib: "), "{table}");
}

#[test]
fn a_whole_path_that_exists_wins_over_a_revision() {
    let around = Folder::with(&[("a@v1/LICENSE-MIT", "text"), ("a/COPYING", "text")]);
    let card = score(around.path().join("a@v1")).json();
    assert_eq!((card.score("License"), &card["repo"]["commit"]), (10, &"unknown".into()));
}

#[test]
fn any_number_of_threads_gives_the_same_result() {
    let repo = Repo::new();
    for n in 0..300 {
        repo.add(format!("src/{}/f{n}.so", n % 7), if n % 3 == 0 { ELF } else { b"text" });
    }
    repo.commit();
    let with = |threads| {
        let arguments = ["--threads", threads, "-f", "json"];
        [repo.score(), repo.score_at("HEAD")].map(|run| run.args(arguments).ok().table())
    };
    assert_eq!(with("1"), with("7"));
}
