//! From a text to its value, byte by byte.

use std::borrow::Cow;

use super::super::quoted::plain;
use super::{Object, Skips, Value};

/// How deep values may stand in each other.
const DEEPEST: usize = 256;

/// A text, and how far it was read. What is no JSON makes it answer `None`, and stay where that is.
pub(in crate::parse) struct Reader<'a, 's> {
    pub(super) text: &'a str,
    /// The next byte.
    pub(super) at: usize,
    /// The line of that, from 1. Ends of lines stand between values alone.
    pub(super) line: u32,
    /// In how many objects and lists that is.
    depth: usize,
    pub(super) skips: &'s Skips<'s>,
    /// Comments, and commas at the end of lists, may stand in it.
    pub(super) is_relaxed: bool,
}

/// What stands before the first of an object or a list.
struct Gap<'a> {
    blanks: &'a [u8],
    /// How many lines end in it.
    lines: u32,
}

/// Whether a key or a value begins so, rather than white space or a comment.
fn is_begin(byte: &u8) -> bool {
    *byte > b'/' || *byte == b'"'
}

fn line_ends(text: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text).count()).unwrap_or(u32::MAX)
}

impl<'a, 's> Reader<'a, 's> {
    pub(super) fn new(text: &'a str, skips: &'s Skips<'s>, is_relaxed: bool) -> Self {
        Self { text, at: 0, line: 1, depth: 0, skips, is_relaxed }
    }

    /// The value that stands here.
    pub(in crate::parse) fn value(&mut self) -> Option<Value<'a>> {
        Some(match self.peek()? {
            b'{' => {
                let mut members = Vec::new();
                self.members(|reader, key, line| {
                    if (reader.skips)(reader.depth, &key) {
                        return reader.skip();
                    }
                    members.push((key, line, reader.value()?));
                    Some(())
                })?;
                Value::Object(Object(members))
            }
            b'[' => {
                let mut list = Vec::new();
                self.list(|reader| {
                    list.push((reader.line, reader.value()?));
                    Some(())
                })?;
                Value::List(list)
            }
            b'"' => Value::Text(self.string()?),
            b't' => self.word("true", Value::Boolean(true))?,
            b'f' => self.word("false", Value::Boolean(false))?,
            b'n' => self.word("null", Value::Null)?,
            _ => Value::Number(self.number()?),
        })
    }

    /// Passes over the value that stands here, as strictly as [`Self::value`].
    pub(in crate::parse) fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'{' => self.members(|reader, _, _| reader.skip()),
            b'[' => self.list(Self::skip),
            b'"' => self.string().map(drop),
            b't' => self.word("true", ()),
            b'f' => self.word("false", ()),
            b'n' => self.word("null", ()),
            _ => self.number().map(drop),
        }
    }

    /// Reads the object that stands here. `each` is told the key of a member and its line, and reads its value.
    pub(in crate::parse) fn members(&mut self, mut each: impl FnMut(&mut Self, Cow<'a, str>, u32) -> Option<()>) -> Option<()> {
        let gap = self.enter(b'{')?;
        let mut is_last = self.take(b'}');
        while !is_last {
            let line = self.line;
            if self.peek()? != b'"' {
                return None;
            }
            let key = self.string()?;
            self.colon()?;
            each(self, key, line)?;
            is_last = self.is_last(b'}', &gap)?;
        }
        self.depth -= 1;
        Some(())
    }

    /// Reads the list that stands here. `each` reads a value.
    fn list(&mut self, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        let gap = self.enter(b'[')?;
        let mut is_last = self.take(b']');
        while !is_last {
            each(self)?;
            is_last = self.is_last(b']', &gap)?;
        }
        self.depth -= 1;
        Some(())
    }

    /// Whether an object stands here.
    pub(in crate::parse) fn is_object(&self) -> bool {
        self.peek() == Some(b'{')
    }

    /// Whether a string stands here.
    pub(in crate::parse) fn is_text(&self) -> bool {
        self.peek() == Some(b'"')
    }

    /// Passes over the beginning of an object or a list, and what stands before its first.
    fn enter(&mut self, begin: u8) -> Option<Gap<'a>> {
        if self.depth == DEEPEST || !self.take(begin) {
            return None;
        }
        self.depth += 1;
        let (start, line) = (self.at, self.line);
        self.blanks()?;
        Some(Gap { blanks: &self.text.as_bytes()[start..self.at], lines: self.line - line })
    }

    /// Passes over the colon behind a key, and what stands around it.
    #[inline]
    fn colon(&mut self) -> Option<()> {
        if self.text.as_bytes()[self.at..].starts_with(b": ") {
            self.at += 2;
            return self.blanks();
        }
        self.blanks()?;
        if self.take(b':') { self.blanks() } else { None }
    }

    /// Whether a list or an object ends here; else the next of it begins, mostly behind what stood before its first.
    #[inline]
    fn is_last(&mut self, end: u8, gap: &Gap<'_>) -> Option<bool> {
        match self.text.as_bytes()[self.at..] {
            [b',', ref rest @ ..] if rest.get(gap.blanks.len()).is_some_and(is_begin) && rest.starts_with(gap.blanks) => {
                self.at += 1 + gap.blanks.len();
                self.line = self.line.saturating_add(gap.lines);
                return Some(self.is_relaxed && self.take(end));
            }
            // Programs write the end below the beginning, two blanks to the left.
            [b'\n', ref rest @ ..] if gap.lines == 1 && gap.blanks[0] == b'\n' && !self.is_relaxed => {
                let around = gap.blanks.get(1..gap.blanks.len().saturating_sub(2)).unwrap_or_default();
                if rest.get(around.len()) == Some(&end) && rest.starts_with(around) {
                    self.at += 1 + around.len() + 1;
                    self.line = self.line.saturating_add(1);
                    return Some(true);
                }
            }
            _ => {}
        }
        self.blanks()?;
        if self.take(end) {
            return Some(true);
        }
        if !self.take(b',') {
            return None;
        }
        self.blanks()?;
        Some(self.is_relaxed && self.take(end))
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.at += 1;
        let start = self.at;
        let bytes = self.text.as_bytes();
        let end = start + plain(&bytes[start..], b'"');
        self.at = end;
        match *bytes.get(end)? {
            b'"' => {
                self.at += 1;
                Some(Cow::Borrowed(&self.text[start..end]))
            }
            b'\\' => self.escaped(self.text[start..end].to_owned()).map(Cow::Owned),
            _ => None,
        }
    }

    /// The rest of a string from its first escape on.
    fn escaped(&mut self, mut out: String) -> Option<String> {
        loop {
            let byte = self.peek()?;
            match byte {
                b'"' => {
                    self.at += 1;
                    return Some(out);
                }
                b'\\' => {
                    self.at += 1;
                    let escape = self.peek()?;
                    self.at += 1;
                    match escape {
                        b'"' | b'\\' | b'/' => out.push(char::from(escape)),
                        b'b' => out.push('\u{8}'),
                        b'f' => out.push('\u{c}'),
                        b'n' => out.push('\n'),
                        b'r' => out.push('\r'),
                        b't' => out.push('\t'),
                        b'u' => {
                            let first = self.unit()?;
                            out.push(self.character(first));
                        }
                        _ => return None,
                    }
                }
                ..b' ' => return None,
                _ => {
                    let length = plain(&self.text.as_bytes()[self.at..], b'"');
                    out.push_str(&self.text[self.at..self.at + length]);
                    self.at += length;
                }
            }
        }
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let unit = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        self.at += 4;
        Some(unit)
    }

    /// The character of a unit, and of the one behind it if both are halves of a pair.
    fn character(&mut self, first: u32) -> char {
        let is_pair = (0xd800..0xdc00).contains(&first) && self.text.as_bytes()[self.at..].starts_with(b"\\u");
        if is_pair {
            let before = self.at;
            self.at += 2;
            if let Some(second) = self.unit().filter(|second| (0xdc00..0xe000).contains(second)) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
            self.at = before;
        }
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn number(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Some(&self.text[start..self.at])
    }

    fn digits(&mut self) -> Option<()> {
        let length = self.text.as_bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += length;
        (length > 0).then_some(())
    }

    fn word<T>(&mut self, word: &str, value: T) -> Option<T> {
        let is_there = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += if is_there { word.len() } else { 0 };
        is_there.then_some(value)
    }

    /// Passes over white space, and comments where they may stand.
    #[inline]
    pub(super) fn blanks(&mut self) -> Option<()> {
        match self.peek() {
            Some(..=b' ' | b'/') => self.some_blanks(),
            _ => Some(()),
        }
    }

    fn some_blanks(&mut self) -> Option<()> {
        loop {
            let mut rest = &self.text.as_bytes()[self.at..];
            loop {
                rest = match rest {
                    [b' ', b' ', b' ', b' ', rest @ ..] | [b' ' | b'\t' | b'\r', rest @ ..] => rest,
                    [b'\n', rest @ ..] => {
                        self.line = self.line.saturating_add(1);
                        rest
                    }
                    _ => break,
                }
            }
            self.at = self.text.len() - rest.len();
            match self.peek() {
                Some(b'/') if self.is_relaxed => {
                    let rest = &self.text.as_bytes()[self.at..];
                    let length = if rest.starts_with(b"//") {
                        memchr::memchr(b'\n', rest).unwrap_or(rest.len())
                    } else if rest.starts_with(b"/*") {
                        memchr::memmem::find(&rest[2..], b"*/")? + 4
                    } else {
                        return None;
                    };
                    self.line = self.line.saturating_add(line_ends(&rest[..length]));
                    self.at += length;
                }
                _ => return Some(()),
            }
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}
