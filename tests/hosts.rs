//! Targets on hosts: what the user typed, and whom it leads to with which token.

use fake_github::{ADMIN, Branch, Commit, FakeGithub, Kind, READ, Repository, Tag, World};

use crate::support::{Folder, asked, carat, cause, score, score_on};

fn cat() -> Repository {
    Repository::new("octo/cat")
        .commit(Commit::at("2024-03-01T10:00:00Z").file("LICENSE-MIT", "MIT"))
        .commit(Commit::at("2024-04-01T10:00:00Z").file("README.md", "Hello").message("Two"))
        .commit(Commit::at("2024-04-02T10:00:00Z").file("README.md", "Hello all").message("Three"))
        .commit(Commit::at("2024-05-01T10:00:00Z").file("SECURITY.md", "Write to us").message("Four"))
        .branch(Branch { commits: vec![Commit::at("2024-05-02T10:00:00Z").file("b", "")], ..Branch::new("release/1") })
        .branch(Branch { commits: vec![Commit::at("2024-05-03T10:00:00Z").file("evil", "")], hidden: true, ..Branch::new("of-a-fork") })
        .tag(Tag::at_commit("v1", 0))
        .tag(Tag { message: Some("Two".to_owned()), ..Tag::at_commit("v2", 1) })
}

fn start() -> FakeGithub {
    FakeGithub::start(World::of([cat()]))
}

const FILES: [&str; 2] = ["--checks", "License"];

#[test]
fn every_way_to_name_a_repository_leads_to_it() {
    let fake = start();
    let head = fake.commit("octo/cat", "HEAD");
    for target in [
        "octo/cat",
        "github.com/octo/cat",
        "GitHub.com/octo/cat.git",
        "https://github.com/octo/cat",
        "https://user:word@github.com/octo/cat.git",
        "git@github.com:octo/cat.git",
        "ssh://git@github.com/octo/cat",
    ] {
        for token in [Some(READ), None] {
            let run = score_on(&fake, target).args(FILES);
            let card = token.into_iter().fold(run, |run, token| run.token(token)).json();
            assert_eq!(
                (&card["repo"]["name"], &card["repo"]["commit"]),
                (&"github.com/octo/cat".into(), &head.as_str().into()),
                "{target}"
            );
            assert_eq!(card.score("License"), 10, "{target}");
        }
    }
}

#[test]
fn nobody_but_its_host_is_told_of_a_private_repository() {
    let fake = FakeGithub::start(World::of([cat().private()]));
    let card = score_on(&fake, "octo/cat").token(ADMIN).args(["--checks", "CII-Best-Practices"]).json();
    assert_eq!(card.score("CII-Best-Practices"), 0);
    assert_eq!(fake.count(Kind::Badge), 0);
}

#[test]
fn a_revision_is_a_branch_a_tag_or_a_commit() {
    let fake = start();
    let commits = fake.commits("octo/cat");
    let release = fake.commit("octo/cat", "release/1");
    for (revision, commit) in [
        ("main", &commits[3]),
        ("release/1", &release),
        ("refs/heads/release/1", &release),
        ("v1", &commits[0]),
        ("v2", &commits[1]),
        (commits[1].as_str(), &commits[1]),
        (commits[2].as_str(), &commits[2]),
        (release.as_str(), &release),
    ] {
        for token in [Some(READ), None] {
            if token.is_none() && revision == commits[2] {
                continue;
            }
            let run = score_on(&fake, &format!("octo/cat@{revision}")).args(FILES);
            let run = token.into_iter().fold(run, |run, token| run.token(token));
            assert_eq!(&run.json()["repo"]["commit"], commit.as_str(), "{revision} {token:?}");
            let run = score_on(&fake, "octo/cat").args(FILES).args(["--commit", revision]).token(READ);
            assert_eq!(&run.json()["repo"]["commit"], commit.as_str(), "{revision}");
        }
    }
    let short = score_on(&fake, &format!("octo/cat@{}", &commits[1][..9])).args(FILES).token(READ).json();
    assert_eq!(&short["repo"]["commit"], commits[1].as_str());
    let table = score_on(&fake, "octo/cat@v1").args(FILES).token(READ).ok().out;
    assert!(table.starts_with(&format!("github.com/octo/cat at v1 ({})", &commits[0][..12])), "{table}");
}

#[test]
fn a_revision_that_is_not_there_is_told() {
    let fake = start();
    for revision in ["nothing", "0123456789012345678901234567890123456789", "HEAD:README.md", "v1:", "a b"] {
        for token in [Some(READ), None] {
            let run = score_on(&fake, "octo/cat").args(["--commit", revision]).args(FILES);
            let error = token.into_iter().fold(run, |run, token| run.token(token)).fails(3);
            let is_told = error.contains(&format!("unknown revision {revision:?}")) || error.contains("Git does not tell");
            assert!(error.starts_with("error: cannot assess github.com/octo/cat: ") && is_told, "{error}");
        }
    }
}

#[test]
fn a_commit_of_a_fork_is_refused_unless_it_is_wanted() {
    let fake = start();
    let evil = fake.branch_commits("octo/cat", "of-a-fork")[0].clone();
    for (token, says) in [(Some(READ), "it may come from a fork"), (None, "at the tip of none of its branches and tags")] {
        for revision in [evil.as_str(), &evil[..10]] {
            if token.is_none() && revision.len() < 40 {
                continue;
            }
            let run = || {
                let run = score_on(&fake, &format!("octo/cat@{revision}")).args(FILES);
                token.into_iter().fold(run, |run, token| run.token(token))
            };
            let error = run().fails(3);
            assert!(error.contains(&evil) && error.contains(says) && error.contains("--allow-unreachable"), "{error}");
            let card = run().args(["--allow-unreachable"]).json();
            assert_eq!(&card["repo"]["commit"], evil.as_str());
        }
    }
    // Git alone does not tell the history.
    let past = fake.commits("octo/cat")[2].clone();
    let error = score_on(&fake, &format!("octo/cat@{past}")).args(FILES).fails(3);
    assert!(error.contains("set GITHUB_TOKEN"), "{error}");
}

#[test]
fn a_folder_wins_over_a_name_and_that_is_said() {
    let fake = start();
    let around = Folder::new();
    std::fs::create_dir_all(around.beside("octo/cat")).expect("folders can be made");
    let run = |target: &str| score_on(&fake, target).within(&around.beside("")).args(FILES).token(READ);
    let ran = run("octo/cat").run().done();
    assert!(ran.out.starts_with("file://octo/cat, a folder without Git"), "{}", ran.out);
    assert_eq!(ran.err, "note: that is a folder here; github.com/octo/cat would be the repository on its host\n");
    assert_eq!(asked(&fake), [0; 5]);
    run("octo/cat").args(["--quiet"]).ok();
    run("./octo/cat").ok();
    // What names the host is never a folder.
    std::fs::create_dir_all(around.beside("github.com/octo/cat")).expect("folders can be made");
    std::fs::create_dir_all(around.beside("git")).expect("a folder can be made");
    for target in ["github.com/octo/cat", "https://github.com/octo/cat", "git@github.com:octo/cat"] {
        assert!(run(target).ok().out.starts_with("github.com/octo/cat at "), "{target}");
    }
    // A file with the name of an owner is in nobody's way.
    std::fs::write(around.beside("octo2"), "").expect("a file can be written");
    assert!(run("octo2/cat").fails(3).contains("github.com/octo2/cat"));
}

#[test]
fn a_moved_repository_is_followed_and_both_names_are_told() {
    let fake = FakeGithub::start(World::of([cat().formerly("octo/dog")]));
    let card = score_on(&fake, "octo/dog").args(FILES).token(READ).json();
    assert_eq!((&card["repo"]["name"], &card["repo"]["asked_as"]), (&"github.com/octo/cat".into(), &"github.com/octo/dog".into()));
    let table = score_on(&fake, "octo/dog").args(FILES).token(READ).ok().out;
    let head = table.lines().next().unwrap_or_default();
    assert!(head.starts_with("github.com/octo/cat at ") && head.contains("(asked for as github.com/octo/dog)"), "{table}");
    // The spelling of a name is no other name.
    let card = score_on(&fake, "OCTO/Cat").args(FILES).token(READ).json();
    assert_eq!((&card["repo"]["name"], card["repo"].get("asked_as")), (&"github.com/octo/cat".into(), None));
    // Git follows without a token.
    let card = score_on(&fake, "octo/dog").args(FILES).json();
    assert_eq!(&card["repo"]["commit"], fake.commit("octo/cat", "HEAD").as_str());
    assert_eq!((&card["repo"]["name"], &card["repo"]["asked_as"]), (&"github.com/octo/cat".into(), &"github.com/octo/dog".into()));
}

#[test]
fn an_enterprise_server_is_asked_in_its_own_layout_with_its_own_token() {
    let fake = start();
    let host = fake.host();
    let run = |target: &str| {
        carat(["score", target]).services_on(&fake).args(FILES).token("ghp_ofgithubcomalone").env("GH_ENTERPRISE_TOKEN", READ)
    };
    let full = format!("https://{host}/octo/cat");
    for run in [
        run("octo/cat").args(["--host", &host]),
        run("octo/cat").env("GH_HOST", &host),
        run(&format!("{host}/octo/cat")).env("GH_HOST", &host),
        run(&full).args(["--host", &host]),
    ] {
        fake.forget();
        let card = run.json();
        assert_eq!(&card["repo"]["name"], format!("{host}/octo/cat").as_str());
        for request in fake.requests() {
            assert_eq!(request.token.as_deref(), Some(READ), "{}", request.path);
            let is_api = request.path.starts_with("/api/") || request.kind == Kind::Git;
            assert!(is_api, "{}", request.path);
        }
        assert!(fake.count(Kind::Graphql) == 1);
    }
    // Without a token of its own it is not asked with that of github.com.
    fake.forget();
    let ran = carat(["score", "octo/cat", "--host", &host]).services_on(&fake).token(READ).ok();
    assert!(ran.out.contains("GH_ENTERPRISE_TOKEN"), "{}", ran.out);
    assert!(fake.requests().iter().all(|request| !request.authorization && request.kind != Kind::Graphql && request.kind != Kind::Rest));
}

#[test]
fn any_other_host_is_asked_by_git_alone_and_without_a_token() {
    let fake = start();
    let url = format!("http://{}/octo/cat", fake.host());
    let run = |url: &str| score(url).services_on(&fake).token(READ).env("GH_ENTERPRISE_TOKEN", ADMIN);
    let card = run(&url).json();
    assert_eq!(&card["repo"]["name"], format!("{}/octo/cat", fake.host()).as_str());
    assert_eq!(&card["repo"]["commit"], fake.commit("octo/cat", "HEAD").as_str());
    let with_user = url.replace("http://", &format!("http://user:{READ}@"));
    let evidence = run(&with_user).args(["--checks", "License,SAST,Fuzzing"]).evidence();
    assert!(cause(&evidence, "check_runs").contains("of which carat knows Git alone"), "{}", evidence["check_runs"]);
    assert!(!fake.requests().is_empty());
    for request in fake.requests() {
        assert!(!request.authorization, "{}", request.path);
        assert!(!matches!(request.kind, Kind::Graphql | Kind::Rest), "{}", request.path);
    }
    let error = run(&url.replace("cat", "none")).fails(3);
    assert!(error.contains("no such repository, or a private one") && error.contains("GH_HOST"), "{error}");
}

#[test]
fn offline_nobody_is_asked() {
    let fake = start();
    let cache = tempfile::tempdir().expect("a temporary folder");
    let head = fake.commit("octo/cat", "HEAD");
    let offline = |target: &str| score_on(&fake, target).token(READ).args(["--offline"]).cache(cache.path());
    for target in ["octo/cat", "octo/cat@v1", &format!("octo/cat@{head}")] {
        let error = offline(target).fails(3);
        assert!(error.contains("--offline asks nobody") && error.contains("full id"), "{error}");
    }
    assert_eq!(asked(&fake), [0; 5]);
    score_on(&fake, "octo/cat").args(FILES).token(READ).cache(cache.path()).ok();
    fake.forget();
    let size = carat(["cache", "size"]).cache(cache.path()).ok().out;
    let folder = cache.path().join("carat").display().to_string();
    assert!(size.starts_with(&format!("{folder}: 1 commit, 0 answers, ")) && size.ends_with(" bytes\n"), "{size}");
    let card = offline(&format!("octo/cat@{head}")).json();
    assert_eq!((&card["repo"]["commit"], card.score("License")), (&head.as_str().into(), 10));
    assert_eq!((asked(&fake), card.get("bill")), ([0; 5], None));
    let cleared = carat(["cache", "clear"]).cache(cache.path()).ok().out;
    assert!(cleared.starts_with(&format!("{folder}: removed 1 commit, 0 answers, ")) && cleared.lines().count() == 1, "{cleared}");
    assert!(offline(&format!("octo/cat@{head}")).fails(3).contains("not in the cache"));
    assert!(carat(["cache", "size"]).cache(cache.path()).ok().out.ends_with(": 0 commits, 0 answers, 0 bytes\n"));
}

#[test]
fn what_was_kept_of_a_private_repository_is_for_its_token_alone() {
    let fake = FakeGithub::start(World::of([cat().private()]));
    let cache = tempfile::tempdir().expect("a temporary folder");
    let target = format!("octo/cat@{}", fake.commit("octo/cat", "HEAD"));
    score_on(&fake, "octo/cat").args(FILES).token(ADMIN).cache(cache.path()).ok();
    fake.forget();
    let offline = || score_on(&fake, &target).args(["--offline"]).cache(cache.path());
    assert!(offline().fails(3).contains("not in the cache"));
    assert!(offline().token(READ).fails(3).contains("not in the cache"));
    assert_eq!(offline().token(ADMIN).json().score("License"), 10);
    assert_eq!(asked(&fake), [0; 5]);
}

#[test]
fn an_address_that_is_none_is_no_target_and_shows_no_secret() {
    for target in ["https://ghp_secret@github.com/octo", "ftp://u:ghp_secret@github.com/octo/cat", "https://ghp_secret@"] {
        let error = score(target).fails(3);
        assert!(error.starts_with("error: no such path: ") && !error.contains("secret"), "{error}");
    }
    for (name, value) in
        [("GITHUB_API_URL", "http://example.org"), ("GITHUB_API_URL", "https://u:ghp_secret@example.org"), ("GH_HOST", "a b")]
    {
        let error = score("octo/cat").env(name, value).fails(2);
        assert!(!error.contains("secret"), "{error}");
    }
}
