//! What the user typed, and what it means.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::hosts::{Hosts, is_loopback};

/// What to score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A folder on this machine.
    Local(LocalTarget),
    /// A repository on a host.
    Remote(RemoteTarget),
}

/// A folder to score, and the revision of it if one was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalTarget {
    /// The folder, as typed.
    pub path: PathBuf,
    /// A branch, tag or commit.
    pub revision: Option<String>,
}

/// A repository on a host, and the revision of it if one was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteTarget {
    /// The host, in lower case, with its port if it has an unusual one.
    pub host: String,
    /// Whose repository: several names with slashes between them on hosts that group.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// A branch, tag or commit.
    pub revision: Option<String>,
    /// Whether it is asked for over plain http, as only this very machine may be.
    pub plain: bool,
}

impl RemoteTarget {
    /// `HOST/OWNER/NAME`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}/{}", self.host, self.owner, self.name)
    }
}

/// Somebody who owns repositories on a host: an organisation or a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The host, in lower case.
    pub host: String,
    /// The name.
    pub name: String,
}

impl Owner {
    /// Reads `NAME`, `HOST/NAME`, or the address of a page.
    ///
    /// # Errors
    /// That is no name of an owner.
    pub fn parse(typed: &str, hosts: &Hosts) -> Result<Self, Error> {
        let text = typed.strip_prefix("https://").unwrap_or(typed);
        let text = text.strip_suffix('/').unwrap_or(text);
        let (host, name) = text.split_once('/').unwrap_or((hosts.default_name(), text));
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let is_host = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
        // Its case is of no matter, and a dash at the start is that of an option.
        if !is_host || !(1..=100).contains(&name.len()) || name.starts_with('-') || !name.bytes().all(is_plain) {
            return Err(Error::Usage(format!("{typed:?} is no name of an organisation or a user: NAME or HOST/NAME is wanted")));
        }
        Ok(Self { host: host.to_ascii_lowercase(), name: name.to_owned() })
    }

    /// `HOST/NAME`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.host, self.name)
    }

    /// Its repository of this name.
    #[must_use]
    pub fn repository(&self, name: &str) -> RemoteTarget {
        RemoteTarget { host: self.host.clone(), owner: self.name.clone(), name: name.to_owned(), revision: None, plain: false }
    }
}

impl Target {
    /// Reads `PATH`, `OWNER/NAME`, `HOST/OWNER/NAME`, an address, or one of them with `@REV`.
    ///
    /// A path that exists wins over `OWNER/NAME`, and a whole path over `@REV`; else the last `@` splits. What names a
    /// host that is known, or is an address, is never a path.
    ///
    /// # Errors
    /// Nothing is there, it is no folder, or two different revisions are named.
    pub fn parse(typed: &OsStr, commit: Option<&str>, hosts: &Hosts) -> Result<Self, Error> {
        let one = |at: Option<String>| match (at, commit) {
            (Some(at), Some(commit)) if at != commit => {
                Err(Error::Usage(format!("two revisions for one target: @{at} and --commit {commit}")))
            }
            (at, commit) => Ok(at.or(commit.map(str::to_owned))),
        };
        let text = typed.to_str();
        if let Some(mut remote) = text.and_then(|text| on_named_host(text, hosts)) {
            remote.revision = one(remote.revision)?;
            return Ok(Self::Remote(remote));
        }
        let (path, at) = split(typed);
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => Ok(Self::Local(LocalTarget { path, revision: one(at)? })),
            Ok(_) => Err(Error::NotAFolder { path }),
            // A file with the owner's name says nothing about the repository.
            Err(source) if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                let remote = text.and_then(|text| remote(text, hosts));
                let Some(mut remote) = remote else { return Err(Error::NoSuchPath { path: without_user(typed) }) };
                remote.revision = one(remote.revision)?;
                Ok(Self::Remote(remote))
            }
            Err(source) => Err(Error::Unreadable { path, source }),
        }
    }

    /// The repository on a host that was meant if a folder was not: what was typed reads like its name, and is one of a
    /// folder that exists.
    #[must_use]
    pub fn also_reads_as(typed: &OsStr, hosts: &Hosts) -> Option<RemoteTarget> {
        remote(typed.to_str()?, hosts)
    }
}

/// What was typed, without what stands before the host of an address: it can be a secret.
fn without_user(typed: &OsStr) -> PathBuf {
    let Some(((scheme, rest), text)) = typed.to_str().and_then(|text| Some((text.split_once("://")?, text))) else {
        return PathBuf::from(typed);
    };
    let authority = rest.split('/').next().unwrap_or(rest);
    match authority.rsplit_once('@') {
        Some((user, _)) => PathBuf::from(format!("{scheme}://{}", &rest[user.len() + 1..])),
        None => PathBuf::from(text),
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

/// A repository on a host, if this is its address.
pub(crate) fn address(typed: &str) -> Option<RemoteTarget> {
    if let Some((scheme, rest)) = typed.split_once("://") {
        if !matches!(scheme.to_ascii_lowercase().as_str(), "https" | "http" | "ssh" | "git" | "git+https" | "git+ssh") {
            return None;
        }
        // A password in an address is dropped here, and never seen again.
        let (authority, path) = rest.split_once('/')?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let plain = scheme.eq_ignore_ascii_case("http") && is_loopback(host);
        return on_host(host, path).map(|target| RemoteTarget { plain, ..target });
    }
    if let Some(rest) = typed.strip_prefix("git@") {
        let (host, path) = rest.split_once([':', '/'])?;
        return on_host(host, path);
    }
    None
}

/// A repository on a host, if this is an address, or begins with the name of a host that is known.
fn on_named_host(typed: &str, hosts: &Hosts) -> Option<RemoteTarget> {
    if typed.contains("://") || typed.starts_with("git@") {
        return address(typed);
    }
    let (host, rest) = typed.split_once('/')?;
    if hosts.is_named(host) { on_host(host, rest) } else { None }
}

/// A repository on a host, if this reads like one.
fn remote(typed: &str, hosts: &Hosts) -> Option<RemoteTarget> {
    if typed.starts_with(['.', '/', '~', '-']) {
        return None;
    }
    let (first, rest) = typed.split_once('/')?;
    let is_host = first.contains('.') && rest.split_once('@').map_or(rest, |(path, _)| path).contains('/');
    if is_host {
        return on_host(first, rest);
    }
    // These hosts have no groups.
    on_host(hosts.default_name(), typed).filter(|target| !target.owner.contains('/'))
}

/// A repository by the path of its address.
fn on_host(host: &str, path: &str) -> Option<RemoteTarget> {
    let host = host.to_ascii_lowercase();
    let path = path.split(['?', '#']).next().unwrap_or(path);
    // Names hold no @, revisions may hold slashes.
    let (path, revision) = match path.split_once('@') {
        Some((path, revision)) => (path, Some(revision.to_owned()).filter(|revision| !revision.is_empty())),
        None => (path, None),
    };
    let mut parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let mut shown = None;
    // The page of a branch or commit.
    if parts.len() > 3 && matches!(parts[2], "tree" | "commit" | "commits") {
        shown = Some(parts[3..].join("/"));
        parts.truncate(2);
    }
    let name = parts.pop()?;
    let name = name.strip_suffix(".git").filter(|name| !name.is_empty()).unwrap_or(name);
    let plain = |part: &str| {
        !part.is_empty() && part != "." && part != ".." && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-~".contains(&byte))
    };
    let is_host = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    if !is_host || parts.is_empty() || parts.len() > 20 || !parts.iter().all(|part| plain(part)) || !plain(name) {
        return None;
    }
    Some(RemoteTarget { host, owner: parts.join("/"), name: name.to_owned(), revision: revision.or(shown), plain: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(path: &Path, revision: Option<&str>) -> Target {
        Target::Local(LocalTarget { path: path.to_owned(), revision: revision.map(str::to_owned) })
    }

    fn parse(path: &Path) -> Result<Target, Error> {
        Target::parse(path.as_os_str(), None, &Hosts::default())
    }

    #[test]
    fn a_whole_path_wins_and_else_the_last_at_sign_splits() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let plain = folder.path().join("a");
        let with_at = folder.path().join("a@b");
        std::fs::create_dir(&plain).expect("a folder");
        assert_eq!(parse(&with_at).expect("splits"), local(&plain, Some("b")));
        std::fs::create_dir(&with_at).expect("a folder");
        assert_eq!(parse(&with_at).expect("whole"), local(&with_at, None));
        let twice = folder.path().join("a@b@c");
        assert_eq!(parse(&twice).expect("the last"), local(&with_at, Some("c")));
        assert!(matches!(parse(&folder.path().join("a@")), Err(Error::NoSuchPath { .. })));
        assert!(matches!(parse(&plain.join("x")), Err(Error::NoSuchPath { .. })));
    }

    #[test]
    fn two_revisions_are_one_too_many() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut typed = folder.path().as_os_str().to_owned();
        let parse = |typed: &OsStr, commit| Target::parse(typed, Some(commit), &Hosts::default());
        assert_eq!(parse(&typed, "v1").expect("one"), local(folder.path(), Some("v1")));
        typed.push("@v1");
        assert_eq!(parse(&typed, "v1").expect("the same twice"), local(folder.path(), Some("v1")));
        assert!(matches!(parse(&typed, "v2"), Err(Error::Usage(_))));
        assert!(matches!(parse("no-such-owner/name@v1".as_ref(), "v2"), Err(Error::Usage(_))));
    }

    #[test]
    fn names_and_addresses_of_hosts_are_read() {
        let read = |typed: &str| {
            let hosts = Hosts::default();
            let RemoteTarget { host, owner, name, revision, .. } = on_named_host(typed, &hosts).or_else(|| remote(typed, &hosts))?;
            Some(format!("{host} {owner} {name} {}", revision.unwrap_or_default()))
        };
        for (typed, want) in [
            ("serde-rs/serde", "github.com serde-rs serde "),
            ("a/b.rs", "github.com a b.rs "),
            ("a/b@release/1.0", "github.com a b release/1.0"),
            ("GitHub.com/a/b@v1", "github.com a b v1"),
            ("github.com/a/b.git", "github.com a b "),
            ("https://github.com/a/b/", "github.com a b "),
            ("https://user:secret@github.com/a/b.git", "github.com a b "),
            ("https://github.com/a/b?tab=readme#x", "github.com a b "),
            ("https://github.com/a/b/tree/release/1.0", "github.com a b release/1.0"),
            ("https://github.com/a/b/commit/abc", "github.com a b abc"),
            ("git@github.com:a/b.git", "github.com a b "),
            ("git@github.com:a/b@v2", "github.com a b v2"),
            ("ssh://git@example.org:2222/a/b", "example.org:2222 a b "),
            ("https://gitlab.com/group/sub/name", "gitlab.com group/sub name "),
            ("https://localhost:8080/a/b", "localhost:8080 a b "),
        ] {
            assert_eq!(read(typed).as_deref(), Some(want), "{typed}");
        }
        for typed in [
            "a",
            "a/b/c",
            "./a/b",
            "/a/b",
            "~/a/b",
            "../a/b",
            "a/",
            "a//b",
            "ftp://x/a/b",
            "https://github.com/a",
            "a/..",
            "a/b c",
            "-x/y",
            "a/é",
        ] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }

    #[test]
    fn what_names_a_host_is_never_a_folder_and_a_file_is_no_owner() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("owner"), "").expect("a file");
        let below_a_file = folder.path().join("owner/name");
        assert!(matches!(parse(&below_a_file), Err(Error::NoSuchPath { .. })));
        // A folder `git` or `https:` may stand where the program runs.
        for typed in ["git@github.com:a/b", "https://github.com/a/b", "github.com/a/b"] {
            assert!(on_named_host(typed, &Hosts::default()).is_some(), "{typed}");
        }
        assert_eq!(on_named_host("a/b", &Hosts::default()), None);
        let plain = |typed: &str| address(typed).map(|target| target.plain);
        assert_eq!(plain("http://127.0.0.1:8080/a/b"), Some(true));
        assert_eq!(plain("http://example.org/a/b"), Some(false));
        assert_eq!(plain("https://127.0.0.1:8080/a/b"), Some(false));
    }

    #[test]
    fn owners_are_read() {
        let read = |typed: &str| Owner::parse(typed, &Hosts::default()).ok().map(|owner| owner.full_name());
        for (typed, want) in [
            ("octo-org", "github.com/octo-org"),
            ("GitHub.com/Octo", "github.com/Octo"),
            ("https://github.com/octo/", "github.com/octo"),
            ("localhost:8080/octo", "localhost:8080/octo"),
            ("octo_corp", "github.com/octo_corp"),
        ] {
            assert_eq!(read(typed).as_deref(), Some(want));
        }
        for typed in ["", "/", "a/b/c", "github.com/", "-x", "a b", "é", "https://user:secret@github.com/a", "a\n"] {
            assert_eq!(read(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn no_secret_of_an_address_is_shown() {
        for (typed, want) in [
            ("https://user:secret@github.com/a", "https://github.com/a"),
            ("https://secret@[", "https://["),
            ("ftp://a:b@secret@x/y@z", "ftp://x/y@z"),
            ("a@b", "a@b"),
        ] {
            let error = parse(Path::new(typed)).expect_err(typed);
            assert!(matches!(&error, Error::NoSuchPath { path } if path == Path::new(want)), "{error}");
        }
    }
}
