//! `carat score` of many targets: each ends as a result or as a reason, and the others go on.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use carat_checks::scorecard::Selection;
use futures::{FutureExt as _, StreamExt as _, stream};
use jiff::Timestamp;

use super::args::Score;
use super::output::Output;
use super::progress::{Lines, Screen};
use super::targets::Targets;
use crate::collect::Progress;
use crate::engine::{Request, Run, Session, as_of};
use crate::error::Error;
use crate::report::{Failure, Format, Row, Several, thousands, visible, write_rows};
use crate::target::{Owner, Target};

/// Where exit codes meet, the first of these wins.
const PRECEDENCE: [u8; 7] = [130, 70, 5, 2, 3, 1, 4];

/// Scores all targets that the user named and listed.
pub(super) fn run(selection: &Selection, arguments: &Score) -> Result<ExitCode, Error> {
    let hosts = super::access::hosts(arguments)?;
    let owners: Vec<Owner> = arguments.orgs.iter().map(|typed| Owner::parse(typed, &hosts)).collect::<Result<_, _>>()?;
    let mut targets = super::targets::read(arguments, &hosts)?;
    let outputs = super::score::outputs(arguments)?;
    if let Some((format, _)) = outputs.iter().find(|(format, _)| format.several == Several::Refused) {
        return Err(Error::Usage(format!("--format {} goes with one target", format.name)));
    }
    let (waits, screen) = (Arc::new(Progress::default()), Screen::new(arguments.quiet));
    let session = Session::new(super::access::access(arguments, hosts.clone(), &waits, &screen)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::Bug(format!("no runtime: {error}")))?;
    let done = runtime.block_on(async {
        super::owners::add(&session, &owners, arguments, &mut targets).await?;
        if arguments.plan {
            return super::plan::several(&targets, selection, &hosts, arguments);
        }
        let moment = arguments.as_of.unwrap_or_else(Timestamp::now);
        let score = async |target, progress| {
            let request = Request { target, selection: selection.clone(), as_of: moment, options: super::score::options(arguments) };
            super::score::in_time(&session, request, progress, arguments).await
        };
        let code = each(targets, moment, arguments, outputs, &screen, score).await?;
        if let Some(bill) = session.bill().filter(|_| arguments.verbose) {
            super::score::say_what_was_asked(&bill, &mut io::stderr().lock());
        }
        Ok(code)
    });
    // What outlasted its time is not waited for.
    runtime.shutdown_background();
    done
}

/// What happens next.
enum Next<T> {
    Ended(T),
    AllEnded,
    Tick,
    Interrupt,
}

/// Has each target scored, and writes what becomes of it.
async fn each(
    targets: Targets,
    moment: Timestamp,
    arguments: &Score,
    outputs: Vec<(&'static Format, Output)>,
    screen: &Screen,
    score: impl AsyncFn(Target, Arc<Progress>) -> Result<Run, Error>,
) -> Result<ExitCode, Error> {
    let (count, skipped, notes) = (targets.each.len(), targets.skipped(), targets.notes());
    let mut sheets: Vec<Sheet> = outputs.into_iter().map(|(format, output)| Sheet::new(format, output, arguments.details)).collect();
    let mut tally = Tally { skipped, notes, ..Tally::default() };
    let in_work = RefCell::new(BTreeMap::new());
    let (score, shown) = (&score, &in_work);
    let work = targets.each.into_iter().enumerate().map(|(at, (name, target))| async move {
        let done = match target {
            Ok(target) => {
                let progress = Arc::new(Progress::default());
                shown.borrow_mut().insert(at, (name.clone(), Arc::clone(&progress)));
                let caught = AssertUnwindSafe(score(target, progress)).catch_unwind().await;
                shown.borrow_mut().remove(&at);
                caught.unwrap_or_else(|_| Err(Error::Bug("a panic while this target was scored".to_owned())))
            }
            Err(error) => Err(error),
        };
        (at, name, done)
    });
    let mut ends = pin!(stream::iter(work).buffer_unordered(arguments.jobs.get()));
    let mut lines = screen.is_shown.then(|| Lines::new(screen));
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    super::interrupt::ask_first();
    let is_interrupted = loop {
        let next = tokio::select! {
            biased;
            () = super::interrupt::asked() => Next::Interrupt,
            end = ends.next() => end.map_or(Next::AllEnded, Next::Ended),
            _ = tick.tick(), if lines.is_some() => Next::Tick,
        };
        let (at, name, done) = match next {
            Next::Ended(end) => end,
            Next::AllEnded => break false,
            Next::Interrupt => break true,
            Next::Tick => {
                let (ended, work) = (tally.scored + tally.failed, in_work.borrow());
                let all = format!("{} of {}, {} failed", thousands(ended), thousands(count), thousands(tally.failed));
                lines.iter_mut().for_each(|lines| lines.show(all.clone(), work.values().map(|(name, progress)| (&**name, progress))));
                continue;
            }
        };
        screen.apart(|| match done {
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
        })?;
        // Nobody would learn of the others.
        if sheets.iter().all(|sheet| !sheet.is_read) {
            return Ok(tally.code());
        }
    };
    if let Some(lines) = lines {
        lines.clear();
    }
    sheets.into_iter().try_for_each(Sheet::finish)?;
    if is_interrupted {
        tally.interrupted(count);
    }
    if !arguments.quiet {
        tally.say();
    }
    Ok(tally.code())
}

/// What became of the targets.
#[derive(Default)]
struct Tally {
    scored: usize,
    failed: usize,
    skipped: usize,
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

    /// Notes that those of so many that did not end are not scored, and says so.
    fn interrupted(&mut self, count: usize) {
        let error = Error::Interrupted;
        self.codes.insert(error.exit_code());
        let open = count - self.scored - self.failed;
        self.skipped += open;
        let _ = writeln!(io::stderr(), "error: {error}: what was complete is written; {open} of {count} targets were not done");
    }

    fn code(&self) -> ExitCode {
        ExitCode::from(PRECEDENCE.into_iter().find(|code| self.codes.contains(code)).unwrap_or_default())
    }

    fn say(&self) {
        if let Some((name, days)) = &self.stale {
            super::score::say_stale(name, *days);
        }
        let mut stderr = io::stderr().lock();
        for note in &self.notes {
            let _ = writeln!(stderr, "note: {}", visible(note));
        }
        let Self { scored, failed, skipped, .. } = self;
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
    /// Whether anybody still reads it.
    is_read: bool,
}

impl Sheet {
    fn new(format: &'static Format, output: Output, details: bool) -> Self {
        let width = super::width();
        Self { format, output, details, texts: BTreeMap::new(), rows: BTreeMap::new(), failures: BTreeMap::new(), width, is_read: true }
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
            self.is_read = self.is_read && self.output.append(&text)?;
            return Ok(());
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

#[cfg(test)]
mod tests {
    use carat_checks::CHECKS;
    use carat_checks::evidence::{Evidence, Repository, SourceKind};
    use clap::Parser as _;
    use serde_json::Value;

    use super::super::args::{Cli, Command};
    use super::*;
    use crate::hosts::Hosts;

    #[tokio::test]
    async fn a_panic_fails_its_own_target_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("all.json");
        let cli =
            Cli::try_parse_from(["carat", "score", "o/one", "o/bad", "o/two", "--quiet", "-o"].iter().copied().map(Into::into).chain([
                file.clone().into_os_string(),
                "-f".into(),
                "json".into(),
            ]));
        let Command::Score(arguments) = cli.expect("good arguments").command else { panic!("it is score") };
        let targets = super::super::targets::read(&arguments, &Hosts::default()).expect("good targets");
        let outputs = super::super::score::outputs(&arguments).expect("good outputs");
        let selection = Selection { checks: CHECKS.to_vec(), probes: Vec::new() };
        let moment = Timestamp::UNIX_EPOCH;
        let score = async |target, _| {
            let Target::Remote(remote) = target else { panic!("all are on a host") };
            // A future may panic before it waits for anything and after it.
            tokio::task::yield_now().await;
            assert_ne!(remote.name, "bad", "a bug");
            let repository =
                Repository { name: remote.full_name(), asked_as: None, commit: None, revision: None, source: SourceKind::Host };
            Ok(Run::judge(&selection, Evidence::new(repository, as_of(moment))))
        };
        let code = each(targets, moment, &arguments, outputs, &Screen::new(true), score).await.expect("it is written");
        assert_eq!(code, ExitCode::from(70));
        let all: Value = serde_json::from_slice(&std::fs::read(file).expect("it is written")).expect("JSON");
        let errors: Vec<Option<&str>> = all.as_array().expect("an array").iter().map(|entry| entry["error"].as_str()).collect();
        assert_eq!(errors.len(), 3);
        assert!(errors[0].is_none() && errors[2].is_none() && errors[1].is_some_and(|why| why.contains("bug in carat")), "{all}");
    }
}
