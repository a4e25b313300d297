//! From tokens to nodes.

use std::collections::HashSet;

use super::cursor::Mark;
use super::scanner::{Kind as Token, Scanner};
use super::text::Decoded;
use super::{Builder, Document, Kind, SyntaxError};

/// What is expected next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    BlockNode,
    DocumentContent,
    DocumentEnd,
    BlockSequenceEntry,
    IndentlessEntry,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirst,
    FlowSequenceEntry,
    FlowSequencePairKey,
    FlowSequencePairValue,
    FlowSequencePairEnd,
    FlowMappingFirst,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    builder: Builder,
    state: State,
    /// What is expected behind each collection that is open.
    states: Vec<State>,
    tag_handles: HashSet<String>,
    anchors: HashSet<String>,
}

pub(super) fn parse(decoded: &Decoded<'_>) -> Result<Document, SyntaxError> {
    let mut parser = Parser {
        scanner: Scanner::new(decoded),
        builder: Builder::default(),
        state: State::BlockNode,
        states: vec![State::DocumentEnd],
        tag_handles: HashSet::new(),
        anchors: HashSet::new(),
    };
    if parser.document_start()? {
        while parser.state != State::DocumentEnd {
            parser.step()?;
        }
        // What is wrong in the next tokens is still an error.
        parser.scanner.peek()?;
    }
    Ok(parser.builder.finish())
}

impl Parser<'_> {
    fn peek(&mut self) -> Result<&Token, SyntaxError> {
        Ok(&self.scanner.peek()?.kind)
    }

    fn mark(&mut self) -> Result<Mark, SyntaxError> {
        Ok(self.scanner.peek()?.mark)
    }

    fn take(&mut self) -> Option<Token> {
        self.scanner.take().map(|token| token.kind)
    }

    fn skip(&mut self) {
        self.take();
    }

    /// Whether there is a document.
    fn document_start(&mut self) -> Result<bool, SyntaxError> {
        self.peek()?;
        self.skip();
        let mut directives = false;
        let mut versioned = false;
        loop {
            let mark = self.mark()?;
            match self.peek()?.clone() {
                Token::Version { major, minor } => {
                    if versioned {
                        return Err(mark.error("a second %YAML directive"));
                    }
                    if (major, minor) != (1, 1) {
                        return Err(mark.error("a version of YAML other than 1.1 is refused"));
                    }
                    versioned = true;
                }
                Token::TagDirective { handle } => {
                    if !self.tag_handles.insert(handle) {
                        return Err(mark.error("a second %TAG directive for the same handle"));
                    }
                }
                _ => break,
            }
            directives = true;
            self.skip();
        }
        self.tag_handles.extend(["!".to_owned(), "!!".to_owned()]);
        let mark = self.mark()?;
        match self.peek()? {
            Token::DocumentStart => {
                self.skip();
                self.state = State::DocumentContent;
            }
            _ if directives => return Err(mark.error("a directive without the beginning of a document")),
            Token::StreamEnd => return Ok(false),
            _ => {}
        }
        Ok(true)
    }

    fn step(&mut self) -> Result<(), SyntaxError> {
        match self.state {
            State::BlockNode => self.node(true, false),
            State::DocumentContent => match self.peek()? {
                Token::Version { .. } | Token::TagDirective { .. } | Token::DocumentStart | Token::DocumentEnd | Token::StreamEnd => {
                    self.pop();
                    self.empty()
                }
                _ => self.node(true, false),
            },
            State::DocumentEnd => Ok(()),
            State::BlockSequenceEntry => self.block_sequence_entry(),
            State::IndentlessEntry => self.indentless_entry(),
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirst => self.flow_sequence_entry(true),
            State::FlowSequenceEntry => self.flow_sequence_entry(false),
            State::FlowSequencePairKey => self.flow_sequence_pair_key(),
            State::FlowSequencePairValue => self.flow_sequence_pair_value(),
            State::FlowSequencePairEnd => {
                self.builder.close();
                self.state = State::FlowSequenceEntry;
                Ok(())
            }
            State::FlowMappingFirst => self.flow_mapping_key(true),
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingEmptyValue => {
                self.state = State::FlowMappingKey;
                self.empty()
            }
        }
    }

    fn pop(&mut self) {
        self.state = self.states.pop().unwrap_or(State::DocumentEnd);
    }

    /// A node, and what is expected behind it.
    fn node_then(&mut self, then: State, block: bool, indentless: bool) -> Result<(), SyntaxError> {
        self.states.push(then);
        self.node(block, indentless)
    }

    /// A node without text, at the next token.
    fn empty(&mut self) -> Result<(), SyntaxError> {
        let mark = self.mark()?;
        self.empty_at(mark);
        Ok(())
    }

    fn empty_at(&mut self, mark: Mark) {
        self.builder.leaf(Kind::Scalar(String::new()), mark.line + 1);
    }

    fn open(&mut self, kind: Kind, start: Mark, state: State) {
        self.builder.open(kind, start.line + 1);
        self.state = state;
    }

    fn node(&mut self, block: bool, indentless: bool) -> Result<(), SyntaxError> {
        let start = self.mark()?;
        if matches!(self.peek()?, Token::Alias(_)) {
            if let Some(Token::Alias(name)) = self.take()
                && !self.anchors.contains(&name)
            {
                return Err(start.error("an alias of an anchor that does not exist: a value that begins with `*` has to be quoted"));
            }
            self.pop();
            self.builder.leaf(Kind::Alias, start.line + 1);
            return Ok(());
        }
        let dressed = self.properties()?;
        let mark = self.mark()?;
        match self.peek()? {
            Token::BlockEntry if indentless => self.open(Kind::Sequence, start, State::IndentlessEntry),
            Token::Scalar(_) => {
                self.pop();
                if let Some(Token::Scalar(text)) = self.take() {
                    self.builder.leaf(Kind::Scalar(text), start.line + 1);
                }
            }
            Token::FlowSequenceStart => {
                self.skip();
                self.open(Kind::Sequence, start, State::FlowSequenceFirst);
            }
            Token::FlowMappingStart => {
                self.skip();
                self.open(Kind::Mapping, start, State::FlowMappingFirst);
            }
            Token::BlockSequenceStart if block => {
                self.skip();
                self.open(Kind::Sequence, start, State::BlockSequenceEntry);
            }
            Token::BlockMappingStart if block => {
                self.skip();
                self.open(Kind::Mapping, start, State::BlockMappingKey);
            }
            _ if dressed => {
                self.pop();
                self.empty_at(start);
            }
            _ => return Err(mark.error("something else than a value")),
        }
        Ok(())
    }

    /// Anchor and tag, in any order; whether there was any.
    fn properties(&mut self) -> Result<bool, SyntaxError> {
        let (mut anchor, mut tag) = (false, false);
        loop {
            let mark = self.mark()?;
            match self.peek()? {
                Token::Anchor(_) if !anchor => anchor = true,
                Token::Tag(_) if !tag => tag = true,
                _ => return Ok(anchor || tag),
            }
            match self.take() {
                Some(Token::Anchor(name)) => {
                    self.anchors.insert(name);
                }
                Some(Token::Tag(handle)) if !handle.is_empty() && !self.tag_handles.contains(&handle) => {
                    return Err(mark.error("a tag whose handle nobody defines"));
                }
                _ => {}
            }
        }
    }

    fn end(&mut self) {
        self.pop();
        self.skip();
        self.builder.close();
    }

    fn block_sequence_entry(&mut self) -> Result<(), SyntaxError> {
        let mark = self.mark()?;
        match self.peek()? {
            Token::BlockEntry => {
                self.skip();
                match self.peek()? {
                    Token::BlockEntry | Token::BlockEnd => {
                        self.empty_at(mark);
                        Ok(())
                    }
                    _ => self.node_then(State::BlockSequenceEntry, true, false),
                }
            }
            Token::BlockEnd => {
                self.end();
                Ok(())
            }
            _ => Err(mark.error("something else than a list item, at the column of a list")),
        }
    }

    fn indentless_entry(&mut self) -> Result<(), SyntaxError> {
        let mark = self.mark()?;
        if *self.peek()? != Token::BlockEntry {
            self.pop();
            self.builder.close();
            return Ok(());
        }
        self.skip();
        match self.peek()? {
            Token::BlockEntry | Token::Key | Token::Value | Token::BlockEnd => {
                self.empty_at(mark);
                Ok(())
            }
            _ => self.node_then(State::IndentlessEntry, true, false),
        }
    }

    fn block_mapping_key(&mut self) -> Result<(), SyntaxError> {
        let mark = self.mark()?;
        match self.peek()? {
            Token::Key => {
                self.skip();
                match self.peek()? {
                    Token::Key | Token::Value | Token::BlockEnd => {
                        self.state = State::BlockMappingValue;
                        self.empty_at(mark);
                        Ok(())
                    }
                    _ => self.node_then(State::BlockMappingValue, true, true),
                }
            }
            Token::BlockEnd => {
                self.end();
                Ok(())
            }
            _ => Err(mark.error("something else than a key, at the column of a mapping")),
        }
    }

    fn block_mapping_value(&mut self) -> Result<(), SyntaxError> {
        let mark = self.mark()?;
        self.state = State::BlockMappingKey;
        if *self.peek()? == Token::Value {
            self.skip();
            if !matches!(self.peek()?, Token::Key | Token::Value | Token::BlockEnd) {
                return self.node_then(State::BlockMappingKey, true, true);
            }
        }
        self.empty_at(mark);
        Ok(())
    }

    fn flow_sequence_entry(&mut self, first: bool) -> Result<(), SyntaxError> {
        if *self.peek()? != Token::FlowSequenceEnd {
            if !first {
                self.flow_comma("a list in brackets without a comma or its closing bracket")?;
            }
            let mark = self.mark()?;
            match self.peek()? {
                Token::Key => {
                    self.skip();
                    self.open(Kind::Mapping, mark, State::FlowSequencePairKey);
                    return Ok(());
                }
                Token::FlowSequenceEnd => {}
                _ => return self.node_then(State::FlowSequenceEntry, false, false),
            }
        }
        self.end();
        Ok(())
    }

    fn flow_comma(&mut self, problem: &'static str) -> Result<(), SyntaxError> {
        let mark = self.mark()?;
        if *self.peek()? != Token::FlowEntry {
            return Err(mark.error(problem));
        }
        self.skip();
        Ok(())
    }

    fn flow_sequence_pair_key(&mut self) -> Result<(), SyntaxError> {
        let mark = self.mark()?;
        if !matches!(self.peek()?, Token::Value | Token::FlowEntry | Token::FlowSequenceEnd) {
            return self.node_then(State::FlowSequencePairValue, false, false);
        }
        // As in libyaml, the token is taken though it is none of the key's.
        self.skip();
        self.state = State::FlowSequencePairValue;
        self.empty_at(mark);
        Ok(())
    }

    fn flow_sequence_pair_value(&mut self) -> Result<(), SyntaxError> {
        let mark = self.mark()?;
        if *self.peek()? == Token::Value {
            self.skip();
            if !matches!(self.peek()?, Token::FlowEntry | Token::FlowSequenceEnd) {
                return self.node_then(State::FlowSequencePairEnd, false, false);
            }
        }
        self.state = State::FlowSequencePairEnd;
        self.empty_at(mark);
        Ok(())
    }

    fn flow_mapping_key(&mut self, first: bool) -> Result<(), SyntaxError> {
        if *self.peek()? != Token::FlowMappingEnd {
            if !first {
                self.flow_comma("a mapping in braces without a comma or its closing brace")?;
            }
            match self.peek()? {
                Token::Key => {
                    self.skip();
                    if !matches!(self.peek()?, Token::Value | Token::FlowEntry | Token::FlowMappingEnd) {
                        return self.node_then(State::FlowMappingValue, false, false);
                    }
                    self.state = State::FlowMappingValue;
                    return self.empty();
                }
                Token::FlowMappingEnd => {}
                _ => return self.node_then(State::FlowMappingEmptyValue, false, false),
            }
        }
        self.end();
        Ok(())
    }

    fn flow_mapping_value(&mut self) -> Result<(), SyntaxError> {
        self.state = State::FlowMappingKey;
        if *self.peek()? == Token::Value {
            self.skip();
            if !matches!(self.peek()?, Token::FlowEntry | Token::FlowMappingEnd) {
                return self.node_then(State::FlowMappingKey, false, false);
            }
        }
        self.empty()
    }
}
