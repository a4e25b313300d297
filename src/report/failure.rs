//! A target of many that could not be assessed, as an entry among the results.

use std::io::{self, Write};

use carat_checks::model::SCORECARD_V5;
use serde::Serialize;

use super::json::{Reference, reference};
use super::line::write_line;
use super::visible;

/// A target that could not be assessed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its name, as results have it.
    pub name: String,
    /// The moment as of which it was to be judged, as evidence holds it.
    pub as_of: String,
    /// Why it could not be.
    pub why: String,
}

/// The entry of a failed target: the keys of the reference, and why.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Failed<'a> {
    /// The moment of judging, as an RFC 3339 time in UTC.
    date: &'a str,
    repo: FailedRepo<'a>,
    scorecard: Reference,
    /// Always −1.0.
    score: f64,
    /// Always empty.
    checks: [(); 0],
    /// Always empty.
    metadata: [(); 0],
    /// The scoring model.
    model: &'static str,
    /// Always `failed`.
    status: &'static str,
    /// Why it could not be assessed.
    error: &'a str,
}

/// What was to be judged.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FailedRepo<'a> {
    /// `file://PATH` for a local repository, `HOST/OWNER/NAME` for one on a host.
    name: &'a str,
    /// Always `unknown`.
    commit: &'static str,
}

fn repo(failure: &Failure) -> FailedRepo<'_> {
    FailedRepo { name: &failure.name, commit: "unknown" }
}

pub(super) fn json(failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
    let failed = Failed {
        date: &failure.as_of,
        repo: repo(failure),
        scorecard: reference(),
        score: -1.0,
        checks: [],
        metadata: [],
        model: SCORECARD_V5.name,
        status: "failed",
        error: &failure.why,
    };
    write_line(&failed, out)
}

#[derive(Serialize)]
struct WithoutFindings<'a> {
    date: &'a str,
    repo: FailedRepo<'a>,
    scorecard: Reference,
    findings: [(); 0],
    error: &'a str,
}

pub(super) fn probe(failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
    let date = failure.as_of.split('T').next().unwrap_or_default();
    write_line(&WithoutFindings { date, repo: repo(failure), scorecard: reference(), findings: [], error: &failure.why }, out)
}

pub(super) fn text(failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} failed: {}", visible(&failure.name), visible(&failure.why))
}
