//! What it costs to ask: known before anything is asked.

use std::collections::BTreeSet;

use carat_checks::evidence::Facet;

use crate::collect::{Price, Requests};

/// What the facets of one repository cost, of which so many commits are looked at. `later` are those that answers may
/// give rise to.
///
/// Points follow GitHub's formula: the number of connections that are asked for, a hundred of them a point, and one at
/// least. <https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>
pub(crate) fn price(facets: &BTreeSet<Facet>, later: &BTreeSet<Facet>, depth: usize) -> Price {
    let wants = |facet: Facet| facets.contains(&facet);
    let may = |facet: Facet| facets.contains(&facet) || later.contains(&facet);
    let number = |yes: bool| u64::from(yes);
    let a_commit = match (wants(Facet::CheckRuns), wants(Facet::Commits)) {
        (true, _) => 5,
        (false, true) => 3,
        (false, false) => 0,
    };
    let pages = if a_commit > 0 { depth.div_ceil(100).max(1) } else { 1 };
    let connections = depth * a_commit
        + usize::from(a_commit > 0)
        + usize::from(wants(Facet::Issues)) * 31
        + usize::from(wants(Facet::Branches)) * 41
        + usize::from(wants(Facet::Languages));
    let points = connections.div_ceil(100).max(pages) as u64;
    let pages = pages as u64;
    let second = [Facet::Branches, Facet::Employers].into_iter().any(wants) || may(Facet::Employers);
    let may_second = second || may(Facet::BotCommits) || may(Facet::OwnerPolicy);
    let lists: u64 = [Facet::Releases, Facet::Contributors, Facet::Webhooks].into_iter().map(|facet| number(wants(facet))).sum();
    let runs = number(may(Facet::WorkflowRuns));
    let expected = Requests { graphql: pages + number(second), points: points + number(second), rest: lists + runs, ..Requests::default() };
    let most = Requests {
        // A further page of rulesets, or a policy in an unusual place.
        graphql: pages + number(may_second) + number(may(Facet::Branches) || may(Facet::OwnerPolicy)),
        points: points + number(may_second) + number(may(Facet::Branches) || may(Facet::OwnerPolicy)),
        // Ten workflows that may publish, one that checks Gradle's wrapper, and a search for commits.
        rest: lists + runs * 11 + number(may(Facet::BotCommits)),
        ..Requests::default()
    };
    Price { expected, most }
}
