//! Fields of a repository.

use apollo_compiler::response::JsonMap;
use git2::{ObjectType, Oid};
use serde_json::{Value, json};

use super::errors::unanswered;
use super::node::{Answer, Context, Given, Node, text};
use super::{accounts, contributions};
use crate::state::Repo;
use crate::world::{Issue, PullRequest, number_of};

pub(crate) fn field<'w>(context: &'w Context<'w>, repo: Repo<'w>, name: &str, arguments: &JsonMap) -> Answer<'w> {
    let is = repo.is;
    Ok(match name {
        "id" => json!(format!("R_{}", is.id)).into(),
        "databaseId" => json!(is.id).into(),
        "name" => json!(is.name).into(),
        "nameWithOwner" => json!(is.full_name()).into(),
        "owner" => accounts::shape(&context.state.owner(&is.owner)).into(),
        "url" => json!(format!("{}/{}", context.addresses.pages, is.full_name())).into(),
        "description" => Value::Null.into(),
        "createdAt" => json!(is.created_at).into(),
        "pushedAt" => json!(is.pushed_at).into(),
        "updatedAt" => json!(is.updated_at).into(),
        "isArchived" => json!(is.archived).into(),
        "isPrivate" => json!(is.private).into(),
        "isFork" => json!(is.fork).into(),
        "isDisabled" => json!(is.disabled).into(),
        "isEmpty" => json!(is.commits.is_empty()).into(),
        "viewerPermission" => json!(if context.who.is_admin() { "ADMIN" } else { "READ" }).into(),
        "viewerCanAdminister" => json!(context.who.is_admin()).into(),
        "defaultBranchRef" => reference(repo, &format!("refs/heads/{}", is.default_branch)).into(),
        "ref" => {
            let asked = text(arguments, "qualifiedName").unwrap_or_default();
            let spelled = ["", "refs/heads/", "refs/", "refs/tags/"].map(|prefix| format!("{prefix}{asked}"));
            spelled.iter().find_map(|full| reference(repo, full)).into()
        }
        "object" => object(repo, arguments).into(),
        "issues" => Given::Connection(issues(repo, arguments)),
        "pullRequests" => Given::Connection(pull_requests(repo, arguments)),
        "releases" => releases(context, repo).into_iter().collect::<Value>().into(),
        "latestRelease" => releases(context, repo)
            .into_iter()
            .find(|release| release["isDraft"] == false && release["isPrerelease"] == false)
            .unwrap_or_default()
            .into(),
        "rulesets" => {
            let parents = arguments.get("includeParents").and_then(|value| value.as_bool()).unwrap_or(true);
            let targets = arguments.get("targets").and_then(|value| value.as_array());
            let kept = is.rulesets.iter().filter(|ruleset| parents || !ruleset.of_organization);
            let kept = kept.filter(|ruleset| {
                targets.is_none_or(|targets| targets.iter().any(|target| target.as_str() == Some(ruleset.target.as_str())))
            });
            Given::Connection(kept.map(Node::Ruleset).collect())
        }
        "languages" => {
            let mut languages = is.languages.clone();
            let sorted = arguments.get("orderBy").and_then(|order| order.get("direction")).and_then(|direction| direction.as_str());
            match sorted {
                Some("ASC") => languages.sort_by_key(|(_, bytes)| *bytes),
                Some(_) => languages.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes)),
                None => languages.sort(),
            }
            let shape = |(name, bytes): (String, u64)| json!({"id": format!("LA_{name}"), "name": name, "size": bytes});
            languages.into_iter().map(shape).collect::<Value>().into()
        }
        "licenseInfo" => is
            .license
            .as_ref()
            .map_or(Value::Null, |license| {
                let url = (license.key != "other").then(|| format!("http://choosealicense.com/licenses/{}/", license.key));
                json!({"id": format!("L_{}", license.key), "key": license.key, "name": license.name, "spdxId": license.spdx_id, "url": url})
            })
            .into(),
        _ => return Err(unanswered("Repository", name)),
    })
}

/// The ref of this full name.
pub(crate) fn reference<'w>(repo: Repo<'w>, full: &str) -> Option<Node<'w>> {
    repo.git.refs.get(full).map(|&oid| Node::Ref(repo, full.to_owned(), oid))
}

fn object<'w>(repo: Repo<'w>, arguments: &JsonMap) -> Option<Node<'w>> {
    let asked = text(arguments, "oid").or_else(|| text(arguments, "expression"))?;
    let (revision, path) = asked.split_once(':').map_or((asked, None), |(revision, path)| (revision, Some(path)));
    let oid = match path {
        Some(path) => repo.git.at_path(repo.git.resolve(repo.is, if revision.is_empty() { "HEAD" } else { revision })?, path)?,
        None => repo.git.revision(repo.is, revision)?,
    };
    at(repo, oid)
}

/// The object of this id.
pub(crate) fn at(repo: Repo<'_>, oid: Oid) -> Option<Node<'_>> {
    Some(match repo.git.kind(oid)? {
        ObjectType::Commit => Node::Commit(repo, oid),
        ObjectType::Tag => Node::Tag(repo, oid),
        ObjectType::Tree => Node::Tree(repo, oid),
        _ => Node::Blob(repo, oid),
    })
}

/// Whether the argument is left out or names this state.
fn in_state(arguments: &JsonMap, state: &str) -> bool {
    arguments.get("states").and_then(|value| value.as_array()).is_none_or(|states| states.iter().any(|known| known.as_str() == Some(state)))
}

/// Sorts by what `orderBy` names; GitHub's own order is by number.
fn ordered<'w, T>(mut items: Vec<&'w T>, arguments: &JsonMap, key: impl Fn(&T, &str) -> String) -> Vec<&'w T> {
    let order = arguments.get("orderBy");
    let of = |name: &str| order.and_then(|order| order.get(name)).and_then(|value| value.as_str());
    if let Some(by) = of("field") {
        items.sort_by_key(|item| key(item, by));
        if of("direction") == Some("DESC") {
            items.reverse();
        }
    }
    items
}

fn issues<'w>(repo: Repo<'w>, arguments: &JsonMap) -> Vec<Node<'w>> {
    let kept = repo.is.issues.iter().filter(|issue| in_state(arguments, &issue.state)).collect();
    let key = |issue: &Issue, by: &str| match by {
        "CREATED_AT" => issue.created_at.clone(),
        "UPDATED_AT" => issue.updated_at.clone(),
        _ => format!("{:08}", issue.comments.len()),
    };
    ordered(kept, arguments, key).into_iter().map(|issue| Node::Issue(repo, issue)).collect()
}

fn pull_requests<'w>(repo: Repo<'w>, arguments: &JsonMap) -> Vec<Node<'w>> {
    let own = repo.is.pull_requests.iter().filter(|pull_request| pull_request.repository.is_none());
    let kept = own.filter(|pull_request| in_state(arguments, contributions::state(pull_request))).collect();
    let key = |pull_request: &PullRequest, by: &str| match by {
        "UPDATED_AT" => pull_request.merged_at.clone().unwrap_or_else(|| pull_request.created_at.clone()),
        _ => pull_request.created_at.clone(),
    };
    ordered(kept, arguments, key).into_iter().map(|pull_request| Node::PullRequest(repo, pull_request)).collect()
}

fn releases(context: &Context<'_>, repo: Repo<'_>) -> Vec<Value> {
    let seen = repo.is.releases.iter().filter(|release| !release.draft || context.who.is_admin());
    let shape = |release: &crate::world::Release| {
        let id = number_of(&format!("{}@{}", repo.is.full_name(), release.tag));
        let assets: Vec<Value> = release.assets.iter().map(|name| json!({"id": format!("RA_{id}_{name}"), "name": name})).collect();
        json!({
            "id": format!("RE_{id}"), "databaseId": id, "name": release.tag, "tagName": release.tag, "isDraft": release.draft,
            "isPrerelease": release.prerelease, "createdAt": release.published_at, "publishedAt": (!release.draft).then_some(&release.published_at),
            "url": format!("{}/{}/releases/tag/{}", context.addresses.pages, repo.is.full_name(), release.tag), "releaseAssets": assets,
        })
    };
    seen.map(shape).collect()
}
