#![doc = include_str!("README.md")]

use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Risk, Verdict, gaps};
use crate::evidence::{Evidence, Facet, Gap, Request, SecurityPolicy};
use crate::finding::{Effort, Finding, Location, LocationKind, Outcome};
use crate::parse::{is_policy_namesake, is_policy_place};
use crate::path;
use crate::probe::{Probe, ProbeMeta};

/// Whether the project says how to report a vulnerability.
pub struct SecurityPolicyCheck;

static CHECK: CheckMeta = CheckMeta {
    name: "Security-Policy",
    risk: Risk::Medium,
    short: "Does the project say how to report a vulnerability, and what happens then?",
    answered_by: AnsweredBy::Files,
    readme: include_str!("README.md"),
};

const NEEDS: &[Facet] = &[Facet::Files, Facet::SecurityPolicy];

static PRESENT: ProbeMeta = ProbeMeta {
    id: "securityPolicyPresent",
    question: "a security policy stands where tools look for one",
    good: Some(Outcome::True),
    remedy: "Add SECURITY.md to the root, to .github/ or to docs/, and say in it whom to write to, and what to expect when. \
             https://github.com/ossf/oss-vulnerability-guide has templates.",
    effort: Effort::Medium,
    needs: NEEDS,
    uses: &[],
};

static LINKS: ProbeMeta = ProbeMeta {
    id: "securityPolicyContainsLinks",
    question: "the policy names an address to report to",
    good: Some(Outcome::True),
    remedy: "Name an e-mail address or an https link to which a vulnerability can be reported in private.",
    effort: Effort::Low,
    needs: NEEDS,
    uses: &[],
};

static DISCLOSURE: ProbeMeta = ProbeMeta {
    id: "securityPolicyContainsVulnerabilityDisclosure",
    question: "the policy tells how and when a vulnerability is disclosed",
    good: Some(Outcome::True),
    remedy: "Say how vulnerabilities are disclosed and within which times: \"we answer within 14 days and disclose after 90\".",
    effort: Effort::Low,
    needs: NEEDS,
    uses: &[],
};

static TEXT: ProbeMeta = ProbeMeta {
    id: "securityPolicyContainsText",
    question: "the policy says more than an address",
    good: Some(Outcome::True),
    remedy: "Add a few sentences: what to send, what is in scope, what the reporter can expect.",
    effort: Effort::Low,
    needs: NEEDS,
    uses: &[],
};

struct Present;
struct Links;
struct Disclosure;
struct Text;

impl Check for SecurityPolicyCheck {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&Present, &Links, &Disclosure, &Text]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        let so = |probe: &ProbeMeta| findings.iter().any(|f| f.probe == probe.id && f.outcome == Outcome::True);
        let details = Detail::of_all(findings);
        if !so(&PRESENT) {
            return Verdict::scored(0, "no security policy", details).limited(0, 10, gaps(findings));
        }
        let parts = [(&LINKS, 6, "an address"), (&TEXT, 3, "text"), (&DISCLOSURE, 1, "a hint at disclosure or time lines")];
        let score = parts.iter().filter(|(probe, ..)| so(probe)).map(|(_, points, _)| points).sum();
        let lacking: Vec<&str> = parts.iter().filter(|(probe, ..)| !so(probe)).map(|(.., what)| *what).collect();
        let reason = if lacking.is_empty() {
            "a security policy with all that is looked for".to_owned()
        } else {
            format!("a security policy without {}", lacking.join(", without "))
        };
        Verdict::scored(score, reason, details).limited(0, 10, gaps(findings))
    }
}

/// Answers about the policy, if there is one.
fn answer(meta: &'static ProbeMeta, evidence: &Evidence, found: &str, lacking: &str, so: impl Fn(&SecurityPolicy) -> bool) -> Vec<Finding> {
    let (files, policy) = match (evidence.files.get(), evidence.security_policy.get()) {
        (Ok(files), Ok(policy)) => (files, policy.as_ref()),
        (Err(gap), _) | (_, Err(gap)) => return vec![meta.unanswered(gap)],
    };
    // The owner is asked only where the repository has no policy of its own.
    if policy.is_none()
        && let Some(gap) = evidence.failed(Facet::OwnerPolicy)
    {
        return vec![meta.unanswered(gap)];
    }
    let of_owner = evidence.owner_policy.get().ok().and_then(Option::as_ref).map(|policy| (policy, LocationKind::Url));
    let finding = match policy.map(|policy| (policy, LocationKind::Text)).or(of_owner) {
        Some((policy, kind)) if so(policy) => Finding::new(meta.id, Outcome::True, found).at(Location::file(&policy.path, kind).at(1)),
        Some(_) => Finding::new(meta.id, Outcome::False, lacking),
        None => Finding::new(meta.id, Outcome::False, "no security policy found"),
    };
    // What stands before the policy in the list, and could not be read, would have been the policy, or its text.
    let before = |file: &[u8]| match policy {
        None => is_policy_place(file),
        Some(policy) => {
            is_policy_place(file) && file < policy.path.as_bytes()
                || is_policy_namesake(file)
                    && path::lower(path::name(file)) == path::lower(policy.path.as_bytes())
                    && file < policy.read_from.as_bytes()
        }
    };
    let mut gaps = Gap::of_files(Facet::SecurityPolicy, files.unread(before));
    if policy.is_none() {
        gaps.extend(evidence.unseen(Facet::OwnerPolicy));
        gaps.extend(Gap::of_files(Facet::Files, files.unlisted(path::is_outer)));
    }
    vec![finding.without(gaps)]
}

impl Probe for Present {
    fn meta(&self) -> &ProbeMeta {
        &PRESENT
    }

    fn may_ask(&self) -> &'static [Facet] {
        &[Facet::OwnerPolicy]
    }

    /// The owner's policy counts where the repository has none.
    fn asks(&self, known: &Evidence) -> Vec<Request> {
        if known.security_policy.get().is_ok_and(Option::is_none) { vec![Facet::OwnerPolicy.into()] } else { Vec::new() }
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&PRESENT, evidence, "security policy found", "", |_| true)
    }
}

impl Probe for Links {
    fn meta(&self) -> &ProbeMeta {
        &LINKS
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&LINKS, evidence, "the policy holds links or e-mail addresses", "the policy holds no link and no e-mail address", |policy| {
            !policy.text.contacts.is_empty()
        })
    }
}

impl Probe for Disclosure {
    fn meta(&self) -> &ProbeMeta {
        &DISCLOSURE
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let lacking = "the policy hints at no disclosure, vulnerability or time line";
        answer(&DISCLOSURE, evidence, "the policy hints at disclosure, vulnerabilities or time lines", lacking, |policy| {
            policy.text.hints > 1
        })
    }
}

impl Probe for Text {
    fn meta(&self) -> &ProbeMeta {
        &TEXT
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        answer(&TEXT, evidence, "the policy has text beside addresses", "the policy has no text beside addresses", |policy| {
            // Two bytes an address are free: a line's end, or the brackets around it.
            let addresses: u64 = policy.text.contacts.iter().map(|contact| contact.len() as u64 + 2).sum();
            policy.text.size > 1 && policy.text.size > addresses
        })
    }
}
