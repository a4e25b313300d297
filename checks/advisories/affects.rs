//! Whether an advisory concerns a version of a package (<https://ossf.github.io/osv-schema/#evaluation>).

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{Affected, Event, Range, Record};
use crate::ecosystem::Ecosystem;
use crate::versions::{Scheme, Version};

/// Which versions of one package an advisory concerns, as one entry of its `affected` has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concern {
    /// Ranges, each by what stands where it begins and ends.
    pub ranges: Vec<Vec<Bound>>,
    /// Single versions.
    pub versions: Vec<String>,
    /// The package's distribution calls it unimportant.
    pub unimportant: bool,
}

/// Where a range begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bound {
    /// From here on; `0` is before everything.
    Introduced(String),
    /// Before this.
    Fixed(String),
    /// Up to this one.
    LastAffected(String),
    /// Before this, which is not known to be without it; `*` is behind everything.
    Limit(String),
}

impl Bound {
    /// Of an event of a range; `None` if it says nothing.
    fn of(event: Event) -> Option<Self> {
        match event {
            Event { introduced: Some(text), .. } => Some(Self::Introduced(text)),
            Event { fixed: Some(text), .. } => Some(Self::Fixed(text)),
            Event { limit: Some(text), .. } => Some(Self::Limit(text)),
            Event { last_affected: Some(text), .. } => Some(Self::LastAffected(text)),
            Event { .. } => None,
        }
    }
}

impl Concern {
    /// Of ranges, single versions, and the words by which distributions and databases say how urgent it is.
    #[must_use]
    pub fn new(ranges: Vec<Range>, versions: Vec<String>, urgencies: [Option<&str>; 2]) -> Self {
        let ranges = ranges.into_iter().filter(|range| matches!(&*range.r#type, "SEMVER" | "ECOSYSTEM"));
        let ranges = ranges.map(|range| range.events.into_iter().filter_map(Bound::of).collect()).collect();
        let unimportant = urgencies.into_iter().flatten().any(|urgency| matches!(urgency, "unimportant" | "negligible"));
        Self { ranges, versions, unimportant }
    }

    fn of(affected: &Affected) -> Self {
        let urgencies = [&affected.ecosystem_specific, &affected.database_specific].map(|specific| specific.urgency.as_deref());
        Self::new(affected.ranges.clone(), affected.versions.clone(), urgencies)
    }
}

/// Whether an advisory concerns a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Affects {
    /// It does.
    Yes {
        /// The least version above it that is without the fault, if one is named.
        fixed: Option<String>,
        /// The package's distribution calls it unimportant.
        unimportant: bool,
    },
    /// It does not.
    No,
    /// The versions cannot be compared: nobody knows.
    Unknown,
}

/// Whether an advisory concerns a version of a package.
#[must_use]
pub fn affects(record: &Record, ecosystem: &Ecosystem, name: &str, version: &str) -> Affects {
    if record.withdrawn.is_some() {
        return Affects::No;
    }
    let own = record.affected.iter().filter(|affected| affected.is_of(ecosystem, name));
    concerns(&own.map(Concern::of).collect::<Vec<_>>(), ecosystem, version)
}

/// Whether what an advisory says of a package concerns a version of it.
#[must_use]
pub fn concerns(all: &[Concern], ecosystem: &Ecosystem, version: &str) -> Affects {
    let mut is_unknown = false;
    let mut found: Option<(Option<String>, bool)> = None;
    let own = Own { text: version, scheme: Scheme::of(ecosystem), read: Scheme::of(ecosystem).and_then(|scheme| scheme.parse(version)) };
    for concern in all {
        match one(concern, &own) {
            Affects::Yes { fixed, unimportant } => {
                let (least, all_unimportant) = found.get_or_insert((None, true));
                *all_unimportant &= unimportant;
                *least = lesser(own.scheme, least.take(), fixed);
            }
            Affects::No => {}
            Affects::Unknown => is_unknown = true,
        }
    }
    match found {
        Some((fixed, unimportant)) => Affects::Yes { fixed, unimportant },
        None if is_unknown => Affects::Unknown,
        None => Affects::No,
    }
}

/// The version that is asked about.
struct Own<'a> {
    text: &'a str,
    /// The rules of its ecosystem, if there are any.
    scheme: Option<Scheme>,
    /// By these, if they can read it.
    read: Option<Version>,
}

fn lesser(scheme: Option<Scheme>, a: Option<String>, b: Option<String>) -> Option<String> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let is_less = scheme.and_then(|scheme| scheme.compare(&b, &a)) == Some(Ordering::Less);
            Some(if is_less { b } else { a })
        }
        (a, b) => a.or(b),
    }
}

fn one(concern: &Concern, own: &Own<'_>) -> Affects {
    let is_equal = |listed: &str| {
        let read = own.scheme.zip(own.read.as_ref());
        read.is_some_and(|(scheme, read)| scheme.parse(listed).is_some_and(|listed| listed.compare(read) == Ordering::Equal))
    };
    let is_listed = concern.versions.iter().any(|listed| listed == own.text) || concern.versions.iter().any(|listed| is_equal(listed));
    // A version that cannot be read may be another spelling of any.
    let is_unreadable = own.scheme.is_some() && own.read.is_none();
    let (mut is_within, mut is_unknown, mut fixed) = (false, is_unreadable && !concern.versions.is_empty(), None);
    for range in &concern.ranges {
        match within(range, own) {
            Some(Some(end)) => {
                is_within = true;
                fixed = lesser(own.scheme, fixed, end);
            }
            Some(None) => {}
            // A list of all versions says as much, if the version can be found in it.
            None => is_unknown |= is_unreadable || concern.versions.is_empty(),
        }
    }
    if is_listed || is_within {
        Affects::Yes { fixed, unimportant: concern.unimportant }
    } else if is_unknown {
        Affects::Unknown
    } else {
        Affects::No
    }
}

/// Whether a version is within a range, and then what ends it: `None` if versions cannot be compared, `Some(None)` if it
/// is not.
#[expect(clippy::option_option, reason = "three answers, told apart where it is called")]
fn within(range: &[Bound], own: &Own<'_>) -> Option<Option<Option<String>>> {
    let (scheme, own) = own.scheme.zip(own.read.as_ref())?;
    let mut is_within = false;
    let mut end: Option<(&String, Version)> = None;
    // The event nearest below the version decides, and of two at one version the one that ends: each event says whether
    // what comes behind it is within.
    let mut nearest = None;
    for bound in range {
        let (text, begins, holds_itself) = match bound {
            Bound::Introduced(text) => (text, true, true),
            Bound::Fixed(text) | Bound::Limit(text) => (text, false, true),
            Bound::LastAffected(text) => (text, false, false),
        };
        if begins && text == "0" {
            if nearest.is_none() {
                is_within = true;
            }
            continue;
        }
        if matches!(bound, Bound::Limit(text) if text == "*") {
            continue;
        }
        let other = scheme.parse(text)?;
        let order = other.compare(own);
        if order == Ordering::Less || order == Ordering::Equal && holds_itself {
            let is_nearer = nearest.as_ref().is_none_or(|(known, _)| match other.compare(known) {
                Ordering::Greater => true,
                Ordering::Equal => !begins,
                Ordering::Less => false,
            });
            if is_nearer {
                is_within = begins;
                nearest = Some((other, begins));
            }
        } else if matches!(bound, Bound::Fixed(_)) && end.as_ref().is_none_or(|(_, known)| other.compare(known) == Ordering::Less) {
            end = Some((text, other));
        }
    }
    Some(is_within.then(|| end.map(|(text, _)| text.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(affected: &str) -> Record {
        serde_json::from_str(&format!(r#"{{"id": "X-1", "modified": "2024-01-01T00:00:00Z", "affected": [{affected}]}}"#)).expect("valid")
    }

    fn npm(ranges: &str, version: &str) -> Option<Option<String>> {
        let record = record(&format!(
            r#"{{"package": {{"ecosystem": "npm", "name": "a"}}, "ranges": [{{"type": "SEMVER", "events": [{ranges}]}}]}}"#
        ));
        match affects(&record, &Ecosystem::Npm, "a", version) {
            Affects::Yes { fixed, .. } => Some(fixed),
            Affects::No => None,
            Affects::Unknown => panic!("{version} cannot be compared"),
        }
    }

    #[test]
    fn events_say_where_ranges_begin_and_end() {
        let two = r#"{"introduced": "0"}, {"fixed": "1.2.0"}, {"introduced": "2.0.0"}, {"fixed": "2.1.0"}"#;
        let fixed = |version: &str| Some(Some(version.to_owned()));
        for (version, want) in [
            ("0.0.1", fixed("1.2.0")),
            ("1.2.0-rc.1", fixed("1.2.0")),
            ("1.2.0", None),
            ("1.9.9", None),
            ("2.0.0", fixed("2.1.0")),
            ("2.1.0", None),
        ] {
            assert_eq!(npm(two, version), want, "{version}");
        }
        let last = r#"{"last_affected": "1.5.0"}, {"introduced": "1.0.0"}"#;
        for (version, want) in [("0.9.0", None), ("1.0.0", Some(None)), ("1.5.0", Some(None)), ("1.5.1", None)] {
            assert_eq!(npm(last, version), want, "{version}");
        }
        assert_eq!(npm(r#"{"introduced": "0"}, {"limit": "2.0.0"}"#, "2.0.0"), None);
        assert_eq!(npm(r#"{"introduced": "0"}"#, "9.0.0"), Some(None));
        assert_eq!(npm("", "9.0.0"), None);
    }

    #[test]
    fn single_versions_count_beside_ranges() {
        let record = record(
            r#"{"package": {"ecosystem": "PyPI", "name": "A_b"}, "versions": ["1.0"], "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "2"}, {"fixed": "3"}]}]}"#,
        );
        let yes = |version| matches!(affects(&record, &Ecosystem::PyPi, "a-b", version), Affects::Yes { .. });
        assert!(yes("1.0") && yes("1.0.0") && yes("2.5") && !yes("1.1") && !yes("3.0"));
        assert_eq!(affects(&record, &Ecosystem::PyPi, "other", "1.0"), Affects::No);
        assert_eq!(affects(&record, &Ecosystem::Npm, "a-b", "1.0"), Affects::No);
    }

    #[test]
    fn what_cannot_be_compared_is_not_safe() {
        let ranges = r#""ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3"}]}]"#;
        let cran = record(&format!(r#"{{"package": {{"ecosystem": "CRAN", "name": "a"}}, {ranges}}}"#));
        assert_eq!(affects(&cran, &Ecosystem::Cran, "a", "1.0"), Affects::Unknown);
        let listed = record(&format!(r#"{{"package": {{"ecosystem": "CRAN", "name": "a"}}, "versions": ["2.0"], {ranges}}}"#));
        assert_eq!(affects(&listed, &Ecosystem::Cran, "a", "1.0"), Affects::No);
        let npm = record(&format!(r#"{{"package": {{"ecosystem": "npm", "name": "a"}}, {ranges}}}"#));
        assert_eq!(affects(&npm, &Ecosystem::Npm, "a", "https://example.org/a.tgz"), Affects::Unknown);
    }

    #[test]
    fn nor_is_a_version_that_its_rules_cannot_read_beside_a_list_of_all() {
        let both = r#""versions": ["1.0", "1.1"], "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3"}]}]"#;
        for (rest, version, wanted) in [
            (both, "3.0.0#comment", Affects::Unknown),
            (both, "4.0", Affects::No),
            (r#""versions": ["1.0"]"#, "abc", Affects::Unknown),
            (r#""versions": ["abc"]"#, "abc", Affects::Yes { fixed: None, unimportant: false }),
            (r#""ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]"#, "abc", Affects::No),
        ] {
            let record = record(&format!(r#"{{"package": {{"ecosystem": "PyPI", "name": "a"}}, {rest}}}"#));
            assert_eq!(affects(&record, &Ecosystem::PyPi, "a", version), wanted, "{rest} {version}");
        }
    }

    #[test]
    fn withdrawn_ones_concern_nobody_and_databases_may_write_anything() {
        let mut record = record(
            r#"{"package": {"ecosystem": "Debian:12", "name": "a"}, "versions": ["1"], "ranges": null, "ecosystem_specific": {"urgency": "unimportant", "x": [1]}, "database_specific": null}"#,
        );
        let debian = Ecosystem::from_name("Debian:12");
        assert_eq!(affects(&record, &debian, "a", "1"), Affects::Yes { fixed: None, unimportant: true });
        record.withdrawn = Some("2024-01-01T00:00:00Z".to_owned());
        assert_eq!(affects(&record, &debian, "a", "1"), Affects::No);
    }
}
