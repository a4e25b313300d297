//! Gaps: why a fact is missing.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Facet, SourceKind};
use crate::path::RepoPath;

/// Why a fact is missing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// No probe of this run wanted it.
    NotAsked,
    /// This kind of target, or this host, cannot show it.
    NotOffered {
        /// Who cannot, to be read before "does not show this".
        by: String,
    },
    /// It exists only for the present, and the target is a past revision.
    PresentOnly,
    /// The token may not see it.
    Denied {
        /// The permission that would show it.
        needs: String,
    },
    /// It takes a token, and there is none.
    NoToken,
    /// Asking for it, or reading it, failed.
    Failed {
        /// What went wrong.
        why: String,
    },
    /// A bound was reached.
    LimitReached {
        /// The bound, with its unit.
        bound: String,
    },
    /// The history of a shallow clone ends before it.
    Shallow,
    /// The run was told to ask nobody.
    Offline,
    /// It takes asking a registry or a service for more than the files say, which is not done.
    Unresolved {
        /// What that would tell.
        what: String,
    },
    /// There are no advisories on this machine, and nobody was to be asked.
    NoDatabase,
}

/// A fact that is missing, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Gap {
    /// What is missing.
    pub facet: Facet,
    /// Why.
    pub cause: Cause,
    /// The files that are missing, where the gap is about single files: the first few of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<RepoPath>,
    /// How many files are missing in all; 0 where the gap is about a whole facet.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub count: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Cause {
    /// Whether somebody was asked and could not, or would not, answer. The reference gives up there; where nobody could be asked it
    /// answers without.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::Denied { .. })
    }
}

impl Gap {
    /// How many files a gap names; the others are counted.
    pub const PATHS: usize = 5;

    /// A whole facet is missing.
    #[must_use]
    pub fn new(facet: Facet, cause: Cause) -> Self {
        Self { facet, cause, paths: Vec::new(), count: 0 }
    }

    /// A facet that this kind of source cannot show.
    #[must_use]
    pub fn not_offered(facet: Facet, source: SourceKind) -> Self {
        Self::new(facet, Cause::NotOffered { by: source.phrase().to_owned() })
    }

    /// Gaps for single files, one for each cause in the order of their first file.
    pub fn of_files<'a>(facet: Facet, files: impl IntoIterator<Item = (&'a RepoPath, &'a Cause)>) -> Vec<Self> {
        let mut gaps: Vec<Self> = Vec::new();
        for (path, cause) in files {
            let gap = match gaps.iter_mut().find(|gap| gap.cause == *cause) {
                Some(gap) => gap,
                None => gaps.push_mut(Self::new(facet, cause.clone())),
            };
            gap.count += 1;
            if gap.paths.len() < Self::PATHS {
                gap.paths.push(path.clone());
            }
        }
        gaps
    }

    /// Each gap once, in the order in which they were met.
    pub fn distinct<'a>(gaps: impl IntoIterator<Item = &'a Self>) -> Vec<Self> {
        let mut seen = HashSet::new();
        gaps.into_iter().filter(|gap| seen.insert(*gap)).cloned().collect()
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked => f.write_str("not asked for"),
            Self::NotOffered { by } => write!(f, "{by} does not show this"),
            Self::PresentOnly => f.write_str("only known for the present"),
            Self::Denied { needs } => write!(f, "not visible to this token, {needs} would show it"),
            Self::NoToken => f.write_str("needs a token"),
            Self::Failed { why } => f.write_str(why),
            Self::LimitReached { bound } => write!(f, "the bound of {bound} was reached"),
            Self::Shallow => f.write_str("the clone is shallow"),
            Self::Offline => f.write_str("not asked, because of --offline"),
            Self::Unresolved { what } => write!(f, "not resolved: {what}"),
            Self::NoDatabase => {
                f.write_str("there is no advisory database; `carat advisories update` makes one, `--advisories api` asks OSV")
            }
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.paths.split_first(), &self.cause) {
            (None, Cause::NotOffered { by }) => return write!(f, "{by} does not show {}", self.facet.phrase()),
            (None, Cause::NoDatabase) => return self.cause.fmt(f),
            (None, _) => f.write_str(self.facet.phrase())?,
            (Some((path, [])), _) if self.count == 1 => write!(f, "{path}")?,
            (Some((first, rest)), _) => {
                write!(f, "{} files ({first}", self.count)?;
                for path in rest {
                    write!(f, ", {path}")?;
                }
                f.write_str(if self.count > self.paths.len() { ", ...)" } else { ")" })?;
            }
        }
        write!(f, ": {}", self.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_of_files_are_grouped_by_cause_and_name_the_first_few() {
        let missing = Cause::Failed { why: "object missing".into() };
        let large = Cause::LimitReached { bound: "50 MB".into() };
        let paths: Vec<_> = (0..8).map(|n| RepoPath::from(format!("f{n}").as_str())).collect();
        let files = paths.iter().enumerate().map(|(n, path)| (path, if n == 3 { &large } else { &missing }));
        let gaps = Gap::of_files(Facet::Binaries, files);
        assert_eq!(gaps.iter().map(|gap| gap.count).collect::<Vec<_>>(), [7, 1]);
        assert_eq!(gaps[0].to_string(), "7 files (f0, f1, f2, f4, f5, ...): object missing");
        assert_eq!(gaps[1].to_string(), "f3: the bound of 50 MB was reached");
    }
}
