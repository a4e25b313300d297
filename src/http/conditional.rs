//! Answers that are kept between runs, and transferred again only if they have changed.
//!
//! An answer is kept with its status, so that "not found" comes back as that. It is found only by who asks for the same,
//! in the same form, with what sees the same.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::bill::Service;
use super::token::Token;

/// Where answers are kept. What cannot be kept, or read, is not there: that costs a request, no more.
pub trait Answers: Send + Sync {
    /// What was kept under a key. It may wait for a disk.
    fn get(&self, key: &str) -> Option<Vec<u8>>;
    /// Keeps this under a key. It may wait for a disk.
    fn put(&self, key: &str, answer: &[u8]);
}

/// The token that a request shows: an extension of the request. Answers to a request that shows one and has no such
/// extension are not kept.
#[derive(Clone, Debug)]
pub struct Asker(pub Token);

/// The form of what is kept; another one is not read.
const FORM: u32 = 1;
/// The longest tag of a content that is believed to be one.
const LONGEST_TAG: usize = 1 << 10;
/// What of the headers is kept: that which whoever reads an answer looks at.
const KEPT: [HeaderName; 3] = [CONTENT_TYPE, LINK, ETAG];
/// By this, too, GitHub chooses the form of an answer.
const VERSION: &str = "x-github-api-version";

/// The first line of what is kept; the body follows.
#[derive(Serialize, Deserialize)]
struct Head {
    form: u32,
    status: u16,
    headers: Vec<(String, String)>,
}

/// An answer that was kept.
struct Kept {
    tag: HeaderValue,
    head: Response<()>,
    body: Bytes,
}

/// A request whose answer may be kept, and what is kept of it.
pub(super) struct Conditional {
    answers: Arc<dyn Answers>,
    key: String,
    token: Option<Token>,
    kept: Option<Kept>,
}

impl Conditional {
    /// Looks for what is kept of a request, where its answers are worth keeping: those of Git are packs and refs, and the
    /// list of OSS-Fuzz is another one each day.
    pub(super) async fn of(answers: Option<&Arc<dyn Answers>>, service: Service, url: &Url, parts: &Parts, most: usize) -> Option<Self> {
        let answers = answers.filter(|_| parts.method == Method::GET && matches!(service, Service::Rest | Service::Badge))?.clone();
        let shows_token = parts.headers.contains_key(AUTHORIZATION);
        let token = parts.extensions.get::<Asker>().map(|Asker(token)| token.clone()).filter(|_| shows_token);
        if shows_token && token.is_none() {
            return None;
        }
        let seen_by = token.as_ref().map_or_else(|| "nobody".to_owned(), Token::fingerprint);
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let key = format!("{url}\n{}\n{}\n{seen_by}", text(ACCEPT.as_str()), text(VERSION));
        let (from, wanted) = (answers.clone(), key.clone());
        let kept = tokio::task::spawn_blocking(move || read(from.get(&wanted)?, most)).await.ok().flatten();
        Some(Self { answers, key, token, kept })
    }

    /// Adds to a request that only a change is wanted.
    pub(super) fn ask(&self, headers: &mut HeaderMap) {
        if let Some(kept) = &self.kept {
            headers.insert(IF_NONE_MATCH, kept.tag.clone());
        }
    }

    /// The answer that the host says has not changed.
    pub(super) fn unchanged(self) -> Option<(Response<()>, Bytes)> {
        self.kept.map(|kept| (kept.head, kept.body))
    }

    /// Keeps an answer, if it can be asked for by its tag another time.
    pub(super) async fn keep(self, head: &Response<()>, body: &Bytes) {
        let is_lasting = matches!(head.status(), StatusCode::OK | StatusCode::NO_CONTENT | StatusCode::NOT_FOUND | StatusCode::GONE);
        let headers = head.headers();
        let forbidden = headers.get(CACHE_CONTROL).is_some_and(|value| value.to_str().is_ok_and(|value| value.contains("no-store")));
        if !is_lasting || forbidden || tag(headers).is_none() || is_spoilt(headers, body) {
            return;
        }
        let text = |name: &HeaderName| Some((name.to_string(), headers.get(name)?.to_str().ok()?.to_owned()));
        let kept = Head { form: FORM, status: head.status().as_u16(), headers: KEPT.iter().filter_map(text).collect() };
        let Ok(mut whole) = serde_json::to_vec(&kept) else { return };
        whole.push(b'\n');
        whole.extend_from_slice(body);
        // A host may repeat what it was shown.
        if self.token.is_some_and(|token| token.is_in(&whole)) {
            return;
        }
        let (answers, key) = (self.answers, self.key);
        let _ = tokio::task::spawn_blocking(move || answers.put(&key, &whole)).await;
    }
}

/// Whether what should be JSON is none. Kept, it would come back for as long as nothing changes.
fn is_spoilt(headers: &HeaderMap, body: &[u8]) -> bool {
    let is_json = headers.get(CONTENT_TYPE).is_some_and(|value| value.to_str().is_ok_and(|value| value.contains("json")));
    is_json && !body.is_empty() && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err()
}

fn tag(headers: &HeaderMap) -> Option<&HeaderValue> {
    headers.get(ETAG).filter(|tag| !tag.is_empty() && tag.len() <= LONGEST_TAG)
}

/// Reads what was kept. What is not as it was written is none.
fn read(whole: Vec<u8>, most: usize) -> Option<Kept> {
    let end = memchr::memchr(b'\n', &whole)?;
    let Head { form, status, headers } = serde_json::from_slice(&whole[..end]).ok()?;
    let body = Bytes::from(whole).slice(end + 1..);
    if form != FORM || body.len() > most {
        return None;
    }
    let mut head = Response::new(());
    *head.status_mut() = StatusCode::from_u16(status).ok()?;
    for (name, value) in headers {
        head.headers_mut().insert(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    }
    Some(Kept { tag: tag(head.headers())?.clone(), head, body })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use http::Request;

    use super::super::testing::{Reply, Seen, Server, client, settings};
    use super::super::tests::{MOST, get, outcome, send};
    use super::super::{Client, Failure, Settings};
    use super::*;

    /// Answers that are kept in memory.
    #[derive(Default)]
    struct Shelf(Mutex<BTreeMap<String, Vec<u8>>>);

    impl Answers for Shelf {
        fn get(&self, key: &str) -> Option<Vec<u8>> {
            self.0.lock().expect("no panic").get(key).cloned()
        }

        fn put(&self, key: &str, answer: &[u8]) {
            self.0.lock().expect("no panic").insert(key.to_owned(), answer.to_vec());
        }
    }

    fn keeping(shelf: &Arc<Shelf>) -> Client {
        Client::new(Settings { answers: Some(shelf.clone()), ..settings() }).expect("a client")
    }

    fn asking(url: &str, token: &str, accept: &str) -> Request<Bytes> {
        let token = Token::new(token).expect("a token");
        let request = Request::get(url).header(AUTHORIZATION, token.header()).header("accept", accept);
        request.extension(Asker(token)).body(Bytes::new()).expect("a request")
    }

    #[tokio::test]
    async fn what_is_spoilt_is_not_kept() {
        let server = Server::start(|before, seen| match seen.header("if-none-match") {
            Some(_) => Reply::new(304, &[("etag", "\"a\"")], ""),
            None => {
                let body = if before == 0 { "{\"cut\": " } else { "{}" };
                Reply::new(200, &[("etag", "\"a\""), ("content-type", "application/json; charset=utf-8")], body)
            }
        });
        let client = keeping(&Arc::default());
        let ask = || async {
            let request = asking(&server.url("/x"), "a-secret-token", "application/json");
            client.send(Service::Rest, request, 100).await.expect("answered").into_body()
        };
        assert_eq!(ask().await, "{\"cut\": ");
        assert_eq!(ask().await, "{}");
        assert_eq!(ask().await, "{}");
        assert_eq!(server.seen().iter().filter(|seen| seen.header("if-none-match").is_some()).count(), 1);
    }

    /// Answers with this status, the tag "a" and a next page, unless the client has that.
    fn tagged(status: u16, body: &'static str) -> impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static {
        move |_, seen| match seen.header("if-none-match") {
            Some("\"a\"") => Reply::new(304, &[("etag", "\"a\"")], ""),
            _ => Reply::new(status, &[("etag", "\"a\""), ("link", "<x>; rel=\"next\""), ("x-secret", "1")], body),
        }
    }

    #[tokio::test]
    async fn what_has_not_changed_comes_back_as_it_was_with_its_status() {
        for (status, body) in [(200, "[1]"), (404, r#"{"message":"Not Found"}"#), (200, ""), (204, ""), (410, "away")] {
            let (shelf, server) = (Arc::default(), Server::start(tagged(status, body)));
            for (run, unchanged) in [(0, 0), (1, 2)] {
                let client = keeping(&shelf);
                for again in 0..2 {
                    let answer = send(&client, asking(&server.url("/x"), "one", "json")).await.expect("an answer");
                    assert_eq!((answer.status().as_u16(), &answer.body()[..]), (status, body.as_bytes()), "{run} {again}");
                    assert_eq!(answer.headers().get("link").expect("kept"), "<x>; rel=\"next\"");
                }
                let spent = client.bill().services[&Service::Rest];
                assert_eq!((spent.requests, spent.unchanged), (2, unchanged.max(1)), "{status}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_found_by_the_same_question_of_the_same_asker_alone() {
        let (shelf, server) = (Arc::default(), Server::start(tagged(200, "[1]")));
        let client = keeping(&shelf);
        send(&client, asking(&server.url("/x"), "one", "json")).await.expect("an answer");
        let without = || Request::get(server.url("/x")).header("accept", "json").body(Bytes::new()).expect("a request");
        for other in [
            asking(&server.url("/x"), "two", "json"),
            asking(&server.url("/x"), "one", "text"),
            asking(&server.url("/x?y"), "one", "json"),
            without(),
            // Whose token it is was not said.
            get(&server.url("/x")),
            get(&server.url("/x")),
        ] {
            assert_eq!(send(&client, other).await.expect("an answer").status(), 200);
        }
        assert!(server.seen().iter().all(|seen| seen.header("if-none-match").is_none()));
        // Neither what is no question nor what is of Git.
        let mut question = asking(&server.url("/x"), "one", "json");
        *question.method_mut() = Method::POST;
        send(&client, question).await.expect("an answer");
        client.send(Service::Git, asking(&server.url("/x"), "one", "json"), MOST).await.expect("an answer");
        assert!(server.seen().iter().all(|seen| seen.header("if-none-match").is_none()));
        // And again, of who had no token.
        send(&client, without()).await.expect("an answer");
        assert_eq!(server.seen().last().expect("one").header("if-none-match"), Some("\"a\""));
        // Longer than may be read now.
        client.send(Service::Rest, asking(&server.url("/x"), "one", "json"), 2).await.expect_err("it is too long");
        assert_eq!(server.seen().last().expect("one").header("if-none-match"), None);
    }

    #[tokio::test]
    async fn what_must_not_or_cannot_be_kept_is_not() {
        type Case = (&'static [(&'static str, &'static str)], u16, &'static str);
        let cases: [Case; 6] = [
            (&[], 200, "[]"),
            (&[("etag", "\"a\""), ("cache-control", "private, no-store")], 200, "[]"),
            (&[("etag", "\"a\"")], 200, "you are ghp_secret"),
            (&[("etag", "\"a\""), ("link", "<x?ghp_secret>; rel=\"next\"")], 200, "[]"),
            (&[("etag", "\"a\"")], 403, "no"),
            (&[("etag", "")], 200, "[]"),
        ];
        for (headers, status, body) in cases {
            let reply = Reply::new(status, headers, body);
            let (shelf, server): (Arc<Shelf>, _) = (Arc::default(), Server::start(move |_, _| reply.clone()));
            send(&keeping(&shelf), asking(&server.url("/x"), "ghp_secret", "json")).await.expect("an answer");
            assert!(shelf.0.lock().expect("no panic").is_empty(), "{headers:?} {status} {body}");
        }
    }

    #[tokio::test]
    async fn what_is_damaged_is_asked_for_whole_and_nobody_sees_an_answer_without_content() {
        let (shelf, server): (Arc<Shelf>, _) = (Arc::default(), Server::start(tagged(200, "[1]")));
        send(&keeping(&shelf), asking(&server.url("/x"), "one", "json")).await.expect("an answer");
        let (key, good) = shelf.0.lock().expect("no panic").first_key_value().map(|(key, good)| (key.clone(), good.clone())).expect("kept");
        let text = String::from_utf8(good.clone()).expect("text");
        let damaged = [
            Vec::new(),
            b"[1]".to_vec(),
            good[..10].to_vec(),
            text.replace("\"form\":1", "\"form\":2").into_bytes(),
            text.replace("200", "20").into_bytes(),
            text.replace("etag", "e tag").into_bytes(),
            text.replace("etag", "other").into_bytes(),
        ];
        for damaged in damaged {
            assert_ne!(damaged, good);
            shelf.put(&key, &damaged);
            let answer = send(&keeping(&shelf), asking(&server.url("/x"), "one", "json")).await.expect("an answer");
            assert_eq!((answer.status().as_u16(), &answer.body()[..]), (200, &b"[1]"[..]));
            assert_eq!(server.seen().last().expect("one").header("if-none-match"), None);
            assert_eq!(shelf.get(&key), Some(good.clone()));
        }
        // A host that says so though nobody had asked.
        let (answer, sent) = outcome(&client(), |_, _| Reply::new(304, &[], "")).await;
        assert!(matches!(answer, Err(Failure::Status { status, .. }) if status == 304), "{answer:?}");
        assert_eq!(sent, 1);
    }
}
