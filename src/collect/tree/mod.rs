//! The file pass: lists the files of a target once, reads each at most once and only as far as it is asked for.

mod disk;
mod folders;
mod objects;
mod walk;

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use carat_checks::evidence::{Cause, Evidence, FileEntry, FileKind, Files, LookedAt, SourceKind};
use carat_checks::parse::{FileFacts, Interest, Reading};
use carat_checks::path::RepoPath;

use super::beneath::Root;
use super::git::{Entry, Git, Listing};
use super::{Options, Progress};
use crate::error::Error;
use folders::Folders;
use walk::{Rules, Walk};

/// What the files of a run are.
pub(crate) enum Source {
    /// A clone's working tree, at its `HEAD`.
    WorkingTree(Box<Git>, git2::Oid),
    /// A commit's tree.
    Revision(Box<Git>, git2::Oid),
    /// A folder without Git, and why it is one if it looks like more.
    Folder(Option<String>),
}

impl Source {
    pub(crate) const fn kind(&self) -> SourceKind {
        match self {
            Self::WorkingTree(..) => SourceKind::WorkingTree,
            Self::Revision(..) => SourceKind::Revision,
            Self::Folder(_) => SourceKind::Folder,
        }
    }

    pub(crate) fn commit(&self) -> Option<String> {
        match self {
            Self::WorkingTree(_, commit) | Self::Revision(_, commit) => Some(commit.to_string()),
            Self::Folder(_) => None,
        }
    }
}

/// What the reading of one entry of a list gave.
struct Read {
    /// The entry's place in the list.
    index: usize,
    result: ReadResult,
}

enum ReadResult {
    /// Its length, and the facts if it gave any.
    File(u64, Option<Arc<FileFacts>>),
    /// It is no regular file.
    Other(FileKind),
    /// It is not there.
    Absent,
    /// It could not be read.
    Failed(Cause),
}

impl ReadResult {
    fn facts(size: u64, facts: FileFacts) -> Self {
        Self::File(size, (!facts.is_empty()).then(|| Arc::new(facts)))
    }
}

/// Reads the files of a target into the evidence, on the threads of the `rayon` pool from which it is called.
pub(crate) fn collect(
    folder: &Path,
    source: Source,
    reading: &Reading,
    options: &Options,
    progress: &Progress,
    evidence: &mut Evidence,
) -> Result<(), Error> {
    let (listing, mut reads, looked_at) = read(folder, &source, reading, options, progress)?;
    follow(folder, &source, reading, &listing, &mut reads)?;
    store(listing, reads, looked_at, reading, evidence);
    Ok(())
}

/// A list of so many files takes less time than one of those files that take long.
const SHORT_LIST: usize = 512;

/// How often what was read may name further files to read.
const ROUNDS: usize = 32;

/// Reads what those files name that were read.
fn follow(folder: &Path, source: &Source, reading: &Reading, listing: &Listing, reads: &mut Vec<Read>) -> Result<(), Error> {
    let entries = &listing.entries;
    let progress = Progress::default();
    let mut known: HashSet<(usize, Interest)> = HashSet::new();
    let naming = |reads: &[Read]| -> Vec<(usize, Arc<FileFacts>)> {
        let facts = reads.iter().filter_map(|read| match &read.result {
            ReadResult::File(_, Some(facts)) if facts.names_packages() => Some((read.index, Arc::clone(facts))),
            _ => None,
        });
        facts.collect()
    };
    let mut facts = naming(reads);
    for _ in 0..ROUNDS {
        if facts.is_empty() {
            break;
        }
        let find = |path: &RepoPath| {
            let place = entries.binary_search_by(|entry| entry.file.path.cmp(path)).ok();
            place.filter(|place| entries[*place].file.kind.is_regular())
        };
        let wanted = reading.follow(&facts, &mut known, |place| &entries[place].file.path, find);
        if wanted.is_empty() {
            break;
        }
        let few: Vec<Entry> = wanted.iter().map(|(place, _)| entries[*place].clone()).collect();
        let interest = |place: usize, _: &[u8]| wanted[place].1;
        let mut more = match source {
            Source::Revision(git, _) | Source::WorkingTree(git, _) => objects::read(git, &few, interest, &progress),
            Source::Folder(_) => Vec::new(),
        };
        if !matches!(source, Source::Revision(..)) {
            let root = Root::open(folder).map_err(|source| Error::Unreadable { path: folder.to_owned(), source })?;
            more.extend(disk::read(&root, &few, &Folders::of(&few), interest, false, &progress).0);
        }
        let found = more.into_iter().filter(|read| matches!(read.result, ReadResult::File(_, Some(_)) | ReadResult::File(0, None)));
        let found: Vec<Read> = found.map(|read| Read { index: wanted[read.index].0, ..read }).collect();
        facts = naming(&found);
        reads.extend(found);
    }
    Ok(())
}

fn read(
    folder: &Path,
    source: &Source,
    reading: &Reading,
    options: &Options,
    progress: &Progress,
) -> Result<(Listing, Vec<Read>, LookedAt), Error> {
    let mut looked_at = LookedAt::default();
    let root = || Root::open(folder).map_err(|source| Error::Unreadable { path: folder.to_owned(), source });
    let interest = |_: usize, path: &[u8]| reading.interest(path);
    let listed = |listing: &Listing| progress.listed.store(listing.entries.len(), Ordering::Relaxed);
    match source {
        Source::Revision(git, commit) => {
            let listing = git.tree(*commit)?;
            listed(&listing);
            let reads = objects::read(git, &listing.entries, interest, progress);
            Ok((listing, reads, looked_at))
        }
        Source::WorkingTree(git, head) => {
            let root = root()?;
            // What takes long is read while the list is still being made, which one thread does alone.
            let begun: Mutex<Vec<(RepoPath, ReadResult)>> = Mutex::default();
            let (listing, mut reads) = rayon::scope(|scope| {
                let (root, begun) = (&root, &begun);
                let begin = |(entry, interest): (Entry, Interest)| {
                    scope.spawn(move |_| {
                        let read = disk::one(root, &entry, interest).map(|result| (entry.file.path, result));
                        begun.lock().unwrap_or_else(PoisonError::into_inner).extend(read);
                    });
                };
                // Of a short list what names packages is begun first: it takes longest, and stands behind the workflows.
                let (mut waiting, mut met) = (Vec::new(), 0_usize);
                let listing = git.tracked(*head, |entry| {
                    met += 1;
                    if met == SHORT_LIST {
                        waiting.drain(..).for_each(begin);
                    }
                    let Some(interest) = reading.interest_if_long(entry.file.path.as_bytes()) else { return false };
                    let long = (entry.clone(), interest);
                    if met < SHORT_LIST && !interest.is_of_packages() {
                        waiting.push(long)
                    } else {
                        begin(long)
                    }
                    true
                });
                waiting.drain(..).for_each(begin);
                let mut listing = listing?;
                let mut rules = Rules::new(root, &git.exclude());
                if options.untracked {
                    with_untracked(root, &mut listing, &mut rules, &mut looked_at);
                }
                listed(&listing);
                let folders = Folders::of(&listing.entries);
                let mut reads = objects::read(git, &listing.entries, interest, progress);
                let (from_disk, strangers) = disk::read(root, &listing.entries, &folders, interest, !options.untracked, progress);
                reads.extend(from_disk);
                if !options.untracked {
                    looked_at.untracked = folders::untracked(&mut rules, strangers).entries.len();
                }
                listing.notes.extend(rules.note());
                Ok::<_, Error>((listing, reads))
            })?;
            for (path, result) in begun.into_inner().unwrap_or_else(PoisonError::into_inner) {
                // A list from elsewhere, because the index broke off, does not know what was begun, and all of it was read.
                let place = listing.entries.binary_search_by(|entry| entry.file.path.cmp(&path)).ok();
                reads.extend(place.filter(|index| listing.entries[*index].is_begun).map(|index| Read { index, result }));
            }
            Ok((listing, reads, looked_at))
        }
        Source::Folder(note) => {
            let root = root()?;
            let mut rules = Rules::new(&root, b"");
            let mut walk = Walk::new(&mut rules, false);
            walk.folder(b"", 0);
            let (mut listing, ignored) = walk.finish();
            listing.notes.extend(note.iter().cloned().chain(rules.note()));
            looked_at.ignored = ignored;
            listed(&listing);
            let folders = Folders::of(&listing.entries);
            let (reads, _) = disk::read(&root, &listing.entries, &folders, interest, false, progress);
            Ok((listing, reads, looked_at))
        }
    }
}

/// Takes from a list what the working tree does not have, and adds what it has besides.
fn with_untracked(root: &Root, listing: &mut Listing, rules: &mut Rules<'_>, looked_at: &mut LookedAt) {
    let folders = Folders::of(&listing.entries);
    let (strangers, absent) = disk::strangers(root, &listing.entries, &folders);
    looked_at.deleted = absent.len();
    let mut absent: Vec<usize> = absent.iter().map(|read| read.index).collect();
    absent.sort_unstable();
    let mut index = 0..;
    listing.entries.retain(|_| index.next().is_none_or(|index| absent.binary_search(&index).is_err()));
    let untracked = folders::untracked(rules, strangers);
    listing.entries.extend(untracked.entries);
    listing.entries.sort_by(|a, b| a.file.path.cmp(&b.file.path));
    listing.missing.extend(untracked.missing);
}

/// An entry as evidence keeps it: of a file in a working tree the tracked object tells nothing about its content.
fn told(mut entry: Entry) -> FileEntry {
    entry.file.object = entry.file.object.filter(|_| entry.in_objects || entry.file.kind == FileKind::Submodule);
    entry.file
}

/// Puts what was read beside the list and both into the evidence.
fn store(listing: Listing, reads: Vec<Read>, mut looked_at: LookedAt, reading: &Reading, evidence: &mut Evidence) {
    let mut entries: Vec<FileEntry> = listing.entries.into_iter().map(told).collect();
    let mut facts: Vec<(usize, Arc<FileFacts>)> = Vec::new();
    let mut absent: Vec<usize> = Vec::new();
    for Read { index, result } in reads {
        let entry = &mut entries[index];
        match result {
            ReadResult::File(size, found) => {
                entry.size = Some(size);
                facts.extend(found.map(|found| (index, found)));
            }
            ReadResult::Other(kind) => entry.kind = kind,
            ReadResult::Failed(cause) => entry.gap = Some(cause),
            ReadResult::Absent => absent.push(index),
        }
    }
    facts.sort_by_key(|(index, _)| *index);
    if !absent.is_empty() {
        // A file may be missed twice: where its folder is listed, and where it is opened.
        absent.sort_unstable();
        absent.dedup();
        looked_at.deleted += absent.len();
        let is_absent = |index: usize| absent.binary_search(&index).is_ok();
        facts.retain(|(index, _)| !is_absent(*index));
        for (index, _) in &mut facts {
            *index -= absent.partition_point(|absent| *absent < *index);
        }
        let mut index = 0..;
        entries.retain(|_| index.next().is_some_and(|index| !is_absent(index)));
    }
    looked_at.notes.extend(listing.notes);
    looked_at.missing.extend(listing.missing);
    reading.evidence(Files { entries, looked_at }, facts, evidence);
}
