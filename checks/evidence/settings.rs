//! What runs on behalf of a repository: webhooks, and workflows.

use serde::{Deserialize, Serialize};

/// A webhook. Its address may hold secrets, and is not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The host's number for it.
    pub id: u64,
    /// Its address in the host's interface for programs.
    #[serde(default)]
    pub api_url: String,
    /// Whether calls are signed with a secret.
    pub has_secret: bool,
}

/// Successful runs of a workflow: the newest thirty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runs {
    /// The commits on which it ran, the newest run first.
    pub heads: Vec<String>,
    /// The page of the newest run; empty where there is none.
    #[serde(default)]
    pub url: String,
}
