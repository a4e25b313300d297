//! GraphQL: documents, pages, prices, and what each token is told.

use fake_github::{
    ADMIN, Actor, Branch, Bypass, CheckSuite, Commit, FakeGithub, Issue, Kind, License, Person, Protection, PullRequest, READ, Release,
    Repository, Review, Rule, Ruleset, SSO, Signature, Status, Tag, User, WORKFLOW, World,
};
use serde_json::{Value, json};

use crate::client::{ask, post};

pub(crate) fn repository() -> Repository {
    let mut pull_request = PullRequest::merged(7, "alice", "2024-05-01T10:00:00Z").approved_by("bob").checked_by("github-actions");
    pull_request.checks.statuses = vec![Status::new("ci", "SUCCESS"), Status::new("ci", "FAILURE")];
    pull_request.reviews.push(Review { state: "COMMENTED".to_owned(), author: None });
    pull_request.labels.push("lgtm".to_owned());
    pull_request.merged_by = Some(Actor::bot("mergify"));
    let mut repository = Repository::new("octo/cat")
        .commit(Commit::at("2024-04-01T10:00:00Z").file("LICENSE", "MIT").file("src/lib.rs", "fn f() {}").by("carol"))
        .merged(pull_request)
        .branch(Branch::new("release/1"))
        .tag(Tag { message: Some("One".to_owned()), ..Tag::at_commit("v1", 0) })
        .protection(Protection::strict("main"))
        .protection(Protection::of("release/*"))
        .ruleset(Ruleset {
            bypass: vec![Bypass::role("admin")],
            ..Ruleset::active(["~ALL"], [Rule::new("DELETION"), Rule::approvals(2), Rule::checks(["build"], true)])
        })
        .issue(Issue::new(1, "dave", "NONE", "2024-04-02T10:00:00Z").comment("alice", "OWNER", "2024-04-03T10:00:00Z"))
        .issue(Issue { updated_at: "2024-04-09T10:00:00Z".to_owned(), ..Issue::new(2, "dave", "MEMBER", "2024-04-01T10:00:00Z") })
        .release(Release::new("v1", ["a.tar.gz", "a.tar.gz.sig"]))
        .license(License::mit())
        .language("Shell", 5)
        .language("Rust", 50)
        .formerly("octo/dog");
    repository.commits[1].committer = Person::github();
    repository.commits[1].signature = Some(Signature { valid: true, by_github: true, ssh: false });
    repository.commits[0].signature = Some(Signature { valid: false, by_github: false, ssh: true });
    repository.commits[0].checks.suites.push(CheckSuite { app: "slow".to_owned(), status: "QUEUED".to_owned(), conclusion: None });
    repository
}

const MAIN: &str = "query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    nameWithOwner owner { login __typename } isArchived licenseInfo { key name spdxId }
    languages(first: 10, orderBy: {field: SIZE, direction: DESC}) { totalSize edges { size node { name } } pageInfo { hasNextPage } }
    defaultBranchRef { name prefix target { ... on Commit {
      oid history(first: 2) { totalCount nodes {
        oid committedDate messageHeadline author { name user { login } } committer { user { login } } signature { isValid wasSignedByGitHub }
        parents(first: 1) { totalCount }
        checkSuites(first: 5) { nodes { status conclusion app { slug } } }
        associatedPullRequests(first: 1) { nodes {
          number headRefOid mergedAt author { login resourcePath __typename } mergedBy { login resourcePath __typename }
          labels(last: 5) { nodes { name } } reviews(last: 5) { nodes { state author { login } } } repository { nameWithOwner }
          commits(last: 1) { nodes { commit { oid status { state contexts { state context } } checkSuites(first: 5) { nodes { conclusion app { slug } } } } } }
        } } } } } } }
    issues(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { nodes { createdAt authorAssociation comments(last: 3) { totalCount } } pageInfo { hasNextPage endCursor } }
    rulesets(first: 5) { nodes { name enforcement target conditions { refName { include exclude } } bypassActors(first: 5) { nodes { bypassMode repositoryRoleName } }
      rules(first: 5) { nodes { type parameters { ... on PullRequestParameters { requiredApprovingReviewCount } ... on RequiredStatusChecksParameters { strictRequiredStatusChecksPolicy requiredStatusChecks { context } } } } } } }
    latestRelease { tagName releaseAssets(first: 5) { nodes { name } } }
  }
  rateLimit { cost remaining nodeCount }
}";

#[test]
fn a_document_is_executed() {
    let github = FakeGithub::start(World::of([repository()]));
    let answer = post(&github, ADMIN, MAIN, json!({"owner": "octo", "name": "CAT"})).json();
    assert_eq!(answer.get("errors"), None);
    let repository = &answer["data"]["repository"];
    assert_eq!(repository["owner"], json!({"login": "octo", "__typename": "Organization"}));
    assert_eq!(repository["licenseInfo"]["spdxId"], "MIT");
    assert_eq!(repository["languages"]["totalSize"], 55);
    assert_eq!(repository["languages"]["edges"][0], json!({"size": 50, "node": {"name": "Rust"}}));
    let branch = &repository["defaultBranchRef"];
    assert_eq!((&branch["name"], &branch["prefix"]), (&json!("main"), &json!("refs/heads/")));
    let [newest, oldest] = &branch["target"]["history"]["nodes"].as_array().unwrap()[..] else { panic!("{branch}") };
    assert_eq!(newest["oid"], github.commit("octo/cat", "main"));
    assert_eq!(oldest["oid"], github.commits("octo/cat")[0]);
    assert_eq!((&newest["parents"]["totalCount"], &oldest["parents"]["totalCount"]), (&json!(1), &json!(0)));
    assert_eq!(newest["committer"]["user"]["login"], "web-flow");
    assert_eq!(newest["signature"], json!({"isValid": true, "wasSignedByGitHub": true}));
    assert_eq!(oldest["signature"], json!({"isValid": false, "wasSignedByGitHub": false}));
    assert_eq!(oldest["checkSuites"]["nodes"][0], json!({"status": "QUEUED", "conclusion": null, "app": {"slug": "slow"}}));
    let pull_request = &newest["associatedPullRequests"]["nodes"][0];
    assert_eq!(pull_request["author"], json!({"login": "alice", "resourcePath": "/alice", "__typename": "User"}));
    assert_eq!(pull_request["mergedBy"], json!({"login": "mergify", "resourcePath": "/apps/mergify", "__typename": "Bot"}));
    assert_eq!(
        pull_request["reviews"]["nodes"],
        json!([{"state": "APPROVED", "author": {"login": "bob"}}, {"state": "COMMENTED", "author": null}])
    );
    let head = &pull_request["commits"]["nodes"][0]["commit"];
    assert_eq!(head["oid"], pull_request["headRefOid"]);
    assert_eq!(head["status"], json!({"state": "SUCCESS", "contexts": [{"state": "SUCCESS", "context": "ci"}]}));
    assert_eq!(repository["issues"]["nodes"][0]["authorAssociation"], "MEMBER");
    assert_eq!(repository["issues"]["pageInfo"]["hasNextPage"], true);
    let ruleset = &repository["rulesets"]["nodes"][0];
    assert_eq!(ruleset["bypassActors"]["nodes"], json!([{"bypassMode": "ALWAYS", "repositoryRoleName": "admin"}]));
    assert_eq!(ruleset["rules"]["nodes"][0], json!({"type": "DELETION", "parameters": null}));
    assert_eq!(ruleset["rules"]["nodes"][1]["parameters"], json!({"requiredApprovingReviewCount": 2}));
    assert_eq!(ruleset["rules"]["nodes"][2]["parameters"]["requiredStatusChecks"], json!([{"context": "build"}]));
    assert_eq!(repository["latestRelease"]["releaseAssets"]["nodes"][1]["name"], "a.tar.gz.sig");
    assert_eq!((github.count(Kind::Graphql), github.points()), (1, 1));
    assert_eq!(answer["data"]["rateLimit"]["remaining"], 4999);
    let request = &github.requests()[0];
    assert_eq!(request.graphql.as_ref().unwrap().variables, json!({"owner": "octo", "name": "CAT"}));
    assert_eq!((request.token.as_deref(), request.status), (Some(ADMIN), Some(200)));
}

#[test]
fn pages_follow_each_other() {
    let github = FakeGithub::start(World::of([(1..=5).fold(Repository::new("a/b").file("x", ""), |repository, number| {
        repository.issue(Issue::new(number, "x", "NONE", &format!("2024-04-0{number}T10:00:00Z")))
    })]));
    let query = "query($after: String) { repository(owner: \"a\", name: \"b\") { issues(first: 2, after: $after) { nodes { number } totalCount pageInfo { endCursor hasNextPage hasPreviousPage } } } }";
    let (mut after, mut numbers) = (Value::Null, Vec::new());
    loop {
        let answer = post(&github, READ, query, json!({"after": after})).json();
        let issues = &answer["data"]["repository"]["issues"];
        assert_eq!(issues["totalCount"], 5);
        assert_eq!(issues["pageInfo"]["hasPreviousPage"], json!(!numbers.is_empty()));
        numbers.extend(issues["nodes"].as_array().unwrap().iter().map(|node| node["number"].as_u64().unwrap()));
        after = issues["pageInfo"]["endCursor"].clone();
        if issues["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

#[test]
fn what_github_would_refuse_is_refused_and_kept() {
    let github = FakeGithub::start(World::of([repository()]));
    let refused = |query: &str| {
        let answer = post(&github, READ, query, json!({}));
        assert_eq!(answer.status, 200);
        let errors = answer.json()["errors"].clone();
        assert_eq!(github.take_surprises().len(), 1, "{query}");
        errors[0].clone()
    };
    let unknown = refused("{ repository(owner: \"octo\", name: \"cat\") { stars } }");
    assert_eq!(unknown["message"], "Field 'stars' doesn't exist on type 'Repository'");
    assert_eq!(unknown["extensions"], json!({"code": "undefinedField", "typeName": "Repository", "fieldName": "stars"}));
    assert_eq!(unknown["locations"][0]["line"], 1);
    assert_eq!(refused("{ repository(owner: \"o\", name: \"c\") { issues { totalCount } } }")["type"], "MISSING_PAGINATION_BOUNDARIES");
    assert_eq!(refused("{ repository(owner: \"o\", name: \"c\") { issues(first: 101) { totalCount } } }")["type"], "EXCESSIVE_PAGINATION");
    let vast = "{ repository(owner: \"o\", name: \"c\") { pullRequests(first: 100) { nodes { reviews(first: 100) { nodes { id } } commits(first: 100) { nodes { commit { parents(first: 100) { totalCount } } } } } } } }";
    assert_eq!(refused(vast)["type"], "MAX_NODE_LIMIT_EXCEEDED");
    refused("query($x: Int!) { repository(owner: \"o\", name: \"c\") { issues(first: $x) { totalCount } } }");
    refused("{ repository(owner: \"o\" }");
}

#[test]
fn prices_are_githubs() {
    let github = FakeGithub::start(World::of([repository()]));
    // GitHub's own example has 1 + 50 + 50 × 10 requests for connections, and with its 60 labels an issue 30,550 nodes.
    let query = "{ repository(owner: \"octo\", name: \"cat\") { pullRequests(first: 50) { nodes { commits(first: 10) { nodes { commit { parents(first: 60) { totalCount } } } } } } } rateLimit { cost nodeCount } }";
    let answer = post(&github, READ, query, json!({})).json();
    assert_eq!(answer["data"]["rateLimit"], json!({"cost": 6, "nodeCount": 50 + 500 + 30_000}));
    assert_eq!(github.points(), 6);
}

#[test]
fn an_error_on_a_field_stands_beside_data() {
    let github = FakeGithub::start(World::of([repository()]));
    github.fail_field("Repository.rulesets", "Something went wrong", None);
    github.fail_field("Commit.checkSuites", "Resource not accessible by integration", Some("FORBIDDEN"));
    let query = "{ repository(owner: \"octo\", name: \"cat\") { name rulesets(first: 1) { totalCount } object(expression: \"HEAD\") { ... on Commit { checkSuites(first: 1) { totalCount } } } } }";
    let answer = post(&github, READ, query, json!({})).json();
    assert_eq!(answer["data"]["repository"], json!({"name": "cat", "rulesets": null, "object": {"checkSuites": null}}));
    assert_eq!(answer["errors"][0]["message"], "Something went wrong");
    assert_eq!(answer["errors"][0].get("type"), None);
    assert_eq!(
        (&answer["errors"][1]["type"], &answer["errors"][1]["path"]),
        (&json!("FORBIDDEN"), &json!(["repository", "object", "checkSuites"]))
    );
}

#[test]
fn an_older_server_lacks_fields() {
    let github = FakeGithub::start(World::of([repository()]));
    github.remove_field("Repository.rulesets");
    let answer =
        post(&github, READ, "{ repository(owner: \"octo\", name: \"cat\") { rulesets(first: 1) { totalCount } } }", json!({})).json();
    assert_eq!(answer["errors"][0]["message"], "Field 'rulesets' doesn't exist on type 'Repository'");
    assert_eq!(answer.get("data"), None);
    assert_eq!(github.take_surprises(), Vec::<String>::new());
}

#[test]
fn each_token_is_told_what_it_may_know() {
    let github = FakeGithub::start(World::of([repository(), Repository::new("octo/secret").file("x", "").private()]));
    let query = "{ repository(owner: \"octo\", name: \"cat\") { viewerPermission rulesets(first: 1) { nodes { bypassActors(first: 1) { totalCount } } } defaultBranchRef { refUpdateRule { requiredApprovingReviewCount } branchProtectionRule { isAdminEnforced } } } }";
    let seen = |token: &str| post(&github, token, query, json!({})).json();
    let admin = seen(ADMIN);
    assert_eq!(
        admin["data"]["repository"]["defaultBranchRef"],
        json!({"refUpdateRule": {"requiredApprovingReviewCount": 2}, "branchProtectionRule": {"isAdminEnforced": true}})
    );
    let read = seen(READ);
    assert_eq!((&read["data"]["repository"]["defaultBranchRef"]["branchProtectionRule"], read.get("errors")), (&Value::Null, None));
    assert_eq!(read["data"]["repository"]["rulesets"]["nodes"], json!([{"bypassActors": null}]));
    let workflow = seen(WORKFLOW);
    assert_eq!(workflow["data"]["repository"]["defaultBranchRef"]["refUpdateRule"]["requiredApprovingReviewCount"], 2);
    assert_eq!(
        (&workflow["errors"][0]["type"], &workflow["errors"][0]["message"]),
        (&json!("FORBIDDEN"), &json!("Resource not accessible by integration"))
    );
    let sso = post(&github, SSO, query, json!({}));
    assert!(sso.header("x-github-sso").unwrap().starts_with("required; url=https://github.com/orgs/octo/sso"));
    assert_eq!((&sso.json()["data"]["repository"], &sso.json()["errors"][0]["extensions"]["saml_failure"]), (&Value::Null, &json!(true)));
    let secret = "{ repository(owner: \"octo\", name: \"secret\") { isPrivate } }";
    assert_eq!(post(&github, ADMIN, secret, json!({})).json()["data"]["repository"]["isPrivate"], true);
    assert_eq!(post(&github, READ, secret, json!({})).json()["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(post(&github, "ghp_unknown", query, json!({})).status, 401);
    assert_eq!(ask(&github, "POST", "/graphql", &[], b"{}").unwrap().status, 401);
}

#[test]
fn names_and_objects_are_found() {
    let mut world = World::of([repository().contributor("carol", 9)]);
    world.users.push(User::new("alice").company("@octo").member_of("octo"));
    let github = FakeGithub::start(world);
    let query = "{
      moved: repository(owner: \"octo\", name: \"dog\") { nameWithOwner }
      release: repository(owner: \"octo\", name: \"cat\") { ref(qualifiedName: \"refs/heads/release/1\") { name refUpdateRule { pattern } }
        tag: object(expression: \"v1\") { __typename ... on Tag { message target { ... on Commit { oid } } } }
        tree: object(expression: \"HEAD:src\") { ... on Tree { entries { name type mode object { ... on Blob { text isBinary } } } } }
        none: object(oid: \"0123456789012345678901234567890123456789\") { oid }
        object(expression: \"heads/main\") { ... on Commit {
          by: history(first: 9, author: {emails: [\"carol@example.org\"]}) { totalCount }
          path: history(first: 9, path: \"src\") { totalCount } since: history(first: 9, since: \"2024-04-15T00:00:00Z\") { totalCount } } } }
      alice: user(login: \"alice\") { company organizations(first: 1) { nodes { login } } } carol: user(login: \"carol\") { company }
      organization(login: \"octo\") { login } viewer { login }
    }";
    let answer = post(&github, READ, query, json!({})).json();
    assert_eq!(answer.get("errors"), None);
    let data = &answer["data"];
    assert_eq!(data["moved"]["nameWithOwner"], "octo/cat");
    let repository = &data["release"];
    assert_eq!(repository["ref"], json!({"name": "release/1", "refUpdateRule": {"pattern": "release/*"}}));
    assert_eq!(repository["tag"], json!({"__typename": "Tag", "message": "One", "target": {"oid": github.commits("octo/cat")[0]}}));
    assert_eq!(
        repository["tree"]["entries"],
        json!([{"name": "lib.rs", "type": "blob", "mode": 0o100_644, "object": {"text": "fn f() {}", "isBinary": false}}])
    );
    assert_eq!(repository["none"], Value::Null);
    assert_eq!(repository["object"], json!({"by": {"totalCount": 1}, "path": {"totalCount": 1}, "since": {"totalCount": 1}}));
    assert_eq!(data["alice"], json!({"company": "@octo", "organizations": {"nodes": [{"login": "octo"}]}}));
    assert_eq!((&data["carol"]["company"], &data["viewer"]["login"]), (&Value::Null, &json!("octocat")));
    let strict = post(
        &github,
        READ,
        "{ repository(owner: \"octo\", name: \"dog\", followRenames: false) { id } user(login: \"nobody\") { login } }",
        json!({}),
    )
    .json();
    assert_eq!(strict["errors"][0]["message"], "Could not resolve to a Repository with the name 'octo/dog'.");
    assert_eq!(strict["errors"][1]["message"], "Could not resolve to a User with the login of 'nobody'.");
}

#[test]
fn points_run_out() {
    let mut world = World::of([repository()]);
    world.limits.graphql = 2;
    let github = FakeGithub::start(world);
    let query = "{ rateLimit { remaining } }";
    assert_eq!(post(&github, READ, query, json!({})).json()["data"]["rateLimit"]["remaining"], 1);
    assert_eq!(post(&github, READ, query, json!({})).json()["data"]["rateLimit"]["remaining"], 0);
    let refused = post(&github, READ, query, json!({}));
    assert_eq!((refused.status, refused.header("x-ratelimit-remaining")), (200, Some("0")));
    assert_eq!(refused.json()["errors"][0]["type"], "RATE_LIMITED");
    assert_eq!(github.points(), 2);
}

#[test]
fn a_request_may_belong_to_another_repository_and_to_nobody() {
    let mut pull_request =
        PullRequest { repository: Some("up/stream".to_owned()), author: None, ..PullRequest::merged(3, "x", "2024-05-01T10:00:00Z") };
    pull_request.merged_by = None;
    let github = FakeGithub::start(World::of([Repository::new("a/fork").file("x", "").merged(pull_request)]));
    let query = "{ repository(owner: \"a\", name: \"fork\") { pullRequests(first: 9) { totalCount } defaultBranchRef { target { ... on Commit {
        associatedPullRequests(first: 1) { nodes { author { login } mergedBy { login } repository { nameWithOwner owner { login } } } } } } } } }";
    let answer = post(&github, READ, query, json!({})).json();
    let repository = &answer["data"]["repository"];
    assert_eq!(repository["pullRequests"]["totalCount"], 0);
    let pull_request = &repository["defaultBranchRef"]["target"]["associatedPullRequests"]["nodes"][0];
    assert_eq!(
        pull_request,
        &json!({"author": null, "mergedBy": null, "repository": {"nameWithOwner": "up/stream", "owner": {"login": "up"}}})
    );
}
