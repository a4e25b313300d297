//! What a repository is, by the answer to a document about it, or why it cannot be told.

use http::HeaderMap;
use serde::Deserialize;

use super::answer::{Answered, shown};
use super::commits::Login;
use super::{Github, Identity, Opening};
use crate::error::Problem;
use crate::http::Failure;
use crate::http::graphql::{Answer, Trouble, Unanswered};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawIdentity {
    name: String,
    owner: Login,
    #[serde(default)]
    is_private: bool,
    viewer_permission: Option<String>,
    default_branch_ref: Option<RawRef>,
    revision: Option<RawObject>,
    branch: Option<RawRefName>,
    tag: Option<RawRefName>,
}

#[derive(Deserialize)]
struct RawRef {
    name: String,
    target: Option<RawObject>,
}

/// A ref that is there.
#[derive(Deserialize)]
struct RawRefName {}

#[derive(Deserialize)]
struct RawObject {
    oid: Option<String>,
}

/// The header in which GitHub says that an owner wants single sign-on, and where.
const SSO: &str = "x-github-sso";

/// Why a document was not answered.
#[derive(Debug)]
pub(super) enum Refused {
    /// It may have asked for too much at once.
    TooMuch {
        why: String,
    },
    Problem(Problem),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooMuch { why } => Self::Failed { why },
            Refused::Problem(problem) => problem,
        }
    }
}

/// The commit that a tag leads to which is an object of its own, if that is what a revision is.
pub(super) fn tagged<'a>(answered: &Answered<'a>) -> Option<&'a str> {
    let revision = answered.value("repository/revision");
    if revision.get("__typename")?.as_str()? != "Tag" {
        return None;
    }
    let target = revision.get("target")?;
    target.get("target").unwrap_or(target).get("oid")?.as_str()
}

/// Where a token is to be authorised for single sign-on.
fn sso_url(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(SSO)?.to_str().ok()?;
    let url = said.split("url=").nth(1)?.split(';').next()?.trim();
    Some(url.to_owned()).filter(|url| url.starts_with("https://"))
}

impl Github {
    /// What it means for a whole document that there is no answer.
    pub(super) fn refused(&self, unanswered: Unanswered) -> Refused {
        Refused::Problem(match unanswered {
            Unanswered::Failed(failure) if is_too_much(&failure) => return Refused::TooMuch { why: failure.to_string() },
            Unanswered::Refused { status, message, headers } => match status.as_u16() {
                _ if headers.contains_key(SSO) => Problem::SingleSignOn { url: sso_url(&headers) },
                401 => Problem::BadToken { host: self.host.name.clone() },
                403 => Problem::Forbidden { why: shown(&message) },
                451 => Problem::Blocked { why: shown(&message) },
                status => Problem::Failed { why: format!("{} answered {status}: {}", self.host.name, shown(&message)) },
            },
            other => Problem::Failed { why: other.to_string() },
        })
    }

    /// Why there is nothing in an answer, if the host ran out of time or means.
    pub(super) fn too_much(&self, answer: &Answer) -> Option<Refused> {
        let error = answer.errors.first().filter(|error| answer.data.is_none() && ran_out(error))?;
        Some(Refused::TooMuch { why: format!("{}: {}", self.host.name, shown(&error.message)) })
    }

    pub(super) fn identity(&self, answer: &Answer, opening: &Opening<'_>) -> Result<Identity, Refused> {
        let answered = Answered::new(&self.host.name, answer);
        if answered.value("repository").is_null() {
            return Err(self.not_shown(answer));
        }
        let raw = RawIdentity::deserialize(answered.value("repository"))
            .map_err(|error| Problem::Failed { why: format!("{} answered what cannot be read: {error}", self.host.name) })?;
        let unseen = |path: &str| {
            let error = answered.error(path, &["history", "branchProtectionRule", "refUpdateRule"])?;
            Some(Problem::Failed { why: format!("{}: {}", self.host.name, shown(&error.message)) })
        };
        let head = raw.default_branch_ref.as_ref().and_then(|branch| branch.target.as_ref()).and_then(|target| target.oid.clone());
        if head.is_none()
            && let Some(problem) = unseen("repository/defaultBranchRef")
        {
            return Err(problem.into());
        }
        let commit = match opening.revision {
            None => head.clone(),
            Some(revision) => match raw.revision.and_then(|object| object.oid) {
                Some(commit) => Some(commit),
                None => {
                    let unknown = Problem::UnknownRevision { revision: revision.to_owned() };
                    return Err(unseen("repository/revision").unwrap_or(unknown).into());
                }
            },
        };
        Ok(Identity {
            owner: raw.owner.login,
            name: raw.name,
            is_present: commit == head,
            commit,
            branch: raw.default_branch_ref.map(|branch| branch.name),
            is_private: raw.is_private,
            is_unseen: false,
            is_named: raw.branch.is_some() || raw.tag.is_some(),
            is_admin: raw.viewer_permission.as_deref() == Some("ADMIN"),
        })
    }

    /// What it means that an answer does not show what was asked for.
    pub(super) fn not_shown(&self, answer: &Answer) -> Refused {
        let Some(error) = answer.errors.first() else {
            return Problem::Failed { why: format!("{} answered without what was asked for", self.host.name) }.into();
        };
        let why = shown(&error.message);
        match error.kind.as_deref() {
            Some("NOT_FOUND") => Problem::NotFound,
            _ if why.contains("SAML") => Problem::SingleSignOn { url: sso_url(&answer.headers) },
            Some("FORBIDDEN" | "INSUFFICIENT_SCOPES") => Problem::Forbidden { why },
            Some("SERVICE_UNAVAILABLE") if why.contains("blocked") => Problem::Blocked { why },
            _ if ran_out(error) => return Refused::TooMuch { why: format!("{}: {why}", self.host.name) },
            _ => Problem::Failed { why: format!("{}: {why}", self.host.name) },
        }
        .into()
    }
}

/// Whether GitHub says so that it ran out of time or means for a whole document.
fn ran_out(error: &Trouble) -> bool {
    error.path.is_empty() && matches!(error.kind.as_deref(), None | Some("RESOURCE_LIMITS_EXCEEDED"))
}

/// Whether a failure can come from too large a question.
const fn is_too_much(failure: &Failure) -> bool {
    match failure {
        Failure::Status { status, .. } => matches!(status.as_u16(), 502 | 504),
        Failure::Timeout { .. } | Failure::TooLarge { .. } => true,
        _ => false,
    }
}
