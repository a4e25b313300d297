//! A reader of YAML that keeps positions.
//!
//! It reads YAML 1.1 by the rules of libyaml as Go's port of it follows them, since that is what the reference reads
//! workflows with: what is an error there is an error here, and a value is the same text on the same line. Three
//! things follow that other readers do differently: only the first document is looked at, and nothing behind its root;
//! aliases and merge keys are not resolved; keys may occur twice. Tags are read and dropped.
//!
//! Hostile input: no step calls itself, the tree is flat, aliases copy nothing, and time and memory grow with the length
//! of the text.

mod cursor;
mod parser;
mod scalar;
mod scanner;
mod tag;
mod text;

use std::fmt;

/// Why a text is no YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line at which this was found, from 1.
    pub line: u32,
    /// What is wrong there.
    pub problem: &'static str,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for SyntaxError {}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Scalar(String),
    Sequence,
    Mapping,
    Alias,
}

#[derive(Clone, Debug)]
struct Entry {
    kind: Kind,
    line: u32,
    /// The index behind the last entry below this one.
    end: usize,
}

/// The first document of a text: its nodes, each before those below it.
#[derive(Clone, Debug, Default)]
pub struct Document {
    entries: Vec<Entry>,
}

impl Document {
    /// Reads a text.
    ///
    /// # Errors
    /// The first thing that is no YAML in the first document.
    pub fn parse(text: &[u8]) -> Result<Self, SyntaxError> {
        parser::parse(&text::decode(text))
    }

    /// The root, if there is a document.
    #[must_use]
    pub fn root(&self) -> Option<Node<'_>> {
        (!self.entries.is_empty()).then_some(Node { document: self, at: 0 })
    }
}

/// A node of a document.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    document: &'a Document,
    at: usize,
}

impl<'a> Node<'a> {
    fn entry(self) -> &'a Entry {
        &self.document.entries[self.at]
    }

    /// The line on which it begins, from 1: that of its anchor or tag where it has one, else of its first character.
    #[must_use]
    pub fn line(self) -> u32 {
        self.entry().line
    }

    /// The text of a scalar; nothing for any other node.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        match &self.entry().kind {
            Kind::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; nothing for any other node.
    #[must_use]
    pub fn items(self) -> Option<impl Iterator<Item = Node<'a>>> {
        (self.entry().kind == Kind::Sequence).then(|| self.below())
    }

    /// The keys of a mapping with their values, as often as they occur; nothing for any other node.
    #[must_use]
    pub fn pairs(self) -> Option<impl Iterator<Item = (Node<'a>, Node<'a>)>> {
        let mut below = self.below();
        (self.entry().kind == Kind::Mapping).then(|| std::iter::from_fn(move || Some((below.next()?, below.next()?))))
    }

    fn below(self) -> impl Iterator<Item = Node<'a>> {
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let node = Node { document: self.document, at };
            (at < self.entry().end).then(|| {
                at = node.entry().end;
                node
            })
        })
    }
}

/// Builds the flat tree.
#[derive(Default)]
struct Builder {
    entries: Vec<Entry>,
    open: Vec<usize>,
}

impl Builder {
    fn leaf(&mut self, kind: Kind, line: u32) {
        let end = self.entries.len() + 1;
        self.entries.push(Entry { kind, line, end });
    }

    fn open(&mut self, kind: Kind, line: u32) {
        self.open.push(self.entries.len());
        self.leaf(kind, line);
    }

    fn close(&mut self) {
        if let Some(at) = self.open.pop() {
            self.entries[at].end = self.entries.len();
        }
    }

    fn finish(self) -> Document {
        Document { entries: self.entries }
    }
}

#[cfg(test)]
mod tests;
