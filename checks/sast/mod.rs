#![doc = include_str!("README.md")]

use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Level, Risk, Verdict, gaps, proportional};
use crate::evidence::{BuildMark, BuildSign, Cause, CheckRun, Evidence, Facet, Gap, PullRequest, WorkflowFile};
use crate::finding::{Effort, Finding, Location, Outcome, Value};
use crate::parse::is_pom;
use crate::path;
use crate::probe::{MOST_FINDINGS, Probe, ProbeMeta};
use crate::workflow::{broken, errors, place, unseen, with_gaps};

/// Whether static analysis runs on the code.
pub struct Sast;

static CHECK: CheckMeta = CheckMeta {
    name: "SAST",
    risk: Risk::Medium,
    short: "Does static analysis run on the code?",
    answered_by: AnsweredBy::Files,
    readme: include_str!("README.md"),
};

static TOOL: ProbeMeta = ProbeMeta {
    id: "sastToolConfigured",
    question: "a tool for static analysis is configured",
    good: Some(Outcome::True),
    remedy: "Add a workflow that uses github/codeql-action/init and, after the build, github/codeql-action/analyze, on pull requests and \
             on the default branch: https://docs.github.com/code-security/code-scanning. For languages that CodeQL does not know, \
             JetBrains/qodana-action and those below snyk/actions/ count as well.",
    effort: Effort::Medium,
    needs: &[Facet::Workflows, Facet::BuildFiles],
    uses: &[],
};

static RUNS: ProbeMeta = ProbeMeta {
    id: "sastToolRunsOnAllCommits",
    question: "a tool for static analysis ran on every merged pull request",
    good: Some(Outcome::True),
    remedy: "Let the workflow of the tool run `on: pull_request`, without a filter by paths, and require it in the rules of the branch.",
    effort: Effort::Low,
    needs: &[],
    uses: &[Facet::Commits, Facet::CheckRuns],
};

struct ToolConfigured;
struct RunsOnAllCommits;

const CODEQL: &str = "CodeQL";

impl Check for Sast {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&ToolConfigured, &RunsOnAllCommits]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        let tools: Vec<&str> = findings.iter().filter(|f| f.outcome == Outcome::True).filter_map(tool).collect();
        // A missing tool is told by the pull requests alone, as in the reference.
        let told = findings.iter().filter(|f| f.probe == RUNS.id || f.outcome != Outcome::False);
        let details = told.map(|finding| match finding.outcome {
            Outcome::True => Detail { location: None, ..Detail::of(finding, Level::Info) },
            _ => Detail::of(finding, Level::Warn),
        });
        let details: Vec<Detail> = details.collect();
        if let Some(errors) = errors(findings) {
            return Verdict::unknown(errors, details);
        }
        if tools.iter().any(|tool| *tool != CODEQL) {
            return Verdict::scored(10, "static analysis is configured", details);
        }
        let gaps = gaps(findings);
        let is_open = gaps.iter().any(|gap| matches!(gap.facet, Facet::Commits | Facet::CheckRuns));
        let has_codeql = !tools.is_empty();
        let (score, reason) = match (analysed(findings), has_codeql) {
            (Some(10), _) => (10, "static analysis ran on every merged pull request"),
            (None, true) => (10, "CodeQL is configured"),
            (Some(share), true) => ((3 * share + 7 * 10) / 10, "CodeQL is configured, and did not run on every merged pull request"),
            (Some(0) | None, false) => (0, "no static analysis found"),
            (Some(share), false) => (share, "static analysis did not run on every merged pull request"),
        };
        // With CodeQL alone, pull requests that it never saw cost three points.
        let low = match (is_open, has_codeql) {
            (false, _) => score,
            (true, true) => 7,
            (true, false) => 0,
        };
        Verdict::scored(score, reason, details).limited(low, 10, gaps)
    }
}

/// How many of ten commits with a merged pull request were analysed, if there are any.
fn analysed(findings: &[Finding]) -> Option<u8> {
    let finding = findings.iter().find(|finding| finding.probe == RUNS.id)?;
    let merged = finding.count(MERGED);
    (merged > 0).then(|| proportional(finding.count(ANALYSED), merged))
}

const MERGED: &str = "totalPullRequestsMerged";
const ANALYSED: &str = "totalPullRequestsAnalyzed";

/// Apps that analyse code, by their short names.
const APPS: [&str; 5] = ["github-advanced-security", "github-code-scanning", "lgtm-com", "sonarcloud", "sonarqubecloud"];

fn is_analysis(run: &CheckRun) -> bool {
    run.status == "completed" && matches!(run.conclusion.as_str(), "success" | "neutral") && APPS.contains(&run.app.as_str())
}

/// What is known of analyses on commits that came by a merged pull request.
enum Analyses {
    /// So many such commits were analysed, of so many.
    Known { analysed: usize, merged: usize },
    /// Nobody could be asked.
    Unseen(Gap),
    /// Somebody was asked, and gave no answer.
    Failed(Gap),
}

/// A pull request counts for each of its commits, as in the reference.
fn analyses(evidence: &Evidence) -> Analyses {
    let missing = |gap: &Gap| match gap.cause {
        Cause::Failed { .. } | Cause::NotAsked => Analyses::Failed(gap.clone()),
        _ => Analyses::Unseen(gap.clone()),
    };
    let commits = match evidence.commits.get() {
        Ok(commits) => commits,
        Err(gap) => return missing(gap),
    };
    let pulls = commits.iter().filter_map(|commit| commit.pull_request.as_ref());
    let pulls: Vec<&PullRequest> = pulls.filter(|pull| pull.merged_at.is_some()).collect();
    let merged = pulls.len();
    if merged == 0 {
        return Analyses::Known { analysed: 0, merged };
    }
    let check_runs = match evidence.check_runs.get() {
        Ok(check_runs) => check_runs,
        Err(gap) => return missing(gap),
    };
    let mut analysed = 0;
    for pull in pulls {
        // Without those of one pull request the reference gives up, whatever the reason.
        match check_runs.get(&pull.head).map(|checks| checks.suites.get()) {
            Some(Ok(suites)) => analysed += usize::from(suites.iter().any(is_analysis)),
            Some(Err(gap)) => return Analyses::Failed(gap.clone()),
            None => {
                let why = format!("nothing was said of pull request {}", pull.number);
                return Analyses::Failed(Gap::new(Facet::CheckRuns, Cause::Failed { why }));
            }
        }
    }
    Analyses::Known { analysed, merged }
}

fn tool(finding: &Finding) -> Option<&str> {
    match finding.values.get("tool") {
        Some(Value::Text(tool)) => Some(tool),
        _ => None,
    }
}

/// A tool, and whether an action is it.
type Tool = (&'static str, fn(&str) -> bool);

/// The tools that are known by an action, in the order of the reference, which has Sonar behind the first.
const ACTIONS: [Tool; 5] = [
    (CODEQL, |action| action == "github/codeql-action/analyze"),
    ("Snyk", |action| action.starts_with("snyk/actions/")),
    ("Pysa", |action| action == "facebook/pysa-action"),
    ("Qodana", |action| action == "JetBrains/qodana-action"),
    ("Hadolint", |action| action == "hadolint/hadolint-action"),
];

fn by_action<'a>(files: &'a [WorkflowFile], (tool, is): &'a (&'static str, fn(&str) -> bool)) -> impl Iterator<Item = Finding> + use<'a> {
    files.iter().flat_map(move |file| {
        let uses = file.workflow().into_iter().flat_map(|workflow| workflow.steps()).filter_map(|step| step.uses());
        let found = uses.filter(move |uses| {
            let name = uses.text.strip_prefix("actions://").unwrap_or(&uses.text);
            is(name.split_once('@').map_or(name, |(action, _)| action))
        });
        // The reference places it on the first line of the file.
        found.map(move |uses| configured(tool, place(&file.path, 1).with_snippet(uses.text.as_bytes())))
    })
}

fn configured(tool: &'static str, location: Location) -> Finding {
    Finding::new(TOOL.id, Outcome::True, format!("{tool} is configured")).at(location).value("tool", tool)
}

fn by_pom(mark: &BuildMark) -> Option<Finding> {
    let location = place(&mark.path, mark.line).with_snippet(mark.text.as_bytes());
    match mark.sign {
        BuildSign::SonarHost => {
            let end_line = (mark.end_line > mark.line).then_some(mark.end_line);
            Some(configured("Sonar", Location { end_line, ..location }))
        }
        BuildSign::SonarHostSomewhere => {
            let why = "a line of 64 KiB or more stands before the setting for Sonar".to_owned();
            let gap = Gap::of_files(Facet::BuildFiles, [(&mark.path, &Cause::Failed { why: why.clone() })]);
            Some(Finding::new(TOOL.id, Outcome::Error, why).at(location).without(gap))
        }
        BuildSign::GitlabPublish => None,
    }
}

impl Probe for ToolConfigured {
    fn meta(&self) -> &ProbeMeta {
        &TOOL
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let (workflows, build_files) = match (evidence.workflows.get(), evidence.build_files.get()) {
            (Ok(workflows), Ok(build_files)) => (workflows, build_files),
            (Err(gap), _) | (_, Err(gap)) => return vec![TOOL.unanswered(gap)],
        };
        let (codeql, others) = ACTIONS.split_at(1);
        let found = codeql
            .iter()
            .flat_map(|action| by_action(workflows, action))
            .chain(build_files.iter().filter_map(by_pom))
            .chain(others.iter().flat_map(|action| by_action(workflows, action)))
            .chain(workflows.iter().filter_map(|file| broken(&TOOL, file)));
        let mut findings: Vec<Finding> = found.take(MOST_FINDINGS + 1).collect();
        if findings.is_empty() {
            findings.push(Finding::new(TOOL.id, Outcome::False, "no tool for static analysis is recognised"));
        }
        let mut gaps = unseen(evidence);
        if let Ok(files) = evidence.files.get() {
            let unread = files.unread(is_pom).chain(files.unlisted(|folder| !path::is_test_data(folder)));
            gaps.extend(Gap::of_files(Facet::BuildFiles, unread));
        }
        with_gaps(findings, gaps)
    }
}

impl Probe for RunsOnAllCommits {
    fn meta(&self) -> &ProbeMeta {
        &RUNS
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let finding = |outcome, message: String| Finding::new(RUNS.id, outcome, message);
        let finding = match analyses(evidence) {
            Analyses::Known { merged: 0, .. } => finding(Outcome::NotApplicable, "no merged pull request".to_owned()),
            Analyses::Known { analysed, merged } => {
                let outcome = if analysed == merged { Outcome::True } else { Outcome::False };
                let message = format!("static analysis ran on {analysed} of {merged} commits that came by a merged pull request");
                finding(outcome, message).counting(MERGED, merged).counting(ANALYSED, analysed)
            }
            Analyses::Unseen(gap) => finding(Outcome::NotApplicable, "merged pull requests could not be seen".to_owned()).without([gap]),
            Analyses::Failed(gap) => RUNS.unanswered(&gap),
        };
        vec![finding]
    }
}
