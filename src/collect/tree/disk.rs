//! Reading files from a folder, beneath it and in parallel.

use std::cell::Cell;
use std::sync::atomic::Ordering;

use carat_checks::evidence::{Cause, FileKind};
use carat_checks::parse::{Depth, HEAD, Interest, Scan};
use carat_checks::path::RepoPath;
use rayon::prelude::*;
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::io::Errno;

use super::super::Progress;
use super::super::beneath::{self, Kind, Opened, Root};
use super::super::git::Entry;
use super::folders::{Folder, Folders, Stranger};
use super::{Read, ReadResult};

/// A piece of a file that is searched at once. A line that is longer is searched in pieces of this length.
const WINDOW: usize = 8 << 20;

/// How many files of a folder one worker takes at a time.
const UNIT: usize = 128;

/// How many such units one worker takes at a time: at the end others wait for it.
const STEALABLE: usize = 16;

thread_local! {
    /// Into what a thread reads, made once: new memory would have to be cleared for every file that is longer than those
    /// before it.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Reads the files of a list, as far as `interest` tells by place and path, and on the way, if asked, tells what stands
/// beside them.
pub(super) fn read(
    root: &Root,
    entries: &[Entry],
    folders: &Folders<'_>,
    interest: impl Fn(usize, &[u8]) -> Interest + Sync,
    with_strangers: bool,
    progress: &Progress,
) -> (Vec<Read>, Vec<Stranger>) {
    let units: Vec<(&Folder<'_>, &[usize], bool)> = folders
        .folders
        .iter()
        .flat_map(|folder| {
            let first = std::iter::once((folder, &folder.files[..folder.files.len().min(UNIT)], with_strangers));
            first.chain(folder.files.chunks(UNIT).skip(1).map(move |files| (folder, files, false)))
        })
        .collect();
    let done: Vec<(Vec<Read>, Vec<Stranger>)> = units
        .par_iter()
        .with_max_len(STEALABLE)
        .map(|(folder, files, with_strangers)| {
            let done = unit(root, entries, folder, files, &interest, *with_strangers);
            progress.read.fetch_add(files.len(), Ordering::Relaxed);
            done
        })
        .collect();
    let (mut reads, mut strangers) = (Vec::with_capacity(entries.len()), Vec::new());
    for (read, met) in done {
        reads.extend(read);
        strangers.extend(met);
    }
    (reads, strangers)
}

/// Reads one file of a list, outside the order of the others.
pub(super) fn one(root: &Root, entry: &Entry, interest: Interest) -> Option<ReadResult> {
    let folder = Folder::of_one(entry);
    let (reads, _) = unit(root, std::slice::from_ref(entry), &folder, &[0], |_, _| interest, false);
    reads.into_iter().next().map(|read| read.result)
}

/// What stands in the folders beside the files of the list, and which files of the list do not.
pub(super) fn strangers(root: &Root, entries: &[Entry], folders: &Folders<'_>) -> (Vec<Stranger>, Vec<Read>) {
    let in_folder = |folder: &Folder<'_>| {
        let opened = root.folder(folder.path).ok();
        opened.map(|opened| compare(&opened, folder, entries)).unwrap_or_default()
    };
    let all: Vec<(Vec<Stranger>, Vec<Read>)> = folders.folders.par_iter().map(in_folder).collect();
    let (strangers, absent): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    (strangers.into_iter().flatten().collect(), absent.into_iter().flatten().collect())
}

/// What stands in a folder beside the files of the list, and which files of the list do not stand in it.
fn compare(opened: &OwnedFd, folder: &Folder<'_>, entries: &[Entry]) -> (Vec<Stranger>, Vec<Read>) {
    let mut strangers = Vec::new();
    let mut here = vec![false; folder.files.len()];
    let listed = beneath::each_entry(opened, |name, kind| match folder.place(name, entries) {
        Some(place) => here[place] = true,
        None if kind == Kind::Folder && folder.holds(name) => {}
        None => strangers.push(Stranger::new(folder.path, name, kind)),
    });
    if listed.is_err() {
        // A folder that can be opened and not listed is met again when its files are read.
        return Default::default();
    }
    let on_disk = |index: usize| !entries[index].in_objects && entries[index].file.kind != FileKind::Submodule;
    let absent = folder.files.iter().zip(here).filter(|(index, here)| !here && on_disk(**index));
    (strangers, absent.map(|(index, _)| Read { index: *index, result: ReadResult::Absent }).collect())
}

fn unit(
    root: &Root,
    entries: &[Entry],
    folder: &Folder<'_>,
    files: &[usize],
    interest: impl Fn(usize, &[u8]) -> Interest,
    with_strangers: bool,
) -> (Vec<Read>, Vec<Stranger>) {
    let wanted: Vec<(usize, Interest)> = files
        .iter()
        .map(|index| (index, &entries[*index]))
        .filter(|(_, entry)| entry.file.kind == FileKind::Regular && !entry.in_objects && !entry.is_begun)
        .map(|(index, entry)| (*index, interest(*index, entry.file.path.as_bytes())))
        .filter(|(_, interest)| interest.depth() != Depth::Skip)
        .collect();
    if wanted.is_empty() && !with_strangers {
        return (Vec::new(), Vec::new());
    }
    let opened = match root.folder(folder.path) {
        Ok(opened) => opened,
        // A folder that is gone, or whose place a link or a file has taken.
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {
            let gone = |index: usize| Read { index, result: ReadResult::Absent };
            let all = if with_strangers { folder.files.clone() } else { wanted.iter().map(|(index, _)| *index).collect() };
            let tracked = |index: &usize| !entries[*index].in_objects && entries[*index].file.kind != FileKind::Submodule;
            return (all.into_iter().filter(tracked).map(gone).collect(), Vec::new());
        }
        Err(error) => {
            let failed = |(index, _): &(usize, Interest)| Read { index: *index, result: ReadResult::Failed(beneath::failed(error)) };
            return (wanted.iter().map(failed).collect(), Vec::new());
        }
    };
    let (strangers, absent) = if with_strangers { compare(&opened, folder, entries) } else { Default::default() };
    let mut buffer = BUFFER.take();
    let reads = wanted.into_iter().map(|(index, interest)| {
        let result = file(opened.as_fd(), &entries[index].file.path, interest, &mut buffer).unwrap_or_else(ReadResult::Failed);
        Read { index, result }
    });
    let reads = absent.into_iter().chain(reads).collect();
    BUFFER.set(buffer);
    (reads, strangers)
}

fn file(folder: BorrowedFd<'_>, path: &RepoPath, interest: Interest, buffer: &mut Vec<u8>) -> Result<ReadResult, Cause> {
    let name = path.name();
    let opened = if interest.depth() == Depth::Size {
        match beneath::size(folder, name)? {
            Ok(size) => return Ok(ReadResult::File(size, None)),
            Err(opened) => opened,
        }
    } else {
        beneath::open(folder, name)?
    };
    match opened {
        Opened::File(_, 0) => Ok(ReadResult::File(0, None)),
        Opened::File(file, size) => content(&file, size, path, interest, buffer),
        Opened::Other(kind) => Ok(ReadResult::Other(kind)),
        Opened::Absent => Ok(ReadResult::Absent),
    }
}

/// Reads a file from its beginning: its head, or all of it, in windows that end with a line if they can.
fn content(file: &OwnedFd, size: u64, path: &RepoPath, interest: Interest, buffer: &mut Vec<u8>) -> Result<ReadResult, Cause> {
    if let Some(longest) = interest.longest().filter(|longest| size > *longest) {
        return Err(Cause::LimitReached { bound: format!("{} MiB for such a file", longest >> 20) });
    }
    let wanted = if interest.depth() == Depth::Whole { WINDOW } else { HEAD };
    let size_here = usize::try_from(size).unwrap_or(usize::MAX);
    let mut wanted = wanted.min(size_here);
    widen(buffer, wanted, 0);
    let mut filled = beneath::read(file, &mut buffer[..wanted])?;
    let mut scan = Scan::new(path, interest, &buffer[..filled]);
    if scan.depth() == Depth::Whole {
        // Its beginning may have shown that it is asked for as a whole.
        wanted = WINDOW.min(size_here);
        widen(buffer, wanted, filled);
        let mut seen = filled as u64;
        // A file that grows meanwhile is read as far as it was long.
        while seen < size && filled > 0 {
            let end = memchr::memrchr(b'\n', &buffer[..filled]).map_or(filled, |at| at + 1);
            scan.feed(&buffer[..end]);
            buffer.copy_within(end..filled, 0);
            let rest = filled - end;
            let read = beneath::read(file, &mut buffer[rest..wanted])?;
            filled = rest + read;
            seen += read as u64;
            if read == 0 {
                break;
            }
        }
    }
    Ok(ReadResult::facts(size, scan.finish(&buffer[..filled])))
}

/// Makes a buffer as long as is wanted, of which the first bytes are in use. Not by growing, which would copy and touch
/// all that is never used.
fn widen(buffer: &mut Vec<u8>, wanted: usize, used: usize) {
    if buffer.len() < wanted {
        let mut wider = vec![0; wanted];
        wider[..used].copy_from_slice(&buffer[..used]);
        *buffer = wider;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Write as _;
    use std::sync::Arc;

    use carat_checks::evidence::{Evidence, Facet, Files, Repository, SourceKind};
    use carat_checks::parse::Reading;

    use carat_checks::role::Role;

    use super::*;

    fn marks(content: &[u8]) -> Vec<u32> {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(content).expect("written");
        std::io::Seek::rewind(&mut file).expect("rewound");
        let path = RepoPath::from("a.rs");
        let reading = Reading::new(&BTreeSet::from([Facet::Fuzzing]), false);
        let interest = reading.interest(path.as_bytes());
        let read = content_of(&file.into(), content.len() as u64, &path, interest);
        let repository = Repository { name: String::new(), asked_as: None, commit: None, revision: None, source: SourceKind::Folder };
        let mut evidence = Evidence::new(repository, String::new());
        let entry = Entry::new(path, FileKind::Regular, None, Role::default()).file;
        let files = Files { entries: vec![entry], ..Files::default() };
        reading.evidence(files, read.into_iter().map(|facts| (0, facts)).collect(), &mut evidence);
        evidence.fuzzing.get().expect("known").marks.iter().map(|mark| mark.line).collect()
    }

    fn content_of(file: &OwnedFd, size: u64, path: &RepoPath, interest: Interest) -> Option<Arc<carat_checks::parse::FileFacts>> {
        match content(file, size, path, interest, &mut Vec::new()) {
            Ok(ReadResult::File(_, facts)) => facts,
            _ => panic!("a regular file can be read"),
        }
    }

    #[test]
    fn a_file_longer_than_a_window_is_read_to_its_end() {
        let mut text = Vec::new();
        text.extend(b"libfuzzer_sys\n");
        while text.len() < WINDOW - 5 {
            text.extend(b"a line of twenty b.\n");
        }
        text.extend(b"libfuzzer_sys across the edge\nmore\nlibfuzzer_sys");
        let lines = u32::try_from(text.split(|byte| *byte == b'\n').count()).expect("few lines");
        assert_eq!(marks(&text), [1, lines - 2, lines]);
    }

    #[test]
    fn a_line_longer_than_a_window_hits_once() {
        let mut text = b"x\nlibfuzzer_sys ".to_vec();
        text.resize(WINDOW + 100, b'y');
        text.extend(b" libfuzzer_sys\nlibfuzzer_sys\n");
        assert_eq!(marks(&text), [2, 3]);
    }
}
