//! Clones and bare repositories: where they are, what they list. Nothing of them is ever run, and none of their
//! configuration is believed but how they are stored.

mod index;
mod libgit2;

use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use carat_checks::evidence::{Cause, FileEntry, FileKind, ObjectId};
use carat_checks::path::RepoPath;
use carat_checks::role::{Role, Roles};
use git2::{ErrorCode, ObjectType, Oid, Repository};

use super::{MAX_DEPTH, MAX_ENTRIES, depth_bound, entries_bound};
use crate::error::Error;

/// A repository on this machine.
pub(crate) struct Git {
    /// Its git directory.
    directory: PathBuf,
    /// The folder that the user named.
    folder: PathBuf,
    /// Whether the folder is a working tree.
    pub(crate) has_working_tree: bool,
    repository: Repository,
}

/// The longest index that is read: some three million entries.
const LONGEST_INDEX: u64 = 512 << 20;

/// What a folder is to Git.
pub(crate) enum Found {
    /// A clone or a bare repository.
    Git(Box<Git>),
    /// A folder without Git; the sentence says what stands in the way, if something looked like a repository.
    Folder(Option<String>),
}

/// A list of entries, and what is missing from it.
#[derive(Default)]
pub(crate) struct Listing {
    pub(crate) entries: Vec<Entry>,
    pub(crate) missing: Vec<(RepoPath, Cause)>,
    pub(crate) notes: Vec<String>,
}

/// An entry of a list.
pub(crate) struct Entry {
    pub(crate) file: FileEntry,
    /// Its content stands in the object database, not in the working tree.
    pub(crate) in_objects: bool,
}

impl Entry {
    pub(crate) fn new(path: RepoPath, kind: FileKind, object: Option<ObjectId>, role: Role) -> Self {
        Self { file: FileEntry { path, kind, role, size: None, object, gap: None }, in_objects: false }
    }
}

/// Looks for a repository in this folder; folders above are not looked at.
///
/// # Errors
/// There is a repository, and it cannot be read.
pub(crate) fn find(folder: &Path) -> Result<Found, Error> {
    let dot_git = folder.join(".git");
    let (directory, has_working_tree) = match dot_git.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => (dot_git, true),
        Ok(metadata) if metadata.is_file() => match follow(folder, &dot_git) {
            Some(directory) => (directory, true),
            None => {
                let note = "the file .git names a git directory that does not point back here: scored as a folder without Git";
                return Ok(Found::Folder(Some(note.to_owned())));
            }
        },
        Ok(_) => return Ok(Found::Folder(Some(".git is neither a folder nor a file: scored as a folder without Git".to_owned()))),
        Err(_) if is_git_directory(folder) => (folder.to_owned(), false),
        Err(_) => return Ok(Found::Folder(None)),
    };
    if has_working_tree && !is_git_directory(&directory) {
        return Ok(Found::Folder(Some(".git holds no repository: scored as a folder without Git".to_owned())));
    }
    Git::open(directory, folder, has_working_tree).map(|git| Found::Git(Box::new(git)))
}

/// Whether this looks like a git directory, as Git itself asks; a linked worktree's has its objects elsewhere.
fn is_git_directory(folder: &Path) -> bool {
    folder.join("HEAD").symlink_metadata().is_ok()
        && (folder.join("commondir").is_file() || (folder.join("objects").is_dir() && folder.join("refs").is_dir()))
}

/// The git directory that a `.git` file names, if that directory names this folder in turn: a linked worktree's by
/// its file `gitdir`, a submodule's by `core.worktree`. Otherwise any folder could claim any repository.
fn follow(folder: &Path, dot_git: &Path) -> Option<PathBuf> {
    let text = read_small(dot_git)?;
    let named = Path::new(std::ffi::OsStr::from_bytes(text.strip_prefix(b"gitdir: ")?.trim_ascii_end()));
    let directory = folder.join(named);
    let same = |path: &Path| path.canonicalize().ok().zip(folder.canonicalize().ok()).is_some_and(|(a, b)| a == b);
    let back = match read_small(&directory.join("gitdir")) {
        Some(text) => {
            let back = directory.join(std::ffi::OsStr::from_bytes(text.trim_ascii_end()));
            back.parent().is_some_and(same)
        }
        None => {
            libgit2::init();
            let config = git2::Config::open(&directory.join("config")).ok()?;
            let worktree = config.get_path("core.worktree").ok()?;
            same(&directory.join(worktree))
        }
    };
    back.then_some(directory)
}

/// A small file, or nothing.
fn read_small(path: &Path) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let metadata = path.metadata().ok()?;
    if !metadata.is_file() {
        return None;
    }
    fs::File::open(path).ok()?.take(64 << 10).read_to_end(&mut text).ok()?;
    Some(text)
}

/// What about a repository's storage libgit2 cannot read, if its configuration says so.
fn unsupported(directory: &Path) -> Option<&'static str> {
    let text = read_small(&directory.join("config"))?;
    let text = String::from_utf8_lossy(&text).to_ascii_lowercase();
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        match (key.trim(), value.trim().trim_matches('"')) {
            ("objectformat", "sha256") => Some("it stores its objects by SHA-256, which this version cannot read"),
            ("refstorage", "reftable") => Some("it stores its refs as a reftable, which this version cannot read"),
            _ => None,
        }
    })
}

impl Git {
    fn open(directory: PathBuf, folder: &Path, has_working_tree: bool) -> Result<Self, Error> {
        libgit2::init();
        let refuse = |why: String| Error::Repository { path: folder.to_owned(), why };
        if let Some(why) = unsupported(&directory) {
            return Err(refuse(why.to_owned()));
        }
        let repository = Repository::open_bare(&directory).map_err(|error| refuse(error.message().to_owned()))?;
        Ok(Self { directory, folder: folder.to_owned(), has_working_tree, repository })
    }

    /// The git directory. Threads that read open it each for itself: a handle is not to be shared.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The clone's own list of files to ignore.
    pub(crate) fn exclude(&self) -> Vec<u8> {
        let common = self.repository.commondir();
        read_small(&common.join("info/exclude")).unwrap_or_default()
    }

    /// The commit that a revision names; `HEAD` without one.
    pub(crate) fn commit(&self, revision: Option<&str>) -> Result<Oid, Error> {
        let path = || self.folder.clone();
        let broken = |error: &git2::Error| Error::Repository { path: path(), why: error.message().to_owned() };
        let Some(revision) = revision else {
            return match self.repository.head().and_then(|head| head.peel_to_commit()) {
                Ok(commit) => Ok(commit.id()),
                Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) && self.is_empty() => {
                    Err(Error::NoCommits { path: path() })
                }
                Err(error) => Err(broken(&error)),
            };
        };
        match self.repository.revparse_single(revision).and_then(|object| object.peel_to_commit()) {
            Ok(commit) => Ok(commit.id()),
            Err(_) => Err(Error::UnknownRevision { path: path(), revision: revision.to_owned(), near: self.near(revision) }),
        }
    }

    fn is_empty(&self) -> bool {
        self.repository.references().map_or(true, |mut refs| refs.next().is_none())
    }

    /// The names of branches and tags that are most like a revision that does not exist.
    fn near(&self, revision: &str) -> Vec<String> {
        let names = self.repository.references().ok().into_iter().flat_map(|refs| {
            let short = refs.filter_map(|reference| Some(reference.ok()?.shorthand().ok()?.to_owned()));
            short.collect::<Vec<_>>()
        });
        crate::nearest(revision, names, 3)
    }

    /// The tracked files of the working tree, or, where the index cannot be read, the files of `HEAD`'s tree.
    pub(crate) fn tracked(&self, head: Oid) -> Result<Listing, Error> {
        let file = self.directory.join("index");
        let mut listing = Listing::default();
        let read = match fs::metadata(&file) {
            Ok(metadata) if metadata.is_file() && metadata.len() <= LONGEST_INDEX => fs::read(&file).map_err(|error| error.to_string()),
            Ok(metadata) if metadata.is_file() => Err(format!("it is longer than {} MiB", LONGEST_INDEX >> 20)),
            Ok(_) => Err("it is no file".to_owned()),
            Err(_) => Err("there is none".to_owned()),
        };
        let listed = read.and_then(|index| self.list_index(&index, &mut listing).map_err(str::to_owned));
        if let Err(why) = listed {
            listing = self.tree(head)?;
            listing.notes.push(format!("Git's index could not be read ({why}): the files are those of HEAD"));
        }
        Ok(listing)
    }

    fn list_index(&self, index: &[u8], listing: &mut Listing) -> Result<(), &'static str> {
        let mut roles = Roles::default();
        index::read(index, |entry| {
            let path = &*entry.path;
            if listing.entries.len() == MAX_ENTRIES {
                listing.missing.push((RepoPath::new(path), entries_bound()));
                return false;
            }
            if entry.is_folder() {
                if let Ok(tree) = Oid::from_bytes(&entry.object.0) {
                    self.list(tree, &mut path.to_vec(), 0, &mut roles, listing);
                }
            } else {
                let mut listed = Entry::new(RepoPath::new(path), kind(entry.mode), Some(entry.object), roles.of(path));
                listed.in_objects = entry.skip_worktree;
                listing.entries.push(listed);
            }
            true
        })
    }

    /// The files of a commit's tree, from the object database.
    pub(crate) fn tree(&self, commit: Oid) -> Result<Listing, Error> {
        let broken = |error: git2::Error| Error::Repository { path: self.folder.clone(), why: error.message().to_owned() };
        let root = self.repository.find_commit(commit).map_err(broken)?.tree_id();
        let mut listing = Listing::default();
        self.list(root, &mut Vec::new(), 0, &mut Roles::default(), &mut listing);
        Ok(listing)
    }

    fn list(&self, tree: Oid, path: &mut Vec<u8>, depth: usize, roles: &mut Roles, listing: &mut Listing) {
        let here = |path: &[u8]| RepoPath::new(path.strip_suffix(b"/").unwrap_or(path));
        if depth > MAX_DEPTH {
            listing.missing.push((here(path), depth_bound()));
            return;
        }
        let tree = match self.repository.find_tree(tree) {
            Ok(tree) => tree,
            Err(error) => {
                listing.missing.push((here(path), unreadable(&error)));
                return;
            }
        };
        for entry in &tree {
            let before = path.len();
            path.extend_from_slice(entry.name_bytes());
            if listing.entries.len() == MAX_ENTRIES {
                // Every further tree comes here as well: once is enough.
                if listing.missing.last().is_none_or(|(_, cause)| *cause != entries_bound()) {
                    listing.missing.push((here(path), entries_bound()));
                }
                return path.truncate(before);
            }
            if entry.kind() == Some(ObjectType::Tree) {
                path.push(b'/');
                self.list(entry.id(), path, depth + 1, roles, listing);
            } else {
                let mode = u32::try_from(entry.filemode_raw()).unwrap_or_default();
                let mut listed = Entry::new(RepoPath::new(&path[..]), kind(mode), Some(object_id(entry.id())), roles.of(path));
                listed.in_objects = true;
                listing.entries.push(listed);
            }
            path.truncate(before);
        }
    }
}

/// Why an object could not be read.
pub(crate) fn unreadable(error: &git2::Error) -> Cause {
    let why = match error.code() {
        ErrorCode::NotFound => "the object is not in this clone".to_owned(),
        _ => format!("the object cannot be read: {}", error.message()),
    };
    Cause::Failed { why }
}

fn kind(mode: u32) -> FileKind {
    match mode & 0o170_000 {
        0o120_000 => FileKind::Symlink,
        0o160_000 => FileKind::Submodule,
        _ => FileKind::Regular,
    }
}

fn object_id(id: Oid) -> ObjectId {
    let mut bytes = [0; 20];
    bytes.copy_from_slice(id.as_bytes());
    ObjectId(bytes)
}
