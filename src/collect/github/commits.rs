//! Commits, the pull requests behind them, and what ran on these.

use std::collections::BTreeMap;

use carat_checks::evidence::{Cause, CheckRun, Commit, Facet, Fact, Gap, HeadChecks, PullRequest, Review, Status, User};
use carat_checks::parse::review_marks;
use jiff::Timestamp;
use serde::Deserialize;

use super::answer::{Answered, needs};
use super::nodes::{Nodes, Page, lower};

/// What is read apart from the commit that it belongs to, because it may be missing alone.
pub(super) const APART: [&str; 3] = ["reviews", "checkSuites", "status"];

const NEEDS_REVIEWS: &str = "the permission Pull requests: read";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct History {
    page_info: Page,
    nodes: Vec<RawCommit>,
}

impl History {
    pub(super) const fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Where the next page begins, if there is one.
    pub(super) fn next(&self) -> Option<String> {
        self.page_info.end_cursor.clone().filter(|_| self.page_info.has_next_page)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawCommit {
    oid: String,
    committed_date: Timestamp,
    #[serde(default)]
    message: String,
    committer: Option<RawCommitter>,
    associated_pull_requests: Option<Nodes<RawPull>>,
}

#[derive(Deserialize)]
struct RawCommitter {
    user: Option<Login>,
}

/// An account, as far as it is named.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Login {
    pub(super) login: String,
    #[serde(default)]
    resource_path: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPull {
    number: u64,
    head_ref_oid: String,
    merged_at: Option<Timestamp>,
    repository: RawHome,
    author: Option<Login>,
    merged_by: Option<Login>,
    labels: Option<Nodes<Name>>,
    reviews: Option<Nodes<RawReview>>,
    commits: Option<Nodes<RawPullCommit>>,
}

#[derive(Deserialize)]
struct RawHome {
    name: String,
    owner: Login,
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct RawReview {
    state: String,
    author: Option<Login>,
}

#[derive(Deserialize)]
struct RawPullCommit {
    commit: RawHead,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawHead {
    check_suites: Option<Nodes<RawSuite>>,
    status: Option<RawStatus>,
}

#[derive(Deserialize)]
struct RawSuite {
    app: Option<Slug>,
    #[serde(default)]
    status: String,
    conclusion: Option<String>,
}

#[derive(Deserialize)]
struct Slug {
    #[serde(default)]
    slug: String,
}

#[derive(Deserialize)]
struct RawStatus {
    #[serde(default)]
    contexts: Vec<RawContext>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawContext {
    state: String,
    #[serde(default)]
    context: String,
    target_url: Option<String>,
}

fn user(login: Option<Login>) -> User {
    login.map_or_else(User::default, |account| User { is_bot: account.resource_path.starts_with("/apps/"), login: account.login })
}

/// The repository that is read about.
pub(super) struct Home<'a> {
    pub(super) owner: &'a str,
    pub(super) name: &'a str,
    /// Its address in its host's REST interface.
    pub(super) api: &'a str,
}

/// What a page of a history shows.
pub(super) struct Shown {
    pub(super) commits: Vec<Commit>,
    pub(super) checks: BTreeMap<String, HeadChecks>,
}

/// Reads a page of the history at `path` of an answer. Only pull requests of this very repository are kept.
pub(super) fn read(answered: &Answered<'_>, path: &str, history: History, home: &Home<'_>) -> Shown {
    let mut shown = Shown { commits: Vec::with_capacity(history.nodes.len()), checks: BTreeMap::new() };
    for (n, raw) in history.nodes.into_iter().enumerate() {
        let pull = raw.associated_pull_requests.and_then(|pulls| pulls.nodes.into_iter().flatten().next());
        let pull = pull.filter(|pull| pull.repository.owner.login == home.owner && pull.repository.name == home.name);
        let place = format!("{path}/nodes/{n}/associatedPullRequests/nodes/0");
        let pull_request = pull.map(|mut pull| {
            if pull.merged_at.is_some()
                && let Some(head) = pull.commits.take().and_then(|commits| commits.nodes.into_iter().flatten().next())
            {
                shown
                    .checks
                    .entry(pull.head_ref_oid.clone())
                    .or_insert_with(|| checks(answered, &place, head.commit, format!("{}/statuses/{}", home.api, pull.head_ref_oid)));
            }
            pull_request(answered, &place, pull)
        });
        shown.commits.push(Commit {
            id: raw.oid,
            committed_at: raw.committed_date,
            committer: raw.committer.and_then(|committer| committer.user).map(|user| user.login).unwrap_or_default(),
            marks: review_marks(&raw.message),
            pull_request,
        });
    }
    shown
}

/// Why what is read apart is missing, if it is: by an error, or because the server does not know it.
fn unseen(answered: &Answered<'_>, path: &str, needs: &str) -> Option<Cause> {
    match answered.error(path, &[]) {
        Some(error) => Some(answered.cause(error, needs)),
        None if !answered.has(path) => Some(answered.absent(path, needs)),
        None => None,
    }
}

fn pull_request(answered: &Answered<'_>, place: &str, pull: RawPull) -> PullRequest {
    let reviews = match unseen(answered, &format!("{place}/reviews"), NEEDS_REVIEWS) {
        Some(cause) => Fact::Missing(Gap::new(Facet::Commits, cause)),
        None => Fact::known(
            pull.reviews
                .map(Nodes::all)
                .unwrap_or_default()
                .into_iter()
                .map(|review| Review { author: review.author.map(|author| author.login).unwrap_or_default(), state: review.state })
                .collect(),
        ),
    };
    PullRequest {
        number: pull.number,
        head: pull.head_ref_oid,
        merged_at: pull.merged_at,
        author: user(pull.author),
        merged_by: user(pull.merged_by),
        labels: pull.labels.map(Nodes::all).unwrap_or_default().into_iter().map(|label| label.name).collect(),
        reviews,
    }
}

fn checks(answered: &Answered<'_>, place: &str, head: RawHead, statuses_url: String) -> HeadChecks {
    let place = format!("{place}/commits/nodes/0/commit");
    let missing = |field: &str| Some(Gap::new(Facet::CheckRuns, unseen(answered, &format!("{place}/{field}"), needs(Facet::CheckRuns))?));
    let suites = head.check_suites.map(Nodes::all).unwrap_or_default().into_iter().map(|suite| CheckRun {
        app: suite.app.map(|app| app.slug).unwrap_or_default(),
        status: lower(&suite.status),
        conclusion: lower(suite.conclusion.as_deref().unwrap_or_default()),
    });
    let statuses = head.status.map(|status| status.contexts).unwrap_or_default().into_iter().map(|status| Status {
        state: lower(&status.state),
        context: status.context,
        target_url: status.target_url.unwrap_or_default(),
    });
    HeadChecks {
        suites: missing("checkSuites").map_or_else(|| Fact::known(suites.collect()), Fact::Missing),
        statuses_url,
        statuses: missing("status").map_or_else(|| Fact::known(statuses.collect()), Fact::Missing),
    }
}
