//! Saved runs: evidence as a file, from which the same result can be judged again. A saved run is as hostile as any
//! other input: its size is bounded and its form is checked before anything is made of it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use carat_checks::evidence::{Evidence, SCHEMA};
use carat_checks::scorecard::Selection;
use carat_checks::{CHECKS, probes};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The longest saved run that is read, in bytes.
const LONGEST: u64 = 256 << 20;

/// A run as it is saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// The version of the form: [`SCHEMA`] of the version that wrote it.
    pub schema: u32,
    /// The names of the checks that ran.
    pub checks: Vec<String>,
    /// The ids of the probes that ran beside those of the checks.
    pub probes: Vec<String>,
    /// What was collected.
    pub evidence: Evidence,
}

/// What can be told of a saved run before it is read as a whole.
#[derive(Deserialize)]
struct Head {
    schema: u32,
}

impl Saved {
    /// A run to be saved.
    #[must_use]
    pub fn new(selection: &Selection, evidence: Evidence) -> Self {
        Self {
            schema: SCHEMA,
            checks: selection.checks.iter().map(|check| check.meta().name.to_owned()).collect(),
            probes: selection.probes.iter().map(|probe| probe.meta().id.to_owned()).collect(),
            evidence,
        }
    }

    /// Reads a saved run.
    ///
    /// # Errors
    /// The file cannot be read, is too long, or holds no run of this version.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let refuse = |found: String| Error::Evidence { path: path.to_owned(), found };
        // A pipe would be waited for.
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
        let file = File::options().read(true).custom_flags(flags).open(path).map_err(|error| refuse(error.to_string()))?;
        let metadata = file.metadata().map_err(|error| refuse(error.to_string()))?;
        if !metadata.is_file() {
            return Err(refuse("no regular file".to_owned()));
        }
        if metadata.len() > LONGEST {
            return Err(refuse(format!("{} MiB, of which at most {} are read", metadata.len() >> 20, LONGEST >> 20)));
        }
        let mut text = Vec::new();
        file.take(LONGEST).read_to_end(&mut text).map_err(|error| refuse(error.to_string()))?;
        let saved = Self::parse(&text).map_err(refuse)?;
        Ok(saved)
    }

    /// Reads a saved run from memory.
    ///
    /// # Errors
    /// What was found instead of one.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        // A list would pass for an object with its members in order.
        match text.trim_ascii_start().first() {
            None => return Err("an empty file".to_owned()),
            Some(b'{') => {}
            Some(_) => return Err("no JSON object".to_owned()),
        }
        let head: Head = serde_json::from_slice(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Eof => format!("a text that ends too soon, in line {}", error.line()),
            serde_json::error::Category::Data => "JSON without a schema number".to_owned(),
            _ => "no JSON".to_owned(),
        })?;
        if head.schema != SCHEMA {
            return Err(format!("evidence of schema {}", head.schema));
        }
        let saved: Self = serde_json::from_slice(text).map_err(|error| format!("evidence that does not fit: {error}"))?;
        let is_id = |id: &String| id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if saved.evidence.repository.commit.as_ref().is_some_and(|commit| !is_id(commit)) {
            return Err("a commit that is none".to_owned());
        }
        if saved.evidence.as_of.parse::<jiff::Timestamp>().is_err() {
            return Err("a moment of judging that is none".to_owned());
        }
        Ok(saved)
    }

    /// The checks and probes that ran.
    ///
    /// # Errors
    /// The name of one that does not exist.
    pub fn selection(&self) -> Result<Selection, String> {
        let check = |name: &String| {
            let found = CHECKS.into_iter().find(|check| check.meta().name == name);
            found.ok_or_else(|| format!("a check that does not exist: {name:?}"))
        };
        let probe = |id: &String| {
            let found = probes().find(|probe| probe.meta().id == id);
            found.ok_or_else(|| format!("a probe that does not exist: {id:?}"))
        };
        let is_once = |names: &[String]| names.iter().collect::<BTreeSet<_>>().len() == names.len();
        if !is_once(&self.checks) || !is_once(&self.probes) {
            return Err("a check or a probe that is named twice".to_owned());
        }
        Ok(Selection {
            checks: self.checks.iter().map(check).collect::<Result<_, _>>()?,
            probes: self.probes.iter().map(probe).collect::<Result<_, _>>()?,
        })
    }
}
