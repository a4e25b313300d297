//! The small shell lexer that looks for here-documents in a line.
//!
//! It knows quotes, escapes and a part of `${..}`, and fails on the rest. A line on which it fails has no
//! here-documents, so what it refuses matters as much as what it reads.

use super::text::char_at;

/// How deep `${..}` may nest.
const DEEPEST: usize = 100;

/// Why a line cannot be split.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The lexer does not know what stands there.
    Syntax,
    /// It nests deeper than we follow.
    TooDeep,
}

/// The words of a line. Quotes stay if `raw_quotes`, escape characters if `raw_escapes`. Substitutions stay, being of
/// unknown value.
pub(super) fn split(line: &[u8], raw_quotes: bool, raw_escapes: bool) -> Result<Vec<String>, Fault> {
    // A byte order mark at the beginning is not there.
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    let mut lexer = Lexer { line, at: 0, raw_quotes, raw_escapes, word: String::new(), words: Vec::new(), depth: 0 };
    lexer.words()?;
    Ok(lexer.words)
}

struct Lexer<'a> {
    line: &'a [u8],
    at: usize,
    raw_quotes: bool,
    raw_escapes: bool,
    /// The word being read. There is but one, as in the reference: an operand of `${..}` empties it, so that the part of
    /// a word before `${x:-y}` is lost.
    word: String,
    words: Vec<String>,
    depth: usize,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        match char_at(self.line, self.at) {
            (_, 0) => None,
            (c, _) => Some(c.unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += char_at(self.line, self.at).1;
        c
    }

    fn words(&mut self) -> Result<(), Fault> {
        while let Some(c) = self.peek() {
            let mut piece = String::new();
            match c {
                '$' => {
                    self.dollar(&mut piece)?;
                    // Blanks inside part words here.
                    piece.chars().for_each(|c| self.add(c));
                }
                '<' => {
                    self.less(&mut piece);
                    self.word.push_str(&piece);
                }
                '\'' | '"' => {
                    self.quoted(c, &mut piece)?;
                    self.word.push_str(&piece);
                }
                '\\' => {
                    self.next();
                    if self.raw_escapes {
                        self.word.push(c);
                    }
                    match self.next() {
                        Some(escaped) => self.word.push(escaped),
                        None => break,
                    }
                }
                _ => {
                    self.next();
                    self.add(c);
                }
            }
        }
        self.end_word();
        Ok(())
    }

    fn add(&mut self, c: char) {
        if c.is_whitespace() { self.end_word() } else { self.word.push(c) }
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
    }

    /// The operand of a substitution, up to the character that ends it.
    fn operand(&mut self, stop: char, raw_escapes: bool, out: &mut String) -> Result<(), Fault> {
        self.word.clear();
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Fault::TooDeep);
        }
        let outer = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        loop {
            match self.peek().ok_or(Fault::Syntax)? {
                c if c == stop => break,
                '$' => self.dollar(out)?,
                '<' => self.less(out),
                c @ ('\'' | '"') => self.quoted(c, out)?,
                '\\' => {
                    self.next();
                    if raw_escapes {
                        out.push('\\');
                    }
                    out.push(self.next().ok_or(Fault::Syntax)?);
                }
                c => {
                    self.next();
                    out.push(c);
                }
            }
        }
        self.next();
        self.word.clear();
        self.raw_escapes = outer;
        self.depth -= 1;
        Ok(())
    }

    fn quoted(&mut self, quote: char, out: &mut String) -> Result<(), Fault> {
        self.next();
        if self.raw_quotes {
            out.push(quote);
        }
        loop {
            match self.peek().ok_or(Fault::Syntax)? {
                c if c == quote => break,
                '$' if quote == '"' => self.dollar(out)?,
                '\\' if quote == '"' => {
                    self.next();
                    if self.raw_escapes {
                        out.push('\\');
                    }
                    match self.peek() {
                        // At the end of the line it is not there.
                        None => {}
                        Some(c @ ('"' | '$' | '\\')) => {
                            self.next();
                            out.push(c);
                        }
                        Some(_) => out.push('\\'),
                    }
                }
                c => {
                    self.next();
                    out.push(c);
                }
            }
        }
        self.next();
        if self.raw_quotes {
            out.push(quote);
        }
        Ok(())
    }

    fn less(&mut self, out: &mut String) {
        self.next();
        out.push('<');
        if self.peek() != Some('<') {
            return;
        }
        self.next();
        out.push('<');
        // Blanks between the mark and its word keep them one word.
        while let Some(c @ ('\t' | '\r' | ' ')) = self.peek() {
            self.next();
            out.push(c);
        }
    }

    fn dollar(&mut self, out: &mut String) -> Result<(), Fault> {
        self.next();
        out.push('$');
        if self.peek() != Some('{') {
            self.name(out);
            return Ok(());
        }
        self.next();
        out.push('{');
        if matches!(self.peek(), None | Some('{' | '}' | ':')) {
            return Err(Fault::Syntax);
        }
        self.name(out);
        let operator = self.next().ok_or(Fault::Syntax)?;
        out.push(operator);
        match operator {
            '}' => return Ok(()),
            ':' => {
                // Any character may follow the colon, even the brace.
                let operator = self.next().ok_or(Fault::Syntax)?;
                if matches!(operator, '#' | '%') {
                    return Err(Fault::Syntax);
                }
                out.push(operator);
                self.operand('}', false, out)?;
            }
            '+' | '-' | '?' => self.operand('}', false, out)?,
            '#' | '%' => self.operand('}', true, out)?,
            '/' => {
                // Of the two strokes of `${x//a/b}` one is kept.
                if self.peek() == Some('/') {
                    self.next();
                }
                self.operand('/', true, out)?;
                out.push('/');
                self.operand('}', true, out)?;
            }
            _ => return Err(Fault::Syntax),
        }
        out.push('}');
        Ok(())
    }

    /// A name, a special parameter, a number, or nothing.
    fn name(&mut self, out: &mut String) {
        let is_digit = |c: char| c.is_ascii_digit() || (!c.is_ascii() && c.is_numeric());
        match self.peek() {
            Some(c) if is_digit(c) => {
                while let Some(c) = self.peek().filter(|c| is_digit(*c)) {
                    self.next();
                    out.push(c);
                }
            }
            Some(c @ ('@' | '*' | '#' | '?' | '-' | '$' | '!')) => {
                self.next();
                out.push(c);
            }
            _ => {
                while let Some(c) = self.peek().filter(|c| c.is_alphanumeric() || *c == '_') {
                    self.next();
                    out.push(c);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(line: &str) -> Result<Vec<String>, Fault> {
        split(line.as_bytes(), true, true)
    }

    #[test]
    fn words_and_marks() {
        assert_eq!(raw("RUN  cat << E \u{a0}b"), Ok(["RUN", "cat", "<< E", "b"].map(str::to_owned).to_vec()));
        assert_eq!(raw("'a b'\"c d\" \\ e"), Ok(["'a b'\"c d\"", "\\ e"].map(str::to_owned).to_vec()));
        assert_eq!(split(b"'a b'\"c\\\"d\\e\" \\ e '' x\\", false, false), Ok(["a bc\"d\\e", " e", "x"].map(str::to_owned).to_vec()));
        assert_eq!(raw("$x ${y} $1a $$ $ ${z:-a b}"), Ok(["$x", "${y}", "$1a", "$$", "$", "${z:-a", "b}"].map(str::to_owned).to_vec()));
        assert_eq!(raw("\u{feff}\u{feff}a"), Ok(vec!["\u{feff}a".to_owned()]));
        assert_eq!(split(b"a\xff<<E", true, true), Ok(vec!["a\u{fffd}<<E".to_owned()]));
    }

    #[test]
    fn the_part_before_an_operand_is_lost() {
        assert_eq!(raw("pre${x:-y}post"), Ok(vec!["${x:-y}post".to_owned()]));
        assert_eq!(raw("pre\"${x:-y}\""), Ok(vec!["\"${x:-y}\"".to_owned()]));
        assert_eq!(raw("pre${x}post"), Ok(vec!["pre${x}post".to_owned()]));
    }

    #[test]
    fn what_it_refuses() {
        for line in ["'", "\"a", "${x^^}", "${x,,}", "${x[0]}", "${!x}", "${#x}", "${x@Q}", "${x=y}", "${x~}", "${x:%y}", "${x:#y}"] {
            assert_eq!(raw(line), Err(Fault::Syntax), "{line}");
            if line.starts_with('$') {
                assert_eq!(raw(&format!("\"{line}\"")), Err(Fault::Syntax), "in quotes: {line}");
            }
        }
        for line in ["${x/a}", "${}", "${{x}}", "${:..}", "${x:}", "${x", "${", "${x:", "${x:-'}"] {
            assert_eq!(raw(line), Err(Fault::Syntax), "{line}");
        }
        for line in
            ["$x", "${x}", "${x:y..}", "${x-y}", "${x+y}", "${x?y}", "${x#y}", "${x%y}", "${x/a/b}", "${x//a/b}", "${#}", "${x:}}", "'${'"]
        {
            assert!(raw(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |n: usize| raw(&format!("{}{}", "${x:-".repeat(n), "}".repeat(n)));
        assert!(nested(100).is_ok());
        assert_eq!(nested(101), Err(Fault::TooDeep));
        assert_eq!(nested(100_000), Err(Fault::TooDeep));
    }
}
