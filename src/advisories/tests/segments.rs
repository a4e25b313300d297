//! Files of the database: written, read, damaged.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;

use tempfile::NamedTempFile;

use crate::advisories::builder::Builder;
use crate::advisories::segment::{Found, HEAD, Key, Segment, Unusable};

/// A file of the database that says this.
fn made<'a>(said: impl IntoIterator<Item = (&'a Key, &'a str)>) -> NamedTempFile {
    let folder = tempfile::tempdir().expect("a folder");
    let mut builder = Builder::new(folder.path()).expect("a builder");
    for (key, record) in said {
        builder.add(key, record.as_bytes()).expect("room");
    }
    let file = NamedTempFile::new().expect("a file");
    builder.finish(file.as_file()).expect("room");
    file
}

fn open(file: &NamedTempFile) -> Result<Segment, Unusable> {
    Segment::open(File::open(file.path()).expect("it is there"))
}

fn found(segment: &Segment, key: &Key) -> Option<String> {
    segment.find(key).expect("sound").map(|found| String::from_utf8(found.said().to_vec()).expect("a text"))
}

#[test]
fn what_was_said_is_found_again() {
    let keys: Vec<Key> = (0..3_000).map(|n| Key::new("npm", &format!("p{n}"))).collect();
    let long = format!("\"{}\"", "long ".repeat(1_000));
    let said = keys.iter().map(|key| (key, "1")).chain([(&keys[7], &*long), (&keys[7], "3")]);
    let file = made(said);
    let segment = open(&file).expect("sound");
    for (n, key) in keys.iter().enumerate() {
        let wanted = if n == 7 { format!("1{long}3") } else { "1".to_owned() };
        assert_eq!(found(&segment, key), Some(wanted), "{n}");
    }
    for n in 3_000..6_000 {
        assert_eq!(found(&segment, &Key::new("npm", &format!("p{n}"))), None);
    }
    assert_eq!(found(&segment, &Key::new("PyPI", "p1")), None);
    segment.expect(3_000);
    for (n, key) in keys.iter().enumerate().skip(8) {
        assert_eq!(found(&segment, key).as_deref(), Some("1"), "{n}, with all of the index in memory");
    }
    assert_eq!(found(&segment, &Key::new("PyPI", "p1")), None);
    assert!(file.as_file().metadata().expect("there").len() < 3_000 * 60);
}

#[test]
fn a_file_about_nothing_is_sound() {
    let file = made([]);
    assert_eq!(found(&open(&file).expect("sound"), &Key::new("npm", "a")), None);
}

#[test]
fn a_damaged_byte_is_an_error_or_makes_no_difference() {
    let keys: Vec<Key> = (0..200).map(|n| Key::new("npm", &format!("p{n}"))).collect();
    let long = format!("\"{}\"", "long ".repeat(100));
    let file = made(keys.iter().map(|key| (key, &*long)));
    let sound = std::fs::read(file.path()).expect("there");
    let segment = open(&file).expect("sound");
    let wanted: Vec<_> = keys.iter().map(|key| found(&segment, key)).collect();
    let other = OpenOptions::new().write(true).open(file.path()).expect("there");
    let mut seen = 0;
    for at in 0..sound.len() {
        for flip in [0x01, 0x80, 0xff] {
            other.write_all_at(&[sound[at] ^ flip], at as u64).expect("room");
            match open(&file) {
                Err(_) => seen += 1,
                Ok(segment) => {
                    assert!(at >= HEAD, "the head is checked as a whole");
                    if at % 2 == 0 {
                        segment.expect(200);
                    }
                    // Two of them, whose data may be what is damaged.
                    for (key, wanted) in keys.iter().zip(&wanted).skip(at % 100).step_by(100) {
                        match segment.find(key) {
                            Ok(found) => assert_eq!(found.as_ref().map(Found::said), wanted.as_ref().map(String::as_bytes), "{at}"),
                            Err(_) => seen += 1,
                        }
                    }
                }
            }
        }
        other.write_all_at(&sound[at..=at], at as u64).expect("room");
    }
    assert!(seen > HEAD * 3, "{seen}");
    for (at, key) in keys.iter().enumerate() {
        assert_eq!(found(&segment, key), wanted[at]);
    }
}

#[test]
fn a_cut_or_foreign_file_is_told() {
    let file = made([(&Key::new("npm", "a"), "1")]);
    let sound = std::fs::read(file.path()).expect("there");
    for length in 0..sound.len() {
        file.as_file().set_len(length as u64).expect("shorter");
        file.as_file().write_all_at(&sound[..length], 0).expect("room");
        assert!(matches!(open(&file), Err(Unusable::Damaged(_))), "{length}");
    }
    file.as_file().write_all_at(&sound, 0).expect("room");
    assert!(open(&file).is_ok());
    file.as_file().write_all_at(&3_u32.to_le_bytes(), 8).expect("room");
    assert!(matches!(open(&file), Err(Unusable::OtherForm(3))));
    file.as_file().write_all_at(b"SQLite format 3\0", 0).expect("room");
    assert!(matches!(open(&file), Err(Unusable::Damaged(_))));
}

#[test]
fn a_full_disk_is_an_error() {
    let Ok(full) = OpenOptions::new().read(true).write(true).open("/dev/full") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut builder = Builder::new(folder.path()).expect("a builder");
    builder.add(&Key::new("npm", "a"), b"1").expect("room");
    assert!(builder.finish(&full).is_err());
}
