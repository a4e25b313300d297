//! ZIP archives: sound ones, and ones that mean harm.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::advisories::segment::checksum;
use crate::advisories::zip::{Archive, Broken, Entry};

/// An archive that is being made, with whatever numbers a test wants in it.
#[derive(Default)]
pub(super) struct Zip {
    bytes: Vec<u8>,
    list: Vec<u8>,
    entries: u64,
}

/// What is written of an entry where it is not what it is.
#[derive(Clone, Copy, Default)]
struct Lies {
    unpacked: Option<u32>,
    packed: Option<u32>,
    crc: Option<u32>,
    method: Option<u16>,
    flags: u16,
    at: Option<u32>,
    large: bool,
}

impl Zip {
    pub(super) fn with(mut self, name: &str, text: impl AsRef<[u8]>) -> Self {
        self.add(name.as_bytes(), text.as_ref(), Lies::default());
        self
    }

    fn add(&mut self, name: &[u8], text: &[u8], lies: Lies) {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).expect("packs");
        let packed = encoder.finish().expect("packs");
        let at = u32::try_from(self.bytes.len()).expect("short");
        let long = |bytes: &[u8]| u32::try_from(bytes.len()).expect("short");
        let (unpacked_long, packed_long) = (lies.unpacked.unwrap_or(long(text)), lies.packed.unwrap_or(long(&packed)));
        let crc = lies.crc.unwrap_or_else(|| checksum(&[text]));
        let method = lies.method.unwrap_or(8);
        let name_long = u16::try_from(name.len()).expect("short");
        self.bytes.extend(b"PK\x03\x04\x14\0\0\0");
        self.bytes.extend(method.to_le_bytes());
        self.bytes.extend([0; 16]);
        self.bytes.extend(name_long.to_le_bytes());
        self.bytes.extend(3_u16.to_le_bytes());
        self.bytes.extend(name);
        self.bytes.extend(b"xyz");
        self.bytes.extend(if method == 0 { text } else { &packed });
        let mut extra = Vec::new();
        let mut field = |number: u32| {
            if !lies.large {
                return number;
            }
            extra.extend(u64::from(number).to_le_bytes());
            u32::MAX
        };
        let fields = [field(unpacked_long), field(packed_long), field(lies.at.unwrap_or(at))];
        self.list.extend(b"PK\x01\x02\x14\0\x14\0");
        self.list.extend(lies.flags.to_le_bytes());
        self.list.extend(method.to_le_bytes());
        self.list.extend([0; 4]);
        for number in [crc, fields[1], fields[0]] {
            self.list.extend(number.to_le_bytes());
        }
        let extra_long = if extra.is_empty() { 0 } else { 8 + u16::try_from(extra.len()).expect("short") };
        for number in [name_long, extra_long, 2, 0, 0, 0, 0] {
            self.list.extend(number.to_le_bytes());
        }
        self.list.extend(fields[2].to_le_bytes());
        self.list.extend(name);
        if !extra.is_empty() {
            self.list.extend(b"UT\0\0\x01\0");
            self.list.extend(u16::try_from(extra.len()).expect("short").to_le_bytes());
            self.list.extend(extra);
        }
        self.list.extend(b"PK");
        self.entries += 1;
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.ended(self.entries, false)
    }

    fn ended(&self, entries: u64, large: bool) -> Vec<u8> {
        let (begin, long) = (self.bytes.len() as u64, self.list.len() as u64);
        let mut bytes = [&self.bytes[..], &self.list].concat();
        if large {
            let at = bytes.len() as u64;
            bytes.extend(b"PK\x06\x06");
            bytes.extend(44_u64.to_le_bytes());
            bytes.extend([0; 12]);
            for number in [entries, entries, long, begin] {
                bytes.extend(number.to_le_bytes());
            }
            bytes.extend(b"PK\x06\x07\0\0\0\0");
            bytes.extend(at.to_le_bytes());
            bytes.extend(1_u32.to_le_bytes());
        }
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        let short = |number: u64| if large { u16::MAX } else { u16::try_from(number).expect("few") };
        let middle = |number: u64| if large { u32::MAX } else { u32::try_from(number).expect("short") };
        bytes.extend(short(entries).to_le_bytes());
        bytes.extend(short(entries).to_le_bytes());
        bytes.extend(middle(long).to_le_bytes());
        bytes.extend(middle(begin).to_le_bytes());
        let comment = b"PK\x05\x06 is how a list ends";
        bytes.extend(u16::try_from(comment.len()).expect("short").to_le_bytes());
        bytes.extend(comment);
        bytes
    }
}

type Files = Vec<(String, Result<Vec<u8>, &'static str>)>;

fn files(bytes: &[u8]) -> Result<Files, Broken> {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("room");
    let mut archive = Archive::open(&file)?;
    let mut files = Vec::new();
    while let Some(Entry { name, bytes }) = archive.next()? {
        files.push((name, bytes));
    }
    Ok(files)
}

/// What one entry comes to.
fn one(name: &[u8], text: &[u8], lies: Lies) -> Result<Vec<u8>, &'static str> {
    let mut zip = Zip::default();
    zip.add(name, text, lies);
    let mut files = files(&zip.bytes()).expect("an archive");
    assert_eq!(files.len(), 1);
    files.remove(0).1
}

#[test]
fn entries_are_read_in_order_in_both_forms() {
    let mut zip = Zip::default().with("a.json", "first").with("folder/", "");
    zip.add(b"folder/b.json", b"second", Lies { method: Some(0), packed: Some(6), ..Lies::default() });
    zip.add(b"c", b"third, third, third", Lies { large: true, ..Lies::default() });
    let wanted = [("a.json", "first"), ("folder/b.json", "second"), ("c", "third, third, third")];
    let wanted: Files = wanted.map(|(name, text)| (name.to_owned(), Ok(text.as_bytes().to_vec()))).into();
    assert_eq!(files(&zip.bytes()).expect("an archive"), wanted);
    assert_eq!(files(&zip.ended(zip.entries, true)).expect("an archive"), wanted);
    assert_eq!(files(&Zip::default().bytes()).expect("an archive"), []);
}

#[test]
fn what_lies_is_refused() {
    const DAMAGED: Result<Vec<u8>, &str> = Err("it is damaged in the archive");
    let text = b"a text, a text";
    let lie = |lies| one(b"a", text, lies);
    assert_eq!(lie(Lies::default()), Ok(text.to_vec()));
    assert_eq!(lie(Lies { unpacked: Some(13), ..Lies::default() }), DAMAGED);
    assert_eq!(lie(Lies { unpacked: Some(15), ..Lies::default() }), DAMAGED);
    assert_eq!(lie(Lies { packed: Some(3), ..Lies::default() }), DAMAGED);
    assert_eq!(lie(Lies { packed: Some(0), ..Lies::default() }), DAMAGED);
    assert_eq!(lie(Lies { packed: Some(u32::MAX - 1), ..Lies::default() }), DAMAGED);
    assert_eq!(lie(Lies { crc: Some(1), ..Lies::default() }), DAMAGED);
    assert_eq!(lie(Lies { at: Some(1), ..Lies::default() }), DAMAGED);
    assert_eq!(lie(Lies { at: Some(u32::MAX - 1), ..Lies::default() }), DAMAGED);
    assert_eq!(lie(Lies { method: Some(14), ..Lies::default() }), Err("it is packed in a way that is not read"));
    assert_eq!(lie(Lies { flags: 1, ..Lies::default() }), Err("it is encrypted"));
    for name in ["../a.json", "/a.json", "a/../../b", "..\\a", "C:\\a", "\\\\host\\a", "a\0b", ".."] {
        assert_eq!(one(name.as_bytes(), text, Lies::default()), Err("its name leaves the folder"), "{name:?}");
    }
    for name in ["a..json", "a/..b/c", "...", "\u{fc}.json"] {
        assert!(one(name.as_bytes(), text, Lies::default()).is_ok(), "{name:?}");
    }
}

#[test]
fn bombs_do_not_go_off() {
    let zeros = vec![0; 4 << 20];
    assert_eq!(one(b"a", &zeros, Lies::default()), Err("far more comes out of it than is in it"));
    assert_eq!(one(b"a", &zeros, Lies { unpacked: Some(1 << 20), ..Lies::default() }), Err("it is damaged in the archive"));
    assert_eq!(one(b"a", &vec![0; (16 << 20) + 1], Lies::default()), Err("it is too long"));
    assert_eq!(one(b"a", b"x", Lies { unpacked: Some(u32::MAX - 1), ..Lies::default() }), Err("it is too long"));
    let zip = Zip::default().with("a", "x");
    assert!(matches!(files(&zip.ended(4_000_001, true)), Err(Broken::TooMany)));
    assert!(matches!(files(&zip.ended(2, false)), Err(Broken::Damaged(_))));
}

#[test]
fn whatever_is_broken_in_an_archive_ends_in_words() {
    let mut zip = Zip::default().with("a.json", "first, first, first").with("b", "second");
    zip.add(b"c", b"third", Lies { large: true, ..Lies::default() });
    for bytes in [zip.bytes(), zip.ended(zip.entries, true)] {
        for length in 0..bytes.len() {
            // Only what is cut behind the list could be read.
            assert!(files(&bytes[..length]).is_err(), "{length}");
        }
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] ^= flip;
                let texts = ["first, first, first", "second", "third"].map(str::as_bytes);
                for (_, text) in files(&bytes).unwrap_or_default() {
                    assert!(text.as_ref().map_or(true, |text| texts.contains(&&text[..]) || text.is_empty()), "{at}: {text:?}");
                }
            }
        }
    }
    assert!(files(b"").is_err() && files(b"<html>not found</html>").is_err());
}
