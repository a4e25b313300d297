//! What goes wrong with a host: which of the many things it is, what to do, and what can be told all the same.

use std::time::Duration;

use fake_github::{
    ADMIN, Blocked, Commit, Effect, FakeGithub, Fault, Kind, License, PullRequest, READ, Release, Repository, Role, SSO, Token, WORKFLOW,
    World, days_ago,
};
use serde_json::Value;

use crate::support::{Carat, asked, cause, score_on};

fn cat() -> Repository {
    Repository::new("octo/cat")
        .commit(Commit::at(&days_ago(20)).file("LICENSE-MIT", "MIT").file("src/a.rs", "fn f() {}"))
        .merged(PullRequest::merged(7, "alice", &days_ago(10)).approved_by("bob").checked_by("github-actions"))
        .release(Release::new("v1", ["a.tar.gz"]))
        .contributor("alice", 12)
        .license(License::mit())
        .language("Rust", 50)
}

fn start() -> FakeGithub {
    FakeGithub::start(World::of([cat()]))
}

fn with(fault: Fault) -> FakeGithub {
    let fake = start();
    fake.fault(fault);
    fake
}

/// A refusal of the run, and with which words.
#[track_caller]
fn is_refused(run: Carat, says: &[&str]) {
    let error = run.fails(3);
    assert!(error.starts_with("error: cannot assess github.com/octo/"), "{error}");
    for word in says {
        assert!(error.contains(word), "{word:?} in {error}");
    }
    assert!(error.lines().count() == 2 || says.contains(&"blocked"), "a hint follows: {error}");
}

fn text(run: Carat) -> String {
    run.ok().out
}

#[test]
fn a_repository_that_is_not_there_and_one_that_may_not_be_seen_are_refused() {
    let fake = FakeGithub::start(World::of([cat(), Repository { name: "secret".to_owned(), private: true, ..cat() }]));
    for name in ["octo/nothing", "octo/secret"] {
        is_refused(score_on(&fake, name).token(READ), &["no such repository, or one that this token may not see", "the token belongs to"]);
        is_refused(score_on(&fake, name), &["no such repository, or a private one", "set GITHUB_TOKEN"]);
    }
    score_on(&fake, "octo/secret").token(ADMIN).ok();
}

#[test]
fn a_repository_that_its_host_has_blocked_is_refused_as_that() {
    for blocked in [Blocked::Legal, Blocked::Terms] {
        let fake = FakeGithub::start(World::of([Repository { blocked: Some(blocked), ..cat() }]));
        is_refused(score_on(&fake, "octo/cat").token(READ), &["blocked"]);
        let error = score_on(&fake, "octo/cat").fails(3);
        let says = if blocked == Blocked::Legal { "the host has blocked it" } else { "the host refuses access" };
        assert!(error.contains(says) && !error.contains("no such"), "{error}");
    }
}

#[test]
fn a_wrong_token_is_never_taken_for_a_repository_that_is_not_there() {
    let mut world = World::of([cat()]);
    world.tokens.push(Token::new("ghp_expired00000000000000000000000000000", Role::Expired));
    let fake = FakeGithub::start(world);
    for token in ["ghp_wrong0000000000000000000000000000000", "ghp_expired00000000000000000000000000000", "x"] {
        for name in ["octo/cat", "octo/nothing", "octo/cat@v9"] {
            let run = score_on(&fake, name).token(token);
            is_refused(
                run,
                &["github.com does not accept the token: it is wrong, expired or withdrawn", "get a new token: set GITHUB_TOKEN"],
            );
        }
    }
}

#[test]
fn an_empty_token_is_refused_before_anybody_is_asked() {
    let fake = start();
    for token in ["", " \n"] {
        is_refused(score_on(&fake, "octo/cat").token(token), &["the variable GITHUB_TOKEN is empty", "unset it"]);
    }
    let error = score_on(&fake, "octo/cat").token("two words").fails(2);
    assert!(error.contains("GITHUB_TOKEN") && !error.contains("two words"), "{error}");
    assert_eq!(asked(&fake), [0; 5]);
    // Another variable that holds one counts.
    score_on(&fake, "octo/cat").token("").env("GH_TOKEN", READ).ok();
}

#[test]
fn a_token_without_single_sign_on_is_told_where_to_get_it() {
    let fake = start();
    let says = ["single sign-on, for which the token is not authorised", "authorise it at https://github.com/orgs/octo/sso"];
    is_refused(score_on(&fake, "octo/cat").token(SSO), &says);
    let refusal = r#"{"message":"Resource protected by organization SAML enforcement."}"#;
    let fault = Fault::new(Effect::Answer { status: 403, headers: Vec::new(), body: refusal.to_owned() }).kind(Kind::Graphql);
    let fake = with(fault.header("x-github-sso", "required; url=https://github.com/orgs/octo/sso?x=1"));
    is_refused(score_on(&fake, "octo/cat").token(READ), &says);
}

#[test]
fn without_a_token_git_and_the_services_tell_what_they_can() {
    let mut world = World::of([cat()]);
    world.badges.push(("https://github.com/octo/cat".to_owned(), "gold".to_owned()));
    world.oss_fuzz.push("https://github.com/octo/cat".to_owned());
    let fake = FakeGithub::start(world);
    let evidence = score_on(&fake, "octo/cat").evidence();
    for facet in ["files", "oss_fuzz"] {
        assert_eq!(cause(&evidence, facet), "", "{facet}");
    }
    assert_eq!(evidence["oss_fuzz"]["known"], true);
    for facet in ["metadata", "commits", "check_runs", "issues", "contributors", "languages"] {
        assert_eq!(cause(&evidence, facet), "no_token", "{facet}");
    }
    let table = text(score_on(&fake, "octo/cat"));
    assert!(table.contains("needs a token"), "{table}");
    let how = table.lines().filter(|line| line.contains("set GITHUB_TOKEN to one (`gh auth token` prints one)")).count();
    assert_eq!(how, 1, "{table}");
    assert!(fake.requests().iter().all(|request| !request.authorization && !matches!(request.kind, Kind::Graphql | Kind::Rest)));
    // Who has one, or asks for nothing that needs one, is not told.
    for run in [score_on(&fake, "octo/cat").token(READ), score_on(&fake, "octo/cat").args(["--checks", "Dangerous-Workflow"])] {
        assert!(!text(run).contains("GITHUB_TOKEN"));
    }
}

/// What comes whatever becomes of GraphQL.
#[track_caller]
fn the_rest_came(evidence: &Value) {
    for facet in ["files", "binaries", "contributors", "oss_fuzz"] {
        assert_eq!(cause(evidence, facet), "", "{facet}");
    }
}

#[test]
fn without_graphql_git_and_rest_tell_what_they_can() {
    let answer = |status: u16, body: &str| Fault::new(Effect::Answer { status, headers: Vec::new(), body: body.to_owned() });
    let forbidden = r#"{"data":{"repository":null},"errors":[{"type":"FORBIDDEN","path":["repository"],"message":"Resource not accessible by integration"}]}"#;
    for (fault, says) in [
        (answer(403, r#"{"message":"Resource not accessible by integration"}"#), "Resource not accessible by integration"),
        (answer(200, forbidden), "Resource not accessible by integration"),
        (answer(404, r#"{"message":"Not Found"}"#), "answered 404"),
        (answer(200, "{}"), "cannot be read"),
        (Fault::new(Effect::BadJson), "cannot be read"),
        (Fault::new(Effect::Truncate { keep: 50, honest: true }), "cannot be read"),
    ] {
        let fake = with(fault.kind(Kind::Graphql));
        let head = fake.commit("octo/cat", "HEAD");
        let evidence = score_on(&fake, "octo/cat").token(READ).evidence();
        the_rest_came(&evidence);
        assert_eq!(evidence["repository"]["commit"], head.as_str());
        for facet in ["metadata", "commits", "issues"] {
            let cause = cause(&evidence, facet);
            assert!(cause.contains("failed") && cause.contains(says), "{facet}: {cause}");
        }
        let table = text(score_on(&fake, "octo/cat").token(READ));
        assert!(table.contains("Maintained") && table.contains("from "), "{table}");
    }
}

#[test]
fn a_token_of_a_workflow_gets_what_it_may_see() {
    let fake = start();
    for field in ["Repository.issues", "PullRequest.reviews"] {
        fake.fail_field(field, "Resource not accessible by integration", Some("FORBIDDEN"));
    }
    let run = || score_on(&fake, "octo/cat").token(WORKFLOW).args(["--checks", "License,Maintained,Code-Review,CI-Tests"]);
    let evidence = run().evidence();
    for facet in ["files", "metadata", "commits", "check_runs"] {
        assert_eq!(cause(&evidence, facet), "", "{facet}");
    }
    assert!(cause(&evidence, "issues").contains("denied"));
    let card = run().json();
    let review = card.check("Code-Review").to_string();
    assert!(review.contains("denied") && review.contains("Pull requests: read"), "{review}");
    assert!(card.check("Maintained").to_string().contains("denied"));
    assert_eq!(card.check("CI-Tests")["status"], "scored");
}

#[test]
fn git_that_fails_leaves_what_the_host_tells() {
    let said = Fault::new(Effect::Answer { status: 200, headers: Vec::new(), body: "<html>".to_owned() });
    for fault in [Fault::status(404), Fault::status(403), said] {
        let fake = with(fault.kind(Kind::Git));
        let evidence = score_on(&fake, "octo/cat").token(READ).evidence();
        for facet in ["files", "binaries", "workflows"] {
            let cause = cause(&evidence, facet);
            assert!(cause.contains("Git could not fetch them") && !cause.contains("without a token"), "{facet}: {cause}");
        }
        for facet in ["metadata", "commits", "issues", "contributors"] {
            assert_eq!(cause(&evidence, facet), "", "{facet}");
        }
        let ran = score_on(&fake, "octo/cat").token(READ).args(["--require-complete"]).run();
        assert_eq!(ran.code, Some(4), "{}", ran.err);
        assert!(ran.out.contains("Maintained") && !ran.out.contains("there are no files"), "{}", ran.out);
    }
}

#[test]
fn services_that_fail_are_gaps() {
    let fake = start();
    for kind in [Kind::Badge, Kind::OssFuzz] {
        fake.fault(Fault::status(404).kind(kind));
    }
    let evidence = score_on(&fake, "octo/cat").token(READ).evidence();
    assert!(cause(&evidence, "oss_fuzz").contains("404"));
    assert_eq!(cause(&evidence, "metadata"), "");
}

#[test]
fn a_document_that_is_too_much_is_asked_in_parts() {
    let fault = Fault::status(502)
        .when(|request| request.graphql.as_ref().is_some_and(|call| call.query.contains("issues(") && call.query.contains("history(")));
    let fake = with(fault);
    let card = score_on(&fake, "octo/cat").token(READ).args(["--checks", "Maintained"]).json();
    assert_eq!(card.check("Maintained")["status"], "scored");
    assert!(card["bill"]["graphql"]["retries"].as_u64().is_some_and(|retries| retries > 0));
}

#[test]
fn a_limit_whose_end_is_too_far_away_is_told() {
    let fake = with(Fault::new(Effect::LimitUsedUp(Duration::from_secs(3_000))).kind(Kind::Graphql));
    let evidence = score_on(&fake, "octo/cat").token(READ).args(["--max-wait", "0"]).evidence();
    assert_eq!(cause(&evidence, "files"), "");
    assert!(cause(&evidence, "metadata").contains("wants no requests before"), "{}", cause(&evidence, "metadata"));
    // One that is over soon is waited for, and that is said.
    let fake = with(Fault::secondary_limit(1).kind(Kind::Graphql).times(1));
    let ran = score_on(&fake, "octo/cat").token(READ).args(["--checks", "License"]).run().done();
    assert!(ran.err.starts_with("waiting for ") && ran.err.contains("requests came too fast"), "{}", ran.err);
}

#[test]
fn a_host_that_cannot_be_asked_at_all_is_told() {
    let fake = start();
    let dead = "http://127.0.0.1:1";
    let run = score_on(&fake, "octo/cat").env("GITHUB_API_URL", dead).env("GITHUB_GRAPHQL_URL", dead).env("GITHUB_SERVER_URL", dead);
    let error = run.token(READ).fails(3);
    assert!(error.contains("cannot connect to 127.0.0.1:1"), "{error}");
}
