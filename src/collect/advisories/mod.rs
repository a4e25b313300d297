//! What is known of the vulnerabilities of packages: from the database on this machine, or from OSV's service.

mod api;
mod local;

use std::collections::BTreeMap;

use carat_checks::advisories::Affects;
use carat_checks::evidence::{Advisories, Advisory, Hit};
use carat_checks::vulnerabilities::Asked;

pub(crate) use api::{ADDRESS, ask};
pub(crate) use local::look_up;

/// Puts together which packages which advisories concern.
#[derive(Default)]
struct Collected {
    advisories: Advisories,
    /// By id the place of each advisory.
    places: BTreeMap<String, usize>,
}

impl Collected {
    /// The place of an advisory, which gets one.
    fn place(&mut self, id: &str, told: impl FnOnce() -> Advisory) -> usize {
        if let Some(place) = self.places.get(id) {
            return *place;
        }
        let place = self.advisories.advisories.len();
        self.advisories.advisories.push(told());
        self.places.insert(id.to_owned(), place);
        place
    }

    /// Notes that an advisory concerns a package, if it does.
    fn add(&mut self, asked: &Asked<'_>, id: &str, affects: Affects, told: impl FnOnce() -> Advisory) {
        match affects {
            Affects::Yes { fixed, unimportant } => {
                let advisory = self.place(id, told);
                self.advisories.hits.push(Hit { file: asked.file, package: asked.package, advisory, fixed, unimportant });
            }
            Affects::Unknown => self.advisories.incomparable.push((asked.file, asked.package, id.to_owned())),
            Affects::No => {}
        }
    }
}
