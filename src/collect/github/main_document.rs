//! The main document: asked once a repository, read into facts.

use std::collections::BTreeSet;

use carat_checks::evidence::{
    Branches, Cause, Commit, Evidence, Facet, Fact, Gap, HeadChecks, HostLicense, Issue, Language, Metadata, Ruleset,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer::{Answered, needs};
use super::commits::{self, APART, History, Home};
use super::identity::{Refused, tagged};
use super::nodes::Nodes;
use super::{Github, Identity, Opening, RULESET_PAGES, branches, document, is_of_present};
use crate::error::{Error, Problem};
use crate::http::graphql::Answer;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawLicense {
    spdx_id: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct RawLanguages {
    edges: Vec<RawEdge>,
}

#[derive(Deserialize)]
struct RawEdge {
    size: u64,
    node: RawName,
}

#[derive(Deserialize)]
struct RawName {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawIssue {
    created_at: Timestamp,
    #[serde(default)]
    author_association: carat_checks::evidence::Association,
    comments: Option<Nodes<RawComment>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawComment {
    created_at: Timestamp,
    #[serde(default)]
    author_association: carat_checks::evidence::Association,
}

/// GitHub's longest page.
const LONGEST_PAGE: usize = 100;
/// A page of commits for a host for which a longer one is too much.
const SHORT_PAGE: usize = 10;
/// The facets that a field of the main document is asked for.
fn facets_of(field: &str) -> &'static [Facet] {
    match field {
        "createdAt" | "isArchived" | "isPrivate" | "isFork" => &[Facet::Metadata],
        "history" => &[Facet::Commits, Facet::CheckRuns],
        "issues" => &[Facet::Issues],
        "rulesets" | "branchProtectionRule" | "refUpdateRule" => &[Facet::Branches],
        "licenseInfo" => &[Facet::HostLicense],
        "languages" => &[Facet::Languages],
        _ => &[],
    }
}

impl Github {
    /// Asks the main document about a repository, and reads it into the evidence.
    ///
    /// # Errors
    /// The repository cannot be assessed by what GraphQL says: it is not there, may not be seen, or the token is not
    /// accepted. With [`Problem::Failed`] and [`Problem::Forbidden`] other interfaces may still answer.
    pub(crate) async fn open(&self, opening: &Opening<'_>, evidence: &mut Evidence) -> Result<Identity, Error> {
        let facets: BTreeSet<Facet> = opening.facets.iter().copied().filter(|facet| document::IN_MAIN.contains(facet)).collect();
        let problem = |refused: Refused| Error::Remote {
            name: format!("{}/{}/{}", self.host.name, opening.owner, opening.name),
            problem: refused.into(),
        };
        match self.part(opening, facets.clone(), LONGEST_PAGE, evidence).await {
            // Too much at once: what is dear is asked apart.
            Err(Refused::TooMuch { .. }) if !facets.is_empty() => {
                let identity = self.part(opening, BTreeSet::new(), LONGEST_PAGE, evidence).await.map_err(problem)?;
                let mut facets: Vec<Facet> = facets.into_iter().collect();
                // The history, which is the dearest, stays together.
                facets.sort_by_key(|facet| matches!(facet, Facet::Commits | Facet::CheckRuns));
                self.in_halves(opening, &facets, evidence).await;
                Ok(identity)
            }
            done => done.map_err(problem),
        }
    }

    /// Asks for halves of the facets, where one document for all is too much for the host.
    async fn in_halves(&self, opening: &Opening<'_>, facets: &[Facet], evidence: &mut Evidence) {
        let (first, second) = facets.split_at(facets.len().div_ceil(2));
        for half in [first, second].into_iter().filter(|half| !half.is_empty()) {
            let wanted: BTreeSet<Facet> = half.iter().copied().collect();
            let mut told = self.part(opening, wanted.clone(), LONGEST_PAGE, evidence).await;
            let is_history = matches!(half, [Facet::Commits | Facet::CheckRuns]);
            if is_history && opening.depth > SHORT_PAGE && matches!(told, Err(Refused::TooMuch { .. })) {
                told = self.part(opening, wanted, SHORT_PAGE, evidence).await;
            }
            match told {
                Ok(_) => {}
                Err(Refused::TooMuch { .. }) if half.len() > 1 => Box::pin(self.in_halves(opening, half, evidence)).await,
                Err(refused) => {
                    let why = Problem::from(refused).to_string();
                    half.iter().for_each(|facet| evidence.lack(*facet, Cause::Failed { why: why.clone() }));
                }
            }
        }
    }

    /// Asks for some of the facets in one document, with so many commits on a page. A facet whose error takes away more than itself is left out.
    async fn part(
        &self,
        opening: &Opening<'_>,
        mut facets: BTreeSet<Facet>,
        page: usize,
        evidence: &mut Evidence,
    ) -> Result<Identity, Refused> {
        let mut variables = Map::new();
        variables.insert("owner".to_owned(), opening.owner.into());
        variables.insert("name".to_owned(), opening.name.into());
        variables.insert("depth".to_owned(), opening.depth.min(page).into());
        variables.insert("after".to_owned(), Value::Null);
        variables.insert("rulesetsAfter".to_owned(), Value::Null);
        if let Some(revision) = opening.revision {
            variables.insert("revision".to_owned(), revision.into());
            variables.insert("branch".to_owned(), format!("refs/heads/{revision}").into());
            variables.insert("tag".to_owned(), format!("refs/tags/{revision}").into());
        }
        loop {
            let answer = self.ask(&document::main(&facets, opening.revision.is_some()), &variables).await;
            let answer = answer.map_err(|unanswered| self.refused(unanswered))?;
            let answered = Answered::new(&self.host.name, &answer);
            if let Some(commit) = tagged(&answered)
                && variables.insert("revision".to_owned(), commit.into()) == opening.revision.map(Value::from)
            {
                continue;
            }
            let lost: Vec<(Facet, Cause)> = answered
                .spreading()
                .flat_map(|(name, error)| facets_of(name).iter().map(move |facet| (*facet, error)))
                .filter(|(facet, _)| facets.contains(facet))
                .map(|(facet, error)| (facet, answered.cause(error, needs(facet))))
                .collect();
            if lost.is_empty() {
                let identity = self.identity(&answer, opening)?;
                self.read_main(&answer, opening, &facets, page, &identity, evidence).await;
                return Ok(identity);
            }
            for (facet, cause) in lost {
                facets.remove(&facet);
                evidence.lack(facet, cause);
            }
        }
    }

    /// Reads what was asked for. What exists only for the present is left out of an answer about the past.
    async fn read_main(
        &self,
        answer: &Answer,
        opening: &Opening<'_>,
        facets: &BTreeSet<Facet>,
        page: usize,
        identity: &Identity,
        evidence: &mut Evidence,
    ) {
        let answered = Answered::new(&self.host.name, answer);
        let is_past = !(identity.is_present || opening.of_present);
        let wants = |facet: Facet| facets.contains(&facet) && !(is_past && is_of_present(facet));
        if wants(Facet::Metadata) {
            evidence.metadata = Fact::of(Facet::Metadata, metadata(&answered));
        }
        if wants(Facet::HostLicense) {
            evidence.host_license =
                answered.fact(Facet::HostLicense, "repository/licenseInfo", needs(Facet::HostLicense), |raw: Option<RawLicense>| {
                    raw.map(|raw| HostLicense {
                        spdx_id: raw.spdx_id.filter(|id| !id.is_empty()).unwrap_or_else(|| "NOASSERTION".to_owned()),
                        name: raw.name.unwrap_or_default(),
                    })
                });
        }
        if wants(Facet::Languages) {
            evidence.languages =
                answered.fact(Facet::Languages, "repository/languages", needs(Facet::Languages), |raw: Option<RawLanguages>| {
                    let edges = raw.map(|raw| raw.edges).unwrap_or_default().into_iter();
                    edges.map(|edge| Language { name: edge.node.name, bytes: edge.size }).collect()
                });
        }
        if wants(Facet::Issues) {
            evidence.issues = answered.fact(Facet::Issues, "repository/issues", needs(Facet::Issues), issues);
        }
        if wants(Facet::Branches) {
            evidence.branches = Fact::known(self.branches(&answered, opening, identity).await);
        }
        if wants(Facet::Commits) || wants(Facet::CheckRuns) {
            self.history(&answered, opening, facets, page, identity, evidence).await;
        }
    }

    async fn branches(&self, answered: &Answered<'_>, opening: &Opening<'_>, identity: &Identity) -> Branches {
        let mut by_name = std::collections::BTreeMap::new();
        if let Some(name) = &identity.branch {
            by_name.insert(name.clone(), branches::branch(answered, "repository/defaultBranchRef", identity.is_admin));
        }
        let gap = |cause| Fact::Missing(Gap::new(Facet::Branches, cause));
        let rulesets = match branches::rulesets(answered) {
            Ok((first, next)) => self.more_rulesets(opening, first, next).await.map_or_else(gap, Fact::known),
            Err(cause) => gap(cause),
        };
        Branches { default: identity.branch.clone(), rulesets, by_name }
    }

    async fn more_rulesets(&self, opening: &Opening<'_>, mut all: Vec<Ruleset>, mut next: Option<String>) -> Result<Vec<Ruleset>, Cause> {
        for _ in 0..RULESET_PAGES {
            let Some(after) = next.take() else { return Ok(all) };
            let variables = Map::from_iter([
                ("owner".to_owned(), opening.owner.into()),
                ("name".to_owned(), opening.name.into()),
                ("rulesetsAfter".to_owned(), after.into()),
            ]);
            let answer =
                self.ask(&document::rulesets_page(), &variables).await.map_err(|error| Cause::Failed { why: error.to_string() })?;
            let (page, further) = branches::rulesets(&Answered::new(&self.host.name, &answer))?;
            all.extend(page);
            next = further;
        }
        if next.is_none() {
            return Ok(all);
        }
        Err(Cause::LimitReached { bound: format!("{} rulesets", 20 + LONGEST_PAGE * RULESET_PAGES) })
    }

    /// Reads the history, page by page, as deep as it is wanted.
    async fn history(
        &self,
        answered: &Answered<'_>,
        opening: &Opening<'_>,
        facets: &BTreeSet<Facet>,
        mut longest: usize,
        identity: &Identity,
        evidence: &mut Evidence,
    ) {
        let target = if opening.revision.is_some() { "repository/revision" } else { "repository/defaultBranchRef/target" };
        let mut known: Vec<Commit> = Vec::new();
        let mut checks = std::collections::BTreeMap::<String, HeadChecks>::new();
        let api = self.host.public(&format!("{}/repos/{}/{}", self.host.api, identity.owner, identity.name));
        let home = Home { owner: &identity.owner, name: &identity.name, api: &api };
        let read = |answered: &Answered<'_>, target: &str| {
            let path = format!("{target}/history");
            let history: History = answered.read(&path, &APART, needs(Facet::Commits))?;
            let pulls = format!("{path}/nodes/0/associatedPullRequests");
            if !history.is_empty() && !answered.has(&pulls) {
                return Err(answered.absent(&pulls, needs(Facet::Commits)));
            }
            let next = History::next(&history);
            Ok((commits::read(answered, &path, history, &home), next))
        };
        let mut page = if identity.commit.is_some() {
            read(answered, target)
        } else {
            Err(Cause::Failed { why: "the repository is empty".to_owned() })
        };
        let mut pages = 0;
        let failed = loop {
            let (shown, next) = match page {
                Ok(page) => page,
                Err(cause) => break Some(cause),
            };
            pages += 1;
            let Some(first) = shown.commits.first() else { break None };
            if known.iter().any(|commit| commit.id == first.id) {
                break Some(Cause::Failed { why: format!("{} shows the same commits on one page after another", self.host.name) });
            }
            known.extend(shown.commits);
            checks.extend(shown.checks);
            let Some(after) = next.filter(|_| known.len() < opening.depth) else { break None };
            if pages > opening.depth.div_ceil(longest) {
                break Some(Cause::LimitReached { bound: format!("{pages} pages of commits") });
            }
            let mut variables = Map::from_iter([
                ("owner".to_owned(), opening.owner.into()),
                ("name".to_owned(), opening.name.into()),
                ("revision".to_owned(), identity.commit.clone().into()),
                ("after".to_owned(), after.into()),
            ]);
            page = loop {
                variables.insert("depth".to_owned(), (opening.depth - known.len()).min(longest).into());
                let answer = match self.ask(&document::history_page(facets), &variables).await {
                    Ok(answer) => self.too_much(&answer).map_or(Ok(answer), Err),
                    Err(unanswered) => Err(self.refused(unanswered)),
                };
                match answer {
                    Ok(answer) => break read(&Answered::new(&self.host.name, &answer), "repository/revision"),
                    Err(Refused::TooMuch { .. }) if longest > SHORT_PAGE => longest = SHORT_PAGE,
                    Err(refused) => break Err(Cause::Failed { why: Problem::from(refused).to_string() }),
                }
            };
        };
        known.truncate(opening.depth);
        let gap = |facet| failed.clone().map(|cause| Gap::new(facet, cause));
        if facets.contains(&Facet::Commits) {
            evidence.commits = gap(Facet::Commits).map_or_else(|| Fact::known(known), Fact::Missing);
        }
        if facets.contains(&Facet::CheckRuns) {
            evidence.check_runs = gap(Facet::CheckRuns).map_or_else(|| Fact::known(checks), Fact::Missing);
        }
    }
}

fn metadata(answered: &Answered<'_>) -> Result<Metadata, Cause> {
    let needs = needs(Facet::Metadata);
    Ok(Metadata {
        created_at: answered.read("repository/createdAt", &[], needs)?,
        archived: answered.read("repository/isArchived", &[], needs)?,
        private: answered.read("repository/isPrivate", &[], needs)?,
        fork: answered.read("repository/isFork", &[], needs)?,
    })
}

fn issues(raw: Nodes<RawIssue>) -> Vec<Issue> {
    let comment = |raw: RawComment| carat_checks::evidence::Comment { created_at: raw.created_at, association: raw.author_association };
    let issue = |raw: RawIssue| Issue {
        created_at: raw.created_at,
        association: raw.author_association,
        comments: raw.comments.map(Nodes::all).unwrap_or_default().into_iter().map(comment).collect(),
    };
    raw.all().into_iter().map(issue).collect()
}
