//! Lists of files: of an index, and of a commit's tree.

use carat_checks::evidence::{FileKind, ObjectId};
use carat_checks::path::RepoPath;
use carat_checks::role::Roles;
use git2::{ObjectType, Odb, Oid, Repository};

use super::super::{MAX_DEPTH, MAX_ENTRIES, depth_bound, entries_bound};
use super::libgit2::{size, unreadable};
use super::{Cause, Entry, Listing, index};

/// The files that an index lists. `objects` opens the repository's objects: a sparse index leaves out what they hold.
pub(super) fn index(bytes: &[u8], objects: impl FnOnce() -> Option<Repository>) -> Result<Listing, &'static str> {
    let mut roles = Roles::default();
    let mut listing = Listing::default();
    let mut folders: Vec<(Vec<u8>, Oid)> = Vec::new();
    index::read(bytes, |entry| {
        let path = &*entry.path;
        if listing.entries.len() == MAX_ENTRIES {
            listing.missing.push((RepoPath::new(path), entries_bound()));
            return false;
        }
        if path.iter().filter(|byte| **byte == b'/').count() > MAX_DEPTH {
            listing.missing.push((RepoPath::new(path), depth_bound()));
        } else if entry.is_folder() {
            folders.extend(Oid::from_bytes(&entry.object.0).ok().map(|tree| (path.to_vec(), tree)));
        } else {
            let mut listed = Entry::new(RepoPath::new(path), kind(entry.mode), Some(entry.object), roles.of(path));
            listed.in_objects = entry.skip_worktree;
            listing.entries.push(listed);
        }
        true
    })?;
    if !folders.is_empty() {
        let repository = objects().ok_or("it is sparse, and the objects cannot be read")?;
        let odb = repository.odb().map_err(|_| "it is sparse, and the objects cannot be read")?;
        let mut trees = Trees { repository: &repository, odb, roles, visited: listing.entries.len(), listing };
        for (mut path, tree) in folders {
            trees.list(tree, &mut path, 0);
        }
        listing = trees.listing;
        listing.entries.sort_by(|a, b| a.file.path.cmp(&b.file.path));
    }
    Ok(listing)
}

/// The files of a commit's tree.
pub(super) fn commit(repository: Repository, commit: Oid) -> Result<Listing, Cause> {
    let odb = repository.odb().map_err(|error| unreadable(&error))?;
    size(&odb, commit, ObjectType::Commit)?;
    // Its first line is all that counts: what a commit says of its author and of times can be beyond belief.
    let text = odb.read(commit).map_err(|error| unreadable(&error))?;
    let tree = text.data().strip_prefix(b"tree ").and_then(|rest| str::from_utf8(rest.get(..40)?).ok());
    let root = tree.and_then(|id| Oid::from_str(id).ok()).ok_or_else(|| Cause::Failed { why: "the commit names none".to_owned() })?;
    drop(text);
    size(&odb, root, ObjectType::Tree)?;
    let mut trees = Trees { repository: &repository, odb, roles: Roles::default(), visited: 0, listing: Listing::default() };
    trees.list(root, &mut Vec::new(), 0);
    Ok(trees.listing)
}

/// The listing of trees, one below the other.
struct Trees<'a> {
    repository: &'a Repository,
    odb: Odb<'a>,
    roles: Roles,
    /// Entries met, folders included: a dozen trees can name each other so often that no list of files ever ends.
    visited: usize,
    listing: Listing,
}

impl Trees<'_> {
    fn list(&mut self, tree: Oid, path: &mut Vec<u8>, depth: usize) {
        let here = |path: &[u8]| RepoPath::new(path.strip_suffix(b"/").unwrap_or(path));
        if depth > MAX_DEPTH {
            self.listing.missing.push((here(path), depth_bound()));
            return;
        }
        let found =
            size(&self.odb, tree, ObjectType::Tree).and_then(|_| self.repository.find_tree(tree).map_err(|error| unreadable(&error)));
        let tree = match found {
            Ok(tree) => tree,
            Err(cause) => return self.listing.missing.push((here(path), cause)),
        };
        for entry in &tree {
            let before = path.len();
            path.extend_from_slice(entry.name_bytes());
            if self.visited >= MAX_ENTRIES {
                // The folders around this one come here as well: once is enough.
                if self.visited == MAX_ENTRIES {
                    self.visited += 1;
                    self.listing.missing.push((here(path), entries_bound()));
                }
                return path.truncate(before);
            }
            self.visited += 1;
            if entry.kind() == Some(ObjectType::Tree) {
                path.push(b'/');
                self.list(entry.id(), path, depth + 1);
            } else {
                let mode = u32::try_from(entry.filemode_raw()).unwrap_or_default();
                let mut listed = Entry::new(RepoPath::new(&path[..]), kind(mode), object_id(entry.id()), self.roles.of(path));
                listed.in_objects = true;
                self.listing.entries.push(listed);
            }
            path.truncate(before);
        }
    }
}

fn kind(mode: u32) -> FileKind {
    match mode & 0o170_000 {
        0o120_000 => FileKind::Symlink,
        0o160_000 => FileKind::Submodule,
        _ => FileKind::Regular,
    }
}

fn object_id(id: Oid) -> Option<ObjectId> {
    id.as_bytes().try_into().ok().map(ObjectId)
}
