//! The collector against a GitHub on loopback: what it asks, and what becomes of answers that are none.

use std::time::Duration;

use carat_checks::evidence::{Gap, Repository as Named, SourceKind};
use fake_github::{
    ADMIN, Branch, Commit, Effect, FakeGithub, Fault, Issue, Kind, License, Protection, PullRequest, READ, Release, Repository, Rule,
    Ruleset, Tag, User, WORKFLOW, World, days_ago,
};

use super::*;
use crate::http::testing::settings;
use crate::http::{Settings, Token};

mod faults;
mod formula;
mod owners;
mod shared;

/// What checks ask for at first.
const FIRST: [Facet; 9] = [
    Facet::Metadata,
    Facet::Commits,
    Facet::CheckRuns,
    Facet::Issues,
    Facet::Branches,
    Facet::Releases,
    Facet::Contributors,
    Facet::HostLicense,
    Facet::Languages,
];

fn cat() -> Repository {
    Repository::new("octo/cat")
        .commit(Commit::at(&days_ago(40)).file("LICENSE", "MIT").file("src/lib.rs", "fn f() {}"))
        .merged(PullRequest::merged(7, "alice", &days_ago(30)).approved_by("bob").checked_by("github-actions"))
        .merged(PullRequest::merged(8, "bob", &days_ago(20)).approved_by("alice").checked_by("github-actions"))
        .branch(Branch::new("release/1"))
        .tag(Tag { message: Some("One".to_owned()), ..Tag::at_commit("v1", 0) })
        .protection(Protection::strict("main"))
        .ruleset(Ruleset::active(["~ALL"], [Rule::new("DELETION"), Rule::approvals(2)]))
        .issue(Issue::new(1, "dave", "NONE", &days_ago(9)).comment("alice", "OWNER", &days_ago(8)))
        .release(Release { target_commitish: "release/1".to_owned(), ..Release::new("v1", ["a.tar.gz", "a.tar.gz.sig"]) })
        .contributor("alice", 12)
        .contributor("bob", 9)
        .license(License::mit())
        .language("Rust", 50)
}

/// A host, its collector, and what is asked of it.
struct Run<'a> {
    fake: &'a FakeGithub,
    token: &'a str,
    settings: Settings,
    facets: BTreeSet<Facet>,
    revision: Option<String>,
    depth: usize,
}

impl<'a> Run<'a> {
    fn new(fake: &'a FakeGithub) -> Self {
        Self { fake, token: READ, settings: settings(), facets: FIRST.into(), revision: None, depth: 30 }
    }

    fn github(&self) -> Github {
        let token = Some(Token::new(self.token).expect("a token"));
        let (api, graphql) = (self.fake.url(), self.fake.graphql_url());
        let host = Host { server: api.clone(), api, graphql, ..Host::github(token) };
        Github::new(Client::new(self.settings.clone()).expect("a client"), host).expect("a collector")
    }

    async fn open(&self, github: &Github) -> Result<(Identity, Evidence), Error> {
        let named = Named { name: "octo/cat".to_owned(), asked_as: None, commit: None, revision: None, source: SourceKind::Host };
        let mut evidence = Evidence::new(named, "2026-01-01T00:00:00Z".to_owned());
        let opening = Opening {
            owner: "octo",
            name: "cat",
            revision: self.revision.as_deref(),
            depth: self.depth,
            of_present: false,
            facets: &self.facets,
        };
        let identity = github.open(&opening, &mut evidence).await?;
        Ok((identity, evidence))
    }

    /// Opens the repository, asks for the facets, and then for what checks ask once they have seen the answers: the
    /// branches of releases, the employers of contributors, and `more`.
    async fn go(&self, more: &[Request]) -> Evidence {
        let github = self.github();
        let (identity, evidence) = self.open(&github).await.expect("it opens");
        let asked = self.facets.iter().copied().map(Request::from).collect();
        let mut work = [Work { identity, asked, evidence }];
        github.collect(&mut work).await;
        let [Work { identity, evidence, .. }] = work;
        let mut asked: BTreeSet<Request> = more.iter().cloned().collect();
        if let Ok(releases) = evidence.releases.get() {
            let branches = releases.iter().map(|release| release.target.clone()).filter(|target| target != "main");
            asked.extend(branches.map(Request::Branch).filter(|_| self.facets.contains(&Facet::Branches)));
        }
        if let Ok(contributors) = evidence.contributors.get() {
            asked.extend(contributors.iter().map(|one| Request::Employer(one.login.clone())));
        }
        let mut work = [Work { identity, asked, evidence }];
        github.collect(&mut work).await;
        let [Work { evidence, .. }] = work;
        evidence
    }
}

/// The facets that are missing.
fn missing(evidence: &Evidence) -> BTreeSet<Facet> {
    OFFERS.into_iter().filter(|facet| evidence.gap(*facet).is_some_and(|gap| gap.cause != Cause::NotAsked)).collect()
}

#[track_caller]
fn cause(evidence: &Evidence, facet: Facet) -> Cause {
    evidence.gap(facet).unwrap_or_else(|| panic!("{facet:?} is known")).cause.clone()
}

/// GraphQL documents, points, and REST requests.
fn spent(fake: &FakeGithub) -> [u64; 3] {
    [fake.count(Kind::Graphql) as u64, fake.points(), fake.count(Kind::Rest) as u64]
}

/// A fault for main documents that ask for this.
fn asking_for(words: &'static [&'static str], fault: Fault) -> Fault {
    fault.when(move |request| request.graphql.as_ref().is_some_and(|call| words.iter().all(|word| call.query.contains(word))))
}
