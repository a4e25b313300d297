//! Refs: which commit a name stands for. Read from their files beneath the git directory, so that no configuration is
//! believed and no link is followed. The forms: <https://git-scm.com/docs/gitrepository-layout>.

use carat_checks::evidence::FileKind;
use git2::Oid;

use super::super::beneath::{Kind, Root, TooLong};

/// The longest list of packed refs that is read, in bytes: some half a million refs.
const LONGEST_LIST: u64 = 64 << 20;
/// How often a ref may name another.
const LONGEST_CHAIN: usize = 5;
/// How many names are looked at for the sake of a suggestion.
const MOST_NAMES: usize = 10_000;

/// The refs of a repository.
pub(super) struct Refs<'a> {
    /// Its git directory, which holds `HEAD`.
    pub(super) directory: &'a Root,
    /// The git directory that holds all other refs: a linked worktree shares them.
    pub(super) common: &'a Root,
}

/// What a ref's file says.
enum Ref {
    Object(Oid),
    Name(String),
}

impl Refs<'_> {
    /// The object that `HEAD` names, or the name of the branch that it names in vain.
    pub(super) fn head(&self) -> Result<Oid, Option<String>> {
        match self.directory.small_file(b"HEAD", LONGEST_LIST).as_deref().and_then(parse) {
            Some(Ref::Object(id)) => Ok(id),
            Some(Ref::Name(name)) => self.get(&name).ok_or(Some(name)),
            None => Err(None),
        }
    }

    /// The object that a name stands for, looked up as `git rev-parse` does it.
    pub(super) fn find(&self, name: &str) -> Option<Oid> {
        if matches!(name, "HEAD" | "@") {
            return self.head().ok();
        }
        let places = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
        let found = places.iter().find_map(|place| self.get(&format!("{place}{name}")));
        found.or_else(|| self.get(&format!("refs/remotes/{name}/HEAD")))
    }

    /// The object of a ref by its full name.
    fn get(&self, name: &str) -> Option<Oid> {
        let mut name = name.to_owned();
        for _ in 0..LONGEST_CHAIN {
            // Only names below `refs/` are refs; other files of the git directory are none.
            if !name.starts_with("refs/") || !is_sound(&name) {
                return None;
            }
            match self.common.small_file(name.as_bytes(), 4 << 10).as_deref().and_then(parse) {
                Some(Ref::Object(id)) => return Some(id),
                Some(Ref::Name(next)) => name = next,
                None => return self.packed().find(|(packed, _)| *packed == name).map(|(_, id)| id),
            }
        }
        None
    }

    fn packed(&self) -> impl Iterator<Item = (String, Oid)> {
        let text = self.common.small_file(b"packed-refs", LONGEST_LIST).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<(String, Oid)> = text
            .lines()
            .filter(|line| !line.starts_with(['#', '^']))
            .filter_map(|line| {
                let (id, name) = line.split_once(' ')?;
                Some((name.to_owned(), Oid::from_str(id).ok()?))
            })
            .collect();
        lines.into_iter()
    }

    /// Whether there are more packed refs than are read.
    pub(super) fn are_too_many(&self) -> bool {
        matches!(self.common.file(b"packed-refs", LONGEST_LIST), Some(Err(TooLong)))
    }

    /// Whether there is any ref at all.
    pub(super) fn is_empty(&self) -> bool {
        self.packed().next().is_none() && self.loose().is_empty()
    }

    /// The names of branches and tags, as one would type them.
    pub(super) fn names(&self) -> Vec<String> {
        let packed = self.packed().map(|(name, _)| name);
        let short = |name: String| {
            let places = ["refs/tags/", "refs/heads/", "refs/remotes/"];
            places.iter().find_map(|place| name.strip_prefix(place)).map(str::to_owned)
        };
        self.loose().into_iter().chain(packed).filter_map(short).take(MOST_NAMES).collect()
    }

    fn loose(&self) -> Vec<String> {
        let mut out = Vec::new();
        let mut folders = vec!["refs".to_owned()];
        while let Some(folder) = folders.pop() {
            for (name, kind) in self.common.entries(folder.as_bytes()).unwrap_or_default() {
                let Ok(name) = String::from_utf8(name) else { continue };
                let path = format!("{folder}/{name}");
                match kind {
                    Kind::Folder if folders.len() < MOST_NAMES => folders.push(path),
                    Kind::File(FileKind::Regular) if out.len() < MOST_NAMES => out.push(path),
                    _ => {}
                }
            }
        }
        out
    }
}

fn parse(text: &[u8]) -> Option<Ref> {
    let text = std::str::from_utf8(text).ok()?.trim_end();
    match text.strip_prefix("ref:") {
        Some(name) => Some(Ref::Name(name.trim_start().to_owned())),
        None => Oid::from_str(text.get(..40)?).ok().map(Ref::Object),
    }
}

fn is_sound(name: &str) -> bool {
    !name.contains(|c: char| c.is_control()) && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}
