//! Maven: tokens with the separators before them.

use std::cmp::Ordering;

use super::number::Number;

#[derive(Clone, Debug)]
pub(super) struct Maven(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    /// It stands behind a dot, else behind a hyphen or where digits meet letters.
    is_behind_dot: bool,
    value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Number(Number),
    /// Its place among the known words, and the word if it is none of them.
    Word(u8, String),
}

/// The place of the word that says nothing: a release.
const RELEASE: u8 = 5;
/// The place of words that are not known.
const UNKNOWN: u8 = 7;

impl Value {
    fn word(text: &str, is_before_number: bool) -> Self {
        let rank = match text {
            "alpha" => 0,
            "a" if is_before_number => 0,
            "beta" => 1,
            "b" if is_before_number => 1,
            "milestone" => 2,
            "m" if is_before_number => 2,
            "rc" | "cr" => 3,
            "snapshot" => 4,
            "" | "final" | "ga" | "release" => RELEASE,
            "sp" => 6,
            other => return Self::Word(UNKNOWN, other.to_owned()),
        };
        Self::Word(rank, String::new())
    }

    const fn is_null(&self) -> bool {
        match self {
            Self::Number(number) => number.is_zero(),
            Self::Word(rank, _) => *rank == RELEASE,
        }
    }
}

impl Maven {
    pub(super) fn parse(text: &str) -> Self {
        let text = text.to_lowercase();
        let mut tokens: Vec<Token> = Vec::new();
        let mut is_behind_dot = true;
        for part in text.split_inclusive(['.', '-']) {
            let separator = part.chars().last().filter(|c| matches!(c, '.' | '-'));
            let part = part.strip_suffix(['.', '-']).unwrap_or(part);
            let mut rest = part;
            loop {
                let is_digit = rest.starts_with(|c: char| c.is_ascii_digit());
                let end = rest.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(rest.len());
                let (token, behind) = rest.split_at(end);
                let value = match Number::parse(token) {
                    Some(number) => Value::Number(number),
                    None if token.is_empty() => Value::Number(Number::default()),
                    None => Value::word(token, !behind.is_empty()),
                };
                tokens.push(Token { is_behind_dot, value });
                rest = behind;
                is_behind_dot = false;
                if rest.is_empty() {
                    break;
                }
            }
            is_behind_dot = separator == Some('.');
        }
        Self(trimmed(tokens))
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let length = self.0.len().max(other.0.len());
        (0..length).map(|place| compare(self.0.get(place), other.0.get(place))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// Leaves out what says nothing at the end, and before each hyphen.
fn trimmed(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if !token.is_behind_dot {
            drop_nulls(&mut kept);
        }
        kept.push(token);
    }
    drop_nulls(&mut kept);
    kept
}

fn drop_nulls(kept: &mut Vec<Token>) {
    while kept.last().is_some_and(|token| token.value.is_null()) {
        kept.pop();
    }
}

/// The order of two tokens. What is missing says nothing, in the form that the other has.
fn compare(a: Option<&Token>, b: Option<&Token>) -> Ordering {
    let rank = |token: &Token| match (&token.value, token.is_behind_dot) {
        (Value::Word(..), _) => 0,
        (Value::Number(_), false) => 1,
        (Value::Number(_), true) => 2,
    };
    match (a, b) {
        (Some(a), Some(b)) => match (&a.value, &b.value) {
            (Value::Word(x, a), Value::Word(y, b)) => x.cmp(y).then_with(|| a.cmp(b)),
            (Value::Number(x), Value::Number(y)) if a.is_behind_dot == b.is_behind_dot => x.cmp(y),
            _ => rank(a).cmp(&rank(b)),
        },
        (Some(a), None) => to_nothing(a),
        (None, Some(b)) => to_nothing(b).reverse(),
        (None, None) => Ordering::Equal,
    }
}

fn to_nothing(token: &Token) -> Ordering {
    match &token.value {
        Value::Number(number) => number.cmp(&Number::default()),
        Value::Word(rank, _) => rank.cmp(&RELEASE),
    }
}
