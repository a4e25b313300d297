//! Here-documents: the marks in a line, and the bodies below it.

use super::lex::{self, Fault};
use super::lines::{Lines, without_end};
use super::{DockerfileError, Problem};

/// A here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that ends it.
    pub name: String,
    /// Whether variables in it are replaced: no part of its mark is quoted.
    pub expand: bool,
    /// Whether it is opened by `<<-`, which lets the end line be indented by tabs. The content keeps its tabs.
    pub strip_tabs: bool,
    /// The line of the first line of its content, or of its end if it has none.
    pub first: u32,
    /// Its lines with their ends, without the one that ends it.
    pub content: Vec<u8>,
}

/// The here-documents that a line opens, in their order, without content.
pub(super) fn opened(line: &[u8]) -> Result<Vec<Heredoc>, Problem> {
    let mut marks = memchr::memchr_iter(b'<', line);
    if !marks.any(|at| line.get(at + 1) == Some(&b'<')) {
        return Ok(Vec::new());
    }
    let words = match lex::split(line, true, true) {
        Ok(words) => words,
        // Where the lexer fails no here-document is seen: its lines are instructions.
        Err(Fault::Syntax) => return Ok(Vec::new()),
        Err(Fault::TooDeep) => return Err(Problem::TooDeep),
    };
    words.iter().filter_map(|word| mark(word).transpose()).collect()
}

/// Reads a word `<<name` or `<<-name`, perhaps with a number before it and blanks after the mark.
fn mark(word: &str) -> Result<Option<Heredoc>, Problem> {
    let Some(rest) = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<") else { return Ok(None) };
    let (rest, strip_tabs) = rest.strip_prefix('-').map_or((rest, false), |rest| (rest, true));
    let rest = rest.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let split = |raw_quotes| {
        lex::split(rest.as_bytes(), raw_quotes, false).map_err(|fault| match fault {
            Fault::Syntax => Problem::BadMark,
            Fault::TooDeep => Problem::TooDeep,
        })
    };
    let [name] = &split(false)?[..] else { return Ok(None) };
    let [raw] = &split(true)?[..] else { return Err(Problem::BadMark) };
    let quotes = |word: &str| word.matches(['\'', '"']).count();
    Ok(Some(Heredoc { name: name.clone(), expand: quotes(name) == quotes(raw), strip_tabs, first: 0, content: Vec::new() }))
}

/// Reads the content of a here-document from the lines that follow.
pub(super) fn fill(document: &mut Heredoc, lines: &mut Lines<'_>, instruction: u32) -> Result<(), DockerfileError> {
    document.first = lines.number.saturating_add(1);
    while let Some(line) = lines.read()? {
        let mut end = without_end(line);
        while document.strip_tabs && end.first() == Some(&b'\t') {
            end = &end[1..];
        }
        if end == document.name.as_bytes() {
            return Ok(());
        }
        document.content.extend_from_slice(line);
    }
    Err(Problem::Unterminated.at(instruction))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Result<Vec<String>, Problem> {
        Ok(opened(line.as_bytes())?.into_iter().map(|document| document.name).collect())
    }

    #[test]
    fn what_opens_one() {
        for (line, name) in [
            ("<<E", "E"),
            ("<< \tE", "E"),
            ("<<-E", "E"),
            ("3<<E", "E"),
            ("<<\"E\"", "E"),
            ("<<E\"O\"F", "EOF"),
            ("<<'a b'", "a b"),
            ("<<$X", "$X"),
            ("1<<2", "2"),
            ("$(( 1<<2 ))", "2"),
            ("$((1 << 2))", "2))"),
            ("<<E;", "E;"),
            ("<<E)", "E)"),
            ("<<E>f", "E>f"),
            ("<<\\E", "E"),
            ("<<\u{feff}E", "E"),
            ("a${x:-y}<<E <<F", "F"),
        ] {
            assert_eq!(names(&format!("RUN cat {line}")), Ok(vec![name.to_owned()]), "{line}");
        }
        assert_eq!(names("RUN <<A <<B cat"), Ok(vec!["A".to_owned(), "B".to_owned()]));
    }

    #[test]
    fn what_opens_none() {
        for line in [
            "cat<<E",
            "<<<E",
            "'<<E'",
            "\"<<E\"",
            "\\<<E",
            "$((1<<2))",
            "<<",
            "<<-",
            "<<- E",
            "<<\"\"",
            "<<E<F",
            "a<<",
            "<<E ' x",
            "<<E ${x^^}",
        ] {
            assert_eq!(names(&format!("RUN cat {line}")), Ok(Vec::new()), "{line}");
        }
    }

    #[test]
    fn a_mark_that_cannot_be_read_again() {
        assert_eq!(names("RUN ${x:-a <<\"b c\"}"), Err(Problem::BadMark));
        let deep = format!("RUN <<E {}{}", "${x:-".repeat(500), "}".repeat(500));
        assert_eq!(names(&deep), Err(Problem::TooDeep));
    }

    #[test]
    fn quotes_stop_expansion() {
        let expand = |line: &str| opened(line.as_bytes()).expect(line)[0].expand;
        assert!(expand("RUN <<E") && expand("RUN <<$X") && expand("RUN <<\\E"));
        assert!(!expand("RUN <<'E'") && !expand("RUN <<E\"F\""));
    }
}
