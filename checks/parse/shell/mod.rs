//! Shell text to facts: the commands of a script with their words, redirections and pipes.
//!
//! The dialect is Bash as the reference reads it. The reader follows the grammar as mvdan/sh v3.12.0 (BSD-3-Clause,
//! Copyright (c) 2016, Daniel Martí) reads it, oddities included: whether a text is refused, and where one command or
//! word ends, decides what the reference reports. Nothing before an error survives, as there.
//!
//! Differences on purpose: nesting and the number of words and commands are bounded ([`ErrorKind::Bound`]), and U+0080
//! and U+0081 are text; the reference takes them for its own marks of the end and of a joined line. By chance: the
//! reference reads in pieces of 1,024 bytes, and what it looks ahead for is not found where a piece ends.
//!
//! Texts that are arguments, as after `-c`, are words here; who wants their commands reads them in turn.

mod arithmetic;
mod assignments;
mod chars;
mod compounds;
mod expansions;
mod facts;
mod here_documents;
mod lexer;
mod literals;
mod operators;
mod reader;
mod statements;
mod test_expressions;
#[cfg(test)]
mod tests;
mod words;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use reader::Reader;

/// How deeply commands, substitutions, expansions and expressions may stand in each other.
pub const MAX_NESTING: usize = 100;

/// How many words and commands a script may have, targets of redirections and parts of expressions included.
pub const MAX_WORDS: usize = 500_000;

/// The commands of a text and how they hang together. Words are pieces of the text as far as they can be.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Script<'t> {
    /// The simple commands in the order in which the reference's walk visits them: a command before those inside its
    /// words, words before redirections, a here-document's body with its redirection. Commands inside a slice
    /// (`${a:$(c)}`) are not visited, hence not here.
    pub commands: Vec<Command<'t>>,
    /// The words of all commands; see [`Script::words_of`].
    pub words: Vec<Word<'t>>,
    /// Which command feeds which, where both sides of a pipe are simple commands; by the left one.
    pub pipes: Vec<Pipe>,
}

impl<'t> Script<'t> {
    /// The words of one of its commands, without assignments.
    #[must_use]
    pub fn words_of(&self, command: &Command<'_>) -> &[Word<'t>] {
        self.words.get(command.words.start as usize..command.words.end as usize).unwrap_or_default()
    }
}

/// A simple command: assignments, words, redirections. One that only assigns has no words.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Command<'t> {
    /// The line of its first assignment or word, from 1.
    pub line: u32,
    /// Its bytes in the text, from the first assignment, word or redirection to the last. A here-document's body is
    /// not part of it.
    pub span: Range<u32>,
    /// Where its words are among those of the script: most scripts have thousands, and a list for each command would take
    /// longer than to read them.
    pub words: Range<u32>,
    /// Its redirections, wherever they stand among the words.
    pub redirects: Vec<Redirect<'t>>,
}

/// A word of a command, or the target of a redirection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Word<'t> {
    /// What it consists of.
    pub kind: WordKind<'t>,
    /// Its bytes in the text, quotes included.
    pub span: Range<u32>,
}

impl Word<'_> {
    /// The word as it stands in `text`, which must be the text that was read.
    pub fn source<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        text.get(self.span.start as usize..self.span.end as usize).unwrap_or_default()
    }
}

/// What a word consists of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum WordKind<'t> {
    /// One bare literal, as written: backslashes, braces and wildcards are kept, a backslash before a line break is
    /// gone with it.
    Literal(Cow<'t, str>),
    /// One part in single quotes (`'…'` or `$'…'`), without them.
    Single(Cow<'t, str>),
    /// One part in double quotes (`"…"` or `$"…"`) that holds exactly one literal, without the quotes and with its
    /// backslashes.
    Double(Cow<'t, str>),
    /// One process substitution.
    Process {
        /// Whether it is written to (`>( )`) rather than read from (`<( )`).
        output: bool,
        /// The index of the command that is its first statement, if that is a simple command.
        first: Option<usize>,
    },
    /// Anything else: several parts, expansions, substitutions, nothing between double quotes. [`Word::source`] tells
    /// how it is written.
    Composite,
}

/// A redirection of a simple command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Redirect<'t> {
    /// What stands before the operator: digits or `{name}`.
    pub descriptor: Option<Cow<'t, str>>,
    /// `>`, `>>`, `<`, `<>`, `<&`, `>&`, `>|`, `<<`, `<<-`, `<<<`, `&>` or `&>>`.
    pub operator: &'static str,
    /// Where to or from; the mark of a here-document.
    pub target: Word<'t>,
}

/// A pipe between two simple commands, as indices into [`Script::commands`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pipe {
    /// The command whose output is taken.
    pub from: usize,
    /// The command that reads it.
    pub to: usize,
    /// Whether the left one begins its chain. Chains associate to the left, so the reference sees a simple command on
    /// the left of the first pipe only.
    pub first: bool,
    /// Whether errors go through, too (`|&`).
    pub both: bool,
}

/// Why a text has no commands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShellError {
    /// Which of the reference's errors it is, or a bound of ours.
    pub kind: ErrorKind,
    /// Where, from 1.
    pub line: u32,
    /// What is wrong, as a fragment.
    pub message: String,
}

/// The kinds of [`ShellError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ErrorKind {
    /// The reference's `ParseError`: no shell that it can read, or bytes that are not UTF-8.
    Parse,
    /// The reference's `LangError`: a construct of mksh.
    Lang,
    /// Beyond [`MAX_NESTING`], [`MAX_WORDS`] or 4 GiB. The reference has no such bounds.
    Bound,
}

impl fmt::Display for ShellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ShellError {}

/// Reads a script. Takes time in proportion to its length, whatever it holds.
///
/// NUL bytes are skipped and a carriage return before a line feed belongs to the line break.
///
/// # Errors
///
/// The first error, by which the whole text is lost; see [`ErrorKind`]. Bytes that are not UTF-8 are an error where
/// reading arrives at them.
pub fn shell(text: &[u8]) -> Result<Script<'_>, ShellError> {
    Reader::new(text).script().map_err(|error| *error)
}
