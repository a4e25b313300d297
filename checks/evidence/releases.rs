//! Releases and the files that they carry.

use serde::{Deserialize, Serialize};

/// A release: published, a preview, or a draft that the token may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The tag; empty where a draft has none.
    #[serde(default)]
    pub tag: String,
    /// The branch or commit that its tag was, or would be, made from.
    #[serde(default)]
    pub target: String,
    /// Its address in the host's interface for programs.
    #[serde(default)]
    pub api_url: String,
    /// Its page.
    #[serde(default)]
    pub url: String,
    /// Whether it is a draft.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
    /// The names of its files, in the host's order.
    #[serde(default)]
    pub assets: Vec<String>,
}
