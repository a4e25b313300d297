//! A repository with everything that hangs on it.

use super::commit::{Branch, CheckSuite, Commit, Entry, Tag};
use super::contribution::{Contributor, Issue, PullRequest};
use super::days_ago;
use super::release::{Hook, Release, Workflow};
use super::rules::{Protection, Ruleset};

/// Why nobody can get at a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// A legal demand: 451.
    Legal,
    /// The terms of service: 403.
    Terms,
}

/// The licence that GitHub found.
#[derive(Clone, Debug)]
pub struct License {
    /// `mit`, `other` and so on.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its SPDX id; `NOASSERTION` where it is another one.
    pub spdx_id: Option<String>,
    /// The file that it was found in.
    pub path: String,
}

impl License {
    /// The MIT licence in `LICENSE`.
    pub fn mit() -> Self {
        Self { key: "mit".to_owned(), name: "MIT License".to_owned(), spdx_id: Some("MIT".to_owned()), path: "LICENSE".to_owned() }
    }

    /// A text that GitHub does not know.
    pub fn other(path: &str) -> Self {
        Self { key: "other".to_owned(), name: "Other".to_owned(), spdx_id: Some("NOASSERTION".to_owned()), path: path.to_owned() }
    }
}

/// A repository.
#[derive(Clone, Debug)]
pub struct Repository {
    /// The owner's login.
    pub owner: String,
    /// The name.
    pub name: String,
    /// The number that survives a rename.
    pub id: u64,
    /// Whether only some see it.
    pub private: bool,
    /// Whether it is read-only for good.
    pub archived: bool,
    /// Whether it is a fork.
    pub fork: bool,
    /// Whether GitHub has disabled it.
    pub disabled: bool,
    /// When it was made.
    pub created_at: String,
    /// When something was last pushed.
    pub pushed_at: String,
    /// When something last changed.
    pub updated_at: String,
    /// The default branch, also of an empty repository.
    pub default_branch: String,
    /// Names, with owner, that it had before.
    pub former_names: Vec<String>,
    /// Why nobody can get at it.
    pub blocked: Option<Blocked>,
    /// Languages and their bytes, most first.
    pub languages: Vec<(String, u64)>,
    /// The licence that GitHub found.
    pub license: Option<License>,
    /// Commits of the default branch, oldest first; none in an empty repository.
    pub commits: Vec<Commit>,
    /// Other branches.
    pub branches: Vec<Branch>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// Classic rules for branches.
    pub protections: Vec<Protection>,
    /// Rulesets.
    pub rulesets: Vec<Ruleset>,
    /// Pull requests.
    pub pull_requests: Vec<PullRequest>,
    /// Issues.
    pub issues: Vec<Issue>,
    /// Releases, newest first.
    pub releases: Vec<Release>,
    /// Contributors, most first.
    pub contributors: Vec<Contributor>,
    /// Webhooks.
    pub hooks: Vec<Hook>,
    /// Workflows that GitHub has seen.
    pub workflows: Vec<Workflow>,
}

impl Repository {
    /// An empty, public repository `owner/name`.
    ///
    /// # Panics
    ///
    /// Where the name has no `/`.
    #[track_caller]
    pub fn new(name: &str) -> Self {
        let (owner, short) = name.split_once('/').unwrap_or_else(|| panic!("{name:?} is no owner/name"));
        Self {
            owner: owner.to_owned(),
            name: short.to_owned(),
            id: super::number_of(name),
            private: false,
            archived: false,
            fork: false,
            disabled: false,
            created_at: "2020-01-01T12:00:00Z".to_owned(),
            pushed_at: "2024-05-01T12:00:00Z".to_owned(),
            updated_at: "2024-05-01T12:00:00Z".to_owned(),
            default_branch: "main".to_owned(),
            former_names: Vec::new(),
            blocked: None,
            languages: Vec::new(),
            license: None,
            commits: Vec::new(),
            branches: Vec::new(),
            tags: Vec::new(),
            protections: Vec::new(),
            rulesets: Vec::new(),
            pull_requests: Vec::new(),
            issues: Vec::new(),
            releases: Vec::new(),
            contributors: Vec::new(),
            hooks: Vec::new(),
            workflows: Vec::new(),
        }
    }

    /// `owner/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Adds a commit to the default branch.
    pub fn commit(mut self, commit: Commit) -> Self {
        self.commits.push(commit);
        self
    }

    /// Puts a file into the newest commit of the default branch; the first one makes that commit.
    pub fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.entry(path, Entry::File(text.as_ref().to_vec()))
    }

    /// Puts something into the newest commit of the default branch; the first one makes that commit.
    pub fn entry(mut self, path: &str, entry: Entry) -> Self {
        if self.commits.is_empty() {
            self.commits.push(Commit::default());
        }
        if let Some(newest) = self.commits.last_mut() {
            newest.changes.insert(path.into(), entry);
        }
        self
    }

    /// Adds a merged pull request together with the commit that it left on the default branch.
    pub fn merged(mut self, pull_request: PullRequest) -> Self {
        let at = pull_request.merged_at.clone().unwrap_or_else(|| self.pushed_at.clone());
        self.commits.push(Commit::at(&at).message(&format!("Change (#{})", pull_request.number)).pull_request(pull_request.number));
        self.pull_requests.push(pull_request);
        self
    }

    /// Adds a pull request that no commit names.
    pub fn pull_request(mut self, pull_request: PullRequest) -> Self {
        self.pull_requests.push(pull_request);
        self
    }

    /// Adds an issue.
    pub fn issue(mut self, issue: Issue) -> Self {
        self.issues.push(issue);
        self
    }

    /// Adds a branch.
    pub fn branch(mut self, branch: Branch) -> Self {
        self.branches.push(branch);
        self
    }

    /// Adds a tag.
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tags.push(tag);
        self
    }

    /// Adds a classic rule.
    pub fn protection(mut self, protection: Protection) -> Self {
        self.protections.push(protection);
        self
    }

    /// Adds a ruleset, numbered if it has the first number and that is taken.
    pub fn ruleset(mut self, mut ruleset: Ruleset) -> Self {
        if self.rulesets.iter().any(|other| other.id == ruleset.id) {
            ruleset.id = self.rulesets.iter().map(|other| other.id).max().unwrap_or_default() + 1;
        }
        self.rulesets.push(ruleset);
        self
    }

    /// Adds an older release.
    pub fn release(mut self, release: Release) -> Self {
        self.releases.push(release);
        self
    }

    /// Adds a contributor.
    pub fn contributor(mut self, login: &str, contributions: u64) -> Self {
        self.contributors.push(Contributor::new(login, contributions));
        self
    }

    /// Adds a workflow.
    pub fn workflow(mut self, workflow: Workflow) -> Self {
        self.workflows.push(workflow);
        self
    }

    /// Adds a webhook.
    pub fn hook(mut self, url: &str, secret: bool) -> Self {
        self.hooks.push(Hook { url: url.to_owned(), secret });
        self
    }

    /// Sets the licence.
    pub fn license(mut self, license: License) -> Self {
        self.license = Some(license);
        self
    }

    /// Adds a language.
    pub fn language(mut self, name: &str, bytes: u64) -> Self {
        self.languages.push((name.to_owned(), bytes));
        self
    }

    /// Adds a name, with owner, that it had before.
    pub fn formerly(mut self, name: &str) -> Self {
        self.former_names.push(name.to_owned());
        self
    }

    /// Makes it large: 100 contributors, 300 branches, 60 releases of 40 assets each, and 60 pull requests with their
    /// reviews and suites, which were merged ten days ago.
    pub fn large(mut self) -> Self {
        for n in 0..100 {
            self = self.contributor(&format!("person{n}"), 90 - n.min(80));
        }
        for n in 0..300 {
            self = self.branch(Branch::new(&format!("branch/{n}")));
        }
        let assets: Vec<String> = (0..40).map(|n| format!("part-{n}.tar.gz")).collect();
        for n in 0..60 {
            self = self.release(Release::new(&format!("v0.{n}"), assets.iter().map(String::as_str)));
        }
        for n in 100..160 {
            let mut pull = PullRequest::merged(n, "alice", &days_ago(10)).approved_by("bob");
            (0..8).for_each(|n| pull.checks.suites.push(CheckSuite::completed(&format!("app{n}"), "SUCCESS")));
            self = self.merged(pull);
        }
        self
    }

    /// Makes it private.
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// Archives it.
    pub fn archived(mut self) -> Self {
        self.archived = true;
        self
    }
}
