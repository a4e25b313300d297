//! Here-documents: they wait until their line ends, then each body is read up to its mark.

use super::chars::{END, JOIN, Plain};
use super::operators::Token::*;
use super::reader::{Read, Reader, State};

static IN_QUOTED_BODIES: Plain = Plain::but(b"");
static IN_BODIES: Plain = Plain::but(b"$");

/// The mark of a here-document while it is read: its text without quotes.
#[derive(Default)]
pub(super) struct Mark {
    pub text: Vec<u8>,
    /// Whether the last part was quoted. The parts before it do not count.
    pub quoted: bool,
}

impl Mark {
    /// A literal outside quotes: a backslash quotes.
    pub(super) fn bare(&mut self, literal: &[u8]) {
        self.quoted = false;
        let mut bytes = literal.iter();
        while let Some(&byte) = bytes.next() {
            if byte == b'\\' {
                self.quoted = true;
                self.text.extend(bytes.next());
            } else {
                self.text.push(byte);
            }
        }
    }
}

/// A here-document whose body is to come.
pub(super) struct Pending {
    /// The list that gets what is visited in the body.
    pub list: usize,
    /// Whether leading tabs are taken away.
    pub tabs: bool,
    pub mark: Mark,
    /// The line of its operator.
    pub line: u32,
}

impl Reader<'_> {
    /// Reads the bodies that are due. The current character is the line break before the first.
    pub(super) fn here_documents(&mut self) -> Read<()> {
        let due = self.pending.split_off(self.buried);
        if due.is_empty() {
            return Ok(());
        }
        let (state, end, outer) = (self.state, self.end, self.body_end.take());
        self.chars.advance();
        for (number, document) in due.into_iter().enumerate() {
            self.state = if document.tabs { State::BodyTabs } else { State::Body };
            if number > 0 && self.chars.cur == b'\n' {
                self.chars.advance();
            }
            self.body_end = Some(document.mark.text);
            if document.mark.quoted {
                self.skip_body();
            } else {
                let walk = std::mem::take(&mut self.facts.walk);
                self.next()?;
                self.word()?;
                self.facts.lists[document.list] = std::mem::replace(&mut self.facts.walk, walk);
            }
            if let Some(mark) = &self.body_end {
                let mark: String = String::from_utf8_lossy(mark).chars().take(40).collect();
                let mut error = self.wrong(&format!("no end `{mark}` of a here-document"));
                error.line = document.line;
                return Err(error);
            }
        }
        (self.state, self.end, self.body_end) = (state, end, outer);
        Ok(())
    }

    /// Where the current line begins in the literal, if it can be told from it.
    ///
    /// It cannot if the line begins with more than ASCII: the reference counts one byte a character here, and finds no
    /// mark in such a line.
    fn line_begin(&self) -> Option<usize> {
        let cur = self.chars.cur;
        if cur.is_ascii() || cur >= JOIN { self.chars.literal().len().checked_sub(1) } else { None }
    }

    /// Whether the line that ends before the current character is the mark.
    fn is_mark(&self, begin: usize) -> bool {
        let line = self.chars.literal().get(begin..).unwrap_or_default();
        let line = if self.chars.cur == END { line } else { &line[..line.len().saturating_sub(1)] };
        line == self.body_end.as_deref().unwrap_or_default()
    }

    /// Skips a body in which nothing is expanded.
    fn skip_body(&mut self) {
        self.chars.begin_literal();
        while !self.at_end() {
            while self.state == State::BodyTabs && self.chars.cur == b'\t' {
                self.chars.advance();
            }
            let begin = self.line_begin();
            loop {
                match self.chars.cur {
                    END | b'\n' => break,
                    b'`' if self.chars.closes_backquote() => break,
                    JOIN => {
                        self.chars.insert(b"\\\n");
                        break;
                    }
                    _ => _ = self.chars.advance_over(&IN_QUOTED_BODIES),
                }
            }
            if begin.is_some_and(|begin| self.is_mark(begin)) {
                self.body_end = None;
                break;
            }
            self.chars.advance();
        }
        self.chars.drop_literal();
    }

    /// A literal of a body in which text is expanded. Ends the body when it finds the mark.
    pub(super) fn body_literal(&mut self) {
        let tabs = self.state == State::BodyTabs;
        // What follows a joined line cannot be the mark.
        let mut joined = self.token == Lit;
        while self.chars.cur == JOIN {
            self.chars.advance();
            joined = true;
        }
        self.token = Lit;
        self.chars.begin_literal();
        while tabs && self.chars.cur == b'\t' {
            self.chars.advance();
        }
        let mut begin = self.line_begin().filter(|begin| *begin > 0 || !joined);
        loop {
            match self.chars.cur {
                JOIN | b'$' => break self.value = self.chars.end_literal(),
                b'`' if !self.chars.closes_backquote() => break self.value = self.chars.end_literal(),
                b'\\' => _ = self.chars.advance(),
                b'`' | b'\n' | END => {
                    if let Some(begin) = begin.filter(|begin| self.is_mark(*begin)) {
                        self.body_end = None;
                        self.value = self.chars.end_literal();
                        self.value.to_mut().truncate(begin);
                        self.token = if self.value.is_empty() { Newline } else { LitWord };
                        return;
                    }
                    if self.chars.cur != b'\n' {
                        break self.chars.drop_literal();
                    }
                    while tabs && self.chars.follows(b"\t") {
                        self.chars.advance();
                    }
                    begin = Some(self.chars.literal().len());
                }
                _ => {}
            }
            self.chars.advance_over(&IN_BODIES);
        }
    }
}
