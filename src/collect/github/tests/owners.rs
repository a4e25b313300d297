//! Listing what an owner has.

use super::*;

fn world(count: usize) -> World {
    World::of((0..count).map(|n| Repository::new(&format!("octo/r{n:04}"))))
}

#[tokio::test]
async fn every_page_is_followed_and_one_that_is_too_much_is_made_smaller() {
    let fake = FakeGithub::start(world(230));
    let github = Run::new(&fake).github();
    let listing = github.list("Octo").await.expect("it is listed");
    let names: Vec<&str> = listing.repositories.iter().map(|listed| listed.name.as_str()).collect();
    assert_eq!((names.len(), names[0], names[229], listing.unseen), (230, "r0000", "r0229", 0));
    assert!(names.is_sorted() && listing.repositories.iter().all(|listed| listed.is_empty));
    assert_eq!(spent(&fake), [3, 3, 0]);
    fake.forget();
    let first = |request: &fake_github::Request| request.graphql.as_ref().and_then(|call| call.variables["first"].as_u64());
    fake.fault(
        Fault::new(Effect::Answer { status: 502, headers: Vec::new(), body: String::new() })
            .when(move |request| first(request) == Some(100)),
    );
    assert_eq!(github.list("octo").await.expect("it is listed").repositories, listing.repositories);
}

#[tokio::test]
async fn a_list_that_cannot_be_had_as_a_whole_is_no_list() {
    let fake = FakeGithub::start(world(3));
    let failed = |error: Error, says: &str| {
        let text = error.to_string();
        assert!(text.starts_with("cannot list the repositories of github.com/octo: ") && text.contains(says), "{text}");
    };
    let page = r#"{"data":{"repositoryOwner":{"login":"octo","repositories":{"nodes":[{"name":"a"},{"name":".."},null],"pageInfo":{"endCursor":"x","hasNextPage":true}}}}}"#;
    fake.fault(Fault::new(Effect::Answer { status: 200, headers: Vec::new(), body: page.to_owned() }));
    failed(Run::new(&fake).github().list("octo").await.expect_err("it never ends"), "again and again");
    for (kind, says) in [(None, "went wrong"), (Some("FORBIDDEN"), "refuses access")] {
        let fake = FakeGithub::start(world(3));
        fake.fail_field("Organization.repositories", "Something went wrong", kind);
        failed(Run::new(&fake).github().list("octo").await.expect_err("there is none"), says);
    }
    // An older server knows less of a repository.
    let fake = FakeGithub::start(world(3));
    fake.remove_field("Repository.isEmpty");
    let listing = Run::new(&fake).github().list("octo").await.expect("it is listed");
    assert_eq!(listing.repositories.iter().filter(|listed| !listed.is_empty).count(), 3);
}
