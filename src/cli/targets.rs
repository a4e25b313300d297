//! The targets of a run: from the command line and from a list. What owners have comes to them later.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::args::Score;
use super::owners::LeftOut;
use crate::error::Error;
use crate::hosts::Hosts;
use crate::target::Target;

/// How many bytes a list has at most.
const LONGEST: u64 = 16 << 20;

/// What is to be scored, in the order asked, each once.
pub(super) struct Targets {
    /// Each with its name, or why it is none.
    pub(super) each: Vec<(String, Result<Target, Error>)>,
    /// What was listed again.
    pub(super) again: Vec<String>,
    /// What of owners is not scored.
    pub(super) left_out: Vec<LeftOut>,
    seen: BTreeSet<(OsString, Option<String>)>,
}

/// Reads all targets.
///
/// # Errors
/// A list or a line of it cannot be read.
pub(super) fn read(arguments: &Score, hosts: &Hosts) -> Result<Targets, Error> {
    if arguments.commit.is_some() {
        return Err(Error::Usage("--commit goes with one target; write TARGET@REV for each of several".to_owned()));
    }
    let mut targets = Targets { each: Vec::new(), again: Vec::new(), left_out: Vec::new(), seen: BTreeSet::new() };
    for typed in &arguments.targets {
        let target = Target::parse(typed, None, hosts);
        if let Err(error @ Error::Usage(_)) = target {
            return Err(error);
        }
        targets.add(typed, target);
    }
    if let Some(path) = &arguments.repos {
        let text = list(path)?;
        for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let typed = OsStr::from_bytes(line);
            let target = Target::parse(typed, None, hosts);
            let is_path = [&b"/"[..], b"./", b"../"].iter().any(|start| line.starts_with(start));
            let is_unreadable = match &target {
                _ if line.iter().any(u8::is_ascii_control) => true,
                Err(Error::NoSuchPath { .. }) => !is_path,
                Err(Error::Usage(_)) => true,
                _ => false,
            };
            if is_unreadable {
                let shown = match &target {
                    // An address may hold a secret, which the error has not.
                    Err(Error::NoSuchPath { path }) => path.display().to_string(),
                    _ => typed.to_string_lossy().into_owned(),
                };
                return Err(Error::Usage(format!("{}, line {}: {shown:?} is neither a repository nor a folder", name(path), number + 1)));
            }
            targets.add(typed, target);
        }
    }
    if targets.each.is_empty() && arguments.orgs.is_empty() {
        return Err(Error::Usage("no target is listed".to_owned()));
    }
    Ok(targets)
}

impl Targets {
    /// Adds a repository on a host.
    pub(super) fn add_remote(&mut self, target: Target) {
        self.add(OsStr::new(""), Ok(target));
    }

    /// How many are not scored, though they were listed.
    pub(super) fn skipped(&self) -> usize {
        self.again.len() + self.left_out.iter().map(LeftOut::count).sum::<usize>()
    }

    /// What is not scored, and why, in a line for each.
    pub(super) fn notes(&self) -> Vec<String> {
        /// How many names are told.
        const NAMED: usize = 20;
        let again = self.again.iter().take(NAMED).map(|name| format!("{name} is listed more than once; it is scored once"));
        let more = self.again.len().saturating_sub(NAMED);
        let more = (more > 0).then(|| format!("{more} others are listed more than once as well"));
        again.chain(more).chain(self.left_out.iter().map(LeftOut::note)).collect()
    }

    fn add(&mut self, typed: &OsStr, target: Result<Target, Error>) {
        let (name, key) = match &target {
            Ok(Target::Remote(remote)) => {
                let name = remote.full_name();
                (name.clone(), (OsString::from(name.to_lowercase()), remote.revision.clone()))
            }
            Ok(Target::Local(local)) => {
                let whole: PathBuf = local.path.canonicalize().unwrap_or_else(|_| local.path.clone());
                let mut key = OsString::from("file://");
                key.push(whole);
                (format!("file://{}", local.path.display()), (key, local.revision.clone()))
            }
            Err(Error::NoSuchPath { path } | Error::NotAFolder { path }) => {
                (format!("file://{}", path.display()), (typed.to_owned(), None))
            }
            Err(_) => (format!("file://{}", typed.to_string_lossy()), (typed.to_owned(), None)),
        };
        if self.seen.insert(key) {
            self.each.push((name, target));
        } else {
            self.again.push(name);
        }
    }
}

fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

fn list(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |error: io::Error| Error::Usage(format!("cannot read {}: {error}", name(path)));
    let mut text = Vec::new();
    let read = match path == Path::new("-") {
        true => io::stdin().lock().take(LONGEST + 1).read_to_end(&mut text),
        false => File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut text)),
    };
    if read.map_err(failed)? as u64 > LONGEST {
        return Err(Error::Usage(format!("{} is longer than {} MiB", name(path), LONGEST >> 20)));
    }
    let bom = b"\xef\xbb\xbf";
    Ok(if text.starts_with(bom) { text.split_off(bom.len()) } else { text })
}
