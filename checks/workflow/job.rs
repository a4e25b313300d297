//! Jobs that are known by their steps.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use crate::evidence::{Job, Step, Workflow};

/// What one step of a job shows.
pub(crate) enum Hint {
    /// It uses this action, in any version.
    Uses(&'static str),
    /// It uses this action with an input of exactly this value.
    With(&'static str, &'static str, &'static str),
    /// A line of its script holds one of these words, and somewhere behind it this one.
    Run(&'static [&'static str], &'static str),
    /// A line of its script holds these words with one character, whatever it is, between them.
    RunApart(&'static str, &'static str),
}

impl Hint {
    fn action(&self) -> &'static str {
        match self {
            Self::Uses(action) | Self::With(action, ..) => action,
            Self::Run(..) | Self::RunApart(..) => "",
        }
    }

    fn is_used_by(&self, name: &str) -> bool {
        name.strip_prefix(self.action()).is_some_and(|version| version.starts_with('@'))
    }

    /// Whether a step shows it; `script` is what the step runs, with its lines joined.
    fn is_shown_by(&self, step: &Step, script: Option<&str>) -> bool {
        match self {
            Self::Uses(_) => step.uses().is_some_and(|uses| self.is_used_by(&uses.text)),
            Self::With(_, input, value) => step.uses().is_some_and(|uses| self.is_used_by(&uses.text)) && step.input(input) == Some(value),
            Self::Run(words, then) => {
                script.is_some_and(|script| words.iter().any(|word| has_in_line(script.as_bytes(), word.as_bytes(), then.as_bytes())))
            }
            Self::RunApart(word, then) => script.is_some_and(|script| {
                let is_followed = |behind: &str| {
                    let mut behind = behind.chars();
                    behind.next().is_some_and(|between| between != '\n') && behind.as_str().starts_with(then)
                };
                memmem::find_iter(script.as_bytes(), word).any(|at| is_followed(&script[at + word.len()..]))
            }),
        }
    }
}

/// Whether a line holds a word, and somewhere behind it another.
fn has_in_line(mut script: &[u8], word: &[u8], then: &[u8]) -> bool {
    while let Some(at) = memmem::find(script, word) {
        let behind = &script[at + word.len()..];
        let end = memchr(b'\n', behind).unwrap_or(behind.len());
        if memmem::find(&behind[..end], then).is_some() {
            return true;
        }
        script = &behind[end..];
    }
    false
}

/// A script with the lines joined that a backslash continues. As in the reference, a line feed behind a backslash and a
/// carriage return stays.
fn joined(script: &str) -> Cow<'_, str> {
    let bytes = script.as_bytes();
    let is_continued = memchr::memchr_iter(b'\\', bytes).any(|at| matches!(bytes.get(at + 1), Some(b'\n' | b'\r')));
    if is_continued { script.replace("\\\n", "").replace("\\\r", "").into() } else { script.into() }
}

/// What the steps of one job show together.
pub(crate) struct Trait {
    /// What it means, as in "publishes ...".
    pub(crate) means: &'static str,
    /// Each of these is shown by a step of the job.
    hints: (Hint, Option<Hint>),
}

impl Trait {
    pub(crate) const fn one(means: &'static str, hint: Hint) -> Self {
        Self { means, hints: (hint, None) }
    }

    pub(crate) const fn both(means: &'static str, first: Hint, second: Hint) -> Self {
        Self { means, hints: (first, Some(second)) }
    }

    /// A job that calls a workflow has the trait if the workflow is one of the hints' actions, whatever it is: the
    /// reference takes the one for the other.
    fn is_of(&self, job: &Job, scripts: &[Option<Cow<'_, str>>]) -> bool {
        for hint in std::iter::once(&self.hints.0).chain(&self.hints.1) {
            if job.calls.as_ref().is_some_and(|call| hint.is_used_by(&call.text)) {
                return true;
            }
            if !job.steps.iter().zip(scripts).any(|(step, script)| hint.is_shown_by(step, script.as_deref())) {
                return false;
            }
        }
        true
    }
}

/// The first job of a workflow that has one of the traits, and its first trait.
pub(crate) fn find<'a>(workflow: &'a Workflow, traits: &'static [Trait]) -> Option<(&'a Job, &'static Trait)> {
    workflow.jobs.iter().find_map(|job| {
        let scripts: Vec<_> = job.steps.iter().map(|step| step.run().map(|run| joined(&run.text))).collect();
        Some((job, traits.iter().find(|one| one.is_of(job, &scripts))?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::read_workflow;

    static ONE: [Trait; 1] = [Trait::both("x", Hint::With("a/b", "c", "d"), Hint::Run(&["x", "e"], "f"))];

    fn found(job: &str) -> bool {
        let text = format!("jobs:\n  x:\n    {job}\n");
        find(&read_workflow(text.as_bytes()).expect("the text is YAML"), &ONE).is_some()
    }

    #[test]
    fn all_hints_have_to_be_shown_by_one_job() {
        let set_up = "{uses: a/b@v1, with: {C: d}}";
        assert!(found(&format!("steps: [{set_up}, {{run: e f}}]")));
        assert!(found(&format!("steps: [{{run: e f}}, {set_up}]")));
        assert!(!found(&format!("steps: [{set_up}]")));
        assert!(!found("steps: [{uses: a/b@v1, with: {c: e}}, {run: e f}]"));
        assert!(!found("steps: [{uses: a/bc@v1, with: {c: d}}, {run: e f}]"));
        assert!(!found("steps: [{uses: a/b, with: {c: d}}, {run: e f}]"));
        assert!(found("uses: a/b@v1"));
        assert!(!found("uses: a/c@v1"));
    }

    #[test]
    fn words_stand_apart_by_one_character_of_any_kind() {
        static HEX: [Trait; 1] = [Trait::one("x", Hint::RunApart("hex", "publish"))];
        for (script, want) in [
            ("mix hex.publish", true),
            ("hexépublish", true),
            ("hex hex publish", true),
            ("hex\npublish", false),
            ("hexpublish", false),
            ("hex..publish", false),
            ("hex", false),
        ] {
            let text = format!("jobs: {{x: {{steps: [{{run: {script:?}}}]}}}}");
            let workflow = read_workflow(text.as_bytes()).expect("the text is YAML");
            assert_eq!(find(&workflow, &HEX).is_some(), want, "{script:?}");
        }
    }

    #[test]
    fn scripts_are_searched_line_by_line_after_joining() {
        for (script, want) in
            [("e\\\nf", true), ("e\\\rf", true), ("e\\\r\nf", false), ("e\nf", false), ("# e f", true), ("f e", false), ("ex\nxf", true)]
        {
            let text = format!("jobs: {{x: {{steps: [{{uses: a/b@, with: {{c: d}}}}, {{run: {script:?}}}]}}}}");
            let workflow = read_workflow(text.as_bytes()).expect("the text is YAML");
            assert_eq!(find(&workflow, &ONE).is_some(), want, "{script:?}");
        }
    }
}
