//! From a text to its value, byte by byte.

use std::borrow::Cow;

use super::super::quoted::plain;
use super::{Object, Skips, Value};

/// How deep values may stand in each other.
const DEEPEST: usize = 256;

/// A text, and how far it was read. What is no JSON makes it answer `None`, and stay where that is.
pub(super) struct Reader<'a, 's> {
    pub(super) text: &'a str,
    /// The next byte.
    pub(super) at: usize,
    pub(super) skips: &'s Skips<'s>,
    /// Comments, and commas at the end of lists, may stand in it.
    pub(super) is_relaxed: bool,
}

impl<'a> Reader<'a, '_> {
    /// The value.
    pub(super) fn document(&mut self) -> Option<Value<'a>> {
        self.blanks()?;
        self.value(true, DEEPEST)
    }

    /// A value; where it is not kept it is passed over, as strictly.
    fn value(&mut self, keeps: bool, room: usize) -> Option<Value<'a>> {
        let room = room.checked_sub(1)?;
        let value = match self.peek()? {
            b'{' => return self.object(keeps, room),
            b'[' => return self.list(keeps, room),
            b'"' => Value::Text(self.string()?),
            b't' => self.word("true", Value::Boolean(true))?,
            b'f' => self.word("false", Value::Boolean(false))?,
            b'n' => self.word("null", Value::Null)?,
            _ => Value::Number(self.number()?),
        };
        Some(if keeps { value } else { Value::Skipped })
    }

    fn object(&mut self, keeps: bool, room: usize) -> Option<Value<'a>> {
        let mut members = Vec::new();
        self.at += 1;
        self.blanks()?;
        if self.take(b'}') {
            return Some(if keeps { Value::Object(Object(members)) } else { Value::Skipped });
        }
        loop {
            let at = self.at;
            if self.peek()? != b'"' {
                return None;
            }
            let key = self.string()?;
            self.blanks()?;
            if !self.take(b':') {
                return None;
            }
            self.blanks()?;
            let is_kept = keeps && !(self.skips)(DEEPEST - room, &key);
            let value = self.value(is_kept, room)?;
            if is_kept {
                members.push((key, at, value));
            }
            if self.is_last(b'}')? {
                return Some(if keeps { Value::Object(Object(members)) } else { Value::Skipped });
            }
        }
    }

    fn list(&mut self, keeps: bool, room: usize) -> Option<Value<'a>> {
        let mut list = Vec::new();
        self.at += 1;
        self.blanks()?;
        if self.take(b']') {
            return Some(if keeps { Value::List(list) } else { Value::Skipped });
        }
        loop {
            let at = self.at;
            let value = self.value(keeps, room)?;
            if keeps {
                list.push((at, value));
            }
            if self.is_last(b']')? {
                return Some(if keeps { Value::List(list) } else { Value::Skipped });
            }
        }
    }

    /// Whether a list or an object ends here; else the next of it begins.
    fn is_last(&mut self, end: u8) -> Option<bool> {
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

    fn word(&mut self, word: &str, value: Value<'a>) -> Option<Value<'a>> {
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
            let rest = &self.text.as_bytes()[self.at..];
            // One blank behind a colon, or a line's end and many of them.
            let (eights, _) = rest.get(1..).unwrap_or_default().as_chunks::<8>();
            let many = eights.iter().take_while(|eight| **eight == *b"        ").count() * 8;
            let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
            let begin = if rest.first().is_some_and(is_blank) { 1 + many } else { 0 };
            self.at += begin + rest[begin..].iter().position(|byte| !is_blank(byte)).unwrap_or(rest.len() - begin);
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
