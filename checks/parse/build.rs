//! Build files: the few lines of them that checks ask for.

use std::sync::LazyLock;

use memchr::memmem;
use regex::bytes::Regex;

use crate::evidence::BuildSign;
use crate::finding::snippet;
use crate::path;

/// The longest build file that is read, in bytes.
pub(super) const LONGEST: u64 = 1 << 20;

/// What a build file says: what it is, its first and its last line, and the text.
pub(super) type Mark = (BuildSign, u32, u32, String);

/// The name under which the reference's GitLab client offers a merged configuration; a local run reads such a file, too.
const GITLAB: &[u8] = b"gitlabscorecard_flattened_ci.yaml";

/// Whether lines of this file are asked for.
#[must_use]
pub fn is_build_file(file: &[u8]) -> bool {
    is_gitlab(file) || is_pom(file)
}

/// Whether this is a merged configuration of GitLab.
#[must_use]
pub fn is_gitlab(file: &[u8]) -> bool {
    file == GITLAB
}

/// Whether this is a project file of Maven.
#[must_use]
pub fn is_pom(file: &[u8]) -> bool {
    path::eq_fold(path::name(file), "pom.xml") && !path::is_test_data(file)
}

pub(super) fn read(gitlab: bool, text: &[u8]) -> Option<Mark> {
    if gitlab { publishing_line(text) } else { sonar_host(text) }
}

fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

fn publishing_line(text: &[u8]) -> Option<Mark> {
    let commands = [&b"docker push"[..], b"nuget push", b"poetry publish", b"twine upload"];
    let holds = |line: &&[u8]| commands.iter().any(|command| memmem::find(line, command).is_some());
    let (index, line) = text.split(|byte| *byte == b'\n').enumerate().find(|(_, line)| holds(line))?;
    Some((BuildSign::GitlabPublish, number(index), number(index), snippet(line).trim().to_owned()))
}

static SONAR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)<sonar\.host\.url>[\t\n\f\r ]*([^\t\n\f\r ]+)[\t\n\f\r ]*</sonar\.host\.url>").expect("the expression is tested")
});

fn sonar_host(text: &[u8]) -> Option<Mark> {
    let (open, close) = (b"<sonar.host.url>", b"</sonar.host.url>");
    // Nearly no project names one.
    memmem::find(text, close)?;
    let host = snippet(&SONAR.captures(text)?[1]);
    Some(match (line_of(text, open), line_of(text, close)) {
        (Some(first), Some(last)) => (BuildSign::SonarHost, first, last, host),
        _ => (BuildSign::SonarHostSomewhere, 1, 1, host),
    })
}

/// The first line that holds a word, unless one before it or itself is too long for the reference to be read.
fn line_of(text: &[u8], word: &[u8]) -> Option<u32> {
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if line.len() >= super::scan::LONG_LINE {
            return None;
        }
        if memmem::find(line, word).is_some() {
            return Some(number(index));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_names_its_server_in_an_element() {
        let named = |text: &str| sonar_host(text.as_bytes());
        let at = |first, last| Some((BuildSign::SonarHost, first, last, "u".to_owned()));
        assert_eq!(named("<sonar.host.url>u</sonar.host.url>"), at(1, 1));
        assert_eq!(named("<p>\n<sonar.host.url>\n u\n</sonar.host.url>"), at(2, 4));
        for text in
            ["<sonar.host.url> </sonar.host.url>", "<sonar.host.url>a b</sonar.host.url>", "<sonar.host.url a='b'>u</sonar.host.url>"]
        {
            assert_eq!(named(text), None, "{text}");
        }
        let long = "x".repeat(65_536);
        assert!(matches!(named(&format!("{long}\n<sonar.host.url>u</sonar.host.url>")), Some((BuildSign::SonarHostSomewhere, ..))));
        assert_eq!(named(&format!("<sonar.host.url>u</sonar.host.url>\n{long}")), at(1, 1));
    }

    #[test]
    fn the_first_publishing_line_is_told() {
        let line = |text: &str| publishing_line(text.as_bytes()).map(|(_, line, ..)| line);
        assert_eq!(line("a\n  - docker push x\n  - twine upload"), Some(2));
        assert_eq!(line("docker  push"), None);
    }

    #[test]
    fn build_files_are_known_by_name() {
        for file in ["pom.xml", "a/POM.xml", "gitlabscorecard_flattened_ci.yaml"] {
            assert!(is_build_file(file.as_bytes()), "{file}");
        }
        for file in ["testdata/pom.xml", "pom.xml/a", "x-pom.xml", "a/gitlabscorecard_flattened_ci.yaml"] {
            assert!(!is_build_file(file.as_bytes()), "{file}");
        }
    }
}
