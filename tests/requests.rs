//! What a run asks of whom, what it says about that before, and afterwards.

use fake_github::{
    ADMIN, Commit, FakeGithub, Issue, License, Protection, PullRequest, READ, Release, Repository, Workflow, World, days_ago,
};
use serde_json::Value;

use crate::support::{Carat, Repo, asked, score_on};

fn cat() -> Repository {
    Repository::new("octo/cat")
        .commit(Commit::at(&days_ago(40)).file("LICENSE-MIT", "MIT").file("src/lib.rs", "fn f() {}"))
        .merged(PullRequest::merged(7, "alice", &days_ago(30)).approved_by("bob").checked_by("github-actions"))
        .protection(Protection::strict("main"))
        .issue(Issue::new(1, "dave", "NONE", &days_ago(9)).comment("alice", "OWNER", &days_ago(8)))
        .release(Release::new("v1", ["a.tar.gz", "a.tar.gz.sig"]))
        .contributor("alice", 12)
        .contributor("bob", 9)
        .license(License::mit())
        .language("Rust", 50)
}

/// What a plan says: as a rule, and at most, of Git, GraphQL, REST, the badge service, the list of OSS-Fuzz, and points.
fn plan(run: Carat) -> ([u64; 6], [u64; 6]) {
    let text = run.args(["--plan"]).ok().out;
    let row = |name: &str| {
        let Some(line) = text.lines().find(|line| line.trim_start().starts_with(name)) else { return (0, 0) };
        let numbers: Vec<u64> = line[28..].split(", at most").map(|number| number.trim().parse().expect("a number")).collect();
        (numbers[0], *numbers.last().expect("there is one"))
    };
    let rows = ["Git requests", "GraphQL documents", "REST requests", "Badge service", "List of OSS-Fuzz", "points of them"].map(row);
    (rows.map(|(expected, _)| expected), rows.map(|(_, most)| most))
}

fn spent(fake: &FakeGithub) -> [u64; 6] {
    let [git, graphql, rest, badge, oss_fuzz] = asked(fake).map(|number| number as u64);
    [git, graphql, rest, badge, oss_fuzz, fake.points()]
}

/// A plan asks nobody, and the run then asks no more than it says. Returns what was spent, and what was expected.
#[track_caller]
fn as_planned(fake: &FakeGithub, run: impl Fn() -> Carat) -> ([u64; 6], [u64; 6]) {
    fake.forget();
    let (expected, most) = plan(run());
    assert_eq!(asked(fake), [0; 5], "a plan asks nobody");
    run().run().done();
    let spent = spent(fake);
    assert!(spent.iter().zip(&most).all(|(spent, most)| spent <= most), "{spent:?} of {most:?} at most");
    (spent, expected)
}

#[test]
fn any_repository_costs_what_the_formula_says() {
    for (what, repository) in [
        ("small", cat()),
        ("large", cat().large()),
        ("archived", cat().archived()),
        ("fork", Repository { fork: true, ..cat() }),
        ("private", cat().private()),
    ] {
        let fake = FakeGithub::start(World::of([repository]));
        let ([git, graphql, rest, badge, oss_fuzz, points], expected) = as_planned(&fake, || score_on(&fake, "octo/cat").token(ADMIN));
        assert!(graphql <= 3 && points <= 4 && rest <= 2, "{what}: {graphql} documents, {points} points, {rest} requests");
        assert!(git == 1 && badge <= 1 && oss_fuzz == 1, "{what}");
        // One request would tell whether a workflow that publishes has run; there is none.
        // The badge service is not told of private repositories, which only their host's answer tells to be that.
        let badge = badge + u64::from(what == "private");
        assert_eq!([git, graphql, rest + 1, badge, oss_fuzz], expected[..5], "{what}");
        assert!(expected[5] >= points, "{what}");
    }
}

#[test]
fn runs_are_asked_for_until_a_workflow_has_published() {
    let publish = "on: push\njobs: {a: {steps: [{run: cargo publish}]}}\n";
    for (workflows, that_ran, requests) in [(1, Some(0), 3), (3, Some(1), 4), (3, None, 5), (14, None, 12)] {
        let mut repository = cat();
        for n in 0..workflows {
            let name = format!("{n:02}.yml");
            repository = repository.file(&format!(".github/workflows/{name}"), publish);
            let ran = Workflow::succeeded(&name);
            repository = repository.workflow(if Some(n) == that_ran { ran } else { Workflow { runs: Vec::new(), ..ran } });
        }
        let fake = FakeGithub::start(World::of([repository]));
        let (spent, expected) = as_planned(&fake, || score_on(&fake, "octo/cat").token(READ));
        assert_eq!((spent[2], spent[1]), (requests, 2), "{workflows} workflows");
        assert_eq!(expected[2] == requests, requests == 3, "{workflows} workflows");
    }
    let wrapper = "on: push\njobs: {a: {runs-on: x, steps: [{uses: gradle/wrapper-validation-action@v1}]}}\n";
    let repository = cat()
        .file("gradle/wrapper/gradle-wrapper.jar", b"PK\x03\x04 and enough behind it, because a format is only told from a whole header.")
        .file(".github/workflows/validate.yml", wrapper)
        .workflow(Workflow::succeeded("validate.yml"));
    let fake = FakeGithub::start(World::of([repository]));
    let (spent, _) = as_planned(&fake, || score_on(&fake, "octo/cat").token(READ));
    assert_eq!(spent[2], 3);
}

#[test]
fn a_check_alone_costs_what_it_needs() {
    let fake = FakeGithub::start(World::of([cat()]));
    for (check, most) in [
        ("License", [1, 1, 0, 0, 0]),
        ("Binary-Artifacts", [1, 1, 1, 0, 0]),
        ("Dangerous-Workflow", [1, 1, 0, 0, 0]),
        ("Pinned-Dependencies", [1, 1, 0, 0, 0]),
        ("Code-Review", [1, 1, 0, 0, 0]),
        ("CI-Tests", [1, 1, 0, 0, 0]),
        ("Maintained", [1, 1, 0, 0, 0]),
        ("Contributors", [1, 2, 1, 0, 0]),
        ("CII-Best-Practices", [1, 1, 0, 1, 0]),
        ("Fuzzing", [1, 1, 0, 0, 1]),
        ("Security-Policy", [1, 2, 0, 0, 0]),
        ("Signed-Releases", [1, 1, 1, 0, 0]),
        ("Branch-Protection", [1, 2, 1, 0, 0]),
    ] {
        let (spent, _) = as_planned(&fake, || score_on(&fake, "octo/cat").token(ADMIN).args(["--checks", check]));
        assert!(spent.iter().zip(most).all(|(spent, most)| *spent <= most), "{check}: {spent:?}");
        let documents: Vec<String> = fake.requests().into_iter().filter_map(|request| Some(request.graphql?.query)).collect();
        let asks = |word: &str| documents.iter().any(|document| document.contains(word));
        assert_eq!(asks("history(first: $depth"), ["Code-Review", "CI-Tests", "Maintained"].contains(&check), "{check}");
        assert_eq!(asks("issues("), check == "Maintained", "{check}");
    }
}

#[test]
fn probes_alone_fetch_no_files_that_they_do_not_read() {
    let fake = FakeGithub::start(World::of([cat()]));
    let (spent, _) = as_planned(&fake, || score_on(&fake, "octo/cat").token(READ).args(["--probes", "archived,codeApproved"]));
    assert_eq!(spent, [0, 1, 0, 0, 0, 1]);
}

#[test]
fn a_deeper_history_costs_a_document_for_each_hundred_commits() {
    let mut repository = cat();
    for n in 100..380 {
        repository = repository.merged(PullRequest::merged(n, "alice", &days_ago(5)).approved_by("bob"));
    }
    let fake = FakeGithub::start(World::of([repository]));
    for (depth, documents) in [("0", 1), ("30", 1), ("100", 1), ("250", 3)] {
        let run = || score_on(&fake, "octo/cat").token(READ).args(["--checks", "Code-Review", "--commit-depth", depth]);
        let (spent, expected) = as_planned(&fake, run);
        assert_eq!((spent[1], expected[1], spent[5]), (documents, documents, expected[5]), "{depth}");
        let evidence = run().evidence();
        let known = evidence["commits"]["known"].as_array().map(Vec::len);
        assert_eq!(known, Some(if depth == "0" { 30 } else { depth.parse().expect("a number") }));
    }
    score_on(&fake, "octo/cat").args(["--commit-depth", "10001"]).fails(2);
}

#[test]
fn a_past_revision_asks_for_nothing_of_the_present() {
    let fake = FakeGithub::start(World::of([cat()]));
    let past = fake.commits("octo/cat")[0].clone();
    let run = || score_on(&fake, &format!("octo/cat@{past}")).token(ADMIN);
    let (spent, _) = as_planned(&fake, run);
    // The one request of REST tells whether the commit is one of the repository's own.
    assert_eq!(spent[..5], [1, 1, 1, 0, 0]);
    let card = run().json();
    let text = card["gaps"].to_string();
    assert!(text.contains("only known for the present"), "{text}");
    assert_eq!(card.check("Maintained")["status"], "inconclusive");
}

#[test]
fn without_a_token_git_and_the_services_are_asked() {
    let fake = FakeGithub::start(World::of([cat()]));
    let (spent, expected) = as_planned(&fake, || score_on(&fake, "octo/cat"));
    assert_eq!(spent, expected);
    assert_eq!(spent[..3], [2, 0, 0]);
    let text = score_on(&fake, "octo/cat").args(["--plan"]).ok().out;
    assert!(text.contains("Not asked for, because it needs a token\n") && text.contains("  issues and who answers them\n"), "{text}");
}

#[test]
fn what_was_asked_is_in_the_bill() {
    let fake = FakeGithub::start(World::of([cat()]));
    let ran = score_on(&fake, "octo/cat").token(READ).args(["-v", "-f", "json"]).run().done();
    let bill = ran.json()["bill"].take();
    let requests = |service: &str| bill[service]["requests"].as_u64().unwrap_or_default();
    let services = ["git", "graphql", "rest", "badge", "oss-fuzz"];
    assert_eq!(services.map(requests), asked(&fake).map(|number| number as u64));
    assert_eq!(bill["graphql"]["points"], fake.points());
    let received: u64 = services.iter().filter_map(|service| bill[*service]["bytes_received"].as_u64()).sum();
    assert!(received > 0 && received <= fake.bytes(), "{received} of {}", fake.bytes());
    for line in [format!("GraphQL: {} requests, {} points, ", requests("graphql"), fake.points()), "Git: 1 requests, ".to_owned()] {
        assert!(ran.err.contains(&line), "{}", ran.err);
    }
    // Nobody is asked about a folder, and a replay asks nobody.
    let card = Repo::with(&[("a", "b")]).score().json();
    assert_eq!(card.get("bill"), None);
}

#[test]
fn a_second_run_fetches_nothing_that_is_there() {
    let fake = FakeGithub::start(World::of([cat()]));
    let cache = tempfile::tempdir().expect("a temporary folder");
    let run = |more: &[&str]| {
        fake.forget();
        let ran = score_on(&fake, "octo/cat").token(READ).cache(cache.path()).args(more).ok();
        (asked(&fake), ran.out)
    };
    let (first, table) = run(&[]);
    let (second, again) = run(&[]);
    assert_eq!((first[0], second[0], second[4]), (1, 0, 0));
    assert_eq!(table, again);
    assert_eq!(run(&["--no-cache"]).0, first);
}

#[test]
fn a_second_run_is_told_by_rest_what_has_not_changed() {
    let fake = FakeGithub::start(World::of([cat()]));
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let run = |token: &str| score_on(&fake, "octo/cat").token(token).cache(folder.path());
    let unchanged = |run: Carat| run.json()["bill"]["rest"]["unchanged"].as_u64().expect("a number");
    let used = |fake: &FakeGithub| fake.requests().iter().filter(|request| request.status == Some(304)).count();
    assert_eq!((unchanged(run(READ)), used(&fake)), (0, 0));
    let first = run(READ).args(["--format", "evidence"]).ok().json();
    assert_eq!((unchanged(run(READ)), used(&fake)), (2, 4));
    assert_eq!(run(READ).args(["--format", "evidence"]).ok().json()["evidence"]["releases"], first["evidence"]["releases"]);
    assert!(run(READ).args(["-v"]).run().done().err.contains(", 2 answered \"not changed\""));
    // Of another token nothing is known, and without a cache nothing at all.
    assert_eq!((unchanged(run(ADMIN)), unchanged(run(READ).args(["--no-cache"]))), (0, 0));
    // What has changed is seen.
    fake.change(|world| world.repositories[0].contributors[0].contributions += 1);
    assert_eq!(unchanged(run(READ)), 1);
}

#[test]
fn a_plan_of_a_folder_asks_nobody() {
    let repo = Repo::with(&[("a", "b")]);
    let text = repo.score().args(["--plan"]).ok().out;
    assert!(text.contains("nobody would be asked"), "{text}");
    let value: Value = repo.score().evidence();
    assert!(value.is_object());
}
