//! Commits, and the pull requests that brought them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Fact;

/// A commit of the default branch, or of the revision that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commit {
    /// Its full id.
    pub id: String,
    /// When it was committed.
    pub committed_at: Timestamp,
    /// The account that committed it: empty where the host knows none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub committer: String,
    /// What its message says of a review elsewhere.
    #[serde(default, skip_serializing_if = "ReviewMarks::is_empty")]
    pub marks: ReviewMarks,
    /// The first pull request that the host names for it, if that is one of this very repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<PullRequest>,
}

/// What a commit's message says of a review on another platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewMarks {
    /// Phabricator's revision, such as `D123`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phabricator: Option<String>,
    /// Whether it has the two trailers that Gerrit writes, `Reviewed-on:` and `Reviewed-by:`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gerrit: bool,
    /// Piper's revision: digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub piper: Option<String>,
}

impl ReviewMarks {
    /// Whether the message says nothing of a review.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.phabricator.is_none() && !self.gerrit && self.piper.is_none()
    }
}

/// A pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// The full id of its last commit.
    pub head: String,
    /// When it was merged, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_at: Option<Timestamp>,
    /// Who opened it.
    #[serde(default)]
    pub author: User,
    /// Who merged it.
    #[serde(default)]
    pub merged_by: User,
    /// Its labels: the last thirty.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Its reviews: the last thirty.
    pub reviews: Fact<Vec<Review>>,
}

/// An account, as a pull request names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Its name; empty for an account that is gone, or where there is none.
    pub login: String,
    /// Whether it is an app. An account of a person may be called `x-bot`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_bot: bool,
}

/// A review of a pull request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Who reviewed: the account's name, empty for one that is gone.
    #[serde(default)]
    pub author: String,
    /// `APPROVED`, `COMMENTED`, `CHANGES_REQUESTED`, ... as the host spells it.
    pub state: String,
}
