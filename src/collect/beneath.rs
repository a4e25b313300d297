//! Opening what stands beneath a folder, and nothing else: no link is followed, neither of a file nor of a folder on
//! the way, so that nothing outside the folder is ever read, and nothing that blocks is ever waited for.

use std::ffi::CStr;
use std::io;
#[cfg(target_os = "linux")]
use std::mem::MaybeUninit;
use std::path::Path;

use carat_checks::evidence::{Cause, FileKind};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW);
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC).union(OFlags::NOCTTY);

/// The folder beneath which everything stands.
pub(crate) struct Root(OwnedFd);

impl Root {
    /// Opens the folder that the user named; a link there is the user's own.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(fs::open(path, FOLDER.difference(OFlags::NOFOLLOW), Mode::empty())?))
    }

    /// Opens a folder beneath, by its path relative to the root without a slash at its end.
    pub(crate) fn folder(&self, path: &[u8]) -> rustix::io::Result<OwnedFd> {
        if path.is_empty() {
            return fs::openat(&self.0, c".", FOLDER, Mode::empty());
        }
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::ResolveFlags;
            let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
            match fs::openat2(&self.0, path, FOLDER, Mode::empty(), resolve) {
                Ok(folder) => return Ok(folder),
                // An older kernel, a sandbox, or a path that is too long to be opened in one step.
                Err(Errno::NOSYS | Errno::PERM | Errno::INVAL | Errno::NAMETOOLONG) => {}
                Err(error) => return Err(error),
            }
        }
        self.folder_by_components(path)
    }

    /// The entries of a folder beneath.
    pub(crate) fn entries(&self, path: &[u8]) -> Result<Vec<(Vec<u8>, Kind)>, Cause> {
        entries(self.folder(path).map_err(failed)?)
    }

    /// A regular file beneath the root, if it can be read and is not longer than `longest`.
    pub(crate) fn small_file(&self, path: &[u8], longest: u64) -> Option<Vec<u8>> {
        self.file(path, longest)?.ok()
    }

    /// A regular file beneath the root, if it can be read.
    ///
    /// # Errors
    /// It is longer than `longest`.
    pub(crate) fn file(&self, path: &[u8], longest: u64) -> Option<Result<Vec<u8>, TooLong>> {
        let (folder, name) = match path.iter().rposition(|byte| *byte == b'/') {
            Some(slash) => (&path[..slash], &path[slash + 1..]),
            None => (&b""[..], path),
        };
        let folder = self.folder(folder).ok()?;
        let Ok(Opened::File(file, size)) = open(folder.as_fd(), name) else { return None };
        if size > longest {
            return Some(Err(TooLong));
        }
        let mut text = vec![0; usize::try_from(size).ok()?];
        let read = read(&file, &mut text).ok()?;
        text.truncate(read);
        Some(Ok(text))
    }

    fn folder_by_components(&self, path: &[u8]) -> rustix::io::Result<OwnedFd> {
        let mut folder = self.folder(b"")?;
        for name in path.split(|byte| *byte == b'/') {
            if matches!(name, b"" | b"." | b"..") {
                return Err(Errno::INVAL);
            }
            folder = fs::openat(&folder, name, FOLDER, Mode::empty())?;
        }
        Ok(folder)
    }
}

/// A file is longer than what is read of such a file.
pub(crate) struct TooLong;

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A folder.
    Folder,
    /// Some kind of file.
    File(FileKind),
}

/// The entries of an open folder, by name, without `.` and `..`.
pub(crate) fn entries(folder: impl AsFd) -> Result<Vec<(Vec<u8>, Kind)>, Cause> {
    let mut out = Vec::new();
    each_entry(folder, |name, kind| out.push((name.to_vec(), kind)))?;
    Ok(out)
}

/// Hands every entry of an open folder to `each`, in no order, without `.` and `..`.
pub(crate) fn each_entry(folder: impl AsFd, mut each: impl FnMut(&[u8], Kind)) -> Result<(), Cause> {
    let mut entry = |name: &CStr, mut file_type: FileType| {
        if matches!(name.to_bytes(), b"." | b"..") {
            return Ok(());
        }
        if file_type == FileType::Unknown {
            let stat = fs::statat(folder.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW).map_err(failed)?;
            file_type = FileType::from_raw_mode(stat.st_mode);
        }
        each(name.to_bytes(), kind(file_type));
        Ok(())
    };
    #[cfg(target_os = "linux")]
    {
        // Reads from the descriptor that is open already, into a buffer on the stack.
        let mut buffer = [MaybeUninit::uninit(); 16 << 10];
        let mut entries = fs::RawDir::new(folder.as_fd(), &mut buffer);
        while let Some(found) = entries.next() {
            let found = found.map_err(failed)?;
            entry(found.file_name(), found.file_type())?;
        }
    }
    #[cfg(not(target_os = "linux"))]
    for found in fs::Dir::read_from(folder.as_fd()).map_err(failed)? {
        let found = found.map_err(failed)?;
        entry(found.file_name(), found.file_type())?;
    }
    Ok(())
}

/// A file beneath a folder.
pub(crate) enum Opened {
    /// A regular file, and its length.
    File(OwnedFd, u64),
    /// Something else, which is not read.
    Other(FileKind),
    /// Nothing.
    Absent,
}

/// Opens a file by its name in a folder.
pub(crate) fn open(folder: BorrowedFd<'_>, name: &[u8]) -> Result<Opened, Cause> {
    let file = match fs::openat(folder, name, FILE, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::LOOP) => return Ok(Opened::Other(FileKind::Symlink)),
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(Opened::Absent),
        // A socket, or a device without a driver.
        Err(Errno::NXIO | Errno::NODEV) => return Ok(Opened::Other(FileKind::Special)),
        Err(error) => return Err(failed(error)),
    };
    let stat = fs::fstat(&file).map_err(failed)?;
    Ok(match kind(FileType::from_raw_mode(stat.st_mode)) {
        Kind::File(FileKind::Regular) => Opened::File(file, u64::try_from(stat.st_size).unwrap_or_default()),
        Kind::File(other) => Opened::Other(other),
        // A folder in the place of a tracked file: the file is gone.
        Kind::Folder => Opened::Absent,
    })
}

/// The length of a regular file, without opening it; otherwise as [`open`].
pub(crate) fn size(folder: BorrowedFd<'_>, name: &[u8]) -> Result<Result<u64, Opened>, Cause> {
    let stat = match fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => stat,
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(Err(Opened::Absent)),
        Err(error) => return Err(failed(error)),
    };
    Ok(match kind(FileType::from_raw_mode(stat.st_mode)) {
        Kind::File(FileKind::Regular) => Ok(u64::try_from(stat.st_size).unwrap_or_default()),
        Kind::File(other) => Err(Opened::Other(other)),
        Kind::Folder => Err(Opened::Absent),
    })
}

/// Reads into the whole buffer, or up to the end of the file.
pub(crate) fn read(file: impl AsFd, mut buffer: &mut [u8]) -> Result<usize, Cause> {
    let mut read = 0;
    while !buffer.is_empty() {
        match rustix::io::read(&file, &mut *buffer) {
            Ok(0) => break,
            Ok(n) => {
                read += n;
                buffer = &mut buffer[n..];
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(read)
}

fn kind(file_type: FileType) -> Kind {
    match file_type {
        FileType::RegularFile => Kind::File(FileKind::Regular),
        FileType::Symlink => Kind::File(FileKind::Symlink),
        FileType::Directory => Kind::Folder,
        _ => Kind::File(FileKind::Special),
    }
}

/// An error of the system as a gap.
pub(crate) fn failed(error: impl Into<io::Error>) -> Cause {
    let error: io::Error = error.into();
    let text = error.to_string();
    // The number says nothing to a reader.
    let text = text.split(" (os error").next().unwrap_or(&text).to_lowercase();
    Cause::Failed { why: text }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_not_followed_neither_of_files_nor_of_folders() {
        let outside = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(outside.path().join("secret"), "x").expect("a file");
        let inside = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir_all(inside.path().join("a/b")).expect("folders");
        std::fs::write(inside.path().join("a/b/file"), "text").expect("a file");
        symlink(outside.path(), inside.path().join("out")).expect("a link");
        symlink(outside.path().join("secret"), inside.path().join("a/b/link")).expect("a link");
        symlink("b", inside.path().join("a/c")).expect("a link");
        let root = Root::open(inside.path()).expect("the root opens");
        for open_folder in [Root::folder, Root::folder_by_components] {
            assert!(open_folder(&root, b"out").is_err());
            assert!(open_folder(&root, b"a/c").is_err());
            assert!(open_folder(&root, b"a/../..").is_err());
            let folder = open_folder(&root, b"a/b").expect("a folder opens");
            assert!(matches!(open(folder.as_fd(), b"link"), Ok(Opened::Other(FileKind::Symlink))));
            assert!(matches!(open(folder.as_fd(), b"none"), Ok(Opened::Absent)));
            assert!(matches!(open(folder.as_fd(), b"file"), Ok(Opened::File(_, 4))));
            assert!(matches!(size(folder.as_fd(), b"file"), Ok(Ok(4))));
            assert!(matches!(size(folder.as_fd(), b"link"), Ok(Err(Opened::Other(FileKind::Symlink)))));
        }
    }
}
