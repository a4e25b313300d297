//! Several tokens for one host.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use carat::checks::CHECKS;
use carat::hosts::Hosts;
use carat::http::{RefusedToken, Settings};
use carat::{Access, Error, Options, Progress, Request, Run, Selection, Session, Target};
use fake_github::{ADMIN, Effect, FakeGithub, Fault, Kind, READ, Repository, WORKFLOW, World};

use crate::support::score_on;

const WRONG: &str = "ghp_wrong0000000000000000000000000000000";
const NAMES: [&str; 6] = ["octo/a", "octo/b", "octo/c", "octo/d", "octo/e", "octo/f"];

fn start() -> FakeGithub {
    let repository = |name| Repository::new(name).file("LICENSE", "MIT").contributor("alice", 9);
    FakeGithub::start(World::of(NAMES.map(repository)))
}

/// A session that has these tokens, and of which of them it said that they are refused.
fn session(fake: &FakeGithub, tokens: &str) -> (Session, Arc<Mutex<Vec<RefusedToken>>>) {
    let variable = |name: &str| match name {
        "GITHUB_API_URL" | "GITHUB_SERVER_URL" => Some(fake.url()),
        "GITHUB_GRAPHQL_URL" => Some(fake.graphql_url()),
        "GITHUB_TOKEN" => Some(tokens.to_owned()),
        _ => None,
    };
    let hosts = Hosts::read(variable, None).expect("these are tokens");
    let told: Arc<Mutex<Vec<RefusedToken>>> = Arc::default();
    let tell = Arc::clone(&told);
    let connections = Settings {
        named_hosts: vec!["127.0.0.1".to_owned()],
        on_refused: Arc::new(move |refused| tell.lock().expect("no panic").push(refused)),
        max_wait: Duration::ZERO,
        ..Settings::default()
    };
    (Session::new(Access { hosts, connections, ..Access::default() }), told)
}

async fn score(session: &Session, name: &str) -> Result<Run, Error> {
    let checks = CHECKS.into_iter().filter(|check| ["License", "Maintained", "Contributors"].contains(&check.meta().name));
    let request = Request {
        target: Target::parse(name.as_ref(), None, &Hosts::default())?,
        selection: Selection { checks: checks.collect(), probes: Vec::new() },
        as_of: jiff::Timestamp::now(),
        options: Options::default(),
    };
    carat::score(session, request, Progress::default().into()).await
}

/// With which tokens each repository was asked about.
fn tokens_of(fake: &FakeGithub) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut used: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    // What accounts say of themselves is asked for many repositories at once.
    let is_of_accounts = |request: &fake_github::Request| request.graphql.as_ref().is_some_and(|call| call.variables.get("u0").is_some());
    for request in fake.requests().into_iter().filter(|request| !is_of_accounts(request)) {
        let asked = format!("{} {}", request.path, request.graphql.map(|call| call.variables.to_string()).unwrap_or_default());
        let is_about = |name: &str| asked.contains(name) || asked.contains(&format!("\"name\":\"{}\"", &name[5..]));
        let name = NAMES.into_iter().find(|name| is_about(name)).unwrap_or_else(|| panic!("{asked} is about a repository"));
        used.entry(name).or_default().extend(request.token);
    }
    used
}

#[tokio::test]
async fn each_repository_has_one_and_all_are_used_alike() {
    let fake = start();
    let (session, _) = session(&fake, &format!("{ADMIN},{READ},{WORKFLOW}"));
    for run in futures::future::join_all(NAMES.map(|name| Box::pin(score(&session, name)))).await {
        run.expect("it is scored");
    }
    let used = tokens_of(&fake);
    assert!(used.len() == NAMES.len() && used.values().all(|tokens| tokens.len() == 1), "{used:?}");
    for token in [ADMIN, READ, WORKFLOW] {
        assert_eq!(used.values().filter(|tokens| tokens.contains(token)).count(), 2, "{used:?}");
    }
    // Once more, also after others had their turn.
    score(&session, NAMES[4]).await.expect("it is scored");
    assert_eq!(tokens_of(&fake), used);
}

#[tokio::test]
async fn one_whose_limit_is_used_up_holds_up_no_other() {
    let fake = start();
    let reset = (jiff::Timestamp::now().as_second() + 3_600).to_string();
    let headers = vec![("x-ratelimit-remaining".to_owned(), "0".to_owned()), ("x-ratelimit-reset".to_owned(), reset)];
    let used_up = Fault::new(Effect::Answer { status: 403, headers, body: "{}".to_owned() });
    fake.fault(used_up.when(|request| request.token.as_deref() == Some(ADMIN)).kind(Kind::Graphql));
    let (session, told) = session(&fake, &format!("{ADMIN},{READ}"));
    // The first repository has no time to wait; that the host limits it is no reason to take another token for it.
    let _ = score(&session, NAMES[0]).await;
    for name in &NAMES[1..] {
        let run = score(&session, name).await.expect("it is scored");
        assert!(run.scorecard.gaps().is_empty(), "{name}: {:?}", run.scorecard.gaps());
    }
    let used = tokens_of(&fake);
    assert!(NAMES[1..].iter().all(|name| used[name] == BTreeSet::from([READ.to_owned()])), "{used:?}");
    assert!(told.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn one_that_is_refused_is_named_once_and_the_others_go_on() {
    let fake = start();
    let (session, told) = session(&fake, &format!("{READ},{WRONG},{ADMIN}"));
    for run in futures::future::join_all(NAMES.map(|name| Box::pin(score(&session, name)))).await {
        run.expect("it is scored");
    }
    for name in NAMES {
        score(&session, name).await.expect("it is scored");
    }
    let told = told.lock().expect("no panic");
    assert_eq!(*told, [RefusedToken { host: "github.com".to_owned(), number: 2, of: 3 }]);
    // At most those asked with it that had it before the first was refused.
    assert!(fake.requests().iter().filter(|request| request.token.as_deref() == Some(WRONG)).count() <= 2);
}

#[test]
fn a_run_says_which_is_refused_and_ends_if_all_are() {
    let fake = start();
    let run = |tokens: &str| score_on(&fake, NAMES[0]).token(tokens).args(["--checks", "License"]);
    let ran = run(&format!("{WRONG}, {READ}")).run().done();
    assert_eq!(ran.err, "github.com does not accept token 1 of 2: it is wrong, expired or withdrawn; going on with the others\n");
    assert_eq!(run(&format!("{WRONG}, {READ}")).args(["-q"]).ok().err, "");
    fake.forget();
    let ran = run(&format!("{WRONG},{WRONG}x")).run();
    let error = ran.err;
    assert_eq!((ran.code, &*ran.out), (Some(3), ""), "{error}");
    assert!(error.contains("github.com does not accept the token: it is wrong, expired or withdrawn"), "{error}");
    assert_eq!((fake.count(Kind::Graphql), error.matches("does not accept").count()), (2, 2));
    assert!(!error.contains("ghp_"), "{error}");
}
