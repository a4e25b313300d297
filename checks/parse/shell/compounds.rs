//! Commands that begin with a reserved word.

use super::facts::Visit;
use super::operators::Token::*;
use super::reader::{Read, Reader, State};
use super::statements::{Kind, Redirects};
use super::words::span;

impl<'t> Reader<'t> {
    /// The command that begins with the current literal.
    pub(super) fn command(&mut self, redirects: &mut Redirects<'t>) -> Read<Kind> {
        match &*self.value {
            b"{" => self.block()?,
            b"if" => self.conditional()?,
            b"while" | b"until" => self.condition_loop()?,
            b"for" => self.for_loop()?,
            b"select" => self.select()?,
            b"case" => self.case()?,
            b"}" | b"then" | b"elif" | b"fi" | b"do" | b"done" | b"esac" | b"]]" | b"!" => {
                return Err(self.unexpected("where a statement should begin"));
            }
            b"[[" => self.test_command()?,
            b"let" => self.let_command()?,
            b"function" => self.function_keyword()?,
            b"declare" | b"local" | b"export" | b"readonly" | b"typeset" | b"nameref" => self.declaration()?,
            b"time" => self.time()?,
            b"coproc" => self.coprocess()?,
            _ if self.at_assignment() => return self.simple(None, redirects),
            _ => return self.call_or_function(redirects),
        }
        Ok(Kind::Other)
    }

    fn call_or_function(&mut self, redirects: &mut Redirects<'t>) -> Read<Kind> {
        let line = self.line;
        let word = self.literal_word()?;
        if self.got(LeftParen)? {
            self.expect(RightParen, "the name of a function")?;
            self.function_body()?;
            return Ok(Kind::Other);
        }
        self.simple(Some((word, line)), redirects)
    }

    fn function_keyword(&mut self) -> Read<()> {
        self.next()?;
        if self.token != LitWord {
            return Err(self.unexpected("as the name of a function"));
        }
        self.next()?;
        if self.got(LeftParen)? {
            self.expect(RightParen, "the name of a function")?;
        }
        self.function_body()
    }

    fn function_body(&mut self) -> Read<()> {
        self.got(Newline)?;
        self.deeper()?;
        if self.statement(false)?.is_none() {
            return Err(self.unexpected("as the body of a function"));
        }
        self.shallower();
        Ok(())
    }

    /// The statements after a reserved word. There may be none after a line break or a semicolon.
    fn body(&mut self, after: &str, stops: &[&str]) -> Read<()> {
        if self.got(Semicolon)? {
            return Ok(());
        }
        let broken = self.token == Newline;
        self.got(Newline)?;
        self.deeper()?;
        let statements = self.statements(stops)?;
        self.shallower();
        if statements.empty && !broken { Err(self.unexpected(&format!("where `{after}` wants statements"))) } else { Ok(()) }
    }

    fn block(&mut self) -> Read<()> {
        let line = self.line;
        self.next()?;
        self.deeper()?;
        self.statements(&["}"])?;
        self.shallower();
        if self.got_word("}")? {
            return Ok(());
        }
        let mut error = self.unexpected("where `}` should close `{`");
        error.line = line;
        Err(error)
    }

    fn conditional(&mut self) -> Read<()> {
        self.next()?;
        self.body("if", &["then"])?;
        self.expect_word("then", "if")?;
        self.body("then", &["fi", "elif", "else"])?;
        while self.got_word("elif")? {
            self.body("elif", &["then"])?;
            self.expect_word("then", "elif")?;
            self.body("then", &["fi", "elif", "else"])?;
        }
        if self.got_word("else")? {
            self.body("else", &["fi"])?;
        }
        self.expect_word("fi", "if")
    }

    fn condition_loop(&mut self) -> Read<()> {
        self.next()?;
        self.body("while", &["do"])?;
        self.expect_word("do", "while")?;
        self.body("do", &["done"])?;
        self.expect_word("done", "while")
    }

    fn for_loop(&mut self) -> Read<()> {
        self.next()?;
        if self.token == LeftParens {
            self.counting()?
        } else {
            self.loop_words()?
        }
        let end = if self.got_word("{")? {
            "}"
        } else {
            self.expect_word("do", "for")?;
            "done"
        };
        self.body("for", &[end])?;
        self.expect_word(end, "for")
    }

    /// `((start; condition; step))`, each of which may be missing.
    fn counting(&mut self) -> Read<()> {
        let line = self.line;
        let outer = self.enter(State::ArithmeticCommand);
        self.next()?;
        self.expression(false)?;
        if !self.got(SemicolonTwice)? {
            self.expect(Semicolon, "for ((")?;
            self.expression(false)?;
            self.expect(Semicolon, "for ((")?;
        }
        self.expression(false)?;
        self.close_arithmetic(&outer, line)?;
        self.got(Semicolon)?;
        self.got(Newline)?;
        Ok(())
    }

    fn loop_words(&mut self) -> Read<()> {
        if !matches!(self.token, Lit | LitWord | LitRedir) {
            return Err(self.unexpected("as the name of a loop's variable"));
        }
        self.next()?;
        if self.got(Semicolon)? {
            self.got(Newline)?;
            return Ok(());
        }
        self.got(Newline)?;
        if self.got_word("in")? {
            while !self.at_stop() {
                if self.word()?.is_none() {
                    return Err(self.unexpected("among the words of a loop"));
                }
            }
            self.got(Semicolon)?;
            self.got(Newline)?;
            Ok(())
        } else if self.at_word("do") {
            Ok(())
        } else {
            Err(self.unexpected("where `in` or `do` should follow a loop's variable"))
        }
    }

    fn select(&mut self) -> Read<()> {
        self.next()?;
        self.loop_words()?;
        self.expect_word("do", "select")?;
        self.body("do", &["done"])?;
        self.expect_word("done", "select")
    }

    fn case(&mut self) -> Read<()> {
        self.next()?;
        self.expect_word_after("case")?;
        self.got(Newline)?;
        if self.got_word("{")? {
            return Err(self.foreign("`case x {`"));
        }
        self.expect_word("in", "case")?;
        self.got(Newline)?;
        self.deeper()?;
        while self.token != End && !self.at_word("esac") {
            if !self.case_item()? {
                break;
            }
        }
        self.shallower();
        self.expect_word("esac", "case")
    }

    /// Patterns and statements. Tells whether others may follow.
    fn case_item(&mut self) -> Read<bool> {
        self.got(LeftParen)?;
        while self.token != End {
            if self.word()?.is_none() {
                return Err(self.unexpected("as a pattern"));
            }
            if self.token == RightParen {
                break;
            }
            if !self.got(Or)? {
                return Err(self.unexpected("between patterns"));
            }
        }
        let outer = self.enter(State::Case);
        self.next()?;
        self.statements(&["esac"])?;
        self.leave(&outer);
        if !matches!(self.token, SemicolonTwice | SemicolonAnd | SemicolonTwiceAnd) {
            return Ok(false);
        }
        self.next()?;
        self.got(Newline)?;
        Ok(true)
    }

    /// `(( ))` as a command.
    pub(super) fn arithmetic_command(&mut self) -> Read<()> {
        let line = self.line;
        let outer = self.enter(State::ArithmeticCommand);
        self.next()?;
        if self.got(Hash)? {
            return Err(self.foreign("unsigned arithmetic"));
        }
        self.expect_expression("((")?;
        self.close_arithmetic(&outer, line)
    }

    fn let_command(&mut self) -> Read<()> {
        let outer = self.enter(State::Let);
        self.next()?;
        let mut any = false;
        while !self.at_stop() && !self.at_redirect() && self.expression(true)? {
            any = true;
        }
        if !any {
            return Err(self.unexpected("where `let` wants an expression"));
        }
        self.leave(&outer);
        Ok(())
    }

    fn time(&mut self) -> Read<()> {
        self.next()?;
        self.got_word("-p")?;
        self.deeper()?;
        self.pipeline()?;
        self.shallower();
        Ok(())
    }

    /// `coproc`: a name and a compound command, or a simple command.
    fn coprocess(&mut self) -> Read<()> {
        self.next()?;
        self.deeper()?;
        if self.at_compound() {
            self.pipeline()?;
            self.shallower();
            return Ok(());
        }
        let line = self.line;
        let before = self.facts.walk.len();
        let name = self.word()?;
        let mut visits = self.facts.walk.split_off(before);
        match (self.pipeline()?, name) {
            (None, None) => return Err(self.unexpected("where `coproc` wants a command")),
            (None, Some(name)) => {
                let call = self.facts.commands.len();
                let (place, begin) = (name.span.clone(), self.facts.words.len());
                self.facts.words.push(name);
                let words = span(begin, self.facts.words.len());
                self.facts.commands.push(super::Command { line, span: place, words, ..Default::default() });
                self.facts.walk.push(Visit::Command(call));
                self.facts.walk.append(&mut visits);
            }
            // No name, then, but the first word of the command.
            (Some(Kind::Simple { call, assigns }), Some(name)) => {
                let command = &mut self.facts.commands[call];
                if !assigns {
                    command.line = line;
                }
                command.span.start = command.span.start.min(name.span.start);
                let others = self.facts.words[command.words.start as usize..command.words.end as usize].to_vec();
                let begin = self.facts.words.len();
                self.facts.words.push(name);
                self.facts.words.extend(others);
                command.words = span(begin, self.facts.words.len());
                let after = self.facts.walk.len().min(before + 1);
                self.facts.walk.splice(after..after, visits);
            }
            (Some(_), _) => _ = self.facts.walk.splice(before..before, visits),
        }
        self.shallower();
        Ok(())
    }

    /// Whether a command begins here that can follow `coproc` without a name.
    fn at_compound(&self) -> bool {
        match self.token {
            LeftParen | LeftParens => true,
            LitWord => matches!(
                &*self.value,
                b"{" | b"if"
                    | b"while"
                    | b"until"
                    | b"for"
                    | b"case"
                    | b"[["
                    | b"coproc"
                    | b"let"
                    | b"function"
                    | b"declare"
                    | b"local"
                    | b"export"
                    | b"readonly"
                    | b"typeset"
                    | b"nameref"
            ),
            _ => false,
        }
    }
}
