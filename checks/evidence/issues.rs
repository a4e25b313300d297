//! Issues, and who answers them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An issue, open or closed. Pull requests are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// When it was opened.
    pub created_at: Timestamp,
    /// What its author is to the repository.
    #[serde(default)]
    pub association: Association,
    /// Its comments: the last thirty.
    #[serde(default)]
    pub comments: Vec<Comment>,
}

/// A comment on an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    /// When it was written.
    pub created_at: Timestamp,
    /// What its author is to the repository.
    #[serde(default)]
    pub association: Association,
}

/// What an account is to a repository.
///
/// <https://docs.github.com/graphql/reference/enums#commentauthorassociation>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Association {
    /// Nothing.
    None,
    /// An account that stands in for somebody from elsewhere.
    Mannequin,
    /// Has never contributed to anything on this host.
    FirstTimer,
    /// Has never contributed to this repository.
    FirstTimeContributor,
    /// Has contributed.
    Contributor,
    /// Was invited to work on it.
    Collaborator,
    /// Belongs to the organisation that owns it.
    Member,
    /// Owns it.
    Owner,
    /// The host says something that this version does not know.
    #[default]
    #[serde(other)]
    Unknown,
}

impl Association {
    /// Whether the account may work on the repository.
    #[must_use]
    pub const fn is_project_member(self) -> bool {
        matches!(self, Self::Collaborator | Self::Member | Self::Owner)
    }
}
