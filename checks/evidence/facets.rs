//! The list of facets, and the evidence that holds one fact of each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Advisories, Annotations, BadgeLevel, BinaryFile, BotCommits, Branches, BuildMark, Cause, Commit, Contributor, DockerfileFile, Employer,
    Fact, Files, Fuzzing, Gap, HeadChecks, HostLicense, Inventory, Issue, Language, Metadata, Project, Release, Repository, Runs,
    SecurityPolicy, ShellFile, Source, Webhook, WorkflowFile,
};
use crate::path::RepoPath;

macro_rules! facets {
    (
        from_files { $($(#[$file_doc:meta])* $file:ident $file_field:ident: $file_type:ty = $file_phrase:literal;)* }
        beside_files { $($(#[$doc:meta])* $facet:ident $field:ident: $type:ty = $phrase:literal;)* }
    ) => {
        /// One kind of fact about a repository, named for things in the world.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Facet {
            $($(#[$file_doc])* $file,)*
            $($(#[$doc])* $facet,)*
        }

        impl Facet {
            /// The facets that come from reading files.
            pub const FROM_FILES: &[Self] = &[$(Self::$file),*];
            /// The others.
            pub const BESIDE_FILES: &[Self] = &[$(Self::$facet),*];

            /// What this is, to be read after "does not show" or before a colon.
            #[must_use]
            pub const fn phrase(self) -> &'static str {
                match self {
                    $(Self::$file => $file_phrase,)*
                    $(Self::$facet => $phrase,)*
                }
            }
        }

        /// The facts about one repository in one run.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Evidence {
            /// What the facts are about.
            pub repository: Repository,
            /// The moment of judging, as an RFC 3339 time in UTC with seconds: the only time that a probe sees.
            pub as_of: String,
            $($(#[$file_doc])* pub $file_field: Fact<$file_type>,)*
            /// The texts of files that were read as a whole, where the run was told to keep them.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub sources: Vec<Source>,
            $($(#[$doc])* pub $field: Fact<$type>,)*
        }

        /// Facts of some facets, as cases write them down.
        #[cfg(test)]
        #[derive(Clone, Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct Partial {
            $($file_field: Option<Fact<$file_type>>,)*
            $($field: Option<Fact<$type>>,)*
        }

        #[cfg(test)]
        impl Partial {
            pub(crate) fn put(self, evidence: &mut Evidence) {
                $(if let Some(fact) = self.$file_field { evidence.$file_field = fact; })*
                $(if let Some(fact) = self.$field { evidence.$field = fact; })*
            }
        }

        impl Evidence {
            /// Evidence in which nothing is known yet.
            #[must_use]
            pub fn new(repository: Repository, as_of: String) -> Self {
                Self {
                    repository,
                    as_of,
                    $($file_field: Fact::Missing(Gap::new(Facet::$file, Cause::NotAsked)),)*
                    sources: Vec::new(),
                    $($field: Fact::Missing(Gap::new(Facet::$facet, Cause::NotAsked)),)*
                }
            }

            /// Why a facet is missing, if it is.
            #[must_use]
            pub fn gap(&self, facet: Facet) -> Option<&Gap> {
                match facet {
                    $(Facet::$file => self.$file_field.get().err(),)*
                    $(Facet::$facet => self.$field.get().err(),)*
                }
            }

            /// Takes over the facets that come from reading files.
            pub fn take_files(&mut self, from: Self) {
                $(self.$file_field = from.$file_field;)*
                self.sources = from.sources;
            }

            /// Says why a facet is missing; one that is known stays known.
            pub fn lack(&mut self, facet: Facet, cause: Cause) {
                let gap = Gap::new(facet, cause);
                match facet {
                    $(Facet::$file => self.$file_field.lack(gap),)*
                    $(Facet::$facet => self.$field.lack(gap),)*
                }
            }
        }
    };
}

facets! {
    from_files {
        /// The list of files.
        Files files: Files = "the files";
        /// Files that are binaries by their first bytes or their name, in the order of the list.
        Binaries binaries: Vec<BinaryFile> = "the first bytes of files";
        /// Marks of fuzzing and property-based testing in source files.
        Fuzzing fuzzing: Fuzzing = "the text of source files";
        /// The security policy, if there is one, and what it says.
        SecurityPolicy security_policy: Option<SecurityPolicy> = "the text of the security policy";
        /// What the maintainers say about their own results, if they say something.
        Annotations annotations: Option<Annotations> = "the maintainers' annotations";
        /// Workflows of GitHub Actions: the files in their place, in the order of the list.
        Workflows workflows: Vec<WorkflowFile> = "workflows";
        /// Files in the folder of workflows, whatever their ending, that use an action by which Gradle wrappers are
        /// validated, and in which the reference's reader finds no fault; in the order of the list.
        WrapperChecks wrapper_checks: Vec<RepoPath> = "workflows that validate Gradle wrappers";
        /// What single lines of build files say, in the order of the list.
        BuildFiles build_files: Vec<BuildMark> = "build files";
        /// Shell scripts: the commands that fetch, install or run something. Those from which something is kept, or that
        /// cannot be read, in the order of the list.
        ShellScripts shell_scripts: Vec<ShellFile> = "shell scripts";
        /// Dockerfiles: the images that they build on, and the commands as of shell scripts. Those from which something is
        /// kept, or that cannot be read, in the order of the list.
        Dockerfiles dockerfiles: Vec<DockerfileFile> = "Dockerfiles";
        /// Project files of .NET, as far as they pin packages, in the order of the list.
        ProjectFiles projects: Vec<Project> = "project files of .NET";
        /// What lock files, manifests and lists of parts say that the repository depends on.
        Packages packages: Inventory = "the packages that files name";
    }
    beside_files {
        /// Known vulnerabilities of the packages that files name.
        Advisories advisories: Advisories = "known vulnerabilities";
        /// What the host says of the repository as a whole.
        Metadata metadata: Metadata = "when the repository was made, and whether it is archived";
        /// The newest commits, the newest first, with the pull requests that brought them.
        Commits commits: Vec<Commit> = "commits and the pull requests behind them";
        /// Which checks ran on the heads of merged pull requests, by the head's commit.
        CheckRuns check_runs: BTreeMap<String, HeadChecks> = "which checks ran on merged pull requests";
        /// The issues that were updated last, the latest first.
        Issues issues: Vec<Issue> = "issues and who answers them";
        /// The default branch, release branches as far as they were asked for, and their rules.
        Branches branches: Branches = "branches and their rules";
        /// The newest releases, in the order of the host.
        Releases releases: Vec<Release> = "releases";
        /// Who contributed most, the busiest first.
        Contributors contributors: Vec<Contributor> = "contributors";
        /// What contributors say of whom they work for, by account, as far as it was asked for.
        Employers employers: BTreeMap<String, Fact<Employer>> = "the companies and organisations of contributors";
        /// Webhooks.
        Webhooks webhooks: Vec<Webhook> = "webhooks";
        /// Successful runs of workflows, by the name of the workflow's file, as far as they were asked for.
        WorkflowRuns workflow_runs: BTreeMap<String, Fact<Runs>> = "the runs of workflows";
        /// The licence as the host recognised it, if it did.
        HostLicense host_license: Option<HostLicense> = "which licence its host recognises";
        /// How much of each language there is, as the host counts it.
        Languages languages: Vec<Language> = "which languages are prominent";
        /// Commits by an update bot.
        BotCommits bot_commits: BotCommits = "commits by update bots";
        /// The policy file that the owner keeps for all repositories, if there is one; its path begins with the host.
        OwnerPolicy owner_policy: Option<SecurityPolicy> = "a policy that its owner keeps for all repositories";
        /// Whether OSS-Fuzz builds the project.
        OssFuzz oss_fuzz: bool = "whether OSS-Fuzz builds the project";
        /// The project's badge of OpenSSF Best Practices, if it has one.
        Badge badge: Option<BadgeLevel> = "the badge of OpenSSF Best Practices";
    }
}

/// What to collect: a facet, or more of one, which a probe asks for once it has seen other answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Request {
    /// A whole facet.
    Facet(Facet),
    /// A branch by its name, into [`Evidence::branches`].
    Branch(String),
    /// An account by its name, into [`Evidence::employers`].
    Employer(String),
    /// The successful runs of a workflow, by the name of its file, into [`Evidence::workflow_runs`].
    Runs(String),
}

impl Request {
    /// The facet that it adds to.
    #[must_use]
    pub const fn facet(&self) -> Facet {
        match self {
            Self::Facet(facet) => *facet,
            Self::Branch(_) => Facet::Branches,
            Self::Employer(_) => Facet::Employers,
            Self::Runs(_) => Facet::WorkflowRuns,
        }
    }
}

impl From<Facet> for Request {
    fn from(facet: Facet) -> Self {
        Self::Facet(facet)
    }
}

impl Evidence {
    /// Closes what was asked for and that nobody has filled: this kind of source cannot show it.
    pub fn close<'a>(&mut self, asked: impl IntoIterator<Item = &'a Request>) {
        for facet in asked.into_iter().map(Request::facet) {
            if self.gap(facet).is_some_and(|gap| gap.cause == Cause::NotAsked) && !Facet::FROM_FILES.contains(&facet) {
                self.lack(facet, Cause::NotOffered { by: self.repository.source.phrase().to_owned() });
            }
        }
    }

    /// Why asking for a facet failed, if it did: a check that the reference gives up then has no answer here either.
    #[must_use]
    pub fn failed(&self, facet: Facet) -> Option<&Gap> {
        self.gap(facet).filter(|gap| gap.cause.is_failure())
    }

    /// Why a facet is missing although it was asked for.
    #[must_use]
    pub fn unseen(&self, facet: Facet) -> Option<Gap> {
        self.gap(facet).filter(|gap| gap.cause != Cause::NotAsked).cloned()
    }
}
