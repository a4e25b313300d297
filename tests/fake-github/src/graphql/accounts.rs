//! Fields of users and organisations.

use serde_json::{Value, json};

use super::errors::unanswered;
use super::node::{Answer, Context};
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

pub(crate) fn user<'w>(context: &'w Context<'w>, login: &str, name: &str) -> Answer<'w> {
    let known = context.state.user(login);
    Ok(match name {
        "company" => json!(known.and_then(|user| user.company.as_ref())).into(),
        "organizations" => {
            let organizations = known.map(|user| user.organizations.as_slice()).unwrap_or_default();
            organizations.iter().map(|login| json!({"__typename": "Organization", "login": login})).collect::<Value>().into()
        }
        _ => common(context, "User", login, name)?.into(),
    })
}

pub(crate) fn organization<'w>(context: &'w Context<'w>, login: &str, name: &str) -> Answer<'w> {
    Ok(common(context, "Organization", login, name)?.into())
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
