//! The YAML of lock files: mappings by lines.
//!
//! pnpm writes long files of one regular shape. It is taken line by line here, many times as fast as a whole reader; where
//! one line has another shape the whole reader reads the file, into the same form.

use super::super::quoted::plain;
use super::super::yaml::{Document, Node};
use crate::evidence::Unread;

/// A key with what stands behind it on its line; of a list's item the key is empty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line<'a> {
    /// How many mappings and lists it stands in.
    pub(super) depth: usize,
    /// The key.
    pub(super) key: &'a str,
    /// The scalar behind it; empty where a mapping or a list follows; brackets may stand as they are written.
    pub(super) value: &'a str,
    /// The line, from 1.
    pub(super) number: u32,
}

/// What the whole reader reads.
pub(super) struct Lines(Vec<(usize, String, String, u32)>);

impl Lines {
    pub(super) fn iter(&self) -> impl Iterator<Item = Line<'_>> {
        self.0.iter().map(|(depth, key, value, number)| Line { depth: *depth, key, value, number: *number })
    }
}

/// The lines of the first document, by the whole reader.
///
/// # Errors
/// It is no YAML.
pub(super) fn whole(text: &[u8]) -> Result<Lines, Unread> {
    let document = Document::parse(text).map_err(|error| Unread { line: Some(error.line), why: error.problem.to_owned() })?;
    Ok(Lines(document.root().map(expanded).unwrap_or_default()))
}

/// The lines of a tree: depth first, without calls of itself, as it may be deep.
fn expanded(root: Node<'_>) -> Vec<(usize, String, String, u32)> {
    let mut lines = Vec::new();
    /// A key with its line.
    type Key = Option<(String, u32)>;
    let mut work: Vec<(Key, Node<'_>, usize)> = vec![(None, root, 0)];
    while let Some((key, node, depth)) = work.pop() {
        if let Some((key, number)) = key {
            lines.push((depth - 1, key, node.text().unwrap_or_default().to_owned(), number));
        }
        let mut below: Vec<(Key, Node<'_>, usize)> = Vec::new();
        if let Some(pairs) = node.pairs() {
            below.extend(pairs.map(|(key, value)| (Some((key.text().unwrap_or_default().to_owned(), key.line())), value, depth + 1)));
        } else if let Some(items) = node.items() {
            below.extend(items.map(|item| (Some((String::new(), item.line())), item, depth + 1)));
        }
        work.extend(below.into_iter().rev());
    }
    lines
}

/// Gives `each` the lines of a text, if all of them have the regular shape; else `None`, after some of them. What stands in
/// brackets behind keys that nobody asks for is left as it is written.
pub(super) fn regular<'a>(text: &'a str, unasked: &[&str], mut each: impl FnMut(Line<'a>)) -> Option<()> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // All bytes without a way out: so they are looked at many at a time. Not all that is beyond ASCII may stand in YAML.
    let is_wrong = |byte: u8| (byte < b' ') & (byte != b'\n') & (byte != b'\r') | (byte >= 0x7f);
    if text.bytes().fold(false, |found, byte| found | is_wrong(byte)) {
        return None;
    }
    let has = |byte: u8| memchr::memchr(byte, text.as_bytes()).is_some();
    let (has_returns, has_hashes) = (has(b'\r'), has(b'#'));
    // The columns at which the open mappings stand.
    let mut columns: Vec<usize> = Vec::new();
    let mut before: Option<Before> = None;
    let ends = memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]);
    let mut begin = 0;
    for (end, number) in ends.zip(1_u32..) {
        let mut line = &text[begin..end];
        begin = end + 1;
        if has_returns {
            line = line.strip_suffix('\r').unwrap_or(line);
        }
        let Some(column) = line.bytes().position(|byte| byte != b' ') else { continue };
        let rest = &line[column..];
        if rest.starts_with('#') {
            continue;
        }
        if has_returns && rest.contains('\r') {
            return None;
        }
        let is_item = rest.starts_with("- ");
        if columns.last().is_none_or(|last| column > *last) {
            // Deeper only where something is to follow.
            if before.as_ref().is_some_and(|before| before.has_value || before.is_item) || before.is_none() && column > 0 {
                return None;
            }
            columns.push(column);
        } else {
            while columns.last().is_some_and(|last| column < *last) {
                columns.pop();
            }
            if columns.last() != Some(&column) {
                return None;
            }
            // A list at the column of its key.
            let is_continued = before.as_ref().is_some_and(|before| before.depth + 1 == columns.len() && before.is_item);
            if is_item != is_continued {
                return None;
            }
        }
        let depth = columns.len() - 1;
        let (key, value) = if is_item { ("", &rest[2..]) } else { key(rest, has_hashes)? };
        let value = without_blanks(value);
        let value = if value.is_empty() && !is_item { "" } else { scalar(value, has_hashes)? };
        if matches!(value.as_bytes().first(), Some(b'{' | b'[')) && !matches!(value, "{}" | "[]") && !unasked.contains(&key) {
            return None;
        }
        before = Some(Before { depth, is_item, has_value: !value.is_empty() });
        each(Line { depth, key, value, number });
    }
    Some(())
}

/// A text without the blanks around it.
fn without_blanks(mut text: &str) -> &str {
    while let [b' ', ..] = text.as_bytes() {
        text = &text[1..];
    }
    while let [.., b' '] = text.as_bytes() {
        text = &text[..text.len() - 1];
    }
    text
}

/// What the line before was.
struct Before {
    depth: usize,
    is_item: bool,
    has_value: bool,
}

/// The key at the beginning, and what stands behind its colon.
fn key(text: &str, has_hashes: bool) -> Option<(&str, &str)> {
    let (key, rest) = match text.as_bytes().first()? {
        quote @ (b'\'' | b'"') => {
            let quoted = &text[1..];
            let end = plain(quoted.as_bytes(), *quote);
            (quoted.as_bytes().get(end) == Some(quote)).then_some(())?;
            (&quoted[..end], quoted[end + 1..].strip_prefix(':')?)
        }
        _ => {
            let colon = pair(text.as_bytes())?;
            let key = &text[..colon];
            (is_plain(text) && !(has_hashes && has_comment(key)) && !key.ends_with(' ')).then_some((key, &text[colon + 1..]))?
        }
    };
    // Behind a colon stands a blank or nothing.
    (!key.is_empty() && (rest.is_empty() || rest.starts_with(' '))).then_some((key, rest))
}

/// A scalar on one line, or brackets as they are written.
fn scalar(text: &str, has_hashes: bool) -> Option<&str> {
    let (first, last) = (*text.as_bytes().first()?, *text.as_bytes().last()?);
    match first {
        b'\'' | b'"' => {
            let inner = text.get(1..text.len().checked_sub(1)?).filter(|_| last == first && text.len() > 1)?;
            // An empty one would look like the beginning of a mapping.
            let is_simple = |byte: u8| !matches!(byte, b'\'' | b'"' | b'\\');
            (!inner.is_empty() && inner.bytes().all(is_simple)).then_some(inner)
        }
        b'{' | b'[' => {
            let closes = last == if first == b'{' { b'}' } else { b']' };
            let inner = &text.as_bytes()[1..text.len().max(2) - 1];
            // As above, many at a time. The brackets of both kinds differ in one bit, and so do `"` and `#`.
            let is_odd = |byte: u8| (byte | 0x20 == b'{') | (byte | 0x20 == b'}') | (byte | 1 == b'#');
            let has_odd = inner.iter().fold(false, |odd, byte| odd | is_odd(*byte));
            let is_open = inner.iter().fold(0_u8, |quotes, byte| quotes.wrapping_add(u8::from(*byte == b'\''))) & 1 > 0;
            (closes && !has_odd && !is_open).then_some(text)
        }
        _ => (is_plain(text) && !(has_hashes && has_comment(text)) && pair(text.as_bytes()).is_none()).then_some(text),
    }
}

/// Whether a comment may begin within.
fn has_comment(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'#', bytes).any(|at| at > 0 && bytes[at - 1] == b' ')
}

/// Where the colon stands that ends a key.
fn pair(text: &[u8]) -> Option<usize> {
    // Most of these texts are short: to look for colons many bytes at a time takes as long.
    (0..text.len()).find(|at| text[*at] == b':' && matches!(text.get(at + 1), None | Some(b' ')))
}

/// Whether a plain scalar may begin so.
fn is_plain(text: &str) -> bool {
    match text.as_bytes() {
        [] => false,
        [b'-' | b'?' | b':', b' ', ..] | [b'-' | b'?' | b':'] => false,
        [b'-', b'-', b'-', ..] | [b'.', b'.', b'.', ..] => false,
        [first, ..] => {
            !matches!(first, b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regular<'a>(text: &'a str, unasked: &[&str]) -> Option<Vec<Line<'a>>> {
        let mut lines = Vec::new();
        super::regular(text, unasked, |line| lines.push(line)).map(|()| lines)
    }

    /// Both readings without what they may tell differently: lines of values on other lines, and brackets.
    fn plain<'a>(lines: impl Iterator<Item = Line<'a>>) -> Vec<(usize, String, String)> {
        let each = lines.filter(|line| !line.value.starts_with(['{', '[']));
        each.map(|line| (line.depth, line.key.to_owned(), line.value.to_owned())).collect()
    }

    #[test]
    fn the_regular_shape_is_read_as_the_whole_reader_reads_it() {
        let text = "lockfileVersion: '9.0'\n\npackages:\n\n  '@a/b@1.0.0':\n    dev: true\n    cpu:\n      - x64\n      - arm\n    x: y:z\n  c@1.0.0:\n    z: \"q\"\n\nlast: 1\n";
        let lines = regular(text, &[]).expect("regular");
        assert_eq!(plain(lines.iter().copied()), plain(whole(text.as_bytes()).expect("valid").iter()));
        assert_eq!(lines[2].number, 5);
        let lines = regular("a:\n  r: {x: 1}\n  b: {}\n", &["r"]).expect("regular");
        let values: Vec<_> = lines.iter().map(|line| (line.key, line.value)).collect();
        assert_eq!(values, [("a", ""), ("r", "{x: 1}"), ("b", "{}")]);
    }

    #[test]
    fn whatever_else_there_is_the_whole_reader_reads() {
        for text in [
            "a: |\n  x",
            "a: &x 1",
            "a: 'it''s'",
            "a: b\n  c",
            "a:\n\tb: 1",
            "--- \na: 1",
            "a: {x: {y: 1}}",
            "- a: 1",
            "a:\n    b: 1\n  c: 1",
            "a: b: c",
            "a",
            "? a",
            "a: \"\\n\"",
            " a: 1",
            "a: ''",
            "a: {x: 1}",
            "a:\n  - [x]",
            "a: \u{80}",
        ] {
            assert_eq!(regular(text, &["r"]), None, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn both_read_the_same(text in "(( {0,4}('?[ab@/.]{1,3}'?:( (x|'y'|1.0|\\{a: b\\}|\\[c\\]))?|- z|#)| )\n){0,8}") {
            if let Some(lines) = regular(&text, &["a"]) {
                let whole = whole(text.as_bytes()).map(|whole| plain(whole.iter()));
                proptest::prop_assert!(whole.is_ok(), "{:?}", whole);
                // What stands in brackets is expanded there.
                if !text.contains(['{', '[']) {
                    proptest::prop_assert_eq!(Ok(plain(lines.into_iter())), whole);
                }
            }
        }
    }
}
