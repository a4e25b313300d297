//! Characters as the reference's language reads them: white space, folding, and bytes that are no UTF-8.

/// The character at a place and its length; `None` with length 1 for a byte that begins none.
pub(super) fn char_at(text: &[u8], at: usize) -> (Option<char>, usize) {
    let rest = &text[at..];
    let length = match rest.first() {
        None => return (None, 0),
        Some(byte) if byte.is_ascii() => return (Some(char::from(*byte)), 1),
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        Some(_) => return (None, 1),
    };
    let decoded = rest.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    decoded.and_then(|text| text.chars().next()).map_or((None, 1), |c| (Some(c), length))
}

/// Without the white space at the beginning, which is Unicode's.
pub(super) fn trim_start(text: &[u8]) -> &[u8] {
    // What nearly every line begins with.
    if text.first().is_some_and(u8::is_ascii_graphic) {
        return text;
    }
    let mut at = 0;
    while let (Some(c), length) = char_at(text, at)
        && c.is_whitespace()
    {
        at += length;
    }
    &text[at..]
}

/// Without the white space at both ends.
pub(super) fn trim(text: &[u8]) -> &[u8] {
    let mut text = trim_start(text);
    while let Some(rest) = without_last_blank(text) {
        text = rest;
    }
    text
}

fn without_last_blank(text: &[u8]) -> Option<&[u8]> {
    let is_blank = |length: &usize| {
        let (c, whole) = char_at(text, text.len() - length);
        c.is_some_and(char::is_whitespace) && whole == *length
    };
    // White space is at most three bytes long.
    let length = (1..=text.len().min(3)).find(is_blank)?;
    Some(&text[..text.len() - length])
}

/// The blanks that part words: no Unicode, no line feed.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x0b | 0x0c | b'\r' | b' ')
}

/// The words between blanks of a text that is trimmed.
pub(super) fn fields(text: &[u8]) -> Vec<Vec<u8>> {
    text.split(|byte| is_blank(*byte)).filter(|word| !word.is_empty()).map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_unicodes_and_broken_bytes_are_none() {
        assert_eq!(trim("\u{a0} \u{2003}x y\u{85}\u{3000}".as_bytes()), b"x y");
        assert_eq!(trim(b"\xa0x\xa0"), b"\xa0x\xa0");
        assert_eq!(trim(b" \xe3\x80 "), b"\xe3\x80");
        assert_eq!(trim(b" \t"), b"");
        assert_eq!(char_at("é".as_bytes(), 1), (None, 1));
    }
}
