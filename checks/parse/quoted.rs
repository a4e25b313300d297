//! Where a string between quotes ends.

/// In each byte of eight the lowest bit, and the highest.
const LOW: u64 = u64::from_ne_bytes([1; 8]);
const HIGH: u64 = LOW << 7;

/// After how many eights a string is no name and no version, and is looked at by more at a time.
const SHORT: usize = 4;

/// How many bytes stand before the first that is the quote, a backslash or a control character below the space.
///
/// Many bytes at a time: most strings of lock files are checksums and addresses, and they are most of these files.
pub(super) fn plain(text: &[u8], quote: u8) -> usize {
    let quotes = LOW * u64::from(quote);
    let (words, _) = text.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let stops = stops(*word, quotes);
        if stops != 0 {
            return number * 8 + stops.trailing_zeros() as usize / 8;
        }
        if number == SHORT {
            return long(text, quote);
        }
    }
    let at = words.len() * 8;
    at + text[at..].iter().position(|byte| is_stop(*byte, quote)).unwrap_or(text.len() - at)
}

/// The same of a string that is known to be long.
#[inline(never)]
fn long(text: &[u8], quote: u8) -> usize {
    // Without a way out of each, so that the bytes of one are looked at together.
    let is_plain = |chunk: &&[u8; 32]| !chunk.iter().fold(false, |found, byte| found | is_stop(*byte, quote));
    let (chunks, _) = text.as_chunks::<32>();
    let at = chunks.iter().take_while(is_plain).count() * 32;
    let quotes = LOW * u64::from(quote);
    let (words, _) = text[at..].as_chunks::<8>();
    let found = words.iter().enumerate().find_map(|(number, word)| {
        let stops = stops(*word, quotes);
        (stops != 0).then(|| number * 8 + stops.trailing_zeros() as usize / 8)
    });
    found.map_or_else(
        || {
            let at = at + words.len() * 8;
            at + text[at..].iter().position(|byte| is_stop(*byte, quote)).unwrap_or(text.len() - at)
        },
        |found| at + found,
    )
}

fn is_stop(byte: u8, quote: u8) -> bool {
    (byte == quote) | (byte == b'\\') | (byte < b' ')
}

/// The highest bits of eight bytes, as far as up to the first that stops.
#[inline]
fn stops(word: [u8; 8], quotes: u64) -> u64 {
    let word = u64::from_le_bytes(word);
    // Taking 1 or more from a byte sets its highest bit where it was less. Whatever that borrows from the next byte comes
    // behind the first stop, and the first alone counts. The stops have no highest bit themselves.
    let (quotes, backslashes) = ((word ^ quotes).wrapping_sub(LOW), (word ^ (LOW * u64::from(b'\\'))).wrapping_sub(LOW));
    (quotes | backslashes | word.wrapping_sub(LOW * u64::from(b' '))) & !word & HIGH
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
