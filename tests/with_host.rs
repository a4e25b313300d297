//! A clone on this machine together with what the host of its `origin` says.

use fake_github::{Branch, Commit, FakeGithub, READ, Repository, World};
use serde_json::Value;

use crate::support::{Carat, Repo, asked, cause};

/// A clone with a commit, whose `origin` is this address.
fn clone(origin: Option<&str>) -> Repo {
    let repo = Repo::with(&[("LICENSE-MIT", "text")]);
    if let Some(origin) = origin {
        repo.git().remote("origin", origin).expect("a remote can be named");
    }
    repo
}

/// A host of one repository, and a clone of it that is really one: the objects come over Git.
fn cloned(repository: Repository) -> (FakeGithub, Repo) {
    let fake = FakeGithub::start(World::of([repository]));
    let repo = Repo::new();
    fetch(&fake, &repo, "+refs/heads/*:refs/remotes/origin/*");
    repo.git().remote("origin", "https://github.com/octo/cat.git").expect("a remote can be named");
    (fake, repo)
}

fn fetch(fake: &FakeGithub, repo: &Repo, what: &str) {
    let mut remote = repo.git().remote_anonymous(&format!("{}/octo/cat", fake.url())).expect("an address");
    remote.fetch(&[what], None, None).expect("it can be fetched");
}

/// Has the clone stand at a commit, with its files.
fn at(repo: &Repo, commit: &str) {
    let commit = repo.git().find_commit(commit.parse().expect("an id")).expect("it was fetched");
    repo.git().branch("main", &commit, true).expect("a branch can be made");
    repo.git().checkout_head(Some(git2::build::CheckoutBuilder::new().force())).expect("files can be checked out");
}

fn cat() -> Repository {
    Repository::new("octo/cat")
        .commit(Commit::at("2024-03-01T10:00:00Z").file("LICENSE-MIT", "MIT"))
        .commit(Commit::at("2024-04-01T10:00:00Z").file("README.md", "Hello").message("Two"))
        .branch(Branch { commits: vec![Commit::at("2024-05-03T10:00:00Z").file("evil", "")], hidden: true, ..Branch::new("of-a-fork") })
        .language("Rust", 10)
}

const CHECKS: [&str; 3] = ["--with-host", "--checks", "License,Fuzzing,Maintained,Code-Review"];

fn run(fake: &FakeGithub, run: Carat) -> Carat {
    run.on(fake).token(READ).args(CHECKS)
}

#[track_caller]
fn is_seen(evidence: &Value, facets: &[&str]) {
    for facet in facets {
        assert_eq!(cause(evidence, facet), "", "{facet}");
    }
}

#[test]
fn a_clone_at_the_head_of_its_host_is_judged_by_both() {
    let (fake, repo) = cloned(cat());
    at(&repo, &fake.commit("octo/cat", "HEAD"));
    fake.forget();
    let evidence = run(&fake, repo.score()).evidence();
    assert!(evidence["repository"]["name"].as_str().expect("a name").starts_with("file://"));
    is_seen(&evidence, &["files", "commits", "metadata", "issues", "languages"]);
    assert_eq!(asked(&fake)[..3], [0, 1, 0]);
    let table = run(&fake, repo.score()).ok().out;
    assert!(table.contains("what its host says is that of github.com/octo/cat"), "{table}");
}

#[test]
fn a_clone_that_lags_behind_is_judged_by_what_its_host_says_now() {
    let (fake, repo) = cloned(cat());
    let old = fake.commits("octo/cat")[0].clone();
    at(&repo, &old);
    let evidence = run(&fake, repo.score()).evidence();
    assert_eq!(evidence["repository"]["commit"], old.as_str());
    is_seen(&evidence, &["files", "commits", "metadata", "issues", "languages", "oss_fuzz"]);
    assert_eq!(evidence["commits"]["known"].as_array().map(Vec::len), Some(1));
    // A revision that was named is a past one.
    let evidence = run(&fake, repo.score_at(&old)).evidence();
    is_seen(&evidence, &["files", "commits"]);
    for facet in ["metadata", "issues", "languages", "oss_fuzz"] {
        assert_eq!(cause(&evidence, facet), "present_only", "{facet}");
    }
}

#[test]
fn a_commit_that_the_host_does_not_know_is_refused() {
    let fake = FakeGithub::start(World::of([cat()]));
    let repo = clone(Some("git@github.com:octo/cat.git"));
    let error = run(&fake, repo.score()).fails(3);
    assert!(error.contains("github.com/octo/cat does not know the commit") && error.contains("push it first"), "{error}");
}

#[test]
fn a_commit_of_a_fork_gets_no_facts_of_its_parent() {
    let (fake, repo) = cloned(cat());
    let evil = fake.branch_commits("octo/cat", "of-a-fork")[0].clone();
    fetch(&fake, &repo, &format!("+{evil}:refs/heads/theirs"));
    at(&repo, &evil);
    let error = run(&fake, repo.score()).fails(3);
    assert!(error.contains(&evil) && error.contains("it may come from a fork"), "{error}");
    run(&fake, repo.score()).args(["--allow-unreachable"]).ok();
}

#[test]
fn without_a_host_that_is_configured_there_are_no_facts_of_one() {
    let fake = FakeGithub::start(World::of([cat()]));
    for (origin, says) in [
        (None, "the clone has no remote \"origin\""),
        (Some("/srv/git/cat.git"), "is that of no host"),
        (
            Some("https://user:ghp_secret@git.example.org/octo/cat"),
            "its \"origin\" is on git.example.org, a host that you have not configured",
        ),
    ] {
        let repo = clone(origin);
        let error = run(&fake, repo.score()).fails(3);
        assert!(error.contains(says) && error.contains("leave --with-host out") && !error.contains("secret"), "{error}");
        repo.score().on(&fake).token(READ).ok();
    }
    let repo = clone(Some("https://github.com/octo/cat"));
    let error = repo.score().on(&fake).args(["--with-host"]).fails(3);
    assert!(error.contains("a token is needed for github.com: set GITHUB_AUTH_TOKEN"), "{error}");
    let error = run(&fake, repo.score()).args(["--offline"]).fails(2);
    assert!(error.contains("--offline asks nobody"), "{error}");
    assert_eq!(asked(&fake), [0; 5]);
}
