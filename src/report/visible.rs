//! Text from a repository that is safe to show: what could steer a terminal, or turn what one reads around, is
//! written out.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character must not reach a terminal as it is: controls, bidirectional marks, and what has no width.
pub(super) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// What begins a command to a runner of GitHub Actions, anywhere in a line.
pub(super) const RUNNER_COMMAND: &str = "##[";

/// The text with such characters written out, as `\x1b` or `\u{202e}`, and with nothing in it that a runner of GitHub
/// Actions takes for a command.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.contains(RUNNER_COMMAND) {
        return Cow::Owned(visible(&text.replace(RUNNER_COMMAND, "##\\x5b")).into_owned());
    }
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) && u32::from(c) < 0x100 => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c if is_hidden(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_or_turns_text_around_is_left() {
        assert_eq!(visible("plain é 日本"), "plain é 日本");
        assert_eq!(visible("\x1b[31mred\x07\n\u{9b}x"), "\\x1b[31mred\\x07\\n\\x9bx");
        assert_eq!(visible("a\u{202e}exe.txt\u{200b}"), "a\\u{202e}exe.txt\\u{200b}");
        assert_eq!(visible("###[error]\x07"), "###\\x5berror]\\x07");
    }
}
