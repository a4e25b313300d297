//! Fields of refs and of what protects them.

use git2::Oid;
use serde_json::{Value, json};

use super::errors::unanswered;
use super::node::{Answer, Context, Given, Node};
use super::{errors, repository};
use crate::state::Repo;
use crate::world::{Bypass, Protection, Role, Rule, RuleParameters, Ruleset};

pub(crate) fn reference<'w>(context: &'w Context<'w>, repo: Repo<'w>, full: &str, oid: Oid, name: &str) -> Answer<'w> {
    let (prefix, short) = ["refs/heads/", "refs/tags/"]
        .iter()
        .find_map(|prefix| full.strip_prefix(prefix).map(|short| (*prefix, short)))
        .unwrap_or(("refs/", full));
    let rule = (prefix == "refs/heads/").then(|| Protection::for_branch(&repo.is.protections, short)).flatten();
    Ok(match name {
        "id" => json!(format!("REF_{}_{full}", repo.is.id)).into(),
        "name" => json!(short).into(),
        "prefix" => json!(prefix).into(),
        "target" => repository::at(repo, oid).into(),
        "repository" => Given::Node(Node::Repository(repo)),
        "refUpdateRule" => rule.map_or(Value::Null, everyones_view).into(),
        "branchProtectionRule" => match context.who.role() {
            Some(Role::Admin) => rule.map(Node::Protection).into(),
            Some(Role::Integration) => return Err(errors::field("FORBIDDEN", "Resource not accessible by integration")),
            _ => Value::Null.into(),
        },
        _ => return Err(unanswered("Ref", name)),
    })
}

fn everyones_view(rule: &Protection) -> Value {
    json!({
        "pattern": rule.pattern, "allowsDeletions": rule.allows_deletions, "allowsForcePushes": rule.allows_force_pushes,
        "requiredApprovingReviewCount": rule.approvals, "requiredStatusCheckContexts": rule.contexts, "requiresCodeOwnerReviews": rule.code_owners,
        "requiresLinearHistory": rule.linear_history, "viewerCanPush": false,
    })
}

pub(crate) fn protection<'w>(rule: &Protection, name: &str) -> Answer<'w> {
    Ok(Given::Value(match name {
        "id" => json!(format!("BPR_{}", rule.pattern)),
        "pattern" => json!(rule.pattern),
        "allowsDeletions" => json!(rule.allows_deletions),
        "allowsForcePushes" => json!(rule.allows_force_pushes),
        "dismissesStaleReviews" => json!(rule.dismisses_stale_reviews),
        "isAdminEnforced" => json!(rule.enforced_on_admins),
        "requireLastPushApproval" => json!(rule.last_push_approval),
        "requiredApprovingReviewCount" => json!(rule.approvals),
        "requiredStatusCheckContexts" => json!(rule.contexts),
        "requiresApprovingReviews" => json!(rule.approvals.is_some()),
        "requiresCodeOwnerReviews" => json!(rule.code_owners),
        "requiresLinearHistory" => json!(rule.linear_history),
        "requiresStatusChecks" => json!(rule.status_checks),
        "requiresStrictStatusChecks" => json!(rule.strict_status_checks),
        _ => return Err(unanswered("BranchProtectionRule", name)),
    }))
}

pub(crate) fn ruleset<'w>(context: &'w Context<'w>, is: &'w Ruleset, name: &str) -> Answer<'w> {
    Ok(Given::Value(match name {
        "id" => json!(format!("RRS_{}", is.id)),
        "databaseId" => json!(is.id),
        "name" => json!(is.name),
        "enforcement" => json!(is.enforcement),
        "target" => json!(is.target),
        "createdAt" | "updatedAt" => json!("2024-01-01T12:00:00Z"),
        "conditions" => json!({"refName": is.has_ref_condition.then(|| json!({"include": is.include, "exclude": is.exclude}))}),
        // Only administrators are told who may pass by.
        "bypassActors" if context.who.is_admin() => {
            is.bypass.iter().enumerate().map(|(index, bypass)| bypass_actor(is, index, bypass)).collect()
        }
        "bypassActors" => Value::Null,
        "rules" => is.rules.iter().enumerate().map(|(index, shape)| rule(is, index, shape)).collect(),
        _ => return Err(unanswered("RepositoryRuleset", name)),
    }))
}

fn bypass_actor(ruleset: &Ruleset, index: usize, bypass: &Bypass) -> Value {
    json!({
        "id": format!("RBA_{}_{index}", ruleset.id), "bypassMode": bypass.mode, "deployKey": bypass.deploy_key,
        "organizationAdmin": bypass.organization_admin, "repositoryRoleName": bypass.role,
    })
}

fn rule(ruleset: &Ruleset, index: usize, rule: &Rule) -> Value {
    let parameters = rule.parameters.as_ref().map(|parameters| match parameters {
        RuleParameters::PullRequest { approvals, dismiss_stale, code_owners, last_push, threads } => json!({
            "__typename": "PullRequestParameters", "requiredApprovingReviewCount": approvals, "dismissStaleReviewsOnPush": dismiss_stale,
            "requireCodeOwnerReview": code_owners, "requireLastPushApproval": last_push, "requiredReviewThreadResolution": threads,
        }),
        RuleParameters::StatusChecks { contexts, strict } => {
            let checks: Vec<Value> = contexts.iter().map(|(context, app)| json!({"context": context, "integrationId": app})).collect();
            json!({"__typename": "RequiredStatusChecksParameters", "requiredStatusChecks": checks, "strictRequiredStatusChecksPolicy": strict})
        }
    });
    json!({"id": format!("RRU_{}_{index}", ruleset.id), "type": rule.kind, "parameters": parameters})
}
