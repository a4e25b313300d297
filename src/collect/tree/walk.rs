//! Walking folders: the files of a folder without Git, and the untracked ones of a clone.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use carat_checks::evidence::FileKind;
use carat_checks::path::RepoPath;
use carat_checks::role::Role;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::super::beneath::{Kind, Root, TooLong};
use super::super::git::{Entry, Listing};
use super::super::{MAX_DEPTH, Room, depth_bound};

/// A path below a folder.
pub(super) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

/// The longest `.gitignore` that is read, in bytes.
const LONGEST_RULES: u64 = 1 << 20;

/// The `.gitignore` files beneath a root, each read when it is first needed. Nothing above the root counts, and no
/// settings of the user's.
pub(super) struct Rules<'a> {
    root: &'a Root,
    by_folder: HashMap<Vec<u8>, Gitignore>,
    exclude: Gitignore,
    /// The folders whose file is too long to be read.
    too_long: Vec<RepoPath>,
    /// Folders that were asked about, and whether they are left out.
    left_out: HashMap<Vec<u8>, bool>,
}

impl<'a> Rules<'a> {
    /// The rules beneath a root, after those of a clone's own `info/exclude`.
    pub(super) fn new(root: &'a Root, exclude: &[u8]) -> Self {
        Self { root, by_folder: HashMap::new(), exclude: rules(b"", exclude), too_long: Vec::new(), left_out: HashMap::new() }
    }

    /// Whether Git would leave this path out. The folders above it must have been asked about before.
    pub(super) fn ignored(&mut self, path: &[u8], kind: Kind) -> bool {
        let is_folder = kind == Kind::Folder;
        let as_path = Path::new(OsStr::from_bytes(path));
        let mut end = path.len();
        loop {
            end = memrchr_slash(&path[..end]);
            let folder = &path[..end];
            if !self.by_folder.contains_key(folder) {
                let read = rules(folder, &self.read(folder));
                self.by_folder.insert(folder.to_vec(), read);
            }
            if let Some(rules) = self.by_folder.get(folder).filter(|rules| !rules.is_empty()) {
                let matched = rules.matched(as_path, is_folder);
                if !matched.is_none() {
                    return matched.is_ignore();
                }
            }
            if folder.is_empty() {
                return self.exclude.matched(as_path, is_folder).is_ignore();
            }
        }
    }

    /// Whether Git would leave out a folder that holds this path: then nothing in it can be let in again.
    pub(super) fn ignored_above(&mut self, path: &[u8]) -> bool {
        let slashes: Vec<usize> = memchr::memchr_iter(b'/', path).collect();
        slashes.into_iter().any(|slash| {
            let folder = &path[..slash];
            if let Some(known) = self.left_out.get(folder) {
                return *known;
            }
            let ignored = self.ignored(folder, Kind::Folder);
            self.left_out.insert(folder.to_vec(), ignored);
            ignored
        })
    }

    fn read(&mut self, folder: &[u8]) -> Vec<u8> {
        let path = join(folder, b".gitignore");
        match self.root.file(&path, LONGEST_RULES) {
            Some(Ok(text)) => text,
            Some(Err(TooLong)) => {
                self.too_long.push(RepoPath::new(path));
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// What to say of the files that are too long to be read.
    pub(super) fn note(&self) -> Option<String> {
        let (first, others) = self.too_long.split_first()?;
        let more = if others.is_empty() { String::new() } else { format!(" and {} others", others.len()) };
        Some(format!("longer than {} MiB, and so neither read nor followed: {first}{more}", LONGEST_RULES >> 20))
    }
}

/// Where the last component begins, without the slash before it.
fn memrchr_slash(path: &[u8]) -> usize {
    path.iter().rposition(|byte| *byte == b'/').unwrap_or_default()
}

fn rules(folder: &[u8], text: &[u8]) -> Gitignore {
    if text.is_empty() {
        return Gitignore::empty();
    }
    let mut builder = GitignoreBuilder::new(OsStr::from_bytes(folder));
    for line in String::from_utf8_lossy(text).lines() {
        // A pattern that means nothing matches nothing, as in Git.
        let _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

/// What a walk met.
pub(super) struct Walk<'r, 'a> {
    pub(super) rules: &'r mut Rules<'a>,
    /// Whether a folder with a repository of its own is one thing that is not looked into, as it is for a clone.
    closed_repositories: bool,
    room: Room,
    pub(super) ignored: usize,
    pub(super) listing: Listing,
}

impl<'r, 'a> Walk<'r, 'a> {
    pub(super) fn new(rules: &'r mut Rules<'a>, closed_repositories: bool) -> Self {
        Self { rules, closed_repositories, room: Room::default(), ignored: 0, listing: Listing::default() }
    }

    /// Lists what stands below a folder and is not ignored. `.git` folders are left out at any depth.
    pub(super) fn folder(&mut self, folder: &[u8], depth: usize) {
        if depth > MAX_DEPTH {
            self.listing.missing.push((RepoPath::new(folder), depth_bound()));
            return;
        }
        match self.rules.root.entries(folder) {
            Ok(entries) if self.closed_repositories && entries.iter().any(|(name, _)| name == b".git") => {
                self.listing.entries.push(Entry::new(RepoPath::new(folder), FileKind::Submodule, None, Role::of(folder)));
            }
            Ok(entries) => {
                for (name, kind) in entries {
                    self.entry(&join(folder, &name), kind, depth);
                }
            }
            Err(cause) => self.listing.missing.push((RepoPath::new(folder), cause)),
        }
    }

    /// Lists one entry and what stands below it.
    pub(super) fn entry(&mut self, path: &[u8], kind: Kind, depth: usize) {
        // To a clone a file of this name is its own as well; to a plain folder it is a file as any other.
        let is_git = path == b".git" || path.ends_with(b"/.git");
        if is_git && (kind == Kind::Folder || self.closed_repositories) {
            return;
        }
        if !self.room.take(path, 0, &mut self.listing.missing) {
            return;
        }
        if self.rules.ignored(path, kind) {
            self.ignored += 1;
            return;
        }
        match kind {
            Kind::Folder => self.folder(path, depth + 1),
            Kind::File(kind) => self.listing.entries.push(Entry::new(RepoPath::new(path), kind, None, Role::of(path))),
        }
    }

    /// What was met, in the order of Git's trees.
    pub(super) fn finish(mut self) -> (Listing, usize) {
        self.listing.entries.sort_unstable_by(|a, b| a.file.path.cmp(&b.file.path));
        (self.listing, self.ignored)
    }
}
