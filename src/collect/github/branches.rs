//! Branches and the rules that protect them.

use carat_checks::evidence::{
    Branch, BranchRule, BypassActor, Cause, Enforcement, Facet, Fact, Gap, Rule, Ruleset, RulesetTarget, UpdateRule,
};
use serde::Deserialize;

use super::answer::{Answered, needs};
use super::nodes::{Nodes, Page};

/// What is read apart from the ruleset that it belongs to.
const APART: [&str; 1] = ["bypassActors"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRulesets {
    #[serde(default)]
    page_info: Page,
    nodes: Vec<RawRuleset>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRuleset {
    #[serde(default)]
    name: String,
    enforcement: Enforcement,
    target: Option<RulesetTarget>,
    conditions: Option<RawConditions>,
    bypass_actors: Option<Nodes<RawActor>>,
    rules: Option<Nodes<RawRule>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawConditions {
    ref_name: Option<RawRefs>,
}

#[derive(Deserialize)]
struct RawRefs {
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawActor {
    bypass_mode: Option<String>,
    organization_admin: Option<bool>,
    repository_role_name: Option<String>,
}

#[derive(Deserialize)]
struct RawRule {
    #[serde(rename = "type")]
    kind: String,
    parameters: Option<RawParameters>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawParameters {
    dismiss_stale_reviews_on_push: bool,
    require_code_owner_review: bool,
    require_last_push_approval: bool,
    required_approving_review_count: i64,
    strict_required_status_checks_policy: bool,
    required_status_checks: Vec<RawCheck>,
}

#[derive(Deserialize)]
struct RawCheck {
    context: Option<String>,
}

/// A page of rulesets, and where the next one begins.
pub(super) fn rulesets(answered: &Answered<'_>) -> Result<(Vec<Ruleset>, Option<String>), Cause> {
    const PATH: &str = "repository/rulesets";
    let Some(raw) = answered.read::<Option<RawRulesets>>(PATH, &APART, "the permission Metadata: read")? else {
        return Ok((Vec::new(), None));
    };
    let sets = raw.nodes.into_iter().enumerate().map(|(n, set)| {
        let hidden = answered.error(&format!("{PATH}/nodes/{n}/bypassActors"), &[]);
        let hidden = hidden.map(|error| answered.cause(error, needs(Facet::Branches)));
        ruleset(set, hidden)
    });
    Ok((sets.collect(), raw.page_info.next()))
}

fn ruleset(raw: RawRuleset, hidden: Option<Cause>) -> Ruleset {
    let refs = raw.conditions.and_then(|conditions| conditions.ref_name);
    let (include, exclude) = refs.map(|refs| (refs.include, refs.exclude)).unwrap_or_default();
    let bypass_actors = match (hidden, raw.bypass_actors) {
        (Some(cause), _) => Fact::Missing(Gap::new(Facet::Branches, cause)),
        (None, None) => Fact::Missing(Gap::new(Facet::Branches, Cause::Denied { needs: needs(Facet::Branches).to_owned() })),
        (None, Some(actors)) => Fact::known(
            actors
                .all()
                .into_iter()
                .map(|actor| BypassActor {
                    mode: actor.bypass_mode.unwrap_or_default(),
                    organization_admin: actor.organization_admin.unwrap_or_default(),
                    repository_role: actor.repository_role_name,
                })
                .collect(),
        ),
    };
    let rules = raw.rules.map(Nodes::all).unwrap_or_default().into_iter().map(rule).collect();
    Ruleset { name: raw.name, enforcement: raw.enforcement, target: raw.target, include, exclude, bypass_actors, rules }
}

fn rule(raw: RawRule) -> Rule {
    let parameters = raw.parameters.unwrap_or_default();
    match raw.kind.as_str() {
        "DELETION" => Rule::Deletion,
        "NON_FAST_FORWARD" => Rule::NonFastForward,
        "REQUIRED_LINEAR_HISTORY" => Rule::RequiredLinearHistory,
        "PULL_REQUEST" => Rule::PullRequest {
            approvals: parameters.required_approving_review_count,
            dismiss_stale: parameters.dismiss_stale_reviews_on_push,
            code_owner: parameters.require_code_owner_review,
            last_push: parameters.require_last_push_approval,
        },
        "REQUIRED_STATUS_CHECKS" => Rule::RequiredStatusChecks {
            strict: parameters.strict_required_status_checks_policy,
            contexts: parameters.required_status_checks.into_iter().filter_map(|check| check.context).collect(),
        },
        _ => Rule::Other(raw.kind),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct RawBranchRule {
    allows_deletions: bool,
    allows_force_pushes: bool,
    is_admin_enforced: bool,
    dismisses_stale_reviews: bool,
    require_last_push_approval: bool,
    required_approving_review_count: Option<i64>,
    requires_code_owner_reviews: bool,
    requires_linear_history: bool,
    requires_status_checks: bool,
    requires_strict_status_checks: bool,
    required_status_check_contexts: Option<Vec<Option<String>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawUpdateRule {
    allows_deletions: bool,
    allows_force_pushes: bool,
    required_approving_review_count: Option<i64>,
    requires_code_owner_reviews: bool,
    requires_linear_history: bool,
    required_status_check_contexts: Option<Vec<Option<String>>>,
}

/// The branch at a path. `is_admin` tells whether an absent rule is known to be absent.
pub(super) fn branch(answered: &Answered<'_>, path: &str, is_admin: bool) -> Fact<Option<Branch>> {
    // Errors about the rules are left to them.
    if let Some(error) = answered.error(path, &["branchProtectionRule", "refUpdateRule", "target"]) {
        return Fact::Missing(Gap::new(Facet::Branches, answered.cause(error, "the permission Contents: read")));
    }
    if answered.value(path).is_null() {
        return Fact::known(None);
    }
    let contexts = |contexts: Option<Vec<Option<String>>>| contexts.unwrap_or_default().into_iter().flatten().collect();
    let update = answered.fact(Facet::Branches, &format!("{path}/refUpdateRule"), needs(Facet::Branches), |raw: Option<RawUpdateRule>| {
        raw.map(|raw| UpdateRule {
            allows_deletions: raw.allows_deletions,
            allows_force_pushes: raw.allows_force_pushes,
            required_approving_review_count: raw.required_approving_review_count,
            requires_code_owner_reviews: raw.requires_code_owner_reviews,
            requires_linear_history: raw.requires_linear_history,
            required_status_check_contexts: contexts(raw.required_status_check_contexts),
        })
    });
    let rule =
        answered.fact(Facet::Branches, &format!("{path}/branchProtectionRule"), needs(Facet::Branches), |raw: Option<RawBranchRule>| {
            raw.map(|raw| BranchRule {
                allows_deletions: raw.allows_deletions,
                allows_force_pushes: raw.allows_force_pushes,
                is_admin_enforced: raw.is_admin_enforced,
                dismisses_stale_reviews: raw.dismisses_stale_reviews,
                require_last_push_approval: raw.require_last_push_approval,
                required_approving_review_count: raw.required_approving_review_count,
                requires_code_owner_reviews: raw.requires_code_owner_reviews,
                requires_linear_history: raw.requires_linear_history,
                requires_status_checks: raw.requires_status_checks,
                requires_strict_status_checks: raw.requires_strict_status_checks,
                required_status_check_contexts: contexts(raw.required_status_check_contexts),
            })
        });
    let refused = rule.get().is_err();
    // Who is no administrator sees no rule, whether there is one or not; where everybody's view shows none either,
    // there is none.
    let hidden = matches!(rule.get(), Ok(None)) && !is_admin && matches!(update.get(), Ok(Some(_)) | Err(_));
    let rule =
        if hidden { Fact::Missing(Gap::new(Facet::Branches, Cause::Denied { needs: needs(Facet::Branches).to_owned() })) } else { rule };
    Fact::known(Some(Branch { rule, refused, update_rule: update }))
}
