//! `carat score --plan`.

use std::fmt::Write as _;
use std::process::ExitCode;

use carat_checks::evidence::Facet;
use carat_checks::scorecard::Selection;

use super::args::{AdvisorySource, Score};
use super::output;
use super::targets::Targets;
use crate::advisories::Database;
use crate::collect::{Options, Requests};
use crate::engine::plan;
use crate::error::Error;
use crate::hosts::Hosts;
use crate::report::visible;
use crate::target::Target;

/// Says what would be asked.
pub(super) fn run(target: &Target, selection: &Selection, hosts: &Hosts, arguments: &Score) -> Result<ExitCode, Error> {
    let options = Options { commit_depth: arguments.commit_depth, ..Options::default() };
    let mut plan = plan(target, selection, hosts, &options);
    let asks_osv = asks_osv(target, selection, arguments);
    if !asks_osv {
        plan.facets.remove(&Facet::Advisories);
    }
    let mut text = match target {
        Target::Local(local) => {
            let who = if asks_osv { "only OSV" } else { "nobody" };
            format!("{}, a folder on this machine: {who} would be asked\n", visible(&local.path.display().to_string()))
        }
        Target::Remote(remote) => format!("{}, which nobody was asked about yet\n", visible(&remote.full_name())),
    };
    let named = |facets: &mut dyn Iterator<Item = &Facet>| facets.map(|facet| format!("  {}\n", facet.phrase())).collect::<String>();
    if matches!(target, Target::Remote(_)) {
        let (expected, most) = (&plan.price.expected, &plan.price.most);
        text.push('\n');
        for (what, expected, most) in rows(expected, most) {
            let _ = match expected == most {
                true => writeln!(text, "{what:<28}{expected:>4}"),
                false => writeln!(text, "{what:<28}{expected:>4}, at most {most}"),
            };
        }
        if asks_osv {
            text.push_str(OSV);
        }
        if expected.points > 0 {
            text.push_str("Retries would come on top. An hour of a token is worth 5,000 points of GraphQL and 5,000 requests of REST.\n");
        }
    }
    let is_host = |facet: &&Facet| !Facet::FROM_FILES.contains(facet);
    for (heading, facets) in [
        ("Looked at in the files", named(&mut plan.facets.iter().filter(|facet| !is_host(facet)))),
        ("Asked for", named(&mut plan.facets.iter().filter(is_host))),
        ("Asked for if something gives rise to it", named(&mut plan.later.iter())),
        ("Not asked for, because it needs a token", named(&mut plan.without_token.iter())),
    ] {
        if !facets.is_empty() {
            let _ = write!(text, "\n{heading}\n{facets}");
        }
    }
    output::standard(|out| out.write_all(text.as_bytes()))
}

/// Says what would be asked about several targets, taken together.
pub(super) fn several(targets: &Targets, selection: &Selection, hosts: &Hosts, arguments: &Score) -> Result<ExitCode, Error> {
    let options = Options { commit_depth: arguments.commit_depth, ..Options::default() };
    let (mut expected, mut most) = (Requests::default(), Requests::default());
    let good = || targets.each.iter().filter_map(|(_, target)| target.as_ref().ok());
    for target in good() {
        let price = plan(target, selection, hosts, &options).price;
        for (sum, one) in [(&mut expected, &price.expected), (&mut most, &price.most)] {
            sum.graphql += one.graphql;
            sum.points += one.points;
            sum.rest += one.rest;
            sum.git += one.git;
            sum.badge += one.badge;
            // The list is asked for once, however many there are.
            sum.oss_fuzz = sum.oss_fuzz.max(one.oss_fuzz);
        }
    }
    let mut text = format!("{} targets, which nobody was asked about yet\n", good().count());
    for note in targets.notes() {
        let _ = writeln!(text, "{}", visible(&note));
    }
    for (name, target) in &targets.each {
        if let Err(error) = target {
            let _ = writeln!(text, "{} would fail: {}", visible(name), visible(&error.to_string()));
        }
    }
    text.push('\n');
    for (what, expected, most) in rows(&expected, &most) {
        let _ = writeln!(text, "{what:<28}{expected:>8}, at most {most}");
    }
    if let Some(least) = least_minutes(&expected) {
        let _ = writeln!(text, "By GitHub's limits for one token that takes {least} minutes at least.");
    }
    if good().any(|target| asks_osv(target, selection, arguments)) {
        text.push_str(OSV);
    }
    output::standard(|out| out.write_all(text.as_bytes()))
}

/// For how many minutes the limits of a token last a run: those of an hour, once they are used up, and those of a minute
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>). `None` where that is no time.
fn least_minutes(expected: &Requests) -> Option<u64> {
    const HOUR: u64 = 5_000;
    const MOST_REST: u64 = 850;
    const MOST_GRAPHQL: u64 = 1_900;
    let by_hour = (expected.points.max(expected.rest).saturating_sub(1) / HOUR) * 60;
    let by_minute = (expected.rest / MOST_REST).max(expected.graphql / MOST_GRAPHQL);
    Some(by_hour.max(by_minute)).filter(|minutes| *minutes > 0)
}

/// What is told of OSV's requests, whose number depends on what is found.
const OSV: &str = "OSV: 1 for every 1,000 packages of a repository, and 1 for each advisory that it names and that is not kept yet\n";

/// Whether OSV's service would be asked about a target's packages.
fn asks_osv(target: &Target, selection: &Selection, arguments: &Score) -> bool {
    let has_database = || {
        let folder = super::access::advisories(arguments.database.as_deref());
        folder.is_some_and(|folder| Database::open(&folder).is_ok_and(|database| database.is_some()))
    };
    let by_default = || matches!(target, Target::Remote(_)) && !has_database();
    let wants = selection.wants().contains(&Facet::Advisories) && !arguments.offline;
    wants
        && match arguments.advisories {
            Some(AdvisorySource::Api) => true,
            Some(AdvisorySource::Local) => false,
            None => by_default(),
        }
}

fn rows(expected: &Requests, most: &Requests) -> Vec<(&'static str, u64, u64)> {
    let rows = [
        ("GraphQL documents", expected.graphql, most.graphql),
        ("  points of them", expected.points, most.points),
        ("REST requests", expected.rest, most.rest),
        ("Git requests", expected.git, most.git),
        ("Badge service", expected.badge, most.badge),
        ("List of OSS-Fuzz (one a day)", expected.oss_fuzz, most.oss_fuzz),
    ];
    rows.into_iter().filter(|(.., most)| *most > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_take_their_time() {
        let of = |points, rest, graphql| least_minutes(&Requests { points, rest, graphql, ..Requests::default() });
        assert_eq!(of(15, 25, 10), None);
        assert_eq!(of(3_000, 2_500, 2_000), Some(2));
        assert_eq!(of(5_000, 5_000, 4_000), Some(5));
        assert_eq!(of(15_000, 10_000, 9_000), Some(120));
    }
}
