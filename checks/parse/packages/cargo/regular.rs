//! The file exactly as Cargo writes it (<https://github.com/rust-lang/cargo/blob/master/src/cargo/ops/lockfile.rs>), line by
//! line: a fraction of the time that TOML takes.

use super::{Lock, Locked};
use crate::parse::quoted::plain;

/// Reads the file. Whatever is not as Cargo writes it makes it answer `None`, and a reader of TOML decides.
pub(super) fn read(text: &str) -> Option<Lock<'_>> {
    // So that what is between quotes need not be looked at for more than quotes and backslashes.
    if text.bytes().fold(false, |found, byte| found | (byte < b' ' && byte != b'\n') | (byte == 0x7f)) {
        return None;
    }
    // A package takes some 250 bytes, and asks for some three others.
    let mut lock = Lock { packages: Vec::with_capacity(text.len() / 200), asked: Vec::with_capacity(text.len() / 64) };
    let mut text = Text { text, at: 0, seen: 0, line: 1 };
    let mut has_version = false;
    while text.at < text.text.len() {
        if text.take("[[package]]\n") {
            package(&mut lock, &mut text)?;
        } else if text.take("version = ") {
            let is_number = matches!(text.rest(), [b'1'..=b'9', b'\n', ..]);
            if !is_number || has_version || !lock.packages.is_empty() {
                return None;
            }
            has_version = true;
            text.at += 2;
        } else if text.take("#") {
            text.at += memchr::memchr(b'\n', text.rest())? + 1;
        } else if !text.take("\n") {
            return None;
        }
    }
    Some(lock)
}

/// Reads a package, behind its header. That its fields come in one order says that none comes twice.
fn package<'a>(lock: &mut Lock<'a>, text: &mut Text<'a>) -> Option<()> {
    let line = text.line_before();
    let name = text.field("name = \"", "\"\n")?;
    let version = text.field("version = \"", "\"\n")?;
    let is_own = text.field("source = \"", "\"\n").is_none();
    text.field("checksum = \"", "\"\n");
    let begin = lock.asked.len();
    if text.take("dependencies = [\n") {
        while !text.take("]\n") {
            lock.asked.push(text.field(" \"", "\",\n")?.into());
        }
    }
    lock.packages.push(Locked { line, name: name.into(), version: version.into(), is_own, asked: begin..lock.asked.len() });
    Some(())
}

/// A text, and how far it was read.
struct Text<'a> {
    text: &'a str,
    at: usize,
    /// The line of `seen`.
    line: u32,
    seen: usize,
}

impl<'a> Text<'a> {
    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn take(&mut self, wanted: &str) -> bool {
        let is_there = self.rest().starts_with(wanted.as_bytes());
        self.at += if is_there { wanted.len() } else { 0 };
        is_there
    }

    /// Takes a line that holds a text between this beginning and end.
    fn field(&mut self, begin: &str, end: &str) -> Option<&'a str> {
        let behind = self.rest().strip_prefix(begin.as_bytes())?;
        let length = plain(behind, b'"');
        if !behind[length..].starts_with(end.as_bytes()) {
            return None;
        }
        let start = self.at + begin.len();
        self.at = start + length + end.len();
        self.text.get(start..start + length)
    }

    /// The number of the line that ends before this place.
    fn line_before(&mut self) -> u32 {
        let newlines = memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.seen..self.at]).count();
        (self.line, self.seen) = (self.line.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX)), self.at);
        self.line.saturating_sub(1)
    }
}
