//! `probe`: the findings, in the reference's probe format. What lies outside the reference's scope is not in it.

use std::io::{self, Write};

use serde::Serialize;

use super::json::{Reference, Repo, Views, reference, repo};
use super::line::write_line;
use super::{Look, Run};

#[derive(Serialize)]
struct Document<'a> {
    date: &'a str,
    repo: Repo,
    scorecard: Reference,
    findings: Views<'a>,
}

pub(super) fn write(run: &Run, _: &Look, out: &mut dyn Write) -> io::Result<()> {
    let scorecard = &run.scorecard;
    let day = scorecard.as_of.split('T').next().unwrap_or_default();
    let findings = Views { findings: &scorecard.findings, extended: false };
    let document = Document { date: day, repo: repo(scorecard), scorecard: reference(), findings };
    write_line(&document, out)
}
