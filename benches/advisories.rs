//! How long it takes to open a database of 250,000 advisories, and to look 2,000 packages up in it.
//!
//! The database is made as users make theirs, from ZIP archives. `CARAT_BENCH_DATABASE=DIR` keeps it there, and uses it if
//! it is there already.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use carat::advisories::{Database, origin_of, update};
use carat::http::{Client, Settings};
use criterion::Criterion;
use rayon::prelude::*;

const ECOSYSTEMS: [&str; 5] = ["npm", "PyPI", "Maven", "crates.io", "Go"];
/// Of each ecosystem. Four of five are of a package of their own, as those about malicious packages are; the others are of
/// packages that have eight.
const ADVISORIES: usize = 50_000;
const ALONE: usize = 40_000;
const TOGETHER: usize = 8;
const PACKAGES: usize = 2_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = std::env::var_os("CARAT_BENCH_DATABASE").map_or_else(|| temporary.path().join("database"), PathBuf::from);
    if Database::open(&folder).ok().flatten().is_none() {
        make(&folder, temporary.path());
    }
    let open = || Database::open(&folder).expect("sound").expect("it was made");
    let mut group = criterion.benchmark_group("advisories");
    group.bench_function("open", |bencher| bencher.iter(|| black_box(open().sources().len())));
    for (name, with_advisories) in [("2,000 packages, 1 of 10 with advisories", 10), ("2,000 packages, all with advisories", 1)] {
        let packages = packages(with_advisories);
        assert_eq!(look_up(&open(), &packages).0, PACKAGES / with_advisories);
        group.bench_function(name, |bencher| bencher.iter(|| black_box(look_up(&open(), &packages))));
    }
    group.finish();
    criterion.final_summary();
}

/// Packages of which one of so many has advisories, half of them one and half of them several.
fn packages(with_advisories: usize) -> Vec<(&'static str, String)> {
    let name = |n: usize| match n {
        n if n % with_advisories != 0 => format!("fine-{n}"),
        n if (n / with_advisories).is_multiple_of(2) => format!("alone-{}", n * 7 % ALONE),
        n => format!("together-{}", n * 7 % ((ADVISORIES - ALONE) / TOGETHER)),
    };
    (0..PACKAGES).map(|n| (ECOSYSTEMS[n % ECOSYSTEMS.len()], name(n))).collect()
}

/// How many packages have advisories, and how many those are.
fn look_up(database: &Database, packages: &[(&str, String)]) -> (usize, usize) {
    let packages: Vec<(&str, &str)> = packages.iter().map(|(ecosystem, name)| (*ecosystem, &**name)).collect();
    database.expect(&packages);
    let found: Vec<usize> = packages.par_iter().map(|(ecosystem, name)| database.lookup(ecosystem, name).expect("sound").len()).collect();
    (found.iter().filter(|advisories| **advisories > 0).count(), found.iter().sum())
}

fn make(folder: &Path, temporary: &Path) {
    let archives: Vec<PathBuf> = ECOSYSTEMS.iter().map(|ecosystem| archive(temporary, ecosystem)).collect();
    let origins = archives.iter().map(|path| origin_of(path.to_str().expect("a path")).expect("there").expect("an archive"));
    let client = Client::new(Settings::default()).expect("a client");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(update(&client, folder, origins.collect(), Arc::new(()))).expect("written");
    let database = Database::open(folder).expect("sound").expect("it was made");
    let sum = |of: fn(&carat::advisories::Source) -> u64| database.sources().iter().map(of).sum::<u64>();
    assert_eq!(sum(|source| source.advisories), (ECOSYSTEMS.len() * ADVISORIES) as u64);
    let _ = writeln!(std::io::stderr(), "{} packages, {} bytes", sum(|source| source.packages), sum(|source| source.bytes));
}

/// A ZIP archive with the advisories of an ecosystem, not packed.
fn archive(folder: &Path, ecosystem: &str) -> PathBuf {
    let path = folder.join(format!("{ecosystem}.zip"));
    let mut out = BufWriter::new(File::create(&path).expect("a file"));
    let (mut list, mut at) = (Vec::new(), 0_u32);
    let mut write = |bytes: &[u8]| out.write_all(bytes).expect("room");
    for n in 0..ADVISORIES {
        let (name, text) = (format!("{ecosystem}-{n}.json"), advisory(ecosystem, n));
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let long = u32::try_from(text.len()).expect("short");
        let name_long = u16::try_from(name.len()).expect("short");
        let common = [&crc.sum().to_le_bytes()[..], &long.to_le_bytes(), &long.to_le_bytes(), &name_long.to_le_bytes(), &[0; 2]].concat();
        list.extend([&b"PK\x01\x02"[..], &[0; 12], &common, &[0; 10], &at.to_le_bytes(), name.as_bytes()].concat());
        write(&[&b"PK\x03\x04"[..], &[0; 10], &common, name.as_bytes(), text.as_bytes()].concat());
        at += 30 + u32::from(name_long) + long;
    }
    write(&list);
    let count = u16::try_from(ADVISORIES).expect("few").to_le_bytes();
    let long = u32::try_from(list.len()).expect("short").to_le_bytes();
    write(&[&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &long, &at.to_le_bytes(), &[0; 2]].concat());
    out.flush().expect("room");
    path
}

/// As long as usual, and no two alike.
fn advisory(ecosystem: &str, n: usize) -> String {
    // Digits that do not repeat, so that nothing packs better than real ones.
    let hash = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let modified = format!("2026-{:02}-{:02}T{:02}:00:00Z", n % 12 + 1, n % 28 + 1, n % 24);
    let details = "What an attacker can do with it, and how, told in some hundred words. ".repeat(20);
    if n < ALONE {
        return format!(
            r#"{{"schema_version":"1.7.3","id":"MAL-2026-{ecosystem}-{n}","modified":"{modified}","published":"{modified}","summary":"Malicious code in alone-{n} ({ecosystem})","details":"{details}","affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"alone-{n}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}}]}}],"database_specific":{{"cwes":[{{"cweId":"CWE-506"}}]}}}}],"references":[{{"type":"WEB","url":"https://example.org/{hash:x}"}}]}}"#
        );
    }
    let package = n % ((ADVISORIES - ALONE) / TOGETHER);
    let versions: Vec<String> = (0..40).map(|version| format!("\"{}.{}.{}\"", version / 10, version % 10, hash % 7)).collect();
    format!(
        r#"{{"schema_version":"1.7.3","id":"GHSA-{hash:x}","modified":"{modified}","published":"{modified}","aliases":["CVE-2026-{n}","OTHER-{hash:o}"],"summary":"Something that {hash:b} does not check in together-{package}","details":"{details}","severity":[{{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}],"affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"together-{package}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"{}.0.0"}},{{"fixed":"{}.{}.1"}}]}}],"versions":[{}]}}],"database_specific":{{"severity":"HIGH","cwe_ids":["CWE-79"]}},"references":[{{"type":"WEB","url":"https://example.org/{hash:x}"}}]}}"#,
        n % 3,
        n % 3 + 1,
        hash % 20,
        versions.join(",")
    )
}
