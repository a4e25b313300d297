//! Any text as a Dockerfile, and as project files of .NET.

#![no_main]

use carat::checks::parse::{base_images, directory_props, dockerfile, project_file, run_scripts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    if let Ok(file) = dockerfile(text) {
        let _ = (base_images(&file).is_ok(), run_scripts(&file).is_ok());
    }
    let _ = (project_file(text).is_ok(), directory_props(text).is_ok());
});
