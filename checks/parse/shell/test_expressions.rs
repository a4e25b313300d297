//! `[[ ]]`.

use super::operators::Token::*;
use super::reader::{Read, Reader, State};

impl Reader<'_> {
    pub(super) fn test_command(&mut self) -> Read<()> {
        let line = self.line;
        self.deeper()?;
        let outer = self.enter(State::Test);
        self.next()?;
        if self.at_word("]]") || self.token == End {
            return Err(self.wrong("a test without an expression"));
        }
        self.test()?;
        if !self.got_word("]]")? {
            let mut error = self.unexpected("where `]]` should close `[[`");
            error.line = line;
            return Err(error);
        }
        self.leave(&outer);
        self.shallower();
        Ok(())
    }

    /// Expressions joined by `&&` and `||`. They group to the right, but nothing hangs on that.
    fn test(&mut self) -> Read<()> {
        loop {
            self.got(Newline)?;
            let word = self.test_operand()?;
            self.got(Newline)?;
            if !matches!(self.token, AndAnd | OrOr) && !self.ends_test() {
                self.comparison(word)?;
                self.got(Newline)?;
                if !matches!(self.token, AndAnd | OrOr) && !self.ends_test() {
                    return Err(self.unexpected("after a whole test"));
                }
            }
            if self.ends_test() {
                return Ok(());
            }
            self.next()?;
        }
    }

    fn ends_test(&self) -> bool {
        matches!(self.token, End | RightParen) || self.at_word("]]")
    }

    /// What stands on the left of a comparison, or alone. Tells whether it is a word.
    fn test_operand(&mut self) -> Read<bool> {
        if self.ends_test() {
            return Err(self.unexpected("where a test wants an expression"));
        }
        if self.at_word("!") || self.token == Not {
            self.next()?;
            self.deeper()?;
            self.test()?;
            self.shallower();
            return Ok(false);
        }
        if self.token == LitWord && is_unary(&self.value) {
            let operator = self.text();
            self.next()?;
            self.expect_word_after(&operator)?;
            return Ok(false);
        }
        if self.token == LeftParen {
            let line = self.line;
            self.next()?;
            self.deeper()?;
            self.test()?;
            self.shallower();
            self.close(RightParen, "(", line)?;
            return Ok(false);
        }
        match self.word()? {
            Some(_) => Ok(true),
            None => Err(self.unexpected("where a test wants an expression")),
        }
    }

    fn comparison(&mut self, after_word: bool) -> Read<()> {
        let known = match self.token {
            LitWord => is_binary(&self.value),
            Less | Greater => true,
            _ => false,
        };
        if !known || !after_word {
            return Err(self.unexpected("in a test"));
        }
        let operator = if self.token == LitWord { self.text() } else { self.token.text().into() };
        let outer = self.state;
        if &*operator == "=~" {
            self.regex_parens = 0;
            self.regex_begins = true;
            self.state = State::Regex;
        }
        self.next()?;
        self.expect_word_after(&operator)?;
        self.state = outer;
        Ok(())
    }
}

fn is_unary(word: &[u8]) -> bool {
    matches!(word, [b'-', letter] if b"aefdcbpSLhkguGONrwxstznovR".contains(letter))
}

fn is_binary(word: &[u8]) -> bool {
    matches!(word, b"=" | b"==" | b"!=" | b"=~" | b"-nt" | b"-ot" | b"-ef" | b"-eq" | b"-ne" | b"-le" | b"-ge" | b"-lt" | b"-gt")
}
