//! The checks of the model that this version cannot answer: each is in the list, inconclusive, with its reason.

use crate::check::{AnsweredBy, Built, Check, CheckMeta, Risk, Verdict};
use crate::evidence::{Cause, Facet, Gap};
use crate::finding::Finding;
use crate::probe::Probe;

/// A check without probes.
pub struct Unbuilt {
    meta: CheckMeta,
    lacks: Facet,
}

impl Check for Unbuilt {
    fn meta(&self) -> &CheckMeta {
        &self.meta
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[]
    }

    fn score(&self, _: &[Finding]) -> Verdict {
        Verdict::unknown(vec![Gap::new(self.lacks, Cause::NotBuilt)], Vec::new())
    }
}

const fn host(name: &'static str, risk: Risk, short: &'static str) -> Unbuilt {
    let readme = "Only the host of a repository can answer this, and this version of carat asks no host yet.";
    Unbuilt { meta: CheckMeta { name, risk, short, answered_by: AnsweredBy::Host, built: Built::NotYet, readme }, lacks: Facet::Metadata }
}

const fn files(name: &'static str, risk: Risk, short: &'static str, lacks: Facet, readme: &'static str) -> Unbuilt {
    Unbuilt { meta: CheckMeta { name, risk, short, answered_by: AnsweredBy::Files, built: Built::NotYet, readme }, lacks }
}

const ADVISORIES: &str = "The answer needs advisories about packages, which this version of carat does not read yet.";

pub(crate) static VULNERABILITIES: Unbuilt = files(
    "Vulnerabilities",
    Risk::High,
    "Are there known vulnerabilities in the project or what it depends on?",
    Facet::Advisories,
    ADVISORIES,
);
