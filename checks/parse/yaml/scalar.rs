//! Scalars: block, quoted and plain.

use super::SyntaxError;
use super::cursor::Mark;
use super::scanner::Scanner;

/// Which line ends at the end of a block scalar are kept.
#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

/// Line ends between two pieces of a scalar: the first, and the others.
#[derive(Default)]
struct Breaks {
    first: String,
    others: String,
}

impl Breaks {
    /// Joins two lines: a single line end becomes a blank, of several the first one goes.
    fn fold(&mut self, out: &mut String) {
        if !self.first.starts_with('\n') {
            out.push_str(&self.first);
            out.push_str(&self.others);
        } else if self.others.is_empty() {
            out.push(' ');
        } else {
            out.push_str(&self.others);
        }
        self.first.clear();
        self.others.clear();
    }
}

/// White space between two words of a scalar that is quoted or plain.
#[derive(Default)]
struct Space {
    /// What stands there, if no line ends.
    blanks: String,
    breaks: Breaks,
    /// Whether a line ends.
    new_line: bool,
}

impl Space {
    /// Joins two words by it, and begins anew.
    fn join(&mut self, out: &mut String) {
        if self.new_line {
            self.breaks.fold(out);
            self.new_line = false;
        } else {
            out.push_str(&self.blanks);
        }
        self.blanks.clear();
    }
}

impl Scanner<'_> {
    pub(super) fn block_scalar(&mut self, literal: bool) -> Result<String, SyntaxError> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let (chomping, increment) = self.block_header(start)?;
        let mut indent = match increment {
            0 => 0,
            increment => usize::try_from(self.indent).unwrap_or(0) + increment,
        };
        let mut out = String::new();
        let mut breaks = Breaks::default();
        self.block_breaks(&mut indent, &mut breaks.others, start)?;
        let mut after_blank = false;
        while self.cursor.mark.column == indent && !self.cursor.is_end() {
            let blank = self.cursor.is_blank(0);
            if !literal && !after_blank && !blank && breaks.first.starts_with('\n') {
                breaks.fold(&mut out);
            } else {
                out.push_str(&breaks.first);
                out.push_str(&breaks.others);
                breaks.first.clear();
                breaks.others.clear();
            }
            after_blank = blank;
            while !self.cursor.is_line_end(0) {
                self.cursor.take(&mut out);
            }
            self.cursor.take_break(&mut breaks.first);
            self.block_breaks(&mut indent, &mut breaks.others, start)?;
        }
        if chomping != Chomping::Strip {
            out.push_str(&breaks.first);
        }
        if chomping == Chomping::Keep {
            out.push_str(&breaks.others);
        }
        Ok(out)
    }

    /// What stands behind the indicator: chomping and indentation, in any order, and a comment.
    fn block_header(&mut self, start: Mark) -> Result<(Chomping, usize), SyntaxError> {
        let mut chomping = None;
        let mut increment = None;
        for _ in 0..2 {
            match self.cursor.peek(0) {
                b'+' if chomping.is_none() => chomping = Some(Chomping::Keep),
                b'-' if chomping.is_none() => chomping = Some(Chomping::Strip),
                b'0' if increment.is_none() => return Err(start.error("an indentation of 0 behind a block indicator")),
                digit @ b'1'..=b'9' if increment.is_none() => increment = Some(usize::from(digit - b'0')),
                _ => break,
            }
            self.cursor.skip();
        }
        self.cursor.skip_blanks();
        if self.cursor.peek(0) == b'#' {
            self.cursor.skip_line();
        }
        if !self.cursor.is_line_end(0) {
            return Err(start.error("text behind a block indicator: a value that begins with `|` or `>` has to be quoted"));
        }
        self.cursor.skip_break();
        Ok((chomping.unwrap_or(Chomping::Clip), increment.unwrap_or(0)))
    }

    /// Steps over indentation and empty lines; finds out the indentation where nobody told it.
    fn block_breaks(&mut self, indent: &mut usize, breaks: &mut String, start: Mark) -> Result<(), SyntaxError> {
        let mut deepest = 0;
        loop {
            while (*indent == 0 || self.cursor.mark.column < *indent) && self.cursor.peek(0) == b' ' {
                self.cursor.skip();
            }
            deepest = deepest.max(self.cursor.mark.column);
            if (*indent == 0 || self.cursor.mark.column < *indent) && self.cursor.peek(0) == b'\t' {
                return Err(start.error("a tab in the indentation of a block of text"));
            }
            if !self.cursor.is_break(0) {
                break;
            }
            self.cursor.take_break(breaks);
        }
        if *indent == 0 {
            let least = usize::try_from(self.indent + 1).unwrap_or(0);
            *indent = deepest.max(least).max(1);
        }
        Ok(())
    }

    pub(super) fn quoted_scalar(&mut self, quote: u8) -> Result<String, SyntaxError> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let mut out = String::new();
        let mut space = Space::default();
        loop {
            if self.cursor.is_document_mark(b'-') || self.cursor.is_document_mark(b'.') {
                return Err(start.error("a document ends inside quotes"));
            }
            if self.cursor.is_end() {
                return Err(start.error("a quote that nobody closes"));
            }
            while !self.cursor.is_word_end(0) {
                let byte = self.cursor.peek(0);
                if byte == quote && quote == b'\'' && self.cursor.peek(1) == b'\'' {
                    self.cursor.skip();
                    self.cursor.take(&mut out);
                } else if byte == quote {
                    break;
                } else if byte == b'\\' && quote == b'"' {
                    if self.cursor.is_break(1) {
                        self.cursor.skip();
                        self.cursor.skip_break();
                        space.new_line = true;
                        break;
                    }
                    self.escape(&mut out, start)?;
                } else {
                    self.cursor.take(&mut out);
                }
            }
            if self.cursor.peek(0) == quote {
                break;
            }
            self.space(&mut space, 0, start)?;
            space.join(&mut out);
        }
        self.cursor.skip();
        Ok(out)
    }

    /// Steps over white space within a scalar. Before the column `indent` a line may not begin with a tab.
    fn space(&mut self, space: &mut Space, indent: usize, start: Mark) -> Result<(), SyntaxError> {
        loop {
            if self.cursor.is_break(0) {
                if space.new_line {
                    self.cursor.take_break(&mut space.breaks.others);
                } else {
                    space.blanks.clear();
                    self.cursor.take_break(&mut space.breaks.first);
                    space.new_line = true;
                }
            } else if !self.cursor.is_blank(0) {
                return Ok(());
            } else if !space.new_line {
                self.cursor.take(&mut space.blanks);
            } else if self.cursor.mark.column < indent && self.cursor.peek(0) == b'\t' {
                return Err(start.error("a tab in the indentation behind a value"));
            } else {
                self.cursor.skip();
            }
        }
    }

    fn escape(&mut self, out: &mut String, start: Mark) -> Result<(), SyntaxError> {
        let digits = match self.cursor.peek(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        if digits == 0 {
            out.push(match self.cursor.peek(1) {
                b'0' => '\0',
                b'a' => '\x07',
                b'b' => '\x08',
                b't' | b'\t' => '\t',
                b'n' => '\n',
                b'v' => '\x0b',
                b'f' => '\x0c',
                b'r' => '\r',
                b'e' => '\x1b',
                b' ' => ' ',
                b'"' => '"',
                b'\'' => '\'',
                b'\\' => '\\',
                b'N' => '\u{85}',
                b'_' => '\u{a0}',
                b'L' => '\u{2028}',
                b'P' => '\u{2029}',
                _ => return Err(start.error("a backslash in double quotes that begins no known escape")),
            });
        }
        self.cursor.skip();
        self.cursor.skip();
        if digits > 0 {
            let mut value = 0_u32;
            for ahead in 0..digits {
                let digit = char::from(self.cursor.peek(ahead)).to_digit(16);
                let digit = digit.ok_or_else(|| start.error("an escape without its hexadecimal digits"))?;
                value = value.wrapping_shl(4) | digit;
            }
            out.push(char::from_u32(value).ok_or_else(|| start.error("an escape that stands for no character"))?);
            (0..digits).for_each(|_| self.cursor.skip());
        }
        Ok(())
    }

    pub(super) fn plain_scalar(&mut self) -> Result<String, SyntaxError> {
        let start = self.cursor.mark;
        let indent = usize::try_from(self.indent + 1).unwrap_or(0);
        let mut out = String::new();
        let mut space = Space::default();
        loop {
            if self.cursor.is_document_mark(b'-') || self.cursor.is_document_mark(b'.') || self.cursor.peek(0) == b'#' {
                break;
            }
            while !self.cursor.is_word_end(0) {
                let byte = self.cursor.peek(0);
                let in_flow = self.flow > 0 && (b",[]{}".contains(&byte) || (byte == b'?' && self.cursor.is_word_end(1)));
                if in_flow || (byte == b':' && self.cursor.is_word_end(1)) {
                    break;
                }
                space.join(&mut out);
                self.cursor.take(&mut out);
            }
            if !self.cursor.is_blank(0) && !self.cursor.is_break(0) {
                break;
            }
            self.space(&mut space, indent, start)?;
            if self.flow == 0 && self.cursor.mark.column < indent {
                break;
            }
        }
        if space.new_line {
            self.key_allowed = true;
        }
        Ok(out)
    }
}
