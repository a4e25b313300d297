//! libgit2: the reader of objects, and nothing else of it. A repository is opened from its objects alone, so that no
//! configuration, no hook, no replacement and no other repository's objects are ever looked at.

use std::path::Path;
use std::sync::Once;

use carat_checks::evidence::{Cause, FileKind};
use git2::{ErrorCode, ObjectType, Odb, Oid, Repository};

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

/// The size of an object, if it is of this kind and not too large to be read.
pub(crate) fn size(odb: &Odb<'_>, id: Oid, kind: ObjectType) -> Result<usize, Cause> {
    let (size, found) = odb.read_header(id).map_err(|error| unreadable(&error))?;
    if found != kind {
        return Err(Cause::Failed { why: format!("the object is no {kind}") });
    }
    if size > LARGEST {
        return Err(Cause::LimitReached { bound: format!("{} MiB for an object", LARGEST >> 20) });
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

/// Why an object could not be read.
pub(crate) fn unreadable(error: &git2::Error) -> Cause {
    let why = match error.code() {
        ErrorCode::NotFound => "the object is not in this clone".to_owned(),
        _ => format!("the object cannot be read: {}", error.message()),
    };
    Cause::Failed { why }
}

/// Sets libgit2's switches; does nothing after the first time.
fn init() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Packs carry their own checksums, verified when they were written; hashing each object again costs half of
        // all reading.
        git2::opts::strict_hash_verification(false);
        // Each object is read once: a cache would only hold memory.
        git2::opts::enable_caching(false);
        set_windows();
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
