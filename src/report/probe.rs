//! `probe`: the findings, in the reference's probe format. What lies outside the reference's scope is not in it.

use std::io::{self, Write};

use carat_checks::scorecard::Scorecard;
use serde::Serialize;

use super::Look;
use super::json::{FindingView, Reference, Repo, finding_view, reference, repo, write_line};

#[derive(Serialize)]
struct Document<'a> {
    date: &'a str,
    repo: Repo,
    scorecard: Reference,
    findings: Vec<FindingView>,
}

pub(super) fn write(scorecard: &Scorecard, _: &Look, out: &mut dyn Write) -> io::Result<()> {
    let day = scorecard.as_of.split('T').next().unwrap_or_default();
    let findings = scorecard.findings.iter().filter(|finding| !finding.extended);
    let document = Document { date: day, repo: repo(scorecard), scorecard: reference(), findings: findings.map(finding_view).collect() };
    write_line(&document, out)
}
