//! The folders of a list of files, and what stands in them beside the files of the list.

use std::collections::HashMap;

use carat_checks::path;

use super::super::beneath::Kind;
use super::super::git::{Entry, Listing};
use super::walk::{Rules, Walk, join};

/// One folder of a list of files.
#[derive(Default)]
pub(super) struct Folder<'a> {
    /// Its path, without a slash at its end.
    pub(super) path: &'a [u8],
    /// Its files, by their places in the list, in its order.
    pub(super) files: Vec<usize>,
    /// The names of the folders in it that are folders of the list.
    folders: Vec<&'a [u8]>,
}

/// The folders of a list of files; the root first.
pub(super) struct Folders<'a> {
    pub(super) folders: Vec<Folder<'a>>,
    by_path: HashMap<&'a [u8], usize>,
}

impl<'a> Folders<'a> {
    /// Groups a list by folder.
    pub(super) fn of(entries: &'a [Entry]) -> Self {
        let mut out = Self { folders: vec![Folder::default()], by_path: HashMap::from([(&b""[..], 0)]) };
        let mut last = 0;
        for (index, entry) in entries.iter().enumerate() {
            let folder = parent(entry.file.path.as_bytes());
            if out.folders[last].path != folder {
                last = out.place(folder);
            }
            out.folders[last].files.push(index);
        }
        for folder in &mut out.folders {
            folder.folders.sort_unstable();
        }
        out
    }

    /// The place of a folder, which gets one, as do all above it that have none.
    fn place(&mut self, folder: &'a [u8]) -> usize {
        if let Some(place) = self.by_path.get(folder) {
            return *place;
        }
        let mut path = folder;
        let mut below = None;
        loop {
            let known = self.by_path.get(path).copied();
            let place = known.unwrap_or(self.folders.len());
            if known.is_none() {
                self.by_path.insert(path, place);
                self.folders.push(Folder { path, ..Folder::default() });
            }
            self.folders[place].folders.extend(below);
            if known.is_some() {
                return self.by_path[folder];
            }
            below = Some(path::name(path));
            path = parent(path);
        }
    }
}

impl Folder<'_> {
    /// The place among its files of the one of this name.
    pub(super) fn place(&self, name: &[u8], entries: &[Entry]) -> Option<usize> {
        self.files.binary_search_by(|index| entries[*index].file.path.name().cmp(name)).ok()
    }

    /// Whether the list has files below a folder of this name in it.
    pub(super) fn holds(&self, name: &[u8]) -> bool {
        self.folders.binary_search(&name).is_ok()
    }
}

/// The folder that holds a path; empty for the root.
fn parent(file: &[u8]) -> &[u8] {
    let end = file.len() - path::name(file).len();
    file[..end].strip_suffix(b"/").unwrap_or_default()
}

/// What a folder holds beside the files of the list.
pub(super) struct Stranger {
    pub(super) path: Vec<u8>,
    pub(super) kind: Kind,
}

impl Stranger {
    pub(super) fn new(folder: &[u8], name: &[u8], kind: Kind) -> Self {
        Self { path: join(folder, name), kind }
    }
}

/// The files that strangers are or hold and that are not ignored: Git's untracked files.
pub(super) fn untracked(rules: &mut Rules<'_>, strangers: Vec<Stranger>) -> Listing {
    let mut walk = Walk::new(rules, true);
    for stranger in strangers {
        if walk.rules.ignored_above(&stranger.path) {
            continue;
        }
        let depth = stranger.path.iter().filter(|byte| **byte == b'/').count();
        walk.entry(&stranger.path, stranger.kind, depth);
    }
    walk.finish().0
}

#[cfg(test)]
mod tests {
    use carat_checks::evidence::FileKind;
    use carat_checks::path::RepoPath;

    use carat_checks::role::Role;

    use super::*;

    /// Path, files and folders of a folder.
    type Seen<'a> = (&'a [u8], Vec<usize>, Vec<&'a [u8]>);

    #[test]
    fn files_are_grouped_by_folder_and_every_folder_on_the_way_is_known() {
        let paths = ["a.c", "x/a", "x/y/z/b", "x/y/z/c", "x/z", "y/q/r"];
        let entries: Vec<Entry> =
            paths.iter().map(|path| Entry::new(RepoPath::from(*path), FileKind::Regular, None, Role::default())).collect();
        let folders = Folders::of(&entries);
        let mut seen: Vec<Seen<'_>> =
            folders.folders.iter().map(|folder| (folder.path, folder.files.clone(), folder.folders.clone())).collect();
        seen.sort();
        let want: [Seen<'_>; 6] = [
            (b"", vec![0], vec![b"x", b"y"]),
            (b"x", vec![1, 4], vec![b"y"]),
            (b"x/y", vec![], vec![b"z"]),
            (b"x/y/z", vec![2, 3], vec![]),
            (b"y", vec![], vec![b"q"]),
            (b"y/q", vec![5], vec![]),
        ];
        assert_eq!(seen, want);
        assert!(folders.folders[0].holds(b"x") && !folders.folders[0].holds(b"z"));
        let x = folders.folders.iter().find(|folder| folder.path == b"x").expect("a folder of the list");
        assert_eq!((x.place(b"a", &entries), x.place(b"z", &entries), x.place(b"y", &entries)), (Some(0), Some(1), None));
    }
}
