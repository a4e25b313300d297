#![doc = include_str!("README.md")]

mod expression;

use expression::{expressions, is_bare_text, is_untrusted};

use crate::Id;
use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Level, Risk, Verdict, gaps};
use crate::evidence::{Cause, Evidence, Facet, Gap, Step, Workflow};
use crate::finding::{Effort, Finding, Outcome, Remediation};
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
        let bad = |finding: &&Finding| matches!(finding.outcome, Outcome::True | Outcome::Error) && !finding.extended;
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
    findings.extend(workflow.steps().flat_map(|step| injections_of_javascript(path, step)));
    findings
}

/// What the reference does not look at: a script that is an input. JavaScript reads what `toJSON` gives as data, so only
/// texts that stand there as they are count.
fn injections_of_javascript(path: &RepoPath, step: &Step) -> Vec<Finding> {
    let is_script = |uses: &str| uses.split_once('@').is_some_and(|(action, _)| action.eq_ignore_ascii_case("actions/github-script"));
    let Some(script) = step.uses().filter(|uses| is_script(&uses.text)).and_then(|_| step.input("script")) else { return Vec::new() };
    let found = expressions(script).unwrap_or_default().into_iter().filter(|expression| is_bare_text(expression));
    let finding = |expression: &str| {
        let message = format!("a script of actions/github-script holds what a stranger may have written: {}", shorten(expression));
        let snippet = format!("${{{{{expression}}}}}");
        let remedy = "Hand the text over in an environment variable. Under the step, beside `with`, write `env:` and below it \
                      `TEXT: ${{ ... }}` with the expression of the script; in the script, write process.env.TEXT in its place, \
                      without quotes.";
        Finding {
            remediation: Some(Remediation { text: Id::Borrowed(remedy), effort: Effort::Low }),
            extended: true,
            ..Finding::new(INJECTION.id, Outcome::True, message).at(place(path, step.line).with_snippet(snippet.as_bytes()))
        }
    };
    found.map(finding).collect()
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

/// The reference does not know this event, which a stranger causes by a comment below the own proposal.
const COMMENT: &str = "issue_comment";

fn checkouts(path: &RepoPath, workflow: &Workflow) -> Vec<Finding> {
    let has = |events: &[&str]| workflow.triggers.iter().any(|event| events.contains(&event.as_str()));
    let is_known = has(&EVENTS);
    if !is_known && !has(&[COMMENT]) {
        return Vec::new();
    }
    let steps = workflow.jobs.iter().flat_map(|job| job.steps.iter().map(move |step| (job, step)));
    let found = steps.filter_map(|(job, step)| {
        let reference = step.input("ref")?;
        let is_proposed =
            is_known && ["github.event.pull_request", "github.event.workflow_run"].iter().any(|event| reference.contains(event));
        // Whatever its number is, what stands there is a proposal.
        let is_pull = reference.starts_with("refs/pull/") && reference.contains("${{");
        if !(is_proposed || is_pull) || !step.uses()?.text.contains("actions/checkout") {
            return None;
        }
        let message = format!("the job {} has the rights of the repository and checks out what a stranger proposes", job.id);
        let snippet = format!("ref: {reference}");
        let finding = Finding::new(CHECKOUT.id, Outcome::True, message).at(place(path, step.line).with_snippet(snippet.as_bytes()));
        Some(Finding { extended: !is_proposed, ..finding.value("job", Id::Owned(job.id.clone())) })
    });
    found.collect()
}
