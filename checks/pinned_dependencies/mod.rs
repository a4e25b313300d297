#![doc = include_str!("README.md")]

mod actions;
mod address;
mod commands;
mod downloads;
mod images;
mod nuget;
mod packages;
mod score;
mod shells;
mod words;

use commands::{Extent, Trouble, Walk};
use rayon::prelude::*;

use crate::Id;
use crate::check::{AnsweredBy, Check, CheckMeta, Risk, Verdict};
use crate::evidence::{
    Action, Cause, DockerfileContent, DockerfileFile, Evidence, Facet, Gap, Job, Project, ProjectSays, ShellFile, WorkflowFile,
};
use crate::finding::{Effort, Finding, Location, LocationKind, Outcome, Remediation, carry};
use crate::parse::{has_script_name, is_dockerfile, is_workflow, read_commands};
use crate::path::{self, RepoPath};
use crate::probe::{MOST_FINDINGS, Probe, ProbeMeta};
use crate::workflow::{broken, unseen};

/// Whether the tools of the build are pinned by hash.
pub struct PinnedDependencies;

static CHECK: CheckMeta = CheckMeta {
    name: "Pinned-Dependencies",
    risk: Risk::Medium,
    short: "Are the tools of the build pinned by hash?",
    answered_by: AnsweredBy::Files,
    readme: include_str!("README.md"),
};

static PINS: ProbeMeta = ProbeMeta {
    id: "pinsDependencies",
    question: "what the build fetches is named by a hash of its content",
    good: Some(Outcome::True),
    remedy: "Name what the build fetches by a hash of its content.",
    effort: Effort::Low,
    needs: &[Facet::Workflows, Facet::ShellScripts, Facet::Dockerfiles, Facet::ProjectFiles],
    uses: &[],
};

/// What kind of thing a build fetches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Action,
    Image,
    Download,
    Go,
    Choco,
    Npm,
    Pip,
    NuGet,
}

impl Kind {
    const ALL: [Self; 8] = [Self::Action, Self::Image, Self::Download, Self::Go, Self::Choco, Self::Npm, Self::Pip, Self::NuGet];

    /// The name, as the reference has it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Action => "GitHubAction",
            Self::Image => "containerImage",
            Self::Download => "downloadThenRun",
            Self::Go => "goCommand",
            Self::Choco => "chocoCommand",
            Self::Npm => "npmCommand",
            Self::Pip => "pipCommand",
            Self::NuGet => "nugetCommand",
        }
    }
}

/// Something that a build fetches.
#[derive(Clone, Debug)]
struct Dependency {
    kind: Kind,
    pinned: bool,
    /// An action of GitHub itself.
    github: bool,
    location: Location,
    message: String,
    remedy: Id,
}

impl Check for PinnedDependencies {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&Pins]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        score::verdict(findings)
    }
}

struct Pins;

/// A place in a file; the reference counts some lines from 0.
fn place(path: &RepoPath, line: u32) -> Location {
    let location = Location::file(path, LocationKind::Source);
    if line > 0 { location.at(line) } else { location }
}

impl Probe for Pins {
    fn meta(&self) -> &ProbeMeta {
        &PINS
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let facts =
            || Ok((evidence.workflows.get()?, evidence.dockerfiles.get()?, evidence.shell_scripts.get()?, evidence.projects.get()?));
        let (workflows, dockerfiles, scripts, projects) = match facts() {
            Ok(facts) => facts,
            Err(gap) => return vec![PINS.unanswered(gap)],
        };
        let mut all = All::default();
        all.read(workflows, All::workflow);
        all.read(dockerfiles, All::dockerfile);
        all.read(scripts, All::script);
        let broken = nuget::reconsider(&mut all.found, projects);
        all.others.extend(broken.into_iter().filter_map(broken_project));
        all.findings(evidence)
    }
}

/// How many files are judged in parallel before it is asked whether there is room for more findings.
const AT_ONCE: usize = 256;

#[derive(Default)]
struct All {
    found: Vec<Dependency>,
    /// About files that could not be read.
    others: Vec<Finding>,
}

impl All {
    /// Whether more is found than is kept.
    fn is_full(&self) -> bool {
        self.found.len() + self.others.len() > MOST_FINDINGS
    }

    /// Takes what files give, in their order, until more is found than is kept.
    fn read<T: Sync>(&mut self, files: &[T], read: impl Fn(&mut Self, &T) + Sync) {
        for some in files.chunks(AT_ONCE) {
            if self.is_full() {
                return;
            }
            let of = |file| {
                let mut all = Self::default();
                read(&mut all, file);
                all
            };
            for file in some.par_iter().map(of).collect::<Vec<_>>() {
                if self.is_full() {
                    return;
                }
                self.found.extend(file.found);
                self.others.extend(file.others);
            }
        }
    }

    fn take(&mut self, path: &RepoPath, walk: Walk<'_>, trouble: impl Fn(&RepoPath, Trouble) -> Finding) {
        self.found.extend(walk.found);
        self.others
            .extend(walk.troubles.into_iter().map(|one| if one.extent == Extent::Said { said(path, &one) } else { trouble(path, one) }));
    }

    fn workflow(&mut self, file: &WorkflowFile) {
        if !file.has_commands {
            return;
        }
        let Some(workflow) = file.workflow() else {
            self.others.extend(broken(&PINS, file));
            return;
        };
        // The reference looks for actions only below this spelling.
        if file.path.as_bytes().starts_with(b".github/workflows/") {
            self.found.extend(actions::used(&file.path, workflow));
        }
        for job in &workflow.jobs {
            self.job(&file.path, job);
        }
    }

    fn job(&mut self, path: &RepoPath, job: &Job) {
        let mut walk = Walk::new(path);
        for step in &job.steps {
            let Action::Run { script, shell } = &step.action else { continue };
            match shells::is_read(job, step.condition.as_deref(), shell.as_deref()) {
                Some(true) if !script.text.is_empty() => {
                    walk.text(&read_commands(without_expressions(&script.text).as_bytes()), script.line, 0)
                }
                Some(_) => {}
                None => {
                    let why = format!("the systems on which the job {} runs are not known", job.id);
                    walk.troubles.push(Trouble { line: step.line, why, extent: Extent::Said });
                }
            }
        }
        self.take(path, walk, |_, trouble| Finding::new(PINS.id, Outcome::NotSupported, trouble.why));
    }

    fn dockerfile(&mut self, file: &DockerfileFile) {
        let path = &file.path;
        let (images, runs) = match &file.content {
            DockerfileContent::Instructions { images, runs } => (images, runs),
            DockerfileContent::Broken { line, why } => {
                self.others.push(fatal(path, *line, &format!("no Dockerfile: {why}")));
                return;
            }
        };
        self.found.extend(images::images(path, images));
        let mut walk = Walk::new(path);
        for run in runs {
            walk.text(&run.script, run.line.saturating_sub(1), run.further);
        }
        self.take(path, walk, |path, trouble| fatal(path, trouble.line.saturating_add(1), &trouble.why));
    }

    fn script(&mut self, file: &ShellFile) {
        let mut walk = Walk::new(&file.path);
        walk.text(&file.script, 0, 0);
        // Where the reference gives up, it gives up the scripts that follow as well. Here each stands for itself.
        self.take(&file.path, walk, |path, trouble| said(path, &trouble));
    }

    fn findings(self, evidence: &Evidence) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.found.into_par_iter().with_min_len(64).map(finding).collect();
        findings.extend(self.others);
        if findings.is_empty() {
            findings.push(Finding::new(PINS.id, Outcome::NotApplicable, "nothing that a build fetches was found"));
        }
        let mut unread = unseen(evidence);
        unread.extend(unread_files(evidence));
        carry(&mut findings, unread);
        findings
    }
}

fn finding(dependency: Dependency) -> Finding {
    let outcome = if dependency.pinned { Outcome::True } else { Outcome::False };
    let mut finding =
        Finding::new(PINS.id, outcome, dependency.message).at(dependency.location).value("dependencyType", dependency.kind.as_str());
    if dependency.kind == Kind::Action {
        finding = finding.value("owner", if dependency.github { "GitHub" } else { "third party" });
    }
    if !dependency.pinned {
        finding.remediation = Some(Remediation { text: dependency.remedy, effort: Effort::Low });
    }
    finding
}

/// A text that cannot be read, and that does not prevent a score.
fn said(path: &RepoPath, trouble: &Trouble) -> Finding {
    Finding::new(PINS.id, Outcome::Error, trouble.why.clone()).at(place(path, trouble.line))
}

/// A file that cannot be read, and without which there is no score.
fn fatal(path: &RepoPath, line: u32, why: &str) -> Finding {
    let gap = Gap::of_files(Facet::Dockerfiles, [(path, &Cause::Failed { why: why.to_owned() })]);
    Finding::new(PINS.id, Outcome::Error, why).at(place(path, line)).without(gap)
}

/// A project file that cannot be read, and that does not count. The reference has a warning for it, and no finding.
fn broken_project(project: &Project) -> Option<Finding> {
    let ProjectSays::Broken { line, why, .. } = &project.says else { return None };
    let message = format!("{} is no project file that can be read ({why})", project.path);
    let mut finding = Finding::new(PINS.id, Outcome::Error, message).at(place(&project.path, *line));
    finding.extended = true;
    Some(finding)
}

/// A script with the expressions of the workflow replaced by a word. Braces in an expression keep it from being one.
fn without_expressions(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(start) = rest.find("{{") {
        let inner = &rest[start + 2..];
        match inner.find(['{', '}']) {
            Some(end) if inner[end..].starts_with("}}") => {
                out.push_str(&rest[..start]);
                out.push_str("GITHUB_REDACTED_VAR");
                rest = &inner[end + 2..];
            }
            // Of three braces the last two may open one.
            _ => {
                out.push_str(&rest[..=start]);
                rest = &rest[start + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The scripts, Dockerfiles and project files that were not seen, though they may be there. A file of another name may
/// be a script, but then nearly always without an ending.
fn unread_files(evidence: &Evidence) -> Vec<Gap> {
    let Ok(files) = evidence.files.get() else { return Vec::new() };
    let counts = |file: &[u8]| !path::is_test_data(file) && !is_workflow(file);
    let mut gaps = Gap::of_files(Facet::Dockerfiles, files.unread(|file| counts(file) && is_dockerfile(file)));
    let is_script = |file: &[u8]| counts(file) && !is_dockerfile(file) && (has_script_name(file) || path::extension(file).is_empty());
    gaps.extend(Gap::of_files(
        Facet::ShellScripts,
        files.unread(is_script).chain(files.unlisted(|folder| !matches!(folder, b".github" | b".github/workflows"))),
    ));
    gaps
}

/// Whether a name from a scanned file may become part of a command that a reader is told to run: it can be nothing but
/// a name.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/-".contains(&byte);
    !name.is_empty() && !name.starts_with('-') && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_become_words() {
        for (script, want) in [
            ("a ${{ b }} c", "a $GITHUB_REDACTED_VAR c"),
            ("{{a}}{{\n}}", "GITHUB_REDACTED_VARGITHUB_REDACTED_VAR"),
            ("${{ f('{0}') }}", "${{ f('{0}') }}"),
            ("{{{a}}}", "{GITHUB_REDACTED_VAR}"),
            ("{{ a } }}", "{{ a } }}"),
            ("{{", "{{"),
            ("é{{é}}", "éGITHUB_REDACTED_VAR"),
        ] {
            assert_eq!(without_expressions(script), want);
        }
    }
}
