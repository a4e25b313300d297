//! The inventory as a list of parts that other tools read.

mod cyclonedx;
mod spdx;

use carat_checks::inventory::Listed;

pub(crate) use cyclonedx::write as write_cyclonedx;
pub(crate) use spdx::write as write_spdx;

/// The name under which a package stands in a list: of a commit without a name that of its beginning.
fn name(listed: &Listed<'_>) -> String {
    const SHOWN: usize = 12;
    if listed.name.is_empty() {
        format!("commit {}", listed.version.chars().take(SHOWN).collect::<String>())
    } else {
        listed.name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use carat_checks::evidence::Evidence;
    use carat_checks::inventory::listed;
    use jiff::Timestamp;
    use serde_json::Value;

    use crate::engine;
    use crate::target::LocalTarget;

    type Write = fn(
        &Evidence,
        &carat_checks::evidence::Inventory,
        &[carat_checks::inventory::Listed<'_>],
        &mut dyn std::io::Write,
    ) -> std::io::Result<()>;

    fn written(write: Write) -> Value {
        let folder = tempfile::tempdir().expect("a folder");
        let put = |path: &str, text: &str| fs::write(folder.path().join(path), text).expect("written");
        put(
            "yarn.lock",
            "\"@s/odd \\\"name\\u001b@1\":\n  version \"1.0.0\"\n\ng@git+https://x.org/g.git:\n  resolved \"git+https://x.org/g.git#0a1b2c\"\n",
        );
        put("composer.lock", r#"{"packages": [{"name": "v/p", "version": "1.0"}], "packages-dev": [{"name": "v/d", "version": "2.0"}]}"#);
        put("requirements.txt", "aa\nbb==1.0\n");
        put("go.mod", "module m\nrequire x.org/y v1.0.0\n");
        put("Cargo.lock", "[[package]\n");
        let target = LocalTarget { path: folder.path().to_owned(), revision: None };
        let moment: Timestamp = "2026-11-26T00:00:00Z".parse().expect("a time");
        let evidence = engine::inventory(&target, moment, None).expect("read");
        let inventory = evidence.packages.get().expect("read");
        let mut out = Vec::new();
        write(&evidence, inventory, &listed(inventory, moment), &mut out).expect("room");
        serde_json::from_slice(&out).expect("JSON")
    }

    #[track_caller]
    fn fits(document: &Value, schema: &str, others: &[(&str, &str)]) {
        let read = |name: &str| -> Value {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/schemas").join(name);
            serde_json::from_str(&fs::read_to_string(path).expect("the schema is there")).expect("JSON")
        };
        let others = others.iter().map(|(address, name)| (*address, jsonschema::Resource::from_contents(read(name))));
        let registry = jsonschema::Registry::new().extend(others).expect("schemas").prepare().expect("schemas");
        let validator = jsonschema::options().with_registry(&registry).build(&read(schema)).expect("a schema");
        let faults: Vec<String> = validator.iter_errors(document).map(|fault| format!("{fault} at {}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{faults:?}");
    }

    #[test]
    fn cyclonedx_fits_its_schema() {
        let document = written(super::write_cyclonedx);
        fits(
            &document,
            "bom-1.6.schema.json",
            &[
                ("http://cyclonedx.org/schema/spdx.schema.json", "spdx.schema.json"),
                ("http://cyclonedx.org/schema/jsf-0.82.schema.json", "jsf-0.82.schema.json"),
            ],
        );
        let of = |name: &str| {
            let all = document["components"].as_array().expect("a list");
            all.iter().find(|component| component["name"] == name).unwrap_or_else(|| panic!("{name}: {document}")).clone()
        };
        assert_eq!((&of("v/d")["scope"], &of("v/p")["scope"]), (&"excluded".into(), &"required".into()));
        assert_eq!(of("v/p")["purl"], "pkg:composer/v/p@1.0");
        assert_eq!((&of("g")["version"], of("g").get("purl")), (&"0a1b2c".into(), None));
        assert_eq!(of("aa").get("version"), None);
        assert_eq!(of("x.org/y")["evidence"]["occurrences"][0]["location"], "go.mod");
        assert_eq!(document["compositions"][0]["aggregate"], "incomplete");
    }

    #[test]
    fn spdx_fits_its_schema() {
        let document = written(super::write_spdx);
        fits(&document, "spdx-2.3.schema.json", &[]);
        let packages = document["packages"].as_array().expect("a list");
        let of = |name: &str| packages.iter().find(|package| package["name"] == name).unwrap_or_else(|| panic!("{name}: {document}"));
        assert_eq!(of("v/p")["externalRefs"][0]["referenceLocator"], "pkg:composer/v/p@1.0");
        assert_eq!(of("aa").get("versionInfo"), None);
        let direct = &of("x.org/y")["SPDXID"];
        let related = document["relationships"].as_array().expect("a list");
        let kind = related.iter().find(|one| one["relatedSpdxElement"] == *direct).map(|one| one["relationshipType"].clone());
        assert_eq!(kind, Some("DEPENDS_ON".into()));
        assert!(document["comment"].as_str().is_some_and(|comment| comment.contains("Cargo.lock")), "{}", document["comment"]);
    }
}
