//! RubyGems: segments of digits and of letters.

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::Regex;

use super::number::Number;

#[derive(Clone, Debug)]
pub(super) struct Gem(Vec<Segment>);

/// A segment: letters come before digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Word(String),
    Number(Number),
}

impl Segment {
    fn is_zero(&self) -> bool {
        matches!(self, Self::Number(number) if number.is_zero())
    }
}

static GRAMMAR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[0-9]+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$").expect("the expression is tested"));
static SEGMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[0-9]+|[a-zA-Z]+").expect("the expression is tested"));

impl Gem {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if !GRAMMAR.is_match(text) {
            return None;
        }
        let text = text.replace('-', ".pre.");
        let segments = SEGMENT.find_iter(&text).map(|found| {
            let found = found.as_str();
            Number::parse(found).map_or_else(|| Segment::Word(found.to_owned()), Segment::Number)
        });
        let mut segments: Vec<Segment> = segments.collect();
        // Noughts count neither before the first letters nor at the end.
        while segments.last().is_some_and(Segment::is_zero) {
            segments.pop();
        }
        if let Some(word) = segments.iter().position(|segment| matches!(segment, Segment::Word(_))) {
            let kept = segments[..word].iter().rposition(|segment| !segment.is_zero()).map_or(0, |last| last + 1);
            segments.drain(kept..word);
        }
        Some(Self(segments))
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let nought = Segment::Number(Number::default());
        let length = self.0.len().max(other.0.len());
        let at = |segments: &[Segment], place: usize| segments.get(place).cloned().unwrap_or_else(|| nought.clone());
        (0..length).map(|place| at(&self.0, place).cmp(&at(&other.0, place))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}
