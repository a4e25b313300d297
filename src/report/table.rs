//! `table`: for people, at the width of their terminal.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use carat_checks::check::{Detail, Level, Verdict};
use carat_checks::evidence::{Cause, Facet, Gap, SourceKind};
use carat_checks::finding::{Finding, Location, LocationKind, Outcome};
use carat_checks::model::rounded;
use carat_checks::scorecard::{CheckResult, Scorecard};
use comfy_table::{Attribute, Cell, Color, ContentArrangement, LineStyle, Table, TableStyle, presets};

use super::{Look, Run, thousands, visible};

/// A line below the head and one at the end.
pub(crate) const RULED: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')).bottom_border(LineStyle::none().fill('─').junction('─'));

/// How many details of a check are shown; `json` has all.
const MOST_DETAILS: usize = 50;

pub(super) fn write(run: &Run, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Vec::new();
    write_page(run, look, &mut page)?;
    // A runner of GitHub Actions takes a line that begins with two colons for a command to itself.
    for line in page.split_inclusive(|byte| *byte == b'\n') {
        let text = line.trim_ascii_start();
        if text.starts_with(b"::") {
            out.write_all(&line[..line.len() - text.len()])?;
            out.write_all(br"\x3a")?;
            out.write_all(&text[1..])?;
        } else {
            out.write_all(line)?;
        }
    }
    Ok(())
}

fn write_page(run: &Run, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let page = Page { scorecard: &run.scorecard, look };
    page.head(out)?;
    if run.scorecard.checks.is_empty() {
        page.findings(out)?;
    } else {
        page.scores(out)?;
        page.not_scored(out)?;
    }
    if look.details {
        page.details(out)?;
    }
    page.notes(out)
}

struct Page<'a> {
    scorecard: &'a Scorecard,
    look: &'a Look,
}

impl Page<'_> {
    fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        let repository = &self.scorecard.repository;
        let mut title = self.paint(&visible(&repository.name), Style::Bold);
        match (&repository.commit, &repository.revision) {
            (Some(commit), Some(revision)) if !commit.starts_with(revision.as_str()) => {
                let _ = write!(title, " at {} ({})", visible(revision), visible(short(commit)));
            }
            (Some(commit), _) => {
                let _ = write!(title, " at {}", visible(short(commit)));
            }
            (None, _) if repository.source == SourceKind::Host => title.push_str(", an empty repository"),
            (None, _) => title.push_str(", a folder without Git"),
        }
        if let Some(asked) = &repository.asked_as {
            let _ = write!(title, " (asked for as {})", visible(asked));
        }
        let files = match self.scorecard.files {
            1 => "1 file".to_owned(),
            n => format!("{} files", thousands(n)),
        };
        writeln!(out, "{title}, {files}\n")?;
        if self.scorecard.checks.is_empty() {
            return Ok(());
        }
        let total = &self.scorecard.total;
        let completeness = total.completeness;
        let scored = self.scorecard.checks.iter().filter(|check| check.verdict.score().is_some()).count();
        let mut from = format!("from {scored} of the {} checks possible for {}", completeness.possible, source(repository.source));
        if completeness.selected < completeness.model {
            from = format!("from {scored} of the {} checks asked for", completeness.selected);
        } else if completeness.judged > scored {
            let _ = write!(from, " ({} had nothing to judge)", completeness.judged - scored);
        }
        match total.score {
            Some(score) => {
                let score = format!("{:.1} of 10", rounded(Some(score)));
                writeln!(out, "Score {}, {from}", self.paint(&score, Style::of_score(total.score)))?;
            }
            None => writeln!(out, "{}: nothing could be scored, {from}", self.paint("No score", Style::Bold))?,
        }
        if let Some((low, high)) = total.interval.filter(|(low, high)| rounded(Some(*low)) < rounded(Some(*high))) {
            let (low, high) = (rounded(Some(low)), rounded(Some(high)));
            writeln!(out, "It would lie between {low:.1} and {high:.1} if nothing were missing")?;
        }
        writeln!(out)
    }

    /// The checks with a score.
    fn scores(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = self.table(RULED);
        table.set_header(["Score", "Check", "Risk", "Why"].map(|name| self.cell(name, Style::Bold)));
        let mut any = false;
        for check in &self.scorecard.checks {
            let Verdict::Scored { score, bounds, limited, reason, .. } = &check.verdict else { continue };
            any = true;
            let mut why = visible(reason).into_owned();
            if !limited.is_empty() {
                let gaps: Vec<String> = limited.iter().map(|gap| visible(&gap.to_string()).into_owned()).collect();
                let _ = match bounds {
                    (low, high) if low == high => write!(why, "\ncould be left open: {}", gaps.join("; ")),
                    (low, high) => write!(why, "\ncould be {low} to {high}: {}", gaps.join("; ")),
                };
            }
            for reason in check.annotations.iter().filter(|_| self.look.annotations) {
                let _ = write!(why, "\n{}", reason.sentence());
            }
            let mark = if limited.is_empty() { "" } else { " ~" };
            table.add_row([
                self.cell(&format!("{score:>2}{mark}"), Style::of_score(Some(f64::from(*score)))),
                self.cell(&check.name, Style::Plain),
                self.cell(check.risk.as_str(), Style::Plain),
                self.cell(&why, Style::Plain),
            ]);
        }
        if any { writeln!(out, "{}\n", trimmed(&table)) } else { Ok(()) }
    }

    /// The checks without a score, by the reason.
    fn not_scored(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
        for check in &self.scorecard.checks {
            let Verdict::Inconclusive { reason, .. } = &check.verdict else { continue };
            match reasons.iter_mut().find(|(known, _)| known == reason) {
                Some((_, names)) => names.push(&check.name),
                None => reasons.push((reason.clone(), vec![&check.name])),
            }
        }
        if reasons.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", self.paint("Not scored", Style::Bold))?;
        let mut table = self.table(presets::NOTHING);
        for (reason, names) in reasons {
            table.add_row([self.cell(&visible(&reason), Style::Dim), self.cell(&names.join(", "), Style::Plain)]);
        }
        writeln!(out, "{}\n", trimmed(&table))
    }

    /// What the checks rest on, and what to do about it.
    fn details(&self, out: &mut dyn Write) -> io::Result<()> {
        for check in &self.scorecard.checks {
            let mut seen = BTreeSet::new();
            let lines: Vec<String> = check
                .verdict
                .details()
                .iter()
                .filter(|detail| detail.level != Level::Debug)
                .map(|detail| self.detail(detail))
                // The reference reports some hits twice; for a reader once is enough.
                .chain(self.also(check))
                .filter(|line| seen.insert(line.clone()))
                .collect();
            let remedies = self.remedies(check);
            if lines.is_empty() && remedies.is_empty() {
                continue;
            }
            writeln!(out, "{}", self.paint(&check.name, Style::Bold))?;
            for line in lines.iter().take(MOST_DETAILS) {
                writeln!(out, "  {line}")?;
            }
            if lines.len() > MOST_DETAILS {
                writeln!(out, "  ... and {} more; --format json has all", thousands(lines.len() - MOST_DETAILS))?;
            }
            for remedy in remedies {
                let lines = wrapped(&remedy, usize::from(self.look.width).saturating_sub(7));
                writeln!(out, "  {} {}", self.paint("Fix:", Style::Bold), lines.join("\n       "))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn detail(&self, detail: &Detail) -> String {
        let level = match detail.level {
            Level::Warn => self.paint("Warn", Style::Bad),
            _ => self.paint(detail.level.as_str(), Style::Good),
        };
        self.line(&level, detail.location.as_ref(), &detail.text)
    }

    /// What was found outside the reference's scope. Where there is no score, nothing that was found counts.
    fn also(&self, check: &CheckResult) -> Vec<String> {
        if check.verdict.score().is_none() {
            return Vec::new();
        }
        let found = self.findings_of(check).filter(|finding| finding.extended && matches!(finding.outcome, Outcome::True | Outcome::False));
        found
            .map(|finding| {
                let head = self.paint("Also", Style::Middling);
                self.line(&head, finding.location.as_ref(), &format!("{} (does not count)", finding.message))
            })
            .collect()
    }

    fn line(&self, head: &str, location: Option<&Location>, text: &str) -> String {
        match location {
            Some(location) => format!("{head} {}  {}", self.place(location), visible(text)),
            None => format!("{head} {}", visible(text)),
        }
    }

    /// The findings that a check scores.
    fn findings_of(&self, check: &CheckResult) -> impl Iterator<Item = &Finding> {
        let known = carat_checks::CHECKS.iter().find(|known| known.meta().name == check.name);
        let probes: Vec<&str> = known.map(|known| known.probes().iter().map(|probe| probe.meta().id).collect()).unwrap_or_default();
        self.scorecard.findings.iter().filter(move |finding| probes.contains(&&*finding.probe))
    }

    /// What to do about the findings of a check, each thing once.
    fn remedies(&self, check: &CheckResult) -> Vec<Cow<'_, str>> {
        let mut out: Vec<Cow<'_, str>> = Vec::new();
        // Several probes can say the same, of a file that is not there: the first says what to do about it.
        let mut said = BTreeSet::new();
        for finding in self.findings_of(check) {
            let Some(remediation) = &finding.remediation else { continue };
            let text = visible(&remediation.text);
            if said.insert(&finding.message) && !out.contains(&text) {
                out.push(text);
            }
        }
        out
    }

    /// The findings of a run without checks.
    fn findings(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = self.table(RULED);
        table.set_header(["Outcome", "Probe", "Finding"].map(|name| self.cell(name, Style::Bold)));
        for finding in self.scorecard.findings.iter().take(MOST_DETAILS) {
            let place = finding.location.as_ref().map(|location| format!("\n{}", place(location))).unwrap_or_default();
            table.add_row([
                self.cell(finding.outcome.as_str(), Style::Plain),
                self.cell(&finding.probe, Style::Plain),
                self.cell(&format!("{}{place}", visible(&finding.message)), Style::Plain),
            ]);
        }
        writeln!(out, "{}\n", trimmed(&table))?;
        match self.scorecard.findings.len().saturating_sub(MOST_DETAILS) {
            0 => Ok(()),
            more => writeln!(out, "... and {} more; --format probe has all\n", thousands(more)),
        }
    }

    /// What was not looked at.
    fn notes(&self, out: &mut dyn Write) -> io::Result<()> {
        let looked_at = &self.scorecard.looked_at;
        let mut notes: Vec<String> = Vec::new();
        let gaps = self.scorecard.gaps();
        if self.scorecard.files == 0 && looked_at.notes.is_empty() && !gaps.iter().any(|gap| gap.facet == Facet::Files) {
            notes.push("there are no files: that nothing bad was found in them says nothing".to_owned());
        }
        let mut count = |n: usize, one: &str, many: &str, rest: &str| match n {
            0 => {}
            1 => notes.push(format!("1 {one}{rest}")),
            n => notes.push(format!("{} {many}{rest}", thousands(n))),
        };
        count(looked_at.untracked, "untracked file", "untracked files", " not looked at (--untracked adds them)");
        count(looked_at.ignored, "entry", "entries", " that .gitignore names not looked at");
        count(looked_at.deleted, "tracked file", "tracked files", " missing from the working tree");
        notes.extend(looked_at.notes.iter().map(|note| visible(note).into_owned()));
        let missing = looked_at.missing.iter().map(|(path, cause)| (path, cause));
        notes.extend(Gap::of_files(Facet::Files, missing).iter().map(|gap| {
            let text = format!("not listed: {gap}");
            visible(&text).into_owned()
        }));
        if gaps.iter().any(|gap| gap.cause == Cause::NoToken) {
            let how = crate::error::how_to_get_a_token(&self.scorecard.repository.name);
            notes.push(visible(&format!("what needs a token was not asked for: {how}")).into_owned());
        }
        for note in &notes {
            writeln!(out, "{} {note}", self.paint("Note", Style::Bold))?;
        }
        if self.look.hints && !self.look.details {
            writeln!(out, "{}", self.paint("--details shows what the scores rest on, carat explain NAME what a check asks", Style::Dim))?;
        }
        Ok(())
    }

    fn table(&self, style: TableStyle) -> Table {
        let mut table = Table::new();
        table.load_style(style);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(self.look.width);
        if self.look.colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table
    }

    fn cell(&self, text: &str, style: Style) -> Cell {
        let cell = Cell::new(text);
        if !self.look.colour {
            return cell;
        }
        match style {
            Style::Plain => cell,
            Style::Bold => cell.add_attribute(Attribute::Bold),
            Style::Dim => cell.add_attribute(Attribute::Dim),
            Style::Good => cell.fg(Color::Green),
            Style::Middling => cell.fg(Color::Yellow),
            Style::Bad => cell.fg(Color::Red),
        }
    }

    fn paint(&self, text: &str, style: Style) -> String {
        if !self.look.colour {
            return text.to_owned();
        }
        let code = match style {
            Style::Plain => return text.to_owned(),
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Good => "32",
            Style::Middling => "33",
            Style::Bad => "31",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// A place, linked to the file where there is one to open.
    fn place(&self, location: &Location) -> String {
        let shown = place(location);
        match &self.look.links {
            Some(root) if self.scorecard.repository.source != SourceKind::Revision => {
                format!("\x1b]8;;{}\x1b\\{shown}\x1b]8;;\x1b\\", file_url(root, location.path.as_bytes()))
            }
            _ => shown,
        }
    }
}

#[derive(Clone, Copy)]
enum Style {
    Plain,
    Bold,
    Dim,
    Good,
    Middling,
    Bad,
}

impl Style {
    fn of_score(score: Option<f64>) -> Self {
        match score {
            Some(score) if score >= 8.0 => Self::Good,
            Some(score) if score >= 5.0 => Self::Middling,
            Some(_) => Self::Bad,
            None => Self::Plain,
        }
    }
}

const fn source(source: SourceKind) -> &'static str {
    match source {
        SourceKind::WorkingTree | SourceKind::Revision => "a local clone",
        SourceKind::Folder => "a plain folder",
        SourceKind::Host => "a repository on a host",
    }
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

fn place(location: &Location) -> String {
    let path = visible(&location.path.text()).into_owned();
    match location.line {
        Some(line) if location.kind != LocationKind::Binary => format!("{path}:{line}"),
        _ => path,
    }
}

/// Text in lines of at most `width` characters, broken at blanks.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push(' ');
            }
            line.push_str(word);
            used += length + usize::from(used > 0);
        }
    }
    lines
}

/// Lines without the blanks with which tables fill their last column.
fn trimmed(table: &Table) -> String {
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// The address of a file below a folder, with everything but letters, digits and a few signs encoded.
fn file_url(root: &Path, path: &[u8]) -> String {
    let mut url = "file://".to_owned();
    for byte in root.as_os_str().as_bytes().iter().chain(b"/").chain(path) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => url.push(char::from(*byte)),
            byte => {
                let _ = write!(url, "%{byte:02X}");
            }
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_at_blanks_only() {
        assert_eq!(wrapped("a bc def ghij k", 6), ["a bc", "def", "ghij k"]);
        assert_eq!(wrapped("https://long.example x", 4), ["https://long.example", "x"]);
    }

    #[test]
    fn links_hold_nothing_that_could_end_them() {
        assert_eq!(file_url(Path::new("/a b"), b"c\x1b\\%\xff"), "file:///a%20b/c%1B%5C%25%FF");
    }
}
