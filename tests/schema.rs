//! The committed schemas of JSON.

use std::path::Path;

use serde_json::Value;

use crate::support::{Card, ELF, Folder, Repo};

const SCHEMAS: [&str; 2] = ["carat.schema.json", "scorecard-v2.schema.json"];

pub(crate) fn schema(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(file);
    let text = std::fs::read_to_string(path).expect("the schema is committed");
    serde_json::from_str(&text).expect("a schema is JSON")
}

pub(crate) fn errors(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::options().should_validate_formats(true).build(schema).expect("the schema is one");
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Documents of every kind that there is.
fn documents() -> Vec<Card> {
    let repo =
        Repo::with(&[("LICENSE-MIT", "text"), ("SECURITY.md", "Report to security@example.org.\n"), ("src/a.rs", "libfuzzer_sys\n")]);
    repo.add("tool.so", ELF);
    repo.add("\x1b\u{202e}.so", ELF);
    repo.add("scorecard.yml", "annotations:\n- checks: [packaging, binary-artifacts]\n  reasons: [{reason: remediated}]\n");
    repo.commit();
    let bare = Repo::bare_with(&[("renovate.json", "{}"), (".github/workflows/a.yml", "on: push\n")]);
    bare.add(b"\xff.so", ELF);
    bare.commit();
    let lost = Repo::bare_with(&[("a.so", "lost"), ("SECURITY.md", "lost")]);
    lost.lose(lost.blob("lost"));
    vec![
        repo.score().json(),
        repo.score().args(["--experimental", "--show-annotations"]).json(),
        repo.score_at("HEAD").json(),
        repo.score().args(["--probes", "hasPermissiveLicense,hasBinaryArtifacts"]).json(),
        repo.score().args(["--checks", "Branch-Protection"]).json(),
        repo.score().args(["--checks", "Packaging"]).json(),
        bare.score().json(),
        lost.score().json(),
        Folder::new().score().json(),
        Folder::with(&[(".git/description", "text"), (".gitignore", "a\n"), ("a", "text")]).score().json(),
    ]
}

#[test]
fn documents_are_as_the_schemas_say() {
    for file in SCHEMAS {
        let schema = schema(file);
        assert!(jsonschema::meta::is_valid(&schema), "{file}");
        for document in documents() {
            let errors = errors(&schema, &document);
            assert!(errors.is_empty(), "{file}: {errors:#?}");
        }
    }
}

#[test]
fn the_reference_schema_refuses_what_its_readers_would() {
    let schema = schema("scorecard-v2.schema.json");
    let good: Value = Folder::new().score().json().clone();
    let bad: [(&str, Value); 12] = [
        ("/date", "yesterday".into()),
        ("/date", Value::Null),
        ("/repo", "name".into()),
        ("/repo/commit", Value::Null),
        ("/scorecard/version", 5.into()),
        ("/score", "7.5".into()),
        ("/score", 10.5.into()),
        ("/checks/0/score", 9.5.into()),
        ("/checks/0/score", (-2).into()),
        ("/checks/0/details", "text".into()),
        ("/checks/0/documentation", Value::Null),
        ("/metadata", "text".into()),
    ];
    for (place, value) in bad {
        let mut document = good.clone();
        *document.pointer_mut(place).expect("the place exists") = value;
        assert!(!errors(&schema, &document).is_empty(), "{place}");
    }
    // What it writes when there is nothing.
    for place in ["/checks/0/details", "/metadata", "/checks"] {
        let mut document = good.clone();
        *document.pointer_mut(place).expect("the place exists") = Value::Null;
        assert_eq!(errors(&schema, &document), Vec::<String>::new(), "{place}");
    }
    for key in ["date", "repo", "scorecard", "score", "checks", "metadata"] {
        let mut document = good.clone();
        document.as_object_mut().expect("an object").remove(key);
        assert!(!errors(&schema, &document).is_empty(), "{key}");
    }
}
