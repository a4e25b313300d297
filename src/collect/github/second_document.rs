//! The second document: what arises from the answers to the first one and from the files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use carat_checks::evidence::{BotCommits, Branch, Cause, Employer, Evidence, Facet, Fact, Gap, Request, SecurityPolicy};
use futures::future::join;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer::{Answered, needs};
use super::commits::Login;
use super::document::{self, DEPENDABOT, Second};
use super::identity::Refused;
use super::nodes::Nodes;
use super::once::Turn;
use super::policy::{self, Found};
use super::{Github, Identity, branches};
use crate::error::Problem;

/// How often what is asked is halved, where it is too much for the host.
const MOST_SPLITS: usize = 3;

#[derive(Deserialize)]
struct RawCommit {
    author: Option<RawAuthor>,
}

#[derive(Deserialize)]
struct RawAuthor {
    email: Option<String>,
}

/// What of the requests a second document answers, as far as it is not known yet.
pub(super) fn wanted(asked: &BTreeSet<Request>, evidence: &Evidence) -> Second {
    let wants = |facet: Facet| asked.contains(&Request::Facet(facet)) && evidence.gap(facet).is_some();
    let mut second = Second { bot: wants(Facet::BotCommits), policy: wants(Facet::OwnerPolicy), ..Second::default() };
    for request in asked {
        match request {
            Request::Branch(name) => second.branches.push(name.clone()),
            Request::Employer(login) => second.accounts.push(login.clone()),
            Request::Facet(_) | Request::Runs(_) => {}
        }
    }
    second
}

/// What the second document told.
#[derive(Default)]
pub(super) struct SecondFacts {
    branches: BTreeMap<String, Fact<Option<Branch>>>,
    employers: BTreeMap<String, Fact<Employer>>,
    bot: Option<Result<BotCommits, Cause>>,
    policy: Option<Result<Option<SecurityPolicy>, Cause>>,
}

impl SecondFacts {
    pub(super) fn put(self, evidence: &mut Evidence, wanted: &Second) {
        if let (Fact::Known(known), false) = (&mut evidence.branches, self.branches.is_empty()) {
            std::sync::Arc::make_mut(known).by_name.extend(self.branches);
        }
        if !self.employers.is_empty() {
            evidence.employers.add(|employers| employers.extend(self.employers));
        }
        if let (true, Some(bot)) = (wanted.bot, self.bot) {
            evidence.bot_commits = Fact::of(Facet::BotCommits, bot);
        }
        if let (true, Some(policy)) = (wanted.policy, self.policy) {
            evidence.owner_policy = Fact::of(Facet::OwnerPolicy, policy);
        }
    }
}

impl Github {
    pub(super) async fn by_second(&self, identity: &Identity, wanted: &Second) -> SecondFacts {
        let mut facts = SecondFacts::default();
        let mut left = wanted.clone();
        let mut is_tired = false;
        while !left.is_empty() {
            let (mut accounts, mut policies) = (self.employers.claims(), self.policies.claims());
            let mut open = Second { branches: std::mem::take(&mut left.branches), bot: std::mem::take(&mut left.bot), ..Second::default() };
            left.accounts.retain(|login| match accounts.turn(login, is_tired) {
                Turn::Known(employer) => facts.employers.insert(login.clone(), Fact::known(employer)).is_some(),
                Turn::Mine => {
                    open.accounts.push(login.clone());
                    false
                }
                Turn::Others => true,
            });
            if left.policy {
                match policies.turn(&identity.owner, is_tired) {
                    Turn::Known(policy) => facts.policy = Some(Ok(policy)),
                    Turn::Mine => open.policy = true,
                    Turn::Others => {}
                }
                left.policy = facts.policy.is_none() && !open.policy;
            }
            self.ask_second(identity, open, MOST_SPLITS, &mut facts).await;
            // Nobody waits for others while others wait for them.
            drop((accounts, policies));
            let owners = if left.policy { std::slice::from_ref(&identity.owner) } else { &[][..] };
            let (of_accounts, of_owner) = join(self.employers.settled(&left.accounts), self.policies.settled(owners)).await;
            is_tired = !(of_accounts && of_owner);
        }
        facts
    }

    /// Asks for what is open in one document; where that is too much at once for the host, in halves.
    async fn ask_second(&self, identity: &Identity, open: Second, splits: usize, facts: &mut SecondFacts) {
        if open.is_empty() {
            return;
        }
        let answer = match self.ask(&document::second(&open), &variables(identity, &open)).await {
            Ok(answer) => self.too_much(&answer).map_or(Ok(answer), Err),
            Err(unanswered) => Err(self.refused(unanswered)),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(Refused::TooMuch { .. }) if splits > 0 && open.parts() > 1 => {
                let (first, second) = open.halves();
                Box::pin(self.ask_second(identity, first, splits - 1, facts)).await;
                return Box::pin(self.ask_second(identity, second, splits - 1, facts)).await;
            }
            Err(refused) => {
                let cause = Cause::Failed { why: Problem::from(refused).to_string() };
                return fail(&open, &cause, facts);
            }
        };
        let answered = Answered::new(&self.host.name, &answer);
        for (n, name) in open.branches.iter().enumerate() {
            facts.branches.insert(name.clone(), branches::branch(&answered, &format!("repository/b{n}"), identity.is_admin));
        }
        for (n, login) in open.accounts.iter().enumerate() {
            let mut employer = employer(&answered, &format!("u{n}"));
            if self.lacks_scope.load(Ordering::Relaxed) {
                let cause = Cause::Denied { needs: needs(Facet::Employers).to_owned() };
                employer.organizations = Fact::Missing(Gap::new(Facet::Employers, cause));
            }
            if lasts(&employer.company) && lasts(&employer.organizations) {
                self.employers.know(login, employer.clone());
            }
            facts.employers.insert(login.clone(), Fact::known(employer));
        }
        if open.bot {
            facts.bot = Some(self.bot(&answered, identity).await);
        }
        if open.policy {
            let policy = self.policy(&answered, identity).await;
            if let Ok(policy) = &policy {
                self.policies.know(&identity.owner, policy.clone());
            }
            facts.policy = Some(policy);
        }
    }

    /// Whether Dependabot has left commits. A server that does not choose commits by their author is searched instead.
    async fn bot(&self, answered: &Answered<'_>, identity: &Identity) -> Result<BotCommits, Cause> {
        const PATH: &str = "repository/bot/target/history";
        let found: Result<Nodes<RawCommit>, Cause> = answered.read(PATH, &[], needs(Facet::BotCommits));
        let newest = match found {
            Ok(commits) => commits.all().into_iter().next(),
            Err(_) => return self.rest(identity).dependabot().await.map(|dependabot| BotCommits { dependabot }),
        };
        let is_bot = |commit: &RawCommit| {
            commit.author.as_ref().and_then(|author| author.email.as_deref()).is_some_and(|email| email.eq_ignore_ascii_case(DEPENDABOT))
        };
        match newest {
            None => Ok(BotCommits { dependabot: false }),
            Some(commit) if is_bot(&commit) => Ok(BotCommits { dependabot: true }),
            Some(_) => self.rest(identity).dependabot().await.map(|dependabot| BotCommits { dependabot }),
        }
    }

    async fn policy(&self, answered: &Answered<'_>, identity: &Identity) -> Result<Option<SecurityPolicy>, Cause> {
        let (place, text) = match policy::find(answered)? {
            Found::None => return Ok(None),
            Found::Read(place, text) => (place, text),
            Found::At(place) => {
                let variables = Map::from_iter([
                    ("owner".to_owned(), identity.owner.clone().into()),
                    ("expression".to_owned(), format!("HEAD:{place}").into()),
                ]);
                let answer = self.ask(&document::policy_text(), &variables).await;
                let answer = answer.map_err(|error| Cause::Failed { why: error.to_string() })?;
                (place, policy::text(&Answered::new(&self.host.name, &answer))?)
            }
        };
        let repository = format!("{}/{}/.github", self.host.name, identity.owner);
        policy::policy(&repository, &place, &text).map(Some)
    }
}

fn variables(identity: &Identity, open: &Second) -> Map<String, Value> {
    let mut variables = Map::new();
    if !open.branches.is_empty() || open.bot || open.policy {
        variables.insert("owner".to_owned(), identity.owner.clone().into());
    }
    if !open.branches.is_empty() || open.bot {
        variables.insert("name".to_owned(), identity.name.clone().into());
    }
    for (n, branch) in open.branches.iter().enumerate() {
        variables.insert(format!("b{n}"), format!("refs/heads/{branch}").into());
    }
    for (n, login) in open.accounts.iter().enumerate() {
        variables.insert(format!("u{n}"), login.clone().into());
    }
    if open.bot {
        variables.insert("bot".to_owned(), DEPENDABOT.into());
    }
    variables
}

/// Whether the same token would be told the same again.
fn lasts<T>(fact: &Fact<T>) -> bool {
    match fact.get() {
        Ok(_) => true,
        Err(gap) => matches!(gap.cause, Cause::Denied { .. } | Cause::NotOffered { .. }),
    }
}

/// Notes why nothing of what is open is known.
fn fail(open: &Second, cause: &Cause, facts: &mut SecondFacts) {
    for name in &open.branches {
        facts.branches.insert(name.clone(), Fact::Missing(Gap::new(Facet::Branches, cause.clone())));
    }
    for login in &open.accounts {
        facts.employers.insert(login.clone(), Fact::Missing(Gap::new(Facet::Employers, cause.clone())));
    }
    // What is known already stays.
    if open.bot {
        facts.bot = Some(Err(cause.clone()));
    }
    if open.policy {
        facts.policy = Some(Err(cause.clone()));
    }
}

/// For whom an account says that it works; nobody for one that is no person's.
fn employer(answered: &Answered<'_>, path: &str) -> Employer {
    let gone = answered.error(path, &["company", "organizations"]).is_some_and(|error| error.kind.as_deref() == Some("NOT_FOUND"));
    if gone {
        return Employer { company: Fact::known(None), organizations: Fact::known(Vec::new()) };
    }
    Employer {
        company: answered.fact(Facet::Employers, &format!("{path}/company"), needs(Facet::Employers), |company: Option<String>| company),
        organizations: answered.fact(
            Facet::Employers,
            &format!("{path}/organizations"),
            needs(Facet::Employers),
            |organizations: Option<Nodes<Login>>| {
                organizations.map(Nodes::all).unwrap_or_default().into_iter().map(|organization| organization.login).collect()
            },
        ),
    }
}
