//! Collectors: sources of evidence. This version has one, the files of a folder or a clone.

mod beneath;
mod git;
mod tree;

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicUsize;

use carat_checks::evidence::Cause;
use carat_checks::path::RepoPath;

#[cfg(fuzzing)]
pub(crate) use git::index_paths;
pub(crate) use git::{Found, find, repository_above};
pub(crate) use tree::{Source, collect};

/// How many entries are listed at most; few repositories have a tenth of them.
const MAX_ENTRIES: usize = 1_000_000;
/// How long the paths of a list are at most, taken together: a dozen trees can have names of megabytes, and an index can
/// begin every path with the one before.
const MAX_PATHS: usize = 128 << 20;
/// How deep folders are followed.
const MAX_DEPTH: usize = 128;

/// The bounds of a list, and how much of them is used up.
#[derive(Default)]
struct Room {
    entries: usize,
    bytes: usize,
    full: bool,
}

impl Room {
    /// Takes in a path, and so many folders that it is the first to stand in. Where there is no room for them, says so
    /// once in what is missing.
    fn take(&mut self, path: &[u8], folders: usize, missing: &mut Vec<(RepoPath, Cause)>) -> bool {
        const LONGEST_NAMED: usize = 4 << 10;
        self.entries += 1 + folders;
        self.bytes += path.len();
        let bound = match self {
            Self { entries: ..=MAX_ENTRIES, bytes: ..=MAX_PATHS, full: false } => return true,
            Self { full: true, .. } => return false,
            Self { entries: ..=MAX_ENTRIES, .. } => format!("{} MiB of paths", MAX_PATHS >> 20),
            _ => "1,000,000 entries".to_owned(),
        };
        self.full = true;
        missing.push((RepoPath::new(&path[..path.len().min(LONGEST_NAMED)]), Cause::LimitReached { bound }));
        false
    }
}

fn depth_bound() -> Cause {
    Cause::LimitReached { bound: "128 folders in each other".to_owned() }
}

/// How files are collected.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Also the files of a working tree that Git neither tracks nor ignores.
    pub untracked: bool,
    /// Keep the texts of files that were read as a whole, within bounds.
    pub with_sources: bool,
    /// How many threads read files; as many as there are processors without it.
    pub threads: Option<NonZeroUsize>,
}

/// How far a run is, for whoever shows it meanwhile.
#[derive(Debug, Default)]
pub struct Progress {
    /// How many files are listed.
    pub listed: AtomicUsize,
    /// How many of them have been dealt with.
    pub read: AtomicUsize,
}
