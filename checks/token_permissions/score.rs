//! The score, from the findings in their order: those of the jobs of all files come before those of the files.

use std::collections::BTreeSet;

use super::{JOB, TOP, UNKNOWN};
use crate::check::{Detail, Level, Verdict, gaps};
use crate::finding::{Finding, Outcome, Value};
use crate::path::RepoPath;
use crate::workflow::unscored;

/// Points are counted in halves.
const FULL: i32 = 20;

/// What it costs, in halves of a point, if all jobs of a workflow may write to a scope.
fn cost(scope: &str) -> i32 {
    match scope {
        "checks" | "statuses" => 1,
        "deployments" | "security-events" => 2,
        "contents" | "packages" | "actions" => FULL,
        _ => 0,
    }
}

fn value<'a>(finding: &'a Finding, name: &str) -> &'a str {
    match finding.values.get(name) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

#[derive(Default)]
struct Sum<'a> {
    off: i32,
    /// Some workflow has no permissions of its own, and a job neither.
    open: bool,
    undeclared: BTreeSet<&'a RepoPath>,
    writing: BTreeSet<&'a RepoPath>,
    details: Vec<Detail>,
}

impl<'a> Sum<'a> {
    /// Takes a finding; whether it ends the evaluation.
    fn take(&mut self, finding: &'a Finding) -> bool {
        let path = finding.location.as_ref().map(|location| &location.path);
        let of_job = finding.probe == JOB.id;
        let in_file = |files: &BTreeSet<&RepoPath>| path.is_some_and(|path| files.contains(path));
        let mut ends = false;
        let level = match (finding.outcome, value(finding, "permissionLevel")) {
            (_, "none" | "read") => Level::Info,
            (_, "undeclared") if of_job => {
                self.undeclared.extend(path);
                Level::Debug
            }
            (_, "write") if of_job => {
                self.writing.extend(path);
                Level::Warn
            }
            (_, "undeclared") => {
                if in_file(&self.undeclared) {
                    self.open = true;
                    self.off = FULL.max(self.off);
                } else {
                    self.off += 1;
                }
                Level::Warn
            }
            (_, "write") => {
                match value(finding, "tokenName") {
                    "write-all" => {
                        ends = in_file(&self.writing) || in_file(&self.undeclared);
                        self.off += if ends { FULL } else { 1 };
                    }
                    scope => self.off += cost(scope),
                }
                Level::Warn
            }
            (Outcome::Error, _) => Level::Warn,
            _ => Level::Debug,
        };
        if path.is_some() {
            self.details.push(Detail::of(finding, level));
        }
        ends
    }
}

pub(super) fn verdict(findings: &[Finding]) -> Verdict {
    let is_told = |finding: &&Finding| finding.outcome == Outcome::False && finding.location.is_some();
    let unknown = findings.iter().filter(|finding| finding.probe == UNKNOWN.id).filter(is_told);
    let mut sum = Sum::default();
    sum.details.extend(unknown.map(|finding| Detail::of(finding, Level::Debug)));
    let of = |id| findings.iter().filter(move |finding| finding.probe == id);
    let ended = of(JOB.id).chain(of(TOP.id)).any(|finding| sum.take(finding));
    let Sum { off, open, writing, mut details, .. } = sum;
    if let Some(verdict) = unscored(findings, || details.clone()) {
        return verdict;
    }
    if !ended && writing.is_empty() {
        details.push(Detail { level: Level::Info, text: "no job of a workflow may write to what matters".to_owned(), location: None });
    }
    let score = u8::try_from((FULL - off).max(0) / 2).unwrap_or(0);
    let reason = match off {
        0 => "workflows ask for no more permissions than they need",
        _ if ended => "a workflow lets all its jobs write everything",
        _ if open => "a workflow and a job of it name no permissions",
        FULL.. => "a workflow lets all its jobs write",
        _ => "workflows let all their jobs do more than they need",
    };
    Verdict::scored(score, reason, details).limited(0, score, gaps(findings))
}
