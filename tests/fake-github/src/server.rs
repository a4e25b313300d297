//! HTTP on loopback: takes requests, enters them, lets faults happen, and sends what the services answer.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{HeaderMap, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};

use crate::faults::{Effect, Faults};
use crate::graphql::Schemas;
use crate::ledger::{Graphql, Kind, Ledger, Request};
use crate::limits::Used;
use crate::reply::{End, Outgoing, Reply};
use crate::route::{Place, Route};
use crate::services;
use crate::state::State;
use crate::world::World;

/// No request of ours is as large; a larger one is a mistake.
const MOST_REQUEST: usize = 4 << 20;

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) state: RwLock<Arc<State>>,
    pub(crate) schemas: Schemas,
    pub(crate) ledger: Ledger,
    pub(crate) faults: Faults,
    pub(crate) used: Used,
    pub(crate) changes: Changes,
    /// How many tokens apps were given.
    pub(crate) issued: AtomicU64,
}

type Condition = Box<dyn Fn(&Request) -> bool + Send>;
type Change = Box<dyn FnOnce(&mut World) + Send>;

/// Changes of the world that wait for a request.
#[derive(Default)]
pub(crate) struct Changes(Mutex<Vec<(Condition, Change)>>);

impl Changes {
    pub(crate) fn add(&self, condition: impl Fn(&Request) -> bool + Send + 'static, change: impl FnOnce(&mut World) + Send + 'static) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((Box::new(condition), Box::new(change)));
    }

    fn due(&self, request: &Request) -> Vec<Change> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (due, left) = std::mem::take(&mut *waiting).into_iter().partition(|(condition, _)| condition(request));
        *waiting = left;
        let due: Vec<(Condition, Change)> = due;
        due.into_iter().map(|(_, change)| change).collect()
    }
}

impl Shared {
    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut World)) {
        let mut world = self.state().world.clone();
        change(&mut world);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(State::new(world));
    }
}

/// Takes connections for ever.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        // Out of descriptors, or a client that is gone already: neither ends the server.
        let Ok((stream, _)) = listener.accept().await else { continue };
        tokio::spawn(connection(stream, Arc::clone(&shared)));
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let (Ok(address), Ok((stream, twin))) = (stream.local_addr(), twin(stream)) else { return };
    let cut = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request| {
        let (shared, cut) = (Arc::clone(&shared), Arc::clone(&cut));
        async move {
            let answer = answer(&shared, address, request).await;
            cut.fetch_or(answer.is_err(), Ordering::Relaxed);
            answer
        }
    });
    let server = auto::Builder::new(TokioExecutor::new());
    // That a client goes away is no news.
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
    if cut.load(Ordering::Relaxed) {
        // Closed without lingering, a connection is reset: the client sees no orderly end.
        let _ = twin.set_zero_linger();
    }
}

/// The connection and a second handle on it, because the server keeps the first to itself until it is closed.
fn twin(stream: TcpStream) -> io::Result<(TcpStream, TcpStream)> {
    let _ = stream.set_nodelay(true);
    let first = stream.into_std()?;
    let second = first.try_clone()?;
    Ok((TcpStream::from_std(first)?, TcpStream::from_std(second)?))
}

async fn answer(shared: &Arc<Shared>, address: SocketAddr, request: hyper::Request<Incoming>) -> io::Result<Response<Outgoing>> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MOST_REQUEST).collect().await.map_err(io::Error::other)?.to_bytes();
    let place = Place::of(head.uri.path());
    let host = head.uri.authority().map(ToString::to_string).or_else(|| text(&head.headers, "host"));
    let host = host.unwrap_or_else(|| address.to_string());
    let request = request_of(&head, &place, &body);
    let under_way = shared.ledger.enter(request.clone());
    for change in shared.changes.due(&request) {
        shared.change(change);
    }
    let state = shared.state();
    if !state.world.latency.is_zero() {
        tokio::time::sleep(state.world.latency).await;
    }
    let fault = shared.faults.due(&request);
    let reply = match &fault {
        Some(Effect::Reset) => return Err(io::ErrorKind::ConnectionReset.into()),
        Some(Effect::Stall(lasting)) => {
            tokio::time::sleep(*lasting).await;
            return Err(io::ErrorKind::TimedOut.into());
        }
        Some(Effect::Answer { status, headers, body }) => {
            let content_type = if body.starts_with(['{', '[']) { "application/json; charset=utf-8" } else { "text/html" };
            Reply::new(*status, content_type, body.clone()).headers(headers.clone())
        }
        fault => {
            if let Some(Effect::LimitUsedUp(lasting)) = fault {
                shared.used.use_up(*lasting);
            }
            let (shared_there, at_once) = (Arc::clone(shared), shared.ledger.under_way());
            let asked = services::Asked { request, place, host, body, at_once, endless: matches!(fault, Some(Effect::EndlessPages)) };
            let answered = tokio::task::spawn_blocking(move || services::answer(&shared_there, &state, &asked)).await;
            answered.map_err(|broken| {
                shared.ledger.surprise(format!("an answer that the fake could not make: {broken}"));
                io::Error::other(broken)
            })?
        }
    };
    let (status, points) = (reply.status, reply.points);
    let (response, bytes) = response(reply, fault.as_ref())?;
    under_way.answered(status, points, bytes);
    Ok(response)
}

/// The answer as it goes out, after what a fault does to its body, and the size of that.
fn response(mut reply: Reply, fault: Option<&Effect>) -> io::Result<(Response<Outgoing>, u64)> {
    let whole = reply.body.len();
    let body = match fault {
        Some(Effect::Slow(over)) => Outgoing::slow(&reply.body, *over),
        Some(Effect::Truncate { keep, honest }) => {
            reply.body.truncate(*keep);
            if !honest {
                reply = reply.header("content-length", whole.max(keep + 1).to_string());
            }
            Outgoing::new(reply.body.clone(), if *honest { End::Whole } else { End::Broken })
        }
        Some(Effect::BadJson) => {
            let half = reply.body.slice(..whole / 2);
            reply.body = [half.as_ref(), b"<html>"].concat().into();
            Outgoing::new(reply.body.clone(), End::Whole)
        }
        Some(Effect::EndlessBody) => {
            let start = std::mem::replace(&mut reply.body, Bytes::new());
            // White space is the one thing that every JSON may be followed by.
            Outgoing::new(start, End::Endless(Bytes::from_static(&[b' '; 1 << 16])))
        }
        _ => Outgoing::new(reply.body.clone(), End::Whole),
    };
    let mut response = Response::builder().status(reply.status).header("server", "github.com").header("x-github-request-id", "FAKE:1");
    for (name, value) in &reply.headers {
        response = response.header(name.as_str(), value.as_str());
    }
    let bytes = reply.body.len() as u64;
    response.body(body).map(|response| (response, bytes)).map_err(io::Error::other)
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn request_of(head: &hyper::http::request::Parts, place: &Place, body: &Bytes) -> Request {
    let authorization = text(&head.headers, "authorization");
    let whole = String::from_utf8_lossy(body);
    let graphql = (place.route == Route::Graphql).then(|| serde_json::from_str::<serde_json::Value>(&whole).ok()).flatten();
    let graphql = graphql.and_then(|call| {
        let query = call.get("query")?.as_str()?.to_owned();
        Some(Graphql { query, variables: call.get("variables").cloned().unwrap_or_default() })
    });
    Request {
        kind: place.kind,
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        template: place.template.clone(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        authorization: authorization.is_some(),
        token: authorization.as_deref().and_then(token),
        body: if graphql.is_some() || place.kind == Kind::Git && whole.contains('\u{fffd}') { String::new() } else { whole.into_owned() },
        graphql,
        status: None,
        points: 0,
        bytes: 0,
        at: Instant::now(),
        beside: 0,
    }
}

/// The token in an `Authorization`: behind `Bearer` or `token`, or the password of `Basic`, or its user if there is none.
fn token(authorization: &str) -> Option<String> {
    let (scheme, rest) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Some(rest.trim().to_owned());
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some(if password.is_empty() || password == "x-oauth-basic" { user } else { password }.to_owned())
}

/// How long a stopped server waits for answers that are being made.
pub(crate) const GRACE: Duration = Duration::from_millis(200);
