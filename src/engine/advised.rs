//! What is known of the vulnerabilities of the packages, once those are known.

use std::sync::Arc;

use carat_checks::evidence::{Cause, Evidence, Facet, Fact};

use super::session::AdvisoriesFrom;
use super::{Request, Session, apart, pool};
use crate::collect::advisories;
use crate::error::Error;

/// Adds advisories to evidence: from the database if there is one, else from the service, for repositories on hosts; for
/// what is on this machine nobody is told its packages unless the user wants it.
pub(super) async fn collect(session: &Session, mut evidence: Evidence, is_remote: bool, request: &Request) -> Result<Evidence, Error> {
    let Fact::Known(inventory) = &evidence.packages else { return Ok(evidence) };
    let inventory = Arc::clone(inventory);
    let access = &session.access;
    let now = request.as_of;
    // A folder's commit is nothing that the reference would look up.
    let own = evidence.repository.commit.clone().filter(|_| is_remote);
    let from_service = async {
        if access.offline {
            return Err(Cause::Offline);
        }
        let client = session.client().map_err(|error| Cause::Failed { why: error.to_string() })?;
        advisories::ask(client, &session.cache, &access.osv, &inventory, own.as_deref(), now).await
    };
    let found = match (access.advisories, session.database()) {
        (Some(AdvisoriesFrom::Api), _) => from_service.await,
        (_, Err(cause)) => Err(cause),
        (_, Ok(Some(database))) => {
            let (inventory, threads) = (Arc::clone(&inventory), request.options.threads);
            let looked_up = apart(move || Ok(pool(threads)?.install(|| advisories::look_up(&database, &inventory, now)))).await?;
            looked_up.map_err(|error| Cause::Failed { why: error.to_string() })
        }
        (None, Ok(None)) if is_remote && !access.offline => from_service.await,
        (_, Ok(None)) => Err(Cause::NoDatabase),
    };
    evidence.advisories = Fact::of(Facet::Advisories, found);
    Ok(evidence)
}
