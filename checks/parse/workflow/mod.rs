//! Workflows of GitHub Actions.

mod faultless;
mod read;
mod wrapper;

pub use read::read_workflow;
pub(super) use wrapper::validates_wrappers;

use crate::path;

/// The longest workflow that is read, in bytes, since its texts are kept.
pub(super) const LONGEST: u64 = 1 << 20;

/// Whether GitHub Actions would read this file, as the reference asks it: directly in `.github/workflows`, a folder that
/// is compared without case, and with one of two extensions, which are not.
#[must_use]
pub fn is_workflow(file: &[u8]) -> bool {
    is_in_folder(file) && matches!(path::extension(file), b".yml" | b".yaml")
}

/// Whether a file stands directly in the folder of workflows, whatever its ending.
pub(crate) fn is_in_folder(file: &[u8]) -> bool {
    // No other character has a dot for its lower case.
    let folder = file.first().filter(|first| **first == b'.').map_or(&b""[..], |_| &file[..file.len() - path::name(file).len()]);
    folder.len() >= 17 && &*path::lower(folder) == b".github/workflows/"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflows_stand_in_one_folder() {
        for file in [".github/workflows/x.yml", ".GitHub/Workflows/x.yaml", ".github/workflows/.yml"] {
            assert!(is_workflow(file.as_bytes()), "{file}");
        }
        for file in [".github/workflows/x.YML", ".github/workflows/a/b.yml", "pkg/.github/workflows/x.yml", ".github/workflows/x.yml~"] {
            assert!(!is_workflow(file.as_bytes()), "{file}");
        }
    }
}
