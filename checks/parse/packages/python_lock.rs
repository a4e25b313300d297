//! The lock files of Python that are TOML: `poetry.lock` (<https://python-poetry.org/docs/basic-usage/>), `pdm.lock`
//! (<https://pdm-project.org/en/latest/usage/lockfile/>) and `uv.lock` (<https://docs.astral.sh/uv/concepts/projects/layout/>).

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt as _};

use super::super::toml::{Table, Value, parse};
use super::graph::{self, Edges};
use super::{Found, package};
use crate::Id;
use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Scope, Unread};

/// What is long and says nothing of packages.
const SKIPPED: &[&str] = &["wheels", "sdist", "files", "metadata", "marker", "markers", "resolution-markers", "manifest"];

/// Reads a `poetry.lock`.
pub(super) fn read_poetry(text: &[u8]) -> Found {
    read(text, true, |table, package| {
        let groups = texts(table, "groups")?;
        let is_development = |group: &String| group != "main";
        // A package that is wanted optionally is in no group; older files have a category instead of groups.
        package.scope = match table.text("category").ok().flatten() {
            _ if is_true(table, "optional")? => Some(Scope::Optional),
            Some("main") => Some(Scope::Production),
            Some("dev") => Some(Scope::Development),
            _ if groups.is_empty() => None,
            _ if groups.iter().all(is_development) => Some(Scope::Development),
            _ => Some(Scope::Production),
        };
        if package.scope == Some(Scope::Optional) {
            package.groups = vec!["optional".into()];
        } else if groups.iter().all(is_development) {
            package.groups = groups.into_iter().map(Id::Owned).collect();
        }
        let asked = table.table("dependencies")?;
        Ok(asked.map(|asked| asked.iter().map(|(name, _)| name.to_owned()).collect()).unwrap_or_default())
    })
}

/// Reads a `pdm.lock`.
pub(super) fn read_pdm(text: &[u8]) -> Found {
    read(text, false, |table, package| {
        let groups = texts(table, "groups")?;
        let has = |name: &str| groups.iter().any(|group| group == name);
        let (scope, group) = if has("default") {
            (Scope::Production, None)
        } else if has("dev") {
            (Scope::Development, Some("dev"))
        } else {
            (Scope::Optional, Some("optional"))
        };
        // Files of older versions have no groups at all.
        package.scope = (!groups.is_empty()).then_some(scope);
        package.groups = group.into_iter().map(Id::Borrowed).collect();
        let asked = table.list("dependencies")?.iter().filter_map(|asked| match asked {
            Value::Text(text) => Some(text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.')).next()?.to_owned()),
            _ => None,
        });
        Ok(asked.collect())
    })
}

/// Reads a `uv.lock`.
pub(super) fn read_uv(text: &[u8]) -> Found {
    let mut last_optional: Vec<(String, String)> = Vec::new();
    let mut found = read(text, true, |table, _| {
        let names = |table: &Table<'_>, key: &str| -> Result<Vec<String>, Unread> {
            let tables = table.tables(key)?;
            Ok(tables.iter().filter_map(|asked| Some(asked.text("name").ok()??.to_owned())).collect())
        };
        let mut asked = names(table, "dependencies")?;
        last_optional.clear();
        let optional = table.table("optional-dependencies")?;
        for (group, _) in optional.iter().flat_map(|optional| optional.iter()) {
            let of_group = optional.map_or_else(|| Ok(Vec::new()), |optional| names(optional, group))?;
            last_optional.extend(of_group.iter().map(|name| (Ecosystem::PyPi.normalised(name).into_owned(), group.to_owned())));
            asked.extend(of_group);
        }
        if let Some(development) = table.table("dev-dependencies")? {
            for (group, _) in development.iter() {
                asked.extend(names(development, group)?);
            }
        }
        Ok(asked)
    });
    for package in &mut found.packages {
        let own = last_optional.iter().filter(|(name, _)| *name == package.name);
        package.groups = own.map(|(_, group)| Id::Owned(group.clone())).collect();
    }
    found
}

/// What one package adds, and the names of what it asks for.
type Each<'a> = dyn FnMut(&Table<'_>, &mut Package) -> Result<Vec<String>, Unread> + 'a;

/// `has_number` tells whether the file's own version is a whole number, if it is there.
fn read(text: &[u8], has_number: bool, mut each: impl FnMut(&Table<'_>, &mut Package) -> Result<Vec<String>, Unread>) -> Found {
    found(text, has_number, &mut each).unwrap_or_else(|Unread { line, why }| Found::broken(line, why))
}

fn found(text: &[u8], has_number: bool, each: &mut Each<'_>) -> Result<Found, Unread> {
    let whole = parse(text, SKIPPED)?;
    if has_number && whole.get("version").is_some_and(|version| *version != Value::Integer) {
        return Err(whole.wrong("version", "a whole number"));
    }
    let tables = whole.tables("package")?;
    let mut found = Found::default();
    let mut asked: Vec<Vec<String>> = Vec::with_capacity(tables.len());
    let mut roots: Vec<usize> = Vec::new();
    for table in tables {
        let source = table.table("source").ok().flatten();
        let says = |key: &str| source.and_then(|source| source.text(key).ok().flatten());
        let name = Ecosystem::PyPi.normalised(table.text("name")?.unwrap_or_default()).into_owned();
        let mut package = package(Ecosystem::PyPi, name, table.text("version")?.unwrap_or_default(), Some(table.line));
        let names = each(table, &mut package)?;
        // The project itself, where it is no package.
        let is_whole_project = says("virtual") == Some(".");
        let is_own = is_whole_project || ["editable", "virtual"].iter().any(|kind| says(kind).is_some());
        if package.version.is_empty() {
            let commit = says("resolved_reference").map(str::to_owned).or_else(|| table.text("revision").ok()?.map(str::to_owned));
            package.commit = commit.or_else(|| says("git").and_then(|url| Some(url.rsplit_once('#')?.1.to_owned())));
            if package.commit.is_some() {
                package.ecosystem = None;
            }
        }
        if is_own {
            roots.push(found.packages.len());
        }
        package.overlooked = is_whole_project;
        asked.push(names);
        found.push(package);
        if found.cut {
            return Ok(found);
        }
    }
    // Only uv writes its own packages into the file: without them nobody knows what is asked for directly.
    if !roots.is_empty() {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, package) in found.packages.iter().enumerate() {
            by_name.entry(&package.name).or_default().push(at);
        }
        let places = |names: &Vec<String>| -> Vec<usize> {
            let all = names.iter().filter_map(|name| by_name.get(&*Ecosystem::PyPi.normalised(name)));
            all.flatten().copied().collect::<BTreeSet<_>>().into_iter().collect()
        };
        let pairs = asked.iter().enumerate().flat_map(|(from, names)| places(names).into_iter().map(move |to| (from, to)));
        let edges = Edges::of(found.packages.len(), &pairs.collect::<Vec<_>>());
        graph::trace(&mut found.packages, &roots, &edges);
    }
    Ok(found)
}

fn texts(table: &Table<'_>, key: &str) -> Result<Vec<String>, Unread> {
    let each = table.list(key)?.iter().map(|value| match value {
        Value::Text(text) => Ok(text.clone().into_owned()),
        _ => Err(table.wrong(key, "a list of texts")),
    });
    each.collect()
}

fn is_true(table: &Table<'_>, key: &str) -> Result<bool, Unread> {
    match table.get(key) {
        None => Ok(false),
        Some(Value::Boolean(is)) => Ok(*is),
        Some(_) => Err(table.wrong(key, "true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_the_file_is_a_whole_number_where_it_is_one() {
        let package = "[[package]]\nname = \"aa\"\nversion = \"1.0\"\n";
        type Reader = fn(&[u8]) -> Found;
        for (reader, has_number) in [(read_poetry as Reader, true), (read_pdm, false), (read_uv, true)] {
            for (version, is_number) in [("", true), ("version = 1\n", true), ("version = \"1\"\n", false), ("version = 1.5\n", false)] {
                let found = reader(format!("{version}{package}").as_bytes());
                let is_read = is_number || !has_number;
                assert_eq!((found.packages.len(), found.broken.is_none()), (usize::from(is_read), is_read), "{version}");
            }
        }
    }
}
