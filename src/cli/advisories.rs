//! `carat advisories`.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, Table};
use indicatif::ProgressBar;
use jiff::Timestamp;
use serde_json::json;

use super::args::{Advisories, Status, StatusFormat, Update};
use super::progress::Screen;
use super::{access, output};
use crate::advisories::{self, ARCHIVES, Database, ECOSYSTEMS, Kind, Observer, Origin, Outcome, Skipped, Source, Updated};
use crate::collect::Progress;
use crate::error::Error;
use crate::hosts::{authority_of, without_port};
use crate::http::{Client, Settings};
use crate::report::{thousands, visible};

const NOT_UP_TO_DATE: u8 = 5;

pub(super) fn run(what: &Advisories) -> Result<ExitCode, Error> {
    match what {
        Advisories::Update(arguments) => update(arguments),
        Advisories::Status(arguments) => status(arguments),
    }
}

fn folder(named: Option<&Path>) -> Result<PathBuf, Error> {
    let none = "there is no place for the advisory database: neither CARAT_ADVISORIES_DIR, XDG_DATA_HOME nor HOME names a folder";
    access::advisories(named).ok_or_else(|| Error::Usage(format!("{none}; --database names one")))
}

fn update(arguments: &Update) -> Result<ExitCode, Error> {
    super::interrupt::listen()?;
    let folder = folder(arguments.database.as_deref())?;
    let mut origins = Vec::new();
    let mut mirrors = Vec::new();
    for typed in &arguments.from {
        match advisories::origin_of(typed).map_err(|why| Error::Usage(format!("cannot read advisories from {typed:?}: {why}")))? {
            Some(origin) => origins.push(origin),
            None => mirrors.push(typed.clone()),
        }
    }
    if !arguments.ecosystems.is_empty() && !origins.is_empty() {
        let why = "--ecosystem chooses among the archives of OSV or of a mirror; a folder or a single archive is read as a whole";
        return Err(Error::Usage(why.to_owned()));
    }
    let is_new = match Database::open(&folder) {
        Ok(database) => database.is_none_or(|database| database.sources().is_empty()),
        Err(error @ (advisories::Error::Damaged { .. } | advisories::Error::OtherForm { .. })) => {
            note(&format!("{error}; what is damaged is made anew"));
            !advisories::is_readable(&folder)
        }
        Err(_) => false,
    };
    if mirrors.is_empty() && origins.is_empty() && (is_new || !arguments.ecosystems.is_empty()) {
        mirrors.push(access::variable("CARAT_OSV_ARCHIVE_URL").unwrap_or_else(|| ARCHIVES.to_owned()));
    }
    let screen = Screen::new(arguments.quiet);
    let client = Client::new(connections(arguments, &folder, &origins, &mirrors, &screen))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::Bug(format!("no runtime: {error}")))?;
    let bar = screen.is_shown.then(|| screen.line());
    let shown = Arc::new(Shown { bar: bar.clone(), verbose: arguments.verbose, failed: AtomicUsize::new(0) });
    let done = runtime.block_on(async {
        for mirror in &mirrors {
            origins.extend(archives(&client, mirror, &arguments.ecosystems).await?);
        }
        advisories::update(&client, &folder, origins, shown.clone()).await.map_err(Error::from)
    });
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let updated = done?;
    let is_skipped = |updated: &Updated| matches!(&updated.outcome, Outcome::Read(source) if source.skipped > 0);
    if !arguments.verbose && !arguments.quiet && updated.iter().any(is_skipped) {
        note("-v names what is skipped, and why; so does carat advisories status -f json");
    }
    Ok(if shown.failed.load(Ordering::Relaxed) == 0 { ExitCode::SUCCESS } else { ExitCode::from(NOT_UP_TO_DATE) })
}

/// The hosts that the user named, now or when the database was made.
fn connections(arguments: &Update, folder: &Path, origins: &[Origin], mirrors: &[String], screen: &Screen) -> Settings {
    let known = Database::open(folder).ok().flatten();
    let known = known.iter().flat_map(|database| database.sources()).map(|source| &source.origin);
    let addresses = origins.iter().chain(known).map(|origin| &origin.from).chain(mirrors);
    let named: Vec<String> =
        addresses.filter(|from| from.contains("://")).map(|address| without_port(authority_of(address)).to_owned()).collect();
    let settings = access::connections(&arguments.ca_cert, &named, 15, &Arc::new(Progress::default()), arguments.quiet, screen);
    // The archive of npm alone has some hundred megabytes.
    Settings { stream_timeout: Duration::from_secs(2 * 60 * 60), ..settings }
}

/// The archives of a server that are wanted.
async fn archives(client: &Client, server: &str, wanted: &[String]) -> Result<Vec<Origin>, Error> {
    let offered = advisories::ecosystems(client, server).await?;
    let names = match (offered, wanted) {
        (None, []) => ECOSYSTEMS.map(str::to_owned).to_vec(),
        (None, wanted) if wanted.iter().any(|name| name.eq_ignore_ascii_case("all")) => {
            return Err(Error::Usage(format!("{server} does not tell which ecosystems it has; name them one by one")));
        }
        (None, wanted) => wanted.iter().map(|name| spelled(name, &ECOSYSTEMS).unwrap_or(name).to_owned()).collect(),
        (Some(offered), []) => ECOSYSTEMS.into_iter().filter(|name| offered.iter().any(|other| other == name)).map(str::to_owned).collect(),
        (Some(offered), wanted) => chosen(&offered, wanted)?,
    };
    if names.is_empty() {
        return Err(Error::Usage(format!("{server} has none of the ecosystems that lockfiles name; --ecosystem names another")));
    }
    let origin = |ecosystem| Origin { kind: Kind::Archive, ecosystem: Some(ecosystem), from: server.to_owned() };
    Ok(names.into_iter().map(origin).collect())
}

/// Those of the ecosystems that were named, in any case.
fn chosen(offered: &[String], wanted: &[String]) -> Result<Vec<String>, Error> {
    let mut chosen: Vec<String> = Vec::new();
    for name in wanted {
        if name.eq_ignore_ascii_case("all") {
            // A release's advisories are in the archive of all releases.
            chosen.extend(offered.iter().filter(|name| !name.contains(':')).cloned());
        } else {
            let found = spelled(name, offered).ok_or_else(|| {
                let near = crate::nearest(name, offered.iter().cloned(), 1).pop();
                let hint = near.map_or_else(|| "OSV has no archive of it".to_owned(), |near| format!("did you mean {near}?"));
                Error::Usage(format!("unknown ecosystem {name:?}; {hint}"))
            })?;
            chosen.push(found.to_owned());
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    chosen.retain(|name| seen.insert(name.clone()));
    Ok(chosen)
}

fn spelled<'a>(name: &str, names: &'a [impl AsRef<str>]) -> Option<&'a str> {
    names.iter().map(AsRef::as_ref).find(|other| other.eq_ignore_ascii_case(name.trim()))
}

fn note(text: &str) {
    let _ = writeln!(io::stderr(), "note: {}", visible(text));
}

/// Shows what is done, and says on standard output what was.
struct Shown {
    bar: Option<ProgressBar>,
    verbose: bool,
    failed: AtomicUsize,
}

impl Shown {
    fn aside(&self, say: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }
}

impl Observer for Shown {
    fn doing(&self, what: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(visible(what).into_owned());
            bar.tick();
        }
    }

    fn skipped(&self, origin: &Origin, Skipped { name, why }: &Skipped) {
        if self.verbose {
            self.aside(|| {
                let _ = writeln!(io::stderr(), "{}: skipped {}: {}", visible(&origin.to_string()), visible(name), visible(why));
            });
        }
    }

    fn done(&self, updated: &Updated) {
        if matches!(updated.outcome, Outcome::Failed(_)) {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        self.aside(|| tell(updated));
    }
}

/// What became of a source.
fn tell(Updated { origin, outcome }: &Updated) {
    let origin = origin.to_string();
    let origin = visible(&origin);
    let told = match outcome {
        Outcome::Read(source) => output::standard(|out| writeln!(out, "{origin}: {}", in_words(source))),
        Outcome::Unchanged(source) => output::standard(|out| writeln!(out, "{origin}: unchanged, {}", in_words(source))),
        Outcome::Failed(why) => {
            let _ = writeln!(io::stderr(), "error: {origin}: {}; what the database had of it stays", visible(why));
            return;
        }
    };
    // Whether that can be read says nothing of the database.
    drop(told);
}

fn in_words(source: &Source) -> String {
    let mut words = format!("{} advisories, {} packages", number(source.advisories), number(source.packages));
    for (count, what) in [(source.withdrawn, "withdrawn"), (source.without_package, "of no package"), (source.skipped, "skipped")] {
        if count > 0 {
            words.push_str(&format!(", {} {what}", number(count)));
        }
    }
    words
}

fn number(number: u64) -> String {
    thousands(usize::try_from(number).unwrap_or(usize::MAX))
}

fn status(arguments: &Status) -> Result<ExitCode, Error> {
    let folder = folder(arguments.database.as_deref())?;
    let database = Database::open(&folder)?;
    let sources = database.as_ref().map(Database::sources).unwrap_or_default();
    let now = Timestamp::now();
    if arguments.format == StatusFormat::Json {
        let bytes: u64 = sources.iter().map(|source| source.bytes).sum();
        let state = json!({"database": folder.to_string_lossy(), "exists": database.is_some(), "bytes": bytes, "sources": sources});
        return output::standard(|out| writeln!(out, "{state}"));
    }
    let shown = folder.to_string_lossy();
    let shown = visible(&shown);
    if sources.is_empty() {
        return output::standard(|out| writeln!(out, "{shown}: no advisories; carat advisories update fetches them"));
    }
    let mut table = Table::new();
    table.load_style(crate::report::RULED);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(super::width()).force_no_tty();
    table.set_header(["Source", "Advisories", "Packages", "Withdrawn", "Skipped", "Size", "Age"]);
    for at in 1..7 {
        if let Some(column) = table.column_mut(at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for source in sources {
        let [advisories, packages, withdrawn, skipped] = [source.advisories, source.packages, source.withdrawn, source.skipped].map(number);
        let name = visible(&source.origin.to_string()).into_owned();
        table.add_row([name, advisories, packages, withdrawn, skipped, size(source.bytes), age(source.current_at, now)]);
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    output::standard(|out| writeln!(out, "{shown}\n\n{}", lines.join("\n")))
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn age(since: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(since).as_mins().max(0);
    let count = |count: i64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    match minutes {
        0..60 => count(minutes, "minute"),
        60..2_880 => count(minutes / 60, "hour"),
        _ => count(minutes / 1_440, "day"),
    }
}
