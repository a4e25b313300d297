//! From bytes to characters.

use std::borrow::Cow;
use std::char;

/// Text as far as it could be decoded.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    /// Why it could not be decoded further. It matters only when somebody wants to read on.
    pub(super) broken: Option<&'static str>,
}

/// How many bytes the reference decodes at a time. What is wrong in a piece is found when its first character is
/// wanted; what is wrong behind the last piece that anybody wants is never found.
const PIECE: usize = 512;

const NO_UTF8: &str = "a byte that is no UTF-8";
const NO_UTF16: &str = "half a character of UTF-16";
const CONTROL: &str = "a control character";

/// Decodes UTF-8, or UTF-16 behind a byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Decoded<'_> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest, 3),
        _ => utf8(bytes, 0),
    }
}

fn utf8(bytes: &[u8], offset: usize) -> Decoded<'_> {
    let (valid, mut bad) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let valid = &bytes[..error.valid_up_to()];
            (std::str::from_utf8(valid).unwrap_or_default(), Some((valid.len(), NO_UTF8)))
        }
    };
    if let Some(at) = first_forbidden(valid) {
        bad = Some((at, CONTROL));
    }
    match bad {
        None => Decoded { text: Cow::Borrowed(valid), broken: None },
        Some((at, why)) => Decoded { text: Cow::Borrowed(&valid[..piece_start(bytes, at, offset)]), broken: Some(why) },
    }
}

/// Where the piece begins that holds the character at a byte. A character that does not fit into a piece goes into the
/// next one, which is then so much shorter.
fn piece_start(bytes: &[u8], at: usize, offset: usize) -> usize {
    let width = |lead: u8| match lead {
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf8 => 4,
        _ => 1,
    };
    let mut start = 0;
    let mut end = (PIECE - offset).min(bytes.len());
    while at + width(bytes[at]) > end {
        let cut = (end.saturating_sub(3)..end).find(|from| bytes[*from] >= 0xc0 && from + width(bytes[*from]) > end);
        start = cut.unwrap_or(end).min(at);
        if end == bytes.len() {
            break;
        }
        end = (start + PIECE).min(bytes.len());
    }
    start
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded<'static> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len());
    let all = bytes.len() + 2;
    let mut broken = (all % 2 == 1).then_some(NO_UTF16);
    // The end of the text before the piece that is being decoded.
    let (mut read, mut piece_end, mut good) = (2, PIECE.min(all), 0);
    for c in char::decode_utf16(units) {
        let half = |error: &char::DecodeUtf16Error| if error.unpaired_surrogate() < 0xdc00 { 4 } else { 2 };
        let width = c.as_ref().map_or_else(half, |c| 2 * c.len_utf16());
        if read + width > piece_end {
            good = text.len();
            piece_end = (read + PIECE).min(all);
        }
        read += width;
        match c {
            Ok(c) if is_allowed(c) => text.push(c),
            Ok(_) => broken = Some(CONTROL),
            Err(_) => broken = Some(NO_UTF16),
        }
        if !matches!(c, Ok(c) if is_allowed(c)) {
            text.truncate(good);
            break;
        }
    }
    Decoded { text: Cow::Owned(text), broken }
}

fn first_forbidden(text: &str) -> Option<usize> {
    // Nearly all texts are printable ASCII with line ends.
    let plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    if text.as_bytes().iter().all(plain) {
        return None;
    }
    text.char_indices().find(|(_, c)| !is_allowed(*c)).map(|(at, _)| at)
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_spoils_its_piece_and_none_before() {
        let mut bytes = vec![b'a'; 1500];
        bytes[1100] = 0xff;
        assert_eq!(decode(&bytes).text.len(), 1024);
        bytes[1100] = 7;
        assert_eq!(decode(&bytes).text.len(), 1024);
        bytes[10] = 0;
        assert_eq!(decode(&bytes).text.len(), 0);
        let mut wide = "é".repeat(600).into_bytes();
        wide.insert(0, b'a');
        wide[1100] = 0xff;
        assert_eq!(decode(&wide).text.len(), 1023);
    }

    #[test]
    fn byte_order_marks_tell_the_encoding() {
        for bytes in [&b"\xff\xfea\0\xe9\0"[..], b"\xfe\xff\0a\0\xe9", b"\xef\xbb\xbfa\xc3\xa9", b"a\xc3\xa9"] {
            let decoded = decode(bytes);
            assert_eq!((&*decoded.text, decoded.broken), ("aé", None));
        }
        assert!(decode(b"\xff\xfea\0\x00\xd8").broken.is_some());
        assert!(decode(b"\xff\xfea\0b").broken.is_some());
    }
}
