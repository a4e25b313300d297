//! What workflows use: actions and other workflows.

use super::{Dependency, Kind, is_plain, place};
use crate::evidence::{Placed, Workflow};
use crate::path::RepoPath;

/// Whether an action is named by what cannot change. What stands in the repository counts, if it is not `./`.
///
/// The reference's expressions, by hand: `^\..+[^/]`, `@[a-fA-F0-9]{40,}` and `docker://.*@sha256:[a-fA-F0-9]{64}`.
fn is_pinned(uses: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_hexdigit).count();
    let is_local = |rest: &str| rest.split_inclusive('\n').next().is_some_and(|line| line.chars().skip(1).any(|last| last != '/'));
    let is_digest = |line: &str| {
        line.split_once(IMAGE_SCHEME).is_some_and(|(_, image)| image.split("@sha256:").skip(1).any(|digest| digits(digest) >= 64))
    };
    uses.strip_prefix('.').is_some_and(is_local)
        || uses.split('@').skip(1).any(|version| digits(version) >= 40)
        || uses.split('\n').any(is_digest)
}

/// What a workflow uses but for what stands beside it in the repository.
pub(super) fn used(path: &RepoPath, workflow: &Workflow) -> Vec<Dependency> {
    let mut found = Vec::new();
    for job in &workflow.jobs {
        let uses = job.calls.iter().chain(job.steps.iter().filter_map(|step| step.uses()));
        found.extend(uses.filter(|uses| !uses.text.is_empty() && !uses.text.starts_with("./")).map(|uses| dependency(path, uses)));
    }
    found
}

fn dependency(path: &RepoPath, uses: &Placed) -> Dependency {
    let name = &uses.text;
    let pinned = is_pinned(name);
    let is = if pinned { "is" } else { "is not" };
    let message = if is_own(name) {
        format!("{name} is part of this repository, which ossf/scorecard counts as not pinned")
    } else if name.starts_with(IMAGE_SCHEME) {
        format!("{name} {is} named by a digest")
    } else {
        format!("{name} {is} named by a commit")
    };
    Dependency {
        kind: Kind::Action,
        pinned,
        github: name.starts_with("actions/") || name.starts_with("github/"),
        location: place(path, uses.line).with_snippet(name.as_bytes()),
        message,
        remedy: remedy(name).into(),
    }
}

const IMAGE_SCHEME: &str = "docker://";

/// Whether an action is named as one of the repository whose workflow runs. The reference does not know that form.
fn is_own(uses: &str) -> bool {
    uses.starts_with("$/") && !uses.contains('@')
}

/// What to write instead.
fn remedy(uses: &str) -> String {
    if is_own(uses) {
        return "There is nothing to pin: `$/` names this repository at the commit that runs.".to_owned();
    }
    if uses.starts_with("slsa-framework/slsa-github-generator/") {
        return "Leave it, if it names a whole version: the builders and generators of SLSA have to be named by a whole version, `@v1.2.3`, and \
                fail by a commit."
            .to_owned();
    }
    if let Some(image) = uses.strip_prefix(IMAGE_SCHEME) {
        let image = image.split('@').next().unwrap_or(image);
        return if is_plain(image) {
            format!("Write `uses: docker://{image}@sha256:<digest>`; `docker buildx imagetools inspect {image}` shows the digest.")
        } else {
            "Name the image by its digest: `uses: docker://IMAGE@sha256:<digest>`.".to_owned()
        };
    }
    let (action, version) = uses.split_once('@').unwrap_or((uses, ""));
    if !is_plain(action) || !is_plain(version) {
        return "Name the action by the 40 digits of a commit: `uses: OWNER/ACTION@<commit> # VERSION`.".to_owned();
    }
    let repository: String = action.split('/').take(2).collect::<Vec<_>>().join("/");
    // Of a tag with a message, the name alone would show the tag and not the commit.
    format!(
        "Write `uses: {action}@<commit> # {version}` with the 40 digits that \
         `git ls-remote https://github.com/{repository} {version} '{version}^{{}}'` shows, in the line with `^{{}}` if there is one. \
         Dependabot and Renovate keep both up to date."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_workflow_says_becomes_part_of_a_command_only_if_it_is_a_plain_name() {
        let remedy = |uses: &str| dependency(&RepoPath::from("w.yml"), &Placed { text: uses.to_owned(), line: 1 }).remedy;
        assert!(remedy("a/b@v1").contains("`git ls-remote https://github.com/a/b v1 'v1^{}'`"));
        assert!(remedy("docker://a/b:1").contains("inspect a/b:1`"));
        for uses in ["a/b@v1;reboot", "$/b@v1", "a/b@$(reboot)", "a/b", "-x/b@v1", "docker://a`reboot`", "docker://--x"] {
            assert!(!remedy(uses).contains("ls-remote") && !remedy(uses).contains("inspect"), "{uses}");
        }
    }

    #[test]
    fn a_whole_hash_pins() {
        let commit = "4d5c1e7a90bb6f23d8e41c0f5a7b92e3c6d81f04";
        let digest = format!("{commit}{}", &commit[..24]);
        for uses in [
            format!("a/b@{commit}"),
            format!("a/b@{commit}a-x"),
            format!("a/b@{}", commit.to_uppercase()),
            format!("docker://a@sha256:{digest}"),
            format!("docker://a@{commit}"),
            "../x".into(),
            ".github/x".into(),
            ".é/é".into(),
            ".a\n".into(),
            format!("docker://docker://a@sha256:x@sha256:{digest}"),
        ] {
            assert!(is_pinned(&uses), "{uses}");
        }
        for uses in [
            "a/b".to_owned(),
            "a/b@v1".into(),
            format!("a/b@{}", &commit[1..]),
            format!("a/b@v1-{commit}"),
            format!("a/b@sha256:{digest}"),
            format!("docker://a@sha256:{}", &digest[1..]),
            "docker://a:1".into(),
            format!("docker://a\n@sha256:{digest}"),
            format!("@sha256:{digest}docker://"),
            ".".into(),
            ".a".into(),
            ".a//".into(),
            ".\nab".into(),
        ] {
            assert!(!is_pinned(&uses), "{uses}");
        }
    }
}
