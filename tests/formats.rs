//! Formats of results.

use crate::support::{Card, ELF, Folder, Repo};

/// A clone in which something is right, something wrong, and something is known only in part.
fn some_of_everything() -> Repo {
    let repo = Repo::with(&[("LICENSE", "text"), (".github/renovate.json", "{}"), ("src/main.rs", "fn main() {}\n")]);
    repo.add("lib/tool.so", ELF);
    repo.commit();
    repo.write("notes.txt", "text");
    repo
}

const CHECKS: [&str; 2] = ["--checks", "Binary-Artifacts,Branch-Protection,Dependency-Update-Tool,License,Packaging,Vulnerabilities"];

#[test]
fn a_table_has_a_line_for_a_check() {
    insta::assert_snapshot!(some_of_everything().score().args(CHECKS).ok().table(), @r"
    file://[TMP]/repo at 6d0c577cda59, 4 files

    Score 9.4 of 10, from 3 of the 6 checks asked for
    It would lie between 6.6 and 9.7 if nothing were missing

     Score   Check                    Risk   Why
    ─────────────────────────────────────────────────────────────────────────────────────────────
      9      Binary-Artifacts         High   1 binary in the repository
     10      Dependency-Update-Tool   High   an update tool is configured
      9 ~    License                  Low    a licence file whose name tells no approved licence
                                             could be 9 to 10: a local clone does not show which
                                             licence its host recognises
    ─────────────────────────────────────────────────────────────────────────────────────────────

    Not scored
     a local clone does not show branches and their rules                 Branch-Protection
     no workflow is known to publish packages                             Packaging
     there is no advisory database; `carat advisories update` makes one,  Vulnerabilities
     `--advisories api` asks OSV

    Note 1 untracked file not looked at (--untracked adds them)
    ");
}

#[test]
fn details_say_what_the_scores_rest_on() {
    let repo = some_of_everything();
    let run = || repo.score().args(CHECKS);
    let (plain, detailed) = (run().ok().table(), run().args(["--details"]).ok().table());
    let (before, notes) = plain.split_once("Note ").expect("there is a note");
    let details = detailed.strip_prefix(before).and_then(|rest| rest.strip_suffix(&format!("Note {notes}")));
    insta::assert_snapshot!(details.expect("details stand between the table and its notes"), @r"
    Binary-Artifacts
      Warn lib/tool.so  binary found: elf, by its first bytes
      Fix: Remove the file (`git rm -- FILE`), build it from source where it is needed, and publish it
           as a release asset or a package. Files that only tests need may stay below a folder named
           `testdata`.

    Dependency-Update-Tool
      Info .github/renovate.json:1  update tool configured: RenovateBot

    License
      Info LICENSE  licence file found
      Warn the licence file's name does not tell which licence it is
      Fix: Use a licence from https://opensource.org/licenses. Files are judged by name alone, so that a
           name with the SPDX id, such as LICENSE-MIT or LICENSES/Apache-2.0.txt, says what LICENSE
           cannot.

    Packaging
      Warn no workflow is known to publish packages
      Fix: Publish from a workflow of GitHub Actions, such as one that runs `on: release` and ends in
           `cargo publish`, `npm publish` or pypa/gh-action-pypi-publish:
           https://docs.github.com/packages. `carat explain Packaging` lists what is recognised.
    ");
}

#[test]
fn a_table_of_probes_alone_has_a_line_for_a_finding() {
    let ran = some_of_everything().score().args(["--probes", "hasUnverifiedBinaryArtifacts,hasPermissiveLicense"]).ok();
    insta::assert_snapshot!(ran.table(), @r"
    file://[TMP]/repo at 6d0c577cda59, 4 files

     Outcome   Probe                          Finding
    ────────────────────────────────────────────────────────────────────────────────────
     True      hasUnverifiedBinaryArtifacts   binary found: elf, by its first bytes
                                              lib/tool.so
     False     hasPermissiveLicense           no licence that is known to be permissive
    ────────────────────────────────────────────────────────────────────────────────────

    Note 1 untracked file not looked at (--untracked adds them)
    ");
}

#[test]
fn the_probe_format_holds_findings() {
    let ran = some_of_everything().score().args(["--checks", "Binary-Artifacts", "--probes", "hasPermissiveLicense", "-f", "probe"]).ok();
    insta::assert_snapshot!(ran.pretty(), @r#"
    {
      "date": "[DATE]",
      "findings": [
        {
          "fingerprint": "4809a86a7adfad3a178d14c98afcf589-0",
          "location": {
            "lineStart": 1,
            "path": "lib/tool.so",
            "role": "production",
            "type": 2
          },
          "message": "binary found: elf, by its first bytes",
          "outcome": "True",
          "probe": "hasUnverifiedBinaryArtifacts",
          "remediation": {
            "effort": 2,
            "markdown": "Remove the file (`git rm -- FILE`), build it from source where it is needed, and publish it as a release asset or a package. Files that only tests need may stay below a folder named `testdata`.",
            "text": "Remove the file (`git rm -- FILE`), build it from source where it is needed, and publish it as a release asset or a package. Files that only tests need may stay below a folder named `testdata`."
          },
          "values": {
            "format": "elf"
          }
        },
        {
          "fingerprint": "b87557091df6985826f915fdfd5dd2aa-0",
          "gaps": [
            {
              "cause": "not_offered",
              "facet": "host_license",
              "text": "a local clone does not show which licence its host recognises"
            }
          ],
          "message": "no licence that is known to be permissive",
          "outcome": "False",
          "probe": "hasPermissiveLicense"
        }
      ],
      "repo": {
        "commit": "6d0c577cda59464932b18f568d12be7eb3ab704a",
        "name": "file://[TMP]/repo"
      },
      "scorecard": {
        "commit": "40c1e35996730d4fdcbdb2e6a23917a2467e29b7",
        "version": "v5.5.0-19-g40c1e3599"
      }
    }
    "#);
    assert_eq!(ran.out.lines().count(), 1);
}

#[test]
fn many_details_are_cut_in_a_table_and_whole_in_json() {
    let repo = Repo::new();
    for n in 0..60 {
        repo.add(format!("f{n:02}.so"), ELF);
    }
    repo.commit();
    let table = repo.score().args(["--details"]).ok().table();
    assert!(table.contains("  ... and 10 more; --format json has all\n"), "{table}");
    assert_eq!(repo.score().json().check("Binary-Artifacts")["details"].as_array().map(Vec::len), Some(60));
}

#[test]
fn lines_of_a_table_are_no_longer_than_promised_and_end_without_blanks() {
    let table = some_of_everything().score().args(["--details"]).ok().table();
    for line in table.lines() {
        assert!(line.chars().count() <= 100 && line.trim_end() == line, "{line:?}");
    }
}

fn keys(value: &serde_json::Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn json_has_the_references_keys_and_ours() {
    let repo = some_of_everything();
    repo.delete("LICENSE");
    let card = repo.score().json();
    for key in ["date", "repo", "scorecard", "score", "checks", "metadata"] {
        assert!(keys(&card).contains(&key), "{key}");
    }
    for key in ["tool", "model", "status", "completeness", "interval", "files", "gaps", "findings"] {
        assert!(keys(&card).contains(&key), "{key}");
    }
    for check in card["checks"].as_array().expect("checks are a list") {
        for key in ["details", "score", "reason", "name", "documentation", "risk", "weight", "status", "offered", "gaps"] {
            assert!(keys(check).contains(&key), "{key}");
        }
        assert!(check["documentation"]["url"].as_str().is_some_and(|url| url.starts_with("https://")));
        assert!(check["documentation"]["short"].as_str().is_some_and(|text| !text.is_empty()));
        let details = check["details"].as_array().expect("details are a list");
        let shown =
            |detail: &&serde_json::Value| detail.as_str().is_some_and(|text| text.starts_with("Info: ") || text.starts_with("Warn: "));
        assert_eq!(details.iter().filter(shown).count(), details.len(), "{details:?}");
        assert_eq!(check["score"] == -1, check["status"] == "inconclusive");
        assert_eq!(check["score"] == -1, check.get("bounds").is_none());
    }
    assert_eq!((&card["metadata"], &card["model"]), (&serde_json::json!([]), &"scorecard-v5".into()));
    assert_eq!(card["tool"], serde_json::json!({ "name": "carat", "version": env!("CARGO_PKG_VERSION") }));
}

#[test]
fn json_says_of_each_check_what_it_rests_on_and_what_was_missing() {
    let card = some_of_everything().score().json();
    let binaries = card.check("Binary-Artifacts");
    assert_eq!(
        (&binaries["score"], &binaries["status"], &binaries["risk"], &binaries["weight"]),
        (&9.into(), &"scored".into(), &"High".into(), &7.5.into())
    );
    let detail = binaries["details"][0].as_str().expect("a text");
    assert!(detail.starts_with("Warn: ") && detail.ends_with(": lib/tool.so:1"), "{detail}");
    let license = card.check("License");
    assert_eq!((&license["status"], &license["bounds"]), (&"limited".into(), &serde_json::json!([9, 10])));
    assert_eq!(license["gaps"][0]["cause"], "not_offered");
    let protection = card.check("Branch-Protection");
    assert_eq!((&protection["offered"], &protection["details"]), (&false.into(), &serde_json::json!([])));
    let packaging = card.check("Packaging");
    assert_eq!((&packaging["score"], &packaging["gaps"]), (&(-1).into(), &serde_json::json!([])), "there was nothing to judge");
    let finding = card["findings"].as_array().expect("findings are a list").iter().find(|f| f["probe"] == "hasUnverifiedBinaryArtifacts");
    let finding = finding.expect("the probe answered");
    assert_eq!((&finding["outcome"], &finding["location"]["path"]), (&"True".into(), &"lib/tool.so".into()));
    assert!(finding["remediation"]["text"].as_str().is_some_and(|text| !text.is_empty()));
    assert!(finding["fingerprint"].as_str().is_some_and(|text| text.len() > 16));
}

#[test]
fn totals_in_json_have_one_decimal() {
    let total = |arguments: &[&str]| {
        let ran = some_of_everything().score().args(["-f", "json"]).args(arguments).ok();
        let rest = ran.out.split_once(",\"score\":").expect("there is a total").1;
        rest.split_once(',').expect("something follows").0.to_owned()
    };
    assert_eq!(total(&["--checks", "Binary-Artifacts,License"]), "9.0");
    assert_eq!(total(&["--checks", "Dependency-Update-Tool"]), "10.0");
    assert_eq!(total(&["--checks", "Branch-Protection"]), "-1.0");
    assert_eq!(total(&["--probes", "hasLicenseFile"]), "-1.0");
}

#[test]
fn the_date_is_the_moment_of_judging_in_utc() {
    let card = Folder::new().score().json();
    let date = card["date"].as_str().expect("a text");
    let form: String = date.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(form, "0000-00-00T00:00:00Z");
}

#[test]
fn the_same_repository_gives_the_same_document() {
    let repo = some_of_everything();
    for format in ["table", "json", "ndjson", "probe", "evidence"] {
        let run = || repo.score().args(["--format", format]).ok().table();
        assert_eq!(run(), run());
    }
}

#[test]
fn completeness_and_interval_say_how_far_a_total_can_be_trusted() {
    let card: Card = some_of_everything().score().args(CHECKS).json();
    let completeness = &card["completeness"];
    // Branch-Protection needs a host; Vulnerabilities is offered by files, but not built.
    assert_eq!(["judged", "possible", "selected", "model"].map(|key| completeness[key].as_u64()), [Some(4), Some(5), Some(6), Some(18)]);
    assert_eq!(card["status"], "incomplete");
    let bound = |n: usize| card["interval"][n].as_f64().expect("a number");
    let score = card["score"].as_f64().expect("a number");
    assert!(bound(0) < score && score <= bound(1), "{}", card["interval"]);
}

#[test]
fn ndjson_is_json_in_one_line() {
    let repo = some_of_everything();
    let with = |format| repo.score().args(["--as-of", "2026-01-01", "-f", format]).ok().out;
    assert_eq!(with("ndjson"), with("json"));
    assert_eq!(with("ndjson").lines().count(), 1);
}

#[test]
fn what_does_not_count_is_told_apart() {
    let workflow = "on: issues\njobs:\n  a:\n    steps:\n      - uses: actions/github-script@v7\n        with:\n          \
                    script: core.info('${{ github.event.issue.title }}')\n";
    let repo = Repo::with(&[(".github/workflows/a.yml", workflow)]);
    let run = || repo.score().args(["--checks", "Dangerous-Workflow"]);
    let card = run().json();
    let check = card.check("Dangerous-Workflow");
    assert_eq!((card.score("Dangerous-Workflow"), &check["status"], &check["details"]), (10, &"scored".into(), &serde_json::json!([])));
    let extended = card["findings"].as_array().expect("findings are a list").iter().filter(|finding| finding["extended"] == true);
    assert_eq!(extended.map(|finding| finding["location"]["lineStart"].as_u64()).collect::<Vec<_>>(), [Some(5)]);
    let probe = run().args(["--format", "probe"]).ok();
    assert!(!probe.out.contains("github-script"), "{}", probe.out);
    assert!(!run().ok().out.contains("Also"), "only details have it");
    let table = run().args(["--details"]).ok().out;
    let line = "  Also .github/workflows/a.yml:5  a script of actions/github-script holds what a stranger may have written: \
                github.event.issue.title (does not count)\n";
    assert!(table.contains(line), "{table}");
}
