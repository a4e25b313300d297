//! Accounts: who contributes, and for whom they say they work.

use serde::{Deserialize, Serialize};

use super::Fact;

/// Somebody who contributed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contributor {
    /// The account's name.
    pub login: String,
    /// How many commits of theirs the host counts.
    pub contributions: u64,
}

/// For whom an account says it works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Employer {
    /// The company in the profile, as typed there.
    pub company: Fact<Option<String>>,
    /// The organisations in which the membership is public, or visible to the token.
    pub organizations: Fact<Vec<String>>,
}
