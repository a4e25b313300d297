//! Commits, branches and tags, from which a real Git repository is built, and what GitHub knows beside them.

use std::collections::BTreeMap;

/// What a commit does to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file.
    File(Vec<u8>),
    /// A file with the executable bit.
    Executable(Vec<u8>),
    /// A symbolic link to there.
    Symlink(Vec<u8>),
    /// A submodule at this commit, forty hexadecimal digits.
    Submodule(String),
    /// The path goes away.
    Deleted,
}

/// An author or a committer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name in the commit.
    pub name: String,
    /// The address in the commit.
    pub email: String,
    /// The account that GitHub finds for the address.
    pub login: Option<String>,
}

impl Person {
    /// Somebody whose address belongs to this account.
    pub fn new(login: &str) -> Self {
        Self { name: login.to_owned(), email: format!("{login}@example.org"), login: Some(login.to_owned()) }
    }

    /// GitHub itself, which commits what is merged or edited on its pages.
    pub fn github() -> Self {
        Self { name: "GitHub".to_owned(), email: "noreply@github.com".to_owned(), login: Some("web-flow".to_owned()) }
    }

    /// Somebody whom GitHub cannot match to an account.
    pub fn without_account(name: &str) -> Self {
        Self { name: name.to_owned(), email: format!("{name}@example.org"), login: None }
    }
}

/// What GitHub says of a commit's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Whether it verifies.
    pub valid: bool,
    /// Whether GitHub made it.
    pub by_github: bool,
    /// Whether it is an SSH signature; else it is a GPG one.
    pub ssh: bool,
}

/// Check suites and statuses of a commit.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// The check suites.
    pub suites: Vec<CheckSuite>,
    /// The statuses, newest first, as REST gives them; GraphQL shows the newest of each context.
    pub statuses: Vec<Status>,
}

/// A check suite; REST shows it as one check run.
#[derive(Clone, Debug)]
pub struct CheckSuite {
    /// The slug of the app.
    pub app: String,
    /// `COMPLETED`, `QUEUED` and so on.
    pub status: String,
    /// `SUCCESS`, `NEUTRAL`, `FAILURE` and so on.
    pub conclusion: Option<String>,
}

impl CheckSuite {
    /// A suite that is over.
    pub fn completed(app: &str, conclusion: &str) -> Self {
        Self { app: app.to_owned(), status: "COMPLETED".to_owned(), conclusion: Some(conclusion.to_owned()) }
    }
}

/// A status of a commit.
#[derive(Clone, Debug)]
pub struct Status {
    /// `SUCCESS`, `PENDING`, `FAILURE`, `ERROR`.
    pub state: String,
    /// What set it.
    pub context: String,
    /// Where it leads.
    pub target_url: Option<String>,
}

impl Status {
    /// A status without an address.
    pub fn new(context: &str, state: &str) -> Self {
        Self { state: state.to_owned(), context: context.to_owned(), target_url: None }
    }
}

/// A commit, in Git and on GitHub.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The message.
    pub message: String,
    /// When it was committed and authored.
    pub date: String,
    /// Who wrote it.
    pub author: Person,
    /// Who committed it.
    pub committer: Person,
    /// What GitHub says of its signature; nothing is in the Git object.
    pub signature: Option<Signature>,
    /// What it does to the files of the commit before.
    pub changes: BTreeMap<Vec<u8>, Entry>,
    /// Numbers of the pull requests that it belongs to.
    pub pull_requests: Vec<u64>,
    /// Its own check suites and statuses.
    pub checks: Checks,
}

impl Default for Commit {
    fn default() -> Self {
        Self {
            message: "Work".to_owned(),
            date: "2024-05-01T12:00:00Z".to_owned(),
            author: Person::new("octocat"),
            committer: Person::new("octocat"),
            signature: None,
            changes: BTreeMap::new(),
            pull_requests: Vec::new(),
            checks: Checks::default(),
        }
    }
}

impl Commit {
    /// A commit of this time.
    pub fn at(date: &str) -> Self {
        Self { date: date.to_owned(), ..Self::default() }
    }

    /// Sets the message.
    pub fn message(mut self, message: &str) -> Self {
        self.message = message.to_owned();
        self
    }

    /// Sets who wrote and committed it.
    pub fn by(mut self, login: &str) -> Self {
        self.author = Person::new(login);
        self.committer = Person::new(login);
        self
    }

    /// Writes a file.
    pub fn file(mut self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.changes.insert(path.into(), Entry::File(text.as_ref().to_vec()));
        self
    }

    /// Says that it came in by a pull request.
    pub fn pull_request(mut self, number: u64) -> Self {
        self.pull_requests.push(number);
        self
    }
}

/// A branch beside the default one.
#[derive(Clone, Debug, Default)]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// Which commit of the default branch it leaves from; the newest by default.
    pub from: Option<usize>,
    /// Its own commits, oldest first. Where it leaves from no commit they begin a history of their own.
    pub commits: Vec<Commit>,
    /// Whether it shares no history with the default branch.
    pub orphan: bool,
    /// Whether no ref names it: commits of a fork, which GitHub serves under the parent's name all the same.
    pub hidden: bool,
}

impl Branch {
    /// A branch at the tip of the default one.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

/// Where a tag points.
#[derive(Clone, Debug)]
pub enum Target {
    /// A commit of the default branch, counted from the oldest.
    Commit(usize),
    /// The tip of a branch.
    Branch(String),
}

/// A tag.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Its name.
    pub name: String,
    /// Where it points.
    pub target: Target,
    /// The message of an annotated tag; a lightweight one has none.
    pub message: Option<String>,
}

impl Tag {
    /// A lightweight tag at the tip of a branch.
    pub fn at_branch(name: &str, branch: &str) -> Self {
        Self { name: name.to_owned(), target: Target::Branch(branch.to_owned()), message: None }
    }

    /// A lightweight tag at a commit of the default branch.
    pub fn at_commit(name: &str, commit: usize) -> Self {
        Self { name: name.to_owned(), target: Target::Commit(commit), message: None }
    }
}
