//! One joined line to an instruction: keyword, flags, and the words that its kind of instruction has.

use std::borrow::Cow;

use super::json::{self, Array};
use super::text::{char_at, fields, is_blank, trim};
use super::{Instruction, Problem};
use crate::{bytes, path};

/// What a line gives: the instruction, without lines and here-documents, and whether it may have these.
pub(super) fn instruction(line: &[u8], escape: u8) -> Result<(Instruction, bool), Problem> {
    let mut head = Head::read(line, escape);
    let (mut instruction, lower) = head.instruction();
    if &*lower != b"onbuild" {
        head.arguments(&lower, escape, &mut instruction)?;
        let documents = may_have_documents(&lower, &instruction);
        return Ok((instruction, documents));
    }
    // Only the first level may have here-documents. A loop, not recursion: nothing bounds how often it is repeated.
    let (mut line, mut repeated) = (head.arguments, false);
    while !line.is_empty() {
        let mut head = Head::read(line, escape);
        let (mut inner, lower) = head.instruction();
        if &*lower == b"onbuild" {
            (line, repeated) = (head.arguments, true);
            continue;
        }
        head.arguments(&lower, escape, &mut inner)?;
        let documents = !repeated && may_have_documents(&lower, &inner);
        instruction.onbuild = Some(Box::new(inner));
        return Ok((instruction, documents));
    }
    Ok((instruction, false))
}

fn may_have_documents(lower: &[u8], instruction: &Instruction) -> bool {
    matches!(lower, b"add" | b"copy" | b"run") && !instruction.json
}

/// The keywords that nearly all instructions have, spelt as they are nearly always.
const KEYWORDS: [(&str, &[u8]); 18] = [
    ("RUN", b"run"),
    ("COPY", b"copy"),
    ("ENV", b"env"),
    ("FROM", b"from"),
    ("WORKDIR", b"workdir"),
    ("ARG", b"arg"),
    ("CMD", b"cmd"),
    ("ADD", b"add"),
    ("ENTRYPOINT", b"entrypoint"),
    ("EXPOSE", b"expose"),
    ("LABEL", b"label"),
    ("USER", b"user"),
    ("VOLUME", b"volume"),
    ("SHELL", b"shell"),
    ("MAINTAINER", b"maintainer"),
    ("HEALTHCHECK", b"healthcheck"),
    ("STOPSIGNAL", b"stopsignal"),
    ("ONBUILD", b"onbuild"),
];

/// A line parted into keyword, flags and arguments.
struct Head<'a> {
    keyword: &'a [u8],
    flags: Vec<String>,
    arguments: &'a [u8],
}

impl<'a> Head<'a> {
    fn read(line: &'a [u8], escape: u8) -> Self {
        let line = trim(line);
        let end = line.iter().position(|byte| is_blank(*byte)).unwrap_or(line.len());
        let (keyword, rest) = line.split_at(end);
        let (flags, rest) = flags(rest, escape);
        Self { keyword, flags, arguments: trim(rest) }
    }

    /// The instruction without its words, and its keyword in lower case.
    fn instruction(&mut self) -> (Instruction, Cow<'a, [u8]>) {
        let known = KEYWORDS.iter().find(|(_, lower)| self.keyword.eq_ignore_ascii_case(lower));
        let lower = match known {
            Some((_, lower)) => Cow::Borrowed(*lower),
            None => path::lower(self.keyword),
        };
        let keyword = match known {
            Some((upper, _)) if *upper.as_bytes() == *self.keyword => Cow::Borrowed(*upper),
            _ => Cow::Owned(bytes::lossy(self.keyword).into_owned()),
        };
        let instruction = Instruction {
            keyword,
            first: 0,
            last: 0,
            flags: std::mem::take(&mut self.flags),
            words: Vec::new(),
            json: false,
            heredocs: Vec::new(),
            onbuild: None,
        };
        (instruction, lower)
    }

    fn arguments(&self, lower: &[u8], escape: u8, into: &mut Instruction) -> Result<(), Problem> {
        let rest = self.arguments;
        if rest.is_empty() {
            return Ok(());
        }
        let whole = |text: &[u8]| vec![text.to_vec()];
        match lower {
            b"from" | b"expose" => into.words = fields(rest),
            b"arg" => into.words = words(rest, escape),
            b"env" | b"label" => into.words = assignments(rest, escape)?,
            b"maintainer" | b"stopsignal" | b"user" | b"workdir" => into.words = whole(rest),
            b"run" | b"cmd" | b"entrypoint" | b"shell" => (into.words, into.json) = strings_or(rest, whole)?,
            b"add" | b"copy" | b"volume" => (into.words, into.json) = strings_or(rest, fields)?,
            b"healthcheck" => {
                let space = |byte: &u8| is_space_byte(*byte);
                let end = rest.iter().position(space).unwrap_or(rest.len());
                if end == 0 {
                    return Ok(());
                }
                let start = rest[end..].iter().position(|byte| !space(byte)).map_or(rest.len(), |blanks| end + blanks);
                into.words = whole(&rest[..end]);
                if start < rest.len() {
                    let (command, json) = strings_or(&rest[start..], whole)?;
                    into.words.extend(command);
                    into.json = json;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn strings_or(text: &[u8], otherwise: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> Result<(Vec<Vec<u8>>, bool), Problem> {
    match json::array(text) {
        Array::Strings(strings) => Ok((strings, true)),
        Array::Mixed => Err(Problem::NotStrings),
        Array::No => Ok((otherwise(text), false)),
    }
}

/// White space where the reference looks at bytes, and takes each for a character.
const fn is_space_byte(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | 0x85 | 0xa0)
}

/// Takes the words that begin with two dashes off, up to one that does not, or to a lone `--`.
fn flags(text: &[u8], escape: u8) -> (Vec<String>, &[u8]) {
    let mut flags = Vec::new();
    let mut at = 0;
    loop {
        while text.get(at).is_some_and(|byte| is_space_byte(*byte)) {
            at += 1;
        }
        if !text[at..].starts_with(b"--") {
            return (flags, &text[at..]);
        }
        let (mut word, mut quote, mut quoted) = (Vec::new(), None, false);
        while let Some(byte) = text.get(at).copied() {
            if quote.is_none() && is_space_byte(byte) {
                break;
            }
            at += 1;
            if quote == Some(byte) {
                quote = None;
            } else if quote.is_none() && matches!(byte, b'\'' | b'"') {
                (quote, quoted) = (Some(byte), true);
            } else if byte == escape {
                // At the end of the line it is not there.
                word.extend(text.get(at));
                at += 1;
            } else {
                word.push(byte);
            }
        }
        at = at.min(text.len());
        if word == b"--" {
            return (flags, &text[at..]);
        }
        if quoted || !word.is_empty() {
            flags.push(String::from_utf8_lossy(&word).into_owned());
        }
    }
}

/// The words of a text, whose quotes hold blanks together and stay, as escape characters do.
fn words(text: &[u8], escape: u8) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let (mut word, mut quote, mut at) = (Vec::new(), None, 0);
    let push = |word: &mut Vec<u8>, at: usize| {
        let (c, length) = char_at(text, at);
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        word.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        at + length
    };
    while at < text.len() {
        let (c, length) = char_at(text, at);
        if quote.is_none() && c.is_some_and(char::is_whitespace) {
            if !word.is_empty() {
                all.push(std::mem::take(&mut word));
            }
            at += length;
            continue;
        }
        if c == Some(char::from(escape)) && quote != Some('\'') {
            if at + length < text.len() {
                at = push(&mut word, at);
                at = push(&mut word, at);
            } else {
                // At the end of the line it is not there.
                at += length;
            }
            continue;
        }
        if quote.is_some() && c == quote {
            quote = None;
        } else if quote.is_none() && matches!(c, Some('\'' | '"')) {
            quote = c;
        }
        at = push(&mut word, at);
    }
    if !word.is_empty() {
        all.push(word);
    }
    all
}

/// The words of ENV and LABEL: `name=value ..`, or the old `name value`.
fn assignments(text: &[u8], escape: u8) -> Result<Vec<Vec<u8>>, Problem> {
    let words = words(text, escape);
    let assigns = |word: &Vec<u8>| word.contains(&b'=');
    let Some(first) = words.first() else { return Ok(words) };
    if assigns(first) {
        return if words.iter().all(assigns) { Ok(words) } else { Err(Problem::Assignment) };
    }
    let end = text.iter().position(|byte| is_blank(*byte)).ok_or(Problem::Assignment)?;
    let (name, value) = text.split_at(end);
    let blanks = value.iter().take_while(|byte| is_blank(**byte)).count();
    Ok(vec![name.to_vec(), value[blanks..].to_vec()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Instruction, Problem> {
        instruction(line.as_bytes(), b'\\').map(|(instruction, _)| instruction)
    }

    fn of(line: &str) -> Vec<String> {
        read(line).expect(line).words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect()
    }

    #[test]
    fn words_by_kind() {
        assert_eq!(of("FROM a\tb \u{b}c\u{a0}d"), ["a", "b", "c\u{a0}d"]);
        assert_eq!(of("ARG A=\"b c\" 'd e'=f\\ g h\\"), ["A=\"b c\"", "'d e'=f\\ g", "h"]);
        assert_eq!(of("RUN  a  && b "), ["a  && b"]);
        assert_eq!(of("run [ \"a\" , \"b c\" ]"), ["a", "b c"]);
        assert_eq!(of("RUN [ -f x ] && y"), ["[ -f x ] && y"]);
        assert_eq!(of("COPY [\"a\",]  b"), ["[\"a\",]", "b"]);
        assert_eq!(of("HEALTHCHECK --interval=1s CMD [\"a\"]"), ["CMD", "a"]);
        assert_eq!(of("HEALTHCHECK NONE"), ["NONE"]);
        assert_eq!(of("ENV a  b c"), ["a", "b c"]);
        assert_eq!(of("ENV a=b c=\"d e\""), ["a=b", "c=\"d e\""]);
        assert_eq!(of("USER  a b"), ["a b"]);
        assert!(of("RUN []").is_empty() && of("RUN").is_empty() && of("WHAT ever").is_empty());
        assert!(read("RUN []").expect("it parses").json);
    }

    #[test]
    fn assignments_are_strict() {
        for line in ["ENV x", "ENV a=b c", "ENV a= b", "Label x", "LABEL a=b c", "ONBUILD env x", "ENV a\u{a0}b", "ONBUILD ONBUILD ENV x"] {
            assert_eq!(read(line), Err(Problem::Assignment), "{line}");
        }
        for line in ["ENV", "LABEL", "ENV a =b", "ENV =x", "ENV a=\"b c", "ENV a b=c", "ENV a\\ b c", "ENVX x", "ONBUILD"] {
            assert!(read(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn arrays_hold_strings() {
        for keyword in ["RUN", "CMD", "ENTRYPOINT", "SHELL", "VOLUME", "COPY", "ADD", "HEALTHCHECK CMD", "ONBUILD RUN", "add --chown=x"] {
            for array in ["[ 1 ]", "[\"a\", 1]", "[null]", "[[\"a\"]]"] {
                assert_eq!(read(&format!("{keyword} {array}")), Err(Problem::NotStrings), "{keyword} {array}");
            }
        }
        assert!(read("EXPOSE [1]").is_ok() && read("WHAT [1]").is_ok() && read("HEALTHCHECK [1]").is_ok());
    }

    #[test]
    fn flags_are_taken_off() {
        let flags = |line: &str| {
            let instruction = read(line).expect(line);
            (instruction.flags.join("|"), instruction.words.iter().map(|word| String::from_utf8_lossy(word)).collect::<Vec<_>>().join("|"))
        };
        let pair = |flags: &str, words: &str| (flags.to_owned(), words.to_owned());
        assert_eq!(flags("FROM --platform=linux/amd64 a AS b"), pair("--platform=linux/amd64", "a|AS|b"));
        assert_eq!(flags("FROM --platform linux/amd64 a"), pair("--platform", "linux/amd64|a"));
        assert_eq!(flags("RUN --mount='a b' --network=\"c\\\" d\" e\\ f"), pair("--mount=a b|--network=c\" d", "e\\ f"));
        assert_eq!(flags("RUN --a -- --b c"), pair("--a", "--b c"));
        assert_eq!(flags("RUN --a"), pair("--a", ""));
        assert_eq!(flags("RUN --a=\"b c"), pair("--a=b c", ""));
        assert_eq!(flags("RUN -a --b"), pair("", "-a --b"));
        assert_eq!(flags("RUN --a\\"), pair("--a", ""));
    }

    #[test]
    fn onbuild_holds_an_instruction() {
        let inner = |line: &str| read(line).expect(line).onbuild.map(|inner| (inner.keyword, inner.json));
        assert_eq!(inner("ONBUILD RUN x"), Some(("RUN".into(), false)));
        assert_eq!(inner("onbuild OnBuild CMD [\"x\"]"), Some(("CMD".into(), true)));
        assert_eq!(inner("ONBUILD"), None);
        assert_eq!(inner(&"ONBUILD ".repeat(50_000)), None);
        let documents = |line: &str| instruction(line.as_bytes(), b'\\').expect(line).1;
        assert!(documents("RUN x") && documents("Copy x") && documents("ADD") && documents("ONBUILD RUN x"));
        assert!(!documents("RUN [\"x\"]") && !documents("CMD x") && !documents("ONBUILD ONBUILD RUN x") && !documents("ONBUILD"));
    }
}
