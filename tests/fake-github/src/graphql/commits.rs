//! Fields of commits and of other Git objects.

use apollo_compiler::response::JsonMap;
use git2::{ObjectType, Oid};
use serde_json::{Value, json};

use super::accounts;
use super::errors::unanswered;
use super::node::{Answer, Given, Node, text};
use super::repository::at;
use crate::state::Repo;
use crate::world::{Checks, Commit, Person, PullRequest, date, number_of, seconds};

pub(crate) fn commit<'w>(repo: Repo<'w>, oid: Oid, name: &str, arguments: &JsonMap) -> Answer<'w> {
    let Some(is) = repo.git.model(repo.is, oid) else { return Err(unanswered("Commit", name)) };
    let parent = repo.git.commits.get(&oid).and_then(|made| made.parent);
    Ok(match name {
        "committedDate" | "authoredDate" => json!(date(seconds(&is.date))).into(),
        "message" => json!(is.message).into(),
        "messageHeadline" => json!(is.message.lines().next().unwrap_or_default()).into(),
        "author" => person(&is.author, is).into(),
        "committer" => person(&is.committer, is).into(),
        "signature" => is
            .signature
            .map_or(Value::Null, |signature| {
                let state = if signature.valid { "VALID" } else { "INVALID" };
                let kind = if signature.ssh { "SshSignature" } else { "GpgSignature" };
                json!({"__typename": kind, "isValid": signature.valid, "wasSignedByGitHub": signature.by_github, "state": state})
            })
            .into(),
        "tree" => repo.git.at_path(oid, "").map(|tree| Node::Tree(repo, tree)).into(),
        "history" => Given::Connection(history(repo, oid, arguments)),
        "associatedPullRequests" => {
            let named = |pull_request: &&PullRequest| is.pull_requests.contains(&pull_request.number);
            Given::Connection(
                repo.is.pull_requests.iter().filter(named).map(|pull_request| Node::PullRequest(repo, pull_request)).collect(),
            )
        }
        "parents" => Given::Connection(parent.map(|parent| Node::Commit(repo, parent)).into_iter().collect()),
        "repository" => Given::Node(Node::Repository(repo)),
        "checkSuites" | "status" => checks(&is.checks, name),
        _ => identity(&oid.to_string(), name).ok_or_else(|| unanswered("Commit", name))?.into(),
    })
}

/// The last commit of a pull request.
pub(crate) fn head<'w>(repo: Repo<'w>, is: &'w PullRequest, name: &str) -> Answer<'w> {
    Ok(match name {
        "committedDate" | "authoredDate" => json!(is.created_at).into(),
        "message" | "messageHeadline" => json!("Work").into(),
        "author" | "committer" | "signature" => Value::Null.into(),
        "associatedPullRequests" => Given::Connection(vec![Node::PullRequest(repo, is)]),
        "history" => Given::Connection(vec![Node::Head(repo, is)]),
        "parents" => Given::Connection(Vec::new()),
        "repository" => Given::Node(Node::Repository(repo)),
        "checkSuites" | "status" => checks(&is.checks, name),
        _ => identity(&is.head_oid, name).ok_or_else(|| unanswered("Commit", name))?.into(),
    })
}

/// Any other object.
pub(crate) fn object<'w>(repo: Repo<'w>, oid: Oid, name: &str) -> Answer<'w> {
    if let Some(value) = identity(&oid.to_string(), name) {
        return Ok(value.into());
    }
    let Ok(objects) = repo.git.objects.lock() else { return Err(unanswered("GitObject", name)) };
    let gone = |_| unanswered("GitObject", name);
    let object = objects.find_object(oid, None).map_err(gone)?;
    if name == "repository" {
        return Ok(Given::Node(Node::Repository(repo)));
    }
    if let Some(tag) = object.as_tag() {
        let target = tag.target_id();
        return match name {
            "name" => Ok(json!(tag.name().unwrap_or_default()).into()),
            "message" => Ok(json!(tag.message().ok().flatten()).into()),
            "target" => {
                drop(object);
                drop(objects);
                Ok(at(repo, target).into())
            }
            _ => Err(unanswered("Tag", name)),
        };
    }
    if let Some(tree) = object.as_tree() {
        let entries = tree.iter().map(|entry| {
            let kind = entry.kind();
            let word = kind.map_or("unknown", |kind| kind.str());
            let size = if kind == Some(ObjectType::Blob) { objects.find_blob(entry.id()).map_or(0, |blob| blob.size()) } else { 0 };
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            json!({"name": name, "path": name, "type": word, "mode": entry.filemode(), "oid": entry.id().to_string(), "size": size})
        });
        let entries: Vec<Value> = entries.collect();
        return Ok(Given::List(entries.into_iter().map(|entry| Node::TreeEntry(repo, entry)).collect()));
    }
    let Some(blob) = object.as_blob() else { return Err(unanswered("GitObject", name)) };
    let bytes = blob.content();
    let (binary, shown) = (bytes.iter().take(8000).any(|byte| *byte == 0), bytes.len().min(512_000));
    Ok(match name {
        "byteSize" => json!(bytes.len()),
        "isBinary" => json!(binary),
        "isTruncated" => json!(bytes.len() > shown),
        "text" if binary => Value::Null,
        "text" => json!(String::from_utf8_lossy(bytes.get(..shown).unwrap_or_default())),
        _ => return Err(unanswered("Blob", name)),
    }
    .into())
}

/// A line of a tree.
pub(crate) fn tree_entry<'w>(repo: Repo<'w>, entry: &Value, name: &str) -> Answer<'w> {
    if name != "object" {
        return Ok(entry.get(name).cloned().unwrap_or_default().into());
    }
    let oid = entry.get("oid").and_then(Value::as_str).and_then(|oid| Oid::from_str(oid).ok());
    Ok(oid.and_then(|oid| at(repo, oid)).into())
}

fn identity(oid: &str, name: &str) -> Option<Value> {
    Some(match name {
        "id" => json!(format!("O_{oid}")),
        "oid" => json!(oid),
        "abbreviatedOid" => json!(oid.get(..7)),
        _ => return None,
    })
}

fn person(person: &Person, commit: &Commit) -> Value {
    let user = person.login.as_ref().map(|login| json!({"__typename": "User", "login": login}));
    json!({"name": person.name, "email": person.email, "date": date(seconds(&commit.date)), "user": user})
}

fn checks<'w>(checks: &Checks, name: &str) -> Given<'w> {
    if name == "checkSuites" {
        let shape = |(index, suite): (usize, &crate::world::CheckSuite)| {
            let id = number_of(&suite.app);
            json!({
                "id": format!("CS_{index}"), "databaseId": index + 1, "conclusion": suite.conclusion, "status": suite.status,
                "app": {"id": format!("A_{id}"), "databaseId": id, "name": suite.app, "slug": suite.app},
            })
        };
        return checks.suites.iter().enumerate().map(shape).collect::<Value>().into();
    }
    let mut contexts: Vec<Value> = Vec::new();
    for status in &checks.statuses {
        // The newest of each context comes first, and is the only one that GraphQL shows.
        if contexts.iter().all(|known| known["context"] != status.context.as_str()) {
            contexts.push(json!({"id": format!("SC_{}", status.context), "state": status.state, "context": status.context, "targetUrl": status.target_url}));
        }
    }
    if contexts.is_empty() {
        return Value::Null.into();
    }
    let any = |state: &str| contexts.iter().any(|context| context["state"] == state);
    let state = ["FAILURE", "ERROR", "PENDING"].into_iter().find(|state| any(state)).unwrap_or("SUCCESS");
    json!({"id": "S_1", "state": state, "contexts": contexts}).into()
}

fn history<'w>(repo: Repo<'w>, from: Oid, arguments: &JsonMap) -> Vec<Node<'w>> {
    let bound = |name: &str| text(arguments, name).and_then(|date| date.parse::<jiff::Timestamp>().ok()).map(|time| time.as_second());
    let (since, until, path) = (bound("since"), bound("until"), text(arguments, "path"));
    let author = arguments.get("author").filter(|author| !author.is_null());
    let id = author.and_then(|author| author.get("id")).and_then(|id| id.as_str());
    let emails = author.and_then(|author| author.get("emails")).and_then(|emails| emails.as_array());
    let wanted = |oid: &Oid| {
        let Some(is) = repo.git.model(repo.is, *oid) else { return false };
        let at = seconds(&is.date);
        let by_id = id.is_none_or(|id| is.author.login.as_ref().is_some_and(|login| accounts::id(login) == id));
        let by_email = emails.is_none_or(|emails| emails.iter().any(|email| email.as_str() == Some(is.author.email.as_str())));
        let touches = path.is_none_or(|path| {
            let parent = repo.git.commits.get(oid).and_then(|made| made.parent);
            repo.git.at_path(*oid, path) != parent.and_then(|parent| repo.git.at_path(parent, path))
        });
        since.is_none_or(|since| at >= since) && until.is_none_or(|until| at <= until) && by_id && by_email && touches
    };
    repo.git.history(from).filter(wanted).map(|oid| Node::Commit(repo, oid)).collect()
}
