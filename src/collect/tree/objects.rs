//! Reading files from a repository's object database, without a checkout and in parallel, each worker with its own
//! handle.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use carat_checks::evidence::{Cause, FileKind, ObjectId};
use carat_checks::parse::{Depth, Interest, Scan};
use carat_checks::path::{self, RepoPath};
use git2::{ObjectType, Oid, Repository};
use rayon::prelude::*;

use super::super::Progress;
use super::super::git::{Entry, Git, object_size, open_objects, unreadable};
use super::{Read, ReadResult};

/// How many objects one worker takes at a time.
const UNIT: usize = 64;

/// What of a file decides the facts that it gives: equal files of equal names are read once.
type Key<'a> = (ObjectId, Interest, &'a [u8]);

/// Reads those files of a list whose content stands in the object database; `interest` tells by place and path how far.
pub(super) fn read(git: &Git, entries: &[Entry], interest: impl Fn(usize, &[u8]) -> Interest, progress: &Progress) -> Vec<Read> {
    let mut places: HashMap<Key<'_>, Vec<usize>> = HashMap::new();
    // In the order of the list, which is nearly that of a pack.
    let mut order: Vec<Key<'_>> = Vec::new();
    let mut skipped = 0;
    for (index, entry) in entries.iter().enumerate() {
        let path = entry.file.path.as_bytes();
        let Some(object) = entry.file.object.filter(|_| entry.in_objects && entry.file.kind == FileKind::Regular) else { continue };
        let interest = interest(index, path);
        if interest.depth() == Depth::Skip {
            skipped += 1;
            continue;
        }
        let key = (object, interest, path::extension(path));
        let same = places.entry(key).or_default();
        if same.is_empty() {
            order.push(key);
        }
        same.push(index);
    }
    progress.read.fetch_add(skipped, Ordering::Relaxed);
    if order.is_empty() {
        return Vec::new();
    }
    let common = git.objects_path();
    let units: Vec<Vec<Read>> = order
        .par_chunks(UNIT)
        .map_init(
            || match common {
                Ok(common) => open_objects(common).map_err(|error| unreadable(&error)),
                Err(why) => Err(Cause::Failed { why: why.to_owned() }),
            },
            |repository, keys| {
                let mut out = Vec::new();
                for key in keys {
                    let same = &places[key];
                    let first = match repository {
                        Ok(repository) => object(repository, key.0, key.1, &entries[same[0]].file.path).unwrap_or_else(ReadResult::Failed),
                        Err(cause) => ReadResult::Failed(cause.clone()),
                    };
                    out.extend(same[1..].iter().map(|index| Read { index: *index, result: again(&first) }));
                    out.push(Read { index: same[0], result: first });
                    progress.read.fetch_add(same.len(), Ordering::Relaxed);
                }
                out
            },
        )
        .collect();
    units.into_iter().flatten().collect()
}

fn again(result: &ReadResult) -> ReadResult {
    match result {
        ReadResult::File(size, facts) => ReadResult::File(*size, facts.clone()),
        ReadResult::Other(kind) => ReadResult::Other(*kind),
        ReadResult::Absent => ReadResult::Absent,
        ReadResult::Failed(cause) => ReadResult::Failed(cause.clone()),
    }
}

fn object(repository: &Repository, id: ObjectId, interest: Interest, path: &RepoPath) -> Result<ReadResult, Cause> {
    let odb = repository.odb().map_err(|error| unreadable(&error))?;
    let id = Oid::from_bytes(&id.0).map_err(|error| unreadable(&error))?;
    let size = object_size(&odb, id, ObjectType::Blob)? as u64;
    if size == 0 || interest.depth() == Depth::Size {
        return Ok(ReadResult::File(size, None));
    }
    if let Some(longest) = interest.longest().filter(|longest| size > *longest) {
        return Err(Cause::LimitReached { bound: format!("{} MiB for such a file", longest >> 20) });
    }
    let object = odb.read(id).map_err(|error| unreadable(&error))?;
    Ok(ReadResult::facts(size, Scan::new(path, interest, object.data()).finish(object.data())))
}
