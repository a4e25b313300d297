//! Requirements of pip (<https://pip.pypa.io/en/stable/reference/requirements-file-format/>), as the reference's reader
//! takes them, which is a simpler one than pip's.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::{Found, package, text_of};
use crate::ecosystem::Ecosystem;
use crate::evidence::{Package, Unread};
use crate::parse::scan::LONG_LINE;

/// What a file of requirements says.
#[derive(Clone, Debug, Default)]
pub(in crate::parse) struct Requirements {
    /// Packages and the files that it includes, in its order.
    pub(super) lines: Vec<Line>,
    /// What cannot be read.
    pub(super) broken: Option<Unread>,
    /// There were more packages than are kept.
    pub(super) cut: bool,
    /// The first package has a hash, so that whoever resolves requirements takes the list as complete.
    pub(super) hashed: bool,
}

/// One requirement, or one file that is included.
#[derive(Clone, Debug)]
pub(super) enum Line {
    /// A package; its parent is a place among those of this file.
    Package(Package),
    /// A file, as it is named.
    Include { line: u32, path: String },
}

/// What is a blank in expressions of Go's, whose classes are ASCII.
const BLANKS: [char; 5] = [' ', '\t', '\n', '\u{c}', '\r'];

static COMMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?:^|[\t\n\f\r ])#.*$").expect("the expression is tested"));
static VARIABLE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\$\{[A-Z0-9_]+\}").expect("the expression is tested"));
static OPTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"--hash|--global-option|--config-settings|-C").expect("the expression is tested"));
static EXTRAS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\[[^\[\]]*\]").expect("the expression is tested"));
/// A name as PEP 508 has it (<https://peps.python.org/pep-0508/#names>), and what goes on behind it.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?i)([a-z0-9][a-z0-9._-]*[a-z0-9]|[a-z0-9])(==?=?[^,;*]+$|[<>=!~@,;]|$)").expect("the expression is tested")
});

/// Reads such a file.
pub(super) fn read(text: &[u8]) -> Requirements {
    let mut found = Requirements::default();
    if let Some(line) = text.split(|byte| *byte == b'\n').position(|line| line.len() >= LONG_LINE) {
        let line = u32::try_from(line + 1).ok();
        found.broken = Some(Unread { line, why: format!("a line of {LONG_LINE} bytes or more") });
        return found;
    }
    let text = text_of(text);
    let mut kept = Found::default();
    let mut vias: Vec<Vec<String>> = Vec::new();
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).zip(1_u32..);
    while let Some((first, number)) = lines.next() {
        if let (Some(comment), Some(vias)) =
            (first.trim_start().strip_prefix('#').filter(|_| first.starts_with([' ', '\t'])), vias.last_mut())
        {
            via(comment, vias);
            continue;
        }
        let mut whole = String::new();
        let mut line = first;
        // Each line by itself loses its comment before it goes on; one with a variable takes with it what stands before.
        let is_lost = loop {
            let text = COMMENT.replace(line, "");
            if VARIABLE.is_match(&text) {
                break true;
            }
            let Some(begun) = text.strip_suffix('\\') else {
                whole.push_str(&text);
                break false;
            };
            whole.push_str(begun);
            line = lines.next().map_or("", |(line, _)| line);
        };
        let line = whole.trim_matches(BLANKS);
        if is_lost || line.is_empty() {
            continue;
        }
        let option = OPTION.find(line);
        let said = option.map_or(line, |option| &line[..option.start()]);
        if line.starts_with('-') {
            if let Some(path) = line.strip_prefix("-r").filter(|_| said.len() > 2) {
                let path = path[..said.len() - 2].replace(BLANKS, "");
                let path = path.split(';').next().unwrap_or_default().to_owned();
                found.lines.push(Line::Include { line: number, path });
            }
            continue;
        }
        let is_first = !found.lines.iter().any(|line| matches!(line, Line::Package(_)));
        let Some(package) = requirement(said, line, number) else { continue };
        found.hashed |= is_first && option.is_some_and(|option| option.as_str() == "--hash");
        kept.push(Package::default());
        if kept.cut {
            found.cut = true;
            break;
        }
        found.lines.push(Line::Package(package));
        vias.push(Vec::new());
    }
    bring(&mut found.lines, &vias);
    found
}

/// The package of a requirement: as the reference takes it, else as PEP 508 does.
fn requirement(text: &str, whole: &str, line: u32) -> Option<Package> {
    let text = text.replace(BLANKS, "");
    let text = EXTRAS.replace_all(text.split(';').next().unwrap_or_default(), "");
    let has_range = text.contains(['*', ',']) || text.contains("!=") || text.replace("<=", "").contains('<');
    let split = ["===", "==", ">=", "<=", "~="].into_iter().find_map(|sign| text.split_once(sign));
    let (name, version) = match split {
        _ if has_range => (text.split(['=', '<', '>', '!', '~', '*', ',']).next().unwrap_or_default(), ""),
        Some((name, version)) => (name, version),
        None => (&*text, ""),
    };
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_name = name.len() > 1 && is_word(name.as_bytes()[0]) && name.bytes().all(|byte| is_word(byte) || byte == b'-');
    if is_name {
        return Some(package(Ecosystem::PyPi, Ecosystem::PyPi.normalised(name), version, Some(line)));
    }
    // One letter, dots, ranges without a lower end, addresses: a package all the same.
    let whole: String = whole.split([';', ' ', '\t']).next().unwrap_or_default().split_whitespace().collect();
    let whole = EXTRAS.replace_all(&whole, "");
    let named = NAMED.captures(&whole)?;
    let version = named.get(2).and_then(|rest| rest.as_str().strip_prefix("==")).map_or("", |rest| rest.trim_start_matches('='));
    let version = if version.contains('*') { "" } else { version };
    let found = package(Ecosystem::PyPi, Ecosystem::PyPi.normalised(&named[1]), version, Some(line));
    Some(Package { overlooked: true, ..found })
}

/// Takes up what a comment behind a requirement says of who wants it, as pip-compile and uv write it.
fn via(comment: &str, vias: &mut Vec<String>) {
    let comment = comment.trim();
    let names = match comment.strip_prefix("via") {
        Some("") => {
            vias.push(String::new());
            return;
        }
        Some(rest) if rest.starts_with(' ') => rest,
        // The lines below `via` name one each.
        _ if !vias.is_empty() => comment,
        _ => return,
    };
    vias.extend(names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).take(64));
}

/// Writes into the packages who brings them.
fn bring(lines: &mut [Line], vias: &[Vec<String>]) {
    let mut by_name: HashMap<String, u32> = HashMap::new();
    let mut packages: Vec<&mut Package> = lines
        .iter_mut()
        .filter_map(|line| match line {
            Line::Package(package) => Some(package),
            Line::Include { .. } => None,
        })
        .collect();
    for (at, package) in (0_u32..).zip(&packages) {
        by_name.entry(package.name.clone()).or_insert(at);
    }
    for (package, vias) in packages.iter_mut().zip(vias) {
        let mut named = vias.iter().filter(|via| !via.is_empty()).peekable();
        if named.peek().is_none() {
            continue;
        }
        // A file or a project wants it itself.
        let is_direct = named.clone().any(|via| via.starts_with('-') || via.contains(['(', '/']));
        package.direct = Some(is_direct);
        if !is_direct {
            package.parent = named.find_map(|via| by_name.get(&*Ecosystem::PyPi.normalised(via)).copied());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Vec<String> {
        let each = read(text.as_bytes()).lines.into_iter().map(|line| match line {
            Line::Package(p) => format!("{}{}@{}", if p.overlooked { "!" } else { "" }, p.name, p.version),
            Line::Include { line, path } => format!("{line} -r {path}"),
        });
        each.collect()
    }

    #[test]
    fn what_a_line_names() {
        for (line, want) in [
            ("Flask_SQLAlchemy==2.5", Some("flask-sqlalchemy@2.5")),
            ("uvicorn [standard] == 0.15 ; python_version < '3'", Some("uvicorn@0.15")),
            ("aa===1.0", Some("aa@1.0")),
            ("aa>=1.0", Some("aa@1.0")),
            ("aa>=1.0,<2", Some("aa@")),
            ("aa<2", Some("aa@")),
            ("aa<=2", Some("aa@2")),
            ("aa!=2", Some("aa@")),
            ("aa==1.*", Some("aa@")),
            ("aa", Some("aa@")),
            ("cc==2.0# part", Some("cc@2.0#part")),
            ("cc==2.0 # note", Some("cc@2.0")),
            ("cc==2.0\u{3000}# note", Some("cc@2.0\u{3000}#note")),
            ("cc==2.0\u{b}# note", Some("cc@2.0\u{b}#note")),
            ("cc==2.0\u{c}# note", Some("cc@2.0")),
            ("cc == 2.0\u{a0}", Some("cc@2.0\u{a0}")),
            ("my-Cool-lib==3.0", Some("my@")),
            ("dd==5.0 --install-option=z", Some("dd@5.0--install-option=z")),
            ("a==1.0", Some("!a@1.0")),
            ("zope.interface==5.4.0", Some("!zope-interface@5.4.0")),
            ("a>1", Some("!a@")),
            ("dd @ https://example.org/dd-1.0.tar.gz", Some("!dd@")),
            ("x==${VERSION}", None),
            ("aa==1.0 \\ # part\n  --hash=sha256:1", Some("aa@1.0")),
            ("aa==1.0 \\\n  ; ${X}", None),
            ("x==${VERSION} \\\nbb==2.0", Some("bb@2.0")),
            ("# a comment \\\nbb==2.0", Some("bb@2.0")),
            ("-r o ther.txt;x", Some("1 -r other.txt")),
            ("-e .", None),
            ("https://example.org/ff-1.0.whl", None),
            ("./local.whl", None),
            ("\u{fc}mlaut==1.0", None),
            ("-r other.txt # why", Some("1 -r other.txt")),
            ("--requirement other.txt", None),
        ] {
            assert_eq!(listed(line).first().map(String::as_str), want, "{line}");
        }
    }

    #[test]
    fn lines_go_on_and_hashes_are_cut() {
        let text = "aa==1.0 \\\r\n    --hash=sha256:1 \\\r\n    --hash=sha256:2\r\nbb==2.0\r\n";
        assert_eq!(listed(text), ["aa@1.0", "bb@2.0"]);
        assert!(read(text.as_bytes()).hashed && !read(b"bb==2.0\naa==1 --hash=x").hashed);
        let long = format!("aa==1\n{}\n", "x".repeat(LONG_LINE));
        assert_eq!(read(long.as_bytes()).broken.and_then(|broken| broken.line), Some(2));
        assert_eq!(listed(&long), [""; 0]);
    }

    #[test]
    fn comments_tell_who_wants_it() {
        let text = "aa==1\n    # via -r requirements.in\nbb==2\n    # via aa\ncc==3\n    # via\n    #   bb\n    #   dd\ndd==4\n";
        let read = read(text.as_bytes());
        let told = read.lines.iter().map(|line| match line {
            Line::Package(package) => (package.direct, package.parent),
            Line::Include { .. } => (None, None),
        });
        assert_eq!(told.collect::<Vec<_>>(), [(Some(true), None), (Some(false), Some(0)), (Some(false), Some(1)), (None, None)]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(text in proptest::collection::vec(proptest::num::u8::ANY, 0..64), line in "[a-c=<>!~@;, #\\\\\\[\\]-]{0,24}") {
            let _ = read(&text);
            let _ = read(line.as_bytes());
        }
    }
}
