//! Any files with any names and any content, fed in any pieces: every probe answers, every score is within its bounds.

#![no_main]

use carat::checks::evidence::{Evidence, FileEntry, FileKind, Files, Repository, SourceKind};
use carat::checks::parse::{Depth, Reading, Scan};
use carat::checks::path::RepoPath;
use carat::checks::role::Role;
use carat::checks::{CHECKS, UNSCORED};
use carat::{Run, Selection};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: Vec<(Vec<u8>, Vec<u8>, u16)>| {
    let selection = Selection { checks: CHECKS.to_vec(), probes: UNSCORED.to_vec() };
    let wanted = selection.wants();
    let reading = Reading::new(&wanted, false);
    let mut files = Files::default();
    let mut facts = Vec::new();
    for (index, (path, content, cut)) in input.into_iter().enumerate() {
        let path = RepoPath::new(path);
        let interest = reading.interest(path.as_bytes());
        if interest.depth() >= Depth::Head && !content.is_empty() {
            let mut scan = Scan::new(&path, interest, &content);
            let (first, second) = content.split_at(usize::from(cut).min(content.len()));
            scan.feed(first);
            facts.push((index, scan.finish(second).into()));
        }
        let role = Role::of(path.as_bytes());
        files.entries.push(FileEntry { path, kind: FileKind::Regular, role, size: Some(content.len() as u64), object: None, gap: None });
    }
    let repository = Repository { name: String::new(), asked_as: None, commit: None, revision: None, source: SourceKind::Folder };
    let mut evidence = Evidence::new(repository, String::new());
    reading.evidence(files, facts, &mut evidence);
    evidence.close(&wanted.into_iter().map(Into::into).collect::<Vec<_>>());
    evidence.close(&selection.asks(&evidence));
    let run = Run::judge(&selection, evidence);
    assert!(run.scorecard.checks.iter().all(|check| check.verdict.score().is_none_or(|score| score <= 10)));
});
