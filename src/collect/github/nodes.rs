//! What lists of GraphQL have in common.

use serde::Deserialize;

/// A list. An entry is null where the host could not show it; an error stands for it then.
#[derive(Deserialize)]
pub(super) struct Nodes<T> {
    pub(super) nodes: Vec<Option<T>>,
}

impl<T> Nodes<T> {
    /// The entries that are there.
    pub(super) fn all(self) -> Vec<T> {
        self.nodes.into_iter().flatten().collect()
    }
}

/// Where a page of a list ends.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    #[serde(default)]
    pub(super) has_next_page: bool,
    pub(super) end_cursor: Option<String>,
}

impl Page {
    /// Where the next page begins, if there is one.
    pub(super) fn next(self) -> Option<String> {
        self.end_cursor.filter(|_| self.has_next_page)
    }
}

/// GraphQL spells states in upper case, REST in lower case; evidence in lower case.
pub(super) fn lower(state: &str) -> String {
    state.to_ascii_lowercase()
}
