//! What a call costs by GitHub's published rules: a request for each connection and each parent that it hangs on, if every
//! parent has as many as were asked for; a hundredth of the sum, rounded, and at least one.

use std::collections::HashSet;

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast::Value as Literal;
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::response::JsonMap;
use serde_json::{Value, json};

/// More nodes than this are refused.
const MOST_NODES: u64 = 500_000;

/// A price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) points: u64,
    pub(crate) nodes: u64,
}

impl Cost {
    /// The price of an operation, or the error that GitHub answers with.
    pub(crate) fn of(document: &ExecutableDocument, operation: &Operation, variables: &JsonMap) -> Result<Self, Value> {
        let mut walk = Walk { document, variables, seen: HashSet::new(), requests: 0, nodes: 0 };
        walk.below(&operation.selection_set, 1, "")?;
        Ok(Self { points: ((walk.requests + 50) / 100).max(1), nodes: walk.nodes })
    }
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a JsonMap,
    /// Places in the answer that are counted already; several fragments may ask for one field.
    seen: HashSet<String>,
    requests: u64,
    nodes: u64,
}

impl Walk<'_> {
    fn below(&mut self, selections: &SelectionSet, times: u64, path: &str) -> Result<(), Value> {
        for selection in &selections.selections {
            match selection {
                Selection::Field(field) => self.field(field, times, path)?,
                Selection::InlineFragment(fragment) => self.below(&fragment.selection_set, times, path)?,
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = spread.fragment_def(self.document) {
                        self.below(&fragment.selection_set, times, path)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &Field, times: u64, path: &str) -> Result<(), Value> {
        let path = format!("{path}.{}", field.response_key());
        if !field.ty().inner_named_type().ends_with("Connection") {
            return self.below(&field.selection_set, times, &path);
        }
        let name = &field.name;
        let (side, asked) = match (self.number(field, "first"), self.number(field, "last")) {
            (Some(first), _) => ("first", first),
            (None, Some(last)) => ("last", last),
            (None, None) => {
                let message = format!("You must provide a `first` or `last` value to properly paginate the `{name}` connection.");
                return Err(json!({"type": "MISSING_PAGINATION_BOUNDARIES", "message": message}));
            }
        };
        let Some(asked) = u64::try_from(asked).ok().filter(|asked| (1..=100).contains(asked)) else {
            let message = format!("Requesting {asked} records on the `{name}` connection exceeds the `{side}` limit of 100 records.");
            return Err(json!({"type": "EXCESSIVE_PAGINATION", "message": message}));
        };
        let below = times.saturating_mul(asked);
        if self.seen.insert(path.clone()) {
            self.requests += times;
            self.nodes = self.nodes.saturating_add(below);
        }
        if self.nodes > MOST_NODES {
            let message = format!(
                "By the time this query traverses to the {name} connection, it is requesting up to {} possible nodes which exceeds the maximum limit of 500,000.",
                self.nodes
            );
            return Err(json!({"type": "MAX_NODE_LIMIT_EXCEEDED", "message": message}));
        }
        self.below(&field.selection_set, below, &path)
    }

    fn number(&self, field: &Field, argument: &str) -> Option<i64> {
        match field.specified_argument_by_name(argument)?.as_ref() {
            Literal::Int(number) => number.as_str().parse().ok(),
            Literal::Variable(name) => self.variables.get(name.as_str())?.as_i64(),
            _ => None,
        }
    }
}
