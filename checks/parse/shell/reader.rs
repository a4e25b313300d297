//! The reader's state, its errors and bounds, and the small steps that all of the grammar is made of.

use std::borrow::Cow;

use super::chars::{Chars, END};
use super::facts::Facts;
use super::here_documents::{Mark, Pending};
use super::operators::Token;
use super::{ErrorKind, MAX_NESTING, MAX_WORDS, Script, ShellError};

/// What reading gives. An error is rare, and large: in a box it is not moved with every result.
pub(super) type Read<T> = Result<T, Box<ShellError>>;

/// Where the lexer is, which decides what it takes for a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    Plain,
    /// Inside `$( )`, `<( )`, `( )`.
    Substitution,
    Backquotes,
    DoubleQuotes,
    /// The mark of a here-document.
    Mark,
    /// The body of a here-document.
    Body,
    /// The same with leading tabs taken away.
    BodyTabs,
    Arithmetic,
    Let,
    ArithmeticCommand,
    /// Inside `$[ ]` or an index.
    Brackets,
    Test,
    Regex,
    Case,
    Array,
    /// From `${` to the operator.
    Name,
    Slice,
    /// What is to be replaced.
    Pattern,
    /// What stands after any other operator.
    Operand,
}

impl State {
    pub(super) fn keeps_spaces(self) -> bool {
        matches!(self, Self::Pattern | Self::DoubleQuotes | Self::Body | Self::BodyTabs | Self::Operand)
    }

    pub(super) fn is_command(self) -> bool {
        matches!(self, Self::Plain | Self::Substitution | Self::Backquotes | Self::Mark | Self::Case | Self::Array | Self::Test)
    }

    pub(super) fn is_arithmetic(self) -> bool {
        matches!(self, Self::Arithmetic | Self::Let | Self::ArithmeticCommand | Self::Brackets | Self::Slice)
    }

    /// Whether the operators of `${ }` count.
    pub(super) fn is_parameter(self) -> bool {
        matches!(self, Self::Name | Self::Slice | Self::Pattern | Self::Operand | Self::Brackets)
    }
}

/// What [`Reader::enter`] puts aside.
pub(super) struct Outer {
    state: State,
    buried: usize,
}

/// Reads one text.
pub(super) struct Reader<'t> {
    pub chars: Chars<'t>,
    pub state: State,
    /// The current token.
    pub token: Token,
    /// The text of the last literal. It outlives its token, and the grammar looks at it even then.
    pub value: Cow<'t, [u8]>,
    /// Where the first `=` stands in the last literal of a command. It outlives its token, too.
    pub equals: Option<usize>,
    /// Whether blanks stand before the current token.
    pub spaced: bool,
    /// Where the current token begins.
    pub start: usize,
    /// The line of that.
    pub line: u32,
    /// Where the token before the current one ends.
    pub end: usize,
    pub depth: usize,
    /// Here-documents whose bodies are to come. Those before `buried` belong to an outer command.
    pub pending: Vec<Pending>,
    pub buried: usize,
    /// The mark being read.
    pub mark: Option<Mark>,
    /// The end of the body being read, until it is found.
    pub body_end: Option<Vec<u8>>,
    pub regex_parens: isize,
    pub regex_begins: bool,
    pub facts: Facts<'t>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self {
            chars: Chars::new(text),
            state: State::Plain,
            token: Token::Nothing,
            value: Cow::Borrowed(b""),
            equals: None,
            spaced: false,
            start: 0,
            line: 1,
            end: 0,
            depth: 0,
            pending: Vec::new(),
            buried: 0,
            mark: None,
            body_end: None,
            regex_parens: 0,
            regex_begins: false,
            facts: Facts::for_text(text.len()),
        }
    }

    /// Reads all of it.
    pub(super) fn script(mut self) -> Read<Script<'t>> {
        if u32::try_from(self.chars.len()).is_err() {
            return Err(self.bound("a script of more than 4 GiB"));
        }
        let read = self.whole();
        // Whatever went wrong after bytes that are not UTF-8 went wrong because of them.
        if let Some(line) = self.chars.stopped {
            return Err(error(ErrorKind::Parse, line, "bytes that are not UTF-8".into()));
        }
        read.map(|()| self.facts.script())
    }

    fn whole(&mut self) -> Read<()> {
        self.chars.advance();
        self.next()?;
        self.statements(&[])?;
        self.here_documents()
    }

    /// Steps over the token if it is this one.
    pub(super) fn got(&mut self, token: Token) -> Read<bool> {
        let got = self.token == token;
        if got {
            self.next()?;
        }
        Ok(got)
    }

    /// Whether the token is this reserved word.
    pub(super) fn at_word(&self, word: &str) -> bool {
        self.token == Token::LitWord && *self.value == *word.as_bytes()
    }

    /// Steps over the token if it is this reserved word.
    pub(super) fn got_word(&mut self, word: &str) -> Read<bool> {
        let got = self.at_word(word);
        if got {
            self.next()?;
        }
        Ok(got)
    }

    /// Steps over a token that must be there.
    pub(super) fn expect(&mut self, token: Token, after: &str) -> Read<()> {
        if self.got(token)? { Ok(()) } else { Err(self.wrong(&format!("no `{}` for {after}", token.text()))) }
    }

    /// Steps over a reserved word that must be there.
    pub(super) fn expect_word(&mut self, word: &str, after: &str) -> Read<()> {
        if self.got_word(word)? { Ok(()) } else { Err(self.wrong(&format!("no `{word}` for {after}"))) }
    }

    /// Whether the token ends a command.
    pub(super) fn at_stop(&self) -> bool {
        use Token::*;
        match self.token {
            End | Newline | Semicolon | And | Or | AndAnd | OrOr | OrAnd | SemicolonTwice | SemicolonAnd | SemicolonTwiceAnd
            | RightParen => true,
            Backquote => self.chars.closes_backquote(),
            _ => false,
        }
    }

    /// Enters a part with a state and here-documents of its own.
    pub(super) fn enter(&mut self, state: State) -> Outer {
        let outer = Outer { state: self.state, buried: self.buried };
        self.buried = self.pending.len();
        self.state = state;
        outer
    }

    pub(super) fn leave(&mut self, outer: &Outer) {
        self.state = outer.state;
        self.buried = outer.buried;
    }

    /// Goes one level deeper. Whoever comes back says [`Reader::shallower`].
    pub(super) fn deeper(&mut self) -> Read<()> {
        self.depth += 1;
        if self.depth > MAX_NESTING { Err(self.bound("more than 100 levels of nesting")) } else { Ok(()) }
    }

    pub(super) fn shallower(&mut self) {
        self.depth -= 1;
    }

    /// Counts a word or a command.
    pub(super) fn count(&mut self) -> Read<()> {
        self.facts.count += 1;
        if self.facts.count > MAX_WORDS { Err(self.bound("more than 500,000 words and commands")) } else { Ok(()) }
    }

    /// An error at the current token.
    pub(super) fn wrong(&self, message: &str) -> Box<ShellError> {
        error(ErrorKind::Parse, self.line, message.into())
    }

    /// An error about the current token, which is out of place.
    pub(super) fn unexpected(&self, place: &str) -> Box<ShellError> {
        let text = match self.token {
            Token::LitWord | Token::Lit | Token::LitRedir => &*String::from_utf8_lossy(&self.value),
            token => token.text(),
        };
        let text: String = text.chars().take(40).collect();
        self.wrong(&format!("`{text}` {place}"))
    }

    /// An error for a construct that only mksh knows.
    pub(super) fn foreign(&self, what: &str) -> Box<ShellError> {
        error(ErrorKind::Lang, self.line, format!("{what} is known to mksh only"))
    }

    pub(super) fn bound(&self, message: &str) -> Box<ShellError> {
        error(ErrorKind::Bound, self.line, message.into())
    }

    /// Whether the text is at its end.
    pub(super) fn at_end(&self) -> bool {
        self.chars.cur == END
    }
}

fn error(kind: ErrorKind, line: u32, message: String) -> Box<ShellError> {
    Box::new(ShellError { kind, line, message })
}

/// Whether this can be the name of a variable.
pub(super) fn is_name(text: &[u8]) -> bool {
    text.first().is_some_and(|first| !first.is_ascii_digit()) && text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}
