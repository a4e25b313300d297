//! What the rules of a branch add up to: a classic rule, as far as it is visible, and the rulesets that cover the branch.

use super::pattern::{BadPattern, covers};
use crate::evidence::{Branch, BranchRule, Cause, Enforcement, Facet, Fact, Gap, Rule, Ruleset, RulesetTarget, UpdateRule};
use crate::finding;

/// What rules say; `None` where none says anything, or where that is not visible.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) blocks_deletion: Option<bool>,
    pub(super) blocks_force_push: Option<bool>,
    pub(super) binds_admins: Option<bool>,
    pub(super) dismisses_stale: Option<bool>,
    pub(super) approvals: Option<i64>,
    pub(super) code_owners: Option<bool>,
    pub(super) last_push: Option<bool>,
    pub(super) pull_requests: Option<bool>,
    pub(super) up_to_date: Option<bool>,
    pub(super) status_checks: bool,
}

/// A branch and what its rules add up to.
#[derive(Clone, Debug)]
pub(super) struct Protection<'a> {
    pub(super) branch: &'a str,
    /// Whether any rule is there at all.
    pub(super) protected: bool,
    pub(super) settings: Settings,
    /// There is a classic rule of which only the part that everybody sees is known.
    pub(super) hidden_rule: Option<&'a Gap>,
    /// Nobody is known to bypass the rulesets, because the list is hidden.
    pub(super) hidden_bypass: Option<&'a Gap>,
}

impl<'a> Protection<'a> {
    /// Adds up the rules of a branch.
    ///
    /// # Errors
    /// What is missing, or cannot be understood, so that nothing can be said of the branch.
    pub(super) fn of(name: &'a str, branch: &'a Branch, rulesets: &'a [Ruleset], is_default: bool) -> Result<Self, Gap> {
        let active = || rulesets.iter().filter(|ruleset| ruleset.enforcement == Enforcement::Active);
        let mut hidden_rule = None;
        let classic = match &branch.rule {
            Fact::Known(rule) => match rule.as_ref() {
                Some(rule) => Some(Settings::of_rule(rule)),
                None => branch.update_rule.get().ok().and_then(Option::as_ref).map(Settings::of_update_rule),
            },
            // A refusal is excused by any ruleset in force, whatever that covers.
            Fact::Missing(gap @ Gap { cause: Cause::Denied { .. }, .. }) if !branch.refused || active().next().is_some() => {
                let visible = branch.update_rule.get().map_err(Gap::clone)?;
                hidden_rule = visible.is_some().then_some(gap);
                visible.as_ref().map(Settings::of_update_rule)
            }
            Fact::Missing(gap) => return Err(gap.clone()),
        };
        let mut protected = classic.is_some();
        let mut settings = classic.unwrap_or_default();
        let mut hidden_bypass = None;
        let full_name = format!("refs/heads/{name}");
        for ruleset in active().filter(|ruleset| matches!(ruleset.target, None | Some(RulesetTarget::Branch))) {
            if !applies(ruleset, &full_name, is_default)? {
                continue;
            }
            let bypassed = match &ruleset.bypass_actors {
                Fact::Known(actors) => !actors.is_empty(),
                Fact::Missing(gap @ Gap { cause: Cause::Denied { .. }, .. }) => {
                    hidden_bypass = Some(gap);
                    false
                }
                Fact::Missing(gap) => return Err(gap.clone()),
            };
            protected = true;
            settings.add(Settings::of_ruleset(ruleset, bypassed));
        }
        if settings.approvals.is_some_and(|count| count < 0) {
            let why = format!("the host says that fewer than no approvals are needed on {}", finding::snippet(name.as_bytes()));
            return Err(Gap::new(Facet::Branches, Cause::Failed { why }));
        }
        Ok(Self { branch: name, protected, settings, hidden_rule, hidden_bypass })
    }
}

/// Whether a ruleset covers a branch, given by its full name. `~ALL` and `~DEFAULT_BRANCH` mean something among the
/// includes alone, and end the search; a pattern that matches does not.
fn applies(ruleset: &Ruleset, name: &str, is_default: bool) -> Result<bool, Gap> {
    let covers = |pattern: &String| {
        covers(pattern, name).map_err(|BadPattern| {
            let (ruleset, pattern) = (finding::snippet(ruleset.name.as_bytes()), finding::snippet(pattern.as_bytes()));
            let why = format!("the ruleset {ruleset} has a pattern that cannot be read: {pattern}");
            Gap::new(Facet::Branches, Cause::Failed { why })
        })
    };
    for pattern in &ruleset.exclude {
        if covers(pattern)? {
            return Ok(false);
        }
    }
    if ruleset.include.is_empty() {
        return Ok(!ruleset.exclude.is_empty());
    }
    let mut applies = false;
    for pattern in &ruleset.include {
        if pattern == "~ALL" || pattern == "~DEFAULT_BRANCH" && is_default {
            return Ok(true);
        }
        applies |= covers(pattern)?;
    }
    Ok(applies)
}

/// What two rules say together where the stricter one wins.
fn either(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    if one.is_none() || other == Some(true) { other } else { one }
}

impl Settings {
    /// A classic rule as administrators see it.
    fn of_rule(rule: &BranchRule) -> Self {
        let pull_requests = rule.required_approving_review_count.is_some()
            || rule.requires_code_owner_reviews
            || rule.require_last_push_approval
            || rule.dismisses_stale_reviews;
        Self {
            blocks_deletion: Some(!rule.allows_deletions),
            blocks_force_push: Some(!rule.allows_force_pushes),
            binds_admins: Some(rule.is_admin_enforced),
            dismisses_stale: Some(rule.dismisses_stale_reviews),
            approvals: rule.required_approving_review_count,
            code_owners: Some(rule.requires_code_owner_reviews),
            last_push: Some(rule.require_last_push_approval),
            pull_requests: Some(pull_requests),
            // GitHub says "strict" of a rule that requires no checks.
            up_to_date: Some(rule.requires_status_checks && rule.requires_strict_status_checks),
            status_checks: !rule.required_status_check_contexts.is_empty(),
        }
    }

    /// A classic rule as everybody sees it.
    fn of_update_rule(rule: &UpdateRule) -> Self {
        let approved = rule.required_approving_review_count.is_some_and(|count| count > 0);
        Self {
            blocks_deletion: Some(!rule.allows_deletions),
            blocks_force_push: Some(!rule.allows_force_pushes),
            approvals: rule.required_approving_review_count,
            code_owners: Some(rule.requires_code_owner_reviews),
            pull_requests: (approved || rule.requires_code_owner_reviews).then_some(true),
            status_checks: !rule.required_status_check_contexts.is_empty(),
            ..Self::default()
        }
    }

    fn of_ruleset(ruleset: &Ruleset, bypassed: bool) -> Self {
        let mut settings = Self {
            blocks_deletion: Some(false),
            blocks_force_push: Some(false),
            binds_admins: Some(!bypassed),
            pull_requests: Some(false),
            ..Self::default()
        };
        for rule in &ruleset.rules {
            match rule {
                Rule::Deletion => settings.blocks_deletion = Some(true),
                Rule::NonFastForward => settings.blocks_force_push = Some(true),
                Rule::PullRequest { approvals, dismiss_stale, code_owner, last_push } => {
                    settings.pull_requests = Some(true);
                    settings.approvals = Some(*approvals);
                    settings.dismisses_stale = Some(*dismiss_stale);
                    settings.code_owners = Some(*code_owner);
                    settings.last_push = Some(*last_push);
                }
                // Without checks the rule says nothing, not even whether branches have to be up to date.
                Rule::RequiredStatusChecks { strict, contexts } if !contexts.is_empty() => {
                    settings.up_to_date = Some(*strict);
                    settings.status_checks = true;
                }
                Rule::RequiredStatusChecks { .. } | Rule::RequiredLinearHistory | Rule::Other(_) => {}
            }
        }
        settings
    }

    /// Adds a ruleset. The stricter one wins, but that administrators are bound needs all to say so.
    fn add(&mut self, other: Self) {
        self.blocks_deletion = either(self.blocks_deletion, other.blocks_deletion);
        self.blocks_force_push = either(self.blocks_force_push, other.blocks_force_push);
        self.dismisses_stale = either(self.dismisses_stale, other.dismisses_stale);
        self.code_owners = either(self.code_owners, other.code_owners);
        self.last_push = either(self.last_push, other.last_push);
        self.pull_requests = either(self.pull_requests, other.pull_requests);
        self.up_to_date = either(self.up_to_date, other.up_to_date);
        self.status_checks |= other.status_checks;
        self.approvals = self.approvals.max(other.approvals);
        if self.binds_admins != Some(false) {
            self.binds_admins = other.binds_admins;
        }
    }
}
