//! Any bytes as a host's answer to a fetch command: however they are cut into pieces, it is the same.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (length, bytes) = input;
    let whole = carat::fuzzing::fetched(bytes, bytes.len());
    assert_eq!(carat::fuzzing::fetched(bytes, length.into()), whole);
    assert!(whole.map_or(true, |pack| pack.len() < bytes.len()));
});
