//! `--org`: what an organisation or a user owns, in one run.

use fake_github::{ADMIN, Commit, FakeGithub, Kind, READ, Repository, SSO, User, World};
use serde_json::Value;

use crate::support::{Carat, Ran, carat};

fn repository(name: &str) -> Repository {
    Repository::new(name).commit(Commit::at("2024-03-01T10:00:00Z").file("LICENSE-MIT", "MIT"))
}

fn start() -> FakeGithub {
    let mut world = World::of([
        repository("octo/owl"),
        repository("octo/cat"),
        repository("octo/old").archived(),
        Repository { fork: true, ..repository("octo/spoon") },
        Repository { fork: true, ..repository("octo/old-spoon").archived() },
        Repository::new("octo/empty"),
        Repository { disabled: true, ..repository("octo/off") },
        repository("octo/secret").private(),
        repository("mona/pad"),
        repository("other/thing"),
    ]);
    world.users.push(User::new("mona"));
    FakeGithub::start(world)
}

fn on(fake: &FakeGithub, arguments: &[&str]) -> Carat {
    carat(["score", "--checks", "License"]).args(arguments).on(fake)
}

fn scored(ran: &Ran) -> (Vec<String>, String) {
    let array = ran.json();
    let names = array.as_array().expect("an array").iter().map(|entry: &Value| entry["repo"]["name"].as_str().expect("a name").to_owned());
    (names.collect(), ran.err.lines().last().unwrap_or_default().to_owned())
}

#[test]
fn all_repositories_of_an_owner_are_scored_but_those_that_are_left_out() {
    let fake = start();
    let ran = on(&fake, &["--org", "OCTO", "-f", "json"]).token(READ).run().done();
    let sum = "7 listed = 2 scored + 0 failed + 5 skipped".to_owned();
    assert_eq!(scored(&ran), (vec!["github.com/octo/cat".to_owned(), "github.com/octo/owl".to_owned()], sum));
    let note = "note: left out of github.com/octo: 1 disabled by the host, 1 empty, 2 archived (--archived adds them), 1 forks (--forks adds them)";
    assert!(ran.err.lines().any(|line| line == note), "{}", ran.err);
    let ran = on(&fake, &["--org", "github.com/octo", "--archived", "--forks", "-f", "json"]).token(ADMIN).run().done();
    let (names, sum) = scored(&ran);
    let short: Vec<&str> = names.iter().filter_map(|name| name.strip_prefix("github.com/octo/")).collect();
    assert_eq!(short, ["cat", "old", "old-spoon", "owl", "secret", "spoon"]);
    assert_eq!(sum, "8 listed = 6 scored + 0 failed + 2 skipped");
}

#[test]
fn owners_stand_beside_targets_and_lists_and_nothing_is_scored_twice() {
    let fake = start();
    let run = on(&fake, &["octo/owl", "--org", "octo", "--org", "mona", "--repos", "list", "-f", "json"]);
    let ran = run.home("list", "other/thing\nocto/old\n").token(READ).run().done();
    let names = ["octo/owl", "other/thing", "octo/old", "octo/cat", "mona/pad"].map(|name| format!("github.com/{name}"));
    // What is archived is scored where it was named; the list of its owner leaves it out.
    assert_eq!(scored(&ran), (names.to_vec(), "11 listed = 5 scored + 0 failed + 6 skipped".to_owned()));
    assert!(ran.err.contains("github.com/octo/owl is listed more than once"), "{}", ran.err);
}

#[test]
fn an_owner_that_cannot_be_listed_is_told_before_any_work() {
    let fake = start();
    let fails = |run: Carat, code, says: &str| {
        let error = run.fails(code);
        assert!(error.contains(says), "{error}");
    };
    let nobody = "cannot list the repositories of github.com/nobody: no such organisation or user";
    fails(on(&fake, &["octo/owl", "--org", "nobody"]).token(READ), 3, nobody);
    fails(on(&fake, &["--org", "octo"]), 3, "only with a token\n       set GITHUB_TOKEN");
    fails(on(&fake, &["--org", "octo"]).token(SSO), 3, "single sign-on");
    fails(on(&fake, &["--org", "octo"]).token("ghp_wrong"), 3, "does not accept the token");
    assert_eq!((fake.count(Kind::Git), fake.count(Kind::Rest)), (0, 0));
    fake.forget();
    fails(on(&fake, &["--org", "octo", "--offline"]).token(READ), 2, "--offline asks nobody");
    fails(on(&fake, &["--org", "ghe.example.org/octo"]).token(READ), 2, "have not configured");
    fails(on(&fake, &["--org", "octo/owl/x"]).token(READ), 2, "NAME or HOST/NAME");
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn a_plan_lists_and_counts() {
    let fake = start();
    let plan = on(&fake, &["--org", "octo", "--plan"]).token(READ).ok().out;
    assert!(plan.starts_with("2 targets, ") && plan.contains("left out of github.com/octo: 1 disabled"), "{plan}");
    assert!(plan.contains("GraphQL documents"), "{plan}");
    assert_eq!(fake.requests().len(), 1);
}
