//! Reads an advisory in the OSV format, and keeps of it what matching needs, for each package that it speaks of: in a form
//! that is read again at once which versions it concerns, and the rest as JSON, for the few packages that it concerns.
//!
//! The format: <https://ossf.github.io/osv-schema/>.

use std::collections::BTreeMap;

use carat_checks::advisories::{self, Affects, Concern, Range, Record};
use carat_checks::ecosystem::Ecosystem;
use carat_checks::evidence::Advisory;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

/// An identifier, a name of a package or of an ecosystem, at most, in bytes.
const LONGEST_NAME: usize = 4 << 10;
/// The summary is for people.
const LONGEST_SUMMARY: usize = 300;
/// All that is kept of one advisory: what it says once is kept for each of its packages.
const MOST_KEPT: usize = 64 << 20;

/// How an advisory is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    Json,
    Yaml,
}

impl Form {
    /// By the ending of a name.
    pub(super) fn of(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match &*ending.to_ascii_lowercase() {
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

/// What one source says of an advisory and a package.
#[derive(Deserialize, Serialize)]
pub(super) struct Kept {
    pub(super) id: String,
    /// When it was changed last, in milliseconds since 1970.
    pub(super) modified: i64,
    /// Nothing of one that is withdrawn, which another source may not know yet.
    pub(super) said: Option<Said>,
}

/// What is said of an advisory and a package.
#[derive(Debug, Deserialize, Serialize)]
pub struct Said {
    concerns: Vec<Concern>,
    /// A [`Record`] as JSON, without ranges and versions.
    rest: String,
}

impl Said {
    /// Whether it concerns a version of the package, which has to be given as it was looked up.
    #[must_use]
    pub fn affects(&self, ecosystem: &Ecosystem, version: &str) -> Affects {
        advisories::concerns(&self.concerns, ecosystem, version)
    }

    /// What is told of the advisory.
    ///
    /// # Errors
    /// It is not as it was written.
    pub fn told(&self, ecosystem: &Ecosystem, name: &str) -> Result<Advisory, serde_json::Error> {
        Ok(serde_json::from_str::<Record>(&self.rest)?.told(ecosystem, name))
    }
}

/// An advisory that was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) modified: Timestamp,
    pub(super) withdrawn: bool,
    /// By ecosystem and the normal form of the name what it says of that package alone: a [`Kept`].
    pub(super) packages: BTreeMap<(String, String), Vec<u8>>,
}

/// What is read of an advisory; what of it is not kept otherwise is written as JSON, which [`Record`] reads again.
#[derive(Deserialize, Serialize)]
struct Written {
    id: String,
    #[serde(skip_serializing)]
    modified: String,
    #[serde(default, skip_serializing)]
    withdrawn: Option<String>,
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "Vec::is_empty")]
    upstream: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "Vec::is_empty")]
    severity: Vec<Severity>,
    #[serde(default, deserialize_with = "or_null")]
    affected: Vec<Affected>,
    #[serde(default, skip_serializing_if = "is_without")]
    database_specific: Option<Specific>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Severity {
    r#type: String,
    score: String,
}

#[derive(Deserialize, Serialize)]
struct Affected {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    package: Option<Package>,
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "Vec::is_empty")]
    severity: Vec<Severity>,
    #[serde(default, deserialize_with = "or_null", skip_serializing)]
    ranges: Vec<Range>,
    #[serde(default, deserialize_with = "or_null", skip_serializing)]
    versions: Vec<String>,
    #[serde(default, skip_serializing_if = "is_without")]
    ecosystem_specific: Option<Specific>,
    #[serde(default, skip_serializing_if = "is_without")]
    database_specific: Option<Specific>,
}

#[derive(Deserialize, Serialize)]
struct Package {
    ecosystem: String,
    name: String,
}

/// What of the members that each database makes for itself is of use.
#[derive(Default, Deserialize, Serialize)]
struct Specific {
    #[serde(default, deserialize_with = "text_alone", skip_serializing_if = "Option::is_none")]
    informational: Option<String>,
    #[serde(default, deserialize_with = "text_alone", skip_serializing_if = "Option::is_none")]
    urgency: Option<String>,
    #[serde(default, deserialize_with = "text_alone", skip_serializing_if = "Option::is_none")]
    severity: Option<String>,
}

#[expect(clippy::ref_option, reason = "serde hands it in so")]
fn is_without(specific: &Option<Specific>) -> bool {
    specific.as_ref().is_none_or(|specific| specific.informational.is_none() && specific.urgency.is_none() && specific.severity.is_none())
}

/// Databases write `null` for what is empty.
fn or_null<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// These members have no form of their own: only a text is taken from them.
fn text_alone<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match serde_json::Value::deserialize(from)? {
        serde_json::Value::String(text) => Some(text),
        _ => None,
    })
}

/// Reads an advisory, and keeps the packages that are wanted.
///
/// # Errors
/// What about it is wrong.
pub(super) fn read(text: &[u8], form: Form, is_wanted: impl Fn(&str) -> bool) -> Result<Read, String> {
    let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut advisory: Written = match form {
        Form::Json => serde_json::from_str(text).map_err(|error| error.to_string())?,
        Form::Yaml => yaml(text)?,
    };
    if !is_name(&advisory.id) || advisory.id.contains(char::is_whitespace) {
        return Err("its id is none".to_owned());
    }
    let modified: Timestamp = advisory.modified.parse().map_err(|_| "`modified` is no moment".to_owned())?;
    let withdrawn = advisory.withdrawn.is_some();
    let affected = std::mem::take(&mut advisory.affected);
    let mut by_package: BTreeMap<(String, String), Vec<Affected>> = BTreeMap::new();
    for affected in affected {
        let Some(Package { ecosystem, name }) = affected.package.as_ref() else { continue };
        if !is_name(ecosystem) || !is_name(name) {
            return Err("a package in it has no name".to_owned());
        }
        if !is_wanted(ecosystem) {
            continue;
        }
        let name = Ecosystem::from_name(ecosystem).normalised(name).into_owned();
        by_package.entry((ecosystem.clone(), name)).or_default().push(affected);
    }
    advisory.summary = advisory.summary.map(|summary| summary.chars().take(LONGEST_SUMMARY).collect());
    let mut packages = BTreeMap::new();
    let mut kept = 0;
    for (of, affected) in by_package {
        advisory.affected = affected;
        let said = (!withdrawn).then(|| said(&mut advisory)).transpose().map_err(|error| error.to_string())?;
        let record = Kept { id: advisory.id.clone(), modified: modified.as_millisecond(), said };
        let written = postcard::to_extend(&record, Vec::new()).map_err(|error| error.to_string())?;
        kept += written.len();
        if kept > MOST_KEPT {
            return Err("it says too much of too many packages".to_owned());
        }
        packages.insert(of, written);
    }
    Ok(Read { modified, withdrawn, packages })
}

/// What an advisory says of the package of which its entries are.
fn said(advisory: &mut Written) -> Result<Said, serde_json::Error> {
    let concern = |affected: &mut Affected| {
        let (ranges, versions) = (std::mem::take(&mut affected.ranges), std::mem::take(&mut affected.versions));
        let specific = [&affected.ecosystem_specific, &affected.database_specific];
        Concern::new(ranges, versions, specific.map(|specific| specific.as_ref()?.urgency.as_deref()))
    };
    Ok(Said { concerns: advisory.affected.iter_mut().map(concern).collect(), rest: serde_json::to_string(advisory)? })
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= LONGEST_NAME && !name.contains(char::is_control)
}

fn yaml(text: &str) -> Result<Written, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_nodes: 2_000_000, max_depth: 50, max_aliases: 1_000 },
        with_snippet: false,
    };
    let read = serde_saphyr::from_str_with_options(text, options);
    read.map_err(|error| error.to_string().lines().next().unwrap_or("it does not parse").to_owned())
}

#[cfg(test)]
mod tests {
    use carat_checks::advisories::Bound;

    use super::*;

    fn kept(text: &str, form: Form) -> Result<Vec<Kept>, String> {
        let read = read(text.as_bytes(), form, |_| true)?;
        Ok(read.packages.into_values().map(|written| postcard::from_bytes(&written).expect("as it was written")).collect())
    }

    fn said(text: &str, form: Form) -> Result<Vec<Said>, String> {
        Ok(kept(text, form)?.into_iter().map(|kept| kept.said.expect("not withdrawn")).collect())
    }

    #[test]
    fn what_matching_needs_is_kept_for_each_package() {
        let text = r#"{"schema_version": "1.7.0", "id": "X-1", "modified": "2026-01-02T03:04:05Z", "aliases": null, "details": "long",
            "affected": [
              {"package": {"ecosystem": "npm", "name": "b", "purl": "pkg:npm/b"}, "versions": ["1.0.0"],
               "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}, {"type": "GIT", "repo": "r", "events": []}],
               "database_specific": {"informational": "unsound", "categories": []}},
              {"package": {"ecosystem": "npm", "name": "a"}, "ecosystem_specific": {"urgency": {}}},
              {"ranges": [{"type": "GIT", "events": []}]}],
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}], "database_specific": {"severity": "HIGH", "cwe_ids": []}}"#;
        let kept = kept(text, Form::Json).expect("an advisory");
        let told: Vec<_> = kept.iter().map(|kept| (&*kept.id, kept.modified)).collect();
        assert_eq!(told, [("X-1", 1_767_323_045_000); 2]);
        let [of_a, of_b] = kept.into_iter().map(|kept| kept.said.expect("not withdrawn")).collect::<Vec<_>>().try_into().expect("two");
        assert_eq!(of_a.concerns, [Concern::default()]);
        let until_2 = vec![vec![Bound::Introduced("0".to_owned()), Bound::Fixed("2.0.0".to_owned())]];
        assert_eq!(of_b.concerns, [Concern { ranges: until_2, versions: vec!["1.0.0".to_owned()], unimportant: false }]);
        let end = r#""database_specific":{"severity":"HIGH"}"#;
        let common = r#""id":"X-1","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N"}]"#;
        assert_eq!(of_a.rest, format!(r#"{{{common},"affected":[{{"package":{{"ecosystem":"npm","name":"a"}}}}],{end}}}"#));
        let of = r#""affected":[{"package":{"ecosystem":"npm","name":"b"},"database_specific":{"informational":"unsound"}}]"#;
        assert_eq!(of_b.rest, format!("{{{common},{of},{end}}}"));
    }

    #[test]
    fn what_is_kept_says_what_the_advisory_says() {
        let text = r#"{"id": "X-1", "modified": "2026-01-02T03:04:05Z", "aliases": ["A"], "upstream": ["B"], "summary": "S",
            "affected": [
              {"package": {"ecosystem": "PyPI:x", "name": "Zope.Interface"}, "versions": ["1.0"], "severity": null,
               "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "2"}, {"limit": "*"}]}, {"type": "NEW"}],
               "ecosystem_specific": {"urgency": "low"}, "database_specific": {"informational": "unsound", "severity": "LOW"}}],
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}], "database_specific": {"severity": "HIGH"}}"#;
        let whole = serde_json::from_str::<Record>(text).expect("an advisory");
        let read = read(text.as_bytes(), Form::Json, |_| true).expect("an advisory");
        let [((ecosystem, name), written)] = &read.packages.into_iter().collect::<Vec<_>>()[..] else { panic!("one package") };
        assert_eq!((&**ecosystem, &**name), ("PyPI:x", "zope-interface"));
        let kept: Kept = postcard::from_bytes(written).expect("as it was written");
        let (said, ecosystem) = (kept.said.expect("not withdrawn"), Ecosystem::from_name(ecosystem));
        assert_eq!(said.told(&ecosystem, name).expect("as it was written"), whole.told(&ecosystem, name));
        for version in ["0.1", "1.0", "2", "2.1", "x"] {
            assert_eq!(said.affects(&ecosystem, version), advisories::affects(&whole, &ecosystem, name, version), "{version}");
        }
    }

    #[test]
    fn versions_in_yaml_are_texts_however_they_look() {
        let text = "id: PYSEC-1\nmodified: 2023-11-07T20:24:23.946863Z\naffected:\n- package: {ecosystem: PyPI, name: x}\n  ranges:\n  \
            - type: ECOSYSTEM\n    events:\n    - introduced: \"0\"\n    - fixed: 1.10\n  versions:\n  - 1.10\n  - 2\n  - 0x10\n  - 1e3\n";
        let concerns = said(text, Form::Yaml).expect("an advisory").remove(0).concerns;
        assert_eq!(concerns[0].ranges, [[Bound::Introduced("0".to_owned()), Bound::Fixed("1.10".to_owned())]]);
        assert_eq!(concerns[0].versions, ["1.10", "2", "0x10", "1e3"]);
    }

    #[test]
    fn withdrawn_ones_keep_their_names_alone() {
        let text = r#"{"id": "X-1", "modified": "2026-01-02T03:04:05Z", "withdrawn": "2026-01-02T03:04:05Z", "aliases": ["CVE-1"],
            "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1"]}]}"#;
        let kept = kept(text, Form::Json).expect("an advisory").remove(0);
        assert!(kept.said.is_none() && kept.id == "X-1" && kept.modified == 1_767_323_045_000);
    }

    #[test]
    fn what_breaks_the_schema_is_refused() {
        let valid = r#"{"id": "X-1", "modified": "2026-01-02T03:04:05Z", "affected": [{"package": {"ecosystem": "npm", "name": "a"}}]}"#;
        assert_eq!(kept(valid, Form::Json).map(|kept| kept.len()), Ok(1));
        let broken = [
            ("X-1", ""),
            ("X-1", "X 1"),
            ("X-1", "X\\u0007"),
            ("2026-01-02T03:04:05Z", "yesterday"),
            (r#""npm""#, "1"),
            (r#""name": "a""#, r#""name": """#),
            (r#""package": {"ecosystem": "npm", "name": "a"}"#, r#""versions": [1]"#),
            ("}]}", "}]"),
        ];
        for (from, to) in broken {
            assert!(kept(&valid.replacen(from, to, 1), Form::Json).is_err(), "{from} {to}");
        }
        assert_eq!(read(b"{\"id\": \"\xff\"}", Form::Json, |_| true).expect_err("refused"), "it is not UTF-8");
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(kept(&deep, Form::Json).is_err() && kept(&deep, Form::Yaml).is_err());
        let laughs = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n";
        assert!(kept(laughs, Form::Yaml).is_err());
    }

    #[test]
    fn what_is_said_once_is_not_kept_without_bound() {
        let packages: Vec<String> = (0..2_000).map(|n| format!(r#"{{"package": {{"ecosystem": "npm", "name": "p{n}"}}}}"#)).collect();
        let alias = "x".repeat(64 << 10);
        let text =
            format!(r#"{{"id": "X-1", "modified": "2026-01-02T03:04:05Z", "aliases": ["{alias}"], "affected": [{}]}}"#, packages.join(","));
        assert_eq!(said(&text, Form::Json).expect_err("refused"), "it says too much of too many packages");
    }
}
