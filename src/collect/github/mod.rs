//! GitHub and GitHub Enterprise: one document tells most of a repository, a second one what arises from its answers, and
//! REST the little that GraphQL lacks.

mod answer;
mod branches;
mod commits;
mod document;
mod identity;
pub(crate) mod installation;
mod main_document;
mod nodes;
mod once;
mod owners;
mod policy;
mod price;
mod rest;
mod second_document;
#[cfg(test)]
mod tests;
mod without;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use carat_checks::evidence::{Cause, Employer, Evidence, Facet, Fact, Request, SecurityPolicy};
use futures::future::{join, join_all};
use octocrab::Octocrab;
use serde_json::{Map, Value};

use crate::error::{Error, Problem};
use crate::hosts::Host;
use crate::http::graphql::{self, Answer, Unanswered};
use crate::http::octocrab::octocrab;
use crate::http::{Client, Service, Token};
use answer::unknown_field;
use once::Once;
use rest::Rest;

pub(crate) use document::IN_MAIN;
pub(crate) use price::price;

/// What GitHub can show beside the files.
pub(crate) const OFFERS: [Facet; 14] = [
    Facet::Metadata,
    Facet::Commits,
    Facet::CheckRuns,
    Facet::Issues,
    Facet::Branches,
    Facet::Releases,
    Facet::Contributors,
    Facet::Employers,
    Facet::Webhooks,
    Facet::WorkflowRuns,
    Facet::HostLicense,
    Facet::Languages,
    Facet::BotCommits,
    Facet::OwnerPolicy,
];

/// Whether a facet that GitHub offers exists only for the present.
pub(crate) fn is_of_present(facet: Facet) -> bool {
    OFFERS.contains(&facet) && !matches!(facet, Facet::Commits | Facet::CheckRuns)
}

/// The facets that exist only for the present.
pub(crate) fn of_present() -> impl Iterator<Item = Facet> {
    OFFERS.into_iter().filter(|facet| is_of_present(*facet))
}

/// The longest answer to a document that is read, in bytes.
const LONGEST_ANSWER: usize = 16 << 20;
/// How many pages of rulesets are followed after the first; a repository and its organisation can have 150 rulesets.
const RULESET_PAGES: usize = 2;
/// The one field that takes a scope which many classic tokens lack.
const ORGANIZATIONS: &str = "organizations";
/// How many fields an old server may lack.
const UNKNOWN_FIELDS: usize = 12;

/// One host, for a whole run.
#[derive(Debug)]
pub(crate) struct Github {
    client: Client,
    host: Host,
    graphql: http::Uri,
    octocrab: Octocrab,
    /// Fields that this server does not know.
    unknown: Mutex<BTreeSet<String>>,
    /// Whether the token lacks the scope for organisations of accounts.
    lacks_scope: AtomicBool,
    /// What accounts and owners say of themselves, which is the same for all their repositories. It hangs on the token,
    /// which is one for a collector: an account's organisations are those that the token may see, and an owner's policy may
    /// stand in a private repository. The companies alone would be the same for all tokens, but are asked in one field with
    /// the organisations, so that sharing them would save nothing.
    employers: Once<Employer>,
    policies: Once<Option<SecurityPolicy>>,
}

/// A repository as its host knows it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) owner: String,
    pub(crate) name: String,
    /// The newest commit of the default branch, or that of the revision; `None` for an empty repository.
    pub(crate) commit: Option<String>,
    /// The default branch.
    pub(crate) branch: Option<String>,
    /// Whether what exists only for the present is asked for: the commit is the newest of the default branch, or is to
    /// be judged by the present all the same.
    pub(crate) is_present: bool,
    /// Whether the revision is the name of a branch or a tag.
    pub(crate) is_named: bool,
    /// Whether only some may see it: nobody else is told of it then.
    pub(crate) is_private: bool,
    /// Whether GraphQL told nothing of it, so that it may be private all the same.
    pub(crate) is_unseen: bool,
    is_admin: bool,
}

impl Identity {
    /// A repository of which GraphQL tells nothing, with the commit that Git tells of.
    pub(crate) fn unseen(owner: &str, name: &str, commit: String, is_present: bool, is_named: bool) -> Self {
        Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
            commit: Some(commit),
            branch: None,
            is_present,
            is_named,
            is_private: false,
            is_unseen: true,
            is_admin: false,
        }
    }
}

/// What is asked about one repository, and what is known of it.
pub(crate) struct Work {
    pub(crate) identity: Identity,
    pub(crate) asked: BTreeSet<Request>,
    pub(crate) evidence: Evidence,
}

/// What is wanted of a repository when it is opened.
pub(crate) struct Opening<'a> {
    pub(crate) owner: &'a str,
    pub(crate) name: &'a str,
    pub(crate) revision: Option<&'a str>,
    /// How many commits are looked at.
    pub(crate) depth: usize,
    /// Whether what exists only for the present is wanted whatever the commit is.
    pub(crate) of_present: bool,
    pub(crate) facets: &'a BTreeSet<Facet>,
}

impl Github {
    /// The collector for a host. To be made within a tokio runtime.
    pub(crate) fn new(client: Client, host: Host) -> Result<Self, Error> {
        let address = |text: &str| text.parse().map_err(|_| Error::Usage(format!("{text:?} is no address")));
        let api: http::Uri = address(&host.api)?;
        let graphql = address(&host.graphql)?;
        let octocrab = octocrab(&client, &api, host.token.as_ref());
        Ok(Self {
            client,
            graphql,
            octocrab,
            host,
            unknown: Mutex::default(),
            lacks_scope: AtomicBool::default(),
            employers: Once::default(),
            policies: Once::default(),
        })
    }

    /// Whether this is what it shows its host.
    pub(crate) fn shows(&self, token: Option<&Token>) -> bool {
        self.host.token.as_ref() == token
    }

    fn rest<'a>(&'a self, identity: &'a Identity) -> Rest<'a> {
        Rest { octocrab: &self.octocrab, host: &self.host, owner: &identity.owner, name: &identity.name }
    }

    /// Asks a document; leaves out of it what the server does not know.
    async fn ask(&self, document: &str, variables: &Map<String, Value>) -> Result<Answer, Unanswered> {
        let mut text = document.to_owned();
        for field in self.unknown.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            text = without::without(&text, field);
        }
        for _ in 0..=UNKNOWN_FIELDS {
            let answer = self.ask_once(&text, variables).await;
            // Something on the way has cut or spoilt it: the same again is as a rule whole.
            let answer = if matches!(answer, Err(Unanswered::Malformed { .. })) { self.ask_once(&text, variables).await? } else { answer? };
            if let Some(cost) = answer.data.as_ref().and_then(|data| data.pointer("/rateLimit/cost")).and_then(Value::as_u64) {
                self.client.spent_points(Service::Graphql, cost);
            }
            // A classic token without the scope read:org gets nothing at all of a document that asks for organisations.
            let lacks_scope = answer.errors.iter().any(|error| error.kind.as_deref() == Some("INSUFFICIENT_SCOPES"));
            if answer.data.is_none() && lacks_scope && text.contains(ORGANIZATIONS) {
                self.lacks_scope.store(true, Ordering::Relaxed);
                self.unknown.lock().unwrap_or_else(PoisonError::into_inner).insert(ORGANIZATIONS.to_owned());
                text = without::without(&text, ORGANIZATIONS);
                continue;
            }
            let unknown: BTreeSet<&str> = answer.errors.iter().filter_map(unknown_field).collect();
            if unknown.is_empty() || answer.data.is_some() {
                return Ok(answer);
            }
            for field in unknown {
                text = without::without(&text, field);
                self.unknown.lock().unwrap_or_else(PoisonError::into_inner).insert(field.to_owned());
            }
        }
        Err(Unanswered::Malformed { why: format!("the server does not know more than {UNKNOWN_FIELDS} of the fields that are asked for") })
    }

    async fn ask_once(&self, text: &str, variables: &Map<String, Value>) -> Result<Answer, Unanswered> {
        graphql::ask(&self.client, &self.graphql, self.host.token.as_ref(), text, variables, LONGEST_ANSWER).await
    }

    /// Whether a commit is in the history of the default branch.
    pub(crate) async fn is_ancestor(&self, identity: &Identity, commit: &str) -> Result<bool, Error> {
        let branch = identity.branch.as_deref().unwrap_or("HEAD");
        let rest = self.rest(identity);
        rest.is_ancestor(commit, branch).await.map_err(|cause| self.problem(identity, Problem::Failed { why: cause.to_string() }))
    }

    fn problem(&self, identity: &Identity, problem: Problem) -> Error {
        Error::Remote { name: format!("{}/{}/{}", self.host.name, identity.owner, identity.name), problem }
    }

    /// Collects what is asked about repositories that are open, for all of them at once.
    pub(crate) async fn collect(&self, work: &mut [Work]) {
        join_all(work.iter_mut().map(|work| self.collect_one(work))).await;
    }

    async fn collect_one(&self, Work { identity, asked, evidence }: &mut Work) {
        if !identity.is_present {
            asked.retain(|request| !is_of_present(request.facet()));
        }
        self.open_more(identity, asked, evidence).await;
        let rest = self.rest(identity);
        let second = second_document::wanted(asked, evidence);
        let (rest_facts, second_facts) = join(self.by_rest(&rest, asked, evidence), self.by_second(identity, &second)).await;
        rest_facts.put(evidence);
        second_facts.put(evidence, &second);
    }

    /// Asks the main document once more, for what answers gave rise to and nobody wanted before.
    async fn open_more(&self, identity: &Identity, asked: &BTreeSet<Request>, evidence: &mut Evidence) {
        let not_asked = |facet: Facet| evidence.gap(facet).is_some_and(|gap| gap.cause == Cause::NotAsked);
        let wanted = asked.iter().filter_map(|request| match request {
            Request::Facet(facet) if document::IN_MAIN.contains(facet) && not_asked(*facet) => Some(*facet),
            _ => None,
        });
        let facets: BTreeSet<Facet> = wanted.collect();
        if facets.is_empty() {
            return;
        }
        let revision = identity.commit.as_deref().filter(|_| !identity.is_present);
        let opening =
            Opening { owner: &identity.owner, name: &identity.name, revision, depth: 1, of_present: identity.is_present, facets: &facets };
        if let Err(error) = self.open(&opening, evidence).await {
            facets.iter().for_each(|facet| evidence.lack(*facet, Cause::Failed { why: error.to_string() }));
        }
    }

    async fn by_rest(&self, rest: &Rest<'_>, asked: &BTreeSet<Request>, evidence: &Evidence) -> RestFacts {
        let wants = |facet: Facet| asked.contains(&Request::Facet(facet)) && evidence.gap(facet).is_some();
        let runs = asked.iter().filter_map(|request| match request {
            Request::Runs(workflow) => Some(async move { (workflow.clone(), rest.runs(workflow).await) }),
            _ => None,
        });
        let (releases, (contributors, (hooks, runs))) = join(
            maybe(wants(Facet::Releases), rest.releases()),
            join(maybe(wants(Facet::Contributors), rest.contributors()), join(maybe(wants(Facet::Webhooks), rest.hooks()), join_all(runs))),
        )
        .await;
        RestFacts { releases, contributors, hooks, runs }
    }
}

/// Awaits what is wanted.
async fn maybe<T>(wanted: bool, future: impl Future<Output = T>) -> Option<T> {
    if wanted { Some(future.await) } else { None }
}

struct RestFacts {
    releases: Option<Result<Vec<carat_checks::evidence::Release>, Cause>>,
    contributors: Option<Result<Vec<carat_checks::evidence::Contributor>, Cause>>,
    hooks: Option<Result<Vec<carat_checks::evidence::Webhook>, Cause>>,
    runs: Vec<(String, Result<carat_checks::evidence::Runs, Cause>)>,
}

impl RestFacts {
    fn put(self, evidence: &mut Evidence) {
        fn fact<T>(into: &mut Fact<T>, facet: Facet, result: Option<Result<T, Cause>>) {
            if let Some(result) = result {
                *into = Fact::of(facet, result);
            }
        }
        fact(&mut evidence.releases, Facet::Releases, self.releases);
        fact(&mut evidence.contributors, Facet::Contributors, self.contributors);
        fact(&mut evidence.webhooks, Facet::Webhooks, self.hooks);
        if !self.runs.is_empty() {
            let runs = self.runs.into_iter().map(|(workflow, result)| (workflow, Fact::of(Facet::WorkflowRuns, result)));
            evidence.workflow_runs.add(|known| known.extend(runs));
        }
    }
}
