//! Which files are binaries: by the first bytes of a format, or by a name together with control characters.
//!
//! The rules are those of `filetype` 1.1.3, which the reference uses, as far as they concern the formats that count.

use super::HEAD;
use crate::evidence::Sign;
use crate::path;

/// The formats that count as binaries, by their usual extension.
const FORMATS: [&str; 27] = [
    "crx", "deb", "dex", "dey", "elf", "o", "a", "so", "macho", "iso", "class", "jar", "bundle", "dylib", "lib", "msi", "dll", "drv",
    "efi", "exe", "ocx", "pyc", "pyo", "par", "rpm", "wasm", "whl",
];

/// The binary format of a file, if it is one. `head` are its first [`HEAD`] bytes.
pub(super) fn binary(file: &[u8], head: &[u8]) -> Option<(&'static str, Sign)> {
    let head = &head[..head.len().min(HEAD)];
    if let Some(format) = magic(head) {
        return Some((format, Sign::Magic));
    }
    let extension = path::extension(file).strip_prefix(b".")?;
    let format = FORMATS.into_iter().find(|format| format.as_bytes() == extension)?;
    has_control_characters(head).then_some((format, Sign::Name))
}

/// The format that the first bytes are those of.
fn magic(head: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, mark: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(mark));
    let first = *head.first()?;
    // Most files begin with none of these bytes.
    if !matches!(first, b'M' | 0x7f | 0 | b'd' | 0xfe | 0xbe | 0xcf | 0xce | 0xca | b'C' | b'!' | 0xed) {
        return None;
    }
    if at(0, b"\0asm\x01\0\0\0") {
        return Some("wasm");
    }
    if at(0, b"dex\n") && head.len() > 36 && head[36] == 0x70 {
        return Some("dex");
    }
    if at(0, b"dey\n") && head.len() > 100 && at(40, b"dex\n") && head[76] == 0x70 {
        return Some("dey");
    }
    if is_media(head) {
        return None;
    }
    if at(0, b"MZ") {
        Some("exe")
    } else if at(0, b"\x7fELF") && head.len() > 52 {
        Some("elf")
    } else if at(0, b"Cr24") {
        Some("crx")
    } else if at(0, b"!<arch>\ndebian-binary") {
        Some("deb")
    } else if at(0, b"\xed\xab\xee\xdb") && head.len() > 96 {
        Some("rpm")
    } else if MACH_O.iter().any(|mark| at(0, mark)) {
        Some("macho")
    } else {
        None
    }
}

/// The beginnings of Mach-O files, thin and fat; Java classes share one of them.
const MACH_O: [[u8; 4]; 6] = [
    [0xfe, 0xed, 0xfa, 0xcf],
    [0xfe, 0xed, 0xfa, 0xce],
    [0xbe, 0xba, 0xfe, 0xca],
    [0xcf, 0xfa, 0xed, 0xfe],
    [0xce, 0xfa, 0xed, 0xfe],
    [0xca, 0xfe, 0xba, 0xbe],
];

/// Images, videos and sounds that are told by later bytes, and come before the binaries in the reference's order.
fn is_media(head: &[u8]) -> bool {
    const BRANDS: [&[u8; 4]; 30] = [
        b"avc1", b"dash", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"isom", b"mmp4", b"mp41", b"mp42", b"mp4v", b"mp71", b"MSNV",
        b"NDAS", b"NDSC", b"NSDC", b"NDSH", b"NDSM", b"NDSP", b"NDSS", b"NDXC", b"NDXH", b"NDXM", b"NDXP", b"NDXS", b"F4V ", b"F4P ",
        b"M4V ", b"M4A ",
    ];
    let word = |offset: usize| head.get(offset..offset + 4);
    if word(8) == Some(b"WEBP") {
        return true;
    }
    if head.len() >= 16 && (matches!(word(4), Some(b"moov" | b"mdat")) || word(12) == Some(b"mdat")) {
        return true;
    }
    if word(4) == Some(b"ftyp") {
        let brand = word(8).unwrap_or_default();
        return head.len() >= 11 && (head[8..].starts_with(b"M4V") || head[8..].starts_with(b"3gp") || head[8..].starts_with(b"M4A"))
            || BRANDS.iter().any(|known| &known[..] == brand);
    }
    false
}

/// Whether the head holds control characters. The last three bytes are never looked at, as in the reference, so a
/// file of three bytes is always text.
fn has_control_characters(head: &[u8]) -> bool {
    let end = head.len().saturating_sub(3);
    head[..end].iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\n' | b'\t' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn padded(start: &[u8], len: usize) -> Vec<u8> {
        let mut bytes = start.to_vec();
        bytes.resize(len, b'x');
        bytes
    }

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        let mut dex = padded(b"dex\n035\0", 64);
        dex[36] = 0x70;
        let mut dey = padded(b"dey\n036\0", 128);
        dey[40..44].copy_from_slice(b"dex\n");
        dey[76] = 0x70;
        for (bytes, format) in [
            (padded(b"MZ", 2), Some("exe")),
            (padded(b"\x7fELF", 53), Some("elf")),
            (padded(b"\x7fELF", 52), None),
            (padded(b"\0asm\x01\0\0\0", 8), Some("wasm")),
            (padded(b"\0asm\x0d\0\x01\0", 8), None),
            (dex, Some("dex")),
            (padded(b"dex\n035\0", 64), None),
            (dey, Some("dey")),
            (padded(b"\xca\xfe\xba\xbe", 4), Some("macho")),
            (padded(b"\xca\xfe\xba", 3), None),
            (padded(b"Cr24", 4), Some("crx")),
            (padded(b"!<arch>\ndebian-binary", 30), Some("deb")),
            (padded(b"!<arch>\nfoo.o/", 80), None),
            (padded(b"\xed\xab\xee\xdb", 97), Some("rpm")),
            (padded(b"\xed\xab\xee\xdb", 96), None),
            (padded(b"PK\x03\x04", 80), None),
            (padded(b"mz", 2), None),
            (Vec::new(), None),
        ] {
            assert_eq!(magic(&bytes), format, "{bytes:?}");
        }
    }

    #[test]
    fn media_hide_what_they_seem_to_be() {
        for bytes in [&b"MZxxxxxxWEBPxxxxxxxx"[..], b"MZxxmdatxxxxxxxx", b"MZxxftypisomxxxx", b"MZxxftyp3gp", b"MZxxftypM4A"] {
            assert_eq!(magic(bytes), None, "{bytes:?}");
        }
        assert_eq!(magic(b"MZxxmdatxxxxxxx"), Some("exe"), "fifteen bytes are too short for the mark");
        assert_eq!(magic(b"MZxxftypqt  xxxx"), Some("exe"), "an unknown brand");
    }

    #[test]
    fn names_count_with_control_characters_only() {
        for (file, head, format) in [
            ("a.so", &b"a\0bcd"[..], Some("so")),
            ("a.SO", b"a\0bcd", None),
            ("a.so.1", b"a\0bcd", None),
            (".exe", b"\x1bxxx", Some("exe")),
            ("b.tar.o", b"\x0cxxx", Some("o")),
            ("a.lib", b"plain text\r\n\t", None),
            ("a.lib", b"\0\0\0", None),
            ("a.lib", b"x\0xx", None),
            ("a.lib", b"x\0xxx", Some("lib")),
            ("a.o", b"\x7f\xc2\x85\xffxxxx", None),
            ("lib.so/readme", b"\0xxxx", None),
        ] {
            assert_eq!(binary(file.as_bytes(), head).map(|(format, _)| format), format, "{file} {head:?}");
        }
    }
}
