//! The short reader: the part of TOML that programs write into lock files.

use std::borrow::Cow;
use std::collections::HashSet;

use super::super::quoted::plain;
use super::tree::{DEEPEST, Table, Value, place};

/// What a key may hold, and what a number or a moment may.
const KEY: u8 = 1;
const WORD: u8 = 2;

/// The classes of each byte.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    loop {
        classes[byte as usize] = match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => KEY | WORD,
            b'.' | b':' | b'+' => WORD,
            _ => 0,
        };
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

/// Reads a document. Whatever the short reader does not know makes it answer `None`.
pub(super) fn read<'a>(text: &'a str, skipped: &[&str]) -> Option<Table<'a>> {
    Reader { text, at: 0, line: 1, seen: 0, skipped }.document()
}

/// The short reader. Whatever it does not know makes it answer `None`.
struct Reader<'a, 's> {
    text: &'a str,
    at: usize,
    /// The line of `seen`.
    line: u32,
    seen: usize,
    skipped: &'s [&'s str],
}

impl<'a> Reader<'a, '_> {
    fn document(mut self) -> Option<Table<'a>> {
        // It may stand nowhere; other control characters are met where they stand.
        if memchr::memchr(0x7f, self.text.as_bytes()).is_some() {
            return None;
        }
        let mut root = Table { line: 1, ..Table::default() };
        self.entries(&mut root)?;
        while self.peek().is_some() {
            let line = self.line();
            self.at += 1;
            let is_list = self.take(b'[');
            let path = self.path()?;
            if !self.take(b']') || is_list && !self.take(b']') {
                return None;
            }
            self.end_of_line()?;
            let table = place(&mut root, &path, is_list, line)?;
            self.entries(table)?;
        }
        Some(root)
    }

    /// The keys up to the next header or the end.
    fn entries(&mut self, table: &mut Table<'a>) -> Option<()> {
        const FEW: usize = 32;
        let mut many: HashSet<Cow<'a, str>> = HashSet::new();
        loop {
            self.blank_lines()?;
            match self.peek() {
                None | Some(b'[') => return Some(()),
                Some(_) => {}
            }
            let key = self.key()?;
            let is_new = if table.entries.len() < FEW {
                table.entries.iter().all(|(known, _)| *known != key)
            } else {
                if many.is_empty() {
                    many.extend(table.entries.iter().map(|(known, _)| known.clone()));
                }
                many.insert(key.clone())
            };
            self.blanks();
            if !is_new || !self.take(b'=') {
                return None;
            }
            self.blanks();
            let value = self.value_of(&key, DEEPEST)?;
            table.entries.push((key, value));
            self.end_of_line()?;
        }
    }

    fn value_of(&mut self, key: &str, room: usize) -> Option<Value<'a>> {
        if self.skipped.contains(&key) { self.skip(room).map(|()| Value::Other) } else { self.value(room) }
    }

    fn value(&mut self, room: usize) -> Option<Value<'a>> {
        let room = room.checked_sub(1)?;
        match self.peek()? {
            b'"' | b'\'' => self.string().map(Value::Text),
            b'[' => {
                self.at += 1;
                let mut list = Vec::new();
                loop {
                    self.blank_lines()?;
                    if self.take(b']') {
                        return Some(Value::List(list));
                    }
                    list.push(self.value(room)?);
                    self.blank_lines()?;
                    if !self.take(b',') && self.peek() != Some(b']') {
                        return None;
                    }
                }
            }
            b'{' => self.inline_table(room).map(Value::Table),
            b't' if self.word("true") => Some(Value::Boolean(true)),
            b'f' if self.word("false") => Some(Value::Boolean(false)),
            b'0'..=b'9' => {
                let start = self.at;
                let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
                self.at += digits;
                // Leading noughts are wrong, and whatever goes on is a time, a fraction or an error.
                let is_whole = matches!(self.peek(), None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}' | b'#'));
                let is_short = digits < 19 && (digits == 1 || self.text.as_bytes()[start] != b'0');
                (is_whole && is_short).then_some(Value::Integer)
            }
            _ => None,
        }
    }

    fn inline_table(&mut self, room: usize) -> Option<Table<'a>> {
        let mut table = Table { line: self.line(), is_named: true, ..Table::default() };
        self.at += 1;
        self.blanks();
        if self.take(b'}') {
            return Some(table);
        }
        loop {
            self.blanks();
            let key = self.key()?;
            self.blanks();
            if table.entries.len() > 64 || table.entries.iter().any(|(known, _)| *known == key) || !self.take(b'=') {
                return None;
            }
            self.blanks();
            let value = self.value_of(&key, room)?;
            table.entries.push((key, value));
            self.blanks();
            if self.take(b'}') {
                return Some(table);
            }
            if !self.take(b',') {
                return None;
            }
        }
    }

    /// Passes over a value, whose form is seen to; of words only their characters are.
    fn skip(&mut self, room: usize) -> Option<()> {
        let room = room.checked_sub(1)?;
        match self.peek()? {
            b'"' | b'\'' => self.string().map(drop),
            b'[' => {
                self.at += 1;
                loop {
                    self.blank_lines()?;
                    if self.take(b']') {
                        return Some(());
                    }
                    self.skip(room)?;
                    self.blank_lines()?;
                    if !self.take(b',') && self.peek() != Some(b']') {
                        return None;
                    }
                }
            }
            b'{' => {
                self.at += 1;
                self.blanks();
                if self.take(b'}') {
                    return Some(());
                }
                loop {
                    self.blanks();
                    if !self.skip_regular() {
                        self.key()?;
                        self.blanks();
                        if !self.take(b'=') {
                            return None;
                        }
                        self.blanks();
                        self.skip(room)?;
                    }
                    self.blanks();
                    if self.take(b'}') {
                        return Some(());
                    }
                    if !self.take(b',') {
                        return None;
                    }
                }
            }
            _ => {
                let length = self.length(WORD);
                self.at += length;
                (length > 0).then_some(())
            }
        }
    }

    /// Passes over a key and a string, if they stand as programs write them: most of what is passed over is that.
    fn skip_regular(&mut self) -> bool {
        let key = self.length(KEY);
        let Some(text) = self.rest()[key..].strip_prefix(b" = \"").filter(|_| key > 0) else { return false };
        let length = plain(text, b'"');
        // Two quotes in a row may open a string of several lines.
        let is_regular = length > 0 && text.get(length) == Some(&b'"');
        if is_regular {
            self.at += key + 4 + length + 1;
        }
        is_regular
    }

    /// A dotted path of keys, in a header.
    fn path(&mut self) -> Option<Vec<Cow<'a, str>>> {
        let mut path = Vec::new();
        loop {
            self.blanks();
            path.push(self.key()?);
            self.blanks();
            if !self.take(b'.') {
                return Some(path);
            }
        }
    }

    /// A single key. A dotted one is not for this reader.
    fn key(&mut self) -> Option<Cow<'a, str>> {
        if matches!(self.peek()?, b'"' | b'\'') {
            return self.string();
        }
        let start = self.at;
        let length = self.length(KEY);
        self.at += length;
        (length > 0).then(|| Cow::Borrowed(&self.text[start..self.at]))
    }

    /// A string on one line. Escapes other than of quotes and backslashes are not for this reader.
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let quote = self.peek()?;
        let start = self.at + 1;
        let rest = &self.text.as_bytes()[start..];
        let length = plain(rest, quote);
        self.at = start + length;
        match *rest.get(length)? {
            // Two quotes in a row may open a string of several lines.
            end if end == quote && (length > 0 || rest.get(1) != Some(&quote)) => {
                self.at += 1;
                Some(Cow::Borrowed(&self.text[start..start + length]))
            }
            b'\\' if quote == b'"' => self.escaped(self.text[start..start + length].to_owned()).map(Cow::Owned),
            _ => None,
        }
    }

    /// The rest of a string from its first escape on.
    fn escaped(&mut self, mut out: String) -> Option<String> {
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(out);
                }
                b'\\' => {
                    let escaped = self.rest().get(1).copied().filter(|byte| matches!(byte, b'"' | b'\\'))?;
                    out.push(char::from(escaped));
                    self.at += 2;
                }
                ..b' ' => return None,
                _ => {
                    let length = plain(self.rest(), b'"');
                    out.push_str(&self.text[self.at..self.at + length]);
                    self.at += length;
                }
            }
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let is_there = self.rest().starts_with(word.as_bytes());
        let goes_on = self.rest().get(word.len()).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        if is_there && !goes_on {
            self.at += word.len();
        }
        is_there && !goes_on
    }

    fn end_of_line(&mut self) -> Option<()> {
        self.blanks();
        match self.peek() {
            None | Some(b'\n') => Some(()),
            Some(b'\r') if self.rest().get(1) == Some(&b'\n') => Some(()),
            Some(b'#') => self.comment(),
            Some(_) => None,
        }
    }

    fn comment(&mut self) -> Option<()> {
        let length = memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
        let is_plain = self.rest()[..length].iter().all(|byte| *byte >= b' ' || matches!(byte, b'\t' | b'\r'));
        self.at += length;
        is_plain.then_some(())
    }

    /// Passes over white space, ends of lines and comments.
    fn blank_lines(&mut self) -> Option<()> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n') => self.at += 1,
                Some(b'\r') if self.rest().get(1) == Some(&b'\n') => self.at += 2,
                Some(b'\r') => return None,
                Some(b'#') => self.comment()?,
                _ => return Some(()),
            }
        }
    }

    /// How many bytes of some classes stand here.
    fn length(&self, classes: u8) -> usize {
        let rest = self.rest();
        rest.iter().position(|byte| CLASSES[usize::from(*byte)] & classes == 0).unwrap_or(rest.len())
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
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

    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// The line here. Asked in the order of the text, it counts every byte once.
    fn line(&mut self) -> u32 {
        let newlines = memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.seen..self.at]).count();
        self.line = self.line.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
        self.seen = self.at;
        self.line
    }
}
