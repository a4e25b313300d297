#![doc = include_str!("README.md")]

mod exempt;
mod record;
mod score;

use record::{Level, Place, Record};

use crate::Id;
use crate::check::{AnsweredBy, Check, CheckMeta, Risk, Verdict};
use crate::evidence::{Evidence, Facet, Workflow};
use crate::finding::{Effort, Finding, Outcome, Remediation};
use crate::path::RepoPath;
use crate::probe::{Probe, ProbeMeta};
use crate::workflow::{answer, place};

/// Whether the tokens of workflows may do no more than they have to.
pub struct TokenPermissions;

static CHECK: CheckMeta = CheckMeta {
    name: "Token-Permissions",
    risk: Risk::High,
    short: "Do workflows ask for no more permissions than they need?",
    answered_by: AnsweredBy::Files,
    readme: include_str!("README.md"),
};

const NEEDS: &[Facet] = &[Facet::Workflows];

static UNKNOWN: ProbeMeta = ProbeMeta {
    id: "hasNoGitHubWorkflowPermissionUnknown",
    question: "every permission in a workflow could be told to be harmful or harmless",
    good: None,
    remedy: "",
    effort: Effort::Low,
    needs: NEEDS,
    uses: &[],
};

static JOB: ProbeMeta = ProbeMeta {
    id: "jobLevelPermissions",
    question: "the permissions of a job let its token write nothing",
    good: None,
    remedy: "",
    effort: Effort::Low,
    needs: NEEDS,
    uses: &[],
};

static TOP: ProbeMeta = ProbeMeta {
    id: "topLevelPermissions",
    question: "the permissions of a workflow let the tokens of its jobs write nothing",
    good: None,
    remedy: "",
    effort: Effort::Low,
    needs: NEEDS,
    uses: &[],
};

struct Unknown;
struct JobLevel;
struct TopLevel;

impl Check for TokenPermissions {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&Unknown, &JobLevel, &TopLevel]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        score::verdict(findings)
    }
}

impl Probe for Unknown {
    fn meta(&self) -> &ProbeMeta {
        &UNKNOWN
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let judge = |path: &RepoPath, workflow: &Workflow| {
            let unknown = record::records(workflow).into_iter().filter(|record| record.level == Level::Unknown);
            unknown.map(|record| Finding::new(UNKNOWN.id, Outcome::False, record.text()).at(record.location(path))).collect()
        };
        answer(&UNKNOWN, evidence, judge, (Outcome::True, "nothing in the workflows' permissions is unknown"))
    }
}

impl Probe for JobLevel {
    fn meta(&self) -> &ProbeMeta {
        &JOB
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        at_level(&JOB, Place::Job, evidence, "no job of a workflow names permissions")
    }
}

impl Probe for TopLevel {
    fn meta(&self) -> &ProbeMeta {
        &TOP
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        at_level(&TOP, Place::Top, evidence, "no workflow names permissions that matter")
    }
}

fn at_level(meta: &ProbeMeta, level: Place, evidence: &Evidence, nothing: &str) -> Vec<Finding> {
    let judge = |path: &RepoPath, workflow: &Workflow| {
        let records = record::records(workflow).into_iter().filter(|record| record.place == level);
        records.filter_map(|record| finding(meta, path, &record)).collect()
    };
    answer(meta, evidence, judge, (Outcome::True, nothing))
}

fn finding(meta: &ProbeMeta, path: &RepoPath, record: &Record<'_>) -> Option<Finding> {
    let outcome = if record.level == Level::Read { Outcome::True } else { Outcome::False };
    let mut finding =
        Finding::new(meta.id, outcome, record.text()).at(record.location(path)).value("permissionLevel", record.level.as_str());
    if matches!(record.level, Level::Write | Level::Unknown) {
        // A word that grants nothing in particular is passed over, as in the reference; so is `write-all` in a job.
        finding = finding.value("tokenName", Id::Owned(record.token()?.to_owned()));
    }
    finding.remediation = record.remedy().map(|text| Remediation { text: Id::Owned(text), effort: Effort::Low });
    Some(finding)
}

impl Record<'_> {
    fn location(&self, path: &RepoPath) -> crate::finding::Location {
        let location = place(path, self.line);
        match self.snippet() {
            Some(snippet) => location.with_snippet(snippet.as_bytes()),
            None => location,
        }
    }
}
