//! Text to facts. Everything here takes bytes and answers with what stands in them; nothing here judges.

mod annotations;
mod build;
mod fuzz;
mod license_name;
mod magic;
mod policy;
mod scan;
mod update_tool;
mod workflow;
pub mod yaml;

pub use annotations::read_annotations;
pub use build::{is_build_file, is_gitlab, is_pom};
pub use fuzz::{LANGUAGES, Language, language_of};
pub use license_name::license_id;
pub(crate) use policy::{is_namesake as is_policy_namesake, is_place as is_policy_place};
pub use scan::{Depth, FileFacts, Interest, Reading, Scan, is_clusterfuzzlite};
pub use update_tool::update_tool;
pub use workflow::{is_workflow, read_workflow};

/// How many bytes of a file's beginning tell what it is.
pub const HEAD: usize = 1024;
