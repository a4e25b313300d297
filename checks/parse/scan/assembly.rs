//! The facts of all files, put together as evidence: each kind as far as it is within its bounds.

use std::sync::Arc;

use super::{FileFacts, LONGEST_SOURCE, Reading, Search, Weighed};
use crate::evidence::{
    Annotations, BinaryFile, BuildMark, Cause, DockerfileFile, Evidence, Facet, Fact, Files, FuzzMark, Fuzzing, LookedAt, Project,
    SecurityPolicy, ShellFile, Source, Text, WorkflowFile,
};
use crate::parse::{annotations, packages, policy};
use crate::path::{self, RepoPath};

impl Reading {
    /// Writes what was read into the evidence. `facts` holds those of the files that gave any, with their place in
    /// `files`, in ascending order; equal files may share them, as a tree can name one file a million times.
    pub fn evidence(&self, mut files: Files, mut facts: Vec<(usize, Arc<FileFacts>)>, evidence: &mut Evidence) {
        let facts = &mut facts[..];
        evidence.sources = sources(&mut files, facts);
        let mut cut = facts.iter().filter(|(_, facts)| facts.cut);
        if let Some((first, _)) = cut.next() {
            let (path, others) = (&files.entries[*first].path, cut.count());
            let files_too = if others == 0 { String::new() } else { format!(" and {others} other files") };
            let note = format!("{path}{files_too}: only the first {} marks of fuzzing were kept", Search::MOST);
            files.looked_at.notes.push(note);
        }
        if self.wants(Facet::Binaries) {
            let all = facts.iter().filter(|(_, facts)| facts.binary.is_some()).count();
            files.looked_at.note_cut("binaries", all);
            let binaries = facts.iter().filter_map(|(index, facts)| {
                let (format, sign) = facts.binary?;
                Some(BinaryFile { path: files.entries[*index].path.clone(), format: format.to_owned(), sign })
            });
            evidence.binaries = Fact::known(binaries.take(LookedAt::MOST).collect());
        }
        if self.wants(Facet::Fuzzing) {
            files.looked_at.note_cut("marks of fuzzing", facts.iter().map(|(_, facts)| facts.marks.len()).sum());
            let marks = facts.iter().flat_map(|(index, facts)| {
                let path = &files.entries[*index].path;
                facts.marks.iter().map(|(line, text)| FuzzMark { path: path.clone(), line: *line, text: text.clone() })
            });
            let clusterfuzzlite = facts.iter().any(|(_, facts)| facts.instructions);
            evidence.fuzzing = Fact::known(Fuzzing { clusterfuzzlite, marks: marks.take(LookedAt::MOST).collect() });
        }
        if self.wants(Facet::SecurityPolicy) {
            evidence.security_policy = Fact::Known(Arc::new(security_policy(&files, facts)));
        }
        if self.wants(Facet::Annotations) {
            evidence.annotations = Fact::known(first_annotations(&files, facts));
        }
        if self.wants(Facet::Workflows) {
            evidence.workflows = Fact::known(workflows(&mut files, facts));
        }
        if self.wants(Facet::WrapperChecks) {
            let found = facts.iter().filter(|(_, facts)| facts.validates_wrappers);
            let paths = found.map(|(index, _)| files.entries[*index].path.clone());
            evidence.wrapper_checks = Fact::known(paths.take(LookedAt::MOST).collect());
        }
        if self.wants(Facet::BuildFiles) {
            let marks = facts.iter().filter_map(|(index, facts)| {
                let (sign, line, end_line, text) = facts.build.clone()?;
                Some(BuildMark { path: files.entries[*index].path.clone(), sign, line, end_line, text })
            });
            evidence.build_files = Fact::known(marks.take(LookedAt::MOST).collect());
        }
        if self.wants(Facet::ShellScripts) {
            let scripts = within_bounds(&mut files, facts, |facts| &facts.shell, |facts| &mut facts.shell);
            evidence.shell_scripts = Fact::known(scripts.into_iter().map(|(path, script)| ShellFile { path, script }).collect());
        }
        if self.wants(Facet::Dockerfiles) {
            let dockerfiles = within_bounds(&mut files, facts, |facts| &facts.dockerfile, |facts| &mut facts.dockerfile);
            evidence.dockerfiles = Fact::known(dockerfiles.into_iter().map(|(path, content)| DockerfileFile { path, content }).collect());
        }
        if self.wants(Facet::ProjectFiles) {
            let projects = within_bounds(&mut files, facts, |facts| &facts.project, |facts| &mut facts.project);
            evidence.projects = Fact::known(projects.into_iter().map(|(path, says)| Project { path, says }).collect());
        }
        if self.wants(Facet::Packages) {
            // Only what equal files share is copied.
            let take = |facts: &mut Arc<FileFacts>| match Arc::get_mut(facts) {
                Some(own) => own.manifest.take(),
                None => facts.manifest.clone(),
            };
            let read = facts.iter_mut().filter_map(|(index, facts)| Some((*index, take(facts)?))).collect();
            evidence.packages = Fact::known(packages::inventory(&files, read));
        }
        evidence.files = Fact::known(files);
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

/// How much of workflows is kept, in bytes of their files.
const LONGEST_WORKFLOWS: u64 = 64 << 20;

/// The workflows, as far as they are within bounds; the others count as files that could not be read.
fn workflows(files: &mut Files, facts: &[(usize, Arc<FileFacts>)]) -> Vec<WorkflowFile> {
    let mut kept = Vec::new();
    let mut room = LONGEST_WORKFLOWS;
    for (index, facts) in facts {
        let Some((has_commands, content)) = &facts.workflow else { continue };
        let entry = &mut files.entries[*index];
        match room.checked_sub(entry.size.unwrap_or(0)) {
            Some(left) => {
                room = left;
                kept.push(WorkflowFile { path: entry.path.clone(), has_commands: *has_commands, content: content.clone() });
            }
            None => entry.gap = Some(Cause::LimitReached { bound: format!("{} MiB of workflows", LONGEST_WORKFLOWS >> 20) }),
        }
    }
    kept
}

/// How much is kept of shell scripts, and how much of Dockerfiles, in bytes.
const MOST_COMMANDS: usize = 32 << 20;

/// Takes what was found in files of a kind, as far as it is within bounds; the others count as files that could not be
/// read, as do those that are too long by themselves. Only what equal files share is copied.
fn within_bounds<T: Clone>(
    files: &mut Files,
    facts: &mut [(usize, Arc<FileFacts>)],
    part: impl Fn(&FileFacts) -> &Option<Option<Weighed<T>>>,
    part_mut: impl Fn(&mut FileFacts) -> &mut Option<Option<Weighed<T>>>,
) -> Vec<(RepoPath, T)> {
    let (mut kept, mut room) = (Vec::new(), MOST_COMMANDS);
    for (index, facts) in facts {
        let entry = &mut files.entries[*index];
        let weight = match part(facts) {
            None => continue,
            Some(None) => {
                entry.gap = Some(Cause::LimitReached { bound: format!("{} MiB for such a file", LONGEST_SOURCE >> 20) });
                continue;
            }
            Some(Some(content)) => content.weight,
        };
        if weight > room {
            entry.gap = Some(Cause::LimitReached { bound: format!("{} MiB of commands", MOST_COMMANDS >> 20) });
        } else if weight > 0 {
            room -= weight;
            let content = match Arc::get_mut(facts) {
                Some(own) => part_mut(own).take(),
                None => part(facts).clone(),
            };
            kept.extend(content.flatten().map(|weighed| (entry.path.clone(), weighed.content)));
        }
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
