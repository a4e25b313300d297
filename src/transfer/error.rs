//! Why a commit cannot be fetched.

use http::StatusCode;

use crate::error::Problem;
use crate::http::Failure;

/// Why a commit cannot be fetched, or a name not be resolved.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FetchError {
    /// What was given is no address of a repository.
    #[error("that is no address of a repository")]
    NoAddress,
    /// What was given is no commit's id.
    #[error("that is no commit's id")]
    NoCommitId,
    /// The request failed.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The host wants to know who asks, or does not let this one in. Hosts answer so for what does not exist, too.
    #[error("{}", denied(*.with_token))]
    Denied {
        /// Whether a token was sent.
        with_token: bool,
        /// 401 or 403.
        status: StatusCode,
    },
    /// There is no such repository, or none that may be seen.
    #[error("there is no such repository, or it is private")]
    NotFound,
    /// The host answered otherwise than with a repository.
    #[error("the host answered {status} instead of a repository")]
    Status {
        /// 300 to 499.
        status: StatusCode,
    },
    /// The repository does not have the commit.
    #[error("the repository has no such commit")]
    UnknownCommit,
    /// The repository has no such branch or tag.
    #[error("the repository has no branch or tag of that name")]
    UnknownRevision,
    /// There is no commit in it, or its `HEAD` names no branch that exists.
    #[error("the repository has no commits, or its HEAD names no branch that exists")]
    NoHead,
    /// The host speaks an older version of the protocol alone.
    #[error("the host speaks no version 2 of Git's protocol")]
    OldProtocol,
    /// The repository stores its objects by SHA-256.
    #[error("the repository stores its objects by SHA-256, which this version cannot read")]
    Sha256,
    /// What the host says went wrong there.
    #[error("the host says: {0}")]
    Said(String),
    /// The answer ended before its end.
    #[error("the answer was cut off")]
    Cut,
    /// The answer is none of Git's.
    #[error("the host's answer is not as Git's protocol has it: {0}")]
    Malformed(&'static str),
    /// There is more of it than is taken in.
    #[error("the repository is too large: more than {bound}")]
    TooLarge {
        /// Of what.
        bound: String,
    },
    /// The pack cannot be unpacked.
    #[error("what the host sent cannot be unpacked: {0}")]
    Pack(String),
    /// It cannot be stored on this machine.
    #[error("it cannot be stored: {0}")]
    Disk(String),
}

const fn denied(with_token: bool) -> &'static str {
    if with_token {
        "the host does not let this token in: it is wrong or expired, or may not see the repository"
    } else {
        "the host wants a token: the repository is private, or does not exist"
    }
}

impl FetchError {
    /// What this means for a whole repository, of which a revision was asked for.
    pub(crate) fn problem(self, revision: Option<&str>) -> Problem {
        match self {
            Self::Denied { with_token: false, status: StatusCode::FORBIDDEN } => {
                Problem::Forbidden { why: "it answered 403, though it was not asked in anybody's name".to_owned() }
            }
            Self::NotFound | Self::Denied { with_token: false, .. } => Problem::NotFoundWithoutToken,
            Self::Status { status: StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS } => {
                Problem::Blocked { why: "it may not be shown for legal reasons".to_owned() }
            }
            Self::UnknownRevision | Self::UnknownCommit if revision.is_some() => {
                Problem::UnknownRevision { revision: revision.unwrap_or_default().to_owned() }
            }
            other => Problem::Failed { why: other.to_string() },
        }
    }

    /// Whether the same may succeed a moment later.
    pub(super) const fn may_pass(&self) -> bool {
        matches!(self, Self::Cut | Self::Pack(_) | Self::Failed(Failure::Reset { .. } | Failure::Timeout { .. }))
    }

    /// What a host says went wrong, as it may be shown.
    pub(super) fn said(text: &[u8]) -> Self {
        const LONGEST: usize = 300;
        let text = String::from_utf8_lossy(text);
        let text = text.trim();
        if text.contains("not our ref") || text.contains("bad object") {
            return Self::UnknownCommit;
        }
        Self::Said(text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect())
    }
}
