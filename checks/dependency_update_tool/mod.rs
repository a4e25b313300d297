#![doc = include_str!("README.md")]

use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Risk, Verdict, gaps};
use crate::evidence::{Evidence, Facet, FileEntry, Gap, Request};
use crate::finding::{Effort, Finding, Location, LocationKind, Outcome};
use crate::parse::update_tool;
use crate::path;
use crate::probe::{Probe, ProbeMeta};

/// Whether a tool keeps the dependencies up to date.
pub struct DependencyUpdateTool;

static CHECK: CheckMeta = CheckMeta {
    name: "Dependency-Update-Tool",
    risk: Risk::High,
    short: "Does a tool keep the dependencies up to date?",
    answered_by: AnsweredBy::Files,
    readme: include_str!("README.md"),
};

static CONFIGURED: ProbeMeta = ProbeMeta {
    id: "dependencyUpdateToolConfigured",
    question: "a tool that updates dependencies is configured, or has left commits",
    good: Some(Outcome::True),
    remedy: "Add .github/dependabot.yml (https://docs.github.com/code-security/dependabot), or renovate.json for Renovate \
             (https://docs.renovatebot.com).",
    effort: Effort::Low,
    needs: &[Facet::Files],
    uses: &[],
};

struct Configured;

fn configured(evidence: &Evidence) -> impl Iterator<Item = (&FileEntry, &'static str)> {
    let files = evidence.files.get().into_iter();
    files.flat_map(|files| files.offered()).filter_map(|entry| Some((entry, update_tool(entry.path.as_bytes())?)))
}

impl Check for DependencyUpdateTool {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&Configured]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        let details = Detail::of_all(findings);
        let found = findings.iter().find(|finding| finding.outcome == Outcome::True);
        if let Some(finding) = found {
            let reason = if finding.location.is_some() { "an update tool is configured" } else { "an update tool has left commits" };
            Verdict::scored(10, reason, details)
        } else {
            Verdict::scored(0, "no update tool is configured", details).limited(0, 10, gaps(findings))
        }
    }
}

impl Probe for Configured {
    fn meta(&self) -> &ProbeMeta {
        &CONFIGURED
    }

    fn may_ask(&self) -> &'static [Facet] {
        &[Facet::BotCommits]
    }

    /// Commits by a bot count where no file does.
    fn asks(&self, known: &Evidence) -> Vec<Request> {
        if known.files.get().is_ok() && configured(known).next().is_none() { vec![Facet::BotCommits.into()] } else { Vec::new() }
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let files = match evidence.files.get() {
            Ok(files) => files,
            Err(gap) => return vec![CONFIGURED.unanswered(gap)],
        };
        let findings: Vec<Finding> = configured(evidence)
            .map(|(entry, tool)| {
                Finding::new(CONFIGURED.id, Outcome::True, format!("update tool configured: {tool}"))
                    .at(Location::file(&entry.path, LocationKind::Source).at(1))
                    .value("tool", tool)
            })
            .collect();
        if !findings.is_empty() {
            return findings;
        }
        if let Some(gap) = evidence.failed(Facet::BotCommits) {
            return vec![CONFIGURED.unanswered(gap)];
        }
        if evidence.bot_commits.get().is_ok_and(|commits| commits.dependabot) {
            return vec![Finding::new(CONFIGURED.id, Outcome::True, "Dependabot has left commits").value("tool", "Dependabot")];
        }
        let unread = files.unread(|path| update_tool(path).is_some()).chain(files.unlisted(path::is_outer));
        let gaps = evidence.unseen(Facet::BotCommits).into_iter().chain(Gap::of_files(Facet::Files, unread));
        vec![Finding::new(CONFIGURED.id, Outcome::False, "no configuration of a tool that updates dependencies").without(gaps)]
    }
}
