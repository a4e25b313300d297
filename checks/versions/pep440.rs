//! PEP 440, with all the spellings that it maps to one.

use std::sync::LazyLock;

use regex::Regex;

use super::number::Number;

/// The order of the parts is that of comparison.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pep440 {
    epoch: Number,
    /// Without noughts at its end.
    release: Vec<Number>,
    pre: Pre,
    /// One without is before all that have one.
    post: Option<Number>,
    dev: Dev,
    local: Option<Vec<Local>>,
}

/// What comes before a release, and the release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pre {
    /// Only in development: before all others.
    Development,
    Alpha(Number),
    Beta(Number),
    Candidate(Number),
    Release,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Dev {
    Of(Number),
    Done,
}

/// A part of a local label: words come before numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    Word(String),
    Number(Number),
}

/// The grammar of the specification's appendix
/// (<https://packaging.python.org/en/latest/specifications/version-specifiers/#appendix-parsing-version-strings-with-regular-expressions>).
static GRAMMAR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?([0-9]+)?)?((?:-([0-9]+))|(?:[-_.]?(?:post|rev|r)[-_.]?([0-9]+)?))?([-_.]?dev[-_.]?([0-9]+)?)?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$",
    )
    .expect("the expression is tested")
});

impl Pep440 {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let found = GRAMMAR.captures(&text)?;
        let number =
            |group: usize| found.get(group).map_or_else(Number::default, |digits| Number::parse(digits.as_str()).unwrap_or_default());
        let mut release: Vec<Number> = found[2].split('.').filter_map(Number::parse).collect();
        while release.last().is_some_and(Number::is_zero) {
            release.pop();
        }
        let post = found.get(5).map(|_| number(if found.get(6).is_some() { 6 } else { 7 }));
        let dev = found.get(8).map_or(Dev::Done, |_| Dev::Of(number(9)));
        let pre = match found.get(3).map(|word| word.as_str()) {
            Some("a" | "alpha") => Pre::Alpha(number(4)),
            Some("b" | "beta") => Pre::Beta(number(4)),
            Some(_) => Pre::Candidate(number(4)),
            None if post.is_none() && dev != Dev::Done => Pre::Development,
            None => Pre::Release,
        };
        let local = found.get(10).map(|label| {
            let parts = label.as_str().split(['-', '_', '.']);
            parts.map(|part| Number::parse(part).map_or_else(|| Local::Word(part.to_owned()), Local::Number)).collect()
        });
        Some(Self { epoch: number(1), release, pre, post, dev, local })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_release_of_nothing_is_one_of_nought() {
        let parse = |text: &str| Pep440::parse(text).expect("valid");
        assert_eq!(parse("1.0.post"), parse("1.0.post0"));
        assert_eq!(parse("1.0a"), parse("1.0a0"));
    }
}
