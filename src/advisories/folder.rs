//! Advisories as files in a folder, such as a clone of an advisory repository.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ignore::WalkBuilder;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::record::Form;
use super::zip::{LONGEST, MOST};

const DEEPEST: usize = 64;

/// What a folder holds.
pub(super) struct Listing {
    /// Files that may be advisories, in order.
    pub(super) files: Vec<(PathBuf, Form)>,
    /// The same as long as nothing has changed.
    pub(super) state: String,
    /// The newest change.
    pub(super) changed: Timestamp,
}

/// Lists a folder. Links are not followed, and what Git keeps for itself is passed over.
///
/// # Errors
/// It cannot be listed, or has too many files.
pub(super) fn list(folder: &Path) -> io::Result<Listing> {
    let mut walk = WalkBuilder::new(folder);
    walk.standard_filters(false).follow_links(false).max_depth(Some(DEEPEST)).sort_by_file_name(Ord::cmp);
    walk.filter_entry(|entry| entry.file_name() != ".git");
    let mut listing = Listing { files: Vec::new(), state: String::new(), changed: Timestamp::UNIX_EPOCH };
    let mut hash = Sha256::new();
    for entry in walk.build() {
        let entry = entry.map_err(|error| error.into_io_error().unwrap_or_else(|| io::Error::other("it cannot be listed")))?;
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        let Some(form) = entry.file_name().to_str().and_then(Form::of).filter(|_| is_file) else { continue };
        if listing.files.len() as u64 == MOST {
            return Err(io::Error::other(format!("it has more than {MOST} files")));
        }
        let metadata = entry.path().symlink_metadata()?;
        hash.update(format!("{}\0{}\n", entry.path().display(), state(&metadata)));
        listing.changed = listing.changed.max(changed(&metadata));
        listing.files.push((entry.into_path(), form));
    }
    listing.state = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Ok(listing)
}

/// By what a file is seen to be unchanged.
pub(super) fn state(metadata: &Metadata) -> String {
    let modified = metadata.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
    format!("{} {}", metadata.len(), modified.unwrap_or_default().as_nanos())
}

/// When a file was changed last.
pub(super) fn changed(metadata: &Metadata) -> Timestamp {
    metadata.modified().ok().and_then(|at| Timestamp::try_from(at).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Reads a file.
///
/// # Errors
/// Why not, in words.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() as u64 > LONGEST => Err("it is too long".to_owned()),
        Ok(_) => Ok(bytes),
        Err(error) => Err(error.to_string()),
    }
}
