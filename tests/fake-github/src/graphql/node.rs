//! The objects that fields are asked of, and how the executor gets at them.

use std::collections::HashMap;
use std::sync::Arc;

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::JsonMap;
use git2::Oid;
use serde_json::{Value, json};

use super::connection::Page;
use super::cost::Cost;
use super::errors;
use super::schemas::Failure;
use super::{accounts, commits, contributions, repository, rules};
use crate::limits::Standing;
use crate::state::{Addresses, Found, Repo, State, Who};
use crate::world::{Blocked, Issue, Protection, PullRequest, Ruleset, date};

/// What all objects of a call share.
pub(crate) struct Context<'w> {
    pub(crate) state: &'w State,
    pub(crate) who: Who<'w>,
    pub(crate) addresses: Addresses,
    pub(crate) standing: Standing,
    pub(crate) cost: Cost,
    pub(crate) failing: Arc<HashMap<String, Failure>>,
}

/// An object. Small ones without arguments are plain values with the name of their type.
#[derive(Clone)]
pub(crate) enum Node<'w> {
    Query,
    Repository(Repo<'w>),
    Ref(Repo<'w>, String, Oid),
    Commit(Repo<'w>, Oid),
    /// The last commit of a pull request, which no repository has to hold.
    Head(Repo<'w>, &'w PullRequest),
    Tag(Repo<'w>, Oid),
    Tree(Repo<'w>, Oid),
    Blob(Repo<'w>, Oid),
    PullRequest(Repo<'w>, &'w PullRequest),
    Issue(Repo<'w>, &'w Issue),
    Ruleset(&'w Ruleset),
    Protection(&'w Protection),
    User(String),
    Organization(String),
    TreeEntry(Repo<'w>, Value),
    /// What stands between a pull request and its last commit.
    PullRequestCommit(Repo<'w>, &'w PullRequest),
    Page(Box<Page<'w>>),
    Plain(String, Value),
}

/// What a field gives.
pub(crate) enum Given<'w> {
    Value(Value),
    Node(Node<'w>),
    List(Vec<Node<'w>>),
    /// All that a connection has; arguments choose from it.
    Connection(Vec<Node<'w>>),
}

pub(crate) type Answer<'w> = Result<Given<'w>, FieldError>;

impl<'w> From<Value> for Given<'w> {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

impl<'w> From<Option<Node<'w>>> for Given<'w> {
    fn from(node: Option<Node<'w>>) -> Self {
        node.map_or(Self::Value(Value::Null), Self::Node)
    }
}

/// A text among arguments.
pub(crate) fn text<'a>(arguments: &'a JsonMap, name: &str) -> Option<&'a str> {
    arguments.get(name).and_then(|value| value.as_str())
}

/// An object for the executor.
pub(crate) struct Object<'w> {
    pub(crate) context: &'w Context<'w>,
    pub(crate) node: Node<'w>,
}

impl ObjectValue for Object<'_> {
    fn type_name(&self) -> &str {
        match &self.node {
            Node::Query => "Query",
            Node::Repository(_) => "Repository",
            Node::Ref(..) => "Ref",
            Node::Commit(..) | Node::Head(..) => "Commit",
            Node::Tag(..) => "Tag",
            Node::Tree(..) => "Tree",
            Node::Blob(..) => "Blob",
            Node::PullRequest(..) => "PullRequest",
            Node::Issue(..) => "Issue",
            Node::Ruleset(_) => "RepositoryRuleset",
            Node::Protection(_) => "BranchProtectionRule",
            Node::User(_) => "User",
            Node::Organization(_) => "Organization",
            Node::TreeEntry(..) => "TreeEntry",
            Node::PullRequestCommit(..) => "PullRequestCommit",
            Node::Page(page) => &page.type_name,
            Node::Plain(name, _) => name,
        }
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let (context, name, arguments) = (self.context, info.field_name(), info.arguments());
        if let Some((message, kind)) = context.failing.get(&format!("{}.{name}", self.type_name())) {
            return Err(kind.as_ref().map_or_else(|| FieldError { message: message.clone() }, |kind| errors::field(kind, message)));
        }
        let given = match &self.node {
            Node::Query => query(context, name, arguments)?,
            Node::Repository(repo) => repository::field(context, *repo, name, arguments)?,
            Node::Ref(repo, full, oid) => rules::reference(context, *repo, full, *oid, name)?,
            Node::Commit(repo, oid) => commits::commit(*repo, *oid, name, arguments)?,
            Node::Head(repo, pull_request) => commits::head(*repo, pull_request, name)?,
            Node::Tag(repo, oid) | Node::Tree(repo, oid) | Node::Blob(repo, oid) => commits::object(*repo, *oid, name)?,
            Node::PullRequest(repo, pull_request) => contributions::pull_request(context, *repo, pull_request, name)?,
            Node::Issue(repo, issue) => contributions::issue(context, *repo, issue, name)?,
            Node::Ruleset(ruleset) => rules::ruleset(context, ruleset, name)?,
            Node::Protection(protection) => rules::protection(protection, name)?,
            Node::User(login) => accounts::user(context, login, name, arguments)?,
            Node::Organization(login) => accounts::organization(context, login, name, arguments)?,
            Node::TreeEntry(repo, entry) => commits::tree_entry(*repo, entry, name)?,
            Node::PullRequestCommit(repo, pull_request) => match name {
                "commit" => Given::Node(Node::Head(*repo, pull_request)),
                _ => json!(format!("PRC_{}", pull_request.head_oid)).into(),
            },
            Node::Page(page) => page.field(name)?,
            Node::Plain(_, value) => Given::Value(value.get(name).cloned().unwrap_or_default()),
        };
        let ty = info.field_definition().ty.inner_named_type().as_str();
        let object = |node| ResolvedValue::object(Object { context, node });
        Ok(match given {
            Given::Node(node) => object(node),
            Given::List(nodes) => ResolvedValue::list(nodes.into_iter().map(object)),
            Given::Connection(nodes) => object(Node::Page(Box::new(Page::cut(ty, nodes, arguments)))),
            Given::Value(Value::Array(values)) if ty.ends_with("Connection") => {
                let nodes = values.into_iter().map(|value| plain(value, ty.trim_end_matches("Connection"))).collect();
                object(Node::Page(Box::new(Page::cut(ty, nodes, arguments))))
            }
            Given::Value(value) => resolved(context, value, ty),
        })
    }
}

/// A plain value for the executor.
fn resolved<'a>(context: &'a Context<'a>, value: Value, ty: &'a str) -> ResolvedValue<'a> {
    match value {
        Value::Array(values) => ResolvedValue::list(values.into_iter().map(move |value| resolved(context, value, ty))),
        Value::Object(_) => ResolvedValue::object(Object { context, node: plain(value, ty) }),
        leaf => ResolvedValue::leaf(leaf),
    }
}

/// The object that a plain value is; of accounts more can be asked than it says.
fn plain<'w>(value: Value, ty: &str) -> Node<'w> {
    let name = value.get("__typename").and_then(Value::as_str).unwrap_or(ty).to_owned();
    let login = value.get("login").and_then(Value::as_str).map(str::to_owned);
    match (name.as_str(), login) {
        ("User", Some(login)) => Node::User(login),
        ("Organization", Some(login)) => Node::Organization(login),
        _ => Node::Plain(name, value),
    }
}

fn query<'w>(context: &'w Context<'w>, name: &str, arguments: &JsonMap) -> Answer<'w> {
    let state = context.state;
    let login = state.spelled(text(arguments, "login").unwrap_or_default());
    let missing = |kind: &str, what: String| Err(errors::field("NOT_FOUND", &format!("Could not resolve to a {kind} with the {what}.")));
    Ok(match name {
        "repository" => {
            let (owner, short) = (text(arguments, "owner").unwrap_or_default(), text(arguments, "name").unwrap_or_default());
            let follow = arguments.get("followRenames").and_then(|value| value.as_bool()).unwrap_or(true);
            let found = state.find(owner, short).filter(|found| follow || matches!(found, Found::Here(_)));
            let Some(repo) = found.map(|found| found.repo()).filter(|repo| context.who.sees(repo.is)) else {
                return missing("Repository", format!("name '{owner}/{short}'"));
            };
            match repo.is.blocked {
                Some(Blocked::Legal | Blocked::Terms) => return Err(errors::field("SERVICE_UNAVAILABLE", "Repository access blocked")),
                None if context.who.lacks_sso(state, &repo.is.owner) => return Err(errors::sso(&repo.is.owner)),
                None => Given::Node(Node::Repository(repo)),
            }
        }
        "user" if state.is_person(login) => Given::Node(Node::User(login.to_owned())),
        "user" => return missing("User", format!("login of '{login}'")),
        "organization" | "repositoryOwner" if state.is_organization(login) && context.who.lacks_sso(state, login) => {
            return Err(errors::sso(login));
        }
        "organization" if state.is_organization(login) => Given::Node(Node::Organization(login.to_owned())),
        "organization" => return missing("Organization", format!("login of '{login}'")),
        "repositoryOwner" if state.is_organization(login) => Given::Node(Node::Organization(login.to_owned())),
        "repositoryOwner" => state.is_person(login).then(|| Node::User(login.to_owned())).into(),
        "viewer" => Given::Node(Node::User(context.who.token().map(|token| token.login.clone()).unwrap_or_default())),
        "rateLimit" => {
            let (standing, cost) = (&context.standing, context.cost);
            let reset = i64::try_from(standing.reset).unwrap_or_default();
            json!({
                "cost": cost.points, "limit": standing.limit, "nodeCount": cost.nodes, "remaining": standing.remaining(), "used": standing.used,
                "resetAt": date(reset),
            })
            .into()
        }
        _ => return Err(errors::unanswered("Query", name)),
    })
}
