//! The main document: asked once a repository, read into facts.

use std::collections::BTreeSet;

use carat_checks::evidence::{
    Branches, Cause, Commit, Evidence, Facet, Fact, Gap, HeadChecks, HostLicense, Issue, Language, Metadata, Ruleset,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer::{Answered, shown};
use super::commits::{self, APART, History, Home, Login};
use super::nodes::Nodes;
use super::{Github, Identity, Opening, RULESET_PAGES, branches, document};
use crate::error::{Error, Problem};
use crate::http::Failure;
use crate::http::graphql::{Answer, Unanswered};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawIdentity {
    name: String,
    owner: Login,
    created_at: Timestamp,
    #[serde(default)]
    is_archived: bool,
    #[serde(default)]
    is_private: bool,
    #[serde(default)]
    is_fork: bool,
    viewer_permission: Option<String>,
    default_branch_ref: Option<RawRef>,
    revision: Option<RawObject>,
}

#[derive(Deserialize)]
struct RawRef {
    name: String,
    target: Option<RawObject>,
}

#[derive(Deserialize)]
struct RawObject {
    oid: Option<String>,
}

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

impl Github {
    /// Asks the main document about a repository, and reads it into the evidence.
    ///
    /// # Errors
    /// The repository cannot be assessed: it is not there, may not be seen, or the token is not accepted.
    pub(crate) async fn open(&self, opening: &Opening<'_>, evidence: &mut Evidence) -> Result<Identity, Error> {
        let facets: BTreeSet<Facet> = opening.facets.iter().copied().filter(|facet| document::IN_MAIN.contains(facet)).collect();
        let problem = |problem| Error::Remote { name: format!("{}/{}/{}", self.host.name, opening.owner, opening.name), problem };
        let mut variables = Map::new();
        variables.insert("owner".to_owned(), opening.owner.into());
        variables.insert("name".to_owned(), opening.name.into());
        variables.insert("depth".to_owned(), opening.depth.min(LONGEST_PAGE).into());
        variables.insert("after".to_owned(), Value::Null);
        variables.insert("rulesetsAfter".to_owned(), Value::Null);
        if let Some(revision) = opening.revision {
            variables.insert("revision".to_owned(), format!("{revision}^{{commit}}").into());
        }
        let document = document::main(&facets, opening.revision.is_some());
        let answer = match self.ask(&document, &variables).await {
            Ok(answer) => answer,
            // Too much at once: what is dear is asked apart.
            Err(Unanswered::Failed(failure)) if is_too_much(&failure) && facets.len() > 1 => {
                return Box::pin(self.open_in_parts(opening, &facets, evidence)).await;
            }
            Err(unanswered) => return Err(problem(self.refusal(unanswered))),
        };
        let identity = self.identity(&answer, opening).map_err(problem)?;
        self.read_main(&answer, opening, &facets, &identity, evidence).await;
        Ok(identity)
    }

    /// Asks for halves of the facets, where one document for all is too much for the host.
    async fn open_in_parts(&self, opening: &Opening<'_>, facets: &BTreeSet<Facet>, evidence: &mut Evidence) -> Result<Identity, Error> {
        let all: Vec<Facet> = facets.iter().copied().collect();
        let (first, second) = all.split_at(all.len() / 2);
        let mut identity = None;
        for half in [first, second] {
            let facets: BTreeSet<Facet> = half.iter().copied().collect();
            match self.open(&Opening { facets: &facets, ..*opening }, evidence).await {
                Ok(opened) => identity = Some(opened),
                Err(Error::Remote { problem: Problem::Failed { why }, .. }) if identity.is_some() => {
                    facets.iter().for_each(|facet| evidence.lack(*facet, Cause::Failed { why: why.clone() }));
                }
                Err(error) => return Err(error),
            }
        }
        identity.ok_or_else(|| Error::Bug("a repository was opened in no part".to_owned()))
    }

    /// What it means for a whole repository that there is no answer.
    fn refusal(&self, unanswered: Unanswered) -> Problem {
        match unanswered {
            Unanswered::Refused { status, message, headers } => {
                let sso = headers.get("x-github-sso").and_then(|value| value.to_str().ok());
                match status.as_u16() {
                    _ if sso.is_some() => {
                        let url = sso.and_then(|sso| sso.split("url=").nth(1)).map(|url| url.split(';').next().unwrap_or(url).to_owned());
                        Problem::SingleSignOn { url: url.filter(|url| url.starts_with("https://")) }
                    }
                    401 => Problem::BadToken { host: self.host.name.clone() },
                    403 => Problem::Forbidden { why: shown(&message) },
                    451 => Problem::Blocked { why: shown(&message) },
                    status => Problem::Failed { why: format!("{} answered {status}: {}", self.host.name, shown(&message)) },
                }
            }
            other => Problem::Failed { why: other.to_string() },
        }
    }

    fn identity(&self, answer: &Answer, opening: &Opening<'_>) -> Result<Identity, Problem> {
        let answered = Answered::new(&self.host.name, answer);
        if answered.value("repository").is_null() {
            let Some(error) = answer.errors.first() else {
                return Err(Problem::Failed { why: format!("{} answered without a repository", self.host.name) });
            };
            let why = shown(&error.message);
            return Err(match error.kind.as_deref() {
                Some("NOT_FOUND") => Problem::NotFound,
                _ if why.contains("SAML") => Problem::SingleSignOn { url: None },
                Some("FORBIDDEN" | "INSUFFICIENT_SCOPES") => Problem::Forbidden { why },
                _ => Problem::Failed { why: format!("{}: {why}", self.host.name) },
            });
        }
        let raw = RawIdentity::deserialize(answered.value("repository"))
            .map_err(|error| Problem::Failed { why: format!("{} answered what cannot be read: {error}", self.host.name) })?;
        let head = raw.default_branch_ref.as_ref().and_then(|branch| branch.target.as_ref()).and_then(|target| target.oid.clone());
        let commit = match opening.revision {
            None => head.clone(),
            Some(revision) => match raw.revision.and_then(|object| object.oid) {
                Some(commit) => Some(commit),
                None => return Err(Problem::UnknownRevision { revision: revision.to_owned() }),
            },
        };
        Ok(Identity {
            owner: raw.owner.login,
            name: raw.name,
            is_present: commit == head,
            commit,
            branch: raw.default_branch_ref.map(|branch| branch.name),
            is_admin: raw.viewer_permission.as_deref() == Some("ADMIN"),
        })
    }

    async fn read_main(
        &self,
        answer: &Answer,
        opening: &Opening<'_>,
        facets: &BTreeSet<Facet>,
        identity: &Identity,
        evidence: &mut Evidence,
    ) {
        let answered = Answered::new(&self.host.name, answer);
        if facets.contains(&Facet::Metadata) {
            evidence.metadata = metadata(&answered);
        }
        if facets.contains(&Facet::HostLicense) {
            let needs = "the permission Contents: read";
            evidence.host_license = answered.fact(Facet::HostLicense, "repository/licenseInfo", needs, |raw: Option<RawLicense>| {
                raw.map(|raw| HostLicense {
                    spdx_id: raw.spdx_id.filter(|id| !id.is_empty()).unwrap_or_else(|| "NOASSERTION".to_owned()),
                    name: raw.name.unwrap_or_default(),
                })
            });
        }
        if facets.contains(&Facet::Languages) {
            evidence.languages =
                answered.fact(Facet::Languages, "repository/languages", "the permission Metadata: read", |raw: Option<RawLanguages>| {
                    let edges = raw.map(|raw| raw.edges).unwrap_or_default().into_iter();
                    edges.map(|edge| Language { name: edge.node.name, bytes: edge.size }).collect()
                });
        }
        if facets.contains(&Facet::Issues) {
            evidence.issues = answered.fact(Facet::Issues, "repository/issues", "the permission Issues: read", issues);
        }
        if facets.contains(&Facet::Branches) {
            evidence.branches = Fact::known(self.branches(&answered, opening, identity).await);
        }
        if facets.contains(&Facet::Commits) || facets.contains(&Facet::CheckRuns) {
            self.history(&answered, opening, facets, identity, evidence).await;
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
            let Some(after) = next else { return Ok(all) };
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
        Err(Cause::LimitReached { bound: format!("{} rulesets", 20 * (1 + RULESET_PAGES)) })
    }

    /// Reads the history, page by page, as deep as it is wanted.
    async fn history(
        &self,
        answered: &Answered<'_>,
        opening: &Opening<'_>,
        facets: &BTreeSet<Facet>,
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
            let history: History = answered.read(&path, &APART, "the permissions Contents: read and Pull requests: read")?;
            let next = History::next(&history);
            Ok((commits::read(answered, &path, history, &home), next))
        };
        let mut page = if identity.commit.is_some() {
            read(answered, target)
        } else {
            Err(Cause::Failed { why: "the repository is empty".to_owned() })
        };
        let failed = loop {
            let (shown, next) = match page {
                Ok(page) => page,
                Err(cause) => break Some(cause),
            };
            let got_some = !shown.commits.is_empty();
            known.extend(shown.commits);
            checks.extend(shown.checks);
            let (Some(after), true) = (next, known.len() < opening.depth && got_some) else { break None };
            let variables = Map::from_iter([
                ("owner".to_owned(), opening.owner.into()),
                ("name".to_owned(), opening.name.into()),
                ("revision".to_owned(), identity.commit.clone().into()),
                ("depth".to_owned(), (opening.depth - known.len()).min(LONGEST_PAGE).into()),
                ("after".to_owned(), after.into()),
            ]);
            page = match self.ask(&document::history_page(facets), &variables).await {
                Ok(answer) => read(&Answered::new(&self.host.name, &answer), "repository/revision"),
                Err(error) => Err(Cause::Failed { why: error.to_string() }),
            };
        };
        known.truncate(opening.depth);
        let gap = |facet| failed.clone().map(|cause| Gap::new(facet, cause));
        evidence.commits = gap(Facet::Commits).map_or_else(|| Fact::known(known), Fact::Missing);
        if facets.contains(&Facet::CheckRuns) {
            evidence.check_runs = gap(Facet::CheckRuns).map_or_else(|| Fact::known(checks), Fact::Missing);
        }
    }
}

/// Whether a failure can come from too large a question.
const fn is_too_much(failure: &Failure) -> bool {
    match failure {
        Failure::Status { status, .. } => matches!(status.as_u16(), 502 | 504),
        Failure::Timeout { .. } | Failure::TooLarge { .. } => true,
        _ => false,
    }
}

fn metadata(answered: &Answered<'_>) -> Fact<Metadata> {
    // An error about a part of it, such as the rules of its branch, says nothing of the whole.
    let fields = ["createdAt", "isArchived", "isPrivate", "isFork"];
    if let Some(error) = fields.iter().find_map(|field| answered.error(&format!("repository/{field}"), &[])) {
        return Fact::Missing(Gap::new(Facet::Metadata, answered.cause(error, "the permission Metadata: read")));
    }
    match RawIdentity::deserialize(answered.value("repository")) {
        Ok(raw) => {
            Fact::known(Metadata { created_at: raw.created_at, archived: raw.is_archived, private: raw.is_private, fork: raw.is_fork })
        }
        Err(error) => Fact::Missing(Gap::new(Facet::Metadata, Cause::Failed { why: error.to_string() })),
    }
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
