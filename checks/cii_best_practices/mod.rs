#![doc = include_str!("README.md")]

use crate::check::{AnsweredBy, Check, CheckMeta, Risk, Verdict};
use crate::evidence::{BadgeLevel, Evidence, Facet};
use crate::finding::{Effort, Finding, Outcome, Value};
use crate::probe::{Probe, ProbeMeta};

/// Whether the project has a badge of OpenSSF Best Practices.
pub struct CiiBestPractices;

static CHECK: CheckMeta = CheckMeta {
    name: "CII-Best-Practices",
    risk: Risk::Low,
    short: "Has the project a badge of OpenSSF Best Practices?",
    answered_by: AnsweredBy::Host,
    readme: include_str!("README.md"),
};

static BADGE: ProbeMeta = ProbeMeta {
    id: "hasOpenSSFBadge",
    question: "the project has a badge of OpenSSF Best Practices, or works towards one",
    good: Some(Outcome::True),
    remedy: "Sign in at https://www.bestpractices.dev, add the project by the address of its repository, and answer the questions.",
    effort: Effort::High,
    needs: &[Facet::Badge],
    uses: &[],
};

/// The levels: the name in results, the score, and what it means.
const fn level(badge: BadgeLevel) -> (&'static str, u8, &'static str) {
    match badge {
        BadgeLevel::InProgress => ("InProgress", 2, "the project works towards a badge"),
        BadgeLevel::Passing => ("Passing", 5, "the project has the badge at its first level, passing"),
        BadgeLevel::Silver => ("Silver", 7, "the project has the badge in silver"),
        BadgeLevel::Gold => ("Gold", 10, "the project has the badge in gold"),
    }
}

const LEVEL: &str = "badgeLevel";
const NONE: &str = "the project has no badge of OpenSSF Best Practices";

struct HasBadge;

impl Check for CiiBestPractices {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&HasBadge]
    }

    /// The reference gives no details.
    fn score(&self, findings: &[Finding]) -> Verdict {
        let named = findings.iter().find_map(|finding| match finding.values.get(LEVEL) {
            Some(Value::Text(name)) => Some(name.as_ref()),
            _ => None,
        });
        let levels = [BadgeLevel::InProgress, BadgeLevel::Passing, BadgeLevel::Silver, BadgeLevel::Gold];
        match levels.into_iter().map(level).find(|(name, ..)| Some(*name) == named) {
            Some((_, score, means)) => Verdict::scored(score, means, Vec::new()),
            None => Verdict::scored(0, NONE, Vec::new()),
        }
    }
}

impl Probe for HasBadge {
    fn meta(&self) -> &ProbeMeta {
        &BADGE
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        vec![match evidence.badge.get() {
            Err(gap) => BADGE.unanswered(gap),
            Ok(None) => Finding::new(BADGE.id, Outcome::False, NONE),
            Ok(Some(badge)) => {
                let (name, _, means) = level(*badge);
                Finding::new(BADGE.id, Outcome::True, means).value(LEVEL, name)
            }
        }]
    }
}
