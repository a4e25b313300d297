//! What several repositories have in common is asked once.

use super::*;

/// Opens repositories of one owner, and asks about all of them at once what they have in common.
async fn all(fake: &FakeGithub, names: &[&str]) -> Vec<Evidence> {
    let github = Run::new(fake).github();
    let mut work = Vec::new();
    let facets = BTreeSet::from([Facet::Metadata]);
    for name in names {
        let named = Named { name: format!("octo/{name}"), asked_as: None, commit: None, revision: None, source: SourceKind::Host };
        let mut evidence = Evidence::new(named, "2026-01-01T00:00:00Z".to_owned());
        let opening = Opening { owner: "octo", name, revision: None, depth: 1, of_present: false, facets: &facets };
        let identity = github.open(&opening, &mut evidence).await.expect("it opens");
        let asked = [Request::Employer("alice".to_owned()), Request::Employer("bob".to_owned()), Request::Facet(Facet::OwnerPolicy)];
        work.push(Work { identity, asked: asked.into(), evidence });
    }
    fake.forget();
    github.collect(&mut work).await;
    work.into_iter().map(|work| work.evidence).collect()
}

fn world() -> World {
    let mut world = World::of(["a", "b", "c"].map(|name| Repository { name: name.to_owned(), ..cat() }));
    world.repositories.push(Repository::new("octo/.github").commit(Commit::at(&days_ago(9)).file("SECURITY.md", "Mail us: a@example.org")));
    world.users.push(User::new("alice").company("Acme"));
    world.users.push(User::new("bob").member_of("octo"));
    world.latency = Duration::from_millis(20);
    world
}

#[track_caller]
fn all_is_known(evidence: &[Evidence]) {
    for evidence in evidence {
        let employers = evidence.employers.get().expect("known");
        assert_eq!(employers["alice"].get().expect("known").company.get(), Ok(&Some("Acme".to_owned())));
        assert!(evidence.owner_policy.get().expect("known").is_some());
    }
}

#[tokio::test]
async fn accounts_and_owners_are_asked_about_once_though_all_ask_at_once() {
    let fake = FakeGithub::start(world());
    let evidence = all(&fake, &["a", "b", "c"]).await;
    all_is_known(&evidence);
    // The first of them is refused the organisations as a whole, and asks without.
    let documents = fake.requests().into_iter().filter_map(|request| request.graphql).filter(|call| call.query.contains("Second"));
    let without = documents.filter(|call| !call.query.contains("organizations")).count();
    assert!(without <= 1 && fake.count(Kind::Graphql) <= 2, "{:?}", spent(&fake));
}

#[tokio::test]
async fn where_the_first_learns_nothing_the_next_asks() {
    let fake = FakeGithub::start(world());
    fake.fault(asking_for(&["...Employer"], Fault::new(fake_github::Effect::BadJson).times(2)));
    let mut evidence = all(&fake, &["a", "b", "c"]).await;
    assert!(evidence.remove(0).owner_policy.get().is_err());
    all_is_known(&evidence);
}
