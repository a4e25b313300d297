//! Tokens: what comes next, given where the reader is.

use super::chars::{END, JOIN, Plain};
use super::operators::Operators;
use super::operators::Token::{self, *};
use super::reader::{Read, Reader, State};

static BLANKS: Plain = Plain::only(b" \t");

impl Reader<'_> {
    /// Steps to the next token. Reads the bodies of here-documents when a line ends.
    pub(super) fn next(&mut self) -> Read<()> {
        self.end = self.chars.after;
        if self.at_end() {
            self.token = End;
            return Ok(());
        }
        self.spaced = false;
        if self.state.keeps_spaces() {
            self.next_among_spaces();
            return Ok(());
        }
        loop {
            if self.skip_blanks()? {
                return Ok(());
            }
            self.mark_start();
            // A comment goes on in the next line after a backslash, and blanks before it are forgotten then.
            if self.state.is_command() && self.chars.cur == b'#' && !self.is_glued() {
                self.skip_comment();
                self.spaced = false;
                if self.at_end() {
                    self.token = End;
                    return Ok(());
                }
                continue;
            }
            // Behind the first blank outside its parentheses a regular expression is over.
            if self.state == State::Regex && !self.regex_begins && self.spaced {
                self.state = State::Plain;
                continue;
            }
            break;
        }
        self.lex();
        Ok(())
    }

    fn mark_start(&mut self) {
        self.start = self.chars.at;
        self.line = self.chars.line;
    }

    /// Skips to the next token. Tells whether that is already decided: the end, or a line break.
    fn skip_blanks(&mut self) -> Read<bool> {
        loop {
            match self.chars.cur {
                END => {
                    self.token = End;
                    return Ok(true);
                }
                JOIN => {}
                b' ' | b'\t' | b'\r' => {
                    self.spaced = true;
                    self.chars.advance_over(&BLANKS);
                    continue;
                }
                b'\n' if self.token == Newline => {}
                b'\n' => {
                    self.spaced = true;
                    self.token = Newline;
                    self.mark_start();
                    if self.state != State::Mark && self.pending.len() > self.buried {
                        self.here_documents()?;
                    }
                    return Ok(true);
                }
                _ => return Ok(false),
            }
            self.chars.advance();
        }
    }

    /// Whether a `#` here goes on with the word before it: after a literal, a closing quote or a brace.
    fn is_glued(&self) -> bool {
        !self.spaced && matches!(self.token, LitWord | RightBrace | SingleQuote | DoubleQuote)
    }

    fn skip_comment(&mut self) {
        loop {
            match self.chars.advance_in_comment() {
                b'\n' | END | JOIN => return,
                b'`' if self.chars.closes_backquote() => return,
                _ => {}
            }
        }
    }

    fn lex(&mut self) {
        let state = self.state;
        let cur = self.chars.cur;
        if state.is_command() {
            match cur {
                b'[' | b'=' if state == State::Array => self.operator(Operators::Parameter),
                b'?' | b'*' | b'+' | b'@' | b'!' if self.at_glob() => {
                    self.token = match cur {
                        b'?' => GlobQuestion,
                        b'*' => GlobStar,
                        b'+' => GlobPlus,
                        b'@' => GlobAt,
                        _ => GlobNot,
                    };
                    self.chars.advance();
                    self.chars.advance();
                }
                _ if Operators::Command.first(cur).is_some() => self.operator(Operators::Command),
                _ => self.plain_literal(),
            }
        } else if state.is_arithmetic() && Operators::Arithmetic.first(cur).is_some() {
            self.operator(Operators::Arithmetic);
        } else if state.is_parameter() && Operators::Parameter.first(cur).is_some() {
            self.operator(Operators::Parameter);
        } else if state == State::Regex {
            self.lex_regex();
        } else if Operators::Command.first(cur).is_some() {
            self.operator(Operators::Command);
        } else {
            self.other_literal();
        }
    }

    fn lex_regex(&mut self) {
        self.regex_begins = false;
        match self.chars.cur {
            b';' | b'"' | b'\'' | b'$' | b'&' | b'>' | b'<' | b'`' => self.operator(Operators::Command),
            b')' if self.regex_parens <= 0 => {
                self.token = RightParen;
                self.state = State::Plain;
                self.chars.advance();
            }
            _ => self.regex_literal(),
        }
    }

    /// The next token where blanks are part of the text.
    fn next_among_spaces(&mut self) {
        let body = matches!(self.state, State::Body | State::BodyTabs);
        if !body {
            while self.chars.cur == JOIN {
                self.chars.advance();
            }
        }
        self.mark_start();
        match (self.state, self.chars.cur) {
            (State::Pattern, b'}' | b'/') | (State::Operand, b'}') => self.operator(Operators::Parameter),
            (State::Pattern | State::Operand, b'`' | b'"' | b'$' | b'\'') => self.operator(Operators::Command),
            (State::DoubleQuotes, b'`' | b'"' | b'$') | (State::Body | State::BodyTabs, b'`' | b'$') => self.operator(Operators::Quoted),
            (State::DoubleQuotes, _) => self.quoted_literal(),
            (State::Body | State::BodyTabs, _) => self.body_literal(),
            _ => self.other_literal(),
        }
    }

    /// The longest operator of the set here. Backquotes are not stepped over: how many are open decides what follows.
    fn operator(&mut self, set: Operators) {
        let Some(mut token) = set.first(self.chars.cur) else { return };
        if token != Backquote {
            loop {
                let byte = self.chars.advance();
                match set.longer(token, byte) {
                    Some(longer) if !self.is_forbidden(longer) => token = longer,
                    _ => break,
                }
            }
        }
        self.token = token;
    }

    fn is_forbidden(&self, token: Token) -> bool {
        match token {
            LeftParens => self.state == State::Test,
            DollarBracket => self.state == State::Name,
            SlashTwice => self.state == State::Pattern,
            _ => false,
        }
    }

    /// Whether an extended glob begins here. With nothing inside it is taken for a function instead.
    pub(super) fn at_glob(&self) -> bool {
        *self.value != *b"function" && self.chars.follows(b"(") && !self.chars.follows(b"()")
    }
}
