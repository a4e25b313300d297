//! What has to be read beside the files that name packages: which files those are stands in them, or beside them.

use std::collections::BTreeSet;

use super::requirements::Line;
use super::{Format, Manifest};
use crate::path::{self, RepoPath};

/// The files, with the format in which each has to be read, that matter for those that were read.
pub(in crate::parse) fn follow<'a>(read: impl Iterator<Item = (&'a RepoPath, &'a Manifest)>) -> BTreeSet<(RepoPath, Format)> {
    let mut wanted = BTreeSet::new();
    for (file, manifest) in read {
        let beside = |name: &str| beside(file, name.as_bytes());
        match manifest {
            Manifest::Text(..) => continue,
            Manifest::Packages(Format::GoSum, _) => {}
            Manifest::Packages(_, found) => {
                if found.wants_sum {
                    wanted.extend(beside("go.sum").map(|path| (path, Format::GoSum)));
                }
            }
            Manifest::Requirements(requirements) => {
                let includes = requirements.lines.iter().filter_map(|line| match line {
                    Line::Include { path, .. } => beside(path),
                    Line::Package(_) => None,
                });
                wanted.extend(includes.map(|path| (path, Format::Requirements)));
            }
            Manifest::Pom(pom) => wanted.extend(pom.parent_paths(file).into_iter().map(|path| (path, Format::Pom))),
        }
        wanted.extend(beside("osv-scanner.toml").map(|path| (path, Format::Waivers)));
        let folder = folder(file.as_bytes());
        wanted.insert((RepoPath::from(".gitignore"), Format::GitIgnore));
        let ends = folder.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        for end in ends.chain((!folder.is_empty()).then_some(folder.len())) {
            wanted.insert((RepoPath::new([&folder[..end], b"/.gitignore"].concat()), Format::GitIgnore));
        }
    }
    wanted
}

/// The folder in which a file stands, without a slash at its end.
pub(super) fn folder(file: &[u8]) -> &[u8] {
    let before = &file[..file.len() - path::name(file).len()];
    before.strip_suffix(b"/").unwrap_or(before)
}

/// The file that a relative path names from the folder of another; `None` if it leads out of the repository.
pub(super) fn beside(file: &RepoPath, relative: &[u8]) -> Option<RepoPath> {
    let start = folder(file.as_bytes());
    let mut parts: Vec<&[u8]> = start.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).collect();
    for part in relative.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            _ => parts.push(part),
        }
    }
    (!relative.starts_with(b"/") && !parts.is_empty()).then(|| RepoPath::new(parts.join(&b'/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_stay_in_the_repository() {
        let from = |file: &str, relative: &str| beside(&RepoPath::from(file), relative.as_bytes()).map(|path| path.text().into_owned());
        assert_eq!(from("a/b/r.txt", "../c.txt").as_deref(), Some("a/c.txt"));
        assert_eq!(from("r.txt", "./x//y.txt").as_deref(), Some("x/y.txt"));
        assert_eq!(from("a/r.txt", "../../x"), None);
        assert_eq!(from("a/r.txt", "/etc/passwd"), None);
        assert_eq!(from("a/r.txt", ".."), None);
    }
}
