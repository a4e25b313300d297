//! The bounds of the cache: what was not used for longest goes first.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use super::Cache;
use super::entry::{self, ENTRY};

/// After how long what a run left behind belongs to nobody.
const LEFT_OVER: Duration = Duration::from_secs(3_600);
/// How deep the folders of the cache stand in each other.
const DEEPEST: usize = 16;

/// Something that is kept.
pub(super) struct Kept {
    path: PathBuf,
    used: SystemTime,
    pub(super) bytes: u64,
    /// Whether it is a commit, or else an answer.
    pub(super) is_commit: bool,
}

impl Cache {
    /// Notes that so much was added, and removes what is too much by now. What is in use stays.
    pub(super) fn make_room(&self, folder: &Path, added: u64) {
        let most = self.0.settings.most;
        let mut filled = self.0.filled.lock().unwrap_or_else(PoisonError::into_inner);
        let total = filled.map_or(u64::MAX, |filled| filled.saturating_add(added));
        *filled = Some(total);
        // The first time nobody knows, and later others may have added as well.
        if total <= most {
            return;
        }
        let mut kept = kept(folder);
        let mut total = kept.iter().map(|kept| kept.bytes).sum();
        if total > most {
            kept.sort_by_key(|kept| kept.used);
            // A little more, so that not every addition has to look at all.
            let wanted = most / 10 * 9;
            for kept in kept {
                if total <= wanted {
                    break;
                }
                if remove(&kept, folder).unwrap_or(false) {
                    total -= kept.bytes;
                }
            }
        }
        *filled = Some(total);
    }
}

/// Removes it unless it is in use.
///
/// # Errors
/// It cannot be removed, or was removed before.
pub(super) fn remove(kept: &Kept, folder: &Path) -> io::Result<bool> {
    let is_gone = if kept.is_commit {
        entry::remove_if_free(&kept.path, &File::open(kept.path.join(ENTRY))?, &folder.join("new"))?
    } else {
        fs::remove_file(&kept.path)?;
        true
    };
    // The folders that are empty now.
    let above =
        kept.path.ancestors().skip(1).take_while(|above| above.parent().is_some_and(|above| above != folder && above.starts_with(folder)));
    if is_gone {
        let _ = above.map_while(|above| fs::remove_dir(above).ok()).count();
    }
    Ok(is_gone)
}

/// All that is kept.
pub(super) fn kept(folder: &Path) -> Vec<Kept> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.join("git"), 0), (folder.join("answers"), 0)];
    while let Some((folder, depth)) = folders.pop() {
        // A repository or an owner can be called so as well, and is a folder.
        if let Ok(lock) = File::open(folder.join(ENTRY))
            && lock.metadata().is_ok_and(|metadata| metadata.is_file())
        {
            let stored = entry::read_stamp(&lock).unwrap_or_default();
            let used = lock.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            found.push(Kept { path: folder, used, bytes: stored.iter().map(|(_, bytes)| bytes).sum(), is_commit: true });
            continue;
        }
        for below in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(metadata) = below.metadata() else { continue };
            if metadata.is_dir() && depth < DEEPEST {
                folders.push((below.path(), depth + 1));
            } else if metadata.is_file() {
                let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                found.push(Kept { path: below.path(), used, bytes: metadata.len(), is_commit: false });
            }
        }
    }
    found
}

/// Removes what runs left behind that were cut off.
pub(super) fn clear_left_over(new: &Path) {
    for left in fs::read_dir(new).into_iter().flatten().flatten() {
        let age = left.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|made| made.elapsed().ok());
        if age.is_none_or(|age| age < LEFT_OVER) {
            continue;
        }
        let path = left.path();
        // One that is being made for longer than that is locked.
        let is_free = File::open(path.join(ENTRY)).map_or(true, |lock| lock.try_lock().is_ok());
        if is_free && fs::remove_dir_all(&path).is_err() {
            let _ = fs::remove_file(&path);
        }
    }
}
