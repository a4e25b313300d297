//! Advisories in the OSV format (<https://ossf.github.io/osv-schema/>): what is read of them, and whether one concerns a
//! version of a package.

mod affects;
mod severity;

use serde::{Deserialize, Deserializer, Serialize};

use crate::ecosystem::Ecosystem;
use crate::evidence::Advisory;

pub use affects::{Affects, Bound, Concern, affects, concerns};

/// What is read of an advisory. Members that are not named here are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its id.
    pub id: String,
    /// When it was withdrawn, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<String>,
    /// The ids that other databases give to the same vulnerability.
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The ids of those from which it arises.
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "Vec::is_empty")]
    pub upstream: Vec<String>,
    /// What it is, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// How bad it is, as vectors.
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "Vec::is_empty")]
    pub severity: Vec<Vector>,
    /// Which packages it concerns.
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "Vec::is_empty")]
    pub affected: Vec<Affected>,
    /// What its database adds.
    #[serde(default, deserialize_with = "or_null")]
    pub database_specific: Specific,
}

/// A rating of how bad it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vector {
    /// `CVSS_V3`, `CVSS_V4`, or another.
    pub r#type: String,
    /// The vector.
    pub score: String,
}

/// A package that is concerned, and which versions of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// The package; absent where only commits are concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Name>,
    /// How bad it is for this package.
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "Vec::is_empty")]
    pub severity: Vec<Vector>,
    /// Ranges of versions.
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<Range>,
    /// Single versions.
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    /// What its ecosystem adds.
    #[serde(default, deserialize_with = "or_null")]
    pub ecosystem_specific: Specific,
    /// What its database adds.
    #[serde(default, deserialize_with = "or_null")]
    pub database_specific: Specific,
}

/// The name of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// Where it comes from.
    pub ecosystem: Ecosystem,
    /// What it is called there.
    pub name: String,
}

/// Versions from one to another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// `SEMVER`, `ECOSYSTEM` or `GIT`.
    pub r#type: String,
    /// Where it begins and ends.
    #[serde(default, deserialize_with = "or_null")]
    pub events: Vec<Event>,
}

/// Where a range begins or ends; exactly one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// From here on; `0` is before everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduced: Option<String>,
    /// Before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<String>,
    /// Up to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_affected: Option<String>,
    /// Before this, which is not known to be without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}

/// What of the members that each database makes for itself is of use. They have no form of their own, so that anything
/// but a text is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Specific {
    /// Of RustSec: what it is instead of a vulnerability.
    #[serde(default, deserialize_with = "text_alone", skip_serializing_if = "Option::is_none")]
    pub informational: Option<String>,
    /// Of distributions: `unimportant`, `negligible`, ...
    #[serde(default, deserialize_with = "text_alone", skip_serializing_if = "Option::is_none")]
    pub urgency: Option<String>,
    /// Of GitHub: a rating as a word.
    #[serde(default, deserialize_with = "text_alone", skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
}

/// Databases write `null` for what is empty.
fn or_null<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

fn text_alone<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Any {
        Text(String),
        Other(serde::de::IgnoredAny),
    }
    Ok(match Any::deserialize(from)? {
        Any::Text(text) => Some(text),
        Any::Other(_) => None,
    })
}

/// The longest summary that is kept, in bytes.
const LONGEST_SUMMARY: usize = 300;

impl Record {
    /// What is told of the advisory, where it concerns no package but a commit.
    #[must_use]
    pub fn told_of_none(&self) -> Advisory {
        self.told(&Ecosystem::Other("".into()), "")
    }

    /// What is told of the advisory, as far as it concerns a package.
    #[must_use]
    pub fn told(&self, ecosystem: &Ecosystem, name: &str) -> Advisory {
        let own = || self.affected.iter().filter(|affected| affected.is_of(ecosystem, name));
        let vectors = own().flat_map(|affected| &affected.severity).chain(&self.severity);
        let words = own().filter_map(|affected| affected.database_specific.severity.as_deref());
        let summary = self.summary.as_deref().unwrap_or_default();
        Advisory {
            id: self.id.clone(),
            aliases: self.aliases.clone(),
            upstream: self.upstream.clone(),
            summary: summary[..summary.floor_char_boundary(LONGEST_SUMMARY)].to_owned(),
            severity: severity::of(vectors, words.chain(self.database_specific.severity.as_deref())),
            informational: own()
                .find_map(|affected| affected.database_specific.informational.clone())
                .or_else(|| self.database_specific.informational.clone()),
        }
    }
}

impl Affected {
    fn is_of(&self, ecosystem: &Ecosystem, name: &str) -> bool {
        self.package.as_ref().is_some_and(|package| {
            package.ecosystem.family() == ecosystem.family() && ecosystem.normalised(&package.name) == ecosystem.normalised(name)
        })
    }
}
