//! From a selection of checks to a scorecard: what to collect for it, and the judging of what was collected.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::check::{self, Check, Risk, Verdict};
use crate::evidence::{Annotations, Cause, Evidence, Facet, Gap, LookedAt, Reason, Repository, Request};
use crate::finding::{self, Finding, Outcome};
use crate::model::{Model, Total};
use crate::probe::{self, Probe};

/// The checks and probes of a run.
#[derive(Clone, Default)]
pub struct Selection {
    /// The checks, sorted by name.
    pub checks: Vec<&'static dyn Check>,
    /// Probes beside those of the checks.
    pub probes: Vec<&'static dyn Probe>,
}

impl Selection {
    /// Every probe of the run once: those of the checks in their order, then the others.
    #[must_use]
    pub fn all_probes(&self) -> Vec<&'static dyn Probe> {
        let mut seen = BTreeSet::new();
        let of_checks = self.checks.iter().flat_map(|check| check.probes());
        of_checks.chain(&self.probes).copied().filter(|probe| seen.insert(probe.meta().id)).collect()
    }

    /// The facets to collect first: what the probes need and use.
    #[must_use]
    pub fn wants(&self) -> BTreeSet<Facet> {
        let probes = self.all_probes();
        let of_probes = probes.iter().flat_map(|probe| probe.meta().needs.iter().chain(probe.meta().uses)).copied();
        // Maintainers annotate checks.
        let of_checks = if self.checks.is_empty() { None } else { Some(Facet::Annotations) };
        of_probes.chain(of_checks).collect()
    }

    /// The facets of which the probes may ask for something later.
    #[must_use]
    pub fn may_ask(&self) -> BTreeSet<Facet> {
        self.all_probes().iter().flat_map(|probe| probe.may_ask()).copied().collect()
    }

    /// What the probes ask for, given what is known.
    #[must_use]
    pub fn asks(&self, known: &Evidence) -> BTreeSet<Request> {
        self.all_probes().iter().flat_map(|probe| probe.asks(known)).collect()
    }
}

/// What one check said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The check's name.
    pub name: String,
    /// How much it matters.
    pub risk: Risk,
    /// Whether this kind of target can answer it at all.
    pub offered: bool,
    /// What it said.
    pub verdict: Verdict,
    /// What the maintainers say about a score below 10, in the order of their file. It changes nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Reason>,
}

/// Everything found out about one repository in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scorecard {
    /// What was judged.
    pub repository: Repository,
    /// The moment of judging, as an RFC 3339 time in UTC.
    pub as_of: String,
    /// The name of the model that gave the total.
    pub model: String,
    /// How many files were listed.
    pub files: usize,
    /// What was not among them.
    pub looked_at: LookedAt,
    /// The checks, sorted by name.
    pub checks: Vec<CheckResult>,
    /// The findings of all probes, in the order of the probes.
    pub findings: Vec<Finding>,
    /// The total.
    pub total: Total,
}

impl Scorecard {
    /// What was missing anywhere, each gap once, in the order in which it was met.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let of_checks = self.checks.iter().flat_map(|check| check.verdict.gaps());
        Gap::distinct(of_checks.chain(self.findings.iter().flat_map(|finding| &finding.without)))
    }
}

/// Judges the evidence. Pure: the same evidence gives the same scorecard.
#[must_use]
pub fn judge(selection: &Selection, model: &Model, evidence: &Evidence) -> Scorecard {
    let annotations = evidence.annotations.get().ok().and_then(Option::as_ref);
    let (checks, mut found): (Vec<CheckResult>, Vec<Vec<Finding>>) =
        selection.checks.par_iter().map(|check| judge_check(*check, annotations, evidence)).unzip();
    let ran: BTreeSet<&str> = selection.checks.iter().flat_map(|check| check.probes()).map(|probe| probe.meta().id).collect();
    let others = selection.probes.iter().filter(|probe| !ran.contains(probe.meta().id));
    found.extend(others.map(|probe| probe::run(*probe, evidence)));
    let mut findings = Vec::with_capacity(found.iter().map(Vec::len).sum());
    findings.extend(found.into_iter().flatten());
    finding::fingerprint(&mut findings);
    let total = model.total(checks.iter().map(|check| (check.name.as_str(), &check.verdict, check.offered)));
    let (files, mut looked_at) = match evidence.files.get() {
        Ok(files) => (files.entries.len(), files.looked_at.clone()),
        Err(gap) => {
            // What does without them has no gap.
            let gaps = checks.iter().flat_map(|check| check.verdict.gaps()).chain(findings.iter().flat_map(|finding| &finding.without));
            let is_told = gap.cause == Cause::NotAsked || gaps.into_iter().any(|told| told.facet == Facet::Files);
            (0, LookedAt { notes: if is_told { Vec::new() } else { vec![gap.to_string()] }, ..LookedAt::default() })
        }
    };
    looked_at.notes.extend(annotations.and_then(about));
    Scorecard {
        repository: evidence.repository.clone(),
        as_of: evidence.as_of.clone(),
        model: model.name.to_owned(),
        files,
        looked_at,
        checks,
        findings,
        total,
    }
}

/// Judges by one check: what it says, and the findings on which that rests.
fn judge_check(check: &dyn Check, annotations: Option<&Annotations>, evidence: &Evidence) -> (CheckResult, Vec<Finding>) {
    let mut own = Vec::new();
    for probe in check.probes() {
        let found = probe::run(*probe, evidence);
        // Most checks have one probe, whose findings need no other place.
        if own.is_empty() { own = found } else { own.extend(found) }
    }
    let meta = check.meta();
    let verdict = check::score(check, &own);
    // Where a source fails, or a file does not parse, the reference's check fails, and its probes say nothing. An error
    // without a gap is one that it survives.
    let is_failure = |f: &Finding| matches!(f.outcome, Outcome::Error | Outcome::NotAvailable) && !f.without.is_empty();
    if verdict.score().is_none() && own.iter().any(is_failure) {
        own.iter_mut().for_each(|finding| finding.extended = true);
    }
    let said = annotations.filter(|_| verdict.score() != Some(10));
    let said = said.map(|annotations| annotations.of(meta.name).take(MOST_ANNOTATIONS).collect()).unwrap_or_default();
    let result =
        CheckResult { name: meta.name.to_owned(), risk: meta.risk, offered: check::is_offered(&verdict), verdict, annotations: said };
    (result, own)
}

/// How many annotations of one check are shown.
const MOST_ANNOTATIONS: usize = 20;

/// What to say of a file with annotations: it comes from the judged, and is never hidden.
fn about(annotations: &Annotations) -> Option<String> {
    let path = &annotations.path;
    match &annotations.dropped {
        Some(why) => Some(format!("{path} holds annotations that were not understood and were dropped: {why}")),
        None if annotations.groups.is_empty() => None,
        None => Some(format!("{path} annotates results; scores are not changed by it (--show-annotations shows it)")),
    }
}
