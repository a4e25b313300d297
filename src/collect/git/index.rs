//! Git's index: which files of a working tree are tracked.
//!
//! Our own reader, because the list is the one serial part of the file pass: libgit2 takes some 40 ms for 28,000
//! entries, this takes 2. The format: <https://git-scm.com/docs/index-format>. Versions 2 to 4 and sparse indexes are
//! read; the checksum at the end is not verified, the order and the form of every path are.

use carat_checks::evidence::ObjectId;

/// An entry of the index.
pub(super) struct IndexEntry<'a> {
    pub(super) path: std::borrow::Cow<'a, [u8]>,
    pub(super) mode: u32,
    pub(super) object: ObjectId,
    /// The working tree does not hold it, because the user wanted it so.
    pub(super) skip_worktree: bool,
}

impl IndexEntry<'_> {
    /// Whether this stands for a whole folder that a sparse index does not spell out.
    pub(super) const fn is_folder(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }
}

const CUT: &str = "it is cut short";

const HEADER: usize = 12;
const CHECKSUM: usize = 20;
/// Times, device, inode, mode, owner, size, object and flags.
const FIXED: usize = 62;
const MODE: usize = 24;
const OBJECT: usize = 40;
const FLAGS: usize = 60;

const EXTENDED: u16 = 1 << 14;
const SKIP_WORKTREE: u16 = 1 << 14;

/// How many entries an index may have, by its length.
pub(super) const fn most(index: &[u8]) -> usize {
    index.len() / FIXED
}

/// Hands every entry to `each`, in order, a path in conflict once; `each` says whether to go on.
///
/// # Errors
/// What about the index cannot be read, for a note.
pub(super) fn read(index: &[u8], mut each: impl FnMut(IndexEntry<'_>) -> bool) -> Result<(), &'static str> {
    let body = index.len().checked_sub(CHECKSUM).ok_or(CUT)?;
    let index = &index[..body];
    if !index.starts_with(b"DIRC") {
        return Err("it is no index");
    }
    let version = number(index, 4).ok_or(CUT)?;
    if !(2..=4).contains(&version) {
        return Err("its version is unknown");
    }
    let count = number(index, 8).ok_or(CUT)?;
    let mut at = HEADER;
    let mut last: Vec<u8> = Vec::new();
    for n in 0..count {
        let flags = short(index, at + FLAGS).ok_or(CUT)?;
        let mut name = at + FIXED;
        let mut skip_worktree = false;
        if flags & EXTENDED != 0 {
            if version == 2 {
                return Err("an entry has flags that its version does not know");
            }
            skip_worktree = short(index, name).ok_or(CUT)? & SKIP_WORKTREE != 0;
            name += 2;
        }
        let kept = if version == 4 {
            let cut = offset(index, &mut name).ok_or(CUT)?;
            last.len().checked_sub(cut).ok_or("a path is shorter than what it leaves out")?
        } else {
            0
        };
        let length = memchr::memchr(0, index.get(name..).ok_or(CUT)?).ok_or(CUT)?;
        let suffix = &index[name..name + length];
        let same = last.len() == kept + length && last[kept..] == *suffix;
        if n > 0 && !same && (&last[..kept], suffix) <= (&last[..kept], &last[kept..]) {
            return Err("its entries are not in order");
        }
        last.truncate(kept);
        last.extend_from_slice(suffix);
        let entry = IndexEntry {
            path: last.as_slice().into(),
            mode: number(index, at + MODE).ok_or(CUT)?,
            object: ObjectId(index.get(at + OBJECT..at + FLAGS).and_then(|id| id.try_into().ok()).ok_or(CUT)?),
            skip_worktree,
        };
        // Of a file in conflict there are up to three entries, and one file in the working tree.
        if !(same && n > 0) {
            if !is_sound(&entry) {
                return Err("a path in it leads nowhere within the working tree");
            }
            if !each(entry) {
                return Ok(());
            }
        }
        at = if version == 4 { name + length + 1 } else { at + ((name - at + length + 8) & !7) };
    }
    extensions(index, at)
}

/// Looks for what a reader must not pass over; parts whose name begins with a capital are optional.
fn extensions(index: &[u8], mut at: usize) -> Result<(), &'static str> {
    while at != index.len() {
        match index.get(at..at.saturating_add(4)).ok_or(CUT)? {
            b"link" => return Err("it is split, and its other part is not looked for"),
            b"sdir" | [b'A'..=b'Z', ..] => {}
            _ => return Err("it has a part that is not known"),
        }
        let length = usize::try_from(number(index, at + 4).ok_or(CUT)?).map_err(|_| CUT)?;
        at = at.saturating_add(8).saturating_add(length);
    }
    Ok(())
}

/// Whether a path stays within the working tree and out of git directories.
fn is_sound(entry: &IndexEntry<'_>) -> bool {
    let path = if entry.is_folder() { entry.path.strip_suffix(b"/").unwrap_or_default() } else { &entry.path };
    // Only what is empty or begins with a dot can be wrong.
    let is_plain = !matches!(path.first(), None | Some(b'/' | b'.')) && path.last() != Some(&b'/');
    if is_plain && !path.windows(2).any(|pair| pair[0] == b'/' && matches!(pair[1], b'/' | b'.')) {
        return true;
    }
    path.split(|byte| *byte == b'/').all(|name| !matches!(name, b"" | b"." | b"..") && !name.eq_ignore_ascii_case(b".git"))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

/// A number as version 4 and packs write offsets: seven bits a byte, one added for every further byte.
fn offset(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut value = 0_usize;
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value = value.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        value = value.checked_add(1)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of version 2 with these paths and no extensions.
    fn index(paths: &[&[u8]]) -> Vec<u8> {
        let mut out = b"DIRC\0\0\0\x02".to_vec();
        out.extend(u32::try_from(paths.len()).expect("few").to_be_bytes());
        for path in paths {
            let mut entry = vec![0; FIXED];
            entry[MODE..MODE + 4].copy_from_slice(&0o100_644_u32.to_be_bytes());
            entry.extend(*path);
            entry.resize((entry.len() + 8) & !7, 0);
            out.extend(entry);
        }
        out.extend([0; CHECKSUM]);
        out
    }

    fn paths(index: &[u8]) -> Result<Vec<String>, &'static str> {
        let mut out = Vec::new();
        read(index, |entry| {
            out.push(String::from_utf8_lossy(&entry.path).into_owned());
            true
        })?;
        Ok(out)
    }

    #[test]
    fn entries_come_in_order_and_conflicts_once() {
        assert_eq!(paths(&index(&[])), Ok(vec![]));
        assert_eq!(paths(&index(&[b"a", b"a.b", b"a/b", b"a/b", b"b"])), Ok(["a", "a.b", "a/b", "b"].map(String::from).to_vec()));
        let long = [b'x'; 5_000];
        assert_eq!(paths(&index(&[&long])).expect("a long path")[0].len(), 5_000);
    }

    #[test]
    fn an_index_that_lies_is_refused() {
        for bad in [&b"../x"[..], b"/x", b"a//b", b"a/./b", b".git/config", b"a/.GIT/x", b"", b"a/"] {
            assert!(paths(&index(&[bad])).is_err(), "{bad:?}");
        }
        assert!(paths(&index(&[b"b", b"a"])).is_err());
        let good = index(&[b"a", b"b/c"]);
        for cut in 0..good.len() - CHECKSUM {
            assert!(paths(&[&good[..cut], &[0; CHECKSUM]].concat()).is_err(), "cut at {cut}");
        }
        let mut many = good.clone();
        many[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(paths(&many).is_err());
        assert!(paths(b"").is_err());
        let split = [&good[..good.len() - CHECKSUM], b"link\0\0\0\0", &[0; CHECKSUM]].concat();
        assert!(paths(&split).is_err());
        let cached = [&good[..good.len() - CHECKSUM], b"TREE\0\0\0\x02xx", &[0; CHECKSUM]].concat();
        assert_eq!(paths(&cached).expect("an optional part").len(), 2);
    }

    #[test]
    fn offsets_are_read_as_packs_write_them() {
        for (bytes, value) in [(&[0x05][..], 5), (&[0x80, 0x00], 128), (&[0x81, 0x00], 256), (&[0xff, 0x7f], 16_511)] {
            assert_eq!(offset(bytes, &mut 0), Some(value), "{bytes:?}");
        }
        assert_eq!(offset(&[0xff; 30], &mut 0), None);
        assert_eq!(offset(&[0x80], &mut 0), None);
    }
}
