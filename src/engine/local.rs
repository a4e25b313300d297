//! Evidence about a folder on this machine.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

use carat_checks::evidence::{Evidence, Facet, Repository, Request};
use carat_checks::parse::Reading;

use jiff::Timestamp;

use super::rounds::{self, Sources};
use super::{Job, Session, Threads, apart, as_of, remote};
use crate::collect::{self, Found, Options, Progress, Source};
use crate::error::Error;
use crate::target::LocalTarget;

/// Collects what the selection wants to know of a folder, where somebody is to be asked.
pub(super) async fn collect(session: &Session, target: &LocalTarget, job: &Arc<Job>) -> Result<Evidence, Error> {
    let request = &job.request;
    let evidence = {
        let (target, job) = (target.clone(), Arc::clone(job));
        apart(move || job.threads.install(|| of_job(&target, &job))?).await?
    };
    if request.options.with_host {
        return remote::beside(session, target, request, asked(job), evidence).await;
    }
    rounds::run(&request.selection, asked(job), evidence, &Sources::default()).await
}

/// Collects what the selection wants to know of a folder, where nobody is asked; on the threads of the `rayon` pool from
/// which it is called.
pub(super) fn alone(target: &LocalTarget, job: &Job) -> Result<Evidence, Error> {
    Ok(rounds::alone(&job.request.selection, asked(job), of_job(target, job)?))
}

fn asked(job: &Job) -> BTreeSet<Request> {
    job.facets.iter().copied().map(Into::into).collect()
}

fn of_job(target: &LocalTarget, job: &Job) -> Result<Evidence, Error> {
    read(target, &job.facets, job.request.as_of, &job.request.options, &job.progress)
}

/// Reads those of the facets wanted that come from files, on the threads of the `rayon` pool from which it is called.
fn read(
    target: &LocalTarget,
    wanted: &BTreeSet<Facet>,
    moment: Timestamp,
    options: &Options,
    progress: &Progress,
) -> Result<Evidence, Error> {
    let source = resolve(target)?;
    let repository = Repository {
        name: format!("file://{}", target.path.display()),
        asked_as: None,
        commit: source.commit(),
        revision: target.revision.clone(),
        source: source.kind(),
    };
    let mut evidence = Evidence::new(repository, as_of(moment));
    let reading = Reading::new(wanted, options.with_sources);
    collect::collect(&target.path, source, &reading, options, progress, &mut evidence)?;
    Ok(evidence)
}

/// Reads what files say of packages, on this machine, asking nobody: evidence with that facet and the list of files.
///
/// # Errors
/// The target cannot be read.
pub fn inventory(target: &LocalTarget, moment: Timestamp, threads: Option<NonZeroUsize>) -> Result<Evidence, Error> {
    let wanted = BTreeSet::from([Facet::Packages]);
    Threads::new(threads).install(|| read(target, &wanted, moment, &Options::default(), &Progress::default()))?
}

/// What the target is.
fn resolve(target: &LocalTarget) -> Result<Source, Error> {
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
