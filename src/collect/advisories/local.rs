//! Look-ups in the database.

use std::collections::{BTreeMap, HashMap};

use carat_checks::evidence::{Advisories, AdvisorySource, Inventory};
use carat_checks::vulnerabilities::asked;
use jiff::Timestamp;

use super::Collected;
use crate::advisories::{Database, Error};
use crate::engine::as_of;

/// Looks up all packages, on the threads of the `rayon` pool from which it is called.
///
/// # Errors
/// The database cannot be read.
pub(crate) fn look_up(database: &Database, inventory: &Inventory, now: Timestamp) -> Result<Advisories, Error> {
    let asked = asked(inventory, now);
    let mut collected = Collected::default();
    let mut lacking: BTreeMap<&str, usize> = BTreeMap::new();
    let mut keys: Vec<(&str, &str)> = Vec::new();
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    for one in &asked {
        let Some(ecosystem) = one.ecosystem else {
            collected.advisories.commits += 1;
            continue;
        };
        if database.has_ecosystem(ecosystem.name()) {
            places.entry((ecosystem.name(), one.name)).or_insert_with(|| {
                keys.push((ecosystem.name(), one.name));
                keys.len() - 1
            });
        } else {
            *lacking.entry(ecosystem.family()).or_default() += 1;
        }
    }
    let records = database.lookup_all(&keys)?;
    for one in &asked {
        let place = one.ecosystem.and_then(|ecosystem| places.get(&(ecosystem.name(), one.name)));
        for record in place.into_iter().flat_map(|place| &records[*place]) {
            collected.add(one, record, false);
        }
    }
    let mut advisories = collected.advisories;
    advisories.lacking = lacking.into_iter().map(|(ecosystem, packages)| (ecosystem.to_owned(), packages)).collect();
    let is_used = |source: &&crate::advisories::Source| keys.iter().any(|(ecosystem, _)| source.has_ecosystem(ecosystem));
    advisories.sources = database
        .sources()
        .iter()
        .filter(is_used)
        .map(|source| AdvisorySource {
            name: source.origin.from.clone(),
            as_of: as_of(source.current_at),
            etag: source.etag.clone(),
            advisories: Some(source.advisories),
        })
        .collect();
    Ok(advisories)
}
