//! TOML as lock files need it: a tree with lines, in which values that nobody asks for are passed over.
//!
//! Lock files are long, regular and written by programs. A short reader of our own takes the part of the language that
//! they use, several times as fast as a whole parser; where it meets anything else it gives up, and the whole parser
//! decides, also what an error is.

mod reader;
mod tree;

pub(super) use self::tree::{Table, Value};
use crate::evidence::Unread;

/// Reads a document; `skipped` are the keys whose values are passed over wherever they stand.
pub(super) fn parse<'a>(text: &'a [u8], skipped: &[&str]) -> Result<Table<'a>, Unread> {
    let text = std::str::from_utf8(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)).map_err(|error| {
        let before = &text[..error.valid_up_to().min(text.len())];
        Unread { line: Some(line_of(before)), why: "is no UTF-8".to_owned() }
    })?;
    match reader::read(text, skipped) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What the short reader says, or `None` where it gives up.
    fn short(text: &str) -> Option<Table<'_>> {
        reader::read(text, &[])
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
