//! A GitHub App in place of a token.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::RsaKeyPair;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fake_github::{App, Commit, FakeGithub, Fault, Installation, Kind, READ, Repository, Token, World, days_ago};
use tempfile::TempDir;

use crate::support::{Carat, carat};

/// A file with a key that was never anybody's.
fn key() -> &'static Path {
    static KEY: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = KEY.get_or_init(|| {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made");
        let der: Pkcs8V1Der<'_> = key.as_der().expect("it has a form");
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("key.pem");
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64_STANDARD.encode(der.as_ref()));
        std::fs::write(&path, pem).expect("a file can be written");
        (folder, path)
    });
    path
}

fn world(installations: impl IntoIterator<Item = Installation>) -> World {
    let repository = |name| {
        let commit = Commit::at(&days_ago(200)).file("LICENSE-MIT", "MIT");
        Repository::new(name).commit(commit).contributor("alice", 9)
    };
    let apps = vec![App { id: "7".to_owned(), installations: installations.into_iter().collect() }];
    World { apps, ..World::of(["octo/a", "octo/b", "hub/a"].map(repository).into_iter().chain([repository("octo/secret").private()])) }
}

fn both() -> [Installation; 2] {
    [Installation::new(70, "octo"), Installation::new(71, "hub")]
}

fn asking(fake: &FakeGithub, targets: &[&str]) -> Carat {
    let key = key().to_str().expect("temporary paths are UTF-8");
    let run = carat(["score"]).args(targets).args(["--checks", "License,Contributors,Maintained"]).on(fake);
    run.env("GITHUB_APP_KEY_PATH", key).env("GITHUB_APP_ID", "7")
}

/// How often a token was asked for.
fn tokens(fake: &FakeGithub) -> usize {
    fake.requests().iter().filter(|request| request.template.ends_with("/access_tokens")).count()
}

/// Runs it; it must fail without a word of the key. Returns the error.
#[track_caller]
fn refused(run: Carat) -> String {
    let error = run.fails(3);
    let key = std::fs::read_to_string(key()).expect("it is there");
    assert!(!error.contains("ghs_") && !error.contains(&key[40..60]) && !error.contains("eyJ"), "{error}");
    error
}

#[test]
fn an_app_gets_a_token_for_each_owner_once() {
    let fake = FakeGithub::start(world(both()));
    let ran = asking(&fake, &["octo/a", "octo/b", "hub/a"]).args(["--format", "json", "-v"]).run().done();
    assert!(!format!("{}{}", ran.out, ran.err).contains("ghs_") && !ran.err.contains("eyJ"), "{}", ran.err);
    let cards = ran.json();
    for card in cards.as_array().expect("several") {
        assert_eq!((&card["status"], &card["gaps"]), (&"complete".into(), &serde_json::json!([])), "{card}");
    }
    assert_eq!(tokens(&fake), 2);
    assert_eq!(fake.requests().iter().filter(|request| request.template == "/users/{user}/installation").count(), 2);
    // Each owner's repositories with the token of its own installation, and a proof for nothing else.
    let is_of_accounts = |request: &fake_github::Request| request.graphql.as_ref().is_some_and(|call| call.variables["u0"].is_string());
    for request in fake.requests().into_iter().filter(|request| !is_of_accounts(request)) {
        let token = request.token.clone().unwrap_or_default();
        let owner = request.graphql.as_ref().and_then(|call| call.variables["owner"].as_str()).map(str::to_owned);
        let owner = owner.unwrap_or_else(|| if request.path.contains("/hub/") { "hub".to_owned() } else { "octo".to_owned() });
        match request.kind {
            Kind::Badge | Kind::OssFuzz => assert!(!request.authorization),
            _ if request.template.contains("installation") => assert!(token.starts_with("eyJ"), "{}", request.template),
            Kind::Git if token.is_empty() => {}
            _ => assert!(token.starts_with(if owner == "hub" { "ghs_71_" } else { "ghs_70_" }), "{request:?}"),
        }
    }
}

#[test]
fn an_installation_that_is_named_is_for_all_owners() {
    let fake = FakeGithub::start(world(both()));
    let run = asking(&fake, &["octo/a", "hub/a", "octo/none"]).env("GITHUB_APP_INSTALLATION_ID", "71").args(["--quiet"]).run();
    assert_eq!(run.code, Some(3), "{}", run.err);
    assert!(run.out.contains("octo/none failed: ") && run.out.contains("no such repository"), "{}", run.out);
    assert_eq!((tokens(&fake), fake.requests().iter().filter(|request| request.template.contains("/users/")).count()), (1, 0));
}

#[test]
fn a_token_comes_before_an_app_and_whoever_asks_nobody_asks_for_none() {
    let fake = FakeGithub::start(world(both()));
    asking(&fake, &["octo/a"]).token(READ).ok();
    assert!(asking(&fake, &["octo/a"]).args(["--plan"]).ok().out.contains("GraphQL documents"));
    assert_eq!(tokens(&fake), 0);
    // An empty variable is no token.
    asking(&fake, &["octo/a"]).token("").ok();
    assert_eq!(tokens(&fake), 1);
}

#[test]
fn what_is_wrong_with_an_app_is_told() {
    let suspended = Installation { suspended: true, ..Installation::new(71, "hub") };
    let fake = FakeGithub::start(world([Installation::new(70, "octo"), suspended]));
    let error = refused(asking(&fake, &["nobody/a"]));
    assert!(error.contains("the app 7 is not installed for nobody") && error.contains("install it there"), "{error}");
    let error = refused(asking(&fake, &["hub/a"]));
    assert!(error.contains("This installation has been suspended"), "{error}");
    let error = refused(asking(&fake, &["octo/a"]).env("GITHUB_APP_ID", "8"));
    assert!(error.contains("github.com does not accept the app 8: Integration not found"), "{error}");
    let error = refused(asking(&fake, &["octo/a"]).env("GITHUB_APP_INSTALLATION_ID", "99"));
    assert!(error.contains("the app 7 has no installation 99"), "{error}");
    fake.fault(Fault::status(200).body("{\"token\": \"ghs_secret\"}").template("/app/installations/{id}/access_tokens"));
    let error = refused(asking(&fake, &["octo/a"]));
    assert!(error.contains("answered what cannot be read"), "{error}");
    // Before anybody is asked.
    fake.forget();
    for (name, value) in [("GITHUB_APP_KEY_PATH", "/no/such/file"), ("GITHUB_APP_INSTALLATION_ID", "x"), ("GITHUB_APP_ID", " ")] {
        let error = asking(&fake, &["octo/a"]).env(name, value).fails(2);
        assert!(error.contains("GITHUB_APP_"), "{error}");
    }
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn a_token_is_new_before_the_old_one_ends_and_when_it_was_withdrawn() {
    // One that would end in the middle of a target is not begun with.
    let short = Installation { lasts: 60, ..Installation::new(70, "octo") };
    let fake = FakeGithub::start(world([short]));
    asking(&fake, &["octo/a", "octo/b"]).args(["--jobs", "1", "--quiet"]).ok();
    assert_eq!(tokens(&fake), 2);
    // It is withdrawn when the second repository is asked about.
    let fake = FakeGithub::start(world([Installation::new(70, "octo")]));
    let is_second = |request: &fake_github::Request| request.graphql.as_ref().is_some_and(|call| call.variables["name"] == "b");
    fake.change_when(is_second, |world| world.apps[0].installations[0].withdrawn = 1);
    asking(&fake, &["octo/a", "octo/b"]).args(["--jobs", "1", "--quiet"]).ok();
    let used: BTreeSet<String> = fake.requests().iter().filter_map(|request| request.token.clone()).collect();
    assert_eq!((tokens(&fake), used.iter().filter(|token| token.starts_with("ghs_70_")).count()), (2, 2));
    // One that is withdrawn again and again is given up.
    fake.change(|world| world.apps[0].installations[0].withdrawn = 1_000);
    let error = refused(asking(&fake, &["octo/a"]));
    assert!(error.contains("does not accept the token"), "{error}");
    assert!(tokens(&fake) <= 2 + 3);
}

#[test]
fn what_was_kept_of_a_private_repository_is_found_by_the_next_token() {
    let sees = Token { may_see_private: true, ..Installation::new(70, "octo").token };
    let fake = FakeGithub::start(world([Installation { token: sees, ..Installation::new(70, "octo") }]));
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let run = |targets: &[&str]| asking(&fake, targets).cache(folder.path());
    run(&["octo/secret"]).ok();
    let fetched = fake.requests().iter().filter(|request| request.template.ends_with("/git-upload-pack")).count();
    run(&["octo/secret"]).ok();
    assert_eq!(tokens(&fake), 2);
    assert_eq!(fake.requests().iter().filter(|request| request.template.ends_with("/git-upload-pack")).count(), fetched);
    fake.forget();
    let at = format!("octo/secret@{}", fake.commit("octo/secret", "HEAD"));
    run(&[&at]).args(["--offline"]).ok();
    assert_eq!(fake.requests().len(), 0);
    // Neither the key nor a token was written anywhere.
    let key = std::fs::read_to_string(key()).expect("it is there");
    let mut folders = vec![folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).expect("a file");
                let text = String::from_utf8_lossy(&bytes);
                assert!(!text.contains("ghs_70_") && !text.contains(&key[40..60]), "{}", path.display());
            }
        }
    }
}

#[test]
fn an_app_is_shown_to_no_other_host() {
    let (fake, other) = (FakeGithub::start(world(both())), FakeGithub::start(world(both())));
    // A server of one's own is the host of bare names, and github.com gets nothing.
    let run = asking(&fake, &["github.com/octo/a"]).env("GH_HOST", &other.host()).args(["--quiet"]).run();
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(fake.requests().iter().all(|request| !request.authorization));
    assert_eq!(other.requests().len(), 0);
    asking(&fake, &["octo/a"]).env("GH_HOST", &other.host()).ok();
    assert_eq!((tokens(&other), tokens(&fake)), (1, 0));
    assert!(other.requests().iter().all(|request| request.kind == Kind::Git || request.path.starts_with("/api/")));
}
