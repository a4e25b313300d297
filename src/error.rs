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

impl Error {
    /// The exit code of a run that ends with this.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Evidence { .. } => 2,
            Self::NoSuchPath { .. }
            | Self::NotAFolder { .. }
            | Self::Unreadable { .. }
            | Self::NoCommits { .. }
            | Self::Repository { .. }
            | Self::UnknownRevision { .. }
            | Self::NoRevisions { .. } => 3,
            Self::Output { .. } => 5,
            Self::Bug(_) => 70,
            Self::Interrupted => 130,
        }
    }

    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoSuchPath { path } if looks_remote(path) => {
                Some("this version scores folders on this machine: clone the repository first, then name its folder".to_owned())
            }
            Self::NoSuchPath { .. } => Some("name an existing folder, or one with @REV behind it".to_owned()),
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
            Self::Output { .. } => Some("name a file in a folder that exists and that you may write to".to_owned()),
            Self::Unreadable { .. } => Some("see that you may read it".to_owned()),
            Self::Bug(_) => Some("please report it, with the command line and the repository if you may".to_owned()),
            _ => None,
        }
    }
}

/// Whether a path that does not exist reads like a repository of a host.
fn looks_remote(path: &std::path::Path) -> bool {
    let text = path.to_string_lossy();
    let parts: Vec<&str> = text.split('/').collect();
    text.contains("://")
        || text.starts_with("git@")
        || (parts.len() == 2 && !text.starts_with(['.', '/', '~']) && parts.iter().all(|part| !part.is_empty()))
        || (parts.len() == 3 && parts[0].contains('.') && !parts[0].starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_hosts_are_told_from_paths() {
        for remote in ["serde-rs/serde", "github.com/a/b", "https://github.com/a/b", "git@github.com:a/b"] {
            assert!(looks_remote(remote.as_ref()), "{remote}");
        }
        for path in ["./a/b", "/a/b", "a", "a/", "~/b", "../a/b"] {
            assert!(!looks_remote(path.as_ref()), "{path}");
        }
    }
}
