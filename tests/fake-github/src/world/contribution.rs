//! Pull requests, issues, and who contributed how much.

use super::account::Actor;
use super::commit::Checks;
use super::oid_of;

/// A review of a pull request.
#[derive(Clone, Debug)]
pub struct Review {
    /// `APPROVED`, `COMMENTED`, `CHANGES_REQUESTED`, `DISMISSED`.
    pub state: String,
    /// Who wrote it; absent for a deleted account.
    pub author: Option<Actor>,
}

/// A pull request.
#[derive(Clone, Debug)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// The repository that it belongs to, where it is another one than that whose commits name it.
    pub repository: Option<String>,
    /// Its last commit, which no repository has to hold.
    pub head_oid: String,
    /// What it is to be merged into.
    pub base: String,
    /// When it was opened.
    pub created_at: String,
    /// When it was merged, if it was.
    pub merged_at: Option<String>,
    /// Who opened it; absent for a deleted account.
    pub author: Option<Actor>,
    /// Who merged it.
    pub merged_by: Option<Actor>,
    /// Its labels.
    pub labels: Vec<String>,
    /// Its reviews, oldest first.
    pub reviews: Vec<Review>,
    /// Check suites and statuses of its last commit.
    pub checks: Checks,
}

impl PullRequest {
    /// A pull request that was merged at this time by the one who opened it.
    pub fn merged(number: u64, author: &str, at: &str) -> Self {
        Self {
            number,
            repository: None,
            head_oid: oid_of(&format!("head of #{number} at {at}")),
            base: "main".to_owned(),
            created_at: at.to_owned(),
            merged_at: Some(at.to_owned()),
            author: Some(Actor::user(author)),
            merged_by: Some(Actor::user(author)),
            labels: Vec::new(),
            reviews: Vec::new(),
            checks: Checks::default(),
        }
    }

    /// Adds an approval.
    pub fn approved_by(mut self, login: &str) -> Self {
        self.reviews.push(Review { state: "APPROVED".to_owned(), author: Some(Actor::user(login)) });
        self
    }

    /// Adds a check suite that succeeded.
    pub fn checked_by(mut self, app: &str) -> Self {
        self.checks.suites.push(super::CheckSuite::completed(app, "SUCCESS"));
        self
    }
}

/// A comment on an issue.
#[derive(Clone, Debug)]
pub struct Comment {
    /// When it was written.
    pub created_at: String,
    /// `OWNER`, `MEMBER`, `COLLABORATOR`, `CONTRIBUTOR`, `NONE` and so on.
    pub association: String,
    /// Who wrote it.
    pub author: Option<Actor>,
}

/// An issue.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Its number.
    pub number: u64,
    /// When it was opened.
    pub created_at: String,
    /// When something last happened to it.
    pub updated_at: String,
    /// Who opened it.
    pub author: Option<Actor>,
    /// How they stand to the repository.
    pub association: String,
    /// `OPEN` or `CLOSED`.
    pub state: String,
    /// Its comments, oldest first.
    pub comments: Vec<Comment>,
}

impl Issue {
    /// An open issue.
    pub fn new(number: u64, author: &str, association: &str, at: &str) -> Self {
        Self {
            number,
            created_at: at.to_owned(),
            updated_at: at.to_owned(),
            author: Some(Actor::user(author)),
            association: association.to_owned(),
            state: "OPEN".to_owned(),
            comments: Vec::new(),
        }
    }

    /// Adds a comment.
    pub fn comment(mut self, author: &str, association: &str, at: &str) -> Self {
        self.comments.push(Comment { created_at: at.to_owned(), association: association.to_owned(), author: Some(Actor::user(author)) });
        self
    }
}

/// Somebody who contributed.
#[derive(Clone, Debug)]
pub struct Contributor {
    /// The login, of a bot with `[bot]`. An empty one is an anonymous contributor.
    pub login: String,
    /// The number of their commits.
    pub contributions: u64,
}

impl Contributor {
    /// Somebody with so many commits.
    pub fn new(login: &str, contributions: u64) -> Self {
        Self { login: login.to_owned(), contributions }
    }
}
