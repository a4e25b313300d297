//! What a run would ask, and what it costs: told without asking.

use std::collections::BTreeSet;

use carat_checks::evidence::Facet;
use carat_checks::scorecard::Selection;

use crate::collect::github::{self, OFFERS};
use crate::collect::{Options, Price};
use crate::hosts::{Host, Hosts};
use crate::target::Target;

/// What a run would ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What it would look at, and beside the files in any case.
    pub facets: BTreeSet<Facet>,
    /// What it would look at if answers gave rise to it.
    pub later: BTreeSet<Facet>,
    /// What nobody would be asked, for want of a token.
    pub without_token: BTreeSet<Facet>,
    /// What it costs.
    pub price: Price,
}

/// What a run would ask about a target. Nobody is asked for it.
#[must_use]
pub fn plan(target: &Target, selection: &Selection, hosts: &Hosts, options: &Options) -> Plan {
    let (mut facets, mut later) = (selection.wants(), selection.may_ask());
    later.retain(|facet| !facets.contains(facet));
    let Target::Remote(remote) = target else {
        // What only hosts know is not asked for a folder.
        facets.retain(|facet| Facet::FROM_FILES.contains(facet));
        return Plan { facets, later: BTreeSet::new(), without_token: BTreeSet::new(), price: Price::default() };
    };
    let host = hosts.find(&remote.host);
    let asks_host = host.is_some_and(Host::has_token);
    let mut without_token = BTreeSet::new();
    if !asks_host {
        without_token = facets.iter().chain(&later).copied().filter(|facet| OFFERS.contains(facet)).collect();
        facets.retain(|facet| !OFFERS.contains(facet));
        later.retain(|facet| !OFFERS.contains(facet));
    }
    let all: BTreeSet<Facet> = facets.union(&later).copied().collect();
    let mut price = if asks_host { github::price(&facets, &later, options.depth()) } else { Price::default() };
    let files = all.iter().any(|facet| Facet::FROM_FILES.contains(facet));
    for requests in [&mut price.expected, &mut price.most] {
        // Without a token Git tells which commit is the newest.
        requests.git = u64::from(files) + u64::from(!asks_host);
        requests.badge = u64::from(all.contains(&Facet::Badge));
        requests.oss_fuzz = u64::from(all.contains(&Facet::OssFuzz));
    }
    if host.is_some_and(|host| host.app.is_some()) {
        // Where the app is installed, and a token for that; both count for all repositories of an owner.
        price.most.rest += 2;
    }
    if remote.revision.is_some() {
        // A commit that was not named by a branch or tag has to be in the repository's own history. A tag that is an
        // object of its own leads to a commit that is then asked for.
        price.most.rest += u64::from(asks_host);
        price.most.git += 1;
        price.most.graphql += u64::from(asks_host);
        price.most.points += if asks_host { price.expected.points } else { 0 };
    }
    // A server of an older version is first asked what it speaks.
    price.most.git += price.expected.git;
    Plan { facets, later, without_token, price }
}
