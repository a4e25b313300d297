//! Evidence about a folder on this machine.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

use carat_checks::evidence::{Evidence, Facet, Repository};
use carat_checks::parse::Reading;

use jiff::Timestamp;

use super::rounds::{self, Sources};
use super::{Job, Session, Threads, apart, as_of, remote};
use crate::collect::{self, Found, Options, Progress, Source};
use crate::error::Error;
use crate::target::LocalTarget;

/// Collects what the selection wants to know of a folder.
pub(super) async fn collect(session: &Session, target: &LocalTarget, job: &Arc<Job>) -> Result<Evidence, Error> {
    let request = &job.request;
    let evidence = {
        let (target, job) = (target.clone(), Arc::clone(job));
        apart(move || read(&target, &job.facets, job.request.as_of, &job.request.options, &job.threads, &job.progress)).await?
    };
    let asked: BTreeSet<_> = job.facets.iter().copied().map(Into::into).collect();
    if request.options.with_host {
        return remote::beside(session, target, request, asked, evidence).await;
    }
    rounds::run(&request.selection, asked, evidence, &Sources::default()).await
}

/// Reads those of the facets wanted that come from files.
fn read(
    target: &LocalTarget,
    wanted: &BTreeSet<Facet>,
    moment: Timestamp,
    options: &Options,
    threads: &Threads,
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
    threads.install(|| collect::collect(&target.path, source, &reading, options, progress, &mut evidence))??;
    Ok(evidence)
}

/// Reads what files say of packages, on this machine, asking nobody: evidence with that facet and the list of files.
///
/// # Errors
/// The target cannot be read.
pub fn inventory(target: &LocalTarget, moment: Timestamp, threads: Option<NonZeroUsize>) -> Result<Evidence, Error> {
    read(target, &BTreeSet::from([Facet::Packages]), moment, &Options::default(), &Threads::new(threads), &Progress::default())
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
