#![doc = include_str!("README.md")]

use std::collections::BTreeSet;

use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Level, Risk, Verdict, gaps, proportional};
use crate::evidence::{Cause, Contributor, Employer, Evidence, Facet, Fact, Gap, Request};
use crate::finding::{Effort, Finding, Outcome};
use crate::path;
use crate::probe::{Probe, ProbeMeta};

/// Whether people from several companies or organisations contribute.
pub struct Contributors;

static CHECK: CheckMeta = CheckMeta {
    name: "Contributors",
    risk: Risk::Low,
    short: "Do people from several organisations contribute?",
    answered_by: AnsweredBy::Host,
    readme: include_str!("README.md"),
};

static ENTITIES: ProbeMeta = ProbeMeta {
    id: "contributorsFromOrgOrCompany",
    question: "those who contribute most work for a company, or belong to an organisation",
    good: Some(Outcome::True),
    remedy: "Ask contributors to fill in the company in their profile (https://github.com/settings/profile), or to show that they belong \
             to an organisation (People in the organisation, Public). Invite others than the maintainers' own company to contribute.",
    effort: Effort::High,
    needs: &[Facet::Contributors],
    uses: &[],
};

struct FromOrganisations;

/// Who contributes less does not count.
const CONTRIBUTIONS: u64 = 5;
/// So many companies and organisations give full marks.
const FULL_MARKS: usize = 3;
/// How many accounts there are of which nobody could see the company.
const UNSEEN_COMPANIES: &str = "unseenCompanies";
/// How many accounts there are of which nobody could see the organisations, of which there may be any number.
const UNSEEN_ORGANISATIONS: &str = "unseenOrganizations";

impl Check for Contributors {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&FromOrganisations]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        let names: Vec<&str> =
            findings.iter().filter(|finding| finding.outcome == Outcome::True).filter_map(|f| f.subject.as_deref()).collect();
        let reason = match names.len() {
            0 => "no company or organisation is seen to contribute".to_owned(),
            1 => "one company or organisation contributes".to_owned(),
            count => format!("{count} companies and organisations contribute"),
        };
        let text = format!("contributors from {}", names.join(", "));
        let details = if names.is_empty() { Vec::new() } else { vec![Detail { level: Level::Info, text, location: None }] };
        let score = proportional(names.len(), FULL_MARKS);
        let unseen = |name| findings.iter().map(|finding| finding.count(name)).sum::<usize>();
        // Whatever could not be seen can only add.
        let most = match unseen(UNSEEN_ORGANISATIONS) {
            0 => proportional(names.len() + unseen(UNSEEN_COMPANIES), FULL_MARKS),
            _ => 10,
        };
        Verdict::scored(score, reason, details).limited(score, most, gaps(findings))
    }
}

/// Those who count, and can work for somebody: an app cannot, and no account of a person has a bracket in its name.
fn counting(contributors: &[Contributor]) -> impl Iterator<Item = &str> {
    let counts = |who: &&Contributor| who.contributions >= CONTRIBUTIONS && !who.login.is_empty() && !who.login.ends_with("[bot]");
    contributors.iter().filter(counts).map(|who| who.login.as_str())
}

fn employer<'a>(evidence: &'a Evidence, login: &str) -> Option<&'a Fact<Employer>> {
    evidence.employers.get().ok()?.get(login)
}

/// What is known of those for whom contributors work.
#[derive(Default)]
struct Entities {
    names: BTreeSet<String>,
    unseen_companies: usize,
    unseen_organisations: usize,
    gaps: Vec<Gap>,
}

impl Entities {
    fn add(&mut self, employer: &Employer) {
        match employer.company.get() {
            Ok(company) => self.names.extend(company.as_deref().and_then(company_name)),
            Err(gap) => {
                self.unseen_companies += 1;
                self.lack(gap);
            }
        }
        match employer.organizations.get() {
            Ok(organisations) => self.names.extend(organisations.iter().filter(|name| !name.is_empty()).cloned()),
            Err(gap) => {
                self.unseen_organisations += 1;
                self.lack(gap);
            }
        }
    }

    fn lack(&mut self, gap: &Gap) {
        if !self.gaps.contains(gap) {
            self.gaps.push(gap.clone());
        }
    }
}

/// A company as it is compared: in lower case, without some of the words that companies end in. `None` if nothing is
/// left.
fn company_name(typed: &str) -> Option<String> {
    let lower = path::lower(typed.as_bytes());
    let name = String::from_utf8_lossy(&lower).replace("inc.", "").replace("llc", "").replace(',', "");
    let name = name.trim_start_matches('@').trim_matches(' ');
    (!name.is_empty()).then(|| name.to_owned())
}

impl Probe for FromOrganisations {
    fn meta(&self) -> &ProbeMeta {
        &ENTITIES
    }

    fn may_ask(&self) -> &'static [Facet] {
        &[Facet::Employers]
    }

    fn asks(&self, known: &Evidence) -> Vec<Request> {
        let contributors = known.contributors.get().map_or(&[][..], Vec::as_slice);
        let open = counting(contributors).filter(|login| employer(known, login).is_none());
        open.map(|login| Request::Employer(login.to_owned())).collect()
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let contributors = match evidence.contributors.get() {
            Ok(contributors) => contributors,
            Err(gap) => return vec![ENTITIES.unanswered(gap)],
        };
        let mut entities = Entities::default();
        for login in counting(contributors) {
            match employer(evidence, login).map(Fact::get) {
                Some(Ok(employer)) => entities.add(employer),
                Some(Err(gap)) => {
                    entities.unseen_organisations += 1;
                    entities.lack(gap);
                }
                None => {
                    entities.unseen_organisations += 1;
                    entities.lack(evidence.gap(Facet::Employers).unwrap_or(&Gap::new(Facet::Employers, Cause::NotAsked)));
                }
            }
        }
        let Entities { names, unseen_companies, unseen_organisations, gaps } = entities;
        let contributes = |name: String| Finding::new(ENTITIES.id, Outcome::True, format!("somebody from {name} contributes")).about(name);
        let mut findings = names.into_iter().map(contributes);
        let first = findings.next().unwrap_or_else(|| {
            let message = if contributors.is_empty() { "no contributors" } else { "no company or organisation of a contributor is known" };
            Finding::new(ENTITIES.id, Outcome::False, message)
        });
        let first = if gaps.is_empty() {
            first
        } else {
            first.counting(UNSEEN_COMPANIES, unseen_companies).counting(UNSEEN_ORGANISATIONS, unseen_organisations).without(gaps)
        };
        std::iter::once(first).chain(findings).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companies_are_compared_by_what_is_left_of_them() {
        for (typed, name) in [
            ("ACME", "acme"),
            ("@Globex", "globex"),
            ("@@@ Globex  ", "globex"),
            (" @globex", "@globex"),
            ("Acme, Inc.", "acme"),
            ("Acme Inc", "acme inc"),
            ("Fullcircle", "fuircle"),
            ("lLlLcCc", "llcc"),
            ("\tacme", "\tacme"),
            ("@a @b", "a @b"),
            ("\u{130}NC. x", "x"),
        ] {
            assert_eq!(company_name(typed).as_deref(), Some(name), "{typed:?}");
        }
        for nothing in ["", " ", "@", "LLC", "@Inc., ,"] {
            assert_eq!(company_name(nothing), None, "{nothing:?}");
        }
    }
}
