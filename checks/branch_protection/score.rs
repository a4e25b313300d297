//! The score: five tiers, each of which counts once the one before is full on every branch.

use std::collections::BTreeSet;

use super::{ADMINS, APPROVERS, CODE_OWNERS, DELETION, FORCE_PUSH, LAST_PUSH, PROTECTED, PULL_REQUESTS, REVIEWERS, STALE, UP_TO_DATE};
use crate::check::{Detail, Level, Verdict, gaps};
use crate::finding::{Finding, Outcome};

pub(super) const NOTHING: &str = "no default branch, and no release was made from a branch";

/// The points of each tier, and what is so while it is not full.
const TIERS: [(u32, &str); 5] = [
    (3, "deletion and force pushes are not blocked on every branch"),
    (3, "approved and up-to-date pull requests are not required on every branch"),
    (2, "status checks are not required on every branch"),
    (1, "two approvals, and one of a code owner, are not required on every branch"),
    (1, "approvals outlast a push, or rules can be bypassed, on some branch"),
];

/// What to take for true of what is hidden.
#[derive(Clone, Copy, PartialEq)]
enum Hidden {
    /// What the reference takes: what is not visible does not count.
    Left,
    /// Nothing good.
    Bad,
    /// Nothing bad.
    Good,
}

pub(super) fn verdict(findings: &[Finding]) -> Verdict {
    let details = details(findings);
    let protected: Vec<bool> = findings.iter().filter(|f| f.probe == PROTECTED.id).filter_map(|f| known(f.outcome)).collect();
    if protected.is_empty() {
        return Verdict::nothing_to_judge(NOTHING, details);
    }
    let (score, lacking) = self::score(findings, Hidden::Left);
    let open = protected.iter().filter(|protected| !**protected).count();
    let reason = match lacking {
        _ if open == protected.len() => "no branch is protected".to_owned(),
        _ if open > 0 => format!("{open} of {} branches not protected", protected.len()),
        Some(lacking) => lacking.to_owned(),
        None => "every branch is protected in full".to_owned(),
    };
    let ((low, _), (high, _)) = (self::score(findings, Hidden::Bad), self::score(findings, Hidden::Good));
    Verdict::scored(score, reason, details).limited(low, high, gaps(findings))
}

const fn known(outcome: Outcome) -> Option<bool> {
    match outcome {
        Outcome::True => Some(true),
        Outcome::False => Some(false),
        _ => None,
    }
}

/// What a finding says if what is hidden is so.
struct Assumed<'a> {
    hidden: Hidden,
    /// The branches with a classic rule of which a part is hidden.
    partly: BTreeSet<&'a str>,
    /// The branches of which it is known how many approvals they need.
    counted: BTreeSet<&'a str>,
}

impl<'a> Assumed<'a> {
    fn new(findings: &'a [Finding], hidden: Hidden) -> Self {
        let subject = |finding: &'a Finding| finding.subject.as_deref();
        let partly = findings.iter().filter(|f| f.probe == PROTECTED.id && !f.without.is_empty()).filter_map(subject).collect();
        let counted = findings.iter().filter(|f| f.probe == APPROVERS.id && known(f.outcome).is_some()).filter_map(subject).collect();
        Self { hidden, partly, counted }
    }

    fn outcome(&self, finding: &Finding) -> Option<bool> {
        let seen = known(finding.outcome);
        let among = |branches: &BTreeSet<&str>| finding.subject.as_deref().is_some_and(|branch| branches.contains(branch));
        let good = match self.hidden {
            Hidden::Left => return seen,
            Hidden::Bad => false,
            Hidden::Good => true,
        };
        let probe = finding.probe.as_ref();
        if !finding.without.is_empty() && probe != PROTECTED.id {
            return Some(good);
        }
        if !among(&self.partly) {
            return seen;
        }
        // What a ruleset demands holds whatever a classic rule says; that nobody bypasses it does not.
        if probe == ADMINS.id {
            Some(good && seen != Some(false))
        } else if probe == PULL_REQUESTS.id {
            // Where approvals are counted, even to none, there are pull requests.
            Some(good || seen == Some(true) || among(&self.counted))
        } else if [STALE.id, LAST_PUSH.id, UP_TO_DATE.id].contains(&probe) {
            Some(good || seen == Some(true))
        } else {
            seen
        }
    }
}

/// The score, and what is lacking for the first tier that is not full. The reference takes what one branch can reach, times
/// the number of branches, for what all can reach; here that is a sum.
fn score(findings: &[Finding], hidden: Hidden) -> (u8, Option<&'static str>) {
    let assumed = Assumed::new(findings, hidden);
    let (mut got, mut most) = ([0_u32; 5], [0_u32; 5]);
    for finding in findings {
        let outcome = assumed.outcome(finding);
        let mut count = |tier: usize, reached: bool, worth: u32| {
            got[tier] += if reached { worth } else { 0 };
            most[tier] += worth;
        };
        let is = |probe: &str| finding.probe == probe;
        if is(PROTECTED.id) {
            // It has no mark of its own.
        } else if is(DELETION.id) || is(FORCE_PUSH.id) {
            count(0, outcome == Some(true), 1);
        } else if is(APPROVERS.id) {
            count(1, outcome == Some(true) && finding.count(REVIEWERS) > 0, 2);
            count(3, outcome == Some(true) && finding.count(REVIEWERS) > 1, 1);
        } else if is(CODE_OWNERS.id) {
            count(3, outcome == Some(true), 1);
        } else if is(UP_TO_DATE.id) || is(LAST_PUSH.id) || is(PULL_REQUESTS.id) {
            outcome.into_iter().for_each(|so| count(1, so, 1));
        } else if is(STALE.id) || is(ADMINS.id) {
            outcome.into_iter().for_each(|so| count(4, so, 1));
        } else {
            count(2, outcome == Some(true), 1);
        }
    }
    let mut score = 0;
    for (tier, (points, lacking)) in TIERS.into_iter().enumerate() {
        if got[tier] < most[tier] {
            score += points * got[tier] / most[tier];
            return (u8::try_from(score).unwrap_or(10), Some(lacking));
        }
        score += points;
    }
    (u8::try_from(score).unwrap_or(10), None)
}

/// First the branches that no rule covers; then what is so on the others.
fn details(findings: &[Finding]) -> Vec<Detail> {
    let of_protected = |outcome| move |finding: &&Finding| finding.probe == PROTECTED.id && finding.outcome == outcome;
    let mut details: Vec<Detail> = findings.iter().filter(of_protected(Outcome::False)).map(|f| Detail::of(f, Level::Warn)).collect();
    let covered: BTreeSet<&str> = findings.iter().filter(of_protected(Outcome::True)).filter_map(|f| f.subject.as_deref()).collect();
    let said = findings.iter().filter(|finding| finding.subject.as_deref().is_some_and(|branch| covered.contains(branch)));
    details.extend(said.filter_map(|finding| Some(Detail::of(finding, level(finding)?))));
    details
}

fn level(finding: &Finding) -> Option<Level> {
    let is = |probe: &str| finding.probe == probe;
    let (bad, unknown) = (Some(Level::Warn), Some(Level::Debug));
    match known(finding.outcome) {
        _ if is(PROTECTED.id) => None,
        Some(true) if is(APPROVERS.id) && finding.count(REVIEWERS) < 2 => bad,
        Some(true) => Some(Level::Info),
        Some(false) => bad,
        None if is(DELETION.id) || is(FORCE_PUSH.id) || is(APPROVERS.id) => None,
        None if is(CODE_OWNERS.id) || is(super::STATUS_CHECKS.id) => bad,
        None => unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::PROBES;
    use super::*;

    /// The findings of a branch, a sign for each probe in their order: `T`, `F`, `-`, or how many approvals are needed.
    fn branch<'a>(name: &'a str, signs: &'a str) -> impl Iterator<Item = Finding> + 'a {
        PROBES.iter().zip(signs.chars()).map(move |(probe, sign)| {
            let outcome = match sign {
                '-' => Outcome::NotAvailable,
                'F' | '0' => Outcome::False,
                _ => Outcome::True,
            };
            let finding = Finding::new(probe.meta().id, outcome, "").about(name);
            sign.to_digit(10).into_iter().fold(finding, |finding, count| finding.counting(REVIEWERS, count as usize))
        })
    }

    fn evaluate(branches: &[&str]) -> (Option<u8>, [usize; 3]) {
        let named: Vec<(String, &str)> = branches.iter().enumerate().map(|(n, signs)| (format!("branch{n}"), *signs)).collect();
        let findings: Vec<Finding> = named.iter().flat_map(|(name, signs)| branch(name, signs)).collect();
        let verdict = verdict(&findings);
        let count = |level| verdict.details().iter().filter(|detail| detail.level == level).count();
        (verdict.score(), [count(Level::Info), count(Level::Warn), count(Level::Debug)])
    }

    #[test]
    fn outcomes_give_the_scores_and_levels_of_the_reference() {
        // Deletion, force pushes, protected, administrators, stale approvals, approvals, owners, last push, up to date,
        // status checks, pull requests.
        let (good, weak) = ("TTTTT1FTTTT", "TTTFF0FFFFT");
        let vectors: [(&[&str], u8, [usize; 3]); 17] = [
            (&["TTTFF0FFTTT"], 4, [5, 5, 0]),
            (&["TTTFF0FFT-T"], 4, [4, 6, 0]),
            (&["TTTF---FFFF"], 3, [2, 6, 1]),
            (&["TTTT---TTTF"], 4, [6, 2, 1]),
            (&["TTTTT0TTTTT"], 4, [9, 1, 0]),
            (&["TTTTF1FTTFT"], 6, [6, 4, 0]),
            (&["TTT--------"], 3, [2, 2, 5]),
            (&["TTT--1F---T"], 6, [3, 3, 4]),
            (&["TTTTF0FFFTT"], 3, [5, 5, 0]),
            (&["TTTFF0FFFTT"], 3, [4, 6, 0]),
            (&["TFTFF0FFFTT"], 1, [3, 7, 0]),
            (&["FTTFF0FFFTT"], 1, [3, 7, 0]),
            (&["TTTTT1TTTTT"], 8, [9, 1, 0]),
            (&[weak], 3, [3, 7, 0]),
            (&[good, weak], 4, [11, 9, 0]),
            (&[good, good], 8, [16, 4, 0]),
            (&["--T--------", "--T--------"], 0, [0, 4, 10]),
        ];
        for (branches, score, levels) in vectors {
            assert_eq!(evaluate(branches), (Some(score), levels), "{branches:?}");
        }
        assert_eq!(evaluate(&[]), (None, [0; 3]));
    }
}
