//! The facts of all files, put together as evidence: each kind as far as it is within its bounds.

use std::sync::Arc;

use super::{FileFacts, LONGEST_SOURCE, Reading, Search, Weighed};
use crate::evidence::{
    Annotations, BinaryFile, BuildMark, Cause, DockerfileFile, Evidence, Facet, Fact, FileEntry, Files, FuzzMark, Fuzzing, LookedAt,
    Project, SecurityPolicy, ShellFile, Source, Text, WorkflowContent, WorkflowFile,
};
use crate::parse::packages::{self, Manifest};
use crate::parse::{annotations, policy};
use crate::path::{self, RepoPath};

impl Reading {
    /// Writes what was read into the evidence. `facts` holds those of the files that gave any, with their place in
    /// `files`, in ascending order; equal files may share them, as a tree can name one file a million times.
    pub fn evidence(&self, mut files: Files, facts: Vec<(usize, Arc<FileFacts>)>, evidence: &mut Evidence) {
        evidence.sources = if self.with_sources { sources(&mut files, &facts) } else { Vec::new() };
        let mut kept = Kept::default();
        // Once through all, since most of the time goes into waiting for what another thread has written.
        for (index, facts) in facts {
            kept.take(&mut files.entries[index], index, facts);
        }
        if let Some((first, others)) = kept.cut {
            let path = &files.entries[first].path;
            let files_too = if others == 0 { String::new() } else { format!(" and {others} other files") };
            let note = format!("{path}{files_too}: only the first {} marks of fuzzing were kept", Search::MOST);
            files.looked_at.notes.push(note);
        }
        if self.wants(Facet::Binaries) {
            files.looked_at.note_cut("binaries", kept.all_binaries);
            evidence.binaries = Fact::known(kept.binaries);
        }
        if self.wants(Facet::Fuzzing) {
            files.looked_at.note_cut("marks of fuzzing", kept.all_marks);
            evidence.fuzzing = Fact::known(Fuzzing { clusterfuzzlite: kept.clusterfuzzlite, marks: kept.marks });
        }
        if self.wants(Facet::SecurityPolicy) {
            evidence.security_policy = Fact::Known(Arc::new(security_policy(&files, &kept.texts)));
        }
        if self.wants(Facet::Annotations) {
            evidence.annotations = Fact::known(first_annotations(&files, &kept.texts));
        }
        if self.wants(Facet::Workflows) {
            evidence.workflows = Fact::known(kept.workflows);
        }
        if self.wants(Facet::WrapperChecks) {
            evidence.wrapper_checks = Fact::known(kept.wrapper_checks);
        }
        if self.wants(Facet::BuildFiles) {
            evidence.build_files = Fact::known(kept.build_files);
        }
        if self.wants(Facet::ShellScripts) {
            evidence.shell_scripts = Fact::known(kept.shell_scripts);
        }
        if self.wants(Facet::Dockerfiles) {
            evidence.dockerfiles = Fact::known(kept.dockerfiles);
        }
        if self.wants(Facet::ProjectFiles) {
            evidence.projects = Fact::known(kept.projects);
        }
        if self.wants(Facet::Packages) {
            evidence.packages = Fact::known(packages::inventory(&files, kept.manifests));
        }
        evidence.files = Fact::known(files);
    }
}

/// What is kept of all files, each kind in their order and within its bounds.
#[derive(Default)]
struct Kept {
    /// The first file that has more marks of fuzzing than are kept, and how many others have.
    cut: Option<(usize, usize)>,
    all_binaries: usize,
    binaries: Vec<BinaryFile>,
    all_marks: usize,
    marks: Vec<FuzzMark>,
    clusterfuzzlite: bool,
    workflow_bytes: u64,
    workflows: Vec<WorkflowFile>,
    wrapper_checks: Vec<RepoPath>,
    build_files: Vec<BuildMark>,
    script_bytes: Taken,
    shell_scripts: Vec<ShellFile>,
    dockerfile_bytes: Taken,
    dockerfiles: Vec<DockerfileFile>,
    project_bytes: Taken,
    projects: Vec<Project>,
    manifests: Vec<(usize, Manifest)>,
    /// The files with a policy or annotations, among which one is chosen.
    texts: Vec<(usize, Arc<FileFacts>)>,
}

impl Kept {
    /// Takes what one file gave. Only what equal files share is copied.
    fn take(&mut self, entry: &mut FileEntry, index: usize, mut facts: Arc<FileFacts>) {
        if facts.cut {
            self.cut = Some(self.cut.map_or((index, 0), |(first, others)| (first, others + 1)));
        }
        if let Some((format, sign)) = facts.binary {
            self.all_binaries += 1;
            if self.binaries.len() < LookedAt::MOST {
                self.binaries.push(BinaryFile { path: entry.path.clone(), format: format.to_owned(), sign });
            }
        }
        self.all_marks += facts.marks.len();
        let marks = facts.marks.iter().take(LookedAt::MOST.saturating_sub(self.marks.len()));
        self.marks.extend(marks.map(|(line, text)| FuzzMark { path: entry.path.clone(), line: *line, text: text.clone() }));
        self.clusterfuzzlite |= facts.instructions;
        if facts.validates_wrappers && self.wrapper_checks.len() < LookedAt::MOST {
            self.wrapper_checks.push(entry.path.clone());
        }
        if let Some((sign, line, end_line, text)) = facts.build.as_ref().filter(|_| self.build_files.len() < LookedAt::MOST) {
            let (path, text) = (entry.path.clone(), text.clone());
            self.build_files.push(BuildMark { path, sign: *sign, line: *line, end_line: *end_line, text });
        }
        if let Some(workflow) = &facts.workflow {
            self.workflow(entry, workflow);
        }
        if let Some(script) = self.script_bytes.take(entry, &mut facts, |facts| &facts.shell, |facts| &mut facts.shell) {
            self.shell_scripts.push(ShellFile { path: entry.path.clone(), script });
        }
        if let Some(content) = self.dockerfile_bytes.take(entry, &mut facts, |facts| &facts.dockerfile, |facts| &mut facts.dockerfile) {
            self.dockerfiles.push(DockerfileFile { path: entry.path.clone(), content });
        }
        if let Some(says) = self.project_bytes.take(entry, &mut facts, |facts| &facts.project, |facts| &mut facts.project) {
            self.projects.push(Project { path: entry.path.clone(), says });
        }
        if facts.manifest.is_some() {
            let manifest = match Arc::get_mut(&mut facts) {
                Some(own) => own.manifest.take(),
                None => facts.manifest.clone(),
            };
            self.manifests.extend(manifest.map(|manifest| (index, manifest)));
        }
        if facts.policy.is_some() || facts.annotations.is_some() {
            self.texts.push((index, facts));
        }
    }

    /// A workflow, as far as it is within bounds; others count as files that could not be read.
    fn workflow(&mut self, entry: &mut FileEntry, (has_commands, content): &(bool, WorkflowContent)) {
        let bytes = self.workflow_bytes.saturating_add(entry.size.unwrap_or(0));
        if bytes > LONGEST_WORKFLOWS {
            entry.gap = Some(Cause::LimitReached { bound: format!("{} MiB of workflows", LONGEST_WORKFLOWS >> 20) });
        } else {
            self.workflow_bytes = bytes;
            self.workflows.push(WorkflowFile { path: entry.path.clone(), has_commands: *has_commands, content: content.clone() });
        }
    }
}

/// How much of workflows is kept, in bytes of their files.
const LONGEST_WORKFLOWS: u64 = 64 << 20;

/// How much is kept of shell scripts, how much of Dockerfiles, and how much of project files, in bytes.
const MOST_COMMANDS: usize = 32 << 20;

/// How much of a kind is taken, in bytes.
#[derive(Default)]
struct Taken(usize);

impl Taken {
    /// Takes what was found in a file of the kind, as far as it is within bounds; others count as files that could not be
    /// read, as do those that are too long by themselves. Only what equal files share is copied.
    fn take<T: Clone>(
        &mut self,
        entry: &mut FileEntry,
        facts: &mut Arc<FileFacts>,
        part: impl Fn(&FileFacts) -> &Option<Option<Weighed<T>>>,
        part_mut: impl Fn(&mut FileFacts) -> &mut Option<Option<Weighed<T>>>,
    ) -> Option<T> {
        let Some(content) = part(facts).as_ref()? else {
            entry.gap = Some(Cause::LimitReached { bound: format!("{} MiB for such a file", LONGEST_SOURCE >> 20) });
            return None;
        };
        if content.weight > MOST_COMMANDS - self.0 {
            entry.gap = Some(Cause::LimitReached { bound: format!("{} MiB of commands", MOST_COMMANDS >> 20) });
            return None;
        }
        self.0 += content.weight;
        let content = match Arc::get_mut(facts) {
            Some(own) => part_mut(own).take(),
            None => part(facts).clone(),
        };
        content.flatten().map(|weighed| weighed.content)
    }
}

/// The longest texts of all files together that are kept, in bytes.
const LONGEST_SOURCES: usize = 64 << 20;

/// Takes the texts that were kept, as far as they are within bounds.
fn sources(files: &mut Files, facts: &[(usize, Arc<FileFacts>)]) -> Vec<Source> {
    let (mut kept, mut left_out, mut room) = (Vec::new(), 0_usize, LONGEST_SOURCES);
    for (index, facts) in facts {
        let Some(text) = &facts.source else { continue };
        if text.len() > LONGEST_SOURCE.min(room) {
            left_out += 1;
            continue;
        }
        room -= text.len();
        kept.push(Source { path: files.entries[*index].path.clone(), text: Text(text.clone()) });
    }
    if left_out > 0 {
        let (one, all) = (LONGEST_SOURCE >> 20, LONGEST_SOURCES >> 20);
        files
            .looked_at
            .notes
            .push(format!("the texts of {left_out} files were not kept: at most {one} MiB of one and {all} MiB in all are"));
    }
    kept
}

/// The annotations of the first file, in the order of the places, that holds any.
fn first_annotations(files: &Files, facts: &[(usize, Arc<FileFacts>)]) -> Option<Annotations> {
    let path_of = |index: usize| &files.entries[index].path;
    let found = facts.iter().filter(|(_, facts)| facts.annotations.is_some());
    let (index, facts) = found.min_by_key(|(index, _)| annotations::rank(path_of(*index).as_bytes()))?;
    let (groups, dropped) = match facts.annotations.clone()? {
        Ok(groups) => (groups, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    Some(Annotations { path: path_of(*index).clone(), groups, dropped })
}

/// The first file in an accepted place, with the text that the reference reads for it.
fn security_policy(files: &Files, facts: &[(usize, Arc<FileFacts>)]) -> Option<SecurityPolicy> {
    let texts = || facts.iter().filter_map(|(index, facts)| Some((&files.entries[*index].path, facts.policy.as_ref()?)));
    let (found, own) = texts().find(|(path, _)| policy::is_place(path.as_bytes()))?;
    // The reference lists the files again with the policy's path as a pattern, which matches whole paths and names.
    let pattern = path::lower(found.as_bytes());
    let matches = |path: &RepoPath| {
        !path::is_test_data(path.as_bytes()) && (path::lower(path.as_bytes()) == pattern || path::lower(path.name()) == pattern)
    };
    let (read_from, text) = texts().find(|(path, _)| matches(path)).unwrap_or((found, own));
    Some(SecurityPolicy { path: found.clone(), read_from: read_from.clone(), text: text.clone() })
}
