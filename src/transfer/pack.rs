//! Packs: written to a bare repository on threads of their own, since libgit2 blocks.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bytes::Bytes;
use git2::{ErrorClass, Indexer};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::error::FetchError;
use super::{Limits, holds};

/// How many pieces may wait for the disk.
const WAITING: usize = 16;
/// `PACK`, the version, and how many objects there are.
const HEADER: usize = 12;

/// Makes a folder an empty bare repository, whatever was in it.
pub(super) async fn prepare(folder: Arc<TempDir>) -> Result<(), FetchError> {
    let work = move || {
        let path = folder.path();
        for name in ["objects", "refs"] {
            match fs::remove_dir_all(path.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => fs::DirBuilder::new().mode(0o700).create(path.join(name))?,
            }
        }
        fs::DirBuilder::new().mode(0o700).create(path.join("objects/pack"))
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| stopped())?.map_err(|error| disk(&error))
}

/// Writes a pack to a bare repository.
pub(super) struct Writer {
    pieces: mpsc::Sender<Piece>,
    task: Option<JoinHandle<Result<(), FetchError>>>,
    /// Set when nobody waits for the outcome any more.
    stop: Arc<AtomicBool>,
}

enum Piece {
    Bytes(Bytes),
    /// All of it has come: the commit that must be in it, and the commits whose parents are left out.
    End(String, Vec<String>),
}

impl Writer {
    pub(super) fn start(folder: Arc<TempDir>, limits: Limits) -> Self {
        let (pieces, mut waiting) = mpsc::channel(WAITING);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        // The folder is held here too: it must not be removed while something is written to it.
        let task = tokio::task::spawn_blocking(move || write(folder.path(), &mut waiting, limits, &stopped));
        Self { pieces, task: Some(task), stop }
    }

    pub(super) async fn write(&mut self, piece: Bytes) -> Result<(), FetchError> {
        match self.pieces.send(Piece::Bytes(piece)).await {
            Ok(()) => Ok(()),
            // Nobody takes it any more: the outcome says why.
            Err(_) => Err(self.outcome().await.err().unwrap_or_else(stopped)),
        }
    }

    pub(super) async fn finish(mut self, commit: String, shallow: Vec<String>) -> Result<(), FetchError> {
        // Where nobody takes it, the outcome says why.
        let _ = self.pieces.send(Piece::End(commit, shallow)).await;
        self.outcome().await
    }

    async fn outcome(&mut self) -> Result<(), FetchError> {
        match self.task.take() {
            Some(task) => task.await.map_err(|_| stopped())?,
            None => Err(stopped()),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn stopped() -> FetchError {
    FetchError::Pack("it was not read to its end".to_owned())
}

fn write(folder: &Path, pieces: &mut mpsc::Receiver<Piece>, limits: Limits, stop: &AtomicBool) -> Result<(), FetchError> {
    let began = Instant::now();
    let is_late = || began.elapsed() > limits.time;
    let mut indexer = {
        crate::collect::init_libgit2();
        // What is not in the pack is not looked for: a shallow commit's parents are not.
        Indexer::new(None, &folder.join("objects/pack"), 0o600, false).map_err(|error| unusable(&error))?
    };
    indexer.progress(|_| !stop.load(Ordering::Relaxed) && !is_late());
    let late = |error: FetchError| match is_late() {
        true => FetchError::TooLarge { bound: format!("{} seconds of unpacking", limits.time.as_secs()) },
        false => error,
    };
    let mut head = Vec::new();
    let (commit, shallow) = loop {
        match pieces.blocking_recv() {
            Some(Piece::Bytes(bytes)) if head.len() < HEADER => {
                head.extend_from_slice(&bytes);
                if head.len() >= HEADER {
                    check(&head, limits)?;
                    indexer.write_all(&head).map_err(|error| late(unwritten(&error)))?;
                }
            }
            Some(Piece::Bytes(bytes)) => indexer.write_all(&bytes).map_err(|error| late(unwritten(&error)))?,
            Some(Piece::End(commit, shallow)) => break (commit, shallow),
            None => return Err(stopped()),
        }
    };
    if head.len() < HEADER {
        return Err(FetchError::Pack("it is empty".to_owned()));
    }
    indexer.commit().map_err(|error| late(unusable(&error)))?;
    if !holds(folder, &commit) {
        return Err(FetchError::UnknownCommit);
    }
    let lines: String = shallow.iter().map(|id| format!("{id}\n")).collect();
    if !lines.is_empty() {
        write_file(&folder.join("shallow"), &lines).map_err(|error| disk(&error))?;
    }
    write_file(&folder.join("HEAD"), &format!("{commit}\n")).map_err(|error| disk(&error))
}

/// Checks the beginning of a pack, by which libgit2 makes room.
fn check(head: &[u8], limits: Limits) -> Result<(), FetchError> {
    let count = match head {
        [b'P', b'A', b'C', b'K', 0, 0, 0, 2 | 3, a, b, c, d, ..] => u32::from_be_bytes([*a, *b, *c, *d]),
        _ => return Err(FetchError::Pack("it is no pack".to_owned())),
    };
    match count {
        0 => Err(FetchError::UnknownCommit),
        _ if count > limits.objects => Err(FetchError::TooLarge { bound: format!("{} objects", limits.objects) }),
        _ => Ok(()),
    }
}

fn write_file(path: &Path, text: &str) -> io::Result<()> {
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}

fn unwritten(error: &io::Error) -> FetchError {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(error) => unusable(error),
        None => disk(error),
    }
}

fn unusable(error: &git2::Error) -> FetchError {
    match error.class() {
        ErrorClass::Os | ErrorClass::Filesystem => FetchError::Disk(error.message().to_owned()),
        ErrorClass::NoMemory => FetchError::TooLarge { bound: "50 MiB for an object that is stored as a difference".to_owned() },
        _ => FetchError::Pack(error.message().to_owned()),
    }
}

fn disk(error: &io::Error) -> FetchError {
    FetchError::Disk(error.to_string())
}
