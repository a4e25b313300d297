//! By which shell a step of a workflow is run.

use std::sync::LazyLock;

use regex::RegexSet;

use super::address::base;
use super::words::same;
use crate::evidence::Job;

static ON_WINDOWS: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r#"(?i)runner\.os\s*==\s*['"]windows['"]"#,
        r#"(?i)\$\{\{\s*startsWith\(runner\.os,\s*['"]windows['"]\)"#,
        r#"(?i)matrix\.os\s*==\s*['"]windows-"#,
    ])
    .expect("the expressions are tested")
});

fn is_on_windows(condition: &str) -> bool {
    // Few conditions name it, and the expressions take longer to build than all workflows to judge.
    let is_named = condition.as_bytes().windows(6).any(|word| word.eq_ignore_ascii_case(b"window"));
    is_named && ON_WINDOWS.is_match(condition)
}

/// Whether the script of a step is one of a shell that is read; nothing if the systems on which its job runs are not known.
pub(super) fn is_read(job: &Job, condition: Option<&str>, shell: Option<&str>) -> Option<bool> {
    let named = shell.filter(|shell| !shell.is_empty()).or(job.shell.as_deref().filter(|shell| !shell.is_empty()));
    if let Some(shell) = named {
        return Some(["sh", "bash", "mksh"].iter().any(|name| same(base(shell), name)));
    }
    if condition.is_some_and(is_on_windows) {
        return Some(false);
    }
    let by_matrix = matches!(&job.runs_on[..], [label] if label.contains("matrix.os"));
    let labels = if by_matrix { &job.matrix_os } else { &job.runs_on };
    if by_matrix && labels.is_empty() {
        return None;
    }
    let is_windows = |label: &String| {
        let label = label.trim_matches(|c| matches!(c, '\'' | '"'));
        label.get(..7).is_some_and(|start| same(start, "windows"))
    };
    // No label is a label of Windows, as in the reference.
    Some(!labels.iter().all(is_windows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_decides_then_the_job_then_the_system() {
        let job = |labels: &[&str], systems: &[&str], shell: Option<&str>| Job {
            runs_on: labels.iter().map(ToString::to_string).collect(),
            matrix_os: systems.iter().map(ToString::to_string).collect(),
            shell: shell.map(str::to_owned),
            ..Job::default()
        };
        let linux = job(&["ubuntu-latest"], &[], None);
        let matrix = |systems: &[&str]| job(&["${{ matrix.os }}"], systems, None);
        assert_eq!(is_read(&linux, None, None), Some(true));
        assert_eq!(is_read(&linux, None, Some("/bin/BASH")), Some(true));
        assert_eq!(is_read(&linux, None, Some("bash -e {0}")), Some(false));
        assert_eq!(is_read(&job(&["ubuntu-latest"], &[], Some("pwsh")), None, None), Some(false));
        assert_eq!(is_read(&linux, Some("!(runner.os == 'Windows')"), None), Some(false));
        assert_eq!(is_read(&linux, Some("${{ startsWith(runner.os, 'windows') }}"), None), Some(false));
        assert_eq!(is_read(&linux, Some("matrix.os == 'windows-2022'"), None), Some(false));
        assert_eq!(is_read(&linux, Some("runner.os == 'WINDOW\u{17f}'"), None), Some(false));
        assert_eq!(is_read(&linux, Some("runner.os == 'Linux'"), None), Some(true));
        assert_eq!(is_read(&job(&[], &[], None), None, None), Some(false));
        assert_eq!(is_read(&job(&["Windows-2022"], &[], None), None, None), Some(false));
        assert_eq!(is_read(&job(&[""], &[], None), None, None), Some(true));
        assert_eq!(is_read(&matrix(&["windows-2022", "ubuntu-24.04"]), None, None), Some(true));
        assert_eq!(is_read(&matrix(&["'windows-2022'"]), None, None), Some(false));
        assert_eq!(is_read(&matrix(&[]), None, None), None);
    }
}
