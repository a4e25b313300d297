//! The inventory of packages: as a table for people, as JSON for tools, as a list of purls.

use std::collections::BTreeMap;
use std::io::{self, Write};

use carat_checks::evidence::{Evidence, Inventory, PackageFile, Scope, Unseen};
use carat_checks::inventory::Listed;
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;

use super::table::RULED;
use super::{thousands, visible};

/// What `--format json` writes.
#[derive(Serialize)]
struct Document<'a> {
    date: &'a str,
    repo: Repo<'a>,
    tool: Tool,
    packages: Vec<PackageView<'a>>,
    files: Vec<FileView<'a>>,
    missing: Vec<MissingView>,
}

#[derive(Serialize)]
struct Repo<'a> {
    name: &'a str,
    commit: Option<&'a str>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct PackageView<'a> {
    /// OSV's name of the ecosystem; `GIT` for a commit, which has no name there.
    ecosystem: &'a str,
    name: &'a str,
    version: &'a str,
    /// What the file calls what it gives by a commit alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    declared_as: Option<&'a str>,
    purl: Option<String>,
    locations: Vec<PlaceView>,
    direct: Option<bool>,
    scope: Option<Scope>,
    role: &'static str,
    reference: bool,
}

#[derive(Serialize)]
struct PlaceView {
    path: String,
    line: Option<u32>,
    role: &'static str,
}

#[derive(Serialize)]
struct FileView<'a> {
    path: String,
    format: &'a str,
    role: &'static str,
    packages: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<BrokenView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unseen_by_reference: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unresolved: Option<&'a str>,
}

#[derive(Serialize)]
struct BrokenView<'a> {
    line: Option<u32>,
    why: &'a str,
}

#[derive(Serialize)]
struct MissingView {
    path: String,
    why: String,
}

/// Writes the inventory as JSON.
pub(crate) fn write_json<'a>(evidence: &Evidence, inventory: &Inventory, listed: &'a [Listed<'a>], out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        date: &evidence.as_of,
        repo: Repo { name: &evidence.repository.name, commit: evidence.repository.commit.as_deref() },
        tool: Tool { name: "carat", version: env!("CARGO_PKG_VERSION") },
        packages: listed.iter().map(package_view).collect(),
        files: inventory.files.iter().map(file_view).collect(),
        missing: inventory.missing.iter().map(|(path, cause)| MissingView { path: path.to_string(), why: cause.to_string() }).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document).map_err(io::Error::from)?;
    writeln!(out)
}

fn package_view<'a>(listed: &'a Listed<'a>) -> PackageView<'a> {
    let is_commit = listed.ecosystem.is_none();
    PackageView {
        ecosystem: listed.ecosystem.map_or("GIT", |ecosystem| ecosystem.name()),
        name: if is_commit { "" } else { listed.name },
        version: &listed.version,
        declared_as: Some(listed.name).filter(|name| is_commit && !name.is_empty()),
        purl: purl(listed),
        locations: listed
            .places
            .iter()
            .map(|place| PlaceView { path: place.path.to_string(), line: place.line, role: place.role.as_str() })
            .collect(),
        direct: listed.direct,
        scope: listed.scope,
        role: listed.role.as_str(),
        reference: listed.reference,
    }
}

fn file_view(file: &PackageFile) -> FileView<'_> {
    FileView {
        path: file.path.to_string(),
        format: &file.format,
        role: file.role.as_str(),
        packages: file.packages.len(),
        broken: file.broken.as_ref().map(|broken| BrokenView { line: broken.line, why: &broken.why }),
        unseen_by_reference: file.unseen.map(why_unseen),
        unresolved: file.unresolved.as_deref(),
    }
}

const fn why_unseen(unseen: Unseen) -> &'static str {
    match unseen {
        Unseen::Ignored => "a .gitignore names it",
        Unseen::Shadowed => "npm-shrinkwrap.json beside it counts instead",
    }
}

/// The package URL of a package, if its ecosystem has a type there.
pub(super) fn purl(listed: &Listed<'_>) -> Option<String> {
    carat_checks::purl::of(listed.ecosystem?, listed.name, &listed.version)
}

/// What is missing from the list: files that cannot be read, and what only a registry would tell.
pub(super) fn left_open(inventory: &Inventory) -> Vec<String> {
    let broken = inventory.files.iter().filter_map(|file| Some(format!("{} cannot be read: {}", file.path, file.broken.as_ref()?.why)));
    let unresolved = inventory.files.iter().filter_map(|file| Some(format!("{}: not resolved: {}", file.path, file.unresolved.as_ref()?)));
    let missing = inventory.missing.iter().map(|(path, cause)| format!("{path}: {cause}"));
    broken.chain(unresolved).chain(missing).collect()
}

/// Writes a purl a line, sorted, each once.
pub(crate) fn write_purls(listed: &[Listed<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut purls: Vec<String> = listed.iter().filter_map(purl).collect();
    purls.sort_unstable();
    purls.dedup();
    purls.iter().try_for_each(|purl| writeln!(out, "{purl}"))
}

/// Writes the inventory as a table, a summary behind it.
pub(crate) fn write_table(inventory: &Inventory, listed: &[Listed<'_>], width: u16, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(RULED).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(["Ecosystem", "Package", "Version", "For", "Named in"]);
    for package in listed {
        let place = package.places.first().map_or_else(String::new, |place| {
            let line = place.line.map_or_else(String::new, |line| format!(":{line}"));
            let more = match package.places.len() - 1 {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("{}{line}{more}", visible(&place.path.text()))
        });
        table.add_row([
            package.ecosystem.map_or("commit", |ecosystem| ecosystem.name()).to_owned(),
            visible(package.name).into_owned(),
            visible(&package.version).into_owned(),
            purpose(package),
            place,
        ]);
    }
    if !listed.is_empty() {
        for line in table.to_string().lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        writeln!(out)?;
    }
    summary(inventory, listed, out)
}

/// For what it is needed, and what asks for it.
fn purpose(package: &Listed<'_>) -> String {
    let scope = match package.scope {
        Some(Scope::Development) => Some("development"),
        Some(Scope::Optional) => Some("optional"),
        Some(Scope::Production) => Some("production"),
        None => None,
    };
    let role = (!package.role.is_production()).then_some(package.role.as_str());
    let way = package.direct.map(|direct| if direct { "direct" } else { "transitive" });
    [way, scope, role].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn summary(inventory: &Inventory, listed: &[Listed<'_>], out: &mut dyn Write) -> io::Result<()> {
    let plural = |n: usize, one: &str, many: &str| format!("{} {}", thousands(n), if n == 1 { one } else { many });
    let mut by_ecosystem: BTreeMap<&str, usize> = BTreeMap::new();
    for package in listed {
        *by_ecosystem.entry(package.ecosystem.map_or("commits", |ecosystem| ecosystem.name())).or_default() += 1;
    }
    let mut counts: Vec<(usize, &str)> = by_ecosystem.into_iter().map(|(name, count)| (count, name)).collect();
    counts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let each: Vec<String> = counts.iter().map(|(count, name)| format!("{name} {}", thousands(*count))).collect();
    let each = if each.is_empty() { String::new() } else { format!(": {}", each.join(", ")) };
    let files = inventory.files.iter().filter(|file| !file.packages.is_empty()).count();
    writeln!(out, "{} in {}{each}", plural(listed.len(), "package", "packages"), plural(files, "file", "files"))?;
    for file in &inventory.files {
        let path = file.path.text();
        if let Some(broken) = &file.broken {
            let line = broken.line.map_or_else(String::new, |line| format!(":{line}"));
            writeln!(out, "not read: {}{line}: {}", visible(&path), visible(&broken.why))?;
        }
        if let Some(unresolved) = &file.unresolved {
            writeln!(out, "not resolved: {}: {}", visible(&path), visible(unresolved))?;
        }
    }
    for (path, cause) in &inventory.missing {
        writeln!(out, "not read: {}: {}", visible(&path.text()), visible(&cause.to_string()))?;
    }
    Ok(())
}
