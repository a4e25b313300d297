//! The world as it is served, and who asks.

use crate::git::Built;
use crate::ledger::Request;
use crate::rest::apps;
use crate::world::{Actor, ActorKind, Repository, Role, Token, User, World};

/// A world and the Git repositories made from it.
pub(crate) struct State {
    pub(crate) world: World,
    built: Vec<Built>,
}

/// A repository with its Git objects.
#[derive(Clone, Copy)]
pub(crate) struct Repo<'w> {
    pub(crate) is: &'w Repository,
    pub(crate) git: &'w Built,
}

/// What a name leads to.
pub(crate) enum Found<'w> {
    Here(Repo<'w>),
    Moved(Repo<'w>),
}

impl State {
    pub(crate) fn new(world: World) -> Self {
        let built = world.repositories.iter().map(Built::new).collect();
        Self { world, built }
    }

    pub(crate) fn repositories(&self) -> impl Iterator<Item = Repo<'_>> {
        self.world.repositories.iter().zip(&self.built).map(|(is, git)| Repo { is, git })
    }

    /// The repository of this name, now or formerly.
    pub(crate) fn find(&self, owner: &str, name: &str) -> Option<Found<'_>> {
        let same = |repo: &Repo<'_>| repo.is.owner.eq_ignore_ascii_case(owner) && repo.is.name.eq_ignore_ascii_case(name);
        let former = format!("{owner}/{name}");
        let had = |repo: &Repo<'_>| repo.is.former_names.iter().any(|name| name.eq_ignore_ascii_case(&former));
        self.repositories().find(same).map(Found::Here).or_else(|| self.repositories().find(had).map(Found::Moved))
    }

    pub(crate) fn user(&self, login: &str) -> Option<&User> {
        self.world.users.iter().find(|user| user.login.eq_ignore_ascii_case(login))
    }

    /// Who owns a repository: an organisation, unless the world has a user of that name.
    pub(crate) fn owner(&self, login: &str) -> Actor {
        let kind = if self.user(login).is_some() { ActorKind::User } else { ActorKind::Organization };
        Actor { login: login.to_owned(), kind }
    }

    /// A login as its owner spells it.
    pub(crate) fn spelled<'a>(&'a self, login: &'a str) -> &'a str {
        let known = self.world.users.iter().map(|user| &user.login);
        let mut known = known.chain(self.world.repositories.iter().map(|repository| &repository.owner));
        known.find(|known| known.eq_ignore_ascii_case(login)).map_or(login, String::as_str)
    }

    /// Whether somebody of that name owns something or is an organisation of somebody.
    pub(crate) fn is_organization(&self, login: &str) -> bool {
        let owns = self.world.repositories.iter().any(|repository| repository.owner.eq_ignore_ascii_case(login));
        let has = |user: &User| user.organizations.iter().any(|name| name.eq_ignore_ascii_case(login));
        self.user(login).is_none() && (owns || self.world.users.iter().any(has))
    }

    /// Whether a login is that of a person: one of the world's users, or a contributor whom it says no more of.
    pub(crate) fn is_person(&self, login: &str) -> bool {
        match self.user(login) {
            Some(user) => !user.deleted,
            None => {
                let mut contributors = self.world.repositories.iter().flat_map(|repository| &repository.contributors);
                !login.ends_with("[bot]") && !login.is_empty() && contributors.any(|known| known.login.eq_ignore_ascii_case(login))
            }
        }
    }
}

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) enum Who<'w> {
    Nobody,
    Known(&'w Token),
    /// The token is none that works.
    Wrong,
}

impl<'w> Who<'w> {
    pub(crate) fn of(world: &'w World, request: &Request) -> Self {
        if !request.authorization {
            return Self::Nobody;
        }
        let known = world.tokens.iter().find(|token| Some(&token.text) == request.token.as_ref() && token.role != Role::Expired);
        let known = known.or_else(|| apps::holder(world, request.token.as_deref()?));
        known.map_or(Self::Wrong, Self::Known)
    }

    pub(crate) fn token(self) -> Option<&'w Token> {
        match self {
            Self::Known(token) => Some(token),
            Self::Nobody | Self::Wrong => None,
        }
    }

    pub(crate) fn role(self) -> Option<Role> {
        self.token().map(|token| token.role)
    }

    pub(crate) fn is_admin(self) -> bool {
        self.role() == Some(Role::Admin)
    }

    /// What a personal token of the old kind is told of its scopes with every answer.
    pub(crate) fn scopes(self) -> Option<(String, String)> {
        let scopes = match self.role()? {
            Role::Admin => "admin:repo_hook, read:org, repo",
            Role::Read | Role::Sso => "public_repo",
            Role::Integration | Role::Expired => return None,
        };
        Some(("x-oauth-scopes".to_owned(), scopes.to_owned()))
    }

    /// Whether it exists for them.
    pub(crate) fn sees(self, repository: &Repository) -> bool {
        !repository.private || self.token().is_some_and(|token| token.may_see_private)
    }

    /// Whether the organisation wants its single sign-on first.
    pub(crate) fn lacks_sso(self, state: &State, owner: &str) -> bool {
        self.role() == Some(Role::Sso) && state.owner(owner).kind == ActorKind::Organization
    }
}

/// Where the answers say that things are.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    /// The base of the REST API.
    pub(crate) api: String,
    /// The base of the pages.
    pub(crate) pages: String,
}

impl Addresses {
    /// In GitHub's own layout pages are at github.com, as nothing fetches them; an Enterprise server has everything itself.
    pub(crate) fn of(host: &str, enterprise: bool) -> Self {
        if enterprise {
            Self { api: format!("http://{host}/api/v3"), pages: format!("http://{host}") }
        } else {
            Self { api: format!("http://{host}"), pages: "https://github.com".to_owned() }
        }
    }
}

/// What GitHub says in `X-GitHub-SSO`.
pub(crate) fn sso_header(addresses: &Addresses, owner: &str) -> (String, String) {
    let url = format!("{}/orgs/{owner}/sso?authorization_request=AAAA", addresses.pages);
    ("x-github-sso".to_owned(), format!("required; url={url}"))
}

pub(crate) const SSO_MESSAGE: &str =
    "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.";

impl<'w> Found<'w> {
    /// The repository, whatever name led to it.
    pub(crate) fn repo(&self) -> Repo<'w> {
        match self {
            Self::Here(repo) | Self::Moved(repo) => *repo,
        }
    }
}
