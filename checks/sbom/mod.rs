#![doc = include_str!("README.md")]

use crate::Id;
use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Risk, Verdict, gaps};
use crate::evidence::{Evidence, Facet, Files, Gap, Release};
use crate::finding::{Effort, Finding, Location, LocationKind, Outcome};
use crate::parse::{is_sbom, is_sbom_name};
use crate::probe::{Probe, ProbeMeta};

/// Whether the project publishes a bill of materials.
pub struct Sbom;

static CHECK: CheckMeta = CheckMeta {
    name: "SBOM",
    risk: Risk::Medium,
    short: "Does the project publish a bill of materials?",
    answered_by: AnsweredBy::Host,
    readme: include_str!("README.md"),
};

static HAS: ProbeMeta = ProbeMeta {
    id: "hasSBOM",
    question: "there is a bill of materials, in the root of the repository or with a release",
    good: Some(Outcome::True),
    remedy: "Have the workflow that releases write one: `syft . -o spdx-json=NAME.spdx.json`, or cargo-cyclonedx, cyclonedx-npm and their \
             likes, which write NAME.cdx.json.",
    effort: Effort::Medium,
    needs: &[Facet::Files],
    uses: &[Facet::Releases],
};

static IN_RELEASE: ProbeMeta = ProbeMeta {
    id: "hasReleaseSBOM",
    question: "a release carries a bill of materials",
    good: Some(Outcome::True),
    remedy: "Add the bill of materials to each release: `gh release upload TAG NAME.spdx.json`, from the workflow that releases.",
    effort: Effort::Medium,
    needs: &[Facet::Releases],
    uses: &[],
};

struct Has;
struct InRelease;

/// How many releases are looked at; those without files count.
const LOOK_BACK: usize = 5;

impl Check for Sbom {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&Has, &InRelease]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        let so = |probe: &ProbeMeta| findings.iter().any(|f| f.probe == probe.id && f.outcome == Outcome::True);
        let details = Detail::of_all(findings);
        match (so(&HAS), so(&IN_RELEASE)) {
            (_, true) => Verdict::scored(10, "a release carries a bill of materials", details),
            (true, false) => Verdict::scored(5, "a bill of materials in the repository, and none with a release", details),
            (false, false) => Verdict::scored(0, "no bill of materials", details).limited(0, 5, gaps(findings)),
        }
    }
}

/// The last releases that carry a bill of materials, with the first one of each.
fn of_releases(releases: &[Release]) -> impl Iterator<Item = (&Release, &String)> {
    let looked_at = releases.iter().take(LOOK_BACK);
    looked_at.filter_map(|release| Some((release, release.assets.iter().find(|name| is_sbom_name(name))?)))
}

fn in_release(meta: &ProbeMeta, release: &Release, asset: &str) -> Finding {
    Finding::new(meta.id, Outcome::True, format!("the release {} carries a bill of materials: {asset}", release.tag))
        .at(Location::address(&release.url))
        .about(&release.tag)
}

fn unread(files: &Files) -> Vec<Gap> {
    Gap::of_files(Facet::Files, files.unread(is_sbom).chain(files.unlisted(<[u8]>::is_empty)))
}

impl Probe for Has {
    fn meta(&self) -> &ProbeMeta {
        &HAS
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let files = match evidence.files.get() {
            Ok(files) => files,
            Err(gap) => return vec![HAS.unanswered(gap)],
        };
        let releases = evidence.releases.get().map_or(&[][..], Vec::as_slice);
        let mut findings: Vec<Finding> = of_releases(releases).map(|(release, asset)| in_release(&HAS, release, asset)).collect();
        findings.extend(files.offered().filter(|entry| is_sbom(entry.path.as_bytes())).map(|entry| {
            let location = Location::file(&entry.path, LocationKind::Source);
            Finding::new(HAS.id, Outcome::True, "bill of materials in the repository").at(location)
        }));
        if findings.is_empty() {
            let gaps = unread(files).into_iter().chain(evidence.unseen(Facet::Releases));
            findings.push(Finding::new(HAS.id, Outcome::False, "no bill of materials found").without(gaps));
        }
        findings
    }
}

impl Probe for InRelease {
    fn meta(&self) -> &ProbeMeta {
        &IN_RELEASE
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let releases = match evidence.releases.get() {
            Ok(releases) => releases,
            Err(gap) => return vec![IN_RELEASE.unanswered(gap)],
        };
        let found = of_releases(releases).map(|(release, asset)| {
            in_release(&IN_RELEASE, release, asset)
                .value("assetName", Id::Owned(asset.clone()))
                .value("assetURL", Id::Owned(release.url.clone()))
        });
        let found: Vec<Finding> = found.collect();
        if found.is_empty() {
            return vec![Finding::new(IN_RELEASE.id, Outcome::False, "no release carries a bill of materials")];
        }
        found
    }
}
