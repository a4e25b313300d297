//! Clones and bare repositories: what they list and hold. Nothing of them is ever run, and none of their configuration
//! is believed but how they are stored.

mod index;
mod libgit2;
mod list;
mod locate;
mod refs;

use std::path::{Path, PathBuf};

use carat_checks::evidence::{Cause, FileEntry, FileKind, ObjectId};
use carat_checks::path::RepoPath;
use carat_checks::role::Role;
use git2::{Oid, Repository};

use super::beneath::{Root, TooLong};
use crate::error::Error;
pub(crate) use libgit2::{init as init_libgit2, open as open_objects, size as object_size, unreadable};
use locate::Located;
use refs::Refs;

/// A repository on this machine.
pub(crate) struct Git {
    /// Its git directory.
    directory: Root,
    /// The git directory that holds objects and refs.
    common: Root,
    common_path: PathBuf,
    /// The folder that the user named.
    folder: PathBuf,
    /// Whether the folder is a working tree.
    pub(crate) has_working_tree: bool,
}

/// The longest index that is read, in bytes: some three million entries.
const LONGEST_INDEX: u64 = 512 << 20;

const TOO_MANY_REFS: &str = "its list of refs (packed-refs) is longer than 64 MiB, and none of them was read";

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
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) file: FileEntry,
    /// Its content stands in the object database, not in the working tree.
    pub(crate) in_objects: bool,
    /// Somebody reads it already.
    pub(crate) is_begun: bool,
}

impl Entry {
    pub(crate) fn new(path: RepoPath, kind: FileKind, object: Option<ObjectId>, role: Role) -> Self {
        Self { file: FileEntry { path, kind, role, size: None, object, gap: None }, in_objects: false, is_begun: false }
    }
}

/// The paths that an index lists.
#[cfg(fuzzing)]
pub(crate) fn index_paths(bytes: &[u8]) -> Result<Vec<Vec<u8>>, &'static str> {
    let mut paths = Vec::new();
    index::read(bytes, |entry| {
        paths.push(entry.path.to_vec());
        true
    })?;
    Ok(paths)
}

/// Looks for a repository in this folder; folders above are not looked at.
///
/// # Errors
/// There is a repository, and it cannot be read.
pub(crate) fn find(folder: &Path) -> Result<Found, Error> {
    let (directory, common_path, has_working_tree) = match locate::locate(folder) {
        Located::Folder(note) => return Ok(Found::Folder(note.map(str::to_owned))),
        Located::Git { directory, common, has_working_tree } => (directory, common, has_working_tree),
    };
    let open = |path: &Path| Root::open(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source });
    let git = Git { directory: open(&directory)?, common: open(&common_path)?, common_path, folder: folder.to_owned(), has_working_tree };
    if let Some(why) = locate::unsupported(&git.common) {
        return Err(git.refuse(why));
    }
    Ok(Found::Git(Box::new(git)))
}

/// A sentence about the repository that this folder is a part of, if it is. Nothing of it is read.
pub(crate) fn repository_above(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let above = folder.ancestors().skip(1).find(|above| above.join(".git").symlink_metadata().is_ok())?;
    Some(format!("this folder is a part of the repository {}, of which nothing else was looked at", above.display()))
}

/// The commit that an expression with `~` or `^` names.
fn revparse(repository: &Repository, spec: &str) -> Result<Oid, git2::Error> {
    repository.revparse_single(spec)?.peel_to_commit().map(|commit| commit.id())
}

impl Git {
    fn refuse(&self, why: impl Into<String>) -> Error {
        Error::Repository { path: self.folder.clone(), why: why.into() }
    }

    const fn refs(&self) -> Refs<'_> {
        Refs { directory: &self.directory, common: &self.common }
    }

    /// The git directory that holds the objects, or why they are not read.
    pub(crate) fn objects_path(&self) -> Result<&Path, &'static str> {
        libgit2::leads_out(&self.common).map_or(Ok(&self.common_path), Err)
    }

    /// The address of the remote `origin`, as the clone's configuration has it.
    pub(crate) fn origin(&self) -> Option<String> {
        locate::origin(&self.common)
    }

    /// The clone's own list of files to ignore.
    pub(crate) fn exclude(&self) -> Vec<u8> {
        self.common.small_file(b"info/exclude", 1 << 20).unwrap_or_default()
    }

    /// The objects, for a first look; whoever reads many opens them anew in each thread.
    fn objects(&self) -> Result<Repository, Error> {
        let path = self.objects_path().map_err(|why| self.refuse(why))?;
        open_objects(path).map_err(|error| self.refuse(error.message()))
    }

    /// The commit that `HEAD` names. No object is looked at.
    pub(crate) fn head(&self) -> Result<Oid, Error> {
        let refs = self.refs();
        match refs.head() {
            Ok(id) => Ok(id),
            Err(Some(_)) if refs.are_too_many() => Err(self.refuse(TOO_MANY_REFS)),
            Err(Some(_)) if refs.is_empty() => Err(Error::NoCommits { path: self.folder.clone() }),
            Err(Some(branch)) => Err(self.refuse(format!("HEAD names {branch}, which does not exist"))),
            Err(None) => Err(self.refuse("its HEAD cannot be read")),
        }
    }

    /// The commit that a revision names: a branch, a tag or a commit, with `~` and `^` behind it as Git has them.
    pub(crate) fn commit(&self, revision: &str) -> Result<Oid, Error> {
        let (name, rest) = revision.split_at(revision.find(['~', '^']).unwrap_or(revision.len()));
        let repository = self.objects()?;
        let found = match self.refs().find(name) {
            Some(id) if rest.is_empty() => libgit2::peel(&repository, id),
            Some(id) => revparse(&repository, &format!("{id}{rest}")),
            None => match libgit2::by_prefix(&repository, revision) {
                Some(id) => libgit2::peel(&repository, id),
                None => revparse(&repository, revision),
            },
        };
        found.map_err(|error| match self.refs().find(name) {
            Some(_) if rest.is_empty() => self.refuse(format!("the commit of {name} cannot be read: {}", error.message())),
            None if self.refs().are_too_many() => self.refuse(TOO_MANY_REFS),
            _ => self.unknown(name, revision),
        })
    }

    fn unknown(&self, name: &str, revision: &str) -> Error {
        let mut others = self.refs().names();
        let near = crate::nearest(name, others.iter().cloned(), 3);
        others.truncate(5);
        Error::UnknownRevision {
            path: self.folder.clone(),
            revision: revision.to_owned(),
            near,
            others,
            shallow: self.common.small_file(b"shallow", LONGEST_INDEX).is_some(),
        }
    }

    /// The tracked files of the working tree, or, where the index cannot be read, the files of `HEAD`'s tree.
    ///
    /// `begin` is told each file as it is met, and tells whether it begins to read it.
    pub(crate) fn tracked(&self, head: Oid, begin: impl FnMut(&Entry) -> bool) -> Result<Listing, Error> {
        let why = match self.directory.file(b"index", LONGEST_INDEX) {
            Some(Ok(index)) => match list::index(&index, begin, || self.objects().ok()) {
                Ok(listing) => return Ok(listing),
                Err(why) => why,
            },
            Some(Err(TooLong)) => "it is longer than 512 MiB",
            None => "there is none that can be read",
        };
        let mut listing = self.tree(head)?;
        listing.notes.push(format!("Git's index could not be used ({why}): the files are those of HEAD"));
        Ok(listing)
    }

    /// The files of a commit's tree, from the object database.
    pub(crate) fn tree(&self, commit: Oid) -> Result<Listing, Error> {
        let repository = self.objects()?;
        list::commit(repository, commit).map_err(|cause| self.refuse(format!("the tree of {commit}: {cause}")))
    }
}
