//! Workflows that validate Gradle wrappers.

use memchr::memmem;

use super::{LONGEST, faultless, read_workflow};
use crate::parse::yaml::Document;

/// The actions, with what stands before their version.
const ACTIONS: [&str; 2] = ["gradle/wrapper-validation-action@", "gradle/actions/wrapper-validation@"];

/// Whether a workflow uses an action that validates wrappers. The reference passes over a file in which its reader finds
/// any fault.
pub(crate) fn validates_wrappers(text: &[u8]) -> bool {
    // Nearly all workflows end here.
    if memmem::find(text, b"wrapper-validation").is_none() || text.len() as u64 > LONGEST {
        return false;
    }
    let is_faultless = Document::parse(text).is_ok_and(|document| document.root().is_some_and(faultless::is_faultless));
    is_faultless
        && read_workflow(text).is_ok_and(|workflow| {
            let mut uses = workflow.steps().filter_map(|step| step.uses());
            uses.any(|uses| ACTIONS.iter().any(|action| uses.text.starts_with(action)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_counts_by_its_whole_name_and_with_a_version() {
        let validates = |uses: &str| {
            let text = format!("on: push\njobs: {{a: {{runs-on: x, steps: [{{run: y}}, {{uses: {uses}}}]}}}}");
            validates_wrappers(text.as_bytes())
        };
        for uses in ["gradle/wrapper-validation-action@v1", "gradle/actions/wrapper-validation@v4", "gradle/actions/wrapper-validation@"] {
            assert!(validates(uses), "{uses}");
        }
        for uses in ["gradle/actions/wrapper-validation", "Gradle/actions/wrapper-validation@v4", "x/gradle/actions/wrapper-validation@v4"]
        {
            assert!(!validates(uses), "{uses}");
        }
        assert!(!validates_wrappers(b"on: push\njobs: {a: {steps: [{uses: gradle/actions/wrapper-validation@v4}]}}"), "no runs-on");
        assert!(!validates_wrappers(b"gradle/actions/wrapper-validation@v4"));
        assert!(!validates_wrappers(b"- [gradle/actions/wrapper-validation@v4"));
    }
}
