//! Lines, as the reference takes them from texts that are read line by line.

/// A line with this many bytes or more is not read by the reference, nor is what follows.
const LONGEST: usize = 64 << 10;

/// The lines of a text up to the first that is too long, with their numbers from 1 and without their ends.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    number: u32,
    /// The line that was too long.
    pub(super) too_long: Option<u32>,
}

pub(super) const fn lines(text: &[u8]) -> Lines<'_> {
    Lines { rest: text, number: 0, too_long: None }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (u32, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        self.number = self.number.saturating_add(1);
        let end = memchr::memchr(b'\n', self.rest);
        let line = &self.rest[..end.unwrap_or(self.rest.len())];
        self.rest = end.map_or(&[], |end| &self.rest[end + 1..]);
        if line.len() >= LONGEST {
            self.too_long = Some(self.number);
            self.rest = &[];
            return None;
        }
        Some((self.number, line.strip_suffix(b"\r").unwrap_or(line)))
    }
}

/// What is said of a line that is too long.
pub(super) const TOO_LONG: &str = "a line of 64 KiB or more";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_their_ends() {
        let read = |text: &'static str| {
            lines(text.as_bytes()).map(|(n, line)| (n, String::from_utf8_lossy(line).into_owned())).collect::<Vec<_>>()
        };
        assert_eq!(read(""), []);
        assert_eq!(read("a\r\n\nb"), [(1, "a".to_owned()), (2, String::new()), (3, "b".to_owned())]);
        let long = [b"a\n".to_vec(), vec![b'x'; LONGEST], b"\nb".to_vec()].concat();
        let mut all = lines(&long);
        assert_eq!((all.by_ref().count(), all.too_long), (1, Some(2)));
        assert_eq!(lines(&vec![b'x'; LONGEST - 1]).count(), 1);
    }
}
