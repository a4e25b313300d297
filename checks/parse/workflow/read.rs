//! From YAML to the facts of a workflow.
//!
//! A value of a wrong type is dropped with as little around it as possible, by the rules of the reference's reader
//! (actionlint): where a text is expected any other node is an empty one, where a list or a mapping is expected there is
//! nothing in it. Of a key that occurs twice the first one counts. Nothing in here fails: only what is no YAML does.

use std::collections::HashSet;

use crate::evidence::{Action, Job, Permissions, Placed, Step, Workflow};
use crate::parse::yaml::{Document, Node, SyntaxError};
use crate::path;

/// Reads a workflow.
///
/// # Errors
/// What is no YAML in its first document.
pub fn read_workflow(text: &[u8]) -> Result<Workflow, SyntaxError> {
    let document = Document::parse(text)?;
    let mut workflow = Workflow::default();
    for (key, value) in document.root().into_iter().flat_map(|root| pairs(root, false)) {
        match key.name.as_str() {
            "on" => workflow.triggers = triggers(value),
            "permissions" => workflow.permissions = Some(permissions(value)),
            "jobs" => workflow.jobs = pairs(value, true).map(|(id, value)| job(id, value)).collect(),
            _ => {}
        }
    }
    Ok(workflow)
}

struct Key {
    name: String,
    line: u32,
}

/// The keys of a mapping with their values, each once; nothing for any other node. A key that is no text is an empty one.
fn pairs(node: Node<'_>, any_case: bool) -> impl Iterator<Item = (Key, Node<'_>)> {
    let mut seen = HashSet::new();
    node.pairs().into_iter().flatten().filter_map(move |(key, value)| {
        let name = if any_case { lower(&text(key)) } else { text(key) };
        seen.insert(name.clone()).then(|| (Key { name, line: key.line() }, value))
    })
}

fn lower(text: &str) -> String {
    String::from_utf8_lossy(&path::lower(text.as_bytes())).into_owned()
}

fn text(node: Node<'_>) -> String {
    node.text().unwrap_or_default().to_owned()
}

fn placed(node: Node<'_>) -> Placed {
    Placed { text: text(node), line: node.line() }
}

/// Events: one, a list, or a mapping with their settings, which do not matter, except that a schedule needs its times.
fn triggers(node: Node<'_>) -> Vec<String> {
    let named = |name: &str| !name.is_empty() && name != "schedule";
    if let Some(name) = node.text() {
        return if named(name) { vec![name.to_owned()] } else { Vec::new() };
    }
    if let Some(items) = node.items() {
        return items.filter_map(|item| item.text().filter(|name| named(name)).map(str::to_owned)).collect();
    }
    let has_times = |value: Node<'_>| value.items().is_some_and(|mut items| items.next().is_some());
    pairs(node, false).filter(|(key, value)| key.name != "schedule" || has_times(*value)).map(|(key, _)| key.name).collect()
}

fn permissions(node: Node<'_>) -> Permissions {
    let all = node.text().filter(|word| !word.is_empty()).map(|_| placed(node));
    let scopes = pairs(node, true).map(|(key, value)| (key.name, placed(value))).collect();
    Permissions { line: node.line(), all, scopes }
}

/// The keys that a job has only if it calls no workflow.
const ORDINARY: [&str; 9] =
    ["runs-on", "env", "steps", "outputs", "defaults", "container", "timeout-minutes", "environment", "continue-on-error"];

fn job(id: Key, node: Node<'_>) -> Job {
    let mut job = Job { id: id.name, line: id.line, ..Job::default() };
    let mut ordinary = false;
    for (key, value) in pairs(node, false) {
        ordinary |= ORDINARY.contains(&key.name.as_str());
        match key.name.as_str() {
            "permissions" => job.permissions = Some(permissions(value)),
            "runs-on" => job.runs_on = labels(value),
            "strategy" => job.matrix_os = matrix_os(value),
            "defaults" => job.shell = at(value, "run").and_then(|run| at(run, "shell")).map(text),
            "uses" => job.calls = Some(placed(value)),
            "steps" => job.steps = value.items().into_iter().flatten().map(step).collect(),
            _ => {}
        }
    }
    if ordinary {
        job.calls = None;
    }
    job
}

fn at<'a>(node: Node<'a>, name: &str) -> Option<Node<'a>> {
    node.pairs()?.find(|(key, _)| key.text() == Some(name)).map(|(_, value)| value)
}

fn labels(node: Node<'_>) -> Vec<String> {
    let node = if node.pairs().is_some() { at(node, "labels") } else { Some(node) };
    let Some(node) = node else { return Vec::new() };
    match node.text() {
        Some(label) => vec![label.to_owned()],
        None => node.items().into_iter().flatten().map(text).collect(),
    }
}

fn matrix_os(strategy: Node<'_>) -> Vec<String> {
    let Some(matrix) = at(strategy, "matrix") else { return Vec::new() };
    let (mut rows, mut included) = (Vec::new(), Vec::new());
    for (key, value) in pairs(matrix, true) {
        let items = value.items().into_iter().flatten();
        match key.name.as_str() {
            "os" => rows.extend(items.map(text)),
            "include" => {
                included.extend(items.flat_map(|item| pairs(item, true)).filter(|(key, _)| key.name == "os").map(|(_, value)| text(value)))
            }
            _ => {}
        }
    }
    rows.extend(included);
    rows
}

fn step(node: Node<'_>) -> Step {
    let mut step = Step { line: node.line(), ..Step::default() };
    let (mut with, mut shell) = (Vec::new(), None);
    for (key, value) in pairs(node, false) {
        match key.name.as_str() {
            "if" => step.condition = Some(text(value)),
            "with" => with = pairs(value, true).map(|(key, value)| (key.name, text(value))).collect(),
            "shell" => shell = Some(text(value)),
            // Of both, the later one counts.
            "uses" => step.action = Action::Uses { name: placed(value), with: Vec::new() },
            "run" => step.action = Action::Run { script: placed(value), shell: None },
            _ => {}
        }
    }
    match &mut step.action {
        Action::Uses { with: inputs, .. } => *inputs = with,
        Action::Run { shell: named, .. } => *named = shell,
        Action::Nothing => {}
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Workflow {
        read_workflow(text.as_bytes()).expect("the text is YAML")
    }

    fn only_job(text: &str) -> Job {
        let mut jobs = read(&format!("jobs: {{a: {{{text}}}}}")).jobs;
        assert_eq!(jobs.len(), 1);
        jobs.remove(0)
    }

    #[test]
    fn roots_that_are_no_mapping_hold_nothing() {
        for text in ["", "# x", "---\n---\non: push", "x", "[on, push]", "{}", "~", "On: push\nJobs: {a: }"] {
            assert_eq!(read(text), Workflow::default(), "{text:?}");
        }
    }

    #[test]
    fn events_are_named_in_three_ways() {
        for (text, want) in [
            ("push", &["push"][..]),
            ("''", &[]),
            ("schedule", &[]),
            ("12", &["12"]),
            ("[push, {x: y}, [z], '', schedule, ~]", &["push", "~"]),
            ("{push: , schedule: x, 1: [], push: y}", &["push", "1"]),
            ("{schedule: [x], Push: 3}", &["schedule", "Push"]),
            ("{schedule: []}", &[]),
        ] {
            assert_eq!(read(&format!("on: {text}")).triggers, want, "{text}");
        }
        assert_eq!(read("x: &t [push]\non: *t").triggers, [""; 0]);
    }

    #[test]
    fn permissions_are_a_word_or_scopes() {
        let shown = |text: &str| {
            let permissions = read(&format!("x: &x y\npermissions: {text}")).permissions.expect("they are given");
            let scopes = permissions.scopes.iter().map(|(name, value)| format!("{name}={}@{}", value.text, value.line));
            permissions.all.map(|all| format!("{}@{}", all.text, all.line)).into_iter().chain(scopes).collect::<Vec<_>>().join(" ")
        };
        for nothing in ["", "''", "{}", "[read-all]", "*x"] {
            assert_eq!(shown(nothing), "", "{nothing}");
        }
        assert_eq!(shown("write-all"), "write-all@2");
        assert_eq!(shown("~"), "~@2");
        assert_eq!(shown("\n  Contents: write\n  contents: read\n  checks: [x]\n  x:\n"), "contents=write@3 checks=@5 x=@6");
        assert_eq!(read("jobs: {}").permissions, None);
    }

    #[test]
    fn wrong_types_leave_a_job_without_content() {
        let jobs = read("x: &x {}\njobs:\n  A: 1\n  b: [x]\n  c:\n  d: *x\n  <<: *x\n  a: {steps: [{run: x}]}\n").jobs;
        assert_eq!(
            jobs.iter().map(|job| (job.id.as_str(), job.line)).collect::<Vec<_>>(),
            [("a", 3), ("b", 4), ("c", 5), ("d", 6), ("<<", 7)]
        );
        assert!(jobs.iter().all(|job| job.steps.is_empty() && job.permissions.is_none()));
        assert_eq!(read("jobs: [a]").jobs, []);
    }

    #[test]
    fn a_job_calls_a_workflow_only_if_nothing_in_it_is_ordinary() {
        assert_eq!(only_job("uses: x, with: {a: b}, if: y").calls.map(|call| call.text), Some("x".into()));
        assert_eq!(only_job("uses: [x]").calls.map(|call| call.text), Some(String::new()));
        for key in ORDINARY {
            assert_eq!(only_job(&format!("{key}: , uses: x")).calls, None, "{key}");
        }
    }

    #[test]
    fn machines_come_from_labels_and_the_matrix() {
        for (text, want) in [
            ("x", &["x"][..]),
            ("", &[""]),
            ("[]", &[]),
            ("[a, [b], '']", &["a", "", ""]),
            ("{group: g}", &[]),
            ("{labels: [a, b]}", &["a", "b"]),
            ("{labels: a}", &["a"]),
            ("{Labels: a}", &[]),
            ("'${{ matrix.os }}'", &["${{ matrix.os }}"]),
        ] {
            assert_eq!(only_job(&format!("runs-on: {text}")).runs_on, want, "{text}");
        }
        let os = |matrix: &str| only_job(&format!("strategy: {{matrix: {matrix}}}")).matrix_os;
        assert_eq!(os("{include: [{Os: c}, 3, {x: y}, {os: [d]}], OS: [a, {b: c}]}"), ["a", "", "c", ""]);
        assert_eq!(os("{os: a, include: x}"), [""; 0]);
        assert_eq!(only_job("defaults: {run: {shell: [x]}}").shell, Some(String::new()));
        assert_eq!(only_job("defaults: {Run: {shell: x}}").shell, None);
    }

    #[test]
    fn a_step_is_what_its_last_key_says() {
        let actions = |text: &str| only_job(&format!("steps: [{text}]")).steps.into_iter().map(|step| step.action).collect::<Vec<_>>();
        let [Action::Run { script, shell }] = &actions("{shell: s, uses: a, run: b, with: {c: d}}")[..] else { panic!("it runs") };
        assert_eq!((script.text.as_str(), shell.as_deref()), ("b", Some("s")));
        let [Action::Uses { name, with }] = &actions("{with: {Ref: x, ref: y, z: [q]}, run: b, uses: a, uses: c}")[..] else {
            panic!("it uses")
        };
        assert_eq!(name.text, "a");
        assert_eq!(*with, [("ref".to_owned(), "x".to_owned()), ("z".to_owned(), String::new())]);
        assert_eq!(actions("x, [{run: y}], {Run: y}, {if: y}, "), vec![Action::Nothing; 4]);
        assert_eq!(only_job("steps: {run: x}").steps, []);
    }

    #[test]
    fn many_jobs_and_keys_are_read_in_time_that_grows_with_them() {
        let jobs: String = (0..10_000).map(|n| format!("  j{n}: {{steps: [{{run: x}}]}}\n")).collect();
        assert_eq!(read(&format!("jobs:\n{jobs}")).jobs.len(), 10_000);
        let same = "  a: {}\n".repeat(50_000);
        assert_eq!(read(&format!("jobs:\n{same}")).jobs.len(), 1);
    }

    #[test]
    fn steps_and_scripts_know_their_lines() {
        let text = "jobs:\n  a:\n    steps:\n      -\n        # note\n        name: x\n        run: |\n          y\n      - &z\n        run:\n          q\n      - *z\n";
        let steps = &read(text).jobs[0].steps;
        assert_eq!(steps.iter().map(|step| step.line).collect::<Vec<_>>(), [6, 9, 12]);
        assert_eq!(steps.iter().filter_map(Step::run).map(|run| run.line).collect::<Vec<_>>(), [7, 11]);
    }
}
