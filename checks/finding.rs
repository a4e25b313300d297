//! Findings: what a probe says about the evidence.

use std::collections::HashMap;
use std::fmt::Write as _;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Id;
use crate::bytes;
use crate::evidence::Gap;
use crate::path::RepoPath;
use crate::role::Role;

pub use crate::values::{Value, Values};

/// A probe's answer to its question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// What the probe asks is so.
    True,
    /// What the probe asks is not so.
    False,
    /// It could not be seen; a token, a network or another kind of target would show it.
    NotAvailable,
    /// This host cannot say.
    NotSupported,
    /// There is nothing to which the question applies.
    NotApplicable,
    /// A file that has to be understood does not parse.
    Error,
}

impl Outcome {
    /// The outcome's name, as in the reference's JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::NotAvailable => "NotAvailable",
            Self::NotSupported => "NotSupported",
            Self::NotApplicable => "NotApplicable",
            Self::Error => "Error",
        }
    }
}

/// What kind of thing a location is; the numbers are those of the reference's JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LocationKind {
    /// Not told.
    #[default]
    None = 0,
    /// A source file: lines count.
    Source = 1,
    /// A binary file.
    Binary = 2,
    /// A text file.
    Text = 3,
    /// Something outside the repository, by its address.
    Url = 4,
}

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The file.
    pub path: RepoPath,
    /// What kind of file.
    pub kind: LocationKind,
    /// The first line, from 1; absent where a finding is about the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The last line, where there is more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    /// The text that the finding is about, at most [`Location::SNIPPET`] bytes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snippet: Option<String>,
    /// The file's part in its repository.
    pub role: Role,
}

impl Location {
    /// The bound of a snippet's length, in bytes.
    pub const SNIPPET: usize = 500;

    /// A whole file.
    #[must_use]
    pub fn file(path: &RepoPath, kind: LocationKind) -> Self {
        Self { path: path.clone(), kind, line: None, end_line: None, snippet: None, role: Role::of(path.as_bytes()) }
    }

    /// Something outside the repository.
    #[must_use]
    pub fn address(address: &str) -> Self {
        Self { path: RepoPath::from(address), kind: LocationKind::Url, line: None, end_line: None, snippet: None, role: Role::default() }
    }

    /// The same file, at a line counted from 1.
    #[must_use]
    pub fn at(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// The same place, with the text that stands there; cut at [`Location::SNIPPET`] bytes.
    #[must_use]
    pub fn with_snippet(mut self, text: &[u8]) -> Self {
        self.snippet = Some(snippet(text));
        self
    }
}

/// Text for a snippet: at most [`Location::SNIPPET`] bytes, never half a character.
#[must_use]
pub fn snippet(text: &[u8]) -> String {
    let text = bytes::lossy(&text[..text.len().min(Location::SNIPPET + 3)]);
    let end = text.floor_char_boundary(Location::SNIPPET);
    text[..end].trim_end().to_owned()
}

/// How much work a remediation is; the numbers are those of the reference's JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effort {
    /// Minutes.
    Low = 1,
    /// Hours.
    Medium = 2,
    /// Days, or a change of habits.
    High = 3,
}

/// What to do about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remediation {
    /// What to do, as commands or lines to write where there are any.
    pub text: Id,
    /// How much work that is.
    pub effort: Effort,
}

/// One answer of a probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The probe's id.
    pub probe: Id,
    /// The answer.
    pub outcome: Outcome,
    /// What is so, in a sentence without an end mark.
    pub message: String,
    /// Which thing the answer is about, where it is no file: a branch, a release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Which file, and where in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Typed values, named as in the reference where it has them.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub values: Values,
    /// What to do; only on an outcome that is not the good one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Remediation>,
    /// What the probe would have used as well and could not see. The first finding of a probe carries it for all:
    /// the answer is the one that the reference gives without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<Gap>,
    /// Outside the scope of the reference: true and worth knowing, and no part of the `scorecard-v5` score.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub extended: bool,
    /// What stays the same while the finding does: a hash over probe, subject, path and normalised snippet, and the
    /// ordinal among equals. Never the line. Set by [`fingerprint`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fingerprint: String,
}

impl Finding {
    /// An answer without a place.
    pub fn new(probe: &'static str, outcome: Outcome, message: impl Into<String>) -> Self {
        Self {
            probe: Id::Borrowed(probe),
            outcome,
            message: message.into(),
            subject: None,
            location: None,
            values: Values::default(),
            remediation: None,
            without: Vec::new(),
            extended: false,
            fingerprint: String::new(),
        }
    }

    /// The same answer, at a place.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// The same answer, with a text value.
    #[must_use]
    pub fn value(mut self, name: &'static str, text: impl Into<Id>) -> Self {
        self.values.insert(Id::Borrowed(name), Value::Text(text.into()));
        self
    }

    /// The same answer, about a thing that is no file.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The same answer, with a number of things as a value.
    #[must_use]
    pub fn counting(mut self, name: &'static str, count: usize) -> Self {
        self.values.insert(Id::Borrowed(name), Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)));
        self
    }

    /// The number of things that [`Finding::counting`] has put in, 0 where there is none.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        match self.values.get(name) {
            Some(Value::Integer(count)) => usize::try_from(*count).unwrap_or(0),
            _ => 0,
        }
    }

    /// The same answer, given without what `gaps` name.
    #[must_use]
    pub fn without(mut self, gaps: impl IntoIterator<Item = Gap>) -> Self {
        self.without.extend(gaps);
        self
    }
}

/// Adds gaps to the finding that carries them for all of its probe: the first that is no error, because an error with a
/// gap is one that prevents a score.
pub fn carry(findings: &mut [Finding], gaps: impl IntoIterator<Item = Gap>) {
    let carrier = findings.iter().position(|finding| finding.outcome != Outcome::Error).unwrap_or(0);
    if let Some(finding) = findings.get_mut(carrier) {
        finding.without.extend(gaps);
    }
}

/// Gives every finding its fingerprint. Call it with all findings of a run in their order: the ordinal that tells
/// equal ones apart counts over them.
pub fn fingerprint(findings: &mut [Finding]) {
    let one = |text: &mut Vec<u8>, finding: &mut Finding| {
        let key = key(finding, text);
        finding.fingerprint = format!("{key:032x}-0");
        key
    };
    let keys: Vec<u128> = findings.par_iter_mut().with_min_len(64).map_init(Vec::new, one).collect();
    let mut seen: HashMap<u128, u32> = HashMap::with_capacity(keys.len());
    for (finding, key) in findings.iter_mut().zip(keys) {
        let ordinal = seen.entry(key).and_modify(|n| *n += 1).or_insert(0);
        if *ordinal > 0 {
            finding.fingerprint.truncate(32);
            let _ = write!(finding.fingerprint, "-{ordinal}");
        }
    }
}

/// What equal findings share. `text` is room to put together what is hashed.
fn key(finding: &Finding, text: &mut Vec<u8>) -> u128 {
    text.clear();
    let mut part = |bytes: &[u8]| {
        text.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        text.extend_from_slice(bytes);
    };
    part(finding.probe.as_bytes());
    part(finding.subject.as_deref().unwrap_or_default().as_bytes());
    if let Some(location) = &finding.location {
        part(location.path.as_bytes());
        // Re-indenting or re-wrapping a line does not make it another finding.
        let snippet = location.snippet.as_deref().unwrap_or_default();
        for word in snippet.split_whitespace() {
            part(word.as_bytes());
        }
    }
    let mut key = [0; 16];
    key.copy_from_slice(&Sha256::digest(text)[..16]);
    u128::from_be_bytes(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, snippet: &str) -> Finding {
        let location = Location::file(&RepoPath::from("a.c"), LocationKind::Source).at(line);
        Finding::new("fuzzed", Outcome::True, "x").at(location.with_snippet(snippet.as_bytes()))
    }

    #[test]
    fn a_fingerprint_survives_moved_and_reindented_lines_and_tells_equals_apart() {
        let mut before = [at(3, "int  f(x);"), at(9, "int g(x);"), at(12, "int g(x);")];
        let mut after = [at(7, "\tint f(x);  "), at(20, "int g(x);"), at(21, "int g(x);")];
        fingerprint(&mut before);
        fingerprint(&mut after);
        for (a, b) in before.iter().zip(&after) {
            assert_eq!(a.fingerprint, b.fingerprint);
        }
        assert_ne!(before[0].fingerprint, before[1].fingerprint);
        assert_ne!(before[1].fingerprint, before[2].fingerprint);
        assert!(before[2].fingerprint.ends_with("-1"));
    }

    #[test]
    fn a_snippet_is_bounded_and_never_cuts_a_character() {
        let long = "é".repeat(1_000);
        let cut = snippet(long.as_bytes());
        assert_eq!(cut, "é".repeat(Location::SNIPPET / 2));
        assert_eq!(snippet(b"a\xff b \n"), "a\u{fffd} b");
    }
}
