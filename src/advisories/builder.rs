//! Makes one file of the database. What comes is put aside on disk first, since all that an ecosystem has may be more
//! than memory should hold.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use flate2::{Compress, Compression, FlushCompress, Status};

use super::segment::{BEFORE, BUCKET, ENTRY, HEAD, Key, LONGEST, MAGIC, MOST_BITS, VERSION, bucket, checksum};

/// What is shorter is read sooner than it is unpacked.
const WORTH_PACKING: usize = 4096;
/// How many keys a bucket has, more or less.
const IN_A_BUCKET: usize = 32;

/// A file that is being made.
pub(super) struct Builder {
    aside: BufWriter<File>,
    at: u64,
    entries: Vec<Aside>,
}

/// Where something lies aside.
struct Aside {
    hash: u64,
    at: u64,
    key: u32,
    record: u32,
}

/// Something, and of which package.
struct Said {
    key: Vec<u8>,
    record: Vec<u8>,
}

impl Builder {
    /// # Errors
    /// Nothing can be put aside in this folder.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        Ok(Self { aside: BufWriter::new(tempfile::tempfile_in(folder)?), at: 0, entries: Vec::new() })
    }

    /// Takes in what is said of a package.
    ///
    /// # Errors
    /// It cannot be put aside.
    pub(super) fn add(&mut self, key: &Key, record: &[u8]) -> io::Result<()> {
        let too_large = |_| io::Error::from(io::ErrorKind::FileTooLarge);
        let (long, record_long) = (u32::try_from(key.bytes.len()).map_err(too_large)?, u32::try_from(record.len()).map_err(too_large)?);
        self.aside.write_all(&key.bytes)?;
        self.aside.write_all(record)?;
        self.entries.push(Aside { hash: key.hash, at: self.at, key: long, record: record_long });
        self.at += u64::from(long) + u64::from(record_long);
        Ok(())
    }

    /// Writes the file, and tells of how many packages it speaks. What is said of one stands in the order in which it came.
    ///
    /// # Errors
    /// It cannot be written, or one package has more than can be read again.
    pub(super) fn finish(self, file: &File) -> io::Result<u64> {
        let aside = self.aside.into_inner().map_err(io::IntoInnerError::into_error)?;
        let mut entries = self.entries;
        entries.sort_unstable_by_key(|entry| (entry.hash, entry.at));
        let mut out = BufWriter::with_capacity(1 << 20, file);
        out.write_all(&[0; HEAD])?;
        let mut at = HEAD as u64;
        let mut packer = Packer::new();
        let mut index: Vec<u8> = Vec::new();
        let mut hashes: Vec<u64> = Vec::new();
        for same in entries.chunk_by(|one, other| one.hash == other.hash) {
            for (key, records) in by_key(&aside, same)? {
                let data = packer.data(&plain(&key, &records)?)?;
                let long = u32::try_from(data.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
                out.write_all(&data)?;
                index.extend(same[0].hash.to_le_bytes());
                index.extend(at.to_le_bytes());
                index.extend(long.to_le_bytes());
                hashes.push(same[0].hash);
                at += u64::from(long);
            }
        }
        out.write_all(&index)?;
        let bits = (hashes.len() / IN_A_BUCKET).checked_ilog2().unwrap_or(0).min(MOST_BITS);
        let table = table(&hashes, &index, bits)?;
        out.write_all(&table)?;
        out.flush()?;
        let keys = hashes.len() as u64;
        let after = at + index.len() as u64;
        file.write_all_at(&head(bits, [keys, at, after, after + table.len() as u64], &table), 0)?;
        file.sync_all()?;
        Ok(keys)
    }
}

/// What lies aside under one hash, by its key: two may have the same hash.
fn by_key(aside: &File, entries: &[Aside]) -> io::Result<BTreeMap<Vec<u8>, Vec<Vec<u8>>>> {
    let mut found: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
    for entry in entries {
        let Said { key, record } = read(aside, entry)?;
        found.entry(key).or_default().push(record);
    }
    Ok(found)
}

fn read(aside: &File, entry: &Aside) -> io::Result<Said> {
    let mut key = vec![0; entry.key as usize];
    let mut record = vec![0; entry.record as usize];
    aside.read_exact_at(&mut key, entry.at)?;
    aside.read_exact_at(&mut record, entry.at + u64::from(entry.key))?;
    Ok(Said { key, record })
}

/// A key and what is said of it.
fn plain(key: &[u8], records: &[Vec<u8>]) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
    let mut plain = u32::try_from(key.len()).map_err(|_| too_large())?.to_le_bytes().to_vec();
    plain.extend(key);
    plain.extend(records.concat());
    if plain.len() > LONGEST { Err(too_large()) } else { Ok(plain) }
}

/// The end of each bucket, and its checksum.
fn table(hashes: &[u64], index: &[u8], bits: u32) -> io::Result<Vec<u8>> {
    let mut table = Vec::new();
    let mut begin = 0;
    for number in 0..1_usize << bits {
        let end = hashes.partition_point(|hash| bucket(*hash, bits) <= number);
        table.extend(u32::try_from(end).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?.to_le_bytes());
        table.extend(checksum(&[&index[begin * ENTRY..end * ENTRY]]).to_le_bytes());
        begin = end;
    }
    debug_assert_eq!(table.len(), BUCKET << bits);
    Ok(table)
}

/// Numbers: keys, and where index, table and file begin or end.
fn head(bits: u32, numbers: [u64; 4], table: &[u8]) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend(VERSION.to_le_bytes());
    head.extend(bits.to_le_bytes());
    numbers.iter().for_each(|number| head.extend(number.to_le_bytes()));
    head.extend(checksum(&[table]).to_le_bytes());
    head.extend(checksum(&[&head]).to_le_bytes());
    head
}

/// Packs one text after another, with the room for it made once.
struct Packer {
    compress: Compress,
}

impl Packer {
    fn new() -> Self {
        Self { compress: Compress::new(Compression::default(), false) }
    }

    /// A text as it stands in the file: packed if that is shorter.
    fn data(&mut self, plain: &[u8]) -> io::Result<Vec<u8>> {
        let mut data = vec![0; 4];
        data.extend(u32::try_from(plain.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?.to_le_bytes());
        if plain.len() >= WORTH_PACKING {
            // What does not fit in is not shorter.
            let mut packed = Vec::with_capacity(plain.len() - 1);
            self.compress.reset();
            if let Ok(Status::StreamEnd) = self.compress.compress_vec(plain, &mut packed, FlushCompress::Finish)
                && packed.len() < plain.len()
            {
                data.extend(packed);
            }
        }
        if data.len() == BEFORE {
            data.extend(plain);
        }
        let sum = checksum(&[&data[4..]]);
        data[..4].copy_from_slice(&sum.to_le_bytes());
        Ok(data)
    }
}
