//! `carat score`.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use carat_checks::check::Check;
use carat_checks::evidence::Evidence;
use carat_checks::model::{SCORECARD_V5, rounded};
use carat_checks::scorecard::Selection;
use carat_checks::{CHECKS, probes};
use indicatif::ProgressBar;
use jiff::Timestamp;

use super::args::Score;
use super::output::Output;
use super::progress::{Screen, doing};
use crate::collect::{Options, Progress};
use crate::engine::{self, Request, Run, Session, Threads, as_of};
use crate::error::{Error, Problem};
use crate::hosts::Hosts;
use crate::http::{Bill, Waits};
use crate::replay::Saved;
use crate::report::{FORMATS, Format, Look, thousands, visible};
use crate::target::{RemoteTarget, Target};

/// Exit codes beside those of [`Error`].
const GATE_FAILED: u8 = 1;
const INCOMPLETE: u8 = 4;

pub(super) fn run(arguments: &Score) -> Result<ExitCode, Error> {
    super::interrupt::listen()?;
    let named = selection(arguments)?;
    let are_listed = arguments.repos.is_some() || !arguments.orgs.is_empty();
    if arguments.evidence.is_none() && (are_listed || arguments.targets.len() > 1) {
        return super::many::run(&named, arguments);
    }
    let run = match (&arguments.evidence, arguments.targets.first()) {
        (Some(file), _) => {
            let saved = Saved::read(file)?;
            let by_default = saved.selection().map_err(|found| Error::Evidence { path: file.clone(), found })?;
            let mut evidence = saved.evidence;
            if let Some(moment) = arguments.as_of {
                evidence.as_of = as_of(moment);
            }
            let outputs = outputs(arguments)?;
            let selection = if names_any(arguments) { named } else { by_default };
            (Threads::new(arguments.threads).install(|| Run::judge(&selection, evidence))?, outputs)
        }
        (None, Some(target)) => {
            let hosts = super::access::hosts(arguments)?;
            let typed = target;
            let target = Target::parse(typed, arguments.commit.as_deref(), &hosts)?;
            if let (Target::Local(_), Some(other), false) = (&target, Target::also_reads_as(typed, &hosts), arguments.quiet) {
                say_what_was_meant(&other);
            }
            let outputs = outputs(arguments)?;
            if arguments.plan {
                return super::plan::run(&target, &named, &hosts, arguments);
            }
            (collected(target, named, arguments, hosts)?, outputs)
        }
        (None, None) => return Err(Error::Usage("no target: name a folder, or --evidence FILE".to_owned())),
    };
    let (run, outputs) = run;
    for (format, output) in outputs {
        let look = look(&output, arguments, &run);
        output.write(|out| format.write(&run, &look, out))?;
    }
    if let Some((name, days)) = stale(&run.saved.evidence, arguments.max_advisory_age).filter(|_| !arguments.quiet) {
        say_stale(&name, days);
    }
    let code = gates(&run, arguments);
    // The process ends here: to free tens of thousands of texts one by one first would take milliseconds.
    std::mem::forget(run);
    Ok(ExitCode::from(code))
}

/// How facts are collected.
pub(super) fn options(arguments: &Score) -> Options {
    Options {
        untracked: arguments.untracked,
        with_sources: arguments.with_sources,
        threads: arguments.threads,
        commit_depth: arguments.commit_depth,
        with_host: arguments.with_host,
        allow_unreachable: arguments.allow_unreachable,
    }
}

/// Scores a target, for no longer than it may take.
pub(super) async fn in_time(session: &Session, request: Request, progress: Arc<Progress>, arguments: &Score) -> Result<Run, Error> {
    /// How often it is seen whether a wait is over.
    const LOOK: Duration = Duration::from_millis(100);
    let most = Duration::from_secs_f64(60.0 * arguments.timeout);
    let target = request.target.clone();
    let (begun, waits) = (Instant::now(), Arc::new(Waits::default()));
    let mut scored = pin!(waits.of(engine::score(session, request, progress)));
    loop {
        let left = most.saturating_sub(begun.elapsed().saturating_sub(waits.so_far()));
        let pause = if waits.is_waiting() { left.max(LOOK) } else { left };
        if pause.is_zero() {
            break;
        }
        if let Ok(done) = tokio::time::timeout(pause, &mut scored).await {
            return done;
        }
    }
    let why = format!("it took longer than --timeout allows, {} minutes", arguments.timeout);
    Err(match target {
        Target::Local(local) => Error::Repository { path: local.path, why },
        Target::Remote(remote) => Error::Remote { name: remote.full_name(), problem: Problem::Failed { why } },
    })
}

/// Collects and judges.
fn collected(target: Target, selection: Selection, arguments: &Score, hosts: Hosts) -> Result<Run, Error> {
    let request = Request { target, selection, as_of: arguments.as_of.unwrap_or_else(Timestamp::now), options: options(arguments) };
    let begun = Instant::now();
    let progress = Arc::new(Progress::default());
    let screen = Screen::new(arguments.quiet);
    let session = Session::new(super::access::access(arguments, hosts, &progress, &screen)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::Bug(format!("no runtime: {error}")))?;
    let done = runtime.block_on(watched(&session, request, &progress, arguments, &screen));
    // What outlasted its time is not waited for.
    runtime.shutdown_background();
    let run = done?;
    if arguments.verbose {
        say_what_was_done(&run, &progress, begun.elapsed());
    }
    Ok(run)
}

/// Whether the user named checks or probes.
fn names_any(arguments: &Score) -> bool {
    arguments.experimental || [&arguments.checks, &arguments.skip, &arguments.probes].iter().any(|names| !names.is_empty())
}

/// The checks and probes that the user asked for.
fn selection(arguments: &Score) -> Result<Selection, Error> {
    let find = |name: &String| {
        CHECKS
            .into_iter()
            .find(|check| check.meta().name.eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| unknown("check", name, CHECKS.iter().map(|check| check.meta().name), "carat checks"))
    };
    let named: Vec<&'static dyn Check> = arguments.checks.iter().map(find).collect::<Result<_, _>>()?;
    let skipped: Vec<&'static dyn Check> = arguments.skip.iter().map(find).collect::<Result<_, _>>()?;
    let probes = arguments.probes.iter().map(|id| {
        let probe = probes().find(|probe| probe.meta().id.eq_ignore_ascii_case(id.trim()));
        probe.ok_or_else(|| unknown("probe", id, probes().map(|probe| probe.meta().id), "carat checks"))
    });
    let probes = probes.collect::<Result<Vec<_>, _>>()?;
    let is_in = |list: &[&'static dyn Check], check: &dyn Check| list.iter().any(|other| other.meta().name == check.meta().name);
    let by_default = |check: &dyn Check| {
        let is_in = |list: &[(&str, _)]| list.iter().any(|(name, _)| *name == check.meta().name);
        is_in(SCORECARD_V5.checks) || arguments.experimental && is_in(SCORECARD_V5.experimental)
    };
    let selected = |check: &&'static dyn Check| {
        let wanted = match (named.is_empty(), probes.is_empty()) {
            (true, true) => by_default(*check),
            (true, false) => false,
            (false, _) => is_in(&named, *check),
        };
        wanted && !is_in(&skipped, *check)
    };
    let checks: Vec<&'static dyn Check> = CHECKS.into_iter().filter(selected).collect();
    if checks.is_empty() && probes.is_empty() {
        return Err(Error::Usage("no check is left to run".to_owned()));
    }
    Ok(Selection { checks, probes })
}

/// An unknown name, and what was probably meant.
pub(super) fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>, list: &str) -> Error {
    let near = crate::nearest(name, known.map(str::to_owned), 1);
    let hint = match near.first() {
        Some(near) => format!("did you mean {near}?"),
        None => format!("{list} lists what there is"),
    };
    Error::Usage(format!("unknown {what} {name:?}; {hint}"))
}

/// The formats and the places they are written to.
pub(super) fn outputs(arguments: &Score) -> Result<Vec<(&'static Format, Output)>, Error> {
    let default = [OsString::from(FORMATS[0].name)];
    let formats = if arguments.formats.is_empty() { &default[..] } else { &arguments.formats };
    if arguments.output.is_some() && formats.len() > 1 {
        return Err(Error::Usage("--output goes with one format; write --format FORMAT=FILE for each of several".to_owned()));
    }
    let mut outputs = Vec::new();
    let mut files: Vec<&Path> = Vec::new();
    let mut standard = false;
    for typed in formats {
        let (name, file) = split(typed);
        let format = FORMATS.iter().find(|format| format.name.as_bytes() == name);
        let format = format.ok_or_else(|| {
            unknown("format", &String::from_utf8_lossy(name), FORMATS.iter().map(|format| format.name), "carat score --help")
        })?;
        let file = match (file, &arguments.output) {
            (Some(_), Some(_)) => return Err(Error::Usage("two files for one format: --output and --format FORMAT=FILE".to_owned())),
            (Some(file), None) => Some(Path::new(file)),
            (None, output) => output.as_deref(),
        };
        if file.is_some_and(|file| file.as_os_str().is_empty()) {
            return Err(Error::Usage("a format needs the name of a file behind =".to_owned()));
        }
        if let Some(twice) = file.filter(|file| files.contains(file)) {
            return Err(Error::Usage(format!("two formats for one file: {}", twice.display())));
        }
        files.extend(file);
        let output = match file {
            Some(file) => Output::file(file)?,
            None if std::mem::replace(&mut standard, true) => {
                return Err(Error::Usage(
                    "only one format can be written to standard output; give the others a file: --format FORMAT=FILE".to_owned(),
                ));
            }
            None => Output::Standard,
        };
        outputs.push((format, output));
    }
    Ok(outputs)
}

fn split(typed: &OsStr) -> (&[u8], Option<&OsStr>) {
    let bytes = typed.as_bytes();
    match bytes.iter().position(|byte| *byte == b'=') {
        Some(at) => (&bytes[..at], Some(OsStr::from_bytes(&bytes[at + 1..]))),
        None => (bytes, None),
    }
}

pub(super) fn look(output: &Output, arguments: &Score, run: &Run) -> Look {
    let stdout = io::stdout();
    let on_terminal = matches!(output, Output::Standard) && stdout.is_terminal();
    let colour = on_terminal && super::colour(&stdout);
    let folder = run.scorecard.repository.name.strip_prefix("file://").and_then(|path| Path::new(path).canonicalize().ok());
    Look {
        width: super::width(),
        colour,
        links: folder.filter(|_| colour),
        annotations: arguments.show_annotations,
        hints: on_terminal,
        details: arguments.details,
    }
}

/// Scores, and meanwhile shows how far it is.
async fn watched(session: &Session, request: Request, progress: &Arc<Progress>, arguments: &Score, screen: &Screen) -> Result<Run, Error> {
    const PATIENCE: Duration = Duration::from_millis(200);
    const TICK: Duration = Duration::from_millis(80);
    let scored = in_time(session, request, Arc::clone(progress), arguments);
    tokio::pin!(scored);
    let mut bar: Option<ProgressBar> = None;
    let mut wait = PATIENCE;
    let done = loop {
        tokio::select! {
            done = &mut scored => break done,
            () = tokio::time::sleep(wait), if screen.is_shown => {
                wait = TICK;
                let bar = bar.get_or_insert_with(|| screen.line());
                bar.set_message(doing(progress));
                bar.tick();
            }
        }
    };
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    done
}

/// A folder was there by the name of a repository: says so, and how to name the other.
fn say_what_was_meant(other: &RemoteTarget) {
    let _ = writeln!(io::stderr(), "note: that is a folder here; {} would be the repository on its host", visible(&other.full_name()));
}

fn say_what_was_done(run: &Run, progress: &Progress, took: Duration) {
    let scorecard = &run.scorecard;
    let mut stderr = io::stderr().lock();
    let _ = writeln!(
        stderr,
        "checks: {}, findings: {}, files listed: {}, dealt with: {}, ms: {}",
        scorecard.checks.len(),
        thousands(scorecard.findings.len()),
        thousands(progress.listed.load(Ordering::Relaxed)),
        thousands(progress.read.load(Ordering::Relaxed)),
        took.as_millis()
    );
    run.bill.iter().for_each(|bill| say_what_was_asked(bill, &mut stderr));
}

/// What was asked of whom.
pub(super) fn say_what_was_asked(bill: &Bill, stderr: &mut impl io::Write) {
    for (service, spent) in &bill.services {
        let mut line = format!("{}: {} requests", service.as_str(), thousands64(spent.requests));
        if spent.retries > 0 {
            line.push_str(&format!(", {} of them retries", thousands64(spent.retries)));
        }
        if spent.unchanged > 0 {
            line.push_str(&format!(", {} answered \"not changed\"", thousands64(spent.unchanged)));
        }
        if spent.points > 0 {
            line.push_str(&format!(", {} points", thousands64(spent.points)));
        }
        let _ = writeln!(stderr, "{line}, {} bytes received, {} sent", thousands64(spent.bytes_received), thousands64(spent.bytes_sent));
    }
}

fn thousands64(number: u64) -> String {
    thousands(usize::try_from(number).unwrap_or(usize::MAX))
}

/// The source of advisories that is older than it should be: its name, and the days.
pub(super) fn stale(evidence: &Evidence, most: u32) -> Option<(String, i64)> {
    let sources = &evidence.advisories.get().ok()?.sources;
    let now: Timestamp = evidence.as_of.parse().ok()?;
    let age = |as_of: &str| Some(now.duration_since(as_of.parse().ok()?).as_hours() / 24);
    let aged = sources.iter().filter_map(|source| Some((source.name.clone(), age(&source.as_of)?)));
    aged.max_by_key(|(_, days)| *days).filter(|(_, days)| *days > i64::from(most))
}

/// Says that advisories are old.
pub(super) fn say_stale(name: &str, days: i64) {
    let name = visible(name);
    let _ = writeln!(io::stderr(), "warning: the advisories of {name} are {days} days old; carat advisories update brings them up to date");
}

/// The exit code of a run that was done: a failed gate comes before incompleteness.
pub(super) fn gates(run: &Run, arguments: &Score) -> u8 {
    let total = &run.scorecard.total;
    let is_stale = arguments.require_fresh && stale(&run.saved.evidence, arguments.max_advisory_age).is_some();
    let score = if arguments.low_end { total.score.and(total.interval).map(|(low, _)| low) } else { total.score };
    if arguments.fail_under.is_some_and(|least| rounded(score) < least) {
        GATE_FAILED
    } else if is_stale || arguments.require_complete && !total.completeness.is_complete() {
        INCOMPLETE
    } else {
        0
    }
}
