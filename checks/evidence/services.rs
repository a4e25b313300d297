//! What other services, and searches, say of a project.

use serde::{Deserialize, Serialize};

/// A badge of OpenSSF Best Practices.
///
/// <https://www.bestpractices.dev/criteria>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadgeLevel {
    /// Some criteria are met.
    InProgress,
    /// The first level.
    Passing,
    /// The second.
    Silver,
    /// The third.
    Gold,
}

/// Which update bots have left commits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BotCommits {
    /// Dependabot.
    pub dependabot: bool,
}
