//! Fields of users and organisations.

use apollo_compiler::response::JsonMap;
use serde_json::{Value, json};

use super::errors::unanswered;
use super::node::{Answer, Context, Given, Node};
use crate::rest::account_id;
use crate::world::{Actor, ActorKind};

/// GraphQL's id of an account.
pub(crate) fn id(login: &str) -> String {
    match login {
        "dependabot[bot]" | "dependabot" => "MDM6Qm90NDk2OTkzMzM=".to_owned(),
        _ => format!("U_{}", account_id(login)),
    }
}

/// Somebody who acts. Of users and organisations only the login counts; the rest is asked of them.
pub(crate) fn shape(actor: &Actor) -> Value {
    let path = actor.path();
    let account = json!({"__typename": actor.type_name(), "login": actor.login});
    match actor.kind {
        ActorKind::User | ActorKind::Organization => account,
        ActorKind::Bot => json!({
            "__typename": "Bot", "login": actor.login, "id": id(&actor.login), "databaseId": account_id(&actor.login), "resourcePath": path,
            "url": format!("https://github.com{path}"),
        }),
    }
}

/// Nobody, where the account is deleted.
pub(crate) fn perhaps(actor: Option<&Actor>) -> Value {
    actor.map_or(Value::Null, shape)
}

pub(crate) fn user<'w>(context: &'w Context<'w>, login: &str, name: &str, arguments: &JsonMap) -> Answer<'w> {
    let known = context.state.user(login);
    Ok(match name {
        "company" => json!(known.and_then(|user| user.company.as_ref())).into(),
        "organizations" => {
            let organizations = known.map(|user| user.organizations.as_slice()).unwrap_or_default();
            organizations.iter().map(|login| json!({"__typename": "Organization", "login": login})).collect::<Value>().into()
        }
        "repositories" => repositories(context, login, arguments),
        _ => common(context, "User", login, name)?.into(),
    })
}

pub(crate) fn organization<'w>(context: &'w Context<'w>, login: &str, name: &str, arguments: &JsonMap) -> Answer<'w> {
    Ok(match name {
        "repositories" => repositories(context, login, arguments),
        _ => common(context, "Organization", login, name)?.into(),
    })
}

/// What somebody owns, as far as whoever asks sees it; here nobody has a part in what others own.
fn repositories<'w>(context: &'w Context<'w>, login: &str, arguments: &JsonMap) -> Given<'w> {
    let is = |name: &str, actual: bool| arguments.get(name).and_then(|wanted| wanted.as_bool()).is_none_or(|wanted| wanted == actual);
    let owned = context.state.repositories().filter(|repo| repo.is.owner.eq_ignore_ascii_case(login) && context.who.sees(repo.is));
    let mut kept: Vec<_> = owned.filter(|repo| is("isArchived", repo.is.archived) && is("isFork", repo.is.fork)).collect();
    let order = arguments.get("orderBy");
    let of = |name: &str| order.and_then(|order| order.get(name)).and_then(|value| value.as_str());
    match of("field") {
        Some("NAME") => kept.sort_by_key(|repo| repo.is.name.to_lowercase()),
        Some("PUSHED_AT") => kept.sort_by_key(|repo| repo.is.pushed_at.clone()),
        Some("UPDATED_AT") => kept.sort_by_key(|repo| repo.is.updated_at.clone()),
        _ => kept.sort_by_key(|repo| repo.is.created_at.clone()),
    }
    if of("direction") == Some("DESC") {
        kept.reverse();
    }
    Given::Connection(kept.into_iter().map(Node::Repository).collect())
}

fn common(context: &Context<'_>, ty: &str, login: &str, name: &str) -> Result<Value, apollo_compiler::resolvers::FieldError> {
    Ok(match name {
        "id" => json!(id(login)),
        "databaseId" => json!(account_id(login)),
        "login" => json!(login),
        "name" => Value::Null,
        "resourcePath" => json!(format!("/{login}")),
        "url" => json!(format!("{}/{login}", context.addresses.pages)),
        _ => return Err(unanswered(ty, name)),
    })
}
