//! Odd clones, files and names: each is read rightly, or said to be what it is.

use std::fs;
use std::path::Path;

use git2::{ObjectType, Oid};

use crate::support::{Card, ELF, Folder, Index, Repo, commit};

const POLICY: &str = "Report vulnerabilities to security@example.org; we disclose them after 90 days.\n";

/// Gives a folder, and all that stands in it, to somebody else. Only root may.
fn give_away(path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::lchown(path, Some(12_345), Some(12_345))?;
    if path.is_dir() && !path.is_symlink() {
        for entry in path.read_dir()? {
            give_away(&entry?.path())?;
        }
    }
    Ok(())
}

#[test]
fn a_clone_of_somebody_elses_is_read_as_ones_own() {
    let repo = Repo::with(&[("LICENSE-MIT", "text"), ("SECURITY.md", POLICY)]);
    let own = [repo.score().json(), repo.score_at("HEAD").json()];
    // Who is not root cannot give files away: then this compares a clone with itself.
    let _ = give_away(repo.path());
    let theirs = [repo.score().json(), repo.score_at("HEAD").json()];
    for (own, theirs) in own.iter().zip(&theirs) {
        assert_eq!((&theirs["checks"], &theirs["files"]), (&own["checks"], &own["files"]));
        assert_eq!((theirs.score("License"), theirs.score("Security-Policy")), (10, 10));
    }
}

#[test]
fn a_partial_clone_is_whole_in_its_working_tree_and_has_gaps_at_a_revision() {
    let repo = Repo::with(&[("LICENSE-MIT", "licence"), ("SECURITY.md", POLICY), ("tool.so", "text")]);
    repo.write(
        ".git/config",
        "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n\
         [remote \"origin\"]\n\turl = https://invalid.example/x\n\tpromisor = true\n\tpartialclonefilter = blob:none\n",
    );
    for text in ["licence", POLICY, "text"] {
        repo.lose(repo.blob(text));
    }
    let card = repo.score().json();
    assert_eq!((card.score("License"), card.score("Security-Policy"), card.files()), (10, 10, [3, 0, 0, 0]));
    assert_eq!(card.check("Binary-Artifacts")["gaps"].as_array().map(Vec::len), Some(0));
    let card = repo.score_at("HEAD").json();
    assert_eq!((card.files(), card.check("Security-Policy")["status"].as_str()), ([3, 0, 0, 0], Some("limited")));
    let gap = &card.check("Binary-Artifacts")["gaps"][0];
    assert_eq!((&gap["cause"], &gap["count"]), (&"failed".into(), &3.into()));
    assert!(gap["text"].as_str().is_some_and(|text| text.ends_with("the object is not in this clone")), "{gap}");
}

#[test]
fn a_shallow_clone_is_whole_at_its_commit_and_says_why_older_ones_are_unknown() {
    let repo = Repo::with(&[("a.txt", "text")]);
    let first = repo.head().id();
    repo.add("LICENSE-MIT", "text");
    let second = repo.commit();
    repo.lose(first);
    repo.write(".git/shallow", format!("{second}\n"));
    for card in [repo.score().json(), repo.score_at("main").json()] {
        assert_eq!((&card["repo"]["commit"], card.score("License")), (&second.as_str().into(), 10));
    }
    for revision in ["HEAD~1", "main^", &first.to_string()] {
        let error = repo.score_at(revision).fails(3);
        assert!(error.starts_with(&format!("error: unknown revision {revision:?} in [TMP]/repo\n")), "{error}");
        assert!(error.ends_with("; the clone is shallow, older commits are not in it\n"), "{error}");
    }
}

/// A clone with a licence at its root, and a folder `docs` that only its objects hold.
fn sparse() -> (Repo, Oid) {
    let repo = Repo::with(&[("LICENSE-MIT", "text"), ("docs/SECURITY.md", POLICY), ("docs/deep/tool.so", ""), ("z.txt", "text")]);
    repo.add("docs/deep/tool.so", ELF);
    repo.commit();
    fs::remove_dir_all(repo.path().join("docs")).expect("a folder can be removed");
    let docs = repo.head().tree().expect("a commit has a tree").get_name("docs").expect("with this folder").id();
    (repo, docs)
}

#[track_caller]
fn is_whole(card: &Card) {
    assert_eq!((card.notes(), card.files()), (String::new(), [4, 0, 0, 0]));
    assert_eq!((card.score("License"), card.score("Security-Policy"), card.score("Binary-Artifacts")), (10, 10, 9));
    assert_eq!(card.places("hasUnverifiedBinaryArtifacts"), ["docs/deep/tool.so"]);
}

#[test]
fn a_sparse_checkout_is_read_from_the_objects_where_its_working_tree_has_holes() {
    let (repo, _) = sparse();
    let text = repo.blob("text");
    for version in [3, 4] {
        let files = [("docs/SECURITY.md", repo.blob(POLICY)), ("docs/deep/tool.so", repo.blob(ELF))];
        let mut index = Index::new(version).and("LICENSE-MIT", 0o100_644, text);
        for (path, id) in files {
            index = index.skipped(path, 0o100_644, id);
        }
        repo.write(".git/index", index.and("z.txt", 0o100_644, text).bytes());
        is_whole(&repo.score().json());
        is_whole(&repo.score().args(["--untracked"]).json());
    }
}

#[test]
fn a_sparse_index_is_spelled_out_from_the_objects() {
    let (repo, docs) = sparse();
    let text = repo.blob("text");
    for version in [3, 4] {
        let index = Index::new(version)
            .and("LICENSE-MIT", 0o100_644, text)
            .skipped("docs/", 0o040_000, docs)
            .and("z.txt", 0o100_644, text)
            .extension(b"sdir", b"");
        repo.write(".git/index", index.bytes());
        is_whole(&repo.score().json());
    }
    // A folder of which the clone lacks the object is missing, and the rest is there.
    repo.lose(docs);
    let card = repo.score().json();
    assert_eq!((card.score("License"), card.files()[0]), (10, 2));
    assert_eq!(card["files"]["missing"][0], "docs: the object is not in this clone");
    assert_eq!(card.check("Binary-Artifacts")["status"], "limited");
}

#[test]
fn a_split_index_gives_way_to_the_tree_of_head_and_that_is_said() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    repo.write(".git/sharedindex.0123456789012345678901234567890123456789", "DIRC");
    repo.write(".git/index", Index::new(2).extension(b"link", &[0; 20]).bytes());
    let card = repo.score().json();
    assert_eq!((card.score("License"), card.files()), (10, [1, 0, 0, 0]));
    assert!(card.notes().contains("it is split") && card.notes().contains("the files are those of HEAD"), "{}", card.notes());
}

#[test]
fn a_file_in_conflict_is_one_file() {
    let repo = Repo::with(&[("tool.so", "text")]);
    repo.write("tool.so", ELF);
    let mut index = Index::new(2);
    for stage in 1..=3 {
        index = index.at_stage("tool.so", stage, repo.blob(format!("side {stage}")));
    }
    repo.write(".git/index", index.bytes());
    let card = repo.score().json();
    assert_eq!((card.files(), card.places("hasUnverifiedBinaryArtifacts")), ([1, 0, 0, 0], vec!["tool.so"]));
}

#[test]
fn a_file_that_git_lfs_keeps_elsewhere_is_a_text() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    let repo = Repo::with(&[(".gitattributes", "*.so filter=lfs diff=lfs merge=lfs -text\n"), ("a.so", pointer), ("b.exe", pointer)]);
    for card in [repo.score().json(), repo.score_at("HEAD").json()] {
        assert_eq!((card.score("Binary-Artifacts"), card.files()[0]), (10, 3));
    }
    // What was fetched is what it is.
    repo.write("a.so", ELF);
    assert_eq!(repo.score().json().places("hasUnverifiedBinaryArtifacts"), ["a.so"]);
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let unit = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
}

#[test]
fn texts_in_other_encodings_are_texts() {
    let latin1 = b"S\xe9curit\xe9: security@example.org, vulnerabilities within 90 days\n";
    let crlf = POLICY.replace('\n', "\r\n");
    let cases: [(&[u8], i64); 5] = [
        (crlf.as_bytes(), 10),
        (&[b"\xef\xbb\xbf", POLICY.as_bytes()].concat(), 10),
        (latin1, 10),
        // Of a text in UTF-16 single digits are seen, and no words, as the reference sees it.
        (&utf16(POLICY, false), 4),
        (&utf16(POLICY, true), 4),
    ];
    for (text, score) in cases {
        let repo = Repo::new();
        repo.add("SECURITY.md", text);
        repo.add("a.txt", text);
        repo.add("LICENSE", text);
        repo.commit();
        for card in [repo.score().json(), repo.score_at("HEAD").json()] {
            assert_eq!(card.score("Security-Policy"), score, "{text:?}");
            assert_eq!((card.score("Binary-Artifacts"), card.score("License")), (10, 9), "{text:?}");
        }
    }
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    let repo = Repo::new();
    repo.add("crlf.rs", "\r\n\r\nuse libfuzzer_sys::fuzz_target;\r\n");
    repo.add("bom.rs", "\u{feff}\nuse libfuzzer_sys::fuzz_target;");
    repo.add("latin1.rs", b"// \xe9\xe8\nuse libfuzzer_sys::fuzz_target; // \xe9\n");
    repo.commit();
    let card = repo.score_at("HEAD").json();
    let findings = card["findings"].as_array().expect("findings are a list").iter().filter(|finding| finding["probe"] == "fuzzed");
    let lines: Vec<(&str, u64)> =
        findings.filter_map(|finding| Some((finding["location"]["path"].as_str()?, finding["location"]["lineStart"].as_u64()?))).collect();
    assert_eq!(lines, [("bom.rs", 2), ("crlf.rs", 3), ("latin1.rs", 2)]);
}

#[test]
fn a_commit_at_an_impossible_time_is_a_commit() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    let tree = repo.head().tree_id();
    let times = [
        // As psf/requests has one.
        "1313584730 +51800",
        "1313584730 -99999999",
        "-1 +0000",
        "99999999999999999999 +0000",
        "0 zone",
        "",
    ];
    for time in times {
        let who = format!("Someone <someone@example.org> {time}");
        let raw = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nA commit\n");
        let id = repo.object(ObjectType::Commit, raw.as_bytes()).to_string();
        repo.set_ref("refs/heads/main", &id);
        for card in [repo.score().json(), repo.score_at("HEAD").json(), repo.score_at(&id).json()] {
            assert_eq!((&card["repo"]["commit"], card.score("License")), (&id.as_str().into(), 10), "{time}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_differ_only_in_case_are_different_files() {
    let repo = Repo::new();
    for path in ["LIB/tool.so", "Lib/tool.so", "lib/TOOL.SO", "lib/tool.so"] {
        repo.add(path, ELF);
    }
    repo.add("LICENSE-MIT", "");
    repo.add("license-mit", "text");
    repo.commit();
    for card in [repo.score().json(), repo.score_at("HEAD").json()] {
        assert_eq!(card.places("hasUnverifiedBinaryArtifacts"), ["LIB/tool.so", "Lib/tool.so", "lib/TOOL.SO", "lib/tool.so"]);
        assert_eq!((card.score("License"), card.files()), (10, [6, 0, 0, 0]));
    }
}

#[test]
fn a_tree_with_names_that_a_disk_would_confuse_lists_them_all() {
    let repo = Repo::bare();
    // The same letter in one character and in two, a name that Windows keeps for a device, one that ends with a stop.
    for path in ["\u{e9}.so", "e\u{301}.so", "con.so", "a.so.", "a.so", "A.SO"] {
        repo.add(path, ELF);
    }
    repo.commit();
    let card = repo.score().json();
    assert_eq!(card.places("hasUnverifiedBinaryArtifacts"), ["A.SO", "a.so", "a.so.", "con.so", "e\u{301}.so", "\u{e9}.so"]);
}

#[cfg(target_os = "linux")]
#[test]
fn names_on_a_disk_that_are_no_utf8_are_read() {
    let folder = Folder::new();
    let repo = Repo::new();
    for path in [&b"lib\xff/a\xfe.so"[..], b"\xc3\x28.so"] {
        folder.write(path, ELF);
        repo.add(path, ELF);
    }
    folder.write(".gitignore", "*.txt\n");
    folder.write(b"\xff.txt", "text");
    repo.commit();
    for card in [folder.score().json(), repo.score().json(), repo.score_at("HEAD").json()] {
        assert_eq!(card.places("hasUnverifiedBinaryArtifacts"), ["lib\\xFF/a\\xFE.so", "\\xC3(.so"]);
    }
    assert_eq!(folder.score().json().files(), [3, 0, 1, 0]);
}

#[test]
fn two_hundred_thousand_files_are_listed_and_judged() {
    // A thousand names in a folder, and two hundred folders that are that one.
    let repo = Repo::bare_with(&[("LICENSE-MIT", "text")]);
    let text = repo.blob("text");
    let files: Vec<(String, u32, Oid)> = (0..1_000).map(|n| (format!("f{n:03}.so"), 0o100_644, text)).collect();
    let folder = repo.tree(files.iter().map(|(name, mode, id)| (name.as_str(), *mode, *id)));
    let folders: Vec<String> = (0..200).map(|n| format!("d{n:03}")).collect();
    let mut root: Vec<(&str, u32, Oid)> = vec![("LICENSE-MIT", 0o100_644, text)];
    root.extend(folders.iter().map(|name| (name.as_str(), 0o040_000, folder)));
    let root = repo.tree(root);
    let id = repo.commit_tree(root);
    let card = repo.score_at(&id).json();
    assert_eq!((card.files(), card.notes()), ([200_001, 0, 0, 0], String::new()));
    assert_eq!((card.score("License"), card.score("Binary-Artifacts")), (10, 10));
}

#[test]
fn a_working_tree_of_two_hundred_thousand_files_of_which_none_is_there() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    let text = repo.blob("text");
    let mut index = Index::new(4).and("LICENSE-MIT", 0o100_644, text);
    for n in 0..200_000 {
        index = index.and(&format!("d{:03}/f{:03}.so", n / 1_000, n % 1_000), 0o100_644, text);
    }
    repo.write(".git/index", index.bytes());
    let card = repo.score().json();
    assert_eq!((card.files(), card.notes(), card.score("License")), ([1, 0, 0, 200_000], String::new(), 10));
}

#[test]
fn a_commit_without_files_is_scored() {
    let repo = Repo::bare();
    let id = commit(repo.git());
    let card = repo.score().json();
    assert_eq!((&card["repo"]["commit"], card.files(), card.score("License")), (&id.as_str().into(), [0, 0, 0, 0], 0));
}

#[test]
fn a_detached_head_is_a_commit() {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    let id = repo.head().id().to_string();
    repo.write(".git/HEAD", format!("{id}\n"));
    assert_eq!(repo.score().json()["repo"]["commit"], id);
    // Of somebody who works on Windows.
    repo.write(".git/HEAD", "ref: refs/heads/main\r\n");
    assert_eq!(repo.score().json()["repo"]["commit"], id);
}

#[test]
fn packed_refs_and_packed_objects_are_read() {
    let repo = Repo::with(&[("LICENSE-MIT", "text"), ("lib/tool.so", "")]);
    repo.add("lib/tool.so", ELF);
    let id = repo.commit();
    repo.pack();
    repo.delete(".git/refs/heads/main");
    repo.write(".git/packed-refs", format!("# pack-refs with: peeled fully-peeled sorted \n{id} refs/heads/main\n"));
    for card in [repo.score().json(), repo.score_at("main").json(), repo.score_at(&id[..10]).json()] {
        assert_eq!((&card["repo"]["commit"], card.score("License"), card.score("Binary-Artifacts")), (&id.as_str().into(), 10, 9));
    }
}

#[test]
fn a_git_folder_does_not_say_where_its_objects_and_refs_are() {
    let other = Repo::with(&[("LICENSE-MIT", "text")]);
    let theirs = other.head().id().to_string();
    let repo = Repo::with(&[("COPYING", "text")]);
    repo.write(".git/commondir", format!("{}\n", other.path().join(".git").display()));
    repo.write(".git/gitdir", format!("{}\n", other.path().join(".git").display()));
    for card in [repo.score().json(), repo.score_at("HEAD").json()] {
        assert_eq!((&card["repo"]["commit"], card.score("License")), (&repo.head().id().to_string().into(), 9));
    }
    assert!(repo.score_at(&theirs).fails(3).contains("unknown revision"));
}

#[test]
fn links_that_lead_in_circles_are_links() {
    let folder = Folder::with(&[("a.txt", "text")]);
    let repo = Repo::with(&[("a.txt", "text"), ("docs/SECURITY.md", "text")]);
    for (path, to) in [
        ("LICENSE", "LICENSE"),
        ("COPYING", "SECURITY.md"),
        ("SECURITY.md", "COPYING"),
        ("up", ".."),
        ("here", "."),
        (".gitignore", ".gitignore"),
    ] {
        folder.link(path, to);
        repo.link(path, to);
        repo.track(path, 0o120_000, repo.blob(to));
    }
    fs::remove_dir_all(repo.path().join("docs")).expect("a folder can be removed");
    repo.link("docs", "docs");
    for (card, files) in [(folder.score().json(), [7, 0, 0, 0]), (repo.score().json(), [7, 1, 0, 1])] {
        assert_eq!((card.score("License"), card.score("Security-Policy"), card.files()), (0, 0, files));
    }
}

#[test]
fn pipes_and_sockets_of_a_folder_are_listed_and_not_waited_for() {
    let folder = Folder::with(&[("a.txt", "text")]);
    let listen = |path: &str| std::os::unix::net::UnixListener::bind(folder.path().join(path)).expect("a socket can be made");
    let _sockets = ["LICENSE", "tool.so", "a.rs"].map(listen);
    #[cfg(target_os = "linux")]
    for path in ["SECURITY.md", "COPYING", "b.rs"] {
        rustix::fs::mkfifoat(rustix::fs::CWD, folder.path().join(path), rustix::fs::Mode::RWXU).expect("a pipe can be made");
    }
    let card = folder.score().json();
    assert_eq!((card.score("License"), card.score("Security-Policy"), card.score("Binary-Artifacts")), (0, 0, 10));
    assert_eq!(card.files()[0], if cfg!(target_os = "linux") { 7 } else { 4 });
}

#[test]
fn grafts_are_not_believed() {
    let other = Repo::with(&[("COPYING", "text")]);
    let repo = Repo::with(&[("a.txt", "text")]);
    let first = repo.head().id().to_string();
    repo.add("LICENSE-MIT", "text");
    let second = repo.commit();
    repo.write(".git/info/grafts", format!("{second} {}\n{first} {second}\n", other.head().id()));
    for run in [repo.score_at("HEAD~1"), repo.score_at(&first)] {
        assert_eq!(run.json()["repo"]["commit"], first);
    }
    assert_eq!(repo.score_at("HEAD").json()["repo"]["commit"], second);
}

/// Every row of the page names tests, and they exist.
#[test]
fn the_page_on_odd_repositories_names_tests_that_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = include_str!("../docs/odd-repositories.md");
    let rows: Vec<&str> = page
        .lines()
        .skip_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with("| ") && !line.starts_with("| kind |"))
        .collect();
    assert!(rows.len() >= 40);
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let [_, _, tests] = cells[..] else { panic!("a row has three cells: {row}") };
        let names: Vec<&str> = tests.split('`').filter(|name| name.contains("::")).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            let (place, test) = name.rsplit_once("::").expect("a place and a name");
            let file = if place.contains('/') { root.join(place) } else { root.join("tests").join(place).with_extension("rs") };
            let text = fs::read_to_string(&file).unwrap_or_else(|_| panic!("{name}: there is no such file"));
            assert!(text.contains(&format!("fn {test}()")), "{name}");
        }
    }
}
