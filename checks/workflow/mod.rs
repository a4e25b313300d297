//! What the checks of workflows have in common: which files they judge, what they say of those that are no YAML, and
//! how they know a job by its steps.

mod job;
mod runs;

use std::collections::HashSet;

pub(crate) use job::{Hint, Trait, find};
pub(crate) use runs::{RunsOf, ask_for_runs, runs_of, too_many};

use crate::check::{Detail, Verdict, gaps};
use crate::evidence::{Cause, Evidence, Facet, Gap, Workflow, WorkflowContent, WorkflowFile};
use crate::finding::{Finding, Location, LocationKind, Outcome};
use crate::parse::is_workflow;
use crate::path::{self, RepoPath};
use crate::probe::{MOST_FINDINGS, ProbeMeta};

/// What workflow files were not seen, though they may be there.
pub(crate) fn unseen(evidence: &Evidence) -> Vec<Gap> {
    let Ok(files) = evidence.files.get() else { return Vec::new() };
    Gap::of_files(Facet::Workflows, files.unread(is_workflow).chain(files.unlisted(holds_workflows)))
}

/// Whether workflows stand in this folder or below it.
pub(crate) fn holds_workflows(folder: &[u8]) -> bool {
    matches!(&*path::lower(folder), b".github" | b".github/workflows")
}

/// A place in a workflow file.
pub(crate) fn place(path: &RepoPath, line: u32) -> Location {
    Location::file(path, LocationKind::Source).at(line)
}

/// The finding for a file that is no YAML.
pub(crate) fn broken(meta: &ProbeMeta, file: &WorkflowFile) -> Option<Finding> {
    let WorkflowContent::Broken { line, why } = &file.content else { return None };
    let gap = Gap::of_files(Facet::Workflows, [(&file.path, &Cause::Failed { why: format!("no YAML in line {line}: {why}") })]);
    Some(Finding::new(meta.id, Outcome::Error, format!("no YAML: {why}")).at(place(&file.path, *line)).without(gap))
}

/// Answers with what `judge` says of each workflow that has commands; with one finding, `otherwise`, if that is nothing;
/// with one `NotApplicable` if there is no workflow. What is outside the reference's scope comes last, and answers
/// nothing.
pub(crate) fn answer(
    meta: &ProbeMeta,
    evidence: &Evidence,
    mut judge: impl FnMut(&RepoPath, &Workflow) -> Vec<Finding>,
    (otherwise, nothing): (Outcome, &str),
) -> Vec<Finding> {
    let files = match evidence.workflows.get() {
        Ok(files) => files,
        Err(gap) => return vec![meta.unanswered(gap)],
    };
    let mut findings = Vec::new();
    let mut any = false;
    for file in files.iter().filter(|file| file.has_commands) {
        any = true;
        if findings.len() > MOST_FINDINGS {
            break;
        }
        match file.workflow() {
            Some(workflow) => findings.extend(judge(&file.path, workflow)),
            None => findings.extend(broken(meta, file)),
        }
    }
    if !any {
        findings.push(Finding::new(meta.id, Outcome::NotApplicable, "no workflow to judge"));
    } else if findings.iter().all(|finding| finding.extended) {
        findings.push(Finding::new(meta.id, otherwise, nothing));
    }
    findings.sort_by_key(|finding| finding.extended);
    with_gaps(findings, unseen(evidence))
}

/// The files that could not be understood, if there are any.
pub(crate) fn errors(findings: &[Finding]) -> Option<Vec<Gap>> {
    Some(gaps(findings.iter().filter(|finding| finding.outcome == Outcome::Error))).filter(|errors| !errors.is_empty())
}

/// Adds what was not seen to the first finding, which carries it for all.
pub(crate) fn with_gaps(mut findings: Vec<Finding>, gaps: Vec<Gap>) -> Vec<Finding> {
    if let Some(first) = findings.first_mut() {
        first.without.extend(gaps);
    }
    findings
}

/// The verdict where a file could not be understood or none is there; nothing where there is something to score.
pub(crate) fn unscored(findings: &[Finding], details: impl FnOnce() -> Vec<Detail>) -> Option<Verdict> {
    if let Some(errors) = errors(findings) {
        // Each probe says the same of a broken file; once is enough for a reader.
        let mut seen = HashSet::new();
        let mut details = details();
        details.retain(|detail| {
            let place = detail.location.as_ref().map(|location| (location.path.clone(), location.line));
            seen.insert((detail.level.as_str(), detail.text.clone(), place))
        });
        return Some(Verdict::unknown(errors, details));
    }
    if !findings.iter().all(|finding| finding.outcome == Outcome::NotApplicable) {
        return None;
    }
    let unread = gaps(findings);
    Some(if unread.is_empty() { Verdict::nothing_to_judge("no workflows", Vec::new()) } else { Verdict::unknown(unread, Vec::new()) })
}
