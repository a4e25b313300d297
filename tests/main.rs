//! Tests through the program: the real binary, in a scrubbed environment, on small repositories made for it.

mod advisories;
mod annotations;
mod apps;
mod bounds;
mod clones;
mod commands;
mod damaged;
mod errors;
mod folders;
mod formats;
mod gates;
mod host_faults;
mod hostile;
mod hosts;
mod interrupt;
mod many;
mod odd;
mod organisations;
mod outages;
mod outputs;
mod packages;
mod replay;
mod requests;
mod revisions;
mod schema;
mod scripts;
mod secrets;
mod selection;
mod support;
mod tokens;
mod with_host;

use std::collections::BTreeSet;
use std::path::Path;

/// A file without its line above would be passed over in silence.
#[test]
fn every_file_beside_this_one_is_compiled() {
    let lines = include_str!("main.rs").lines();
    let listed: BTreeSet<String> = lines.filter_map(|line| Some(line.strip_prefix("mod ")?.strip_suffix(';')?.to_owned())).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut files = BTreeSet::from(["main".to_owned()]);
    for entry in folder.read_dir().expect("the folder of this file can be listed") {
        let path = entry.expect("an entry of it as well").path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            files.insert(path.file_stem().expect("a file has a name").to_string_lossy().into_owned());
        }
    }
    assert!(files.remove("main"));
    assert_eq!(listed, files);
}
