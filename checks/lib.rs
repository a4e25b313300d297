//! The checks, probes and evidence of carat.
//!
//! Everything here is pure and synchronous: no input, no output, no clock, no environment. Evidence comes in, findings
//! and verdicts go out, and the same evidence gives the same findings anywhere and at any time.

pub mod advisories;
pub mod binary_artifacts;
pub mod branch_protection;
mod bytes;
pub mod check;
pub mod ci_tests;
pub mod cii_best_practices;
pub mod code_review;
pub mod contributors;
pub mod dangerous_workflow;
pub mod dependency_update_tool;
pub mod ecosystem;
pub mod evidence;
pub mod finding;
pub mod fuzzing;
pub mod inventory;
pub mod license;
pub mod maintained;
pub mod model;
pub mod packaging;
pub mod parse;
pub mod path;
pub mod pinned_dependencies;
pub mod probe;
pub mod purl;
pub mod role;
pub mod sast;
pub mod sbom;
pub mod scorecard;
pub mod security_policy;
pub mod signed_releases;
mod time;
pub mod token_permissions;
mod values;
pub mod versions;
pub mod vulnerabilities;
pub mod webhooks;
mod workflow;

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod cases;

use std::borrow::Cow;

use check::Check;
use probe::Probe;

/// A name: built in, or made at run time from a user's file.
pub type Id = Cow<'static, str>;

/// All checks, sorted by name.
pub const CHECKS: [&dyn Check; 20] = [
    &binary_artifacts::BinaryArtifacts,
    &branch_protection::BranchProtection,
    &ci_tests::CiTests,
    &cii_best_practices::CiiBestPractices,
    &code_review::CodeReview,
    &contributors::Contributors,
    &dangerous_workflow::DangerousWorkflow,
    &dependency_update_tool::DependencyUpdateTool,
    &fuzzing::FuzzingCheck,
    &license::License,
    &maintained::Maintained,
    &packaging::Packaging,
    &pinned_dependencies::PinnedDependencies,
    &sast::Sast,
    &sbom::Sbom,
    &security_policy::SecurityPolicyCheck,
    &signed_releases::SignedReleases,
    &token_permissions::TokenPermissions,
    &vulnerabilities::Vulnerabilities,
    &webhooks::Webhooks,
];

/// Probes that no check scores, run when named.
pub const UNSCORED: [&dyn Probe; 3] = [&binary_artifacts::AnyBinary, &code_review::OneReviewer, &license::HasPermissive];

/// All probes: those of the checks, then those that no check scores.
pub fn probes() -> impl Iterator<Item = &'static dyn Probe> {
    CHECKS.iter().flat_map(|check| check.probes()).chain(&UNSCORED).copied()
}
