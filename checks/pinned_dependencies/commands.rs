//! What the commands of a text fetch, install and run.

use std::collections::HashMap;

use super::address::clean;
use super::downloads;
use super::packages;
use super::words::{is_interpreter, same, script};
use super::{Dependency, Kind};
use crate::evidence::{ShellCommand, ShellText};
use crate::parse::read_commands;
use crate::path::{self, RepoPath};
use crate::probe::MOST_FINDINGS;

/// How deep scripts in words of scripts are followed.
const DEEPEST: usize = 10;

/// How many spellings of a file's name are told apart, as the reference does: all would multiply with what runs it.
const MOST_SPELLINGS: usize = 8;

/// A text that cannot be read, or not wholly.
pub(super) struct Trouble {
    /// The line at which it is reported.
    pub(super) line: u32,
    pub(super) why: String,
    /// Which text it is about.
    pub(super) extent: Extent,
}

/// How the reference takes a text that it cannot read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// It says so, and goes on.
    Said,
    /// It gives up: the file, or what holds it.
    GivenUp,
}

/// The walk through the texts of a file, or of a job: what one fetches another may run.
pub(super) struct Walk<'a> {
    path: &'a RepoPath,
    /// The files that were fetched, by their cleaned names in lower case.
    fetched: HashMap<String, Vec<String>>,
    pub(super) found: Vec<Dependency>,
    pub(super) troubles: Vec<Trouble>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(path: &'a RepoPath) -> Self {
        Self { path, fetched: HashMap::new(), found: Vec::new(), troubles: Vec::new() }
    }

    /// Walks through a text. `before` is the line before its first; `further` how many lines further the instruction
    /// that holds it ends, if that counts.
    pub(super) fn text(&mut self, text: &ShellText, before: u32, further: u32) {
        self.nested(text, before, further, 0);
    }

    fn nested(&mut self, text: &ShellText, before: u32, further: u32, depth: usize) {
        let commands = match text {
            ShellText::Commands(commands) => commands,
            ShellText::Broken { line, why, korn } => {
                let line_in_file = before.saturating_add(*line);
                let why =
                    format!("a script that cannot be read here, whose commands are not judged: line {line_in_file} of the file: {why}");
                let extent = if *korn { Extent::GivenUp } else { Extent::Said };
                self.troubles.push(Trouble { line: before, why, extent });
                return;
            }
        };
        for command in commands {
            self.command(command, commands, before, further, depth);
        }
    }

    /// Takes a find, up to one more than is kept of all.
    fn find(&mut self, dependency: Dependency) {
        if self.found.len() <= MOST_FINDINGS {
            self.found.push(dependency);
        }
    }

    fn command(&mut self, command: &ShellCommand, all: &[ShellCommand], before: u32, further: u32, depth: usize) {
        let words = words(command);
        let line = before.saturating_add(command.line);
        let location = |line: u32, text: &str, further: u32| {
            let mut location = super::place(self.path, line).with_snippet(text.as_bytes());
            location.end_line = (further > 0).then(|| line.saturating_add(further));
            location
        };
        let own = |kind, pinned, remedy: &'static str, message: String| Dependency {
            kind,
            pinned,
            github: false,
            location: location(line, &command.source(), further.max(command.further)),
            message,
            remedy: remedy.into(),
        };
        if let Some(reader) = command.pipe.and_then(|reader| all.get(reader)) {
            let program = self::words(reader).first().copied().unwrap_or_default().to_owned();
            if downloads::fetches(&words) && is_interpreter(&program) && !downloads::is_pinned(&words) {
                let text = format!("{} | {}", command.source(), reader.source());
                let start = line.saturating_sub(command.before);
                let end = (reader.line + reader.further).saturating_sub(command.line.saturating_sub(command.before));
                self.find(Dependency {
                    location: location(start, &text, further.max(end)),
                    ..own(Kind::Download, false, RUN, format!("what {} fetches is run by {program} unseen", words[0]))
                });
            }
        }
        if downloads::fetches(&words) && !downloads::is_pinned(&words) {
            match downloads::file(&words, command.to.as_deref()) {
                Ok(Some(file)) => {
                    let same = self.fetched.entry(folded(&file)).or_default();
                    if same.len() < MOST_SPELLINGS && !same.contains(&file) {
                        same.push(file);
                    }
                }
                Ok(None) => {}
                Err(downloads::BadAddress) => {
                    let why = format!("an address that cannot be read: line {line}: {}", command.source());
                    self.troubles.push(Trouble { line: before, why, extent: Extent::GivenUp });
                }
            }
        }
        if let Some(script) = script(&words) {
            if depth < DEEPEST {
                let text = read_commands(script.as_bytes());
                self.nested(&text, line, further, depth + 1);
            } else {
                let why = format!("scripts in scripts: the bound of {DEEPEST} was reached in line {line}");
                self.troubles.push(Trouble { line, why, extent: Extent::Said });
            }
        }
        if !self.fetched.is_empty() {
            let mut run: Vec<String> = words.iter().take(1).map(|word| folded(word)).collect();
            if words.first().is_some_and(|first| is_interpreter(first)) {
                run.extend(words[1..].iter().map(|word| folded(word)));
            }
            run.sort_unstable();
            run.dedup();
            let files = run.iter().filter_map(|name| self.fetched.get(name)).flatten();
            for file in files.take((MOST_FINDINGS + 1).saturating_sub(self.found.len())) {
                // Only the name tells: it may be another file.
                let message = format!("{file} has the name of a file that was fetched before, and is run unseen");
                self.found.push(own(Kind::Download, false, RUN, message));
            }
        }
        if let Some(source) = command.reads.and_then(|source| all.get(source)) {
            let source = self::words(source);
            if words.first().is_some_and(|first| is_interpreter(first)) && downloads::fetches(&source) {
                let message = format!("what {} fetches is run by {} unseen", source[0], words[0]);
                self.find(own(Kind::Download, false, RUN, message));
            }
        }
        if let Some(install) = packages::install(&words) {
            let message = packages::message(&words, &install);
            self.find(own(install.kind, install.pinned, install.remedy, message));
        }
    }
}

const RUN: &str = "Fetch the file, compare its hash, and only then run it: `curl -fsSL -o FILE URL && echo \"HASH  FILE\" | sha256sum -c && sh FILE`. \
                   Or commit the file to the repository.";

/// A path as it is compared: cleaned, and in lower case.
fn folded(path: &str) -> String {
    String::from_utf8_lossy(&path::lower(clean(path).as_bytes())).into_owned()
}

fn words(command: &ShellCommand) -> Vec<&str> {
    command.words.iter().map(String::as_str).filter(|word| !same(word, "sudo")).collect()
}
