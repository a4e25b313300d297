//! Statements: lists, pipelines, simple commands and their redirections.

use super::facts::Visit;
use super::here_documents::{Mark, Pending};
use super::operators::Token::*;
use super::reader::{Read, Reader, State};
use super::words::span;
use super::{Command, Pipe, Redirect, Word};

/// A list of statements.
pub(super) struct Statements {
    /// Whether there are none.
    pub empty: bool,
    /// The command that is the first, if it is a simple one.
    pub first: Option<usize>,
}

/// What a statement turned out to be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A simple command.
    Simple {
        /// The number under which it was found.
        call: usize,
        /// Whether assignments precede its words.
        assigns: bool,
    },
    Other,
}

impl Kind {
    fn simple(self) -> Option<usize> {
        match self {
            Self::Simple { call, .. } => Some(call),
            Self::Other => None,
        }
    }
}

/// A statement.
#[derive(Clone, Copy)]
pub(super) struct Statement {
    kind: Kind,
    /// Whether a `;` or `&` ends it.
    ended: bool,
}

/// The redirections of a statement and what the walk visits in them.
#[derive(Default)]
pub(super) struct Redirects<'t> {
    list: Vec<Redirect<'t>>,
    visits: Vec<Visit>,
    /// Where they begin and end.
    place: Option<(usize, usize)>,
}

impl<'t> Reader<'t> {
    /// Statements up to the end, to what closes the part here, or to one of the reserved words `stops`.
    pub(super) fn statements(&mut self, stops: &[&str]) -> Read<Statements> {
        let mut read = Statements { empty: true, first: None };
        let mut ended = true;
        while self.token != End {
            let broken = self.got(Newline)?;
            match self.token {
                LitWord if stops.iter().any(|stop| *stop.as_bytes() == *self.value) => break,
                RightParen if self.state == State::Substitution => break,
                Backquote if self.chars.closes_backquote() => break,
                SemicolonTwice | SemicolonAnd | SemicolonTwiceAnd => {
                    if self.state == State::Case {
                        break;
                    }
                    return Err(self.unexpected("outside a case"));
                }
                _ => {}
            }
            if !broken && !ended {
                return Err(self.unexpected("right after a statement"));
            }
            if self.token == End {
                break;
            }
            let Some(statement) = self.statement(true)? else {
                return Err(self.unexpected("where a statement should begin"));
            };
            if read.empty {
                read = Statements { empty: false, first: statement.kind.simple() };
            }
            ended = statement.ended;
        }
        Ok(read)
    }

    /// Pipelines joined by `&&` and `||`, with what ends them if `ending`.
    pub(super) fn statement(&mut self, ending: bool) -> Read<Option<Statement>> {
        let Some(mut kind) = self.negated_pipeline()? else { return Ok(None) };
        while matches!(self.token, AndAnd | OrOr) {
            let operator = self.token;
            self.next()?;
            self.got(Newline)?;
            if self.negated_pipeline()?.is_none() {
                return Err(self.unexpected(&format!("where `{}` wants a statement", operator.text())));
            }
            kind = Kind::Other;
        }
        let ended = ending && matches!(self.token, Semicolon | And | OrAnd);
        if ended {
            self.next()?;
        }
        Ok(Some(Statement { kind, ended }))
    }

    fn negated_pipeline(&mut self) -> Read<Option<Kind>> {
        let negated = self.got_word("!")?;
        if negated && (self.at_stop() || self.at_word("!")) {
            return Err(self.unexpected("after `!`"));
        }
        self.pipeline()
    }

    /// Commands joined by pipes.
    pub(super) fn pipeline(&mut self) -> Read<Option<Kind>> {
        let Some(mut kind) = self.redirected()? else { return Ok(None) };
        let mut left = kind;
        let mut first = true;
        while matches!(self.token, Or | OrAnd) {
            let operator = self.token;
            self.next()?;
            self.got(Newline)?;
            if self.at_word("!") {
                return Err(self.wrong("`!` within a pipeline"));
            }
            let Some(right) = self.redirected()? else {
                return Err(self.unexpected(&format!("where `{}` wants a command", operator.text())));
            };
            if let (Some(from), Some(to)) = (left.simple(), right.simple()) {
                self.facts.pipes.push(Pipe { from, to, first, both: operator == OrAnd });
            }
            (left, first, kind) = (right, false, Kind::Other);
        }
        Ok(Some(kind))
    }

    /// A command of any kind with its redirections.
    fn redirected(&mut self) -> Read<Option<Kind>> {
        let mut redirects = Redirects::default();
        let kind = match self.token {
            LitWord => self.command(&mut redirects)?,
            _ if self.at_redirect() => {
                self.redirect(&mut redirects)?;
                self.simple(None, &mut redirects)?
            }
            Backquote if self.chars.closes_backquote() => return Ok(None),
            Lit | DollarBrace | DollarParens | DollarParen | Dollar | DollarBracket | ProcessIn | ProcessOut | SingleQuote
            | DollarSingle | DoubleQuote | DollarDouble | Backquote | GlobQuestion | GlobStar | GlobPlus | GlobAt | GlobNot => {
                self.simple(None, &mut redirects)?
            }
            LeftParen => {
                self.substitution("(")?;
                Kind::Other
            }
            LeftParens => {
                self.arithmetic_command()?;
                Kind::Other
            }
            _ => return Ok(None),
        };
        while self.at_redirect() {
            self.redirect(&mut redirects)?;
        }
        self.facts.walk.append(&mut redirects.visits);
        if let Some(call) = kind.simple() {
            let command = &mut self.facts.commands[call];
            redirects.list.shrink_to_fit();
            command.redirects = redirects.list;
            if let Some((start, end)) = redirects.place {
                command.span = span(start.min(command.span.start as usize), end.max(command.span.end as usize));
            }
        }
        Ok(Some(kind))
    }

    pub(super) fn at_redirect(&self) -> bool {
        matches!(
            self.token,
            Greater
                | GreaterTwice
                | Less
                | LessAnd
                | GreaterAnd
                | GreaterOr
                | LessGreater
                | LessTwice
                | LessTwiceMinus
                | LessThrice
                | AndGreater
                | AndGreaterTwice
                | LitRedir
        )
    }

    fn redirect(&mut self, redirects: &mut Redirects<'t>) -> Read<()> {
        let start = self.start;
        let descriptor = (self.token == LitRedir).then(|| self.text());
        self.got(LitRedir)?;
        let (operator, line) = (self.token, self.line);
        self.next()?;
        let before = self.facts.walk.len();
        let target = if matches!(operator, LessTwice | LessTwiceMinus) {
            self.here_document(operator == LessTwiceMinus, line)?
        } else {
            self.expect_word_after(operator.text())?
        };
        redirects.visits.extend(self.facts.walk.drain(before..));
        let end = target.span.end as usize;
        redirects.place = Some((redirects.place.map_or(start, |place| place.0), end));
        redirects.list.push(Redirect { descriptor, operator: operator.text(), target });
        Ok(())
    }

    /// The mark of a here-document. Leaves the list of what its body holds in the walk.
    fn here_document(&mut self, tabs: bool, line: u32) -> Read<Word<'t>> {
        // The token after the operator was read in the outer state.
        let outer = std::mem::replace(&mut self.state, State::Mark);
        self.mark = Some(Mark::default());
        let word = self.expect_word_after("<<")?;
        self.state = outer;
        let mark = self.mark.take().unwrap_or_default();
        let list = self.facts.lists.len();
        self.facts.lists.push(Vec::new());
        self.facts.walk.push(Visit::List(list));
        self.pending.push(Pending { list, tabs, mark, line });
        if self.token == Newline {
            self.here_documents()?;
        }
        Ok(word)
    }

    /// A simple command. `first` is its first word, if that has been read.
    pub(super) fn simple(&mut self, first: Option<(Word<'t>, u32)>, redirects: &mut Redirects<'t>) -> Read<Kind> {
        self.count()?;
        let call = self.facts.commands.len();
        self.facts.commands.push(Command::default());
        self.facts.walk.push(Visit::Command(call));
        let mut place = first.as_ref().map(|(word, line)| (word.span.start as usize, *line));
        let mut end = first.as_ref().map_or(0, |(word, _)| word.span.end as usize);
        let outer_words = self.facts.open_words.len();
        self.facts.open_words.extend(first.map(|(word, _)| word));
        let (mut assigns, mut arrays) = (false, false);
        loop {
            let (start, line) = (self.start, self.line);
            match self.token {
                End | Newline | Semicolon | And | Or | AndAnd | OrOr | OrAnd | SemicolonTwice | SemicolonAnd | SemicolonTwiceAnd => break,
                Backquote if self.chars.closes_backquote() => break,
                RightParen if self.state == State::Substitution => break,
                _ if self.at_redirect() => {
                    self.redirect(redirects)?;
                    continue;
                }
                Lit | LitWord if self.facts.open_words.len() == outer_words && self.at_assignment() => {
                    assigns = true;
                    arrays |= self.assignment(true)?;
                }
                LitWord => {
                    let word = self.literal_word()?;
                    self.facts.open_words.push(word);
                }
                LeftParens | RightParen => return Err(self.unexpected("in a command")),
                _ => match self.word()? {
                    Some(word) => self.facts.open_words.push(word),
                    None => return Err(self.unexpected("in a command")),
                },
            }
            place = place.or(Some((start, line)));
            end = self.end;
        }
        let Some((start, line)) = place else {
            // Only redirections, hence no command. What they visit is kept apart, so its place is the last.
            self.facts.walk.pop();
            return Ok(Kind::Other);
        };
        let words = self.facts.close_words(outer_words);
        if arrays && !words.is_empty() {
            return Err(self.wrong("an array before a command"));
        }
        let command = &mut self.facts.commands[call];
        (command.line, command.span, command.words) = (line, span(start, end), words);
        Ok(Kind::Simple { call, assigns })
    }
}
