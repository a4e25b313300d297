//! `json`: everything, as a superset of the reference's second version of its JSON. Its keys keep type and meaning,
//! ours stand beside them. Within a major version keys are added, never changed or removed.

use std::collections::BTreeMap;
use std::io::{self, Write};

use carat_checks::check::{Level, Verdict};
use carat_checks::evidence::{Cause, Gap};
use carat_checks::finding::{self, Value};
use carat_checks::model::{SCORECARD_V5, rounded};
use carat_checks::scorecard::{CheckResult, Scorecard};
use serde::{Serialize, Serializer};

use super::line::write_line;
use super::{Look, Run};
use crate::http::Bill;

/// The document that `--format json` writes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Document<'a> {
    /// The moment of judging, as an RFC 3339 time in UTC.
    date: String,
    repo: Repo,
    scorecard: Reference,
    /// The total from 0 to 10, with one decimal; −1.0 when no check is conclusive.
    score: f64,
    /// The checks of the run, sorted by name.
    checks: Vec<Check>,
    /// Always empty.
    metadata: Vec<String>,
    tool: Tool,
    /// The scoring model that gave the total.
    model: &'static str,
    /// `complete` if every check that this kind of target offers could judge, else `incomplete`.
    status: &'static str,
    completeness: Completeness,
    /// Between which totals the score would lie if nothing were missing; absent where no check could be scored.
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<(f64, f64)>,
    files: Files,
    /// What was missing, each gap once.
    gaps: Vec<GapView>,
    /// From where advisories came, each with its time; absent where none were looked up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    advisories: Vec<AdvisorySource>,
    /// What was asked of whom, by service; absent where nobody was, and where a saved run is judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    bill: Option<Bill>,
    /// The findings of all probes.
    #[cfg_attr(test, schemars(with = "Vec<FindingView>"))]
    findings: Views<'a>,
}

/// From where advisories came.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct AdvisorySource {
    /// Its address, or its folder.
    name: String,
    /// Up to when it is known to be complete, as an RFC 3339 time in UTC.
    as_of: String,
    /// The tag by which its host tells versions of it apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    /// How many advisories it has; absent of a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

/// Findings, each put into its form when its turn comes: there may be very many.
pub(super) struct Views<'a> {
    pub(super) findings: &'a [finding::Finding],
    /// Whether those outside the reference's scope are among them.
    pub(super) extended: bool,
}

impl Serialize for Views<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.findings.iter().filter(|finding| self.extended || !finding.extended).map(view))
    }
}

/// What was judged.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Repo {
    /// `file://PATH` for a local repository, `HOST/OWNER/NAME` for one on a host.
    name: String,
    /// The commit's id, or `unknown` for a folder without Git.
    commit: String,
    /// The name that it was asked for by, where its host knows it by another one now.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked_as: Option<String>,
}

/// The version of the reference, ossf/scorecard, whose scores are given.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Reference {
    version: &'static str,
    commit: &'static str,
}

/// The program that wrote the document.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// How many checks could judge.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Completeness {
    /// Checks with a score, or with nothing to judge.
    judged: usize,
    /// Checks of the run that this kind of target offers.
    possible: usize,
    /// Checks of the run.
    selected: usize,
    /// Checks that the model counts.
    model: usize,
}

/// The list of files, and what is not on it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Files {
    /// How many entries were listed.
    listed: usize,
    /// Files of the working tree that Git neither tracks nor ignores, and that were not looked at.
    untracked: usize,
    /// Entries of a plain folder that a `.gitignore` in it names; an ignored folder counts as one.
    ignored: usize,
    /// Tracked files that are not in the working tree.
    deleted: usize,
    /// Other things worth knowing about the way the list was made.
    notes: Vec<String>,
    /// Parts of the tree that could not be listed, with the reason.
    missing: Vec<String>,
}

/// What one check said.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Check {
    /// Lines of the form `Level: text: path:line`.
    details: Vec<String>,
    /// From 0 to 10; −1 when inconclusive.
    score: i8,
    reason: String,
    name: String,
    documentation: Documentation,
    /// What the maintainers say about a score below 10; only when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<&'static str>,
    /// How much it matters: `Low`, `Medium`, `High` or `Critical`.
    risk: &'static str,
    /// The weight of the score in the total.
    weight: f64,
    /// `scored`, `limited` (what is missing could change the score) or `inconclusive`.
    status: &'static str,
    /// Whether this kind of target can answer the check at all.
    offered: bool,
    /// Between which scores it would lie if nothing were missing; absent when inconclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    bounds: Option<(u8, u8)>,
    /// What was missing; empty for an inconclusive check with nothing to judge.
    gaps: Vec<GapView>,
}

/// Where a check is explained.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Documentation {
    url: String,
    short: &'static str,
}

/// Why something could not be seen.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct GapView {
    /// What was missing, as the name of a kind of fact.
    facet: String,
    /// Why: `not_asked`, `not_offered`, `present_only`, `denied`, `no_token`, `failed`, `limit_reached`, `shallow`, `offline` or
    /// `not_built`.
    cause: &'static str,
    /// Both, in words.
    text: String,
    /// The first few of the files that it is about, where it is about single files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    paths: Vec<String>,
    /// How many files it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
}

/// One answer of a probe, as in the reference's probe format; `subject`, `role`, `fingerprint`, `gaps` and `extended`
/// are ours.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct FindingView {
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<RemediationView>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    values: BTreeMap<String, String>,
    probe: String,
    message: String,
    /// `True`, `False`, `NotAvailable`, `NotSupported`, `NotApplicable` or `Error`.
    outcome: &'static str,
    /// Which branch, release or other thing without a file it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// Stays the same while the finding does, whatever its line.
    fingerprint: String,
    /// What the probe would have used as well; its first finding carries it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<GapView>,
    /// Outside the reference's scope and its score.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    extended: bool,
}

/// Where a finding is.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct LocationView {
    #[serde(skip_serializing_if = "Option::is_none")]
    line_start: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_end: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<String>,
    /// Bytes that are no UTF-8 are written as `\xNN`.
    path: String,
    /// 0 none, 1 source, 2 binary, 3 text, 4 address.
    #[serde(rename = "type")]
    kind: u8,
    /// The file's part in its repository: `production`, `test`, `example`, `vendored`, `generated` or `documentation`.
    role: &'static str,
}

/// What to do about a finding.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RemediationView {
    text: String,
    markdown: String,
    /// 1 low, 2 medium, 3 high.
    effort: u8,
}

pub(super) fn write(run: &Run, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let scorecard = &run.scorecard;
    let total = &scorecard.total;
    let document = Document {
        date: scorecard.as_of.clone(),
        repo: repo(scorecard),
        scorecard: reference(),
        score: rounded(total.score),
        checks: scorecard.checks.iter().map(|result| check(result, look)).collect(),
        metadata: Vec::new(),
        tool: Tool { name: "carat", version: env!("CARGO_PKG_VERSION") },
        model: SCORECARD_V5.name,
        status: if total.completeness.is_complete() { "complete" } else { "incomplete" },
        completeness: Completeness {
            judged: total.completeness.judged,
            possible: total.completeness.possible,
            selected: total.completeness.selected,
            model: total.completeness.model,
        },
        interval: total.interval.map(|(low, high)| (rounded(Some(low)), rounded(Some(high)))),
        files: files(scorecard),
        gaps: scorecard.gaps().iter().map(gap).collect(),
        advisories: advisory_sources(run),
        bill: run.bill.clone(),
        findings: Views { findings: &scorecard.findings, extended: true },
    };
    write_line(&document, out)
}

fn advisory_sources(run: &Run) -> Vec<AdvisorySource> {
    let Ok(advisories) = run.saved.evidence.advisories.get() else { return Vec::new() };
    let each = advisories.sources.iter().map(|source| AdvisorySource {
        name: source.name.clone(),
        as_of: source.as_of.clone(),
        etag: source.etag.clone(),
        count: source.advisories,
    });
    each.collect()
}

fn files(scorecard: &Scorecard) -> Files {
    let looked_at = &scorecard.looked_at;
    let at_path = |path: &str| if path.is_empty() { ".".to_owned() } else { path.to_owned() };
    Files {
        listed: scorecard.files,
        untracked: looked_at.untracked,
        ignored: looked_at.ignored,
        deleted: looked_at.deleted,
        notes: looked_at.notes.clone(),
        missing: looked_at.missing.iter().map(|(path, cause)| format!("{}: {cause}", at_path(&path.text()))).collect(),
    }
}

pub(super) fn repo(scorecard: &Scorecard) -> Repo {
    let commit = scorecard.repository.commit.clone().unwrap_or_else(|| "unknown".to_owned());
    Repo { name: scorecard.repository.name.clone(), commit, asked_as: scorecard.repository.asked_as.clone() }
}

pub(super) fn reference() -> Reference {
    Reference { version: SCORECARD_V5.reference.version, commit: SCORECARD_V5.reference.commit }
}

/// The page that explains a check: the reference's, until this project has an address of its own.
pub(super) fn documentation_url(check: &str) -> String {
    format!("https://github.com/ossf/scorecard/blob/{}/docs/checks.md#{}", SCORECARD_V5.reference.commit, check.to_lowercase())
}

fn check(result: &CheckResult, look: &Look) -> Check {
    let short = carat_checks::CHECKS.iter().find(|check| check.meta().name == result.name).map_or("", |check| check.meta().short);
    let (score, bounds) = match &result.verdict {
        Verdict::Scored { score, bounds, .. } => (i8::try_from(*score).unwrap_or(10), Some(*bounds)),
        Verdict::Inconclusive { .. } => (-1, None),
    };
    Check {
        details: result.verdict.details().iter().filter(|detail| detail.level != Level::Debug).map(detail_line).collect(),
        score,
        reason: result.verdict.reason().to_owned(),
        name: result.name.clone(),
        documentation: Documentation { url: documentation_url(&result.name), short },
        annotations: if look.annotations { result.annotations.iter().map(|reason| reason.sentence()).collect() } else { Vec::new() },
        risk: result.risk.as_str(),
        weight: SCORECARD_V5.weight(&result.name),
        status: match &result.verdict {
            Verdict::Scored { limited, .. } if limited.is_empty() => "scored",
            Verdict::Scored { .. } => "limited",
            Verdict::Inconclusive { .. } => "inconclusive",
        },
        offered: result.offered,
        bounds,
        gaps: result.verdict.gaps().iter().map(gap).collect(),
    }
}

/// A detail in the reference's form, `Level: text[: path[:line[-end]]]`.
fn detail_line(detail: &carat_checks::check::Detail) -> String {
    let mut line = format!("{}: {}", detail.level.as_str(), detail.text);
    if let Some(location) = &detail.location {
        line.push_str(": ");
        line.push_str(&location.path.text());
        if let Some(start) = location.line {
            line.push_str(&format!(":{start}"));
            if let Some(end) = location.end_line.filter(|end| *end > start) {
                line.push_str(&format!("-{end}"));
            }
        }
    }
    line
}

fn gap(gap: &Gap) -> GapView {
    let facet = serde_json::to_value(gap.facet).ok().and_then(|name| name.as_str().map(str::to_owned));
    GapView {
        facet: facet.unwrap_or_default(),
        cause: match gap.cause {
            Cause::NotAsked => "not_asked",
            Cause::NotOffered { .. } => "not_offered",
            Cause::NoToken => "no_token",
            Cause::PresentOnly => "present_only",
            Cause::Denied { .. } => "denied",
            Cause::Failed { .. } => "failed",
            Cause::LimitReached { .. } => "limit_reached",
            Cause::Shallow => "shallow",
            Cause::Offline => "offline",
            Cause::Unresolved { .. } => "unresolved",
            Cause::NoDatabase => "no_database",
        },
        text: gap.to_string(),
        paths: gap.paths.iter().map(|path| path.text().into_owned()).collect(),
        count: (gap.count > 0).then_some(gap.count),
    }
}

fn view(finding: &finding::Finding) -> FindingView {
    let value = |value: &Value| match value {
        Value::Text(text) => text.clone().into_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Boolean(yes) => yes.to_string(),
    };
    FindingView {
        location: finding.location.as_ref().map(|location| LocationView {
            line_start: location.line,
            line_end: location.end_line,
            snippet: location.snippet.clone(),
            path: location.path.text().into_owned(),
            kind: location.kind as u8,
            role: location.role.as_str(),
        }),
        remediation: finding.remediation.as_ref().map(|remediation| RemediationView {
            text: remediation.text.clone().into_owned(),
            markdown: remediation.text.clone().into_owned(),
            effort: remediation.effort as u8,
        }),
        values: finding.values.iter().map(|(name, typed)| (name.clone().into_owned(), value(typed))).collect(),
        probe: finding.probe.clone().into_owned(),
        message: finding.message.clone(),
        outcome: finding.outcome.as_str(),
        subject: finding.subject.clone(),
        fingerprint: finding.fingerprint.clone(),
        gaps: finding.without.iter().map(gap).collect(),
        extended: finding.extended,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes the committed schema anew with `CARAT_BLESS=1`.
    #[test]
    fn the_schema_in_the_documentation_is_that_of_the_code() {
        is_committed::<Document>("carat.schema.json");
        is_committed::<super::super::failure::Failed>("carat-failed.schema.json");
    }

    fn is_committed<T: schemars::JsonSchema>(name: &str) {
        let schema = serde_json::to_string_pretty(
            &schemars::generate::SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<T>(),
        )
        .expect("a schema serialises")
            + "\n";
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(name);
        if std::env::var_os("CARAT_BLESS").is_some() {
            std::fs::write(&file, &schema).expect("the schema can be written");
        }
        let committed = std::fs::read_to_string(&file).expect("the schema is committed");
        assert!(committed == schema, "docs/schema/{name} is not what the code says; CARAT_BLESS=1 cargo test writes it");
    }
}
