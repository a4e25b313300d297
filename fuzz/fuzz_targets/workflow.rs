//! Any text as a workflow.

#![no_main]

use carat::checks::parse::read_workflow;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let _ = read_workflow(text);
});
