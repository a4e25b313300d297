//! What is known of the vulnerabilities of packages: from the database on this machine, or from OSV's service.

mod api;
mod local;

use std::collections::BTreeMap;

use carat_checks::advisories::{Affects, Record, affects};
use carat_checks::evidence::{Advisories, Hit};
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
    fn place(&mut self, record: &Record, asked: Option<&Asked<'_>>) -> usize {
        if let Some(place) = self.places.get(&record.id) {
            return *place;
        }
        let told = match asked.and_then(|asked| Some((asked.ecosystem?, asked.name))) {
            Some((ecosystem, name)) => record.told(ecosystem, name),
            None => record.told_of_none(),
        };
        let place = self.advisories.advisories.len();
        self.advisories.advisories.push(told);
        self.places.insert(record.id.clone(), place);
        place
    }

    /// Notes that an advisory concerns a package, if it does. Where somebody else has compared already, it does.
    fn add(&mut self, asked: &Asked<'_>, record: &Record, is_certain: bool) {
        let affects = asked.ecosystem.map(|ecosystem| affects(record, ecosystem, asked.name, &asked.version));
        let (fixed, unimportant) = match affects {
            Some(Affects::Yes { fixed, unimportant }) => (fixed, unimportant),
            Some(Affects::Unknown) if !is_certain => {
                self.advisories.incomparable.push((asked.file, asked.package, record.id.clone()));
                return;
            }
            Some(Affects::No) if !is_certain => return,
            _ => (None, false),
        };
        let advisory = self.place(record, Some(asked));
        self.advisories.hits.push(Hit { file: asked.file, package: asked.package, advisory, fixed, unimportant });
    }
}
