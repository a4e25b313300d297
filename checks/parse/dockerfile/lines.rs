//! Lines: physical ones, parser directives, and how several are joined into one instruction.

use std::borrow::Cow;

use super::text::trim_start;
use super::{DockerfileError, Problem};

/// The longest physical line, without its line feed.
const LONGEST_LINE: usize = 65_535;

/// The physical lines of a text, with their ends.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    /// The number of the line read last, the first being 1.
    pub(super) number: u32,
}

impl<'a> Lines<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self { rest: text, number: 0 }
    }

    pub(super) fn read(&mut self) -> Result<Option<&'a [u8]>, DockerfileError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.number = self.number.saturating_add(1);
        let end = memchr::memchr(b'\n', self.rest);
        if end.unwrap_or(self.rest.len()) > LONGEST_LINE {
            return Err(Problem::LineTooLong.at(self.number));
        }
        let (line, rest) = self.rest.split_at(end.map_or(self.rest.len(), |end| end + 1));
        self.rest = rest;
        Ok(Some(line))
    }

    /// Reads on until an instruction is whole, and says whether it goes on: the first line without its end, then
    /// those that continue it.
    pub(super) fn join(&mut self, first: &'a [u8], escape: u8) -> Result<Cow<'a, [u8]>, DockerfileError> {
        let (part, mut goes_on) = uncontinued(first, escape);
        if !goes_on {
            return Ok(Cow::Borrowed(part));
        }
        let mut joined = Vec::with_capacity(part.len() + 256);
        joined.extend_from_slice(part);
        while goes_on && let Some(line) = self.read()? {
            let line = without_end(line);
            // Comments and blank lines between are not there. An indent is text.
            if matches!(trim_start(line).first(), None | Some(b'#')) {
                continue;
            }
            let part;
            (part, goes_on) = uncontinued(line, escape);
            joined.extend_from_slice(part);
        }
        Ok(Cow::Owned(joined))
    }
}

/// The line without its end; several carriage returns are part of that.
pub(super) fn without_end(mut line: &[u8]) -> &[u8] {
    while let Some((b'\n' | b'\r', rest)) = line.split_last() {
        line = rest;
    }
    line
}

/// Takes the mark of continuation away: an escape character with nothing but blanks after it, unless another one
/// stands before it, be that itself escaped or not.
fn uncontinued(line: &[u8], escape: u8) -> (&[u8], bool) {
    let mut end = line.len();
    while end > 0 && matches!(line[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    match &line[..end] {
        [rest @ .., last] if *last == escape && rest.last() != Some(&escape) => (rest, true),
        _ => (line, false),
    }
}

/// The parser directives at the beginning of a file.
pub(super) struct Directives {
    /// The escape character in force.
    pub(super) escape: u8,
    seen: [bool; 3],
    over: bool,
}

impl Directives {
    const NAMES: [&str; 3] = ["syntax", "escape", "check"];

    pub(super) const fn new() -> Self {
        Self { escape: b'\\', seen: [false; 3], over: false }
    }

    /// Reads a line, without indent and end. The first one that is no directive ends them.
    pub(super) fn read(&mut self, line: &[u8]) -> Result<(), Problem> {
        if self.over {
            return Ok(());
        }
        let Some((directive, value)) = Self::directive(line) else {
            self.over = true;
            return Ok(());
        };
        if std::mem::replace(&mut self.seen[directive], true) {
            return Err(Problem::DirectiveTwice);
        }
        if Self::NAMES[directive] == "escape" {
            self.escape = match value {
                [escape @ (b'\\' | b'`')] => *escape,
                _ => return Err(Problem::BadEscape),
            };
        }
        Ok(())
    }

    /// `# name = value`, of a known name in any case; a value has at least one character, be it a blank.
    fn directive(line: &[u8]) -> Option<(usize, &[u8])> {
        let is_blank = |byte: &u8| matches!(byte, b'\t' | 0x0c | b'\r' | b' ');
        let skip = |text: &'_ [u8]| text.iter().take_while(|byte| is_blank(byte)).count();
        let line = line.strip_prefix(b"#")?;
        let line = &line[skip(line)..];
        let length = line.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let (name, rest) = line.split_at(length);
        let directive = Self::NAMES.iter().position(|known| name.eq_ignore_ascii_case(known.as_bytes()))?;
        let value = rest[skip(rest)..].strip_prefix(b"=")?;
        let blanks = skip(value).min(value.len().checked_sub(1)?);
        let after = value[blanks..].iter().rev().take_while(|byte| is_blank(byte)).count();
        let end = value.len() - after.min(value.len() - blanks - 1);
        Some((directive, &value[blanks..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_at_the_end_continues() {
        for (line, rest, goes_on) in [
            ("a \\", "a ", true),
            ("a\\ \t", "a", true),
            ("\\", "", true),
            (" \\", " ", true),
            ("a\\\\", "a\\\\", false),
            ("a\\\\\\", "a\\\\\\", false),
            ("\\\\", "\\\\", false),
            ("a\\\u{b}", "a\\\u{b}", false),
            ("a `", "a `", false),
            ("", "", false),
        ] {
            assert_eq!(uncontinued(line.as_bytes(), b'\\'), (rest.as_bytes(), goes_on), "{line:?}");
        }
    }

    #[test]
    fn directives_come_first() {
        let read = |lines: &[&str]| {
            let mut directives = Directives::new();
            lines.iter().try_for_each(|line| directives.read(line.as_bytes())).map(|()| char::from(directives.escape))
        };
        assert_eq!(read(&["# syntax=x", "#ESCAPE = ` "]), Ok('`'));
        assert_eq!(read(&["#check=x", "# escape=\\"]), Ok('\\'));
        assert_eq!(read(&["# comment", "# escape=`"]), Ok('\\'));
        assert_eq!(read(&["", "# escape=`"]), Ok('\\'));
        assert_eq!(read(&["# escape", "# escape=`"]), Ok('\\'));
        assert_eq!(read(&["# escape=", "# escape=`"]), Ok('\\'));
        assert_eq!(read(&["# escape=`", "# x", "# escape=`"]), Ok('`'));
        assert_eq!(read(&["# escape= "]), Err(Problem::BadEscape));
        assert_eq!(read(&["# escape=  "]), Err(Problem::BadEscape));
        assert_eq!(read(&["# escape=``"]), Err(Problem::BadEscape));
        assert_eq!(read(&["# escape=`", "# escape=`"]), Err(Problem::DirectiveTwice));
        assert_eq!(read(&["# syntax=x", "# SYNTAX=y"]), Err(Problem::DirectiveTwice));
        assert_eq!(read(&["# other=x", "# other=y"]), Ok('\\'));
    }
}
