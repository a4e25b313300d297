//! Every field of the schema is answered.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use apollo_compiler::Schema;
use apollo_compiler::schema::{ExtendedType, FieldDefinition};
use fake_github::{ADMIN, CheckSuite, FakeGithub, SCHEMA, Signature, Status, User, World};
use serde_json::{Value, json};

use crate::client::post;
use crate::graphql::repository;

/// A document that asks for every field of every type once.
struct Everything<'s> {
    schema: &'s Schema,
    /// Where each type was opened: the place is the type and field above it.
    opened: BTreeMap<String, String>,
    /// Places that lead to no object of a type in this world.
    barren: HashSet<(String, String)>,
}

impl Everything<'_> {
    /// The selection on a type. A type is opened where it is first met; later it shows its name.
    fn below(&mut self, name: &str, place: &str) -> String {
        let kinds: Vec<String> = match &self.schema.types[name] {
            ExtendedType::Object(_) => vec![name.to_owned()],
            ExtendedType::Interface(_) => self.schema.implementers_map()[name].objects.iter().map(ToString::to_string).collect(),
            ExtendedType::Union(union) => union.members.iter().map(|member| member.name.to_string()).collect(),
            _ => return String::new(),
        };
        let mut text = "{ __typename".to_owned();
        for kind in kinds {
            if self.opened.contains_key(&kind) || self.barren.contains(&(kind.clone(), place.to_owned())) {
                continue;
            }
            self.opened.insert(kind.clone(), place.to_owned());
            text.push_str(&format!(" ... on {kind} {{ met_{kind}: __typename"));
            for (field, definition) in &self.schema.get_object(&kind).unwrap().fields {
                let below = self.below(definition.ty.inner_named_type(), &format!("{kind}.{field}"));
                text.push_str(&format!(" {kind}_{field}: {field}{} {below}", arguments(field, definition)));
            }
            text.push_str(" }");
        }
        text + " }"
    }
}

fn arguments(field: &str, definition: &FieldDefinition) -> String {
    let known = definition.arguments.iter().filter_map(|argument| match argument.name.as_str() {
        "first" => Some("first: 9"),
        "owner" => Some("owner: \"octo\""),
        "name" => Some("name: \"cat\""),
        "login" if field == "user" => Some("login: \"alice\""),
        "login" => Some("login: \"octo\""),
        "qualifiedName" => Some("qualifiedName: \"v1\""),
        "expression" => Some("expression: \"v1\""),
        _ => None,
    });
    let known: Vec<_> = known.collect();
    if known.is_empty() { String::new() } else { format!("({})", known.join(", ")) }
}

/// The types of which an object was met where they were opened.
fn met(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| met(value, names)),
        Value::Object(fields) => {
            names.extend(fields.keys().filter_map(|key| key.strip_prefix("met_")).map(str::to_owned));
            fields.values().for_each(|value| met(value, names));
        }
        _ => {}
    }
}

#[test]
fn every_field_is_answered() {
    let schema = Schema::parse_and_validate(SCHEMA, "schema.graphql").unwrap();
    let objects = schema.types.iter().filter(|(_, kind)| kind.is_object() && !kind.is_built_in()).map(|(name, _)| name.to_string());
    let objects: BTreeSet<String> = objects.collect();
    let mut reached = BTreeSet::new();
    // A commit has one signature.
    for ssh in [false, true] {
        let mut world = World::of([repository()]);
        world.users.push(User::new("alice").member_of("octo"));
        let tip = &mut world.repositories[0].commits[1];
        tip.signature = Some(Signature { valid: true, by_github: true, ssh });
        tip.checks.statuses.push(Status::new("ci", "PENDING"));
        tip.checks.suites.push(CheckSuite::completed("app", "NEUTRAL"));
        reached.extend(reached_in(&schema, &FakeGithub::start(world)));
    }
    assert_eq!(reached, objects);
}

/// The types of which all fields were answered, of an object that is there.
fn reached_in(schema: &Schema, github: &FakeGithub) -> BTreeSet<String> {
    let (mut barren, mut reached) = (HashSet::new(), BTreeSet::new());
    // A type that has no object where it was opened is opened elsewhere the next time.
    loop {
        let mut everything = Everything { schema, opened: BTreeMap::new(), barren };
        let query = everything.below("Query", "");
        let answer = post(github, ADMIN, &query, json!({})).json();
        assert_eq!(answer.get("errors"), None);
        let mut here = BTreeSet::new();
        met(&answer["data"], &mut here);
        barren = everything.barren;
        let before = barren.len();
        // Below a type that was not met nothing is known of a place.
        let above = |place: &str| place.split_once('.').is_none_or(|(kind, _)| here.contains(kind));
        barren.extend(everything.opened.into_iter().filter(|(kind, place)| !here.contains(kind) && above(place)));
        reached.extend(here);
        if barren.len() == before {
            return reached;
        }
    }
}
