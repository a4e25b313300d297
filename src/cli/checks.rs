//! `carat checks`.

use std::process::ExitCode;

use carat_checks::check::AnsweredBy;
use carat_checks::model::SCORECARD_V5;
use carat_checks::{CHECKS, UNSCORED};
use comfy_table::{ContentArrangement, Table};

use super::output;
use crate::error::Error;

pub(super) fn run() -> Result<ExitCode, Error> {
    let new_table = || {
        let mut table = Table::new();
        table.load_style(crate::report::RULED);
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(super::width()).force_no_tty();
        table
    };
    let mut checks = new_table();
    checks.set_header(["Check", "Risk", "Answered by", "Question"]);
    for check in CHECKS {
        let meta = check.meta();
        let by = match meta.answered_by {
            AnsweredBy::Files => "files",
            AnsweredBy::Advisories => "files and advisories",
            AnsweredBy::Host => "a host",
        };
        let experimental = SCORECARD_V5.experimental.iter().any(|(name, _)| *name == meta.name);
        let name = if experimental { format!("{} (experimental)", meta.name) } else { meta.name.to_owned() };
        checks.add_row([name, meta.risk.as_str().to_owned(), by.to_owned(), meta.short.to_owned()]);
    }
    let mut others = new_table();
    others.set_header(["Probe that no check scores", "Question"]);
    for probe in UNSCORED {
        let meta = probe.meta();
        others.add_row([meta.id, meta.question]);
    }
    output::standard(|out| {
        writeln!(out, "{}\n\n{}\n", lines(&checks), lines(&others))?;
        writeln!(out, "carat explain NAME tells more of a check or a probe.")
    })
}

fn lines(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
