//! Patterns of refs, as rulesets name them, read as the reference reads them: it turns them into an expression of Go's
//! `regexp`, in which brackets are not what they are to a shell.

use regex::Regex;

/// No pattern: what it becomes is no expression, or it is far too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadPattern;

/// The longest pattern that is read, in bytes. A ref's name has at most 255.
const LONGEST: usize = 1024;

/// Whether a pattern covers a ref, given by its full name.
pub(super) fn covers(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    if !pattern.contains(['*', '?', '[', ']', '\\']) {
        return Ok(pattern == name);
    }
    if pattern.len() > LONGEST {
        return Err(BadPattern);
    }
    let expression = format!("^{}$", for_this_crate(&as_in_go(pattern))?);
    let expression = Regex::new(&expression).map_err(|_| BadPattern)?;
    Ok(expression.is_match(name))
}

/// The expression that the reference makes of a pattern. It escapes signs without regard to brackets and puts `[^/]*` for
/// a star even between them, so that `[^x]` holds `^` and `x`, and `[*` is closed by what stands for the star.
fn as_in_go(pattern: &str) -> String {
    let mut out = String::new();
    let literal = |out: &mut String, sign: char| {
        if ".+*?^$()[]{}|\\".contains(sign) {
            out.push('\\');
        }
        out.push(sign);
    };
    let mut rest = pattern;
    loop {
        let mut signs = rest.chars();
        let Some(first) = signs.next() else { return out };
        if let Some(behind) = rest.strip_prefix("**/") {
            out.push_str("(?:[^/]+/?)+");
            rest = behind;
            continue;
        }
        if let Some(behind) = rest.strip_prefix("**") {
            out.push_str("[^/]+");
            rest = behind;
            continue;
        }
        match first {
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]{1}"),
            '[' | ']' => out.push(first),
            '\\' => literal(&mut out, signs.next().unwrap_or(first)),
            _ => literal(&mut out, first),
        }
        rest = signs.as_str();
    }
}

/// The same expression in the spelling of the regex crate, which has nested classes and set operations in brackets where
/// Go has plain signs.
fn for_this_crate(go: &str) -> Result<String, BadPattern> {
    let mut out = String::new();
    let mut rest = go;
    loop {
        let mut signs = rest.chars();
        match signs.next() {
            None => return Ok(out),
            Some('[') => {
                rest = class(signs.as_str(), &mut out)?;
                continue;
            }
            Some(']') => out.push_str("\\]"),
            Some('\\') => {
                out.push('\\');
                out.extend(signs.next());
            }
            Some(sign) => out.push(sign),
        }
        rest = signs.as_str();
    }
}

/// Reads a class behind its bracket, as Go reads it; gives what stands behind the class.
fn class<'a>(text: &'a str, out: &mut String) -> Result<&'a str, BadPattern> {
    out.push('[');
    let mut rest = text;
    if let Some(behind) = rest.strip_prefix('^') {
        out.push('^');
        rest = behind;
    }
    let mut first = true;
    loop {
        if !first && let Some(behind) = rest.strip_prefix(']') {
            out.push(']');
            return Ok(behind);
        }
        first = false;
        if let Some((name, behind)) = rest.strip_prefix("[:").and_then(|named| named.split_once(":]")) {
            if !NAMED.contains(&name) {
                return Err(BadPattern);
            }
            out.push_str(&rest[..rest.len() - behind.len()]);
            rest = behind;
            continue;
        }
        let (low, behind) = member(rest)?;
        let (high, behind) = match behind.strip_prefix('-') {
            Some(end) if !end.is_empty() && !end.starts_with(']') => member(end)?,
            _ => (low, behind),
        };
        if high < low {
            return Err(BadPattern);
        }
        out.push_str(&format!("\\x{{{:x}}}-\\x{{{:x}}}", u32::from(low), u32::from(high)));
        rest = behind;
    }
}

/// Classes with a name.
const NAMED: [&str; 14] =
    ["alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit"];

/// A sign of a class, and what stands behind it.
fn member(text: &str) -> Result<(char, &str), BadPattern> {
    let mut signs = text.chars();
    let sign = match signs.next() {
        Some('\\') => signs.next(),
        sign => sign,
    };
    Ok((sign.ok_or(BadPattern)?, signs.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_cover_what_they_cover_in_the_reference() {
        let yes = [
            ("cat", "cat"),
            ("c?t", "cat"),
            ("c*", "cats"),
            ("ca[a-z]", "cat"),
            ("\\?", "?"),
            ("\\*", "*"),
            ("a\\", "a\\"),
            ("**.rb", "main.rb"),
            ("**/foo", "a/b/c/foo"),
            ("releases/**/*", "releases/v2"),
            ("releases/**/**/*", "releases/v2"),
            ("releases/**/bar/**/qux", "releases/foo/bar/baz/qux"),
            ("users/**/*", "users/foo/bar"),
            // Go's brackets: no negation, plain signs, names, and what stands for a star or question mark closes them.
            ("[^x]ain", "xain"),
            ("[^x]ain", "^ain"),
            ("[!x]ain", "!ain"),
            ("[a&&b]", "&"),
            ("[[a]", "["),
            ("[a.b]", "."),
            ("[]a]", "]"),
            ("a]", "a]"),
            ("[[:digit:]]", "7"),
            ("[?", "^"),
            ("[*x", "//x"),
            ("[a-]", "-"),
            ("é?", "éé"),
        ];
        for (pattern, name) in yes {
            assert_eq!(covers(pattern, name), Ok(true), "{pattern} {name}");
        }
        let no = [
            ("cat", "category"),
            ("c??t", "cat"),
            ("cat", "CAT"),
            ("?", "/"),
            ("*", "/"),
            ("\\a", "b"),
            ("foo.bar", "foo:bar"),
            ("foo.ba[r]", "foo:bar"),
            ("**.rb", "./main.rb"),
            ("**.rb", "lib/song.rb"),
            ("**foo", "a/b/c/foo"),
            ("[^x]ain", "main"),
            ("[a&&b]", "c"),
        ];
        for (pattern, name) in no {
            assert_eq!(covers(pattern, name), Ok(false), "{pattern} {name}");
        }
        assert_eq!(covers("\\a[b]", "ab"), Ok(true));
    }

    #[test]
    fn what_go_does_not_compile_is_no_pattern() {
        for pattern in ["[main", "[", "[]", "[z-a]", "[a-?]", "[[:nothing:]]", "[[:^digit:]]", "[**/]"] {
            assert_eq!(covers(pattern, "main"), Err(BadPattern), "{pattern}");
        }
        assert_eq!(covers(&"*".repeat(LONGEST + 1), "main"), Err(BadPattern));
    }

    proptest! {
        #[test]
        fn no_pattern_panics_and_plain_names_cover_themselves(pattern in "[\\[\\]\\\\*?:^a-c/.&~é-]{0,30}", name in "[a-zA-Z0-9/._+-]{0,30}") {
            let _ = covers(&pattern, &name);
            prop_assert_eq!(covers(&name, &name), Ok(true));
        }
    }
}
