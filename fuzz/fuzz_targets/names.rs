//! Any path: what its name tells, and that it comes back from JSON as it was.

#![no_main]

use carat::checks::parse::{is_workflow, language_of, license_id, update_tool};
use carat::checks::path::{self, RepoPath};
use carat::checks::role::Role;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = (license_id(bytes), update_tool(bytes), language_of(bytes), is_workflow(bytes), Role::of(bytes));
    let _ = (path::lower(bytes), path::is_test_data(bytes), path::extension(bytes));
    let path = RepoPath::new(bytes);
    let shown = carat::report::visible(&path.text()).into_owned();
    assert!(!shown.contains(|c: char| c.is_control()));
});
