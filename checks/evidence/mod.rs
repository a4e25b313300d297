//! Evidence: the facts about one repository, by facet. Collectors write it, probes read it, neither knows the other.

mod annotations;
mod build;
mod files;
mod fuzzing;
mod gap;
mod projects;
mod scripts;
mod security_policy;
mod text;
mod workflows;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use annotations::{Annotation, Annotations, Reason};
pub use build::{BuildMark, BuildSign};
pub use files::{BinaryFile, FileEntry, FileKind, Files, LookedAt, ObjectId, Sign};
pub use fuzzing::{FuzzMark, Fuzzing};
pub use gap::{Cause, Gap};
pub use projects::{Project, ProjectSays};
pub use scripts::{DockerImage, DockerRun, DockerfileContent, DockerfileFile, ShellCommand, ShellFile, ShellText};
pub use security_policy::{PolicyText, SecurityPolicy};
pub use text::{Source, Text};
pub use workflows::{Action, Job, Permissions, Placed, Step, Workflow, WorkflowContent, WorkflowFile};

/// The version of the form in which evidence is saved. It changes with every change of that form until 1.0.
pub const SCHEMA: u32 = 1;

/// One kind of fact about a repository, named for things in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// The list of files.
    Files,
    /// Files that are binaries by their first bytes or their name.
    Binaries,
    /// Marks of fuzzing and property-based testing in source files.
    Fuzzing,
    /// The security policy and what it says.
    SecurityPolicy,
    /// What the maintainers say about their own results.
    Annotations,
    /// Workflows of GitHub Actions: jobs, steps, permissions.
    Workflows,
    /// What single lines of build files say.
    BuildFiles,
    /// Shell scripts: the commands that fetch, install or run something.
    ShellScripts,
    /// Dockerfiles: the images that they build on, and the commands as of shell scripts.
    Dockerfiles,
    /// Project files of .NET, as far as they pin packages.
    ProjectFiles,
    /// Known vulnerabilities of the locked packages.
    Advisories,
    /// Settings, reviews, releases, activity: what only the host of a repository knows.
    Host,
    /// The licence as the host recognised it.
    HostLicense,
    /// Commits by an update bot.
    BotCommits,
    /// Runs of workflows.
    WorkflowRuns,
    /// Which checks ran on merged pull requests.
    CheckRuns,
    /// How much of each language there is, as the host counts it.
    Languages,
    /// The projects that OSS-Fuzz builds.
    OssFuzz,
    /// The policy files that the owner keeps for all repositories.
    OwnerPolicy,
}

impl Facet {
    /// The facets that come from reading files.
    pub const FROM_FILES: [Self; 10] = [
        Self::Files,
        Self::Binaries,
        Self::Fuzzing,
        Self::SecurityPolicy,
        Self::Annotations,
        Self::Workflows,
        Self::BuildFiles,
        Self::ShellScripts,
        Self::Dockerfiles,
        Self::ProjectFiles,
    ];

    /// What this is, to be read after "does not show" or before a colon.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Files => "the files",
            Self::Binaries => "the first bytes of files",
            Self::Fuzzing => "the text of source files",
            Self::SecurityPolicy => "the text of the security policy",
            Self::Annotations => "the maintainers' annotations",
            Self::Workflows => "workflows",
            Self::BuildFiles => "build files",
            Self::ShellScripts => "shell scripts",
            Self::Dockerfiles => "Dockerfiles",
            Self::ProjectFiles => "project files of .NET",
            Self::Advisories => "known vulnerabilities",
            Self::Host => "what only a host knows: settings, reviews, releases, activity",
            Self::HostLicense => "which licence its host recognises",
            Self::BotCommits => "commits by update bots",
            Self::WorkflowRuns => "the runs of workflows",
            Self::CheckRuns => "which checks ran on merged pull requests",
            Self::Languages => "which languages are prominent",
            Self::OssFuzz => "whether OSS-Fuzz builds the project",
            Self::OwnerPolicy => "a policy that its owner keeps for all repositories",
        }
    }
}

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
}

impl SourceKind {
    /// What this is, to be read after "from".
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::WorkingTree | Self::Revision => "a local clone",
            Self::Folder => "a plain folder",
        }
    }
}

/// What a target resolved to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Its name in results: `file://PATH` for a local one.
    pub name: String,
    /// The full id of the commit, or `None` for a folder without Git.
    pub commit: Option<String>,
    /// The name by which the revision was asked for, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// What kind of source it is.
    pub source: SourceKind,
}

/// The facts about one repository in one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What the facts are about.
    pub repository: Repository,
    /// The moment of judging, as an RFC 3339 time in UTC with seconds: the only time that a probe sees.
    pub as_of: String,
    /// The list of files.
    pub files: Fact<Files>,
    /// Files that are binaries by their first bytes or their name, in the order of the list.
    pub binaries: Fact<Vec<BinaryFile>>,
    /// Marks of fuzzing.
    pub fuzzing: Fact<Fuzzing>,
    /// The security policy, if there is one.
    pub security_policy: Fact<Option<SecurityPolicy>>,
    /// What the maintainers say about their own results, if they say something.
    pub annotations: Fact<Option<Annotations>>,
    /// The files in the place of workflows, in the order of the list.
    pub workflows: Fact<Vec<WorkflowFile>>,
    /// What single lines of build files say, in the order of the list.
    pub build_files: Fact<Vec<BuildMark>>,
    /// The shell scripts from which something is kept, or that cannot be read, in the order of the list.
    pub shell_scripts: Fact<Vec<ShellFile>>,
    /// The Dockerfiles from which something is kept, or that cannot be read, in the order of the list.
    pub dockerfiles: Fact<Vec<DockerfileFile>>,
    /// Project files of .NET, in the order of the list.
    pub projects: Fact<Vec<Project>>,
    /// The texts of files that were read as a whole, where the run was told to keep them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Why a facet was asked for and could not be had, for those that have no place above.
    #[serde(default)]
    pub unseen: BTreeMap<Facet, Gap>,
}

impl Evidence {
    /// Evidence in which nothing is known yet.
    #[must_use]
    pub fn new(repository: Repository, as_of: String) -> Self {
        fn not_asked<T>(facet: Facet) -> Fact<T> {
            Fact::Missing(Gap::new(facet, Cause::NotAsked))
        }
        Self {
            repository,
            as_of,
            files: not_asked(Facet::Files),
            binaries: not_asked(Facet::Binaries),
            fuzzing: not_asked(Facet::Fuzzing),
            security_policy: not_asked(Facet::SecurityPolicy),
            annotations: not_asked(Facet::Annotations),
            workflows: not_asked(Facet::Workflows),
            build_files: not_asked(Facet::BuildFiles),
            shell_scripts: not_asked(Facet::ShellScripts),
            dockerfiles: not_asked(Facet::Dockerfiles),
            projects: not_asked(Facet::ProjectFiles),
            sources: Vec::new(),
            unseen: BTreeMap::new(),
        }
    }

    /// Marks facets that were wanted and that no collector fills: this kind of source cannot show them.
    pub fn close(&mut self, wanted: impl IntoIterator<Item = Facet>) {
        for facet in wanted {
            let filled = Facet::FROM_FILES.contains(&facet);
            if !filled {
                self.unseen.insert(facet, Gap::not_offered(facet, self.repository.source));
            }
        }
    }

    /// The gap of a facet that no collector of this version fills, if it was asked for.
    #[must_use]
    pub fn unseen(&self, facet: Facet) -> Option<Gap> {
        self.unseen.get(&facet).cloned()
    }
}
