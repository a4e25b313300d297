//! The typed values of a finding, by name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use crate::Id;

/// A typed value of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// Text.
    Text(Id),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
}

/// A few values, sorted by name. There is one or none in most findings, and a run can have thousands of these: a map's
/// node would take more memory than all the rest of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<Id, Value>")]
pub struct Values(Vec<(Id, Value)>);

impl Values {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.place(name).ok().map(|at| &self.0[at].1)
    }

    /// Adds a value, in place of one that has its name.
    pub fn insert(&mut self, name: Id, value: Value) {
        match self.place(&name) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => {
                self.0.reserve_exact(1);
                self.0.insert(at, (name, value));
            }
        }
    }

    /// All of them by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Id, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| (**other).cmp(name))
    }
}

impl From<BTreeMap<Id, Value>> for Values {
    fn from(values: BTreeMap<Id, Value>) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_a_map() {
        let mut values = Values::default();
        for (name, number) in [("b", 1), ("a", 2), ("c", 3), ("b", 4)] {
            values.insert(Id::Borrowed(name), Value::Integer(number));
        }
        assert_eq!((values.get("b"), values.get("d")), (Some(&Value::Integer(4)), None));
        let json = serde_json::to_string(&values).expect("values serialise");
        assert_eq!(json, r#"{"a":{"Integer":2},"b":{"Integer":4},"c":{"Integer":3}}"#);
        assert_eq!(serde_json::from_str::<Values>(&json).expect("and come back"), values);
    }
}
