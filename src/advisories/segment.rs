//! One file of the database: what one source says of packages, found by their names.
//!
//! ```text
//! head    56 bytes: what follows, and checksums of it and of the table
//! data    for each package, one after another: checksum, length unpacked, and packed what is said of it
//! index   for each package, in the order of the hashes of their keys: hash, where its data is, how long that is
//! table   for each bucket of the index, the keys whose hashes begin alike: where it ends, and its checksum
//! ```
//!
//! Only head and table are held in memory. All numbers have their lowest byte first. Whatever is read is checked
//! against a checksum first, so that a damaged file is an error and never a package about which nothing is said.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read as _};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::OnceLock;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

pub(super) const MAGIC: [u8; 8] = *b"caratadv";
/// The form of the file; a reader of another one does not read it.
pub(super) const VERSION: u32 = 2;
pub(super) const HEAD: usize = 56;
/// The bytes of an entry of the index, of one of the table, and before what is said of a package.
pub(super) const ENTRY: usize = 20;
pub(super) const BUCKET: usize = 8;
pub(super) const BEFORE: usize = 8;
/// The most bits by which keys are put into buckets.
pub(super) const MOST_BITS: u32 = 20;
/// What is said of one package, unpacked, at most.
pub(super) const LONGEST: usize = 256 << 20;

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Damaged(&'static str),
    #[error("it has form {0}, and this version of carat reads form {VERSION}")]
    OtherForm(u32),
}

/// An open file.
#[derive(Debug)]
pub(super) struct Segment {
    file: File,
    bits: u32,
    index: u64,
    table: Vec<u8>,
    /// The whole index, once so many names are looked up that it is read at once.
    whole: OnceLock<Vec<u8>>,
}

/// How many bytes of the index are read for each of many names, at most: a call for each bucket takes as long.
const WORTH_READING: usize = 1024;

/// What is said of a package.
pub(super) struct Found {
    bytes: Vec<u8>,
    /// Where it begins, behind the key.
    begin: usize,
}

impl Found {
    pub(super) fn said(&self) -> &[u8] {
        &self.bytes[self.begin..]
    }
}

/// By what a package is found.
pub(super) struct Key {
    pub(super) bytes: Vec<u8>,
    pub(super) hash: u64,
}

impl Key {
    pub(super) fn new(ecosystem: &str, name: &str) -> Self {
        let bytes = [ecosystem.as_bytes(), b"\0", name.as_bytes()].concat();
        Self { hash: hash(&bytes), bytes }
    }
}

/// FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>), mixed at the end so that the first bits tell as much as the
/// last. Keys are compared as a whole: who makes names with one hash makes their look-ups slower, and nothing else.
fn hash(bytes: &[u8]) -> u64 {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 32)
}

/// In which bucket a hash is.
pub(super) fn bucket(hash: u64, bits: u32) -> usize {
    // With no bits there is one bucket, and a shift by 64 would be none.
    usize::try_from(hash.checked_shr(64 - bits).unwrap_or(0)).unwrap_or(usize::MAX)
}

pub(super) fn checksum(parts: &[&[u8]]) -> u32 {
    let mut crc = Crc::new();
    parts.iter().for_each(|part| crc.update(part));
    crc.sum()
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().copied().map(u64::from_le_bytes)
}

impl Segment {
    /// Opens a file, and checks what all look-ups rest on.
    ///
    /// # Errors
    /// It cannot be read, is damaged, or has another form.
    pub(super) fn open(file: File) -> Result<Self, Unusable> {
        let length = file.metadata()?.len();
        let mut head = [0; HEAD];
        if length < HEAD as u64 {
            return Err(Unusable::Damaged("it is too short"));
        }
        file.read_exact_at(&mut head, 0)?;
        if head[..8] != MAGIC {
            return Err(Unusable::Damaged("it is no file of an advisory database"));
        }
        let damaged = || Unusable::Damaged("its head is damaged");
        let version = u32_at(&head, 8).ok_or_else(damaged)?;
        if version != VERSION {
            return Err(Unusable::OtherForm(version));
        }
        if u32_at(&head, HEAD - 4) != Some(checksum(&[&head[..HEAD - 4]])) {
            return Err(damaged());
        }
        let number = |at| u64_at(&head, at).ok_or_else(damaged);
        let bits = u32_at(&head, 12).filter(|bits| *bits <= MOST_BITS).ok_or_else(damaged)?;
        let (keys, index, at_table, told) = (number(16)?, number(24)?, number(32)?, number(40)?);
        if told != length {
            return Err(Unusable::Damaged("it is longer or shorter than it was"));
        }
        let buckets = 1_u64 << bits;
        let fits = keys.checked_mul(ENTRY as u64).and_then(|long| index.checked_add(long)) == Some(at_table)
            && at_table.checked_add(buckets * BUCKET as u64) == Some(length)
            && index >= HEAD as u64;
        if !fits {
            return Err(damaged());
        }
        let mut table = vec![0; usize::try_from(length - at_table).map_err(|_| damaged())?];
        file.read_exact_at(&mut table, at_table)?;
        if u32_at(&head, 48) != Some(checksum(&[&table])) {
            return Err(Unusable::Damaged("its table is damaged"));
        }
        let ends = || table.chunks_exact(BUCKET).filter_map(|bucket| u32_at(bucket, 0));
        if !ends().is_sorted() || ends().next_back().map(u64::from) != Some(keys) {
            return Err(Unusable::Damaged("its table is damaged"));
        }
        Ok(Self { file, bits, index, table, whole: OnceLock::new() })
    }

    /// Prepares for so many look-ups.
    pub(super) fn expect(&self, names: usize) {
        let long = self.end(self.table.len() / BUCKET - 1).unwrap_or(0) as usize * ENTRY;
        if long > names.saturating_mul(WORTH_READING) || self.whole.get().is_some() {
            return;
        }
        let mut entries = vec![0; long];
        let is_read = self.file.read_exact_at(&mut entries, self.index).is_ok();
        let is_sound = |number| {
            let bucket = self.entries(number).and_then(|place| entries.get(place));
            bucket.is_some_and(|bucket| Some(checksum(&[bucket])) == self.told(number))
        };
        // Whatever is wrong with it is told where a name is looked up there.
        if is_read && (0..self.table.len() / BUCKET).all(is_sound) {
            let _ = self.whole.set(entries);
        }
    }

    /// What is said of a package.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged there.
    pub(super) fn find(&self, key: &Key) -> Result<Option<Found>, Unusable> {
        let wanted = key.hash;
        let bucket = self.bucket(bucket(wanted, self.bits))?;
        let entries = bucket.chunks_exact(ENTRY).skip_while(|entry| u64_at(entry, 0) < Some(wanted));
        for entry in entries.take_while(|entry| u64_at(entry, 0) == Some(wanted)) {
            let (found, begin) = self.data(entry)?;
            let long = u32_at(&found, begin).and_then(|long| usize::try_from(long).ok());
            let parts = long.and_then(|long| found.get(begin + 4..)?.split_at_checked(long));
            let (of, _) = parts.ok_or(Unusable::Damaged("what it says of a package is damaged"))?;
            if of == key.bytes {
                return Ok(Some(Found { begin: begin + 4 + of.len(), bytes: found }));
            }
        }
        Ok(None)
    }

    /// The entries of a bucket.
    fn bucket(&self, number: usize) -> Result<Cow<'_, [u8]>, Unusable> {
        let damaged = || Unusable::Damaged("its index is damaged");
        let place = self.entries(number).ok_or_else(damaged)?;
        if let Some(whole) = self.whole.get() {
            return whole.get(place).map(Cow::Borrowed).ok_or_else(damaged);
        }
        let mut entries = vec![0; place.len()];
        self.file.read_exact_at(&mut entries, self.index + place.start as u64)?;
        if Some(checksum(&[&entries])) == self.told(number) { Ok(Cow::Owned(entries)) } else { Err(damaged()) }
    }

    /// Where in the index a bucket is. [`Segment::open`] has seen that these are in order, and that all are in the file.
    fn entries(&self, number: usize) -> Option<Range<usize>> {
        let begin = if number == 0 { 0 } else { self.end(number - 1)? };
        Some(begin as usize * ENTRY..self.end(number)? as usize * ENTRY)
    }

    /// How many entries there are up to the end of a bucket.
    fn end(&self, number: usize) -> Option<u32> {
        u32_at(&self.table, number * BUCKET)
    }

    /// The checksum of a bucket.
    fn told(&self, number: usize) -> Option<u32> {
        u32_at(&self.table, number * BUCKET + 4)
    }

    /// What an entry leads to, unpacked, and where in that it begins.
    fn data(&self, entry: &[u8]) -> Result<(Vec<u8>, usize), Unusable> {
        let damaged = || Unusable::Damaged("what it says of a package is damaged");
        let (at, long) = (u64_at(entry, 8).ok_or_else(damaged)?, u32_at(entry, 16).ok_or_else(damaged)?);
        let is_within = at >= HEAD as u64 && at.checked_add(u64::from(long)).is_some_and(|end| end <= self.index);
        if !is_within || (long as usize) < BEFORE {
            return Err(damaged());
        }
        let mut bytes = vec![0; long as usize];
        self.file.read_exact_at(&mut bytes, at)?;
        let (told, unpacked) = (u32_at(&bytes, 0), u32_at(&bytes, 4).ok_or_else(damaged)? as usize);
        if told != Some(checksum(&[&bytes[4..]])) || unpacked > LONGEST {
            return Err(damaged());
        }
        let packed = &bytes[BEFORE..];
        if packed.len() == unpacked {
            return Ok((bytes, BEFORE));
        }
        let mut found = Vec::new();
        let read = DeflateDecoder::new(packed).take(unpacked as u64 + 1).read_to_end(&mut found);
        if read.is_ok_and(|read| read == unpacked) { Ok((found, 0)) } else { Err(damaged()) }
    }
}
