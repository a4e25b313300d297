//! REST: pages, conditions, limits, renames, refusals, and the small services.

use std::time::Duration;

use fake_github::{
    ADMIN, Blocked, Branch, Commit, Effect, FakeGithub, Fault, Kind, License, Limits, Person, READ, Release, Repository, Role, SSO,
    Secondary, Token, WORKFLOW, Workflow, World,
};
use serde_json::json;

use crate::client::{ask, get};

fn repository() -> Repository {
    let repository = Repository::new("octo/cat").file("LICENSE", "MIT").license(License::mit()).language("Rust", 7).formerly("octo/dog");
    (1..=5).fold(repository, |repository, number| {
        repository.release(Release::new(&format!("v{number}"), ["a.zip"])).contributor(&format!("c{number}"), number)
    })
}

#[test]
fn lists_come_in_pages() {
    let github = FakeGithub::start(World::of([repository()]));
    for base in ["", "/api/v3"] {
        let first = get(&github, READ, &format!("{base}/repos/octo/cat/releases?per_page=2"));
        let at =
            |page: u8, rel: &str| format!("<http://{}{base}/repos/octo/cat/releases?per_page=2&page={page}>; rel=\"{rel}\"", github.host());
        assert_eq!(first.header("link").unwrap(), format!("{}, {}", at(2, "next"), at(3, "last")));
        assert_eq!(first.json()[1]["tag_name"], "v2");
        let last = get(&github, READ, &format!("{base}/repos/octo/cat/releases?per_page=2&page=3"));
        assert_eq!(last.header("link").unwrap(), format!("{}, {}", at(2, "prev"), at(1, "first")));
        assert_eq!(last.json().as_array().unwrap().len(), 1);
    }
    let contributors = get(&github, READ, "/repos/octo/cat/contributors").json();
    assert_eq!((&contributors[4]["login"], &contributors[4]["contributions"]), (&json!("c5"), &json!(5)));
    assert_eq!(github.requests()[0].template, "/repos/{owner}/{repo}/releases");
    assert_eq!(github.count(Kind::Rest), 5);
}

#[test]
fn an_unchanged_answer_costs_nothing() {
    let github = FakeGithub::start(World::of([repository()]));
    let first = get(&github, READ, "/repos/octo/cat");
    let etag = first.header("etag").unwrap();
    assert_eq!(first.header("x-ratelimit-remaining"), Some("4999"));
    let bearer = format!("token {READ}");
    let again = |etag: &str| ask(&github, "GET", "/repos/octo/cat", &[("Authorization", &bearer), ("If-None-Match", etag)], b"").unwrap();
    let same = again(etag);
    assert_eq!((first.header("x-oauth-scopes"), same.header("etag")), (Some("public_repo"), Some(etag)));
    assert_eq!((same.status, same.body.len(), same.header("x-ratelimit-remaining")), (304, 0, Some("4999")));
    github.change(|world| world.repository("octo/cat").archived = true);
    let changed = again(etag);
    assert_eq!((changed.status, &changed.json()["archived"]), (200, &json!(true)));
}

#[test]
fn a_former_name_leads_to_the_repository() {
    let github = FakeGithub::start(World::of([repository()]));
    let moved = get(&github, READ, "/repos/octo/dog/releases?per_page=1");
    assert_eq!(moved.status, 301);
    let location = moved.header("location").unwrap().strip_prefix(&github.url()).unwrap().to_owned();
    assert_eq!(location, moved.json()["url"].as_str().unwrap().strip_prefix(&github.url()).unwrap());
    let followed = get(&github, READ, &location);
    assert_eq!(followed.json().as_array().unwrap().len(), 1);
    assert!(followed.header("link").unwrap().contains("/repositories/"));
}

#[test]
fn who_may_not_is_told_why() {
    let mut legal = Repository::new("a/legal");
    legal.blocked = Some(Blocked::Legal);
    let mut world =
        World::of([repository().hook("https://x", true).hook("https://y", false), Repository::new("octo/secret").private(), legal]);
    world.tokens.push(Token::new("ghp_old", Role::Expired));
    let github = FakeGithub::start(world);
    let status = |token: &str, path: &str| get(&github, token, path).status;
    assert_eq!(
        (status("", "/repos/octo/cat"), status("ghp_unknown", "/repos/octo/cat"), status("ghp_old", "/repos/octo/cat")),
        (200, 401, 401)
    );
    assert_eq!(
        (status(READ, "/repos/octo/secret"), status(ADMIN, "/repos/octo/secret"), status(READ, "/repos/octo/none")),
        (404, 200, 404)
    );
    assert_eq!(status(READ, "/repos/a/legal"), 451);
    let hooks = "/repos/octo/cat/hooks";
    assert_eq!((status(READ, hooks), status(WORKFLOW, hooks)), (404, 403));
    let hooks = get(&github, ADMIN, hooks).json();
    assert_eq!((&hooks[0]["config"]["secret"], hooks[1]["config"].get("secret")), (&json!("********"), None));
    let sso = get(&github, SSO, "/repos/octo/cat");
    assert_eq!(sso.status, 403);
    assert!(sso.header("x-github-sso").unwrap().starts_with("required; url="));
    assert_eq!((status("", "/user"), status(WORKFLOW, "/user"), status(READ, "/user")), (401, 403, 200));
}

#[test]
fn limits_are_kept() {
    let mut world = World::of([repository()]);
    world.limits = Limits { core: 2, secondary: Some(Secondary { rest_per_minute: 4, ..Secondary::default() }), ..Limits::default() };
    let github = FakeGithub::start(world);
    let ask = || get(&github, READ, "/repos/octo/cat");
    assert_eq!((ask().status, ask().status), (200, 200));
    let refused = ask();
    assert_eq!((refused.status, refused.header("x-ratelimit-remaining")), (403, Some("0")));
    assert!(refused.json()["message"].as_str().unwrap().starts_with("API rate limit exceeded"));
    assert_eq!(get(&github, READ, "/rate_limit").json()["resources"]["core"]["used"], 2);
    let other = |token: &str| get(&github, token, "/repos/octo/cat/languages");
    assert_eq!((other(ADMIN).status, other("").status), (200, 200));
    let slower = other("");
    assert_eq!((slower.status, slower.header("retry-after")), (403, Some("60")));
}

#[test]
fn a_limit_can_be_used_up_on_demand() {
    let github = FakeGithub::start(World::of([repository()]));
    github.fault(Fault::new(Effect::LimitUsedUp(Duration::from_secs(1))).times(1));
    assert_eq!(get(&github, READ, "/repos/octo/cat").status, 403);
    let reset: u64 = get(&github, READ, "/repos/octo/cat").header("x-ratelimit-reset").unwrap().parse().unwrap();
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    while now().as_secs() < reset {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(get(&github, READ, "/repos/octo/cat").status, 200);
}

#[test]
fn commits_are_compared_and_searched() {
    let mut bot = Commit::at("2024-05-03T10:00:00Z");
    bot.author = Person::new("dependabot[bot]");
    let fork =
        Branch { from: Some(0), commits: vec![Commit::at("2024-05-04T10:00:00Z").file("evil", "x")], hidden: true, ..Branch::new("fork") };
    let github = FakeGithub::start(World::of([repository().commit(bot).branch(fork)]));
    let commits = github.commits("octo/cat");
    let compared = |range: &str| get(&github, READ, &format!("/repos/octo/cat/compare/{range}")).json();
    let ahead = compared(&format!("{}...main", commits[0]));
    assert_eq!(
        (&ahead["status"], &ahead["ahead_by"], &ahead["merge_base_commit"]["sha"]),
        (&json!("ahead"), &json!(1), &json!(commits[0]))
    );
    assert_eq!(compared(&format!("main...{}", commits[0]))["status"], "behind");
    assert_eq!(compared("main...HEAD")["status"], "identical");
    let hidden = &github.branch_commits("octo/cat", "fork")[0];
    let forked = compared(&format!("main...{hidden}"));
    assert_eq!((&forked["status"], &forked["ahead_by"], &forked["behind_by"]), (&json!("diverged"), &json!(1), &json!(1)));
    let found = get(&github, READ, "/search/commits?q=repo:octo/cat+author:dependabot%5Bbot%5D&per_page=1").json();
    assert_eq!((&found["total_count"], &found["items"][0]["author"]["id"]), (&json!(1), &json!(49_699_333)));
}

#[test]
fn workflows_licences_and_owners_are_shown() {
    let github = FakeGithub::start(World::of([repository().workflow(Workflow::succeeded("release.yml")), Repository::new("octo/.github")]));
    let runs = get(&github, READ, "/repos/octo/cat/actions/workflows/release.yml/runs?status=success").json();
    assert_eq!((&runs["total_count"], &runs["workflow_runs"][0]["conclusion"]), (&json!(1), &json!("success")));
    assert_eq!(get(&github, READ, "/repos/octo/cat/actions/workflows/release.yml/runs?status=failure").json()["total_count"], 0);
    assert_eq!(get(&github, READ, "/repos/octo/cat/actions/workflows/none.yml/runs").status, 404);
    let license = get(&github, READ, "/repos/octo/cat/license").json();
    assert_eq!((&license["path"], &license["content"], &license["license"]["spdx_id"]), (&json!("LICENSE"), &json!("TUlU"), &json!("MIT")));
    assert_eq!(get(&github, READ, "/repos/octo/cat/languages").json(), json!({"Rust": 7}));
    assert_eq!(get(&github, READ, "/orgs/octo/repos").json().as_array().unwrap().len(), 2);
    assert_eq!(get(&github, READ, "/repos/octo/.github/contributors").status, 204);
}

#[test]
fn badges_and_fuzzed_projects_are_listed() {
    let mut world = World::default();
    world.badges.push(("https://github.com/octo/cat".to_owned(), "gold".to_owned()));
    world.oss_fuzz.push("https://github.com/octo/cat".to_owned());
    let github = FakeGithub::start(world);
    let badge = get(&github, "", "/_badge/projects.json?url=https%3A%2F%2Fgithub.com%2Focto%2Fcat").json();
    assert_eq!(badge[0]["badge_level"], "gold");
    assert_eq!(get(&github, "", "/_badge/projects.json?url=https://github.com/octo/dog").json(), json!([]));
    assert_eq!(get(&github, "", "/_oss_fuzz/status.json").json()["projects"][0]["main_repo"], "https://github.com/octo/cat");
    assert_eq!((github.count(Kind::Badge), github.count(Kind::OssFuzz)), (2, 1));
}
