//! One line of JSON, as all formats for tools write it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use super::visible::{RUNNER_COMMAND, is_hidden};

/// Writes one line of JSON in which nothing can steer a terminal or end a script element.
pub(super) fn write_line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Harmless(CompactFormatter));
    value.serialize(&mut serializer).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

/// Compact JSON, with everything escaped that [`super::visible()`] writes out, and `<`, `>`, `&` as the reference has them.
struct Harmless(CompactFormatter);

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        // Without a way out, so that many bytes are looked at together: nearly all text has nothing to be escaped.
        let is_odd = |byte: u8| !matches!(byte, b' '..=b'~') || matches!(byte, b'<' | b'>' | b'&' | b'#');
        if !rest.bytes().fold(false, |found, byte| found | is_odd(byte)) {
            return writer.write_all(rest.as_bytes());
        }
        loop {
            let command = rest.find(RUNNER_COMMAND).map(|at| at + RUNNER_COMMAND.len() - 1);
            let hidden = rest.find(|c: char| matches!(c, '<' | '>' | '&') || is_hidden(c));
            let Some(at) = hidden.into_iter().chain(command).min() else { break };
            writer.write_all(&rest.as_bytes()[..at])?;
            let mut after = rest[at..].chars();
            let c = after.next().unwrap_or_default();
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = after.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        self.0.write_char_escape(writer, escape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_strings_are_harmless_and_come_back() {
        let text = "a\x1b[0m \u{9b} \u{202e} \u{e0001} <b>&amp; \"\\ é\n ###[x]";
        let mut out = Vec::new();
        write_line(&text, &mut out).expect("written to memory");
        let line = String::from_utf8(out).expect("UTF-8");
        assert!(!line.trim_end().contains(is_hidden), "{line}");
        assert!(!line.contains(['<', '>', '&']) && !line.contains("##["));
        assert_eq!(serde_json::from_str::<String>(&line).expect("valid"), text);
    }
}
