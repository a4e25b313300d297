//! SPDX 2.3 in JSON (<https://spdx.github.io/spdx-spec/v2.3/>).

use std::io::{self, Write};

use carat_checks::evidence::{Evidence, Inventory};
use carat_checks::inventory::Listed;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::name;
use crate::report::packages::{left_open, purl};

/// Writes the inventory. Its namespace is made of what it says, so that equal ones have one and others do not.
pub(crate) fn write(evidence: &Evidence, inventory: &Inventory, listed: &[Listed<'_>], out: &mut dyn Write) -> io::Result<()> {
    const ROOT: &str = "SPDXRef-Repository";
    let repository = &evidence.repository;
    let mut hash = Sha256::new();
    for part in [&*repository.name, repository.commit.as_deref().unwrap_or_default(), &*evidence.as_of] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut root = json!({
        "SPDXID": ROOT,
        "name": repository.name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
    });
    if let Some(commit) = &repository.commit {
        root["versionInfo"] = json!(commit);
    }
    let mut packages = vec![root];
    let mut relationships = vec![json!({"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": ROOT})];
    for (at, package) in listed.iter().enumerate() {
        let id = format!("SPDXRef-Package-{}", at + 1);
        hash.update(format!("{}\0{}\0{}\0", package.ecosystem.map_or("GIT", |ecosystem| ecosystem.name()), package.name, package.version));
        // What brings what is not told here: the list has each package once, the files have their own ways to it.
        let kind = if package.direct == Some(true) { "DEPENDS_ON" } else { "CONTAINS" };
        relationships.push(json!({"spdxElementId": ROOT, "relationshipType": kind, "relatedSpdxElement": id}));
        packages.push(entry(&id, package));
    }
    let digest: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let mut document = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": repository.name,
        "documentNamespace": format!("https://spdx.org/spdxdocs/carat-{digest}"),
        "creationInfo": {"created": evidence.as_of, "creators": [format!("Tool: carat-{}", env!("CARGO_PKG_VERSION"))]},
        "packages": packages,
        "relationships": relationships,
    });
    let open = left_open(inventory);
    if !open.is_empty() {
        document["comment"] = json!(format!("Not complete. {}", open.join("; ")));
    }
    serde_json::to_writer_pretty(&mut *out, &document).map_err(io::Error::from)?;
    writeln!(out)
}

fn entry(id: &str, package: &Listed<'_>) -> Value {
    let places: Vec<String> = package
        .places
        .iter()
        .map(|place| place.line.map_or_else(|| place.path.to_string(), |line| format!("{}:{line}", place.path)))
        .collect();
    let mut entry = json!({
        "SPDXID": id,
        "name": name(package),
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "sourceInfo": format!("named in {}", places.join(", ")),
    });
    if !package.version.is_empty() {
        entry["versionInfo"] = json!(package.version);
    }
    if let Some(purl) = purl(package) {
        entry["externalRefs"] = json!([{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]);
    }
    entry
}
