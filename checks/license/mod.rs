#![doc = include_str!("README.md")]

mod approved;

use crate::Id;
use crate::check::{AnsweredBy, Built, Check, CheckMeta, Detail, Risk, Verdict, gaps};
use crate::evidence::{Evidence, Facet, FileEntry, Files, Gap};
use crate::finding::{Effort, Finding, Location, LocationKind, Outcome};
use crate::parse::license_id;
use crate::path;
use crate::probe::{Probe, ProbeMeta};

/// Whether the repository carries a licence, and one that is approved.
pub struct License;

static CHECK: CheckMeta = CheckMeta {
    name: "License",
    risk: Risk::Low,
    short: "Is there a licence file, and is the licence one that the FSF or the OSI approves?",
    answered_by: AnsweredBy::Files,
    built: Built::Whole,
    readme: include_str!("README.md"),
};

const USES: &[Facet] = &[Facet::HostLicense];

static HAS_FILE: ProbeMeta = ProbeMeta {
    id: "hasLicenseFile",
    question: "the repository has a licence file where tools look for one",
    good: Some(Outcome::True),
    remedy: "Put the text of the licence into a file LICENSE in the root of the repository. https://choosealicense.com helps to choose; \
             `reuse download MIT` (https://reuse.software) writes LICENSES/MIT.txt.",
    effort: Effort::Low,
    needs: &[Facet::Files],
    uses: USES,
};

static HAS_APPROVED: ProbeMeta = ProbeMeta {
    id: "hasFSFOrOSIApprovedLicense",
    question: "the licence is on the list of the FSF or the OSI",
    good: Some(Outcome::True),
    remedy: "Use a licence from https://opensource.org/licenses. Files are judged by name alone, so that a name with the SPDX id, such as \
             LICENSE-MIT or LICENSES/Apache-2.0.txt, says what LICENSE cannot.",
    effort: Effort::Low,
    needs: &[Facet::Files],
    uses: USES,
};

static HAS_PERMISSIVE: ProbeMeta = ProbeMeta {
    id: "hasPermissiveLicense",
    question: "the licence asks for little more than attribution",
    good: None,
    remedy: "",
    effort: Effort::High,
    needs: &[Facet::Files],
    uses: USES,
};

struct HasFile;
struct HasApproved;

/// `hasPermissiveLicense`: whether the licence asks for little more than attribution.
pub struct HasPermissive;

impl Check for License {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&HasFile, &HasApproved]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        let so = |probe: &ProbeMeta| findings.iter().any(|f| f.probe == probe.id && f.outcome == Outcome::True);
        let details = Detail::of_all(findings);
        let gaps = gaps(findings);
        match (so(&HAS_FILE), so(&HAS_APPROVED)) {
            // A host can find that the text is no approved licence, or that it is.
            (true, true) => Verdict::scored(10, "a licence file whose name tells an approved licence", details).limited(9, 10, gaps),
            (true, false) => Verdict::scored(9, "a licence file whose name tells no approved licence", details).limited(9, 10, gaps),
            (false, _) => Verdict::scored(0, "no licence file", details).limited(0, 10, gaps),
        }
    }
}

/// A licence file, and what its name tells.
struct Found<'a> {
    entry: &'a FileEntry,
    /// The SPDX id in the name, which may be no id at all; empty where there is none.
    guess: String,
}

impl Found<'_> {
    /// The id as its list spells it, if it is an approved one.
    fn approved(&self) -> Option<&'static str> {
        approved::find(&self.guess)
    }

    /// The id for results: the approved spelling, the guess, or SPDX's word for a licence without an id.
    fn spdx_id(&self) -> &str {
        match self.approved() {
            Some(id) => id,
            None if self.guess.is_empty() => "NOASSERTION",
            None => &self.guess,
        }
    }

    fn at(&self, finding: Finding) -> Finding {
        finding
            .at(Location::file(&self.entry.path, LocationKind::None))
            .value("spdxId", Id::Owned(self.spdx_id().to_owned()))
            .value("attribution", "builtinHeuristics")
    }
}

/// The licence: the first file whose name is accepted.
fn license(files: &Files) -> Option<Found<'_>> {
    files.offered().find_map(|entry| Some(Found { entry, guess: license_id(entry.path.as_bytes())? }))
}

/// What a probe of this check would have used and could not see.
fn without(evidence: &Evidence, files: &Files) -> Vec<Gap> {
    let unread = files.unread(|path| license_id(path).is_some()).chain(files.unlisted(path::is_outer));
    evidence.unseen(Facet::HostLicense).into_iter().chain(Gap::of_files(Facet::Files, unread)).collect()
}

/// Answers with the licence file and what its name tells.
fn answer(meta: &ProbeMeta, evidence: &Evidence, judge: impl Fn(Option<&Found<'_>>) -> Finding) -> Vec<Finding> {
    match evidence.files.get() {
        Ok(files) => vec![judge(license(files).as_ref()).without(without(evidence, files))],
        Err(gap) => vec![meta.unanswered(gap)],
    }
}

impl Probe for HasFile {
    fn meta(&self) -> &ProbeMeta {
        &HAS_FILE
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&HAS_FILE, evidence, |license| match license {
            Some(found) => found.at(Finding::new(HAS_FILE.id, Outcome::True, "licence file found")),
            None => Finding::new(HAS_FILE.id, Outcome::False, "no licence file found"),
        })
    }
}

impl Probe for HasApproved {
    fn meta(&self) -> &ProbeMeta {
        &HAS_APPROVED
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let no = |message: String| Finding::new(HAS_APPROVED.id, Outcome::False, message);
        answer(&HAS_APPROVED, evidence, |license| match license {
            None => Finding::new(HAS_APPROVED.id, Outcome::NotApplicable, "no licence file to judge"),
            Some(found) => match found.approved() {
                Some(id) => found.at(Finding::new(HAS_APPROVED.id, Outcome::True, format!("licence approved by the FSF or the OSI: {id}"))),
                None if found.guess.is_empty() => no("the licence file's name does not tell which licence it is".to_owned()),
                None => no(format!("the licence file's name tells no approved licence: \"{}\"", found.guess)),
            },
        })
    }
}

impl Probe for HasPermissive {
    fn meta(&self) -> &ProbeMeta {
        &HAS_PERMISSIVE
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&HAS_PERMISSIVE, evidence, |license| match license.filter(|found| approved::is_permissive(found.spdx_id())) {
            Some(found) => found.at(Finding::new(HAS_PERMISSIVE.id, Outcome::True, format!("permissive licence: {}", found.spdx_id()))),
            None => Finding::new(HAS_PERMISSIVE.id, Outcome::False, "no licence that its name tells to be permissive"),
        })
    }
}
