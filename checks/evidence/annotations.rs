//! What the maintainers say about their own results. It is shown and changes nothing: it comes from the judged.

use serde::{Deserialize, Serialize};

use crate::path::RepoPath;

/// Why the maintainers think that a score does not tell the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Only tests and their data are concerned.
    TestData,
    /// The risk is dealt with in another way.
    Remediated,
    /// The question does not apply.
    NotApplicable,
    /// It is done, in a way that the check does not support.
    NotSupported,
    /// It is done, in a supported way that the check did not find.
    NotDetected,
}

impl Reason {
    /// The reason as a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TestData => "The maintainers say: only tests, examples and their data are concerned.",
            Self::Remediated => "The maintainers say: the risk is known and dealt with in another way.",
            Self::NotApplicable => "The maintainers say: this does not apply to the project.",
            Self::NotSupported => "The maintainers say: the project does this in a way that the check does not support.",
            Self::NotDetected => "The maintainers say: the project does this, and the check did not detect it.",
        }
    }
}

/// Reasons for a group of checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotation {
    /// The names of the checks.
    pub checks: Vec<String>,
    /// The reasons, in the order of the file.
    pub reasons: Vec<Reason>,
}

/// A file with annotations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotations {
    /// The file.
    pub path: RepoPath,
    /// Its annotations; empty if it was not understood.
    pub groups: Vec<Annotation>,
    /// Why it was not understood, and dropped as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped: Option<String>,
}

impl Annotations {
    /// The reasons given for a check, in the order of the file, repeated ones included.
    pub fn of<'a>(&'a self, check: &'a str) -> impl Iterator<Item = Reason> + 'a {
        let about = |group: &&Annotation| group.checks.iter().any(|name| name.eq_ignore_ascii_case(check));
        self.groups.iter().filter(about).flat_map(|group| group.reasons.iter().copied())
    }
}
