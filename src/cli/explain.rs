//! `carat explain`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use carat_checks::check::Check;
use carat_checks::evidence::Facet;
use carat_checks::probe::ProbeMeta;
use carat_checks::{CHECKS, probes};
use termimad::MadSkin;

use super::output;
use super::score::unknown;
use crate::error::Error;

pub(super) fn run(name: &str) -> Result<ExitCode, Error> {
    let text = if let Some(check) = CHECKS.iter().find(|check| check.meta().name.eq_ignore_ascii_case(name)) {
        of_check(*check)
    } else if let Some(probe) = probes().find(|probe| probe.meta().id.eq_ignore_ascii_case(name)) {
        of_probe(probe.meta())
    } else {
        let known = CHECKS.iter().map(|check| check.meta().name).chain(probes().map(|probe| probe.meta().id));
        return Err(unknown("check or probe", name, known, "carat checks"));
    };
    output::standard(|out| {
        let stdout = std::io::stdout();
        if !stdout.is_terminal() {
            return out.write_all(text.as_bytes());
        }
        let skin = if super::colour(&stdout) { MadSkin::default() } else { MadSkin::no_style() };
        let width = usize::from(super::width().min(100));
        write!(out, "{}", skin.text(&flowing(&text), Some(width)))
    })
}

/// The text with each paragraph and each item of a list in one line, for a renderer that keeps line ends.
fn flowing(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let (mut in_code, mut open) = (false, false);
    for line in markdown.lines() {
        let fence = line.trim_start().starts_with("```");
        let begins = line.is_empty() || fence || line.starts_with(['#', '|', '>']) || is_item(line);
        if !out.is_empty() {
            out.push(if open && !begins { ' ' } else { '\n' });
        }
        in_code ^= fence;
        out.push_str(if open && !begins { line.trim_start() } else { line });
        // What can go on in the next line: text and items, nothing else.
        open = !in_code && !fence && !line.is_empty() && !line.starts_with(['#', '|', '>']);
    }
    out.push('\n');
    out
}

/// Whether a line begins an item of a list.
fn is_item(line: &str) -> bool {
    let text = line.trim_start();
    let numbered = text.trim_start_matches(|c: char| c.is_ascii_digit());
    text.starts_with("* ") || text.starts_with("- ") || (numbered.len() < text.len() && numbered.starts_with(". "))
}

/// A check's documentation, with its risk, weight, the facts that it rests on, and its probes.
fn of_check(check: &dyn Check) -> String {
    let meta = check.meta();
    let body = meta.readme.split_once('\n').filter(|(title, _)| title.starts_with("# ")).map_or(meta.readme, |(_, body)| body);
    let mut text = format!(
        "# {}\n\n{}\n\nRisk {}, weight {} in the total.\n\n{}\n",
        meta.name,
        meta.short,
        meta.risk.as_str(),
        meta.risk.weight(),
        body.trim()
    );
    text.push_str(&rests_on(check));
    if !check.probes().is_empty() {
        text.push_str("\n## Probes\n\n");
        for probe in check.probes() {
            let _ = writeln!(text, "* `{}`: {}", probe.meta().id, probe.meta().question);
        }
    }
    text
}

/// The facts that a check rests on, and who sees them; nothing for a check without probes.
fn rests_on(check: &dyn Check) -> String {
    let probes = || check.probes().iter();
    let needs: BTreeSet<Facet> = probes().flat_map(|probe| probe.meta().needs).copied().collect();
    let uses: BTreeSet<Facet> = probes().flat_map(|probe| probe.meta().uses).copied().collect();
    let asks: BTreeSet<Facet> = probes().flat_map(|probe| probe.may_ask()).copied().collect();
    let uses: BTreeSet<Facet> = uses.difference(&needs).copied().collect();
    let asks: BTreeSet<Facet> = asks.difference(&(&needs | &uses)).copied().collect();
    let mut text = String::new();
    for (heading, facets) in [("It needs", &needs), ("It uses, if it can", &uses), ("It asks for, if something gives rise to it", &asks)] {
        if facets.is_empty() {
            continue;
        }
        let _ = write!(text, "\n{heading}:\n\n");
        let is_file = |facet: &&Facet| Facet::FROM_FILES.contains(facet);
        let files: Vec<&str> = facets.iter().filter(is_file).map(|facet| facet.phrase()).collect();
        if !files.is_empty() {
            let _ = writeln!(text, "* {}.", files.join(", "));
        }
        for facet in facets.iter().filter(|facet| !is_file(facet)) {
            let from = match facet.permission() {
                None => "From a service, without a token.".to_owned(),
                Some(permission) if facet.is_kept_back() => format!("From the host, with a token; all of it takes {permission}."),
                Some(permission) => format!("From the host, with a token; in a private repository it takes {permission}."),
            };
            let _ = writeln!(text, "* {}. {from}", facet.phrase());
        }
    }
    if text.is_empty() { text } else { format!("\n## What it rests on\n{text}") }
}

fn of_probe(meta: &ProbeMeta) -> String {
    let mut text = format!("# {}\n\nTrue if {}.\n", meta.id, meta.question);
    match meta.good {
        Some(good) => {
            let _ = write!(text, "\nThe good outcome is `{}`.\n\n## How to fix it\n\n{}\n", good.as_str(), meta.remedy);
        }
        None => text.push_str("\nNeither outcome is good or bad.\n"),
    }
    let checks: Vec<&str> = CHECKS
        .iter()
        .filter(|check| check.probes().iter().any(|probe| probe.meta().id == meta.id))
        .map(|check| check.meta().name)
        .collect();
    match checks.as_slice() {
        [] => {
            let _ = write!(text, "\nNo check scores it; `carat score PATH --probes {}` runs it.\n", meta.id);
        }
        names => {
            let _ = write!(text, "\nScored by {}.\n", names.join(", "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_items_become_one_line_and_the_rest_stays() {
        let text = "# A\n\none\ntwo\n* item\n  goes on\n* next\n\n```text\na\nb\n```\nafter\n| x |\n|---|\n1. first\n   more\n";
        let want = "# A\n\none two\n* item goes on\n* next\n\n```text\na\nb\n```\nafter\n| x |\n|---|\n1. first more\n";
        assert_eq!(flowing(text), want);
    }
}
