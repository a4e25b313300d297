//! What protects branches: classic rules and rulesets.

/// A classic branch protection rule. `branchProtectionRule` shows all of it to an administrator, `refUpdateRule` a part
/// of it to everybody.
#[derive(Clone, Debug, Default)]
pub struct Protection {
    /// The branches, as `main` or `release/*`.
    pub pattern: String,
    /// Whether the branch may be deleted.
    pub allows_deletions: bool,
    /// Whether its history may be rewritten.
    pub allows_force_pushes: bool,
    /// Whether a new push takes approvals away.
    pub dismisses_stale_reviews: bool,
    /// Whether it binds administrators.
    pub enforced_on_admins: bool,
    /// Whether somebody else has to approve the last push.
    pub last_push_approval: bool,
    /// How many approvals are wanted, where any are.
    pub approvals: Option<u64>,
    /// Whether code owners have to approve.
    pub code_owners: bool,
    /// Whether the history has to be linear.
    pub linear_history: bool,
    /// Whether checks have to pass.
    pub status_checks: bool,
    /// Whether the branch has to be up to date first.
    pub strict_status_checks: bool,
    /// Which checks.
    pub contexts: Vec<String>,
}

impl Protection {
    /// A rule that forbids rewriting and deleting, and asks for nothing.
    pub fn of(pattern: &str) -> Self {
        Self { pattern: pattern.to_owned(), ..Self::default() }
    }

    /// The rule in force for a branch: one of its very name goes before one with stars.
    pub(crate) fn for_branch<'w>(rules: &'w [Self], branch: &str) -> Option<&'w Self> {
        rules
            .iter()
            .find(|rule| rule.pattern == branch)
            .or_else(|| rules.iter().find(|rule| covers(rule.pattern.as_bytes(), branch.as_bytes())))
    }

    /// A rule with everything that it can demand.
    pub fn strict(pattern: &str) -> Self {
        Self {
            pattern: pattern.to_owned(),
            allows_deletions: false,
            allows_force_pushes: false,
            dismisses_stale_reviews: true,
            enforced_on_admins: true,
            last_push_approval: true,
            approvals: Some(2),
            code_owners: true,
            linear_history: true,
            status_checks: true,
            strict_status_checks: true,
            contexts: vec!["build".to_owned()],
        }
    }
}

/// Whether a pattern covers a name: a star stands for anything but `/`, two for anything, a question mark for a character.
fn covers(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'*', b'*', pattern @ ..], _) => (0..=name.len()).any(|skipped| covers(pattern, &name[skipped..])),
        ([b'*', pattern @ ..], _) => {
            let most = name.iter().position(|byte| *byte == b'/').unwrap_or(name.len());
            (0..=most).any(|skipped| covers(pattern, &name[skipped..]))
        }
        ([b'?', pattern @ ..], [byte, name @ ..]) => *byte != b'/' && covers(pattern, name),
        ([wanted, pattern @ ..], [byte, name @ ..]) => wanted == byte && covers(pattern, name),
        _ => false,
    }
}

/// Who may pass by a ruleset. Only administrators see it.
#[derive(Clone, Debug)]
pub struct Bypass {
    /// `ALWAYS` or `PULL_REQUEST`.
    pub mode: String,
    /// Whether it is the administrators of the organisation.
    pub organization_admin: bool,
    /// A role, as `admin` or `maintain`.
    pub role: Option<String>,
    /// Whether it is any deploy key.
    pub deploy_key: bool,
}

impl Bypass {
    /// A role that may always pass by.
    pub fn role(role: &str) -> Self {
        Self { mode: "ALWAYS".to_owned(), organization_admin: false, role: Some(role.to_owned()), deploy_key: false }
    }
}

/// What a rule says beyond its type.
#[derive(Clone, Debug)]
pub enum RuleParameters {
    /// Of `PULL_REQUEST`.
    PullRequest {
        /// How many approvals are wanted.
        approvals: u64,
        /// Whether a new push takes approvals away.
        dismiss_stale: bool,
        /// Whether code owners have to approve.
        code_owners: bool,
        /// Whether somebody else has to approve the last push.
        last_push: bool,
        /// Whether threads have to be resolved.
        threads: bool,
    },
    /// Of `REQUIRED_STATUS_CHECKS`.
    StatusChecks {
        /// Which checks, and of which app.
        contexts: Vec<(String, Option<u64>)>,
        /// Whether the branch has to be up to date first.
        strict: bool,
    },
}

/// A rule of a ruleset.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `DELETION`, `NON_FAST_FORWARD`, `PULL_REQUEST`, `REQUIRED_STATUS_CHECKS`, `REQUIRED_LINEAR_HISTORY` and so on.
    pub kind: String,
    /// What else it says.
    pub parameters: Option<RuleParameters>,
}

impl Rule {
    /// A rule that has no parameters.
    pub fn new(kind: &str) -> Self {
        Self { kind: kind.to_owned(), parameters: None }
    }

    /// A rule that wants so many approvals, and nothing else.
    pub fn approvals(approvals: u64) -> Self {
        let parameters =
            RuleParameters::PullRequest { approvals, dismiss_stale: false, code_owners: false, last_push: false, threads: false };
        Self { kind: "PULL_REQUEST".to_owned(), parameters: Some(parameters) }
    }

    /// A rule that wants these checks to pass.
    pub fn checks<'a>(contexts: impl IntoIterator<Item = &'a str>, strict: bool) -> Self {
        let contexts = contexts.into_iter().map(|context| (context.to_owned(), None)).collect();
        Self { kind: "REQUIRED_STATUS_CHECKS".to_owned(), parameters: Some(RuleParameters::StatusChecks { contexts, strict }) }
    }
}

/// A ruleset.
#[derive(Clone, Debug)]
pub struct Ruleset {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `EVALUATE` or `DISABLED`.
    pub enforcement: String,
    /// `BRANCH`, `TAG`, `PUSH` or `REPOSITORY`.
    pub target: String,
    /// Refs that it is for: `~DEFAULT_BRANCH`, `~ALL`, `refs/heads/release/*`.
    pub include: Vec<String>,
    /// Refs that it is not for.
    pub exclude: Vec<String>,
    /// Whether it has a condition on refs at all.
    pub has_ref_condition: bool,
    /// Who may pass by.
    pub bypass: Vec<Bypass>,
    /// What it demands.
    pub rules: Vec<Rule>,
    /// Whether it is the organisation's, and left out where `includeParents` is false.
    pub of_organization: bool,
}

impl Ruleset {
    /// An active ruleset for these refs.
    pub fn active<'a>(include: impl IntoIterator<Item = &'a str>, rules: impl IntoIterator<Item = Rule>) -> Self {
        Self {
            id: 1,
            name: "rules".to_owned(),
            enforcement: "ACTIVE".to_owned(),
            target: "BRANCH".to_owned(),
            include: include.into_iter().map(str::to_owned).collect(),
            exclude: Vec::new(),
            has_ref_condition: true,
            bypass: Vec::new(),
            rules: rules.into_iter().collect(),
            of_organization: false,
        }
    }
}
