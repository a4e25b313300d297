//! The reading of files: which files a run wants, how far, and the facts that each one gives.
//!
//! Whoever holds the files lists them, asks [`Reading::interest`] once for each path, feeds what it reads into a
//! [`Scan`], and hands the facts to [`Reading::evidence`]. A file is read once, whatever the number of probes.

mod assembly;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::fuzz::{self, Search};
use super::packages::{self, Format, Manifest};
use super::{
    annotations, build, is_build_file, is_code_owners, is_directory_props, is_dockerfile, is_project_file, is_sbom, is_workflow,
    license_id, magic, policy, read_workflow, script, summary, update_tool, workflow,
};
use crate::evidence::{Annotation, DockerfileContent, Facet, PolicyText, ProjectSays, ShellText, Sign, WorkflowContent};
use crate::path::{self, RepoPath};

/// How far a file has to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Not at all.
    Skip,
    /// Only whether there is anything in it.
    Size,
    /// Its first [`HEAD`](super::HEAD) bytes.
    Head,
    /// All of it, in pieces if it is long.
    Whole,
}

/// What a run wants to know of one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interest(u32);

impl Interest {
    const NAME: u32 = 1;
    const HEAD: u32 = 2;
    const POLICY: u32 = 4;
    const INSTRUCTIONS: u32 = 8;
    const ANNOTATIONS: u32 = 16;
    const SOURCE: u32 = 32;
    const WORKFLOW: u32 = 64;
    const BUILD: u32 = 128;
    /// Its first line may make it a shell script.
    const SCRIPT: u32 = 256;
    /// Its name alone makes it a shell script, unless its first line says otherwise.
    const SCRIPT_NAME: u32 = 512;
    const DOCKERFILE: u32 = 1024;
    const PROJECT: u32 = 2048;
    const WRAPPER: u32 = 4096;
    /// The language to search for, plus one, stands from this bit on, and below the next.
    const LANGUAGE: u32 = 16;
    /// The number of the format in which the file names packages stands from this bit on.
    const FORMAT: u32 = 24;
    const LONGEST_POLICY: u64 = 4 << 20;

    const fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }

    fn language(self) -> Option<usize> {
        (self.0 >> Self::LANGUAGE & 0xff).checked_sub(1).map(|language| language as usize)
    }

    fn format(self) -> Option<Format> {
        Format::of_number(self.0 >> Self::FORMAT)
    }

    /// Whether the file is read for the packages that it names.
    #[must_use]
    pub const fn is_of_packages(self) -> bool {
        self.0 >> Self::FORMAT != 0
    }

    fn of_format(format: Format) -> Self {
        Self(format.number() << Self::FORMAT)
    }

    /// The longest that the file may be, in bytes, if there is a bound, because much of it is kept.
    #[must_use]
    pub fn longest(self) -> Option<u64> {
        if self.has(Self::ANNOTATIONS) {
            Some(annotations::LONGEST)
        } else if self.has(Self::WORKFLOW) {
            Some(workflow::LONGEST)
        } else if self.has(Self::BUILD) {
            Some(build::LONGEST)
        } else if self.has(Self::POLICY) {
            Some(Self::LONGEST_POLICY)
        } else {
            self.format().map(Format::longest)
        }
    }

    /// How far the file has to be read.
    #[must_use]
    pub fn depth(self) -> Depth {
        const WHOLE: u32 = Interest::POLICY
            | Interest::INSTRUCTIONS
            | Interest::ANNOTATIONS
            | Interest::WORKFLOW
            | Interest::BUILD
            | Interest::SCRIPT_NAME
            | Interest::DOCKERFILE
            | Interest::PROJECT
            | Interest::WRAPPER;
        if self.language().is_some() || self.has(WHOLE) || self.format().is_some() {
            Depth::Whole
        } else if self.has(Self::HEAD | Self::SCRIPT) {
            Depth::Head
        } else if self.has(Self::NAME) {
            Depth::Size
        } else {
            Depth::Skip
        }
    }
}

const _: () = assert!(Facet::FROM_FILES.len() <= u32::BITS as usize, "facets that come from files come first, a bit for each");

const fn bit(facet: Facet) -> u32 {
    1 << facet as u32
}

/// What a run wants to know of the files.
#[derive(Clone, Debug)]
pub struct Reading {
    /// A bit for each facet, since every path asks for all of them.
    wanted: u32,
    with_sources: bool,
}

/// The facts that the reading of one file gives.
#[derive(Clone, Debug, Default)]
pub struct FileFacts {
    binary: Option<(&'static str, Sign)>,
    marks: Vec<(u32, String)>,
    policy: Option<PolicyText>,
    instructions: bool,
    annotations: Option<Result<Vec<Annotation>, String>>,
    workflow: Option<(bool, WorkflowContent)>,
    validates_wrappers: bool,
    build: Option<build::Mark>,
    /// A shell script; nothing of one that is too long.
    shell: Option<Option<Weighed<ShellText>>>,
    dockerfile: Option<Option<Weighed<DockerfileContent>>>,
    project: Option<Option<Weighed<ProjectSays>>>,
    manifest: Option<Manifest>,
    source: Option<Vec<u8>>,
    /// There were more marks than are kept.
    cut: bool,
}

/// What is kept of a file, and how much that is, in bytes. It is weighed on the thread that read it.
#[derive(Clone, Debug)]
pub(super) struct Weighed<T> {
    pub(super) weight: usize,
    pub(super) content: T,
}

impl FileFacts {
    /// Whether the file gave none, as nearly all do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.binary.is_none()
            && self.marks.is_empty()
            && self.policy.is_none()
            && !self.instructions
            && self.annotations.is_none()
            && self.workflow.is_none()
            && !self.validates_wrappers
            && self.build.is_none()
            && self.shell.is_none()
            && self.dockerfile.is_none()
            && self.project.is_none()
            && self.manifest.is_none()
            && self.source.is_none()
    }

    /// Whether the file names packages, and so may name further files that do.
    #[must_use]
    pub const fn names_packages(&self) -> bool {
        self.manifest.is_some()
    }
}

/// Whether this is the file by which ClusterFuzzLite is set up.
#[must_use]
pub fn is_clusterfuzzlite(file: &[u8]) -> bool {
    file == b".clusterfuzzlite/Dockerfile"
}

impl Reading {
    /// A reading for those of the facets wanted that come from files; it may keep the texts that are read as a whole.
    #[must_use]
    pub fn new(wanted: &BTreeSet<Facet>, with_sources: bool) -> Self {
        let from_files = wanted.iter().filter(|facet| Facet::FROM_FILES.contains(facet));
        Self { with_sources, wanted: from_files.fold(0, |bits, facet| bits | bit(*facet)) }
    }

    const fn wants(&self, facet: Facet) -> bool {
        self.wanted & bit(facet) != 0
    }

    /// What this reading wants to know of a file that takes long, if it is one: workflows, and what names packages.
    #[must_use]
    pub fn interest_if_long(&self, file: &[u8]) -> Option<Interest> {
        let is_workflow = self.wants(Facet::Workflows) && is_workflow(file);
        (is_workflow || self.wants(Facet::Packages) && Format::of(file).is_some()).then(|| self.interest(file))
    }

    /// What this reading wants to know of a regular file. A path is classified here once, for all probes.
    #[must_use]
    pub fn interest(&self, file: &[u8]) -> Interest {
        let wants = |facet| self.wants(facet);
        let is_test_data = path::is_test_data(file);
        let mut bits = 0;
        let by_name =
            || license_id(file).is_some() || update_tool(file).is_some() || is_workflow(file) || is_code_owners(file) || is_sbom(file);
        if wants(Facet::Files) && by_name() {
            bits |= Interest::NAME;
        }
        if wants(Facet::SecurityPolicy) && (policy::is_place(file) || policy::is_namesake(file)) {
            bits |= Interest::POLICY;
        }
        if wants(Facet::Workflows) && is_workflow(file) {
            bits |= Interest::WORKFLOW;
        }
        if wants(Facet::WrapperChecks) && workflow::is_in_folder(file) {
            bits |= Interest::WRAPPER;
        }
        if wants(Facet::BuildFiles) && is_build_file(file) {
            bits |= Interest::BUILD;
        }
        if wants(Facet::ShellScripts) && !is_test_data {
            bits |= if script::has_script_name(file) { Interest::SCRIPT | Interest::SCRIPT_NAME } else { Interest::SCRIPT };
        }
        if wants(Facet::Dockerfiles) && is_dockerfile(file) && !is_test_data {
            bits |= Interest::DOCKERFILE;
        }
        if wants(Facet::ProjectFiles) && (is_project_file(file) || is_directory_props(file)) && !is_test_data {
            bits |= Interest::PROJECT;
        }
        if wants(Facet::Annotations) && annotations::rank(file).is_some() {
            bits |= Interest::ANNOTATIONS;
        }
        if wants(Facet::Fuzzing) && is_clusterfuzzlite(file) {
            bits |= Interest::INSTRUCTIONS;
        }
        if (wants(Facet::Binaries) || wants(Facet::Fuzzing)) && !is_test_data {
            if wants(Facet::Binaries) {
                bits |= Interest::HEAD;
            }
            if wants(Facet::Fuzzing)
                && let Some((language, _)) = fuzz::language_of(file)
            {
                bits |= (language as u32 + 1) << Interest::LANGUAGE;
            }
        }
        if wants(Facet::Packages)
            && let Some(format) = Format::of(file)
        {
            bits |= Interest::of_format(format).0;
        }
        if self.with_sources && (Interest(bits).depth() == Depth::Whole || bits & Interest::SCRIPT != 0) {
            bits |= Interest::SOURCE;
        }
        Interest(bits)
    }

    /// Which files have to be read because of what others say: each with its place in the list, and what is asked of it.
    /// To be asked again with what was read since, until there are none; the places in `facts` need no order. `known` is
    /// what was read or asked for already.
    pub fn follow<'a>(
        &self,
        facts: &'a [(usize, Arc<FileFacts>)],
        known: &mut HashSet<(usize, Interest)>,
        path_of: impl Fn(usize) -> &'a RepoPath,
        find: impl Fn(&RepoPath) -> Option<usize>,
    ) -> Vec<(usize, Interest)> {
        let read = || facts.iter().filter_map(|(place, facts)| Some((*place, facts.manifest.as_ref()?)));
        known.extend(read().map(|(place, manifest)| (place, Interest::of_format(manifest.format()))));
        let wanted = packages::follow(read().map(|(place, manifest)| (path_of(place), manifest))).into_iter();
        let wanted = wanted.filter_map(|(path, format)| Some((find(&path)?, Interest::of_format(format))));
        wanted.filter(|wanted| known.insert(*wanted)).collect()
    }
}

/// The longest text that is kept of one file, in bytes.
const LONGEST_SOURCE: usize = 1 << 20;

/// A line of this length or more is not read by the reference, nor is what follows.
pub(in crate::parse) const LONG_LINE: usize = 65_536;

/// The reading of one file.
pub struct Scan<'p> {
    path: &'p [u8],
    interest: Interest,
    /// Whether it may be a script.
    script: bool,
    depth: Depth,
    search: Option<Search>,
    instructions: Option<bool>,
    binary: Option<(&'static str, Sign)>,
    policy: Option<PolicyText>,
    /// The text so far, of a file that is parsed at its end and comes in pieces.
    text: Vec<u8>,
}

impl<'p> Scan<'p> {
    /// Begins with a file: its path, what is asked of it, and its first [`HEAD`](super::HEAD) bytes or more.
    #[must_use]
    pub fn new(path: &'p RepoPath, interest: Interest, head: &[u8]) -> Self {
        let script = interest.has(Interest::SCRIPT) && (interest.has(Interest::SCRIPT_NAME) || script::is_script(path.as_bytes(), head));
        Self {
            path: path.as_bytes(),
            script,
            depth: if script { Depth::Whole } else { interest.depth() },
            interest,
            search: interest.language().map(Search::new),
            instructions: None,
            binary: if interest.has(Interest::HEAD) { magic::binary(path.as_bytes(), head) } else { None },
            policy: None,
            text: Vec::new(),
        }
    }

    /// How far the file has to be read, now that its beginning is known.
    #[must_use]
    pub const fn depth(&self) -> Depth {
        self.depth
    }

    /// Reads a piece that is not the last, of a file that is asked for as a whole. Every piece ends with a line's end, or
    /// anywhere within a line that is longer than the caller's buffer.
    pub fn feed(&mut self, piece: &[u8]) {
        self.look(piece);
        let room = self.room();
        self.text.extend_from_slice(&piece[..piece.len().min(room)]);
    }

    /// Looks for what does not need all of the text.
    fn look(&mut self, piece: &[u8]) {
        if let Some(search) = &mut self.search {
            search.feed(piece);
        }
        if self.interest.has(Interest::POLICY) {
            let policy = self.policy.get_or_insert_default();
            policy.size += piece.len() as u64;
            policy::read(piece, policy);
        }
        if self.interest.has(Interest::INSTRUCTIONS) && self.instructions.is_none() {
            self.instructions = first_instruction(piece);
        }
    }

    /// How much of the text is still to be kept, in bytes.
    fn room(&self) -> usize {
        // One byte more than is kept tells that a text is too long.
        let keeps = Interest::ANNOTATIONS | Interest::SOURCE | Interest::WORKFLOW | Interest::WRAPPER | Interest::BUILD;
        let is_parsed = self.script || self.interest.has(keeps | Interest::DOCKERFILE | Interest::PROJECT);
        if self.interest.format().is_some() {
            usize::MAX
        } else if self.depth == Depth::Whole && is_parsed {
            LONGEST_SOURCE + 1 - self.text.len()
        } else {
            0
        }
    }

    /// Reads the last piece, which ends with the file, of one that is asked for as a whole; what the file gave.
    #[must_use]
    pub fn finish(mut self, last: &[u8]) -> FileFacts {
        let last = if self.depth == Depth::Whole { last } else { &[] };
        self.look(last);
        let last = &last[..last.len().min(self.room())];
        let text = if self.text.is_empty() {
            // Nearly all files are one piece.
            Cow::Borrowed(last)
        } else {
            self.text.extend_from_slice(last);
            Cow::Owned(std::mem::take(&mut self.text))
        };
        let mut facts =
            FileFacts { binary: self.binary, policy: self.policy, instructions: self.instructions == Some(true), ..FileFacts::default() };
        if self.interest.has(Interest::ANNOTATIONS) {
            facts.annotations = Some(annotations::read_annotations(&text));
        }
        if self.interest.has(Interest::BUILD) {
            facts.build = build::read(build::is_gitlab(self.path), &text);
        }
        if self.interest.has(Interest::WORKFLOW) {
            let content = match read_workflow(&text) {
                Ok(workflow) => WorkflowContent::Workflow(workflow),
                Err(error) => WorkflowContent::Broken { line: error.line, why: error.problem.to_owned() },
            };
            facts.workflow = Some((first_instruction(&text) == Some(true), content));
        }
        facts.validates_wrappers = self.interest.has(Interest::WRAPPER) && workflow::validates_wrappers(&text);
        // The first line may be longer than the head.
        let is_too_long = text.len() > LONGEST_SOURCE;
        if self.interest.has(Interest::SCRIPT) && self.script && script::is_script(self.path, &text) {
            facts.shell = if is_too_long { Some(None) } else { script::read(&text).map(Some) };
        }
        if self.interest.has(Interest::DOCKERFILE) {
            facts.dockerfile = if is_too_long { Some(None) } else { summary::read_dockerfile(self.path, &text).map(Some) };
        }
        if self.interest.has(Interest::PROJECT) {
            let project = || Weighed { weight: 64, content: summary::read_project(self.path, &text) };
            facts.project = Some((!is_too_long).then(project));
        }
        facts.manifest = self.interest.format().map(|format| packages::read(format, &text));
        if self.interest.has(Interest::SOURCE) && self.depth == Depth::Whole {
            facts.source = Some(text.into_owned());
        }
        if let Some(search) = self.search {
            facts.cut = search.hits.len() == Search::MOST;
            facts.marks = search.hits;
        }
        facts
    }
}

/// Whether the text "contains commands", as the reference asks: `Some(true)` at the first significant line,
/// `Some(false)` at a line too long to be read, `None` if neither is in this piece.
pub(super) fn first_instruction(mut text: &[u8]) -> Option<bool> {
    loop {
        let end = memchr::memchr(b'\n', text);
        let line = &text[..end.unwrap_or(text.len())];
        if line.len() >= LONG_LINE {
            return Some(false);
        }
        if is_significant(line) {
            return Some(true);
        }
        text = &text[end? + 1..];
    }
}

/// Whether a line is neither blank nor a comment.
fn is_significant(line: &[u8]) -> bool {
    match line.trim_ascii_start().first() {
        None | Some(b'#') => false,
        Some(0x21..0x80) => true,
        // White space that only Unicode knows, perhaps.
        Some(_) => {
            let line = String::from_utf8_lossy(line);
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::HEAD;

    #[test]
    fn instructions_are_lines_that_are_neither_blank_nor_comments() {
        for (text, want) in [
            ("", None),
            ("# FROM x\n\n \t\u{a0}\n", None),
            ("\u{a0}# x", None),
            ("# x\nFROM y\n", Some(true)),
            ("\u{feff}# x", Some(true)),
            ("# x\rFROM y", None),
        ] {
            assert_eq!(first_instruction(text.as_bytes()), want, "{text:?}");
        }
        let long = |n: usize| format!("#{}\nFROM x", "x".repeat(n - 1));
        assert_eq!(first_instruction(long(65_535).as_bytes()), Some(true));
        assert_eq!(first_instruction(long(65_536).as_bytes()), Some(false));
    }

    #[test]
    fn files_are_read_only_as_far_as_a_facet_wants() {
        let depth = |facets: &[Facet], path: &str| Reading::new(&facets.iter().copied().collect(), false).interest(path.as_bytes()).depth();
        let all = Facet::FROM_FILES;
        assert_eq!(depth(all, "src/main.rs"), Depth::Whole);
        assert_eq!(depth(all, "src/main.zig"), Depth::Head);
        assert_eq!(depth(all, "src/main.sh"), Depth::Whole);
        assert_eq!(depth(all, "testdata/main.rs"), Depth::Skip);
        assert_eq!(depth(all, ".clusterfuzzlite/Dockerfile"), Depth::Whole);
        assert_eq!(depth(&[Facet::Binaries], "src/main.rs"), Depth::Head);
        assert_eq!(depth(&[Facet::Files], "src/main.rs"), Depth::Skip);
        assert_eq!(depth(&[Facet::Files], "LICENSE"), Depth::Size);
        assert_eq!(depth(&[Facet::Files], "a/CODEOWNERS"), Depth::Size);
        assert_eq!(depth(&[Facet::SecurityPolicy], "a/SECURITY.md"), Depth::Whole);
        assert_eq!(depth(&[Facet::Metadata], "LICENSE"), Depth::Skip);
    }

    #[test]
    fn a_head_is_all_that_sniffing_sees() {
        let path = RepoPath::from("a.so");
        let interest = Reading::new(&BTreeSet::from([Facet::Binaries]), false).interest(path.as_bytes());
        let mut late = vec![b'x'; HEAD];
        late.extend([0; 16]);
        let scan = Scan::new(&path, interest, &late);
        assert!(scan.finish(&late).is_empty());
    }
}
