//! GitHub's GraphQL: documents are validated against the schema here, priced, and executed over the world.

mod accounts;
mod commits;
mod connection;
mod contributions;
mod cost;
mod errors;
mod node;
mod repository;
mod rules;
mod schemas;

use apollo_compiler::ExecutableDocument;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::JsonMap;
use serde_json::{Value, json};

pub(crate) use schemas::Schemas;
pub use schemas::{SCHEMA, invalid, subset_of};

use crate::limits::Resource;
use crate::reply::Reply;
use crate::rest;
use crate::server::Shared;
use crate::services::Asked;
use crate::state::{State, Who, sso_header};
use crate::world::number_of;
use cost::Cost;
use node::{Context, Node, Object};

/// The answer to a GraphQL call.
pub(crate) fn answer(shared: &Shared, state: &State, who: Who<'_>, asked: &Asked) -> Reply {
    let token = match who {
        Who::Wrong => return Reply::problem(401, "Bad credentials"),
        Who::Nobody => return Reply::problem(401, "This endpoint requires you to be authenticated."),
        Who::Known(token) => token,
    };
    if !shared.used.keeps_secondary(&state.world.limits, Resource::Graphql, asked.at_once) {
        return rest::secondary(state);
    }
    let take = |cost| shared.used.take(&state.world.limits, Some(&token.text), Resource::Graphql, cost);
    let Ok(body) = serde_json::from_slice::<Value>(&asked.body) else {
        shared.ledger.surprise(format!("a GraphQL call that is no JSON: {:?}", String::from_utf8_lossy(&asked.body)));
        return Reply::problem(400, "Problems parsing JSON");
    };
    let refused = |errors: Vec<Value>| {
        shared.ledger.surprise(format!("a GraphQL call that GitHub refuses: {}, of {body}", json!(errors)));
        Reply::json(200, &json!({"errors": errors}))
    };
    let Some(query) = body.get("query").and_then(Value::as_str) else {
        return refused(vec![json!({"message": "A query attribute must be specified and must be a string."})]);
    };
    let whole = schemas::whole();
    let document = match ExecutableDocument::parse_and_validate(whole, query, "query.graphql") {
        Ok(document) => document,
        Err(invalid) => return refused(errors::of_document(&invalid.errors)),
    };
    // What an older server does not know is no fault of the call.
    let older = shared.schemas.older();
    if let Some(invalid) = older.and_then(|older| ExecutableDocument::parse_and_validate(&older, query, "query.graphql").err()) {
        let errors = errors::of_document(&invalid.errors);
        return Reply::json(200, &json!({"errors": errors})).headers(take(1).headers());
    }
    let operation = match document.operations.get(body.get("operationName").and_then(Value::as_str)) {
        Ok(operation) if operation.is_query() => operation,
        Ok(_) => return refused(vec![json!({"type": "FORBIDDEN", "message": "Nothing can be changed here."})]),
        Err(_) => return refused(vec![json!({"message": "An operation name is required"})]),
    };
    let variables: JsonMap = match body.get("variables").cloned().map(serde_json::from_value) {
        None => JsonMap::new(),
        Some(Ok(variables)) => variables,
        Some(Err(_)) if body.get("variables").is_some_and(Value::is_null) => JsonMap::new(),
        Some(Err(_)) => return refused(vec![json!({"message": "Variables are invalid JSON."})]),
    };
    let variables = match coerce_variable_values(whole, operation, &variables) {
        Ok(variables) => variables,
        Err(wrong) => return refused(vec![json!({"message": wrong.message().to_string()})]),
    };
    let cost = match Cost::of(&document, operation, &variables) {
        Ok(cost) => cost,
        Err(error) => return refused(vec![error]),
    };
    let standing = take(cost.points);
    if !standing.allowed {
        let message = format!("API rate limit exceeded for user ID {}.", number_of(&token.login));
        let errors = json!([{"type": "RATE_LIMITED", "message": message}]);
        return Reply::json(200, &json!({"errors": errors})).headers(standing.headers());
    }
    let context = Context { state, who, addresses: asked.addresses(), standing, cost, failing: shared.schemas.failing() };
    let execution = Execution::new(whole, &document).operation(operation).implementers_map(schemas::implementers());
    let root = Object { context: &context, node: Node::Query };
    let response = match execution.coerced_variable_values(&variables).execute_sync(&root) {
        Ok(response) => response,
        Err(wrong) => return refused(vec![json!({"message": wrong.message().to_string()})]),
    };
    for error in response.errors.iter().filter(|error| errors::is_ours(error)) {
        shared.ledger.surprise(format!("GraphQL that the fake could not answer: {} at {}, of {query}", error.message, json!(error.path)));
    }
    let mut value = json!({"data": response.data});
    if let (Value::Object(value), false) = (&mut value, response.errors.is_empty()) {
        value.insert("errors".to_owned(), response.errors.iter().map(errors::of_field).collect());
    }
    let mut reply = Reply::json(200, &value).headers(context.standing.headers()).headers(who.scopes());
    if let Some(owner) = errors::wants_sso(&response.errors) {
        reply = reply.headers([sso_header(&context.addresses, owner)]);
    }
    reply.points = context.cost.points;
    reply
}
