//! The whole of a document, flat: hostile texts are deep.

use super::{Event, Reader, XmlError};

/// How many elements of a document are read.
const MOST: usize = 1 << 20;

/// An attribute: its name without prefix, and its value.
type Attribute<'a> = (&'a [u8], String);

#[derive(Debug)]
struct Node<'a> {
    name: &'a [u8],
    text: String,
    attributes: Box<[Attribute<'a>]>,
    line: u32,
    /// The place behind the last node below this one.
    end: u32,
}

/// The elements of a document up to the end of its root, each before those below it.
#[derive(Debug)]
pub(in crate::parse) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
}

impl<'a> Tree<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// What the reader of events refuses, and more elements than a bound.
    pub(in crate::parse) fn read(text: &'a [u8]) -> Result<Self, XmlError> {
        let mut reader = Reader::new(text);
        let (mut nodes, mut open): (Vec<Node<'a>>, Vec<usize>) = (Vec::new(), Vec::new());
        loop {
            match reader.next()? {
                Event::Start(..) if nodes.len() >= MOST => return Err(reader.error("more elements than are read")),
                Event::Start(name, attributes) => {
                    open.push(nodes.len());
                    let attributes = attributes.into_iter().map(|(name, value)| (name, string(value))).collect();
                    nodes.push(Node { name, text: String::new(), attributes, line: reader.line(), end: 0 });
                }
                Event::Text(text) => {
                    if let Some(at) = open.last() {
                        nodes[*at].text.push_str(&string(text));
                    }
                }
                Event::End => {
                    let end = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
                    if let Some(at) = open.pop() {
                        nodes[at].end = end;
                    }
                    if open.is_empty() {
                        return Ok(Self { nodes });
                    }
                }
            }
        }
    }

    /// The root.
    pub(in crate::parse) fn root(&self) -> Element<'_> {
        Element { nodes: &self.nodes, at: 0 }
    }
}

/// The reader has seen to it that it is UTF-8.
fn string(text: Vec<u8>) -> String {
    String::from_utf8(text).unwrap_or_default()
}

/// An element.
#[derive(Clone, Copy)]
pub(in crate::parse) struct Element<'t> {
    nodes: &'t [Node<'t>],
    at: usize,
}

impl<'t> Element<'t> {
    /// Its name without prefix.
    pub(in crate::parse) fn name(self) -> &'t [u8] {
        self.nodes[self.at].name
    }

    /// The line on which its tag ends.
    pub(in crate::parse) fn line(self) -> u32 {
        self.nodes[self.at].line
    }

    /// The text directly in it, without that of the elements below it.
    pub(in crate::parse) fn text(self) -> &'t str {
        &self.nodes[self.at].text
    }

    /// An attribute, by its name without prefix; of several the last.
    pub(in crate::parse) fn attribute(self, name: &str) -> Option<&'t str> {
        let attributes = self.nodes[self.at].attributes.iter().rev();
        attributes.into_iter().find(|(own, _)| *own == name.as_bytes()).map(|(_, value)| value.as_str())
    }

    /// The elements directly in it.
    pub(in crate::parse) fn children(self) -> impl Iterator<Item = Self> {
        let (nodes, end) = (self.nodes, self.nodes[self.at].end as usize);
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let child = Self { nodes, at };
            (at < end).then(|| {
                at = (nodes[at].end as usize).max(at + 1);
                child
            })
        })
    }

    /// The elements directly in it that have a name.
    pub(in crate::parse) fn named(self, name: &str) -> impl Iterator<Item = Self> {
        self.children().filter(move |child| child.name() == name.as_bytes())
    }

    /// The elements that a path of names leads to.
    pub(in crate::parse) fn below(self, path: &[&str]) -> Vec<Self> {
        let mut found = vec![self];
        for name in path {
            found = found.into_iter().flat_map(|element| element.named(name)).collect();
        }
        found
    }

    /// All elements below it, in the order of the text.
    pub(in crate::parse) fn descendants(self) -> impl Iterator<Item = Self> {
        let nodes = self.nodes;
        (self.at + 1..nodes[self.at].end as usize).map(move |at| Self { nodes, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_texts_and_attributes() {
        let tree = Tree::read(b"<?xml version='1.0'?>\n<r>\n <p:a x='1' q:x='2'>t<b>no</b>u</p:a><c/><a/></r> &").expect("it is XML");
        let root = tree.root();
        let names: Vec<_> = root.children().map(|element| String::from_utf8_lossy(element.name()).into_owned()).collect();
        assert_eq!(names, ["a", "c", "a"]);
        let a = root.named("a").next().expect("there is one");
        assert_eq!((a.text(), a.line(), a.attribute("x"), a.attribute("y")), ("tu", 3, Some("2"), None));
        assert_eq!(root.below(&["a", "b"]).iter().map(|element| element.text()).collect::<Vec<_>>(), ["no"]);
        assert_eq!(root.descendants().count(), 4);
        assert!(Tree::read(b"<r><a></r>").is_err() && Tree::read(b"").is_err());
    }

    #[test]
    fn deep_and_long_documents_are_bounded() {
        assert!(Tree::read("<a>".repeat(100_000).as_bytes()).is_err());
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        assert_eq!(Tree::read(deep.as_bytes()).expect("it is XML").root().descendants().count(), 99_999);
        let long = format!("<a>{}</a>", "<b/>".repeat(MOST));
        assert_eq!(Tree::read(long.as_bytes()).expect_err("it is too long").what, "more elements than are read");
    }
}
