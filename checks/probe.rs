//! Probes: one true/false question each.

use crate::Id;
use crate::evidence::{Cause, Evidence, Facet, Gap, Request};
use crate::finding::{Effort, Finding, Outcome, Remediation, carry};

/// What is known of a probe before it runs.
#[derive(Debug)]
pub struct ProbeMeta {
    /// The id, the reference's where it has one.
    pub id: &'static str,
    /// The question, as a statement that is true or false.
    pub question: &'static str,
    /// The outcome that is good, `None` where neither is.
    pub good: Option<Outcome>,
    /// What to do when the outcome is the bad one.
    pub remedy: &'static str,
    /// How much work that is.
    pub effort: Effort,
    /// Without these facets the probe cannot answer.
    pub needs: &'static [Facet],
    /// Without these it answers as the reference does, and says so.
    pub uses: &'static [Facet],
}

impl ProbeMeta {
    /// The remediation for an outcome: there is one for the bad outcome alone.
    #[must_use]
    pub fn remediation(&self, outcome: Outcome) -> Option<Remediation> {
        let bad = match self.good? {
            Outcome::True => Outcome::False,
            _ => Outcome::True,
        };
        (outcome == bad).then_some(Remediation { text: Id::Borrowed(self.remedy), effort: self.effort })
    }

    /// The finding of a probe that cannot answer, because of `gap`.
    #[must_use]
    pub fn unanswered(&self, gap: &Gap) -> Finding {
        Finding::new(self.id, Outcome::NotAvailable, format!("not known: {gap}")).without([gap.clone()])
    }
}

/// One true/false question over evidence. Pure: the same evidence gives the same findings.
pub trait Probe: Send + Sync {
    /// What is known of it.
    fn meta(&self) -> &ProbeMeta;

    /// What it wants next, given what is known; asked after each round of collecting, three times at most.
    fn asks(&self, _known: &Evidence) -> Vec<Request> {
        Vec::new()
    }

    /// The facets of which it may ask for something later, so that a run's price can be told before it.
    fn may_ask(&self) -> &'static [Facet] {
        &[]
    }

    /// The answers. Never empty.
    fn run(&self, evidence: &Evidence) -> Vec<Finding>;
}

/// How many findings of a probe are kept. Those beyond count for nothing, so a probe with very many may stop making them
/// once it has one more.
pub const MOST_FINDINGS: usize = 50_000;

/// Runs a probe, keeps its findings up to [`MOST_FINDINGS`], and completes them with their remediations, where the probe
/// gave none of its own.
#[must_use]
pub fn run(probe: &dyn Probe, evidence: &Evidence) -> Vec<Finding> {
    let meta = probe.meta();
    let mut findings = probe.run(evidence);
    if findings.len() > MOST_FINDINGS {
        findings.truncate(MOST_FINDINGS);
        let (thousands, rest) = (MOST_FINDINGS / 1_000, MOST_FINDINGS % 1_000);
        let bound = format!("{thousands},{rest:03} findings of {} (the rest is not judged)", meta.id);
        carry(&mut findings, [Gap::new(Facet::Files, Cause::LimitReached { bound })]);
    }
    for finding in &mut findings {
        finding.remediation = finding.remediation.take().or_else(|| meta.remediation(finding.outcome));
    }
    findings
}
