//! The list of files, and what their first bytes tell.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Cause;
use crate::bytes;
use crate::path::RepoPath;
use crate::role::Role;

/// What kind of entry a path is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A regular file.
    #[default]
    Regular,
    /// A symbolic link. Listed, never followed.
    Symlink,
    /// Another repository's commit.
    Submodule,
    /// A pipe, a socket, a device: listed, never opened.
    Special,
}

impl FileKind {
    /// Whether this is [`FileKind::Regular`], which evidence leaves unsaid.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        *self == Self::Regular
    }
}

/// The id of a Git object: a SHA-1, in JSON as 40 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub [u8; 20]);

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hex = String::deserialize(deserializer)?;
        let bytes = bytes::unhex(&hex).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| de::Error::custom("an object id has 40 hexadecimal digits"))
    }
}

/// One entry of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Where it is.
    pub path: RepoPath,
    /// What it is.
    #[serde(default, skip_serializing_if = "FileKind::is_regular")]
    pub kind: FileKind,
    /// Its part in the repository.
    #[serde(default, skip_serializing_if = "Role::is_production")]
    pub role: Role,
    /// Its length in bytes; known of those that a probe made the file pass open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The Git object that holds it; absent for a file that was read from a disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    /// Why it could not be read, though a probe asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Cause>,
}

/// How many paths were left out of the list, and why. All of it is said in the result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedAt {
    /// Files in the working tree that Git does not track and does not ignore.
    #[serde(default)]
    pub untracked: usize,
    /// Entries that a `.gitignore` of the folder names; an ignored folder counts as one.
    #[serde(default)]
    pub ignored: usize,
    /// Tracked files that are not in the working tree.
    #[serde(default)]
    pub deleted: usize,
    /// Other things worth saying about the way the list was made, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Folders that could not be read, and bounds that were reached: what is missing from the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<(RepoPath, Cause)>,
}

impl LookedAt {
    /// How many facts of one kind are kept.
    pub const MOST: usize = 100_000;

    /// Says so if there were more facts of a kind than are kept.
    pub(crate) fn note_cut(&mut self, kind: &str, all: usize) {
        if all > Self::MOST {
            self.notes.push(format!("only {} of {all} {kind} were kept", Self::MOST));
        }
    }
}

/// The files of a repository, in the order of Git's trees: by the bytes of the whole path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// The entries.
    pub entries: Vec<FileEntry>,
    /// What is not among them.
    pub looked_at: LookedAt,
}

impl Files {
    /// The files that probes judge: regular, readable, and with something in them. An empty file does not exist for
    /// the reference either.
    pub fn offered(&self) -> impl Iterator<Item = &FileEntry> {
        self.entries.iter().filter(|entry| entry.kind.is_regular() && entry.size != Some(0) && entry.gap.is_none())
    }

    /// The files of a kind that could not be read, though a probe asked.
    pub fn unread(&self, kind: impl Fn(&[u8]) -> bool) -> impl Iterator<Item = (&RepoPath, &Cause)> {
        let unread = self.entries.iter().filter_map(|entry| Some((&entry.path, entry.gap.as_ref()?)));
        unread.filter(move |(path, _)| kind(path.as_bytes()))
    }

    /// The parts of the tree that could not be listed and that could hold what is looked for: `folder` says of a
    /// folder whether it could. Where a bound ended the whole list, anything could be missing.
    pub fn unlisted(&self, folder: impl Fn(&[u8]) -> bool) -> impl Iterator<Item = (&RepoPath, &Cause)> {
        let missing = self.looked_at.missing.iter().map(|(path, cause)| (path, cause));
        missing.filter(move |(path, cause)| {
            matches!(cause, Cause::LimitReached { .. }) || path.as_bytes().is_empty() || folder(path.as_bytes())
        })
    }
}

/// By what a file is known to be a binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// Its first bytes are those of the format.
    Magic,
    /// Its name has the format's extension and its first bytes hold control characters.
    Name,
}

/// A file that is a binary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinaryFile {
    /// Where it is.
    pub path: RepoPath,
    /// The format, by its usual extension: `elf`, `jar`, ...
    pub format: String,
    /// How the format is known.
    pub sign: Sign,
}
