//! Any text as a saved run: what is read can be judged and reported, and comes back from its own JSON.

#![no_main]

use carat::report::{FORMATS, Look};
use carat::{Run, Saved};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let Ok(saved) = Saved::parse(text) else { return };
    let Ok(selection) = saved.selection() else { return };
    let run = Run::judge(&selection, saved.evidence);
    let look = Look { width: 80, colour: false, links: None, annotations: true, hints: false, details: true };
    for format in FORMATS {
        let mut out = Vec::new();
        if format.write(&run, &look, &mut out).is_ok() && format.name == "evidence" {
            assert_eq!(Saved::parse(&out).as_ref(), Ok(&run.saved));
        }
    }
});
