//! libgit2: the reader of objects, and nothing else of it. A repository is opened from its objects alone, so that no
//! configuration, no hook, no replacement and no other repository's objects are ever looked at.

use std::ffi::{c_char, c_int, c_void};
use std::path::Path;
use std::sync::Once;

use carat_checks::evidence::{Cause, FileKind};
use git2::{ErrorClass, ErrorCode, ObjectType, Odb, Oid, Repository};

use super::super::beneath::{Kind, Root};

/// The largest object that is read: a few megabytes of a pack can hold gigabytes.
pub(super) const LARGEST: usize = 50 << 20;

/// Opens the objects of a git directory. A handle is not to be shared between threads; each opens its own.
pub(crate) fn open(common: &Path) -> Result<Repository, git2::Error> {
    init();
    let objects = common.join("objects");
    let Some(objects) = objects.to_str() else {
        return Err(git2::Error::from_str("the path of its git directory is no UTF-8"));
    };
    let odb = Odb::new()?;
    odb.add_disk_alternate(objects)?;
    Repository::from_odb(odb)
}

/// Why the objects of a git directory are not read, if reading them would lead out of it, or wait without end.
///
/// libgit2 follows links and other repositories' objects, opens pipes, and has no switch for it.
pub(super) fn leads_out(common: &Root) -> Option<&'static str> {
    const ODD: &str = "there are links, or other things that are no files, among its objects, which are not followed";
    let is_plain = |kind: &Kind| matches!(kind, Kind::Folder | Kind::File(FileKind::Regular));
    for (name, kind) in common.entries(b"objects").unwrap_or_default() {
        if !is_plain(&kind) {
            return Some(ODD);
        }
        // Packs, their list, and the folders of single objects.
        let folder = [b"objects/", &name[..]].concat();
        let entries = if kind == Kind::Folder { common.entries(&folder).unwrap_or_default() } else { Vec::new() };
        if name == b"info" && entries.iter().any(|(name, _)| name == b"alternates") {
            return Some("it borrows objects from another repository (objects/info/alternates), which is not followed");
        }
        if !entries.iter().all(|(_, kind)| is_plain(kind)) {
            return Some(ODD);
        }
    }
    None
}

fn too_large() -> Cause {
    Cause::LimitReached { bound: format!("{} MiB for an object", LARGEST >> 20) }
}

/// The size of an object, if it is of this kind and not too large to be read.
pub(crate) fn size(odb: &Odb<'_>, id: Oid, kind: ObjectType) -> Result<usize, Cause> {
    let (size, found) = odb.read_header(id).map_err(|error| unreadable(&error))?;
    if found != kind {
        return Err(Cause::Failed { why: format!("the object is no {kind}") });
    }
    if size > LARGEST {
        return Err(too_large());
    }
    Ok(size)
}

/// The commit that an object is, or leads to as a tag. Of no object more than a tag is read.
pub(super) fn peel(repository: &Repository, mut id: Oid) -> Result<Oid, git2::Error> {
    const LONGEST_CHAIN: usize = 16;
    let odb = repository.odb()?;
    for _ in 0..LONGEST_CHAIN {
        match odb.read_header(id)? {
            (_, ObjectType::Commit) => return Ok(id),
            (length, ObjectType::Tag) if length <= LARGEST => id = repository.find_tag(id)?.target_id(),
            (_, kind) => return Err(git2::Error::from_str(&format!("it is a {kind} that leads to no commit"))),
        }
    }
    Err(git2::Error::from_str("it is a tag of a tag of a tag, without end"))
}

/// The object whose id is, or alone begins with, this.
pub(super) fn by_prefix(repository: &Repository, hex: &str) -> Option<Oid> {
    let is_hex = (4..=40).contains(&hex.len()) && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = Oid::from_str(hex).ok().filter(|_| is_hex)?;
    repository.odb().ok()?.exists_prefix(id, hex.len()).ok()
}

/// The largest piece of memory that libgit2 gets: an object and what is put around it. The header of an object that is
/// stored as a difference tells its own size, not that of the object it differs from, which is inflated as well.
const LARGEST_PIECE: usize = LARGEST + (1 << 20);

/// libgit2's table of functions for memory (`git2/sys/alloc.h`).
#[repr(C)]
struct Allocator {
    malloc: extern "C" fn(usize, *const c_char, c_int) -> *mut c_void,
    realloc: extern "C" fn(*mut c_void, usize, *const c_char, c_int) -> *mut c_void,
    free: extern "C" fn(*mut c_void),
}

#[expect(unsafe_code, reason = "the C library's functions, with a bound before them")]
mod bounded {
    use super::{LARGEST_PIECE, c_char, c_int, c_void};

    mod c {
        use super::c_void;
        unsafe extern "C" {
            pub(super) fn malloc(size: usize) -> *mut c_void;
            pub(super) fn realloc(old: *mut c_void, size: usize) -> *mut c_void;
            pub(super) fn free(old: *mut c_void);
        }
    }

    pub(super) extern "C" fn malloc(size: usize, _: *const c_char, _: c_int) -> *mut c_void {
        if size > LARGEST_PIECE {
            return std::ptr::null_mut();
        }
        // SAFETY: the C library's function takes any size.
        unsafe { c::malloc(size.max(1)) }
    }

    pub(super) extern "C" fn realloc(old: *mut c_void, size: usize, _: *const c_char, _: c_int) -> *mut c_void {
        if size > LARGEST_PIECE {
            return std::ptr::null_mut();
        }
        // SAFETY: libgit2 hands over what it got from these functions, or from the C library's own before them.
        unsafe { c::realloc(old, size.max(1)) }
    }

    pub(super) extern "C" fn free(old: *mut c_void) {
        // SAFETY: as for `realloc`.
        unsafe { c::free(old) }
    }
}

#[expect(unsafe_code, reason = "git2 has no setter for the functions for memory")]
fn bound_memory() {
    static ALLOCATOR: Allocator = Allocator { malloc: bounded::malloc, realloc: bounded::realloc, free: bounded::free };
    // SAFETY: the table has the form that libgit2 1.9 wants and lives as long as the program; `init` calls this once.
    // What libgit2 has by now comes from the C library's functions, which are those behind the table.
    let _ = unsafe { libgit2_sys::git_libgit2_opts(libgit2_sys::GIT_OPT_SET_ALLOCATOR as c_int, std::ptr::from_ref(&ALLOCATOR)) };
}

/// Why an object could not be read.
pub(crate) fn unreadable(error: &git2::Error) -> Cause {
    let why = match error.code() {
        ErrorCode::NotFound => "the object is not in this clone".to_owned(),
        _ if error.class() == ErrorClass::NoMemory => return too_large(),
        _ => format!("the object cannot be read: {}", error.message()),
    };
    Cause::Failed { why }
}

/// Sets libgit2's switches, before anything else of it is used; does nothing after the first time.
pub(crate) fn init() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Packs carry their own checksums, verified when they were written; hashing each object again costs half of
        // all reading.
        git2::opts::strict_hash_verification(false);
        // Each object is read once: a cache would only hold memory.
        git2::opts::enable_caching(false);
        set_windows();
        bound_memory();
    });
}

#[expect(unsafe_code, reason = "git2 marks setters of process-wide state as unsafe")]
fn set_windows() {
    // The results are not looked at: a switch that cannot be set changes how much memory is used, nothing else.
    // SAFETY: `init` calls this once, before any other thread uses libgit2.
    unsafe {
        // Small windows: a pack is read from end to end, and what was read is not needed again.
        let _ = git2::opts::set_mwindow_size(4 << 20);
        let _ = git2::opts::set_mwindow_mapped_limit(32 << 20);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_object_beyond_the_bound_is_inflated_even_if_nobody_looked_at_its_header() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let written = Repository::init_bare(folder.path()).expect("a repository can be made");
        let large = written.blob(&vec![0; LARGEST_PIECE]).expect("written");
        let small = written.blob(&vec![0; 1 << 20]).expect("written");
        let repository = open(folder.path()).expect("objects can be opened");
        let odb = repository.odb().expect("there are some");
        assert_eq!(size(&odb, large, ObjectType::Blob), Err(too_large()));
        let error = odb.read(large).err().expect("there is no memory for it");
        assert_eq!(unreadable(&error), too_large());
        assert_eq!(odb.read(small).expect("there is for this").len(), 1 << 20);
    }
}
