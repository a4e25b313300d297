//! JSON as lock files have it: a tree with places, read as Go's `encoding/json` does, which is how the reference reads.
//!
//! Keys match in any case, the last of equal ones wins, `null` says nothing, half a surrogate pair becomes U+FFFD, and
//! what stands behind the first value is not looked at.

mod reader;

use std::borrow::Cow;

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
    /// A list; each value with its line, from 1.
    List(Vec<(u32, Self)>),
    /// An object.
    Object(Object<'a>),
}

impl<'a> Value<'a> {
    /// The object that it is; `None` for `null`. An error names the field in which it stands, and what that has to be.
    ///
    /// # Errors
    /// It is something else.
    pub(super) fn fields(&self, field: &str, wanted: &str) -> Result<Option<&Object<'a>>, Wrong> {
        match self {
            Self::Object(object) => Ok(Some(object)),
            Self::Null => Ok(None),
            _ => Err(Wrong::new(field, wanted)),
        }
    }

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
pub(super) struct Object<'a>(Vec<(Cow<'a, str>, u32, Value<'a>)>);

/// A document that was read.
pub(super) struct Document<'a> {
    /// The value.
    pub(super) root: Value<'a>,
    /// Where the value ends, and the line of that.
    end: (usize, u32),
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

    /// The object of a field.
    ///
    /// # Errors
    /// It is something else.
    pub(super) fn object(&self, field: &str) -> Result<Option<&Self>, Wrong> {
        self.get(field).map_or(Ok(None), |value| value.fields(field, "an object"))
    }

    /// The list of a field, empty without one.
    ///
    /// # Errors
    /// It is something else.
    pub(super) fn list(&self, field: &str) -> Result<&[(u32, Value<'a>)], Wrong> {
        match self.get(field) {
            None => Ok(&[]),
            Some(Value::List(list)) => Ok(list),
            Some(_) => Err(Wrong::new(field, "a list")),
        }
    }

    /// The members: key, line of the key, value. Of equal keys the last counts, which is for the caller to see to.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, u32, &Value<'a>)> {
        self.0.iter().map(|(key, line, value)| (&**key, *line, value))
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
        let document = Self::read(text, skips, true)?;
        let mut reader = Reader::new(text, skips, true);
        (reader.at, reader.line) = document.end;
        if reader.blanks().is_none() || reader.at < text.len() { Err(behind(&reader)) } else { Ok(document) }
    }

    /// Reads a text in which nothing stands behind the value.
    ///
    /// # Errors
    /// It is no such text.
    pub(super) fn parse_whole(text: &'a str, skips: &Skips<'_>) -> Result<Self, Unread> {
        let document = Self::read(text, skips, false)?;
        let mut reader = Reader::new(text, skips, false);
        (reader.at, reader.line) = document.end;
        if reader.blanks().is_none() || reader.at < text.len() { Err(behind(&reader)) } else { Ok(document) }
    }

    fn read(text: &'a str, skips: &Skips<'_>, is_relaxed: bool) -> Result<Self, Unread> {
        let mut reader = Reader::new(text, skips, is_relaxed);
        let root = reader.blanks().and_then(|()| reader.value()).ok_or_else(|| broken(&reader))?;
        Ok(Self { root, end: (reader.at, reader.line) })
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

/// Reads the members of the object that a text is, without a tree of all: `each` is told the key of a member and its line,
/// and reads its value. What it is instead of an object; `None` if it is one.
///
/// # Errors
/// It is no JSON.
pub(super) fn members<'a>(
    text: &'a str,
    each: impl FnMut(&mut Reader<'a, '_>, Cow<'a, str>, u32) -> Option<()>,
) -> Result<Option<Value<'a>>, Unread> {
    let mut reader = Reader::new(text, &nothing, false);
    let read = reader.blanks().and_then(|()| match text.as_bytes().get(reader.at) {
        Some(b'{') => reader.members(each).map(|()| None),
        _ => reader.value().map(Some),
    });
    read.ok_or_else(|| broken(&reader))
}

/// That a text is no JSON where a reader stands.
fn broken(reader: &Reader<'_, '_>) -> Unread {
    let why = if reader.at >= reader.text.len() { "the text ends in the middle" } else { "is no JSON from here on" };
    Unread { line: Some(reader.line), why: why.to_owned() }
}

fn behind(reader: &Reader<'_, '_>) -> Unread {
    Unread { line: Some(reader.line), why: "something stands behind the value".to_owned() }
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
        let members: Vec<_> = object.members().map(|(key, line, _)| (key, line)).collect();
        assert_eq!(members, [("b", 3)]);
        assert!(Document::parse("{\"a\": [1, }", &|_, key| key == "a").is_err());
    }

    /// The lines of keys and of values in lists, depth first.
    fn lines(value: &Value<'_>, found: &mut Vec<u32>) {
        match value {
            Value::List(list) => list.iter().for_each(|(line, value)| {
                found.push(*line);
                lines(value, found);
            }),
            Value::Object(object) => object.members().for_each(|(_, line, value)| {
                found.push(line);
                lines(value, found);
            }),
            _ => {}
        }
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

        #[test]
        fn lines_are_told_however_it_is_written(blanks in proptest::collection::vec("(\n {0,5}|\n| |\r\n)?(\n  )?", 30), regular in 0_usize..30) {
            let tokens = ["{", "\"a\"", ":", "{", "\"b\"", ":", "1", ",", "\"c\"", ":", "[", "2", ",", "3", "]", "}", ",", "\"d\"", ":", "{", "}", ",", "\"e\"", ":", "[", "[", "]", "]", "}"];
            let are_told = [1, 4, 8, 11, 13, 17, 22, 25];
            let (mut text, mut wanted) = (String::new(), Vec::new());
            for (at, token) in tokens.iter().enumerate() {
                // Partly as programs write it.
                let indented = ["", "\n  ", "", " ", "\n    ", "", " ", "", "\n    ", "", " ", "\n      ", "", "\n      ", "\n    ", "\n  ", "", "\n  "];
                let blank = if at < regular { indented.get(at).copied().unwrap_or("") } else { &blanks[at] };
                text.push_str(blank);
                if are_told.contains(&at) {
                    wanted.push(u32::try_from(text.matches('\n').count() + 1).expect("few"));
                }
                text.push_str(token);
            }
            let mut found = Vec::new();
            lines(&Document::parse(&text, &nothing).expect("valid").root, &mut found);
            proptest::prop_assert_eq!(found, wanted, "{}", text);
        }
    }
}
