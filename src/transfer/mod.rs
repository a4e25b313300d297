//! Git over HTTP, protocol version 2: which commit a name stands for, and one commit with its files, without its
//! history. Nothing else of a repository is transferred, and refs are asked for by name.
//!
//! The protocol: <https://git-scm.com/docs/protocol-v2>, <https://git-scm.com/docs/gitprotocol-http>.

mod answer;
mod error;
mod pack;
mod packet;
mod refs;
mod remote;
#[cfg(test)]
pub(crate) mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use tempfile::TempDir;

use crate::http::{Client, Service, Streamed, Token};
use answer::{Answer, Progress};
pub use error::FetchError;
use pack::Writer;
use remote::Remote;

/// Where a repository is fetched from.
#[derive(Clone, Debug)]
pub struct GitSource {
    /// The address for cloning, without user info, query, and slash at its end.
    url: String,
    token: Option<Token>,
    is_private: bool,
}

/// What of a repository is taken in at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the pack.
    pub bytes: u64,
    /// Objects in it.
    pub objects: u32,
    /// How long unpacking may take.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 2 << 30, objects: 2_000_000, time: Duration::from_secs(600) }
    }
}

/// What a name stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resolved {
    /// The commit, as 40 hexadecimal digits.
    pub commit: String,
    /// The full name of the ref, `refs/heads/main`; none of a commit that was named by its id.
    pub name: Option<String>,
    /// Where the repository is now, if its host sent on to there: what stands behind the host, without `.git`.
    pub moved_to: Option<String>,
}

impl Resolved {
    /// Whether it was found by the name of a branch or a tag, or is what `HEAD` leads to.
    #[must_use]
    pub fn is_named(&self) -> bool {
        let of = |prefix| self.name.as_deref().is_some_and(|name| name.starts_with(prefix));
        of("refs/heads/") || of("refs/tags/") || self.name.as_deref() == Some("HEAD")
    }
}

impl GitSource {
    /// A repository at an address for cloning, and the token for its host, if there is one.
    ///
    /// # Errors
    /// It is no address of a repository.
    pub fn new(url: &str, token: Option<Token>) -> Result<Self, FetchError> {
        let bad = || FetchError::NoAddress;
        let uri: Uri = url.parse().map_err(|_| bad())?;
        let authority = uri.authority().ok_or_else(bad)?.as_str();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
        let path = uri.path().trim_end_matches('/');
        if path.is_empty() || host.is_empty() {
            return Err(bad());
        }
        let scheme = uri.scheme_str().ok_or_else(bad)?;
        Ok(Self { url: format!("{scheme}://{host}{path}"), token, is_private: false })
    }

    /// The same, of which only some may know what is in it: what is fetched is kept for those with this token.
    #[must_use]
    pub fn private(self) -> Self {
        Self { is_private: true, ..self }
    }

    /// Whether only some may know what is in it.
    pub(crate) const fn is_private(&self) -> bool {
        self.is_private
    }

    /// What is shown to its host.
    pub(crate) const fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// An error, without the token that the host may have repeated in it.
    fn masked(&self, error: FetchError) -> FetchError {
        match (error, &self.token) {
            (FetchError::Said(said), Some(token)) => FetchError::Said(token.masked(&said)),
            (error, _) => error,
        }
    }

    /// The host, and the names below it, without `.git` at their end.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let rest = self.url.split_once("://").map_or(&*self.url, |(_, rest)| rest);
        rest.strip_suffix(".git").unwrap_or(rest).split('/').collect()
    }
}

/// The commit that a name stands for: `HEAD` where none is given, a tag, a branch, a full ref, or a commit's id.
///
/// # Errors
/// The host does not say.
pub async fn resolve(client: &Client, source: &GitSource, revision: Option<&str>) -> Result<Resolved, FetchError> {
    let mut remote = Remote::new(client, source);
    let resolved = refs::resolve(&mut remote, revision.unwrap_or("HEAD")).await.map_err(|error| source.masked(error))?;
    Ok(Resolved { moved_to: remote.moved_to(), ..resolved })
}

/// Whether a commit is at the tip of a branch or of a tag. Hosts hand out the commits of forks as well, and do not say so.
///
/// # Errors
/// The host does not say.
pub async fn is_tip(client: &Client, source: &GitSource, commit: &str) -> Result<bool, FetchError> {
    refs::is_tip(&mut Remote::new(client, source), commit).await.map_err(|error| source.masked(error))
}

/// Fetches one commit and its files into an empty folder, which is a bare repository afterwards, at that commit. The
/// folder lives for as long as anything writes to it.
///
/// # Errors
/// It cannot be fetched; what is in the folder is of no use then.
pub async fn commit(client: &Client, source: &GitSource, commit: &str, folder: &Arc<TempDir>, limits: Limits) -> Result<(), FetchError> {
    const TRIES: u32 = 3;
    if !is_id(commit) {
        return Err(FetchError::NoCommitId);
    }
    let mut remote = Remote::new(client, source);
    let mut tried = 0;
    loop {
        pack::prepare(folder.clone()).await?;
        match try_commit(&mut remote, commit, folder, limits).await {
            Err(error) if error.may_pass() && tried + 1 < TRIES => {
                tokio::time::sleep(client.begin_anew(Service::Git, tried)).await;
                tried += 1;
            }
            done => return done.map_err(|error| source.masked(error)),
        }
    }
}

async fn try_commit(remote: &mut Remote<'_>, commit: &str, folder: &Arc<TempDir>, limits: Limits) -> Result<(), FetchError> {
    let request = packet::command("fetch", &["no-progress", "ofs-delta", "deepen 1", &format!("want {commit}"), "done"]);
    let (mut streamed, mut answer, mut pieces) = first(remote, request).await?;
    let mut writer = Writer::start(folder.clone(), limits);
    let too_large = || FetchError::TooLarge { bound: format!("{} MiB of packed objects", limits.bytes >> 20) };
    // What wraps the pack, and what a host says beside it.
    const BESIDE: u64 = 1 << 20;
    let most_received = limits.bytes.saturating_add(limits.bytes / 8 + BESIDE);
    let (mut length, mut received) = (0, 0);
    loop {
        for piece in pieces.drain(..) {
            length += piece.len() as u64;
            if length > limits.bytes {
                return Err(too_large());
            }
            writer.write(piece).await?;
        }
        let Some(chunk) = streamed.chunk().await? else { break };
        received += chunk.len() as u64;
        if received > most_received {
            return Err(too_large());
        }
        answer.feed(&chunk, &mut pieces)?;
    }
    let shallow = answer.finish()?;
    writer.finish(commit.to_owned(), shallow).await
}

/// Sends a fetch command, and reads the answer up to where its pack begins.
async fn first<'a>(remote: &mut Remote<'a>, request: Bytes) -> Result<(Streamed, Answer, Vec<Bytes>), FetchError> {
    loop {
        let begun = begin(remote, request.clone()).await;
        match begun {
            Err(error) if remote.may_be_elsewhere(&error) => remote.look(error).await?,
            begun => return begun,
        }
    }
}

async fn begin(remote: &Remote<'_>, request: Bytes) -> Result<(Streamed, Answer, Vec<Bytes>), FetchError> {
    let mut streamed = remote.stream(request).await?;
    let (mut answer, mut pieces) = (Answer::default(), Vec::new());
    while answer.progress() == Progress::Head {
        let chunk = streamed.chunk().await?.ok_or(FetchError::Cut)?;
        answer.feed(&chunk, &mut pieces)?;
    }
    Ok((streamed, answer, pieces))
}

/// Whether this is a commit's id, as hosts spell it.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Reads an answer to a fetch command, in pieces of a length, for the fuzz target.
#[cfg(fuzzing)]
pub(crate) fn read_answer(bytes: &[u8], length: usize) -> Result<Vec<u8>, FetchError> {
    let (mut answer, mut pieces) = (Answer::default(), Vec::new());
    for chunk in bytes.chunks(length.max(1)) {
        answer.feed(chunk, &mut pieces)?;
    }
    answer.finish()?;
    Ok(pieces.concat())
}

/// Whether a folder holds this commit, as far as a look at its object tells.
pub(crate) fn holds(folder: &Path, commit: &str) -> bool {
    let is_commit = |id| {
        let repository = crate::collect::open_objects(folder).ok()?;
        let (_, kind) = repository.odb().ok()?.read_header(id).ok()?;
        Some(kind == git2::ObjectType::Commit)
    };
    git2::Oid::from_str(commit).ok().and_then(is_commit) == Some(true)
}
