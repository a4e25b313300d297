//! What is known of the vulnerabilities of the packages, once those are known.

use std::sync::Arc;

use carat_checks::evidence::{Cause, Evidence, Facet, Fact};

use super::session::AdvisoriesFrom;
use super::{Job, Session, apart};
use crate::advisories::Database;
use crate::collect::advisories;
use crate::error::Error;

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

/// Adds advisories to evidence.
pub(super) async fn collect(
    session: &Session,
    source: Result<Source, Cause>,
    mut evidence: Evidence,
    is_remote: bool,
    job: &Arc<Job>,
) -> Result<Evidence, Error> {
    let source = match source {
        Ok(source) => source,
        Err(cause) => {
            evidence.advisories = Fact::of(Facet::Advisories, Err(cause));
            return Ok(evidence);
        }
    };
    let Fact::Known(inventory) = &evidence.packages else { return Ok(evidence) };
    let inventory = Arc::clone(inventory);
    let access = &session.access;
    let now = job.request.as_of;
    // A folder's commit is nothing that the reference would look up.
    let own = evidence.repository.commit.clone().filter(|_| is_remote);
    let found = match source {
        Source::Service => match session.client() {
            Ok(client) => advisories::ask(client, &session.cache, &access.osv, &inventory, own.as_deref(), now).await,
            Err(error) => Err(Cause::Failed { why: error.to_string() }),
        },
        Source::Database(database) => {
            let job = Arc::clone(job);
            let looked_up = apart(move || job.threads.install(|| advisories::look_up(&database, &inventory, now))).await?;
            looked_up.map_err(|error| Cause::Failed { why: error.to_string() })
        }
    };
    evidence.advisories = Fact::of(Facet::Advisories, found);
    Ok(evidence)
}
