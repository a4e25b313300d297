//! CycloneDX 1.6 in JSON (<https://cyclonedx.org/docs/1.6/json/>).

use std::io::{self, Write};

use carat_checks::evidence::{Evidence, Inventory, Scope};
use carat_checks::inventory::Listed;
use serde_json::{Value, json};

use super::name;
use crate::report::packages::{left_open, purl};

/// Writes the inventory. Equal inventories of one moment give equal bytes: there is no serial number.
pub(crate) fn write(evidence: &Evidence, inventory: &Inventory, listed: &[Listed<'_>], out: &mut dyn Write) -> io::Result<()> {
    let repository = &evidence.repository;
    let mut about = json!({"type": "application", "bom-ref": "repository", "name": repository.name});
    if let Some(commit) = &repository.commit {
        about["version"] = json!(commit);
    }
    let is_complete = left_open(inventory).is_empty();
    let direct: Vec<String> =
        listed.iter().enumerate().filter(|(_, package)| package.direct == Some(true)).map(|(at, _)| reference(at)).collect();
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": evidence.as_of,
            "tools": {"components": [{"type": "application", "name": "carat", "version": env!("CARGO_PKG_VERSION")}]},
            "component": about,
        },
        "components": listed.iter().enumerate().map(|(at, package)| component(at, package)).collect::<Vec<_>>(),
        "dependencies": [{"ref": "repository", "dependsOn": direct}],
        "compositions": [{"aggregate": if is_complete { "unknown" } else { "incomplete" }, "assemblies": ["repository"]}],
    });
    serde_json::to_writer_pretty(&mut *out, &document).map_err(io::Error::from)?;
    writeln!(out)
}

fn reference(at: usize) -> String {
    format!("package-{}", at + 1)
}

fn component(at: usize, package: &Listed<'_>) -> Value {
    let occurrences = package.places.iter().map(|place| {
        let mut occurrence = json!({"location": place.path.to_string()});
        if let Some(line) = place.line {
            occurrence["line"] = json!(line);
        }
        occurrence
    });
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(at),
        "name": name(package),
        "evidence": {"occurrences": occurrences.collect::<Vec<_>>()},
    });
    if !package.version.is_empty() {
        component["version"] = json!(package.version);
    }
    if let Some(purl) = purl(package) {
        component["purl"] = json!(purl);
    }
    // A component without a scope counts as required: nothing is said where no file tells.
    if let Some(scope) = package.scope {
        component["scope"] = json!(match scope {
            Scope::Production => "required",
            Scope::Optional => "optional",
            Scope::Development => "excluded",
        });
    }
    component
}
