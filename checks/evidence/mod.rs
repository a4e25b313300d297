//! Evidence: the facts about one repository, by facet. Collectors write it, probes read it, neither knows the other.

mod accounts;
mod advisories;
mod annotations;
mod branches;
mod build;
mod check_runs;
mod commits;
mod facets;
mod files;
mod fuzzing;
mod gap;
mod issues;
mod metadata;
mod packages;
mod permission;
mod projects;
mod releases;
mod scripts;
mod security_policy;
mod services;
mod settings;
mod text;
mod workflows;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use accounts::{Contributor, Employer};
pub use advisories::{Advisories, Advisory, AdvisorySource, Hit, Severity};
pub use annotations::{Annotation, Annotations, Reason};
pub use branches::{Branch, BranchRule, Branches, BypassActor, Enforcement, Rule, Ruleset, RulesetTarget, UpdateRule};
pub use build::{BuildMark, BuildSign};
pub use check_runs::{CheckRun, HeadChecks, Status};
pub use commits::{Commit, PullRequest, Review, ReviewMarks, User};
#[cfg(test)]
pub(crate) use facets::Partial;
pub use facets::{Evidence, Facet, Request};
pub use files::{BinaryFile, FileEntry, FileKind, Files, LookedAt, ObjectId, Sign};
pub use fuzzing::{FuzzMark, Fuzzing};
pub use gap::{Cause, Gap};
pub use issues::{Association, Comment, Issue};
pub use metadata::{HostLicense, Language, Metadata};
pub use packages::{Inventory, Package, PackageFile, Scope, Unread, Unseen, Waivers};
pub use projects::{Project, ProjectSays};
pub use releases::Release;
pub use scripts::{DockerImage, DockerRun, DockerfileContent, DockerfileFile, ShellCommand, ShellFile, ShellText};
pub use security_policy::{PolicyText, SecurityPolicy};
pub use services::{BadgeLevel, BotCommits};
pub use settings::{Runs, Webhook};
pub use text::{Source, Text};
pub use workflows::{Action, Job, Permissions, Placed, Step, Workflow, WorkflowContent, WorkflowFile};

/// The version of the form in which evidence is saved. It changes with every change of that form until 1.0.
pub const SCHEMA: u32 = 2;

/// A facet's facts, or why there are none. "We looked and there is nothing" is `Known` with nothing in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact<T> {
    /// What was seen.
    Known(Arc<T>),
    /// Why it was not.
    Missing(Gap),
}

impl<T> Fact<T> {
    /// What was seen.
    pub fn known(facts: T) -> Self {
        Self::Known(Arc::new(facts))
    }

    /// What a source answered about a facet.
    pub fn of(facet: Facet, answer: Result<T, Cause>) -> Self {
        match answer {
            Ok(facts) => Self::known(facts),
            Err(cause) => Self::Missing(Gap::new(facet, cause)),
        }
    }

    /// The facts, or the gap.
    ///
    /// # Errors
    /// The gap, if the facet is missing: a probe that needs it cannot answer.
    pub fn get(&self) -> Result<&T, &Gap> {
        match self {
            Self::Known(facts) => Ok(facts),
            Self::Missing(gap) => Err(gap),
        }
    }

    /// Adds to the facts; to none where they were missing.
    pub fn add(&mut self, add: impl FnOnce(&mut T))
    where
        T: Clone + Default,
    {
        if let Self::Known(facts) = self {
            return add(Arc::make_mut(facts));
        }
        let mut facts = T::default();
        add(&mut facts);
        *self = Self::known(facts);
    }

    /// Says why it is missing; what is known stays known.
    fn lack(&mut self, gap: Gap) {
        if let Self::Missing(old) = self {
            *old = gap;
        }
    }
}

/// What kind of thing the target resolved to; it decides which facets can be had at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A clone: its tracked files as they stand in the working tree.
    WorkingTree,
    /// A tree of the object database, at a commit.
    Revision,
    /// A folder without Git.
    Folder,
    /// A repository on a host: the tree of one commit, and what the host says.
    Host,
}

impl SourceKind {
    /// What this is, to be read after "from".
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::WorkingTree | Self::Revision => "a local clone",
            Self::Folder => "a plain folder",
            Self::Host => "this host",
        }
    }
}

/// What a target resolved to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Its name in results: `file://PATH` for a local one, `HOST/OWNER/NAME` for one on a host.
    pub name: String,
    /// The name that it was asked for by, where its host knows it by another one now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_as: Option<String>,
    /// The full id of the commit, or `None` for a folder without Git.
    pub commit: Option<String>,
    /// The name by which the revision was asked for, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// What kind of source it is.
    pub source: SourceKind,
}
