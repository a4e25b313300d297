//! Branches and the rules that protect them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Fact;

/// Branches, as far as they were asked for, and the rules of the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branches {
    /// The name of the default branch, if there is one.
    pub default: Option<String>,
    /// The rulesets of the repository and of what it belongs to.
    pub rulesets: Fact<Vec<Ruleset>>,
    /// The branches that were asked for, the default one among them; `Known(None)` for one that does not exist.
    pub by_name: BTreeMap<String, Fact<Option<Branch>>>,
}

/// A branch, and the classic protection of it, which is shown in two views.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// The rule as administrators see it. A token that may not see it is a gap, not an absent rule; where the other view
    /// shows that there is none, there is none.
    pub rule: Fact<Option<BranchRule>>,
    /// Whether the host refused this token the view of administrators with an error ("Resource not accessible"), as it
    /// does with tokens of workflows, instead of leaving it empty, as it does for people without the right.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// The rule as everybody sees it.
    pub update_rule: Fact<Option<UpdateRule>>,
}

/// A classic branch protection rule.
///
/// <https://docs.github.com/graphql/reference/objects#branchprotectionrule>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BranchRule {
    /// The branch may be deleted.
    pub allows_deletions: bool,
    /// History may be rewritten.
    pub allows_force_pushes: bool,
    /// Administrators are bound too.
    pub is_admin_enforced: bool,
    /// A new push makes approvals void.
    pub dismisses_stale_reviews: bool,
    /// Somebody else than the last pusher has to approve.
    pub require_last_push_approval: bool,
    /// How many approvals are needed; `None` where none are asked for.
    pub required_approving_review_count: Option<i64>,
    /// Code owners have to approve.
    pub requires_code_owner_reviews: bool,
    /// Merge commits are refused.
    pub requires_linear_history: bool,
    /// Status checks have to pass.
    pub requires_status_checks: bool,
    /// ... on a branch that is up to date with its base.
    pub requires_strict_status_checks: bool,
    /// The contexts of these checks.
    pub required_status_check_contexts: Vec<String>,
}

/// What everybody sees of a classic rule.
///
/// <https://docs.github.com/graphql/reference/objects#refupdaterule>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpdateRule {
    /// The branch may be deleted.
    pub allows_deletions: bool,
    /// History may be rewritten.
    pub allows_force_pushes: bool,
    /// How many approvals are needed; `None` where none are asked for.
    pub required_approving_review_count: Option<i64>,
    /// Code owners have to approve.
    pub requires_code_owner_reviews: bool,
    /// Merge commits are refused.
    pub requires_linear_history: bool,
    /// The contexts of the status checks that have to pass.
    pub required_status_check_contexts: Vec<String>,
}

/// A ruleset.
///
/// <https://docs.github.com/graphql/reference/objects#repositoryruleset>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ruleset {
    /// Its name.
    pub name: String,
    /// Whether it is in force.
    pub enforcement: Enforcement,
    /// What it protects; `None` where the host does not say.
    pub target: Option<RulesetTarget>,
    /// Patterns of the refs that it covers, and `~ALL` or `~DEFAULT_BRANCH`.
    #[serde(default)]
    pub include: Vec<String>,
    /// Patterns of those that it does not.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Who may bypass it. Only those who may edit a ruleset see this.
    pub bypass_actors: Fact<Vec<BypassActor>>,
    /// Its rules.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// Whether a ruleset is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Enforcement {
    /// It is.
    Active,
    /// It is on trial: it logs, and hinders nobody.
    Evaluate,
    /// It is switched off.
    Disabled,
    /// The host says something that this version does not know.
    #[serde(other)]
    Unknown,
}

/// What a ruleset protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RulesetTarget {
    /// Branches.
    Branch,
    /// Tags.
    Tag,
    /// What is pushed, wherever to.
    Push,
    /// The host says something that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Somebody who may bypass a ruleset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BypassActor {
    /// When: `ALWAYS`, `PULL_REQUEST`, ... as the host spells it.
    pub mode: String,
    /// Whether these are the administrators of the organisation.
    pub organization_admin: bool,
    /// The role whose holders these are, if it is a role.
    pub repository_role: Option<String>,
}

/// A rule of a ruleset, as far as something is made of it.
///
/// <https://docs.github.com/graphql/reference/enums#repositoryruletype>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The branch may not be deleted.
    Deletion,
    /// History may not be rewritten.
    NonFastForward,
    /// Merge commits are refused.
    RequiredLinearHistory,
    /// Changes come by pull requests.
    PullRequest {
        /// How many approvals are needed.
        approvals: i64,
        /// A new push makes approvals void.
        dismiss_stale: bool,
        /// Code owners have to approve.
        code_owner: bool,
        /// Somebody else than the last pusher has to approve.
        last_push: bool,
    },
    /// Status checks have to pass.
    RequiredStatusChecks {
        /// ... on a branch that is up to date with its base.
        strict: bool,
        /// Their contexts.
        contexts: Vec<String>,
    },
    /// Another one, by the host's name for it.
    Other(String),
}
