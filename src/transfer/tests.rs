//! Fetching, from a host that answers with packs made here, and with what is none.

use std::sync::{Arc, Mutex};

use git2::{Oid, Repository, Signature, Tree};
use tempfile::TempDir;

use super::*;
use crate::http::testing::{Reply, Seen, Server, client};
use crate::http::{Bill, Failure, Service};

const RESULT: &str = "application/x-git-upload-pack-result";
const ADVERTISEMENT: &str = "application/x-git-upload-pack-advertisement";
const V2: &str = "001e# service=git-upload-pack\n0000000eversion 2\n0000";

/// A repository with one commit of a few files, the commit's id, and a pack of it.
pub(crate) fn sample() -> (String, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let repository = Repository::init_bare(folder.path()).expect("a repository");
    let commit = {
        let mut builder = repository.treebuilder(None).expect("a tree");
        for name in ["LICENSE", "README.md", "main.c"] {
            let text = format!("the text of {name}\n").repeat(50);
            let blob = repository.blob(text.as_bytes()).expect("a blob");
            builder.insert(name, blob, 0o100_644).expect("an entry");
        }
        let tree = builder.write().expect("a tree");
        add_commit(&repository, &repository.find_tree(tree).expect("a tree"))
    };
    let mut builder = repository.packbuilder().expect("a pack");
    builder.insert_commit(commit).expect("a commit");
    let mut pack = git2::Buf::new();
    builder.write_buf(&mut pack).expect("a pack");
    (commit.to_string(), pack.to_vec())
}

fn add_commit(repository: &Repository, tree: &Tree<'_>) -> Oid {
    let who = Signature::new("a", "a@example.com", &git2::Time::new(0, 0)).expect("a signature");
    repository.commit(None, &who, &who, "first", tree, &[]).expect("a commit")
}

fn packet(data: &[u8]) -> Vec<u8> {
    [format!("{:04x}", data.len() + 4).as_bytes(), data].concat()
}

/// An answer to a fetch command, as Git gives it.
pub(crate) fn answer(commit: &str, pack: &[u8]) -> Vec<u8> {
    let mut out =
        [packet(b"shallow-info\n"), packet(format!("shallow {commit}\n").as_bytes()), b"0001".to_vec(), packet(b"packfile\n")].concat();
    for piece in pack.chunks(100) {
        out.extend(packet(&[b"\x01", piece].concat()));
    }
    out.extend(b"0000");
    out
}

pub(crate) fn reply(kind: &str, body: impl AsRef<[u8]>) -> Reply {
    Reply::new(200, &[("content-type", kind)], body)
}

struct Fetched {
    outcome: Result<(), FetchError>,
    folder: Arc<TempDir>,
    seen: Vec<Seen>,
    bill: Bill,
}

async fn fetch(id: &str, limits: Limits, answer: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Fetched {
    let server = Server::start(answer);
    let token = Token::new("ghp_secret").expect("a token");
    let source = GitSource::new(&server.url("/o/r"), Some(token)).expect("a source");
    let folder = Arc::new(tempfile::tempdir().expect("a temporary folder"));
    let client = client();
    let outcome = commit(&client, &source, id, &folder, limits).await;
    Fetched { outcome, folder, seen: server.seen(), bill: client.bill() }
}

async fn outcome(answer: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Result<(), FetchError> {
    fetch(&"a".repeat(40), Limits::default(), answer).await.outcome
}

#[tokio::test]
async fn a_commit_is_fetched_with_one_request_and_its_files_can_be_read() {
    let (id, pack) = sample();
    let body = answer(&id, &pack);
    let fetched = fetch(&id, Limits::default(), move |_, _| reply(RESULT, &body)).await;
    assert_eq!(fetched.outcome, Ok(()));
    assert_eq!(fetched.seen.len(), 1);
    let seen = &fetched.seen[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/o/r/git-upload-pack"));
    assert_eq!(seen.header("git-protocol"), Some("version=2"));
    assert_eq!(seen.header("authorization"), Some("Basic eC1hY2Nlc3MtdG9rZW46Z2hwX3NlY3JldA=="));
    assert_eq!(fetched.bill.services[&Service::Git].requests, 1);
    let crate::collect::Found::Git(git) = crate::collect::find(fetched.folder.path()).expect("readable") else { panic!("a repository") };
    assert_eq!(git.head().expect("a commit").to_string(), id);
    let listing = git.tree(git.head().expect("a commit")).expect("a tree");
    assert_eq!(listing.entries.len(), 3);
    let shallow = std::fs::read_to_string(fetched.folder.path().join("shallow")).expect("a list");
    assert_eq!(shallow, format!("{id}\n"));
}

#[tokio::test]
async fn what_breaks_off_is_fetched_anew() {
    let (id, pack) = sample();
    let body = answer(&id, &pack);
    for cut in [1, 10, body.len() / 2, body.len() - 3] {
        let good = body.clone();
        let fetched = fetch(&id, Limits::default(), move |n, seen| match (n, seen.method.as_str()) {
            (0, _) => reply(RESULT, &good).cut(cut),
            _ => reply(RESULT, &good),
        });
        assert_eq!(fetched.await.outcome, Ok(()), "{cut}");
        let good = body.clone();
        let always = outcome(move |_, _| reply(RESULT, &good).cut(cut)).await;
        assert!(matches!(always, Err(FetchError::Failed(Failure::Reset { .. }))), "{always:?}");
        // The same, ended as if it were whole.
        let good = body[..body.len() - cut].to_vec();
        let always = outcome(move |_, seen| match seen.method.as_str() {
            "POST" => reply(RESULT, &good),
            _ => reply(ADVERTISEMENT, V2),
        });
        assert_eq!(always.await, Err(FetchError::Cut), "{cut}");
    }
}

#[tokio::test]
async fn packs_that_lie_are_errors_and_nothing_else() {
    let (id, pack) = sample();
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..40 {
        let mut bad = pack.clone();
        let at = random.usize(HEADER_OF_PACK..bad.len());
        bad[at] ^= 1 << random.u8(..8);
        let body = answer(&id, &bad);
        let fetched = fetch(&id, Limits::default(), move |_, _| reply(RESULT, &body)).await;
        assert!(matches!(fetched.outcome, Err(FetchError::Pack(_))), "{at}: {:?}", fetched.outcome);
        let spent = fetched.bill.services[&Service::Git];
        assert_eq!((fetched.seen.len(), spent.requests, spent.retries), (3, 3, 2));
        assert!(!fetched.folder.path().join("HEAD").exists());
    }
    let with = |head: [u8; 12]| answer(&id, &[&head[..], &pack[12..]].concat());
    let many = with(*b"PACK\0\0\0\x02\xff\xff\xff\xff");
    assert!(matches!(outcome(move |_, _| reply(RESULT, &many)).await, Err(FetchError::TooLarge { .. })));
    for other in [*b"PACK\0\0\0\x04\0\0\0\x01", *b"KCAP\0\0\0\x02\0\0\0\x01"] {
        let other = with(other);
        assert!(matches!(outcome(move |_, _| reply(RESULT, &other)).await, Err(FetchError::Pack(_))));
    }
    let none = with(*b"PACK\0\0\0\x02\0\0\0\0");
    assert_eq!(outcome(move |_, _| reply(RESULT, &none)).await, Err(FetchError::UnknownCommit));
    // Another commit than the one that was asked for.
    let body = answer(&id, &pack);
    assert_eq!(outcome(move |_, _| reply(RESULT, &body)).await, Err(FetchError::UnknownCommit));
}

const HEADER_OF_PACK: usize = 12;

#[tokio::test]
async fn no_more_is_taken_in_than_the_limits_say() {
    let (id, pack) = sample();
    let body = answer(&id, &pack);
    for limits in [
        Limits { bytes: 200, ..Limits::default() },
        Limits { objects: 4, ..Limits::default() },
        Limits { time: Duration::ZERO, ..Limits::default() },
    ] {
        let body = body.clone();
        let fetched = fetch(&id, limits, move |_, _| reply(RESULT, &body)).await;
        assert!(matches!(fetched.outcome, Err(FetchError::TooLarge { .. })), "{limits:?}: {:?}", fetched.outcome);
        assert_eq!(fetched.seen.len(), 1);
    }
    // A host that talks on and on.
    let (head, end) = body.split_at(body.len() - 4);
    let talk = packet(&[b"\x02", &[b'x'; 60_000][..]].concat()).repeat(20);
    let body = [head, &talk, end].concat();
    let tell = |limits| {
        let body = body.clone();
        fetch(&id, limits, move |_, _| reply(RESULT, &body))
    };
    let limits = Limits { bytes: 10_000, ..Limits::default() };
    assert!(matches!(tell(limits).await.outcome, Err(FetchError::TooLarge { .. })));
    assert_eq!(tell(Limits::default()).await.outcome, Ok(()));
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let status = |status| move |_: usize, _: &Seen| Reply::new(status, &[], "");
    assert!(matches!(outcome(status(401)).await, Err(FetchError::Denied { with_token: true, .. })));
    assert!(matches!(outcome(status(403)).await, Err(FetchError::Denied { with_token: true, .. })));
    assert_eq!(outcome(status(404)).await, Err(FetchError::NotFound));
    assert!(matches!(outcome(status(451)).await, Err(FetchError::Status { .. })));
    assert!(matches!(outcome(|_, _| reply("text/html", "<html>")).await, Err(FetchError::Malformed(_))));
    let said = |_: usize, seen: &Seen| match seen.method.as_str() {
        "POST" => reply(RESULT, packet(b"ERR access denied or repository not exported\n")),
        _ => reply(ADVERTISEMENT, V2),
    };
    assert_eq!(outcome(said).await, Err(FetchError::Said("access denied or repository not exported".to_owned())));
    let old = |_: usize, seen: &Seen| match seen.method.as_str() {
        "POST" => reply(RESULT, packet(b"ERR upload-pack: protocol error, expected to get oid, not 'command=fetch'")),
        _ => reply(ADVERTISEMENT, "001e# service=git-upload-pack\n00000009v0 x\n0000"),
    };
    assert_eq!(outcome(old).await, Err(FetchError::OldProtocol));
    let unknown = |_: usize, _: &Seen| reply(RESULT, packet(b"ERR upload-pack: not our ref aaaa"));
    assert_eq!(outcome(unknown).await, Err(FetchError::UnknownCommit));
    let client = client();
    let source = GitSource::new("https://a.example/o/r", None).expect("a source");
    let folder = Arc::new(tempfile::tempdir().expect("a folder"));
    for bad in ["", "main", "../../../../../../../../../../../../../../", &"A".repeat(40)] {
        assert_eq!(commit(&client, &source, bad, &folder, Limits::default()).await, Err(FetchError::NoCommitId));
    }
}

#[tokio::test]
async fn a_repository_that_moved_is_followed_at_its_host() {
    let (id, pack) = sample();
    let body = answer(&id, &pack);
    let fetched = fetch(&id, Limits::default(), move |_, seen| match (seen.method.as_str(), seen.target.as_str()) {
        ("POST", "/new/name.git/git-upload-pack") => reply(RESULT, &body),
        ("GET", "/new/name.git/info/refs?service=git-upload-pack") => reply(ADVERTISEMENT, V2),
        ("GET", _) => Reply::new(301, &[("location", "/new/name.git/info/refs?service=git-upload-pack")], ""),
        _ => Reply::new(301, &[("location", "/new/name.git/git-upload-pack")], ""),
    })
    .await;
    assert_eq!(fetched.outcome, Ok(()));
    assert_eq!(fetched.seen.len(), 4);
    let away = |_: usize, _: &Seen| Reply::new(301, &[("location", "https://b.example/o/r")], "");
    assert!(matches!(outcome(away).await, Err(FetchError::Failed(Failure::Redirected { .. }))));
}

#[tokio::test]
async fn names_are_resolved_by_asking_for_them_alone() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let list = asked.clone();
    let (a, b) = ("a".repeat(40), "b".repeat(40));
    let (first, second) = (a.clone(), b.clone());
    let server = Server::start(move |_, seen| {
        let text = String::from_utf8_lossy(&seen.body).into_owned();
        let line = |text: String| packet(format!("{text}\n").as_bytes());
        let lines = match &text {
            text if text.contains("ref-prefix HEAD") => vec![line(format!("{first} HEAD symref-target:refs/heads/main"))],
            text if text.contains("refs/heads/v1") => {
                vec![
                    line(format!("{first} refs/heads/v1")),
                    line(format!("{first} refs/heads/v1.1")),
                    line(format!("{first} refs/tags/v1 peeled:{second}")),
                ]
            }
            _ => vec![line(format!("{first} refs/heads/nearly"))],
        };
        list.lock().expect("no panic").push(text);
        reply(RESULT, [lines.concat(), b"0000".to_vec()].concat())
    });
    let client = client();
    let source = GitSource::new(&server.url("/o/r.git"), None).expect("a source");
    let name = |revision: Option<&str>| {
        let (client, source, revision) = (client.clone(), source.clone(), revision.map(str::to_owned));
        async move { resolve(&client, &source, revision.as_deref()).await }
    };
    let resolved =
        |commit: &str, name: Option<&str>| Ok(Resolved { commit: commit.to_owned(), name: name.map(str::to_owned), moved_to: None });
    assert_eq!(name(None).await, resolved(&a, Some("refs/heads/main")));
    assert_eq!(name(Some("v1")).await, resolved(&b, Some("refs/tags/v1")));
    assert_eq!(name(Some("refs/heads/v1")).await, resolved(&a, Some("refs/heads/v1")));
    assert_eq!(name(Some("near")).await, Err(FetchError::UnknownRevision));
    assert_eq!(asked.lock().expect("no panic")[0], "0014command=ls-refs\n0001000csymrefs\n0009peel\n0014ref-prefix HEAD\n0000");
    // Nothing is asked for these.
    assert_eq!(name(Some(&b)).await, resolved(&b, None));
    for bad in ["", "a b", "a\n0000", "\0", &"x".repeat(2_000)] {
        assert_eq!(name(Some(bad)).await, Err(FetchError::UnknownRevision));
    }
    assert_eq!(server.seen().len(), 4);
}

#[test]
fn sources_are_addresses_without_what_is_not_theirs() {
    let names = |url: &str| GitSource::new(url, None).map(|source| source.names().join(" "));
    assert_eq!(names("https://user:secret@GitHub.com/o/r.git/?x#y").as_deref(), Ok("github.com o r"));
    assert_eq!(names("http://127.0.0.1:80/r").as_deref(), Ok("127.0.0.1:80 r"));
    for bad in ["", "o/r", "https://", "https://a.example", "https://a.example/", "git@github.com:o/r", "/o/r"] {
        assert_eq!(names(bad), Err(FetchError::NoAddress), "{bad}");
    }
}
