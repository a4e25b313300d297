//! Reads the files in a ZIP archive, one after another, into memory. Nothing is written anywhere, and the archive is
//! believed nothing: not its numbers, its names, nor how much comes out of it.
//!
//! The form: APPNOTE.TXT of PKWARE, 4.3. Only what archives of small texts use is read: stored and deflated entries.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::os::unix::fs::FileExt as _;

use flate2::bufread::DeflateDecoder;

use super::segment::checksum;

/// An entry's bytes, unpacked, at most.
pub(super) const LONGEST: u64 = 16 << 20;
/// All entries' bytes, unpacked, at most.
pub(super) const LONGEST_ALL: u64 = 32 << 30;
/// Entries at most.
pub(super) const MOST: u64 = 4_000_000;
/// How many times as long as packed an entry may be, if it is long at all. Texts shrink to a twentieth.
const MOST_RATIO: u64 = 200;
const LONG: u64 = 1 << 20;

const END: usize = 22;
const END_64: usize = 56;
const LOCATOR: usize = 20;
const ENTRY: usize = 46;
const LOCAL: usize = 30;
/// What stands in a field of 32 bits whose number is elsewhere in 64.
const ELSEWHERE: u64 = 0xffff_ffff;

/// Why an archive cannot be read at all, or no further.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Damaged(&'static str),
    #[error("it has more than {MOST} entries")]
    TooMany,
    #[error("more than {LONGEST_ALL} bytes come out of it")]
    TooLarge,
}

/// An archive that is being read.
pub(super) struct Archive<'a> {
    file: &'a File,
    /// The list of entries, from where it is read on.
    list: BufReader<Piece<'a>>,
    /// Where the list begins: the entries' bytes lie before it.
    begin: u64,
    left: u64,
    unpacked: u64,
}

/// An entry: its name, and its bytes or why they are refused.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) bytes: Result<Vec<u8>, &'static str>,
}

/// What the list says of an entry.
struct Listed {
    name: Vec<u8>,
    flags: u64,
    method: u64,
    crc: u64,
    packed: u64,
    unpacked: u64,
    at: u64,
}

/// A piece of a file, for reading.
struct Piece<'a> {
    file: &'a File,
    at: u64,
    end: u64,
}

impl Read for Piece<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(into.len());
        let read = self.file.read_at(&mut into[..most], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// A number of at most eight bytes, the lowest first.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl<'a> Archive<'a> {
    /// Finds the list of entries.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn open(file: &'a File) -> Result<Self, Broken> {
        const NO_ZIP: Broken = Broken::Damaged("it is no ZIP archive, or it is cut");
        const LONGEST_COMMENT: u64 = 0xffff;
        let length = file.metadata()?.len();
        let from = length.saturating_sub(END as u64 + LONGEST_COMMENT);
        let mut tail = Vec::new();
        Piece { file, at: from, end: length }.read_to_end(&mut tail)?;
        // The comment behind it may hold whatever looks like the end; the real one says how long the comment is.
        let is_end = |at: &usize| {
            let end = &tail[*at..];
            end.starts_with(b"PK\x05\x06") && end.len() >= END && number(&end[20..22]) == (end.len() - END) as u64
        };
        let at = memchr::memmem::rfind_iter(&tail, b"PK\x05\x06").find(is_end).ok_or(NO_ZIP)?;
        let end = &tail[at..at + END];
        let (mut entries, mut long, mut begin) = (number(&end[10..12]), number(&end[12..16]), number(&end[16..20]));
        if let Some(more) = at.checked_sub(LOCATOR).map(|at| &tail[at..]).filter(|more| more.starts_with(b"PK\x06\x07")) {
            let mut end = [0; END_64];
            file.read_exact_at(&mut end, number(&more[8..16])).map_err(|_| NO_ZIP)?;
            if !end.starts_with(b"PK\x06\x06") {
                return Err(NO_ZIP);
            }
            (entries, long, begin) = (number(&end[32..40]), number(&end[40..48]), number(&end[48..56]));
        }
        if entries > MOST {
            return Err(Broken::TooMany);
        }
        let end = begin.checked_add(long).filter(|end| *end <= from + at as u64).ok_or(NO_ZIP)?;
        Ok(Self { file, list: BufReader::with_capacity(1 << 16, Piece { file, at: begin, end }), begin, left: entries, unpacked: 0 })
    }

    /// The next file; folders are passed over.
    ///
    /// # Errors
    /// The list is damaged, or a bound is reached.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, Broken> {
        while self.left > 0 {
            self.left -= 1;
            let listed = self.listed()?;
            let name = String::from_utf8_lossy(&listed.name).into_owned();
            if name.ends_with('/') {
                continue;
            }
            let bytes = if leaves(&listed.name) { Err("its name leaves the folder") } else { self.read(&listed) };
            self.unpacked += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
            if self.unpacked > LONGEST_ALL {
                return Err(Broken::TooLarge);
            }
            return Ok(Some(Entry { name, bytes }));
        }
        Ok(None)
    }

    fn listed(&mut self) -> Result<Listed, Broken> {
        const DAMAGED: Broken = Broken::Damaged("its list of entries is damaged");
        let mut fixed = [0; ENTRY];
        self.list.read_exact(&mut fixed).map_err(|_| DAMAGED)?;
        if !fixed.starts_with(b"PK\x01\x02") {
            return Err(DAMAGED);
        }
        let at = |from: usize, to: usize| number(&fixed[from..to]);
        let mut part = |long: u64| {
            let mut bytes = vec![0; usize::try_from(long).unwrap_or_default()];
            self.list.read_exact(&mut bytes).map(|()| bytes).map_err(|_| DAMAGED)
        };
        let (name, extra, _comment) = (part(at(28, 30))?, part(at(30, 32))?, part(at(32, 34))?);
        let mut listed = Listed {
            name,
            flags: at(8, 10),
            method: at(10, 12),
            crc: at(16, 20),
            packed: at(20, 24),
            unpacked: at(24, 28),
            at: at(42, 46),
        };
        let mut large = large(&extra);
        for field in [&mut listed.unpacked, &mut listed.packed, &mut listed.at] {
            if *field == ELSEWHERE {
                let (number_there, rest) = large.split_first_chunk::<8>().ok_or(DAMAGED)?;
                *field = number(number_there);
                large = rest;
            }
        }
        Ok(listed)
    }

    fn read(&self, listed: &Listed) -> Result<Vec<u8>, &'static str> {
        const DAMAGED: &str = "it is damaged in the archive";
        if listed.flags & 1 != 0 {
            return Err("it is encrypted");
        }
        if listed.unpacked > LONGEST {
            return Err("it is too long");
        }
        if listed.unpacked > LONG && listed.unpacked / MOST_RATIO > listed.packed {
            return Err("far more comes out of it than is in it");
        }
        let mut local = [0; LOCAL];
        self.file.read_exact_at(&mut local, listed.at).map_err(|_| DAMAGED)?;
        if !local.starts_with(b"PK\x03\x04") {
            return Err(DAMAGED);
        }
        let before = LOCAL as u64 + number(&local[26..28]) + number(&local[28..30]);
        let at = listed.at.checked_add(before).ok_or(DAMAGED)?;
        let end = at.checked_add(listed.packed).filter(|end| *end <= self.begin).ok_or(DAMAGED)?;
        let mut packed = BufReader::with_capacity(1 << 13, Piece { file: self.file, at, end });
        let mut bytes = Vec::new();
        // What is longer than it says is no more than seen to be so.
        let most = listed.unpacked + 1;
        let read = match listed.method {
            0 => packed.take(most).read_to_end(&mut bytes),
            8 if packed.fill_buf().is_ok_and(|packed| !packed.is_empty()) => DeflateDecoder::new(packed).take(most).read_to_end(&mut bytes),
            8 => return Err(DAMAGED),
            _ => return Err("it is packed in a way that is not read"),
        };
        let is_whole = read.is_ok_and(|read| read as u64 == listed.unpacked) && u64::from(checksum(&[&bytes])) == listed.crc;
        if is_whole { Ok(bytes) } else { Err(DAMAGED) }
    }
}

/// The numbers of 64 bits in an entry's extra fields.
fn large(mut extra: &[u8]) -> &[u8] {
    while let Some((head, rest)) = extra.split_first_chunk::<4>() {
        let long = usize::try_from(number(&head[2..])).unwrap_or_default();
        let Some((field, rest)) = rest.split_at_checked(long) else { break };
        if head[..2] == [1, 0] {
            return field;
        }
        extra = rest;
    }
    &[]
}

/// Whether a name would leave the folder that it is unpacked to.
fn leaves(name: &[u8]) -> bool {
    let has_drive = name.get(1) == Some(&b':');
    let goes_up = || name.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| part == b"..");
    name.is_empty() || has_drive || matches!(name[0], b'/' | b'\\') || name.contains(&0) || goes_up()
}
