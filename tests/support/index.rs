//! An index of Git, byte by byte.

use git2::Oid;

/// The bytes of an index, written by hand: libgit2 writes none that is sparse, split or wrong.
pub(crate) struct Index {
    version: u32,
    count: u32,
    last: Vec<u8>,
    bytes: Vec<u8>,
}

impl Index {
    const EXTENDED: u16 = 1 << 14;
    const SKIP_WORKTREE: u16 = 1 << 14;

    pub(crate) fn new(version: u32) -> Self {
        Self { version, count: 0, last: Vec::new(), bytes: Vec::new() }
    }

    /// Adds an entry. The order is the caller's.
    pub(crate) fn and(self, path: &str, mode: u32, id: Oid) -> Self {
        self.entry(path, mode, id, 0, 0)
    }

    /// Adds an entry that the user left out of the working tree.
    pub(crate) fn skipped(self, path: &str, mode: u32, id: Oid) -> Self {
        self.entry(path, mode, id, Self::EXTENDED, Self::SKIP_WORKTREE)
    }

    /// Adds one side of a conflict.
    pub(crate) fn at_stage(self, path: &str, stage: u16, id: Oid) -> Self {
        self.entry(path, 0o100_644, id, stage << 12, 0)
    }

    fn entry(mut self, path: &str, mode: u32, id: Oid, flags: u16, extended: u16) -> Self {
        let begin = self.bytes.len();
        self.bytes.extend([0; 24]);
        self.bytes.extend(mode.to_be_bytes());
        self.bytes.extend([0; 12]);
        self.bytes.extend(id.as_bytes());
        let length = u16::try_from(path.len()).unwrap_or(0xfff).min(0xfff);
        self.bytes.extend((flags | length).to_be_bytes());
        if flags & Self::EXTENDED != 0 {
            self.bytes.extend(extended.to_be_bytes());
        }
        if self.version == 4 {
            // From behind: paths that follow each other mostly differ in their last letters.
            let most = path.len().min(self.last.len());
            let kept = (0..=most).rev().find(|n| path.as_bytes()[..*n] == self.last[..*n]).unwrap_or_default();
            self.bytes.extend(offset(self.last.len() - kept));
            self.bytes.extend(&path.as_bytes()[kept..]);
            self.bytes.push(0);
            self.last = path.as_bytes().to_vec();
        } else {
            self.bytes.extend(path.bytes());
            self.bytes.resize(begin + ((self.bytes.len() - begin + 8) & !7), 0);
        }
        self.count += 1;
        self
    }

    /// Adds what follows the entries.
    pub(crate) fn extension(mut self, name: &[u8; 4], content: &[u8]) -> Self {
        self.bytes.extend(name);
        self.bytes.extend(u32::try_from(content.len()).expect("few bytes").to_be_bytes());
        self.bytes.extend(content);
        self
    }

    /// The file, without a right checksum.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut out = b"DIRC".to_vec();
        out.extend(self.version.to_be_bytes());
        out.extend(self.count.to_be_bytes());
        out.extend(self.bytes);
        out.extend([0; 20]);
        out
    }
}

/// A number as version 4 of the index writes it.
fn offset(mut number: usize) -> Vec<u8> {
    let mut out = vec![u8::try_from(number & 0x7f).expect("seven bits")];
    while number > 0x7f {
        number = (number >> 7) - 1;
        out.insert(0, 0x80 | u8::try_from(number & 0x7f).expect("seven bits"));
    }
    out
}
