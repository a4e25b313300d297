#![doc = include_str!("README.md")]

mod publish;

pub(crate) use publish::PUBLISHES;

use crate::check::{AnsweredBy, Built, Check, CheckMeta, Detail, Risk, Verdict};
use crate::evidence::{Cause, Evidence, Facet, Gap};
use crate::finding::{Effort, Finding, Outcome};
use crate::parse::is_workflow;
use crate::probe::{Probe, ProbeMeta};

/// Whether the project publishes packages by a workflow.
pub struct Packaging;

static CHECK: CheckMeta = CheckMeta {
    name: "Packaging",
    risk: Risk::Medium,
    short: "Does a workflow publish the project as a package?",
    answered_by: AnsweredBy::Files,
    built: Built::InPart,
    readme: include_str!("README.md"),
};

static PACKAGED: ProbeMeta = ProbeMeta {
    id: "packagedWithAutomatedWorkflow",
    question: "a workflow publishes packages, and has run",
    good: Some(Outcome::True),
    remedy: "Publish from a workflow of GitHub Actions: https://docs.github.com/packages.",
    effort: Effort::Low,
    needs: &[Facet::Files],
    uses: &[],
};

struct Packaged;

impl Check for Packaging {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&Packaged]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        Verdict::nothing_to_judge("no workflow that publishes packages", Detail::of_all(findings))
    }
}

/// The name under which the reference's GitLab client offers a merged configuration; a local run reads such a file, too.
const GITLAB: &[u8] = b"gitlabscorecard_flattened_ci.yaml";

impl Probe for Packaged {
    fn meta(&self) -> &ProbeMeta {
        &PACKAGED
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        match evidence.files.get() {
            Err(gap) => vec![PACKAGED.unanswered(gap)],
            Ok(files) if files.offered().any(|entry| is_workflow(entry.path.as_bytes()) || entry.path.as_bytes() == GITLAB) => {
                vec![PACKAGED.unanswered(&Gap::new(Facet::Workflows, Cause::NotBuilt))]
            }
            Ok(_) => vec![Finding::new(PACKAGED.id, Outcome::False, "no workflow that publishes packages")],
        }
    }
}
