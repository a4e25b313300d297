#![doc = include_str!("README.md")]

mod approved;

use crate::Id;
use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Risk, Verdict, gaps};
use crate::evidence::{Evidence, Facet, Files, Gap, HostLicense};
use crate::finding::{Effort, Finding, Location, LocationKind, Outcome, Value};
use crate::parse::license_id;
use crate::path::{self, RepoPath};
use crate::probe::{Probe, ProbeMeta};

/// Whether the repository carries a licence, and one that is approved.
pub struct License;

static CHECK: CheckMeta = CheckMeta {
    name: "License",
    risk: Risk::Low,
    short: "Is there a licence file, and is the licence one that the FSF or the OSI approves?",
    answered_by: AnsweredBy::Files,
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
        let by_host = findings.iter().any(|f| matches!(f.values.get("attribution"), Some(Value::Text(by)) if by == HOST));
        let gaps = gaps(findings);
        match (so(&HAS_FILE), so(&HAS_APPROVED)) {
            (true, true) if by_host => Verdict::scored(10, "a licence file with an approved licence", details),
            (true, false) if by_host => Verdict::scored(9, "a licence file with no licence that is known and approved", details),
            // A host can find that the text is no approved licence, or that it is.
            (true, true) => Verdict::scored(10, "a licence file whose name tells an approved licence", details).limited(9, 10, gaps),
            (true, false) => Verdict::scored(9, "a licence file whose name tells no approved licence", details).limited(9, 10, gaps),
            (false, _) => Verdict::scored(0, "no licence file", details).limited(0, 10, gaps),
        }
    }
}

/// Who knows the licence, by the reference's words: the host, or the file's name.
const HOST: &str = "repositoryAPI";
const NAME: &str = "builtinHeuristics";

/// A licence file, and which licence it holds.
struct Found {
    /// Of a host's answer the file is only known where its name shows.
    path: Option<RepoPath>,
    /// The SPDX id, which may be no id at all; empty where there is none.
    id: String,
    /// Who says so.
    attribution: &'static str,
}

impl Found {
    /// The id as its list spells it, if it is an approved one.
    fn approved(&self) -> Option<&'static str> {
        approved::find(&self.id)
    }

    /// The id for results: the approved spelling, what was said, or SPDX's word for a licence without an id.
    fn spdx_id(&self) -> &str {
        match self.approved() {
            Some(id) => id,
            None if self.id.is_empty() => "NOASSERTION",
            None => &self.id,
        }
    }

    fn at(&self, mut finding: Finding) -> Finding {
        finding.location = self.path.as_ref().map(|path| Location::file(path, LocationKind::None));
        finding.value("spdxId", Id::Owned(self.spdx_id().to_owned())).value("attribution", self.attribution)
    }

    /// Why the licence is not approved.
    fn why_not(&self) -> String {
        match (self.attribution, self.id.as_str()) {
            (HOST, "NOASSERTION" | "") => "the host recognises no licence in the licence file".to_owned(),
            (HOST, id) => format!("the host recognises a licence that is not approved: {id}"),
            (_, "") => "the licence file's name does not tell which licence it is".to_owned(),
            (_, id) => format!("the licence file's name tells no approved licence: \"{id}\""),
        }
    }
}

/// The licence by the files' names: that of the first file whose name is accepted.
fn by_name(files: &Files) -> Option<Found> {
    files.offered().find_map(|entry| {
        let id = license_id(entry.path.as_bytes())?;
        Some(Found { path: Some(entry.path.clone()), id, attribution: NAME })
    })
}

/// How likely a file is the one in which a host has found a licence, the lowest first; nothing where it is not. The
/// host's answer has the file only where it costs a request of its own, so it is guessed from the names.
fn rank(path: &RepoPath, id: &str) -> Option<u8> {
    let name = path.name();
    let begins = |word: &str| name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()));
    if name.len() < path.as_bytes().len() {
        return license_id(name).map(|_| 5);
    }
    match license_id(name) {
        Some(guess) if guess.is_empty() && begins("licen") => Some(0),
        Some(guess) if guess.is_empty() => Some(2),
        // `LICENSE-APACHE` holds Apache-2.0.
        Some(guess) => {
            let agrees = id.get(..guess.len()).is_some_and(|start| start.eq_ignore_ascii_case(&guess));
            Some(if agrees { 1 } else { 3 })
        }
        None => ["licen", "unlicen", "copy"].into_iter().any(begins).then_some(4),
    }
}

fn by_host(host: &HostLicense, files: Option<&Files>) -> Found {
    let ranked = files.into_iter().flat_map(Files::offered).filter_map(|entry| Some((rank(&entry.path, &host.spdx_id)?, &entry.path)));
    // The reference has the bare name from the host, wherever the file stands.
    let path = ranked.min_by_key(|(rank, _)| *rank).map(|(_, path)| RepoPath::new(path.name()));
    Found { path, id: host.spdx_id.clone(), attribution: HOST }
}

/// Answers with the licence, if there is one: as the host knows it, else by the files' names.
fn answer(meta: &ProbeMeta, evidence: &Evidence, judge: impl Fn(Option<&Found>) -> Finding) -> Vec<Finding> {
    if let Some(gap) = evidence.failed(Facet::HostLicense) {
        return vec![meta.unanswered(gap)];
    }
    if let Ok(Some(host)) = evidence.host_license.get() {
        return vec![judge(Some(&by_host(host, evidence.files.get().ok())))];
    }
    let files = match evidence.files.get() {
        Ok(files) => files,
        Err(gap) => return vec![meta.unanswered(gap)],
    };
    let unread = files.unread(|path| license_id(path).is_some()).chain(files.unlisted(path::is_outer));
    let gaps = evidence.unseen(Facet::HostLicense).into_iter().chain(Gap::of_files(Facet::Files, unread));
    vec![judge(by_name(files).as_ref()).without(gaps)]
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
                None => no(found.why_not()).value("attribution", found.attribution),
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
            None => Finding::new(HAS_PERMISSIVE.id, Outcome::False, "no licence that is known to be permissive"),
        })
    }
}
