//! Runs the cases beside the checks: small trees in; score, bounds, findings and details out. And the tests over the
//! lists: whoever adds a check finds here what is still missing.

#![expect(clippy::disallowed_methods, reason = "cases are files")]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use serde::Deserialize;

use crate::check::{Check, Verdict};
use crate::evidence::{Cause, Evidence, FileEntry, FileKind, Files, Partial, Repository, Request, SourceKind};
use crate::finding::{Finding, Location, Outcome};
use crate::model::SCORECARD_V5;
use crate::parse::{Depth, FileFacts, Reading, Scan};
use crate::path::RepoPath;
use crate::role::Role;
use crate::scorecard::{Scorecard, Selection, judge};
use crate::{CHECKS, UNSCORED, probes};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    why: String,
    /// Path and text.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Path and bytes, as hexadecimal digits with blanks anywhere.
    #[serde(default)]
    bytes: BTreeMap<String, String>,
    /// Files that cannot be read.
    #[serde(default)]
    unread: Vec<String>,
    /// What a host says: facets by name, each `known: ...` or `missing: {facet: ..., cause: ...}`.
    evidence: Option<Partial>,
    /// Probes that no check scores, to run as well.
    #[serde(default)]
    probes: Vec<String>,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// Absent for an inconclusive check.
    score: Option<u8>,
    /// Absent where the score stands.
    bounds: Option<(u8, u8)>,
    /// `probe outcome [path[:line]]` each.
    findings: Option<Vec<String>>,
    /// `level [path[:line]]` each, without the Debug ones.
    details: Option<Vec<String>>,
    /// What messages, snippets and remediations say, each somewhere.
    #[serde(default)]
    says: Vec<String>,
    /// What none of them says.
    #[serde(default)]
    never_says: Vec<String>,
    /// What the probes ask for once the files and `evidence` are known, in order: `runs a.yml`, `facet bot_commits`.
    asks: Option<Vec<String>>,
}

/// Reads files from memory as the file pass reads them from a disk.
fn collect(
    files: &BTreeMap<RepoPath, Vec<u8>>,
    unread: &[String],
    host: Option<&Partial>,
    selection: &Selection,
) -> (Evidence, Vec<Request>) {
    let source = if host.is_some() { SourceKind::Host } else { SourceKind::WorkingTree };
    let repository = Repository { name: "file://case".into(), asked_as: None, commit: None, revision: None, source };
    let mut evidence = Evidence::new(repository, "2026-11-25T00:00:00Z".into());
    let wanted = selection.wants();
    let reading = Reading::new(&wanted, true);
    let mut list = Files::default();
    let mut facts: Vec<(usize, Arc<FileFacts>)> = Vec::new();
    for (index, (path, content)) in files.iter().enumerate() {
        let interest = reading.interest(path.as_bytes());
        let lost = unread.iter().any(|lost| lost.as_bytes() == path.as_bytes());
        if !lost && !content.is_empty() && interest.depth() >= Depth::Head {
            facts.push((index, Scan::new(path, interest, content).finish(content).into()));
        }
        list.entries.push(FileEntry {
            path: path.clone(),
            kind: FileKind::Regular,
            role: Role::of(path.as_bytes()),
            size: Some(content.len() as u64),
            object: None,
            gap: lost.then(|| Cause::Failed { why: "object missing".into() }),
        });
    }
    let mut known = HashSet::new();
    loop {
        let paths = &list.entries;
        let find = |path: &RepoPath| paths.iter().position(|entry| entry.path == *path);
        let more = reading.follow(&facts, &mut known, |place| &paths[place].path, find);
        let more: Vec<_> = more.into_iter().filter(|(place, _)| paths[*place].size != Some(0) && paths[*place].gap.is_none()).collect();
        if more.is_empty() {
            break;
        }
        for (place, interest) in more {
            let path = &paths[place].path;
            facts.push((place, Scan::new(path, interest, &files[path]).finish(&files[path]).into()));
        }
    }
    facts.sort_by_key(|(place, _)| *place);
    reading.evidence(list, facts, &mut evidence);
    if let Some(host) = host {
        host.clone().put(&mut evidence);
    }
    evidence.close(&wanted.into_iter().map(Request::from).collect::<Vec<_>>());
    let asked: Vec<Request> = selection.asks(&evidence).into_iter().collect();
    evidence.close(&asked);
    (evidence, asked)
}

fn request_line(request: &Request) -> String {
    match request {
        Request::Facet(facet) => {
            let name = serde_json::to_string(facet).expect("a facet has a name");
            format!("facet {}", name.trim_matches('"'))
        }
        Request::Branch(name) => format!("branch {name}"),
        Request::Employer(name) => format!("employer {name}"),
        Request::Runs(name) => format!("runs {name}"),
    }
}

fn place(location: Option<&Location>) -> String {
    match location {
        Some(Location { path, line: Some(line), .. }) => format!(" {path}:{line}"),
        Some(Location { path, .. }) => format!(" {path}"),
        None => String::new(),
    }
}

fn finding_lines(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|f| format!("{} {}{}", f.probe, f.outcome.as_str(), place(f.location.as_ref()))).collect()
}

/// The texts of findings for people.
fn texts(findings: &[Finding]) -> Vec<&str> {
    let mut texts = Vec::new();
    for finding in findings {
        texts.push(finding.message.as_str());
        texts.extend(finding.location.as_ref().and_then(|location| location.snippet.as_deref()));
        texts.extend(finding.remediation.as_ref().map(|remediation| remediation.text.as_ref()));
    }
    texts
}

fn run(check: &'static dyn Check, case: &Case) -> (Scorecard, Vec<Request>) {
    let text = case.files.iter().map(|(path, text)| (RepoPath::from(path.as_str()), text.as_bytes().to_vec()));
    let bytes = case.bytes.iter().map(|(path, hex)| {
        let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
        let bytes = digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("two digits"));
        (RepoPath::from(path.as_str()), bytes.collect())
    });
    let files = text.chain(bytes).collect();
    let named = |id: &String| *UNSCORED.iter().find(|probe| probe.meta().id == id).expect("the case names a probe that exists");
    let selection = Selection { checks: vec![check], probes: case.probes.iter().map(named).collect() };
    let (evidence, asked) = collect(&files, &case.unread, case.evidence.as_ref(), &selection);
    let json = serde_json::to_string(&evidence).expect("evidence serialises");
    assert_eq!(serde_json::from_str::<Evidence>(&json).expect("and comes back"), evidence, "{}", case.why);
    (judge(&selection, &SCORECARD_V5, &evidence), asked)
}

fn folder_of(check: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(check.to_lowercase().replace('-', "_"))
}

fn cases_of(check: &str) -> Vec<(String, Case)> {
    let Ok(folder) = fs::read_dir(folder_of(check).join("cases")) else { return Vec::new() };
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.expect("a case can be listed").path()).collect();
    files.sort();
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).expect("a case can be read");
        let case = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        (file.display().to_string(), case)
    };
    files.into_iter().map(read).collect()
}

/// The checks of this version that can answer, which are those with probes.
fn built() -> impl Iterator<Item = &'static dyn Check> {
    CHECKS.into_iter().filter(|check| !check.probes().is_empty())
}

#[test]
fn cases_give_what_they_expect() {
    let mut wrong = Vec::new();
    for check in built() {
        for (file, case) in cases_of(check.meta().name) {
            let (scorecard, asked) = run(check, &case);
            let verdict = &scorecard.checks[0].verdict;
            let mut differ = |what: &str, want: String, got: String| {
                if want != got {
                    wrong.push(format!("{file} ({}): {what}: want {want}, got {got}", case.why));
                }
            };
            differ("score", format!("{:?}", case.expect.score), format!("{:?}", verdict.score()));
            if let (Verdict::Scored { bounds, .. }, Some(score)) = (verdict, case.expect.score) {
                differ("bounds", format!("{:?}", case.expect.bounds.unwrap_or((score, score))), format!("{bounds:?}"));
            }
            if let Some(want) = &case.expect.findings {
                differ("findings", format!("{want:?}"), format!("{:?}", finding_lines(&scorecard.findings)));
            }
            let texts = texts(&scorecard.findings);
            for (list, want) in [(&case.expect.says, true), (&case.expect.never_says, false)] {
                for text in list {
                    differ(text, want.to_string(), texts.iter().any(|said| said.contains(text)).to_string());
                }
            }
            if let Some(want) = &case.expect.asks {
                differ("asks", format!("{want:?}"), format!("{:?}", asked.iter().map(request_line).collect::<Vec<_>>()));
            }
            if let Some(want) = &case.expect.details {
                let details = verdict.details().iter().map(|d| format!("{}{}", d.level.as_str(), place(d.location.as_ref())));
                let shown: Vec<String> = details.filter(|detail| !detail.starts_with("Debug")).collect();
                differ("details", format!("{want:?}"), format!("{shown:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_check_has_its_documentation_and_the_cases_that_pin_it() {
    for check in built() {
        let meta = check.meta();
        let readme = meta.readme;
        assert!(readme.starts_with(&format!("# {}\n", meta.name)), "{}: the README begins with the check's name", meta.name);
        for heading in ["## What it looks for", "## Why it matters", "## Score", "## How to fix it", "## Blind spots", "## Differences"] {
            assert!(readme.contains(&format!("\n{heading}\n")), "{}: the README lacks \"{heading}\"", meta.name);
        }
        let cases = cases_of(meta.name);
        let reasons: BTreeSet<String> = cases.iter().map(|(_, case)| run(check, case).0.checks[0].verdict.reason().to_owned()).collect();
        assert!(reasons.len() > 1, "{}: cases with different verdicts", meta.name);
        let outcomes: BTreeSet<(String, Outcome)> =
            cases.iter().flat_map(|(_, case)| run(check, case).0.findings).map(|f| (f.probe.into_owned(), f.outcome)).collect();
        for probe in check.probes() {
            let seen = outcomes.iter().filter(|(id, _)| id == probe.meta().id).count();
            // A probe that needs nothing can answer nothing else while nobody fills what it uses.
            let least = if probe.meta().needs.is_empty() { 1 } else { 2 };
            assert!(seen >= least, "{}: cases with different outcomes", probe.meta().id);
        }
    }
}

#[test]
fn names_are_unique_sorted_and_known_to_the_model() {
    let names: Vec<&str> = CHECKS.iter().map(|check| check.meta().name).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
    let ids: Vec<&str> = probes().map(|probe| probe.meta().id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    let model = SCORECARD_V5.checks.iter().chain(SCORECARD_V5.experimental);
    let known: BTreeMap<&str, _> = model.copied().collect();
    for check in CHECKS {
        assert_eq!(known.get(check.meta().name), Some(&check.meta().risk), "{}", check.meta().name);
    }
    assert_eq!(known.len(), CHECKS.len());
}

#[test]
fn every_folder_with_a_readme_is_a_check_in_the_list() {
    let listed: BTreeSet<PathBuf> = built().map(|check| folder_of(check.meta().name)).collect();
    for entry in fs::read_dir(env!("CARGO_MANIFEST_DIR")).expect("the crate's folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(path.join("README.md").exists(), listed.contains(&path), "{}", path.display());
    }
}

#[test]
fn a_probe_that_misses_what_it_needs_says_so() {
    let repository = Repository { name: "x".into(), asked_as: None, commit: None, revision: None, source: SourceKind::Folder };
    let evidence = Evidence::new(repository, String::new());
    for probe in probes() {
        let findings = probe.run(&evidence);
        assert!(findings.iter().all(|f| f.outcome == Outcome::NotAvailable && !f.without.is_empty()), "{}", probe.meta().id);
    }
    for check in CHECKS {
        let selection = Selection { checks: vec![check], probes: Vec::new() };
        let scorecard = judge(&selection, &SCORECARD_V5, &evidence);
        assert!(!scorecard.checks[0].verdict.gaps().is_empty(), "{}", check.meta().name);
    }
}

#[test]
fn evidence_and_scorecards_come_back_from_json() {
    let files = BTreeMap::from([
        (RepoPath::from("LICENSE-MIT"), b"x".to_vec()),
        (RepoPath::new(&b"\xff.exe"[..]), b"MZ".to_vec()),
        (RepoPath::from("SECURITY.md"), b"https://a.example".to_vec()),
        (RepoPath::from("fuzz.c"), b"LLVMFuzzerTestOneInput".to_vec()),
        (RepoPath::from("lost.c"), b"x".to_vec()),
        (
            RepoPath::from(".github/workflows/a.yml"),
            b"on: push\npermissions: {contents: read}\njobs: {a: {runs-on: x, steps: [{if: y, uses: a/b@c, with: {d: e}}, {run: f, shell: g}, 1]}}".to_vec(),
        ),
        (RepoPath::from(".github/workflows/b.yml"), b"[".to_vec()),
        (RepoPath::from("pom.xml"), b"<sonar.host.url>x</sonar.host.url>".to_vec()),
    ]);
    let selection = Selection { checks: CHECKS.to_vec(), probes: UNSCORED.to_vec() };
    let (evidence, _) = collect(&files, &["lost.c".into()], None, &selection);
    let json = serde_json::to_string(&evidence).expect("evidence serialises");
    let back: Evidence = serde_json::from_str(&json).expect("and comes back");
    assert_eq!(back, evidence);
    let scorecard = judge(&selection, &SCORECARD_V5, &back);
    let json = serde_json::to_string(&scorecard).expect("a scorecard serialises");
    assert_eq!(serde_json::from_str::<Scorecard>(&json).expect("and comes back"), scorecard);
}

fn any_path() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "LICENSE",
        "LICENSES/MIT.txt",
        "SECURITY.md",
        "docs/security.md",
        "vendor/SECURITY.md",
        ".clusterfuzzlite/Dockerfile",
        "a.c",
        "b.cc",
        "a_test.go",
        "x.jar",
        "gradle/wrapper/gradle-wrapper.jar",
        "renovate.json",
        ".github/workflows/x.yml",
        ".github/workflows/y.yaml",
        "pom.xml",
        "gitlabscorecard_flattened_ci.yaml",
        "Dockerfile",
        "run.sh",
        "a.csproj",
        "Directory.Build.props",
        "testdata/a.exe",
    ]);
    prop_oneof![
        known.prop_map(|path| path.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>().prop_filter("no NUL in a name", |byte| *byte != 0), 1..40),
        "[a-zA-Z.-]{0,12}(licen[sc]e|copying|patents|security)[a-zA-Z0-9._/-]{0,12}".prop_map(String::into_bytes),
    ]
}

fn any_content() -> impl Strategy<Value = Vec<u8>> {
    let mark = prop::sample::select(vec![
        "MZ",
        "\u{7f}ELF",
        "https://a.example ",
        "a@b.org",
        "90 days",
        "# x\n",
        "LLVMFuzzerTestOneInput\n",
        "func FuzzA(f *testing.F)\n",
        "libfuzzer_sys",
        "#!/bin/sh\n",
        "FROM a AS b\n",
        "RUN wget http://h/f -O ",
        "npm install | sh -c 'curl ",
        "<Project><ItemGroup>",
        "\n",
        "\0\0\0\0",
        "Disclosure",
        "on: pull_request_target\njobs:\n  a:\n    steps:\n      - run: ${{ github.head_ref }}\n",
        "      - uses: actions/checkout@v4\n        with: {ref: \"${{ github.event.pull_request.head.sha }}\"}\n",
        "permissions: write-all\n",
        "permissions: {contents: write}\n",
        "    permissions: {packages: write}\n",
        "  b: {uses: \"@\"}\n",
        "<sonar.host.url>x</sonar.host.url>",
        "é",
    ]);
    let piece = prop_oneof![mark.prop_map(|text| text.as_bytes().to_vec()), prop::collection::vec(any::<u8>(), 0..80)];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_path_and_no_content_makes_a_probe_panic_or_a_score_leave_its_bounds(
        files in prop::collection::btree_map(any_path().prop_map(RepoPath::new), any_content(), 0..12)
    ) {
        let selection = Selection { checks: CHECKS.to_vec(), probes: UNSCORED.to_vec() };
        let (evidence, _) = collect(&files, &[], None, &selection);
        let scorecard = judge(&selection, &SCORECARD_V5, &evidence);
        for probe in probes() {
            let answered = scorecard.findings.iter().any(|finding| finding.probe == probe.meta().id);
            prop_assert!(answered, "{} is silent", probe.meta().id);
        }
        for check in &scorecard.checks {
            if let Verdict::Scored { score, bounds, .. } = &check.verdict {
                prop_assert!(bounds.0 <= *score && *score <= bounds.1 && bounds.1 <= 10, "{check:?}");
            }
        }
        let asked = selection.asks(&evidence);
        prop_assert!(asked.iter().all(|request| evidence.unseen(request.facet()).is_some()), "a second round changes nothing");
    }
}
