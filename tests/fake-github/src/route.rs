//! Which service, and which of its paths, a request is for.

use crate::ledger::Kind;

/// A place of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Repository,
    Releases,
    Contributors,
    Languages,
    License,
    Runs(String),
    Hooks,
    CheckRuns(String),
    Statuses(String),
    Compare(String, String),
    SearchCommits,
    OrganizationRepositories(String),
    UserRepositories(String),
    RateLimit,
    Viewer,
    /// Where the app that asks is installed at an owner.
    Installation(String),
    /// A token of an installation, by its number.
    InstallationToken(u64),
}

/// How a path names a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Name(String, String),
    Id(u64),
}

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Graphql,
    Rest(Option<Named>, Endpoint),
    /// `info/refs` of a repository.
    Advertise(String, String),
    /// `git-upload-pack` of a repository.
    UploadPack(String, String),
    Badge,
    OssFuzz,
    Unknown,
}

/// A request's place: whether it is an Enterprise server's, the route, its service and template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) enterprise: bool,
    pub(crate) route: Route,
    pub(crate) kind: Kind,
    pub(crate) template: String,
}

impl Place {
    pub(crate) fn of(path: &str) -> Self {
        let decoded: Option<Vec<String>> = path.split('/').skip(1).map(decoded).collect();
        let decoded = decoded.unwrap_or_default();
        let all: Vec<&str> = decoded.iter().map(String::as_str).collect();
        let place = |enterprise, route, kind, template: &str| Self { enterprise, route, kind, template: template.to_owned() };
        match all.as_slice() {
            ["graphql"] => place(false, Route::Graphql, Kind::Graphql, "/graphql"),
            ["api", "graphql"] => place(true, Route::Graphql, Kind::Graphql, "/graphql"),
            ["_badge", "projects.json"] => place(false, Route::Badge, Kind::Badge, path),
            ["_oss_fuzz", "status.json"] => place(false, Route::OssFuzz, Kind::OssFuzz, path),
            [owner, name, "info", "refs"] => {
                place(false, Route::Advertise((*owner).into(), without_git(name)), Kind::Git, "/{owner}/{repo}/info/refs")
            }
            [owner, name, "git-upload-pack"] => {
                place(false, Route::UploadPack((*owner).into(), without_git(name)), Kind::Git, "/{owner}/{repo}/git-upload-pack")
            }
            ["api", "v3", rest @ ..] => rest_place(true, rest, path),
            rest => rest_place(false, rest, path),
        }
    }
}

fn rest_place(enterprise: bool, segments: &[&str], path: &str) -> Place {
    let made = match segments {
        ["repos", owner, name, rest @ ..] => {
            let named = Named::Name((*owner).to_owned(), (*name).to_owned());
            below(rest).map(|(endpoint, below)| (Some(named), endpoint, format!("/repos/{{owner}}/{{repo}}{below}")))
        }
        ["repositories", id, rest @ ..] => id
            .parse()
            .ok()
            .and_then(|id| below(rest).map(|(endpoint, below)| (Some(Named::Id(id)), endpoint, format!("/repositories/{{id}}{below}")))),
        ["search", "commits"] => Some((None, Endpoint::SearchCommits, "/search/commits".to_owned())),
        ["orgs", name, "repos"] => Some((None, Endpoint::OrganizationRepositories((*name).to_owned()), "/orgs/{org}/repos".to_owned())),
        ["users", name, "repos"] => Some((None, Endpoint::UserRepositories((*name).to_owned()), "/users/{user}/repos".to_owned())),
        ["users", name, "installation"] => {
            Some((None, Endpoint::Installation((*name).to_owned()), "/users/{user}/installation".to_owned()))
        }
        ["app", "installations", id, "access_tokens"] => {
            id.parse().ok().map(|id| (None, Endpoint::InstallationToken(id), "/app/installations/{id}/access_tokens".to_owned()))
        }
        ["rate_limit"] => Some((None, Endpoint::RateLimit, "/rate_limit".to_owned())),
        ["user"] => Some((None, Endpoint::Viewer, "/user".to_owned())),
        _ => None,
    };
    let kind = Kind::Rest;
    match made {
        Some((named, endpoint, template)) => Place { enterprise, route: Route::Rest(named, endpoint), kind, template },
        None => Place { enterprise, route: Route::Unknown, kind, template: path.to_owned() },
    }
}

/// What is below a repository, and how that is spelled.
fn below(segments: &[&str]) -> Option<(Endpoint, &'static str)> {
    Some(match segments {
        [] => (Endpoint::Repository, ""),
        ["releases"] => (Endpoint::Releases, "/releases"),
        ["contributors"] => (Endpoint::Contributors, "/contributors"),
        ["languages"] => (Endpoint::Languages, "/languages"),
        ["license"] => (Endpoint::License, "/license"),
        ["hooks"] => (Endpoint::Hooks, "/hooks"),
        ["actions", "workflows", file, "runs"] => (Endpoint::Runs((*file).to_owned()), "/actions/workflows/{workflow}/runs"),
        ["commits", sha, "check-runs"] => (Endpoint::CheckRuns((*sha).to_owned()), "/commits/{sha}/check-runs"),
        ["commits", sha, "statuses"] => (Endpoint::Statuses((*sha).to_owned()), "/commits/{sha}/statuses"),
        ["compare", range @ ..] => {
            let range = range.join("/");
            let (base, head) = range.split_once("...")?;
            (Endpoint::Compare(base.to_owned(), head.to_owned()), "/compare/{base}...{head}")
        }
        _ => return None,
    })
}

fn without_git(name: &str) -> String {
    name.strip_suffix(".git").unwrap_or(name).to_owned()
}

/// Percent signs and their digits become bytes; `None` where that is no text.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = (byte == b'%').then(|| after.get(..2)).flatten().and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(made) => {
                bytes.push(made);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// The values of a query, in their order.
pub(crate) fn values(query: &str) -> Vec<(String, String)> {
    let spaced = |text: &str| decoded(&text.replace('+', " ")).unwrap_or_default();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(name, value)| (spaced(name), spaced(value))).collect()
}
