//! Arrays of strings in JSON: the exec form.
//!
//! A reader of our own, because what the reference takes for JSON decides between three readings of a line, and
//! libraries draw other bounds: it nests up to 10,000 deep, mends lone surrogates and broken bytes, and refuses numbers
//! that are too large.

use super::text::{char_at, trim_start};

/// What a text is, read as an array of strings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Array {
    /// An array of strings.
    Strings(Vec<Vec<u8>>),
    /// An array, but not of strings alone.
    Mixed,
    /// No array in JSON.
    No,
}

const DEEPEST: usize = 10_000;

/// Reads a text that begins with a bracket, or does not. White space before it may be any.
pub(super) fn array(text: &[u8]) -> Array {
    let text = trim_start(text);
    if text.first() != Some(&b'[') {
        return Array::No;
    }
    let mut reader = Reader { text, at: 0, open: Vec::new(), strings: Vec::new(), mixed: false };
    match reader.read() {
        None => Array::No,
        Some(()) if reader.mixed => Array::Mixed,
        Some(()) => Array::Strings(reader.strings),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Array,
    Object,
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// What is open. A list, not the program's own stack: texts are hostile.
    open: Vec<Open>,
    strings: Vec<Vec<u8>>,
    mixed: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn read(&mut self) -> Option<()> {
        loop {
            self.blanks();
            if !self.opens()? {
                self.closes()?;
                if self.open.is_empty() {
                    self.blanks();
                    return (self.at == self.text.len()).then_some(());
                }
            }
        }
    }

    /// Reads a value; says whether it is a container that has just been opened and is not empty.
    fn opens(&mut self) -> Option<bool> {
        let byte = self.peek()?;
        // An element of the outermost array that is no string.
        self.mixed |= self.open.len() == 1 && byte != b'"';
        match byte {
            b'[' | b'{' => {
                let kind = if byte == b'[' { Open::Array } else { Open::Object };
                self.at += 1;
                self.open.push(kind);
                if self.open.len() > DEEPEST {
                    return None;
                }
                self.blanks();
                if self.eat(if kind == Open::Array { b']' } else { b'}' }) {
                    self.open.pop();
                    return Some(false);
                }
                if kind == Open::Object {
                    self.key()?;
                }
                Some(true)
            }
            b'"' => {
                let text = self.string()?;
                if self.open.len() == 1 {
                    self.strings.push(text);
                }
                Some(false)
            }
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    /// What follows a value: the next element, or the ends of containers.
    fn closes(&mut self) -> Option<()> {
        while let Some(kind) = self.open.last().copied() {
            self.blanks();
            if self.eat(b',') {
                self.blanks();
                return if kind == Open::Object { self.key() } else { Some(()) };
            }
            if !self.eat(if kind == Open::Array { b']' } else { b'}' }) {
                return None;
            }
            self.open.pop();
        }
        Some(())
    }

    fn key(&mut self) -> Option<()> {
        self.string()?;
        self.blanks();
        self.eat(b':').then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<bool> {
        self.text[self.at..].starts_with(word).then(|| self.at += word.len())?;
        Some(false)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<bool> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        let number = std::str::from_utf8(&self.text[start..self.at]).ok()?;
        number.parse::<f64>().ok().filter(|number| number.is_finite()).map(|_| false)
    }

    fn string(&mut self) -> Option<Vec<u8>> {
        if !self.eat(b'"') {
            return None;
        }
        let mut out = Vec::new();
        loop {
            match char_at(self.text, self.at) {
                (_, 0) | (Some('\0'..='\x1f'), _) => return None,
                (Some('"'), _) => {
                    self.at += 1;
                    return Some(out);
                }
                (Some('\\'), _) => {
                    self.at += 1;
                    let c = self.escaped()?;
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                (Some(_), length) => {
                    out.extend_from_slice(&self.text[self.at..self.at + length]);
                    self.at += length;
                }
                (None, _) => {
                    out.extend_from_slice("\u{fffd}".as_bytes());
                    self.at += 1;
                }
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex(self.at)?;
                self.at += 4;
                if let Some(c) = char::from_u32(first) {
                    return Some(c);
                }
                let second = if self.text[self.at..].starts_with(b"\\u") { self.hex(self.at + 2) } else { None };
                match (first, second) {
                    (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) => {
                        self.at += 6;
                        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))?
                    }
                    _ => char::REPLACEMENT_CHARACTER,
                }
            }
            _ => return None,
        })
    }

    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4)?;
        digits.iter().try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_readings() {
        for text in ["", "x", "[ -f x ] && y", "['a']", "[\"a\",]", "[,]", "[\"a\" \"b\"]", "[\"a\"] x", "[\"\u{1}\"]", "[\"\\x\"]"] {
            assert_eq!(array(text.as_bytes()), Array::No, "{text}");
        }
        for text in
            ["[01]", "[1.]", "[1e999]", "[-]", "[tru]", "[{\"a\"}]", "[{a:1}]", "[{\"a\":1,}]", "[[]", "[\"\\ud8\"]", "[+1]", "[1 2]"]
        {
            assert_eq!(array(text.as_bytes()), Array::No, "{text}");
        }
        for text in ["[1]", "[\"a\", null]", "[[\"a\"]]", "[{\"a\": [1, {}], \"b\": \"c\"}]", "[true,false,-0.5E-3]", "[1e-999]", "[[]]"] {
            assert_eq!(array(text.as_bytes()), Array::Mixed, "{text}");
        }
        assert_eq!(array("\u{a0}[]".as_bytes()), Array::Strings(Vec::new()));
        let strings = array(br#"[ "a" , "\u00e9\"\/\ud83d\ude00\ud800\ud800\u0041" ] "#);
        assert_eq!(strings, Array::Strings(vec![b"a".to_vec(), "é\"/😀\u{fffd}\u{fffd}A".as_bytes().to_vec()]));
        assert_eq!(array(b"[\"\xff\xc3\"]"), Array::Strings(vec!["\u{fffd}\u{fffd}".as_bytes().to_vec()]));
    }

    #[test]
    fn nesting_has_the_references_bound() {
        let nested = |n: usize| array([vec![b'['; n], vec![b']'; n]].concat().as_slice());
        assert_eq!(nested(10_000), Array::Mixed);
        assert_eq!(nested(10_001), Array::No);
        assert_eq!(array(&vec![b'['; 500_000]), Array::No);
    }
}
