//! Where in the cache something is: names of hosts and repositories as names of files, none of which leads elsewhere.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid};

use crate::http::Token;
use crate::transfer::GitSource;

/// The longest name of a file; the longest that file systems take is 255.
const LONGEST: usize = 160;
/// How many folders stand in each other; what a path has more stands in one name.
const DEEPEST: usize = 8;

/// The folder of a commit. One of a private repository is found by its token alone.
pub(super) fn of_commit(folder: &Path, source: &GitSource, commit: &str) -> PathBuf {
    let repository = of_repository(folder, source);
    if source.is_private() { for_token(&repository, source) } else { repository }.join(commit)
}

/// The folders in which a commit can be, where it is not known whether its repository is private.
pub(super) fn of_commit_either(folder: &Path, source: &GitSource, commit: &str) -> [PathBuf; 2] {
    let repository = of_repository(folder, source);
    [repository.join(commit), for_token(&repository, source).join(commit)]
}

/// The folder within that of a repository for what this token may see. No name of a file begins as it does.
fn for_token(repository: &Path, source: &GitSource) -> PathBuf {
    let seen_by = source.token().map_or_else(|| "none".to_owned(), Token::fingerprint);
    repository.join(format!("~{seen_by}"))
}

fn of_repository(folder: &Path, source: &GitSource) -> PathBuf {
    let names = source.names();
    let (first, rest) = names.split_at(names.len().min(DEEPEST));
    let rest = Some(rest.join("/")).filter(|rest| !rest.is_empty());
    let parts = first.iter().map(|name| escape(name)).chain(rest.map(|rest| escape(&rest)));
    folder.join("git").join(parts.collect::<PathBuf>())
}

/// The file of an answer.
pub(super) fn of_answer(folder: &Path, kind: &str, key: &str) -> PathBuf {
    folder.join("answers").join(escape(kind)).join(hash(key))
}

/// A name as the name of a file: never empty, `.`, `..` or hidden, and without anything that leads on.
fn escape(name: &str) -> String {
    let mut out = String::new();
    for (n, byte) in name.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && n > 0) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    if out.is_empty() {
        out.push('%');
    }
    if out.len() > LONGEST {
        out.truncate(LONGEST / 2);
        out.push('~');
        out.push_str(&hash(name));
    }
    out
}

/// A name for what has none. Who makes two keys alike gains nothing: the key stands in the file.
fn hash(text: &str) -> String {
    Oid::hash_object(ObjectType::Blob, text.as_bytes()).map_or_else(|_| "none".to_owned(), |id| id.to_string())
}

#[cfg(test)]
mod tests {
    use std::path::Component;

    use super::*;

    fn place(url: &str) -> String {
        let source = GitSource::new(url, None).expect(url);
        let path = of_commit(Path::new("/c"), &source, &"a".repeat(40));
        assert!(path.components().skip(1).all(|part| matches!(part, Component::Normal(_))), "{url}: {path:?}");
        path.strip_prefix("/c/git").expect("within").parent().expect("a folder").display().to_string()
    }

    #[test]
    fn names_stay_within_the_cache() {
        assert_eq!(place("https://github.com/serde-rs/serde.git"), "github.com/serde-rs/serde");
        assert_eq!(place("http://127.0.0.1:80/o/.github"), "127.0.0.1%3A80/o/%2Egithub");
        assert_eq!(place("https://a.example/../..//x"), "a.example/%2E./%2E./%/x");
        assert_eq!(place("https://a.example/%2e%2e/x"), "a.example/%252e%252e/x");
        let long = place(&format!("https://a.example/{}/x", "y".repeat(1_000)));
        assert!(long.len() < 200, "{long}");
        assert_ne!(long, place(&format!("https://a.example/{}/x", "y".repeat(1_001))));
        assert_eq!(place(&format!("https://a.example{}", "/x".repeat(20))).matches('/').count(), DEEPEST);
        assert!(of_answer(Path::new("/c"), "../x", "../y").starts_with("/c/answers/%2E.%2Fx"));
    }
}
