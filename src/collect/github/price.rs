//! What it costs to ask: known before anything is asked.

use std::collections::BTreeSet;

use carat_checks::evidence::Facet;

use super::RULESET_PAGES;
use crate::collect::{Price, Requests};

/// How many commits a document shows.
const PAGE: usize = 100;

/// What the facets of one repository cost, of which so many commits are looked at. `later` are those that answers may
/// give rise to.
///
/// Points follow GitHub's formula: the number of connections that are asked for, a hundred of them a point, rounded, and
/// one at least. <https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>
pub(crate) fn price(facets: &BTreeSet<Facet>, later: &BTreeSet<Facet>, depth: usize) -> Price {
    let wants = |facet: Facet| facets.contains(&facet);
    let may = |facet: Facet| facets.contains(&facet) || later.contains(&facet);
    let number = |yes: bool| u64::from(yes);
    let a_commit = match (wants(Facet::CheckRuns), wants(Facet::Commits)) {
        (true, _) => 5,
        (false, true) => 3,
        (false, false) => 0,
    };
    let beside = usize::from(wants(Facet::Issues)) * 31 + usize::from(wants(Facet::Branches)) * 41 + usize::from(wants(Facet::Languages));
    let commits = if a_commit > 0 { depth } else { 0 };
    let pages = commits.div_ceil(PAGE).max(1);
    let points = |round_up: usize| {
        let of_page = |page: usize| {
            let commits = commits.saturating_sub(page * PAGE).min(PAGE);
            let connections = usize::from(commits > 0) + commits * a_commit + if page == 0 { beside } else { 0 };
            ((connections + round_up) / 100).max(1) as u64
        };
        (0..pages).map(of_page).sum::<u64>()
    };
    let pages = pages as u64;
    let second = [Facet::Branches, Facet::Employers].into_iter().any(wants) || may(Facet::Employers);
    let may_second = second || may(Facet::BotCommits) || may(Facet::OwnerPolicy);
    let lists: u64 = [Facet::Releases, Facet::Contributors, Facet::Webhooks].into_iter().map(|facet| number(wants(facet))).sum();
    let runs = number(may(Facet::WorkflowRuns));
    let expected =
        Requests { graphql: pages + number(second), points: points(50) + number(second), rest: lists + runs, ..Requests::default() };
    // Further pages of rulesets, of which each counts two points, or a policy in an unusual place.
    let (rulesets, policy) = (number(wants(Facet::Branches)) * RULESET_PAGES as u64, number(may(Facet::OwnerPolicy)));
    let most = Requests {
        graphql: pages + number(may_second) + rulesets + policy,
        points: points(99) + number(may_second) + 2 * rulesets + policy,
        // Ten workflows that may publish, one that checks Gradle's wrapper, and a search for commits.
        rest: lists + runs * 11 + number(may(Facet::BotCommits)),
        ..Requests::default()
    };
    Price { expected, most }
}
