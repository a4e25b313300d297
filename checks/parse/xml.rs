//! XML, as far and as strictly as the language of the reference reads it.
//!
//! A reader of our own, because which files count as malformed decides scores, and libraries draw other lines: here
//! namespaces need no declaration, an attribute may stand twice, document types are stepped over, nothing behind the
//! root is read, and an encoding other than UTF-8 is refused.

mod tree;

use std::fmt;

pub(super) use tree::{Element, Tree};

/// Why a text is no XML that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlError {
    /// The line, counted from 1.
    pub line: u32,
    /// What is wrong, in a few words.
    pub what: &'static str,
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for XmlError {}

/// A part of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// An element begins: its name without prefix, and its attributes, likewise. An empty element ends at once.
    Start(&'a [u8], Vec<(&'a [u8], Vec<u8>)>),
    /// The element ends that began last.
    End,
    /// Text, references replaced.
    Text(Vec<u8>),
}

/// A reader of events. It is over at the end of the root, or at the first error.
pub(super) struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// Prefix and name of what is open. A list, not the program's own stack: texts are hostile.
    open: Vec<(&'a [u8], &'a [u8])>,
    ends: bool,
    /// How far lines have been counted, and how many line feeds there were.
    counted: (usize, u32),
}

const EOF: &str = "it ends too early";

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, open: Vec::new(), ends: false, counted: (0, 0) }
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The line that has been reached, counted from 1.
    pub(super) fn line(&mut self) -> u32 {
        let (from, feeds) = self.counted;
        let more = memchr::memchr_iter(b'\n', &self.text[from..self.at]).count();
        self.counted = (self.at, feeds.saturating_add(u32::try_from(more).unwrap_or(u32::MAX)));
        self.counted.1.saturating_add(1)
    }

    /// An error on the line that has been reached.
    pub(super) fn error(&mut self, what: &'static str) -> XmlError {
        XmlError { line: self.line(), what }
    }

    /// The next event. The caller stops at the end of the root.
    pub(super) fn next(&mut self) -> Result<Event<'a>, XmlError> {
        match self.read() {
            Ok(event) => Ok(event),
            Err(what) => Err(self.error(what)),
        }
    }

    fn read(&mut self) -> Result<Event<'a>, &'static str> {
        if std::mem::take(&mut self.ends) {
            self.open.pop();
            return Ok(Event::End);
        }
        loop {
            let rest = &self.text[self.at..];
            if rest.is_empty() {
                return Err(EOF);
            }
            if rest[0] != b'<' {
                return self.characters(None).map(Event::Text);
            }
            self.at += 1;
            match self.byte()? {
                b'/' => {
                    self.at += 1;
                    return self.end();
                }
                b'?' => {
                    self.at += 1;
                    self.instruction()?;
                }
                b'!' => {
                    self.at += 1;
                    if let Some(text) = self.declaration()? {
                        return Ok(Event::Text(text));
                    }
                }
                _ => return self.start(),
            }
        }
    }

    fn byte(&self) -> Result<u8, &'static str> {
        self.text.get(self.at).copied().ok_or(EOF)
    }

    fn blanks(&mut self) {
        while matches!(self.text.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn raw_name(&mut self) -> Result<&'a [u8], &'static str> {
        let start = self.at;
        while is_name_byte(self.byte()?) {
            self.at += 1;
        }
        let name = &self.text[start..self.at];
        if is_name(name) { Ok(name) } else { Err("a name is missing or not allowed") }
    }

    /// A name as prefix and rest. A colon at either end is part of the name.
    fn name(&mut self) -> Result<(&'a [u8], &'a [u8]), &'static str> {
        let name = self.raw_name()?;
        let mut colons = memchr::memchr_iter(b':', name);
        match (colons.next(), colons.next()) {
            (_, Some(_)) => Err("a name has two colons"),
            (Some(colon), None) if colon > 0 && colon + 1 < name.len() => Ok((&name[..colon], &name[colon + 1..])),
            _ => Ok((&[], name)),
        }
    }

    fn start(&mut self) -> Result<Event<'a>, &'static str> {
        let name = self.name()?;
        let mut attributes = Vec::new();
        loop {
            self.blanks();
            match self.byte()? {
                b'/' => {
                    self.at += 1;
                    if self.byte()? != b'>' {
                        return Err("a stroke inside a tag");
                    }
                    self.at += 1;
                    self.ends = true;
                    break;
                }
                b'>' => {
                    self.at += 1;
                    break;
                }
                _ => {}
            }
            let (_, attribute) = self.name()?;
            self.blanks();
            if self.byte()? != b'=' {
                return Err("an attribute without value");
            }
            self.at += 1;
            self.blanks();
            let quote = self.byte()?;
            if !matches!(quote, b'"' | b'\'') {
                return Err("an attribute without quotes");
            }
            self.at += 1;
            attributes.push((attribute, self.characters(Some(quote))?));
        }
        self.open.push(name);
        Ok(Event::Start(name.1, attributes))
    }

    fn end(&mut self) -> Result<Event<'a>, &'static str> {
        let name = self.name()?;
        self.blanks();
        if self.byte()? != b'>' {
            return Err("more than a name in the end of an element");
        }
        self.at += 1;
        if self.open.pop() == Some(name) { Ok(Event::End) } else { Err("an end of an element that is not open") }
    }

    /// Moves behind the first place where a mark stands, and gives what is before it.
    fn until(&mut self, mark: &[u8]) -> Result<&'a [u8], &'static str> {
        let rest = &self.text[self.at..];
        let length = memchr::memmem::find(rest, mark).ok_or(EOF)?;
        self.at += length + mark.len();
        Ok(&rest[..length])
    }

    fn instruction(&mut self) -> Result<(), &'static str> {
        let target = self.raw_name()?;
        self.blanks();
        let content = self.until(b"?>")?;
        if target != b"xml" {
            return Ok(());
        }
        if !matches!(setting(content, b"version="), b"" | b"1.0") {
            return Err("a version of XML other than 1.0");
        }
        match setting(content, b"encoding=") {
            b"" => Ok(()),
            encoding if encoding.eq_ignore_ascii_case(b"utf-8") => Ok(()),
            _ => Err("an encoding other than UTF-8"),
        }
    }

    /// A comment, a CDATA section, whose text it gives, or a document type.
    fn declaration(&mut self) -> Result<Option<Vec<u8>>, &'static str> {
        let rest = &self.text[self.at..];
        if rest.starts_with(b"-") {
            if !rest.starts_with(b"--") {
                return Err(if rest.len() < 2 { EOF } else { "half a comment" });
            }
            self.at += 2;
            self.until(b"--")?;
            if self.byte()? != b'>' {
                return Err("two dashes inside a comment");
            }
            self.at += 1;
            return Ok(None);
        }
        if rest.starts_with(b"[") {
            if !rest.starts_with(b"[CDATA[") {
                return Err("a section other than CDATA");
            }
            self.at += b"[CDATA[".len();
            let text = line_ends(self.until(b"]]>")?);
            check(&text)?;
            return Ok(Some(text));
        }
        let (mut depth, mut quote) = (0_usize, None);
        // The first byte counts for nothing, be it a quote or a bracket.
        self.byte()?;
        self.at += 1;
        loop {
            let byte = self.byte()?;
            self.at += 1;
            match byte {
                _ if quote == Some(byte) => quote = None,
                _ if quote.is_some() => {}
                b'"' | b'\'' => quote = Some(byte),
                b'>' if depth == 0 => return Ok(None),
                b'>' => depth -= 1,
                b'<' if self.text[self.at..].starts_with(b"!--") => {
                    self.at += 3;
                    self.until(b"-->")?;
                }
                b'<' => depth += 1,
                _ => {}
            }
        }
    }

    /// Text up to the next tag, or the value of an attribute up to its quote.
    fn characters(&mut self, quote: Option<u8>) -> Result<Vec<u8>, &'static str> {
        let mut out = Vec::new();
        let mut run = self.at;
        loop {
            let rest = &self.text[self.at..];
            match rest.first().copied() {
                None if quote.is_some() => return Err(EOF),
                None => break,
                Some(b'<') if quote.is_some() => return Err("a bracket inside an attribute"),
                Some(b'<') => break,
                Some(byte) if quote == Some(byte) => break,
                Some(b'&') => {
                    out.extend(line_ends(&self.text[run..self.at]));
                    let c = self.reference()?;
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    run = self.at;
                }
                // A reference between them parts brackets.
                Some(b'>') if quote.is_none() && self.text[run..self.at].ends_with(b"]]") => {
                    return Err("the end of a CDATA section in text");
                }
                Some(_) => self.at += 1,
            }
        }
        out.extend(line_ends(&self.text[run..self.at]));
        self.at += usize::from(quote.is_some());
        check(&out)?;
        Ok(out)
    }

    fn reference(&mut self) -> Result<char, &'static str> {
        const UNKNOWN: &str = "an unknown reference";
        self.at += 1;
        let rest = &self.text[self.at..];
        let end = rest.iter().position(|byte| !is_name_byte(*byte) && *byte != b'#').ok_or(EOF)?;
        let (name, ends) = (&rest[..end], rest[end] == b';');
        self.at += end + usize::from(ends);
        if !ends {
            return Err(UNKNOWN);
        }
        match name {
            b"lt" => Ok('<'),
            b"gt" => Ok('>'),
            b"amp" => Ok('&'),
            b"apos" => Ok('\''),
            b"quot" => Ok('"'),
            [b'#', b'x', digits @ ..] => number(digits, 16).ok_or(UNKNOWN),
            [b'#', digits @ ..] => number(digits, 10).ok_or(UNKNOWN),
            _ => Err(UNKNOWN),
        }
    }
}

fn number(digits: &[u8], radix: u32) -> Option<char> {
    if digits.is_empty() {
        return None;
    }
    let number = digits.iter().try_fold(0_u32, |number, digit| {
        let number = number * radix + char::from(*digit).to_digit(radix)?;
        (number <= 0x10_ffff).then_some(number)
    })?;
    // Halves of a pair are mended.
    Some(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// The value of a setting in an XML declaration; empty if there is none.
fn setting<'a>(mut content: &'a [u8], name: &[u8]) -> &'a [u8] {
    while let Some(at) = memchr::memmem::find(content, name) {
        content = &content[at + name.len()..];
        let Some((quote, rest)) = content.split_first() else { break };
        if matches!(quote, b'"' | b'\'') {
            return memchr::memchr(*quote, rest).map_or(&[], |end| &rest[..end]);
        }
        content = rest;
    }
    &[]
}

/// All line ends as line feeds.
fn line_ends(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'\r' => out.push(b'\n'),
            b'\n' if at > 0 && text[at - 1] == b'\r' => {}
            byte => out.push(*byte),
        }
    }
    out
}

/// Whether all characters are allowed.
fn check(text: &[u8]) -> Result<(), &'static str> {
    let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8")?;
    let is_allowed = |c: char| !matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    if text.chars().all(is_allowed) { Ok(()) } else { Err("a control character") }
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.' | b'-') || !byte.is_ascii()
}

/// Outside ASCII all letters, digits and the common combining marks are taken, which is nearly what the standard has.
fn is_name(name: &[u8]) -> bool {
    let Ok(name) = std::str::from_utf8(name) else { return false };
    let is_first = |c: char| matches!(c, '_' | ':') || c.is_alphabetic();
    let is_other = |c: char| is_first(c) || c.is_numeric() || matches!(c, '.' | '-' | '\u{b7}' | '\u{300}'..='\u{36f}');
    name.chars().next().is_some_and(is_first) && name.chars().all(is_other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All events up to the end of the root, in short.
    fn read(text: &[u8]) -> Result<String, XmlError> {
        let mut reader = Reader::new(text);
        let mut out = String::new();
        loop {
            match reader.next()? {
                Event::Start(name, attributes) => {
                    out += &format!("<{}", String::from_utf8_lossy(name));
                    for (name, value) in attributes {
                        out += &format!(" {}={}", String::from_utf8_lossy(name), String::from_utf8_lossy(&value));
                    }
                    out += ">";
                }
                Event::End if reader.depth() == 0 => return Ok(out + "/"),
                Event::End => out += "/",
                Event::Text(text) => out += &String::from_utf8_lossy(&text),
            }
        }
    }

    #[test]
    fn what_is_read() {
        for (text, want) in [
            ("<a/>", "<a>/"),
            ("\u{feff}<?xml version='1.0' encoding=\"UTF-8\"?>\n<a >x</a >", "\u{feff}\n<a>x/"),
            ("<p:a x='1' q:x = \"2\" x='a>b'/>", "<a x=1 x=2 x=a>b>/"),
            ("<a>&lt;&#65;&#x41;&amp;&quot;&apos;&gt;</a>", "<a><AA&\"'>/"),
            ("<a>x<!-- - y --><![CDATA[<&]]]]><b/>z</a>", "<a>x<&]]<b>/z/"),
            ("<!DOCTYPE a [<!ENTITY x '>'> <!-- > ' --> ]><a/>", "<a>/"),
            ("<a>\r\n\r&#13;\n</a>", "<a>\n\n\r\n/"),
            ("<a></a></b> & garbage", "<a>/"),
            ("<a>]]&gt; ]&#93;></a>", "<a>]]> ]]>/"),
            ("<a x=']]>'/>", "<a x=]]>>/"),
            ("<a:/>", "<a:>/"),
            ("<?x?><?xml version=x version='1.0'?><é.1/>", "<é.1>/"),
            ("<a>&#xD800;</a>", "<a>\u{fffd}/"),
            ("text <a/>", "text <a>/"),
            ("<!>><a/>", "<a>/"),
        ] {
            assert_eq!(read(text.as_bytes()).as_deref(), Ok(want), "{text}");
        }
    }

    #[test]
    fn what_is_refused() {
        for text in [
            "",
            " ",
            "x",
            "<",
            "<a",
            "<a>",
            "<a><b></a>",
            "<a></b>",
            "</a>",
            "<a></x:a>",
            "<a x/>",
            "<a x=1/>",
            "<a x='1/>",
            "<a x='<'/>",
            "<a / >",
            "<a>&nbsp;</a>",
            "<a>&lt</a>",
            "<a>&</a>",
            "<a>&#;</a>",
            "<a>&#x110000;</a>",
            "<a>&#99999999999;</a>",
            "<a>&#0;</a>",
            "<a>]]></a>",
            "<a>\u{1}</a>",
            "<a>\u{ffff}</a>",
            "<1/>",
            "<a:b:c/>",
            "< a/>",
            "<a><!-- -- --></a>",
            "<a><!- --></a>",
            "<a><![X[]]></a>",
            "<a><![CDATA[x</a>",
            "<!DOCTYPE a",
            "<?xml version='1.1'?><a/>",
            "<?xml encoding='utf-16'?><a/>",
            "<? x?><a/>",
            "<a>&#1a;</a>",
            "<a></a x>",
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read(b"<a>\xff</a>").is_err() && read(b"<a\xff/>").is_err() && read(b"<a x='\xff'/>").is_err());
        assert!(read(b"<a><!-- \xff --></a>").is_ok());
        assert_eq!(read(b"<a>\n<b>\n</a>").expect_err("it is wrong").line, 3);
    }

    #[test]
    fn hostile_texts_take_linear_time() {
        for piece in ["<a>", "<a x='", "&#", "<!", "<!--", "]]", "<a b='' c=''/>", "<![CDATA[", "<?", "&amp;", "<!<"] {
            let _ = read(piece.repeat(50_000).as_bytes());
            let _ = read(format!("<a>{}", piece.repeat(50_000)).as_bytes());
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&text);
        }

        #[test]
        fn nor_do_the_pieces_of_one(pieces in proptest::collection::vec(prop::sample::select(vec![
            "<", ">", "/", "a", ":", "=", "'", "\"", "&", "#", ";", "x41", "lt", "!", "--", "[CDATA[", "]]", "?", "xml", "version=", " ", "\r\n", "é", "<a>", "</a>",
        ]), 0..40)) {
            let _ = read(pieces.concat().as_bytes());
        }
    }
}
