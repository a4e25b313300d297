//! Collectors: sources of evidence. The files of a folder or a clone, a host's interfaces, and services beside it.

pub(crate) mod advisories;
mod beneath;
mod git;
pub(crate) mod github;
mod listing;
pub(crate) mod services;
mod tree;

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, PoisonError};

use carat_checks::evidence::Cause;
use carat_checks::path::RepoPath;

use crate::error::Error;

#[cfg(fuzzing)]
pub(crate) use git::index_paths;
pub(crate) use git::{Found, find, init_libgit2, open_objects, repository_above};
pub use listing::{Listed, Listing};
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

/// The tree of a commit in a repository on this machine.
pub(crate) fn at_commit(path: &Path, commit: &str) -> Result<Source, Error> {
    match find(path)? {
        Found::Git(git) => git.commit(commit).map(|commit| Source::Revision(git, commit)),
        Found::Folder(_) => Err(Error::NoRevisions { path: path.to_owned(), revision: commit.to_owned() }),
    }
}

/// The address of a clone's remote `origin`, if it has one.
pub(crate) fn origin(path: &Path) -> Option<String> {
    match find(path) {
        Ok(Found::Git(git)) => git.origin(),
        _ => None,
    }
}

/// How files are collected.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Also the files of a working tree that Git neither tracks nor ignores.
    pub untracked: bool,
    /// Keep the texts of files that were read as a whole, within bounds.
    pub with_sources: bool,
    /// How many threads read files and judge; as many as there are processors without it.
    pub threads: Option<NonZeroUsize>,
    /// How many commits are looked at where history matters; 0 stands for 30.
    pub commit_depth: usize,
    /// Also ask the host of a clone's `origin`.
    pub with_host: bool,
    /// Also score a commit that no branch of its repository leads to.
    pub allow_unreachable: bool,
}

impl Options {
    /// How many commits are looked at.
    #[must_use]
    pub const fn depth(&self) -> usize {
        const USUAL: usize = 30;
        if self.commit_depth == 0 { USUAL } else { self.commit_depth }
    }
}

/// How far a run is, for whoever shows it meanwhile.
#[derive(Debug, Default)]
pub struct Progress {
    /// How many files are listed.
    pub listed: AtomicUsize,
    /// How many of them have been dealt with.
    pub read: AtomicUsize,
    doing: Mutex<Option<String>>,
}

impl Progress {
    /// Says what is being done now, in a few words.
    pub fn say(&self, doing: impl Into<String>) {
        *self.doing.lock().unwrap_or_else(PoisonError::into_inner) = Some(doing.into());
    }

    /// What is being done now, where it is anything but reading files.
    #[must_use]
    pub fn doing(&self) -> Option<String> {
        self.doing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Requests, by service, and what a service counts beside them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Documents asked by GraphQL.
    pub graphql: u64,
    /// The points that these count.
    pub points: u64,
    /// Requests to a REST interface.
    pub rest: u64,
    /// Requests of Git.
    pub git: u64,
    /// Requests to the badge service.
    pub badge: u64,
    /// Requests for the list of OSS-Fuzz; one serves a whole day.
    pub oss_fuzz: u64,
}

/// What a run is expected to ask, and what it asks at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// As a rule.
    pub expected: Requests,
    /// At most, while nothing fails.
    pub most: Requests,
}
