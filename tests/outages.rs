//! What goes wrong in the middle of a run: the target ends as a result, with gaps where something failed, or as a reason;
//! after a bounded number of requests, and without a word to anybody else.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use carat::checks::CHECKS;
use carat::checks::evidence::{Cause, Facet};
use carat::hosts::Hosts;
use carat::http::{Settings, Waiting};
use carat::{Access, Error, Options, Progress, Request, Run, Selection, Session, Target};
use fake_github::{Commit, Effect, FakeGithub, Fault, Kind, License, PullRequest, READ, Release, Repository, World, days_ago};
use tempfile::TempDir;

use crate::support::score_on;

/// Checks that together ask everybody, and that lack nothing while all goes well.
const ASKING: [&str; 8] =
    ["CI-Tests", "CII-Best-Practices", "Code-Review", "Contributors", "Fuzzing", "License", "Maintained", "Signed-Releases"];
const KINDS: [Kind; 5] = [Kind::Graphql, Kind::Rest, Kind::Git, Kind::Badge, Kind::OssFuzz];

fn cat() -> Repository {
    Repository::new("octo/cat")
        .commit(Commit::at(&days_ago(20)).file("LICENSE-MIT", "MIT").file("src/a.rs", "fn f() {}"))
        .merged(PullRequest::merged(7, "alice", &days_ago(10)).approved_by("bob").checked_by("github-actions"))
        .release(Release::new("v1", ["a.tar.gz", "a.tar.gz.sig"]))
        .contributor("alice", 12)
        .license(License::mit())
        .language("Rust", 50)
}

fn start() -> FakeGithub {
    FakeGithub::start(World::of([cat()]))
}

/// A run that waits for nothing, and the folder for what it does not keep.
struct Asking {
    session: Session,
    told: Arc<Mutex<Vec<Waiting>>>,
    _temporary: TempDir,
}

impl Asking {
    fn of(fake: &FakeGithub) -> Self {
        Self::with(fake, Settings::default(), |_| {})
    }

    fn with(fake: &FakeGithub, settings: Settings, change: impl FnOnce(&mut Access)) -> Self {
        let variable = |name: &str| match name {
            "GITHUB_API_URL" | "GITHUB_SERVER_URL" => Some(fake.url()),
            "GITHUB_GRAPHQL_URL" => Some(fake.graphql_url()),
            "GITHUB_TOKEN" => Some(READ.to_owned()),
            _ => None,
        };
        let told: Arc<Mutex<Vec<Waiting>>> = Arc::default();
        let tell = Arc::clone(&told);
        let connections = Settings {
            named_hosts: vec!["127.0.0.1".to_owned()],
            first_pause: Duration::from_millis(1),
            on_wait: Arc::new(move |waiting| tell.lock().expect("no panic").push(waiting)),
            ..settings
        };
        let temporary = tempfile::tempdir().expect("a temporary folder can be made");
        let mut access = Access {
            hosts: Hosts::read(variable, None).expect("these are addresses"),
            connections,
            temporary: temporary.path().to_owned(),
            badge: fake.badge_url(),
            oss_fuzz: fake.oss_fuzz_url(),
            ..Access::default()
        };
        change(&mut access);
        Self { session: Session::new(access), told, _temporary: temporary }
    }

    async fn score(&self) -> Result<Run, Error> {
        let checks = CHECKS.into_iter().filter(|check| ASKING.contains(&check.meta().name)).collect();
        let request = Request {
            target: Target::parse("octo/cat".as_ref(), None, &Hosts::default())?,
            selection: Selection { checks, probes: Vec::new() },
            as_of: jiff::Timestamp::now(),
            options: Options::default(),
        };
        carat::score(&self.session, request, Progress::default().into()).await
    }
}

/// The reasons of a result's gaps; a target that failed has one.
fn reasons(scored: Result<Run, Error>) -> Vec<String> {
    match scored {
        Ok(run) => run.scorecard.gaps().into_iter().map(|gap| gap.cause.to_string()).collect(),
        Err(error) => vec![error.to_string()],
    }
}

#[tokio::test]
async fn while_all_goes_well_nothing_is_missing() {
    let fake = start();
    let asking = Asking::of(&fake);
    let run = asking.score().await.expect("it is scored");
    assert_eq!(run.scorecard.gaps(), []);
    assert!(KINDS.into_iter().all(|kind| fake.count(kind) > 0));
}

#[tokio::test]
async fn a_host_that_fails_from_any_moment_on_leaves_a_result_or_a_reason() {
    let fake = start();
    Asking::of(&fake).score().await.expect("it is scored");
    let requests = fake.requests().len();
    let elsewhere = start();
    let away = Fault::redirect(302, &format!("{}/x", elsewhere.url()));
    for fault in [
        Fault::new(Effect::Reset),
        Fault::new(Effect::BadJson),
        Fault::new(Effect::Truncate { keep: 60, honest: true }),
        Fault::new(Effect::Truncate { keep: 60, honest: false }),
        Fault::new(Effect::EndlessPages),
        Fault::status(404),
        Fault::status(502),
        away,
    ] {
        for sound in 0..requests {
            let fake = start();
            fake.fault(fault.clone().after(sound));
            let scored = Asking::of(&fake).score().await;
            let endless = format!("{fault:?}").starts_with("EndlessPages");
            assert!(endless || !reasons(scored).is_empty(), "{fault:?}");
            // Every request is sent four times at most, and a document in parts.
            assert!(fake.requests().len() <= 8 * requests, "{fault:?}: {} of {requests}", fake.requests().len());
        }
    }
    assert_eq!(elsewhere.requests().len(), 0);
}

#[tokio::test]
async fn what_one_service_fails_to_answer_is_a_gap_that_names_it_and_no_more() {
    let elsewhere = start();
    let of_rest = [Facet::Contributors, Facet::Releases];
    for (kind, facets) in
        [(Kind::Rest, &of_rest[..]), (Kind::Git, Facet::FROM_FILES), (Kind::Badge, &[Facet::Badge]), (Kind::OssFuzz, &[Facet::OssFuzz])]
    {
        for (fault, says) in [
            (Fault::new(Effect::Reset), "broke"),
            (Fault::status(503), "503"),
            (Fault::new(Effect::Stall(Duration::from_secs(30))), "took too long"),
            (Fault::redirect(302, &format!("{}/x?token=secret", elsewhere.url())), "which is not followed"),
            (Fault::new(Effect::Truncate { keep: 1, honest: true }), ""),
            (Fault::new(Effect::BadJson), ""),
        ] {
            let fake = start();
            fake.fault(fault.clone().kind(kind));
            let settings = Settings { read_timeout: Duration::from_millis(400), ..Settings::default() };
            let run = Asking::with(&fake, settings, |_| {}).score().await.expect("it is scored");
            let missing: Vec<_> = run.scorecard.gaps().into_iter().filter(|gap| gap.cause != Cause::NotAsked).collect();
            assert!(!missing.is_empty(), "{kind:?} {fault:?}");
            for gap in missing {
                let why = gap.cause.to_string();
                assert!(why.contains(says) && !why.contains("secret"), "{kind:?} {fault:?} {why}");
                assert!(facets.contains(&gap.facet), "{kind:?} {fault:?} {gap:?}");
            }
        }
    }
    assert_eq!(elsewhere.requests().len(), 0);
}

#[tokio::test]
async fn answers_without_end_are_bounded() {
    for kind in [Kind::Badge, Kind::Rest, Kind::Git] {
        let fake = start();
        let short = Duration::from_millis(1_500);
        let settings = Settings { total_timeout: short, stream_timeout: short, ..Settings::default() };
        fake.fault(Fault::new(Effect::EndlessBody).kind(kind));
        let why = reasons(Asking::with(&fake, settings, |_| {}).score().await);
        let says = ["longer than", "took too long", "Git could not fetch them"];
        assert!(says.iter().any(|says| why.iter().any(|why| why.contains(says))), "{kind:?} {why:?}");
    }
    // One that trickles.
    let fake = start();
    let settings = Settings { total_timeout: Duration::from_millis(500), ..Settings::default() };
    fake.fault(Fault::new(Effect::Slow(Duration::from_secs(60))).kind(Kind::OssFuzz));
    let why = reasons(Asking::with(&fake, settings, |_| {}).score().await);
    assert!(why.iter().any(|why| why.contains("took too long")), "{why:?}");
}

#[tokio::test]
async fn a_limit_that_is_used_up_in_the_middle_is_waited_for_or_leaves_the_results_so_far() {
    let fake = start();
    Asking::of(&fake).score().await.expect("it is scored");
    for sound in 1..fake.requests().len() {
        let fake = start();
        fake.fault(Fault::new(Effect::LimitUsedUp(Duration::from_secs(3_600))).after(sound));
        let asking = Asking::of(&fake);
        let run = asking.score().await.expect("what was told before is scored");
        // Services have no such limit.
        for gap in run.scorecard.gaps() {
            assert!(gap.cause.to_string().contains("wants no requests before 20"), "{gap:?}");
        }
        assert_eq!(asking.told.lock().expect("no panic").len(), 0);
    }
    let fake = start();
    fake.fault(Fault::new(Effect::LimitUsedUp(Duration::from_secs(1))).kind(Kind::Rest).times(1));
    let asking = Asking::of(&fake);
    let run = asking.score().await.expect("it is scored");
    assert_eq!(run.scorecard.gaps(), []);
    assert_eq!(asking.told.lock().expect("no panic").len(), 1);
}

#[test]
fn a_result_says_when_to_come_back() {
    let fake = start();
    fake.fault(Fault::new(Effect::LimitUsedUp(Duration::from_secs(3_600))).kind(Kind::Rest));
    let ran = score_on(&fake, "octo/cat").token(READ).args(["--checks", "License,Contributors"]).run().done();
    assert!(ran.out.contains("wants no requests before 20") && ran.out.contains("10      License"), "{}", ran.out);
}

#[tokio::test]
async fn a_repository_that_is_renamed_in_the_middle_is_followed() {
    for kind in [Kind::Rest, Kind::Git] {
        let fake = start();
        let rename = |world: &mut World| {
            let repository = &mut world.repositories[0];
            repository.name = "lion".to_owned();
            repository.former_names.push("octo/cat".to_owned());
        };
        fake.change_when(move |request| request.kind == kind, rename);
        let run = Asking::of(&fake).score().await.expect("it is scored");
        assert_eq!(run.scorecard.gaps(), [], "{kind:?}");
    }
}

#[tokio::test]
async fn a_repository_that_is_deleted_in_the_middle_is_a_result_with_gaps_or_a_reason() {
    for kind in [Kind::Rest, Kind::Git] {
        let fake = start();
        fake.change_when(move |request| request.kind == kind, |world| world.repositories.clear());
        let why = reasons(Asking::of(&fake).score().await);
        assert!(why.iter().any(|why| why.contains("404") || why.contains("no such repository")), "{kind:?} {why:?}");
    }
    let fake = start();
    fake.change_when(|request| request.kind == Kind::Graphql, |world| world.repositories.clear());
    let error = Asking::of(&fake).score().await.expect_err("it is not there");
    assert!(error.to_string().contains("no such repository"), "{error}");
}

#[tokio::test]
async fn names_without_an_address_are_told() {
    let fake = start();
    let run = Asking::with(&fake, Settings::default(), |access| access.badge = "https://no-such-host.invalid".to_owned()).score().await;
    let gaps = run.expect("it is scored").scorecard.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(gaps[0].cause.to_string().contains("cannot find the address of no-such-host.invalid"), "{gaps:?}");
}

#[test]
fn a_cache_of_another_form_or_none_that_can_be_used_stands_in_the_way_of_nothing() {
    let fake = start();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let run = || score_on(&fake, "octo/cat").token(READ).cache(folder.path()).args(["--checks", "License,Contributors"]);
    let cache = folder.path().join("carat");
    std::fs::create_dir(&cache).expect("a folder can be made");
    // Another version's stands beside.
    std::fs::write(cache.join("v0"), "x").expect("a file can be written");
    assert_eq!(run().json().notes(), "");
    std::fs::remove_dir_all(cache.join("v1")).expect("it is there");
    std::fs::write(cache.join("v1"), "x").expect("a file can be written");
    let card = run().json();
    assert!(card.notes().contains("cannot be used, and nothing is kept"), "{}", card.notes());
    assert_eq!(card["status"], "complete");
}

#[test]
fn a_full_disk_leaves_what_can_be_told_without_files() {
    let fake = start();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let ran = score_on(&fake, "octo/cat").token(READ).cache(folder.path()).args(["--checks", "License,Contributors"]).on_a_full_disk();
    let ran = ran.run().done();
    assert!(ran.out.contains("Contributors") && ran.out.contains("Git could not fetch them"), "{}", ran.out);
    assert!(!ran.out.contains("there are no files"), "{}", ran.out);
}
