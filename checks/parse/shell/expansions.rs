//! `${ }` and the arithmetic expansions.

use std::borrow::Cow;

use super::operators::Token::*;
use super::reader::{Read, Reader, State, is_name};

impl<'t> Reader<'t> {
    /// An expansion in braces.
    pub(super) fn braces(&mut self) -> Read<()> {
        self.refuse_in_mark()?;
        match self.chars.cur {
            b'|' => return Err(self.foreign("`${|`")),
            b' ' | b'\t' | b'\n' => return Err(self.foreign("`${ `")),
            _ => {}
        }
        let line = self.line;
        self.deeper()?;
        let outer = std::mem::replace(&mut self.state, State::Name);
        let (name, length, indirect) = self.parameter()?;
        if matches!(self.token, Lit | LitWord) {
            return Err(self.unexpected("after the name of a variable"));
        }
        if self.token == LeftBracket {
            if !is_name(&name) {
                return Err(self.wrong("an index of a special variable"));
            }
            self.index()?;
        }
        if length && !matches!(self.token, RightBrace | End) {
            return Err(self.unexpected("after the length of a variable"));
        }
        match self.token {
            RightBrace | End => {}
            Slash | SlashTwice => {
                self.state = State::Pattern;
                self.next()?;
                self.word()?;
                self.state = State::Operand;
                if self.got(Slash)? {
                    self.word()?;
                }
            }
            Colon => self.slice(outer)?,
            At => self.transformation(indirect)?,
            Star if indirect && self.chars.cur == b'}' => self.next()?,
            Caret | CaretTwice | Comma | CommaTwice | Plus | ColonPlus | Minus | ColonMinus | Question | ColonQuestion | Assign
            | ColonAssign | Percent | PercentTwice | Hash | HashTwice => self.operand()?,
            Star if indirect => self.operand()?,
            _ => return Err(self.unexpected("as an operator of an expansion")),
        }
        self.state = outer;
        self.shallower();
        self.close(RightBrace, "${", line)
    }

    /// The name, whether its length is asked for, and whether it is indirect.
    fn parameter(&mut self) -> Read<(Cow<'t, [u8]>, bool, bool)> {
        if self.chars.cur == b'#' {
            // Alone: two of them are no operator here.
            self.token = Hash;
            self.chars.advance();
        } else {
            self.next()?;
        }
        let (mut length, mut indirect) = (false, false);
        let names = !matches!(self.chars.cur, b'}' | b':' | b'+' | b'=' | b'%' | b'[' | b']' | b'/' | b'^' | b',');
        match self.token {
            Percent => return Err(self.foreign("`${%`")),
            Hash if names => {
                length = true;
                self.next()?;
            }
            Not if names => {
                indirect = true;
                self.next()?;
            }
            _ => {}
        }
        let name = match self.token {
            Lit | LitWord => {
                if !is_name(&self.value) && !self.value.iter().all(u8::is_ascii_digit) {
                    return Err(self.unexpected("as the name of a variable"));
                }
                self.value.clone()
            }
            // A default of `$#` rather than the length of `$-`.
            Question | Minus if length && self.chars.cur != b'}' => return Ok((Cow::Borrowed(b"#"), false, indirect)),
            Question | Minus | At | Star | Hash | Not | Dollar => self.token.text().as_bytes().into(),
            _ => return Err(self.unexpected("as the name of a variable")),
        };
        self.next()?;
        Ok((name, length, indirect))
    }

    /// Offset and length. The reference's walk does not enter them.
    fn slice(&mut self, outer: State) -> Read<()> {
        let visited = self.facts.walk.len();
        self.state = State::Slice;
        self.next()?;
        if self.token != Colon {
            self.expect_expression(":")?;
        }
        if self.got(Colon)? {
            self.expect_expression(":")?;
        }
        self.facts.walk.truncate(visited);
        self.state = outer;
        Ok(())
    }

    fn transformation(&mut self, indirect: bool) -> Read<()> {
        if indirect && self.chars.cur == b'}' {
            return self.next();
        }
        self.state = State::Operand;
        self.next()?;
        if !matches!(self.token, Lit | LitWord) {
            return Err(self.unexpected("after `@` in an expansion"));
        }
        match &*self.value {
            b"a" | b"k" | b"u" | b"A" | b"E" | b"K" | b"L" | b"P" | b"U" | b"Q" => {}
            b"#" => return Err(self.foreign("`@#`")),
            _ => return Err(self.unexpected("after `@` in an expansion")),
        }
        self.word()?;
        Ok(())
    }

    fn operand(&mut self) -> Read<()> {
        self.state = State::Operand;
        self.next()?;
        self.word()?;
        Ok(())
    }

    /// `$(( ))` or `$[ ]`.
    pub(super) fn arithmetic_expansion(&mut self) -> Read<()> {
        self.refuse_in_mark()?;
        let opening = self.token;
        let line = self.line;
        self.deeper()?;
        let outer = self.enter(if opening == DollarBracket { State::Brackets } else { State::Arithmetic });
        self.next()?;
        if self.got(Hash)? {
            return Err(self.foreign("unsigned arithmetic"));
        }
        self.expect_expression(opening.text())?;
        self.shallower();
        if opening == DollarBracket {
            if self.token != RightBracket {
                return Err(self.unexpected("where `]` should close `$[`"));
            }
            self.leave(&outer);
            self.next()
        } else {
            self.close_arithmetic(&outer, line)
        }
    }
}
