//! What is asked about a repository as a whole.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::shapes::extended;
use super::{Call, Made};
use crate::reply::Reply;
use crate::state::Repo;
use crate::world::{License, Release, Repository, Role, number_of};

impl Call<'_> {
    pub(super) fn releases(&self, repo: Repo<'_>) -> Made {
        let seen = repo.is.releases.iter().filter(|release| !release.draft || self.who.is_admin());
        Made::Pages(seen.map(|release| self.release(repo.is, release)).collect(), None)
    }

    fn release(&self, repository: &Repository, release: &Release) -> Value {
        let id = number_of(&format!("{}@{}", repository.full_name(), release.tag));
        let (api, page) = (self.url(repository), self.page_of(repository));
        let url = format!("{api}/releases/{id}");
        let author = self.person("octocat");
        let assets: Vec<Value> = release
            .assets
            .iter()
            .map(|name| {
                let asset = number_of(&format!("{id}/{name}"));
                json!({
                    "url": format!("{api}/releases/assets/{asset}"), "id": asset, "node_id": format!("RA_{asset}"), "name": name, "label": "",
                    "uploader": author, "content_type": "application/octet-stream", "state": "uploaded", "size": 1, "digest": null, "download_count": 0,
                    "created_at": release.published_at, "updated_at": release.published_at,
                    "browser_download_url": format!("{page}/releases/download/{}/{name}", release.tag),
                })
            })
            .collect();
        json!({
            "url": url, "assets_url": format!("{url}/assets"), "upload_url": format!("{url}/assets{{?name,label}}"),
            "html_url": format!("{page}/releases/tag/{}", release.tag), "id": id, "author": author, "node_id": format!("RE_{id}"),
            "tag_name": release.tag, "target_commitish": release.target_commitish, "name": release.tag, "draft": release.draft, "immutable": false,
            "prerelease": release.prerelease, "created_at": release.published_at, "updated_at": release.published_at,
            "published_at": (!release.draft).then_some(&release.published_at), "assets": assets, "tarball_url": format!("{api}/tarball/{}", release.tag),
            "zipball_url": format!("{api}/zipball/{}", release.tag), "body": "",
        })
    }

    pub(super) fn contributors(&self, repo: Repo<'_>) -> Made {
        if repo.is.commits.is_empty() {
            return Made::Reply(Reply { status: 204, headers: Vec::new(), body: bytes::Bytes::new(), points: 0 });
        }
        let anonymous = matches!(self.value("anon"), Some("1" | "true"));
        let shown = repo.is.contributors.iter().filter(|contributor| anonymous || !contributor.login.is_empty());
        let items = shown.map(|contributor| {
            if contributor.login.is_empty() {
                return json!({"email": "someone@example.org", "name": "someone", "type": "Anonymous", "contributions": contributor.contributions});
            }
            extended(self.person(&contributor.login), json!({"contributions": contributor.contributions}))
        });
        Made::Pages(items.collect(), None)
    }

    pub(super) fn license_shape(&self, license: &License) -> Value {
        let url = (license.key != "other").then(|| format!("{}/licenses/{}", self.addresses.api, license.key));
        json!({"key": license.key, "name": license.name, "spdx_id": license.spdx_id, "url": url, "node_id": format!("L_{}", license.key)})
    }

    pub(super) fn license(&self, repo: Repo<'_>) -> Made {
        let Some(license) = &repo.is.license else { return Made::not_found() };
        let head = repo.git.resolve(repo.is, self.value("ref").unwrap_or("HEAD"));
        let Some(oid) = head.and_then(|head| repo.git.at_path(head, &license.path)) else { return Made::not_found() };
        let bytes = repo.git.blob(oid).unwrap_or_default();
        let (api, page) = (self.url(repo.is), self.page_of(repo.is));
        let (path, branch) = (&license.path, &repo.is.default_branch);
        Made::Json(json!({
            "name": path.rsplit('/').next(), "path": path, "sha": oid.to_string(), "size": bytes.len(), "url": format!("{api}/contents/{path}?ref={branch}"),
            "html_url": format!("{page}/blob/{branch}/{path}"), "git_url": format!("{api}/git/blobs/{oid}"), "download_url": null, "type": "file",
            "content": BASE64_STANDARD.encode(&bytes), "encoding": "base64", "_links": {"self": api, "git": null, "html": null},
            "license": self.license_shape(license),
        }))
    }

    pub(super) fn hooks(&self, repo: Repo<'_>) -> Made {
        match self.who.role() {
            Some(Role::Admin) => {}
            Some(Role::Integration) => return Made::Reply(Reply::problem(403, "Resource not accessible by integration")),
            _ => return Made::not_found(),
        }
        let items = repo.is.hooks.iter().enumerate().map(|(index, hook)| {
            let id = repo.is.id + index as u64;
            let url = format!("{}/hooks/{id}", self.url(repo.is));
            let secret = if hook.secret { json!({"secret": "********"}) } else { json!({}) };
            let config = extended(json!({"url": hook.url, "content_type": "json", "insecure_ssl": "0"}), secret);
            json!({
                "type": "Repository", "id": id, "name": "web", "active": true, "events": ["push"], "config": config, "updated_at": repo.is.updated_at,
                "created_at": repo.is.created_at, "url": url, "test_url": format!("{url}/test"), "ping_url": format!("{url}/pings"),
                "deliveries_url": format!("{url}/deliveries"), "last_response": {"code": 200, "status": "active", "message": "OK"},
            })
        });
        Made::Pages(items.collect(), None)
    }

    pub(super) fn runs(&self, repo: Repo<'_>, file: &str) -> Made {
        let Some(workflow) = repo.is.workflows.iter().find(|workflow| workflow.file == file) else { return Made::not_found() };
        let wanted = self.value("status");
        let kept = workflow.runs.iter().filter(|run| wanted.is_none_or(|wanted| wanted == run.conclusion || wanted == "completed"));
        let kept = kept.filter(|run| self.value("head_sha").is_none_or(|sha| sha == run.head_sha));
        let (api, page) = (self.url(repo.is), self.page_of(repo.is));
        let workflow_id = number_of(&format!("{}:{file}", repo.is.full_name()));
        let short = self.short(repo.is);
        let items = kept.enumerate().map(|(index, run)| {
            let id = workflow_id + index as u64;
            let url = format!("{api}/actions/runs/{id}");
            let person = json!({"name": "octocat", "email": "octocat@example.org"});
            json!({
                "id": id, "name": file, "node_id": format!("WFR_{id}"), "head_branch": repo.is.default_branch, "head_sha": run.head_sha,
                "path": format!(".github/workflows/{file}"), "display_title": "Work", "run_number": index + 1, "run_attempt": 1, "event": "push",
                "status": "completed", "conclusion": run.conclusion, "workflow_id": workflow_id, "url": url,
                "html_url": format!("{page}/actions/runs/{id}"), "pull_requests": [], "created_at": run.created_at, "updated_at": run.created_at,
                "run_started_at": run.created_at, "jobs_url": format!("{url}/jobs"), "logs_url": format!("{url}/logs"),
                "check_suite_url": format!("{api}/check-suites/{id}"), "artifacts_url": format!("{url}/artifacts"),
                "cancel_url": format!("{url}/cancel"), "rerun_url": format!("{url}/rerun"), "workflow_url": format!("{api}/actions/workflows/{workflow_id}"),
                "head_commit": {"id": run.head_sha, "tree_id": run.head_sha, "message": "Work", "timestamp": run.created_at, "author": person, "committer": person},
                "repository": short, "head_repository": short,
            })
        });
        Made::Pages(items.collect(), Some(["total_count", "workflow_runs"]))
    }

    pub(super) fn owned(&self, login: &str) -> Made {
        let owned = self.state.world.repositories.iter().filter(|repository| repository.owner.eq_ignore_ascii_case(login));
        let seen = owned.filter(|repository| self.who.sees(repository)).filter(|repository| match self.value("type") {
            Some("forks") => repository.fork,
            Some("sources") => !repository.fork,
            _ => true,
        });
        Made::Pages(seen.map(|repository| self.full(repository)).collect(), None)
    }
}
