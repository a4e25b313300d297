//! A place in a text, with its line and column.

use std::cell::Cell;

use super::SyntaxError;
use super::text::Decoded;

/// A place, counted in characters from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) index: usize,
    pub(super) line: u32,
    pub(super) column: usize,
}

impl Mark {
    pub(super) fn error(self, problem: &'static str) -> SyntaxError {
        SyntaxError { line: self.line + 1, problem }
    }
}

pub(super) struct Cursor<'a> {
    text: &'a str,
    broken: Option<&'static str>,
    /// Somebody wanted to read what could not be decoded.
    failed: Cell<bool>,
    at: usize,
    pub(super) mark: Mark,
    /// Nothing but blanks was read since the last line end.
    pub(super) fresh_line: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(decoded: &'a Decoded<'_>) -> Self {
        Self { text: &decoded.text, broken: decoded.broken, failed: Cell::new(false), at: 0, mark: Mark::default(), fresh_line: false }
    }

    /// The byte so many bytes ahead; 0 behind the end, since no text holds one.
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or_else(|| {
            self.failed.set(true);
            0
        })
    }

    /// Why the text could not be read on, if somebody tried.
    pub(super) fn failure(&self) -> Result<(), SyntaxError> {
        match self.broken {
            Some(problem) if self.failed.get() => Err(self.mark.error(problem)),
            _ => Ok(()),
        }
    }

    pub(super) fn is_end(&self) -> bool {
        self.peek(0) == 0
    }

    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.peek(ahead), b' ' | b'\t')
    }

    pub(super) fn is_break(&self, ahead: usize) -> bool {
        match self.peek(ahead) {
            b'\r' | b'\n' => true,
            0xc2 => self.peek(ahead + 1) == 0x85,
            0xe2 => self.peek(ahead + 1) == 0x80 && matches!(self.peek(ahead + 2), 0xa8 | 0xa9),
            _ => false,
        }
    }

    /// Whether a line ends here, or the text.
    pub(super) fn is_line_end(&self, ahead: usize) -> bool {
        self.peek(ahead) == 0 || self.is_break(ahead)
    }

    /// Whether a word ends here: at a blank, a line end or the text's end.
    pub(super) fn is_word_end(&self, ahead: usize) -> bool {
        self.is_blank(ahead) || self.is_line_end(ahead)
    }

    /// Whether `---` or `...` stands here as a line's first word.
    pub(super) fn is_document_mark(&self, sign: u8) -> bool {
        self.mark.column == 0 && (0..3).all(|ahead| self.peek(ahead) == sign) && self.is_word_end(3)
    }

    fn width(&self) -> usize {
        match self.peek(0) {
            0..0x80 => 1,
            0x80..0xe0 => 2,
            0xe0..0xf0 => 3,
            _ => 4,
        }
    }

    /// Steps over a character.
    pub(super) fn skip(&mut self) {
        if !self.is_blank(0) {
            self.fresh_line = false;
        }
        self.at += self.width();
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Steps over a character and keeps it.
    pub(super) fn take(&mut self, out: &mut String) {
        let from = self.at;
        self.skip();
        out.push_str(self.text.get(from..self.at).unwrap_or_default());
    }

    /// Steps over a line end, if one is here.
    pub(super) fn skip_break(&mut self) {
        self.take_break(&mut String::new());
    }

    /// Steps over a line end and keeps it, in its simplest form.
    pub(super) fn take_break(&mut self, out: &mut String) {
        if !self.is_break(0) {
            return;
        }
        let pair = self.peek(0) == b'\r' && self.peek(1) == b'\n';
        let width = if pair { 2 } else { self.width() };
        if width == 3 {
            out.push_str(&self.text[self.at..self.at + 3]);
        } else {
            out.push('\n');
        }
        self.at += width;
        self.mark = Mark { index: self.mark.index + 1 + usize::from(pair), line: self.mark.line + 1, column: 0 };
        self.fresh_line = true;
    }

    /// Steps over a second byte order mark at the beginning of the text.
    pub(super) fn skip_second_mark(&mut self) {
        if self.at == 0 && self.text.starts_with('\u{feff}') {
            self.skip();
        }
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.skip();
        }
    }

    /// Steps to the end of the line.
    pub(super) fn skip_line(&mut self) {
        while !self.is_line_end(0) {
            self.skip();
        }
    }

    /// Ends the last line of the text, so that what follows stands on a line of its own.
    pub(super) fn end_line(&mut self) {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
    }
}
