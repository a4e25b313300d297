//! `osv-scanner.toml`: what a folder's maintainers set aside
//! (<https://google.github.io/osv-scanner/configuration/>), as strict as the reference's reader: a fault, or a key that it
//! does not know, and the whole file counts for nothing.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use toml::de::{DeTable, DeValue};

use crate::evidence::Package;

/// What such a file says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Waivers {
    /// Of several entries for one id the first.
    ignored: HashMap<String, Entry>,
    overrides: Vec<Override>,
    go: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Entry {
    until: Option<Until>,
    reason: String,
}

#[derive(Debug, Default, PartialEq)]
struct Override {
    name: String,
    version: String,
    ecosystem: String,
    group: String,
    ignore: bool,
    ignore_vulnerabilities: bool,
    entry: Entry,
}

/// Until when something holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Until {
    Past,
    Moment(Timestamp),
}

impl Entry {
    fn holds(&self, now: Timestamp) -> bool {
        match self.until {
            None => true,
            Some(Until::Past) => false,
            Some(Until::Moment(until)) => until > now,
        }
    }
}

impl Waivers {
    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let table = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
        let mut waivers = Self::default();
        for (key, value) in table.get_ref() {
            match &*key.get_ref().to_ascii_lowercase() {
                "ignoredvulns" => {
                    for table in tables(value.get_ref(), "IgnoredVulns")? {
                        let (id, entry) = ignored(table)?;
                        waivers.ignored.entry(id).or_insert(entry);
                    }
                }
                "packageoverrides" => {
                    for table in tables(value.get_ref(), "PackageOverrides")? {
                        waivers.overrides.push(package_override(table)?);
                    }
                }
                "goversionoverride" => waivers.go = Some(text_of(value.get_ref(), "GoVersionOverride")?),
                _ => return Err(format!("unknown key {:?}", key.get_ref())),
            }
        }
        Ok(waivers)
    }

    /// The version of Go to ask for instead.
    pub(super) fn go(&self) -> Option<&str> {
        self.go.as_deref().filter(|version| !version.is_empty())
    }

    /// Whether one of the ids is set aside, with the reason.
    pub(super) fn ignores<'a>(&self, ids: impl IntoIterator<Item = &'a str>, now: Timestamp) -> Option<&str> {
        ids.into_iter().find_map(|id| self.ignored.get(id).filter(|entry| entry.holds(now)).map(|entry| entry.reason.as_str()))
    }

    /// Whether a package is not to be asked about at all, with the reason.
    pub(super) fn ignores_package(&self, package: &Package, now: Timestamp) -> Option<&str> {
        self.overriding(package, now, |entry| entry.ignore)
    }

    /// Whether what is known of a package is to be dropped, with the reason.
    pub(super) fn ignores_answers(&self, package: &Package, now: Timestamp) -> Option<&str> {
        self.overriding(package, now, |entry| entry.ignore_vulnerabilities)
    }

    /// The first of the entries for a package that says something of a matter decides it, also one that has expired.
    fn overriding(&self, package: &Package, now: Timestamp, says: impl Fn(&Override) -> bool) -> Option<&str> {
        let deciding = self.overrides.iter().find(|entry| says(entry) && entry.is_for(package))?;
        deciding.entry.holds(now).then_some(&deciding.entry.reason)
    }
}

impl Override {
    fn is_for(&self, package: &Package) -> bool {
        let is = |wanted: &str, actual: &str| wanted.is_empty() || wanted == actual;
        let ecosystem = package.ecosystem.as_ref();
        is(&self.name, &package.name)
            && is(&self.version, &package.version)
            && (self.ecosystem.is_empty() || ecosystem.is_some_and(|e| e.name() == self.ecosystem || e.family() == self.ecosystem))
            && (self.group.is_empty() || package.groups.iter().any(|group| *group == self.group))
    }
}

fn tables<'t, 'a>(value: &'t DeValue<'a>, key: &str) -> Result<Vec<&'t DeTable<'a>>, String> {
    let wrong = || format!("{key} is not a list of tables");
    let DeValue::Array(list) = value else { return Err(wrong()) };
    let each = list.iter().map(|value| match value.get_ref() {
        DeValue::Table(table) => Ok(table),
        _ => Err(wrong()),
    });
    each.collect()
}

fn ignored(table: &DeTable<'_>) -> Result<(String, Entry), String> {
    let (mut id, mut entry) = (String::new(), Entry::default());
    for (key, value) in table {
        match &*key.get_ref().to_ascii_lowercase() {
            "id" => id = text_of(value.get_ref(), "id")?,
            "ignoreuntil" => entry.until = Some(until(value.get_ref())?),
            "reason" => entry.reason = text_of(value.get_ref(), "reason")?,
            _ => return Err(format!("unknown key {:?}", key.get_ref())),
        }
    }
    Ok((id, entry))
}

fn package_override(table: &DeTable<'_>) -> Result<Override, String> {
    let mut out = Override::default();
    for (key, value) in table {
        let value = value.get_ref();
        match &*key.get_ref().to_ascii_lowercase() {
            "name" => out.name = text_of(value, "name")?,
            "version" => out.version = text_of(value, "version")?,
            "ecosystem" => out.ecosystem = text_of(value, "ecosystem")?,
            "group" => out.group = text_of(value, "group")?,
            "reason" => out.entry.reason = text_of(value, "reason")?,
            "effectiveuntil" => out.entry.until = Some(until(value)?),
            "ignore" => out.ignore = truth(value, "ignore")?,
            "vulnerability" => {
                for (key, value) in table_of(value, "vulnerability")? {
                    match &*key.get_ref().to_ascii_lowercase() {
                        "ignore" => out.ignore_vulnerabilities = truth(value.get_ref(), "ignore")?,
                        _ => return Err(format!("unknown key {:?}", key.get_ref())),
                    }
                }
            }
            "license" => {
                for (key, value) in table_of(value, "license")? {
                    match (&*key.get_ref().to_ascii_lowercase(), value.get_ref()) {
                        ("ignore", value) => drop(truth(value, "ignore")?),
                        ("override", DeValue::Array(list)) if list.iter().all(|each| matches!(each.get_ref(), DeValue::String(_))) => {}
                        (key, _) => return Err(format!("unknown key or wrong value {key:?}")),
                    }
                }
            }
            _ => return Err(format!("unknown key {:?}", key.get_ref())),
        }
    }
    Ok(out)
}

fn table_of<'t, 'a>(value: &'t DeValue<'a>, key: &str) -> Result<&'t DeTable<'a>, String> {
    match value {
        DeValue::Table(table) => Ok(table),
        _ => Err(format!("{key} is not a table")),
    }
}

fn text_of(value: &DeValue<'_>, key: &str) -> Result<String, String> {
    match value {
        DeValue::String(text) => Ok(text.clone().into_owned()),
        _ => Err(format!("{key} is not a text")),
    }
}

fn truth(value: &DeValue<'_>, key: &str) -> Result<bool, String> {
    match value {
        DeValue::Boolean(is) => Ok(*is),
        _ => Err(format!("{key} is neither true nor false")),
    }
}

/// A moment as TOML or RFC 3339 has it. Without an offset it is taken for UTC; a time without a date is past.
fn until(value: &DeValue<'_>) -> Result<Until, String> {
    let wrong = || "a date that cannot be read".to_owned();
    match value {
        DeValue::Datetime(moment) => {
            let text = moment.to_string();
            if moment.date.is_none() {
                return Ok(Until::Past);
            }
            if moment.offset.is_some() {
                return text.parse().map(Until::Moment).map_err(|_| wrong());
            }
            let local = match moment.time {
                Some(_) => text.parse::<DateTime>(),
                None => text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)),
            };
            let moment = local.and_then(|local| local.to_zoned(TimeZone::UTC)).map_err(|_| wrong())?;
            Ok(Until::Moment(moment.timestamp()))
        }
        DeValue::String(text) => text.parse().map(Until::Moment).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecosystem::Ecosystem;

    fn now() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().expect("a time")
    }

    fn ignores(text: &str) -> Option<bool> {
        Waivers::read(text).ok().map(|waivers| waivers.ignores(["A-1"], now()).is_some())
    }

    #[test]
    fn until_when_an_id_is_set_aside() {
        let with = |until: &str| ignores(&format!("[[IgnoredVulns]]\nid = \"A-1\"\nignoreUntil = {until}"));
        for (until, want) in [
            ("2020-01-01", Some(false)),
            ("2999-12-31", Some(true)),
            ("2999-12-31T00:00:00", Some(true)),
            ("2999-12-31T00:00:00+02:00", Some(true)),
            ("07:32:00", Some(false)),
            ("\"2999-01-01T00:00:00Z\"", Some(true)),
            ("\"2999-01-01\"", None),
            ("1", None),
        ] {
            assert_eq!(with(until), want, "{until}");
        }
        assert_eq!(ignores("\u{feff}ignoredvulns = [{ID = 'A-1'}]\r\n"), Some(true));
        assert_eq!(ignores("[[IgnoredVulns]]\nid = 'A-1'\nignoreUntil = 2020-01-01\n[[IgnoredVulns]]\nid = 'A-1'"), Some(false));
        assert_eq!(ignores(""), Some(false));
    }

    #[test]
    fn a_fault_or_an_unknown_key_and_nothing_counts() {
        for text in [
            "[IgnoredVulns]\nid = 'A-1'",
            "[[IgnoredVulns]]\nid = 'A-1'\nwhy = 'x'",
            "x = 1\n[[IgnoredVulns]]\nid = 'A-1'",
            "[[IgnoredVulns",
        ] {
            assert_eq!(ignores(text), None, "{text}");
        }
    }

    #[test]
    fn packages_are_set_aside_by_what_they_match() {
        let mut package = Package { ecosystem: Some(Ecosystem::Npm), name: "a".to_owned(), version: "1".to_owned(), ..Package::default() };
        package.groups = vec!["dev".into()];
        let ignores =
            |text: &str| Waivers::read(&format!("[[PackageOverrides]]\n{text}")).expect("valid").ignores_package(&package, now()).is_some();
        assert!(ignores("ignore = true"));
        assert!(ignores("name = 'a'\nversion = '1'\necosystem = 'npm'\ngroup = 'dev'\nignore = true"));
        assert!(!ignores("group = 'optional'\nignore = true"));
        assert!(!ignores("ecosystem = 'NPM'\nignore = true"));
        assert!(!ignores("name = 'a'\nvulnerability.ignore = true"));
        assert!(ignores("name = 'a'\n[[PackageOverrides]]\nname = 'a'\nignore = true"), "one that says nothing decides nothing");
        assert!(!ignores("ignore = true\neffectiveUntil = 2020-01-01\n[[PackageOverrides]]\nignore = true"), "an expired one decides");
        let debian = Package { ecosystem: Some(Ecosystem::from_name("Debian:12")), ..package.clone() };
        let all =
            Waivers::read("[[PackageOverrides]]\necosystem = 'Debian'\nvulnerability = {ignore = true}\nlicense = {override = ['MIT']}");
        assert!(all.expect("valid").ignores_answers(&debian, now()).is_some());
    }
}
