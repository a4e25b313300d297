//! The characters of a script as its reader sees them: lines joined, NUL and backquote escapes gone.

use std::borrow::Cow;
use std::ops::Range;

/// What is seen at the end. No byte of UTF-8.
pub(super) const END: u8 = 0xff;

/// What is seen for a backslash and the line break after it. No byte of UTF-8.
pub(super) const JOIN: u8 = 0xfe;

/// Characters that mean nothing where they stand, so that a run of them is stepped over at once.
pub(super) struct Plain([bool; 256]);

impl Plain {
    /// These.
    pub(super) const fn only(chars: &[u8]) -> Self {
        let mut plain = [false; 256];
        let mut at = 0;
        while at < chars.len() {
            plain[chars[at] as usize] = true;
            at += 1;
        }
        Self(plain)
    }

    /// All but these, and but those that [`Chars::advance`] looks at itself.
    pub(super) const fn but(stops: &[u8]) -> Self {
        let mut plain = [true; 256];
        let own = b"\0\r\n\\`";
        let mut at = 0;
        while at < own.len() {
            plain[own[at] as usize] = false;
            at += 1;
        }
        let mut at = 0;
        while at < stops.len() {
            plain[stops[at] as usize] = false;
            at += 1;
        }
        Self(plain)
    }
}

/// Characters that stand for themselves wherever they are.
static ORDINARY: Plain = {
    let mut plain = Plain::but(b"");
    plain.0[b'\n' as usize] = true;
    plain
};

/// A place in the text, the character there, and the literal being collected.
pub(super) struct Chars<'t> {
    text: &'t [u8],
    /// Where to look for the character after `cur`.
    next: usize,
    /// The current character: a byte of UTF-8, [`END`] or [`JOIN`].
    pub cur: u8,
    /// Where it stands. For a joined line, at the line break.
    pub at: usize,
    /// Where the character before it ends. What is skipped stands in between.
    pub after: usize,
    /// The line of the current character, from 1.
    pub line: u32,
    /// Whether bytes that are not UTF-8 follow the end.
    broken: bool,
    /// The line of those bytes, once reading has arrived there.
    pub stopped: Option<u32>,
    /// How many backquotes are open.
    pub backquotes: usize,
    /// How many backslashes stood before the last backquote for the sake of open ones.
    pub backquote_escapes: usize,
    /// The literal so far, `cur` included, as a piece of the text.
    piece: Range<usize>,
    /// Its bytes, once it is no piece of the text because something in between is skipped.
    apart: Option<Vec<u8>>,
    collecting: bool,
}

impl<'t> Chars<'t> {
    pub(super) fn new(bytes: &'t [u8]) -> Self {
        let valid = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
        Self {
            text: &bytes[..valid],
            next: 0,
            cur: 0,
            at: 0,
            after: 0,
            line: 1,
            broken: valid < bytes.len(),
            stopped: None,
            backquotes: 0,
            backquote_escapes: 0,
            piece: 0..0,
            apart: None,
            collecting: false,
        }
    }

    /// Steps to the next character and returns it.
    #[inline]
    pub(super) fn advance(&mut self) -> u8 {
        match self.text.get(self.next) {
            Some(&byte) if ORDINARY.0[usize::from(byte)] => {
                if self.cur == b'\n' || self.cur == JOIN {
                    self.line += 1;
                }
                (self.after, self.at) = (self.next, self.next);
                self.next += 1;
                if self.collecting {
                    self.collect(self.at..self.next);
                }
                self.cur = byte;
                byte
            }
            _ => self.advance_over_odd(),
        }
    }

    /// The same where the next character is one that may not be what it seems, or the end.
    fn advance_over_odd(&mut self) -> u8 {
        if self.cur == b'\n' || self.cur == JOIN {
            self.line += 1;
        }
        self.after = self.next;
        let mut escapes = 0;
        loop {
            let Some(&byte) = self.text.get(self.next) else {
                if self.broken && self.stopped.is_none() {
                    self.stopped = Some(self.line);
                }
                self.at = self.text.len();
                self.cur = END;
                return END;
            };
            self.at = self.next;
            self.next += 1;
            match byte {
                0 => continue,
                b'\r' if self.follows(b"\n") => continue,
                b'\\' => {
                    // The second of two backslashes joins nothing. A third does not either, as the reference has it.
                    if self.cur != b'\\' {
                        let breaks = usize::from(self.follows(b"\n")) + 2 * usize::from(self.follows(b"\r\n"));
                        if breaks > 0 {
                            self.at = self.next + breaks - 1;
                            self.next += breaks;
                            self.cur = JOIN;
                            return JOIN;
                        }
                    }
                    if escapes < self.backquotes && matches!(self.text.get(self.next), Some(b'$' | b'`' | b'\\')) {
                        escapes += 1;
                        continue;
                    }
                }
                b'`' => self.backquote_escapes = escapes,
                _ => {}
            }
            if self.collecting {
                self.collect(self.at..self.next);
            }
            self.cur = byte;
            return byte;
        }
    }

    /// Takes the current character and those that follow it, if all are plain and one of `ends` comes then, to which it
    /// steps.
    pub(super) fn word(&mut self, plain: &Plain, ends: &Plain) -> Option<&'t [u8]> {
        let rest = &self.text[self.at..];
        let length = rest.iter().take_while(|byte| plain.0[usize::from(**byte)]).count();
        let end = *rest.get(length).filter(|end| ends.0[usize::from(**end)])?;
        // The current character is not what stands there, or a backslash before it is not seen.
        if length == 0 || self.cur != rest[0] || self.next != self.at + 1 {
            return None;
        }
        (self.after, self.at) = (self.at + length, self.at + length);
        self.next = self.at + 1;
        self.cur = end;
        Some(&rest[..length])
    }

    /// Steps over plain characters, if there are any, and then to the next one, which it returns.
    pub(super) fn advance_over(&mut self, plain: &Plain) -> u8 {
        let length = self.text[self.next..].iter().take_while(|byte| plain.0[usize::from(**byte)]).count();
        self.step_over(length)
    }

    /// Steps over what of a comment means nothing, up to a bound, and then to the next character, which it returns. Half of
    /// what is read as shell are comments.
    pub(super) fn advance_in_comment(&mut self) -> u8 {
        // Bounded, so that a character which is looked for first and one that comes first are never far from each other.
        let rest = &self.text[self.next..];
        let rest = &rest[..rest.len().min(256)];
        let end = memchr::memchr3(b'\n', b'\\', b'`', rest).unwrap_or(rest.len());
        let length = memchr::memchr2(0, b'\r', &rest[..end]).unwrap_or(end);
        self.step_over(length)
    }

    /// Steps over this many plain characters and then to the next one.
    fn step_over(&mut self, length: usize) -> u8 {
        if length > 0 {
            if self.cur == b'\n' || self.cur == JOIN {
                self.line += 1;
            }
            if self.collecting {
                self.collect(self.next..self.next + length);
            }
            self.next += length;
            self.cur = self.text[self.next - 1];
        }
        self.advance()
    }

    /// How many bytes there are to read.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether `bytes` stand right after the current character.
    pub(super) fn follows(&self, bytes: &[u8]) -> bool {
        self.text[self.next..].starts_with(bytes)
    }

    /// Begins a literal with the current character.
    pub(super) fn begin_literal(&mut self) {
        self.collecting = true;
        self.apart = None;
        self.piece = if self.cur < JOIN { self.at..self.at + 1 } else { self.next..self.next };
    }

    /// The literal so far, with the current character.
    pub(super) fn literal(&self) -> &[u8] {
        self.apart.as_deref().unwrap_or(&self.text[self.piece.clone()])
    }

    /// Adds a piece of the text to the literal.
    fn collect(&mut self, piece: Range<usize>) {
        if self.apart.is_none() && piece.start == self.piece.end {
            self.piece.end = piece.end;
        } else {
            self.insert(&self.text[piece]);
        }
    }

    /// Adds what does not stand in the text like this.
    pub(super) fn insert(&mut self, bytes: &[u8]) {
        self.apart.get_or_insert_with(|| self.text[self.piece.clone()].to_vec()).extend_from_slice(bytes);
    }

    /// Ends the literal before the current character.
    pub(super) fn end_literal(&mut self) -> Cow<'t, [u8]> {
        self.drop_literal();
        self.apart.take().map_or(Cow::Borrowed(&self.text[self.piece.clone()]), Cow::Owned)
    }

    /// Ends the literal before the current character and leaves it where it is.
    pub(super) fn drop_literal(&mut self) {
        self.collecting = false;
        if self.cur < JOIN {
            match &mut self.apart {
                Some(bytes) => _ = bytes.pop(),
                None => self.piece.end -= usize::from(!self.piece.is_empty()),
            }
        }
    }

    /// The current character in the text, of which it is a byte.
    pub(super) fn current(&self) -> &'t [u8] {
        self.text.get(self.at..self.at + 1).unwrap_or_default()
    }

    /// Whether the current backquote closes one rather than opens the next.
    pub(super) fn closes_backquote(&self) -> bool {
        self.backquote_escapes < self.backquotes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that a reader sees of a place.
    fn place(chars: &Chars<'_>) -> (u8, [usize; 5], u32, Option<u32>, Vec<u8>) {
        let counts = [chars.next, chars.at, chars.after, chars.backquotes, chars.backquote_escapes];
        (chars.cur, counts, chars.line, chars.stopped, chars.literal().to_vec())
    }

    #[test]
    fn stepping_over_is_stepping() {
        static PLAIN: Plain = Plain::but(b"\"x");
        let text = "ab\\\ncd\0e\r\nf\\`g\\\\\r\nh\u{e9}\"\"i`x\n\n\tjk\\";
        static COMMENT: Plain = Plain::but(b"");
        for (collects, comments) in [(false, false), (true, false), (false, true), (true, true)] {
            let plain = if comments { &COMMENT } else { &PLAIN };
            for backquotes in 0..3 {
                for cut in 0..=text.len() {
                    let (mut one, mut other) = (Chars::new(&text.as_bytes()[..cut]), Chars::new(&text.as_bytes()[..cut]));
                    for chars in [&mut one, &mut other] {
                        chars.backquotes = backquotes;
                        chars.advance();
                        if collects {
                            chars.begin_literal();
                        }
                    }
                    while one.cur != END {
                        if comments {
                            other.advance_in_comment()
                        } else {
                            other.advance_over(&PLAIN)
                        };
                        one.advance();
                        while place(&one) != place(&other) {
                            assert!(one.cur < JOIN && plain.0[usize::from(one.cur)], "{cut}: {}", one.cur);
                            one.advance();
                        }
                    }
                }
            }
        }
    }
}
