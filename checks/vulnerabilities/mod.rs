#![doc = include_str!("README.md")]

mod asked;
mod group;
mod waivers;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashMapExt as _};
use jiff::Timestamp;

use crate::check::{AnsweredBy, Check, CheckMeta, Detail, Level, Risk, Verdict, gaps};
use crate::ecosystem::Ecosystem;
use crate::evidence::{Advisories, Advisory, Cause, Evidence, Facet, Gap, Hit, Inventory, Package, PackageFile, Scope, Severity};
use crate::finding::{Effort, Finding, Location, LocationKind, Outcome, Remediation, carry};
use crate::probe::{Probe, ProbeMeta};
use crate::role::Role;
use crate::versions::Scheme;

use asked::Folders;
pub use asked::{Asked, asked};

/// Whether what the repository depends on has known vulnerabilities.
pub struct Vulnerabilities;

static CHECK: CheckMeta = CheckMeta {
    name: "Vulnerabilities",
    risk: Risk::High,
    short: "Are there known vulnerabilities in the project or what it depends on?",
    answered_by: AnsweredBy::Advisories,
    readme: include_str!("README.md"),
};

static VULNERABLE: ProbeMeta = ProbeMeta {
    id: "hasOSVVulnerabilities",
    question: "a package that the files name has a known vulnerability",
    good: Some(Outcome::False),
    remedy: "Update the package to a version without it, or set the vulnerability aside in osv-scanner.toml with the reason, if it \
             cannot be reached (https://google.github.io/osv-scanner/configuration).",
    effort: Effort::High,
    needs: &[Facet::Packages, Facet::Advisories],
    uses: &[],
};

struct HasVulnerabilities;

impl Check for Vulnerabilities {
    fn meta(&self) -> &CheckMeta {
        &CHECK
    }

    fn probes(&self) -> &'static [&'static dyn Probe] {
        &[&HasVulnerabilities]
    }

    fn score(&self, findings: &[Finding]) -> Verdict {
        let found: Vec<&Finding> = findings.iter().filter(|finding| finding.outcome == Outcome::True && !finding.extended).collect();
        let set_aside = findings.iter().filter(|finding| finding.extended && finding.values.get("waiver").is_some()).count();
        let aside = if set_aside > 0 { format!(" ({set_aside} set aside by osv-scanner.toml)") } else { String::new() };
        let details = found.iter().map(|finding| Detail::of(finding, Level::Warn)).collect();
        let gaps = gaps(findings);
        let score = 10 - u8::try_from(found.len().min(10)).unwrap_or(10);
        // Where a registry would choose newer versions than the file's least ones, it could be fewer.
        let high = if gaps.iter().any(|gap| matches!(gap.cause, Cause::Unresolved { .. })) { 10 } else { score };
        Verdict::scored(score, format!("{}{aside}", reason(&found)), details).limited(0, high, gaps)
    }
}

/// How many there are, how bad, and where.
fn reason(found: &[&Finding]) -> String {
    let text = |finding: &Finding, name: &str| match finding.values.get(name) {
        Some(crate::finding::Value::Text(text)) => text.to_string(),
        _ => String::new(),
    };
    let count = |name: &str, order: &[&str]| -> Vec<String> {
        let mut counts: BTreeMap<usize, (usize, String)> = BTreeMap::new();
        for finding in found {
            let value = text(finding, name);
            let rank = order.iter().position(|known| *known == value).unwrap_or(order.len());
            counts.entry(rank).or_insert_with(|| (0, value)).0 += 1;
        }
        counts.into_values().map(|(count, value)| format!("{count} {}", if value.is_empty() { "unrated" } else { &value })).collect()
    };
    if found.is_empty() {
        return "no known vulnerability".to_owned();
    }
    let many = if found.len() == 1 { "vulnerability" } else { "vulnerabilities" };
    let severities = count("severity", &["critical", "high", "medium", "low", "none"]);
    let roles = count("purpose", &["in production", "optional", "in development"]);
    format!("{} known {many}: {}; {}", found.len(), severities.join(", "), roles.join(", "))
}

/// Packages and the advisories about them that count, in the order of the reference's list.
struct Counted<'a> {
    advisory: &'a Advisory,
    hits: Vec<(&'a Hit, &'a PackageFile, &'a Package)>,
}

impl Probe for HasVulnerabilities {
    fn meta(&self) -> &ProbeMeta {
        &VULNERABLE
    }

    fn run(&self, evidence: &Evidence) -> Vec<Finding> {
        let (inventory, advisories) = match (evidence.packages.get(), evidence.advisories.get()) {
            (Ok(inventory), Ok(advisories)) => (inventory, advisories),
            // Without advisories to compare with, packages are not even read.
            (_, Err(gap)) if gap.cause != Cause::NotAsked => return vec![VULNERABLE.unanswered(gap)],
            (Err(gap), _) | (_, Err(gap)) => return vec![VULNERABLE.unanswered(gap)],
        };
        let now = evidence.as_of.parse().unwrap_or(Timestamp::MIN);
        let (counted, mut extended) = counted(inventory, advisories, now);
        let is_unimportant = |one: &Counted<'_>| one.hits.iter().all(|(hit, _, _)| hit.unimportant);
        let is_all_unimportant = !counted.is_empty() && counted.iter().all(is_unimportant);
        let counted = if is_all_unimportant { Vec::new() } else { counted };
        let groups = group::groups(&counted.iter().map(|one| one.advisory).collect::<Vec<_>>(), false);
        let mut by_group: BTreeMap<usize, Vec<&Counted<'_>>> = BTreeMap::new();
        for (one, group) in counted.iter().zip(groups) {
            by_group.entry(group).or_default().push(one);
        }
        let mut findings: Vec<Finding> = by_group.into_values().map(|members| finding(&members)).collect();
        if findings.is_empty() {
            findings.push(Finding::new(VULNERABLE.id, Outcome::False, "no known vulnerability"));
        }
        extended.extend(broken(inventory));
        findings.extend(extended);
        carry(&mut findings, open(evidence, inventory, advisories));
        findings
    }
}

/// The advisories that count, and findings for what is set aside.
fn counted<'a>(inventory: &'a Inventory, advisories: &'a Advisories, now: Timestamp) -> (Vec<Counted<'a>>, Vec<Finding>) {
    let folders = Folders::of(inventory);
    let mut hits: HashMap<(usize, usize), Vec<&Hit>> = HashMap::new();
    for hit in &advisories.hits {
        hits.entry((hit.file, hit.package)).or_default().push(hit);
    }
    let mut all: Vec<Counted<'a>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut set_aside: Vec<Finding> = Vec::new();
    let mut add = |advisory: &'a Advisory, hit: Option<(&'a Hit, &'a PackageFile, &'a Package)>| {
        let at = *known.entry(&advisory.id).or_insert_with(|| {
            all.push(Counted { advisory, hits: Vec::new() });
            all.len() - 1
        });
        all[at].hits.extend(hit);
    };
    for asked in asked::asked_within(inventory, &folders, now, |file, package| hits.contains_key(&(file, package))) {
        let (file, package) = (&inventory.files[asked.file], &inventory.files[asked.file].packages[asked.package]);
        let Some(of_package) = hits.get(&(asked.file, asked.package)) else { continue };
        let mut of_package: Vec<(&Advisory, &Hit)> =
            of_package.iter().filter_map(|hit| Some((advisories.advisories.get(hit.advisory)?, *hit))).collect();
        let first = |advisory: &Advisory| match group::rank(&advisory.id) {
            2 if advisory.id.starts_with("USN-") => 0,
            rank => rank,
        };
        of_package
            .sort_by(|(a, _), (b, _)| b.upstream.len().cmp(&a.upstream.len()).then(first(a).cmp(&first(b))).then_with(|| a.id.cmp(&b.id)));
        let waivers = folders.for_file(file);
        let groups = group::groups(&of_package.iter().map(|(advisory, _)| *advisory).collect::<Vec<_>>(), true);
        // Where a component of an SBOM says where it was found, the reference looks for waivers in the wrong place.
        let all_answers = waivers.and_then(|waivers| waivers.ignores_answers(package, now));
        for (place, (advisory, hit)) in of_package.iter().enumerate() {
            let members = of_package.iter().zip(&groups).filter(|(_, group)| **group == groups[place]).map(|((other, _), _)| *other);
            let mut ids =
                members.flat_map(|other| std::iter::once(&other.id).chain(&other.aliases).chain(&other.upstream).map(String::as_str));
            let waiver = match all_answers {
                Some(reason) => Some(reason),
                None => waivers.filter(|_| !package.occurs_elsewhere).and_then(|waivers| waivers.ignores(&mut ids, now)),
            };
            match waiver {
                Some(reason) => set_aside.push(waived(advisory, file, package, reason)),
                // The standard library is not something that the repository chooses.
                None if package.ecosystem == Some(Ecosystem::Go) && package.name == "stdlib" => {}
                None => add(advisory, Some((hit, file, package))),
            }
        }
    }
    for own in advisories.own.iter().flatten() {
        if let Some(advisory) = advisories.advisories.get(*own) {
            add(advisory, None);
        }
    }
    (all, set_aside)
}

/// That a vulnerability was set aside.
fn waived(advisory: &Advisory, file: &PackageFile, package: &Package, reason: &str) -> Finding {
    let why = if reason.is_empty() { "without a reason".to_owned() } else { format!("because: {reason}") };
    let message = format!("{} of {} {} is set aside by osv-scanner.toml, {why}", advisory.id, package.name, package.version);
    let mut finding =
        Finding::new(VULNERABLE.id, Outcome::NotApplicable, message).at(place(file, package)).value("osvid", advisory.id.clone());
    finding = finding.value("waiver", "osv-scanner.toml");
    finding.extended = true;
    finding
}

fn place(file: &PackageFile, package: &Package) -> Location {
    let location = Location::file(package.from.as_ref().unwrap_or(&file.path), LocationKind::Source);
    match package.line {
        Some(line) => location.at(line),
        None => location,
    }
}

/// One finding for all advisories that speak of one vulnerability.
fn finding(members: &[&Counted<'_>]) -> Finding {
    let ids: BTreeSet<(u8, &str)> = members.iter().map(|one| (group::rank(&one.advisory.id), one.advisory.id.as_str())).collect();
    let id = ids.first().map_or("", |(_, id)| id);
    let names: BTreeSet<&str> = members
        .iter()
        .flat_map(|one| one.advisory.aliases.iter().map(String::as_str))
        .filter(|name| !name.is_empty() && *name != id)
        .collect();
    let severity = members.iter().filter_map(|one| one.advisory.severity).max();
    let summary = members.iter().map(|one| one.advisory.summary.as_str()).find(|summary| !summary.is_empty());
    let informational = members.iter().find_map(|one| one.advisory.informational.as_deref());
    let mut hits: Vec<&(&Hit, &PackageFile, &Package)> = members.iter().flat_map(|one| &one.hits).collect();
    hits.sort_by_key(|(hit, _, _)| (hit.file, hit.package));
    let fixed = fixed(&hits);
    hits.dedup_by_key(|(hit, _, _)| (hit.file, hit.package));

    let mut message = format!("https://osv.dev/{id}");
    if let Some(summary) = summary {
        message.push_str(&format!(": {summary}"));
    }
    let rated = severity.map(Severity::as_str).or(informational);
    if let Some(rated) = rated {
        message.push_str(&format!(" ({rated})"));
    }
    if let Some((_, file, package)) = hits.first() {
        let line = package.line.map_or_else(String::new, |line| format!(" line {line}"));
        let path = package.from.as_ref().unwrap_or(&file.path);
        message.push_str(&format!("; {} {} in {path}{line}", package.name, package.version));
        if hits.len() > 1 {
            message.push_str(&format!(" and {} more places", hits.len() - 1));
        }
    }
    let mut finding = Finding::new(VULNERABLE.id, Outcome::True, message).about(id.to_owned()).value("osvid", id.to_owned());
    if !names.is_empty() {
        finding = finding.value("aliases", names.into_iter().collect::<Vec<_>>().join(", "));
    }
    if let Some(rated) = rated {
        finding = finding.value("severity", rated.to_owned());
    }
    finding = finding.value("purpose", purpose(&hits));
    if let Some((_, file, package)) = hits.first() {
        let path = package.from.as_ref().unwrap_or(&file.path).text().into_owned();
        finding = finding.value("package", package.name.clone()).value("version", package.version.clone()).value("path", path);
        finding = finding.value("ecosystem", package.ecosystem.as_ref().map_or("", Ecosystem::name).to_owned());
        if let Some(line) = package.line {
            finding = finding.counting("line", line as usize);
        }
        if let Some(direct) = package.direct {
            finding = finding.value("dependency", if direct { "direct" } else { "transitive" });
        }
        let way = way(file, package);
        if let Some(way) = &way {
            finding = finding.value("via", way.clone());
        }
        finding = finding.counting("places", hits.len());
        if let Some(fixed) = &fixed {
            finding = finding.value("fixed", fixed.clone());
        }
        finding.remediation = Some(remediation(file, package, fixed.as_deref(), way.as_deref()));
    }
    finding
}

/// The version in which all that speak of the first package agree that it is mended: the highest of those they name.
fn fixed(hits: &[&(&Hit, &PackageFile, &Package)]) -> Option<String> {
    let (first, _, package) = hits.first()?;
    let of_first = hits.iter().take_while(|(hit, _, _)| (hit.file, hit.package) == (first.file, first.package));
    let scheme = package.ecosystem.as_ref().and_then(Scheme::of);
    let named = of_first.filter_map(|(hit, _, _)| hit.fixed.as_ref());
    let higher = |a: &&String, b: &&String| scheme.and_then(|scheme| scheme.compare(a, b)).unwrap_or(Ordering::Equal);
    named.max_by(higher).cloned()
}

/// For what the packages are needed, and where: what matters most of all places.
fn purpose(hits: &[&(&Hit, &PackageFile, &Package)]) -> String {
    let of_one = |(_, file, package): &(&Hit, &PackageFile, &Package)| match (file.role, package.scope) {
        (Role::Production, None | Some(Scope::Production)) => (0, "in production"),
        (Role::Production, Some(Scope::Optional)) => (1, "optional"),
        (Role::Production, Some(Scope::Development)) => (2, "in development"),
        (Role::Vendored, _) => (3, "in vendored files"),
        (Role::Generated, _) => (4, "in generated files"),
        (Role::Example, _) => (5, "in examples"),
        (Role::Test, _) => (6, "in tests"),
        (Role::Documentation, _) => (7, "in documentation"),
    };
    hits.iter().map(|hit| of_one(hit)).min().map_or_else(|| "in the repository itself".to_owned(), |(_, text)| text.to_owned())
}

/// How deep a way is told.
const LONGEST_WAY: usize = 12;

/// The packages that bring another, from the one that is asked for directly.
fn way(file: &PackageFile, package: &Package) -> Option<String> {
    let mut names = Vec::new();
    let mut next = package.parent;
    while let Some(parent) = next.and_then(|parent| file.packages.get(usize::try_from(parent).ok()?)) {
        if names.len() == LONGEST_WAY {
            names.push("...");
            break;
        }
        names.push(&parent.name);
        next = parent.parent;
    }
    names.reverse();
    (!names.is_empty()).then(|| names.join(" > "))
}

fn remediation(file: &PackageFile, package: &Package, fixed: Option<&str>, way: Option<&str>) -> Remediation {
    let path = package.from.as_ref().unwrap_or(&file.path);
    let by = way.and_then(|way| way.split(" > ").next()).map_or_else(String::new, |first| format!(", which {first} brings,"));
    let text = match fixed {
        Some(fixed) => format!("Update {}{by} to {fixed} or newer in {path}.", package.name),
        None => {
            format!("No version of {}{by} is known to be without it: replace the package in {path}, or follow the advisory.", package.name)
        }
    };
    Remediation { text: text.into(), effort: if fixed.is_some() { Effort::Low } else { Effort::High } }
}

/// Files that cannot be read, and waivers that count for nothing.
fn broken(inventory: &Inventory) -> Vec<Finding> {
    let files = inventory.files.iter().filter_map(|file| {
        let broken = file.broken.as_ref()?;
        let location = Location::file(&file.path, LocationKind::Source);
        let location = match broken.line {
            Some(line) => location.at(line),
            None => location,
        };
        Some(Finding::new(VULNERABLE.id, Outcome::Error, format!("{} cannot be read: {}", file.format, broken.why)).at(location))
    });
    let waivers = inventory.waivers.iter().filter_map(|file| {
        let why = waivers::Waivers::read(&file.text).err()?;
        let message = format!("osv-scanner.toml counts for nothing: {why}");
        Some(Finding::new(VULNERABLE.id, Outcome::Error, message).at(Location::file(&file.path, LocationKind::Source)))
    });
    let mut findings: Vec<Finding> = files.chain(waivers).collect();
    findings.iter_mut().for_each(|finding| finding.extended = true);
    findings
}

/// What was not seen and could change the score.
fn open(evidence: &Evidence, inventory: &Inventory, advisories: &Advisories) -> Vec<Gap> {
    let broken = inventory.files.iter().filter_map(|file| Some((&file.path, file.broken.as_ref()?)));
    let broken: Vec<_> = broken.map(|(path, broken)| (path, Cause::Failed { why: broken.why.clone() })).collect();
    let unread = broken.iter().map(|(path, cause)| (*path, cause)).chain(inventory.missing.iter().map(|(path, cause)| (path, cause)));
    let mut gaps = Gap::of_files(Facet::Packages, unread);
    let unresolved: Vec<_> = inventory
        .files
        .iter()
        .filter(|file| file.unseen.is_none())
        .filter_map(|file| Some((&file.path, Cause::Unresolved { what: file.unresolved.clone()? })))
        .collect();
    gaps.extend(Gap::of_files(Facet::Packages, unresolved.iter().map(|(path, cause)| (*path, cause))));
    let vendored = Cause::Unresolved { what: "which libraries these copies in C and C++ are".to_owned() };
    gaps.extend(Gap::of_files(Facet::Packages, inventory.vendored.iter().map(|path| (path, &vendored))));
    let of_all = |cause| Gap::new(Facet::Advisories, cause);
    for (ecosystem, packages) in &advisories.lacking {
        gaps.push(of_all(Cause::Failed {
            why: format!("the database has none about {ecosystem}, of which there are {packages} packages"),
        }));
    }
    if !advisories.incomparable.is_empty() {
        let places = advisories.incomparable.iter().filter_map(|(file, package, _)| inventory.files.get(*file)?.packages.get(*package));
        let names: BTreeSet<String> = places.map(|package| format!("{} {}", package.name, package.version)).take(5).collect();
        let why = format!("versions cannot be compared: {}", names.into_iter().collect::<Vec<_>>().join(", "));
        gaps.push(of_all(Cause::Failed { why }));
    }
    if advisories.commits > 0 {
        let what = format!("what is known of {} commits that stand in place of versions", advisories.commits);
        gaps.push(of_all(Cause::Unresolved { what }));
    }
    // A folder has no commit that the reference would look up.
    if advisories.own.is_none() && evidence.repository.source == crate::evidence::SourceKind::Host {
        gaps.push(of_all(Cause::Unresolved { what: "what is known of the repository's own commit".to_owned() }));
    }
    gaps
}
