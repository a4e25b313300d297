//! No token is anywhere but in the requests to the host that it is for.

use std::fs;
use std::path::Path;

use fake_github::{Effect, FakeGithub, Fault, Kind, Repository, Role, Token, WORKFLOW, World};

use crate::support::{Carat, Ran, Repo, score, score_on};

/// As a whole and in parts, as it is and as Git sends it.
const TOKEN: &str = "ghp_Secret0123456789Secret0123456789Secr";

fn forms() -> [String; 3] {
    // What Base64 makes of "x-access-token:" and of the token behind it, which begins on a boundary.
    let encoded = "Z2hwX1NlY3JldDAxMjM0NTY3ODlTZWNyZXQwMTIzNDU2Nzg5U2Vjcg";
    [TOKEN.to_owned(), TOKEN[4..20].to_owned(), encoded.to_owned()]
}

#[track_caller]
fn is_clean(what: &str, text: &str) {
    for form in forms() {
        assert!(!text.contains(&form), "{what} holds the token: {text}");
    }
}

#[track_caller]
fn says_nothing(ran: &Ran) {
    is_clean("standard output", &ran.out);
    is_clean("standard error", &ran.err);
}

/// Every file below a folder.
fn files(folder: &Path, out: &mut Vec<(String, Vec<u8>)>) {
    for entry in folder.read_dir().expect("a folder can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push((path.display().to_string(), fs::read(&path).expect("a file can be read")));
        }
    }
}

fn world() -> World {
    let repository = Repository::new("octo/cat").file("LICENSE", "MIT").file(".github/workflows/a.yml", "on: push\njobs: {}\n");
    let mut world = World::of([repository.contributor("alice", 9).language("Rust", 1), Repository::new("octo/empty")]);
    world.tokens.push(Token { may_see_private: true, ..Token::new(TOKEN, Role::Admin) });
    world
}

fn run(fake: &FakeGithub, target: &str) -> Carat {
    score_on(fake, target).token(TOKEN).args(["-v"])
}

#[test]
fn no_output_and_no_file_holds_the_token() {
    let fake = FakeGithub::start(world());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("out");
    fs::create_dir(&out).expect("a folder can be made");
    for (n, format) in ["table", "json", "ndjson", "probe", "evidence"].into_iter().enumerate() {
        let file = format!("{format}={}", out.join(n.to_string()).display());
        let formats = ["--details", "--with-sources", "--experimental", "-f", format, "-f", &file];
        says_nothing(&run(&fake, "octo/cat").cache(folder.path()).args(formats).run().done());
    }
    says_nothing(&run(&fake, "octo/cat").args(["--plan"]).run().done());
    says_nothing(&run(&fake, "octo/empty").run().done());
    // It was really used, in every way.
    for kind in [Kind::Git, Kind::Graphql, Kind::Rest] {
        assert!(fake.requests().iter().any(|request| request.kind == kind && request.token.as_deref() == Some(TOKEN)), "{kind:?}");
    }
    let services = fake.requests().into_iter().filter(|request| matches!(request.kind, Kind::Badge | Kind::OssFuzz));
    assert!(services.into_iter().all(|request| !request.authorization));
    let mut found = Vec::new();
    files(folder.path(), &mut found);
    assert!(found.iter().any(|(name, _)| name.contains("carat")), "something is in the cache");
    for (name, bytes) in found {
        is_clean(&name, &name);
        is_clean(&name, &String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn no_error_holds_the_token() {
    let echo = format!(r#"{{"message":"Bad credentials: {TOKEN}","errors":[{{"message":"{TOKEN}"}}]}}"#);
    let answer = |status| Fault::new(Effect::Answer { status, headers: Vec::new(), body: echo.clone() });
    for fault in [
        Fault::new(Effect::BadJson),
        Fault::redirect(302, "https://other.example/x?y=z"),
        answer(401),
        answer(403),
        answer(404),
        answer(200),
    ] {
        for kind in [Kind::Graphql, Kind::Rest, Kind::Git] {
            let fake = FakeGithub::start(world());
            fake.fault(fault.clone().kind(kind));
            let ran = run(&fake, "octo/cat").run();
            says_nothing(&ran);
            assert!(matches!(ran.code, Some(0 | 3)), "{fault:?}: {}", ran.err);
            says_nothing(&run(&fake, "octo/cat").args(["-f", "evidence"]).run());
        }
    }
}

#[test]
fn no_refusal_holds_the_token() {
    let fake = FakeGithub::start(world());
    for target in [
        "octo/none",
        "octo/cat@none",
        "nobody/nothing",
        &format!("https://{TOKEN}@github.com/octo/none"),
        &format!("https://{TOKEN}@github.com/x"),
    ] {
        let ran = run(&fake, target).run();
        assert_eq!(ran.code, Some(3), "{}", ran.err);
        says_nothing(&ran);
    }
    // A token with what no token has in it, and one in the wrong variable.
    for (name, value) in [
        ("GITHUB_TOKEN", format!("{TOKEN} {TOKEN}")),
        ("GITHUB_API_URL", format!("https://{TOKEN}@example.org")),
        ("GH_HOST", format!("{TOKEN}@example.org")),
        ("HTTPS_PROXY", format!("socks9://{TOKEN}@example.org")),
    ] {
        let ran = run(&fake, "octo/cat").env(name, &value).run();
        assert!(ran.code == Some(2) || name == "GH_HOST", "{name}: {:?} {}", ran.code, ran.err);
        says_nothing(&ran);
    }
    let badge = format!("http://u:{TOKEN}@{}/none", fake.host());
    says_nothing(
        &score_on(&fake, "octo/cat").token(WORKFLOW).env("CARAT_OSS_FUZZ_URL", &badge).env("CII_BEST_PRACTICES_URL", &badge).run(),
    );
    let _ = fake.take_surprises();
}

#[test]
fn the_address_of_an_origin_is_shown_without_its_secret() {
    let fake = FakeGithub::start(world());
    let repo = Repo::with(&[("LICENSE", "text")]);
    repo.git().remote("origin", &format!("https://x-access-token:{TOKEN}@github.com/octo/cat")).expect("a remote can be named");
    let ran = score(repo.path()).on(&fake).token(TOKEN).args(["--with-host", "-v"]).run();
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    says_nothing(&ran);
    says_nothing(&score(repo.path()).args(["-f", "evidence", "-v", "--with-sources"]).run().done());
}

/// A folder with a program called `gh` that is a script.
fn gh(script: &str) -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("gh");
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a file can be written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("a mode can be set");
    folder
}

#[test]
fn a_token_from_gh_is_used_in_place_of_variables_and_never_shown() {
    let fake = FakeGithub::start(world());
    let with = |folder: &Path| {
        let run = score_on(&fake, "octo/cat").env("PATH", folder.to_str().expect("UTF-8")).args(["--token-from", "gh", "-v"]);
        run.token("ghp_another").env("GITHUB_AUTH_TOKEN", "")
    };
    let good = gh(&format!(
        r#"[ "$*" = "auth token --hostname github.com" ] && [ -z "$GITHUB_TOKEN$GH_TOKEN" ] && [ "$PWD" = / ] && echo {TOKEN}"#
    ));
    says_nothing(&with(good.path()).run().done());
    assert!(fake.requests().iter().any(|request| request.token.as_deref() == Some(TOKEN)));
    assert!(fake.requests().iter().all(|request| request.token.as_deref().is_none_or(|token| token == TOKEN)));
    fake.forget();
    for (script, wanted) in [
        (format!("echo {TOKEN}; echo {TOKEN} >&2; exit 1"), "not logged in"),
        (format!("echo {TOKEN} {TOKEN}"), "no token has"),
        ("exit 0".to_owned(), "the token is empty"),
        ("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done".to_owned(), "too much"),
    ] {
        let ran = with(gh(&script).path()).run();
        says_nothing(&ran);
        assert!(ran.code == Some(2) && ran.err.contains("for github.com from gh: ") && ran.err.contains(wanted), "{script}: {}", ran.err);
    }
    let nothing = tempfile::tempdir().expect("a temporary folder");
    let error = with(nothing.path()).fails(2);
    assert!(error.contains("no such program") && error.contains("GITHUB_TOKEN"), "{error}");
    assert!(fake.requests().is_empty());
}

#[test]
fn gh_is_not_run_from_what_is_scored() {
    let mark = tempfile::tempdir().expect("a temporary folder");
    let repo = gh(&format!("touch {}/run; echo {TOKEN}", mark.path().display()));
    let path = format!(".:{}", repo.path().display());
    let run = score(repo.path()).within(repo.path()).env("PATH", &path).args(["--token-from", "gh"]);
    assert!(run.fails(2).contains("no such program"));
    assert!(!mark.path().join("run").exists());
}
