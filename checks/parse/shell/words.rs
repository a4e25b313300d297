//! Words: their parts, quotes and substitutions.

use std::borrow::Cow;

use super::chars::{END, JOIN, Plain};
use super::operators::Token::{self, *};
use super::reader::{Read, Reader, State};
use super::{Word, WordKind};
use crate::bytes;

static IN_SINGLE_QUOTES: Plain = Plain::but(b"'");

impl<'t> Reader<'t> {
    /// The word that begins with the current token, if one does.
    pub(super) fn word(&mut self) -> Read<Option<Word<'t>>> {
        let start = self.start;
        let Some(mut kind) = self.part(true)? else { return Ok(None) };
        while !self.spaced && self.part(false)?.is_some() {
            kind = WordKind::Composite;
        }
        self.finish_word(kind, start).map(Some)
    }

    /// The word that must follow.
    pub(super) fn expect_word_after(&mut self, what: &str) -> Read<Word<'t>> {
        match self.word()? {
            Some(word) => Ok(word),
            None => Err(self.unexpected(&format!("where `{what}` wants a word"))),
        }
    }

    /// The current token as a word, whatever follows.
    pub(super) fn literal_word(&mut self) -> Read<Word<'t>> {
        let (start, text) = (self.start, self.text());
        self.next()?;
        self.finish_word(WordKind::Literal(text), start)
    }

    fn finish_word(&mut self, kind: WordKind<'t>, start: usize) -> Read<Word<'t>> {
        self.count()?;
        Ok(Word { kind, span: span(start, self.end) })
    }

    pub(super) fn text(&self) -> Cow<'t, str> {
        lossy(self.value.clone())
    }

    /// The part that begins with the current token, if one does, as the word that it would be alone. A further part is
    /// never alone, and the text of its literal is not kept.
    fn part(&mut self, is_first: bool) -> Read<Option<WordKind<'t>>> {
        match self.token {
            Lit | LitWord | LitRedir => {
                let text = if is_first { self.text() } else { Cow::default() };
                let quotes = self.state == State::DoubleQuotes;
                if let Some(mark) = &mut self.mark {
                    if quotes { mark.text.extend_from_slice(&self.value) } else { mark.bare(&self.value) }
                }
                self.next()?;
                return Ok(Some(WordKind::Literal(text)));
            }
            SingleQuote | DollarSingle => return self.single_quotes().map(Some),
            DoubleQuote | DollarDouble => {
                return if self.state == State::DoubleQuotes { Ok(None) } else { self.double_quotes().map(Some) };
            }
            Dollar => return self.dollar().map(Some),
            ProcessIn | ProcessOut => return self.process().map(Some),
            Backquote if self.chars.closes_backquote() => return Ok(None),
            Backquote => self.backquotes()?,
            DollarBrace => self.braces()?,
            DollarParens | DollarBracket => self.arithmetic_expansion()?,
            DollarParen => {
                self.refuse_in_mark()?;
                self.substitution("$(")?;
            }
            GlobQuestion | GlobStar | GlobPlus | GlobAt | GlobNot => self.glob()?,
            _ => return Ok(None),
        }
        Ok(Some(WordKind::Composite))
    }

    /// Nothing is expanded in the mark of a here-document.
    pub(super) fn refuse_in_mark(&self) -> Read<()> {
        if self.mark.is_some() { Err(self.unexpected("in the mark of a here-document")) } else { Ok(()) }
    }

    fn single_quotes(&mut self) -> Read<WordKind<'t>> {
        let escapes = self.token == DollarSingle;
        let line = self.line;
        self.chars.begin_literal();
        loop {
            match self.chars.cur {
                b'\\' if escapes => _ = self.chars.advance(),
                b'\'' => break,
                JOIN => self.chars.insert(b"\\\n"),
                END => {
                    self.line = line;
                    return Err(self.wrong("no closing quote `'`"));
                }
                _ => {}
            }
            self.chars.advance_over(&IN_SINGLE_QUOTES);
        }
        let text = self.chars.end_literal();
        if let Some(mark) = &mut self.mark {
            mark.text.extend_from_slice(&text);
            mark.quoted = true;
        }
        self.chars.advance();
        self.next()?;
        Ok(WordKind::Single(lossy(text)))
    }

    fn double_quotes(&mut self) -> Read<WordKind<'t>> {
        let line = self.line;
        let outer = std::mem::replace(&mut self.state, State::DoubleQuotes);
        self.next()?;
        let mut kind = WordKind::Composite;
        let mut parts = 0;
        while let Some(part) = self.part(parts == 0)? {
            parts += 1;
            kind = match part {
                WordKind::Literal(text) if parts == 1 => WordKind::Double(text),
                _ => WordKind::Composite,
            };
            if self.spaced {
                break;
            }
        }
        self.state = outer;
        if let Some(mark) = &mut self.mark {
            mark.quoted = true;
        }
        if !self.got(DoubleQuote)? {
            self.line = line;
            return Err(self.wrong("no closing quote `\"`"));
        }
        Ok(kind)
    }

    /// A variable without braces, or a `$` that stays text.
    fn dollar(&mut self) -> Read<WordKind<'t>> {
        let mut literal = false;
        match self.chars.cur {
            b'@' | b'*' | b'#' | b'$' | b'?' | b'!' | b'-' | b'0'..=b'9' => {
                self.token = LitWord;
                self.value = Cow::Borrowed(self.chars.current());
                self.chars.advance();
            }
            // A backslash after the dollar names nothing, but what follows it is a token of its own.
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'\\' => {
                self.name_literal();
                literal = self.value.is_empty();
            }
            _ => literal = true,
        }
        if !literal || matches!(self.token, LitWord) {
            self.refuse_in_mark()?;
        }
        if let Some(mark) = &mut self.mark {
            mark.bare(b"$");
        }
        self.next()?;
        Ok(if literal { WordKind::Literal("$".into()) } else { WordKind::Composite })
    }

    /// The commands of `$( )`, `<( )` or `( )`. Gives the first, if it is a simple one.
    pub(super) fn substitution(&mut self, opening: &str) -> Read<Option<usize>> {
        let line = self.line;
        self.deeper()?;
        let outer = self.enter(State::Substitution);
        self.next()?;
        let first = self.statements(&[])?.first;
        self.leave(&outer);
        self.shallower();
        self.close(RightParen, opening, line)?;
        Ok(first)
    }

    /// Steps over what closes the part that began in `line`.
    pub(super) fn close(&mut self, token: Token, opening: &str, line: u32) -> Read<()> {
        if self.got(token)? {
            return Ok(());
        }
        let mut error = self.unexpected(&format!("where `{}` should close `{opening}`", token.text()));
        error.line = line;
        Err(error)
    }

    fn process(&mut self) -> Read<WordKind<'t>> {
        self.refuse_in_mark()?;
        let operator = self.token;
        let first = self.substitution(operator.text())?;
        Ok(WordKind::Process { output: operator == ProcessOut, first })
    }

    fn backquotes(&mut self) -> Read<()> {
        self.refuse_in_mark()?;
        let line = self.line;
        self.deeper()?;
        let outer = self.enter(State::Backquotes);
        // Only now may the lexer go on: how many are open decides what a backslash means.
        self.chars.backquotes += 1;
        self.chars.advance();
        self.next()?;
        self.statements(&[])?;
        let early = self.token == Backquote && self.chars.backquote_escapes + 1 < self.chars.backquotes;
        self.leave(&outer);
        self.shallower();
        self.chars.backquotes -= 1;
        if early || self.token != Backquote {
            self.line = line;
            return Err(self.wrong("no closing backquote"));
        }
        self.chars.advance();
        self.next()
    }

    /// An extended glob: text up to its last parenthesis.
    fn glob(&mut self) -> Read<()> {
        let line = self.line;
        let mut open = 1_usize;
        loop {
            match self.chars.cur {
                END => {
                    self.line = line;
                    return Err(self.wrong("no closing `)` of a pattern"));
                }
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                break;
            }
            self.chars.advance();
        }
        if let Some(mark) = &mut self.mark {
            mark.quoted = false;
        }
        self.chars.advance();
        self.next()
    }
}

/// The text of a literal, a piece of what is read if it can be.
fn lossy(literal: Cow<'_, [u8]>) -> Cow<'_, str> {
    match literal {
        Cow::Borrowed(piece) => bytes::lossy(piece),
        Cow::Owned(literal) => Cow::Owned(bytes::lossy(&literal).into_owned()),
    }
}

/// A place in the text. Texts of 4 GiB and more are not read.
pub(super) fn span(start: usize, end: usize) -> std::ops::Range<u32> {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    place(start)..place(end.max(start))
}
