#![doc = include_str!("README.md")]

mod publish;

pub(crate) use publish::PUBLISHES;

use crate::check::{AnsweredBy, Built, Check, CheckMeta, Detail, Level, Risk, Verdict, gaps};
use crate::evidence::{BuildSign, Evidence, Facet, Gap, Request, WorkflowFile};
use crate::finding::{Effort, Finding, Outcome};
use crate::parse::is_gitlab;
use crate::probe::{Probe, ProbeMeta};
use crate::workflow::{broken, errors, find, place, unseen, with_gaps};

/// Whether the project publishes packages by a workflow.
pub struct Packaging;

static CHECK: CheckMeta = CheckMeta {
    name: "Packaging",
    risk: Risk::Medium,
    short: "Does a workflow publish the project as a package?",
    answered_by: AnsweredBy::Files,
    built: Built::Whole,
    readme: include_str!("README.md"),
};

static PACKAGED: ProbeMeta = ProbeMeta {
    id: "packagedWithAutomatedWorkflow",
    question: "a workflow publishes packages, and has run",
    good: Some(Outcome::True),
    remedy: "Publish from a workflow of GitHub Actions, such as one that runs `on: release` and ends in `cargo publish`, `npm publish` or \
             pypa/gh-action-pypi-publish: https://docs.github.com/packages. `carat explain Packaging` lists what is recognised.",
    effort: Effort::Low,
    needs: &[Facet::Workflows, Facet::BuildFiles],
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
        let level = |outcome| if outcome == Outcome::True { Level::Info } else { Level::Warn };
        let details = findings.iter().map(|finding| Detail::of(finding, level(finding.outcome))).collect();
        if let Some(errors) = errors(findings) {
            return Verdict::unknown(errors, details);
        }
        let mut gaps = gaps(findings);
        if findings.iter().any(|finding| finding.outcome == Outcome::True) {
            // What was not read could only publish more.
            gaps.retain(|gap| gap.facet == Facet::WorkflowRuns);
            return Verdict::scored(10, "a workflow publishes packages", details).assumed(gaps);
        }
        gaps.retain(|gap| gap.facet != Facet::WorkflowRuns);
        if gaps.is_empty() { Verdict::nothing_to_judge(NOTHING, details) } else { Verdict::unknown(gaps, details) }
    }
}

const NOTHING: &str = "no workflow is known to publish packages";

impl Probe for Packaged {
    fn meta(&self) -> &ProbeMeta {
        &PACKAGED
    }

    /// Only a workflow that publishes has runs that matter.
    fn asks(&self, known: &Evidence) -> Vec<Request> {
        let publishes = |file: &WorkflowFile| file.workflow().is_some_and(|workflow| find(workflow, &PUBLISHES).is_some());
        let any = known.workflows.get().is_ok_and(|files| files.iter().any(publishes));
        if any { vec![Facet::WorkflowRuns.into()] } else { Vec::new() }
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let (workflows, build_files) = match (evidence.workflows.get(), evidence.build_files.get()) {
            (Ok(workflows), Ok(build_files)) => (workflows, build_files),
            (Err(gap), _) | (_, Err(gap)) => return vec![PACKAGED.unanswered(gap)],
        };
        let mut findings = Vec::new();
        // After the first one the reference reads no further, so that nothing behind it can be an error.
        for file in workflows {
            findings.extend(broken(&PACKAGED, file));
            if let Some((job, how)) = file.workflow().and_then(|workflow| find(workflow, &PUBLISHES)) {
                let message = format!("the job {} publishes {}", job.id, how.means);
                findings.push(Finding::new(PACKAGED.id, Outcome::True, message).at(place(&file.path, job.line)));
                break;
            }
        }
        let found = findings.iter().any(|finding| finding.outcome == Outcome::True);
        // A hit on the first line is none to the reference.
        let gitlab = build_files.iter().filter(|mark| mark.sign == BuildSign::GitlabPublish && mark.line > 1);
        findings.extend(gitlab.map(|mark| {
            let location = place(&mark.path, mark.line).with_snippet(mark.text.as_bytes());
            Finding::new(PACKAGED.id, Outcome::True, "a pipeline of GitLab publishes a package").at(location)
        }));
        if findings.is_empty() {
            findings.push(Finding::new(PACKAGED.id, Outcome::False, NOTHING));
        }
        let mut gaps = unseen(evidence);
        if let Ok(files) = evidence.files.get() {
            gaps.extend(Gap::of_files(Facet::BuildFiles, files.unread(is_gitlab)));
        }
        gaps.extend(evidence.unseen(Facet::WorkflowRuns).filter(|_| found));
        with_gaps(findings, gaps)
    }
}
