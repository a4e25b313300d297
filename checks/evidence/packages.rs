//! Packages: what lock files, manifests and lists of parts say that the repository depends on.

use serde::{Deserialize, Serialize};

use super::Cause;
use crate::Id;
use crate::ecosystem::Ecosystem;
use crate::path::RepoPath;
use crate::role::Role;

/// For what a package is needed, where its file says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// To run what the repository makes.
    Production,
    /// To run it, if wanted.
    Optional,
    /// To build, test or format it.
    Development,
}

/// A package that a file names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Where packages of its kind come from; absent for a commit that the file gives instead of a name and a version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ecosystem: Option<Ecosystem>,
    /// Its name as its ecosystem spells it.
    pub name: String,
    /// Its version as the file gives it; empty if it gives none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The commit that stands in place of a version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The line that names it, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The file that names it, if not the one under which it is listed: requirements that another file includes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<RepoPath>,
    /// Whether the repository itself asks for it, rather than something that it asks for; where the file tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct: Option<bool>,
    /// For what it is needed, where the file tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The place in the same list of the package that brings it, on a shortest way from what is asked for directly;
    /// where the file tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// The groups of dependencies that it belongs to, as `osv-scanner.toml` names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Id>,
    /// The file says that it was found in another place, in which the reference then looks for waivers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub occurs_elsewhere: bool,
    /// The reference overlooks it, although the file names it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overlooked: bool,
}

/// A file that names packages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageFile {
    /// The file.
    pub path: RepoPath,
    /// What kind of file it is, as people call it.
    pub format: String,
    /// Its part in the repository.
    #[serde(default, skip_serializing_if = "Role::is_production")]
    pub role: Role,
    /// The packages, in the order of the file.
    pub packages: Vec<Package>,
    /// What in it cannot be read; what can be is listed all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Unread>,
    /// Why the reference does not look at it, if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Unseen>,
    /// What an online resolution would add, which nobody asked for here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unresolved: Option<String>,
}

/// What in a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// The line, from 1, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What is wrong there.
    pub why: String,
}

/// Why the reference does not look at a file that names packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// A `.gitignore` names it, although Git tracks it.
    Ignored,
    /// Another file beside it counts instead.
    Shadowed,
}

/// A file by which a folder's maintainers set aside known vulnerabilities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waivers {
    /// The file.
    pub path: RepoPath,
    /// What it says.
    pub text: String,
}

/// The packages that the files of a repository name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// The files that name packages, by the bytes of their paths.
    pub files: Vec<PackageFile>,
    /// Files named `osv-scanner.toml` beside them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waivers>,
    /// Folders that hold copies of libraries in C or C++, which the reference sends to a service to be recognised.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vendored: Vec<RepoPath>,
    /// Files that name packages and are not in the list, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<(RepoPath, Cause)>,
}
