//! What a host says of a repository as a whole.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the host says of the repository as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// When it was made on this host.
    pub created_at: Timestamp,
    /// Whether it takes no more changes.
    #[serde(default)]
    pub archived: bool,
    /// Whether only some may see it.
    #[serde(default)]
    pub private: bool,
    /// Whether it began as a copy of another one on the same host.
    #[serde(default)]
    pub fork: bool,
}

/// A licence as a host recognised it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostLicense {
    /// The SPDX id; `NOASSERTION` for a text that the host found and does not know.
    pub spdx_id: String,
    /// The licence's name.
    #[serde(default)]
    pub name: String,
}

/// A language and how much of it there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// Its name, as the host spells it.
    pub name: String,
    /// How much, in bytes.
    pub bytes: u64,
}
