//! The schema, and how a server differs from it on demand.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use apollo_compiler::ast::{FieldDefinition, InputValueDefinition};
use apollo_compiler::collections::HashMap as Map;
use apollo_compiler::schema::{ExtendedType, Implementers};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Name, Schema};

/// The part of GitHub's schema that the fake answers, in GitHub's words. What the product asks has to be valid in it.
pub const SCHEMA: &str = include_str!("../../schema.graphql");

/// A message and the type of an error.
pub(crate) type Failure = (String, Option<String>);

/// The schema as a whole, and which types have which interfaces. They are read once for all fakes of a process.
static WHOLE: LazyLock<(Valid<Schema>, Map<Name, Implementers>)> = LazyLock::new(|| {
    let whole = Schema::parse_and_validate(SCHEMA, "schema.graphql").unwrap_or_else(|invalid| panic!("{invalid}"));
    let implementers = whole.implementers_map();
    (whole, implementers)
});

pub(crate) fn whole() -> &'static Valid<Schema> {
    &WHOLE.0
}

pub(crate) fn implementers() -> &'static Map<Name, Implementers> {
    &WHOLE.1
}

/// How a server differs from the schema.
#[derive(Default)]
pub(crate) struct Schemas {
    /// What is left of the schema where fields were taken away.
    older: RwLock<Option<Arc<Valid<Schema>>>>,
    failing: RwLock<Arc<HashMap<String, Failure>>>,
}

impl Schemas {
    pub(crate) fn older(&self) -> Option<Arc<Valid<Schema>>> {
        self.older.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn failing(&self) -> Arc<HashMap<String, Failure>> {
        Arc::clone(&self.failing.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes `Type.field` away.
    #[track_caller]
    pub(crate) fn remove(&self, field: &str) {
        let (owner, name) = field.split_once('.').unwrap_or_else(|| panic!("{field:?} is no Type.field"));
        let mut schema = Schema::clone(self.older().as_deref().unwrap_or_else(|| whole()));
        let removed = match schema.types.get_mut(owner) {
            Some(ExtendedType::Object(object)) => object.make_mut().fields.shift_remove(name).is_some(),
            Some(ExtendedType::Interface(interface)) => interface.make_mut().fields.shift_remove(name).is_some(),
            _ => false,
        };
        assert!(removed, "the schema has no {field}");
        let schema = schema.validate().unwrap_or_else(|invalid| panic!("without {field} the schema does not hold: {}", invalid.errors));
        *self.older.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(schema));
    }

    /// Makes `Type.field` fail.
    #[track_caller]
    pub(crate) fn fail(&self, field: &str, failure: Failure) {
        let known = field.split_once('.').is_some_and(|(owner, name)| whole().type_field(owner, name).is_ok());
        assert!(known, "the schema has no {field}");
        Arc::make_mut(&mut self.failing.write().unwrap_or_else(PoisonError::into_inner)).insert(field.to_owned(), failure);
    }
}

/// What is wrong with a document by the schema: a list of sentences, empty for a good one.
pub fn invalid(document: &str) -> Vec<String> {
    match ExecutableDocument::parse_and_validate(whole(), document, "query.graphql") {
        Ok(_) => Vec::new(),
        Err(invalid) => invalid.errors.iter().map(|error| error.to_string()).collect(),
    }
}

/// What of a schema is not so in another, fuller one: a list of sentences, empty for a true subset.
pub fn subset_of(part: &Schema, whole: &Schema) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, ours) in part.types.iter().filter(|(_, ours)| !ours.is_built_in()) {
        match (ours, whole.types.get(name)) {
            (_, None) => wrong.push(format!("there is no {name}")),
            (ExtendedType::Scalar(_), Some(ExtendedType::Scalar(_))) => {}
            (ExtendedType::Object(ours), Some(ExtendedType::Object(theirs))) => {
                let others = ours.implements_interfaces.iter().filter(|face| !theirs.implements_interfaces.contains(*face));
                wrong.extend(others.map(|face| format!("{name} is no {}", face.name)));
                fields(name, ours.fields.iter(), |field| theirs.fields.get(field).map(|field| &***field), &mut wrong);
            }
            (ExtendedType::Interface(ours), Some(ExtendedType::Interface(theirs))) => {
                fields(name, ours.fields.iter(), |field| theirs.fields.get(field).map(|field| &***field), &mut wrong);
            }
            (ExtendedType::Union(ours), Some(ExtendedType::Union(theirs))) => {
                wrong.extend(
                    ours.members
                        .iter()
                        .filter(|member| !theirs.members.contains(*member))
                        .map(|member| format!("{name} is never {}", member.name)),
                );
            }
            (ExtendedType::Enum(ours), Some(ExtendedType::Enum(theirs))) => {
                wrong.extend(
                    ours.values.keys().filter(|value| !theirs.values.contains_key(*value)).map(|value| format!("{name} is never {value}")),
                );
                wrong.extend(
                    theirs.values.keys().filter(|value| !ours.values.contains_key(*value)).map(|value| format!("{name} can be {value}")),
                );
            }
            (ExtendedType::InputObject(ours), Some(ExtendedType::InputObject(theirs))) => {
                for (field, ours) in &ours.fields {
                    let same = theirs.fields.get(field).is_some_and(|theirs| value(ours, theirs));
                    wrong.extend((!same).then(|| format!("{name}.{field} differs")));
                }
                wrong.extend(
                    theirs
                        .fields
                        .iter()
                        .filter(|(field, theirs)| theirs.is_required() && !ours.fields.contains_key(*field))
                        .map(|(field, _)| format!("{name} wants {field}")),
                );
            }
            _ => wrong.push(format!("{name} is of another kind")),
        }
    }
    wrong
}

fn fields<'a, F: std::ops::Deref<Target = apollo_compiler::Node<FieldDefinition>> + 'a>(
    name: &Name,
    ours: impl Iterator<Item = (&'a Name, &'a F)>,
    theirs: impl Fn(&str) -> Option<&'a FieldDefinition>,
    wrong: &mut Vec<String>,
) {
    for (field, ours) in ours {
        let Some(theirs) = theirs(field) else {
            wrong.push(format!("there is no {name}.{field}"));
            continue;
        };
        if ours.ty != theirs.ty {
            wrong.push(format!("{name}.{field} is {}, not {}", theirs.ty, ours.ty));
        }
        for argument in &ours.arguments {
            let same = theirs.argument_by_name(&argument.name).is_some_and(|theirs| value(argument, theirs));
            wrong.extend((!same).then(|| format!("{name}.{field}({}) differs", argument.name)));
        }
        let wanted = theirs.arguments.iter().filter(|theirs| theirs.is_required() && ours.argument_by_name(&theirs.name).is_none());
        wrong.extend(wanted.map(|theirs| format!("{name}.{field} wants {}", theirs.name)));
    }
}

fn value(ours: &InputValueDefinition, theirs: &InputValueDefinition) -> bool {
    ours.ty == theirs.ty && ours.default_value == theirs.default_value
}
