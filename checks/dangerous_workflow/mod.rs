#![doc = include_str!("README.md")]

mod expression;

use expression::{expressions, is_untrusted};

use crate::Id;
use crate::check::{AnsweredBy, Built, Check, CheckMeta, Detail, Level, Risk, Verdict, gaps};
use crate::evidence::{Cause, Evidence, Facet, Gap, Workflow};
use crate::finding::{Effort, Finding, Outcome};
use crate::path::RepoPath;
use crate::probe::{Probe, ProbeMeta};
use crate::workflow::{answer, place, unscored};

/// Whether workflows run what strangers write.
pub struct DangerousWorkflow;

static CHECK: CheckMeta = CheckMeta {
    name: "Dangerous-Workflow",
    risk: Risk::Critical,
    short: "Do workflows run what strangers write?",
    answered_by: AnsweredBy::Files,
    built: Built::Whole,
    readme: include_str!("README.md"),
};

const NEEDS: &[Facet] = &[Facet::Workflows];

static INJECTION: ProbeMeta = ProbeMeta {
    id: "hasDangerousWorkflowScriptInjection",
    question: "a workflow puts text that a stranger wrote into a script",
    good: Some(Outcome::False),
    remedy: "Hand the text over in an environment variable. Under the step, beside `run`, write `env:` and below it \
             `TEXT: ${{ ... }}` with the expression of the script; in the script, write `$TEXT` in its place, inside double quotes \
             (`$env:TEXT` in PowerShell).",
    effort: Effort::Low,
    needs: NEEDS,
    uses: &[],
};

static CHECKOUT: ProbeMeta = ProbeMeta {
    id: "hasDangerousWorkflowUntrustedCheckout",
    question: "a workflow with the rights of the repository checks out what a stranger proposes",
    good: Some(Outcome::False),
    remedy: "Let the workflow run `on: pull_request`, where it has no secrets and may only read. What has to write, such as a comment, \
             goes into a second workflow that checks nothing out and takes the result of the first as data. If the checkout has to \
             stay, delete its `ref`: the files are then those of the repository itself.",
    effort: Effort::Low,
    needs: NEEDS,
    uses: &[],
};

struct Injection;
struct Checkout;

impl Check for DangerousWorkflow {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&Injection, &Checkout]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        let bad = |finding: &&Finding| matches!(finding.outcome, Outcome::True | Outcome::Error);
        let details = || findings.iter().filter(bad).map(|finding| Detail::of(finding, Level::Warn)).collect::<Vec<_>>();
        if let Some(verdict) = unscored(findings, details) {
            return verdict;
        }
        match details().len() {
            0 => Verdict::scored(10, "no workflow runs what strangers write", Vec::new()).limited(0, 10, gaps(findings)),
            _ => Verdict::scored(0, "workflows run what strangers write", details()),
        }
    }
}

impl Probe for Injection {
    fn meta(&self) -> &ProbeMeta {
        &INJECTION
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&INJECTION, evidence, injections, (Outcome::False, "no script holds text that a stranger wrote"))
    }
}

fn injections(path: &RepoPath, workflow: &Workflow) -> Vec<Finding> {
    let mut findings = Vec::new();
    for script in workflow.steps().filter_map(|step| step.run()) {
        match expressions(&script.text) {
            Ok(found) => findings.extend(found.into_iter().filter(|expression| is_untrusted(expression)).map(|expression| {
                let message = format!("a script holds what a stranger may have written: {}", shorten(expression));
                let snippet = format!("${{{{{expression}}}}}");
                Finding::new(INJECTION.id, Outcome::True, message).at(place(path, script.line).with_snippet(snippet.as_bytes()))
            })),
            Err(rest) => {
                let why = format!("in the script in line {}, nothing closes the expression \"${{{{{}\"", script.line, shorten(rest));
                let gap = Gap::of_files(Facet::Workflows, [(path, &Cause::Failed { why })]);
                let message = "a script with an expression that nothing closes";
                findings.push(Finding::new(INJECTION.id, Outcome::Error, message).at(place(path, script.line)).without(gap));
            }
        }
    }
    findings
}

/// The beginning of a text, on one line.
fn shorten(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() > 60 { line.chars().take(60).chain("...".chars()).collect() } else { line }
}

/// Events after which a workflow has the rights of the repository while what it is about comes from a stranger.
const EVENTS: [&str; 2] = ["pull_request_target", "workflow_run"];

impl Probe for Checkout {
    fn meta(&self) -> &ProbeMeta {
        &CHECKOUT
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&CHECKOUT, evidence, checkouts, (Outcome::False, "no workflow with the rights of the repository checks out a proposal"))
    }
}

fn checkouts(path: &RepoPath, workflow: &Workflow) -> Vec<Finding> {
    if !workflow.triggers.iter().any(|event| EVENTS.contains(&event.as_str())) {
        return Vec::new();
    }
    let steps = workflow.jobs.iter().flat_map(|job| job.steps.iter().map(move |step| (job, step)));
    let found = steps.filter_map(|(job, step)| {
        let reference = step.input("ref")?;
        let proposed = ["github.event.pull_request", "github.event.workflow_run"].iter().any(|event| reference.contains(event));
        if !proposed || !step.uses()?.text.contains("actions/checkout") {
            return None;
        }
        let message = format!("the job {} has the rights of the repository and checks out what a stranger proposes", job.id);
        let snippet = format!("ref: {reference}");
        let finding = Finding::new(CHECKOUT.id, Outcome::True, message).at(place(path, step.line).with_snippet(snippet.as_bytes()));
        Some(finding.value("job", Id::Owned(job.id.clone())))
    });
    found.collect()
}
