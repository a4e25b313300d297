//! Successful runs of one workflow, as far as they are known.

use crate::evidence::{Cause, Evidence, Facet, Gap, Request, Runs};
use crate::path::RepoPath;

/// What is known of the runs of a workflow.
pub(crate) enum RunsOf<'a> {
    /// These were seen.
    Known(&'a Runs),
    /// Nobody could be asked.
    Unseen(&'a Gap),
    /// The host was asked and gave no answer: it does not know the workflow, or forbids to ask.
    Failed(&'a Gap),
    /// Nobody was asked yet.
    Unasked,
}

fn name(file: &RepoPath) -> String {
    String::from_utf8_lossy(file.name()).into_owned()
}

/// What is known of the runs of a workflow.
pub(crate) fn runs_of<'a>(evidence: &'a Evidence, file: &RepoPath) -> RunsOf<'a> {
    let known = match evidence.workflow_runs.get() {
        Ok(known) => known,
        Err(gap) => {
            return match gap.cause {
                Cause::NotAsked => RunsOf::Unasked,
                Cause::Failed { .. } => RunsOf::Failed(gap),
                _ => RunsOf::Unseen(gap),
            };
        }
    };
    match known.get(&name(file)).map(|runs| runs.get()) {
        None => RunsOf::Unasked,
        Some(Ok(runs)) => RunsOf::Known(runs),
        Some(Err(gap)) if matches!(gap.cause, Cause::NotOffered { .. } | Cause::PresentOnly | Cause::Offline) => RunsOf::Unseen(gap),
        Some(Err(gap)) => RunsOf::Failed(gap),
    }
}

/// The question for the runs of a workflow.
pub(crate) fn ask_for_runs(file: &RepoPath) -> Request {
    Request::Runs(name(file))
}

/// The gap of a workflow whose runs nobody asked for any more.
pub(crate) fn too_many(bound: usize) -> Gap {
    Gap::new(Facet::WorkflowRuns, Cause::LimitReached { bound: format!("{bound} workflows") })
}
