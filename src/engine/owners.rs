//! What an owner has, asked before anything of it is scored.

use super::Session;
use crate::collect::Listing;
use crate::error::{Error, Problem};
use crate::hosts::without_port;
use crate::target::Owner;

/// Lists the repositories of an organisation or a user. To be run as [`super::score`] is.
///
/// # Errors
/// They cannot be listed as a whole.
pub async fn repositories(session: &Session, owner: &Owner) -> Result<Listing, Error> {
    let problem = |problem| Error::Owner { name: owner.full_name(), problem };
    if session.access.offline {
        return Err(Error::Usage("--org asks a host, --offline asks nobody: leave one of them out".to_owned()));
    }
    let Some(host) = session.access.hosts.find(&owner.host) else {
        return Err(Error::Usage(format!(
            "{} is a host that you have not configured: it cannot be asked what {} has",
            owner.host, owner.name
        )));
    };
    if let Some(variable) = host.empty_variable {
        return Err(problem(Problem::EmptyToken { variable: variable.to_owned() }));
    }
    if !host.has_token() {
        return Err(problem(Problem::NeedsToken));
    }
    session.client()?.name_host(without_port(&host.name));
    loop {
        let chosen = session.choose(host, (&owner.name, "")).await.map_err(|error| match error {
            Error::Remote { problem: why, .. } => problem(why),
            error => error,
        })?;
        match session.collector(&chosen.host)?.list(&owner.name).await {
            Err(Error::Owner { problem: Problem::BadToken { .. }, .. }) if session.refuse(host, &chosen, &owner.name) => {}
            listed => return listed,
        }
    }
}
