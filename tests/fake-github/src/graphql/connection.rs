//! Connections: a part of a list, and where it lies in the whole.

use apollo_compiler::response::JsonMap;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::errors::unanswered;
use super::node::{Answer, Given, Node, text};

/// A part of a connection.
#[derive(Clone)]
pub(crate) struct Page<'w> {
    pub(crate) type_name: String,
    nodes: Vec<Node<'w>>,
    from: usize,
    total: usize,
    size: u64,
}

impl<'w> Page<'w> {
    /// What `first`, `last`, `after` and `before` choose.
    pub(crate) fn cut(type_name: &str, all: Vec<Node<'w>>, arguments: &JsonMap) -> Self {
        let number = |name: &str| arguments.get(name).and_then(|value| value.as_u64()).and_then(|number| usize::try_from(number).ok());
        let total = all.len();
        let size = all.iter().map(size).sum();
        let (mut from, mut to) = (0, total);
        if let Some(after) = text(arguments, "after") {
            from = place(after).map_or(0, |place| place + 1).min(total);
        }
        if let Some(before) = text(arguments, "before").and_then(place) {
            to = before.clamp(from, total);
        }
        if let Some(first) = number("first") {
            to = to.min(from + first);
        }
        if let Some(last) = number("last") {
            from = from.max(to.saturating_sub(last));
        }
        let nodes = all.into_iter().skip(from).take(to - from).collect();
        Self { type_name: type_name.to_owned(), nodes, from, total, size }
    }

    pub(crate) fn field(&self, name: &str) -> Answer<'w> {
        Ok(match name {
            "nodes" => Given::List(self.nodes.clone()),
            "edges" => self.nodes.iter().map(edge).collect::<Value>().into(),
            "totalCount" => json!(self.total).into(),
            "totalSize" => json!(self.size).into(),
            "pageInfo" => {
                let to = self.from + self.nodes.len();
                let (start, end) = if self.nodes.is_empty() { (None, None) } else { (Some(cursor(self.from)), Some(cursor(to - 1))) };
                json!({"startCursor": start, "endCursor": end, "hasNextPage": to < self.total, "hasPreviousPage": self.from > 0}).into()
            }
            _ => return Err(unanswered(&self.type_name, name)),
        })
    }
}

/// Languages are the one list that is asked for by edges: they say how much there is of each.
fn edge(node: &Node<'_>) -> Value {
    match node {
        Node::Plain(_, value) => json!({"node": value, "size": size(node)}),
        _ => Value::Null,
    }
}

fn size(node: &Node<'_>) -> u64 {
    match node {
        Node::Plain(_, value) => value.get("size").and_then(Value::as_u64).unwrap_or_default(),
        _ => 0,
    }
}

fn cursor(place: usize) -> String {
    BASE64_STANDARD.encode(format!("cursor:v2:{place}"))
}

fn place(cursor: &str) -> Option<usize> {
    let decoded = String::from_utf8(BASE64_STANDARD.decode(cursor).ok()?).ok()?;
    decoded.strip_prefix("cursor:v2:")?.parse().ok()
}
