//! `carat advisories`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use serde_json::Value;

use crate::support::{Carat, Ran, carat};

/// An advisory of an ecosystem.
fn advisory(id: &str, ecosystem: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "2026-01-01T00:00:00Z", "affected": [{{"package": {{"ecosystem": "{ecosystem}", "name": "a"}}}}]}}"#
    )
}

/// An archive of files that are not packed.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let long = u32::try_from(text.len()).expect("short").to_le_bytes();
        let name_long = u16::try_from(name.len()).expect("short").to_le_bytes();
        let common = [&crc.sum().to_le_bytes()[..], &long, &long, &name_long, &[0; 2]].concat();
        let at = u32::try_from(bytes.len()).expect("short").to_le_bytes();
        list.extend([&b"PK\x01\x02"[..], &[0; 12], &common, &[0; 10], &at, name.as_bytes()].concat());
        bytes.extend([&b"PK\x03\x04"[..], &[0; 10], &common, name.as_bytes(), text.as_bytes()].concat());
    }
    let count = u16::try_from(files.len()).expect("few").to_le_bytes();
    let [begin, long] = [bytes.len(), list.len()].map(|number| u32::try_from(number).expect("short").to_le_bytes());
    [&bytes[..], &list, b"PK\x05\x06\0\0\0\0", &count, &count, &long, &begin, &[0; 2]].concat()
}

/// A server of files.
fn serve(files: impl IntoIterator<Item = (&'static str, Vec<u8>)>) -> String {
    let files: BTreeMap<&str, Vec<u8>> = files.into_iter().collect();
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(stream.try_clone().expect("a stream")).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            let _headers = lines.take_while(|line| !line.is_empty()).count();
            let file = first.split(' ').nth(1).and_then(|path| files.get(path));
            let (status, body) = file.map_or((404, &[][..]), |body| (200, body));
            let _ = write!(stream, "HTTP/1.1 {status} Some\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(body);
        }
    });
    format!("http://{address}")
}

#[track_caller]
fn ends(carat: Carat, code: i32) -> Ran {
    let ran = carat.run();
    assert_eq!(ran.code, Some(code), "{} {}", ran.out, ran.err);
    ran
}

fn status(database: &str) -> Value {
    let told = carat(["advisories", "status", "-f", "json", "--database", database]).ok();
    serde_json::from_str(&told.out).expect("JSON")
}

#[test]
fn a_database_is_made_of_archives_told_of_and_kept_up_to_date() {
    let of = |ecosystem| zip(&[("A.json", &advisory("A", ecosystem)), ("../B.json", &advisory("B", ecosystem)), ("C.json", "{")]);
    let server = serve([
        ("/ecosystems.txt", b"Debian\nDebian:12\nnpm\nPyPI\n".to_vec()),
        ("/npm/all.zip", of("npm")),
        ("/PyPI/all.zip", of("PyPI")),
        ("/Debian/all.zip", of("Debian:12")),
    ]);
    let home = tempfile::tempdir().expect("a folder");
    let database = home.path().join("database").to_str().expect("a path").to_owned();
    let update = |more: &[&str]| {
        carat(["advisories", "update"]).args(more).env("CARAT_OSV_ARCHIVE_URL", &server).env("CARAT_ADVISORIES_DIR", &database)
    };
    assert_eq!(status(&database)["exists"], Value::Bool(false));
    let none = carat(["advisories", "status", "--database", &database]).ok();
    assert!(none.out.ends_with("no advisories; carat advisories update fetches them\n"), "{}", none.out);
    let unknown = update(&["--ecosystem", "PyPy"]).fails(2);
    assert!(unknown.contains("unknown ecosystem \"PyPy\"; did you mean PyPI?"), "{unknown}");
    let made = ends(update(&[]), 0);
    assert_eq!(made.out, "npm: 1 advisories, 1 packages, 2 skipped\nPyPI: 1 advisories, 1 packages, 2 skipped\n");
    assert!(made.err.contains("-v names what is skipped"), "{}", made.err);
    let named = ends(update(&["-v", "--ecosystem", "debian"]), 0);
    assert_eq!(named.out, "Debian: 1 advisories, 1 packages, 2 skipped\n");
    assert!(named.err.contains("Debian: skipped ../B.json: its name leaves the folder\n"), "{}", named.err);
    let state = status(&database);
    let ecosystems: Vec<_> = state["sources"].as_array().expect("sources").iter().map(|source| &source["ecosystem"]).collect();
    assert_eq!(ecosystems, ["Debian", "PyPI", "npm"]);
    assert_eq!(state["sources"][0]["ecosystems"]["Debian"], 1);
    assert_eq!(state["sources"][0]["skipped_first"][1]["name"], "C.json");
    let table = carat(["advisories", "status", "--database", &database]).ok().out;
    assert!(table.contains(" PyPI ") && table.contains(" 0 minutes\n"), "{table}");
}

#[test]
fn folders_and_archives_on_this_machine_are_read_without_asking_anybody() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("clone")).expect("room");
    fs::write(folder.path().join("clone/A.json"), advisory("A", "npm")).expect("room");
    let archive = folder.path().join("all.zip");
    fs::write(&archive, zip(&[("B.json", &advisory("B", "Go")), ("C.json", &advisory("C", "PyPI"))])).expect("room");
    let carat = |more: &[&str]| carat(["advisories", "update", "-q"]).args(more).within(folder.path());
    let made = carat(&["--database", "d", "--from", "clone", "--from", "all.zip"]).ok();
    assert_eq!(made.err, "");
    let parts = ["/all.zip: 2 advisories, 2 packages\n", "/clone: 1 advisories, 1 packages\n"];
    assert!(parts.iter().all(|part| made.out.contains(part)), "{}", made.out);
    fs::write(&archive, "no archive").expect("room");
    let failed = ends(carat(&["--database", "d"]), 5);
    assert!(failed.err.contains("it is no ZIP archive") && failed.err.contains("what the database had of it stays"), "{}", failed.err);
    assert!(failed.out.contains(": unchanged, 1 advisories"), "{}", failed.out);
    for (from, why) in [("nowhere", "No such file"), ("https://a:b@example.org/x.zip", "with a user")] {
        let refused = carat(&["--database", "d", "--from", from]).fails(2);
        assert!(refused.contains(why), "{refused}");
    }
    let both = carat(&["--database", "d", "--from", "clone", "--ecosystem", "npm"]).fails(2);
    assert!(both.contains("--ecosystem chooses among"), "{both}");
}

#[test]
fn what_stands_in_the_way_of_an_update_is_exit_code_5() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("A.json"), advisory("A", "npm")).expect("room");
    let update = || carat(["advisories", "update", "--database", "d", "--from", "A"]).within(folder.path());
    fs::create_dir(folder.path().join("A")).expect("room");
    fs::write(folder.path().join("A/A.json"), advisory("A", "npm")).expect("room");
    update().ok();
    let lock = fs::File::open(folder.path().join("d/lock")).expect("there");
    lock.lock().expect("nobody has it");
    let busy = update().fails(5);
    assert!(busy.contains("is being updated by another run"), "{busy}");
    drop(lock);
    fs::write(folder.path().join("d/database.json"), "{").expect("room");
    let status = || carat(["advisories", "status", "--database", "d"]).within(folder.path());
    assert!(status().fails(5).contains("the advisory database is damaged"));
    assert!(ends(update(), 0).err.contains("what is damaged is made anew"));
    status().ok();
    fs::write(folder.path().join("file"), "").expect("room");
    let refused = carat(["advisories", "update", "--database", "file", "--from", "A"]).within(folder.path()).fails(5);
    assert!(refused.contains("cannot write the advisory database in file"), "{refused}");
    let unreached = carat(["advisories", "update"]).env("CARAT_OSV_ARCHIVE_URL", "http://127.0.0.1:1").fails(5);
    assert!(unreached.contains("cannot fetch the list of ecosystems: cannot connect"), "{unreached}");
}
