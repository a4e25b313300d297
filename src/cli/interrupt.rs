//! An interrupt ends the program at any moment, with exit code 130 and without files half written.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use tempfile::NamedTempFile;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use crate::error::Error;

/// The temporary files that are to be removed.
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Whether the run ends itself when it is asked to, and that it is asked to.
static ENDS_ITSELF: AtomicBool = AtomicBool::new(false);
static ASKED: Notify = Notify::const_new();
/// How long it may take for that.
const PATIENCE: Duration = Duration::from_millis(800);

/// From now on an interrupt asks the run to end itself, and ends it if it does not do so soon.
pub(super) fn ask_first() {
    ENDS_ITSELF.store(true, Ordering::Relaxed);
}

/// Waits until the run is asked to end.
pub(super) async fn asked() {
    ASKED.notified().await;
}

fn temporary() -> MutexGuard<'static, Vec<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a temporary file that is removed at an interrupt; none comes between its making and the note of it.
///
/// # Errors
/// It cannot be made.
pub(super) fn removed(make: impl FnOnce() -> io::Result<NamedTempFile>) -> io::Result<NamedTempFile> {
    let mut files = temporary();
    let file = make()?;
    files.push(file.path().to_owned());
    Ok(file)
}

/// Runs `last` so that an interrupt comes before or after it, and has the file no longer removed.
pub(super) fn keep<T>(file: &Path, last: impl FnOnce() -> T) -> T {
    let mut files = temporary();
    files.retain(|other| other != file);
    last()
}

/// Begins to listen. From now on an interrupt ends the program, whatever its other threads do: one of them may wait for
/// a reader that never reads.
///
/// # Errors
/// The system gives no thread or no signals.
pub(super) fn listen() -> Result<(), Error> {
    let (listening, ready) = mpsc::channel();
    let failed = |error: io::Error| Error::Bug(format!("interrupts cannot be listened to: {error}"));
    let thread = std::thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(listening.send(Err(error))),
        };
        runtime.block_on(async {
            let both = signal(SignalKind::interrupt()).and_then(|one| Ok((one, signal(SignalKind::terminate())?)));
            let (mut interrupts, mut terminations) = match both {
                Ok(both) => both,
                Err(error) => return drop(listening.send(Err(error))),
            };
            let _ = listening.send(Ok(()));
            let mut next = async || {
                tokio::select! {
                    one = interrupts.recv() => one,
                    one = terminations.recv() => one,
                }
            };
            next().await;
            if ENDS_ITSELF.load(Ordering::Relaxed) {
                ASKED.notify_one();
                // Whoever asks twice does not want to wait.
                let _ = tokio::time::timeout(PATIENCE, next()).await;
            }
            end();
        });
    });
    thread.map_err(failed)?;
    ready.recv().map_err(|_| Error::Bug("interrupts cannot be listened to".to_owned()))?.map_err(failed)
}

#[expect(clippy::exit, reason = "other threads may wait without end, and nothing of theirs is worth waiting for")]
fn end() {
    // Held to the end, so that no file is moved into its place meanwhile.
    let files = temporary();
    for file in files.iter() {
        let _ = fs::remove_file(file);
    }
    let interrupted = Error::Interrupted;
    let _ = writeln!(io::stderr(), "error: {interrupted}");
    std::process::exit(i32::from(interrupted.exit_code()));
}
