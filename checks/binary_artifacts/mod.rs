#![doc = include_str!("README.md")]

use crate::Id;
use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Level, Risk, Verdict, gaps};
use crate::evidence::{BinaryFile, Cause, Evidence, Facet, Files, Gap, Request, Sign};
use crate::finding::{Effort, Finding, Location, LocationKind, Outcome, Remediation};
use crate::parse::is_in_workflow_folder;
use crate::path::{self, RepoPath};
use crate::probe::{MOST_FINDINGS, Probe, ProbeMeta};
use crate::workflow::{RunsOf, ask_for_runs, holds_workflows, runs_of, with_gaps};

/// Whether the repository holds binaries that nobody can review.
pub struct BinaryArtifacts;

static CHECK: CheckMeta = CheckMeta {
    name: "Binary-Artifacts",
    risk: Risk::High,
    short: "Does the repository hold executables and libraries that nobody can review?",
    answered_by: AnsweredBy::Files,
    readme: include_str!("README.md"),
};

const REMEDY: &str = "Remove the file (`git rm -- FILE`), build it from source where it is needed, and publish it as a release asset or a \
                      package. Files that only tests need may stay below a folder named `testdata`.";

const WRAPPER_REMEDY: &str = "Let a workflow check the wrapper: with a step `uses: gradle/actions/wrapper-validation@<commit>` behind the checkout, \
                              on every push. It is accepted once that workflow has succeeded on the newest commit, which only the host of \
                              the repository can show.";

static UNVERIFIED: ProbeMeta = ProbeMeta {
    id: "hasUnverifiedBinaryArtifacts",
    question: "there are binaries that no one has verified",
    good: Some(Outcome::False),
    remedy: REMEDY,
    effort: Effort::Medium,
    needs: &[Facet::Files, Facet::Binaries],
    uses: &[Facet::WrapperChecks],
};

static ANY: ProbeMeta = ProbeMeta {
    id: "hasBinaryArtifacts",
    question: "there are binaries, verified or not",
    good: Some(Outcome::False),
    remedy: REMEDY,
    effort: Effort::Medium,
    needs: &[Facet::Files, Facet::Binaries],
    uses: &[],
};

const WRAPPER: &[u8] = b"gradle-wrapper.jar";

struct Unverified;

/// `hasBinaryArtifacts`: whether there are binaries, verified or not.
pub struct AnyBinary;

impl Check for BinaryArtifacts {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&Unverified]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        let found: Vec<&Finding> = findings.iter().filter(|f| f.outcome == Outcome::True && !f.extended).collect();
        let score_of = |binaries: usize| 10 - u8::try_from(binaries).unwrap_or(10).min(10);
        let details = found.iter().map(|finding| Detail::of(finding, Level::Warn)).collect();
        let reason = match found.len() {
            0 => "no binaries".to_owned(),
            1 => "1 binary in the repository".to_owned(),
            n => format!("{n} binaries in the repository"),
        };
        let gaps = gaps(findings);
        let counted = |facet: Facet| gaps.iter().filter(|gap| gap.facet == facet).map(|gap| gap.count).sum::<usize>();
        // A file that could not be read may be a binary, a folder that could not be listed may be full of them, and a
        // wrapper may be verified.
        let unread = if counted(Facet::Files) > 0 { 10 } else { counted(Facet::Binaries) };
        let is_open = gaps.iter().any(|gap| matches!(gap.facet, Facet::WorkflowRuns | Facet::Commits | Facet::WrapperChecks));
        let verifiable = if is_open { found.iter().filter(|finding| is_wrapper(finding)).count() } else { 0 };
        Verdict::scored(score_of(found.len()), reason, details).limited(
            score_of(found.len() + unread),
            score_of(found.len() - verifiable),
            gaps,
        )
    }
}

fn is_wrapper(finding: &Finding) -> bool {
    finding.location.as_ref().is_some_and(|location| location.path.name() == WRAPPER)
}

fn is_wrapper_file(binary: &BinaryFile) -> bool {
    binary.path.name() == WRAPPER
}

/// What is known of the Gradle wrappers.
enum Wrappers {
    /// A workflow that validates them succeeded at the newest commit.
    Verified,
    /// Nobody has verified them, or there are none.
    Unverified,
    /// One could have: this is missing.
    Open(Vec<Gap>),
    /// The host was asked and could not say.
    Failed(Gap),
}

/// The workflow whose runs decide, where there are wrappers: the first that validates them.
fn validation(evidence: &Evidence) -> Option<&RepoPath> {
    let has_wrapper = evidence.binaries.get().is_ok_and(|binaries| binaries.iter().any(is_wrapper_file));
    evidence.wrapper_checks.get().ok().filter(|_| has_wrapper)?.first()
}

fn wrappers(files: &Files, binaries: &[BinaryFile], evidence: &Evidence) -> Wrappers {
    if !binaries.iter().any(is_wrapper_file) {
        return Wrappers::Unverified;
    }
    let Some(workflow) = validation(evidence) else {
        let unread = files.unread(is_in_workflow_folder).chain(files.unlisted(holds_workflows));
        let mut gaps = Gap::of_files(Facet::WrapperChecks, unread);
        gaps.extend(evidence.unseen(Facet::WrapperChecks));
        return if gaps.is_empty() { Wrappers::Unverified } else { Wrappers::Open(gaps) };
    };
    let runs = match runs_of(evidence, workflow) {
        RunsOf::Known(runs) => runs,
        RunsOf::Unseen(gap) => return Wrappers::Open(vec![gap.clone()]),
        RunsOf::Failed(gap) => return Wrappers::Failed(gap.clone()),
        RunsOf::Unasked => return Wrappers::Unverified,
    };
    match evidence.commits.get() {
        _ if runs.heads.is_empty() => Wrappers::Unverified,
        Ok(commits) if commits.first().is_some_and(|head| runs.heads.contains(&head.id)) => Wrappers::Verified,
        Ok(_) => Wrappers::Unverified,
        Err(gap) if gap.cause.is_failure() => Wrappers::Failed(gap.clone()),
        Err(gap) => Wrappers::Open(vec![gap.clone()]),
    }
}

fn answer<'a>(meta: &'static ProbeMeta, files: &Files, binaries: impl Iterator<Item = &'a BinaryFile>, open: Vec<Gap>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = binaries.take(MOST_FINDINGS + 1).map(|binary| finding(meta, binary)).collect();
    if findings.is_empty() {
        findings.push(Finding::new(meta.id, Outcome::False, "no binaries found"));
    }
    let judged = |path: &[u8]| !path::is_test_data(path);
    let mut gaps = Gap::of_files(Facet::Binaries, files.unread(judged));
    gaps.extend(Gap::of_files(Facet::Files, files.unlisted(judged)));
    gaps.extend(open);
    with_gaps(findings, gaps)
}

/// The files and the binaries among them, or why they are not known.
fn binaries(evidence: &Evidence) -> Result<(&Files, &[BinaryFile]), &Gap> {
    Ok((evidence.files.get()?, evidence.binaries.get()?))
}

fn finding(meta: &'static ProbeMeta, binary: &BinaryFile) -> Finding {
    let how = match binary.sign {
        Sign::Magic => "by its first bytes",
        Sign::Name => "by its name and control characters",
    };
    let mut finding = Finding::new(meta.id, Outcome::True, format!("binary found: {}, {how}", binary.format))
        .at(Location::file(&binary.path, LocationKind::Binary).at(1))
        .value("format", Id::Owned(binary.format.clone()));
    if is_wrapper(&finding) {
        finding.remediation = Some(Remediation { text: Id::Borrowed(WRAPPER_REMEDY), effort: Effort::Low });
    }
    finding
}

impl Probe for Unverified {
    fn meta(&self) -> &ProbeMeta {
        &UNVERIFIED
    }

    fn may_ask(&self) -> &'static [Facet] {
        &[Facet::WorkflowRuns, Facet::Commits]
    }

    /// Only a run of a workflow can verify a wrapper; without one nothing is asked.
    fn asks(&self, known: &Evidence) -> Vec<Request> {
        let Some(workflow) = validation(known) else { return Vec::new() };
        let runs = matches!(runs_of(known, workflow), RunsOf::Unasked).then(|| ask_for_runs(workflow));
        let commits = known.gap(Facet::Commits).filter(|gap| gap.cause == Cause::NotAsked).map(|_| Facet::Commits.into());
        runs.into_iter().chain(commits).collect()
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let (files, binaries) = match binaries(evidence) {
            Ok(known) => known,
            Err(gap) => return vec![UNVERIFIED.unanswered(gap)],
        };
        match wrappers(files, binaries, evidence) {
            Wrappers::Verified => answer(&UNVERIFIED, files, binaries.iter().filter(|binary| !is_wrapper_file(binary)), Vec::new()),
            Wrappers::Unverified => answer(&UNVERIFIED, files, binaries.iter(), Vec::new()),
            Wrappers::Open(gaps) => answer(&UNVERIFIED, files, binaries.iter(), gaps),
            Wrappers::Failed(gap) => vec![UNVERIFIED.unanswered(&gap)],
        }
    }
}

impl Probe for AnyBinary {
    fn meta(&self) -> &ProbeMeta {
        &ANY
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        match binaries(evidence) {
            Ok((files, binaries)) => answer(&ANY, files, binaries.iter(), Vec::new()),
            Err(gap) => vec![ANY.unanswered(gap)],
        }
    }
}
