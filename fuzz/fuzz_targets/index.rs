//! Any bytes as Git's index: what is listed is in order and stays within the working tree.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(paths) = carat::fuzzing::index(bytes) else { return };
    assert!(paths.is_sorted_by(|a, b| a < b));
    assert!(paths.iter().all(|path| !path.starts_with(b"/") && !path.split(|byte| *byte == b'/').any(|name| name == b"..")));
});
