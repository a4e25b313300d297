//! Whole numbers of any length, as versions have them.

use std::cmp::Ordering;

/// A number by its digits, without noughts before it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Number(String);

impl Number {
    /// Reads digits, and nothing but digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| Self(text.trim_start_matches('0').to_owned()))
    }

    pub(super) const fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
