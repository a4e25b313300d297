#![doc = include_str!("README.md")]

use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Risk, Verdict};
use crate::evidence::{Cause, Evidence, Facet, Gap};
use crate::finding::{Effort, Finding, Outcome};
use crate::path;
use crate::probe::{Probe, ProbeMeta};

/// Whether the project publishes packages by a workflow.
pub struct Packaging;

static CHECK: CheckMeta = CheckMeta {
    name: "Packaging",
    risk: Risk::Medium,
    short: "Does a workflow publish the project as a package?",
    answered_by: AnsweredBy::Files,
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

/// Whether GitHub Actions would read this file (reference, section 2.4).
fn is_workflow(file: &[u8]) -> bool {
    let folder = file.len() - path::name(file).len();
    matches!(path::extension(file), b".yml" | b".yaml") && &*path::lower(&file[..folder]) == b".github/workflows/"
}

impl Probe for Packaged {
    fn meta(&self) -> &ProbeMeta {
        &PACKAGED
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        match evidence.files.get() {
            Err(gap) => vec![PACKAGED.unanswered(gap)],
            Ok(files) if files.offered().any(|entry| is_workflow(entry.path.as_bytes())) => {
                vec![PACKAGED.unanswered(&Gap::new(Facet::Workflows, Cause::NotBuilt))]
            }
            Ok(_) => vec![Finding::new(PACKAGED.id, Outcome::False, "no workflow that publishes packages")],
        }
    }
}
