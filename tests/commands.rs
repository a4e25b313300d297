//! The commands beside `score`.

use std::io;

use carat::checks::evidence::Facet;
use carat::checks::{CHECKS, probes};

use crate::support::carat;

#[test]
fn checks_lists_every_check_and_where_its_answer_comes_from() {
    let table = carat(["checks"]).ok().out;
    for check in CHECKS {
        let meta = check.meta();
        let line = table.lines().find(|line| line.split_whitespace().next() == Some(meta.name));
        assert!(line.is_some_and(|line| line.contains(meta.risk.as_str())), "{}", meta.name);
    }
    assert!(table.lines().all(|line| line.trim_end() == line));
    let by = |check: &str| table.lines().find(|line| line.trim_start().starts_with(check)).expect("it is listed").to_owned();
    assert!(by("License").contains(" files "));
    assert!(by("Branch-Protection").contains(" a host "));
    assert!(by("Vulnerabilities").contains(" files and advisories "));
    assert!(by("SBOM").contains("(experimental)"));
    assert!(table.contains(" hasPermissiveLicense "));
}

#[test]
fn explain_tells_of_every_check() {
    for check in CHECKS {
        let meta = check.meta();
        let text = carat(["explain", meta.name]).ok().out;
        assert!(text.starts_with(&format!("# {}\n\n{}\n", meta.name, meta.short)), "{text}");
        assert!(text.contains(&format!("Risk {}", meta.risk.as_str())), "{text}");
        for probe in check.probes() {
            assert!(text.contains(&format!("* `{}`: ", probe.meta().id)), "{text}");
        }
        assert_eq!(carat(["explain", &meta.name.to_uppercase()]).ok().out, text);
    }
}

#[test]
fn explain_tells_what_a_check_rests_on_and_which_permission_shows_it() {
    for check in CHECKS {
        let text = carat(["explain", check.meta().name]).ok().out;
        assert_eq!(text.contains("\n## What it rests on\n\nIt "), !check.probes().is_empty(), "{text}");
        for facet in check.probes().iter().flat_map(|probe| probe.meta().needs.iter().chain(probe.meta().uses).chain(probe.may_ask())) {
            assert!(text.contains(facet.phrase()), "{facet:?}: {text}");
            let permission = facet.permission().filter(|_| !Facet::FROM_FILES.contains(facet));
            assert!(permission.is_none_or(|permission| text.contains(permission)), "{facet:?}: {text}");
        }
    }
    let fuzzing = carat(["explain", "Fuzzing"]).ok().out;
    let from = "It needs:\n\n* the files, the text of source files.\n\nIt uses, if it can:\n\n\
        * which languages are prominent. From the host, with a token; in a private repository it takes the permission Metadata: read.\n\
        * whether OSS-Fuzz builds the project. From a service, without a token.\n";
    assert!(fuzzing.contains(from), "{fuzzing}");
}

#[test]
fn explain_tells_of_every_probe() {
    for probe in probes() {
        let meta = probe.meta();
        let text = carat(["explain", meta.id]).ok().out;
        assert!(text.starts_with(&format!("# {}\n\nTrue if {}.\n", meta.id, meta.question)), "{text}");
        assert!(text.contains("The good outcome is `") != text.contains("Neither outcome is good or bad"), "{text}");
        assert!(text.contains("Scored by ") != text.contains("No check scores it"), "{text}");
        assert_eq!(carat(["explain", &meta.id.to_lowercase()]).ok().out, text);
    }
}

#[test]
fn explain_knows_what_an_unknown_name_was_meant_to_be() {
    let error = carat(["explain", "Licence"]).fails(2);
    assert_eq!(error, "error: unknown check or probe \"Licence\"; did you mean License?\n");
    let error = carat(["explain", "hasLicensFile"]).fails(2);
    assert_eq!(error, "error: unknown check or probe \"hasLicensFile\"; did you mean hasLicenseFile?\n");
    let error = carat(["explain", "qqqq"]).fails(2);
    assert_eq!(error, "error: unknown check or probe \"qqqq\"; carat checks lists what there is\n");
}

#[test]
fn completions_know_commands_and_arguments() {
    for shell in ["bash", "zsh", "fish"] {
        let script = carat(["completions", shell]).ok().out;
        for word in ["carat", "score", "checks", "explain", "completions", "cache", "fail-under", "require-complete"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let error = carat(["completions", "bsh"]).fails(2);
    assert!(error.contains("bash"), "{error}");
}

#[test]
fn help_and_version_are_no_errors() {
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["score", "--help"],
        &["explain", "-h"],
        &["checks", "--help"],
        &["completions", "--help"],
        &["cache", "--help"],
    ] {
        let help = carat(arguments).ok().out;
        assert!(help.contains("Usage: carat"), "{help}");
    }
    for flag in ["--version", "-V"] {
        assert_eq!(carat([flag]).ok().out, format!("carat {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn help_lists_every_argument_and_every_exit_code() {
    let help = carat(["score", "--help"]).ok().out;
    let arguments = [
        "TARGET[@REV]",
        "--evidence",
        "--commit",
        "--checks",
        "--skip",
        "--probes",
        "--experimental",
        "--format",
        "--output",
        "--details",
        "--show-annotations",
        "--as-of",
        "--with-sources",
        "--fail-under",
        "--low-end",
        "--require-complete",
        "--offline",
        "--plan",
        "--with-host",
        "--host",
        "--token-from",
        "--commit-depth",
        "--allow-unreachable",
        "--no-cache",
        "--ca-cert",
        "--max-wait",
        "--untracked",
        "--threads",
        "--quiet",
        "--verbose",
    ];
    for argument in arguments {
        assert!(help.contains(argument), "{argument}: {help}");
    }
    for code in [" 0 ", " 1 ", " 2 ", " 3 ", " 4 ", " 5 ", " 70 ", " 130 "] {
        assert!(help.contains(&format!("{code} ")), "{code}: {help}");
    }
    for format in carat::report::FORMATS {
        assert!(help.contains(format.name), "{}: {help}", format.name);
    }
}

#[test]
fn without_arguments_help_comes_as_an_error() {
    let ran = carat([""; 0]).run();
    assert_eq!((ran.code, &*ran.out), (Some(2), ""));
    assert!(ran.err.contains("Usage: carat"), "{}", ran.err);
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    for arguments in [&["checks"][..], &["completions", "bash"], &["explain", "License"], &["--help"], &["--version"]] {
        let (reader, writer) = io::pipe().expect("a pipe can be made");
        drop(reader);
        carat(arguments).stdout(writer).ok();
    }
}
