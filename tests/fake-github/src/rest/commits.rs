//! What is asked about commits.

use std::collections::HashSet;

use git2::Oid;
use serde_json::{Value, json};

use super::shapes::extended;
use super::{Call, Made};
use crate::reply::Reply;
use crate::server::Shared;
use crate::state::Repo;
use crate::world::{Checks, Commit, Person, number_of};

impl Call<'_> {
    /// Checks and statuses of a commit, which may be the last one of a pull request.
    fn checks<'w>(&self, repo: Repo<'w>, sha: &str) -> Option<&'w Checks> {
        let head = repo.is.pull_requests.iter().find(|pull_request| pull_request.head_oid == sha).map(|pull_request| &pull_request.checks);
        head.or_else(|| repo.git.resolve(repo.is, sha).and_then(|oid| repo.git.model(repo.is, oid)).map(|commit| &commit.checks))
    }

    pub(super) fn check_runs(&self, repo: Repo<'_>, sha: &str) -> Made {
        let Some(checks) = self.checks(repo, sha) else { return no_commit(sha) };
        let api = self.url(repo.is);
        let items = checks.suites.iter().enumerate().map(|(index, suite)| {
            let id = number_of(&format!("{sha}#{index}"));
            json!({
                "id": id, "name": suite.app, "node_id": format!("CR_{id}"), "head_sha": sha, "external_id": "", "url": format!("{api}/check-runs/{id}"),
                "html_url": null, "details_url": null, "status": suite.status.to_lowercase(),
                "conclusion": suite.conclusion.as_ref().map(|conclusion| conclusion.to_lowercase()), "started_at": null, "completed_at": null,
                "output": {"title": null, "summary": null, "text": null, "annotations_count": 0, "annotations_url": format!("{api}/check-runs/{id}/annotations")}, "check_suite": {"id": id},
                "app": self.app(&suite.app), "pull_requests": [],
            })
        });
        Made::Pages(items.collect(), Some(["total_count", "check_runs"]))
    }

    pub(super) fn statuses(&self, repo: Repo<'_>, sha: &str) -> Made {
        let Some(checks) = self.checks(repo, sha) else { return no_commit(sha) };
        let api = self.url(repo.is);
        let items = checks.statuses.iter().enumerate().map(|(index, status)| {
            let id = number_of(&format!("{sha}:{index}"));
            json!({
                "url": format!("{api}/statuses/{sha}"), "avatar_url": null, "id": id, "node_id": format!("SC_{id}"), "state": status.state.to_lowercase(),
                "description": null, "target_url": status.target_url, "context": status.context, "created_at": repo.is.pushed_at,
                "updated_at": repo.is.pushed_at, "creator": self.person("octocat"),
            })
        });
        Made::Pages(items.collect(), None)
    }

    pub(super) fn compare(&self, repo: Repo<'_>, base: &str, head: &str) -> Made {
        // `owner:branch` of the repository itself; a fork's commits are asked for by their id.
        let resolve = |name: &str| repo.git.resolve(repo.is, name.split_once(':').map_or(name, |(_, name)| name));
        let (Some(base), Some(head)) = (resolve(base), resolve(head)) else { return Made::not_found() };
        let (before, after): (Vec<Oid>, Vec<Oid>) = (repo.git.history(base).collect(), repo.git.history(head).collect());
        let known: HashSet<&Oid> = before.iter().collect();
        let Some(common) = after.iter().position(|oid| known.contains(oid)) else {
            return Made::Reply(Reply::problem(404, &format!("No common ancestor between {base} and {head}.")));
        };
        let ahead = &after[..common];
        let behind = before.iter().position(|oid| Some(oid) == after.get(common)).unwrap_or_default();
        let status = match (ahead.len(), behind) {
            (0, 0) => "identical",
            (_, 0) => "ahead",
            (0, _) => "behind",
            _ => "diverged",
        };
        let shape = |oid: &Oid| repo.git.model(repo.is, *oid).map(|commit| self.commit(repo, *oid, commit));
        let commits: Vec<Value> = ahead.iter().rev().take(250).filter_map(shape).collect();
        let page = format!("{}/compare/{base}...{head}", self.page_of(repo.is));
        Made::Json(json!({
            "url": format!("{}/compare/{base}...{head}", self.url(repo.is)), "html_url": page, "permalink_url": page,
            "diff_url": format!("{page}.diff"), "patch_url": format!("{page}.patch"), "status": status, "ahead_by": ahead.len(), "behind_by": behind,
            "total_commits": ahead.len(), "base_commit": shape(&base), "merge_base_commit": after.get(common).and_then(shape),
            "commits": commits, "files": [],
        }))
    }

    pub(super) fn search(&self, shared: &Shared) -> Made {
        let query = self.value("q").unwrap_or_default();
        let (mut within, mut author) = (None, None);
        for word in query.split_whitespace() {
            match word.split_once(':') {
                Some(("repo", name)) => within = name.split_once('/'),
                Some(("author", login)) => author = Some(login.trim_start_matches('@')),
                _ => {
                    shared.ledger.surprise(format!("a search for {query:?}, of which {word:?} is not known"));
                    return Made::Reply(Reply::problem(422, "Validation Failed"));
                }
            }
        }
        let found =
            within.and_then(|(owner, name)| self.state.find(owner, name)).map(|found| found.repo()).filter(|repo| self.who.sees(repo.is));
        let Some(repo) = found else { return Made::Reply(Reply::problem(422, "Validation Failed")) };
        let by = |commit: &Commit| author.is_none_or(|author| commit.author.login.as_deref() == Some(author));
        let kept = repo
            .git
            .line
            .iter()
            .rev()
            .filter_map(|oid| repo.git.model(repo.is, *oid).filter(|commit| by(commit)).map(|commit| (oid, commit)));
        let items: Vec<Value> = kept
            .map(|(oid, commit)| extended(self.commit(repo, *oid, commit), json!({"repository": self.short(repo.is), "score": 1.0})))
            .collect();
        // The list of a search says beside its length whether the search was cut off.
        let mut reply = self.page(items, Some(["total_count", "items"]));
        let page = serde_json::from_slice(&reply.body).unwrap_or_default();
        reply.body = extended(page, json!({"incomplete_results": false})).to_string().into();
        Made::Reply(reply)
    }

    fn commit(&self, repo: Repo<'_>, oid: Oid, commit: &Commit) -> Value {
        let (api, page) = (self.url(repo.is), self.page_of(repo.is));
        let person = |person: &Person| json!({"name": person.name, "email": person.email, "date": commit.date});
        let account = |person: &Person| person.login.as_ref().map(|login| self.person(login));
        let parent = repo.git.commits.get(&oid).and_then(|made| made.parent);
        let parents: Vec<Value> = parent.iter().map(|oid| json!({"sha": oid.to_string(), "url": format!("{api}/commits/{oid}")})).collect();
        let valid = commit.signature.is_some_and(|signature| signature.valid);
        json!({
            "sha": oid.to_string(), "node_id": format!("C_{oid}"), "url": format!("{api}/commits/{oid}"), "html_url": format!("{page}/commit/{oid}"),
            "comments_url": format!("{api}/commits/{oid}/comments"), "author": account(&commit.author), "committer": account(&commit.committer),
            "parents": parents,
            "commit": {
                "author": person(&commit.author), "committer": person(&commit.committer), "message": commit.message,
                "tree": {"sha": repo.git.at_path(oid, "").map(|tree| tree.to_string()), "url": api}, "url": format!("{api}/git/commits/{oid}"), "comment_count": 0,
                "verification": {"verified": valid, "reason": if valid { "valid" } else { "unsigned" }, "signature": null, "payload": null, "verified_at": null},
            },
        })
    }
}

fn no_commit(sha: &str) -> Made {
    Made::Reply(Reply::problem(422, &format!("No commit found for SHA: {sha}")))
}
