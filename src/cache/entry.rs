//! One fetched commit in the cache: found, made, put into its place, removed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use tempfile::TempDir;

use crate::transfer;

/// The form of the cache; another one stands in a folder of its own.
pub(super) const VERSION: &str = "v1";
/// The file that is an entry's lock, and tells what was stored.
pub(super) const ENTRY: &str = "entry";
const FIRST_LINE: &str = "carat v1";

/// What was found in an entry's place.
pub(super) enum Lookup {
    /// An entry that is sound, and its lock.
    Found(File),
    /// None, or none that could be used.
    Absent,
}

/// An entry that is being made.
pub(super) struct Made {
    pub(super) folder: Arc<TempDir>,
    lock: File,
}

/// Looks for an entry, and notes that it was used. One that is damaged is removed.
///
/// # Errors
/// The cache cannot be read.
pub(super) fn look(place: &Path, commit: &str, new: &Path) -> io::Result<Lookup> {
    let lock = match File::open(place.join(ENTRY)) {
        Ok(lock) => lock,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            // Whatever stands there is no entry: one comes into its place whole.
            if place.symlink_metadata().is_ok() {
                remove(place, new)?;
            }
            return Ok(Lookup::Absent);
        }
        Err(error) => return Err(error),
    };
    // Who has it alone is removing it.
    if lock.try_lock_shared().is_err() || !is_in_place(&lock, place) {
        return Ok(Lookup::Absent);
    }
    if is_sound(&lock, place, commit) {
        // Where it cannot be noted, it looks older than it is.
        let _ = lock.set_modified(SystemTime::now());
        return Ok(Lookup::Found(lock));
    }
    lock.unlock()?;
    remove_if_free(place, &lock, new)?;
    Ok(Lookup::Absent)
}

/// A folder for a new entry, which nobody else takes for left over.
pub(super) fn make(new: &Path) -> io::Result<Made> {
    let folder = super::temporary_folder(new, "git-")?;
    let lock = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(folder.path().join(ENTRY))?;
    lock.try_lock_shared()?;
    Ok(Made { folder: Arc::new(folder), lock })
}

/// Moves an entry that is whole into its place; if there is one already, that one is used. Gives its lock, and how much
/// it added to the cache.
///
/// # Errors
/// It cannot be; it is still of use where it was made.
pub(super) fn publish(made: Made, place: &Path, commit: &str, new: &Path) -> Result<(File, u64), (Made, io::Error)> {
    const TRIES: usize = 3;
    let stored = files(made.folder.path());
    let written = stored.and_then(|stored| {
        let bytes = stored.iter().map(|(_, bytes)| bytes).sum();
        write_stamp(&made.lock, &stored).map(|()| bytes)
    });
    let bytes = match written {
        Ok(bytes) => bytes,
        Err(error) => return Err((made, error)),
    };
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for _ in 0..TRIES {
        let parent = place.parent().unwrap_or(place);
        match super::make_folders(parent).and_then(|()| fs::rename(made.folder.path(), place)) {
            Ok(()) => return Ok((made.lock, bytes)),
            // Someone was faster, or removed the folder that had become empty.
            Err(error) if matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists) => {
                match look(place, commit, new) {
                    Ok(Lookup::Found(lock)) => return Ok((lock, 0)),
                    Ok(Lookup::Absent) => last = error,
                    Err(error) => return Err((made, error)),
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => last = error,
            Err(error) => return Err((made, error)),
        }
    }
    Err((made, last))
}

/// Removes an entry if nobody uses it.
pub(super) fn remove_if_free(place: &Path, lock: &File, new: &Path) -> io::Result<bool> {
    if lock.try_lock().is_err() || !is_in_place(lock, place) {
        return Ok(false);
    }
    remove(place, new)?;
    Ok(true)
}

/// Moves something away and removes it there, so that nobody ever sees half of it.
fn remove(place: &Path, new: &Path) -> io::Result<()> {
    let grave = super::temporary_folder(new, "old-")?;
    match fs::rename(place, grave.path().join("it")) {
        // Another run was faster.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        moved => moved,
    }
}

/// Whether a lock that was opened by its path is still what stands there.
fn is_in_place(lock: &File, place: &Path) -> bool {
    let there = place.join(ENTRY).symlink_metadata();
    let same = |there: fs::Metadata| lock.metadata().is_ok_and(|here| (here.dev(), here.ino()) == (there.dev(), there.ino()));
    there.is_ok_and(same)
}

fn is_sound(lock: &File, place: &Path, commit: &str) -> bool {
    let told = read_stamp(lock);
    told.is_some_and(|told| files(place).is_ok_and(|found| found == told)) && transfer::holds(place, commit)
}

/// The files that hold an entry's objects, and how long they are.
fn files(place: &Path) -> io::Result<Vec<(String, u64)>> {
    let mut found = Vec::new();
    for file in fs::read_dir(place.join("objects/pack"))? {
        let file = file?;
        let metadata = file.metadata()?;
        if metadata.is_file() {
            found.push((file.file_name().to_string_lossy().into_owned(), metadata.len()));
        }
    }
    found.sort();
    Ok(found)
}

fn write_stamp(mut lock: &File, stored: &[(String, u64)]) -> io::Result<()> {
    let lines: String = stored.iter().map(|(name, bytes)| format!("{bytes} {name}\n")).collect();
    lock.rewind()?;
    lock.write_all(format!("{FIRST_LINE}\n{lines}end\n").as_bytes())
}

/// What an entry says of itself.
pub(super) fn read_stamp(mut lock: &File) -> Option<Vec<(String, u64)>> {
    const LONGEST: u64 = 4 << 10;
    let mut text = String::new();
    lock.rewind().ok()?;
    lock.take(LONGEST).read_to_string(&mut text).ok()?;
    let lines = text.strip_prefix(FIRST_LINE)?.strip_prefix('\n')?.strip_suffix("end\n")?;
    let stored = lines.lines().map(|line| {
        let (bytes, name) = line.split_once(' ')?;
        Some((name.to_owned(), bytes.parse().ok()?))
    });
    stored.collect()
}
