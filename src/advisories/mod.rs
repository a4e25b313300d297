//! The advisory database: what is known of vulnerable packages, on this machine, so that nobody needs to be asked.
//!
//! ```text
//! database.json           the sources, and which file each has; replaced as a whole
//! NAME-RANDOM.advisories  what one source says; never changed, but replaced by another file
//! lock                    who makes an update has it alone
//! ```

mod build;
mod builder;
mod fetch;
mod folder;
mod manifest;
mod record;
mod segment;
#[cfg(test)]
mod tests;
mod update;
mod zip;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use carat_checks::ecosystem::Ecosystem;

pub use fetch::ecosystems;
use manifest::Manifest;
pub use manifest::{Kind, Origin, Skipped, Source};
use record::Kept;
pub use record::Said;
use segment::{Key, Segment, Unusable};
pub use update::{Observer, Outcome, Updated, origin_of, update};

/// Where OSV's archives are.
pub const ARCHIVES: &str = "https://osv-vulnerabilities.storage.googleapis.com";

/// The ecosystems that a database has if none are named: those of the packages that lockfiles list.
pub const ECOSYSTEMS: [&str; 15] = [
    "ConanCenter",
    "CRAN",
    "crates.io",
    "GitHub Actions",
    "Go",
    "Hackage",
    "Hex",
    "Maven",
    "npm",
    "NuGet",
    "Packagist",
    "Pub",
    "PyPI",
    "RubyGems",
    "SwiftURL",
];

/// Why there is no database to use, or none could be made. The texts name files of the database alone.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of it cannot be read.
    #[error("cannot read the advisory database, {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of it is not as it was written.
    #[error("the advisory database is damaged, {}: {why}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Another version of carat made it.
    #[error("the advisory database was made by another version of carat, {}: form {form}", .path.display())]
    OtherForm {
        /// The file.
        path: PathBuf,
        /// Its form.
        form: u32,
    },
    /// It cannot be written.
    #[error("cannot write the advisory database in {}: {source}", .folder.display())]
    Unwritable {
        /// The folder of the database.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A server does not tell of which ecosystems it has archives.
    #[error("cannot fetch the list of ecosystems: {0}")]
    Unreached(#[from] crate::http::Failure),
    /// Another update is being made.
    #[error("the advisory database in {} is being updated by another run", .folder.display())]
    Busy {
        /// The folder of the database.
        folder: PathBuf,
    },
}

impl Error {
    /// What the user can do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Damaged { .. } | Self::OtherForm { .. } => "carat advisories update makes it anew",
            Self::Unreadable { .. } => "see that you may read it",
            Self::Unwritable { .. } => "make room, or name a folder that you may write to with --database; the old state still serves",
            Self::Unreached(_) => "see that the server is reached, or read files with --from; docs/advisories.md tells more",
            Self::Busy { .. } => "wait until that has ended; the old state still serves",
        }
    }
}

/// The database, open for look-ups. Updates do not change what is open.
#[derive(Debug)]
pub struct Database {
    folder: PathBuf,
    sources: Vec<Source>,
    segments: Vec<Segment>,
}

impl Database {
    /// Opens the database in a folder; `None` if there is none.
    ///
    /// # Errors
    /// There is one, and it cannot be read, is damaged, or has another form.
    pub fn open(folder: &Path) -> Result<Option<Self>, Error> {
        const TRIES: usize = 5;
        let mut last = None;
        for _ in 0..TRIES {
            let Some(Manifest { sources, .. }) = Manifest::read(folder)? else { return Ok(None) };
            match sources.iter().map(|source| open_segment(folder, source)).collect() {
                Ok(segments) => return Ok(Some(Self { folder: folder.to_owned(), sources, segments })),
                // An update has put another file into its place since the list was read.
                Err(Error::Unreadable { path, source }) if source.kind() == io::ErrorKind::NotFound => {
                    last = Some(Error::Damaged { path, why: "the file is not there".to_owned() });
                }
                Err(error) => return Err(error),
            }
        }
        Err(last.unwrap_or_else(|| Error::Busy { folder: folder.to_owned() }))
    }

    /// The advisories about a package, by id, whose name may be in any form that its ecosystem takes for the same. One that
    /// several sources have is the newest of them, and those withdrawn are left out. In order of ids.
    ///
    /// # Errors
    /// The database cannot be read, or is damaged there.
    pub fn lookup(&self, ecosystem: &str, name: &str) -> Result<Vec<(String, Said)>, Error> {
        let name = Ecosystem::from_name(ecosystem).normalised(name);
        let key = Key::new(ecosystem, &name);
        let without_release = without_release(ecosystem);
        let mut newest: BTreeMap<String, (i64, Option<Said>)> = BTreeMap::new();
        for (segment, source) in self.segments.iter().zip(&self.sources) {
            if !source.ecosystems.contains_key(without_release) {
                continue;
            }
            let path = || self.folder.join(&source.file);
            let Some(found) = segment.find(&key).map_err(|error| unusable(path(), error))? else { continue };
            let mut rest = found.said();
            while !rest.is_empty() {
                let (Kept { id, modified, said }, after) =
                    postcard::take_from_bytes(rest).map_err(|error| Error::Damaged { path: path(), why: error.to_string() })?;
                rest = after;
                let is_newer = newest.get(&id).is_none_or(|(known, _)| modified > *known);
                if is_newer {
                    newest.insert(id, (modified, said));
                }
            }
        }
        Ok(newest.into_iter().filter_map(|(id, (_, said))| Some((id, said?))).collect())
    }

    /// Prepares for the look-ups of packages, given by ecosystem and name, if these are many.
    pub fn expect(&self, packages: &[(&str, &str)]) {
        for (segment, source) in self.segments.iter().zip(&self.sources) {
            segment.expect(packages.iter().filter(|(ecosystem, _)| source.ecosystems.contains_key(without_release(ecosystem))).count());
        }
    }

    /// That what it says is not as it was written.
    pub(crate) fn damaged(&self, why: &impl ToString) -> Error {
        Error::Damaged { path: self.folder.clone(), why: why.to_string() }
    }

    /// Whether there is a source for an ecosystem, so that a package of which nothing is said has no advisories.
    #[must_use]
    pub fn has_ecosystem(&self, ecosystem: &str) -> bool {
        self.sources.iter().any(|source| source.has_ecosystem(ecosystem))
    }

    /// What it is made of.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }
}

/// Whether the list of sources in a folder can be read, so that an update of all knows which those are.
#[must_use]
pub fn is_readable(folder: &Path) -> bool {
    matches!(Manifest::read(folder), Ok(Some(_)))
}

/// An ecosystem without the release that may stand behind a colon.
fn without_release(ecosystem: &str) -> &str {
    memchr::memchr(b':', ecosystem.as_bytes()).map_or(ecosystem, |end| &ecosystem[..end])
}

fn open_segment(folder: &Path, source: &Source) -> Result<Segment, Error> {
    let path = folder.join(&source.file);
    match File::open(&path) {
        Ok(file) => Segment::open(file).map_err(|error| unusable(path, error)),
        Err(source) => Err(Error::Unreadable { path, source }),
    }
}

fn unusable(path: PathBuf, error: Unusable) -> Error {
    match error {
        Unusable::Io(source) => Error::Unreadable { path, source },
        Unusable::Damaged(why) => Error::Damaged { path, why: why.to_owned() },
        Unusable::OtherForm(form) => Error::OtherForm { path, form },
    }
}
