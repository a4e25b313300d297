//! What is known of the vulnerabilities of the packages, once those are known.

use std::sync::Arc;

use carat_checks::evidence::{Cause, Evidence, Facet, Fact};

use jiff::Timestamp;

use super::Session;
use super::session::AdvisoriesFrom;
use crate::advisories::Database;
use crate::collect::advisories;

/// From where advisories come.
pub(super) enum Source {
    Database(Arc<Database>),
    Service,
}

/// The database if there is one, else the service, for repositories on hosts; for what is on this machine nobody is told
/// its packages unless the user wants it.
pub(super) fn source(session: &Session, is_remote: bool) -> Result<Source, Cause> {
    let access = &session.access;
    let service = if access.offline { Err(Cause::Offline) } else { Ok(Source::Service) };
    match access.advisories {
        Some(AdvisoriesFrom::Api) => service,
        wanted => match session.database()? {
            Some(database) => Ok(Source::Database(database)),
            None if wanted.is_none() && is_remote && service.is_ok() => service,
            None => Err(Cause::NoDatabase),
        },
    }
}

/// Adds to evidence what the service tells of its packages.
pub(super) async fn ask(session: &Session, mut evidence: Evidence, is_remote: bool, now: Timestamp) -> Evidence {
    let Fact::Known(inventory) = &evidence.packages else { return evidence };
    // A folder's commit is nothing that the reference would look up.
    let own = evidence.repository.commit.as_deref().filter(|_| is_remote);
    let found = match session.client() {
        Ok(client) => advisories::ask(client, &session.cache, &session.access.osv, inventory, own, now).await,
        Err(error) => Err(Cause::Failed { why: error.to_string() }),
    };
    evidence.advisories = Fact::of(Facet::Advisories, found);
    evidence
}

/// Adds to evidence what a database tells of its packages, on the threads of the `rayon` pool from which it is called.
pub(super) fn look_up(database: &Database, evidence: &mut Evidence, now: Timestamp) {
    let Fact::Known(inventory) = &evidence.packages else { return };
    let found = advisories::look_up(database, inventory, now).map_err(|error| Cause::Failed { why: error.to_string() });
    evidence.advisories = Fact::of(Facet::Advisories, found);
}
