//! Where a string between quotes ends.

/// In each byte of eight the lowest bit, and the highest.
const LOW: u64 = u64::from_ne_bytes([1; 8]);
const HIGH: u64 = LOW << 7;

/// What is looked at by eights before it is looked at by more: names and versions end there.
const SHORT: usize = 32;

/// How many bytes stand before the first that is the quote, a backslash or a control character below the space.
///
/// Many bytes at a time: most strings of lock files are checksums and addresses, and they are most of these files.
pub(super) fn plain(text: &[u8], quote: u8) -> usize {
    let short = &text[..text.len().min(SHORT)];
    let found = by_eights(short, quote);
    if found < short.len() || short.len() == text.len() {
        return found;
    }
    // Without a way out of each, so that the bytes of one are looked at together.
    let is_stop = |byte: u8| byte == quote || byte == b'\\' || byte < b' ';
    let (chunks, _) = text[SHORT..].as_chunks::<SHORT>();
    let plain = chunks.iter().take_while(|chunk| !chunk.iter().fold(false, |found, byte| found | is_stop(*byte))).count();
    let at = SHORT + plain * SHORT;
    at + by_eights(&text[at..], quote)
}

fn by_eights(text: &[u8], quote: u8) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // Taking 1 or more from a byte sets its highest bit where it was less. Whatever that borrows from the next byte
        // comes behind the first stop, and the first alone counts. The stops have no highest bit themselves.
        let is = |byte: u8| (word ^ (LOW * u64::from(byte))).wrapping_sub(LOW);
        let stops = (is(quote) | is(b'\\') | word.wrapping_sub(LOW * u64::from(b' '))) & !word & HIGH;
        if stops != 0 {
            return number * 8 + stops.trailing_zeros() as usize / 8;
        }
    }
    let is_stop = |byte: &u8| *byte == quote || *byte == b'\\' || *byte < b' ';
    words.len() * 8 + rest.iter().position(is_stop).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn it_finds_the_first_stop(text in proptest::collection::vec(proptest::prop_oneof![
            8 => proptest::num::u8::ANY, 1 => proptest::strategy::Just(b'"'), 1 => proptest::strategy::Just(b'!'),
            4 => b'!'..=b'~', 1 => proptest::strategy::Just(0x1f), 1 => proptest::strategy::Just(0x80), 60 => b'#'..=b'Z',
        ], 0..140)) {
            for quote in [b'"', b'\''] {
                let wanted = text.iter().position(|byte| *byte == quote || *byte == b'\\' || *byte < 0x20).unwrap_or(text.len());
                proptest::prop_assert_eq!(plain(&text, quote), wanted);
            }
        }
    }
}
