//! Any text as a shell script.

#![no_main]

use carat::checks::parse::shell;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let _ = shell(text);
});
