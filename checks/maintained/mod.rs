#![doc = include_str!("README.md")]

use jiff::Timestamp;

use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Level, Risk, Verdict, proportional};
use crate::evidence::{Association, Cause, Evidence, Facet, Fact, Gap, Issue};
use crate::finding::{Effort, Finding, Outcome};
use crate::probe::{Probe, ProbeMeta};
use crate::time::days_before;

/// Whether the project is alive.
pub struct Maintained;

static CHECK: CheckMeta = CheckMeta {
    name: "Maintained",
    risk: Risk::High,
    short: "Is the project alive?",
    answered_by: AnsweredBy::Host,
    readme: include_str!("README.md"),
};

static ARCHIVED: ProbeMeta = ProbeMeta {
    id: "archived",
    question: "the repository takes no more changes",
    good: Some(Outcome::False),
    remedy: "If the project goes on, take it out of the archive: `gh repo unarchive OWNER/NAME`, or Settings > General > Danger Zone. \
             Who depends on it should look for another project.",
    effort: Effort::High,
    needs: &[Facet::Metadata],
    uses: &[],
};

static RECENT_COMMITS: ProbeMeta = ProbeMeta {
    id: "hasRecentCommits",
    question: "there are commits of the last 90 days",
    good: Some(Outcome::True),
    remedy: "Merge what is waiting: `gh pr list --repo OWNER/NAME`. Bring dependencies up to date at least, and say in the README if the \
             project is finished.",
    effort: Effort::Low,
    needs: &[Facet::Commits],
    uses: &[],
};

static ISSUE_ACTIVITY: ProbeMeta = ProbeMeta {
    id: "issueActivityByProjectMember",
    question: "somebody who may work on the repository opened or answered issues in the last 90 days",
    good: Some(Outcome::True),
    remedy: "Answer the issues that wait: `gh issue list --repo OWNER/NAME`. Those who answer have to be collaborators of the repository \
             or members of its organisation to count.",
    effort: Effort::High,
    needs: &[Facet::Issues],
    uses: &[],
};

static CREATED_RECENTLY: ProbeMeta = ProbeMeta {
    id: "createdRecently",
    question: "the repository was made in the last 90 days",
    good: Some(Outcome::False),
    remedy: "Nothing but time helps. Who wants to depend on it should read what is in it first.",
    effort: Effort::Low,
    needs: &[Facet::Metadata],
    uses: &[],
};

struct Archived;
struct RecentCommits;
struct IssueActivity;
struct CreatedRecently;

const DAYS: u8 = 90;
/// One activity a week over all these days gives full marks.
const FULL_MARKS: usize = 12;

const LOOK_BACK_DAYS: &str = "lookBackDays";
const COMMITS: &str = "commitsWithinThreshold";
const ISSUES: &str = "numberOfIssuesUpdatedWithinThreshold";

impl Check for Maintained {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&Archived, &RecentCommits, &IssueActivity, &CreatedRecently]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        let warned = |finding: &&Finding| finding.outcome == Outcome::True && [ARCHIVED.id, CREATED_RECENTLY.id].contains(&&*finding.probe);
        let warnings: Vec<&Finding> = findings.iter().filter(warned).collect();
        let details = warnings.iter().map(|finding| Detail::of(finding, Level::Warn)).collect();
        if let Some(first) = warnings.first() {
            return Verdict::scored(0, first.message.clone(), details);
        }
        let sum = |name| findings.iter().map(|finding| finding.count(name)).sum::<usize>();
        let (commits, issues) = (sum(COMMITS), sum(ISSUES));
        let reason =
            format!("in the last {DAYS} days: {commits} of the newest commits, and {issues} issues opened or answered by the project");
        Verdict::scored(proportional(commits + issues, FULL_MARKS), reason, details)
    }
}

/// Judges a fact and the moment at which the days begin that are looked at.
fn answer<T>(meta: &ProbeMeta, evidence: &Evidence, fact: &Fact<T>, judge: impl Fn(&T, Timestamp) -> Finding) -> Vec<Finding> {
    let begin = days_before(&evidence.as_of, DAYS.into());
    vec![match (fact.get(), begin) {
        (Err(gap), _) => meta.unanswered(gap),
        (Ok(known), Some(begin)) => judge(known, begin),
        (Ok(_), None) => meta.unanswered(&Gap::new(meta.needs[0], Cause::Failed { why: "the moment of judging is no time".into() })),
    }]
}

impl Probe for Archived {
    fn meta(&self) -> &ProbeMeta {
        &ARCHIVED
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&ARCHIVED, evidence, &evidence.metadata, |metadata, _| {
            if metadata.archived {
                Finding::new(ARCHIVED.id, Outcome::True, "the repository is archived")
            } else {
                Finding::new(ARCHIVED.id, Outcome::False, "the repository is not archived")
            }
        })
    }
}

impl Probe for RecentCommits {
    fn meta(&self) -> &ProbeMeta {
        &RECENT_COMMITS
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&RECENT_COMMITS, evidence, &evidence.commits, |commits, begin| {
            let count = commits.iter().filter(|commit| commit.committed_at > begin).count();
            let finding = match count {
                0 => Finding::new(RECENT_COMMITS.id, Outcome::False, format!("no commit in the last {DAYS} days")),
                1 => Finding::new(RECENT_COMMITS.id, Outcome::True, format!("a commit in the last {DAYS} days")),
                _ => Finding::new(RECENT_COMMITS.id, Outcome::True, format!("{count} commits in the last {DAYS} days")),
            };
            finding.counting(COMMITS, count).counting(LOOK_BACK_DAYS, DAYS.into())
        })
    }
}

impl Probe for IssueActivity {
    fn meta(&self) -> &ProbeMeta {
        &ISSUE_ACTIVITY
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&ISSUE_ACTIVITY, evidence, &evidence.issues, |issues, begin| {
            let count = issues.iter().filter(|issue| is_active(issue, begin)).count();
            let finding = match count {
                0 => Finding::new(
                    ISSUE_ACTIVITY.id,
                    Outcome::False,
                    format!("no issue opened or answered by the project in the last {DAYS} days"),
                ),
                1 => Finding::new(
                    ISSUE_ACTIVITY.id,
                    Outcome::True,
                    format!("an issue opened or answered by the project in the last {DAYS} days"),
                ),
                _ => Finding::new(
                    ISSUE_ACTIVITY.id,
                    Outcome::True,
                    format!("{count} issues opened or answered by the project in the last {DAYS} days"),
                ),
            };
            finding.counting(ISSUES, count).counting(LOOK_BACK_DAYS, DAYS.into())
        })
    }
}

/// Whether somebody who may work on the repository opened the issue, or commented on it, after `begin`.
fn is_active(issue: &Issue, begin: Timestamp) -> bool {
    let acted = |who: Association, when| who.is_project_member() && when > begin;
    acted(issue.association, issue.created_at) || issue.comments.iter().any(|comment| acted(comment.association, comment.created_at))
}

impl Probe for CreatedRecently {
    fn meta(&self) -> &ProbeMeta {
        &CREATED_RECENTLY
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&CREATED_RECENTLY, evidence, &evidence.metadata, |metadata, begin| {
            let finding = if metadata.created_at > begin {
                Finding::new(CREATED_RECENTLY.id, Outcome::True, format!("the repository was made in the last {DAYS} days"))
            } else {
                Finding::new(CREATED_RECENTLY.id, Outcome::False, format!("the repository is older than {DAYS} days"))
            };
            finding.counting(LOOK_BACK_DAYS, DAYS.into())
        })
    }
}
