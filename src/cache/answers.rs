//! Small answers of services: the list of projects that OSS-Fuzz builds, badges; and what hosts answered, by which they are
//! asked for changes alone.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::time::{Duration, SystemTime};

use super::{Cache, make_folders, name};
use crate::http::Answers;

/// The longest answer that is kept.
const LONGEST: usize = 64 << 20;

impl Cache {
    /// An answer that was kept, if it is no older than `most`. Reads a file: nothing for a thread that must not wait.
    #[must_use]
    pub fn get(&self, kind: &str, key: &str, most: Duration) -> Option<Vec<u8>> {
        let file = File::open(name::of_answer(self.0.folder.as_ref()?, kind, key)).ok()?;
        let made = file.metadata().ok()?.modified().ok()?;
        // One from the future was made by another clock, and may be of any age.
        if SystemTime::now().duration_since(made).ok()? > most {
            return None;
        }
        let mut bytes = Vec::new();
        file.take(2 * LONGEST as u64).read_to_end(&mut bytes).ok()?;
        let head = bytes.iter().position(|byte| *byte == b'\n')? + 1;
        // A file that is cut off, of another form, or of another key.
        let is_whole = bytes[..head] == *self::head(key, bytes.len() - head).as_bytes();
        is_whole.then(|| bytes.split_off(head))
    }

    /// Keeps an answer. Writes a file: nothing for a thread that must not wait.
    ///
    /// # Errors
    /// It cannot be kept, which stands in the way of nothing.
    pub fn put(&self, kind: &str, key: &str, answer: &[u8]) -> io::Result<()> {
        let Some(folder) = &self.0.folder else { return Ok(()) };
        if answer.len() > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let place = name::of_answer(folder, kind, key);
        let mut file = tempfile::Builder::new().prefix("answer-").tempfile_in(folder.join("new"))?;
        file.write_all(head(key, answer.len()).as_bytes())?;
        file.write_all(answer)?;
        make_folders(place.parent().unwrap_or(folder))?;
        let added = fs::metadata(file.path())?.len();
        file.persist(place).map_err(|error| error.error)?;
        self.make_room(folder, added);
        Ok(())
    }
}

/// What hosts answered, for as long as there is room: they say themselves whether it has changed.
const ASKED: &str = "asked";

impl Answers for Cache {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        let answer = self.get(ASKED, key, Duration::MAX)?;
        // Where it cannot be noted that it was used, it looks older than it is.
        if let Some(folder) = &self.0.folder
            && let Ok(file) = File::open(name::of_answer(folder, ASKED, key))
        {
            let _ = file.set_modified(SystemTime::now());
        }
        Some(answer)
    }

    fn put(&self, key: &str, answer: &[u8]) {
        let _ = self.put(ASKED, key, answer);
    }
}

/// The first line of a file: whose answer it is, and how long.
fn head(key: &str, length: usize) -> String {
    format!("carat v1 {length} {}\n", key.escape_default())
}
