//! Look-ups in the database.

use std::collections::BTreeMap;

use carat_checks::advisories::Affects;
use carat_checks::ecosystem::Ecosystem;
use carat_checks::evidence::{Advisories, Advisory, AdvisorySource, Inventory};
use carat_checks::vulnerabilities::{Asked, asked};
use foldhash::{HashMap, HashMapExt as _};
use jiff::Timestamp;
use rayon::prelude::*;

use super::Collected;
use crate::advisories::{Database, Error};
use crate::engine::as_of;

/// What an advisory says of a package that is asked about.
struct Found {
    /// The place of that.
    at: usize,
    id: String,
    affects: Affects,
    told: Advisory,
}

/// Looks up all packages, on the threads of the `rayon` pool from which it is called.
///
/// # Errors
/// The database cannot be read.
pub(crate) fn look_up(database: &Database, inventory: &Inventory, now: Timestamp) -> Result<Advisories, Error> {
    let asked = asked(inventory, now);
    let mut collected = Collected::default();
    let mut lacking: BTreeMap<&str, usize> = BTreeMap::new();
    // The names, by ecosystem and name, and the place of the name of each that is asked about.
    let mut keys: Vec<(&str, &str)> = Vec::new();
    let mut of_names: Vec<(usize, usize)> = Vec::with_capacity(asked.len());
    let mut places: HashMap<(&str, &str), usize> = HashMap::with_capacity(asked.len());
    let mut known: Option<(&Ecosystem, bool)> = None;
    for (at, one) in asked.iter().enumerate() {
        let Some(ecosystem) = one.ecosystem else {
            collected.advisories.commits += 1;
            continue;
        };
        // Those of one file are of one ecosystem.
        if known.is_none_or(|(before, _)| before != ecosystem) {
            known = Some((ecosystem, database.has_ecosystem(ecosystem.name())));
        }
        if !known.is_some_and(|(_, is_there)| is_there) {
            *lacking.entry(ecosystem.family()).or_default() += 1;
            continue;
        }
        let key = (ecosystem.name(), one.name);
        let place = *places.entry(key).or_insert(keys.len());
        if place == keys.len() {
            keys.push(key);
        }
        of_names.push((place, at));
    }
    of_names.sort_unstable();
    database.expect(&keys);
    let of_name = |of_name: &[(usize, usize)]| -> Result<Vec<Found>, Error> {
        let mut found = Vec::new();
        let Some((ecosystem, name)) = of_name.first().and_then(|(place, _)| keys.get(*place)) else { return Ok(found) };
        for (id, said) in database.lookup(ecosystem, name)? {
            for (_, at) in of_name {
                let Asked { ecosystem: Some(ecosystem), name, version, .. } = &asked[*at] else { continue };
                let affects = said.affects(ecosystem, version);
                if affects != Affects::No {
                    let told = said.told(ecosystem, name).map_err(|error| database.damaged(&error))?;
                    found.push(Found { at: *at, id: id.clone(), affects, told });
                }
            }
        }
        Ok(found)
    };
    let names = of_names.par_chunk_by(|(one, _), (other, _)| one == other);
    let found: Vec<Vec<Found>> = names.map(of_name).collect::<Result<_, _>>()?;
    let mut found: Vec<Found> = found.into_iter().flatten().collect();
    // Of one package in the order of ids, in which they come.
    found.sort_by_key(|found| found.at);
    for Found { at, id, affects, told } in found {
        collected.add(&asked[at], &id, affects, || told);
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
