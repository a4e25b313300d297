//! Repositories that are damaged, or that lie: what can be read is, and the rest is a gap or the reason for an error.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use git2::{ObjectType, Oid};

use crate::support::{ELF, Index, Repo};

/// Flips bits in the middle of a file.
fn damage(file: &Path) {
    let mut bytes = fs::read(file).expect("a file can be read");
    let middle = bytes.len() / 2;
    for byte in &mut bytes[middle..middle + 8] {
        *byte ^= 0x55;
    }
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).expect("the owner may write it");
    fs::write(file, bytes).expect("a file can be written");
}

/// A text that a pack holds in about as many bytes.
fn noise() -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'!' + u8::try_from(state >> 24).unwrap_or_default() % 64
    };
    (0..20_000).map(next).collect()
}

#[test]
fn a_damaged_object_is_a_gap() {
    for packed in [false, true] {
        let repo = Repo::bare_with(&[("LICENSE-MIT", "text")]);
        repo.add("src/main.rs", noise());
        repo.commit();
        if packed {
            damage(&repo.pack());
        } else {
            damage(&repo.loose(repo.blob(noise())));
        }
        let card = repo.score().json();
        assert_eq!((card.score("License"), card.files()), (10, [2, 0, 0, 0]));
        let gaps = card.check("Fuzzing")["gaps"].to_string();
        assert!(gaps.contains("src/main.rs: the object cannot be read: "), "{gaps}");
        assert_eq!(card.check("Fuzzing")["status"], "limited");
    }
}

#[test]
fn objects_that_are_cut_empty_or_none_are_gaps_and_so_are_those_that_lie() {
    let repo = Repo::bare_with(&[("LICENSE-MIT", "text")]);
    let contents = [&b""[..], b"x", b"\x78\x01", b"\x78\x01\x4b\xca\xc9\x4f\x52\x30", &[0; 1_000], &[0xff; 1_000]];
    let names: Vec<String> = (0..contents.len()).map(|n| format!("{n}.so")).collect();
    let mut entries = vec![("LICENSE-MIT", 0o100_644, repo.blob("text"))];
    for (name, content) in names.iter().zip(contents) {
        let id = repo.blob(name);
        fs::write(repo.loose(id), content).expect("a loose object can be written");
        entries.insert(entries.len() - 1, (name.as_str(), 0o100_644, id));
    }
    // One that holds another object than its name says is read as what it holds.
    let id = repo.blob("not what it was");
    fs::copy(repo.loose(repo.blob(ELF)), repo.loose(id)).expect("a loose object can be written");
    entries.push(("other.so", 0o100_644, id));
    let tree = repo.tree(entries);
    repo.commit_tree(tree);
    let card = repo.score().json();
    assert_eq!((card.score("License"), card.files()), (10, [8, 0, 0, 0]));
    assert_eq!(card.places("hasUnverifiedBinaryArtifacts"), ["other.so"]);
    let gaps = card.check("Binary-Artifacts")["gaps"].as_array().expect("a list").clone();
    assert_eq!(gaps.iter().filter_map(|gap| gap["count"].as_u64()).sum::<u64>(), 6, "{gaps:?}");
}

#[test]
fn a_damaged_tree_or_commit_cannot_be_scored_but_the_working_tree_can() {
    for is_commit in [true, false] {
        let repo = Repo::with(&[("LICENSE-MIT", "text")]);
        let id = if is_commit { repo.head().id() } else { repo.head().tree_id() };
        fs::write(repo.loose(id), "garbage, and enough of it to be no header").expect("a loose object can be written");
        assert_eq!(repo.score().json().score("License"), 10);
        let error = repo.score_at("main").fails(3);
        assert!(error.starts_with("error: cannot read the repository [TMP]/repo: the "), "{error}");
    }
}

#[test]
fn an_object_of_another_kind_than_it_should_be_is_a_gap() {
    let repo = Repo::bare_with(&[("LICENSE-MIT", "text")]);
    let (text, commit) = (repo.blob("text"), repo.head().id());
    let folder = repo.tree([("x.so", 0o100_644, text)]);
    let tree = repo.tree([
        ("LICENSE-MIT", 0o100_644, text),
        ("blob", 0o040_000, text),
        ("commit", 0o040_000, commit),
        ("commit.so", 0o100_644, commit),
        ("itself.so", 0o100_644, folder),
        ("sub", 0o160_000, text),
    ]);
    repo.commit_tree(tree);
    let card = repo.score().json();
    assert_eq!((card.score("License"), card.files()[0]), (10, 4));
    assert_eq!(card["files"]["missing"], serde_json::json!(["blob: the object is no tree", "commit: the object is no tree"]));
    let gaps = card.check("Binary-Artifacts")["gaps"].to_string();
    assert!(gaps.contains("2 files (commit.so, itself.so): the object is no blob"), "{gaps}");
    // A commit of a blob, and of nothing that there is.
    for (tree, why) in [(text, "the object is no tree"), (Oid::from_bytes(&[7; 20]).expect("an id"), "the object is not in this clone")] {
        repo.commit_tree(tree);
        let error = repo.score().fails(3);
        assert!(error.contains(why), "{error}");
    }
    repo.set_ref("refs/heads/main", &text.to_string());
    assert!(repo.score().fails(3).contains("the object is no commit"));
    let nameless = repo.object(ObjectType::Commit, b"author Someone <someone@example.org> 0 +0000\n\n");
    repo.set_ref("refs/heads/main", &nameless.to_string());
    assert!(repo.score().fails(3).contains("the commit names none"));
}

#[test]
fn a_tree_with_names_that_lead_out_reads_nothing_there() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    let (text, binary) = (repo.blob("text"), repo.blob(ELF));
    fs::write(repo.beside("outside.so"), ELF).expect("a file can be written");
    let within = repo.tree([("outside.so", 0o100_644, text)]);
    let tree = repo.tree([
        ("..", 0o040_000, within),
        (".git", 0o040_000, within),
        ("../outside.so", 0o100_644, text),
        ("/etc/x.so", 0o100_644, binary),
        ("a.so", 0o100_644, binary),
        ("a.so", 0o100_644, binary),
    ]);
    repo.commit_tree(tree);
    // What the objects hold is judged, what stands on the disk is not looked at.
    let paths = ["/etc/x.so", "a.so", "a.so"];
    assert_eq!(repo.score_at("main").json().places("hasUnverifiedBinaryArtifacts"), paths);
    repo.delete(".git/index");
    assert_eq!(repo.score().json().places("hasUnverifiedBinaryArtifacts"), paths);
}

#[test]
fn an_index_that_lies_gives_way_to_the_tree_of_head_and_that_is_said() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    fs::write(repo.beside("COPYING"), "text").expect("a file can be written");
    let text = repo.blob("text");
    let of = |paths: &[&str]| paths.iter().fold(Index::new(2), |index, path| index.and(path, 0o100_644, text)).bytes();
    let good = of(&["COPYING", "a.txt"]);
    let with = |at: usize, bytes: &[u8]| [&good[..at], bytes, &good[at + bytes.len()..]].concat();
    let cases = [
        (good[..good.len() / 2].to_vec(), "it is cut short"),
        (with(8, &9_u32.to_be_bytes()), "it is cut short"),
        (with(8, &u32::MAX.to_be_bytes()), "it is cut short"),
        (with(8, &1_u32.to_be_bytes()), "it has a part that is not known"),
        (with(4, &5_u32.to_be_bytes()), "its version is unknown"),
        (with(0, b"XXXX"), "it is no index"),
        (of(&["b", "a"]), "its entries are not in order"),
        (of(&["../COPYING"]), "leads nowhere within the working tree"),
        (of(&["/etc/passwd"]), "leads nowhere within the working tree"),
        (of(&[".git/config"]), "leads nowhere within the working tree"),
        (of(&["a/.GIT/config"]), "leads nowhere within the working tree"),
        (of(&["a/../../COPYING"]), "leads nowhere within the working tree"),
        (Index::new(4).and("a", 0o100_644, text).extension(b"zzzz", b"").bytes(), "it has a part that is not known"),
        (Index::new(3).skipped("docs/", 0o040_000, text).extension(b"link", b"").bytes(), "it is split"),
    ];
    for (index, why) in cases {
        repo.write(".git/index", index);
        let card = repo.score().json();
        assert_eq!((card.score("License"), card.files()), (10, [1, 0, 0, 0]), "{why}");
        assert!(card.notes().contains(why) && card.notes().ends_with("): the files are those of HEAD"), "{why}: {}", card.notes());
    }
}

#[test]
fn a_head_of_garbage_is_no_commit() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    let heads: [&[u8]; 9] = [
        b"\0\0\0\0",
        b"\xff\xfe",
        b"ref:",
        b"ref: ../../outside",
        b"ref: refs/heads/../../HEAD",
        b"ref: HEAD",
        b"ref: refs/heads/\x1b[31m\n",
        b"0123456789",
        b"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
    ];
    for head in heads {
        repo.write(".git/HEAD", head);
        let error = repo.score().fails(3);
        assert!(error.starts_with("error: cannot read the repository [TMP]/repo: "), "{head:?}: {error}");
        assert_eq!(repo.score_at("main").json().score("License"), 10);
    }
}
