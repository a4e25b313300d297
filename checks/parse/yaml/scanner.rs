//! From characters to tokens: indentation, and which scalars are keys.

use std::collections::{HashMap, VecDeque};

use super::SyntaxError;
use super::cursor::{Cursor, Mark};
use super::text::Decoded;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    StreamStart,
    StreamEnd,
    Version {
        major: u8,
        minor: u8,
    },
    TagDirective {
        handle: String,
    },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    /// The handle of a tag; empty where the tag is written out.
    Tag(String),
    Scalar(String),
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) mark: Mark,
}

/// What may turn out to be a key, when a colon follows.
#[derive(Clone, Copy, Default)]
struct Candidate {
    possible: bool,
    /// It stands where nothing else may stand.
    required: bool,
    /// Its number among all tokens.
    token: usize,
    mark: Mark,
}

pub(super) struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    tokens: VecDeque<Token>,
    /// How many tokens were taken.
    taken: usize,
    started: bool,
    ready: bool,
    /// The column of the innermost block, -1 outside of any.
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) flow: usize,
    pub(super) key_allowed: bool,
    /// The candidate of each open flow collection, and that of the block around them.
    candidates: Vec<Candidate>,
    candidate_of: HashMap<usize, usize>,
}

/// How deeply collections may be nested, flow and block each.
const DEEPEST: usize = 10_000;
/// How long a key may be, in characters, if nothing but the colon marks it.
const LONGEST_KEY: usize = 1_024;
/// How far a comment is looked for behind another one or behind a token, in bytes.
const COMMENT_DISTANCE: usize = 512;

const NO_COLON: &str = "a line that should hold a key has no colon";
const TOO_DEEP: &str = "more than 10,000 collections in each other";

impl<'a> Scanner<'a> {
    pub(super) fn new(decoded: &'a Decoded<'_>) -> Self {
        Self {
            cursor: Cursor::new(decoded),
            tokens: VecDeque::new(),
            taken: 0,
            started: false,
            ready: false,
            indent: -1,
            indents: Vec::new(),
            flow: 0,
            key_allowed: true,
            candidates: vec![Candidate::default()],
            candidate_of: HashMap::new(),
        }
    }

    /// The next token.
    pub(super) fn peek(&mut self) -> Result<&Token, SyntaxError> {
        if !self.ready {
            // The reference looks two tokens ahead for comments, so that it finds what is wrong there earlier.
            while self.tokens.len() <= 2 || self.head_may_be_key()? {
                if matches!(self.tokens.back(), Some(Token { kind: Kind::StreamEnd, .. })) {
                    break;
                }
                self.fetch()?;
                self.cursor.failure()?;
            }
            self.ready = true;
        }
        let mark = self.cursor.mark;
        self.tokens.front().ok_or_else(|| mark.error("the text ends too early"))
    }

    /// Takes the next token, which was seen by [`Scanner::peek`].
    pub(super) fn take(&mut self) -> Option<Token> {
        self.ready = false;
        self.taken += 1;
        self.tokens.pop_front()
    }

    fn head_may_be_key(&mut self) -> Result<bool, SyntaxError> {
        match self.candidate_of.get(&self.taken) {
            Some(&at) if at < self.candidates.len() => self.is_candidate(at),
            _ => Ok(false),
        }
    }

    /// Whether a candidate may still become a key: it stands on this line, and not too far back.
    fn is_candidate(&mut self, at: usize) -> Result<bool, SyntaxError> {
        let candidate = &mut self.candidates[at];
        let now = self.cursor.mark;
        if candidate.possible && (candidate.mark.line < now.line || candidate.mark.index + LONGEST_KEY < now.index) {
            if candidate.required {
                return Err(candidate.mark.error(NO_COLON));
            }
            candidate.possible = false;
        }
        Ok(candidate.possible)
    }

    fn save_candidate(&mut self) -> Result<(), SyntaxError> {
        if self.key_allowed {
            self.drop_candidate()?;
            let required = self.flow == 0 && usize::try_from(self.indent) == Ok(self.cursor.mark.column);
            let token = self.taken + self.tokens.len();
            let at = self.candidates.len() - 1;
            self.candidates[at] = Candidate { possible: true, required, token, mark: self.cursor.mark };
            self.candidate_of.insert(token, at);
        }
        Ok(())
    }

    fn drop_candidate(&mut self) -> Result<(), SyntaxError> {
        let at = self.candidates.len() - 1;
        let candidate = &mut self.candidates[at];
        if candidate.possible {
            if candidate.required {
                return Err(candidate.mark.error(NO_COLON));
            }
            candidate.possible = false;
            self.candidate_of.remove(&candidate.token);
        }
        Ok(())
    }

    fn push(&mut self, kind: Kind, mark: Mark) {
        self.tokens.push_back(Token { kind, mark });
    }

    /// Puts a token before that of a number. Where that one is taken already, the new one comes last, as in the
    /// reference, and the parser finds it out of place.
    fn insert(&mut self, before: Option<usize>, kind: Kind, mark: Mark) {
        let at = before.and_then(|number| number.checked_sub(self.taken)).unwrap_or(self.tokens.len());
        self.tokens.insert(at.min(self.tokens.len()), Token { kind, mark });
    }

    /// Opens a block at a column, if it lies deeper than the one that is open. `number` is the token before which it
    /// opens.
    fn roll(&mut self, column: usize, number: Option<usize>, kind: Kind, mark: Mark) -> Result<(), SyntaxError> {
        let column = column.cast_signed();
        if self.flow > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > DEEPEST {
            return Err(mark.error(TOO_DEEP));
        }
        self.insert(number, kind, mark);
        Ok(())
    }

    /// Closes the blocks that lie deeper than a column.
    fn unroll(&mut self, column: isize, mark: Mark) {
        while self.flow == 0 && self.indent > column {
            self.push(Kind::BlockEnd, mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn fetch(&mut self) -> Result<(), SyntaxError> {
        if !self.started {
            self.started = true;
            self.push(Kind::StreamStart, Mark::default());
            return Ok(());
        }
        let before = self.cursor.mark;
        self.skip_to_token();
        self.unroll(self.cursor.mark.column.cast_signed(), before);
        let mark = self.cursor.mark;
        let sign = self.cursor.peek(0);
        if sign == 0 {
            self.cursor.end_line();
            self.unroll(-1, self.cursor.mark);
            self.drop_candidate()?;
            self.key_allowed = false;
            self.push(Kind::StreamEnd, self.cursor.mark);
            return Ok(());
        }
        if mark.column == 0 && sign == b'%' {
            self.unroll(-1, self.cursor.mark);
            self.drop_candidate()?;
            self.key_allowed = false;
            let kind = self.directive()?;
            self.push(kind, mark);
            return Ok(());
        }
        for (sign, kind) in [(b'-', Kind::DocumentStart), (b'.', Kind::DocumentEnd)] {
            if self.cursor.is_document_mark(sign) {
                self.unroll(-1, self.cursor.mark);
                self.drop_candidate()?;
                self.key_allowed = false;
                (0..3).for_each(|_| self.cursor.skip());
                self.push(kind, mark);
                return Ok(());
            }
        }
        self.fetch_content(sign, mark)?;
        if !matches!(self.tokens.back(), Some(Token { kind: Kind::BlockEntry, .. })) {
            self.line_comment();
        }
        Ok(())
    }

    fn fetch_content(&mut self, sign: u8, mark: Mark) -> Result<(), SyntaxError> {
        let alone = self.cursor.is_word_end(1);
        match sign {
            b'[' => self.open_flow(Kind::FlowSequenceStart),
            b'{' => self.open_flow(Kind::FlowMappingStart),
            b']' => self.close_flow(Kind::FlowSequenceEnd),
            b'}' => self.close_flow(Kind::FlowMappingEnd),
            b',' => {
                self.drop_candidate()?;
                self.key_allowed = true;
                self.sign(Kind::FlowEntry);
                Ok(())
            }
            b'-' if alone => {
                if self.flow == 0 {
                    if !self.key_allowed {
                        return Err(mark.error("a list item where none may begin"));
                    }
                    self.roll(mark.column, None, Kind::BlockSequenceStart, mark)?;
                }
                self.drop_candidate()?;
                self.key_allowed = true;
                self.sign(Kind::BlockEntry);
                Ok(())
            }
            b'?' if alone => {
                self.roll_key(mark, "a key where none may begin")?;
                self.drop_candidate()?;
                self.key_allowed = self.flow == 0;
                self.sign(Kind::Key);
                Ok(())
            }
            b':' if alone || self.flow > 0 => self.value(mark),
            b'*' | b'&' => {
                self.save_candidate()?;
                self.key_allowed = false;
                let name = self.anchor_name()?;
                self.push(if sign == b'*' { Kind::Alias(name) } else { Kind::Anchor(name) }, mark);
                Ok(())
            }
            b'!' => {
                self.save_candidate()?;
                self.key_allowed = false;
                let handle = self.tag()?;
                self.push(Kind::Tag(handle), mark);
                Ok(())
            }
            b'|' | b'>' if self.flow == 0 => {
                self.drop_candidate()?;
                self.key_allowed = true;
                let text = self.block_scalar(sign == b'|')?;
                self.push(Kind::Scalar(text), mark);
                Ok(())
            }
            b'\'' | b'"' => {
                self.save_candidate()?;
                self.key_allowed = false;
                let text = self.quoted_scalar(sign)?;
                self.push(Kind::Scalar(text), mark);
                Ok(())
            }
            b'\t' => Err(mark.error("a tab where indentation is expected")),
            b'-' if self.cursor.is_blank(1) => Err(mark.error(NO_START)),
            b'?' | b':' if alone => Err(mark.error(NO_START)),
            b' ' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => Err(mark.error(NO_START)),
            _ => {
                self.save_candidate()?;
                self.key_allowed = false;
                let text = self.plain_scalar()?;
                self.push(Kind::Scalar(text), mark);
                Ok(())
            }
        }
    }

    fn sign(&mut self, kind: Kind) {
        let mark = self.cursor.mark;
        self.cursor.skip();
        self.push(kind, mark);
    }

    fn open_flow(&mut self, kind: Kind) -> Result<(), SyntaxError> {
        self.save_candidate()?;
        let token = self.taken + self.tokens.len();
        self.candidates.push(Candidate { token, ..Candidate::default() });
        self.flow += 1;
        if self.flow > DEEPEST {
            return Err(self.cursor.mark.error(TOO_DEEP));
        }
        self.key_allowed = true;
        self.sign(kind);
        Ok(())
    }

    fn close_flow(&mut self, kind: Kind) -> Result<(), SyntaxError> {
        self.drop_candidate()?;
        if self.flow > 0 {
            self.flow -= 1;
            // Where nothing in the brackets could be a key, this is the number of the bracket that opened them: they
            // are no longer waited for, though a colon may still follow.
            if let Some(closed) = self.candidates.pop() {
                self.candidate_of.remove(&closed.token);
            }
        }
        self.key_allowed = false;
        self.sign(kind);
        Ok(())
    }

    fn roll_key(&mut self, mark: Mark, problem: &'static str) -> Result<(), SyntaxError> {
        if self.flow > 0 {
            return Ok(());
        }
        if !self.key_allowed {
            return Err(mark.error(problem));
        }
        self.roll(mark.column, None, Kind::BlockMappingStart, mark)
    }

    fn value(&mut self, mark: Mark) -> Result<(), SyntaxError> {
        let at = self.candidates.len() - 1;
        if self.is_candidate(at)? {
            let key = self.candidates[at];
            self.insert(Some(key.token), Kind::Key, key.mark);
            self.roll(key.mark.column, Some(key.token), Kind::BlockMappingStart, key.mark)?;
            self.candidates[at].possible = false;
            self.candidate_of.remove(&key.token);
            self.key_allowed = false;
        } else {
            self.roll_key(mark, "a colon followed by a blank inside a value: the value has to be quoted")?;
            self.key_allowed = self.flow == 0;
        }
        self.sign(Kind::Value);
        Ok(())
    }

    /// Steps over blanks, comments and line ends.
    fn skip_to_token(&mut self) {
        self.cursor.skip_second_mark();
        loop {
            while self.cursor.peek(0) == b' ' || (self.cursor.peek(0) == b'\t' && (self.flow > 0 || !self.key_allowed)) {
                self.cursor.skip();
            }
            if self.cursor.peek(0) == b'#' {
                self.comments();
            }
            if !self.cursor.is_break(0) {
                return;
            }
            self.cursor.skip_break();
            if self.flow == 0 {
                self.key_allowed = true;
            }
        }
    }

    /// Steps over a comment and those that follow it. Between two comments tabs are no error, as nowhere else.
    fn comments(&mut self) {
        self.cursor.skip_line();
        while let Some(distance) = self.next_comment() {
            for _ in 0..distance {
                if self.cursor.is_break(0) {
                    self.cursor.skip_break();
                } else if self.cursor.peek(0) != b'#' {
                    self.cursor.skip();
                }
            }
            self.cursor.skip_line();
        }
    }

    /// How far the next comment is, if nothing but blanks and line ends stands before it.
    fn next_comment(&self) -> Option<usize> {
        // The line end at which the last comment ended is not looked at.
        let blank = |ahead: &usize| matches!(self.cursor.peek(*ahead), b' ' | b'\t' | b'\r' | b'\n');
        let distance = (1..COMMENT_DISTANCE).find(|ahead| !blank(ahead))?;
        (!self.cursor.is_end() && self.cursor.peek(distance) == b'#').then_some(distance)
    }

    /// Steps over a comment on the line of the token that was read last.
    fn line_comment(&mut self) {
        if self.cursor.fresh_line {
            return;
        }
        let distance = (0..COMMENT_DISTANCE).find(|ahead| !self.cursor.is_blank(*ahead));
        if distance.is_some_and(|ahead| self.cursor.peek(ahead) == b'#') {
            self.cursor.skip_line();
        }
    }
}

const NO_START: &str = "a character with which no value may begin: the value has to be quoted";
