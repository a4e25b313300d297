//! What it costs to ask: known before anything is asked.

use std::collections::BTreeSet;

use carat_checks::evidence::Facet;

use crate::collect::{Price, Requests};

/// What the facets of one repository cost, of which so many commits are looked at; `facets` are those that may be asked
/// for, at once or later.
///
/// Points follow GitHub's formula: the number of connections that are asked for, a hundred of them a point, and one at
/// least. <https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>
pub(crate) fn price(facets: &BTreeSet<Facet>, depth: usize) -> Price {
    let wants = |facet: Facet| facets.contains(&facet);
    let second = [Facet::Branches, Facet::Employers, Facet::BotCommits, Facet::OwnerPolicy].into_iter().any(wants);
    let commits = if wants(Facet::CheckRuns) {
        5
    } else if wants(Facet::Commits) {
        3
    } else {
        0
    };
    let pages = depth.div_ceil(100).max(1);
    let connections = pages
        + depth * commits
        + usize::from(wants(Facet::Issues)) * 31
        + usize::from(wants(Facet::Branches)) * 41
        + usize::from(wants(Facet::Languages));
    let main_points = (connections as f64 / 100.0).round().max(1.0) as u64 + pages as u64 - 1;
    let rest: u64 = [Facet::Releases, Facet::Contributors, Facet::Webhooks].into_iter().map(|facet| u64::from(wants(facet))).sum();
    let runs = u64::from(wants(Facet::WorkflowRuns));
    // The main document names the commit, whatever is wanted.
    let expected = Requests {
        graphql: pages as u64 + u64::from(second),
        points: main_points + u64::from(second),
        rest: rest + runs,
        git: 1,
        ..Requests::default()
    };
    let most = Requests {
        // A page of rulesets, or a policy in an unusual place.
        graphql: expected.graphql + u64::from(second),
        points: expected.points + u64::from(second),
        rest: rest + runs * 11 + u64::from(wants(Facet::BotCommits)),
        git: 2,
        ..Requests::default()
    };
    Price { expected, most }
}
