//! GitHub's REST API: who may ask, limits, pages and conditional requests around the endpoints.

pub(crate) mod apps;
mod commits;
mod repository;
mod shapes;

pub(crate) use shapes::account_id;

use serde_json::{Value, json};

use crate::limits::Resource;
use crate::reply::Reply;
use crate::route::{Endpoint, Named, values};
use crate::server::Shared;
use crate::services::Asked;
use crate::state::{Addresses, Found, Repo, SSO_MESSAGE, State, Who, sso_header};
use crate::world::{Blocked, Role, number_of};

/// A request while it is answered.
pub(crate) struct Call<'w> {
    pub(crate) state: &'w State,
    pub(crate) who: Who<'w>,
    pub(crate) addresses: Addresses,
    path: String,
    values: Vec<(String, String)>,
}

/// What an endpoint gives: JSON, a list to be cut into pages, or a finished answer.
pub(crate) enum Made {
    Json(Value),
    /// The items, and the keys of the count and the list where the answer is an object.
    Pages(Vec<Value>, Option<[&'static str; 2]>),
    Reply(Reply),
}

impl Made {
    fn not_found() -> Self {
        Self::Reply(Reply::problem(404, "Not Found"))
    }
}

/// The answer to a REST request.
pub(crate) fn answer(shared: &Shared, state: &State, who: Who<'_>, asked: &Asked, named: Option<&Named>, endpoint: &Endpoint) -> Reply {
    if let Endpoint::Installation(_) | Endpoint::InstallationToken(_) = endpoint {
        return apps::answer(shared, state, asked, endpoint);
    }
    if let Who::Wrong = who {
        return Reply::problem(401, "Bad credentials");
    }
    let resource = if *endpoint == Endpoint::SearchCommits { Resource::Search } else { Resource::Core };
    let token = who.token().map(|token| token.text.as_str());
    let take = |cost| shared.used.take(&state.world.limits, token, resource, cost);
    let free = *endpoint == Endpoint::RateLimit;
    let before = take(0);
    if !free && (!before.allowed || before.remaining() == 0) {
        let whom = who.token().map_or_else(|| "127.0.0.1".to_owned(), |token| format!("user ID {}", number_of(&token.login)));
        return Reply::problem(403, &format!("API rate limit exceeded for {whom}.")).headers(before.headers());
    }
    if !free && !shared.used.keeps_secondary(&state.world.limits, resource, asked.at_once) {
        return secondary(state);
    }
    let call = Call { state, who, addresses: asked.addresses(), path: asked.request.path.clone(), values: values(&asked.request.query) };
    let made = match named {
        Some(named) => match call.repository(named, &asked.request.query) {
            Ok(repo) => call.about(shared, repo, endpoint),
            Err(refusal) => Made::Reply(refusal),
        },
        None => call.elsewhere(shared, endpoint),
    };
    let mut reply = match made {
        Made::Json(value) => Reply::json(200, &value),
        Made::Pages(items, keys) => call.page(items, keys),
        Made::Reply(reply) => reply,
    };
    reply = reply.headers(who.scopes()).conditional(asked.request.header("if-none-match"));
    if reply.status == 304 {
        // It costs nothing.
        return reply.headers(before.headers());
    }
    let after = if free { before } else { take(1) };
    reply.headers(after.headers())
}

/// What GitHub says when it is asked too fast.
pub(crate) fn secondary(state: &State) -> Reply {
    let wait = state.world.limits.secondary.as_ref().map_or(60, |secondary| secondary.retry_after);
    Reply::problem(403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
        .header("retry-after", wait.to_string())
}

impl<'w> Call<'w> {
    fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The repository, or why it is not served.
    fn repository(&self, named: &Named, query: &str) -> Result<Repo<'w>, Reply> {
        let found = match named {
            Named::Name(owner, name) => self.state.find(owner, name),
            Named::Id(id) => self.state.repositories().find(|repo| repo.is.id == *id).map(Found::Here),
        };
        let Some(found) = found.filter(|found| self.who.sees(found.repo().is)) else {
            return Err(Reply::problem(404, "Not Found"));
        };
        let repo = found.repo();
        if let (Found::Moved(_), Named::Name(owner, name)) = (&found, named) {
            let below = self.path.split_once(&format!("/repos/{owner}/{name}")).map_or("", |(_, below)| below);
            let query = if query.is_empty() { String::new() } else { format!("?{query}") };
            let url = format!("{}/repositories/{}{below}{query}", self.addresses.api, repo.is.id);
            let body = json!({"message": "Moved Permanently", "url": url, "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"});
            return Err(Reply::json(301, &body).header("location", url));
        }
        if let Some(blocked) = repo.is.blocked {
            let (status, reason) = match blocked {
                Blocked::Legal => (451, "dmca"),
                Blocked::Terms => (403, "tos"),
            };
            let block =
                json!({"reason": reason, "created_at": "2024-01-01T12:00:00Z", "html_url": format!("{}/tos", self.addresses.pages)});
            return Err(Reply::json(status, &json!({"message": "Repository access blocked", "block": block})));
        }
        if self.who.lacks_sso(self.state, &repo.is.owner) {
            return Err(Reply::problem(403, SSO_MESSAGE).headers([sso_header(&self.addresses, &repo.is.owner)]));
        }
        Ok(repo)
    }

    fn about(&self, shared: &Shared, repo: Repo<'w>, endpoint: &Endpoint) -> Made {
        match endpoint {
            Endpoint::Repository => Made::Json(self.full(repo.is)),
            Endpoint::Releases => self.releases(repo),
            Endpoint::Contributors => self.contributors(repo),
            Endpoint::Languages => Made::Json(repo.is.languages.iter().map(|(name, bytes)| (name.clone(), json!(bytes))).collect()),
            Endpoint::License => self.license(repo),
            Endpoint::Hooks => self.hooks(repo),
            Endpoint::Runs(file) => self.runs(repo, file),
            Endpoint::CheckRuns(sha) => self.check_runs(repo, sha),
            Endpoint::Statuses(sha) => self.statuses(repo, sha),
            Endpoint::Compare(base, head) => self.compare(repo, base, head),
            _ => self.elsewhere(shared, endpoint),
        }
    }

    fn elsewhere(&self, shared: &Shared, endpoint: &Endpoint) -> Made {
        match endpoint {
            Endpoint::SearchCommits => self.search(shared),
            Endpoint::OrganizationRepositories(name) if self.state.is_organization(name) => self.owned(name),
            Endpoint::UserRepositories(name) if self.state.is_person(name) || self.state.is_organization(name) => self.owned(name),
            Endpoint::RateLimit => self.limits(shared),
            Endpoint::Viewer => self.viewer(),
            _ => Made::not_found(),
        }
    }

    fn limits(&self, shared: &Shared) -> Made {
        let token = self.who.token().map(|token| token.text.as_str());
        let standing = |resource| {
            let now = shared.used.take(&self.state.world.limits, token, resource, 0);
            json!({"limit": now.limit, "used": now.used, "remaining": now.remaining(), "reset": now.reset})
        };
        let core = standing(Resource::Core);
        let resources = json!({"core": core, "graphql": standing(Resource::Graphql), "search": standing(Resource::Search)});
        Made::Json(json!({"resources": resources, "rate": core}))
    }

    fn viewer(&self) -> Made {
        match self.who.token() {
            None => Made::Reply(Reply::problem(401, "Requires authentication")),
            Some(token) if token.role == Role::Integration => Made::Reply(Reply::problem(403, "Resource not accessible by integration")),
            Some(token) => Made::Json(self.myself(&token.login)),
        }
    }

    /// One page, with links to the others.
    fn page(&self, items: Vec<Value>, keys: Option<[&'static str; 2]>) -> Reply {
        let number = |name: &str| self.value(name).and_then(|text| text.parse::<usize>().ok()).filter(|&number| number > 0);
        let (per, page) = (number("per_page").unwrap_or(30).min(100), number("page").unwrap_or(1));
        let (total, last) = (items.len(), items.len().div_ceil(per).max(1));
        let link = |page: usize, rel: &str| {
            let others = self.values.iter().filter(|(name, _)| name != "page").map(|(name, value)| format!("{name}={value}&"));
            let base = self.addresses.api.strip_suffix("/api/v3").unwrap_or(&self.addresses.api);
            format!("<{base}{}?{}page={page}>; rel=\"{rel}\"", self.path, others.collect::<String>().replace(' ', "+"))
        };
        let mut links = Vec::new();
        if page > 1 {
            links.extend([link(page - 1, "prev"), link(1, "first")]);
        }
        if page < last {
            links.extend([link(page + 1, "next"), link(last, "last")]);
        }
        let items: Vec<Value> = items.into_iter().skip((page - 1).saturating_mul(per)).take(per).collect();
        let body = match keys {
            None => Value::Array(items),
            Some([count, list]) => [(count.to_owned(), json!(total)), (list.to_owned(), Value::Array(items))].into_iter().collect(),
        };
        let reply = Reply::json(200, &body);
        if links.is_empty() { reply } else { reply.header("link", links.join(", ")) }
    }
}
