//! Composer: numbers padded to four, and words in the order of PHP.

use std::cmp::Ordering;

use super::number::Number;

#[derive(Clone, Debug)]
pub(super) struct Composer(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Number(Number),
    /// Its place among the words that PHP knows.
    Word(u8),
}

/// The place of a number among words.
const NUMBER: u8 = 5;

impl Part {
    fn word(text: &str) -> Self {
        Self::Word(match text {
            "dev" => 1,
            "alpha" | "a" => 2,
            "beta" | "b" => 3,
            "rc" => 4,
            "pl" | "p" | "patch" => 6,
            _ => 0,
        })
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Number(_) => NUMBER,
            Self::Word(rank) => *rank,
        }
    }
}

impl Composer {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let text = text.split('+').next()?;
        let text = text.strip_suffix("stable").map_or(text, |text| text.trim_end_matches(['-', '.', '_']));
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            rest = rest.trim_start_matches(['.', '-', '_']);
            let is_digit = rest.starts_with(|c: char| c.is_ascii_digit());
            let end = rest.find(|c: char| c.is_ascii_digit() != is_digit || matches!(c, '.' | '-' | '_')).unwrap_or(rest.len());
            let (part, behind) = rest.split_at(end);
            if !part.is_empty() {
                parts.push(Number::parse(part).map_or_else(|| Part::word(part), Part::Number));
            }
            rest = behind;
        }
        // A branch has no place in the order.
        if !matches!(parts.first(), Some(Part::Number(_))) {
            return None;
        }
        let numbers = parts.iter().take_while(|part| matches!(part, Part::Number(_))).count();
        for _ in numbers..4 {
            parts.insert(numbers, Part::Number(Number::default()));
        }
        Some(Self(parts))
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let length = self.0.len().max(other.0.len());
        let at = |place: usize| match (self.0.get(place), other.0.get(place)) {
            (Some(a), Some(b)) => a.compare(b),
            (Some(a), None) => to_nothing(a),
            (None, Some(b)) => to_nothing(b).reverse(),
            (None, None) => Ordering::Equal,
        };
        (0..length).map(at).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// One more number is more; a word is what it says against a release.
fn to_nothing(part: &Part) -> Ordering {
    match part {
        Part::Number(_) => Ordering::Greater,
        Part::Word(rank) => rank.cmp(&NUMBER),
    }
}
