//! `carat score` of many targets: each ends as a result or as a reason, and the others go on.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal as _, Write as _};
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use carat_checks::scorecard::Selection;
use futures::{FutureExt as _, StreamExt as _, stream};
use jiff::Timestamp;

use super::args::Score;
use super::output::Output;
use super::targets::Targets;
use crate::collect::Progress;
use crate::engine::{Request, Run, Session, as_of};
use crate::error::Error;
use crate::hosts::Hosts;
use crate::report::{Failure, Format, Several, visible};
use crate::report::{Row, write_rows};

/// Where exit codes meet, the first of these wins.
const PRECEDENCE: [u8; 6] = [70, 5, 2, 3, 1, 4];

/// Scores them all.
pub(super) fn run(
    targets: Targets,
    selection: &Selection,
    arguments: &Score,
    hosts: Hosts,
    outputs: Vec<(&'static Format, Output)>,
) -> Result<ExitCode, Error> {
    if let Some((format, _)) = outputs.iter().find(|(format, _)| format.several == Several::Refused) {
        return Err(Error::Usage(format!("--format {} goes with one target", format.name)));
    }
    let waits = Arc::new(Progress::default());
    let session = Session::new(super::access::access(arguments, hosts, &waits)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::Bug(format!("no runtime: {error}")))?;
    let done = runtime.block_on(scored(&session, targets, selection, arguments, outputs));
    // What outlasted its time is not waited for.
    runtime.shutdown_background();
    done
}

async fn scored(
    session: &Session,
    targets: Targets,
    selection: &Selection,
    arguments: &Score,
    outputs: Vec<(&'static Format, Output)>,
) -> Result<ExitCode, Error> {
    let moment = arguments.as_of.unwrap_or_else(Timestamp::now);
    let (count, again) = (targets.each.len(), targets.again);
    let mut sheets: Vec<Sheet> = outputs.into_iter().map(|(format, output)| Sheet::new(format, output, arguments.details)).collect();
    let mut tally = Tally::default();
    let work = targets.each.into_iter().enumerate().map(|(at, (name, target))| async move {
        let request = |target| Request { target, selection: selection.clone(), as_of: moment, options: super::score::options(arguments) };
        let done = match target {
            Ok(target) => {
                let scored = super::score::in_time(session, request(target), Arc::default(), arguments);
                let caught = AssertUnwindSafe(scored).catch_unwind().await;
                caught.unwrap_or_else(|_| Err(Error::Bug("a panic while this target was scored".to_owned())))
            }
            Err(error) => Err(error),
        };
        (at, name, done)
    });
    let mut ends = stream::iter(work).buffer_unordered(arguments.jobs.get());
    let bar = (!arguments.quiet && io::stderr().is_terminal()).then(super::score::new_bar);
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    loop {
        let (at, name, done) = tokio::select! {
            end = ends.next() => match end {
                Some(end) => end,
                None => break,
            },
            _ = tick.tick(), if bar.is_some() => {
                if let Some(bar) = &bar {
                    bar.set_message(format!("{} of {count}, {} failed", tally.scored + tally.failed, tally.failed));
                    bar.tick();
                }
                continue;
            }
        };
        let take = || match done {
            Ok(mut run) => {
                // What was asked is asked for all of them; no one target has a bill of its own.
                run.bill = None;
                tally.took(&name, &run, arguments);
                sheets.iter_mut().try_for_each(|sheet| sheet.add(at, &run, arguments))
            }
            Err(error) => {
                tally.failed(&error);
                let failure = Failure { name, as_of: as_of(moment), why: error.to_string() };
                sheets.iter_mut().try_for_each(|sheet| sheet.fail(at, &failure))
            }
        };
        match &bar {
            Some(bar) => bar.suspend(take)?,
            None => take()?,
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    sheets.into_iter().try_for_each(Sheet::finish)?;
    if let Some(bill) = session.bill().filter(|_| arguments.verbose) {
        super::score::say_what_was_asked(&bill, &mut io::stderr().lock());
    }
    if !arguments.quiet {
        tally.say(&again);
    }
    let code = PRECEDENCE.into_iter().find(|code| tally.codes.contains(code)).unwrap_or_default();
    Ok(ExitCode::from(code))
}

/// What became of the targets.
#[derive(Default)]
struct Tally {
    scored: usize,
    failed: usize,
    codes: BTreeSet<u8>,
    /// By the name and revision of a repository, as what it was asked for.
    names: BTreeMap<(String, Option<String>), String>,
    notes: Vec<String>,
    /// The first source of advisories that is too old.
    stale: Option<(String, i64)>,
}

impl Tally {
    fn took(&mut self, asked: &str, run: &Run, arguments: &Score) {
        self.scored += 1;
        self.codes.insert(super::score::gates(run, arguments));
        self.stale = self.stale.take().or_else(|| super::score::stale(&run.saved.evidence, arguments.max_advisory_age));
        let repository = &run.scorecard.repository;
        let key = (repository.name.to_lowercase(), repository.revision.clone());
        if let Some(other) = self.names.insert(key, asked.to_owned()) {
            self.notes.push(format!("{other} and {asked} are one repository, {}", repository.name));
        }
    }

    fn failed(&mut self, error: &Error) {
        self.failed += 1;
        self.codes.insert(error.exit_code());
    }

    fn say(&self, again: &[String]) {
        if let Some((name, days)) = &self.stale {
            super::score::say_stale(name, *days);
        }
        let mut stderr = io::stderr().lock();
        for name in again {
            let _ = writeln!(stderr, "note: {} is listed more than once; it is scored once", visible(name));
        }
        for note in &self.notes {
            let _ = writeln!(stderr, "note: {}", visible(note));
        }
        let (scored, failed, skipped) = (self.scored, self.failed, again.len());
        let listed = scored + failed + skipped;
        let _ = writeln!(stderr, "{listed} listed = {scored} scored + {failed} failed + {skipped} skipped");
    }
}

/// One output, and what is kept until its turn comes: texts, never runs.
struct Sheet {
    format: &'static Format,
    output: Output,
    details: bool,
    texts: BTreeMap<usize, Vec<u8>>,
    rows: BTreeMap<usize, Row>,
    failures: BTreeMap<usize, Vec<u8>>,
    width: u16,
}

impl Sheet {
    fn new(format: &'static Format, output: Output, details: bool) -> Self {
        let width = super::width();
        Self { format, output, details, texts: BTreeMap::new(), rows: BTreeMap::new(), failures: BTreeMap::new(), width }
    }

    fn add(&mut self, at: usize, run: &Run, arguments: &Score) -> Result<(), Error> {
        if self.format.several == Several::Rows && !self.details {
            self.rows.insert(at, Row::new(&run.scorecard));
            return Ok(());
        }
        let look = super::score::look(&self.output, arguments, run);
        let mut text = Vec::new();
        self.format.write(run, &look, &mut text).map_err(in_memory)?;
        self.put(at, text)
    }

    fn fail(&mut self, at: usize, failure: &Failure) -> Result<(), Error> {
        let mut text = Vec::new();
        self.format.write_failure(failure, &mut text).map_err(in_memory)?;
        if self.format.several == Several::Rows {
            self.failures.insert(at, text);
            return Ok(());
        }
        self.put(at, text)
    }

    fn put(&mut self, at: usize, text: Vec<u8>) -> Result<(), Error> {
        if self.format.several == Several::Lines {
            return self.output.append(&text);
        }
        self.texts.insert(at, text);
        Ok(())
    }

    fn finish(self) -> Result<(), Error> {
        let Self { format, output, texts, rows, failures, width, .. } = self;
        output.write(|out| match format.several {
            Several::Array => {
                let mut before: &[u8] = b"[";
                for text in texts.values() {
                    out.write_all(before)?;
                    out.write_all(text.trim_ascii_end())?;
                    before = b",\n";
                }
                out.write_all(b"]\n")
            }
            Several::Rows => {
                write_rows(rows.values(), width, out)?;
                let mut between: &[u8] = b"";
                for text in texts.values() {
                    out.write_all(between)?;
                    out.write_all(text)?;
                    between = b"\n";
                }
                if !(failures.is_empty() || rows.is_empty() && texts.is_empty()) {
                    out.write_all(b"\n")?;
                }
                failures.values().try_for_each(|text| out.write_all(text))
            }
            Several::Lines | Several::Refused => Ok(()),
        })
    }
}

fn in_memory(source: io::Error) -> Error {
    Error::Output { what: "a result".to_owned(), source }
}
