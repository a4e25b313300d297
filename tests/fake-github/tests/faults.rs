//! What goes wrong on demand, and what must not be asked.

use std::time::{Duration, Instant};

use fake_github::{Effect, FakeGithub, Fault, Kind, READ, Release, Repository, World};
use serde_json::json;

use crate::client::{ask, get, post};

const PATH: &str = "/repos/octo/cat/releases";

fn github() -> FakeGithub {
    FakeGithub::start(World::of([Repository::new("octo/cat").file("x", "y").release(Release::new("v1", ["a"]))]))
}

#[test]
fn a_fault_happens_where_and_as_often_as_it_should() {
    let github = github();
    github.fault(Fault::status(502).kind(Kind::Rest).template("/repos/{owner}/{repo}/releases").after(1).times(1));
    let status = |path| get(&github, READ, path).status;
    assert_eq!((status("/repos/octo/cat"), status(PATH), status(PATH), status(PATH)), (200, 200, 502, 200));
    github.fault(Fault::secondary_limit(7).when(|request| request.query.contains("page=2")));
    let limited = get(&github, READ, "/repos/octo/cat/releases?page=2");
    assert_eq!((limited.status, limited.header("retry-after"), status(PATH)), (403, Some("7"), 200));
    github.fault(Fault::redirect(302, "http://example.org/"));
    assert_eq!(get(&github, READ, PATH).header("location"), Some("http://example.org/"));
    github.calm();
    assert_eq!(status(PATH), 200);
}

#[test]
fn bodies_break() {
    let github = github();
    let sound = get(&github, READ, PATH);
    let broken = |effect| {
        github.calm();
        github.fault(Fault::new(effect));
        get(&github, READ, PATH)
    };
    let short = broken(Effect::Truncate { keep: 10, honest: true });
    assert_eq!((short.body.as_slice(), short.whole), (&sound.body[..10], true));
    let cut = broken(Effect::Truncate { keep: 10, honest: false });
    assert_eq!((cut.body.as_slice(), cut.whole), (&sound.body[..10], false));
    let bad = broken(Effect::BadJson);
    assert!(bad.body.ends_with(b"<html>") && bad.whole);
    let start = Instant::now();
    assert_eq!(broken(Effect::Slow(Duration::from_millis(200))).body, sound.body);
    assert!(start.elapsed() >= Duration::from_millis(190));
    assert!(broken(Effect::EndlessPages).header("link").unwrap().ends_with("releases?page=2>; rel=\"next\""));
}

#[test]
fn connections_break() {
    let github = github();
    github.fault(Fault::new(Effect::Reset).times(1));
    assert!(ask(&github, "GET", PATH, &[], b"").is_none());
    github.fault(Fault::new(Effect::Stall(Duration::from_millis(100))).times(1));
    let start = Instant::now();
    assert!(ask(&github, "GET", PATH, &[], b"").is_none());
    assert!(start.elapsed() >= Duration::from_millis(95));
    assert_eq!(github.requests().iter().map(|request| request.status).collect::<Vec<_>>(), [None, None]);
}

#[test]
fn an_endless_body_does_not_end() {
    use std::io::{Read as _, Write as _};
    let github = github();
    github.fault(Fault::new(Effect::EndlessBody));
    let mut stream = std::net::TcpStream::connect(github.host()).unwrap();
    write!(stream, "GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut buffer = vec![0; 8 << 20];
    stream.read_exact(&mut buffer).unwrap();
}

#[test]
fn graphql_pages_can_be_endless() {
    let github = github();
    github.fault(Fault::new(Effect::EndlessPages).kind(Kind::Graphql));
    let query = "{ repository(owner: \"octo\", name: \"cat\") { issues(first: 1) { pageInfo { hasNextPage endCursor } } } }";
    let answer = post(&github, READ, query, json!({})).json();
    let page = &answer["data"]["repository"]["issues"]["pageInfo"];
    assert_eq!(page["hasNextPage"], true);
    assert!(page["endCursor"].is_string());
}

#[test]
fn what_is_not_known_fails_the_test() {
    let github = github();
    assert_eq!(get(&github, READ, "/repos/octo/cat/stargazers?page=1").status, 404);
    assert_eq!(ask(&github, "DELETE", "/repos/octo/cat", &[], b"").unwrap().status, 404);
    assert_eq!(github.take_surprises(), ["GET /repos/octo/cat/stargazers?page=1", "DELETE /repos/octo/cat?"]);
    let dropped = std::panic::catch_unwind(|| {
        let github = self::github();
        get(&github, READ, "/unknown");
    });
    assert!(dropped.unwrap_err().downcast_ref::<String>().unwrap().contains("/unknown"));
}
