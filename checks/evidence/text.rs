//! Texts as evidence keeps them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::bytes;
use crate::path::RepoPath;

/// The text of a file that was read as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The file.
    pub path: RepoPath,
    /// Its bytes.
    pub text: Text,
}

/// Bytes that are mostly text: in JSON a string, or `{"bytes": "<hex>"}` if they are no UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub Vec<u8>);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        bytes::serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        bytes::deserialize(deserializer).map(Self)
    }
}
