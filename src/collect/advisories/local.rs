//! Look-ups in the database.

use std::collections::BTreeMap;

use carat_checks::evidence::{Advisories, AdvisorySource, Inventory};
use carat_checks::vulnerabilities::{Asked, asked};
use foldhash::{HashMap, HashMapExt as _};
use jiff::Timestamp;

use super::Collected;
use crate::advisories::{Database, Error};
use crate::engine::as_of;

/// Looks up all packages, on the threads of the `rayon` pool from which it is called.
///
/// # Errors
/// The database cannot be read.
pub(crate) fn look_up<'a>(database: &Database, inventory: &'a Inventory, now: Timestamp) -> Result<Advisories, Error> {
    let asked = asked(inventory, now);
    let mut collected = Collected::default();
    let mut lacking: BTreeMap<&str, usize> = BTreeMap::new();
    let mut keys: Vec<(&str, &str)> = Vec::new();
    let mut places: HashMap<(&str, &str), usize> = HashMap::with_capacity(asked.len());
    let mut place = |one: &Asked<'a>| {
        let Some(ecosystem) = one.ecosystem else {
            collected.advisories.commits += 1;
            return None;
        };
        if !database.has_ecosystem(ecosystem.name()) {
            *lacking.entry(ecosystem.family()).or_default() += 1;
            return None;
        }
        let key = (ecosystem.name(), one.name);
        Some(*places.entry(key).or_insert_with(|| {
            keys.push(key);
            keys.len() - 1
        }))
    };
    let by_name: Vec<Option<usize>> = asked.iter().map(&mut place).collect();
    let records = database.lookup_all(&keys)?;
    for (one, place) in asked.iter().zip(by_name) {
        for record in place.into_iter().flat_map(|place| &records[place]) {
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
