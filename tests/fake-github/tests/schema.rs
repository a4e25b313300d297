//! The schema against GitHub's own, where that is at hand.

use apollo_compiler::Schema;
use fake_github::{SCHEMA, subset_of};

#[test]
#[expect(clippy::print_stderr, reason = "a test that looks at nothing says so")]
fn the_schema_is_a_subset_of_githubs() {
    let Ok(path) = std::env::var("GITHUB_SCHEMA") else {
        eprintln!("left out: GITHUB_SCHEMA names no file with GitHub's published schema");
        return;
    };
    let text = std::fs::read_to_string(&path).unwrap();
    // The published one is not valid as a whole (a type has a field twice); what it defines is what counts.
    let whole = match Schema::parse(text, path) {
        Ok(whole) => whole,
        Err(invalid) => invalid.partial,
    };
    let part = Schema::parse_and_validate(SCHEMA, "schema.graphql").unwrap();
    assert_eq!(subset_of(&part, &whole), Vec::<String>::new());
}

#[test]
fn a_schema_that_is_no_subset_is_told() {
    let whole = Schema::parse_and_validate(
        "type Query { a(first: Int = 1, must: Int!): Int e(e: E): U } enum E { X Y } union U = Query | S type S { s: Int }",
        "whole.graphql",
    );
    let part = Schema::parse_and_validate(
        "type Query { a(first: Int = 2): Int b: Int e(e: E): U } enum E { X } union U = Query | T type T { t: Int }",
        "part.graphql",
    );
    let wrong = subset_of(&part.unwrap(), &whole.unwrap());
    let expected = ["Query.a(first) differs", "Query.a wants must", "there is no Query.b", "E can be Y", "U is never T", "there is no T"];
    assert_eq!(wrong, expected);
}
