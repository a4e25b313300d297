//! `.gitignore` as the reference's scanner applies it to what it lists: also to files that Git tracks.
//!
//! Its rules are not quite Git's: each file decides by itself, so that a nested one cannot bring back what an outer one
//! leaves out, and classes in brackets are negated by `^` alone.

use std::collections::BTreeMap;

use foldhash::HashMap;

use super::follow::folder;
use crate::path::RepoPath;

/// How many patterns of one file count.
const MOST: usize = 2_000;

/// The patterns of all `.gitignore` files that were read, by the folder of each.
#[derive(Debug, Default)]
pub(super) struct Ignored(BTreeMap<Vec<u8>, Patterns>);

/// The patterns of one file, in its order; nearly all are names, and are looked up.
#[derive(Debug, Default)]
struct Patterns {
    all: Vec<Pattern>,
    /// By a name the places of the patterns that are that name, in any folder.
    names: HashMap<Vec<u8>, Vec<usize>>,
    /// The places of the others.
    others: Vec<usize>,
}

#[derive(Debug)]
struct Pattern {
    includes: bool,
    only_folders: bool,
    /// The parts between slashes.
    parts: Vec<Part>,
}

/// What a pattern says of one name.
#[derive(Debug, PartialEq)]
enum Part {
    /// Any number of folders: `**`.
    Any,
    /// This one.
    Name(Vec<u8>),
    /// One that ends so: `*.lock`.
    Ending(Vec<u8>),
    /// Another one with signs that stand for others.
    Glob(Vec<u8>),
}

impl Part {
    fn parse(text: &[u8]) -> Self {
        let is_plain = |text: &[u8]| !text.iter().any(|byte| b"*?[\\".contains(byte));
        match text {
            b"**" => Self::Any,
            [b'*', ending @ ..] if is_plain(ending) => Self::Ending(ending.to_vec()),
            _ if is_plain(text) => Self::Name(text.to_vec()),
            _ => Self::Glob(text.to_vec()),
        }
    }

    /// Whether it stands for a name. Two stars by themselves are one here.
    fn matches(&self, name: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Name(own) => own == name,
            Self::Ending(ending) => name.ends_with(ending),
            Self::Glob(pattern) => glob(pattern, name),
        }
    }
}

impl Ignored {
    /// Adds the text of such a file.
    pub(super) fn add(&mut self, path: &RepoPath, text: &[u8]) {
        let lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let kept = lines.filter(|line| !line.starts_with(b"#") && !line.trim_ascii().is_empty());
        let mut patterns = Patterns { all: kept.take(MOST).map(Pattern::parse).collect(), ..Patterns::default() };
        for (number, pattern) in patterns.all.iter().enumerate() {
            match &pattern.parts[..] {
                [Part::Name(name)] => patterns.names.entry(name.clone()).or_default().push(number),
                _ => patterns.others.push(number),
            }
        }
        self.0.insert(folder(path.as_bytes()).to_vec(), patterns);
    }

    /// Whether one of them leaves out a file, or a folder in which it stands.
    pub(super) fn has(&self, file: &RepoPath) -> bool {
        let file = file.as_bytes();
        let parts: Vec<&[u8]> = file.split(|byte| *byte == b'/').collect();
        let slashes = file.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        let domains = std::iter::once(0).chain(slashes).map(|end| &file[..end]).enumerate();
        let mut domains = domains.filter_map(|(above, domain)| Some((above, self.0.get(domain)?)));
        domains.any(|(above, patterns)| {
            let path = &parts[above..];
            // By depth the last pattern that names what stands there: it decides, also of what stands below.
            let mut last: Vec<Option<usize>> = vec![None; path.len() + 1];
            for (at, name) in path.iter().enumerate() {
                let may_be = |number: &&usize| !patterns.all[**number].only_folders || at + 1 < path.len();
                last[at + 1] = patterns.names.get(*name).into_iter().flatten().filter(may_be).max().copied();
            }
            for number in &patterns.others {
                if let Some(depth) = patterns.all[*number].depth(path) {
                    last[depth] = last[depth].max(Some(*number));
                }
            }
            let mut deciding = None;
            last.into_iter().any(|number| {
                deciding = deciding.max(number);
                deciding.is_some_and(|number| !patterns.all[number].includes)
            })
        })
    }
}

impl Pattern {
    fn parse(line: &[u8]) -> Self {
        let (includes, line) = line.strip_prefix(b"!").map_or((false, line), |rest| (true, rest));
        let end = line.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
        let line = if line.ends_with(b"\\ ") { line } else { &line[..end] };
        let (only_folders, line) = line.strip_suffix(b"/").map_or((false, line), |rest| (true, rest));
        let mut parts: Vec<Part> = line.split(|byte| *byte == b'/').map(Part::parse).collect();
        if parts.len() == 2 && parts[0] == Part::Any {
            // A name in any folder, as by itself.
            parts.remove(0);
        }
        Self { includes, only_folders, parts }
    }

    /// How many parts of a file's path, from the folder of the pattern's own file on, it takes to name the file or a folder
    /// in which it stands; whatever stands below that is named with it.
    fn depth(&self, path: &[&[u8]]) -> Option<usize> {
        // All but the last part are folders.
        let may_end = |depth: usize| !self.only_folders || depth < path.len();
        match &self.parts[..] {
            [name] => path.iter().position(|part| name.matches(part)).map(|at| at + 1).filter(|depth| may_end(*depth)),
            [Part::Name(first), rest @ ..] if first.is_empty() => anchored(rest, path, may_end),
            parts => anchored(parts, path, may_end),
        }
    }
}

/// The same of parts that match from the beginning of the path.
fn anchored(parts: &[Part], path: &[&[u8]], may_end: impl Fn(usize) -> bool) -> Option<usize> {
    if let ([first, ..], Some(begins)) = (parts, path.first())
        && *first != Part::Any
        && !first.matches(begins)
    {
        return None;
    }
    // How far into the path each way of matching has come.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for part in parts {
        let mut next = vec![false; path.len() + 1];
        if *part == Part::Any {
            if let Some(first) = reached.iter().position(|here| *here) {
                next[first..].fill(true);
            }
        } else {
            for (at, name) in path.iter().enumerate() {
                next[at + 1] = reached[at] && part.matches(name);
            }
        }
        reached = next;
    }
    (1..=path.len()).find(|depth| reached[*depth] && may_end(*depth))
}

/// Whether a pattern with `*`, `?`, classes and escapes matches a whole name. What is malformed matches nothing.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut here) = (0, 0);
    // Where the last star stands, and from where in the name it would go on.
    let mut star: Option<(usize, usize)> = None;
    loop {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, here));
            at += 1;
            continue;
        }
        if here == name.len() && at == pattern.len() {
            return true;
        }
        let step = name.get(here).and_then(|byte| one(&pattern[at..], *byte));
        match (step, star) {
            (Some(length), _) => (at, here) = (at + length, here + 1),
            (None, Some((place, from))) if from < name.len() => {
                star = Some((place, from + 1));
                (at, here) = (place + 1, from + 1);
            }
            _ => return false,
        }
    }
}

/// How long the part of a pattern is that stands for this one byte, if the pattern begins with one that does.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern.first()? {
        b'?' => Some(1),
        b'\\' => (*pattern.get(1)? == byte).then_some(2),
        b'[' => {
            let negated = pattern.get(1) == Some(&b'^');
            let mut at = 1 + usize::from(negated);
            let (first, mut found) = (at, false);
            while pattern.get(at)? != &b']' || at == first {
                let low = member(pattern, &mut at)?;
                let mut high = low;
                if pattern.get(at) == Some(&b'-') {
                    at += 1;
                    high = member(pattern, &mut at)?;
                }
                found |= (low..=high).contains(&byte);
            }
            (found != negated).then_some(at + 1)
        }
        first => (*first == byte).then_some(1),
    }
}

fn member(pattern: &[u8], at: &mut usize) -> Option<u8> {
    if pattern.get(*at) == Some(&b'\\') {
        *at += 1;
    }
    let byte = *pattern.get(*at)?;
    *at += 1;
    Some(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(rules: &[(&str, &str)], file: &str) -> bool {
        let mut all = Ignored::default();
        rules.iter().for_each(|(path, text)| all.add(&RepoPath::from(*path), text.as_bytes()));
        all.has(&RepoPath::from(file))
    }

    #[test]
    fn patterns() {
        for (pattern, file, want) in [
            ("go.mod", "a/b/go.mod", true),
            ("/go.mod", "a/go.mod", false),
            ("/go.mod", "go.mod", true),
            ("build/", "a/build/go.mod", true),
            ("go.mod/", "go.mod", false),
            ("a/b", "a/b/c", true),
            ("a/b", "x/a/b", false),
            ("**/b", "x/a/b", true),
            ("a/**/z", "a/z", true),
            ("a/**/z", "a/b/c/z", true),
            ("a/**", "a/b", true),
            ("**/gen/**", "a/gen/b", true),
            ("**/gen/**", "foo/bar", false),
            ("*.lock", "x/y.lock", true),
            ("?.lock", "xy.lock", false),
            ("[a-c].lock", "b.lock", true),
            ("[^a-c].lock", "b.lock", false),
            ("[a", "a", false),
            ("\\#x", "#x", true),
            ("#x", "#x", false),
            ("x   ", "x", true),
            ("x\r\ny", "x", true),
            ("*\n!go.mod", "go.mod", false),
            ("a/\n!a/go.mod", "a/go.mod", true),
            ("***a***", "bbbab", true),
        ] {
            assert_eq!(ignored(&[(".gitignore", pattern)], file), want, "{pattern:?} {file}");
        }
    }

    #[test]
    fn each_file_decides_by_itself_and_below_itself() {
        assert!(ignored(&[(".gitignore", "*.lock"), ("a/.gitignore", "!Cargo.lock")], "a/Cargo.lock"));
        assert!(ignored(&[("a/.gitignore", "/Cargo.lock")], "a/Cargo.lock"));
        assert!(!ignored(&[("a/.gitignore", "Cargo.lock")], "b/Cargo.lock"));
    }
}
