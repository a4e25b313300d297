//! What becomes of answers that are none, of errors beside data, and of servers that know less.

use super::*;

#[tokio::test]
async fn an_error_on_a_facet_is_a_gap_in_it_alone() {
    let history = [Facet::Commits, Facet::CheckRuns];
    for (field, facets) in [
        ("Repository.createdAt", &[Facet::Metadata][..]),
        ("Repository.isArchived", &[Facet::Metadata]),
        ("Repository.issues", &[Facet::Issues]),
        ("Issue.authorAssociation", &[Facet::Issues]),
        ("Issue.comments", &[Facet::Issues]),
        ("Commit.history", &history),
        ("Commit.associatedPullRequests", &history),
        ("Commit.committedDate", &history),
        ("PullRequest.headRefOid", &history),
        ("Repository.languages", &[Facet::Languages]),
        ("Repository.licenseInfo", &[Facet::HostLicense]),
    ] {
        let fake = FakeGithub::start(World::of([cat()]));
        fake.fail_field(field, "Something went wrong while executing your query.", None);
        let run = Run::new(&fake);
        let evidence = run.go(&[]).await;
        assert_eq!(missing(&evidence), facets.iter().copied().collect(), "{field}");
        for facet in facets {
            let cause = cause(&evidence, *facet);
            assert!(matches!(&cause, Cause::Failed { why } if why.contains("Something went wrong")), "{field}: {cause:?}");
        }
        assert!(spent(&fake)[0] <= 3, "{field}: {:?}", spent(&fake));
    }
}

#[tokio::test]
async fn an_error_within_a_facet_leaves_the_rest_of_it() {
    let forbidden = |field: &str| {
        let fake = FakeGithub::start(World::of([cat()]));
        fake.fail_field(field, "Resource not accessible by integration", Some("FORBIDDEN"));
        fake
    };
    let fake = forbidden("PullRequest.reviews");
    let evidence = Run::new(&fake).go(&[]).await;
    let reviews = evidence.commits.get().expect("known")[0].pull_request.as_ref().expect("merged").reviews.clone();
    assert!(matches!(reviews.get(), Err(Gap { cause: Cause::Denied { needs }, .. }) if needs.contains("Pull requests: read")));
    for (field, is_suites) in [("Commit.checkSuites", true), ("Commit.status", false)] {
        let fake = forbidden(field);
        let evidence = Run::new(&fake).go(&[]).await;
        let checks = evidence.check_runs.get().expect("known").values().next().expect("a head").clone();
        let denied = [checks.suites.get().is_err(), checks.statuses.get().is_err()];
        assert_eq!(denied, [is_suites, !is_suites], "{field}");
    }
    let fake = forbidden("Repository.rulesets");
    let evidence = Run::new(&fake).go(&[]).await;
    let branches = evidence.branches.get().expect("known");
    assert!(branches.rulesets.get().is_err() && branches.by_name["main"].get().is_ok());
    for field in ["Ref.refUpdateRule", "Ref.branchProtectionRule"] {
        let fake = forbidden(field);
        let evidence = Run::new(&fake).go(&[]).await;
        let branches = evidence.branches.get().expect("known");
        let main = branches.by_name["main"].get().expect("known").as_ref().expect("there is one");
        let denied = if field.contains("Update") { main.update_rule.get().err() } else { main.rule.get().err() };
        assert!(matches!(denied, Some(Gap { cause: Cause::Denied { .. }, .. })), "{field}");
        assert!(branches.rulesets.get().is_ok() && missing(&evidence).is_empty(), "{field}");
    }
    for (field, is_company) in [("User.company", true), ("User.organizations", false)] {
        let fake = forbidden(field);
        let evidence = Run::new(&fake).go(&[]).await;
        let alice = evidence.employers.get().expect("known")["alice"].get().expect("known").clone();
        assert!(
            matches!(
                if is_company { alice.company.get().err() } else { alice.organizations.get().err() },
                Some(Gap { cause: Cause::Denied { .. }, .. })
            ),
            "{field}"
        );
    }
}

#[tokio::test]
async fn a_token_of_a_workflow_sees_all_but_what_administrators_see() {
    let fake = FakeGithub::start(World::of([cat()]));
    let evidence = Run { token: WORKFLOW, ..Run::new(&fake) }.go(&[Facet::Webhooks.into()]).await;
    assert_eq!(missing(&evidence), BTreeSet::from([Facet::Webhooks]));
    let main = evidence.branches.get().expect("known").by_name["main"].get().expect("known").clone().expect("there is one");
    let denied = main.rule.get().expect_err("for administrators alone");
    assert!(matches!(&denied.cause, Cause::Denied { needs } if needs.contains("administrator")), "{denied}");
    assert!(main.update_rule.get().is_ok_and(Option::is_some));
    assert!(matches!(cause(&evidence, Facet::Webhooks), Cause::Denied { .. }));
}

#[tokio::test]
async fn a_field_that_an_older_server_lacks_takes_nothing_else_with_it() {
    for (field, facets) in [
        ("Repository.rulesets", &[][..]),
        ("Repository.licenseInfo", &[Facet::HostLicense]),
        ("Repository.languages", &[Facet::Languages]),
        ("Repository.viewerPermission", &[]),
        ("Repository.isArchived", &[Facet::Metadata]),
        ("Repository.issues", &[Facet::Issues]),
        ("Ref.refUpdateRule", &[]),
        ("Ref.branchProtectionRule", &[]),
        ("BranchProtectionRule.requireLastPushApproval", &[]),
        ("RefUpdateRule.requiredStatusCheckContexts", &[]),
        ("RepositoryRuleset.bypassActors", &[]),
        ("RepositoryRulesetBypassActor.organizationAdmin", &[]),
        ("RepositoryRulesetBypassActor.repositoryRoleName", &[]),
        ("PullRequestParameters.requireLastPushApproval", &[]),
        ("RequiredStatusChecksParameters.requiredStatusChecks", &[]),
        ("Commit.history", &[Facet::Commits, Facet::CheckRuns]),
        ("Commit.associatedPullRequests", &[Facet::Commits, Facet::CheckRuns]),
        ("Commit.checkSuites", &[]),
        ("PullRequest.reviews", &[]),
        ("PullRequest.labels", &[]),
        ("PullRequest.mergedBy", &[]),
        ("Issue.comments", &[]),
        ("User.company", &[]),
        ("User.organizations", &[]),
    ] {
        let fake = FakeGithub::start(World::of([cat()]));
        fake.remove_field(field);
        let evidence = Run::new(&fake).go(&[]).await;
        assert_eq!(missing(&evidence), facets.iter().copied().collect(), "{field}");
        for facet in facets {
            assert!(matches!(cause(&evidence, *facet), Cause::NotOffered { .. }), "{field}: {facet:?}");
        }
        assert!(evidence.branches.get().expect("known").by_name["main"].get().is_ok(), "{field}");
        // What is not shown is not taken for nothing.
        let commits = evidence.commits.get();
        let pull = commits.ok().and_then(|commits| commits[0].pull_request.as_ref());
        assert_eq!(pull.is_some_and(|pull| pull.reviews.get().is_ok()), field != "PullRequest.reviews" && commits.is_ok(), "{field}");
        let checks = evidence.check_runs.get().ok().and_then(|checks| checks.values().next());
        assert_eq!(checks.is_some_and(|head| head.suites.get().is_ok()), field != "Commit.checkSuites" && commits.is_ok(), "{field}");
    }
}

#[tokio::test]
async fn a_server_that_lacks_much_is_asked_for_the_rest_and_remembered() {
    let fake = FakeGithub::start(World::of([cat()]));
    for field in ["Repository.rulesets", "Ref.refUpdateRule", "PullRequest.labels", "Repository.isFork", "Issue.authorAssociation"] {
        fake.remove_field(field);
    }
    let run = Run::new(&fake);
    let github = run.github();
    for documents in [2, 1] {
        fake.forget();
        let (_, evidence) = run.open(&github).await.expect("it opens");
        assert!(evidence.commits.get().is_ok());
        assert_eq!(fake.count(Kind::Graphql), documents);
    }
}

#[tokio::test]
async fn a_document_that_is_too_much_is_asked_in_parts() {
    let slow = Fault::new(Effect::Stall(Duration::from_secs(5)));
    let said =
        r#"{"data":null,"errors":[{"message":"Something went wrong while executing your query. This may be the result of a timeout."}]}"#;
    let said = Fault::new(Effect::Answer { status: 200, headers: Vec::new(), body: said.to_owned() });
    for fault in [Fault::status(502), Fault::status(504), said, slow, Fault::new(Effect::EndlessBody)] {
        let fake = FakeGithub::start(World::of([cat()]));
        fake.fault(asking_for(&["history(", "issues("], fault.clone()));
        let read_timeout = Duration::from_millis(300);
        let evidence = Run { settings: Settings { read_timeout, ..settings() }, ..Run::new(&fake) }.go(&[]).await;
        assert_eq!(missing(&evidence), BTreeSet::new(), "{fault:?}");
        assert!(fake.count(Kind::Graphql) <= 8, "{fault:?}: {}", fake.count(Kind::Graphql));
    }
}

#[tokio::test]
async fn what_is_too_much_alone_is_a_gap() {
    let fake = FakeGithub::start(World::of([cat()]));
    fake.fault(asking_for(&["issues("], Fault::status(502)));
    let evidence = Run::new(&fake).go(&[]).await;
    assert_eq!(missing(&evidence), BTreeSet::from([Facet::Issues]));
    assert!(matches!(cause(&evidence, Facet::Issues), Cause::Failed { why } if why.contains("502")));
    // A host that fails whatever it is asked is not asked for every part.
    let fake = FakeGithub::start(World::of([cat()]));
    fake.fault(Fault::status(502).kind(Kind::Graphql));
    let run = Run::new(&fake);
    let error = run.open(&run.github()).await.expect_err("no answer");
    assert!(matches!(error, Error::Remote { problem: Problem::Failed { .. }, .. }), "{error}");
    assert_eq!(fake.count(Kind::Graphql), 4);
}

#[tokio::test]
async fn a_history_that_is_too_much_is_asked_in_short_pages() {
    let is_long = |request: &fake_github::Request| {
        let call = request.graphql.as_ref();
        call.is_some_and(|call| call.query.contains("history(first: $depth") && call.variables["depth"].as_u64() > Some(10))
    };
    let long = (0..150).fold(cat(), |cat, n| cat.commit(Commit::at(&days_ago(1)).file("n", n.to_string())));
    for (depth, sound) in [(30, 0), (150, 0), (150, 1)] {
        let fake = FakeGithub::start(World::of([long.clone()]));
        fake.fault(Fault::status(502).when(is_long).after(sound));
        let evidence = Run { depth, ..Run::new(&fake) }.go(&[]).await;
        assert_eq!(missing(&evidence), BTreeSet::new(), "{depth}");
        assert_eq!(evidence.commits.get().expect("known").len(), depth);
    }
}

/// Releases of twelve branches, and thirty contributors.
fn busy() -> Repository {
    let mut busy = cat();
    for n in 0..12 {
        let name = format!("release/b{n}");
        let release = Release { target_commitish: name.clone(), ..Release::new(&format!("w{n}"), ["a.tar.gz"]) };
        busy = busy.branch(Branch::new(&name)).release(release);
    }
    (0..28).fold(busy, |busy, n| busy.contributor(&format!("c{n}"), 9))
}

#[tokio::test]
async fn a_second_document_that_is_too_much_is_asked_in_parts() {
    let said = r#"{"data":null,"errors":[{"message":"Something went wrong while executing your query."}]}"#;
    let said = Fault::new(Effect::Answer { status: 200, headers: Vec::new(), body: said.to_owned() });
    for fault in [Fault::status(502), said, Fault::new(Effect::Stall(Duration::from_secs(5)))] {
        let fake = FakeGithub::start(World::of([busy()]));
        let is_long = |request: &fake_github::Request| {
            request
                .graphql
                .as_ref()
                .is_some_and(|call| call.query.contains("query Second") && call.query.matches("...Employer").count() > 9)
        };
        fake.fault(fault.clone().when(is_long));
        let read_timeout = Duration::from_millis(400);
        let more = [Request::Facet(Facet::BotCommits), Request::Facet(Facet::OwnerPolicy)];
        let evidence = Run { settings: Settings { read_timeout, ..settings() }, ..Run::new(&fake) }.go(&more).await;
        assert_eq!(missing(&evidence), BTreeSet::new(), "{fault:?}");
        let employers = evidence.employers.get().expect("known");
        assert!(employers.len() == 30 && employers.values().all(|employer| employer.get().is_ok()), "{fault:?}");
        let branches = &evidence.branches.get().expect("known").by_name;
        assert!(branches.len() == 14 && branches.values().all(|branch| branch.get().is_ok()), "{fault:?}");
    }
    // A host that fails whatever it is asked is asked a bounded number of times.
    let fake = FakeGithub::start(World::of([busy()]));
    fake.fault(asking_for(&["query Second"], Fault::status(502)));
    let evidence = Run::new(&fake).go(&[Request::Facet(Facet::OwnerPolicy)]).await;
    assert!(evidence.employers.get().expect("known").values().all(|employer| employer.get().is_err()));
    assert!(matches!(cause(&evidence, Facet::OwnerPolicy), Cause::Failed { why } if why.contains("502")));
    let asked = fake.requests().iter().filter(|request| request.status == Some(502)).count();
    assert_eq!(asked, 2 * 15);
}

#[tokio::test]
async fn answers_that_are_none_are_gaps() {
    let broken = |effect| Fault::new(effect);
    for fault in [
        broken(Effect::BadJson),
        broken(Effect::Truncate { keep: 40, honest: true }),
        broken(Effect::Answer { status: 200, headers: Vec::new(), body: r#"{"a":1}"#.to_owned() }),
        broken(Effect::Answer { status: 404, headers: Vec::new(), body: r#"{"message":"Not Found"}"#.to_owned() }),
        broken(Effect::EndlessBody),
    ] {
        for (template, facet) in
            [("/repos/{owner}/{repo}/releases", Facet::Releases), ("/repos/{owner}/{repo}/contributors", Facet::Contributors)]
        {
            if matches!(fault_effect(&fault), "EndlessBody") && facet == Facet::Contributors {
                continue;
            }
            let fake = FakeGithub::start(World::of([cat()]));
            fake.fault(fault.clone().template(template));
            let evidence =
                Run { facets: BTreeSet::from([Facet::Metadata, Facet::Releases, Facet::Contributors]), ..Run::new(&fake) }.go(&[]).await;
            assert_eq!(missing(&evidence), BTreeSet::from([facet]), "{fault:?}");
            assert!(matches!(cause(&evidence, facet), Cause::Failed { .. }), "{fault:?}");
        }
    }
    // The second document.
    let fake = FakeGithub::start(World::of([cat()]));
    fake.fault(asking_for(&["query Second"], broken(Effect::BadJson)));
    let evidence = Run::new(&fake).go(&[]).await;
    assert!(evidence.employers.get().expect("known").values().all(|employer| employer.get().is_err()));
    assert!(evidence.branches.get().expect("known").by_name["release/1"].get().is_err());
    assert!(evidence.branches.get().expect("known").by_name["main"].get().is_ok());
}

fn fault_effect(fault: &Fault) -> &'static str {
    if format!("{fault:?}").starts_with("EndlessBody") { "EndlessBody" } else { "" }
}

#[test]
fn what_is_split_is_what_one_document_can_show() {
    assert!(IN_MAIN.iter().all(|facet| OFFERS.contains(facet)));
}

#[tokio::test]
async fn no_debug_text_holds_the_token() {
    let fake = FakeGithub::start(World::of([cat()]));
    let github = Run::new(&fake).github();
    let variables = |name: &str| (name == "GITHUB_TOKEN" || name == "GH_ENTERPRISE_TOKEN").then(|| READ.to_owned());
    let hosts = crate::hosts::Hosts::read(variables, Some("ghe.example.org")).expect("good");
    let session = crate::engine::Session::new(crate::engine::Access { hosts, ..crate::engine::Access::default() });
    let text = format!("{github:?} {:#?} {:?} {session:?} {session:#?}", github.host, github.client);
    assert!(!text.contains(READ) && text.contains("***"), "{text}");
}

#[tokio::test]
async fn a_token_without_the_scope_for_organisations_loses_these_alone() {
    let fake = FakeGithub::start(World::of([cat()]));
    let refusal = r#"{"data":null,"errors":[{"type":"INSUFFICIENT_SCOPES","locations":[{"line":9,"column":3}],"message":"Your token has not been granted the required scopes to execute this query."}]}"#;
    fake.fault(asking_for(&["organizations"], Fault::status(200).body(refusal)));
    let evidence = Run::new(&fake).go(&[Facet::BotCommits.into()]).await;
    let employers = evidence.employers.get().expect("known");
    let alice = employers["alice"].get().expect("known");
    assert!(alice.company.get().is_ok());
    assert!(matches!(alice.organizations.get(), Err(Gap { cause: Cause::Denied { needs }, .. }) if needs.contains("read:org")));
    assert!(evidence.branches.get().expect("known").by_name["release/1"].get().is_ok());
    assert!(evidence.bot_commits.get().is_ok());
    // The second document is asked twice, no more.
    assert_eq!(spent(&fake)[0], 3);
}

#[tokio::test]
async fn an_answer_that_is_spoilt_on_its_way_is_asked_for_once_more() {
    for words in [&["history"][..], &["...Employer"]] {
        let fake = FakeGithub::start(World::of([cat()]));
        fake.fault(asking_for(words, Fault::new(Effect::BadJson).times(1)));
        let evidence = Run::new(&fake).go(&[]).await;
        assert_eq!((missing(&evidence), spent(&fake)[0]), (BTreeSet::new(), 3), "{words:?}");
    }
    let fake = FakeGithub::start(World::of([cat()]));
    fake.fault(Fault::new(Effect::BadJson).kind(Kind::Rest).times(1));
    let evidence = Run::new(&fake).go(&[]).await;
    assert_eq!((missing(&evidence), spent(&fake)[2]), (BTreeSet::new(), 3));
}
