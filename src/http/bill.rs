//! What a run asked of whom.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Which service a request is for: what the bill is kept by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// A host's GraphQL interface.
    Graphql,
    /// A host's REST interface.
    Rest,
    /// Git over HTTP.
    Git,
    /// The badge service of best practices.
    Badge,
    /// The list of projects that OSS-Fuzz builds.
    OssFuzz,
    /// The database of advisories of OSV, or a mirror of it.
    Osv,
}

impl Service {
    /// Its name in bills.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Graphql => "GraphQL",
            Self::Rest => "REST",
            Self::Git => "Git",
            Self::Badge => "badge service",
            Self::OssFuzz => "list of OSS-Fuzz",
            Self::Osv => "OSV",
        }
    }
}

/// What was asked of whom in a run.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Bill {
    /// By service; one of which nothing was asked is not in it.
    pub services: BTreeMap<Service, Spent>,
}

/// What was asked of one service.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Spent {
    /// Requests that were sent, retries and redirects among them.
    pub requests: u64,
    /// How many of them were sent again because the one before failed.
    pub retries: u64,
    /// How many of them were answered "not changed", so that what was kept of a run before was used.
    #[serde(default)]
    pub unchanged: u64,
    /// What the service counts against its limit, where it counts otherwise than by requests.
    pub points: u64,
    /// Bytes of bodies received, as they came over the wire.
    pub bytes_received: u64,
    /// Bytes of bodies sent.
    pub bytes_sent: u64,
}

/// A bill that is being written.
#[derive(Default, Debug)]
pub(super) struct Ledger(Mutex<Bill>);

impl Ledger {
    pub(super) fn note(&self, service: Service, note: impl FnOnce(&mut Spent)) {
        note(self.0.lock().unwrap_or_else(PoisonError::into_inner).services.entry(service).or_default());
    }

    pub(super) fn bill(&self) -> Bill {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_is_a_map_of_services() {
        let ledger = Ledger::default();
        ledger.note(Service::OssFuzz, |spent| spent.requests += 1);
        ledger.note(Service::Graphql, |spent| spent.points += 2);
        ledger.note(Service::Graphql, |spent| spent.points += 1);
        let text = serde_json::to_string(&ledger.bill()).expect("serialises");
        assert_eq!(
            text,
            r#"{"graphql":{"requests":0,"retries":0,"unchanged":0,"points":3,"bytes_received":0,"bytes_sent":0},"oss-fuzz":{"requests":1,"retries":0,"unchanged":0,"points":0,"bytes_received":0,"bytes_sent":0}}"#
        );
        assert_eq!(serde_json::from_str::<Bill>(&text).expect("comes back"), ledger.bill());
    }
}
