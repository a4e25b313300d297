//! JSON as lock files have it: a tree with places, read as Go's `encoding/json` does, which is how the reference reads.
//!
//! Keys match in any case, the last of equal ones wins, `null` says nothing, half a surrogate pair becomes U+FFFD, and
//! what stands behind the first value is not looked at.

mod reader;

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};

pub(super) use self::reader::Reader;
use crate::evidence::Unread;

/// A value.
#[derive(Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number, as it is written.
    Number(&'a str),
    /// A string.
    Text(Cow<'a, str>),
    /// A list; each value with its place, a byte from the beginning.
    List(Vec<(usize, Self)>),
    /// An object.
    Object(Object<'a>),
}

impl Value<'_> {
    /// Whether it is a number that Go takes for a whole one.
    pub(super) fn is_integer(&self) -> bool {
        matches!(self, Self::Number(number) if number.parse::<i64>().is_ok())
    }
}

/// Which values are passed over: by depth and key.
pub(super) type Skips<'s> = dyn Fn(usize, &str) -> bool + 's;

/// Keeps everything.
pub(super) fn nothing(_: usize, _: &str) -> bool {
    false
}

/// An object: its members in the order of the text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Object<'a>(Vec<(Cow<'a, str>, usize, Value<'a>)>);

/// A document that was read.
pub(super) struct Document<'a> {
    /// The value.
    pub(super) root: Value<'a>,
    /// Where the value ends.
    end: usize,
    lines: Lines<'a>,
}

impl<'a> Object<'a> {
    /// The value of a field, in any case; `None` for `null`, too.
    pub(super) fn get(&self, field: &str) -> Option<&Value<'a>> {
        let found = self.0.iter().rev().find(|(key, _, _)| key.eq_ignore_ascii_case(field));
        found.map(|(_, _, value)| value).filter(|value| **value != Value::Null)
    }

    /// The text of a field, empty without one.
    ///
    /// # Errors
    /// It is something else.
    pub(super) fn text(&self, field: &str) -> Result<&str, Wrong> {
        match self.get(field) {
            None => Ok(""),
            Some(Value::Text(text)) => Ok(text),
            Some(_) => Err(Wrong::new(field, "a text")),
        }
    }

    /// Whether a field is true.
    ///
    /// # Errors
    /// It is neither true nor false.
    pub(super) fn truth(&self, field: &str) -> Result<bool, Wrong> {
        match self.get(field) {
            None => Ok(false),
            Some(Value::Boolean(is)) => Ok(*is),
            Some(_) => Err(Wrong::new(field, "true or false")),
        }
    }

    /// The object of a field.
    ///
    /// # Errors
    /// It is something else.
    pub(super) fn object(&self, field: &str) -> Result<Option<&Self>, Wrong> {
        match self.get(field) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(Wrong::new(field, "an object")),
        }
    }

    /// The list of a field, empty without one.
    ///
    /// # Errors
    /// It is something else.
    pub(super) fn list(&self, field: &str) -> Result<&[(usize, Value<'a>)], Wrong> {
        match self.get(field) {
            None => Ok(&[]),
            Some(Value::List(list)) => Ok(list),
            Some(_) => Err(Wrong::new(field, "a list")),
        }
    }

    /// The members: key, place of the key, value. Of equal keys the last counts, which is for the caller to see to.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, usize, &Value<'a>)> {
        self.0.iter().map(|(key, at, value)| (&**key, *at, value))
    }

    /// How many members there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// A value of the wrong kind.
#[derive(Debug, PartialEq)]
pub(super) struct Wrong(String);

impl Wrong {
    pub(super) fn new(field: &str, wanted: &str) -> Self {
        Self(format!("{field:?} is not {wanted}"))
    }
}

impl From<Wrong> for Unread {
    fn from(Wrong(why): Wrong) -> Self {
        Self { line: None, why }
    }
}

impl<'a> Document<'a> {
    /// Reads a text; `skips` tells by depth (1 for the members of the outermost object) and key whose values are passed over.
    ///
    /// # Errors
    /// It is no JSON.
    pub(super) fn parse(text: &'a str, skips: &Skips<'_>) -> Result<Self, Unread> {
        Self::read(text, skips, false)
    }

    /// Reads a text in which comments and commas at the end of lists may stand, and nothing behind the value.
    ///
    /// # Errors
    /// It is no such text.
    pub(super) fn parse_relaxed(text: &'a str, skips: &Skips<'_>) -> Result<Self, Unread> {
        let mut document = Self::read(text, skips, true)?;
        let mut reader = Reader::new(text, skips, true);
        reader.at = document.end;
        if reader.blanks().is_none() || reader.at < text.len() {
            return Err(Unread { line: Some(document.line(reader.at)), why: "something stands behind the value".to_owned() });
        }
        document.end = reader.at;
        Ok(document)
    }

    /// Reads a text in which nothing stands behind the value.
    ///
    /// # Errors
    /// It is no such text.
    pub(super) fn parse_whole(text: &'a str, skips: &Skips<'_>) -> Result<Self, Unread> {
        let document = Self::read(text, skips, false)?;
        match text[document.end..].find(|c: char| !matches!(c, ' ' | '\t' | '\r' | '\n')) {
            None => Ok(document),
            Some(behind) => {
                let line = document.line(document.end + behind);
                Err(Unread { line: Some(line), why: "something stands behind the value".to_owned() })
            }
        }
    }

    fn read(text: &'a str, skips: &Skips<'_>, is_relaxed: bool) -> Result<Self, Unread> {
        let mut reader = Reader::new(text, skips, is_relaxed);
        let lines = Lines::of(text);
        let root = reader.blanks().and_then(|()| reader.value()).ok_or_else(|| broken(&reader, &lines))?;
        Ok(Self { root, end: reader.at, lines })
    }

    /// The line of a place, from 1.
    pub(super) fn line(&self, at: usize) -> u32 {
        self.lines.at(at)
    }

    /// The object that the document is; `None` if it is `null`.
    ///
    /// # Errors
    /// It is something else.
    pub(super) fn object(&self) -> Result<Option<&Object<'a>>, Unread> {
        match &self.root {
            Value::Object(object) => Ok(Some(object)),
            Value::Null => Ok(None),
            _ => Err(Unread { line: Some(1), why: "is not an object".to_owned() }),
        }
    }
}

/// Reads the members of the object that a text is, without a tree of all: `each` is told the key of a member and its place,
/// and reads its value. What it is instead of an object; `None` if it is one.
///
/// # Errors
/// It is no JSON.
pub(super) fn members<'a>(
    text: &'a str,
    lines: &Lines<'_>,
    each: impl FnMut(&mut Reader<'a, '_>, Cow<'a, str>, usize) -> Option<()>,
) -> Result<Option<Value<'a>>, Unread> {
    let mut reader = Reader::new(text, &nothing, false);
    let read = reader.blanks().and_then(|()| match text.as_bytes().get(reader.at) {
        Some(b'{') => reader.members(each).map(|()| None),
        _ => reader.value().map(Some),
    });
    read.ok_or_else(|| broken(&reader, lines))
}

/// That a text is no JSON where a reader stands.
fn broken(reader: &Reader<'_, '_>, lines: &Lines<'_>) -> Unread {
    let why = if reader.at >= reader.text.len() { "the text ends in the middle" } else { "is no JSON from here on" };
    Unread { line: Some(lines.at(reader.at)), why: why.to_owned() }
}

/// The lines of a text.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// The line of a place, which was the last that was asked for.
    last: Cell<(usize, u32)>,
    /// Where all lines end, once a place before the last is asked for.
    newlines: OnceCell<Vec<usize>>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, last: Cell::new((0, 1)), newlines: OnceCell::new() }
    }

    /// The line of a place, from 1.
    pub(super) fn at(&self, at: usize) -> u32 {
        let (text, at) = (self.text.as_bytes(), at.min(self.text.len()));
        let (last, line) = self.last.get();
        if last <= at && self.newlines.get().is_none() {
            // In the order of the text, as readers ask nearly always.
            let more = memchr::memchr_iter(b'\n', &text[last..at]).count();
            self.last.set((at, line.saturating_add(u32::try_from(more).unwrap_or(u32::MAX))));
            return self.last.get().1;
        }
        let newlines = self.newlines.get_or_init(|| memchr::memchr_iter(b'\n', text).collect());
        u32::try_from(newlines.partition_point(|newline| *newline < at) + 1).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same in the form of another reader.
    fn plain(value: &Value<'_>) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(is) => (*is).into(),
            Value::Number(number) => serde_json::from_str(number).unwrap_or(serde_json::Value::Null),
            Value::Text(text) => text.clone().into_owned().into(),
            Value::List(list) => list.iter().map(|(_, value)| plain(value)).collect(),
            Value::Object(object) => object.members().map(|(key, _, value)| (key.to_owned(), plain(value))).collect(),
        }
    }

    #[test]
    fn it_reads_what_another_reader_reads() {
        for text in
            [r#"{"a": [1, -2.5e+3, 0, "x\n\"\u00e9\ud83d\ude00", true, false, null], "b": {"c": {}}, "d": []}"#, " [ ] ", "\"x\"", "0.5"]
        {
            let document = Document::parse(text, &nothing).expect("valid");
            assert_eq!(plain(&document.root), serde_json::from_str::<serde_json::Value>(text).expect("valid"), "{text}");
        }
    }

    #[test]
    fn it_is_as_strict_as_gos_reader_and_as_lenient() {
        for (text, line) in [
            ("", 1),
            ("{", 1),
            ("[1,]", 1),
            ("{\"a\" 1}", 1),
            ("{\n'a': 1}", 2),
            ("[\n\n01]", 3),
            ("[\"a\nb\"]", 1),
            ("[\"\\x\"]", 1),
            ("[.5]", 1),
            ("[1.]", 1),
            ("\u{feff}{}", 1),
            ("[nul]", 1),
            ("{\"a\": 1,}", 1),
            ("// x\n{}", 1),
            ("{\n<<<<<<< HEAD\n}", 2),
        ] {
            assert_eq!(Document::parse(text, &nothing).err().and_then(|unread| unread.line), Some(line), "{text:?}");
        }
        let lone = Document::parse(r#""\ud800x\ud800\u0041\udc00""#, &nothing).expect("valid");
        assert_eq!(lone.root, Value::Text("\u{fffd}x\u{fffd}A\u{fffd}".into()));
        assert!(Document::parse("{} x", &nothing).is_ok());
        let document = Document::parse(r#"{"Name": "a", "NAME": "b", "n": null}"#, &nothing).expect("valid");
        let object = document.object().expect("an object").expect("there");
        assert_eq!(object.text("name"), Ok("b"));
        assert_eq!(object.get("n"), None);
        let deep = "[".repeat(100_000);
        assert!(Document::parse(&deep, &nothing).is_err());
    }

    #[test]
    fn comments_and_last_commas_where_they_may_stand() {
        let text = "// x\n{\"a\": [1, /* 2 */ 3,],} // y\n";
        let document = Document::parse_relaxed(text, &nothing).expect("valid");
        assert_eq!(plain(&document.root), serde_json::json!({"a": [1, 3]}));
        assert!(Document::parse_relaxed("{} {}", &nothing).is_err() && Document::parse_relaxed("{} /* x", &nothing).is_err());
    }

    #[test]
    fn places_have_lines_and_what_nobody_asks_for_is_passed_over() {
        let text = "{\n \"a\": {\"x\": [1, {\"y\": 2}]},\n \"b\": 1\n}";
        let document = Document::parse(text, &|depth, key| depth == 1 && key == "a").expect("valid");
        let object = document.object().expect("an object").expect("there");
        let members: Vec<_> = object.members().map(|(key, at, _)| (key, document.line(at))).collect();
        assert_eq!(members, [("b", 3)]);
        assert_eq!([3, 0, 27, 2, 1_000].map(|at| document.line(at)), [2, 1, 2, 2, 4]);
        assert!(Document::parse("{\"a\": [1, }", &|_, key| key == "a").is_err());
    }

    proptest::proptest! {
        #[test]
        fn it_agrees_with_another_reader(text in "[\\[\\]{}\",:0-2.eE+\\-ntrufalse\\\\ \n]{0,24}") {
            if let (Ok(document), Ok(other)) = (Document::parse(&text, &nothing), serde_json::from_str::<serde_json::Value>(&text)) {
                proptest::prop_assert_eq!(plain(&document.root), other);
            }
            if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
                proptest::prop_assert!(Document::parse(&text, &nothing).is_ok());
            }
        }
    }
}
