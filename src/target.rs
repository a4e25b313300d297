//! What the user typed, and what it means.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A folder to score, and the revision of it if one was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The folder, as typed.
    pub path: PathBuf,
    /// A branch, tag or commit.
    pub revision: Option<String>,
}

impl Target {
    /// Reads `PATH` or `PATH@REV`. A whole path that exists wins; else the last `@` splits.
    ///
    /// # Errors
    /// Nothing is there, it is no folder, or two different revisions are named.
    pub fn parse(typed: &OsStr, commit: Option<&str>) -> Result<Self, Error> {
        let (path, revision) = split(typed);
        let revision = match (revision, commit) {
            (Some(at), Some(commit)) if at != commit => {
                return Err(Error::Usage(format!("two revisions for one target: @{at} and --commit {commit}")));
            }
            (at, commit) => at.or(commit.map(str::to_owned)),
        };
        let metadata = path.metadata().map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => Error::NoSuchPath { path: PathBuf::from(typed) },
            _ => Error::Unreadable { path: path.clone(), source },
        })?;
        if !metadata.is_dir() {
            return Err(Error::NotAFolder { path });
        }
        Ok(Self { path, revision })
    }
}

fn split(typed: &OsStr) -> (PathBuf, Option<String>) {
    let whole = Path::new(typed);
    let bytes = typed.as_bytes();
    if whole.symlink_metadata().is_err()
        && let Some(at) = bytes.iter().rposition(|byte| *byte == b'@')
        && let Ok(revision) = std::str::from_utf8(&bytes[at + 1..])
        && at > 0
        && !revision.is_empty()
    {
        return (PathBuf::from(OsStr::from_bytes(&bytes[..at])), Some(revision.to_owned()));
    }
    (whole.to_owned(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_path_wins_and_else_the_last_at_sign_splits() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let plain = folder.path().join("a");
        let with_at = folder.path().join("a@b");
        std::fs::create_dir(&plain).expect("a folder");
        let parse = |path: &Path| Target::parse(path.as_os_str(), None);
        assert_eq!(parse(&with_at).expect("splits"), Target { path: plain.clone(), revision: Some("b".into()) });
        std::fs::create_dir(&with_at).expect("a folder");
        assert_eq!(parse(&with_at).expect("whole"), Target { path: with_at.clone(), revision: None });
        let twice = folder.path().join("a@b@c");
        assert_eq!(parse(&twice).expect("the last"), Target { path: with_at, revision: Some("c".into()) });
        assert!(matches!(parse(&folder.path().join("a@")), Err(Error::NoSuchPath { .. })));
        assert!(matches!(Target::parse(plain.join("x").as_os_str(), None), Err(Error::NoSuchPath { .. })));
    }

    #[test]
    fn two_revisions_are_one_too_many() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut typed = folder.path().as_os_str().to_owned();
        assert_eq!(Target::parse(&typed, Some("v1")).expect("one").revision.as_deref(), Some("v1"));
        typed.push("@v1");
        assert_eq!(Target::parse(&typed, Some("v1")).expect("the same twice").revision.as_deref(), Some("v1"));
        assert!(matches!(Target::parse(&typed, Some("v2")), Err(Error::Usage(_))));
    }
}
