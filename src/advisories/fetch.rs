//! Archives from servers, into a file.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use bytes::Bytes;
use http::header::{ETAG, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use reqwest::Url;
use tempfile::NamedTempFile;

use super::manifest::{Source, new_file};
use crate::http::{Client, Failure, Service, Streamed};

/// An archive at most.
const LONGEST: u64 = 8 << 30;
/// How often one whose transfer breaks is begun anew.
const MOST_TRIES: u32 = 3;

/// What a server has.
pub(super) enum Fetched {
    /// What is known already.
    Unchanged,
    /// Something else.
    New { archive: NamedTempFile, etag: Option<String>, last_modified: Option<String> },
}

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotFetched {
    #[error("{0}")]
    Failed(#[from] Failure),
    #[error("{host} answered {status}")]
    Status { host: String, status: StatusCode },
    #[error("it is longer than {LONGEST} bytes")]
    TooLarge,
    #[error("{0}")]
    Disk(#[from] io::Error),
}

/// The address of something beneath another address.
pub(super) fn beneath(base: &str, parts: &[&str]) -> Option<String> {
    let mut url = Url::parse(base).ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().extend(parts);
    Some(url.into())
}

/// The names of the ecosystems that a server has archives of; `None` where it does not tell.
///
/// # Errors
/// The server is not reached.
pub async fn ecosystems(client: &Client, base: &str) -> Result<Option<Vec<String>>, super::Error> {
    const MOST: usize = 1 << 20;
    let Some(url) = beneath(base, &["ecosystems.txt"]) else { return Ok(None) };
    let answer = client.send(Service::Osv, request(&url), MOST).await?;
    let text = (answer.status() == StatusCode::OK).then(|| String::from_utf8_lossy(answer.body()).into_owned());
    Ok(text.map(|text| text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()))
}

fn request(url: &str) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    // An address that is none is refused where it is asked.
    *request.uri_mut() = url.parse().unwrap_or_default();
    request
}

/// Fetches an archive, unless it is the one that is known. `said` is told how many bytes there are so far.
///
/// # Errors
/// It is not there, or cannot be fetched or kept.
pub(super) async fn fetch(
    client: &Client,
    url: &str,
    known: Option<&Source>,
    folder: &Path,
    said: impl Fn(u64),
) -> Result<Fetched, NotFetched> {
    let mut tried = 0;
    loop {
        let mut request = request(url);
        let mut put = |name: HeaderName, text: Option<&str>| {
            if let Some(value) = text.and_then(|text| HeaderValue::from_str(text).ok()) {
                request.headers_mut().insert(name, value);
            }
        };
        put(IF_NONE_MATCH, known.and_then(|known| known.etag.as_deref()));
        put(IF_MODIFIED_SINCE, known.and_then(|known| known.last_modified.as_deref()));
        let streamed = client.stream(Service::Osv, request).await?;
        match streamed.status() {
            StatusCode::NOT_MODIFIED if known.is_some() => return Ok(Fetched::Unchanged),
            StatusCode::OK => {}
            status => {
                let host = streamed.effective().host().unwrap_or("the server").to_owned();
                return Err(NotFetched::Status { host, status });
            }
        }
        let (etag, last_modified) = (text(streamed.headers(), ETAG), text(streamed.headers(), LAST_MODIFIED));
        match keep(streamed, folder, &said).await {
            Ok(archive) => return Ok(Fetched::New { archive, etag, last_modified }),
            Err(NotFetched::Failed(_)) if tried < MOST_TRIES => {
                tokio::time::sleep(client.begin_anew(Service::Osv, tried)).await;
                tried += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

async fn keep(mut streamed: Streamed, folder: &Path, said: &impl Fn(u64)) -> Result<NamedTempFile, NotFetched> {
    let archive = new_file(folder)?;
    let mut out: BufWriter<&File> = BufWriter::with_capacity(1 << 18, archive.as_file());
    let mut long = 0;
    while let Some(chunk) = streamed.chunk().await? {
        long += chunk.len() as u64;
        if long > LONGEST {
            return Err(NotFetched::TooLarge);
        }
        out.write_all(&chunk)?;
        said(long);
    }
    out.flush()?;
    drop(out);
    Ok(archive)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    const LONGEST: usize = 1 << 10;
    headers.get(name)?.to_str().ok().filter(|text| text.len() <= LONGEST).map(str::to_owned)
}
