//! How long the whole pass takes, from a target to a scorecard, by the checks that read files by name and content.
//!
//! It is timed on a generated tree, as a plain folder, as the working tree of a clone and as a revision of a bare
//! repository; and on the clone that `CARAT_BENCH_CLONE` names, if it names one.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;

use carat::checks::CHECKS;
use carat::hosts::Hosts;
use carat::{Options, Progress, Request, Run, Selection, Session, Target};
use criterion::{Criterion, SamplingMode, Throughput};
use git2::{Buf, IndexAddOption, Repository, Signature, Time};
use jiff::Timestamp;
use tokio::runtime::{self, Runtime};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const READ_FILES: [&str; 5] = ["Binary-Artifacts", "Dependency-Update-Tool", "Fuzzing", "License", "Security-Policy"];

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    let pass = Pass { runtime: runtime::Builder::new_current_thread().build()?, session: Session::default() };

    let temporary = tempfile::tempdir()?;
    let at = |name: &str| temporary.path().join(name);
    write_tree(&at("folder"))?;
    write_tree(&at("clone"))?;
    let clone = commit(&at("clone"))?;
    pack(&clone, &at("bare.git"))?;
    pass.time(&mut criterion, "generated/folder", &at("folder"), None)?;
    pass.time(&mut criterion, "generated/working tree", &at("clone"), None)?;
    pass.time(&mut criterion, "generated/revision", &at("bare.git"), Some("HEAD"))?;

    if let Some(clone) = std::env::var_os("CARAT_BENCH_CLONE").filter(|path| !path.is_empty()) {
        let clone = Path::new(&clone);
        pass.time(&mut criterion, "clone/working tree", clone, None)?;
        // Not every clone has revisions that can be read: some borrow their objects.
        if let Err(error) = pass.time(&mut criterion, "clone/revision", clone, Some("HEAD")) {
            writeln!(std::io::stderr(), "clone/revision is left out: {error}")?;
        }
    }
    criterion.final_summary();
    Ok(())
}

/// Scores targets as the command line does.
struct Pass {
    runtime: Runtime,
    session: Session,
}

impl Pass {
    fn time(&self, criterion: &mut Criterion, name: &str, path: &Path, revision: Option<&str>) -> Result<()> {
        let checks = CHECKS.into_iter().filter(|check| READ_FILES.contains(&check.meta().name)).collect();
        let request = Request {
            target: Target::parse(path.as_os_str(), revision, &Hosts::default())?,
            selection: Selection { checks, probes: Vec::new() },
            as_of: Timestamp::UNIX_EPOCH,
            options: Options::default(),
        };
        let files = self.score(&request)?.scorecard.files;
        let (group, name) = name.split_once('/').unwrap_or((name, "pass"));
        let mut group = criterion.benchmark_group(group);
        group.sample_size(50).sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(u64::try_from(files)?));
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(self.score(&request)).expect("a target that was scored once is scored again"));
        });
        group.finish();
        Ok(())
    }

    fn score(&self, request: &Request) -> std::result::Result<Run, carat::Error> {
        self.runtime.block_on(carat::score(&self.session, request.clone(), Progress::default().into()))
    }
}

/// How many files a generated tree has beside the few that checks look for by name.
const FILES: usize = 2_000;

/// Endings of files, and a line of each that says nothing to a check.
const KINDS: [(&str, &str); 12] = [
    ("rs", "pub fn value(&self) -> usize { self.entries.iter().map(Entry::size).sum() }\n"),
    ("go", "func (s *Server) value(ctx context.Context) (int, error) { return s.size, nil }\n"),
    ("py", "def value(self, names):\n    return [name.strip() for name in names if name]\n"),
    ("ts", "export const value = (entry: Entry): number => entry.sizes.reduce((a, b) => a + b, 0);\n"),
    ("js", "module.exports = function value(entry) { return entry.size || fallback(entry); };\n"),
    ("java", "    public int value(final Entry entry) { return entry.getSize() + this.offset; }\n"),
    ("c", "static int value(const struct entry *entry) { return entry ? entry->size : -1; }\n"),
    ("cpp", "template <typename T> auto value(const T &entry) -> decltype(entry.size()) { return entry.size(); }\n"),
    ("md", "A paragraph of a page that tells how values are read, and what is done with them.\n"),
    ("json", "  \"name\": { \"value\": 17, \"size\": 4096, \"kind\": \"entry\", \"of\": [1, 2, 3] },\n"),
    ("css", ".entry > .value { margin: 0 auto; padding: 2px 4px; color: #336699; }\n"),
    ("png", "\u{1}\u{2}\u{3}pixels of no picture, with a few bytes that are no text\0\0\u{8}\u{e}"),
];

/// What the checks look for: policies, licences, a configuration, marks of fuzzing, and binaries.
const FOUND: [(&str, &[u8]); 13] = [
    (".github/dependabot.yml", b"version: 2\nupdates: []\n"),
    ("SECURITY.md", b"# Security\n\nWrite to security@example.org. We answer within 3 days and disclose after 90.\n"),
    ("LICENSE-APACHE", b"Licensed under the terms below.\n"),
    ("LICENSE-MIT", b"Permission is hereby granted.\n"),
    ("fuzz/parse_fuzzer.c", b"int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {\n  return 0;\n}\n"),
    ("fuzz/decode_fuzzer.cc", b"extern \"C\" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);\n"),
    ("parser/parser_test.go", b"package parser\n\nfunc FuzzParse(f *testing.F) {\n}\n"),
    ("tools/fuzz.py", b"import sys\nimport atheris\n"),
    ("lib/tool.jar", b"PK\x03\x04\x14\0\0\0\x08\0tool of many classes"),
    ("lib/native.so", b"\x7fELF\x02\x01\x01\0 a header of more than fifty-two bytes, as ELF's must be"),
    ("bin/setup.exe", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0"),
    ("web/module.wasm", b"\0asm\x01\0\0\0"),
    ("testdata/old.dll", b"MZ\x90\0\x03\0\0\0 not counted"),
];

/// Writes the same tree every time.
fn write_tree(root: &Path) -> Result<()> {
    let mut random = Random(1);
    for index in 0..FILES {
        let (ending, line) = KINDS[index % KINDS.len()];
        let length = 500 + usize::try_from(random.next())? % 15_000;
        let mut text = String::with_capacity(length + 200);
        while text.len() < length {
            // Without a difference between lines, packs would be unlike those of real code.
            text.push_str(&format!("{:x} ", random.next()));
            text.push_str(line);
        }
        let path = format!("packages/part{}/src/module{}/file{index}.{ending}", index % 20, index % 60);
        write(&root.join(path), text.as_bytes())?;
    }
    FOUND.iter().try_for_each(|(path, content)| write(&root.join(path), content))
}

/// Numbers that look random and are the same in every run, by Knuth's constants.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, content)?)
}

/// Makes a folder a clone in which everything is committed.
fn commit(folder: &Path) -> Result<Repository> {
    let repository = Repository::init(folder)?;
    let mut index = repository.index()?;
    index.add_all(["*"], IndexAddOption::FORCE, None)?;
    index.write()?;
    let tree = index.write_tree()?;
    let author = Signature::new("carat", "carat@example.org", &Time::new(0, 0))?;
    repository.commit(Some("HEAD"), &author, &author, "everything", &repository.find_tree(tree)?, &[])?;
    Ok(repository)
}

/// Writes a bare repository whose objects stand in one pack, as they do in a repository that was cloned.
fn pack(source: &Repository, path: &Path) -> Result<()> {
    let head = source.head()?.peel_to_commit()?.id();
    let mut builder = source.packbuilder()?;
    builder.insert_commit(head)?;
    let mut packed = Buf::new();
    builder.write_buf(&mut packed)?;
    let bare = Repository::init_bare(path)?;
    let objects = bare.odb()?;
    let mut writer = objects.packwriter()?;
    writer.write_all(&packed)?;
    writer.commit()?;
    bare.reference("refs/heads/main", head, true, "packed")?;
    Ok(bare.set_head("refs/heads/main")?)
}
