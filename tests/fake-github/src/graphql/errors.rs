//! Errors as GitHub spells them.

use apollo_compiler::resolvers::FieldError;
use apollo_compiler::response::GraphQLError;
use apollo_compiler::validation::DiagnosticList;
use serde_json::{Value, json};

use crate::state::SSO_MESSAGE;

/// Between the parts of an error, of which the executor passes on a message alone.
const SEPARATOR: char = '\u{1f}';

/// What the executor puts before messages of resolvers.
const RESOLVER: &str = "resolver error: ";
const UNANSWERED: &str = "the fake does not answer ";

/// An error on a field, with its type.
pub(crate) fn field(kind: &str, message: &str) -> FieldError {
    FieldError { message: format!("{kind}{SEPARATOR}{message}") }
}

/// What somebody gets who has not signed on with an organisation.
pub(crate) fn sso(owner: &str) -> FieldError {
    field(&format!("FORBIDDEN{SEPARATOR}{owner}"), SSO_MESSAGE)
}

/// The organisation that wants to be signed on to, if that is among the errors.
pub(crate) fn wants_sso(errors: &[GraphQLError]) -> Option<&str> {
    errors.iter().find_map(|error| match parts(error) {
        (_, Some(owner), _) => Some(owner),
        _ => None,
    })
}

/// Whether the fake lacks something: no code for a field, or a value that does not fit its type.
pub(crate) fn is_ours(error: &GraphQLError) -> bool {
    error.message.strip_prefix(RESOLVER).is_none_or(|message| message.starts_with(UNANSWERED))
}

/// The error on a field that the schema has and no code answers.
pub(crate) fn unanswered(ty: &str, name: &str) -> FieldError {
    FieldError { message: format!("{UNANSWERED}{ty}.{name} here") }
}

/// Type, organisation and message.
fn parts(error: &GraphQLError) -> (&str, Option<&str>, &str) {
    let message = error.message.strip_prefix(RESOLVER).unwrap_or(&error.message);
    let mut parts = message.split(SEPARATOR);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(kind), Some(owner), Some(message)) => (kind, Some(owner), message),
        (Some(kind), Some(message), None) => (kind, None, message),
        _ => ("", None, message),
    }
}

/// An error on a field.
pub(crate) fn of_field(error: &GraphQLError) -> Value {
    let (kind, owner, message) = parts(error);
    let mut value = json!({"path": error.path, "locations": error.locations, "message": message});
    if let Value::Object(value) = &mut value {
        if !kind.is_empty() {
            value.insert("type".to_owned(), json!(kind));
        }
        if kind == "FORBIDDEN" {
            value.insert("extensions".to_owned(), json!({"saml_failure": owner.is_some()}));
        }
    }
    value
}

/// What is wrong with a document.
pub(crate) fn of_document(list: &DiagnosticList) -> Vec<Value> {
    let shape = |error: GraphQLError| {
        let unknown = error.message.strip_prefix("Cannot query field \"").and_then(|rest| rest.split_once("\" on type \""));
        match unknown.and_then(|(name, rest)| rest.split_once('"').map(|(owner, _)| (name, owner))) {
            None => json!({"message": error.message, "locations": error.locations}),
            Some((name, owner)) => json!({
                "path": ["query", name], "locations": error.locations, "message": format!("Field '{name}' doesn't exist on type '{owner}'"),
                "extensions": {"code": "undefinedField", "typeName": owner, "fieldName": name},
            }),
        }
    };
    let errors: Vec<GraphQLError> = list.iter().map(|diagnostic| diagnostic.unstable_to_json_compat()).collect();
    // An unknown field leaves its parent empty, which GitHub does not complain of beside it.
    let unknown = errors.iter().any(|error| error.message.starts_with("Cannot query field"));
    let follows = |error: &GraphQLError| unknown && error.message.contains("must have a selection of subfields");
    errors.into_iter().filter(|error| !follows(error)).map(shape).collect()
}
