//! TOML as lock files need it: a tree with lines, in which values that nobody asks for are passed over.
//!
//! Lock files are long, regular and written by programs. A short reader of our own takes the part of the language that
//! they use, several times as fast as a whole parser; where it meets anything else it gives up, and the whole parser
//! decides, also what an error is.

mod tree;

use std::borrow::Cow;
use std::collections::HashSet;

use self::tree::{DEEPEST, place};
pub(super) use self::tree::{Table, Value};
use super::quoted::plain;
use crate::evidence::Unread;

/// Reads a document; `skipped` are the keys whose values are passed over wherever they stand.
pub(super) fn parse<'a>(text: &'a [u8], skipped: &[&str]) -> Result<Table<'a>, Unread> {
    let text = std::str::from_utf8(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)).map_err(|error| {
        let before = &text[..error.valid_up_to().min(text.len())];
        Unread { line: Some(line_of(before)), why: "is no UTF-8".to_owned() }
    })?;
    match (Reader { text, at: 0, line: 1, seen: 0, skipped }).document() {
        Some(table) => Ok(table),
        None => whole(text),
    }
}

/// The line on which what follows this text begins.
fn line_of(before: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).unwrap_or(u32::MAX)
}

/// Reads any document.
fn whole(text: &str) -> Result<Table<'_>, Unread> {
    let read = toml::de::DeTable::parse(text).map_err(|error| Unread {
        line: error.span().map(|span| line_of(&text.as_bytes()[..span.start.min(text.len())])),
        why: error.message().to_owned(),
    })?;
    // Tables come sorted by key, so that lines have to be told from the beginning each time; few files come here.
    let lines: Vec<usize> = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
    let line = |start: usize| u32::try_from(lines.partition_point(|newline| *newline < start) + 1).unwrap_or(u32::MAX);
    Ok(converted(read.get_ref(), 1, &line))
}

fn converted<'a>(table: &toml::de::DeTable<'a>, line: u32, line_at: &dyn Fn(usize) -> u32) -> Table<'a> {
    let entries = table.iter().map(|(key, value)| (key.get_ref().clone(), converted_value(value, line_at))).collect();
    Table { line, entries, is_named: false }
}

fn converted_value<'a>(value: &toml::Spanned<toml::de::DeValue<'a>>, line_at: &dyn Fn(usize) -> u32) -> Value<'a> {
    use toml::de::DeValue;
    match value.get_ref() {
        DeValue::String(text) => Value::Text(text.clone()),
        DeValue::Integer(_) => Value::Integer,
        DeValue::Boolean(is) => Value::Boolean(*is),
        DeValue::Array(list) => Value::List(list.iter().map(|value| converted_value(value, line_at)).collect()),
        DeValue::Table(table) => Value::Table(converted(table, line_at(value.span().start), line_at)),
        _ => Value::Other,
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    /// What the short reader says, or `None` where it gives up.
    fn short(text: &str) -> Option<Table<'_>> {
        Reader { text, at: 0, line: 1, seen: 0, skipped: &[] }.document()
    }

    /// The same without order and lines, in which the two readers differ.
    fn plain(table: &Table<'_>) -> String {
        let mut entries: Vec<String> = table.iter().map(|(key, value)| format!("{key:?}={}", plain_value(value))).collect();
        entries.sort();
        format!("{{{}}}", entries.join(","))
    }

    fn plain_value(value: &Value<'_>) -> String {
        match value {
            Value::Table(table) => plain(table),
            Value::List(list) => format!("[{}]", list.iter().map(plain_value).collect::<Vec<_>>().join(",")),
            other => format!("{other:?}"),
        }
    }

    const LOCK: &str = "# made by a program\nversion = 4\n\n[[package]]\nname = \"a\"\nsource = { registry = 'x', n = 1 }\ndeps = [\n \"b\", # why\n \"c 1.0\",\n]\n\n[package.extra]\ntest = [\"d\"]\n\n[[package]]\nname = \"b\"\nok = true\n\n[metadata]\n\"a b\" = \"c\"\r\n";

    #[test]
    fn what_lock_files_use_is_read_at_once() {
        let table = short(LOCK).expect("regular");
        assert_eq!(plain(&table), plain(&whole(LOCK).expect("valid")));
        let packages = table.tables("package").expect("tables");
        assert_eq!(packages.iter().map(|package| package.line).collect::<Vec<_>>(), [4, 15]);
        assert_eq!(packages[0].text("NAME"), Ok(Some("a")));
        assert_eq!(packages[0].table("extra").expect("a table").expect("there").list("test").expect("a list").len(), 1);
        assert!(packages[1].text("ok").is_err());
    }

    #[test]
    fn whatever_else_there_is_the_whole_parser_reads() {
        for text in [
            "a.b = 1",
            "a = \"\\u0041\"",
            "a = \"\"\"\nx\"\"\"",
            "a = 1979-05-27",
            "a = 1.5",
            "a = 0x1f",
            "a = -1",
            "[a]\nx=1\n[a]\ny=1",
            "[a.b]\n[a]",
            "a = 1\na = 2",
            "a = 01",
            "a = [1,,2]",
            "a = {x = 1",
            "a = [1]\n[[a]]",
            "a = \"\u{7f}\"",
            "a = true1",
            "[a] x",
            "a = 1 b = 2",
            "\u{a0} = 1",
        ] {
            assert_eq!(short(text), None, "{text:?}");
        }
        assert_eq!(parse(b"a.b = \"\\u0041\"", &[]).expect("valid").table("a").expect("a table").expect("there").text("b"), Ok(Some("A")));
        assert_eq!(parse(b"x = 1\na = 2\na = 3", &[]).expect_err("twice").line, Some(3));
        assert_eq!(parse(b"x = 1\na = \"\xff\"", &[]).expect_err("no UTF-8").line, Some(2));
    }

    #[test]
    fn what_nobody_asks_for_is_passed_over() {
        let text = b"a = [{x = \"]\", y = [1]}, # }\n 2]\nb = 1\nc = { a = 'x', d = \"y\" }\nf = \"z\"";
        let table = parse(text, &["a", "f"]).expect("valid");
        assert_eq!(table.get("a"), Some(&Value::Other));
        assert_eq!(table.get("b"), Some(&Value::Integer));
        assert_eq!(table.table("c").expect("a table").expect("there").text("d"), Ok(Some("y")));
        assert_eq!(table.get("f"), Some(&Value::Other));
        for text in ["a = {x = = 1}", "a = {x =+ \"1\"}", "a = [1 2]", "a = {x = 1", "a = [}", "a = \"x\" y", "a = "] {
            assert!(parse(text.as_bytes(), &["a"]).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_the_short_reader_takes_the_whole_one_takes_alike(text in "(\\[{1,2}[ab.\"]{1,4}\\]{1,2}|[ab\"]{1,2} ?= ?([0-9]{1,2}|\"[a #\\[]?\"|'b'|\\[(1, ?)?\"x\"\n?,? ?\\]|\\{ ?a = 1(, b = [12])? ?\\}|true)|#[ a]?|\n|\r\n| ){0,12}") {
            if let Some(table) = short(&text) {
                let whole = whole(&text).map(|table| plain(&table));
                proptest::prop_assert_eq!(Ok(plain(&table)), whole);
            }
        }

        #[test]
        fn nothing_makes_it_panic(text in proptest::collection::vec(proptest::num::u8::ANY, 0..64)) {
            let _ = parse(&text, &["a"]);
        }
    }
}
