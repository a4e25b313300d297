#![doc = include_str!("README.md")]

mod changesets;

use std::collections::HashSet;

use crate::check::{AnsweredBy, Check, CheckMeta, Risk, Verdict, gaps, proportional};
use crate::evidence::{Evidence, Facet, Gap};
use crate::finding::{Effort, Finding, Outcome};
use crate::probe::{Probe, ProbeMeta};

use changesets::{Changeset, changesets};

/// Whether somebody else than the author looks at changes before they are merged.
pub struct CodeReview;

static CHECK: CheckMeta = CheckMeta {
    name: "Code-Review",
    risk: Risk::High,
    short: "Does somebody else review changes before they are merged?",
    answered_by: AnsweredBy::Host,
    readme: include_str!("README.md"),
};

static APPROVED: ProbeMeta = ProbeMeta {
    id: "codeApproved",
    question: "somebody else than the author approved each of the newest changes",
    good: Some(Outcome::True),
    remedy: "Let somebody else approve or merge each pull request, and make it a rule: Settings > Rules > Rulesets > New branch ruleset, \
             target the default branch, tick \"Require a pull request before merging\" with one required approval.",
    effort: Effort::Low,
    needs: &[Facet::Commits],
    uses: &[],
};

static ONE_REVIEWER: ProbeMeta = ProbeMeta {
    id: "codeReviewOneReviewers",
    question: "somebody else than the author took part in the review of each of the newest changes",
    good: Some(Outcome::True),
    remedy: "Have each pull request looked at by somebody else before it is merged: `gh pr edit NUMBER --add-reviewer LOGIN` asks for it.",
    effort: Effort::Low,
    needs: &[Facet::Commits],
    uses: &[],
};

struct CodeApproved;

/// `codeReviewOneReviewers`: whether somebody else than the author took part in each review.
pub struct OneReviewer;

const APPROVED_CHANGESETS: &str = "approvedChangesets";
const TOTAL_CHANGESETS: &str = "totalChangesets";
/// The same two, if all reviews that nobody could see were approvals.
const APPROVED_AT_MOST: &str = "approvedChangesetsAtMost";
const TOTAL_AT_LEAST: &str = "totalChangesetsAtLeast";

impl Check for CodeReview {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&CodeApproved]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        let [finding] = findings else { return Verdict::nothing_to_judge(NOTHING, Vec::new()) };
        if finding.outcome == Outcome::NotApplicable {
            return Verdict::nothing_to_judge(finding.message.clone(), Vec::new());
        }
        let score = proportional(finding.count(APPROVED_CHANGESETS), finding.count(TOTAL_CHANGESETS));
        let verdict = Verdict::scored(score, finding.message.clone(), Vec::new());
        let gaps = gaps(findings);
        match finding.count(TOTAL_AT_LEAST) {
            _ if gaps.is_empty() => verdict,
            // Approved changes by apps alone are nothing to judge.
            0 => verdict.assumed(gaps),
            total => verdict.limited(score, proportional(finding.count(APPROVED_AT_MOST), total), gaps),
        }
    }
}

const NOTHING: &str = "no commits to judge";

/// How many changesets are approved, of how many.
#[derive(Clone, Copy, Default)]
struct Tally {
    approved: usize,
    total: usize,
}

impl Tally {
    /// What an app writes and somebody approves says nothing of the project's habits: it is left out.
    fn add(&mut self, approved: bool, is_by_bot: bool) {
        if !(approved && is_by_bot) {
            self.total += 1;
            self.approved += usize::from(approved);
        }
    }
}

impl Probe for CodeApproved {
    fn meta(&self) -> &ProbeMeta {
        &APPROVED
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let changesets = match evidence.commits.get() {
            Ok(commits) => changesets(commits),
            Err(gap) => return vec![APPROVED.unanswered(gap)],
        };
        if changesets.is_empty() {
            return vec![Finding::new(APPROVED.id, Outcome::NotApplicable, NOTHING)];
        }
        let (mut seen, mut at_most) = (Tally::default(), Tally::default());
        let mut others = Vec::new();
        let mut gaps: Vec<Gap> = Vec::new();
        for changeset in &changesets {
            let approved = changeset.is_approved();
            seen.add(approved == Ok(true), changeset.is_by_bot());
            at_most.add(approved != Ok(false), changeset.is_by_bot());
            match approved {
                Ok(true) => {}
                Ok(false) => others.push(changeset),
                Err(gap) => gaps.extend((!gaps.contains(gap)).then(|| gap.clone())),
            }
        }
        let Tally { approved, total } = seen;
        let (outcome, message) = if approved < total {
            (Outcome::False, format!("{approved} of {total} changesets are approved by somebody else than their author{}", list(&others)))
        } else if total == 0 {
            (Outcome::NotApplicable, format!("all of the newest changesets, {} in number, are by apps", changesets.len()))
        } else {
            (Outcome::True, format!("all {total} changesets are approved by somebody else than their author"))
        };
        let mut finding = Finding::new(APPROVED.id, outcome, message);
        finding = finding.counting(APPROVED_CHANGESETS, approved).counting(TOTAL_CHANGESETS, total);
        if !gaps.is_empty() {
            finding = finding.counting(APPROVED_AT_MOST, at_most.approved).counting(TOTAL_AT_LEAST, at_most.total);
        }
        vec![finding.without(gaps)]
    }
}

/// The first few of the changesets that are not approved, to follow a sentence.
fn list(others: &[&Changeset<'_>]) -> String {
    const NAMED: usize = 5;
    let names: Vec<String> = others.iter().take(NAMED).map(|changeset| changeset.name()).collect();
    match others.len() {
        0 => String::new(),
        count if count <= NAMED => format!("; not so: {}", names.join(", ")),
        count => format!("; not so: {} and {} more", names.join(", "), count - NAMED),
    }
}

impl Probe for OneReviewer {
    fn meta(&self) -> &ProbeMeta {
        &ONE_REVIEWER
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        match evidence.commits.get() {
            Ok(commits) => vec![reviewed_by_one(&changesets(commits))],
            Err(gap) => vec![ONE_REVIEWER.unanswered(gap)],
        }
    }
}

fn reviewed_by_one(changesets: &[Changeset<'_>]) -> Finding {
    let say = |outcome, message: &str| Finding::new(ONE_REVIEWER.id, outcome, message);
    let mut alone = None;
    for changeset in changesets {
        let unknown = |message| say(Outcome::NotAvailable, message).about(changeset.name());
        if changeset.author().is_empty() {
            return unknown("nobody knows which account wrote a changeset");
        }
        let reviewers: HashSet<&str> = match changeset.reviewers() {
            Ok(reviewers) => reviewers.into_iter().collect(),
            Err(gap) => return ONE_REVIEWER.unanswered(gap).about(changeset.name()),
        };
        if reviewers.contains("") {
            return unknown("a reviewer's account is gone");
        }
        if reviewers.iter().all(|reviewer| *reviewer == changeset.author()) {
            alone = alone.or(Some(changeset));
        }
    }
    match alone {
        _ if changesets.is_empty() => say(Outcome::NotApplicable, NOTHING),
        _ if changesets.iter().all(Changeset::is_by_bot) => say(Outcome::NotAvailable, "all changesets are by apps"),
        Some(changeset) => say(Outcome::False, "a changeset was reviewed by nobody but its author").about(changeset.name()),
        None => say(Outcome::True, "somebody else than the author took part in the review of each changeset"),
    }
}
