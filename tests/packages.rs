//! `carat packages`, and what is known of the packages.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Folder, Repo, carat, score};

const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {
  "": {"dependencies": {"aa": "1"}},
  "node_modules/aa": {"version": "1.0.0", "dependencies": {"bb": "1"}},
  "node_modules/bb": {"version": "1.0.0"}}}
"#;

fn files() -> [(&'static str, &'static str); 8] {
    [
        ("web/package-lock.json", LOCK),
        ("requirements.txt", "-r common/base.txt\n-r missing.txt\nZope.Interface==5.0\n"),
        ("common/base.txt", "jinja2==3.1.0\n"),
        ("go.mod", "module m\ngo 1.16\nrequire example.org/a v1.0.0\n"),
        ("go.sum", "example.org/b v0.2.0 h1:x=\n"),
        ("tests/Cargo.lock", "[[package]]\nname = "),
        (".gitignore", "vendor/\n"),
        ("README.md", "nothing"),
    ]
}

fn named<'a>(listed: &'a Value, name: &str) -> &'a Value {
    let all = listed["packages"].as_array().expect("a list");
    all.iter().find(|package| package["name"] == name).unwrap_or_else(|| panic!("{name} is listed: {listed}"))
}

#[test]
fn packages_are_listed_with_their_places() {
    let tree = Folder::with(&files());
    let listed = carat(["packages", "-f", "json"]).args([tree.path()]).ok().json();
    let bb = named(&listed, "bb");
    assert_eq!((&bb["ecosystem"], &bb["version"], &bb["purl"]), (&"npm".into(), &"1.0.0".into(), &"pkg:npm/bb@1.0.0".into()));
    assert_eq!((&bb["direct"], &bb["scope"], &bb["reference"]), (&false.into(), &"production".into(), &true.into()));
    assert_eq!(bb["locations"][0], serde_json::json!({"path": "web/package-lock.json", "line": 4, "role": "production"}));
    // What a file includes, and what stands beside an old one, is read though its name tells nothing.
    assert_eq!(named(&listed, "jinja2")["locations"][0]["path"], "common/base.txt");
    assert_eq!(named(&listed, "example.org/b")["locations"][0]["path"], "go.sum");
    assert_eq!(named(&listed, "zope-interface")["reference"], false);
    let broken: Vec<_> = listed["files"].as_array().expect("a list").iter().filter(|file| !file["broken"].is_null()).collect();
    let told: Vec<_> = broken.iter().map(|file| (file["path"].as_str().unwrap_or_default(), file["broken"]["line"].as_u64())).collect();
    assert_eq!(told, [("requirements.txt", Some(2)), ("tests/Cargo.lock", Some(2))]);
    assert_eq!(carat(["packages", "-f", "purl"]).args([tree.path()]).ok().out.lines().next(), Some("pkg:golang/example.org/a@v1.0.0"));
}

#[test]
fn a_table_for_people() {
    let tree = Folder::with(&[("web/package-lock.json", LOCK), ("Cargo.lock", "[[package]\n")]);
    let shown = carat(["packages"]).args([tree.path()]).ok().out;
    insta::assert_snapshot!(shown, @r#"
     Ecosystem   Package   Version   For                      Named in
    ──────────────────────────────────────────────────────────────────────────────────
     npm         aa        1.0.0     direct, production       web/package-lock.json:3
     npm         bb        1.0.0     transitive, production   web/package-lock.json:4
    ──────────────────────────────────────────────────────────────────────────────────

    2 packages in 1 file: npm 2
    not read: Cargo.lock:1: unclosed array table, expected `]`
    "#);
    let nothing = Folder::with(&[("README.md", "x")]);
    assert_eq!(carat(["packages"]).args([nothing.path()]).ok().out, "0 packages in 0 files\n");
}

#[test]
fn a_revision_is_read_from_gits_objects() {
    let repo = Repo::with(&files());
    fs::remove_file(repo.path().join("common/base.txt")).expect("removed");
    let listed = carat(["packages", "-f", "json", "--commit", "HEAD"]).args([repo.path()]).ok().json();
    assert_eq!(named(&listed, "jinja2")["version"], "3.1.0");
    assert_eq!(named(&listed, "example.org/b")["version"], "0.2.0");
}

#[test]
fn a_repository_on_a_host_is_not_listed() {
    let error = carat(["packages", "example/widget"]).fails(2);
    assert!(error.contains("github.com/example/widget is on a host"), "{error}");
}

/// Makes a database of these advisories.
fn database(folder: &Path, advisories: &[(&str, &str)]) {
    let source = Folder::with(advisories);
    let ran = carat(["advisories", "update", "--database"]).args([folder]).args(["--from"]).args([source.path()]).run();
    assert_eq!(ran.code, Some(0), "{}", ran.err);
}

#[test]
fn vulnerabilities_by_the_database() {
    let tree = Folder::with(&[("package-lock.json", LOCK)]);
    let place = tempfile::tempdir().expect("a folder");
    let advisory = r#"{"id": "GHSA-1", "modified": "2026-01-01T00:00:00Z", "summary": "Reads beyond", "affected": [{"package": {"ecosystem": "npm", "name": "bb"},
        "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.1"}]}]}]}"#;
    database(place.path(), &[("a.json", advisory)]);
    let run = || score(tree.path()).args(["--checks", "Vulnerabilities", "--database"]).args([place.path()]);
    let card = run().args(["--max-advisory-age", "100000"]).json();
    assert_eq!(card.score("Vulnerabilities"), 9);
    let details = card.check("Vulnerabilities")["details"].to_string();
    assert!(details.contains("GHSA-1: Reads beyond; bb 1.0.0 in package-lock.json line 4"), "{details}");
    // Nobody is asked, and old advisories are told and, if the user wants it, refused.
    let stale = run().args(["--as-of", "2099-01-01", "--require-fresh"]).run();
    assert_eq!(stale.code, Some(4));
    assert!(stale.err.starts_with("warning: the advisories of "), "{}", stale.err);
    let with_api = score(tree.path()).args(["--checks", "Vulnerabilities", "--advisories", "api", "--offline"]).json();
    assert_eq!(with_api.score("Vulnerabilities"), -1);
}

#[test]
fn without_a_database_a_folder_has_no_answer() {
    let tree = Folder::with(&[("package-lock.json", LOCK)]);
    let card = score(tree.path()).args(["--checks", "Vulnerabilities"]).json();
    assert_eq!(card.score("Vulnerabilities"), -1);
    assert!(card.check("Vulnerabilities")["reason"].as_str().is_some_and(|reason| reason.contains("carat advisories update")));
}
