//! Which service answers a request, and the small ones among them: the badge service and the OSS-Fuzz list.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::ledger::Request;
use crate::reply::Reply;
use crate::route::{Endpoint, Place, Route, values};
use crate::server::Shared;
use crate::state::{Addresses, State, Who};
use crate::world::{World, number_of};
use crate::{git, graphql, rest};

/// A request on its way to a service.
pub(crate) struct Asked {
    pub(crate) request: Request,
    pub(crate) place: Place,
    pub(crate) host: String,
    pub(crate) body: Bytes,
    /// How many requests are being answered, this one included.
    pub(crate) at_once: usize,
    /// Whether every page of the answer has a next one.
    pub(crate) endless: bool,
}

impl Asked {
    pub(crate) fn addresses(&self) -> Addresses {
        Addresses::of(&self.host, self.place.enterprise)
    }
}

/// The answer.
pub(crate) fn answer(shared: &Shared, state: &State, asked: &Asked) -> Reply {
    let method = asked.request.method.as_str();
    let expected = match asked.place.route {
        Route::Graphql | Route::UploadPack(..) | Route::Rest(_, Endpoint::InstallationToken(_)) => "POST",
        _ => "GET",
    };
    if method != expected || asked.place.route == Route::Unknown {
        shared.ledger.surprise(format!("{method} {}?{}", asked.request.path, asked.request.query));
        return Reply::problem(404, "Not Found");
    }
    let who = Who::of(&state.world, &asked.request);
    let reply = match &asked.place.route {
        Route::Badge => badges(&state.world, &asked.request.query).conditional(asked.request.header("if-none-match")),
        Route::OssFuzz => oss_fuzz(&state.world).conditional(asked.request.header("if-none-match")),
        Route::Advertise(owner, name) => git::advertise(shared, state, who, asked, owner, name),
        Route::UploadPack(owner, name) => git::upload_pack(shared, state, who, asked, owner, name),
        Route::Graphql => graphql::answer(shared, state, who, asked),
        Route::Rest(named, endpoint) => rest::answer(shared, state, who, asked, named.as_ref(), endpoint),
        Route::Unknown => Reply::problem(404, "Not Found"),
    };
    if asked.endless { endless(reply, asked) } else { reply }
}

fn badges(world: &World, query: &str) -> Reply {
    let url = values(query).into_iter().find(|(name, _)| name == "url").map(|(_, url)| url);
    let found = world.badges.iter().filter(|(address, _)| url.as_ref().is_none_or(|url| address.eq_ignore_ascii_case(url)));
    let projects: Vec<Value> = found
        .map(|(address, level)| {
            let percentage = if level == "in_progress" { 60 } else { 100 };
            json!({"id": number_of(address), "name": address, "repo_url": address, "homepage_url": address, "badge_level": level, "badge_percentage_0": percentage})
        })
        .collect();
    Reply::json(200, &Value::Array(projects))
}

fn oss_fuzz(world: &World) -> Reply {
    let projects: Vec<Value> = world.oss_fuzz.iter().map(|address| json!({"name": address, "main_repo": address, "history": []})).collect();
    Reply::json(200, &json!({"projects": projects}))
}

/// Says on every page of a list that there is another one. A GraphQL cursor stays where it is, so that the next page is the
/// same or empty.
fn endless(mut reply: Reply, asked: &Asked) -> Reply {
    if let Route::Graphql = asked.place.route {
        let text = String::from_utf8_lossy(&reply.body).replace(r#""hasNextPage":false"#, r#""hasNextPage":true"#);
        reply.body = text.replace(r#""endCursor":null"#, r#""endCursor":"MA==""#).into();
        return reply;
    }
    let values = values(&asked.request.query);
    let page = values.iter().find(|(name, _)| name == "page").and_then(|(_, page)| page.parse().ok()).unwrap_or(1_u64);
    let others = values.iter().filter(|(name, _)| name != "page").map(|(name, value)| format!("{name}={value}&"));
    let next = format!("http://{}{}?{}page={}", asked.host, asked.request.path, others.collect::<String>(), page + 1);
    reply.headers.retain(|(name, _)| name != "link");
    reply.header("link", format!("<{next}>; rel=\"next\""))
}
