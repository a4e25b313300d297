//! What single lines of build files say.

use serde::{Deserialize, Serialize};

use crate::path::RepoPath;

/// What a line of a build file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuildSign {
    /// A `pom.xml` names a server of Sonar.
    SonarHost,
    /// The same, behind a line that is too long to be read, so that its own line is not known.
    SonarHostSomewhere,
    /// A merged configuration of GitLab names a command that publishes a package.
    GitlabPublish,
}

/// A line of a build file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildMark {
    /// The file.
    pub path: RepoPath,
    /// What the line is.
    pub sign: BuildSign,
    /// The first line, from 1.
    pub line: u32,
    /// The last line.
    pub end_line: u32,
    /// What stands there.
    pub text: String,
}
