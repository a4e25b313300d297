//! Apps: where one is installed, and tokens of an installation.

use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::reply::Reply;
use crate::route::Endpoint;
use crate::server::Shared;
use crate::services::Asked;
use crate::state::State;
use crate::world::{App, Token, World, date};

/// What an app is answered that proves who it is.
pub(super) fn answer(shared: &Shared, state: &State, asked: &Asked, endpoint: &Endpoint) -> Reply {
    let app = match proven(&state.world, asked.request.token.as_deref().unwrap_or_default()) {
        Ok(app) => app,
        Err(why) => return Reply::problem(401, why),
    };
    let found = app.installations.iter().find(|installation| match endpoint {
        Endpoint::Installation(owner) => installation.owner.eq_ignore_ascii_case(owner),
        Endpoint::InstallationToken(id) => installation.id == *id,
        _ => false,
    });
    let Some(found) = found else { return Reply::problem(404, "Not Found") };
    if let Endpoint::Installation(_) = endpoint {
        return Reply::json(200, &json!({"id": found.id, "account": {"login": found.owner}, "app_id": app.id}));
    }
    if found.suspended {
        return Reply::problem(403, "This installation has been suspended");
    }
    let (number, expires) = (shared.issued.fetch_add(1, Ordering::Relaxed) + 1, now() + found.lasts);
    let expires_at = date(i64::try_from(expires).unwrap_or(i64::MAX));
    Reply::json(201, &json!({"token": format!("ghs_{}_{number}_{expires}", found.id), "expires_at": expires_at, "permissions": {}}))
}

/// Whose a token is that an app was given, while it counts.
pub(crate) fn holder<'w>(world: &'w World, text: &str) -> Option<&'w Token> {
    let numbers: Vec<u64> = text.strip_prefix("ghs_")?.split('_').map_while(|number| number.parse().ok()).collect();
    let [id, number, expires] = numbers[..] else { return None };
    let installation = world.apps.iter().flat_map(|app| &app.installations).find(|installation| installation.id == id)?;
    (expires > now() && number > installation.withdrawn).then_some(&installation.token)
}

/// The app that a proof names.
fn proven<'w>(world: &'w World, proof: &str) -> Result<&'w App, &'static str> {
    const NONE: &str = "A JSON web token could not be decoded";
    let parts: Vec<Option<Value>> =
        proof.split('.').map(|part| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()).collect();
    let [Some(head), Some(claims), _] = &parts[..] else { return Err(NONE) };
    let at = |name: &str| claims[name].as_u64().unwrap_or_default();
    if head["alg"] != "RS256" || at("iat") > now() {
        return Err(NONE);
    }
    if at("exp") <= now() || at("exp") > at("iat") + 600 {
        return Err("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires");
    }
    world.apps.iter().find(|app| claims["iss"] == *app.id).ok_or("Integration not found")
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
