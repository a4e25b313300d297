//! Why a run cannot go on. What merely cannot be seen is no error but a gap in the evidence; a bug panics.

use std::io;
use std::path::PathBuf;

/// A run that cannot go on. Each kind has an exit code, which is documented in the README.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing is there. Exit code 3.
    #[error("no such path: {}", .path.display())]
    NoSuchPath {
        /// As the user typed it.
        path: PathBuf,
    },
    /// A file is there. Exit code 3.
    #[error("not a folder: {}", .path.display())]
    NotAFolder {
        /// As the user typed it.
        path: PathBuf,
    },
    /// It cannot be read. Exit code 3.
    #[error("cannot read {}: {source}", .path.display())]
    Unreadable {
        /// What cannot be read.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A repository in which nothing has been committed. Exit code 3.
    #[error("the repository {} has no commits", .path.display())]
    NoCommits {
        /// The repository.
        path: PathBuf,
    },
    /// A repository of a kind that cannot be read. Exit code 3.
    #[error("cannot read the repository {}: {why}", .path.display())]
    Repository {
        /// The repository.
        path: PathBuf,
        /// What about it cannot be read.
        why: String,
    },
    /// A revision that the repository does not know. Exit code 3.
    #[error("unknown revision {revision:?} in {}", .path.display())]
    UnknownRevision {
        /// The repository.
        path: PathBuf,
        /// As the user typed it.
        revision: String,
        /// The most similar names that it does know.
        near: Vec<String>,
        /// A few of its branches and tags, where none is similar.
        others: Vec<String>,
        /// Whether the clone is shallow, so that older commits are not in it.
        shallow: bool,
    },
    /// A revision of something that has none. Exit code 3.
    #[error("no revision {revision:?}: {} is a folder without Git", .path.display())]
    NoRevisions {
        /// The folder.
        path: PathBuf,
        /// As the user typed it.
        revision: String,
    },
    /// A repository on a host that cannot be assessed. Exit code 3.
    #[error("cannot assess {name}: {problem}")]
    Remote {
        /// The repository, with its host.
        name: String,
        /// Why it cannot be.
        problem: Problem,
    },
    /// What an owner has cannot be listed. Exit code 3.
    #[error("cannot list the repositories of {name}: {problem}")]
    Owner {
        /// The owner, with its host.
        name: String,
        /// Why they cannot be.
        problem: Problem,
    },
    /// GitHub's own program, from which a token was wanted, hands out none. Exit code 2.
    #[error("cannot take a token for {host} from gh: {why}")]
    NoTokenFromGh {
        /// The host.
        host: String,
        /// Why not.
        why: NoTokenFromGh,
    },
    /// No connection can be made: a file of certificates or the address of a proxy is wrong. Exit code 2.
    #[error(transparent)]
    Connections(#[from] crate::http::Error),
    /// A file that was to hold a saved run. Exit code 2.
    #[error("cannot use {}: expected evidence saved by carat, schema {}, found {found}", .path.display(), carat_checks::evidence::SCHEMA)]
    Evidence {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        found: String,
    },
    /// Wrong usage. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The advisory database cannot be used or brought up to date. Exit code 5.
    #[error(transparent)]
    Advisories(#[from] crate::advisories::Error),
    /// Output could not be written. Exit code 5.
    #[error("cannot write {what}: {source}")]
    Output {
        /// Where to.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// The user interrupted the run. Exit code 130.
    #[error("interrupted")]
    Interrupted,
    /// A bug of ours. Exit code 70.
    #[error("a bug in carat: {0}")]
    Bug(String),
}

/// Why GitHub's own program hands out no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTokenFromGh {
    /// It was not found.
    #[error("there is no such program in the folders of PATH that are named in full and are not to be scored")]
    NoGh,
    /// It knows none for the host.
    #[error("it is not logged in there")]
    NotLoggedIn,
    /// It could not be run, or what it wrote is no token.
    #[error("{why}")]
    Failed {
        /// Why.
        why: String,
    },
}

/// Why a repository on a host cannot be assessed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is not there, or this token may not see it: hosts do not tell which.
    #[error("no such repository, or one that this token may not see")]
    NotFound,
    /// It is not there, or may not be seen without a token.
    #[error("no such repository, or a private one: without a token hosts show only public ones")]
    NotFoundWithoutToken,
    /// There is no such owner, or this token may not see it.
    #[error("no such organisation or user, or one that this token may not see")]
    NoSuchOwner,
    /// Nobody is told without a token.
    #[error("its host tells that only with a token")]
    NeedsToken,
    /// The host does not accept the token.
    #[error("{host} does not accept the token: it is wrong, expired or withdrawn")]
    BadToken {
        /// Who does not.
        host: String,
    },
    /// The host does not accept the app.
    #[error("{host} does not accept the app {app}: {why}")]
    BadApp {
        /// Who does not.
        host: String,
        /// The app's number or client ID.
        app: String,
        /// What the host says.
        why: String,
    },
    /// The app is installed at other owners.
    #[error("the app {app} is not installed for {owner}")]
    NotInstalled {
        /// The app's number or client ID.
        app: String,
        /// The owner of the repository.
        owner: String,
    },
    /// The installation that the user named is none of the app.
    #[error("the app {app} has no installation {installation}")]
    NoInstallation {
        /// The app's number or client ID.
        app: String,
        /// As the user named it.
        installation: u64,
    },
    /// A variable for a token is there, and holds none.
    #[error("the variable {variable} is empty")]
    EmptyToken {
        /// Its name.
        variable: String,
    },
    /// The owner wants single sign-on, and the token is not authorised for it.
    #[error("its owner wants single sign-on, for which the token is not authorised")]
    SingleSignOn {
        /// Where to authorise it.
        url: Option<String>,
    },
    /// The token lacks a permission, or the owner forbids this way of access.
    #[error("the host refuses access: {why}")]
    Forbidden {
        /// What the host says.
        why: String,
    },
    /// The host has blocked the repository.
    #[error("the host has blocked it: {why}")]
    Blocked {
        /// What the host says.
        why: String,
    },
    /// It has no such branch, tag or commit.
    #[error("unknown revision {revision:?}")]
    UnknownRevision {
        /// As the user typed it.
        revision: String,
    },
    /// The commit is not in the history of the default branch, and no branch or tag leads to it: hosts serve the commits of
    /// forks as well.
    #[error(
        "neither its default branch's history has the commit {commit}, nor is it the tip of a branch or a tag; it may come from a fork"
    )]
    Unreachable {
        /// The full id.
        commit: String,
    },
    /// Whether the commit is one of the repository's own is more than Git can tell.
    #[error("the commit {commit} is at the tip of none of its branches and tags; whether it is in their history, Git does not tell")]
    Unproven {
        /// The full id.
        commit: String,
    },
    /// Nobody may be asked.
    #[error("--offline asks nobody, and the files are not in the cache")]
    Offline,
    /// A clone has no origin on a host that is known.
    #[error("{why}")]
    NoOrigin {
        /// Why not.
        why: String,
    },
    /// Asking failed.
    #[error("{why}")]
    Failed {
        /// Why.
        why: String,
    },
}

/// How to get a token for a repository, named with its host, and where to put it.
pub(crate) fn how_to_get_a_token(repository: &str) -> String {
    let host = repository.split('/').next().unwrap_or(repository);
    if host == crate::hosts::GITHUB {
        return "set GITHUB_TOKEN to one (`gh auth token` prints one); docs/tokens.md tells more".to_owned();
    }
    format!("set GH_HOST to {host} and GH_ENTERPRISE_TOKEN to one, if it is a GitHub Enterprise server; docs/tokens.md tells more")
}

impl Problem {
    /// What the user can do about it, where `name` is the repository, with its host.
    fn hint(&self, name: &str) -> Option<String> {
        let token = how_to_get_a_token(name);
        Some(match self {
            Self::NotFound => "see that the name is right, and that the token belongs to somebody who may read the repository".to_owned(),
            Self::NotFoundWithoutToken => format!("see that the name is right; for a private repository a token is needed: {token}"),
            Self::NoSuchOwner => "see that the name is right, and that the token belongs to somebody who may see it".to_owned(),
            Self::NeedsToken => token,
            Self::BadToken { .. } => format!("get a new token: {token}"),
            Self::BadApp { .. } => {
                "see that GITHUB_APP_ID is the app's, that GITHUB_APP_KEY_PATH holds one of its keys, and that the clock is right"
                    .to_owned()
            }
            Self::NotInstalled { .. } => {
                "install it there, or name an installation in GITHUB_APP_INSTALLATION_ID, which sees what is public everywhere".to_owned()
            }
            Self::NoInstallation { .. } => "correct GITHUB_APP_INSTALLATION_ID, or unset it to have it found".to_owned(),
            Self::EmptyToken { variable } => format!("put a token into {variable}, or unset it to go without one"),
            Self::Unproven { .. } => format!("with a token its host can be asked ({token}); --allow-unreachable scores it all the same"),
            Self::SingleSignOn { url: Some(url) } => format!("authorise it at {url}"),
            Self::SingleSignOn { url: None } => "authorise it on the host's page of tokens, under \"Configure SSO\"".to_owned(),
            Self::Forbidden { .. } => "a token with more permissions may help; docs/tokens.md tells which".to_owned(),
            Self::UnknownRevision { .. } => "name a branch, a tag, or a commit of the repository by its full id".to_owned(),
            Self::Unreachable { .. } => "name the fork that has it, or give --allow-unreachable to score it all the same".to_owned(),
            Self::Offline => "name a commit that was scored before by its full id, or leave --offline out".to_owned(),
            Self::NoOrigin { .. } => "leave --with-host out, or name the repository on its host".to_owned(),
            Self::Blocked { .. } | Self::Failed { .. } => return None,
        })
    }
}

impl Error {
    /// The exit code of a run that ends with this.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Evidence { .. } | Self::Connections(_) | Self::NoTokenFromGh { .. } => 2,
            Self::NoSuchPath { .. }
            | Self::NotAFolder { .. }
            | Self::Unreadable { .. }
            | Self::NoCommits { .. }
            | Self::Repository { .. }
            | Self::UnknownRevision { .. }
            | Self::NoRevisions { .. }
            | Self::Remote { .. }
            | Self::Owner { .. } => 3,
            Self::Output { .. } | Self::Advisories(_) => 5,
            Self::Bug(_) => 70,
            Self::Interrupted => 130,
        }
    }

    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoSuchPath { .. } => Some("name an existing folder, or a repository on a host as OWNER/NAME; @REV may follow".to_owned()),
            Self::Remote { name, problem } | Self::Owner { name, problem } => problem.hint(name),
            Self::NotAFolder { .. } => Some("name the folder that holds the repository".to_owned()),
            Self::NoCommits { .. } => {
                Some("commit something first; to score files that no commit holds, copy them to a folder without Git".to_owned())
            }
            Self::UnknownRevision { near, others, shallow, .. } => {
                let names = match (near.as_slice(), others.as_slice()) {
                    ([], []) => "it has no branches and no tags".to_owned(),
                    ([], others) => format!("some of its branches and tags: {}", others.join(", ")),
                    (near, _) => format!("did you mean {}?", near.join(" or ")),
                };
                Some(if *shallow { format!("{names}; the clone is shallow, older commits are not in it") } else { names })
            }
            Self::NoRevisions { .. } => Some("leave the revision out, or name a clone".to_owned()),
            Self::Evidence { .. } => Some("carat score PATH --format evidence=FILE saves a run".to_owned()),
            Self::NoTokenFromGh { why: NoTokenFromGh::NoGh, .. } => {
                Some("install it, or set GITHUB_TOKEN and leave --token-from out".to_owned())
            }
            Self::NoTokenFromGh { host, .. } => Some(format!("gh auth login --hostname {host} logs in")),
            Self::Advisories(error) => Some(error.hint().to_owned()),
            Self::Output { .. } => Some("name a file in a folder that exists and that you may write to".to_owned()),
            Self::Unreadable { .. } => Some("see that you may read it".to_owned()),
            Self::Bug(_) => Some("please report it, with the command line and the repository if you may".to_owned()),
            _ => None,
        }
    }
}
