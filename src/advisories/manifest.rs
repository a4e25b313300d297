//! What the database is made of: its sources, each with a file of its own. The list is replaced as a whole, so that
//! readers see the database before an update or after it, never between.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Error;

/// The list, in the folder of the database.
const NAME: &str = "database.json";
/// The form of the database.
const FORM: u32 = 1;
const LONGEST: u64 = 16 << 20;

/// Of what kind a source is, and so how it is brought up to date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The archive of an ecosystem, of OSV or of a mirror.
    Archive,
    /// Another ZIP archive, by its address.
    Url,
    /// A ZIP archive on this machine.
    Zip,
    /// A folder on this machine, such as a clone of an advisory repository.
    Folder,
}

/// Where advisories come from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Origin {
    /// Of what kind it is.
    pub kind: Kind,
    /// Of an archive, the ecosystem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ecosystem: Option<String>,
    /// The address or the path.
    pub from: String,
}

impl Origin {
    /// Whether what comes from here takes the place of what came from there: a mirror's archive is as good as OSV's.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        match (self.kind, other.kind) {
            (Kind::Archive, Kind::Archive) => self.ecosystem == other.ecosystem,
            _ => self == other,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.ecosystem {
            Some(ecosystem) => write!(out, "{ecosystem}"),
            None => write!(out, "{}", self.from),
        }
    }
}

/// A source, as it was when it was last read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    /// Where it comes from.
    #[serde(flatten)]
    pub origin: Origin,
    /// What its server calls this state of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Since when its server has had this state, in the words of the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// By what a file or a folder on this machine is seen to be unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// When it was read.
    pub read_at: Timestamp,
    /// Up to when it is known to be complete: of an archive when its server was last asked, of a file or a folder its
    /// newest change. Its age counts from here.
    pub current_at: Timestamp,
    /// The newest `modified` in it.
    pub newest: Option<Timestamp>,
    /// The file in the folder of the database.
    pub file: String,
    /// How long that is.
    pub bytes: u64,
    /// How many advisories are in it.
    pub advisories: u64,
    /// Of how many packages it speaks.
    pub packages: u64,
    /// How many advisories are withdrawn, and left out.
    pub withdrawn: u64,
    /// How many speak of no package in an ecosystem that is wanted.
    pub without_package: u64,
    /// How many could not be read, and were left out.
    pub skipped: u64,
    /// The first of them, and why.
    pub skipped_first: Vec<Skipped>,
    /// How many advisories there are by ecosystem, without the release behind a colon; 0 where all are withdrawn.
    pub ecosystems: BTreeMap<String, u64>,
}

impl Source {
    /// Whether it has something to say of an ecosystem, whatever its release.
    #[must_use]
    pub fn has_ecosystem(&self, ecosystem: &str) -> bool {
        let wanted = super::without_release(ecosystem);
        match &self.origin.ecosystem {
            Some(name) => super::without_release(name) == wanted,
            None => self.ecosystems.get(wanted).is_some_and(|advisories| *advisories > 0),
        }
    }
}

/// Something in a source that could not be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Skipped {
    /// Its name in the source.
    pub name: String,
    /// Why.
    pub why: String,
}

/// The list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    form: u32,
    pub(super) sources: Vec<Source>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self { form: FORM, sources: Vec::new() }
    }
}

impl Manifest {
    /// The list in a folder; none where there is no database.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, Error> {
        #[derive(Deserialize)]
        struct Form {
            form: u32,
        }
        let path = folder.join(NAME);
        let mut text = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut text));
        match read {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound) => return Ok(None),
            Err(source) => return Err(Error::Unreadable { path, source }),
            Ok(_) => {}
        }
        let damaged = |why: String| Error::Damaged { path: path.clone(), why };
        if text.len() as u64 > LONGEST {
            return Err(damaged("it is too long".to_owned()));
        }
        let Form { form } = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        if form != FORM {
            return Err(Error::OtherForm { path, form });
        }
        let manifest: Self = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        match manifest.sources.iter().find(|source| !is_file(&source.file)) {
            Some(source) => Err(damaged(format!("{:?} is no file of a database", source.file))),
            None => Ok(Some(manifest)),
        }
    }

    /// Puts the list into its place.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let mut file = new_file(folder)?;
        serde_json::to_writer_pretty(&mut file, self).map_err(io::Error::from)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(folder.join(NAME)).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    }
}

const NEW: &str = ".new-";
const ENDING: &str = ".advisories";

/// A file that is being made in the folder of the database.
pub(super) fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(NEW).tempfile_in(folder)
}

/// A name for a source's file that no file has.
pub(super) fn free_name(folder: &Path, origin: &Origin) -> String {
    let name = origin.to_string();
    let name = name.rsplit('/').next().unwrap_or_default();
    let slug: String = name.chars().take(40).map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    loop {
        let name = format!("{slug}-{:08x}{ENDING}", fastrand::u32(..));
        if !folder.join(&name).exists() {
            return name;
        }
    }
}

/// Whether a name is one that [`free_name`] gives: nothing else is ever opened or removed.
fn is_file(name: &str) -> bool {
    name.strip_suffix(ENDING).is_some_and(|stem| !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

/// Removes what updates left behind that were cut off, and what this list names no more. Only who has the lock may do so.
pub(super) fn clear(folder: &Path, manifest: Option<&Manifest>) {
    let Ok(files) = fs::read_dir(folder) else { return };
    for file in files.flatten() {
        let Ok(name) = file.file_name().into_string() else { continue };
        let is_old = |manifest: &Manifest| is_file(&name) && !manifest.sources.iter().any(|source| source.file == name);
        if name.starts_with(NEW) || manifest.is_some_and(is_old) {
            // What cannot be removed now is by the next update.
            let _ = fs::remove_file(file.path());
        }
    }
}
