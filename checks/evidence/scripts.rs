//! Commands of shell scripts and Dockerfiles: those that fetch, install, or run something, as they are written.

use serde::{Deserialize, Serialize};

use crate::path::RepoPath;

/// A file that is a shell script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShellFile {
    /// The file.
    pub path: RepoPath,
    /// What stands in it.
    pub script: ShellText,
}

/// What stands in a shell text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShellText {
    /// Its commands in their order, without those that neither fetch nor install nor run what was fetched.
    Commands(Vec<ShellCommand>),
    /// A text that cannot be read.
    Broken {
        /// The line at which this was found, counted in the text.
        line: u32,
        /// What is wrong there.
        why: String,
        /// Whether it would be fine in the Korn shell alone.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        korn: bool,
    },
}

/// A command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShellCommand {
    /// The line of its first word, from 1, counted in the text.
    pub line: u32,
    /// How many lines further it ends.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub further: u32,
    /// How many lines before its first word it begins, by a redirection.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub before: u32,
    /// Its words, as far as they are one literal: bare, or in quotes, which are kept. Words that hold variables or
    /// substitutions are left out.
    pub words: Vec<String>,
    /// How it is written, where that is not its words with blanks between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The file into which its output goes, if a bare word names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Which command of the text reads its output, if it is the first of a pipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipe: Option<usize>,
    /// Which command of the text its second word reads from, if that is a process substitution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads: Option<usize>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(lines: &u32) -> bool {
    *lines == 0
}

impl ShellCommand {
    /// How it is written.
    #[must_use]
    pub fn source(&self) -> String {
        self.text.clone().unwrap_or_else(|| self.words.join(" "))
    }
}

/// A file that is a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DockerfileFile {
    /// The file.
    pub path: RepoPath,
    /// What stands in it.
    pub content: DockerfileContent,
}

/// What stands in a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DockerfileContent {
    /// Instructions.
    Instructions {
        /// The images on which it builds; none of a template, whose images are not known.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        images: Vec<DockerImage>,
        /// What it runs, as far as that fetches, installs, or runs what was fetched.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        runs: Vec<DockerRun>,
    },
    /// Something that is no Dockerfile.
    Broken {
        /// The line at which this was found; 0 if it is about the whole file.
        line: u32,
        /// What is wrong there.
        why: String,
    },
}

/// An image on which a stage builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DockerImage {
    /// The line of its FROM.
    pub line: u32,
    /// How many lines further that ends.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub further: u32,
    /// The image, with the values of build arguments put in; `scratch` is none.
    pub name: String,
    /// The image as it is written, if that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
    /// The instruction as it is written, if it is not the name and the alias alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What later stages call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Which image of the list it names by its alias, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<usize>,
    /// Whether its content is named by a digest, or by a variable in the place of one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub digest: bool,
    /// Whether it is `scratch`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub scratch: bool,
}

impl DockerImage {
    /// How the instruction is written.
    #[must_use]
    pub fn source(&self) -> String {
        self.text.clone().unwrap_or_else(|| {
            let name = &self.name;
            self.alias.as_ref().map_or_else(|| format!("FROM {name}"), |alias| format!("FROM {name} AS {alias}"))
        })
    }
}

/// A script that a Dockerfile runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DockerRun {
    /// The line of its first line. Behind the second here-document of a RUN it is counted as the reference counts it.
    pub line: u32,
    /// How many lines further its RUN ends, if it has no here-documents.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub further: u32,
    /// The script.
    pub script: ShellText,
}
