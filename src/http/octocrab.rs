//! octocrab's typed REST interface on this client: its own client, retry, cache and redirects are not used.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use tower_service::Service as TowerService;

use super::hosts::Search;
use super::{Asker, Client, Failure, Service, Token};

/// The longest answer of a REST interface that is read: a page of a hundred releases with forty assets each is 6 MB.
pub const LONGEST_ANSWER: usize = 32 << 20;

/// octocrab for the REST interface at `api` (`https://api.github.com`, `https://HOST/api/v3`), with this token. It has
/// to be made, and used, within a tokio runtime.
#[must_use]
pub fn octocrab(client: &Client, api: &Uri, token: Option<&Token>) -> Octocrab {
    let service = Rest { client: client.clone(), api: api.clone(), token: token.cloned() };
    let built: Result<Octocrab, Infallible> =
        OctocrabBuilder::new_empty().with_service(service).with_layer(&BaseUriLayer::new(api.clone())).with_auth(AuthState::None).build();
    match built {
        Ok(octocrab) => octocrab,
        Err(never) => match never {},
    }
}

/// The failure of the client that an error of octocrab stands for, if it is one.
#[must_use]
pub fn failure(error: &octocrab::Error) -> Option<&Failure> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(failure) = error.downcast_ref() {
            return Some(failure);
        }
        cause = error.source();
    }
    None
}

#[derive(Clone)]
struct Rest {
    client: Client,
    api: Uri,
    token: Option<Token>,
}

impl TowerService<Request<OctoBody>> for Rest {
    type Response = Response<Full<Bytes>>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        // The client keeps its own measure of what is in flight.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<OctoBody>) -> Self::Future {
        let Self { client, api, token } = self.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let host = || parts.uri.authority().map(ToString::to_string).unwrap_or_default();
            let body = body.collect().await.map_err(|error| Failure::Request { host: host(), why: error.to_string() })?.to_bytes();
            // The client's own name, not octocrab's.
            parts.headers.remove(USER_AGENT);
            parts.headers.remove(AUTHORIZATION);
            // An answer can name any address as its next page.
            let is_home = parts.uri.scheme() == api.scheme() && parts.uri.authority() == api.authority();
            let token = token.filter(|_| is_home);
            if let Some(token) = &token {
                parts.headers.insert(AUTHORIZATION, token.header());
                parts.extensions.insert(Asker(token.clone()));
            }
            if parts.uri.path().strip_prefix(api.path().trim_end_matches('/')).is_some_and(|path| path.starts_with("/search/")) {
                parts.extensions.insert(Search);
            }
            let answer = client.send(Service::Rest, Request::from_parts(parts, body), LONGEST_ANSWER).await?;
            // A host may repeat what it was shown.
            let masked = |body: Bytes| token.as_ref().map_or_else(|| body.clone(), |token| token.masked_answer(body.clone()));
            Ok(answer.map(|body| Full::new(masked(body))))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::testing::{Reply, Server, client};

    fn api(server: &Server) -> Uri {
        server.url("/api/v3").parse().expect("a URI")
    }

    #[tokio::test]
    async fn octocrab_speaks_through_the_client() {
        let server = Server::start(|n, seen| match (n, seen.target.as_str()) {
            (0, _) => Reply::new(502, &[], ""),
            (_, "/api/v3/repos/o/r/releases?per_page=100") => {
                let link =
                    format!("<http://{}/api/v3/repositories/1/releases?page=2>; rel=\"next\"", seen.header("host").unwrap_or_default());
                Reply::new(200, &[("link", &link)], r#"[{"a":1}]"#)
            }
            (_, "/api/v3/repositories/1/releases?page=2") => Reply::new(200, &[], r#"[{"a":2}]"#),
            _ => Reply::new(404, &[], r#"{"message":"Not Found","documentation_url":"https://docs.github.com"}"#),
        });
        let (client, token) = (client(), Token::new("secret").expect("a token"));
        let octocrab = octocrab(&client, &api(&server), Some(&token));
        let page: octocrab::Page<serde_json::Value> =
            octocrab.get("/repos/o/r/releases", Some(&[("per_page", "100")])).await.expect("a page after a retry");
        assert_eq!(page.items[0]["a"], 1);
        let next = octocrab.get_page::<serde_json::Value>(&page.next).await.expect("a next page").expect("it is named");
        assert_eq!(next.items[0]["a"], 2);
        let gone = octocrab.get::<serde_json::Value, _, ()>("/nothing", None).await.expect_err("not found");
        assert!(matches!(&gone, octocrab::Error::GitHub { source, .. } if source.status_code == 404), "{gone:?}");
        assert!(failure(&gone).is_none());
        let raw = octocrab._get("/nothing").await.expect("an answer");
        assert_eq!(raw.status(), 404);
        let seen = server.seen();
        assert_eq!(seen.len(), 5);
        assert!(seen.iter().all(|seen| seen.header("authorization") == Some("Bearer secret")));
        assert!(seen.iter().all(|seen| seen.header("user-agent").is_some_and(|agent| agent.starts_with("carat/"))));
        let spent = client.bill().services[&Service::Rest];
        assert_eq!((spent.requests, spent.retries), (5, 1));
    }

    #[tokio::test]
    async fn a_token_goes_to_no_other_address_and_failures_keep_their_kind() {
        let other = Server::start(|_, _| Reply::new(500, &[], "{}"));
        let server = Server::start(|_, _| Reply::new(200, &[], "{}"));
        let token = Token::new("secret").expect("a token");
        let octocrab = octocrab(&client(), &api(&server), Some(&token));
        let failed = octocrab._get(other.url("/x")).await.expect_err("a failure");
        assert!(matches!(failure(&failed), Some(Failure::Status { status, .. }) if status.as_u16() == 500), "{failed:?}");
        assert!(other.seen().iter().all(|seen| seen.header("authorization").is_none()));
        assert!(server.seen().is_empty());
    }

    #[tokio::test]
    async fn searches_have_an_allowance_of_their_own() {
        let reset = (jiff::Timestamp::now().as_second() + 3_600).to_string();
        let server = Server::start(move |_, seen| match seen.target.contains("/search/") {
            true => {
                let left = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &*reset), ("x-ratelimit-resource", "search")];
                Reply::new(200, &left, "{}")
            }
            false => Reply::new(200, &[], "{}"),
        });
        let token = Token::new("secret").expect("a token");
        let octocrab = octocrab(&client(), &api(&server), Some(&token));
        assert_eq!(octocrab._get("/search/commits?q=a").await.expect("an answer").status(), 200);
        let failed = octocrab._get("/search/commits?q=b").await.expect_err("none is left");
        assert!(matches!(failure(&failed), Some(Failure::RateLimited { .. })), "{failed:?}");
        assert_eq!(octocrab._get("/repos/o/r").await.expect("an answer").status(), 200);
        assert_eq!(server.seen().len(), 2);
    }
}
