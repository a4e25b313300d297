//! Lists of files: of an index, and of a commit's tree.

use carat_checks::evidence::{FileKind, ObjectId};
use carat_checks::path::{self, RepoPath};
use carat_checks::role::Roles;
use git2::{ObjectType, Odb, Oid, Repository};

use super::super::{MAX_DEPTH, Room, depth_bound};
use super::libgit2::{LARGEST, size, unreadable};
use super::{Cause, Entry, Listing, index};

/// The files that an index lists. `begin` is told each one as it is met, and tells whether it begins to read it. `objects`
/// opens the repository's objects: a sparse index leaves out what they hold.
pub(super) fn index(
    bytes: &[u8],
    mut begin: impl FnMut(&Entry) -> bool,
    objects: impl FnOnce() -> Option<Repository>,
) -> Result<Listing, &'static str> {
    let mut roles = Roles::default();
    let mut listing = Listing::default();
    let mut room = Room::default();
    let mut folders: Vec<(Vec<u8>, Oid)> = Vec::new();
    listing.entries.reserve(index::most(bytes).min(1 << 16));
    index::read(bytes, |entry| {
        let path = &*entry.path;
        let is_deep = path.iter().filter(|byte| **byte == b'/').count() > MAX_DEPTH;
        let opened = match listing.entries.last() {
            _ if is_deep => &[],
            Some(last) => new_folders(path, last.file.path.as_bytes()),
            None => path,
        };
        if !room.take(path, opened.iter().filter(|byte| **byte == b'/').count(), &mut listing.missing) {
            return false;
        }
        if is_deep {
            listing.missing.push((RepoPath::new(path), depth_bound()));
        } else if entry.is_folder() {
            folders.extend(Oid::from_bytes(&entry.object.0).ok().map(|tree| (path.to_vec(), tree)));
        } else {
            let mut listed = Entry::new(RepoPath::new(path), kind(entry.mode), Some(entry.object), roles.of(path));
            listed.in_objects = entry.skip_worktree;
            listed.is_begun = listed.file.kind.is_regular() && !listed.in_objects && begin(&listed);
            listing.entries.push(listed);
        }
        true
    })?;
    if !folders.is_empty() {
        let repository = objects().ok_or("it is sparse, and the objects cannot be read")?;
        let odb = repository.odb().map_err(|_| "it is sparse, and the objects cannot be read")?;
        let mut trees = Trees { repository: &repository, odb, roles, room, open: 0, listing };
        for (mut path, tree) in folders {
            trees.list(tree, &mut path, 0);
        }
        listing = trees.listing;
        listing.entries.sort_by(|a, b| a.file.path.cmp(&b.file.path));
    }
    Ok(listing)
}

/// What of a path behind the folders that it shares with the path before it.
fn new_folders<'a>(path: &'a [u8], last: &[u8]) -> &'a [u8] {
    let folder = &path[..path.len() - path::name(path).len()];
    if last.starts_with(folder) {
        return &[];
    }
    let shared = folder.iter().zip(last).take_while(|(a, b)| a == b).count();
    &folder[shared..]
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
    let mut trees =
        Trees { repository: &repository, odb, roles: Roles::default(), room: Room::default(), open: 0, listing: Listing::default() };
    trees.list(root, &mut Vec::new(), 0);
    let entries = &mut trees.listing.entries;
    // Trees that Git would not have written can be in any order; lists are in that of their paths.
    if !entries.is_sorted_by(|a, b| a.file.path <= b.file.path) {
        entries.sort_by(|a, b| a.file.path.cmp(&b.file.path));
    }
    Ok(trees.listing)
}

/// The listing of trees, one below the other.
struct Trees<'a> {
    repository: &'a Repository,
    odb: Odb<'a>,
    roles: Roles,
    /// Entries met, folders included: a dozen trees can name each other so often that no list of files ever ends.
    room: Room,
    /// How many bytes the trees are long that are being listed.
    open: usize,
    listing: Listing,
}

impl Trees<'_> {
    fn list(&mut self, tree: Oid, path: &mut Vec<u8>, depth: usize) {
        let here = |path: &[u8]| RepoPath::new(path.strip_suffix(b"/").unwrap_or(path));
        if depth > MAX_DEPTH {
            self.listing.missing.push((here(path), depth_bound()));
            return;
        }
        let found = size(&self.odb, tree, ObjectType::Tree).and_then(|length| match self.open + length {
            ..=LARGEST => Ok((length, self.repository.find_tree(tree).map_err(|error| unreadable(&error))?)),
            _ => Err(Cause::LimitReached { bound: format!("{} MiB for folders in each other", LARGEST >> 20) }),
        });
        let (length, tree) = match found {
            Ok(found) => found,
            Err(cause) => return self.listing.missing.push((here(path), cause)),
        };
        self.open += length;
        for entry in &tree {
            let before = path.len();
            path.extend_from_slice(entry.name_bytes());
            if !self.room.take(path, 0, &mut self.listing.missing) {
                path.truncate(before);
                break;
            }
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
        self.open -= length;
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
