//! A repository at its host: where its commands go, and what its answers mean before they are read.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};

use super::GitSource;
use super::error::FetchError;
use super::packet::{Packet, Packets, line};
use crate::http::{Client, Effective, Failure, Service, Streamed};

/// Some hosts look for Git's own name.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("git/2.0 (carat ", env!("CARGO_PKG_VERSION"), ")"));
/// The longest list of refs or capabilities that is read.
const LONGEST: usize = 4 << 20;

/// A repository at its host.
pub(super) struct Remote<'a> {
    client: &'a Client,
    source: &'a GitSource,
    /// Where it really is.
    base: String,
    has_looked: bool,
}

impl<'a> Remote<'a> {
    pub(super) fn new(client: &'a Client, source: &'a GitSource) -> Self {
        Self { client, source, base: source.url.clone(), has_looked: false }
    }

    /// What stands behind the host where the repository is now, if that is another place of the same host.
    pub(super) fn moved_to(&self) -> Option<String> {
        let origin = |url: &str| url.split('/').take(3).map(str::to_owned).collect::<Vec<_>>();
        if self.base == self.source.url || origin(&self.base) != origin(&self.source.url) {
            return None;
        }
        let path = self.base.splitn(4, '/').nth(3)?;
        Some(path.strip_suffix(".git").unwrap_or(path).to_owned())
    }

    fn request(&self, method: Method, path: &str, body: Bytes) -> Result<Request<Bytes>, FetchError> {
        let mut request = Request::new(body);
        *request.uri_mut() = format!("{}/{path}", self.base).parse().map_err(|_| FetchError::NoAddress)?;
        *request.method_mut() = method;
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, AGENT);
        headers.insert("git-protocol", HeaderValue::from_static("version=2"));
        if let Some(token) = &self.source.token {
            headers.insert(AUTHORIZATION, token.basic());
        }
        Ok(request)
    }

    fn command(&self, body: Bytes) -> Result<Request<Bytes>, FetchError> {
        let mut request = self.request(Method::POST, "git-upload-pack", body)?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-git-upload-pack-request"));
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/x-git-upload-pack-result"));
        Ok(request)
    }

    /// Sends a command whose answer is long.
    pub(super) async fn stream(&self, body: Bytes) -> Result<Streamed, FetchError> {
        let streamed = self.client.stream(Service::Git, self.command(body)?).await?;
        self.expect(streamed.status(), streamed.headers(), "application/x-git-upload-pack-result")?;
        Ok(streamed)
    }

    /// Sends a command whose answer is short.
    pub(super) async fn send(&self, body: Bytes) -> Result<Bytes, FetchError> {
        let answer = self.client.send(Service::Git, self.command(body)?, LONGEST).await?;
        self.expect(answer.status(), answer.headers(), "application/x-git-upload-pack-result")?;
        Ok(answer.into_body())
    }

    fn expect(&self, status: StatusCode, headers: &HeaderMap, kind: &str) -> Result<(), FetchError> {
        match status {
            StatusCode::OK if headers.get(CONTENT_TYPE).is_some_and(|found| found.as_bytes().eq_ignore_ascii_case(kind.as_bytes())) => {
                Ok(())
            }
            StatusCode::OK => Err(FetchError::Malformed("it is no answer to Git")),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(FetchError::Denied { with_token: self.source.token.is_some(), status }),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(FetchError::NotFound),
            status => Err(FetchError::Status { status }),
        }
    }

    /// Whether an error may come from the repository being somewhere else, or from an older protocol. A command is sent
    /// without asking the host first what it can do: that saves a request for nearly every repository.
    pub(super) const fn may_be_elsewhere(&self, error: &FetchError) -> bool {
        let is_odd = matches!(
            error,
            FetchError::Failed(Failure::Redirected { .. } | Failure::Status { .. })
                | FetchError::Status { .. }
                | FetchError::Said(_)
                | FetchError::Malformed(_)
                | FetchError::Cut
        );
        is_odd && !self.has_looked
    }

    /// Asks the host where the repository is and what it can do. `error` is what came of a command; it comes back if
    /// the host's answer does not explain it.
    pub(super) async fn look(&mut self, error: FetchError) -> Result<(), FetchError> {
        const SERVICE: &str = "info/refs?service=git-upload-pack";
        self.has_looked = true;
        let request = self.request(Method::GET, SERVICE, Bytes::new())?;
        let answer = self.client.send(Service::Git, request, LONGEST).await?;
        self.expect(answer.status(), answer.headers(), "application/x-git-upload-pack-advertisement")?;
        match Offer::read(answer.body())? {
            Offer::Old => return Err(FetchError::OldProtocol),
            Offer::Sha256 => return Err(FetchError::Sha256),
            Offer::Usable => {}
        }
        let Some(Effective(at)) = answer.extensions().get() else { return Err(error) };
        let at = at.to_string();
        let Some(base) = at.strip_suffix(&format!("/{SERVICE}")).filter(|base| *base != self.base) else {
            // Nothing is different: what was cut may come whole another time.
            return Err(error);
        };
        base.clone_into(&mut self.base);
        Ok(())
    }
}

/// What a host offers.
#[derive(PartialEq, Eq, Debug)]
enum Offer {
    Usable,
    Sha256,
    Old,
}

impl Offer {
    fn read(bytes: &[u8]) -> Result<Self, FetchError> {
        let mut packets = Packets::default();
        packets.feed(bytes);
        let mut lines = Vec::new();
        while let Some(packet) = packets.next()? {
            match packet {
                Packet::Data(data) if data.starts_with(b"ERR ") => return Err(FetchError::said(&data[4..])),
                Packet::Data(data) if data.starts_with(b"# service=") => {}
                Packet::Data(data) => lines.push(data),
                Packet::Flush | Packet::Delimiter if lines.is_empty() => {}
                Packet::Flush | Packet::Delimiter => break,
            }
        }
        let mut lines = lines.iter().map(|data| line(data));
        if lines.next() != Some(b"version 2") {
            return Ok(Self::Old);
        }
        Ok(if lines.any(|line| line == b"object-format=sha256") { Self::Sha256 } else { Self::Usable })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_told_apart() {
        let read = |text: &str| Offer::read(text.as_bytes());
        assert_eq!(read("001e# service=git-upload-pack\n0000000eversion 2\n000dls-refs\n0000"), Ok(Offer::Usable));
        assert_eq!(read("000eversion 2\n0000"), Ok(Offer::Usable));
        assert_eq!(read("000eversion 2\n0019object-format=sha256\n0000"), Ok(Offer::Sha256));
        assert_eq!(read("001e# service=git-upload-pack\n00000009v0 x\n0000"), Ok(Offer::Old));
        assert_eq!(read("000eversion 1\n0000"), Ok(Offer::Old));
        assert_eq!(read("0000"), Ok(Offer::Old));
        assert_eq!(read("000bERR no\n"), Err(FetchError::Said("no".to_owned())));
        assert!(read("<html>").is_err());
    }
}
