//! The syntax of `go.mod` (<https://go.dev/ref/mod#go-mod-file-grammar>), as strict as Go's own reader.

use std::borrow::Cow;

use crate::evidence::Unread;

/// A directive with its arguments, whether it stands alone or in a block.
pub(super) struct Directive<'a> {
    /// Its line, from 1.
    pub(super) line: u32,
    pub(super) verb: &'a str,
    pub(super) arguments: Vec<Cow<'a, str>>,
    /// What stands behind `//` on its line.
    pub(super) comment: &'a str,
}

/// All directives of a file.
pub(super) fn directives(text: &str) -> Result<Vec<Directive<'_>>, Unread> {
    let mut found = Vec::new();
    let mut block: Option<&str> = None;
    let mut number = 0_u32;
    for line in text.split('\n') {
        number = number.saturating_add(1);
        let fail = |why: &str| Err(Unread { line: Some(number), why: why.to_owned() });
        let (tokens, comment) =
            tokens(line.strip_suffix('\r').unwrap_or(line)).map_err(|why| Unread { line: Some(number), why: why.to_owned() })?;
        let mut words = tokens.into_iter();
        let Some(first) = words.next() else { continue };
        let rest: Vec<Token<'_>> = words.collect();
        match (block, first, &rest[..]) {
            (Some(_), Token::Sign(")"), []) => block = None,
            (Some(_), Token::Sign(")"), _) => return fail("something stands behind a closing bracket"),
            (None, Token::Word(Cow::Borrowed(verb)), [Token::Sign("(")]) => {
                if !matches!(verb, "module" | "godebug" | "require" | "exclude" | "replace" | "retract" | "tool" | "ignore") {
                    return fail("no such block");
                }
                block = Some(verb);
            }
            (None, Token::Word(Cow::Borrowed(verb)), [Token::Sign("("), Token::Sign(")")]) if is_verb(verb) => {}
            (Some(verb), first, _) => {
                let arguments = std::iter::once(first).chain(rest).map(Token::text).collect();
                found.push(Directive { line: number, verb, arguments, comment });
            }
            (None, Token::Word(Cow::Borrowed(verb)), _) => {
                if !is_verb(verb) {
                    return fail("no such directive");
                }
                found.push(Directive { line: number, verb, arguments: rest.into_iter().map(Token::text).collect(), comment });
            }
            (None, ..) => return fail("a directive is missing"),
        }
    }
    match block {
        Some(_) => Err(Unread { line: Some(number), why: "a block is not closed".to_owned() }),
        None => Ok(found),
    }
}

fn is_verb(verb: &str) -> bool {
    matches!(verb, "module" | "go" | "toolchain" | "godebug" | "require" | "exclude" | "replace" | "retract" | "tool" | "ignore")
}

enum Token<'a> {
    Word(Cow<'a, str>),
    Sign(&'a str),
}

impl<'a> Token<'a> {
    fn text(self) -> Cow<'a, str> {
        match self {
            Self::Word(text) => text,
            Self::Sign(text) => Cow::Borrowed(text),
        }
    }
}

/// The tokens of a line, and its comment.
fn tokens(line: &str) -> Result<(Vec<Token<'_>>, &str), &'static str> {
    let mut tokens = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r']);
        if let Some(comment) = rest.strip_prefix("//") {
            return Ok((tokens, comment.trim()));
        }
        if rest.starts_with("/*") {
            return Err("comments begin with //");
        }
        let Some(first) = rest.chars().next() else { return Ok((tokens, "")) };
        match first {
            '(' | ')' | ',' | '[' | ']' | '{' | '}' => {
                tokens.push(Token::Sign(&rest[..1]));
                rest = &rest[1..];
            }
            '=' if rest.starts_with("=>") => {
                tokens.push(Token::Sign("=>"));
                rest = &rest[2..];
            }
            '"' => {
                let mut end = None;
                let mut is_escaped = false;
                for (at, c) in rest.char_indices().skip(1) {
                    match c {
                        _ if is_escaped => is_escaped = false,
                        '\\' => is_escaped = true,
                        '"' => {
                            end = Some(at);
                            break;
                        }
                        _ => {}
                    }
                }
                let end = end.ok_or("a string is not closed")?;
                let inner = &rest[1..end];
                // What is quoted is a path or a version, in which nothing has to be escaped.
                if inner.contains('\\') {
                    return Err("a string with escapes");
                }
                tokens.push(Token::Word(Cow::Owned(inner.to_owned())));
                rest = &rest[end + 1..];
            }
            '`' => {
                let end = rest[1..].find('`').ok_or("a string is not closed")? + 1;
                tokens.push(Token::Word(Cow::Owned(rest[1..end].to_owned())));
                rest = &rest[end + 1..];
            }
            c if !may_stand(c) => return Err("a character that has no place there"),
            _ => {
                let ends = |(at, c): (usize, char)| {
                    (matches!(c, '(' | ')' | ',' | '[' | ']' | '{' | '}')
                        || !may_stand(c)
                        || rest[at..].starts_with("//")
                        || rest[at..].starts_with("=>") && at > 0)
                        .then_some(at)
                };
                let end = rest.char_indices().find_map(ends).unwrap_or(rest.len());
                if rest[..end].contains(['"', '\'', '`']) {
                    return Err("a quote within a word");
                }
                tokens.push(Token::Word(Cow::Borrowed(&rest[..end])));
                rest = &rest[end..];
            }
        }
    }
}

/// Whether a character may stand in a word: those that Go can print.
fn may_stand(c: char) -> bool {
    let is_format = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !c.is_control() && !c.is_whitespace() && !is_format && !matches!(c, '\u{e000}'..='\u{f8ff}')
}

/// A module's version in its full form, with its `v` (<https://go.dev/ref/mod#versions>); short ones are filled up.
pub(super) fn canonical(version: &str) -> Option<String> {
    let rest = version.strip_prefix('v')?;
    let (rest, build) = rest.split_once('+').map_or((rest, None), |(rest, build)| (rest, Some(build)));
    let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
    let numbers: Vec<&str> = core.split('.').collect();
    let is_number =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if numbers.len() > 3 || !numbers.iter().all(|number| is_number(number)) || numbers.len() < 3 && (pre.is_some() || build.is_some()) {
        return None;
    }
    let is_label = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_bad_number = |text: &str| text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if pre.is_some_and(|pre| !pre.split('.').all(|part| is_label(part) && !is_bad_number(part)))
        || build.is_some_and(|build| !build.split('.').all(is_label))
    {
        return None;
    }
    let mut out = format!("v{}", core);
    for _ in numbers.len()..3 {
        out.push_str(".0");
    }
    if let Some(pre) = pre {
        out.push('-');
        out.push_str(pre);
    }
    if build == Some("incompatible") {
        out.push_str("+incompatible");
    }
    Some(out)
}

/// Whether a version may stand behind a module's path, whose last part names the major version from the second on
/// (<https://go.dev/ref/mod#major-version-suffixes>).
pub(super) fn fits(path: &str, version: &str) -> bool {
    let major = version.split(['.', '-', '+']).next().unwrap_or_default();
    let digits_before = |end: usize| path[..end].bytes().rev().take_while(u8::is_ascii_digit).count();
    if path.starts_with("gopkg.in/") {
        let end = path.strip_suffix("-unstable").map_or(path.len(), str::len);
        let start = end - digits_before(end);
        let is_suffix = start > 1 && start < end && path[..start].ends_with(".v");
        let number = &path[start..end];
        let is_number = number == "0" || !number.starts_with('0');
        return is_suffix && is_number && (major.strip_prefix('v') == Some(number) || number == "1" && version.starts_with("v0.0.0-"));
    }
    let start = path.len() - path.bytes().rev().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    if start == path.len() || !path[..start].ends_with("/v") {
        return matches!(major, "v0" | "v1") || version.ends_with("+incompatible");
    }
    let number = &path[start..];
    !number.contains('.') && !number.starts_with('0') && number != "1" && major.strip_prefix('v') == Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_filled_up_and_checked() {
        for (version, want) in [
            ("v1.2.3", Some("v1.2.3")),
            ("v1.0", Some("v1.0.0")),
            ("v1", Some("v1.0.0")),
            ("1.0.0", None),
            ("latest", None),
            ("v1.02.0", None),
            ("v1.2.3-rc.01", None),
            ("v1.2-rc", None),
            ("v2.0.0+incompatible", Some("v2.0.0+incompatible")),
            ("v1.0.0+meta", Some("v1.0.0")),
            ("v0.0.0-20200101000000-abcdefabcdef", Some("v0.0.0-20200101000000-abcdefabcdef")),
        ] {
            assert_eq!(canonical(version).as_deref(), want, "{version}");
        }
    }

    #[test]
    fn the_path_names_the_major_version() {
        for (path, version, want) in [
            ("x.org/a", "v1.0.0", true),
            ("x.org/a", "v2.0.0", false),
            ("x.org/a", "v2.0.0+incompatible", true),
            ("x.org/a/v2", "v2.1.0", true),
            ("x.org/a/v2", "v1.0.0", false),
            ("x.org/a/v1", "v1.0.0", false),
            ("x.org/a.v2", "v2.0.0", false),
            ("gopkg.in/yaml.v2", "v2.2.8", true),
            ("gopkg.in/yaml.v1", "v0.0.0-20200101000000-abcdefabcdef", true),
            ("gopkg.in/yaml", "v1.0.0", false),
        ] {
            assert_eq!(fits(path, version), want, "{path} {version}");
        }
    }
}
