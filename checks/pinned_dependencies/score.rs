//! The score, from counts of what is pinned.

use rayon::prelude::*;

use super::Kind;
use crate::check::{Detail, Level, Verdict, gaps};
use crate::evidence::{Cause, Facet, Gap};
use crate::finding::{Finding, Outcome, Value};

/// Things that are counted together.
struct Group {
    name: String,
    pinned: usize,
    total: usize,
    weight: usize,
}

fn text<'a>(finding: &'a Finding, name: &str) -> &'a str {
    match finding.values.get(name) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

/// What is pinned and what is not: first of actions of GitHub, then of actions of others, then of the other kinds.
fn groups(findings: &[Finding]) -> Vec<Group> {
    let mut counts = [(0_usize, 0_usize); Kind::ALL.len() + 1];
    for finding in findings {
        let (pinned, unpinned) = match finding.outcome {
            Outcome::True => (1, 0),
            Outcome::False => (0, 1),
            _ => continue,
        };
        let kind = text(finding, "dependencyType");
        let place = match (Kind::ALL.iter().position(|known| known.as_str() == kind), text(finding, "owner")) {
            (_, "GitHub") => 0,
            (_, "third party") => 1,
            (Some(kind), _) if Kind::ALL[kind] != Kind::Action => kind + 1,
            _ => continue,
        };
        counts[place].0 += pinned;
        counts[place].1 += pinned + unpinned;
    }
    let names = ["actions of GitHub", "actions of others"].into_iter().chain(Kind::ALL[1..].iter().map(|kind| plural(*kind)));
    let weights = [2, 8].into_iter().chain(std::iter::repeat(10));
    let all = names.zip(weights).zip(counts).filter(|(_, (_, total))| *total > 0);
    let mut groups: Vec<Group> =
        all.map(|((name, weight), (pinned, total))| Group { name: name.to_owned(), pinned, total, weight }).collect();
    let is_of_actions = |group: &&mut Group| group.weight < 10;
    let mut of_actions: Vec<&mut Group> = groups.iter_mut().filter(is_of_actions).collect();
    if let [one] = &mut of_actions[..] {
        one.weight = 10;
    }
    groups
}

const fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Action => "actions",
        Kind::Image => "images of containers",
        Kind::Download => "files that are fetched and run",
        Kind::Go => "commands of Go",
        Kind::Choco => "commands of Chocolatey",
        Kind::Npm => "commands of npm",
        Kind::Pip => "commands of pip",
        Kind::NuGet => "commands of NuGet",
    }
}

/// The gaps that texts leave which cannot be read.
fn unreadable(findings: &[Finding]) -> Vec<Gap> {
    let lost = findings.iter().filter(|finding| finding.outcome == Outcome::Error && finding.without.is_empty() && !finding.extended);
    let mut paths: Vec<_> = lost.filter_map(|finding| Some(&finding.location.as_ref()?.path)).collect();
    paths.dedup();
    let cause = Cause::Failed { why: "a script in it cannot be read".to_owned() };
    Gap::of_files(Facet::ShellScripts, paths.into_iter().map(|path| (path, &cause)))
}

pub(super) fn verdict(findings: &[Finding]) -> Verdict {
    let groups = groups(findings);
    let mut details: Vec<Detail> = findings
        .par_iter()
        .with_min_len(256)
        .filter_map(|finding| {
            if finding.extended {
                return Some(Detail { level: Level::Warn, text: finding.message.clone(), location: None });
            }
            let level = match finding.outcome {
                Outcome::False => Level::Warn,
                Outcome::Error if finding.without.is_empty() => Level::Info,
                Outcome::Error => Level::Warn,
                Outcome::NotSupported => Level::Debug,
                _ => return None,
            };
            Some(Detail::of(finding, level))
        })
        .collect();
    let told = |group: &Group| Detail {
        level: Level::Info,
        text: format!("{} of {} {} are pinned", group.pinned, group.total, group.name),
        location: None,
    };
    details.extend(groups.iter().map(told));
    let fatal = gaps(findings.iter().filter(|finding| finding.outcome == Outcome::Error));
    if !fatal.is_empty() {
        return Verdict::unknown(fatal, details);
    }
    let mut missing = gaps(findings);
    missing.extend(unreadable(findings));
    if groups.is_empty() {
        return if missing.is_empty() {
            Verdict::nothing_to_judge("nothing that a build fetches", details)
        } else {
            Verdict::unknown(missing, details)
        };
    }
    let sum = |of: fn(&Group) -> usize| groups.iter().map(|group| of(group) * group.weight).sum::<usize>();
    let (pinned, total) = (sum(|group| group.pinned), sum(|group| group.total));
    let score = u8::try_from(10 * pinned / total).unwrap_or(10);
    let unpinned: usize = groups.iter().map(|group| group.total - group.pinned).sum();
    let reason = match unpinned {
        0 => "all that the build fetches is pinned".to_owned(),
        1 => "1 thing that the build fetches is not pinned".to_owned(),
        _ => format!("{unpinned} things that the build fetches are not pinned"),
    };
    Verdict::scored(score, reason, details).limited(0, 10, missing)
}
