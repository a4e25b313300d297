#![doc = include_str!("README.md")]

use std::collections::{BTreeMap, BTreeSet};

use crate::Id;
use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Level, Risk, Verdict};
use crate::evidence::{Cause, Evidence, Facet, Gap, Release};
use crate::finding::{Effort, Finding, Location, Outcome, Value};
use crate::probe::{Probe, ProbeMeta};

/// Whether the files of releases are signed.
pub struct SignedReleases;

static CHECK: CheckMeta = CheckMeta {
    name: "Signed-Releases",
    risk: Risk::High,
    short: "Are the files of releases signed, or do they tell how they were built?",
    answered_by: AnsweredBy::Host,
    readme: include_str!("README.md"),
};

static SIGNED: ProbeMeta = ProbeMeta {
    id: "releasesAreSigned",
    question: "a release carries a signature",
    good: Some(Outcome::True),
    remedy: "Sign what is released in the workflow that releases it, and add the signature to the release: `cosign sign-blob --bundle \
             FILE.sigstore.json FILE`, then `gh release upload TAG FILE.sigstore.json`. `gpg --armor --detach-sign FILE` and `minisign -Sm \
             FILE` will do as well.",
    effort: Effort::Medium,
    needs: &[Facet::Releases],
    uses: &[],
};

static PROVENANCE: ProbeMeta = ProbeMeta {
    id: "releasesHaveProvenance",
    question: "a release carries provenance: a statement, signed by the builder, of how it was built",
    good: Some(Outcome::True),
    remedy: "Build the release with slsa-framework/slsa-github-generator (https://slsa.dev), which adds a file *.intoto.jsonl to it.",
    effort: Effort::Medium,
    needs: &[Facet::Releases],
    uses: &[],
};

struct Signed;
struct Provenance;

/// How many releases are looked at; those without files count.
const LOOK_BACK: usize = 5;
const SIGNATURES: [&str; 6] = [".asc", ".minisig", ".sig", ".sign", ".sigstore", ".sigstore.json"];
const PROVENANCES: [&str; 1] = [".intoto.jsonl"];

const RELEASE: &str = "releaseName";
const ASSET: &str = "assetName";

impl Check for SignedReleases {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&Signed, &Provenance]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        let judged: Vec<(&str, &Finding)> = findings.iter().filter_map(|finding| Some((release(finding)?, finding))).collect();
        if judged.is_empty() {
            return Verdict::nothing_to_judge("no release with files", Vec::new());
        }
        let found = |probe: &ProbeMeta| -> BTreeSet<&str> {
            judged.iter().filter(|(_, f)| f.probe == probe.id && f.outcome == Outcome::True).map(|(tag, _)| *tag).collect()
        };
        let (signed, provenance) = (found(&SIGNED), found(&PROVENANCE));
        // Who tells how a release was built need not sign it.
        let told = judged.iter().filter(|(tag, f)| f.outcome == Outcome::True || f.probe != SIGNED.id || !provenance.contains(tag));
        let level = |outcome| if outcome == Outcome::True { Level::Info } else { Level::Warn };
        let details = told.map(|(_, finding)| Detail::of(finding, level(finding.outcome))).collect();
        if judged.iter().any(|(tag, _)| tag.is_empty()) {
            // Releases are told apart by their tags, and the reference gives up.
            let gap = Gap::new(Facet::Releases, Cause::Failed { why: "a draft has no tag".to_owned() });
            return Verdict::unknown(vec![gap], details);
        }
        let points: BTreeMap<&str, u32> = signed.iter().map(|tag| (*tag, 8)).chain(provenance.iter().map(|tag| (*tag, 10))).collect();
        let all = judged.iter().map(|(tag, _)| *tag).collect::<BTreeSet<_>>().len();
        let score = points.values().sum::<u32>() / u32::try_from(all).unwrap_or(u32::MAX);
        let releases = if all == 1 { "release" } else { "releases" };
        let reason = format!("{} of the last {all} {releases} signed or with provenance", points.len());
        Verdict::scored(u8::try_from(score).unwrap_or(10), reason, details)
    }
}

fn release(finding: &Finding) -> Option<&str> {
    match finding.values.get(RELEASE) {
        Some(Value::Text(tag)) => Some(tag),
        _ => None,
    }
}

/// Says of each of the last releases that have files whether one of these ends in one of `endings`.
fn answer(meta: &ProbeMeta, evidence: &Evidence, endings: &[&str], (found, lacking): (&str, &str)) -> Vec<Finding> {
    let releases = match evidence.releases.get() {
        Ok(releases) => releases,
        Err(gap) => return vec![meta.unanswered(gap)],
    };
    let judge = |release: &Release| {
        let asset = release.assets.iter().find(|name| endings.iter().any(|ending| name.ends_with(ending)));
        let finding = match asset {
            // The reference names the page of the release, and where there is nothing its address for programs.
            Some(asset) => Finding::new(meta.id, Outcome::True, format!("the release {} carries {found}: {asset}", release.tag))
                .at(Location::address(&release.url))
                .value(ASSET, Id::Owned(asset.clone())),
            None => Finding::new(meta.id, Outcome::False, format!("the release {} carries {lacking}", release.tag))
                .at(Location::address(&release.api_url)),
        };
        finding.about(&release.tag).value(RELEASE, Id::Owned(release.tag.clone()))
    };
    let findings: Vec<Finding> = releases.iter().take(LOOK_BACK).filter(|release| !release.assets.is_empty()).map(judge).collect();
    if findings.is_empty() {
        return vec![Finding::new(meta.id, Outcome::NotApplicable, "no release with files")];
    }
    findings
}

impl Probe for Signed {
    fn meta(&self) -> &ProbeMeta {
        &SIGNED
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&SIGNED, evidence, &SIGNATURES, ("a signature", "no signature"))
    }
}

impl Probe for Provenance {
    fn meta(&self) -> &ProbeMeta {
        &PROVENANCE
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&PROVENANCE, evidence, &PROVENANCES, ("provenance", "no provenance"))
    }
}
