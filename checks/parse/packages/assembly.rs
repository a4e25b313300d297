//! What the files say of packages, put together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::follow::{beside, folder};
use super::ignored::Ignored;
use super::requirements::{Line, Requirements};
use super::{Format, Found, MOST, Manifest};
use crate::evidence::{Cause, Files, Inventory, Package, PackageFile, Unread, Unseen, Waivers};
use crate::path::{self, RepoPath};

/// How many packages of all files together are kept.
const MOST_OF_ALL: usize = 500_000;

/// How many files of requirements one file may include, in whatever depth.
const MOST_INCLUDED: usize = 1_000;

/// Puts together what was read. `read` holds the place of each file in the list with what it gave; a file that others name
/// may stand there in more than one format.
pub(in crate::parse) fn inventory(files: &Files, read: Vec<(usize, Manifest)>) -> Inventory {
    let is_alone = |manifest: &Manifest| matches!(manifest, Manifest::Packages(format, _) if *format != Format::GoSum);
    let (alone, read): (Vec<_>, Vec<_>) = read.into_iter().partition(|(_, manifest)| is_alone(manifest));
    let path_of = |place: usize| &files.entries[place].path;
    let (mut sums, mut poms, mut included, mut ignored) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), Ignored::default());
    let mut inventory = Inventory::default();
    for (place, manifest) in &read {
        let path = path_of(*place);
        match manifest {
            Manifest::Packages(Format::GoSum, found) => drop(sums.insert(path, found)),
            Manifest::Pom(pom) => drop(poms.insert(path, &**pom)),
            Manifest::Requirements(requirements) => drop(included.insert(path, requirements)),
            Manifest::Text(Format::GitIgnore, text) => ignored.add(path, text),
            Manifest::Text(_, text) => {
                inventory.waivers.push(Waivers { path: path.clone(), text: String::from_utf8_lossy(text).into_owned() });
            }
            Manifest::Packages(..) => {}
        }
    }
    let has_locks = alone.iter().any(|(_, manifest)| manifest.format() == Format::PackageLock);
    let shrinkwraps: BTreeSet<&[u8]> = if has_locks { shrinkwraps(files) } else { BTreeSet::new() };
    let mut room = MOST_OF_ALL;
    let of_alone = alone.into_iter().filter_map(|(place, manifest)| match manifest {
        Manifest::Packages(format, found) => {
            let path = path_of(place);
            // Read in another format because another file names it; by itself it is nothing.
            (Format::of(path.as_bytes()) == Some(format)).then(|| (place, format, with_sum(found, path, &sums), None))
        }
        _ => None,
    });
    let of_others = read.iter().filter_map(|(place, manifest)| {
        let path = path_of(*place);
        let (found, unresolved) = match (manifest, Format::of(path.as_bytes())?) {
            (Manifest::Requirements(requirements), Format::Requirements) => {
                (flattened(path, requirements, &included, &|path| is_empty(files, path)), unresolved_requirements(requirements))
            }
            (Manifest::Pom(pom), Format::Pom) => {
                let found = pom.found(path, &|path| poms.get(path).copied());
                let unresolved = (!found.packages.is_empty()).then(|| "what its dependencies depend on".to_owned());
                (found, unresolved)
            }
            _ => return None,
        };
        Some((*place, manifest.format(), found, unresolved))
    });
    for (place, format, mut found, unresolved) in of_alone.chain(of_others) {
        let path = path_of(place);
        if found.cut || found.packages.len() > room {
            let most = if found.cut { MOST } else { MOST_OF_ALL };
            found.packages.truncate(room);
            let cause = Cause::LimitReached { bound: format!("{most} packages") };
            inventory.missing.push((path.clone(), cause));
        }
        room -= found.packages.len();
        let is_shadowed = format == Format::PackageLock && shrinkwraps.contains(folder(path.as_bytes()));
        let unseen = is_shadowed.then_some(Unseen::Shadowed).or_else(|| ignored.has(path).then_some(Unseen::Ignored));
        inventory.files.push(PackageFile {
            path: path.clone(),
            format: format.phrase().to_owned(),
            role: files.entries[place].role,
            packages: found.packages,
            broken: found.broken,
            unseen,
            unresolved,
        });
    }
    inventory.files.sort_by(|a, b| a.path.cmp(&b.path));
    let unread = files.unread(|path| Format::of(path).is_some()).map(|(path, cause)| (path.clone(), cause.clone()));
    inventory.missing.extend(unread);
    inventory.vendored = vendored(files);
    inventory
}

/// The folders that hold a `npm-shrinkwrap.json`, whatever it is: `package-lock.json` beside it does not count.
fn shrinkwraps(files: &Files) -> BTreeSet<&[u8]> {
    const NAME: &[u8] = b"npm-shrinkwrap.json";
    let named = files.entries.iter().map(|entry| entry.path.as_bytes()).filter(|path| path.ends_with(NAME) && path::name(path) == NAME);
    named.map(folder).collect()
}

/// The packages of a `go.mod`, and those of `go.sum` if it is older than the time in which it names all itself.
fn with_sum(mut found: Found, path: &RepoPath, sums: &BTreeMap<&RepoPath, &Found>) -> Found {
    let sum = found.wants_sum.then(|| beside(path, b"go.sum")).flatten();
    if let Some((sum, more)) = sum.and_then(|path| sums.get_key_value(&path)) {
        let known: BTreeSet<(String, String)> = found.packages.iter().map(|p| (p.name.clone(), p.version.clone())).collect();
        let new = more.packages.iter().filter(|p| !known.contains(&(p.name.clone(), p.version.clone())));
        for package in new {
            let mut package = package.clone();
            package.from = Some((*sum).clone());
            found.push(package);
        }
        if let Some(broken) = &more.broken {
            found.note(None, format!("{sum}: {}", broken.why));
        }
    }
    found
}

/// The packages of a file of requirements and of those that it includes, each of them once.
fn flattened(
    path: &RepoPath,
    requirements: &Requirements,
    read: &BTreeMap<&RepoPath, &Requirements>,
    is_empty: &dyn Fn(&RepoPath) -> bool,
) -> Found {
    let mut found = Found { broken: requirements.broken.clone(), cut: requirements.cut, ..Found::default() };
    let mut seen = BTreeSet::from([path.clone()]);
    let mut work = vec![(path.clone(), 0, requirements.lines.iter())];
    // Of each package its file, in the order of their beginning, and its place there; and the other way round.
    let mut places: Vec<(usize, u32)> = Vec::new();
    let mut found_at: HashMap<(usize, u32), u32> = HashMap::new();
    let mut counts = vec![0_u32];
    while let Some((here, file, lines)) = work.last_mut() {
        let (is_own, file) = (here == path, *file);
        match lines.next() {
            None => drop(work.pop()),
            Some(Line::Package(package)) => {
                let place = (file, counts[file]);
                counts[file] += 1;
                found_at.insert(place, u32::try_from(places.len()).unwrap_or(u32::MAX));
                places.push(place);
                found.push(Package { from: (!is_own).then(|| here.clone()), ..package.clone() });
            }
            Some(Line::Include { line, path: name }) => {
                let target = beside(here, name.as_bytes());
                match target.and_then(|target| Some((*read.get(&target)?, target))) {
                    Some((_, target)) if seen.contains(&target) => {}
                    Some(_) if seen.len() > MOST_INCLUDED => found.cut = true,
                    Some((included, target)) => {
                        if let Some(Unread { why, .. }) = &included.broken {
                            found.note(None, format!("{target}: {why}"));
                        }
                        seen.insert(target.clone());
                        work.push((target, counts.len(), included.lines.iter()));
                        counts.push(0);
                    }
                    None if beside(here, name.as_bytes()).is_some_and(|target| is_empty(&target)) => {}
                    None => {
                        found.note(is_own.then_some(*line), format!("includes {name}, which is not in the repository or cannot be read"))
                    }
                }
            }
        }
    }
    for (package, (file, _)) in found.packages.iter_mut().zip(&places) {
        package.parent = package.parent.and_then(|parent| found_at.get(&(*file, parent)).copied());
    }
    found
}

/// Whether a file has nothing in it.
fn is_empty(files: &Files, path: &RepoPath) -> bool {
    let place = files.entries.binary_search_by(|entry| entry.path.cmp(path));
    place.is_ok_and(|place| files.entries[place].size == Some(0))
}

/// Requirements without hashes name what is wanted, not what that needs.
fn unresolved_requirements(requirements: &Requirements) -> Option<String> {
    let has_any = requirements.lines.iter().any(|line| matches!(line, Line::Package(_)));
    (has_any && !requirements.hashed).then(|| "what the packages depend on, and the versions of those without an exact one".to_owned())
}

/// The folders in which other projects' sources in C and C++ are kept.
fn vendored(files: &Files) -> Vec<RepoPath> {
    const PARENTS: [&[u8]; 11] = [
        b"3rdparty",
        b"dep",
        b"deps",
        b"thirdparty",
        b"third-party",
        b"third_party",
        b"libs",
        b"external",
        b"externals",
        b"vendor",
        b"vendored",
    ];
    const ENDINGS: [&[u8]; 6] = [b".h", b".hh", b".hpp", b".c", b".cc", b".cpp"];
    let mut found: Vec<RepoPath> = Vec::new();
    // How a path ends tells nearly all apart.
    let may_be = |path: &&[u8]| matches!(path, [.., b'.', b'h' | b'c'] | [.., b'h' | b'p' | b'c', b'h' | b'p' | b'c']);
    let paths = files.offered().map(|entry| entry.path.as_bytes()).filter(may_be);
    let sources = paths.filter(|path| ENDINGS.contains(&path::extension(path)));
    for path in sources {
        let mut start = 0;
        let mut is_below = false;
        for end in memchr::memchr_iter(b'/', path) {
            if is_below {
                let folder = &path[..end];
                if found.last().is_none_or(|last| last.as_bytes() != folder) && found.len() < MOST_INCLUDED {
                    found.push(RepoPath::new(folder));
                }
                break;
            }
            is_below = PARENTS.contains(&&path[start..end]);
            start = end + 1;
        }
    }
    found
}
