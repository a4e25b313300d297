//! Where a folder's git directory is, if it has one that can be believed.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::super::beneath::Root;

/// What a folder is to Git.
pub(super) enum Located {
    /// A clone or a bare repository.
    Git {
        /// The git directory: `HEAD` and the index.
        directory: PathBuf,
        /// The git directory that holds objects and refs: another one for a linked worktree.
        common: PathBuf,
        /// Whether the folder is a working tree.
        has_working_tree: bool,
    },
    /// A folder without Git, and what stands in the way if it looks like more.
    Folder(Option<&'static str>),
}

/// The longest file of a git directory that is read here, in bytes.
const LONGEST: u64 = 64 << 10;

const CLAIMED: &str = "the file .git names a git directory that does not point back here: scored as a folder without Git";
const LINK: &str = ".git is neither a folder nor a file: scored as a folder without Git";
const NO_REPOSITORY: &str = ".git holds no repository: scored as a folder without Git";

/// Looks for the git directory of this folder; folders above are not looked at.
pub(super) fn locate(folder: &Path) -> Located {
    let dot_git = folder.join(".git");
    match dot_git.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => match is_git_directory(&dot_git) {
            true => Located::Git { directory: dot_git.clone(), common: dot_git, has_working_tree: true },
            false => Located::Folder(Some(NO_REPOSITORY)),
        },
        Ok(metadata) if metadata.is_file() => match follow(folder) {
            Some((directory, common)) => Located::Git { directory, common, has_working_tree: true },
            None => Located::Folder(Some(CLAIMED)),
        },
        Ok(_) => Located::Folder(Some(LINK)),
        Err(_) if is_git_directory(folder) => {
            Located::Git { directory: folder.to_owned(), common: folder.to_owned(), has_working_tree: false }
        }
        Err(_) => Located::Folder(None),
    }
}

/// Whether this looks like a git directory, as Git itself asks; what is a link there is not believed.
fn is_git_directory(folder: &Path) -> bool {
    let is = |name: &str, kind: fn(&std::fs::Metadata) -> bool| folder.join(name).symlink_metadata().is_ok_and(|metadata| kind(&metadata));
    is("HEAD", std::fs::Metadata::is_file) && is("objects", std::fs::Metadata::is_dir) && is("refs", std::fs::Metadata::is_dir)
}

/// The git directory that a `.git` file names, and the one that holds its objects, if the former points back to this
/// folder: a linked worktree's by its file `gitdir`, a submodule's by `core.worktree`. Otherwise any folder could
/// claim any repository.
fn follow(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let path = |text: &[u8]| PathBuf::from(OsStr::from_bytes(text.trim_ascii()));
    let text = Root::open(folder).ok()?.small_file(b".git", LONGEST)?;
    let directory = folder.join(path(text.strip_prefix(b"gitdir:")?)).canonicalize().ok()?;
    let folder = folder.canonicalize().ok()?;
    let root = Root::open(&directory).ok()?;
    let points_here = |back: PathBuf| directory.join(back).canonicalize().is_ok_and(|back| back == folder);
    if let Some(back) = root.small_file(b"gitdir", LONGEST) {
        let common = directory.join(path(&root.small_file(b"commondir", LONGEST)?)).canonicalize().ok()?;
        let is_linked = directory.parent().and_then(Path::parent) == Some(&common);
        return (points_here(path(&back).parent()?.to_owned()) && is_linked && is_git_directory(&common)).then_some((directory, common));
    }
    let worktree = setting(&root.small_file(b"config", LONGEST)?, "worktree")?;
    (points_here(PathBuf::from(worktree)) && is_git_directory(&directory)).then(|| (directory.clone(), directory))
}

/// The last value of a setting in a configuration file, whatever its section; no other file is looked at.
fn setting(config: &[u8], name: &str) -> Option<String> {
    let config = String::from_utf8_lossy(config);
    config.lines().rev().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// The address of the remote `origin`. It is read, not believed: whether it names a host that the user trusts is for
/// the caller to see.
pub(super) fn origin(common: &Root) -> Option<String> {
    let config = common.small_file(b"config", LONGEST)?;
    let config = String::from_utf8_lossy(&config);
    let mut in_origin = false;
    let mut found = None;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            in_origin = line.split_whitespace().collect::<String>().eq_ignore_ascii_case("[remote\"origin\"]");
        } else if in_origin
            && found.is_none()
            && let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("url")
        {
            found = Some(value.trim().trim_matches('"').to_owned());
        }
    }
    found.filter(|url| !url.is_empty())
}

/// What about a repository's storage cannot be read, if its configuration says so.
pub(super) fn unsupported(common: &Root) -> Option<&'static str> {
    let config = common.small_file(b"config", LONGEST)?;
    let says = |name: &str, value: &str| setting(&config, name).is_some_and(|set| set.eq_ignore_ascii_case(value));
    if says("objectformat", "sha256") {
        Some("it stores its objects by SHA-256, which this version cannot read")
    } else if says("refstorage", "reftable") {
        Some("it stores its refs as a reftable, which this version cannot read")
    } else {
        None
    }
}
