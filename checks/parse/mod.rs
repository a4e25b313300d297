//! Text to facts. Everything here takes bytes and answers with what stands in them; nothing here judges.

mod annotations;
mod build;
mod commit_message;
mod dockerfile;
mod fuzz;
mod json;
mod license_name;
mod magic;
mod msbuild;
mod packages;
mod policy;
mod quoted;
mod sbom;
mod scan;
mod script;
pub mod shell;
mod summary;
mod toml;
mod update_tool;
mod workflow;
mod xml;
pub mod yaml;

pub use annotations::read_annotations;
pub use build::{is_build_file, is_gitlab, is_pom};
pub use commit_message::review_marks;
pub use dockerfile::{
    BaseImage, Digest, Dockerfile, DockerfileError, Heredoc, Instruction, Problem, RunScript, base_images, dockerfile, has_instructions,
    is_dockerfile, is_dockerfile_text, is_template, run_scripts,
};
pub use fuzz::{LANGUAGES, Language, language_of};
pub use license_name::license_id;
pub use msbuild::{DirectoryProps, PackageVersion, ProjectFile, directory_props, is_directory_props, is_project_file, project_file};
pub(crate) use packages::go_version_with_patch;
pub(crate) use policy::is_namesake as is_policy_namesake;
pub use policy::{is_place as is_policy_place, of as policy_text};
pub use sbom::{is_sbom, is_sbom_name};
pub use scan::{Depth, FileFacts, Interest, Reading, Scan, is_clusterfuzzlite};
pub(crate) use script::{INTERPRETERS, has_script_name, read_commands};
pub use shell::{Script, ShellError, shell};
pub use update_tool::update_tool;
pub(crate) use workflow::is_in_folder as is_in_workflow_folder;
pub use workflow::{is_workflow, read_workflow};
pub use xml::XmlError;

use crate::path;

/// Whether a file names the owners of code. The reference takes one anywhere, GitHub in three places alone.
#[must_use]
pub fn is_code_owners(file: &[u8]) -> bool {
    path::name(file) == b"CODEOWNERS" && !path::is_test_data(file)
}

/// How many bytes of a file's beginning tell what it is.
pub const HEAD: usize = 1024;
