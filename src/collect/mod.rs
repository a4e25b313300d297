//! Collectors: sources of evidence. This version has one, the files of a folder or a clone.

mod beneath;
mod git;
mod tree;

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicUsize;

use carat_checks::evidence::Cause;

#[cfg(fuzzing)]
pub(crate) use git::index_paths;
pub(crate) use git::{Found, find, repository_above};
pub(crate) use tree::{Source, collect};

/// How many entries are listed at most; few repositories have a tenth of them.
const MAX_ENTRIES: usize = 1_000_000;
/// How deep folders are followed.
const MAX_DEPTH: usize = 128;

fn entries_bound() -> Cause {
    Cause::LimitReached { bound: "1,000,000 entries".to_owned() }
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
