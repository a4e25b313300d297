#![doc = include_str!("README.md")]

mod branches;
mod pattern;
mod rules;
mod score;

use crate::Id;
use crate::check::{AnsweredBy, Check, CheckMeta, Risk, Verdict};
use crate::evidence::{Evidence, Facet, Gap, Request};
use crate::finding::{Effort, Finding, Outcome};
use crate::parse::is_code_owners;
use crate::path;
use crate::probe::{Probe, ProbeMeta};
use rules::{Protection, Settings};

/// Whether the default branch and the release branches are protected.
pub struct BranchProtection;

static CHECK: CheckMeta = CheckMeta {
    name: "Branch-Protection",
    risk: Risk::High,
    short: "Are the default branch and the release branches protected?",
    answered_by: AnsweredBy::Host,
    readme: include_str!("README.md"),
};

const NEEDS: &[Facet] = &[Facet::Branches, Facet::Releases];

const fn meta(id: &'static str, effort: Effort, question: &'static str, remedy: &'static str) -> ProbeMeta {
    ProbeMeta { id, question, good: Some(Outcome::True), remedy, effort, needs: NEEDS, uses: &[] }
}

static DELETION: ProbeMeta = meta(
    "blocksDeleteOnBranches",
    Effort::Low,
    "the branch cannot be deleted",
    "Tick \"Restrict deletions\" in a ruleset that covers the branch (Settings > Rules > Rulesets), or take \"Allow deletions\" out of the \
     classic rule (Settings > Branches).",
);
static FORCE_PUSH: ProbeMeta = meta(
    "blocksForcePushOnBranches",
    Effort::Low,
    "the history of the branch cannot be rewritten",
    "Tick \"Block force pushes\" in a ruleset that covers the branch (Settings > Rules > Rulesets), or take \"Allow force pushes\" out of \
     the classic rule (Settings > Branches).",
);
static PROTECTED: ProbeMeta = meta(
    "branchesAreProtected",
    Effort::Low,
    "a rule covers the branch",
    "In Settings > Rules > Rulesets make a ruleset for branches, set its enforcement to \"Active\", and let it target the default branch \
     and the branches of releases. `gh ruleset check BRANCH` shows what applies to a branch.",
);
static ADMINS: ProbeMeta = meta(
    "branchProtectionAppliesToAdmins",
    Effort::Medium,
    "the rules bind administrators too",
    "Empty the bypass list of every ruleset that covers the branch (Settings > Rules > Rulesets), and tick \"Do not allow bypassing the \
     above settings\" in the classic rule, if there is one (Settings > Branches).",
);
static STALE: ProbeMeta = meta(
    "dismissesStaleReviews",
    Effort::High,
    "a new push makes approvals void",
    "Below \"Require a pull request before merging\" tick \"Dismiss stale pull request approvals when new commits are pushed\" (Settings > \
     Rules > Rulesets).",
);
static APPROVERS: ProbeMeta = meta(
    "requiresApproversForPullRequests",
    Effort::High,
    "somebody else has to approve a change",
    "Below \"Require a pull request before merging\" set \"Required approvals\" to 2 (Settings > Rules > Rulesets); 1 is half of it.",
);
static CODE_OWNERS: ProbeMeta = ProbeMeta {
    uses: &[Facet::Files],
    ..meta(
        "requiresCodeOwnersReview",
        Effort::High,
        "an owner of the code has to approve a change, and a file says who that is",
        "Add a file .github/CODEOWNERS (https://docs.github.com/articles/about-code-owners), and below \"Require a pull request before \
         merging\" tick \"Require review from Code Owners\" (Settings > Rules > Rulesets).",
    )
};
static LAST_PUSH: ProbeMeta = meta(
    "requiresLastPushApproval",
    Effort::High,
    "somebody else than the last pusher has to approve",
    "Below \"Require a pull request before merging\" tick \"Require approval of the most recent reviewable push\" (Settings > Rules > \
     Rulesets).",
);
static UP_TO_DATE: ProbeMeta = meta(
    "requiresUpToDateBranches",
    Effort::High,
    "a change has to be up to date before it is merged",
    "Below \"Require status checks to pass\" name the checks and tick \"Require branches to be up to date before merging\" (Settings > \
     Rules > Rulesets).",
);
static STATUS_CHECKS: ProbeMeta = meta(
    "runsStatusChecksBeforeMerging",
    Effort::Medium,
    "status checks have to pass before a change is merged",
    "Tick \"Require status checks to pass\" and name the checks, such as the jobs that run the tests (Settings > Rules > Rulesets).",
);
static PULL_REQUESTS: ProbeMeta = meta(
    "requiresPRsToChangeCode",
    Effort::Low,
    "changes come by pull requests alone",
    "Tick \"Require a pull request before merging\" (Settings > Rules > Rulesets).",
);

/// A question about each branch.
struct OfBranches {
    meta: &'static ProbeMeta,
    judge: fn(&ProbeMeta, &Protection<'_>, &Evidence) -> Finding,
}

static PROBES: [&dyn Probe; 11] = [
    &OfBranches { meta: &DELETION, judge: |meta, branch, _| setting(meta, branch, DELETES, |rules| rules.blocks_deletion) },
    &OfBranches { meta: &FORCE_PUSH, judge: |meta, branch, _| setting(meta, branch, REWRITES, |rules| rules.blocks_force_push) },
    &OfBranches { meta: &PROTECTED, judge: protected },
    &OfBranches { meta: &ADMINS, judge: admins },
    &OfBranches { meta: &STALE, judge: |meta, branch, _| setting(meta, branch, OLD_APPROVALS, |rules| rules.dismisses_stale) },
    &OfBranches { meta: &APPROVERS, judge: approvers },
    &OfBranches { meta: &CODE_OWNERS, judge: code_owners },
    &OfBranches { meta: &LAST_PUSH, judge: |meta, branch, _| setting(meta, branch, PUSHER, |rules| rules.last_push) },
    &OfBranches { meta: &UP_TO_DATE, judge: |meta, branch, _| setting(meta, branch, BEHIND, |rules| rules.up_to_date) },
    &OfBranches { meta: &STATUS_CHECKS, judge: |meta, branch, _| setting(meta, branch, CHECKS, |rules| Some(rules.status_checks)) },
    &OfBranches { meta: &PULL_REQUESTS, judge: |meta, branch, _| setting(meta, branch, PULLS, |rules| rules.pull_requests) },
];

/// What is so, what is not, and what it is about.
type Words = (&'static str, &'static str, &'static str);

const DELETES: Words = ("it cannot be deleted", "it can be deleted", "deletion");
const REWRITES: Words = ("its history cannot be rewritten", "its history can be rewritten by force pushes", "force pushes");
const BINDS: Words = ("the rules bind administrators too", "some may bypass the rules", "those who may bypass it");
const OLD_APPROVALS: Words = ("a new push makes approvals void", "approvals stay valid after a new push", "approvals after a new push");
const PUSHER: Words =
    ("somebody else than the last pusher has to approve", "nobody has to approve what was pushed last", "approval of the last push");
const BEHIND: Words = ("changes have to be up to date", "changes need not be up to date", "changes that are not up to date");
const CHECKS: Words = ("status checks have to pass", "no status check has to pass", "status checks");
const PULLS: Words = ("changes come by pull requests alone", "changes need no pull request", "pull requests");

fn finding(meta: &ProbeMeta, branch: &Protection<'_>, outcome: Outcome, says: &str) -> Finding {
    let name = branch.branch;
    Finding::new(meta.id, outcome, format!("{name}: {says}")).about(name).value("branchName", Id::Owned(name.to_owned()))
}

/// The finding where rules say nothing.
fn silent(meta: &ProbeMeta, branch: &Protection<'_>, about: &str) -> Finding {
    let says = match branch.hidden_rule {
        Some(_) => format!("what its classic rule says of {about} is not visible"),
        None if branch.protected => format!("no rule speaks of {about}"),
        None => "no rule covers it".to_owned(),
    };
    finding(meta, branch, Outcome::NotAvailable, &says)
}

fn setting(meta: &ProbeMeta, branch: &Protection<'_>, (yes, no, about): Words, get: fn(&Settings) -> Option<bool>) -> Finding {
    match get(&branch.settings) {
        Some(true) => finding(meta, branch, Outcome::True, yes),
        Some(false) => finding(meta, branch, Outcome::False, no),
        None => silent(meta, branch, about),
    }
}

/// Carries what is hidden of a classic rule for all probes: what they say rests on the rest.
fn protected(meta: &ProbeMeta, branch: &Protection<'_>, _: &Evidence) -> Finding {
    let (outcome, says) = if branch.protected { (Outcome::True, "a rule covers it") } else { (Outcome::False, "no rule covers it") };
    finding(meta, branch, outcome, says).without(branch.hidden_rule.cloned())
}

fn admins(meta: &ProbeMeta, branch: &Protection<'_>, _: &Evidence) -> Finding {
    let finding = setting(meta, branch, BINDS, |rules| rules.binds_admins);
    let hidden = branch.hidden_bypass.filter(|_| finding.outcome == Outcome::True);
    finding.without(hidden.cloned())
}

fn approvers(meta: &ProbeMeta, branch: &Protection<'_>, _: &Evidence) -> Finding {
    let Some(count) = branch.settings.approvals else { return silent(meta, branch, "approvals") };
    let (outcome, says) = match count {
        ..=0 => (Outcome::False, "no approval is needed".to_owned()),
        1 => (Outcome::True, "one approval is needed".to_owned()),
        _ => (Outcome::True, format!("{count} approvals are needed")),
    };
    finding(meta, branch, outcome, &says).counting(REVIEWERS, usize::try_from(count).unwrap_or_default())
}

/// The value that holds how many approvals are needed.
const REVIEWERS: &str = "numberOfRequiredReviewers";

/// Who owns the code is looked up where it matters alone.
fn code_owners(meta: &ProbeMeta, branch: &Protection<'_>, evidence: &Evidence) -> Finding {
    match branch.settings.code_owners {
        None => return silent(meta, branch, "code owners"),
        Some(false) => return finding(meta, branch, Outcome::False, "no owner of the code has to approve"),
        Some(true) => {}
    }
    let files = match evidence.files.get() {
        Ok(files) => files,
        Err(gap) => {
            let finding = finding(meta, branch, Outcome::False, "an owner of the code has to approve, and it was not seen who that is");
            return finding.without([gap.clone()]);
        }
    };
    if files.offered().any(|entry| is_code_owners(entry.path.as_bytes())) {
        return finding(meta, branch, Outcome::True, "an owner of the code has to approve");
    }
    let unread = files.unread(is_code_owners).chain(files.unlisted(|folder| !path::is_test_data(folder)));
    let finding = finding(meta, branch, Outcome::False, "an owner of the code has to approve, and no file CODEOWNERS says who that is");
    finding.without(Gap::of_files(Facet::Files, unread))
}

impl Check for BranchProtection {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &PROBES
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        score::verdict(findings)
    }
}

impl Probe for OfBranches {
    fn meta(&self) -> &ProbeMeta {
        self.meta
    }

    fn may_ask(&self) -> &'static [Facet] {
        &[Facet::Branches]
    }

    /// Releases name further branches.
    fn asks(&self, known: &Evidence) -> Vec<Request> {
        branches::asks(known)
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        match branches::judged(evidence) {
            Err(gap) => vec![self.meta.unanswered(&gap)],
            Ok(branches) if branches.is_empty() => vec![Finding::new(self.meta.id, Outcome::NotApplicable, score::NOTHING)],
            Ok(branches) => branches.iter().map(|branch| (self.judge)(self.meta, branch, evidence)).collect(),
        }
    }
}
