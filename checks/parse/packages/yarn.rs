//! `yarn.lock`, of Yarn 1 (<https://classic.yarnpkg.com/lang/en/docs/yarn-lock/>) and of its successors.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::git_address::commit_of;
use super::graph::{self, Edges};
use super::{Found, commit, package, text_of};
use crate::ecosystem::Ecosystem;
use crate::parse::scan::LONG_LINE;

static VERSION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"^ {2}"?version"?:? "?((?-u:\w|[.+-])+)"?$"#).expect("the expression is tested"));
static RESOLVED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"^ {2}"?(?:resolution:|resolved:?)"? "([^ '"]+)"$"#).expect("the expression is tested"));

/// A block: its header, and what it says.
struct Block<'a> {
    header: &'a str,
    line: u32,
    version: Option<&'a str>,
    resolved: Option<&'a str>,
    /// The patterns of what it asks for: name and range.
    asks: Vec<(&'a str, &'a str)>,
}

/// Reads such a file.
pub(super) fn read(text: &[u8]) -> Found {
    let text = text_of(text);
    let mut found = Found::default();
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut is_asking = false;
    for (line, number) in text.split('\n').zip(1_u32..) {
        if line.len() >= LONG_LINE {
            found.note(Some(number), format!("a line of {LONG_LINE} bytes or more, behind which nothing is read"));
            break;
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        if !line.starts_with(' ') {
            blocks.push(Block { header: line, line: number, version: None, resolved: None, asks: Vec::new() });
            is_asking = false;
            continue;
        }
        let Some(block) = blocks.last_mut() else { return Found::broken(Some(number), "begins with a property of nothing") };
        if line.starts_with("    ") {
            if is_asking && let Some(asked) = asked(line.trim()) {
                block.asks.push(asked);
            }
            continue;
        }
        is_asking = matches!(line.trim(), "dependencies:" | "optionalDependencies:");
        // The expressions are for the few lines that could match.
        let told = |expression: &Regex| expression.captures(line).and_then(|told| told.get(1)).map(|told| told.as_str());
        let word = line.trim_start_matches([' ', '"']);
        if word.starts_with("version") && block.version.is_none() {
            block.version = told(&VERSION);
        } else if word.starts_with("resol") && block.resolved.is_none() {
            block.resolved = told(&RESOLVED);
        }
    }
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut kept: Vec<&Block<'_>> = Vec::new();
    for block in &blocks {
        if block.header == "__metadata:" || block.header.ends_with("@workspace:.\":") {
            continue;
        }
        let name = name_of(block.header);
        let package = match (block.version, block.resolved.and_then(commit_of)) {
            (Some(version), _) => package(Ecosystem::Npm, name, version, Some(block.line)),
            (None, Some(id)) => commit(name, id, Some(block.line)),
            (None, None) => continue,
        };
        places.extend(patterns(block.header).map(|pattern| (pattern, found.packages.len())));
        found.push(package);
        if found.cut {
            return found;
        }
        kept.push(block);
    }
    // Only the newer form says what the projects of the repository ask for: they are blocks like any other.
    let place = |name: &str, range: &str| {
        let keys = [format!("{name}@{range}"), format!("{name}@npm:{range}")];
        keys.iter().find_map(|key| places.get(key.as_str()).copied())
    };
    let count = kept.len();
    kept.extend(blocks.iter().find(|block| block.header.ends_with("@workspace:.\":")));
    let is_root = |(at, block): &(usize, &&Block<'_>)| *at == count || block.header.contains("@workspace:");
    let roots: Vec<usize> = kept.iter().enumerate().filter(is_root).map(|(at, _)| at).collect();
    if !roots.is_empty() {
        let asks = kept.iter().enumerate().flat_map(|(from, block)| block.asks.iter().map(move |asked| (from, asked)));
        let pairs: Vec<_> = asks.filter_map(|(from, (name, range))| Some((from, place(name, range)?))).collect();
        let edges = Edges::of(kept.len(), &pairs);
        found.packages.resize_with(kept.len(), Default::default);
        graph::trace(&mut found.packages, &roots, &edges);
        found.packages.truncate(count);
    }
    found
}

/// The patterns of a header.
fn patterns(header: &str) -> impl Iterator<Item = &str> {
    let header = header.strip_suffix(':').unwrap_or(header);
    header.split(',').map(|pattern| pattern.trim_matches([' ', '"']))
}

/// The name that the first pattern of a header means: that of the alias, if it is one.
fn name_of(header: &str) -> &str {
    let header = header.strip_suffix(':').unwrap_or(header);
    let mut rest = header.strip_prefix('"').unwrap_or(header);
    rest = rest.split(',').next().unwrap_or_default();
    loop {
        let start = usize::from(rest.starts_with('@'));
        let Some(at) = rest[start..].find('@').map(|at| at + start) else { return rest };
        match rest[at + 1..].strip_prefix("npm:").filter(|alias| alias.contains('@')) {
            Some(alias) => rest = alias,
            None => return &rest[..at],
        }
    }
}

/// A name and a range: `name "range"`, `name: range`, `"name": "range"`.
fn asked(line: &str) -> Option<(&str, &str)> {
    let (name, range) = match line.strip_prefix('"') {
        Some(quoted) => {
            let (name, rest) = quoted.split_once('"')?;
            (name, rest.strip_prefix(':').unwrap_or(rest))
        }
        None => line.split_once(' ')?,
    };
    Some((name.strip_suffix(':').unwrap_or(name), range.trim().trim_matches('"')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Vec<String> {
        let found = read(text.as_bytes());
        let each = found.packages.iter().map(|p| {
            let direct = p.direct.map_or("", |is| if is { " direct" } else { " indirect" });
            format!("{}@{}:{}{direct}", p.name, p.commit.as_deref().unwrap_or(&p.version), p.line.unwrap_or(0))
        });
        each.collect()
    }

    #[test]
    fn the_classic_form() {
        let text = "# yarn lockfile v1\n\n\"@s/a@^1.0.0\", \"@s/a@^1.2.0\":\n  version \"1.2.5\"\n  resolved \"https://registry.yarnpkg.com/a.tgz#aa\"\n  dependencies:\n    b \"^1.0.0\"\n\nb@^1.0.0, b@~1.0.3:\r\n  version \"1.0.7\"\r\n\n\"n@npm:@real/n@^3.0.0\":\n  version \"3.4.6\"\n\n\"g@git+https://x.org/g.git\":\n  resolved \"git+https://x.org/g.git#0a1b2c\"\n\nnone@1:\n  version \"^1.0.0 || 2\"\n\ncut@1:\n  version \"2.0.";
        assert_eq!(listed(text), ["@s/a@1.2.5:3", "b@1.0.7:9", "@real/n@3.4.6:12", "g@0a1b2c:15", "cut@2.0.:21"]);
    }

    #[test]
    fn the_newer_form() {
        let text = "__metadata:\n  version: 8\n\n\"root@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"root@workspace:.\"\n  dependencies:\n    a: \"npm:^1.0.0\"\n    lib: \"workspace:^\"\n\n\"lib@workspace:^, lib@workspace:lib\":\n  version: 0.0.0-use.local\n  resolution: \"lib@workspace:lib\"\n\n\"a@npm:^1.0.0\":\n  version: 1.0.1\n  dependencies:\n    \"@s/b\": ^2.0.0\n\n\"@s/b@npm:^2.0.0\":\n  version: 2.0.0\n\n\"t@patch:t@npm%3A4.0.0#x\":\n  version: 4.0.0\n";
        assert_eq!(listed(text), ["lib@0.0.0-use.local:11 direct", "a@1.0.1:15 direct", "@s/b@2.0.0:20 indirect", "t@4.0.0:23"]);
    }

    #[test]
    fn faults() {
        assert!(read(b"  version \"1\"\na@1:\n  version \"1\"").broken.is_some());
        let long = format!("a@1:\n  version \"1\"\n  x \"{}\"\nb@1:\n  version \"2\"\n", "z".repeat(LONG_LINE));
        assert_eq!(listed(&long), ["a@1:1"]);
        assert_eq!(listed("  # a comment may stand anywhere\na@1:\n  version \"1\"\n"), ["a@1:2"]);
        assert_eq!(read(long.as_bytes()).broken.and_then(|broken| broken.line), Some(3));
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(text in proptest::collection::vec(proptest::num::u8::ANY, 0..64), lines in "([\"@a:, ]{0,8}(npm:|version \"1|resolved \"x#1\")?\n){0,6}") {
            let _ = read(&text);
            let _ = read(lines.as_bytes());
        }
    }
}
