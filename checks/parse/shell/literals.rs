//! Literals: how far plain text reaches in each state.

use std::borrow::Cow;

use super::chars::{END, JOIN, Plain};
use super::operators::Token::*;
use super::reader::{Reader, State, is_name};

static IN_COMMANDS: Plain = Plain::but(b" \t&|;()<>\"'$?*+@!=[");
/// Words of these and before those, as nearly all are, hold nothing that has to be looked at.
static IN_WORDS: Plain = Plain::but(b" \t&|;()<>\"'$?*+@![");
static AFTER_WORDS: Plain = Plain::only(b" \t\n&|;()");
static IN_NAMES: Plain = Plain::only(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
static IN_QUOTES: Plain = Plain::but(b"\"$");

impl Reader<'_> {
    fn end_literal(&mut self) {
        self.value = self.chars.end_literal();
    }

    /// A literal of a command.
    ///
    /// It ends before a `[` that is not its first byte, since an index may follow.
    pub(super) fn plain_literal(&mut self) {
        self.token = LitWord;
        if let Some(word) = self.chars.word(&IN_WORDS, &AFTER_WORDS) {
            self.equals = memchr::memchr(b'=', word);
            self.value = Cow::Borrowed(word);
            return;
        }
        self.equals = None;
        self.chars.begin_literal();
        loop {
            match self.chars.cur {
                END | b' ' | b'\t' | b'\n' | b'\r' | b'&' | b'|' | b';' | b'(' | b')' => break,
                b'\\' => _ = self.chars.advance(),
                b'>' | b'<' => {
                    if self.chars.follows(b"(") {
                        self.token = Lit;
                    } else if is_descriptor(&self.chars.literal()[..self.chars.literal().len() - 1]) {
                        self.token = LitRedir;
                    }
                    break;
                }
                b'`' => {
                    if self.state != State::Backquotes {
                        self.token = Lit;
                    }
                    break;
                }
                b'"' | b'\'' | b'$' => {
                    self.token = Lit;
                    break;
                }
                b'?' | b'*' | b'+' | b'@' | b'!' if self.at_glob() => {
                    self.token = Lit;
                    break;
                }
                b'=' if self.equals.is_none() => self.equals = Some(self.chars.literal().len() - 1),
                b'[' if self.chars.literal().len() > 1 && self.chars.literal()[0] != b'[' => {
                    self.token = Lit;
                    break;
                }
                _ => {}
            }
            self.chars.advance_over(&IN_COMMANDS);
        }
        self.end_literal();
    }

    /// The name of a variable after `$`.
    pub(super) fn name_literal(&mut self) {
        self.token = LitWord;
        self.chars.begin_literal();
        while matches!(self.chars.cur, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | JOIN) {
            self.chars.advance_over(&IN_NAMES);
        }
        self.end_literal();
    }

    /// A literal in arithmetic or in `${ }`.
    pub(super) fn other_literal(&mut self) {
        let arithmetic = self.state.is_arithmetic();
        let name = self.state == State::Name;
        let ends_at_blanks = !self.state.keeps_spaces();
        self.token = LitWord;
        self.chars.begin_literal();
        loop {
            match self.chars.cur {
                END => break,
                b'\\' => _ = self.chars.advance(),
                b'\'' | b'"' | b'`' | b'$' => {
                    self.token = Lit;
                    break;
                }
                b'}' if self.state.is_parameter() => break,
                b'/' if self.state != State::Operand => break,
                b':' | b'=' | b'%' | b'^' | b',' | b'?' | b'!' | b'~' | b'*' if arithmetic || name => break,
                b'[' | b']' if arithmetic || name => break,
                b'#' | b'@' if name || self.state == State::Slice => break,
                b'+' | b'-' | b' ' | b'\t' | b';' | b'&' | b'>' | b'<' | b'|' | b'(' | b')' | b'\n' | b'\r' if ends_at_blanks => break,
                _ => {}
            }
            self.chars.advance();
        }
        self.end_literal();
    }

    /// A literal between double quotes. A joined line ends it, so that what follows is another part.
    pub(super) fn quoted_literal(&mut self) {
        self.token = LitWord;
        self.chars.begin_literal();
        loop {
            match self.chars.cur {
                END | b'"' => break,
                b'\\' => _ = self.chars.advance(),
                JOIN | b'`' | b'$' => {
                    self.token = Lit;
                    break;
                }
                _ => {}
            }
            self.chars.advance_over(&IN_QUOTES);
        }
        self.end_literal();
    }

    /// A literal of a regular expression.
    pub(super) fn regex_literal(&mut self) {
        self.chars.begin_literal();
        loop {
            match self.chars.cur {
                b'\\' => _ = self.chars.advance(),
                b'(' => self.regex_parens += 1,
                b')' => {
                    self.regex_parens -= 1;
                    if self.regex_parens < 0 {
                        self.state = State::Plain;
                        self.token = LitWord;
                        break;
                    }
                }
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'>' | b'<' if self.regex_parens <= 0 => {
                    self.state = State::Plain;
                    self.token = LitWord;
                    break;
                }
                b'"' | b'\'' | b'$' | b'`' => {
                    self.token = Lit;
                    break;
                }
                END => {
                    self.state = State::Plain;
                    self.token = LitWord;
                    break;
                }
                _ => {}
            }
            self.chars.advance();
        }
        self.end_literal();
    }
}

/// Whether this, right before the operator of a redirection, belongs to it: digits or `{name}`.
fn is_descriptor(literal: &[u8]) -> bool {
    match literal {
        [b'{', name @ .., b'}'] => is_name(name),
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}
