//! What is asked, and what it costs.

use super::*;
use crate::collect::Price;

/// The price of what a run asks for by its first and, if answers give rise to it, in later rounds.
fn priced(facets: &BTreeSet<Facet>, depth: usize) -> Price {
    let later = BTreeSet::from([Facet::Employers, Facet::WorkflowRuns, Facet::BotCommits, Facet::OwnerPolicy]);
    price(facets, &later, depth)
}

#[track_caller]
fn is_within(fake: &FakeGithub, facets: &BTreeSet<Facet>, depth: usize) {
    let ([documents, points, rest], most) = (spent(fake), priced(facets, depth).most);
    assert!(documents <= most.graphql && points <= most.points && rest <= most.rest, "{:?} > {most:?}", spent(fake));
}

#[tokio::test]
async fn any_repository_is_asked_about_in_two_documents_and_two_requests() {
    let mut archived = cat().archived();
    archived.private = true;
    let fork = Repository { fork: true, ..cat() };
    for (what, repository) in [("small", cat()), ("large", cat().large()), ("archived", archived), ("fork", fork)] {
        let fake = FakeGithub::start(World::of([repository]));
        let run = Run { token: ADMIN, ..Run::new(&fake) };
        let evidence = run.go(&[]).await;
        assert_eq!(missing(&evidence), BTreeSet::new(), "{what}");
        let [documents, points, rest] = spent(&fake);
        assert_eq!((documents, rest), (2, 2), "{what}");
        assert!(points <= 4, "{what}: {points} points");
        let expected = price(&run.facets, &BTreeSet::from([Facet::Employers]), run.depth).expected;
        assert_eq!((expected.graphql, expected.points, expected.rest), (documents, points, rest), "{what}");
    }
}

#[tokio::test]
async fn an_empty_repository_costs_no_more() {
    let fake = FakeGithub::start(World::of([Repository::new("octo/cat")]));
    let run = Run::new(&fake);
    let evidence = run.go(&[]).await;
    assert_eq!(spent(&fake), [1, 2, 2]);
    assert_eq!(evidence.contributors.get(), Ok(&Vec::new()));
    assert!(matches!(cause(&evidence, Facet::Commits), Cause::Failed { why } if why.contains("empty")));
    assert_eq!(missing(&evidence), BTreeSet::from([Facet::Commits, Facet::CheckRuns]));
}

#[tokio::test]
async fn each_facet_alone_costs_what_it_needs() {
    for (facet, want) in [
        (Facet::Metadata, [1, 1, 0]),
        (Facet::Commits, [1, 1, 0]),
        (Facet::CheckRuns, [1, 2, 0]),
        (Facet::Issues, [1, 1, 0]),
        (Facet::Branches, [1, 1, 0]),
        (Facet::HostLicense, [1, 1, 0]),
        (Facet::Languages, [1, 1, 0]),
        (Facet::Releases, [1, 1, 1]),
        (Facet::Contributors, [2, 2, 1]),
        (Facet::Webhooks, [1, 1, 1]),
        (Facet::BotCommits, [2, 2, 0]),
        (Facet::OwnerPolicy, [2, 2, 0]),
    ] {
        let fake = FakeGithub::start(World::of([cat()]));
        let run = Run { token: ADMIN, facets: BTreeSet::from([facet]), ..Run::new(&fake) };
        let evidence = run.go(&[]).await;
        assert_eq!(missing(&evidence), BTreeSet::new(), "{facet:?}");
        assert_eq!(spent(&fake), want, "{facet:?}");
        is_within(&fake, &run.facets, run.depth);
        for (word, of) in [("history(", Facet::Commits), ("issues(", Facet::Issues), ("rulesets(", Facet::Branches)] {
            let is_asked = fake.requests()[0].graphql.as_ref().is_some_and(|call| call.query.contains(word));
            assert_eq!(is_asked, facet == of || of == Facet::Commits && facet == Facet::CheckRuns, "{facet:?} {word}");
        }
    }
}

#[tokio::test]
async fn a_deeper_history_costs_a_document_for_each_hundred_commits() {
    let mut repository = cat();
    for n in 100..380 {
        repository = repository.merged(PullRequest::merged(n, "alice", &days_ago(5)).approved_by("bob"));
    }
    let fake = FakeGithub::start(World::of([repository]));
    for (depth, documents) in [(30, 1), (100, 1), (101, 2), (250, 3)] {
        fake.forget();
        let run = Run { depth, facets: BTreeSet::from([Facet::Commits, Facet::CheckRuns]), ..Run::new(&fake) };
        let evidence = run.go(&[]).await;
        let commits = evidence.commits.get().expect("known");
        assert_eq!((commits.len(), fake.count(Kind::Graphql)), (depth, documents));
        let ids: Vec<String> = commits.iter().map(|commit| commit.id.clone()).collect();
        let newest: Vec<String> = fake.commits("octo/cat").into_iter().rev().take(depth).collect();
        assert_eq!(ids, newest);
        is_within(&fake, &run.facets, depth);
    }
}

#[tokio::test]
async fn further_rulesets_are_asked_for_and_bounded() {
    let with = |many: usize| (0..many).fold(cat(), |repository, _| repository.ruleset(Ruleset::active(["~ALL"], [Rule::new("DELETION")])));
    let facets = BTreeSet::from([Facet::Branches]);
    for (many, documents) in [(19, 1), (20, 2), (149, 3)] {
        let fake = FakeGithub::start(World::of([with(many)]));
        let evidence = Run { facets: facets.clone(), ..Run::new(&fake) }.go(&[]).await;
        let rulesets = &evidence.branches.get().expect("known").rulesets;
        assert_eq!(rulesets.get().map(Vec::len), Ok(many + 1));
        assert_eq!(fake.count(Kind::Graphql), documents);
        is_within(&fake, &facets, 30);
    }
    let fake = FakeGithub::start(World::of([with(21)]));
    fake.fault(Fault::new(Effect::EndlessPages).kind(Kind::Graphql));
    let evidence = Run { facets: facets.clone(), ..Run::new(&fake) }.go(&[]).await;
    let rulesets = evidence.branches.get().expect("known").rulesets.get().expect_err("too many").clone();
    assert!(matches!(rulesets.cause, Cause::LimitReached { .. }), "{rulesets}");
    is_within(&fake, &facets, 30);
}

#[tokio::test]
async fn a_history_without_end_is_bounded() {
    let facets = BTreeSet::from([Facet::Commits, Facet::CheckRuns, Facet::Metadata]);
    let fake = FakeGithub::start(World::of([cat()]));
    fake.fault(Fault::new(Effect::EndlessPages).kind(Kind::Graphql));
    let evidence = Run { facets: facets.clone(), ..Run::new(&fake) }.go(&[]).await;
    assert_eq!((evidence.commits.get().map(Vec::len), fake.count(Kind::Graphql)), (Ok(3), 2));
    // Pages that say the same for ever, and pages that say a little each time.
    let page = |oid: &str| {
        let commit = format!(r#"{{"oid":"{oid}","committedDate":"2024-01-01T00:00:00Z","associatedPullRequests":null}}"#);
        let history = format!(r#"{{"pageInfo":{{"hasNextPage":true,"endCursor":"x"}},"nodes":[{commit}]}}"#);
        let body = format!(r#"{{"data":{{"repository":{{"revision":{{"history":{history}}}}}}}}}"#);
        asking_for(&["query History"], Fault::new(Effect::Answer { status: 200, headers: Vec::new(), body }))
    };
    for same in [true, false] {
        let fake = FakeGithub::start(World::of([cat()]));
        fake.fault(asking_for(&["query Repository"], Fault::new(Effect::EndlessPages)));
        (0..50).for_each(|n| fake.fault(page(&if same { "a".to_owned() } else { n.to_string() }).times(1)));
        let evidence = Run { facets: facets.clone(), ..Run::new(&fake) }.go(&[]).await;
        let cause = cause(&evidence, Facet::Commits);
        assert!(matches!(cause, Cause::Failed { .. } | Cause::LimitReached { .. }), "{cause:?}");
        assert_eq!(missing(&evidence), BTreeSet::from([Facet::Commits, Facet::CheckRuns]));
        assert!(fake.count(Kind::Graphql) <= 4, "{}", fake.count(Kind::Graphql));
    }
}

#[tokio::test]
async fn lists_of_rest_are_read_as_far_as_the_reference_reads_them() {
    let fake = FakeGithub::start(World::of([cat().large()]));
    fake.fault(Fault::new(Effect::EndlessPages).kind(Kind::Rest));
    let evidence = Run::new(&fake).go(&[]).await;
    assert_eq!(evidence.releases.get().map(Vec::len), Ok(30));
    assert_eq!(evidence.contributors.get().map(Vec::len), Ok(30));
    assert_eq!(fake.count(Kind::Rest), 2);
}

#[tokio::test]
async fn at_a_past_commit_only_its_history_is_asked_for() {
    let fake = FakeGithub::start(World::of([cat()]));
    let past = fake.commits("octo/cat")[1].clone();
    let run = Run { revision: Some(past.clone()), token: ADMIN, ..Run::new(&fake) };
    let github = run.github();
    let (identity, mut evidence) = run.open(&github).await.expect("it opens");
    assert_eq!((identity.commit.as_deref(), identity.is_present, identity.is_named), (Some(&*past), false, false));
    of_present().for_each(|facet| evidence.lack(facet, Cause::PresentOnly));
    let mut asked: BTreeSet<Request> = OFFERS.into_iter().map(Request::from).collect();
    asked.extend([Request::Branch("release/1".into()), Request::Employer("alice".into()), Request::Runs("x.yml".into())]);
    let mut work = [Work { identity, asked, evidence }];
    github.collect(&mut work).await;
    let evidence = &work[0].evidence;
    assert_eq!(evidence.commits.get().map(Vec::len), Ok(2));
    for facet in of_present() {
        assert_eq!(cause(evidence, facet), Cause::PresentOnly, "{facet:?}");
    }
    assert_eq!(spent(&fake)[0], 1);
    assert_eq!(fake.count(Kind::Rest), 0);
    for (revision, is_named) in [("main", true), ("release/1", true), ("v1", true), (&past[..9], false), ("HEAD", false)] {
        let run = Run { revision: Some(revision.to_owned()), ..Run::new(&fake) };
        let (identity, evidence) = run.open(&github).await.expect(revision);
        assert_eq!(identity.is_named, is_named, "{revision}");
        assert_eq!(identity.commit, Some(fake.commit("octo/cat", revision)), "{revision}");
        assert!(evidence.commits.get().is_ok(), "{revision}");
    }
}

#[tokio::test]
async fn what_accounts_and_owners_say_is_asked_once_a_run() {
    let policy = Repository::new("octo/.github").file("SECURITY.md", "Write to security@example.org");
    let mut world = World::of([cat(), policy]);
    world.users.push(User::new("alice").company("@acme").member_of("acme"));
    let fake = FakeGithub::start(world);
    let run = Run { facets: BTreeSet::from([Facet::Contributors, Facet::OwnerPolicy]), ..Run::new(&fake) };
    let github = run.github();
    for asked_again in [true, false] {
        fake.forget();
        let (identity, evidence) = run.open(&github).await.expect("it opens");
        let asked = BTreeSet::from([Facet::OwnerPolicy.into(), Request::Employer("alice".into()), Request::Employer("gone".into())]);
        let mut work = [Work { identity, asked, evidence }];
        github.collect(&mut work).await;
        let evidence = &work[0].evidence;
        assert!(evidence.owner_policy.get().expect("known").is_some());
        let employers = evidence.employers.get().expect("known");
        assert_eq!(employers["alice"].get().expect("known").company.get(), Ok(&Some("@acme".to_owned())));
        assert_eq!(employers["gone"].get().expect("known").company.get(), Ok(&None));
        assert_eq!(fake.count(Kind::Graphql), 1 + usize::from(asked_again));
    }
}
