//! Which checks ran on the head of a pull request.

use serde::{Deserialize, Serialize};

use super::Fact;

/// What ran on one commit, the head of a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadChecks {
    /// Suites of checks, one an app: the first thirty.
    pub suites: Fact<Vec<CheckRun>>,
    /// The latest status of each context.
    pub statuses: Fact<Vec<Status>>,
    /// The address of its statuses in the host's interface for programs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub statuses_url: String,
}

/// A suite of checks, run by an app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckRun {
    /// The app's short name; empty for an app that is gone.
    #[serde(default)]
    pub app: String,
    /// `completed`, `queued`, ...: in lower case.
    pub status: String,
    /// `success`, `failure`, `neutral`, ...: in lower case; empty while it runs.
    #[serde(default)]
    pub conclusion: String,
}

/// A commit status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// `success`, `failure`, `pending`, `error`: in lower case.
    pub state: String,
    /// What it is about, such as `ci/circleci: build`.
    pub context: String,
    /// Where more is told; empty where nothing is.
    #[serde(default)]
    pub target_url: String,
}
