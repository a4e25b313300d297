//! How REST spells repositories and accounts.

use serde_json::{Value, json};

use super::Call;
use crate::world::{Repository, number_of};

/// What hangs below the address of a repository.
const BELOW: &str = "assignees_url:assignees{/user} blobs_url:git/blobs{/sha} branches_url:branches{/branch} collaborators_url:collaborators{/collaborator} \
    comments_url:comments{/number} commits_url:commits{/sha} compare_url:compare/{base}...{head} contents_url:contents/{+path} contributors_url:contributors \
    deployments_url:deployments downloads_url:downloads events_url:events forks_url:forks git_commits_url:git/commits{/sha} git_refs_url:git/refs{/sha} \
    git_tags_url:git/tags{/sha} hooks_url:hooks issue_comment_url:issues/comments{/number} issue_events_url:issues/events{/number} issues_url:issues{/number} \
    keys_url:keys{/key_id} labels_url:labels{/name} languages_url:languages merges_url:merges milestones_url:milestones{/number} \
    notifications_url:notifications{?since,all,participating} pulls_url:pulls{/number} releases_url:releases{/id} stargazers_url:stargazers \
    statuses_url:statuses/{sha} subscribers_url:subscribers subscription_url:subscription tags_url:tags teams_url:teams trees_url:git/trees{/sha} \
    archive_url:{archive_format}{/ref}";

/// The number of an account. Some bots are known by theirs.
pub(crate) fn account_id(login: &str) -> u64 {
    match login {
        "dependabot[bot]" | "dependabot" => 49_699_333,
        "github-actions[bot]" | "github-actions" => 41_898_282,
        "renovate[bot]" | "renovate" => 29_139_614,
        _ => number_of(login),
    }
}

impl Call<'_> {
    /// Where a repository is.
    pub(crate) fn url(&self, repository: &Repository) -> String {
        format!("{}/repos/{}", self.addresses.api, repository.full_name())
    }

    /// Where its page is.
    pub(crate) fn page_of(&self, repository: &Repository) -> String {
        format!("{}/{}", self.addresses.pages, repository.full_name())
    }

    /// An account.
    pub(crate) fn account(&self, login: &str, kind: &str) -> Value {
        // A bot's login has brackets, which have no place in an address.
        let api = format!("{}/users/{}", self.addresses.api, login.replace('[', "%5B").replace(']', "%5D"));
        let page = match login.strip_suffix("[bot]") {
            Some(slug) => format!("{}/apps/{slug}", self.addresses.pages),
            None => format!("{}/{login}", self.addresses.pages),
        };
        let id = account_id(login);
        json!({
            "login": login, "id": id, "node_id": format!("U_{id}"), "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}?v=4"),
            "gravatar_id": "", "url": api, "html_url": page, "followers_url": format!("{api}/followers"),
            "following_url": format!("{api}/following{{/other_user}}"), "gists_url": format!("{api}/gists{{/gist_id}}"),
            "starred_url": format!("{api}/starred{{/owner}}{{/repo}}"), "subscriptions_url": format!("{api}/subscriptions"),
            "organizations_url": format!("{api}/orgs"), "repos_url": format!("{api}/repos"), "events_url": format!("{api}/events{{/privacy}}"),
            "received_events_url": format!("{api}/received_events"), "type": kind, "site_admin": false,
        })
    }

    /// The account that a token belongs to.
    pub(super) fn myself(&self, login: &str) -> Value {
        let more = json!({
            "name": null, "company": null, "blog": "", "location": null, "email": null, "hireable": null, "bio": null, "public_repos": 0,
            "public_gists": 0, "followers": 0, "following": 0, "created_at": "2020-01-01T12:00:00Z", "updated_at": "2020-01-01T12:00:00Z",
        });
        extended(self.account(login, "User"), more)
    }

    /// An app, with what checks say of it.
    pub(super) fn app(&self, slug: &str) -> Value {
        let (id, page) = (number_of(slug), format!("{}/apps/{slug}", self.addresses.pages));
        json!({
            "id": id, "slug": slug, "node_id": format!("A_{id}"), "owner": self.account("github", "Organization"), "name": slug, "description": "",
            "external_url": page, "html_url": page, "created_at": "2020-01-01T12:00:00Z", "updated_at": "2020-01-01T12:00:00Z",
            "permissions": {"checks": "write", "metadata": "read"}, "events": [],
        })
    }

    /// The account that acts under a login.
    pub(crate) fn person(&self, login: &str) -> Value {
        self.account(login, if login.ends_with("[bot]") { "Bot" } else { "User" })
    }

    /// A repository as it stands in lists and in other objects.
    pub(crate) fn short(&self, repository: &Repository) -> Value {
        let (api, page) = (self.url(repository), self.page_of(repository));
        let owner = self.state.owner(&repository.owner);
        let own = json!({
            "id": repository.id, "node_id": format!("R_{}", repository.id), "name": repository.name, "full_name": repository.full_name(),
            "private": repository.private, "owner": self.account(&repository.owner, owner.type_name()), "html_url": page,
            "description": null, "fork": repository.fork, "url": api,
        });
        let below = BELOW.split_whitespace().filter_map(|word| word.split_once(':'));
        extended(own, below.map(|(key, below)| (key.to_owned(), json!(format!("{api}/{below}")))).collect())
    }

    /// A repository as it stands on its own.
    pub(crate) fn full(&self, repository: &Repository) -> Value {
        let admin = self.who.is_admin();
        let page = self.page_of(repository);
        let license = repository.license.as_ref().map(|license| self.license_shape(license));
        let more = json!({
            "git_url": format!("git://github.com/{}.git", repository.full_name()), "ssh_url": format!("git@github.com:{}.git", repository.full_name()),
            "clone_url": format!("{page}.git"), "svn_url": page, "mirror_url": null, "homepage": null,
            "language": repository.languages.first().map(|(name, _)| name), "created_at": repository.created_at, "updated_at": repository.updated_at,
            "pushed_at": repository.pushed_at, "size": 1, "stargazers_count": 0, "watchers_count": 0, "forks_count": 0, "open_issues_count": 0,
            "forks": 0, "open_issues": 0, "watchers": 0, "has_issues": true, "has_projects": true, "has_downloads": true, "has_wiki": true,
            "has_pages": false, "has_discussions": false, "archived": repository.archived, "disabled": repository.disabled, "license": license,
            "allow_forking": true, "is_template": false, "topics": [], "visibility": if repository.private { "private" } else { "public" },
            "default_branch": repository.default_branch, "subscribers_count": 0, "network_count": 0,
            "permissions": {"admin": admin, "maintain": admin, "push": admin, "triage": admin, "pull": true},
        });
        extended(self.short(repository), more)
    }
}

/// An object with the fields of another one.
pub(super) fn extended(mut value: Value, more: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut value, more) {
        fields.extend(more);
    }
    value
}
