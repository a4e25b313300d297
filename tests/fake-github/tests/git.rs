//! Fetches over HTTP, by hand in protocol version 2, and by libgit2's own client in version 0.

use fake_github::{ADMIN, Branch, Commit, Entry, FakeGithub, Kind, READ, Repository, Tag, World};
use git2::{ObjectType, Oid};

use crate::client::{Answer, ask};

fn github() -> FakeGithub {
    let hidden = Branch { hidden: true, commits: vec![Commit::at("2024-05-02T10:00:00Z").file("h", "h")], ..Branch::new("fork") };
    let repository = Repository::new("octo/cat")
        .commit(Commit::at("2024-04-01T10:00:00Z").file("a", "1").file("b/c", "2"))
        .commit(Commit::at("2024-04-02T10:00:00Z").file("a", "3"))
        .commit(Commit::at("2024-04-03T10:00:00Z").file("d", "4"))
        .entry("link", Entry::Symlink(b"a".to_vec()))
        .entry("run", Entry::Executable(b"#!/bin/sh".to_vec()))
        .entry("sub", Entry::Submodule("1".repeat(40)))
        .branch(Branch::new("release/1"))
        .branch(hidden)
        .tag(Tag { message: Some("One".to_owned()), ..Tag::at_commit("v1", 0) })
        .formerly("octo/dog");
    FakeGithub::start(World::of([repository, Repository::new("octo/empty"), Repository::new("octo/secret").file("x", "").private()]))
}

/// A request of lines; an empty one is the delimiter.
fn command(github: &FakeGithub, lines: &[&str]) -> Answer {
    let mut body = Vec::new();
    for line in lines {
        match *line {
            "" => body.extend_from_slice(b"0001"),
            line => body.extend_from_slice(format!("{:04x}{line}\n", line.len() + 5).as_bytes()),
        }
    }
    body.extend_from_slice(b"0000");
    ask(github, "POST", "/octo/cat/git-upload-pack", &[("Git-Protocol", "version=2")], &body).unwrap()
}

/// The lines of an answer, `None` for the marks between them.
fn lines(mut bytes: &[u8]) -> Vec<Option<&[u8]>> {
    let mut lines = Vec::new();
    while !bytes.is_empty() {
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..4]).unwrap(), 16).unwrap();
        lines.push((length >= 4).then(|| &bytes[4..length]));
        bytes = &bytes[length.max(4)..];
    }
    lines
}

fn texts(answer: &Answer) -> Vec<String> {
    lines(&answer.body)
        .into_iter()
        .map(|line| line.map_or(String::new(), |line| String::from_utf8_lossy(line).trim_end().to_owned()))
        .collect()
}

/// The objects of a pack, in a repository of their own.
fn unpacked(answer: &Answer) -> (Vec<String>, git2::Repository, tempfile::TempDir) {
    let (mut info, mut pack) = (Vec::new(), Vec::new());
    let mut packed = false;
    for line in lines(&answer.body).into_iter().flatten() {
        match (packed, line) {
            (_, b"packfile\n") => packed = true,
            (false, line) => info.push(String::from_utf8_lossy(line).trim_end().to_owned()),
            (true, [1, bytes @ ..]) => pack.extend_from_slice(bytes),
            (true, [2, ..]) => {}
            (true, other) => panic!("{other:?}"),
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let repository = git2::Repository::init_bare(folder.path()).unwrap();
    let odb = repository.odb().unwrap();
    let mut writer = odb.packwriter().unwrap();
    std::io::Write::write_all(&mut writer, &pack).unwrap();
    writer.commit().unwrap();
    drop(writer);
    drop(odb);
    (info, repository, folder)
}

#[test]
fn refs_are_listed() {
    let github = github();
    let advertised = ask(&github, "GET", "/octo/cat.git/info/refs?service=git-upload-pack", &[("Git-Protocol", "version=2")], b"").unwrap();
    assert_eq!(advertised.header("content-type"), Some("application/x-git-upload-pack-advertisement"));
    let said = texts(&advertised);
    assert_eq!(said[..3], ["# service=git-upload-pack", "", "version 2"]);
    assert!(said.contains(&"fetch=shallow wait-for-done filter".to_owned()));
    let tip = github.commit("octo/cat", "main");
    let all = texts(&command(&github, &["command=ls-refs", "agent=test", "", "peel", "symrefs"]));
    assert_eq!(
        all[..3],
        [format!("{tip} HEAD symref-target:refs/heads/main"), format!("{tip} refs/heads/main"), format!("{tip} refs/heads/release/1")]
    );
    assert!(all[3].ends_with(&format!(" refs/tags/v1 peeled:{}", github.commits("octo/cat")[0])));
    assert_eq!(all.len(), 5);
    let some = texts(&command(&github, &["command=ls-refs", "", "ref-prefix refs/heads/rel"]));
    assert_eq!(some, [format!("{tip} refs/heads/release/1"), String::new()]);
    assert_eq!(github.count(Kind::Git), 3);
}

#[test]
fn one_commit_is_fetched() {
    let github = github();
    let tip = github.commit("octo/cat", "main");
    let answer = command(&github, &["command=fetch", "object-format=sha1", "", &format!("want {tip}"), "deepen 1", "ofs-delta", "done"]);
    let (info, objects, _folder) = unpacked(&answer);
    assert_eq!(info, ["shallow-info".to_owned(), format!("shallow {tip}")]);
    let commit = objects.find_commit(Oid::from_str(&tip).unwrap()).unwrap();
    let modes: Vec<_> = commit.tree().unwrap().iter().map(|entry| (entry.name().unwrap().to_owned(), entry.filemode())).collect();
    let expected = [("a", 0o100_644), ("b", 0o040_000), ("d", 0o100_644), ("link", 0o120_000), ("run", 0o100_755), ("sub", 0o160_000)];
    assert_eq!(modes, expected.map(|(name, mode)| (name.to_owned(), mode)));
    assert!(objects.find_commit(commit.parent_id(0).unwrap()).is_err());
}

#[test]
fn a_fetch_can_be_whole_filtered_or_of_a_fork() {
    let github = github();
    let tag = texts(&command(&github, &["command=ls-refs", "", "ref-prefix refs/tags/"]))[0][..40].to_owned();
    let tip = github.commit("octo/cat", "main");
    let (info, objects, _folder) =
        unpacked(&command(&github, &["command=fetch", "", &format!("want {tip}"), &format!("want {tag}"), "no-progress", "done"]));
    assert_eq!(info, Vec::<String>::new());
    for commit in github.commits("octo/cat") {
        objects.find_commit(Oid::from_str(&commit).unwrap()).unwrap();
    }
    objects.find_tag(Oid::from_str(&tag).unwrap()).unwrap();
    let (_, bare, _folder) =
        unpacked(&command(&github, &["command=fetch", "", &format!("want {tip}"), "filter blob:none", "deepen 2", "done"]));
    let mut kinds = Vec::new();
    bare.odb()
        .unwrap()
        .foreach(|oid| {
            kinds.push(bare.find_object(*oid, None).unwrap().kind().unwrap());
            true
        })
        .unwrap();
    assert_eq!(kinds.iter().filter(|kind| **kind == ObjectType::Commit).count(), 2);
    assert!(!kinds.contains(&ObjectType::Blob));
    let hidden = &github.branch_commits("octo/cat", "fork")[0];
    let (info, ..) = unpacked(&command(&github, &["command=fetch", "", &format!("want {hidden}"), "deepen 1", "done"]));
    assert_eq!(info[1], format!("shallow {hidden}"));
}

#[test]
fn a_shallow_clone_is_deepened() {
    let github = github();
    let tip = github.commit("octo/cat", "main");
    let deepen = |depth: &str| {
        let (want, shallow) = (format!("want {tip}"), format!("shallow {tip}"));
        texts(&command(&github, &["command=fetch", "", &want, &shallow, depth, "done"]))[..4].to_vec()
    };
    let second = &github.commits("octo/cat")[1];
    assert_eq!(deepen("deepen 2"), ["shallow-info", &format!("shallow {second}"), &format!("unshallow {tip}"), ""]);
    assert_eq!(deepen("deepen 2147483647"), ["shallow-info", &format!("unshallow {tip}"), "", "packfile"]);
}

#[test]
fn what_is_not_there_is_not_served() {
    let github = github();
    let none = "0123456789012345678901234567890123456789";
    assert_eq!(
        texts(&command(&github, &["command=fetch", "", &format!("want {none}"), "done"])),
        [format!("ERR upload-pack: not our ref {none}")]
    );
    let refs = |path: &str, headers: &[(&str, &str)]| {
        ask(&github, "GET", &format!("{path}/info/refs?service=git-upload-pack"), headers, b"").unwrap()
    };
    assert_eq!(refs("/octo/none", &[]).header("www-authenticate"), Some("Basic realm=\"GitHub\""));
    assert_eq!(refs("/octo/secret", &[]).status, 401);
    // x-access-token and the token, as Git sends them.
    let basic =
        |token: &str| format!("Basic {}", base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("x-access-token:{token}")));
    let status = |path: &str, token: &str| refs(path, &[("Authorization", &basic(token))]).status;
    assert_eq!((status("/octo/secret", ADMIN), status("/octo/secret", READ), status("/octo/secret", "wrong")), (200, 404, 401));
    let moved = refs("/octo/dog", &[]);
    assert_eq!(
        (moved.status, moved.header("location").unwrap()),
        (301, &*format!("{}/octo/cat.git/info/refs?service=git-upload-pack", github.url()))
    );
    let empty =
        ask(&github, "POST", "/octo/empty/git-upload-pack", &[("Git-Protocol", "version=2")], b"0014command=ls-refs\n00010008unborn\x01")
            .unwrap();
    assert_eq!(empty.status, 400);
    assert_eq!(github.take_surprises().len(), 1);
}

#[test]
fn libgit2_clones() {
    let github = github();
    let folder = tempfile::tempdir().unwrap();
    let mut options = git2::FetchOptions::new();
    options.depth(2);
    let repository = git2::Repository::init_bare(folder.path()).unwrap();
    let mut remote = repository.remote_anonymous(&format!("{}/octo/cat", github.url())).unwrap();
    remote.fetch(&["+refs/heads/main:refs/heads/main"], Some(&mut options), None).unwrap();
    let head = repository.revparse_single("refs/heads/main").unwrap();
    assert_eq!(head.id().to_string(), github.commit("octo/cat", "main"));
    assert!(repository.is_shallow());
    let mut walk = repository.revwalk().unwrap();
    walk.push(head.id()).unwrap();
    assert_eq!(walk.count(), 2);
}
