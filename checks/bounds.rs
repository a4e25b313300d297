//! Evidence that gives more findings than are kept: the result names the bound, and what it could have changed.

use crate::check::Verdict;
use crate::evidence::{
    Action, BinaryFile, Evidence, Facet, Fact, Files, FuzzMark, Fuzzing, Job, Permissions, Placed, Repository, ShellCommand, ShellFile,
    ShellText, Sign, SourceKind, Step, Workflow, WorkflowContent, WorkflowFile,
};
use crate::model::SCORECARD_V5;
use crate::path::RepoPath;
use crate::probe::{MOST_FINDINGS, Probe};
use crate::scorecard::{CheckResult, Scorecard, Selection, judge};
use crate::{CHECKS, probes};

/// Evidence in which everything is known, and nothing is there.
fn nothing() -> Evidence {
    let repository =
        Repository { name: "file://made-up".into(), asked_as: None, commit: None, revision: None, source: SourceKind::WorkingTree };
    let mut evidence = Evidence::new(repository, "2026-11-25T00:00:00Z".into());
    evidence.files = Fact::known(Files::default());
    evidence.binaries = Fact::known(Vec::new());
    evidence.fuzzing = Fact::known(Default::default());
    evidence.workflows = Fact::known(Vec::new());
    evidence.build_files = Fact::known(Vec::new());
    evidence.shell_scripts = Fact::known(Vec::new());
    evidence.dockerfiles = Fact::known(Vec::new());
    evidence.projects = Fact::known(Vec::new());
    evidence.close(&[Facet::Commits.into(), Facet::CheckRuns.into()]);
    evidence
}

fn path(number: usize, ending: &str) -> RepoPath {
    RepoPath::from(format!("{number:06}{ending}").as_str())
}

fn placed(text: &str) -> Placed {
    Placed { text: text.to_owned(), line: 1 }
}

fn command(words: &[&str]) -> ShellCommand {
    ShellCommand { line: 1, words: words.iter().map(|word| (*word).to_owned()).collect(), ..Default::default() }
}

fn script(number: usize, commands: Vec<ShellCommand>) -> ShellFile {
    ShellFile { path: path(number, ".sh"), script: ShellText::Commands(commands) }
}

fn workflow(number: usize, job: Job) -> WorkflowFile {
    let workflow = Workflow { jobs: vec![job], permissions: Some(Permissions::default()), ..Default::default() };
    WorkflowFile { path: path(number, ".yml"), has_commands: true, content: WorkflowContent::Workflow(workflow) }
}

/// What a check says, after it has been seen that no probe of it keeps more than it may.
#[track_caller]
fn scored(check: &str, evidence: &Evidence) -> (CheckResult, Scorecard) {
    let checks = CHECKS.into_iter().filter(|one| one.meta().name == check).collect();
    let mut card = judge(&Selection { checks, probes: Vec::new() }, &SCORECARD_V5, evidence);
    for probe in probes() {
        assert!(card.findings.iter().filter(|finding| finding.probe == probe.meta().id).count() <= MOST_FINDINGS);
    }
    (card.checks.pop().expect("the check is in the list"), card)
}

fn bound(probe: &str) -> String {
    format!("the files: the bound of 50,000 findings of {probe} (the rest is not judged) was reached")
}

fn probe(id: &str) -> &'static dyn Probe {
    probes().find(|probe| probe.meta().id == id).expect("the probe is in the list")
}

#[test]
fn what_lies_beyond_the_bound_of_findings_is_not_judged_and_that_is_said() {
    let mut evidence = nothing();
    let pinned = command(&["npm", "ci"]);
    evidence.shell_scripts = Fact::known((0..6).map(|n| script(n, vec![pinned.clone(); 10_000])).collect());
    let (result, card) = scored("Pinned-Dependencies", &evidence);
    assert_eq!(card.findings.len(), MOST_FINDINGS);
    assert_eq!((result.verdict.score(), result.verdict.gaps().len()), (Some(10), 1));
    assert_eq!(result.verdict.gaps()[0].to_string(), bound("pinsDependencies"));
    assert_eq!(card.gaps(), result.verdict.gaps());
    assert_eq!(card.total.interval, Some((0.0, 10.0)));
    // At the bound itself nothing is missing.
    evidence.shell_scripts = Fact::known((0..5).map(|n| script(n, vec![pinned.clone(); 10_000])).collect());
    let (result, card) = scored("Pinned-Dependencies", &evidence);
    assert_eq!((card.findings.len(), result.verdict.gaps()), (MOST_FINDINGS, &[][..]));
}

#[test]
fn a_file_that_multiplies_its_findings_does_not_multiply_memory() {
    // A name in eight spellings is fetched, and every one of them may be what is run.
    let mut commands = Vec::new();
    for name in 0..250 {
        for case in 0..8_u32 {
            let letter = |bit: u32| if case >> bit & 1 == 1 { 'A' } else { 'a' };
            commands.push(command(&["wget", "http://h/x", "-O", &format!("{}{}{}{name}", letter(0), letter(1), letter(2))]));
        }
    }
    let names: Vec<String> = (0..250).map(|name| format!("aaa{name}")).collect();
    let run: Vec<&str> = ["sh"].into_iter().chain(names.iter().map(String::as_str)).collect();
    commands.extend(vec![command(&run); 100]);
    let mut evidence = nothing();
    evidence.shell_scripts = Fact::known(vec![script(0, commands.clone()), script(1, commands)]);
    assert_eq!(probe("pinsDependencies").run(&evidence).len(), MOST_FINDINGS + 1);
}

#[test]
fn workflows_beyond_the_bound_are_not_judged_and_could_lower_the_score() {
    let scopes = vec![("checks".to_owned(), placed("read")); 1_000];
    let job = Job { permissions: Some(Permissions { scopes, ..Default::default() }), ..Default::default() };
    let mut evidence = nothing();
    evidence.workflows = Fact::known((0..60).map(|n| workflow(n, job.clone())).collect());
    assert_eq!(probe("jobLevelPermissions").run(&evidence).len(), MOST_FINDINGS + 1_000, "what a file gives is made as a whole");
    let (result, _) = scored("Token-Permissions", &evidence);
    assert_eq!(result.verdict.gaps()[0].to_string(), bound("jobLevelPermissions"));
    assert!(matches!(result.verdict, Verdict::Scored { score: 10, bounds: (0, 10), .. }));
    let uses = Action::Uses { name: placed("github/codeql-action/analyze@v3"), with: Vec::new() };
    let job = Job { steps: vec![Step { action: uses, ..Default::default() }; 1_000], ..Default::default() };
    evidence.workflows = Fact::known((0..60).map(|n| workflow(n, job.clone())).collect());
    assert_eq!(probe("sastToolConfigured").run(&evidence).len(), MOST_FINDINGS + 1);
    let (result, _) = scored("SAST", &evidence);
    assert!(result.verdict.gaps().iter().any(|gap| gap.to_string() == bound("sastToolConfigured")));
}

#[test]
fn a_bound_that_could_change_no_score_limits_none_and_is_said_all_the_same() {
    let mut evidence = nothing();
    let binary = |n| BinaryFile { path: path(n, ".so"), format: "ELF".into(), sign: Sign::Magic };
    evidence.binaries = Fact::known((0..60_000).map(binary).collect());
    let (result, card) = scored("Binary-Artifacts", &evidence);
    assert_eq!((result.verdict.score(), result.verdict.gaps()), (Some(0), &[][..]));
    assert_eq!(card.gaps()[0].to_string(), bound("hasUnverifiedBinaryArtifacts"));
    // Those of a language with two endings count twice.
    let mark = |n| FuzzMark { path: path(n, ".js"), line: 1, text: "x".into() };
    evidence.fuzzing = Fact::known(Fuzzing { clusterfuzzlite: true, marks: (0..40_000).map(mark).collect() });
    let (result, card) = scored("Fuzzing", &evidence);
    assert_eq!((result.verdict.score(), result.verdict.gaps()), (Some(10), &[][..]));
    assert_eq!(card.gaps()[0].to_string(), bound("fuzzed"));
}

#[test]
fn as_many_gaps_as_findings_are_no_burden() {
    // Each is compared with those before it, but not one by one.
    let broken =
        |n| WorkflowFile { path: path(n, ".yml"), has_commands: true, content: WorkflowContent::Broken { line: 1, why: "a tab".into() } };
    let mut evidence = nothing();
    evidence.workflows = Fact::known((0..60_000).map(broken).collect());
    let (result, card) = scored("Dangerous-Workflow", &evidence);
    assert_eq!(result.verdict.score(), None);
    assert_eq!(card.gaps().len(), MOST_FINDINGS + 2, "a gap for each file, and a bound for each probe");
}
