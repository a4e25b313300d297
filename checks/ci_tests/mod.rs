#![doc = include_str!("README.md")]

use std::collections::HashSet;

use memchr::memmem;

use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Level, Risk, Verdict, proportional};
use crate::evidence::{Cause, Evidence, Facet, Gap, HeadChecks, PullRequest};
use crate::finding::{Effort, Finding, Location, Outcome};
use crate::path;
use crate::probe::{Probe, ProbeMeta};

/// Whether tests run on pull requests.
pub struct CiTests;

static CHECK: CheckMeta = CheckMeta {
    name: "CI-Tests",
    risk: Risk::Low,
    short: "Do tests run before pull requests are merged?",
    answered_by: AnsweredBy::Host,
    readme: include_str!("README.md"),
};

static TESTED: ProbeMeta = ProbeMeta {
    id: "testsRunInCI",
    question: "tests ran on the head of a merged pull request, and passed",
    good: Some(Outcome::True),
    remedy: "Add a workflow of GitHub Actions that runs the tests `on: pull_request`, and require it: Settings > Rules > Rulesets, \
             \"Require status checks to pass\".",
    effort: Effort::Medium,
    needs: &[Facet::Commits, Facet::CheckRuns],
    uses: &[],
};

struct TestsRun;

impl Check for CiTests {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&TestsRun]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        if findings.iter().any(|finding| finding.outcome == Outcome::NotApplicable) {
            return Verdict::nothing_to_judge(NOTHING, Vec::new());
        }
        let details = findings.iter().map(|finding| Detail { location: None, ..Detail::of(finding, Level::Debug) }).collect();
        let tested = findings.iter().filter(|finding| finding.outcome == Outcome::True).count();
        let reason = format!("tests passed on {tested} of {} merged pull requests", findings.len());
        Verdict::scored(proportional(tested, findings.len()), reason, details)
    }
}

const NOTHING: &str = "no merged pull request";

impl Probe for TestsRun {
    fn meta(&self) -> &ProbeMeta {
        &TESTED
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let commits = match evidence.commits.get() {
            Ok(commits) => commits,
            Err(gap) => return vec![TESTED.unanswered(gap)],
        };
        // Several commits may have come by one pull request.
        let mut heads = HashSet::new();
        let merged = commits.iter().filter_map(|commit| commit.pull_request.as_ref()).filter(|pull| pull.merged_at.is_some());
        let merged: Vec<&PullRequest> = merged.filter(|pull| heads.insert(pull.head.as_str())).collect();
        match evidence.check_runs.get() {
            _ if merged.is_empty() => vec![Finding::new(TESTED.id, Outcome::NotApplicable, NOTHING)],
            Ok(ran) => merged.into_iter().map(|pull| judge(pull, ran.get(&pull.head))).collect(),
            Err(gap) => vec![TESTED.unanswered(gap)],
        }
    }
}

/// Whether tests passed on the head of a pull request.
fn judge(pull: &PullRequest, ran: Option<&HeadChecks>) -> Finding {
    let subject = format!("#{}", pull.number);
    match ran.map(|ran| passed(&subject, ran)) {
        Some(Ok(Some(found))) => found,
        Some(Ok(None)) => Finding::new(TESTED.id, Outcome::False, format!("no test passed on {subject} as it was merged")),
        Some(Err(gap)) => TESTED.unanswered(gap),
        None => {
            let cause = Cause::Failed { why: "the host does not answer for the head of a pull request".into() };
            TESTED.unanswered(&Gap::new(Facet::CheckRuns, cause))
        }
    }
    .about(subject)
}

/// The first status, else the first suite, that says so. A suite that cannot be seen matters only without such a status.
fn passed<'a>(subject: &str, ran: &'a HeadChecks) -> Result<Option<Finding>, &'a Gap> {
    let found = |by: &str| Finding::new(TESTED.id, Outcome::True, format!("a test passed on {subject}: {by}"));
    let tested = |texts: [&str; 2]| texts.into_iter().any(is_test);
    let mut statuses = ran.statuses.get()?.iter().filter(|status| status.state == "success");
    if let Some(status) = statuses.find(|status| tested([&status.context, &status.target_url])) {
        let finding = found(&status.context);
        let known = !ran.statuses_url.is_empty();
        return Ok(Some(if known { finding.at(Location::address(&ran.statuses_url)) } else { finding }));
    }
    let mut suites = ran.suites.get()?.iter().filter(|suite| suite.status == "completed" && suite.conclusion == "success");
    Ok(suites.find(|suite| is_test(&suite.app)).map(|suite| found(&suite.app)))
}

/// Whether the name of an app, of a context, or an address is taken for one of tests.
fn is_test(text: &str) -> bool {
    const PARTS: [&str; 16] = [
        "appveyor",
        "azure-pipelines",
        "buildkite",
        "ci/woodpecker",
        "circleci",
        "cirrus-ci",
        "e2e",
        "flutter-dashboard",
        "github-actions",
        "jenkins",
        "mergeable",
        "packit-as-a-service",
        "semaphoreci",
        "test",
        "travis-ci",
        "vstfs:///build/build",
    ];
    let text = path::lower(text.as_bytes());
    PARTS.iter().any(|part| memmem::find(&text, part.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_known_by_parts_of_names() {
        for name in [
            "AppVeyor",
            "continuous-integration/travis-ci/pr",
            "ci/CircleCI: build",
            "https://buildkite.com/x/1",
            "testify-cloud",
            "latest",
            "VSTFS:///Build/Build/123",
            "ci/woodpecker/push/x",
            "C\u{130}rcleci",
            "jen\u{212a}ins",
        ] {
            assert!(is_test(name), "{name}");
        }
        for name in ["", "Cirrus CI", "github actions", "ci/build", "woodpecker", "dependabot", "license/cla", "travis"] {
            assert!(!is_test(name), "{name}");
        }
    }
}
