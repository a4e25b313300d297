//! The client: sends a request, follows, tries again, waits, and counts.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use reqwest::Url;
use tokio::time::Instant;

use super::address::Named;
use super::bill::{Bill, Ledger, Service};
use super::body::{Packing, Reader};
use super::conditional::Conditional;
use super::failure::{Error, Failure, moment};
use super::hosts::{Hosts, Queue, Search, Standing};
use super::pace::Room;
use super::redirect::{self, Effective, RedirectHosts, authority};
use super::retry;
use super::settings::{Settings, Why};
use super::token::Token;
use super::transport;

/// The client for everything. Cheap to clone; clones share connections, limits and the bill.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    connections: reqwest::Client,
    settings: Settings,
    named: Named,
    hosts: Hosts,
    ledger: Arc<Ledger>,
}

/// An answer that is read in pieces.
pub struct Streamed {
    status: StatusCode,
    headers: HeaderMap,
    effective: Uri,
    host: String,
    service: Service,
    response: reqwest::Response,
    ends: Instant,
    ledger: Arc<Ledger>,
    /// It stays in flight for as long as it is read.
    _room: Room,
}

/// An answer, and the room that it takes up at its host.
struct Answer {
    head: Response<()>,
    body: Body,
    room: Room,
}

enum Body {
    Whole(Bytes),
    Open(reqwest::Response),
}

/// How an answer is wanted.
#[derive(Clone, Copy)]
enum Wanted {
    /// As a whole, of at most so many bytes.
    Whole(usize),
    Pieces,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Client").field(&self.0.settings).finish()
    }
}

impl Client {
    /// A client that behaves so.
    ///
    /// # Errors
    /// The settings cannot be: certificates, proxies.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let named = Named::default();
        settings.named_hosts.iter().for_each(|host| named.add(host));
        let connections = transport::connections(&settings, &named)?;
        Ok(Self(Arc::new(Inner { connections, settings, named, hosts: Hosts::default(), ledger: Arc::default() })))
    }

    /// Notes that the user named this host (its name or address, without a port): its address may be any.
    pub fn name_host(&self, host: &str) {
        self.0.named.add(host);
    }

    /// Sends a request whose answer is wanted as a whole, unpacked at most `most` bytes. Answers of 300 to 499 are
    /// answers; what of them is a redirect is followed, and what is a limit is waited for.
    ///
    /// # Errors
    /// There is no answer, or it is one of 500 and more, after all retries.
    pub async fn send(&self, service: Service, request: Request<Bytes>, most: usize) -> Result<Response<Bytes>, Failure> {
        let answer = self.followed(service, request, Wanted::Whole(most)).await?;
        Ok(match answer.body {
            Body::Whole(bytes) => answer.head.map(|()| bytes),
            Body::Open(_) => answer.head.map(|()| Bytes::new()),
        })
    }

    /// Sends a request whose answer is read in pieces; until the first of them it is as with [`Client::send`].
    ///
    /// # Errors
    /// There is no answer, or it is one of 500 and more, after all retries.
    pub async fn stream(&self, service: Service, request: Request<Bytes>) -> Result<Streamed, Failure> {
        let Answer { head, body, room } = self.followed(service, request, Wanted::Pieces).await?;
        let (parts, ()) = head.into_parts();
        let effective = parts.extensions.get::<Effective>().map(|Effective(uri)| uri.clone()).unwrap_or_default();
        let host = effective.authority().map(ToString::to_string).unwrap_or_default();
        let Body::Open(response) = body else {
            return Err(Failure::Reset { host, why: "there is nothing to read".to_owned() });
        };
        if Packing::of(&parts.headers) != Packing::Plain {
            return Err(Failure::Encoding { host, why: "it is packed in a way that was not asked for".to_owned() });
        }
        Ok(Streamed {
            status: parts.status,
            headers: parts.headers,
            effective,
            host,
            service,
            response,
            ends: Instant::now() + self.0.settings.stream_timeout,
            ledger: self.0.ledger.clone(),
            _room: room,
        })
    }

    /// Notes points that a service counted.
    pub fn spent_points(&self, service: Service, points: u64) {
        self.0.ledger.note(service, |spent| spent.points += points);
    }

    /// How a token stands with the interfaces for programs at this address.
    #[must_use]
    pub fn standing(&self, address: &str, token: &Token) -> Standing {
        let Ok(url) = Url::parse(address) else { return Standing::default() };
        let shown = token.header();
        let queues = [Service::Graphql, Service::Rest].map(|service| Queue::of(service, Some(&shown)));
        self.0.hosts.get(&authority(&url), &self.0.settings).standing(&queues)
    }

    /// How many requests may be in flight at the host of an address.
    #[cfg(test)]
    pub(super) fn in_flight(&self, address: &str) -> usize {
        self.0.hosts.get(&authority(&address.parse().expect("an address")), &self.0.settings).limit()
    }

    /// What was asked so far.
    #[must_use]
    pub fn bill(&self) -> Bill {
        self.0.ledger.bill()
    }

    /// Notes that a whole transfer is begun anew, which has failed so many times, and tells how long to pause before.
    pub(crate) fn begin_anew(&self, service: Service, failed: u32) -> Duration {
        self.0.ledger.note(service, |spent| spent.retries += 1);
        retry::pause(self.0.settings.first_pause, failed)
    }

    /// Sends a request on to where the answers say.
    async fn followed(&self, service: Service, request: Request<Bytes>, wanted: Wanted) -> Result<Answer, Failure> {
        let (mut parts, body) = request.into_parts();
        let allowed = parts.extensions.get::<RedirectHosts>().cloned();
        let encoding = match wanted {
            Wanted::Whole(_) => HeaderValue::from_static("gzip"),
            Wanted::Pieces => HeaderValue::from_static("identity"),
        };
        parts.headers.insert(ACCEPT_ENCODING, encoding);
        let mut url = transport::checked(&parts.uri.to_string(), &self.0.named)?;
        for _ in 0..=redirect::MOST {
            let mut answer = self.settled(service, &url, &parts, &body, wanted).await?;
            let head = &answer.head;
            let Some(to) = redirect::follow(&url, &parts.method, head.status(), head.headers(), allowed.as_ref())? else {
                let effective = url.as_str().parse().unwrap_or_default();
                answer.head.extensions_mut().insert(Effective(effective));
                return Ok(answer);
            };
            if authority(&to) != authority(&url) || to.scheme() != url.scheme() {
                redirect::strip(&mut parts.headers);
            }
            url = transport::checked(to.as_str(), &self.0.named)?;
        }
        Err(Failure::Redirected { host: authority(&url), to: "one address after another, without end".to_owned() })
    }

    /// Sends a request until there is an answer to go on with.
    async fn settled(&self, service: Service, url: &Url, parts: &Parts, body: &Bytes, wanted: Wanted) -> Result<Answer, Failure> {
        let Inner { settings, hosts, ledger, .. } = &*self.0;
        let name = authority(url);
        let host = hosts.get(&name, settings);
        let is_search = parts.extensions.get::<Search>().is_some();
        let queue = Queue::of(service, parts.headers.get(AUTHORIZATION)).searching(is_search);
        let conditional = match wanted {
            Wanted::Whole(most) => Conditional::of(settings.answers.as_ref(), service, url, parts, most).await,
            Wanted::Pieces => None,
        };
        let mut headers = parts.headers.clone();
        if let Some(conditional) = &conditional {
            conditional.ask(&mut headers);
        }
        let began = Instant::now();
        let (mut tried, mut waits, mut waited) = (0, 0, Duration::ZERO);
        loop {
            let room = host.enter(&queue, settings, &mut waited).await?;
            let mut request = reqwest::Request::new(parts.method.clone(), url.clone());
            request.headers_mut().clone_from(&headers);
            let sent = self.sent(service, request, body, wanted).await;
            if let Ok((head, body)) = &sent {
                let read = if let Body::Whole(bytes) = body { &bytes[..] } else { &[] };
                let (status, headers) = (head.status(), head.headers());
                let now = jiff::Timestamp::now();
                let left = retry::left(headers, is_search, now);
                if let Some((left, length)) = left {
                    host.note(&queue, left, retry::allowance(headers), length);
                }
                if let Some((wait, why)) = retry::limit(service, status, headers, read, now) {
                    if why != Why::UsedUp {
                        room.was_too_much();
                    }
                    host.close(&queue, wait, why);
                    waits += 1;
                    if waits > retry::MOST_WAITS {
                        return Err(Failure::RateLimited { host: name, why, until: moment(wait) });
                    }
                    ledger.note(service, |spent| spent.retries += 1);
                    continue;
                }
                // The next one would be refused, and to be refused often counts against who asks.
                if let Some((0, length)) = left {
                    host.close(&queue, length + retry::WHOLE, Why::UsedUp);
                }
            }
            let failure = match sent {
                Ok((head, _)) if head.status().is_server_error() => Failure::Status { host: name.clone(), status: head.status() },
                Ok((head, body)) => {
                    room.went_well();
                    // Who asks for changes alone knows what has not changed.
                    let asks_itself = parts.headers.contains_key(IF_NONE_MATCH) || parts.headers.contains_key(IF_MODIFIED_SINCE);
                    if conditional.is_none() && asks_itself {
                        return Ok(Answer { head, body, room });
                    }
                    return self.kept(service, &name, conditional, Answer { head, body, room }).await;
                }
                Err(failure) => failure,
            };
            if matches!(failure, Failure::Status { .. } | Failure::Timeout { .. }) {
                room.was_too_much();
            }
            drop(room);
            let is_late = began.elapsed().saturating_sub(waited) > settings.retry_for;
            let Some(pause) = retry::again(&failure, service, tried, settings.first_pause).filter(|_| !is_late) else {
                return Err(failure);
            };
            tried += 1;
            ledger.note(service, |spent| spent.retries += 1);
            tokio::time::sleep(pause).await;
        }
    }

    /// An answer, or what was kept of it if it has not changed; a new one is kept.
    async fn kept(&self, service: Service, name: &str, conditional: Option<Conditional>, answer: Answer) -> Result<Answer, Failure> {
        let Answer { head, body, room } = answer;
        if head.status() == StatusCode::NOT_MODIFIED {
            let unchanged = conditional.and_then(Conditional::unchanged);
            // Nobody asked for changes alone.
            let unasked = || Failure::Status { host: name.to_owned(), status: head.status() };
            let (head, body) = unchanged.ok_or_else(unasked)?;
            self.0.ledger.note(service, |spent| spent.unchanged += 1);
            return Ok(Answer { head, body: Body::Whole(body), room });
        }
        if let (Some(conditional), Body::Whole(body)) = (conditional, &body) {
            conditional.keep(&head, body).await;
        }
        Ok(Answer { head, body, room })
    }

    /// Sends a request once.
    async fn sent(
        &self,
        service: Service,
        mut request: reqwest::Request,
        body: &Bytes,
        wanted: Wanted,
    ) -> Result<(Response<()>, Body), Failure> {
        let Inner { connections, settings, ledger, .. } = &*self.0;
        let name = authority(request.url());
        if !body.is_empty() {
            *request.body_mut() = Some(body.clone().into());
        }
        ledger.note(service, |spent| {
            spent.requests += 1;
            spent.bytes_sent += body.len() as u64;
        });
        let failed = |error| Failure::of(&name, error);
        let exchange = async {
            let response = connections.execute(request).await.map_err(failed)?;
            let mut head = Response::new(());
            *head.status_mut() = response.status();
            head.headers_mut().clone_from(response.headers());
            let body = match wanted {
                Wanted::Whole(most) => Body::Whole(self.read(service, &name, response, head.headers_mut(), most).await?),
                Wanted::Pieces => Body::Open(response),
            };
            Ok((head, body))
        };
        match tokio::time::timeout(settings.total_timeout, exchange).await {
            Ok(exchanged) => exchanged,
            Err(_) => Err(Failure::Timeout { host: name }),
        }
    }

    async fn read(
        &self,
        service: Service,
        host: &str,
        mut response: reqwest::Response,
        headers: &mut HeaderMap,
        most: usize,
    ) -> Result<Bytes, Failure> {
        let mut reader = Reader::new(headers, most).map_err(|unreadable| unreadable.at(host, most))?;
        while let Some(chunk) = response.chunk().await.map_err(|error| Failure::of(host, error))? {
            self.0.ledger.note(service, |spent| spent.bytes_received += chunk.len() as u64);
            reader.feed(&chunk).map_err(|unreadable| unreadable.at(host, most))?;
        }
        reader.finish().map_err(|unreadable| unreadable.at(host, most))
    }
}

impl Streamed {
    /// The status of the answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the answer.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Where the answer really comes from, after redirects.
    #[must_use]
    pub const fn effective(&self) -> &Uri {
        &self.effective
    }

    /// The next piece, if there is one.
    ///
    /// # Errors
    /// The connection broke, or all of it took too long.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let next = tokio::time::timeout_at(self.ends, self.response.chunk()).await;
        let chunk = next.map_err(|_| Failure::Timeout { host: self.host.clone() })?.map_err(|error| Failure::of(&self.host, error))?;
        if let Some(chunk) = &chunk {
            self.ledger.note(self.service, |spent| spent.bytes_received += chunk.len() as u64);
        }
        Ok(chunk)
    }
}
