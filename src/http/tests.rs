//! The client against hosts that answer, fail, stall, limit, send on and lie.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Method, Request, Response};

use super::self_signed::SelfSigned;
use super::testing::{Reply, Seen, Server, client, settings};
use super::{Client, Effective, Failure, Proxies, RedirectHosts, Service, Settings, Token, Why};

pub(super) const MOST: usize = 1 << 20;

pub(super) fn get(url: &str) -> Request<Bytes> {
    let token = Token::new("ghp_secret").expect("a token");
    Request::get(url).header(AUTHORIZATION, token.header()).body(Bytes::new()).expect("a request")
}

fn post(url: &str, body: &'static str) -> Request<Bytes> {
    let mut request = get(url).map(|_| Bytes::from_static(body.as_bytes()));
    *request.method_mut() = Method::POST;
    request
}

pub(super) async fn send(client: &Client, request: Request<Bytes>) -> Result<Response<Bytes>, Failure> {
    client.send(Service::Rest, request, MOST).await
}

/// What comes of one request, and how often it was sent.
pub(super) async fn outcome(
    client: &Client,
    answer: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static,
) -> (Result<u16, Failure>, usize) {
    let server = Server::start(answer);
    let answer = send(client, get(&server.url("/x"))).await;
    (answer.map(|answer| answer.status().as_u16()), server.seen().len())
}

#[tokio::test]
async fn requests_are_counted_and_bodies_sent_again_whole() {
    let server = Server::start(|n, _| if n < 2 { Reply::new(503, &[], "later") } else { Reply::new(200, &[], "done") });
    let client = client();
    let answer = send(&client, post(&server.url("/x"), "a question")).await.expect("an answer");
    assert_eq!(answer.body(), "done");
    assert!(server.seen().iter().all(|seen| seen.body == b"a question" && seen.method == "POST"));
    client.spent_points(Service::Graphql, 3);
    let bill = client.bill();
    let spent = bill.services[&Service::Rest];
    assert_eq!((spent.requests, spent.retries, spent.bytes_received, spent.bytes_sent), (3, 2, 14, 30));
    assert_eq!(bill.services[&Service::Graphql].points, 3);
}

#[tokio::test]
async fn failures_are_tried_again_a_few_times_and_refusals_never() {
    let client = client();
    for (status, times) in [(500, 2), (502, 4), (503, 4), (504, 4), (501, 1)] {
        let (answer, sent) = outcome(&client, move |_, _| Reply::new(status, &[], "")).await;
        assert!(matches!(answer, Err(Failure::Status { status: found, .. }) if found.as_u16() == status), "{answer:?}");
        assert_eq!(sent, times, "{status}");
    }
    for status in [200, 204, 300, 400, 401, 403, 404, 410, 422, 451] {
        assert_eq!(outcome(&client, move |_, _| Reply::new(status, &[], "")).await, (Ok(status), 1));
    }
}

#[tokio::test]
async fn what_breaks_off_is_tried_again_and_named() {
    let client = client();
    let good = || Reply::new(200, &[], "an answer");
    for broken in [good().cut(3), good().cut(15), Reply::raw(""), Reply::raw("no HTTP at all\r\n\r\n")] {
        let once = broken.clone();
        let (answer, _) = outcome(&client, move |n, _| if n == 0 { once.clone() } else { good() }).await;
        assert_eq!(answer, Ok(200));
        let (answer, sent) = outcome(&client, move |_, _| broken.clone()).await;
        assert!(matches!(answer, Err(Failure::Reset { .. })), "{answer:?}");
        assert_eq!(sent, 4);
    }
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address")
    };
    let answer = send(&client, get(&format!("http://{nobody}/"))).await;
    assert!(matches!(answer, Err(Failure::Connect { .. })), "{answer:?}");
}

#[tokio::test]
async fn silence_and_endless_answers_end() {
    let short = Duration::from_millis(200);
    let silent = Client::new(Settings { read_timeout: short, ..settings() }).expect("a client");
    for reply in [Reply::raw("").stalling(), Reply::new(200, &[], "an answer").cut(3).stalling()] {
        let (answer, sent) = outcome(&silent, move |_, _| reply.clone()).await;
        assert!(matches!(answer, Err(Failure::Timeout { .. })), "{answer:?}");
        assert_eq!(sent, 3);
    }
    let slow = Client::new(Settings { total_timeout: short, ..settings() }).expect("a client");
    let (answer, _) = outcome(&slow, |_, _| Reply::new(200, &[], "an answer").cut(3).stalling()).await;
    assert!(matches!(answer, Err(Failure::Timeout { .. })), "{answer:?}");
    let long = || Reply::raw([&b"HTTP/1.1 200 OK\r\n\r\n"[..], &vec![b'x'; MOST + 1]].concat());
    let (answer, sent) = outcome(&client(), move |_, _| long()).await;
    assert!(matches!(answer, Err(Failure::TooLarge { most: MOST, .. })), "{answer:?}");
    assert_eq!(sent, 1);
    let lie = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", u64::MAX);
    let (answer, _) = outcome(&client(), move |_, _| Reply::raw(lie.clone())).await;
    assert!(matches!(answer, Err(Failure::TooLarge { .. } | Failure::Reset { .. })), "{answer:?}");
    // A stream's first byte is waited for as long as any other's.
    let server = Server::start(|_, _| Reply::new(200, &[], "an answer").cut(3).stalling());
    let mut streamed = silent.stream(Service::Git, get(&server.url("/"))).await.expect("a head");
    assert_eq!(streamed.chunk().await.expect("a piece").as_deref(), Some(&b"an ans"[..]));
    assert!(matches!(streamed.chunk().await, Err(Failure::Timeout { .. })));
}

#[tokio::test]
async fn limits_are_waited_for_and_then_asked_again() {
    for limited in [
        Reply::new(429, &[("retry-after", "0")], ""),
        Reply::new(403, &[("retry-after", "0")], ""),
        Reply::new(503, &[("retry-after", "0")], ""),
    ] {
        let again = limited.clone();
        let (answer, sent) = outcome(&client(), move |n, _| if n < 2 { again.clone() } else { Reply::new(200, &[], "") }).await;
        assert_eq!((answer, sent), (Ok(200), 3));
        let (answer, sent) = outcome(&client(), move |_, _| limited.clone()).await;
        assert!(matches!(answer, Err(Failure::RateLimited { .. })), "{answer:?}");
        assert_eq!(sent, 6);
    }
}

#[tokio::test]
async fn a_wait_is_told_can_be_interrupted_and_holds_up_its_host_alone() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let on_wait = Arc::new(move |waiting| tell.send(waiting).expect("somebody listens"));
    let client = Client::new(Settings { on_wait, ..settings() }).expect("a client");
    let limited = Server::start(|_, _| Reply::new(403, &[("x-ratelimit-remaining", "0"), ("retry-after", "600")], ""));
    let free = Server::start(|_, _| Reply::new(200, &[], ""));
    let waiting = tokio::select! {
        answer = send(&client, get(&limited.url("/x"))) => panic!("{answer:?}"),
        waiting = told.recv() => waiting.expect("a wait"),
    };
    assert_eq!((format!("http://{}/x", waiting.host), waiting.service, waiting.why), (limited.url("/x"), Service::Rest, Why::UsedUp));
    assert_eq!(send(&client, get(&free.url("/"))).await.expect("another host").status(), 200);
    // Nobody asks the limited host meanwhile.
    let other = tokio::time::timeout(Duration::from_millis(50), send(&client, get(&limited.url("/y")))).await;
    assert!(other.is_err());
    assert_eq!(limited.seen().len(), 1);
}

#[tokio::test]
async fn a_limit_whose_end_is_far_is_a_failure_that_says_when() {
    let reset = (jiff::Timestamp::now().as_second() + 3_600).to_string();
    let server = Server::start(move |_, _| Reply::new(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset)], ""));
    let client = client();
    let soon = jiff::Timestamp::now() + Duration::from_secs(3_000);
    for path in ["/a", "/b"] {
        let failed = send(&client, get(&server.url(path))).await.expect_err("limited");
        assert!(matches!(failed, Failure::RateLimited { until, why: Why::UsedUp, .. } if until > soon), "{failed}");
    }
    // The second was not even sent.
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn redirects_are_followed_within_a_host_and_tokens_stay_there() {
    let other = Server::start(|_, _| Reply::new(200, &[], "other"));
    let elsewhere = other.url("/z");
    let server = Server::start(move |_, seen| match seen.target.as_str() {
        "/moved" => Reply::new(301, &[("location", "/here")], ""),
        "/here" => Reply::new(200, &[], "here"),
        "/round" => Reply::new(302, &[("location", "/round")], ""),
        _ => Reply::new(302, &[("location", &elsewhere)], ""),
    });
    let client = client();
    let answer = send(&client, get(&server.url("/moved"))).await.expect("an answer");
    assert_eq!(answer.body(), "here");
    assert_eq!(answer.extensions().get(), Some(&Effective(server.url("/here").parse().expect("a URI"))));
    assert!(server.seen().iter().all(|seen| seen.header("authorization") == Some("Bearer ghp_secret")));
    for refused in [get(&server.url("/round")), get(&server.url("/out")), post(&server.url("/moved"), "x")] {
        let failed = send(&client, refused).await.expect_err("refused");
        assert!(matches!(failed, Failure::Redirected { .. }), "{failed}");
    }
    assert_eq!(server.seen().iter().filter(|seen| seen.target == "/round").count(), 6);
    assert!(other.seen().is_empty());
    let mut listed = get(&server.url("/out"));
    let host = other.url("").replace("http://", "");
    listed.extensions_mut().insert(RedirectHosts(vec![host]));
    let answer = send(&client, listed).await.expect("an answer");
    assert_eq!(answer.body(), "other");
    let seen = other.seen();
    assert_eq!((seen.len(), seen[0].header("authorization")), (1, None));
}

#[tokio::test]
async fn addresses_of_this_machine_are_asked_only_if_the_user_named_them() {
    let server = Server::start(|_, _| Reply::new(200, &[], ""));
    let strict = Client::new(Settings { named_hosts: Vec::new(), ..settings() }).expect("a client");
    let by_name = server.url("/").replace("127.0.0.1", "localhost");
    for url in [server.url("/"), by_name.clone(), by_name.replace("http:", "https:"), server.url("/").replace("http:", "https:")] {
        let failed = send(&strict, get(&url)).await.expect_err("refused");
        assert!(matches!(failed, Failure::Address { .. }), "{url}: {failed:?}");
    }
    assert!(server.seen().is_empty());
    strict.name_host("localhost");
    assert!(send(&strict, get(&by_name)).await.is_ok());
    let failed = send(&strict, get(&by_name.replace("localhost", "a.example"))).await.expect_err("refused");
    assert!(matches!(failed, Failure::Plain { .. }), "{failed:?}");
    let failed = send(&strict, get("https://no-such-host.invalid/")).await.expect_err("refused");
    assert!(matches!(failed, Failure::Dns { .. }), "{failed:?}");
    // A redirect into the network is none that is followed.
    let inner = server.url("/inner");
    let outer = Server::start(move |_, _| Reply::new(302, &[("location", &inner)], ""));
    let mut request = get(&outer.url("/").replace("127.0.0.1", "localhost"));
    request.extensions_mut().insert(RedirectHosts(vec![server.url("").replace("http://", "")]));
    let failed = send(&strict, request).await.expect_err("refused");
    assert!(matches!(failed, Failure::Address { .. }), "{failed:?}");
}

#[tokio::test]
async fn a_connection_that_cannot_be_trusted_is_not_tried_again() {
    let (answer, sent) = {
        let server = Server::start(|_, _| Reply::new(200, &[], ""));
        let answer = send(&client(), get(&server.url("/").replace("http:", "https:"))).await;
        (answer, server.seen().len())
    };
    assert!(matches!(answer, Err(Failure::Certificate { .. } | Failure::Connect { .. })), "{answer:?}");
    assert_eq!(sent, 0);
}

#[tokio::test]
async fn a_certificate_is_trusted_if_the_user_gave_it_and_for_its_host_alone() {
    let certificate = SelfSigned::new();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, certificate.pem()).expect("written");
    let server = Server::start_tls(&certificate, |_, _| Reply::new(200, &[], "an answer"));
    let url = server.url("/x").replace("http:", "https:");
    let named_hosts = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let trusting = |certificates| Client::new(Settings { certificates, named_hosts: named_hosts.clone(), ..settings() });
    let trusting = |certificates| trusting(certificates).expect("a client");
    let failed = send(&trusting(Vec::new()), get(&url)).await.expect_err("nobody vouches for it");
    assert!(matches!(failed, Failure::Certificate { .. }), "{failed:?}");
    let other = url.replace("127.0.0.1", "localhost");
    let failed = send(&trusting(vec![file.clone()]), get(&other)).await.expect_err("it is another's");
    assert!(matches!(failed, Failure::Certificate { .. }), "{failed:?}");
    assert_eq!(server.seen().len(), 0);
    assert_eq!(send(&trusting(vec![file]), get(&url)).await.expect("an answer").body(), "an answer");
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer ghp_secret"));
}

#[tokio::test]
async fn requests_go_through_the_proxy_but_for_its_exceptions() {
    let proxy = Server::start(|_, seen| match seen.method.as_str() {
        "CONNECT" => Reply::new(403, &[], ""),
        _ => Reply::new(200, &[], "by proxy"),
    });
    let direct = Server::start(|_, _| Reply::new(200, &[], "direct"));
    let address = Some(proxy.url("").replace("127.0.0.1", "user:ghp_secret@127.0.0.1"));
    let client = |except: Option<&str>| {
        let proxies = Proxies { https: address.clone(), http: address.clone(), except: except.map(str::to_owned) };
        Client::new(Settings { proxies, ..settings() }).expect("a client")
    };
    let url = direct.url("/x");
    assert_eq!(send(&client(None), get(&url)).await.expect("an answer").body(), "by proxy");
    assert_eq!(proxy.seen()[0].target, url);
    assert!(proxy.seen()[0].header("proxy-authorization").is_some());
    assert_eq!(send(&client(Some("127.0.0.1")), get(&url)).await.expect("an answer").body(), "direct");
    // The proxy looks up the name, not this machine.
    let failed = send(&client(None), get("https://no-such-host.invalid/")).await.expect_err("refused");
    assert_eq!(proxy.seen()[1].target, "no-such-host.invalid:443");
    assert!(matches!(failed, Failure::Connect { .. }), "{failed:?}");
    assert!(!format!("{failed} {failed:?} {:?}", client(None)).contains("ghp_secret"));
}

#[tokio::test]
async fn no_text_of_a_failure_holds_a_secret() {
    let client = client();
    let texts = Arc::new(Mutex::new(String::new()));
    let note = |failed: Failure| texts.lock().expect("no panic").push_str(&format!("{failed} {failed:?} "));
    let away = Server::start(|_, _| Reply::new(302, &[("location", "https://u:ghp_secret@b.example/x?token=ghp_secret")], ""));
    let broken = Server::start(|_, _| Reply::raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nghp"));
    let failing = Server::start(|_, _| Reply::new(500, &[], "ghp_secret"));
    for server in [&away, &broken, &failing] {
        let url = server.url("/x?token=ghp_secret").replace("127.0.0.1", "ghp_secret:ghp_secret@127.0.0.1");
        note(send(&client, get(&url)).await.expect_err("a failure"));
    }
    note(send(&client, get("https://ghp_secret@no-such-host.invalid/ghp?ghp_secret")).await.expect_err("a failure"));
    note(send(&client, get("http://ghp_secret@a.example/?ghp_secret")).await.expect_err("a failure"));
    let texts = texts.lock().expect("no panic").clone();
    assert!(texts.contains("b.example") && !texts.contains("secret"), "{texts}");
    // User info is not sent either: the token alone says who asks.
    assert!(failing.seen().iter().all(|seen| seen.header("authorization") == Some("Bearer ghp_secret")));
}

#[tokio::test]
async fn packed_answers_are_unpacked_and_counted_as_they_came() {
    let packed = {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&[b'x'; 10_000]).expect("packs");
        encoder.finish().expect("packs")
    };
    let length = packed.len() as u64;
    let server = Server::start(move |_, _| Reply::new(200, &[("content-encoding", "gzip")], &packed));
    let client = client();
    let answer = send(&client, get(&server.url("/"))).await.expect("an answer");
    assert_eq!((answer.body().len(), answer.headers().get("content-encoding")), (10_000, None));
    assert_eq!(client.bill().services[&Service::Rest].bytes_received, length);
    assert_eq!(server.seen()[0].header("accept-encoding"), Some("gzip"));
    let streamed = client.stream(Service::Git, get(&server.url("/"))).await;
    assert!(matches!(streamed.map(|_| ()), Err(Failure::Encoding { .. })));
    assert_eq!(server.seen()[1].header("accept-encoding"), Some("identity"));
}

#[tokio::test]
async fn a_host_that_fails_gets_fewer_requests_at_once_and_others_as_many_as_before() {
    let client = client();
    let at = |server: &Server| client.in_flight(&server.url("/"));
    let sound = Server::start(|_, _| Reply::new(200, &[], ""));
    send(&client, get(&sound.url("/"))).await.expect("an answer");
    for (bad, limit) in [
        (Reply::new(502, &[], ""), 2),
        (Reply::new(429, &[("retry-after", "0")], ""), 2),
        // Refusals are none of that, and neither is an allowance that is used up.
        (Reply::new(404, &[], ""), 16),
        (Reply::new(403, &[("x-ratelimit-remaining", "0"), ("retry-after", "0")], ""), 16),
    ] {
        let server = Server::start(move |_, _| bad.clone());
        for _ in 0..2 {
            let _ = send(&client, get(&server.url("/"))).await;
        }
        assert_eq!(at(&server), limit);
    }
    assert_eq!(at(&sound), 16);
}

#[tokio::test]
async fn what_is_used_up_is_not_asked_for() {
    let reset = (jiff::Timestamp::now().as_second() + 3_600).to_string();
    let last = Reply::new(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset)], "[]");
    let server = Server::start(move |_, _| last.clone());
    let client = client();
    assert_eq!(send(&client, get(&server.url("/a"))).await.expect("an answer").status(), 200);
    let failed = send(&client, get(&server.url("/b"))).await.expect_err("nothing is left");
    assert!(matches!(failed, Failure::RateLimited { why: Why::UsedUp, .. }), "{failed}");
    assert_eq!(server.seen().len(), 1);
}
