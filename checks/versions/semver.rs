//! Semantic Versioning, with the leniencies that versions in the wild need: a `v` before it, and parts left out.

use std::cmp::Ordering;

use super::number::Number;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SemVer {
    core: [Number; 3],
    /// Empty for a release.
    pre: Vec<Part>,
    /// What counts of what stands behind `+`.
    build: Vec<Part>,
}

/// A part between dots: numbers come before words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Number(Number),
    Word(String),
}

impl Part {
    /// The parts of a label.
    pub(super) fn all(text: &str) -> Option<Vec<Self>> {
        let each = text.split('.').map(|part| {
            let is_label = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            is_label.then(|| Number::parse(part).map_or_else(|| Self::Word(part.to_owned()), Self::Number))
        });
        each.collect()
    }
}

impl SemVer {
    pub(super) fn parse(text: &str, counts_build: bool) -> Option<Self> {
        let text = text.strip_prefix(['v', 'V', '=']).unwrap_or(text);
        let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
        let (core, pre) = text.split_once('-').map_or((text, None), |(core, pre)| (core, Some(pre)));
        let mut numbers: [Number; 3] = Default::default();
        for (at, part) in core.split('.').enumerate() {
            *numbers.get_mut(at)? = Number::parse(part)?;
        }
        let build = build.map_or(Some(Vec::new()), Part::all)?;
        Some(Self { core: numbers, pre: pre.map_or(Some(Vec::new()), Part::all)?, build: if counts_build { build } else { Vec::new() } })
    }
}

impl Ord for SemVer {
    fn cmp(&self, other: &Self) -> Ordering {
        let pre = self.pre.is_empty().cmp(&other.pre.is_empty()).then_with(|| self.pre.cmp(&other.pre));
        self.core.cmp(&other.core).then(pre).then_with(|| self.build.cmp(&other.build))
    }
}

impl PartialOrd for SemVer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
