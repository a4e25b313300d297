//! Directives, anchors and tags.

use super::SyntaxError;
use super::cursor::Mark;
use super::scanner::{Kind, Scanner};

const BAD_DIRECTIVE: &str = "a directive that is not understood";
const BAD_TAG: &str = "a tag that is not understood: a value that begins with an exclamation mark has to be quoted";

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

impl Scanner<'_> {
    pub(super) fn directive(&mut self) -> Result<Kind, SyntaxError> {
        let start = self.cursor.mark;
        let bad = || start.error(BAD_DIRECTIVE);
        self.cursor.skip();
        let mut name = String::new();
        while is_name(self.cursor.peek(0)) {
            self.cursor.take(&mut name);
        }
        if name.is_empty() || !self.cursor.is_word_end(0) {
            return Err(bad());
        }
        self.cursor.skip_blanks();
        let kind = match name.as_str() {
            "YAML" => {
                let major = self.version_number().ok_or_else(bad)?;
                if self.cursor.peek(0) != b'.' {
                    return Err(bad());
                }
                self.cursor.skip();
                Kind::Version { major, minor: self.version_number().ok_or_else(bad)? }
            }
            "TAG" => {
                let handle = self.tag_handle(true).ok_or_else(bad)?;
                if !self.cursor.is_blank(0) {
                    return Err(bad());
                }
                self.cursor.skip_blanks();
                if !self.tag_rest(start)? || !self.cursor.is_word_end(0) {
                    return Err(bad());
                }
                Kind::TagDirective { handle }
            }
            _ => return Err(bad()),
        };
        self.cursor.skip_blanks();
        if self.cursor.peek(0) == b'#' {
            self.cursor.skip_line();
        }
        if !self.cursor.is_line_end(0) {
            return Err(bad());
        }
        self.cursor.skip_break();
        Ok(kind)
    }

    fn version_number(&mut self) -> Option<u8> {
        let mut digits = 0;
        let mut number = 0;
        while self.cursor.peek(0).is_ascii_digit() {
            digits += 1;
            if digits > 2 {
                return None;
            }
            number = number * 10 + (self.cursor.peek(0) - b'0');
            self.cursor.skip();
        }
        (digits > 0).then_some(number)
    }

    /// The name behind `*` or `&`.
    pub(super) fn anchor_name(&mut self) -> Result<String, SyntaxError> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let mut name = String::new();
        while matches!(self.cursor.peek(0), b'!'..=b'~') && !matches!(self.cursor.peek(0), b':' | b',' | b'[' | b']' | b'{' | b'}') {
            self.cursor.take(&mut name);
        }
        let ends = self.cursor.is_word_end(0) || matches!(self.cursor.peek(0), b':' | b',' | b']' | b'}');
        if name.is_empty() || !ends {
            return Err(start.error("an anchor or alias without a name: a value that begins with `*` or `&` has to be quoted"));
        }
        Ok(name)
    }

    /// A tag, of which only the handle matters.
    pub(super) fn tag(&mut self) -> Result<String, SyntaxError> {
        let start = self.cursor.mark;
        let bad = || start.error(BAD_TAG);
        let handle = if self.cursor.peek(1) == b'<' {
            self.cursor.skip();
            self.cursor.skip();
            if !self.tag_rest(start)? || self.cursor.peek(0) != b'>' {
                return Err(bad());
            }
            self.cursor.skip();
            String::new()
        } else {
            let handle = self.tag_handle(false).ok_or_else(bad)?;
            let named = handle.len() > 1 && handle.ends_with('!');
            let rest = self.tag_rest(start)?;
            if named {
                if !rest {
                    return Err(bad());
                }
                handle
            } else if handle.len() > 1 || rest {
                "!".to_owned()
            } else {
                String::new()
            }
        };
        if self.cursor.is_word_end(0) { Ok(handle) } else { Err(bad()) }
    }

    fn tag_handle(&mut self, directive: bool) -> Option<String> {
        if self.cursor.peek(0) != b'!' {
            return None;
        }
        let mut handle = String::new();
        self.cursor.take(&mut handle);
        while is_name(self.cursor.peek(0)) {
            self.cursor.take(&mut handle);
        }
        if self.cursor.peek(0) == b'!' {
            self.cursor.take(&mut handle);
        } else if directive && handle != "!" {
            return None;
        }
        Some(handle)
    }

    /// Steps over the rest of a tag; whether there was any.
    fn tag_rest(&mut self, start: Mark) -> Result<bool, SyntaxError> {
        let mut any = false;
        loop {
            match self.cursor.peek(0) {
                b'%' => self.tag_escape(start)?,
                byte if is_name(byte) || b";/?:@&=+$,.!~*'()[]".contains(&byte) => self.cursor.skip(),
                _ => return Ok(any),
            }
            any = true;
        }
    }

    /// Steps over a character that is written as the bytes of its UTF-8.
    fn tag_escape(&mut self, start: Mark) -> Result<(), SyntaxError> {
        let mut left = 1;
        let mut first = true;
        while left > 0 {
            let digit = |ahead| char::from(self.cursor.peek(ahead)).to_digit(16);
            let (b'%', Some(high), Some(low)) = (self.cursor.peek(0), digit(1), digit(2)) else {
                return Err(start.error(BAD_TAG));
            };
            match (first, high * 16 + low) {
                (true, ..0x80) => left = 1,
                (true, 0xc0..0xe0) => left = 2,
                (true, 0xe0..0xf0) => left = 3,
                (true, 0xf0..0xf8) => left = 4,
                (false, 0x80..0xc0) => {}
                _ => return Err(start.error(BAD_TAG)),
            }
            first = false;
            (0..3).for_each(|_| self.cursor.skip());
            left -= 1;
        }
        Ok(())
    }
}
