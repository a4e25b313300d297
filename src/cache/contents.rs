//! What a cache holds, for whoever asks, and emptying it.

use std::fs;
use std::io;
use std::path::Path;

use super::entry::VERSION;
use super::room::{self, Kept};

/// How much a cache holds, or how much was removed from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Commits of repositories.
    pub commits: u64,
    /// Answers of services.
    pub answers: u64,
    /// Bytes of both, as the bound of the cache counts them.
    pub bytes: u64,
}

/// What emptying a cache came to.
#[derive(Debug, Default)]
pub struct Cleared {
    /// What is gone.
    pub removed: Contents,
    /// What is still there, because runs use it.
    pub in_use: Contents,
}

impl Contents {
    fn add(&mut self, kept: &Kept) {
        if kept.is_commit {
            self.commits += 1;
        } else {
            self.answers += 1;
        }
        self.bytes += kept.bytes;
    }
}

/// What the cache in a folder holds. Nothing is changed; a folder that is not there holds nothing.
///
/// # Errors
/// The folder cannot be read.
pub fn contents(folder: &Path) -> io::Result<Contents> {
    let mut contents = Contents::default();
    all(folder)?.iter().for_each(|kept| contents.add(kept));
    Ok(contents)
}

/// Removes what the cache in a folder holds, and what runs left behind that were cut off. What runs use stays for them,
/// so it is safe beside them.
///
/// # Errors
/// Something cannot be read or removed; the rest is gone all the same.
pub fn clear(folder: &Path) -> io::Result<Cleared> {
    let version = folder.join(VERSION);
    let mut cleared = Cleared::default();
    let mut failed = None;
    let all = all(folder)?;
    if !all.is_empty() {
        // What is removed is moved there first.
        super::make_folders(&version.join("new"))?;
    }
    for kept in all {
        match room::remove(&kept, &version) {
            Ok(true) => cleared.removed.add(&kept),
            Ok(false) => cleared.in_use.add(&kept),
            // Another one was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => failed = Some(error),
        }
    }
    room::clear_left_over(&version.join("new"));
    failed.map_or(Ok(cleared), Err)
}

fn all(folder: &Path) -> io::Result<Vec<Kept>> {
    let version = folder.join(VERSION);
    match fs::read_dir(&version) {
        Ok(_) => Ok(room::kept(&version)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
