//! Any text as a file that names packages, in one piece or in two: the same packages, and everything that points at another
//! points at one that is there.

#![no_main]

use std::collections::BTreeSet;

use carat::checks::evidence::{Evidence, Facet, FileEntry, FileKind, Files, Inventory, Repository, SourceKind};
use carat::checks::inventory::listed;
use carat::checks::parse::{Reading, Scan};
use carat::checks::path::RepoPath;
use carat::checks::role::Role;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 36] = [
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "go.mod",
    "go.sum",
    "Cargo.lock",
    "Gemfile.lock",
    "gems.locked",
    "composer.lock",
    "Pipfile.lock",
    "poetry.lock",
    "pdm.lock",
    "uv.lock",
    "requirements.txt",
    "pom.xml",
    "gradle.lockfile",
    "gradle/verification-metadata.xml",
    "packages.lock.json",
    "packages.config",
    "a.deps.json",
    "pubspec.lock",
    "mix.lock",
    "conan.lock",
    "renv.lock",
    "stack.yaml.lock",
    "cabal.project.freeze",
    "a.spdx",
    "a.spdx.json",
    "a.spdx.yml",
    "a.spdx.rdf",
    "bom.json",
    "bom.xml",
    "osv-scanner-custom.json",
    "buildscript-gradle.lockfile",
];

fuzz_target!(|input: (u8, u16, &[u8], &[u8])| {
    let (name, cut, content, ignored) = input;
    let name = NAMES[usize::from(name) % NAMES.len()];
    // Those that say which packages count stand beside it.
    let mut files = [(".gitignore", ignored), (name, content), ("osv-scanner.toml", ignored)];
    files.sort_unstable();
    let whole = inventory(&files, 0);
    assert_eq!(whole, inventory(&files, usize::from(cut)), "{name} in two pieces");
    for file in &whole.files {
        let count = file.packages.len();
        assert!(file.packages.iter().all(|package| package.parent.is_none_or(|parent| (parent as usize) < count)), "{name}");
    }
    let _ = listed(&whole, Timestamp::UNIX_EPOCH);
});

fn inventory(content: &[(&str, &[u8])], cut: usize) -> Inventory {
    let reading = Reading::new(&BTreeSet::from([Facet::Packages]), false);
    let mut files = Files::default();
    let mut facts = Vec::new();
    for (index, (name, text)) in content.iter().enumerate() {
        let path = RepoPath::from(*name);
        let mut scan = Scan::new(&path, reading.interest(path.as_bytes()), text);
        let (first, second) = text.split_at(cut.min(text.len()));
        if !first.is_empty() {
            scan.feed(first);
        }
        facts.push((index, scan.finish(second).into()));
        files.entries.push(FileEntry {
            path,
            kind: FileKind::Regular,
            role: Role::default(),
            size: Some(text.len() as u64),
            object: None,
            gap: None,
        });
    }
    let repository = Repository { name: String::new(), asked_as: None, commit: None, revision: None, source: SourceKind::Folder };
    let mut evidence = Evidence::new(repository, String::new());
    reading.evidence(files, facts, &mut evidence);
    Inventory::clone(evidence.packages.get().expect("it was wanted"))
}
