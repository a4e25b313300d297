//! Whole numbers of any length, as versions have them.

use std::cmp::Ordering;

/// A number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// One of at most [`SHORT`] digits, as nearly all have.
    Short(u64),
    /// A longer one by its digits, without noughts before it.
    Long(String),
}

/// As many digits as always fit.
const SHORT: usize = 19;

impl Number {
    /// Reads digits, and nothing but digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = text.trim_start_matches('0');
        if digits.len() > SHORT {
            return Some(Self::Long(digits.to_owned()));
        }
        Some(Self::Short(digits.bytes().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))))
    }

    pub(super) const fn is_zero(&self) -> bool {
        matches!(self, Self::Short(0))
    }
}

impl Default for Number {
    fn default() -> Self {
        Self::Short(0)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Short(a), Self::Short(b)) => a.cmp(b),
            (Self::Long(a), Self::Long(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            (Self::Short(_), Self::Long(_)) => Ordering::Less,
            (Self::Long(_), Self::Short(_)) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noughts_before_a_number_and_its_length_are_nothing() {
        let order = |a: &str, b: &str| Number::parse(a).expect("a number").cmp(&Number::parse(b).expect("a number"));
        let long = ["0", "9", "10", "9999999999999999999", "10000000000000000000", "18446744073709551616", "99999999999999999999999"];
        for (i, a) in long.iter().enumerate() {
            for (j, b) in long.iter().enumerate() {
                assert_eq!(order(&format!("000{a}"), b), i.cmp(&j), "{a} {b}");
            }
        }
        assert!(["", "-1", "1a", "٣"].iter().all(|text| Number::parse(text).is_none()));
    }
}
