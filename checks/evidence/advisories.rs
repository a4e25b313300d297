//! Known vulnerabilities of the packages that files name.

use serde::{Deserialize, Serialize};

/// How bad a vulnerability is, by the qualitative scale of CVSS
/// (<https://www.first.org/cvss/v4.0/specification-document#Qualitative-Severity-Rating-Scale>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 0.0.
    None,
    /// 0.1 to 3.9.
    Low,
    /// 4.0 to 6.9.
    Medium,
    /// 7.0 to 8.9.
    High,
    /// 9.0 to 10.0.
    Critical,
}

impl Severity {
    /// `critical`, `high`, ...
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What a database knows of one vulnerability.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisory {
    /// Its id.
    pub id: String,
    /// The ids that other databases give to the same one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The ids of those from which it arises, in distributions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upstream: Vec<String>,
    /// What it is, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// How bad it is, where its database tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Of what tells no vulnerability what it is instead: `unmaintained`, `unsound`, `notice`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub informational: Option<String>,
}

/// That a package has a vulnerability.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The place of the file in [`Inventory::files`](super::Inventory::files).
    pub file: usize,
    /// The place of the package in that file.
    pub package: usize,
    /// The place of the advisory in [`Advisories::advisories`].
    pub advisory: usize,
    /// The least version above the package's that does not have it, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<String>,
    /// The distribution that packages it calls it unimportant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unimportant: bool,
}

/// From where advisories come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvisorySource {
    /// Its address, or its folder.
    pub name: String,
    /// When it was asked or read last, as an RFC 3339 time in UTC.
    pub as_of: String,
    /// The tag by which its host tells versions of it apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// How many advisories it has; absent of a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisories: Option<u64>,
}

/// What is known of the vulnerabilities of all packages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisories {
    /// Who was asked.
    pub sources: Vec<AdvisorySource>,
    /// The advisories that matter, each once.
    pub advisories: Vec<Advisory>,
    /// Which packages they concern.
    pub hits: Vec<Hit>,
    /// Ecosystems of which there are packages and no advisories, with the number of packages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<(String, usize)>,
    /// Packages, as [`Hit`] places them, whose version could not be compared with that of an advisory, with its id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incomparable: Vec<(usize, usize, String)>,
    /// How many commits stand in place of versions and were not looked up.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub commits: usize,
    /// The ids of advisories about the commit of the repository itself; absent where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Vec<usize>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}
