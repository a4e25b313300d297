//! Fields of pull requests and issues.

use serde_json::{Value, json};

use super::accounts::perhaps;
use super::errors::unanswered;
use super::node::{Answer, Context, Given, Node};
use crate::state::Repo;
use crate::world::{Issue, PullRequest};

/// Whether it is open, or was merged.
pub(crate) fn state(pull_request: &PullRequest) -> &'static str {
    if pull_request.merged_at.is_some() { "MERGED" } else { "OPEN" }
}

pub(crate) fn pull_request<'w>(context: &'w Context<'w>, repo: Repo<'w>, is: &'w PullRequest, name: &str) -> Answer<'w> {
    Ok(match name {
        "id" => json!(format!("PR_{}_{}", repo.is.id, is.number)).into(),
        "number" => json!(is.number).into(),
        "title" => json!(format!("Change {}", is.number)).into(),
        "state" => json!(state(is)).into(),
        "merged" => json!(is.merged_at.is_some()).into(),
        "headRefOid" => json!(is.head_oid).into(),
        "baseRefName" => json!(is.base).into(),
        "createdAt" => json!(is.created_at).into(),
        "updatedAt" => json!(is.merged_at.as_ref().unwrap_or(&is.created_at)).into(),
        "mergedAt" => json!(is.merged_at).into(),
        "author" => perhaps(is.author.as_ref()).into(),
        "authorAssociation" => json!("CONTRIBUTOR").into(),
        "mergedBy" => perhaps(is.merged_by.as_ref()).into(),
        "labels" => is.labels.iter().map(|label| json!({"id": format!("LA_{label}"), "name": label})).collect::<Value>().into(),
        "reviews" => {
            let shape = |(index, review): (usize, &crate::world::Review)| json!({"id": format!("PRR_{}_{index}", is.number), "state": review.state, "author": perhaps(review.author.as_ref()), "submittedAt": is.merged_at});
            is.reviews.iter().enumerate().map(shape).collect::<Value>().into()
        }
        "commits" => Given::Connection(vec![Node::PullRequestCommit(repo, is)]),
        "repository" => match &is.repository {
            None => Given::Node(Node::Repository(repo)),
            Some(other) => other_repository(context, other),
        },
        "url" => json!(format!("{}/{}/pull/{}", context.addresses.pages, repo.is.full_name(), is.number)).into(),
        _ => return Err(unanswered("PullRequest", name)),
    })
}

/// A repository that need not be in the world.
fn other_repository<'w>(context: &'w Context<'w>, full: &str) -> Given<'w> {
    let (owner, name) = full.split_once('/').unwrap_or((full, ""));
    match context.state.find(owner, name) {
        Some(found) => Given::Node(Node::Repository(found.repo())),
        None => json!({
            "id": format!("R_{full}"), "name": name, "nameWithOwner": full, "owner": {"__typename": "Organization", "login": owner},
            "url": format!("{}/{full}", context.addresses.pages),
        })
        .into(),
    }
}

pub(crate) fn issue<'w>(context: &'w Context<'w>, repo: Repo<'w>, is: &'w Issue, name: &str) -> Answer<'w> {
    Ok(match name {
        "id" => json!(format!("I_{}_{}", repo.is.id, is.number)).into(),
        "number" => json!(is.number).into(),
        "title" => json!(format!("Issue {}", is.number)).into(),
        "state" => json!(is.state).into(),
        "createdAt" => json!(is.created_at).into(),
        "updatedAt" => json!(is.updated_at).into(),
        "author" => perhaps(is.author.as_ref()).into(),
        "authorAssociation" => json!(is.association).into(),
        "comments" => {
            let shape = |(index, comment): (usize, &crate::world::Comment)| {
                json!({
                    "id": format!("IC_{}_{index}", is.number), "createdAt": comment.created_at, "updatedAt": comment.created_at,
                    "author": perhaps(comment.author.as_ref()), "authorAssociation": comment.association,
                })
            };
            is.comments.iter().enumerate().map(shape).collect::<Value>().into()
        }
        "repository" => Given::Node(Node::Repository(repo)),
        "url" => json!(format!("{}/{}/issues/{}", context.addresses.pages, repo.is.full_name(), is.number)).into(),
        _ => return Err(unanswered("Issue", name)),
    })
}
