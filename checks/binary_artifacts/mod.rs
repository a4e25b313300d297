#![doc = include_str!("README.md")]

use crate::Id;
use crate::check::{AnsweredBy, Built, Check, CheckMeta, Detail, Level, Risk, Verdict, gaps};
use crate::evidence::{BinaryFile, Evidence, Facet, Gap, Request, Sign};
use crate::finding::{Effort, Finding, Location, LocationKind, Outcome, Remediation};
use crate::path;
use crate::probe::{MOST_FINDINGS, Probe, ProbeMeta};

/// Whether the repository holds binaries that nobody can review.
pub struct BinaryArtifacts;

static CHECK: CheckMeta = CheckMeta {
    name: "Binary-Artifacts",
    risk: Risk::High,
    short: "Does the repository hold executables and libraries that nobody can review?",
    answered_by: AnsweredBy::Files,
    built: Built::Whole,
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
    uses: &[],
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
        let asked = gaps.iter().any(|gap| gap.facet == Facet::WorkflowRuns);
        let verifiable = if asked { found.iter().filter(|finding| is_wrapper(finding)).count() } else { 0 };
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

fn has_wrapper(evidence: &Evidence) -> bool {
    evidence.binaries.get().is_ok_and(|binaries| binaries.iter().any(|binary| binary.path.name() == WRAPPER))
}

fn answer(meta: &'static ProbeMeta, evidence: &Evidence) -> Vec<Finding> {
    let (files, binaries) = match (evidence.files.get(), evidence.binaries.get()) {
        (Ok(files), Ok(binaries)) => (files, binaries),
        (Err(gap), _) | (_, Err(gap)) => return vec![meta.unanswered(gap)],
    };
    let mut findings: Vec<Finding> = binaries.iter().take(MOST_FINDINGS + 1).map(|binary| finding(meta, binary)).collect();
    if findings.is_empty() {
        findings.push(Finding::new(meta.id, Outcome::False, "no binaries found"));
    }
    let judged = |path: &[u8]| !path::is_test_data(path);
    let mut gaps = Gap::of_files(Facet::Binaries, files.unread(judged));
    gaps.extend(Gap::of_files(Facet::Files, files.unlisted(judged)));
    // Another check may ask for the runs as well.
    gaps.extend(evidence.unseen(Facet::WorkflowRuns).filter(|_| has_wrapper(evidence)));
    let first = findings.remove(0);
    findings.insert(0, first.without(gaps));
    findings
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

    /// Only a run of a workflow can verify a wrapper; without one nothing is asked.
    fn asks(&self, known: &Evidence) -> Vec<Request> {
        if has_wrapper(known) { vec![Facet::WorkflowRuns.into()] } else { Vec::new() }
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&UNVERIFIED, evidence)
    }
}

impl Probe for AnyBinary {
    fn meta(&self) -> &ProbeMeta {
        &ANY
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&ANY, evidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Fact, Files, Repository, SourceKind};

    #[test]
    fn runs_that_another_check_asks_for_matter_to_wrappers_alone() {
        let repository = Repository { name: "x".into(), asked_as: None, commit: None, revision: None, source: SourceKind::Folder };
        let mut evidence = Evidence::new(repository, String::new());
        evidence.files = Fact::known(Files::default());
        evidence.binaries = Fact::known(Vec::new());
        evidence.close(&[Facet::WorkflowRuns.into()]);
        assert_eq!(answer(&UNVERIFIED, &evidence)[0].without, []);
        let wrapper = BinaryFile { path: "gradle-wrapper.jar".into(), format: "jar".into(), sign: Sign::Name };
        evidence.binaries = Fact::known(vec![wrapper]);
        assert_eq!(answer(&UNVERIFIED, &evidence)[0].without.len(), 1);
    }
}
