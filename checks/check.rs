//! Checks: a named practice each, scored from findings alone.

use serde::{Deserialize, Serialize};

use crate::evidence::{Cause, Gap};
use crate::finding::{Finding, Location, Outcome};
use crate::probe::Probe;

/// How much it matters when a practice is missing; it decides the weight of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Risk {
    /// Weight 2.5.
    Low,
    /// Weight 5.
    Medium,
    /// Weight 7.5.
    High,
    /// Weight 10.
    Critical,
}

impl Risk {
    /// The weight in a total.
    #[must_use]
    pub const fn weight(self) -> f64 {
        match self {
            Self::Low => 2.5,
            Self::Medium => 5.0,
            Self::High => 7.5,
            Self::Critical => 10.0,
        }
    }

    /// `Low`, `Medium`, ...
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }
}

/// Where a check's answer comes from, hence for which targets it can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnsweredBy {
    /// The files: any target will do.
    Files,
    /// The files, and what is known of the packages that they name.
    Advisories,
    /// Only the host of a repository.
    Host,
}

/// What is known of a check before it runs.
#[derive(Debug)]
pub struct CheckMeta {
    /// The name, as the reference has it.
    pub name: &'static str,
    /// How much it matters.
    pub risk: Risk,
    /// What it looks for, in a sentence.
    pub short: &'static str,
    /// Where its answer comes from.
    pub answered_by: AnsweredBy,
    /// The documentation, in Markdown.
    pub readme: &'static str,
}

/// How a detail is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Level {
    /// Speaks for the repository, or tells a circumstance.
    Info,
    /// Speaks against it.
    Warn,
    /// Of interest only when a score surprises.
    Debug,
}

impl Level {
    /// `Info`, `Warn` or `Debug`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "Info",
            Self::Warn => "Warn",
            Self::Debug => "Debug",
        }
    }
}

/// A line of explanation below a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// How it is meant.
    pub level: Level,
    /// What is so.
    pub text: String,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

impl Detail {
    /// A detail that repeats a finding at a level.
    #[must_use]
    pub fn of(finding: &Finding, level: Level) -> Self {
        Self { level, text: finding.message.clone(), location: finding.location.clone() }
    }

    /// The details of a check whose good outcome is `True`: Info for it, Warn for `False`, Debug for the others.
    #[must_use]
    pub fn of_all(findings: &[Finding]) -> Vec<Self> {
        let level = |outcome| match outcome {
            Outcome::True => Level::Info,
            Outcome::False => Level::Warn,
            _ => Level::Debug,
        };
        findings.iter().filter(|f| !f.extended).map(|f| Self::of(f, level(f.outcome))).collect()
    }
}

/// What a check says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There is a score.
    Scored {
        /// From 0 to 10.
        score: u8,
        /// Between which scores it would lie if nothing were missing: the score itself where nothing is, and where
        /// there could be none.
        bounds: (u8, u8),
        /// What was missing and could change it; empty where the score stands.
        limited: Vec<Gap>,
        /// Why this score, in a sentence.
        reason: String,
        /// What it rests on.
        details: Vec<Detail>,
    },
    /// There is none.
    Inconclusive {
        /// What is missing; empty where there is nothing to judge.
        gaps: Vec<Gap>,
        /// Why there is no score, in a sentence.
        reason: String,
        /// What is known all the same.
        details: Vec<Detail>,
    },
}

impl Verdict {
    /// A score that stands. Scores above 10 do not exist; they are cut.
    #[must_use]
    pub fn scored(score: u8, reason: impl Into<String>, details: Vec<Detail>) -> Self {
        let score = score.min(10);
        Self::Scored { score, bounds: (score, score), limited: Vec::new(), reason: reason.into(), details }
    }

    /// The same verdict, limited by `gaps` to something between `low` and `high`. Without gaps, or where neither
    /// bound differs from the score, nothing changes: what is missing could not have changed the score.
    #[must_use]
    pub fn limited(mut self, low: u8, high: u8, gaps: Vec<Gap>) -> Self {
        if let Self::Scored { score, bounds, limited, .. } = &mut self {
            let range = (low.min(*score), high.max(*score));
            if !gaps.is_empty() && range != (*score, *score) {
                *bounds = range;
                *limited = gaps;
            }
        }
        self
    }

    /// The same verdict, resting on an assumption that `gaps` leave open: if it is wrong there is no score at all.
    #[must_use]
    pub fn assumed(mut self, gaps: Vec<Gap>) -> Self {
        if let Self::Scored { limited, .. } = &mut self {
            *limited = gaps;
        }
        self
    }

    /// No score, because something is missing.
    #[must_use]
    pub fn unknown(gaps: Vec<Gap>, details: Vec<Detail>) -> Self {
        let reason = match gaps.first() {
            Some(gap) => gap.to_string(),
            None => "nothing was seen".to_owned(),
        };
        Self::Inconclusive { gaps, reason, details }
    }

    /// No score, because there is nothing to judge.
    #[must_use]
    pub fn nothing_to_judge(reason: impl Into<String>, details: Vec<Detail>) -> Self {
        Self::Inconclusive { gaps: Vec::new(), reason: reason.into(), details }
    }

    /// The score, if there is one.
    #[must_use]
    pub const fn score(&self) -> Option<u8> {
        match self {
            Self::Scored { score, .. } => Some(*score),
            Self::Inconclusive { .. } => None,
        }
    }

    /// Why this score, or none.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Scored { reason, .. } | Self::Inconclusive { reason, .. } => reason,
        }
    }

    /// What the score rests on.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        match self {
            Self::Scored { details, .. } | Self::Inconclusive { details, .. } => details,
        }
    }

    /// What was missing: what limits a score, or what prevents one.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        match self {
            Self::Scored { limited, .. } => limited,
            Self::Inconclusive { gaps, .. } => gaps,
        }
    }
}

/// A practice: probes, and a score that sees their findings only.
pub trait Check: Send + Sync {
    /// What is known of it.
    fn meta(&self) -> &CheckMeta;

    /// The probes whose findings it scores, in the order in which it wants them.
    fn probes(&self) -> &'static [&'static dyn Probe];

    /// The score. `findings` are those of [`Check::probes`], in their order; none of them is `NotAvailable` for want
    /// of what a probe needs ([`score`] has dealt with those).
    fn score(&self, findings: &[Finding]) -> Verdict;
}

/// Scores a check: inconclusive if a probe could not answer, else as the check decides.
#[must_use]
pub fn score(check: &dyn Check, findings: &[Finding]) -> Verdict {
    let unanswered = findings.iter().filter(|finding| finding.outcome == Outcome::NotAvailable);
    let mut gaps = gaps(unanswered);
    // What nobody asked for is no reason to give to a user: something else is always missing beside it.
    if gaps.iter().any(|gap| gap.cause != Cause::NotAsked) {
        gaps.retain(|gap| gap.cause != Cause::NotAsked);
    }
    if gaps.is_empty() { check.score(findings) } else { Verdict::unknown(gaps, Detail::of_all(findings)) }
}

/// Whether this kind of target can answer a check at all: it cannot where all that is missing is what it does not show.
#[must_use]
pub fn is_offered(verdict: &Verdict) -> bool {
    let Verdict::Inconclusive { gaps, .. } = verdict else { return true };
    gaps.is_empty() || gaps.iter().any(|gap| !matches!(gap.cause, Cause::NotOffered { .. } | Cause::PresentOnly))
}

/// Tenths of a whole, rounded down and 10 at most, as the reference scores a share; 0 of nothing.
#[must_use]
pub fn proportional(part: usize, whole: usize) -> u8 {
    part.saturating_mul(10).checked_div(whole).map_or(0, |tenths| u8::try_from(tenths.min(10)).unwrap_or(10))
}

/// The gaps that findings carry, each once, in their order.
pub fn gaps<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Gap> {
    Gap::distinct(findings.into_iter().flat_map(|finding| &finding.without))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Facet;

    #[test]
    fn a_gap_that_cannot_change_a_score_does_not_limit_it() {
        let gap = || vec![Gap::new(Facet::OssFuzz, Cause::Offline)];
        let sure = Verdict::scored(10, "x", Vec::new()).limited(10, 10, gap());
        assert!(sure.gaps().is_empty());
        let open = Verdict::scored(0, "x", Vec::new()).limited(0, 10, gap());
        assert!(matches!(open, Verdict::Scored { score: 0, bounds: (0, 10), .. }));
        assert_eq!(Verdict::scored(4, "x", Vec::new()).limited(0, 10, Vec::new()), Verdict::scored(4, "x", Vec::new()));
    }

    #[test]
    fn shares_are_rounded_down_and_never_leave_the_scale() {
        let shares = [(0, 0), (5, 0), (0, 3), (2, 3), (3, 3), (13, 12), (usize::MAX, 1)];
        assert_eq!(shares.map(|(part, whole)| proportional(part, whole)), [0, 0, 0, 6, 10, 10, 10]);
    }
}
