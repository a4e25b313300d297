//! The file exactly as Cargo writes it (<https://doc.rust-lang.org/stable/nightly-rustc/src/cargo/ops/lockfile.rs.html>), line by
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
    let mut lines = Lines { line: "", rest: text, number: 0 };
    lines.next();
    let mut has_version = false;
    while !lines.is_over() {
        if lines.line == "[[package]]" {
            package(&mut lock, &mut lines)?;
            continue;
        }
        if let Some(version) = lines.line.strip_prefix("version = ") {
            let is_number = matches!(version.as_bytes(), [b'1'..=b'9']);
            if !is_number || has_version || !lock.packages.is_empty() {
                return None;
            }
            has_version = true;
        } else if !lines.line.is_empty() && !lines.line.starts_with('#') {
            return None;
        }
        lines.next();
    }
    Some(lock)
}

/// Reads a package. That its fields come in one order says that none comes twice.
fn package<'a>(lock: &mut Lock<'a>, lines: &mut Lines<'a>) -> Option<()> {
    let line = lines.number;
    lines.next();
    let name = lines.field("name = \"")?;
    let version = lines.field("version = \"")?;
    let is_own = lines.field("source = \"").is_none();
    lines.field("checksum = \"");
    let begin = lock.asked.len();
    if lines.line == "dependencies = [" {
        lines.next();
        while lines.line != "]" {
            let asked = lines.line.strip_prefix(" \"")?.strip_suffix("\",")?;
            lock.asked.push(is_plain(asked)?.into());
            lines.next();
        }
        lines.next();
    }
    lock.packages.push(Locked { line, name: name.into(), version: version.into(), is_own, asked: begin..lock.asked.len() });
    Some(())
}

fn is_plain(text: &str) -> Option<&str> {
    (plain(text.as_bytes(), b'"') == text.len()).then_some(text)
}

/// The lines of a text.
struct Lines<'a> {
    /// The one that is looked at, and how many were up to it; empty and the last behind the end.
    line: &'a str,
    number: u32,
    rest: &'a str,
}

impl<'a> Lines<'a> {
    fn next(&mut self) {
        let end = memchr::memchr(b'\n', self.rest.as_bytes());
        let (line, rest) = end.map_or((self.rest, ""), |end| (&self.rest[..end], &self.rest[end + 1..]));
        (self.line, self.rest) = (line, rest);
        self.number = self.number.saturating_add(1);
    }

    /// Takes a line that holds a text behind this beginning.
    fn field(&mut self, begin: &str) -> Option<&'a str> {
        let text = self.line.strip_prefix(begin)?.strip_suffix('"')?;
        let text = is_plain(text)?;
        self.next();
        Some(text)
    }

    fn is_over(&self) -> bool {
        self.line.is_empty() && self.rest.is_empty()
    }
}
