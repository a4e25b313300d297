//! `package-lock.json` and `npm-shrinkwrap.json` (<https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json>).

use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};

use super::super::json::{Document, Object, Value, Wrong};
use super::git_address::commit_of;
use super::graph::{self, Edges};
use super::{Found, commit, of_text, package};
use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Scope, Unread};

/// Reads such a file.
pub(super) fn read(text: &[u8]) -> Found {
    of_text(text, found)
}

/// Fields that are long and say nothing here. Names of packages stand at even depths, fields at odd ones.
fn skips(depth: usize, key: &str) -> bool {
    depth % 2 == 1
        && matches!(key, "integrity" | "engines" | "funding" | "license" | "bin" | "os" | "cpu" | "requires" | "peerDependenciesMeta")
}

fn found(text: &str) -> Result<Found, Unread> {
    let document = Document::parse(text, &skips)?;
    let Some(root) = document.object()? else { return Ok(Found::broken(Some(1), "is null")) };
    if root.get("lockfileVersion").is_some_and(|version| !version.is_integer()) {
        return Err(Wrong::new("lockfileVersion", "a whole number").into());
    }
    let mut found = Found::default();
    match root.object("packages")? {
        Some(packages) => installed(&document, packages, &mut found)?,
        None => {
            if let Some(dependencies) = root.object("dependencies")? {
                nested(&document, dependencies, 0, &mut found)?;
            }
        }
    }
    Ok(found)
}

/// Versions 2 and 3: every folder in which something is installed, and the repository's own.
fn installed<'a>(document: &Document<'a>, packages: &'a Object<'a>, found: &mut Found) -> Result<(), Wrong> {
    let mut folders = Folders::with_capacity(packages.len());
    for (path, at, value) in packages.members() {
        match value {
            Value::Object(fields) => folders.add(Folder { path, at, fields, place: None, is_replaced: false }),
            Value::Null => {}
            _ => return Err(Wrong::new(path, "an object")),
        }
    }
    for folder in folders.all.iter_mut().filter(|folder| !folder.is_replaced) {
        let Folder { path, at, fields, .. } = *folder;
        let (name, version, resolved) = (fields.text("name")?, fields.text("version")?, fields.text("resolved")?);
        let groups = groups(fields)?;
        fields.truth("link")?;
        fields.truth("inBundle")?;
        for part in ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] {
            let mut asked = fields.object(part)?.into_iter().flat_map(Object::members);
            if let Some((name, ..)) = asked.find(|(_, _, range)| !matches!(range, Value::Text(_) | Value::Null)) {
                return Err(Wrong::new(name, "a text"));
            }
        }
        if path.is_empty() {
            continue;
        }
        let name = if name.is_empty() { name_of(path) } else { name };
        let line = Some(document.line(at));
        let id = if version.is_empty() { commit_of(resolved) } else { None };
        let mut package = match id {
            Some(id) => commit(name, id, line),
            None => package(Ecosystem::Npm, name, version, line),
        };
        if package.commit.is_none() && version.is_empty() {
            // A link to one of the repository's own folders, or nothing that was published.
            continue;
        }
        package.scope = Some(groups.0);
        package.groups = groups.1;
        folder.place = Some(found.packages.len());
        found.push(package);
        if found.cut {
            return Ok(());
        }
    }
    let count = found.packages.len();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let mut roots: Vec<usize> = Vec::new();
    let mut way = Way::default();
    for folder in &folders.all {
        let Some(from) = folder.place else { continue };
        folders.up(folder.path, &mut way);
        pairs.extend(wanted(folder.fields).filter_map(|name| Some((from, folders.lookup(name, &mut way)?))));
        if !folder.path.contains(INSTALLED) {
            roots.push(from);
        }
    }
    let own = folders.get("").map(|own| own.fields);
    let is_told = own.is_some_and(|own| wanted_by_root(own).next().is_some()) || !roots.is_empty();
    if is_told {
        // What the repository's root asks for is direct without a package of its own in the list: it is one more, which is
        // taken away again.
        folders.up("", &mut way);
        let asked = own.into_iter().flat_map(wanted_by_root);
        pairs.extend(asked.filter_map(|name| Some((count, folders.lookup(name, &mut way)?))));
        roots.push(count);
        found.packages.push(Package::default());
        let edges = Edges::of(count + 1, &pairs);
        graph::trace(&mut found.packages, &roots, &edges);
        found.packages.truncate(count);
    }
    Ok(())
}

/// A folder in which something is installed.
struct Folder<'a> {
    path: &'a str,
    /// Where it stands in the text.
    at: usize,
    fields: &'a Object<'a>,
    /// The place of its package in the list, if it has one.
    place: Option<usize>,
    /// Another of the same path comes later, and counts in its place.
    is_replaced: bool,
}

struct Folders<'a> {
    all: Vec<Folder<'a>>,
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
    fn with_capacity(count: usize) -> Self {
        let by_name = HashMap::with_capacity(count);
        Self { all: Vec::with_capacity(count), by_name, by_path: HashMap::new(), nests: HashSet::new() }
    }

    fn add(&mut self, folder: Folder<'a>) {
        let place = self.all.len();
        let replaced = match folder.path.strip_prefix(INSTALLED) {
            Some(name) => self.by_name.insert(name, place),
            None => self.by_path.insert(folder.path, place),
        };
        if let Some(replaced) = replaced {
            self.all[replaced].is_replaced = true;
        }
        let around = above(folder.path);
        if !around.is_empty() {
            self.nests.insert(around);
        }
        self.all.push(folder);
    }

    fn get(&self, path: &str) -> Option<&Folder<'a>> {
        let place = match path.strip_prefix(INSTALLED) {
            Some(name) => self.by_name.get(name),
            None => self.by_path.get(path),
        };
        Some(&self.all[*place?])
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
        let found = near.or_else(|| Some(&self.all[*self.by_name.get(name)?]))?;
        found.place.or_else(|| self.get(found.fields.text("resolved").ok()?)?.place)
    }
}

/// Where packages are installed in a folder.
const INSTALLED: &str = "node_modules/";

/// The folder in whose `node_modules` another is; the repository's own of one that is in none.
fn above(folder: &str) -> &str {
    let mut end = folder.len();
    while let Some(slash) = memchr::memrchr(b'/', &folder.as_bytes()[..end]) {
        if folder[slash..].starts_with("/node_modules/") {
            return &folder[..slash];
        }
        end = slash;
    }
    ""
}

fn wanted<'a>(fields: &'a Object<'_>) -> impl Iterator<Item = &'a str> {
    ["dependencies", "optionalDependencies", "peerDependencies"].into_iter().flat_map(|field| names(fields, field))
}

fn wanted_by_root<'a>(fields: &'a Object<'_>) -> impl Iterator<Item = &'a str> {
    wanted(fields).chain(names(fields, "devDependencies"))
}

fn names<'a>(fields: &'a Object<'_>, field: &str) -> impl Iterator<Item = &'a str> {
    fields.object(field).ok().flatten().into_iter().flat_map(Object::members).map(|(name, _, _)| name)
}

/// The name in a folder's path: its last part, with the scope before it.
fn name_of(folder: &str) -> &str {
    let folder = folder.trim_end_matches('/');
    let start = folder.rfind('/').map_or(0, |slash| slash + 1);
    let before = folder[..start].strip_suffix('/').unwrap_or_default();
    let scope = before.rfind('/').map_or(0, |slash| slash + 1);
    if before[scope..].starts_with('@') { &folder[scope..] } else { &folder[start..] }
}

fn groups(fields: &Object<'_>) -> Result<(Scope, Vec<String>), Wrong> {
    let (dev, optional, both) = (fields.truth("dev")?, fields.truth("optional")?, fields.truth("devOptional")?);
    let scope = match (dev, optional || both) {
        (true, _) => Scope::Development,
        (_, true) => Scope::Optional,
        _ => Scope::Production,
    };
    let named = [("dev", dev || both), ("optional", optional || both)];
    Ok((scope, named.into_iter().filter(|(_, is)| *is).map(|(name, _)| name.to_owned()).collect()))
}

/// How deep the trees of version 1 are followed.
const DEEPEST: usize = 100;

/// Version 1: trees of packages by name.
fn nested(document: &Document<'_>, dependencies: &Object<'_>, depth: usize, found: &mut Found) -> Result<(), Wrong> {
    for (name, at, value) in dependencies.members() {
        let fields = match value {
            Value::Object(fields) => fields,
            Value::Null => continue,
            _ => return Err(Wrong::new(name, "an object")),
        };
        let version = fields.text("version")?;
        let (scope, groups) = groups(fields)?;
        let line = Some(document.line(at));
        let (name, version) = match version.strip_prefix("npm:").and_then(|alias| alias.rsplit_once('@')) {
            Some(alias) => alias,
            None => (name, version),
        };
        if !version.is_empty() && !version.starts_with("file:") {
            let package = match commit_of(version) {
                Some(id) => commit(name, id, line),
                None => package(Ecosystem::Npm, name, version, line),
            };
            found.push(Package { scope: Some(scope), groups, ..package });
        }
        if let Some(inner) = fields.object("dependencies")?.filter(|_| depth < DEEPEST) {
            nested(document, inner, depth + 1, found)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
