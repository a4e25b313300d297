//! Rounds: what is asked first, and what arises from the answers.

use std::collections::BTreeSet;
use std::sync::Arc;

use carat_checks::evidence::{Cause, Evidence, Facet, Fact, Request};
use carat_checks::parse::Reading;
use carat_checks::scorecard::Selection;
use futures::future::join;

use super::{Job, Session, apart};
use crate::collect;
use crate::collect::github::{Github, Identity, Work};
use crate::error::{Error, Problem};

/// How often probes may ask for more after they have seen the answers.
const ROUNDS: usize = 3;
/// How often they may ask for the runs of one more workflow, each time after those of the one before were in vain.
const RUNS: usize = 10;

/// From where facts come.
#[derive(Default)]
pub(super) struct Sources<'a> {
    /// A host, and the repository on it.
    pub(super) host: Option<(Arc<Github>, Identity)>,
    /// Services beside the host, with the repository's name as typed, and as its host spells it.
    pub(super) services: Option<(&'a Session, String, String)>,
    /// Where to fetch the files from, unless they are read already.
    pub(super) files: Option<Files<'a>>,
}

/// Files that are still to be fetched and read.
pub(super) struct Files<'a> {
    pub(super) session: &'a Session,
    pub(super) source: crate::transfer::GitSource,
    pub(super) commit: String,
    pub(super) job: Arc<Job>,
}

/// Asks for what is wanted, then for what arises from the answers.
pub(super) async fn run(
    selection: &Selection,
    asked: BTreeSet<Request>,
    evidence: Evidence,
    sources: &Sources<'_>,
) -> Result<Evidence, Error> {
    let mut rounds = Rounds { selection, asked: BTreeSet::new(), count: 0 };
    let mut evidence = round(asked.clone(), evidence, sources).await?;
    let mut open = asked;
    while let Some(more) = rounds.close(open, &mut evidence) {
        evidence = round(more.clone(), evidence, sources).await?;
        open = more;
    }
    Ok(evidence)
}

/// The same where nobody can be asked.
pub(super) fn alone(selection: &Selection, asked: BTreeSet<Request>, mut evidence: Evidence) -> Evidence {
    let mut rounds = Rounds { selection, asked: BTreeSet::new(), count: 0 };
    let mut open = Some(asked);
    while let Some(more) = open {
        open = rounds.close(more, &mut evidence);
    }
    evidence
}

/// What was asked for so far.
struct Rounds<'a> {
    selection: &'a Selection,
    asked: BTreeSet<Request>,
    /// How often something arose from the answers.
    count: usize,
}

impl Rounds<'_> {
    /// Notes what was asked for, of which what has no answer is missing; what arises from the answers, if anything does.
    fn close(&mut self, asked: BTreeSet<Request>, evidence: &mut Evidence) -> Option<BTreeSet<Request>> {
        evidence.close(&asked);
        self.asked.extend(asked);
        let mut more = self.selection.asks(evidence);
        more.retain(|request| !self.asked.contains(request));
        let only_runs = more.iter().all(|request| matches!(request, Request::Runs(_)));
        self.count += 1;
        let is_over = more.is_empty() || self.count > ROUNDS && !only_runs || self.count > RUNS;
        (!is_over).then_some(more)
    }
}

async fn round(asked: BTreeSet<Request>, evidence: Evidence, sources: &Sources<'_>) -> Result<Evidence, Error> {
    let wants = |facet: Facet| asked.contains(&Request::Facet(facet));
    let from_files =
        Facet::FROM_FILES.iter().any(|facet| wants(*facet) && evidence.gap(*facet).is_some_and(|gap| gap.cause == Cause::NotAsked));
    let files = async {
        match sources.files.as_ref().filter(|_| from_files) {
            Some(files) => Some(files.read(&asked, &evidence).await),
            None => None,
        }
    };
    let services = async {
        let Some((session, typed, known)) = &sources.services else { return (None, None) };
        let identity = sources.host.as_ref().map(|(_, identity)| identity);
        let is_private = identity.is_some_and(|identity| identity.is_private);
        let may_be_private = identity.is_some_and(|identity| identity.is_unseen);
        let badge = async {
            match wants(Facet::Badge) {
                false => None,
                // Badges are for what everybody may see, and nobody else is told the name of a private repository.
                true if is_private => Some(Ok(None)),
                true if may_be_private => {
                    let why = "not asked for, as the host does not tell whether the repository is private".to_owned();
                    Some(Err(Cause::Failed { why }))
                }
                true => Some(session.badge(typed).await),
            }
        };
        let fuzzed = async { if wants(Facet::OssFuzz) { Some(session.is_fuzzed(known).await) } else { None } };
        join(badge, fuzzed).await
    };
    let host = async {
        let Some((github, identity)) = &sources.host else { return None };
        let mut work = [Work { identity: identity.clone(), asked: asked.clone(), evidence: evidence.clone() }];
        github.collect(&mut work).await;
        let [work] = work;
        Some(work.evidence)
    };
    let ((files, host), (badge, fuzzed)) = join(join(files, host), services).await;
    let mut evidence = host.unwrap_or(evidence);
    match files {
        Some(Ok(read)) => evidence.take_files(read),
        // Offline there is nothing else that could be known.
        Some(Err(Error::Remote { problem, .. })) if problem != Problem::Offline => {
            let why = problem.to_string();
            Facet::FROM_FILES.iter().for_each(|facet| evidence.lack(*facet, Cause::Failed { why: why.clone() }));
        }
        Some(Err(error)) => return Err(error),
        None => {}
    }
    if let Some(badge) = badge {
        evidence.badge = Fact::of(Facet::Badge, badge);
    }
    if let Some(fuzzed) = fuzzed {
        evidence.oss_fuzz = Fact::of(Facet::OssFuzz, fuzzed);
    }
    Ok(evidence)
}

impl Files<'_> {
    /// Fetches the files and reads them.
    async fn read(&self, asked: &BTreeSet<Request>, evidence: &Evidence) -> Result<Evidence, Error> {
        let checkout = self.session.fetch(&self.source, &self.commit).await?;
        let path = checkout.path().to_owned();
        let wanted: BTreeSet<Facet> = asked.iter().map(Request::facet).collect();
        let mut read = Evidence::new(evidence.repository.clone(), evidence.as_of.clone());
        let (job, commit) = (Arc::clone(&self.job), self.commit.clone());
        let mut read = apart(move || {
            let source = collect::at_commit(&path, &commit)?;
            let options = &job.request.options;
            let reading = Reading::new(&wanted, options.with_sources);
            job.threads.install(|| collect::collect(&path, source, &reading, options, &job.progress, &mut read))??;
            Ok(read)
        })
        .await?;
        // Nobody may remove it before it is read.
        if let (Some(note), Fact::Known(files)) = (checkout.note(), &mut read.files) {
            Arc::make_mut(files).looked_at.notes.push(note.to_owned());
        }
        Ok(read)
    }
}
