//! Project files of .NET, as far as they pin packages.

use serde::{Deserialize, Serialize};

use crate::path::RepoPath;

/// A project file, or a file of properties for the projects of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// The file.
    pub path: RepoPath,
    /// What it says.
    pub says: ProjectSays,
}

/// What a project file says of packages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectSays {
    /// Of a project: whether restoring fails where the lock file does not fit.
    Locked(bool),
    /// Of properties for a folder: the versions of packages.
    Versions {
        /// Whether these versions hold for all projects.
        central: bool,
        /// How many of them are not one exact version in brackets.
        inexact: usize,
    },
    /// Nothing that can be read.
    Broken {
        /// The line at which this was found.
        line: u32,
        /// What is wrong there.
        why: String,
        /// Whether it is a file of properties for a folder.
        folder: bool,
    },
}
