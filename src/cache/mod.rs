//! What is kept between runs: fetched commits, each a bare repository of its own, and small answers of services.
//!
//! ```text
//! v1/git/HOST/OWNER/NAME/COMMIT/   a bare repository, and `entry`: the lock, and what was stored
//! v1/git/HOST/OWNER/NAME/~TOKEN/COMMIT/   the same of a private repository, for who has that token; TOKEN is a hash
//! v1/answers/KIND/HASH             a small file
//! v1/new/                          what is being made; it is moved into its place when it is whole
//! ```
//!
//! Nothing is ever changed in its place, so a run that ends in the middle leaves nothing that is half done. Whoever uses
//! an entry holds its lock with others; who removes one holds it alone.

mod answers;
mod contents;
mod entry;
mod name;
mod room;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use crate::http::Client;
use crate::transfer::{self, FetchError, GitSource, Limits};
pub use contents::{Cleared, Contents, clear, contents};
use entry::Lookup;

/// Where things are kept, and how much.
#[derive(Clone, Debug)]
pub struct CacheSettings {
    /// The folder of the cache, `$XDG_CACHE_HOME/carat`; without one nothing is kept.
    pub folder: Option<PathBuf>,
    /// The folder for what is not kept.
    pub temporary: PathBuf,
    /// How many bytes are kept at most.
    pub most: u64,
    /// What of a repository is taken in at most.
    pub limits: Limits,
}

impl CacheSettings {
    /// 5 GB in this folder.
    #[must_use]
    pub fn new(folder: Option<PathBuf>, temporary: PathBuf) -> Self {
        Self { folder, temporary, most: 5_000_000_000, limits: Limits::default() }
    }
}

/// What is kept between runs. Cheap to clone; several runs and processes may use one folder at once.
#[derive(Clone, Debug)]
pub struct Cache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The folder of this version, if it can be used.
    folder: Option<PathBuf>,
    /// Why it cannot, where one was wanted.
    note: Option<String>,
    settings: CacheSettings,
    /// How much is in it, as far as is known.
    filled: Mutex<Option<u64>>,
}

/// A commit's files, as a bare repository at that commit. It stays for as long as this lives.
#[derive(Debug)]
pub struct Checkout {
    path: PathBuf,
    note: Option<String>,
    from_cache: bool,
    _hold: Hold,
}

#[derive(Debug)]
enum Hold {
    /// The lock of an entry of the cache.
    Entry(#[expect(dead_code, reason = "held until it is dropped")] File),
    /// A folder that is removed afterwards.
    Temporary(#[expect(dead_code, reason = "held until it is dropped")] Arc<TempDir>),
}

impl Checkout {
    /// The bare repository.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A sentence about what stood in the way of keeping it.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Whether nothing was transferred for it.
    #[must_use]
    pub const fn from_cache(&self) -> bool {
        self.from_cache
    }
}

impl Cache {
    /// The cache in a folder, which is made, and cleared of what runs left behind that were cut off. Where that cannot
    /// be, a cache that keeps nothing, and says so with each commit.
    #[must_use]
    pub fn open(settings: CacheSettings) -> Self {
        let (folder, note) = match settings.folder.as_ref().map(|folder| prepare(folder)) {
            None => (None, None),
            Some(Ok(folder)) => (Some(folder), None),
            Some(Err(error)) => (None, settings.folder.as_ref().map(|folder| unusable(folder, &error))),
        };
        Self(Arc::new(Inner { folder, note, settings, filled: Mutex::default() }))
    }

    /// A commit's files: those that are here, or else fetched.
    ///
    /// # Errors
    /// They cannot be fetched. A cache that cannot be used is no error: what was fetched is not kept then.
    pub async fn commit(&self, client: &Client, source: &GitSource, commit: &str) -> Result<Checkout, FetchError> {
        if !transfer::is_id(commit) {
            return Err(FetchError::NoCommitId);
        }
        let Some(folder) = &self.0.folder else { return self.temporary(client, source, commit, self.0.note.clone()).await };
        let place = name::of_commit(folder, source, commit);
        let (at, id, new) = (place.clone(), commit.to_owned(), folder.join("new"));
        let looked = move || match entry::look(&at, &id, &new)? {
            Lookup::Found(lock) => Ok::<_, io::Error>(Err(lock)),
            Lookup::Absent => Ok(Ok(entry::make(&new)?)),
        };
        let made = match blocking(looked).await? {
            Ok(Ok(made)) => made,
            Ok(Err(lock)) => return Ok(Checkout { path: place, note: None, from_cache: true, _hold: Hold::Entry(lock) }),
            Err(error) => return self.temporary(client, source, commit, Some(unusable(folder, &error))).await,
        };
        match transfer::commit(client, source, commit, &made.folder, self.0.settings.limits).await {
            Ok(()) => {}
            Err(FetchError::Disk(why)) => {
                drop(made);
                return self.temporary(client, source, commit, Some(unusable(folder, &why))).await;
            }
            Err(error) => return Err(error),
        }
        let (at, id, root, room) = (place, commit.to_owned(), folder.clone(), self.clone());
        blocking(move || match entry::publish(made, &at, &id, &root.join("new")) {
            Ok((lock, bytes)) => {
                room.make_room(&root, bytes);
                Checkout { path: at, note: None, from_cache: false, _hold: Hold::Entry(lock) }
            }
            Err((made, error)) => {
                let path = made.folder.path().to_owned();
                Checkout { path, note: Some(unusable(&root, &error)), from_cache: false, _hold: Hold::Temporary(made.folder) }
            }
        })
        .await
    }

    /// A commit that is there already: of a public repository, or of a private one for the token of the source. Nobody is
    /// asked, so it makes no difference whether the source is said to be private.
    pub async fn kept(&self, source: &GitSource, commit: &str) -> Option<Checkout> {
        let folder = self.0.folder.as_ref().filter(|_| transfer::is_id(commit))?;
        let places = name::of_commit_either(folder, source, commit);
        let (id, new) = (commit.to_owned(), folder.join("new"));
        let look = move || {
            places.into_iter().find_map(|place| match entry::look(&place, &id, &new) {
                Ok(Lookup::Found(lock)) => Some(Checkout { path: place, note: None, from_cache: true, _hold: Hold::Entry(lock) }),
                _ => None,
            })
        };
        blocking(look).await.ok().flatten()
    }

    /// A commit's files in a folder that is removed afterwards.
    async fn temporary(&self, client: &Client, source: &GitSource, commit: &str, note: Option<String>) -> Result<Checkout, FetchError> {
        let folder = temporary_folder(&self.0.settings.temporary, "carat-");
        let folder = Arc::new(folder.map_err(|error| FetchError::Disk(error.to_string()))?);
        transfer::commit(client, source, commit, &folder, self.0.settings.limits).await?;
        Ok(Checkout { path: folder.path().to_owned(), note, from_cache: false, _hold: Hold::Temporary(folder) })
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, FetchError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| FetchError::Disk("the work was cancelled".to_owned()))
}

fn unusable(folder: &Path, why: &dyn std::fmt::Display) -> String {
    format!("the cache in {} cannot be used, and nothing is kept: {why}", folder.display())
}

/// Makes the folders of the cache.
fn prepare(folder: &Path) -> io::Result<PathBuf> {
    /// By which programs for backups know a cache: <https://bford.info/cachedir/>.
    const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache made by carat.\n";
    let version = folder.join(entry::VERSION);
    for name in ["git", "answers", "new"] {
        make_folders(&version.join(name))?;
    }
    let tag = folder.join("CACHEDIR.TAG");
    if !tag.exists() {
        fs::write(tag, TAG)?;
    }
    room::clear_left_over(&version.join("new"));
    Ok(version)
}

/// A folder of one's own that is removed afterwards.
fn temporary_folder(within: &Path, prefix: &str) -> io::Result<TempDir> {
    tempfile::Builder::new().prefix(prefix).permissions(fs::Permissions::from_mode(0o700)).tempdir_in(within)
}

fn make_folders(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}
