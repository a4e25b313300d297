//! Where results go.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::support::{Folder, Repo};

/// The names of what stands in the folder around a repository.
fn names_around(folder: &Folder) -> Vec<String> {
    let entries = folder.beside("").read_dir().expect("the folder around can be listed");
    let mut names: Vec<String> = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn read(folder: &Folder, name: &str) -> String {
    fs::read_to_string(folder.beside(name)).expect("the program wrote a file")
}

#[test]
fn several_formats_go_to_several_files_and_one_to_standard_output() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    let ran = folder.score().args(["-f", "json=a.json", "-f", "table", "--format=probe=b=c.json"]).ok();
    assert!(ran.out.starts_with("file://"), "{}", ran.out);
    assert_eq!(names_around(&folder), ["a.json", "b=c.json", "repo"]);
    assert!(read(&folder, "a.json").contains("\"checks\":["));
    assert!(!read(&folder, "b=c.json").contains("\"checks\":["));
    let table = folder.score().ok().out;
    assert_eq!(ran.out, table);
}

#[test]
fn a_file_holds_what_standard_output_would() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    for arguments in [["-o", "out", "-f", "table"], ["--output", "out", "-f", "probe"]] {
        let ran = folder.score().args(arguments).ok();
        assert_eq!(ran.out, "");
        assert_eq!(read(&folder, "out"), folder.score().args(&arguments[2..]).ok().out);
    }
    folder.score().args(["-o", "out"]).ok();
    assert!(read(&folder, "out").starts_with("file://"));
}

#[test]
fn an_existing_file_is_replaced_whole_and_stays_as_private_as_it_was() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    let file = folder.beside("out.json");
    fs::write(&file, "x".repeat(1 << 20)).expect("a file can be written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it can be made private");
    folder.score().args(["-f", "json", "-o", "out.json"]).ok();
    let text = read(&folder, "out.json");
    assert!(text.starts_with('{') && text.ends_with("}\n") && !text.contains("xxx"));
    assert_eq!(file.metadata().expect("it is there").permissions().mode() & 0o777, 0o600);
    assert_eq!(names_around(&folder), ["out.json", "repo"]);
}

#[test]
fn a_new_file_is_as_open_as_any_other() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    fs::write(folder.beside("other"), "text").expect("a file can be written");
    folder.score().args(["-o", "out"]).ok();
    let mode = |name: &str| folder.beside(name).metadata().expect("it is there").permissions().mode();
    assert_eq!(mode("out"), mode("other"));
}

#[test]
fn a_link_is_written_through() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    fs::write(folder.beside("real.json"), "old").expect("a file can be written");
    symlink("real.json", folder.beside("link.json")).expect("a link can be made");
    folder.score().args(["-f", "json=link.json"]).ok();
    assert!(folder.beside("link.json").is_symlink());
    assert!(read(&folder, "real.json").starts_with('{'));
}

#[test]
fn a_bad_place_is_found_out_before_any_work_and_nothing_is_left_behind() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    fs::write(folder.beside("file"), "text").expect("a file can be written");
    for bad in ["missing/out", "repo", ".", "file/out"] {
        let error = folder.score().args(["-o", bad]).fails(5);
        assert!(error.starts_with(&format!("error: cannot write {bad}: ")), "{error}");
        let error = folder.score().args(["-f", "json=good.json", "-f", &format!("probe={bad}")]).fails(5);
        assert!(error.contains(bad), "{error}");
    }
    assert_eq!(names_around(&folder), ["file", "repo"]);
    // That the repository cannot be scored is found out by work only.
    let empty = Repo::new();
    empty.score().fails(3);
    empty.score().args(["-o", "missing/out"]).fails(5);
}

#[test]
fn a_run_that_fails_leaves_files_as_they_were() {
    let empty = Repo::new();
    fs::write(empty.beside("old.json"), "old").expect("a file can be written");
    empty.score().args(["-f", "json=old.json", "-f", "probe=new.json"]).fails(3);
    assert_eq!(read(&empty, "old.json"), "old");
    assert_eq!(names_around(&empty), ["old.json", "repo"]);
}

#[test]
fn a_failed_gate_does_not_keep_results_from_being_written() {
    let folder = Folder::with(&[("a.txt", "text")]);
    let ran = folder.score().args(["--checks", "License", "--fail-under", "5", "-f", "json=out.json"]).run();
    assert_eq!((ran.code, &*ran.err), (Some(1), ""));
    assert!(read(&folder, "out.json").starts_with('{'));
}

#[test]
fn standard_output_takes_one_format() {
    let folder = Folder::new();
    let error = folder.score().args(["-f", "json", "-f", "table"]).fails(2);
    assert!(error.contains("only one format") && error.contains("FORMAT=FILE"), "{error}");
    let error = folder.score().args(["-f", "json", "-f", "probe", "-o", "out"]).fails(2);
    assert!(error.contains("--output goes with one format"), "{error}");
    let error = folder.score().args(["-f", "json=a", "-o", "b"]).fails(2);
    assert!(error.contains("two files for one format"), "{error}");
    assert_eq!(names_around(&folder), ["repo"]);
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    for format in ["table", "json", "probe"] {
        let (reader, writer) = io::pipe().expect("a pipe can be made");
        drop(reader);
        folder.score().args(["-f", format]).stdout(writer).ok();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_to_and_never_replaced() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    folder.score().args(["-o", "/dev/null"]).ok();
    let error = folder.score().args(["-o", "/dev/full"]).fails(5);
    assert!(error.starts_with("error: cannot write /dev/full: "), "{error}");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let error = folder.score().stdout(full).fails(5);
    assert!(error.starts_with("error: cannot write standard output: "), "{error}");
    assert_eq!(names_around(&folder), ["repo"]);
}

#[test]
fn standard_error_is_silent_unless_asked() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    folder.score().ok();
    folder.score().args(["--quiet", "--offline"]).ok();
    let ran = folder.score().args(["--verbose"]).run();
    assert_eq!(ran.code, Some(0));
    assert_eq!(ran.out, folder.score().ok().out);
    assert!(ran.err.starts_with("checks: 18, ") && ran.err.contains("files listed: 1,") && ran.err.lines().count() == 1, "{}", ran.err);
    let error = folder.score().args(["-q", "-v"]).fails(2);
    assert!(error.contains("--quiet") && error.contains("--verbose"), "{error}");
}

#[test]
fn a_file_for_a_format_has_a_name_and_one_format() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    let error = folder.score().args(["-f", "json="]).fails(2);
    assert!(error.contains("behind ="), "{error}");
    let error = folder.score().args(["-f", "json=x", "-f", "probe=x"]).fails(2);
    assert!(error.contains("two formats for one file: x"), "{error}");
    let error = folder.score().args(["-o", "new/"]).fails(5);
    assert!(error.contains("cannot write new/"), "{error}");
    assert_eq!(names_around(&folder), ["repo"]);
}

#[test]
fn a_link_to_what_is_not_there_yet_is_written_through() {
    let folder = Folder::with(&[("LICENSE-MIT", "text")]);
    std::os::unix::fs::symlink("later.json", folder.beside("link")).expect("a link can be made");
    folder.score().args(["-f", "json", "-o", "link"]).ok();
    assert!(folder.beside("link").is_symlink());
    assert!(fs::read(folder.beside("later.json")).expect("it was written through").starts_with(b"{"));
}
