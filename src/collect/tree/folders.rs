//! The folders of a list of files, and what stands in them beside the files of the list.

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
}

impl<'a> Folders<'a> {
    /// Groups a list, which is in the order of its paths, by folder: what is within a folder follows each other in it.
    pub(super) fn of(entries: &'a [Entry]) -> Self {
        debug_assert!(entries.is_sorted_by(|a, b| a.file.path <= b.file.path), "a list is in the order of its paths");
        let mut folders = vec![Folder::default()];
        // The places of the last file's folder and of those around it, behind the root's.
        let mut open: Vec<usize> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let path = parent(entry.file.path.as_bytes());
            while open.pop_if(|place| !is_within(path, folders[*place].path)).is_some() {}
            let mut place = open.last().copied().unwrap_or(0);
            while folders[place].path.len() < path.len() {
                let around = folders[place].path.len();
                let begin = if around == 0 { 0 } else { around + 1 };
                // A name has a byte at least, so that one more folder is always a longer path, whatever slashes stand there.
                let end = path.get(begin + 1..).and_then(|rest| memchr::memchr(b'/', rest)).map_or(path.len(), |at| begin + 1 + at);
                folders[place].folders.push(&path[begin..end]);
                place = folders.len();
                folders.push(Folder { path: &path[..end], ..Folder::default() });
                open.push(place);
            }
            folders[place].files.push(index);
        }
        for folder in &mut folders {
            folder.folders.sort_unstable();
        }
        Self { folders }
    }
}

/// Whether a folder is this one or within it.
fn is_within(folder: &[u8], around: &[u8]) -> bool {
    folder.strip_prefix(around).is_some_and(|rest| rest.first().is_none_or(|byte| *byte == b'/'))
}

impl<'a> Folder<'a> {
    /// The folder of one file alone, which is the first of its list.
    pub(super) fn of_one(entry: &'a Entry) -> Self {
        Self { path: parent(entry.file.path.as_bytes()), files: vec![0], folders: Vec::new() }
    }

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
    fn slashes_where_none_should_be_end() {
        let paths = ["/", "//", "//x", "/etc/x", "a/", "a//", "a//b", "a//b//c"];
        let entries: Vec<Entry> =
            paths.iter().map(|path| Entry::new(RepoPath::from(*path), FileKind::Regular, None, Role::default())).collect();
        let folders = Folders::of(&entries);
        let mut files: Vec<usize> = folders.folders.iter().flat_map(|folder| folder.files.clone()).collect();
        files.sort_unstable();
        assert_eq!(files, (0..paths.len()).collect::<Vec<_>>());
    }

    #[test]
    fn files_are_grouped_by_folder_and_every_folder_on_the_way_is_known() {
        let paths = ["a.c", "x-y/a", "x/a", "x/y/z/b", "x/y/z/c", "x/z", "y/q/r"];
        let entries: Vec<Entry> =
            paths.iter().map(|path| Entry::new(RepoPath::from(*path), FileKind::Regular, None, Role::default())).collect();
        let folders = Folders::of(&entries);
        let mut seen: Vec<Seen<'_>> =
            folders.folders.iter().map(|folder| (folder.path, folder.files.clone(), folder.folders.clone())).collect();
        seen.sort();
        let want: [Seen<'_>; 7] = [
            (b"", vec![0], vec![b"x", b"x-y", b"y"]),
            (b"x", vec![2, 5], vec![b"y"]),
            (b"x-y", vec![1], vec![]),
            (b"x/y", vec![], vec![b"z"]),
            (b"x/y/z", vec![3, 4], vec![]),
            (b"y", vec![], vec![b"q"]),
            (b"y/q", vec![6], vec![]),
        ];
        assert_eq!(seen, want);
        assert!(folders.folders[0].holds(b"x") && !folders.folders[0].holds(b"z"));
        let x = folders.folders.iter().find(|folder| folder.path == b"x").expect("a folder of the list");
        assert_eq!((x.place(b"a", &entries), x.place(b"z", &entries), x.place(b"y", &entries)), (Some(0), Some(1), None));
    }
}
