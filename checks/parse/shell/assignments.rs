//! Assignments, arrays and declarations.

use super::operators::Token::*;
use super::reader::{Read, Reader, State, is_name};

impl Reader<'_> {
    /// Whether the current literal assigns: `a=`, `a+=` or `a[`.
    ///
    /// The place of `=` may be that of an earlier literal, and the reference believes it all the same.
    pub(super) fn at_assignment(&self) -> bool {
        if !matches!(self.token, Lit | LitWord) {
            return false;
        }
        match self.equals {
            Some(at) if at > 0 => {
                let name = self.value.get(..at).unwrap_or(&self.value);
                if is_name(name.strip_suffix(b"+").unwrap_or(name)) {
                    return true;
                }
            }
            _ if !is_name(&self.value) => return false,
            _ => {}
        }
        self.chars.cur == b'['
    }

    /// An assignment. Tells whether it names an element or gives an array, neither of which can precede a command.
    pub(super) fn assignment(&mut self, needs_value: bool) -> Read<bool> {
        let before = self.facts.walk.len();
        // The walk visits the value before the index.
        let mut index = Vec::new();
        let mut element = false;
        let mut value = false;
        match self.equals {
            Some(at) if at > 0 => {
                value = self.value.len() > at + 1;
                self.next()?;
            }
            _ => {
                element = true;
                self.chars.advance();
                self.deeper()?;
                self.index()?;
                self.shallower();
                index = self.facts.walk.split_off(before);
                if !self.element_value(needs_value)? {
                    self.facts.walk.append(&mut index);
                    return Ok(true);
                }
            }
        }
        let mut array = false;
        if self.spaced || self.at_stop() {
            // The value ends here.
        } else if self.token == LeftParen && !value {
            if element {
                return Err(self.wrong("an array in an array"));
            }
            array = true;
            self.array()?;
        } else {
            self.word()?;
        }
        self.facts.walk.append(&mut index);
        Ok(element || array)
    }

    /// Steps to the value behind an index. Tells whether there is one.
    fn element_value(&mut self, needed: bool) -> Read<bool> {
        if self.spaced || self.at_stop() {
            return if needed { Err(self.unexpected("where `=` should follow an index")) } else { Ok(false) };
        }
        if self.value.first() == Some(&b'+') {
            self.value.to_mut().remove(0);
        }
        if self.value.first() != Some(&b'=') {
            return Err(self.unexpected("where `=` should follow an index"));
        }
        self.value.to_mut().remove(0);
        if self.value.is_empty() {
            self.next()?;
        }
        Ok(true)
    }

    fn array(&mut self) -> Read<()> {
        let line = self.line;
        self.deeper()?;
        let outer = self.enter(State::Array);
        self.next()?;
        self.got(Newline)?;
        while !matches!(self.token, End | RightParen) {
            if self.token == LeftBracket {
                self.index()?;
                self.expect(Assign, "an element of an array")?;
            }
            if self.word()?.is_none() && !matches!(self.token, Newline | RightParen | LeftBracket) {
                return Err(self.unexpected("among the words of an array"));
            }
            self.got(Newline)?;
        }
        self.leave(&outer);
        self.shallower();
        self.close(RightParen, "(", line)
    }

    /// `declare`, `export` and their like.
    pub(super) fn declaration(&mut self) -> Read<()> {
        self.next()?;
        while !self.at_stop() && !self.at_redirect() {
            if self.at_assignment() {
                self.assignment(false)?;
            } else if self.equals.is_some_and(|at| at > 0) {
                return Err(self.unexpected("as an assignment"));
            } else if self.token == LitWord && is_name(&self.value) {
                // A name alone: what is glued to it by a comment that goes on is the next argument.
                self.next()?;
            } else if self.word()?.is_none() {
                return Err(self.unexpected("in a declaration"));
            }
        }
        Ok(())
    }
}
