//! Any text as maintainers' annotations.

#![no_main]

use carat::checks::parse::read_annotations;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let _ = read_annotations(text);
});
