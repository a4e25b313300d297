//! The check of the model that this version cannot answer: it is in the list, inconclusive, with its reason.

use crate::check::{AnsweredBy, Built, Check, CheckMeta, Risk, Verdict};
use crate::evidence::{Cause, Facet, Gap};
use crate::finding::Finding;
use crate::probe::Probe;

/// Known vulnerabilities: a check without probes.
pub struct Vulnerabilities;

static CHECK: CheckMeta = CheckMeta {
    name: "Vulnerabilities",
    risk: Risk::High,
    short: "Are there known vulnerabilities in the project or what it depends on?",
    answered_by: AnsweredBy::Files,
    built: Built::NotYet,
    readme: "The answer needs advisories about packages, which this version of carat does not read yet.",
};

impl Check for Vulnerabilities {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[]
    }

    fn score(&self, _: &[Finding]) -> Verdict {
        Verdict::unknown(vec![Gap::new(Facet::Advisories, Cause::NotBuilt)], Vec::new())
    }
}
