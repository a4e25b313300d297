#![doc = include_str!("README.md")]

mod publish;

pub(crate) use publish::PUBLISHES;

use crate::Id;
use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Level, Risk, Verdict, gaps};
use crate::evidence::{BuildSign, Cause, Evidence, Facet, Gap, Job, Request, SourceKind, WorkflowFile};
use crate::finding::{Effort, Finding, Outcome};
use crate::parse::is_gitlab;
use crate::probe::{Probe, ProbeMeta};
use crate::workflow::{RunsOf, Trait, ask_for_runs, broken, errors, find, place, runs_of, too_many, unseen, with_gaps};

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
        if gaps.is_empty() {
            Verdict::nothing_to_judge(findings.first().map_or(NOTHING, |finding| &finding.message), details)
        } else {
            Verdict::unknown(gaps, details)
        }
    }
}

const NOTHING: &str = "no workflow is known to publish packages";
const NONE_RAN: &str = "no workflow that publishes packages has run with success";

/// Of how many workflows that publish somebody is asked whether they ran: each is a request.
const MOST_CANDIDATES: usize = 10;

impl Probe for Packaged {
    fn meta(&self) -> &ProbeMeta {
        &PACKAGED
    }

    fn may_ask(&self) -> &'static [Facet] {
        &[Facet::WorkflowRuns]
    }

    /// Only a workflow that publishes has runs that matter, and only while no other one has run.
    fn asks(&self, known: &Evidence) -> Vec<Request> {
        let Ok(workflows) = known.workflows.get() else { return Vec::new() };
        // A file that is no YAML ends the check, whatever ran.
        let read = workflows.iter().take_while(|file| file.workflow().is_some());
        for file in read.filter(|file| publishes(file).is_some()).take(MOST_CANDIDATES) {
            match runs_of(known, &file.path) {
                RunsOf::Unasked => return vec![ask_for_runs(&file.path)],
                RunsOf::Known(runs) if runs.heads.is_empty() => {}
                _ => break,
            }
        }
        Vec::new()
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let (workflows, build_files) = match (evidence.workflows.get(), evidence.build_files.get()) {
            (Ok(workflows), Ok(build_files)) => (workflows, build_files),
            (Err(gap), _) | (_, Err(gap)) => return vec![PACKAGED.unanswered(gap)],
        };
        let (mut findings, mut gaps) = by_workflows(evidence, workflows);
        if evidence.repository.source != SourceKind::Host {
            // A hit on the first line is none to the reference.
            let gitlab = build_files.iter().filter(|mark| mark.sign == BuildSign::GitlabPublish && mark.line > 1);
            findings.extend(gitlab.map(|mark| {
                let location = place(&mark.path, mark.line).with_snippet(mark.text.as_bytes());
                Finding::new(PACKAGED.id, Outcome::True, "a pipeline of GitLab publishes a package").at(location)
            }));
        }
        if findings.is_empty() {
            let is_known = workflows.iter().any(|file| publishes(file).is_some());
            findings.push(Finding::new(PACKAGED.id, Outcome::False, if is_known { NONE_RAN } else { NOTHING }));
        }
        gaps.extend(unseen(evidence));
        if let Ok(files) = evidence.files.get() {
            gaps.extend(Gap::of_files(Facet::BuildFiles, files.unread(is_gitlab)));
        }
        with_gaps(findings, gaps)
    }
}

fn publishes(file: &WorkflowFile) -> Option<(&Job, &'static Trait)> {
    find(file.workflow()?, &PUBLISHES)
}

/// The first workflow that publishes and has run, and those that are no YAML before it; with what was missing to know
/// that it ran.
fn by_workflows(evidence: &Evidence, workflows: &[WorkflowFile]) -> (Vec<Finding>, Vec<Gap>) {
    let (mut findings, mut candidates) = (Vec::new(), 0);
    // Behind the first one the reference reads no further, so that nothing there can be an error.
    for file in workflows {
        findings.extend(broken(&PACKAGED, file));
        let Some((job, how)) = publishes(file) else { continue };
        candidates += 1;
        let mut found = Finding::new(PACKAGED.id, Outcome::True, format!("the job {} publishes {}", job.id, how.means));
        found = found.at(place(&file.path, job.line));
        match runs_of(evidence, &file.path) {
            RunsOf::Known(runs) if runs.heads.is_empty() => continue,
            RunsOf::Known(runs) => findings.push(if runs.url.is_empty() { found } else { found.value("run", Id::Owned(runs.url.clone())) }),
            RunsOf::Unseen(gap) => {
                findings.push(found);
                return (findings, vec![gap.clone()]);
            }
            RunsOf::Failed(gap) => findings.push(PACKAGED.unanswered(gap)),
            // After an error nobody asks.
            RunsOf::Unasked if !findings.is_empty() => findings.push(found),
            RunsOf::Unasked if candidates > MOST_CANDIDATES => findings.push(PACKAGED.unanswered(&too_many(MOST_CANDIDATES))),
            RunsOf::Unasked => findings.push(PACKAGED.unanswered(&Gap::new(Facet::WorkflowRuns, Cause::NotAsked))),
        }
        break;
    }
    (findings, Vec::new())
}
