//! Evidence about a repository on a host.

use std::collections::BTreeSet;
use std::sync::Arc;

use carat_checks::evidence::{Cause, Evidence, Facet, Fact, Repository, Request as Asked, SourceKind};

use super::rounds::{self, Files, Sources};
use super::tokens::Chosen;
use super::{Job, Request, Session, as_of};
use crate::collect;
use crate::collect::github::{self, Github, Identity, Opening};
use crate::error::{Error, Problem};
use crate::hosts::{Host, without_port};
use crate::target::{LocalTarget, RemoteTarget};
use crate::transfer::{GitSource, is_id};

/// What other services know is as much of the present as what the host knows.
const SERVICES: [Facet; 2] = [Facet::Badge, Facet::OssFuzz];

/// Collects what the selection wants to know of a repository on a host.
pub(super) async fn collect(session: &Session, target: &RemoteTarget, job: &Arc<Job>) -> Result<Evidence, Error> {
    let request = &job.request;
    let repository =
        Repository { name: target.full_name(), asked_as: None, commit: None, revision: target.revision.clone(), source: SourceKind::Host };
    let mut evidence = Evidence::new(repository, as_of(request.as_of));
    let asked: BTreeSet<Asked> = job.facets.iter().copied().map(Into::into).collect();
    let host = session.access.hosts.find(&target.host);
    let typed = target.full_name();
    let files = |url: &str, token, commit: &str| -> Result<Files<'_>, Error> {
        let source = GitSource::new(url, token).map_err(|error| failed(&typed, error.to_string()))?;
        Ok(Files { session, source, commit: commit.to_owned(), job: Arc::clone(job) })
    };
    let mut sources = Sources::default();
    if session.access.offline {
        let Some(commit) = target.revision.as_deref().filter(|revision| is_id(revision)) else {
            return Err(problem(&typed, Problem::Offline));
        };
        Facet::BESIDE_FILES.iter().for_each(|facet| evidence.lack(*facet, Cause::Offline));
        evidence.repository.commit = Some(commit.to_owned());
        let url = address(target, host);
        let mut read = files(&url, None, commit)?;
        // Shown to nobody: they find what was kept of private repositories.
        for token in host.into_iter().flat_map(|host| host.seers(&target.owner)) {
            let other = files(&url, Some(token), commit)?;
            if session.has(&other.source, commit).await {
                read = other;
                break;
            }
        }
        sources.files = Some(read);
        return rounds::run(&request.selection, asked, evidence, &sources).await;
    }
    if let Some(variable) = host.and_then(|host| host.empty_variable) {
        return Err(problem(&typed, Problem::EmptyToken { variable: variable.to_owned() }));
    }
    job.progress.say(format!("asking {}", target.host));
    // Typed by the user, it may be one of a private network.
    session.client()?.name_host(without_port(&target.host));
    let Some(host) = host.filter(|host| host.has_token()) else {
        return without_token(session, target, request, asked, evidence, host, files).await;
    };
    let named = (&*target.owner, &*target.name);
    let (chosen, github, identity) = open(session, host, request, named, target.revision.as_deref(), false, &mut evidence).await?;
    let known = format!("{}/{}/{}", host.name, identity.owner, identity.name);
    evidence.repository.commit = identity.commit.clone();
    if !known.eq_ignore_ascii_case(&typed) {
        evidence.repository.asked_as = Some(typed.clone());
    }
    evidence.repository.name = known.clone();
    if identity.is_present {
        sources.services = Some((session, typed.clone(), known));
    } else {
        github::of_present().chain(SERVICES).for_each(|facet| evidence.lack(facet, Cause::PresentOnly));
    }
    match &identity.commit {
        Some(commit) => {
            let url = format!("{}/{}/{}", host.server, identity.owner, identity.name);
            let mut files = files(&url, chosen.host.token.clone(), commit)?;
            if identity.is_private || identity.is_unseen {
                files.source = files.source.private();
            }
            sources.files = Some(files);
        }
        None => {
            let why = "the repository is empty: it has no commit".to_owned();
            Facet::FROM_FILES.iter().for_each(|facet| evidence.lack(*facet, Cause::Failed { why: why.clone() }));
        }
    }
    sources.host = Some((github, identity));
    rounds::run(&request.selection, asked, evidence, &sources).await
}

/// What Git and services tell without a token.
async fn without_token<'a>(
    session: &'a Session,
    target: &RemoteTarget,
    request: &Request,
    asked: BTreeSet<Asked>,
    mut evidence: Evidence,
    host: Option<&Host>,
    files: impl Fn(&str, Option<crate::http::Token>, &str) -> Result<Files<'a>, Error>,
) -> Result<Evidence, Error> {
    let typed = target.full_name();
    let url = address(target, host);
    let source = GitSource::new(&url, None).map_err(|error| failed(&typed, error.to_string()))?;
    let resolved = crate::transfer::resolve(session.client()?, &source, target.revision.as_deref()).await;
    let resolved = resolved.map_err(|error| problem(&typed, error.problem(target.revision.as_deref())))?;
    if !resolved.is_named() && !request.options.allow_unreachable {
        let is_tip = crate::transfer::is_tip(session.client()?, &source, &resolved.commit).await;
        if !is_tip.map_err(|error| problem(&typed, error.problem(None)))? {
            return Err(problem(&typed, Problem::Unproven { commit: resolved.commit }));
        }
    }
    evidence.repository.commit = Some(resolved.commit.clone());
    let known = resolved.moved_to.as_ref().map_or_else(|| typed.clone(), |path| format!("{}/{path}", target.host));
    if !known.eq_ignore_ascii_case(&typed) {
        evidence.repository.name.clone_from(&known);
        evidence.repository.asked_as = Some(typed.clone());
    }
    let url = resolved.moved_to.map_or_else(|| url.clone(), |path| url.replace(&format!("{}/{}", target.owner, target.name), &path));
    let cause = match host {
        Some(_) => Cause::NoToken,
        None => Cause::NotOffered { by: format!("{}, of which carat knows Git alone,", target.host) },
    };
    github::OFFERS.iter().for_each(|facet| evidence.lack(*facet, cause.clone()));
    let mut sources = Sources { files: Some(files(&url, None, &resolved.commit)?), ..Sources::default() };
    if target.revision.is_none() {
        sources.services = Some((session, typed, known));
    } else {
        // Whether that is the newest commit, Git would tell only with one more question.
        SERVICES.iter().for_each(|facet| evidence.lack(*facet, Cause::PresentOnly));
    }
    rounds::run(&request.selection, asked, evidence, &sources).await
}

/// Adds what the host of a clone's `origin` knows to what its files told.
pub(super) async fn beside(
    session: &Session,
    target: &LocalTarget,
    request: &Request,
    asked: BTreeSet<Asked>,
    mut evidence: Evidence,
) -> Result<Evidence, Error> {
    let name = evidence.repository.name.clone();
    let refuse = |why: String| problem(&name, Problem::NoOrigin { why });
    if session.access.offline {
        return Err(Error::Usage("--with-host asks a host, --offline asks nobody: leave one of them out".to_owned()));
    }
    let origin = {
        let path = target.path.clone();
        super::apart(move || Ok(collect::origin(&path))).await?
    };
    let origin = origin.ok_or_else(|| refuse("the clone has no remote \"origin\"".to_owned()))?;
    let remote = crate::target::address(&origin).ok_or_else(|| refuse("the address of its \"origin\" is that of no host".to_owned()))?;
    let host = session.access.hosts.find(&remote.host);
    let host = host.ok_or_else(|| refuse(format!("its \"origin\" is on {}, a host that you have not configured", remote.host)))?;
    if !host.has_token() {
        return Err(refuse(format!("a token is needed for {}: set {}", host.name, host.token_variables.join(" or "))));
    }
    let commit = evidence.repository.commit.clone().ok_or_else(|| refuse("a folder without Git has no commit to ask for".to_owned()))?;
    // A clone as it stands is judged by what its host says now, also when it lags behind.
    let of_present = target.revision.is_none();
    let named = (&*remote.owner, &*remote.name);
    let opened = open(session, host, request, named, Some(&commit), of_present, &mut evidence).await;
    let (_chosen, github, identity) = opened.map_err(|error| match error {
        Error::Remote { name, problem: Problem::UnknownRevision { revision } } => {
            refuse(format!("{name} does not know the commit {revision} that the clone is at: push it first"))
        }
        error => error,
    })?;
    let known = format!("{}/{}/{}", host.name, identity.owner, identity.name);
    if let Fact::Known(files) = &mut evidence.files {
        Arc::make_mut(files).looked_at.notes.push(format!("what its host says is that of {known}"));
    }
    let mut sources = Sources::default();
    if identity.is_present {
        sources.services = Some((session, remote.full_name(), known));
    } else {
        github::of_present().chain(SERVICES).for_each(|facet| evidence.lack(facet, Cause::PresentOnly));
    }
    sources.host = Some((github, identity));
    rounds::run(&request.selection, asked, evidence, &sources).await
}

/// Opens a repository with one of the host's tokens, which is used for it from then on.
async fn open(
    session: &Session,
    host: &Host,
    request: &Request,
    named: (&str, &str),
    revision: Option<&str>,
    of_present: bool,
    evidence: &mut Evidence,
) -> Result<(Chosen, Arc<Github>, Identity), Error> {
    loop {
        let chosen = session.choose(host, named).await?;
        let github = session.collector(&chosen.host)?;
        let asking = Asking { session, github: &github, host: &chosen.host, request };
        match asking.open(named, revision, of_present, evidence).await {
            Err(Error::Remote { problem: Problem::BadToken { .. }, .. }) if session.refuse(host, &chosen, named.0) => {}
            opened => {
                let identity = opened?;
                return Ok((chosen, github, identity));
            }
        }
    }
}

/// A host that is asked with a token.
struct Asking<'a> {
    session: &'a Session,
    github: &'a Github,
    host: &'a Host,
    request: &'a Request,
}

impl Asking<'_> {
    /// Opens a repository, and sees that its commit is one of its own.
    async fn open(
        &self,
        (owner, name): (&str, &str),
        revision: Option<&str>,
        of_present: bool,
        evidence: &mut Evidence,
    ) -> Result<Identity, Error> {
        let facets = self.request.selection.wants();
        let opening = Opening { owner, name, revision, depth: self.request.options.depth(), of_present, facets: &facets };
        let mut identity = match self.github.open(&opening, evidence).await {
            Err(Error::Remote { name, problem: problem @ (Problem::Failed { .. } | Problem::Forbidden { .. }) }) => {
                self.by_git(&opening, Error::Remote { name, problem }, evidence).await?
            }
            opened => opened?,
        };
        if let (Some(_), Some(commit)) = (revision, &identity.commit) {
            let is_sure = identity.is_present || identity.is_named || self.request.options.allow_unreachable;
            if !is_sure && !self.github.is_ancestor(&identity, commit).await? && !self.is_tip(&identity, commit).await? {
                let name = format!("{}/{owner}/{name}", self.host.name);
                return Err(problem(&name, Problem::Unreachable { commit: commit.clone() }));
            }
        }
        identity.is_present |= of_present;
        Ok(identity)
    }

    /// Opens a repository by what Git alone tells, where GraphQL tells nothing: what it would have told is a gap.
    async fn by_git(&self, opening: &Opening<'_>, refusal: Error, evidence: &mut Evidence) -> Result<Identity, Error> {
        let Opening { owner, name, revision, .. } = *opening;
        let source = self.source(owner, name)?;
        let Ok(resolved) = crate::transfer::resolve(self.session.client()?, &source, revision).await else { return Err(refusal) };
        let Error::Remote { problem, .. } = refusal else { return Err(refusal) };
        let why = problem.to_string();
        github::IN_MAIN.iter().for_each(|facet| evidence.lack(*facet, Cause::Failed { why: why.clone() }));
        let is_named = resolved.is_named();
        Ok(Identity::unseen(owner, name, resolved.commit, revision.is_none(), is_named))
    }

    async fn is_tip(&self, identity: &Identity, commit: &str) -> Result<bool, Error> {
        let source = self.source(&identity.owner, &identity.name)?;
        let is_tip = crate::transfer::is_tip(self.session.client()?, &source, commit).await;
        is_tip.map_err(|error| problem(&format!("{}/{}/{}", self.host.name, identity.owner, identity.name), error.problem(None)))
    }

    /// The repository for Git.
    fn source(&self, owner: &str, name: &str) -> Result<GitSource, Error> {
        let url = format!("{}/{owner}/{name}", self.host.server);
        GitSource::new(&url, self.host.token.clone())
            .map_err(|error| failed(&format!("{}/{owner}/{name}", self.host.name), error.to_string()))
    }
}

/// Where Git finds a repository.
fn address(target: &RemoteTarget, host: Option<&Host>) -> String {
    match host {
        Some(host) => format!("{}/{}/{}", host.server, target.owner, target.name),
        None => format!("{}://{}", if target.plain { "http" } else { "https" }, target.full_name()),
    }
}

fn problem(name: &str, problem: Problem) -> Error {
    Error::Remote { name: name.to_owned(), problem }
}

fn failed(name: &str, why: String) -> Error {
    problem(name, Problem::Failed { why })
}
