//! Whether the reference's reader of workflows (actionlint) would find a fault: a key that is missing, unknown, twice or
//! empty, in the workflow, its jobs and their steps. What stands in deeper settings is not looked at.

use std::collections::HashSet;

use crate::parse::yaml::Node;
use crate::path;

const OF_WORKFLOW: [&str; 8] = ["name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"];
const OF_JOB: [&str; 6] = ["name", "needs", "permissions", "if", "strategy", "concurrency"];
const OF_JOB_WITH_STEPS: [&str; 10] =
    ["runs-on", "steps", "environment", "outputs", "env", "defaults", "timeout-minutes", "continue-on-error", "container", "services"];
const OF_CALL: [&str; 3] = ["uses", "with", "secrets"];
const OF_STEP: [&str; 6] = ["id", "if", "name", "env", "continue-on-error", "timeout-minutes"];
const OF_ACTION: [&str; 2] = ["uses", "with"];
const OF_SCRIPT: [&str; 3] = ["run", "shell", "working-directory"];

/// Whether a workflow has all that it needs and nothing that is not known.
pub(super) fn is_faultless(workflow: Node<'_>) -> bool {
    let Some(keys) = keys(workflow, false) else { return false };
    let at = |name: &str| keys.iter().find(|(key, _)| key == name).map(|(_, value)| *value);
    keys.iter().all(|(key, _)| OF_WORKFLOW.contains(&key.as_str()))
        && at("on").is_some_and(has_events)
        && at("jobs").and_then(|jobs| self::keys(jobs, true)).is_some_and(|jobs| jobs.into_iter().all(|(_, job)| is_job(job)))
}

/// The keys of a mapping with their values; nothing of another node, an empty one, or one with a key that is empty or
/// occurs twice.
fn keys(node: Node<'_>, any_case: bool) -> Option<Vec<(String, Node<'_>)>> {
    let mut seen = HashSet::new();
    let mut keys = Vec::new();
    for (key, value) in node.pairs()? {
        let name = key.text().filter(|name| !name.is_empty())?;
        let name = if any_case { String::from_utf8_lossy(&path::lower(name.as_bytes())).into_owned() } else { name.to_owned() };
        if !seen.insert(name.clone()) {
            return None;
        }
        keys.push((name, value));
    }
    Some(keys).filter(|keys| !keys.is_empty())
}

fn is_text(node: Node<'_>) -> bool {
    node.text().is_some_and(|text| !text.is_empty())
}

fn has_events(on: Node<'_>) -> bool {
    let is_event = |node: Node<'_>| is_text(node) && node.text() != Some("schedule");
    match on.items() {
        Some(items) => {
            let mut items = items.peekable();
            items.peek().is_some() && items.all(is_event)
        }
        None => is_event(on) || keys(on, false).is_some(),
    }
}

fn is_job(job: Node<'_>) -> bool {
    let Some(keys) = keys(job, false) else { return false };
    let has = |name: &str| keys.iter().any(|(key, _)| key == name);
    let only = |own: &[&str]| keys.iter().all(|(key, _)| OF_JOB.contains(&key.as_str()) || own.contains(&key.as_str()));
    if has("uses") {
        return only(&OF_CALL);
    }
    let steps = keys.iter().find(|(key, _)| key == "steps").and_then(|(_, steps)| steps.items());
    let mut steps = steps.into_iter().flatten().peekable();
    has("runs-on") && only(&OF_JOB_WITH_STEPS) && steps.peek().is_some() && steps.all(is_step)
}

fn is_step(step: Node<'_>) -> bool {
    let Some(keys) = keys(step, false) else { return false };
    let does = |what: &str, with: &[&str]| {
        keys.iter().any(|(key, value)| key == what && is_text(*value))
            && keys.iter().all(|(key, _)| OF_STEP.contains(&key.as_str()) || with.contains(&key.as_str()))
    };
    does("uses", &OF_ACTION) || does("run", &OF_SCRIPT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::yaml::Document;

    fn faultless(text: &str) -> bool {
        is_faultless(Document::parse(text.as_bytes()).expect("YAML").root().expect("a root"))
    }

    #[test]
    fn ordinary_workflows_are() {
        let text = "name: x\non:\n  push:\n  schedule: [{cron: x}]\npermissions: {}\nconcurrency: g\njobs:\n  a:\n    needs: [b]\n    runs-on: [x]\n    concurrency: y\n    strategy: {}\n    steps:\n      - run: y\n        working-directory: z\n      - {uses: a/b@c, with: {}, if: x}\n  b: {uses: ./c, with: {d: e}, secrets: inherit}\n";
        assert!(faultless(text));
        assert!(faultless("on: [push, pull_request]\njobs: {a: {runs-on: x, steps: [{run: y}]}}"));
    }

    #[test]
    fn each_fault_is_found() {
        let job = "{runs-on: x, steps: [{run: y}]}";
        for (what, text) in [
            ("no mapping", "[on]".to_owned()),
            ("no events", format!("jobs: {{a: {job}}}")),
            ("an empty event", format!("on: ''\njobs: {{a: {job}}}")),
            ("an empty list of events", format!("on: []\njobs: {{a: {job}}}")),
            ("a schedule without times", format!("on: schedule\njobs: {{a: {job}}}")),
            ("no jobs", "on: push".to_owned()),
            ("empty jobs", "on: push\njobs: {}".to_owned()),
            ("an unknown key", format!("on: push\nx: y\njobs: {{a: {job}}}")),
            ("a key in capitals", format!("On: push\non: push\njobs: {{a: {job}}}")),
            ("a key twice", format!("on: push\non: push\njobs: {{a: {job}}}")),
            ("a job twice, in another case", format!("on: push\njobs: {{a: {job}, A: {job}}}")),
            ("an empty job", "on: push\njobs: {a: }".to_owned()),
            ("no machine", "on: push\njobs: {a: {steps: [{run: y}]}}".to_owned()),
            ("no steps", "on: push\njobs: {a: {runs-on: x}}".to_owned()),
            ("empty steps", "on: push\njobs: {a: {runs-on: x, steps: []}}".to_owned()),
            ("an unknown key of a job", "on: push\njobs: {a: {runs-on: x, steps: [{run: y}], step: z}}".to_owned()),
            ("a call with a machine", "on: push\njobs: {a: {runs-on: x, uses: y}}".to_owned()),
            ("a step that does nothing", "on: push\njobs: {a: {runs-on: x, steps: [{name: y}]}}".to_owned()),
            ("a step that does two things", "on: push\njobs: {a: {runs-on: x, steps: [{run: y, uses: z}]}}".to_owned()),
            ("an action in a folder", "on: push\njobs: {a: {runs-on: x, steps: [{uses: z, working-directory: y}]}}".to_owned()),
            ("an empty script", "on: push\njobs: {a: {runs-on: x, steps: [{run: ''}]}}".to_owned()),
            ("an unknown key of a step", "on: push\njobs: {a: {runs-on: x, steps: [{run: y, with-x: z}]}}".to_owned()),
        ] {
            assert!(!faultless(&text), "{what}");
        }
    }
}
