//! From a target to a scorecard: resolve, plan, collect in rounds, judge.

use std::collections::BTreeSet;
use std::sync::Arc;

use carat_checks::evidence::{Evidence, Repository};
use carat_checks::model::SCORECARD_V5;
use carat_checks::parse::Reading;
use carat_checks::scorecard::{Scorecard, Selection, judge};
use jiff::Timestamp;

use crate::collect::{self, Found, Options, Progress, Source};
use crate::error::Error;
use crate::replay::Saved;
use crate::target::Target;

/// One repository to score.
#[derive(Clone)]
pub struct Request {
    /// What to score.
    pub target: Target,
    /// By which checks and probes.
    pub selection: Selection,
    /// The moment as of which to judge.
    pub as_of: Timestamp,
    /// How files are read.
    pub options: Options,
}

/// A run that is done: what was collected, and what was judged from it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The evidence, with the names of what ran.
    pub saved: Saved,
    /// The result.
    pub scorecard: Scorecard,
}

impl Run {
    /// Judges evidence by a selection.
    #[must_use]
    pub fn judge(selection: &Selection, evidence: Evidence) -> Self {
        let scorecard = judge(selection, &SCORECARD_V5, &evidence);
        Self { saved: Saved::new(selection, evidence), scorecard }
    }
}

/// How often probes may ask for more after they have seen the answers.
const ROUNDS: usize = 3;

/// Scores one repository.
///
/// The work is done on threads of its own; this future only waits.
///
/// # Errors
/// The target cannot be assessed at all. What merely cannot be seen is a gap in the scorecard.
pub async fn score(request: Request, progress: Arc<Progress>) -> Result<Run, Error> {
    match tokio::task::spawn_blocking(move || score_blocking(&request, &progress)).await {
        Ok(done) => done,
        Err(failed) => Err(Error::Bug(panic_text(failed))),
    }
}

fn panic_text(failed: tokio::task::JoinError) -> String {
    let Ok(panic) = failed.try_into_panic() else { return "the work was cancelled".to_owned() };
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}

fn score_blocking(request: &Request, progress: &Progress) -> Result<Run, Error> {
    collect_evidence(request, progress).map(|evidence| Run::judge(&request.selection, evidence))
}

/// Collects what the selection wants to know of the target.
fn collect_evidence(request: &Request, progress: &Progress) -> Result<Evidence, Error> {
    let source = resolve(&request.target)?;
    let repository = Repository {
        name: format!("file://{}", request.target.path.display()),
        asked_as: None,
        commit: source.commit(),
        revision: request.target.revision.clone(),
        source: source.kind(),
    };
    let mut evidence = Evidence::new(repository, as_of(request.as_of));
    let wanted = request.selection.wants();
    collect::collect(
        &request.target,
        source,
        &Reading::new(&wanted, request.options.with_sources),
        &request.options,
        progress,
        &mut evidence,
    )?;
    let mut asked: BTreeSet<carat_checks::evidence::Request> = wanted.into_iter().map(Into::into).collect();
    evidence.close(&asked);
    for _ in 0..ROUNDS {
        let mut more = request.selection.asks(&evidence);
        more.retain(|request| !asked.contains(request));
        if more.is_empty() {
            break;
        }
        // The files are read in one pass; what is asked for later comes from a host.
        evidence.close(&more);
        asked.extend(more);
    }
    Ok(evidence)
}

/// A moment as evidence holds it.
#[must_use]
pub fn as_of(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What the target is.
fn resolve(target: &Target) -> Result<Source, Error> {
    let revision = target.revision.as_deref();
    match collect::find(&target.path)? {
        Found::Folder(_) if revision.is_some() => {
            Err(Error::NoRevisions { path: target.path.clone(), revision: revision.unwrap_or_default().to_owned() })
        }
        Found::Folder(note) => Ok(Source::Folder(note.or_else(|| collect::repository_above(&target.path)))),
        Found::Git(git) => match revision {
            None if git.has_working_tree => git.head().map(|head| Source::WorkingTree(git, head)),
            None => git.head().map(|head| Source::Revision(git, head)),
            Some(revision) => git.commit(revision).map(|commit| Source::Revision(git, commit)),
        },
    }
}
