//! Arithmetic, as far as it decides what is refused and which commands stand in it.

use std::borrow::Cow;

use super::operators::Token::{self, *};
use super::reader::{Outer, Read, Reader, State, is_name};
use super::{Word, WordKind};

/// What an expression turned out to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Operand {
    Missing,
    /// A name or an element of an array, to which a value can be assigned.
    Name,
    Other,
}

/// How tightly an operator with two sides binds, if it is one of those that associate to the left.
fn binding(token: Token) -> Option<u8> {
    Some(match token {
        OrOr => 0,
        AndAnd => 1,
        Or => 2,
        Caret => 3,
        And => 4,
        Equal | NotEqual => 5,
        Less | Greater | LessEqual | GreaterEqual => 6,
        LessTwice | GreaterTwice => 7,
        Plus | Minus => 8,
        Star | Slash | Percent => 9,
        _ => return None,
    })
}

fn assigns(token: Token) -> bool {
    matches!(
        token,
        Assign
            | PlusAssign
            | MinusAssign
            | StarAssign
            | SlashAssign
            | PercentAssign
            | AndAssign
            | OrAssign
            | CaretAssign
            | LeftAssign
            | RightAssign
    )
}

/// `compact`: the argument of a `let`, which ends at a blank.
impl Reader<'_> {
    /// An expression. Tells whether there is one.
    pub(super) fn expression(&mut self, compact: bool) -> Read<bool> {
        Ok(self.comma(compact)? != Operand::Missing)
    }

    /// The expression that must follow.
    pub(super) fn expect_expression(&mut self, after: &str) -> Read<()> {
        if self.expression(false)? { Ok(()) } else { Err(self.unexpected(&format!("where `{after}` wants an expression"))) }
    }

    /// An index in brackets.
    pub(super) fn index(&mut self) -> Read<()> {
        let outer = std::mem::replace(&mut self.state, State::Brackets);
        self.next()?;
        if matches!(self.token, Star | At) {
            self.value = Cow::Borrowed(self.token.text().as_bytes());
            self.token = LitWord;
        }
        self.expect_expression("[")?;
        self.state = outer;
        if self.got(RightBracket)? { Ok(()) } else { Err(self.unexpected("where `]` should close `[`")) }
    }

    /// Steps over the `))` that must be there.
    pub(super) fn close_arithmetic(&mut self, outer: &Outer, line: u32) -> Read<()> {
        if self.token != RightParen || self.chars.cur != b')' {
            let mut error = self.unexpected("where `))` should close `((`");
            error.line = line;
            return Err(error);
        }
        self.chars.advance();
        self.leave(outer);
        self.next()
    }

    fn ends(&self, compact: bool) -> bool {
        compact && self.spaced
    }

    fn operand_after(&self, operand: Operand, token: Token) -> Read<()> {
        if operand == Operand::Missing { Err(self.unexpected(&format!("where `{}` wants an operand", token.text()))) } else { Ok(()) }
    }

    fn operand_before(&self, operand: Operand) -> Read<()> {
        if operand == Operand::Missing { Err(self.unexpected("where an operand is missing")) } else { Ok(()) }
    }

    fn skip_breaks(&mut self, compact: bool) -> Read<()> {
        if !compact {
            self.got(Newline)?;
        }
        Ok(())
    }

    /// Steps over an operator that wants an operand.
    fn operator_step(&mut self, compact: bool) -> Read<Token> {
        let token = self.token;
        self.next()?;
        if self.ends(compact) {
            return Err(self.wrong(&format!("nothing after `{}`", token.text())));
        }
        self.skip_breaks(compact)?;
        Ok(token)
    }

    fn comma(&mut self, compact: bool) -> Read<Operand> {
        let mut operand = self.assignment_expression(compact)?;
        while self.token == Comma && !self.ends(compact) {
            self.operand_before(operand)?;
            self.operator_step(compact)?;
            let right = self.assignment_expression(compact)?;
            self.operand_after(right, Comma)?;
            operand = Operand::Other;
        }
        Ok(operand)
    }

    fn assignment_expression(&mut self, compact: bool) -> Read<Operand> {
        let mut operand = self.ternary(compact)?;
        let mut assigned = false;
        while assigns(self.token) && !self.ends(compact) {
            if operand != Operand::Name {
                return Err(self.unexpected("after what is no name"));
            }
            let token = self.operator_step(compact)?;
            operand = self.ternary(compact)?;
            self.operand_after(operand, token)?;
            assigned = true;
        }
        Ok(if assigned { Operand::Other } else { operand })
    }

    fn ternary(&mut self, compact: bool) -> Read<Operand> {
        let mut operand = self.binary(compact, 0)?;
        while self.token == Question && !self.ends(compact) {
            self.operand_before(operand)?;
            self.operator_step(compact)?;
            if self.token == Colon {
                return Err(self.wrong("nothing between `?` and `:`"));
            }
            self.deeper()?;
            let inner = self.comma(compact)?;
            self.shallower();
            self.operand_after(inner, Question)?;
            if self.token != Colon {
                return Err(self.unexpected("where `:` should follow `?`"));
            }
            self.operator_step(compact)?;
            let right = self.binary(compact, 0)?;
            self.operand_after(right, Colon)?;
            operand = Operand::Other;
        }
        Ok(operand)
    }

    fn binary(&mut self, compact: bool, least: u8) -> Read<Operand> {
        let mut operand = self.power(compact)?;
        while let Some(strength) = binding(self.token).filter(|strength| *strength >= least) {
            if self.ends(compact) {
                break;
            }
            self.operand_before(operand)?;
            let token = self.operator_step(compact)?;
            let right = self.binary(compact, strength + 1)?;
            self.operand_after(right, token)?;
            operand = Operand::Other;
        }
        Ok(operand)
    }

    fn power(&mut self, compact: bool) -> Read<Operand> {
        let mut operand = self.unary(compact)?;
        while self.token == StarTwice && !self.ends(compact) {
            self.operand_before(operand)?;
            self.operator_step(compact)?;
            let right = self.unary(compact)?;
            self.operand_after(right, StarTwice)?;
            operand = Operand::Other;
        }
        Ok(operand)
    }

    fn unary(&mut self, compact: bool) -> Read<Operand> {
        self.skip_breaks(compact)?;
        let mut before = None;
        while matches!(self.token, Not | Tilde | Plus | Minus) {
            before = Some(self.operator_step(compact)?);
        }
        let operand = self.operand_value(compact)?;
        match before {
            Some(token) => self.operand_after(operand, token).map(|()| Operand::Other),
            None => Ok(operand),
        }
    }

    fn operand_value(&mut self, compact: bool) -> Read<Operand> {
        let operand = match self.token {
            PlusTwice | MinusTwice => {
                self.next()?;
                if !self.ends(compact) {
                    self.skip_breaks(compact)?;
                }
                if self.token != LitWord {
                    return Err(self.unexpected("where a name should be changed by one"));
                }
                self.operand_value(compact)?;
                return Ok(Operand::Other);
            }
            LeftParen => {
                let line = self.line;
                self.operator_step(compact)?;
                self.deeper()?;
                self.expect_expression("(")?;
                self.shallower();
                self.close(RightParen, "(", line)?;
                Operand::Other
            }
            LeftBracket => return Err(self.wrong("an index without a name")),
            Colon => return Err(self.wrong("`:` without `?`")),
            LitWord => self.literal_operand()?,
            Backquote if self.state == State::Let && self.chars.backquotes > 0 => return Ok(Operand::Missing),
            _ => match self.word()? {
                None => return Ok(Operand::Missing),
                Some(Word { kind: WordKind::Literal(text), .. }) if is_name(text.as_bytes()) => Operand::Name,
                Some(_) => Operand::Other,
            },
        };
        if self.ends(compact) {
            return Ok(operand);
        }
        self.skip_breaks(compact)?;
        if !matches!(self.token, PlusTwice | MinusTwice) {
            return Ok(operand);
        }
        if operand != Operand::Name {
            return Err(self.unexpected("after what is no name"));
        }
        self.next()?;
        if !self.ends(compact) {
            self.skip_breaks(compact)?;
        }
        Ok(Operand::Other)
    }

    /// A number, a name, or an element of an array.
    fn literal_operand(&mut self) -> Read<Operand> {
        let name = is_name(&self.value);
        self.next()?;
        if self.token == LeftBracket {
            self.deeper()?;
            self.index()?;
            self.shallower();
            return Ok(Operand::Name);
        }
        Ok(if name { Operand::Name } else { Operand::Other })
    }
}
