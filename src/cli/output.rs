//! Where results go: standard output, or files that are written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tempfile::NamedTempFile;

use super::interrupt;
use crate::error::Error;

/// A place for one report, opened before any work so that a bad one is known at once.
pub(super) enum Output {
    /// Standard output.
    Standard,
    /// A regular file: written beside, then moved into its place.
    File(NamedTempFile, PathBuf),
    /// A pipe or a device.
    Stream(File, PathBuf),
}

impl Output {
    /// Opens a file for a report; nothing is changed there before [`Output::write`] is done.
    pub(super) fn file(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Output { what: path.display().to_string(), source };
        if path.as_os_str().as_bytes().ends_with(b"/") {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        // A link is written through, not replaced, even if nothing is there yet.
        let target = path.canonicalize().unwrap_or_else(|_| match (fs::read_link(path), path.parent()) {
            (Ok(link), Some(folder)) => folder.join(link),
            (Ok(link), None) => link,
            (Err(_), _) => path.to_owned(),
        });
        match fs::metadata(&target) {
            Ok(metadata) if metadata.is_dir() => Err(failed(io::ErrorKind::IsADirectory.into())),
            Ok(metadata) if !metadata.is_file() => {
                OpenOptions::new().write(true).open(&target).map(|file| Self::Stream(file, path.to_owned())).map_err(failed)
            }
            Ok(_) => {
                // A file that may not be written must not be replaced either.
                OpenOptions::new().write(true).open(&target).map_err(failed)?;
                Self::beside(target, failed)
            }
            Err(_) => Self::beside(target, failed),
        }
    }

    fn beside(target: PathBuf, failed: impl Fn(io::Error) -> Error) -> Result<Self, Error> {
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let make = || tempfile::Builder::new().prefix(".carat-").permissions(permissions(&target)).tempfile_in(folder);
        let file = interrupt::removed(make).map_err(|error| failed(plain(error)))?;
        Ok(Self::File(file, target.clone()))
    }

    /// Writes a part of a report at once; [`Output::write`] ends it. Tells whether anybody reads on.
    pub(super) fn append(&mut self, text: &[u8]) -> Result<bool, Error> {
        let (written, path) = match self {
            Self::Standard => {
                let mut is_read = true;
                let written = standard(|out| {
                    let written = out.write_all(text).and_then(|()| out.flush());
                    is_read = !matches!(&written, Err(error) if error.kind() == io::ErrorKind::BrokenPipe);
                    written
                });
                return written.map(|_| is_read);
            }
            Self::File(file, path) => (file.write_all(text), path),
            Self::Stream(file, path) => (file.write_all(text), path),
        };
        written.map(|()| true).map_err(|source| Error::Output { what: path.display().to_string(), source })
    }

    /// Writes a report.
    pub(super) fn write(self, report: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
        match self {
            Self::Standard => standard(report).map(|_| ()),
            Self::File(file, path) => {
                let failed = |source| Error::Output { what: path.display().to_string(), source };
                let mut out = BufWriter::new(&file);
                report(&mut out).and_then(|()| out.flush()).map_err(failed)?;
                drop(out);
                let temporary = file.path().to_owned();
                interrupt::keep(&temporary, || file.persist(&path)).map(|_| ()).map_err(|error| failed(plain(error.error)))
            }
            Self::Stream(file, path) => {
                let mut out = BufWriter::new(&file);
                let written = report(&mut out).and_then(|()| out.flush());
                written.map_err(|source| Error::Output { what: path.display().to_string(), source })
            }
        }
    }
}

/// What a new file may be: as the one that it replaces, else as any new file.
fn permissions(target: &Path) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(target).map_or_else(|_| fs::Permissions::from_mode(0o666), |metadata| metadata.permissions())
}

/// The error without the name of the temporary file, which says nothing to a user.
fn plain(error: io::Error) -> io::Error {
    match (error.raw_os_error(), error.kind()) {
        (Some(code), _) => io::Error::from_raw_os_error(code),
        (None, io::ErrorKind::NotFound) => io::Error::new(io::ErrorKind::NotFound, "the folder does not exist"),
        (None, kind) => io::Error::from(kind),
    }
}

/// Writes to standard output. A reader that stops reading is no error.
pub(super) fn standard(report: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<ExitCode, Error> {
    let mut out = BufWriter::new(io::stdout().lock());
    match report(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is left in the buffer has no reader either.
            let _ = out.into_parts();
            Ok(ExitCode::SUCCESS)
        }
        Err(source) => Err(Error::Output { what: "standard output".to_owned(), source }),
        Ok(()) => Ok(ExitCode::SUCCESS),
    }
}
