#![doc = include_str!("README.md")]

use crate::Id;
use crate::check::{AnsweredBy, Check, CheckMeta, Risk, Verdict, proportional};
use crate::evidence::{Evidence, Facet, Webhook};
use crate::finding::{Effort, Finding, Outcome, Remediation};
use crate::probe::{Probe, ProbeMeta};

/// Whether webhooks sign their calls.
pub struct Webhooks;

static CHECK: CheckMeta = CheckMeta {
    name: "Webhooks",
    risk: Risk::Critical,
    short: "Do webhooks sign their calls with a secret?",
    answered_by: AnsweredBy::Host,
    readme: include_str!("README.md"),
};

static SECRETS: ProbeMeta = ProbeMeta {
    id: "webhooksUseSecrets",
    question: "the webhook signs its calls with a secret",
    good: Some(Outcome::True),
    remedy: "Give the webhook a secret (Settings > Webhooks), and let what it calls check the signature of every call: \
             https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries.",
    effort: Effort::Low,
    needs: &[Facet::Webhooks],
    uses: &[],
};

/// How many webhooks are looked at: those of the host's first page.
const MOST: usize = 30;

struct Secrets;

impl Check for Webhooks {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&Secrets]
    }

    /// The reference gives no details.
    fn score(&self, findings: &[Finding]) -> Verdict {
        let among = |outcome| findings.iter().filter(|finding| finding.outcome == outcome).count();
        let (signed, open) = (among(Outcome::True), among(Outcome::False));
        let all = signed + open;
        let (score, reason) = match (signed, open) {
            (0, 0) => (10, "there are no webhooks".to_owned()),
            (_, 0) => (10, "every webhook has a secret".to_owned()),
            _ => (proportional(signed, all), format!("{open} of {all} webhooks have no secret")),
        };
        Verdict::scored(score, reason, Vec::new())
    }
}

fn judge(webhook: &Webhook) -> Finding {
    let id = webhook.id;
    let (outcome, says) = if webhook.has_secret { (Outcome::True, "has a secret") } else { (Outcome::False, "has no secret") };
    let remediation = (outcome == Outcome::False).then(|| {
        let command = format!("gh api --method PATCH 'repos/{{owner}}/{{repo}}/hooks/{id}/config' -F secret=@FILE");
        let text = format!("{} In a clone, with the secret in FILE: `{command}`", SECRETS.remedy);
        Remediation { text: Id::Owned(text), effort: SECRETS.effort }
    });
    let finding = Finding::new(SECRETS.id, outcome, format!("the webhook {id} {says}")).about(format!("webhook {id}"));
    Finding { remediation, ..finding }
}

impl Probe for Secrets {
    fn meta(&self) -> &ProbeMeta {
        &SECRETS
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        match evidence.webhooks.get() {
            Err(gap) => vec![SECRETS.unanswered(gap)],
            Ok(webhooks) if webhooks.is_empty() => vec![Finding::new(SECRETS.id, Outcome::NotApplicable, "there are no webhooks")],
            Ok(webhooks) => webhooks.iter().take(MOST).map(judge).collect(),
        }
    }
}
