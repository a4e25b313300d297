//! Marks of fuzzing and property-based testing.

use serde::{Deserialize, Serialize};

use crate::path::RepoPath;

/// A line of a source file that shows a fuzzer or a property-based test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FuzzMark {
    /// The file.
    pub path: RepoPath,
    /// The line, from 1.
    pub line: u32,
    /// The text that tells.
    pub text: String,
}

/// Marks of fuzzing in the files of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fuzzing {
    /// Whether `.clusterfuzzlite/Dockerfile` has a significant line.
    pub clusterfuzzlite: bool,
    /// The marks, by file in the order of the list, by line within a file.
    pub marks: Vec<FuzzMark>,
}
