//! The security policy and what it says.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::path::RepoPath;

/// What stands in a policy's text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyText {
    /// Its length in bytes.
    pub size: u64,
    /// The links and e-mail addresses, each once.
    pub contacts: BTreeSet<String>,
    /// How many words and numbers hint at disclosure, vulnerabilities and time lines.
    pub hints: usize,
}

/// A security policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityPolicy {
    /// The policy's file.
    pub path: RepoPath,
    /// The file whose text was judged. The reference looks the text up by the policy's name, and may find a namesake
    /// of a policy in the root that is listed before it.
    pub read_from: RepoPath,
    /// What stands in it.
    pub text: PolicyText,
}
