//! Brings the database up to date, one source after another. What is done stays done, and readers have the old state of a
//! source until its new one is whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::build::{self, Input, NotBuilt};
use super::fetch::{self, Fetched, NotFetched};
use super::manifest::{self, Kind, Manifest, Origin, Skipped, Source};
use super::{Error, folder, open_segment};
use crate::http::Client;

/// Who is told what an update does.
pub trait Observer: Send + Sync {
    /// What is being done, again and again.
    fn doing(&self, _what: &str) {}

    /// What was left out.
    fn skipped(&self, _origin: &Origin, _skipped: &Skipped) {}

    /// What became of a source.
    fn done(&self, _updated: &Updated) {}
}

/// Somebody who does not listen.
impl Observer for () {}

/// What became of a source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Updated {
    /// Where it comes from.
    pub origin: Origin,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It was read.
    Read(Box<Source>),
    /// It has not changed since it was read.
    Unchanged(Box<Source>),
    /// It could not be had. What the database had of it stays.
    Failed(String),
}

/// What a path or an address is to the database. An address that does not end in `.zip` is none: it is where the archives
/// of all ecosystems are.
///
/// # Errors
/// It is nothing of the kind, and why.
pub fn origin_of(typed: &str) -> Result<Option<Origin>, String> {
    let origin = |kind, from: String| Ok(Some(Origin { kind, ecosystem: None, from }));
    if typed.starts_with("https://") || typed.starts_with("http://") {
        let url = reqwest::Url::parse(typed).map_err(|error| error.to_string())?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err("an address with a user, a query or a fragment is not kept; fetch the archive, and name the file".to_owned());
        }
        let is_archive = url.path().to_ascii_lowercase().ends_with(".zip");
        return if is_archive { origin(Kind::Url, url.into()) } else { Ok(None) };
    }
    let path = Path::new(typed).canonicalize().map_err(|error| error.to_string())?;
    let kind = if path.is_dir() { Kind::Folder } else { Kind::Zip };
    let path = path.into_os_string().into_string().map_err(|_| "its path is not UTF-8".to_owned())?;
    origin(kind, path)
}

/// Brings sources up to date, or all that the database has if none are named. A database that is damaged or of another
/// version of carat is begun anew.
///
/// # Errors
/// Another update is being made, or the database cannot be written: what was done until then is kept.
pub async fn update(client: &Client, folder: &Path, origins: Vec<Origin>, observer: Arc<dyn Observer>) -> Result<Vec<Updated>, Error> {
    let unwritable = |source| Error::Unwritable { folder: folder.to_owned(), source };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unwritable)?;
    let _lock = lock(folder)?;
    let mut manifest = match Manifest::read(folder) {
        Ok(manifest) => manifest.unwrap_or_default(),
        Err(Error::Damaged { .. } | Error::OtherForm { .. }) => Manifest::default(),
        Err(error) => return Err(error),
    };
    manifest::clear(folder, None);
    let origins = if origins.is_empty() { manifest.sources.iter().map(|source| source.origin.clone()).collect() } else { origins };
    let mut all = Vec::new();
    for origin in origins {
        let known = manifest.sources.iter().position(|source| origin.replaces(&source.origin));
        // What is damaged is read anew, whatever its server says.
        let sound = known.map(|at| &manifest.sources[at]).filter(|source| open_segment(folder, source).is_ok());
        let outcome = match one(client, folder, &origin, sound, &observer).await {
            Ok(outcome) => outcome,
            Err(NotBuilt::Source(why)) => Outcome::Failed(why),
            Err(NotBuilt::Disk(error)) => return Err(unwritable(error)),
        };
        if let Outcome::Read(source) | Outcome::Unchanged(source) = &outcome {
            match known {
                Some(at) => manifest.sources[at] = (**source).clone(),
                None => manifest.sources.push((**source).clone()),
            }
            manifest.sources.sort_by(|one, other| one.origin.cmp(&other.origin));
            manifest.write(folder).map_err(unwritable)?;
        }
        let updated = Updated { origin, outcome };
        observer.done(&updated);
        all.push(updated);
    }
    if all.iter().any(|updated| !matches!(updated.outcome, Outcome::Failed(_))) {
        manifest::clear(folder, Some(&manifest));
    }
    Ok(all)
}

/// Takes the lock of a folder, without waiting for it.
fn lock(folder: &Path) -> Result<File, Error> {
    let unwritable = |source| Error::Unwritable { folder: folder.to_owned(), source };
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(folder.join("lock"));
    let file = file.map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy { folder: folder.to_owned() }),
        Err(TryLockError::Error(error)) => Err(unwritable(error)),
    }
}

/// Brings a source up to date, of which so much is known.
async fn one(
    client: &Client,
    into: &Path,
    origin: &Origin,
    known: Option<&Source>,
    observer: &Arc<dyn Observer>,
) -> Result<Outcome, NotBuilt> {
    match origin.kind {
        Kind::Archive | Kind::Url => fetched(client, into, origin, known, observer).await,
        Kind::Zip | Kind::Folder => {
            let (into, origin, known, observer) = (into.to_owned(), origin.clone(), known.cloned(), Arc::clone(observer));
            blocking(move || local(&into, &origin, known, &*observer)).await
        }
    }
}

async fn fetched(
    client: &Client,
    into: &Path,
    origin: &Origin,
    known: Option<&Source>,
    observer: &Arc<dyn Observer>,
) -> Result<Outcome, NotBuilt> {
    let url = match &origin.ecosystem {
        Some(ecosystem) => fetch::beneath(&origin.from, &[ecosystem, "all.zip"]),
        None => Some(origin.from.clone()),
    };
    let url = url.ok_or_else(|| NotBuilt::Source("its address is none".to_owned()))?;
    let asked_at = Timestamp::now();
    // What another server calls its state says nothing here.
    let comparable = known.filter(|known| known.origin == *origin);
    let said = |bytes: u64| observer.doing(&format!("{origin}: {} MB fetched", bytes / 1_000_000));
    observer.doing(&format!("{origin}: asking"));
    let fetched = fetch::fetch(client, &url, comparable, into, said).await;
    let fetched = fetched.map_err(|error| match error {
        NotFetched::Disk(error) => NotBuilt::Disk(error),
        error => NotBuilt::Source(error.to_string()),
    })?;
    match (fetched, comparable) {
        (Fetched::New { archive, etag, last_modified }, _) => {
            let (into, origin, observer) = (into.to_owned(), origin.clone(), Arc::clone(observer));
            let source = blocking(move || build::build(&into, &origin, Input::Zip(archive.reopen()?), &*observer)).await?;
            Ok(Outcome::Read(Box::new(Source { etag, last_modified, current_at: asked_at, ..source })))
        }
        (Fetched::Unchanged, Some(known)) => Ok(Outcome::Unchanged(Box::new(Source { current_at: asked_at, ..known.clone() }))),
        (Fetched::Unchanged, None) => Err(NotBuilt::Source("its server says that it has not changed, but not since when".to_owned())),
    }
}

fn local(into: &Path, origin: &Origin, known: Option<Source>, observer: &dyn Observer) -> Result<Outcome, NotBuilt> {
    observer.doing(&format!("{origin}: looking"));
    let path = PathBuf::from(&origin.from);
    let unreadable = |error: io::Error| NotBuilt::Source(error.to_string());
    let (input, state, changed) = if origin.kind == Kind::Folder {
        let listing = folder::list(&path).map_err(unreadable)?;
        let (state, changed) = (listing.state.clone(), listing.changed);
        (Input::Folder(listing), state, changed)
    } else {
        let metadata = path.metadata().map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(NotBuilt::Source("it is neither a folder nor a file".to_owned()));
        }
        let file = File::open(&path).map_err(unreadable)?;
        (Input::Zip(file), folder::state(&metadata), folder::changed(&metadata))
    };
    let current_at = changed.min(Timestamp::now());
    if let Some(known) = known.filter(|known| known.origin == *origin && known.state.as_ref() == Some(&state)) {
        return Ok(Outcome::Unchanged(Box::new(Source { current_at, ..known })));
    }
    let source = build::build(into, origin, input, observer)?;
    Ok(Outcome::Read(Box::new(Source { state: Some(state), current_at, ..source })))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, NotBuilt> + Send + 'static) -> Result<T, NotBuilt> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(NotBuilt::Source("a bug in carat: reading it ended in a panic".to_owned())),
    }
}
