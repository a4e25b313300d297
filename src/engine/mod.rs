//! From a target to a scorecard: resolve, plan, collect in rounds, judge.

mod advised;
mod apps;
mod local;
mod owners;
mod plan;
mod remote;
mod rounds;
mod session;
mod tokens;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};

use carat_checks::evidence::{Cause, Evidence, Facet, Fact};
use carat_checks::model::SCORECARD_V5;
use carat_checks::scorecard::{Scorecard, Selection, judge};
use jiff::Timestamp;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::collect::{Options, Progress};
use crate::error::Error;
use crate::http::Bill;
use crate::replay::Saved;
use crate::target::Target;

pub use local::inventory;
pub use owners::repositories;
pub use plan::{Plan, plan};
#[cfg(feature = "cli")]
pub(crate) use session::AdvisoriesFrom;
pub use session::{Access, Session};

/// One repository to score.
#[derive(Clone)]
pub struct Request {
    /// What to score.
    pub target: Target,
    /// By which checks and probes.
    pub selection: Selection,
    /// The moment as of which to judge.
    pub as_of: Timestamp,
    /// How facts are collected.
    pub options: Options,
}

/// A run that is done: what was collected, and what was judged from it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The evidence, with the names of what ran.
    pub saved: Saved,
    /// The result.
    pub scorecard: Scorecard,
    /// What was asked of whom, where something was: nothing is when saved evidence is judged.
    pub bill: Option<Bill>,
}

impl Run {
    /// Judges evidence by a selection, on the threads of the `rayon` pool from which it is called.
    #[must_use]
    pub fn judge(selection: &Selection, evidence: Evidence) -> Self {
        let scorecard = judge(selection, &SCORECARD_V5, &evidence);
        Self { saved: Saved::new(selection, evidence), scorecard, bill: None }
    }
}

/// Scores one repository.
///
/// Files are read and judged on threads of their own; this future waits for them and for hosts. To be run within a
/// tokio runtime with time and network.
///
/// # Errors
/// The target cannot be assessed at all. What merely cannot be seen is a gap in the scorecard.
pub async fn score(session: &Session, request: Request, progress: Arc<Progress>) -> Result<Run, Error> {
    let is_remote = matches!(request.target, Target::Remote(_));
    let mut facets = request.selection.wants();
    let source = facets.contains(&Facet::Advisories).then(|| advised::source(session, is_remote));
    if matches!(source, Some(Err(_))) {
        // Of packages about which nothing can be known, nothing is read.
        facets.remove(&Facet::Packages);
    }
    let threads = Threads::new(request.options.threads);
    let job = Arc::new(Job { request, facets, threads, progress });
    let asks_service = matches!(source, Some(Ok(advised::Source::Service)));
    let mut run = match &job.request.target {
        // In one go where nobody is asked: to hand it over takes longer than small steps do.
        Target::Local(target) if !asks_service && !job.request.options.with_host => {
            let (target, job) = (target.clone(), Arc::clone(&job));
            apart(move || job.threads.install(|| Ok(judged(&job, source, local::alone(&target, &job)?)))?).await?
        }
        target => {
            let mut evidence = match target {
                Target::Local(target) => local::collect(session, target, &job).await?,
                Target::Remote(target) => remote::collect(session, target, &job).await?,
            };
            if asks_service {
                evidence = advised::ask(session, evidence, is_remote, job.request.as_of).await;
            }
            let job = Arc::clone(&job);
            apart(move || job.threads.install(|| judged(&job, source, evidence))).await?
        }
    };
    run.bill = session.bill();
    Ok(run)
}

/// Judges evidence, with what a database tells of its packages; a service was asked before. On the threads of the `rayon`
/// pool from which it is called.
fn judged(job: &Job, source: Option<Result<advised::Source, Cause>>, mut evidence: Evidence) -> Run {
    match source {
        Some(Ok(advised::Source::Database(database))) => advised::look_up(&database, &mut evidence, job.request.as_of),
        Some(Err(cause)) => evidence.advisories = Fact::of(Facet::Advisories, Err(cause)),
        Some(Ok(advised::Source::Service)) | None => {}
    }
    Run::judge(&job.request.selection, evidence)
}

/// One target, while it is scored.
struct Job {
    request: Request,
    /// What is to be collected.
    facets: BTreeSet<Facet>,
    threads: Threads,
    progress: Arc<Progress>,
}

/// The threads that read the files of one target and judge it, which start when there is work: new threads for each step
/// would touch new memory.
pub(crate) struct Threads {
    wanted: Option<NonZeroUsize>,
    pool: OnceLock<ThreadPool>,
}

impl Threads {
    /// As many as there are processors, unless it is said how many.
    pub(crate) const fn new(wanted: Option<NonZeroUsize>) -> Self {
        Self { wanted, pool: OnceLock::new() }
    }

    /// Does work on them.
    ///
    /// # Errors
    /// They cannot be started.
    pub(crate) fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
        if let Some(pool) = self.pool.get() {
            return Ok(pool.install(work));
        }
        let pool = ThreadPoolBuilder::new().num_threads(self.wanted.map_or(0, NonZeroUsize::get)).build();
        let refused =
            |error| Error::Usage(format!("the threads that read and judge cannot be started: {error}; --threads 1 needs the fewest"));
        let pool = pool.map_err(refused)?;
        Ok(self.pool.get_or_init(|| pool).install(work))
    }
}

/// Does work on a thread where it may take its time. A panic is a bug, which ends this target alone.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failed) => Err(Error::Bug(panic_text(failed))),
    }
}

fn panic_text(failed: tokio::task::JoinError) -> String {
    let Ok(panic) = failed.try_into_panic() else { return "the work was cancelled".to_owned() };
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}

/// A moment as evidence holds it.
#[must_use]
pub fn as_of(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_on_a_thread_is_a_bug_that_ends_the_work_alone() {
        let done = apart(|| -> Result<(), Error> { panic!("boom {}", 1) }).await;
        assert!(matches!(&done, Err(Error::Bug(text)) if text == "boom 1"), "{done:?}");
    }
}
