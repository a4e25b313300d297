//! Addresses in commands, read as strictly as the reference's language reads them.

/// An address.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) scheme: String,
    pub(super) host: String,
    /// Unescaped; empty where there is none.
    pub(super) path: String,
}

impl Address {
    /// Reads what a program would be given: `https://host/path`, or a path alone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        unescape(fragment)?;
        Self::read(text, false)
    }

    /// Reads what a request could be made of: an address with a scheme, or a path from the root.
    pub(super) fn request(text: &str) -> Option<Self> {
        if text.is_empty() { None } else { Self::read(text, true) }
    }

    fn read(text: &str, request: bool) -> Option<Self> {
        if text.bytes().any(|byte| byte.is_ascii_control()) {
            return None;
        }
        if text == "*" {
            return Some(Self { path: text.to_owned(), ..Self::default() });
        }
        let (scheme, rest) = scheme(text)?;
        let mut address = Self { scheme: scheme.to_ascii_lowercase(), ..Self::default() };
        let mut rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
        if !rest.starts_with('/') {
            if !scheme.is_empty() {
                return Some(address);
            }
            // A colon in its first part would make it a scheme.
            if request || rest.split('/').next().is_some_and(|first| first.contains(':')) {
                return None;
            }
        }
        if (!scheme.is_empty() || !request && !rest.starts_with("///")) && rest.starts_with("//") {
            let authority = &rest[2..];
            let end = authority.find('/').unwrap_or(authority.len());
            rest = &authority[end..];
            address.host = host(&authority[..end])?;
        }
        address.path = unescape(rest)?;
        Some(address)
    }
}

fn scheme(text: &str) -> Option<(&str, &str)> {
    for (at, c) in text.char_indices() {
        match c {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return None,
            ':' => return Some((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Some(("", text))
}

fn host(authority: &str) -> Option<String> {
    let host = match authority.rsplit_once('@') {
        Some((user, host)) => {
            if !user.chars().all(|c| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c)) {
                return None;
            }
            unescape(user)?;
            host
        }
        None => authority,
    };
    let port = if host.starts_with('[') { host.rfind(']').map(|end| end + 1)? } else { host.rfind(':').unwrap_or(host.len()) };
    match host[port..].strip_prefix(':') {
        Some(digits) if !digits.bytes().all(|byte| byte.is_ascii_digit()) => return None,
        None if port < host.len() => return None,
        _ => {}
    }
    let is_fine = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"%".contains(c);
    if !host.chars().all(is_fine) {
        return None;
    }
    for (at, _) in host.match_indices('%') {
        // Only what is no ASCII may be written so, and the sign itself.
        let digits = host.get(at + 1..at + 3)?;
        let value = u8::from_str_radix(digits, 16).ok()?;
        if digits.starts_with('+') || (value < 0x80 && digits != "25") {
            return None;
        }
    }
    unescape(host)
}

fn unescape(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%' {
            out.push(u8::try_from(digit(bytes.get(at + 1))? * 16 + digit(bytes.get(at + 2))?).ok()?);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

/// A path without what changes nothing in it: `.`, `..` behind a folder, doubled and trailing slashes.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if *last != ".." => _ = parts.pop(),
                _ if rooted => {}
                _ => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// The last part of a path: `.` of nothing, `/` of slashes alone.
pub(super) fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let slashes = path.bytes().rev().take_while(|byte| *byte == b'/').count();
    let path = &path[..path.len() - slashes];
    if path.is_empty() { "/" } else { &path[memchr::memrchr(b'/', path.as_bytes()).map_or(0, |slash| slash + 1)..] }
}

/// The folder of a path.
pub(super) fn folder(path: &str) -> String {
    clean(path.rsplit_once('/').map_or("", |(folder, _)| if folder.is_empty() { "/" } else { folder }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_an_address() {
        for text in ["http", "https://h", "https://h:80/x%20y?z#a", "a/b:c", "https://[::1]:80/", "https://h:/x", "mailto:x", "https://é/"]
        {
            assert!(Address::parse(text).is_some(), "{text}");
        }
        for text in [
            "https://h:port/x",
            "https://h/%zz",
            "https://{h}/x",
            "https://h h/x",
            ":x",
            "1:2",
            "https://u^@h/",
            "https://h%41/",
            "https://[::1/",
            "h\u{1}",
            "x#%z",
        ] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
        for (text, want) in
            [("x", false), ("", false), ("/x", true), ("*", true), ("a:b", true), ("Accept: x", true), ("-o", false), ("--a=1:2", false)]
        {
            assert_eq!(Address::request(text).is_some(), want, "{text}");
        }
        let address = Address::parse("HTTPS://u:p@H.org/a%20b/c?d").expect("an address");
        assert_eq!((&*address.scheme, &*address.host, &*address.path), ("https", "H.org", "/a b/c"));
    }

    #[test]
    fn paths_are_cleaned() {
        for (path, want) in [("", "."), ("./a//b/", "a/b"), ("a/../..", ".."), ("/..", "/"), ("/a/./b/..", "/a"), (".", ".")] {
            assert_eq!(clean(path), want, "{path}");
        }
        assert_eq!([base(""), base("/"), base("a/b/"), base("x")], [".", "/", "b", "x"]);
        assert_eq!([folder("a"), folder("/a"), folder("d/a/"), folder("/d/")], [".", "/", "d/a", "/d"]);
    }
}
