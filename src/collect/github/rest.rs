//! What only the REST interface shows: releases with their targets, contributors with their counts, runs of workflows,
//! webhooks, and a search for commits.

use std::fmt::Write as _;

use bytes::Bytes;
use carat_checks::evidence::{Cause, Contributor, Facet, Release, Runs, Webhook};
use http::StatusCode;
use http_body_util::BodyExt as _;
use octocrab::Octocrab;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::answer::{needs, shown};
use crate::hosts::Host;
use crate::http::octocrab::failure;

/// A REST interface and the repository that it is asked about.
pub(super) struct Rest<'a> {
    pub(super) octocrab: &'a Octocrab,
    /// Who is asked, for messages.
    pub(super) host: &'a Host,
    pub(super) owner: &'a str,
    pub(super) name: &'a str,
}

/// The first page, of as many entries as the reference reads.
const PAGE: &str = "per_page=30";

/// How GitHub says that a token may not see something, which it also says of other things by the same status.
const REFUSALS: [&str; 2] = ["Resource not accessible", "Must have admin rights"];

/// Dependabot's number as an account.
const DEPENDABOT: u64 = 49_699_333;

#[derive(Deserialize)]
struct RawRelease {
    tag_name: Option<String>,
    target_commitish: Option<String>,
    #[serde(default)]
    url: String,
    #[serde(default)]
    html_url: String,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    assets: Vec<RawAsset>,
}

#[derive(Deserialize)]
struct RawAsset {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct RawContributor {
    login: Option<String>,
    #[serde(default)]
    contributions: u64,
}

#[derive(Deserialize)]
struct RawRuns {
    #[serde(default)]
    workflow_runs: Vec<RawRun>,
}

#[derive(Deserialize)]
struct RawRun {
    #[serde(default)]
    head_sha: String,
    #[serde(default)]
    html_url: String,
}

#[derive(Deserialize)]
struct RawHook {
    #[serde(default)]
    id: u64,
    #[serde(default)]
    url: String,
    #[serde(default)]
    config: RawHookConfig,
}

#[derive(Deserialize, Default)]
struct RawHookConfig {
    secret: Option<String>,
}

#[derive(Deserialize)]
struct RawFound {
    #[serde(default)]
    items: Vec<RawFoundCommit>,
}

#[derive(Deserialize)]
struct RawFoundCommit {
    author: Option<RawAuthor>,
}

#[derive(Deserialize)]
struct RawAuthor {
    #[serde(default)]
    id: u64,
}

#[derive(Deserialize)]
struct RawComparison {
    #[serde(default)]
    status: String,
}

#[derive(Deserialize, Default)]
struct Refusal {
    #[serde(default)]
    message: String,
}

impl Rest<'_> {
    /// The newest releases; drafts among them where the token may see them.
    pub(super) async fn releases(&self) -> Result<Vec<Release>, Cause> {
        let raw: Option<Vec<RawRelease>> = self.get(&format!("/releases?{PAGE}"), needs(Facet::Releases)).await?;
        Ok(raw
            .unwrap_or_default()
            .into_iter()
            .map(|release| Release {
                tag: release.tag_name.unwrap_or_default(),
                target: release.target_commitish.unwrap_or_default(),
                api_url: self.host.public(&release.url),
                url: self.host.public(&release.html_url),
                draft: release.draft,
                assets: release.assets.into_iter().map(|asset| asset.name).collect(),
            })
            .collect())
    }

    /// Who contributed most, the busiest first; those without an account are left out.
    pub(super) async fn contributors(&self) -> Result<Vec<Contributor>, Cause> {
        let raw: Option<Vec<RawContributor>> = self.get(&format!("/contributors?{PAGE}"), needs(Facet::Contributors)).await?;
        let named = raw
            .unwrap_or_default()
            .into_iter()
            .filter_map(|one| Some(Contributor { login: one.login.filter(|login| !login.is_empty())?, contributions: one.contributions }));
        Ok(named.collect())
    }

    /// The successful runs of a workflow, by its file's name.
    pub(super) async fn runs(&self, workflow: &str) -> Result<Runs, Cause> {
        let path = format!("/actions/workflows/{}/runs?status=success&{PAGE}", escaped(workflow));
        let raw: RawRuns = self.get(&path, needs(Facet::WorkflowRuns)).await?;
        let url = raw.workflow_runs.first().map(|run| self.host.public(&run.html_url)).unwrap_or_default();
        Ok(Runs { heads: raw.workflow_runs.into_iter().map(|run| run.head_sha).collect(), url })
    }

    /// The webhooks.
    pub(super) async fn hooks(&self) -> Result<Vec<Webhook>, Cause> {
        let needs = needs(Facet::Webhooks);
        let raw: Result<Vec<RawHook>, Cause> = self.get(&format!("/hooks?{PAGE}"), needs).await;
        match raw {
            Ok(hooks) => Ok(hooks
                .into_iter()
                .map(|hook| Webhook {
                    id: hook.id,
                    api_url: self.host.public(&hook.url),
                    has_secret: hook.config.secret.is_some_and(|secret| !secret.is_empty()),
                })
                .collect()),
            // Who may not see them is told that there is no such thing.
            Err(Cause::Failed { why }) if why.contains(" 404") => Err(Cause::Denied { needs: needs.to_owned() }),
            Err(cause) => Err(cause),
        }
    }

    /// Whether Dependabot has left commits.
    pub(super) async fn dependabot(&self) -> Result<bool, Cause> {
        let query = escaped(&format!("repo:{}/{} author:dependabot[bot]", self.owner, self.name));
        let raw: RawFound = self.ask(&format!("/search/commits?q={query}&per_page=100"), needs(Facet::BotCommits)).await?;
        Ok(raw.items.iter().any(|commit| commit.author.as_ref().is_some_and(|author| author.id == DEPENDABOT)))
    }

    /// Whether a commit is one of the default branch's history.
    pub(super) async fn is_ancestor(&self, commit: &str, branch: &str) -> Result<bool, Cause> {
        let path = format!("/compare/{}...{commit}?per_page=1", escaped(branch));
        let raw: Result<RawComparison, Cause> = self.get(&path, "the permission Contents: read").await;
        match raw {
            Ok(comparison) => Ok(matches!(comparison.status.as_str(), "behind" | "identical")),
            Err(Cause::Failed { why }) if why.contains(" 404") => Ok(false),
            Err(cause) => Err(cause),
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, needs: &str) -> Result<T, Cause> {
        self.ask(&format!("/repos/{}/{}{path}", self.owner, self.name), needs).await
    }

    async fn ask<T: DeserializeOwned>(&self, path: &str, needs: &str) -> Result<T, Cause> {
        // Something on the way may have cut or spoilt it: the same again is as a rule whole.
        if let Ok(read) = serde_json::from_slice(&self.body(path, needs).await?) {
            return Ok(read);
        }
        let read = serde_json::from_slice(&self.body(path, needs).await?);
        read.map_err(|error| Cause::Failed { why: format!("{} answered what cannot be read: {error}", self.host.name) })
    }

    /// The body of a good answer.
    async fn body(&self, path: &str, needs: &str) -> Result<Bytes, Cause> {
        let failed = |why: String| Cause::Failed { why };
        let answer = self.octocrab._get(path).await.map_err(|error| match failure(&error) {
            Some(failure) => failed(failure.to_string()),
            None => failed(format!("{}: {}", self.host.name, shown(&error.to_string()))),
        })?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|error| failed(error.to_string()))?.to_bytes();
        if status == StatusCode::NO_CONTENT {
            return Ok(Bytes::from_static(b"null"));
        }
        if !status.is_success() {
            let Refusal { message } = serde_json::from_slice(&body).unwrap_or_default();
            let denied = status == StatusCode::UNAUTHORIZED
                || status == StatusCode::FORBIDDEN && REFUSALS.iter().any(|refusal| message.contains(refusal));
            return Err(match denied {
                true => Cause::Denied { needs: needs.to_owned() },
                false => failed(format!("{} answered {}: {}", self.host.name, status.as_u16(), shown(&message))),
            });
        }
        Ok(body)
    }
}

/// Text as a part of an address.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_of_files_cannot_change_an_address() {
        assert_eq!(super::escaped("a b#c/../d?.yml"), "a%20b%23c%2F..%2Fd%3F.yml");
    }
}
