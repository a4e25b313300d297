//! Repositories that are too much: every bound holds, and the result names it. Bounds are tested by counts, never by a clock.

use std::fs::{self, File};

use git2::{ObjectType, Oid};

use crate::support::{Card, ELF, Folder, Index, Repo, carat};

const TREE: u32 = 0o040_000;
const BLOB: u32 = 0o100_644;
const ENTRIES: &str = "the bound of 1,000,000 entries was reached";
const DEPTH: &str = "the bound of 128 folders in each other was reached";

/// What could not be listed, a line each.
fn missing(card: &Card) -> Vec<&str> {
    card["files"]["missing"].as_array().expect("a list").iter().map(|line| line.as_str().expect("a text")).collect()
}

/// A tree that holds this ten times over, and so on, this many times.
fn tenfold(repo: &Repo, times: usize, mode: u32, id: Oid) -> Oid {
    let (mut mode, mut id) = (mode, id);
    for _ in 0..times {
        let names: Vec<String> = (0..10).map(|n| format!("{n}.so")).collect();
        id = repo.tree(names.iter().map(|name| (name.as_str(), mode, id)));
        mode = TREE;
    }
    id
}

#[test]
fn twelve_objects_that_name_ten_thousand_million_paths_are_listed_up_to_a_bound() {
    let repo = Repo::bare();
    let tree = tenfold(&repo, 10, BLOB, repo.blob("text"));
    repo.commit_tree(tree);
    let card = repo.score().args(["--checks", "License"]).json();
    let missing = missing(&card);
    assert!(missing.len() == 1 && missing[0].ends_with(ENTRIES), "{missing:?}");
    // Folders count as well.
    assert!((890_000..1_000_000).contains(&card.files()[0]), "{}", card["files"]);
    assert_eq!((&card.check("License")["status"], &card.check("License")["bounds"]), (&"limited".into(), &serde_json::json!([0, 10])));
}

#[test]
fn folders_without_files_are_listed_up_to_a_bound_as_well() {
    let repo = Repo::bare();
    let nothing = repo.tree([]);
    let tree = tenfold(&repo, 10, TREE, nothing);
    repo.commit_tree(tree);
    let table = repo.score().args(["--checks", "License"]).ok().table();
    assert!(table.contains(", 0 files\n") && table.contains("\nNote not listed: ") && table.contains(ENTRIES), "{table}");
}

#[test]
fn paths_take_no_more_memory_than_a_bound() {
    // A thousand paths of ten names of 60,000 letters each would be 600 megabytes.
    let repo = Repo::bare();
    let (long, text) = ("x".repeat(60_000), repo.blob("text"));
    let files: Vec<String> = (0..1_000).map(|n| format!("{n:03}")).collect();
    let mut tree = repo.tree(files.iter().map(|name| (name.as_str(), BLOB, text)));
    for _ in 0..10 {
        tree = repo.tree([(long.as_str(), TREE, tree)]);
    }
    // What could be a licence is looked at letter by letter, as far as the first folder goes.
    let tree = repo.tree([("a", TREE, tree)]);
    repo.commit_tree(tree);
    // An index that leaves out what a path has in common with the one before needs 70 bytes for each.
    let clone = Repo::with(&[("a", "text")]);
    let folder = format!("{}/", "x".repeat(1_000_000));
    let index = (0..1_000).fold(Index::new(4), |index, n| index.and(&format!("a/{folder}{n:03}"), BLOB, text));
    clone.write(".git/index", index.bytes());
    for run in [repo.score(), clone.score()] {
        let card = run.args(["--checks", "License"]).json();
        let missing = missing(&card);
        assert!(missing.len() == 1 && missing[0].ends_with(": the bound of 128 MiB of paths was reached"), "{}", missing.len());
        // A path that is too long to be named is named by its beginning.
        assert!(missing[0].len() < 5_000 && card.files()[0] < 250, "{}", card["files"]["listed"]);
    }
}

#[test]
fn folders_that_an_index_only_implies_count_as_well() {
    let repo = Repo::with(&[("a", "text")]);
    let text = repo.blob("text");
    let deep = "/d".repeat(120);
    let index = (0..10_000).fold(Index::new(2), |index, n| index.and(&format!("{n:04}{deep}/f"), BLOB, text));
    repo.write(".git/index", index.bytes());
    let card = repo.score().args(["--checks", "License"]).json();
    let missing = missing(&card);
    assert!(missing.len() == 1 && missing[0].ends_with(ENTRIES), "{missing:?}");
    assert_eq!(card.files(), [0, 1, 0, 8_196], "122 entries each");
}

#[test]
fn trees_in_each_other_are_held_up_to_a_bound() {
    // Each is small in the database and 20 megabytes long.
    let repo = Repo::bare();
    let text = repo.blob("text");
    let names: Vec<String> = (0..80_000).map(|n| format!("{n:05}{}", "x".repeat(220))).collect();
    let mut tree = text;
    for depth in 0..3 {
        let first = [("a", if depth == 0 { BLOB } else { TREE }, tree)];
        tree = repo.tree(first.into_iter().chain(names.iter().map(|name| (name.as_str(), BLOB, text))));
    }
    repo.commit_tree(tree);
    let card = repo.score().args(["--checks", "License"]).json();
    assert_eq!(missing(&card)[0], "a/a: the bound of 50 MiB for folders in each other was reached");
}

#[test]
fn a_depth_of_ten_thousand_is_followed_up_to_a_bound() {
    let path = |depth: usize| format!("{}f", "d/".repeat(depth));
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    let text = repo.blob("text");
    let clone = Repo::with(&[("LICENSE-MIT", "text")]);
    let index = Index::new(2).and("LICENSE-MIT", BLOB, text).and(&path(10_000), BLOB, text).and(&path(128), BLOB, text);
    clone.write(".git/index", index.bytes());
    let mut tree = repo.tree([("f", BLOB, text)]);
    for _ in 1..10_000 {
        tree = repo.tree([("d", TREE, tree)]);
    }
    let tree = repo.tree([("LICENSE-MIT", BLOB, text), ("d", TREE, tree)]);
    repo.commit_tree(tree);
    for (card, deep) in [(clone.score().json(), path(10_000)), (repo.score_at("main").json(), path(129)[..257].to_owned())] {
        assert_eq!(missing(&card), [format!("{deep}: {DEPTH}")]);
        assert_eq!(card.score("License"), 10);
        assert_eq!(card.check("Binary-Artifacts")["status"], "limited");
    }
}

#[test]
fn a_disk_is_walked_as_deep_as_a_bound() {
    // A path of one letter for a folder, nearly as long as a system call takes.
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    let mut deep: Vec<_> = (1..=1_800).map(|depth| folder.path().join("d/".repeat(depth))).collect();
    fs::create_dir_all(&deep[deep.len() - 1]).expect("folders can be made");
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    fs::rename(folder.path().join("d"), repo.path().join("d")).expect("a folder can be moved");
    let untracked = repo.score().args(["--untracked"]).json();
    fs::rename(repo.path().join("d"), folder.path().join("d")).expect("a folder can be moved");
    let plain = folder.score().json();
    // What tidies up behind a test keeps a folder open for each that it goes down.
    while let Some(path) = deep.pop() {
        fs::remove_dir(path).expect("an empty folder can be removed");
    }
    for card in [plain, untracked] {
        assert_eq!(card.files()[0], 1);
        assert_eq!(missing(&card), [format!("{}: {DEPTH}", "d/".repeat(129).trim_end_matches('/'))]);
    }
}

/// The only gap of a check, as it is said.
#[track_caller]
fn gap<'a>(card: &'a Card, check: &str) -> &'a str {
    let gaps = card.check(check)["gaps"].as_array().expect("a list");
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    gaps[0]["text"].as_str().expect("a text")
}

/// Leaves nothing of a loose object but its beginning, in which its length stands.
fn cut(repo: &Repo, id: Oid) {
    let file = repo.loose(id);
    let beginning = fs::read(&file).expect("a loose object can be read")[..100].to_vec();
    fs::write(file, beginning).expect("it can be cut");
}

#[test]
fn an_object_that_would_be_too_large_is_not_inflated() {
    let large = vec![0; (50 << 20) + 1];
    let repo = Repo::bare_with(&[("LICENSE-MIT", "text")]);
    let id = repo.blob(&large);
    assert!(repo.loose(id).metadata().expect("a file").len() < 1 << 20, "it is fifty times as long as it looks");
    // Were it inflated, it would be found to be cut.
    cut(&repo, id);
    repo.track("tool.so", BLOB, id);
    repo.commit();
    let card = repo.score().json();
    assert_eq!(gap(&card, "Binary-Artifacts"), "tool.so: the bound of 50 MiB for an object was reached");
    assert_eq!((card.score("License"), card.files()), (10, [2, 0, 0, 0]));
    // As little of it as a folder, as a commit, and behind names.
    let tree = repo.object(ObjectType::Tree, &large);
    cut(&repo, tree);
    let root = repo.tree([("LICENSE-MIT", BLOB, repo.blob("text")), ("lib", TREE, tree)]);
    let id = repo.commit_tree(root);
    let card = repo.score_at(&id).json();
    assert_eq!(missing(&card), ["lib: the bound of 50 MiB for an object was reached"]);
    let commit = repo.object(ObjectType::Commit, &large);
    cut(&repo, commit);
    repo.set_ref("refs/heads/large", &commit.to_string());
    for revision in ["large", &commit.to_string()] {
        let error = repo.score_at(revision).fails(3);
        assert!(error.contains("the bound of 50 MiB for an object was reached"), "{error}");
    }
    let blob = repo.blob(vec![1; (50 << 20) + 1]);
    cut(&repo, blob);
    repo.set_ref("refs/tags/large", &blob.to_string());
    let error = repo.score_at("refs/tags/large").fails(3);
    assert!(error.ends_with(": the commit of refs/tags/large cannot be read: it is a blob that leads to no commit\n"), "{error}");
}

#[test]
fn tags_of_tags_are_followed_up_to_a_bound() {
    let repo = Repo::bare_with(&[("LICENSE-MIT", "text")]);
    let mut id = repo.head().id();
    for depth in 0..20 {
        let kind = if depth == 0 { "commit" } else { "tag" };
        id = repo.object(ObjectType::Tag, format!("object {id}\ntype {kind}\ntag t{depth}\n\nA tag\n").as_bytes());
        repo.set_ref(&format!("refs/tags/t{depth}"), &id.to_string());
    }
    assert_eq!(repo.score_at("t9").json().score("License"), 10);
    let error = repo.score_at("t19").fails(3);
    assert!(error.contains("the commit of t19 cannot be read: it is a tag of a tag of a tag, without end"), "{error}");
}

const TARGET: &str = "use libfuzzer_sys::fuzz_target;";

/// The lines at which a card shows fuzzing.
fn lines(card: &Card) -> Vec<u64> {
    let findings = card["findings"].as_array().expect("findings are a list").iter();
    findings.filter(|finding| finding["probe"] == "fuzzed").filter_map(|finding| finding["location"]["lineStart"].as_u64()).collect()
}

#[test]
fn a_line_of_fifty_megabytes_is_read_in_pieces() {
    let long = |megabytes: usize| {
        let mut text = format!("{TARGET}\n").into_bytes();
        text.resize(megabytes << 20, b'x');
        text.extend(format!("\n{TARGET}\n").bytes());
        text
    };
    let folder = Folder::new();
    folder.write("a.rs", long(50));
    assert_eq!(lines(&folder.score().args(["--checks", "Fuzzing"]).json()), [1, 3]);
    // At a revision as far as an object may be large.
    let repo = Repo::bare();
    repo.add("a.rs", long(49));
    repo.commit();
    assert_eq!(lines(&repo.score().args(["--checks", "Fuzzing"]).json()), [1, 3]);
    repo.add("a.rs", long(50));
    repo.commit();
    let card = repo.score().args(["--checks", "Fuzzing"]).json();
    assert!(card.check("Fuzzing")["gaps"].to_string().contains("a.rs: the bound of 50 MiB for an object was reached"));
    assert_eq!(lines(&card), [0_u64; 0]);
}

#[test]
fn a_file_of_a_disk_has_any_length() {
    // A hole of a gigabyte, of which the first bytes are looked at.
    let folder = Folder::new();
    folder.write("tool.so", ELF);
    let file = File::options().append(true).open(folder.path().join("tool.so")).expect("it was written");
    file.set_len(1 << 30).expect("a file can have a hole");
    assert_eq!(folder.score().json().places("hasUnverifiedBinaryArtifacts"), ["tool.so"]);
}

#[test]
fn what_is_kept_of_a_file_is_bounded() {
    let text = "Report to security@example.org within 90 days.\n";
    let long = text.repeat((4 << 20) / text.len() + 1);
    let yaml = format!("annotations: []\n{}", "#\n".repeat(128 << 10));
    let repo = Repo::with(&[("SECURITY.md", &long), ("scorecard.yml", &yaml)]);
    for card in [repo.score().json(), repo.score_at("HEAD").json()] {
        assert_eq!(card.score("Security-Policy"), 0);
        assert!(card.check("Security-Policy")["gaps"].to_string().contains("SECURITY.md: the bound of 4 MiB for such a file was reached"));
    }
}

#[test]
fn marks_of_a_file_are_kept_up_to_a_bound() {
    let repo = Repo::with(&[("a.rs", &format!("{TARGET}\n").repeat(1_001)), ("b.rs", TARGET)]);
    for card in [repo.score().json(), repo.score_at("HEAD").json()] {
        assert_eq!(lines(&card).len(), 1_001);
        assert_eq!(card.notes(), "a.rs: only the first 1000 marks of fuzzing were kept");
    }
}

#[test]
fn facts_of_a_kind_are_kept_up_to_a_bound() {
    // One file of a thousand marks in ten thousand places: ten million marks, were they kept for each.
    let repo = Repo::bare();
    let text = repo.blob(format!("{TARGET}\n").repeat(1_001));
    let names: Vec<String> = (0..100).map(|n| format!("{n:02}.rs")).collect();
    let folder = repo.tree(names.iter().map(|name| (name.as_str(), BLOB, text)));
    let root = repo.tree(names.iter().map(|name| (name.as_str(), TREE, folder)));
    repo.commit_tree(root);
    let ran = repo.score().args(["--checks", "Fuzzing"]).ok();
    assert!(ran.out.contains("Note only 100000 of 10000000 marks of fuzzing were kept\n"), "{}", ran.out);
    let note = "Note 00.rs/00.rs and 9999 other files: only the first 1000 marks of fuzzing were kept\n";
    assert!(ran.out.contains(note) && ran.out.len() < 10_000, "{}", ran.out);
}

/// Makes a file longer than this, without writing so much.
fn lengthen(folder: &Folder, path: &str, megabytes: u64) {
    let file = File::options().append(true).create(true).open(folder.path().join(path)).expect("a file can be opened");
    file.set_len((megabytes << 20) + 1).expect("a file can have a hole");
}

#[test]
fn rules_of_more_than_a_megabyte_are_not_followed_and_that_is_said() {
    let folder = Folder::with(&[(".gitignore", "*.so\n")]);
    folder.write("tool.so", ELF);
    assert_eq!(folder.score().json().files(), [1, 0, 1, 0]);
    lengthen(&folder, ".gitignore", 1);
    let card = folder.score().json();
    assert_eq!(card.places("hasUnverifiedBinaryArtifacts"), ["tool.so"]);
    assert_eq!((card.files(), card.notes().as_str()), ([2, 0, 0, 0], "longer than 1 MiB, and so neither read nor followed: .gitignore"));
    let clone = Repo::with(&[("a.txt", "text"), ("lib/b.txt", "text")]);
    for path in ["", "lib/"] {
        clone.write(format!("{path}.gitignore"), "*.so\n");
        clone.write(format!("{path}tool.so"), ELF);
        lengthen(&clone, &format!("{path}.gitignore"), 1);
    }
    for card in [clone.score().json(), clone.score().args(["--untracked"]).json()] {
        assert_eq!(card.files()[0] + card.files()[1], 6);
        assert_eq!(card.notes(), "longer than 1 MiB, and so neither read nor followed: .gitignore and 1 others");
    }
}

#[test]
fn rules_of_a_megabyte_are_followed() {
    // Patterns that are wrong, that match nothing, and that match in many ways.
    let odd = "[\n\\\n**\n!\n/\n{a,b\n[z-a]\n\u{202e}*\n*a*a*a*a*a*a*a*a*a*a*b\n/**/**/**/x/**\n   \n!!x\n";
    let folder = Folder::new();
    let mut rules = b"\xff\xfe\n".to_vec();
    while rules.len() < 20_000 {
        rules.extend(odd.bytes().filter(|byte| *byte != b'*').chain(*b"\n"));
    }
    rules.resize((1 << 20) - 100, b'x');
    rules.extend(b"\n*a*a*a*a*a*a*a*a*a*a*b\n*.so\n");
    folder.write(".gitignore", rules);
    folder.write("tool.so", ELF);
    folder.write("a".repeat(200), "text");
    let card = folder.score().json();
    assert_eq!((card.files(), card.notes()), ([2, 0, 1, 0], String::new()));
}

#[test]
fn an_index_of_more_than_a_bound_gives_way_to_the_tree_of_head() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    lengthen(&repo, ".git/index", 512);
    let card = repo.score().json();
    assert_eq!((card.score("License"), card.files()), (10, [1, 0, 0, 0]));
    assert_eq!(card.notes(), "Git's index could not be used (it is longer than 512 MiB): the files are those of HEAD");
}

#[test]
fn a_list_of_refs_of_more_than_a_bound_is_said_to_be_the_reason() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    let id = repo.head().id().to_string();
    repo.delete(".git/refs/heads/main");
    repo.write(".git/packed-refs", format!("{id} refs/heads/main\n"));
    assert_eq!(repo.score().json().score("License"), 10);
    lengthen(&repo, ".git/packed-refs", 64);
    let why =
        "error: cannot read the repository [TMP]/repo: its list of refs (packed-refs) is longer than 64 MiB, and none of them was read\n";
    for run in [repo.score(), repo.score_at("HEAD"), repo.score_at("v1")] {
        assert_eq!(run.fails(3), why);
    }
    // What needs no list is found.
    assert_eq!(repo.score_at(&id).json().score("License"), 10);
    repo.set_ref("refs/heads/main", &id);
    assert_eq!(repo.score().json().score("License"), 10);
}

#[test]
fn refs_that_lead_in_circles_lead_nowhere() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    repo.set_ref("refs/heads/a", "ref: refs/heads/b");
    repo.set_ref("refs/heads/b", "ref: refs/heads/a");
    repo.set_ref("refs/heads/me", "ref: refs/heads/me");
    repo.set_ref("refs/heads/head", "ref: HEAD");
    repo.set_ref("refs/heads/out", "ref: refs/../../../outside");
    for revision in ["a", "b", "me", "head", "out"] {
        let error = repo.score_at(revision).fails(3);
        assert!(error.starts_with(&format!("error: unknown revision {revision:?} in [TMP]/repo\n")), "{error}");
    }
    // Five refs in a row are the most that Git follows as well.
    for (from, to) in [("r1", "r2"), ("r2", "r3"), ("r3", "r4"), ("r4", "main")] {
        repo.set_ref(&format!("refs/heads/{from}"), &format!("ref: refs/heads/{to}"));
    }
    assert_eq!(repo.score_at("r1").json().score("License"), 10);
    repo.write(".git/HEAD", "ref: refs/heads/a\n");
    assert!(repo.score().fails(3).contains("HEAD names refs/heads/a, which does not exist"));
}

#[test]
fn files_of_a_git_directory_are_read_up_to_a_bound() {
    let text = |path: &str, megabytes| {
        let repo = Repo::with(&[("LICENSE-MIT", "text")]);
        lengthen(&repo, path, megabytes);
        repo
    };
    // Of a configuration too long to be read nothing is believed, as of any other.
    assert_eq!(text(".git/config", 1).score().json().score("License"), 10);
    assert_eq!(text(".git/info/exclude", 1).score().json().score("License"), 10);
    assert_eq!(text(".git/shallow", 600).score().json().score("License"), 10);
    assert!(text(".git/HEAD", 65).score().fails(3).contains("its HEAD cannot be read"));
    let error = text(".git/refs/heads/main", 1).score().fails(3);
    assert!(error.contains("HEAD names refs/heads/main, which does not exist"), "{error}");
    let folder = Folder::with(&[(".git", "gitdir: elsewhere\n"), ("LICENSE-MIT", "text")]);
    lengthen(&folder, ".git", 1);
    assert!(folder.score().json().notes().contains("scored as a folder without Git"));
}

#[test]
fn a_saved_run_made_up_by_hand_is_shown_harmlessly() {
    let folder = Folder::with(&[("LICENSE-MIT", "text"), ("a.rs", TARGET)]);
    folder.score().args(["-f", "evidence=good"]).ok();
    let text = fs::read_to_string(folder.beside("good")).expect("the run was saved");
    let mut run: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let evidence = &mut run["evidence"];
    let mark = |path: &str, line: u32| serde_json::json!({ "path": path, "line": line, "text": "\x1b[31m\u{202e}::error::forged" });
    let odd = ["", "/", "../../etc/passwd", "no-such.rs", "\x1b]0;x\x07.rs", "a\nWarn forged.rs", "file:///etc/passwd.rs", "C:\\x.rs"];
    evidence["fuzzing"]["known"]["marks"] = odd.iter().map(|path| mark(path, u32::MAX)).chain([mark("a.rs", 0)]).collect();
    evidence["binaries"]["known"] = odd
        .iter()
        .map(|path| serde_json::json!({ "path": path, "format": "\x1b[31m", "sign": "magic" }))
        .chain([serde_json::json!({ "path": { "bytes": "ff0a1b" }, "format": "", "sign": "name" })])
        .collect();
    let files = &mut evidence["files"]["known"];
    files["entries"][0]["size"] = u64::MAX.into();
    files["entries"][0]["path"] = "../LICENSE".into();
    files["looked_at"]["untracked"] = u64::MAX.into();
    files["looked_at"]["notes"] = (0..100_000).map(|n| format!("\x1b[31mnote {n}\nWarn forged")).collect();
    files["looked_at"]["missing"] = serde_json::json!([["\x1b[31m", { "failed": { "why": "\u{202e}" } }], ["", "shallow"]]);
    evidence["repository"]["name"] = "file:///\x1b[31m\nforged".into();
    evidence["repository"]["revision"] = "\x1b[31m".into();
    fs::write(folder.beside("odd"), run.to_string()).expect("a file can be written");
    for format in ["table", "json", "ndjson", "probe", "evidence"] {
        let ran = carat(["score", "--evidence", "odd", "--details", "-f", format]).within(&folder.beside("")).ok();
        let steers = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
        assert!(!ran.out.contains(steers) && !ran.out.contains("\nWarn forged") && !ran.out.contains("\nforged"), "{format}");
    }
    // None of the files that it names is looked at: it is judged where they are not.
    fs::rename(folder.path(), folder.beside("elsewhere")).expect("a folder can be moved");
    let card = carat(["score", "--evidence", "odd"]).within(&folder.beside("")).json();
    assert_eq!(card.score("Binary-Artifacts"), 1);
}
