//! `package-lock.json` and `npm-shrinkwrap.json` (<https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json>).

mod lock;

use std::borrow::Cow;

use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};

use super::super::json::{self, Value};
use super::git_address::commit_of;
use super::graph::{self, Edges};
use super::{Found, commit, of_text, package};
use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Unread};
use lock::{Folder, Lock, Nested, OF_ALL};

/// Reads such a file.
pub(super) fn read(text: &[u8]) -> Found {
    of_text(text, found)
}

fn found(text: &str) -> Result<Found, Unread> {
    // A folder takes some 600 bytes, and asks for some two others.
    let mut lock = Lock { expected: text.len() / 512, ..Lock::default() };
    match json::members(text, |reader, key, _| lock.member(reader, &key))? {
        None => {}
        Some(Value::Null) => return Ok(Found::broken(Some(1), "is null")),
        Some(_) => return Err(Unread { line: Some(1), why: "is not an object".to_owned() }),
    }
    if let Some(wrong) = lock.wrong {
        return Err(wrong.into());
    }
    let mut found = Found::default();
    if lock.has_packages {
        installed(&lock.folders, &lock.asked, &mut found);
    } else {
        nested(&lock.nested, &mut found);
    }
    Ok(found)
}

/// Versions 2 and 3: what is installed in folders, and who asks for it.
fn installed(all: &[Folder<'_>], names: &[Cow<'_, str>], found: &mut Found) {
    let mut folders = Folders::of(all);
    found.packages.reserve(all.len() + 1);
    for (folder, place) in all.iter().zip(&mut folders.places) {
        if *place == Place::Replaced || folder.path.is_empty() {
            continue;
        }
        let name = if folder.name.is_empty() { name_of(&folder.path) } else { &folder.name };
        let line = Some(folder.line);
        let id = if folder.version.is_empty() { commit_of(&folder.resolved) } else { None };
        let mut package = match id {
            Some(id) => commit(name, id, line),
            None => package(Ecosystem::Npm, name, &*folder.version, line),
        };
        if package.commit.is_none() && folder.version.is_empty() {
            // A link to one of the repository's own folders, or nothing that was published.
            continue;
        }
        package.scope = Some(folder.groups.scope());
        package.groups = folder.groups.names();
        *place = Place::At(found.packages.len());
        found.push(package);
        if found.cut {
            return;
        }
    }
    let count = found.packages.len();
    let mut pairs: Vec<(usize, usize)> = Vec::with_capacity(names.len());
    let mut roots: Vec<usize> = Vec::new();
    let mut way = Way::default();
    for (folder, place) in all.iter().zip(&folders.places) {
        let Place::At(from) = *place else { continue };
        folders.up(&folder.path, &mut way);
        let asked = folder.asked[..OF_ALL].iter().flat_map(|part| &names[part.clone()]);
        pairs.extend(asked.filter_map(|name| Some((from, folders.lookup(name, &mut way)?))));
        if !folder.path.starts_with(INSTALLED) && !folder.path.contains(INSTALLED) {
            roots.push(from);
        }
    }
    let own = folders.get("").map(|own| &all[own].asked);
    let is_told = own.is_some_and(|own| own.iter().any(|part| !part.is_empty())) || !roots.is_empty();
    if is_told {
        // What the repository's root asks for is direct without a package of its own in the list: it is one more, which is
        // taken away again.
        folders.up("", &mut way);
        let asked = own.into_iter().flatten().flat_map(|part| &names[part.clone()]);
        pairs.extend(asked.filter_map(|name| Some((count, folders.lookup(name, &mut way)?))));
        roots.push(count);
        found.packages.push(Package::default());
        let edges = Edges::of(count + 1, &pairs);
        graph::trace(&mut found.packages, &roots, &edges);
        found.packages.truncate(count);
    }
}

/// What is in the list of packages of a folder.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Its package, there.
    At(usize),
    /// Nothing.
    Nowhere,
    /// Nothing, as another folder of the same path comes later, and counts in its place.
    Replaced,
}

struct Folders<'a> {
    all: &'a [Folder<'a>],
    places: Vec<Place>,
    /// By what stands behind `node_modules/` in the paths of those that the whole repository sees.
    by_name: HashMap<&'a str, usize>,
    /// The others, by path.
    by_path: HashMap<&'a str, usize>,
    /// The folders in which something is installed that only they see.
    nests: HashSet<&'a str>,
}

/// Where names are looked for from one folder: what stands nearest, and on the way up.
#[derive(Default)]
struct Way<'a> {
    folders: Vec<&'a str>,
    /// Room to put paths together.
    path: String,
}

impl<'a> Folders<'a> {
    fn of(all: &'a [Folder<'a>]) -> Self {
        let (by_name, places) = (HashMap::with_capacity(all.len()), vec![Place::Nowhere; all.len()]);
        let mut folders = Self { all, places, by_name, by_path: HashMap::new(), nests: HashSet::new() };
        for (place, folder) in all.iter().enumerate() {
            let replaced = match folder.path.strip_prefix(INSTALLED) {
                Some(name) => folders.by_name.insert(name, place),
                None => folders.by_path.insert(&folder.path, place),
            };
            if let Some(replaced) = replaced {
                folders.places[replaced] = Place::Replaced;
            }
            let around = above(&folder.path);
            if !around.is_empty() {
                folders.nests.insert(around);
            }
        }
        folders
    }

    fn get(&self, path: &str) -> Option<usize> {
        match path.strip_prefix(INSTALLED) {
            Some(name) => self.by_name.get(name).copied(),
            None => self.by_path.get(path).copied(),
        }
    }

    /// Tells where names are looked for from a folder.
    fn up(&self, from: &'a str, way: &mut Way<'a>) {
        way.folders.clear();
        let mut folder = from;
        while !folder.is_empty() {
            if self.nests.contains(folder) {
                way.folders.push(folder);
            }
            folder = above(folder);
        }
    }

    /// The package that a name means: the nearest on the way up
    /// (<https://docs.npmjs.com/cli/v11/configuring-npm/folders#cycles-conflicts-and-folder-parsimony>), behind a link its target.
    fn lookup(&self, name: &str, way: &mut Way<'a>) -> Option<usize> {
        let Way { folders, path } = way;
        let near = folders.iter().find_map(|folder| {
            path.clear();
            [folder, "/", INSTALLED, name].iter().for_each(|part| path.push_str(part));
            self.get(path)
        });
        let found = match near {
            Some(near) => near,
            None => *self.by_name.get(name)?,
        };
        let target = match self.places[found] {
            Place::At(place) => return Some(place),
            _ => self.get(&self.all[found].resolved)?,
        };
        match self.places[target] {
            Place::At(place) => Some(place),
            _ => None,
        }
    }
}

/// Where packages are installed in a folder.
const INSTALLED: &str = "node_modules/";

/// The folder in whose `node_modules` another is; the repository's own of one that is in none.
fn above(folder: &str) -> &str {
    let mut end = folder.len();
    if let Some(name) = folder.strip_prefix(INSTALLED) {
        // Nearly all of them: a name alone, or one behind a scope.
        let mut slashes = name.bytes().enumerate().filter(|(_, byte)| *byte == b'/');
        if slashes.next().is_none_or(|_| name.starts_with('@') && slashes.next().is_none()) {
            return "";
        }
    }
    while let Some(slash) = memchr::memrchr(b'/', &folder.as_bytes()[..end]) {
        if folder[slash..].starts_with("/node_modules/") {
            return &folder[..slash];
        }
        end = slash;
    }
    ""
}

/// The name in a folder's path: its last part, with the scope before it.
fn name_of(folder: &str) -> &str {
    let folder = folder.trim_end_matches('/');
    let last = |path: &str| path.bytes().rposition(|byte| byte == b'/').map_or(0, |slash| slash + 1);
    let start = last(folder);
    let before = folder[..start].strip_suffix('/').unwrap_or_default();
    let scope = last(before);
    if before[scope..].starts_with('@') { &folder[scope..] } else { &folder[start..] }
}

/// Version 1: packages by name.
fn nested(all: &[Nested<'_>], found: &mut Found) {
    for Nested { name, line, version, groups } in all {
        let (name, version) = match version.strip_prefix("npm:").and_then(|alias| alias.rsplit_once('@')) {
            Some(alias) => alias,
            None => (&**name, &**version),
        };
        if !version.is_empty() && !version.starts_with("file:") {
            let package = match commit_of(version) {
                Some(id) => commit(name, id, Some(*line)),
                None => package(Ecosystem::Npm, name, version, Some(*line)),
            };
            found.push(Package { scope: Some(groups.scope()), groups: groups.names(), ..package });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Scope;

    fn listed(text: &str) -> Vec<String> {
        let found = read(text.as_bytes());
        assert_eq!(found.broken, None, "{text}");
        let each = found.packages.iter().map(|p| {
            let version = p.commit.as_deref().unwrap_or(&p.version);
            let parent = p.parent.map_or_else(String::new, |parent| format!(" by {}", found.packages[parent as usize].name));
            format!("{}@{version}:{}{}{parent}", p.name, p.line.unwrap_or(0), p.direct.map_or("", |is| if is { " direct" } else { "" }))
        });
        each.collect()
    }

    #[test]
    fn folders_and_who_brings_what() {
        let text = r#"{"lockfileVersion": 3, "packages": {
            "": {"dependencies": {"a": "1"}, "devDependencies": {"web": "*"}},
            "apps/web": {"version": "0.5.0", "dependencies": {"z": "0"}},
            "node_modules/web": {"resolved": "apps/web", "link": true},
            "node_modules/a": {"version": "1.0.0", "dependencies": {"z": "1", "@s/b": "1"}},
            "node_modules/@s/b": {"version": "2.0.0", "dependencies": {"c": "1"}},
            "node_modules/c": {"resolved": "git+ssh://git@github.com/x/c.git#0a1b2c"},
            "node_modules/z": {"version": "1.0.9"},
            "apps/web/node_modules/z": {"version": "0.9.0"}}}"#;
        let want =
            ["web@0.5.0:3 direct", "a@1.0.0:5 direct", "@s/b@2.0.0:6 by a", "c@0a1b2c:7 by @s/b", "z@1.0.9:8 by a", "z@0.9.0:9 direct"];
        assert_eq!(listed(text), want);
    }

    #[test]
    fn trees_of_version_1() {
        let text = r#"{"lockfileVersion": 1, "packages": null, "dependencies": {
            "a": {"version": "1.0.0", "dependencies": {"b": {"version": "npm:@real/b@2.0.0"}}},
            "l": {"version": "file:../l"}, "g": {"version": "github:x/g#0a1b2c"}, "license": {"version": "https://x.org/t.tgz"}}}"#;
        assert_eq!(listed(text), ["a@1.0.0:2", "@real/b@2.0.0:2", "g@0a1b2c:3", "license@https://x.org/t.tgz:3"]);
    }

    #[test]
    fn trees_are_as_deep_as_the_reader_goes() {
        let nested = |depth: usize| {
            format!(
                "{}{}",
                r#"{"dependencies": {"a": {"version": "1""#.to_owned() + &r#", "dependencies": {"a": {"version": "1""#.repeat(depth),
                "}}".repeat(depth + 1) + "}"
            )
        };
        assert_eq!(listed(&nested(120)).len(), 121);
        let found = read(nested(100_000).as_bytes());
        assert!(found.broken.is_some() && found.packages.is_empty());
    }

    #[test]
    fn a_key_that_comes_again_and_again_counts_once() {
        let again = r#""packages": {"node_modules/a": {"version": "1"}}, "dependencies": {"b": {"version": "2"}}, "#.repeat(20_000);
        assert_eq!(listed(&format!(r#"{{{again} "packages": {{"node_modules/c": {{"version": "3"}}}}}}"#)), ["c@3:1"]);
    }

    #[test]
    fn for_what_it_is_needed() {
        let found = read(
            br#"{"packages": {"node_modules/d": {"version": "1", "dev": true}, "node_modules/o": {"version": "1", "devOptional": true}}}"#,
        );
        let told: Vec<_> = found.packages.iter().map(|p| (p.scope, p.groups.join(","))).collect();
        assert_eq!(told, [(Some(Scope::Development), "dev".to_owned()), (Some(Scope::Optional), "dev,optional".to_owned())]);
    }

    #[test]
    fn one_wrong_type_spoils_the_file() {
        for text in [
            r#"{"packages": {"node_modules/a": {"version": 1}}}"#,
            r#"{"packages": []}"#,
            "null",
            "[]",
            "{",
            r#"{"dependencies": {"a": 1}}"#,
            r#"{"packages": {"node_modules/a": {"version": "1", "link": {}}}}"#,
            r#"{"packages": {"node_modules/a": {"version": "1", "dependencies": {"b": 1}}}}"#,
            r#"{"packages": {"": {"devDependencies": []}}}"#,
            r#"{"lockfileVersion": 1.0, "dependencies": {"a": {"version": "1.0.0"}}}"#,
            r#"{"lockfileVersion": "1", "dependencies": {"a": {"version": "1.0.0"}}}"#,
            r#"{"lockfileVersion": 1, "dependencies": {"a": {"version": "1.0.0", "requires": true}}}"#,
            r#"{"packages": {}, "dependencies": {"a": {"version": "1.0.0", "dependencies": {"b": {"resolved": 1}}}}}"#,
            r#"{"packages": {"node_modules/a": {"version": "1", "peerDependenciesMeta": {"b": {"optional": "yes"}}}}}"#,
        ] {
            let found = read(text.as_bytes());
            assert!(found.broken.is_some() && found.packages.is_empty(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(text in proptest::collection::vec(proptest::num::u8::ANY, 0..64), folder in "[a@/]{0,12}") {
            let _ = read(&text);
            let _ = read(format!(r#"{{"packages": {{"": {{"dependencies": {{"a": "1"}}}}, "{folder}": {{"version": "1", "dependencies": {{"a": ""}}}}}}}}"#).as_bytes());
        }
    }
}
