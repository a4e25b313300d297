//! Bytes that are mostly text, in JSON: a string, or `{"bytes": "<hex>"}` if they are no UTF-8. Evidence must come back
//! byte for byte.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserializer, Serializer};

/// The text, as [`String::from_utf8_lossy`] has it: that looks at every byte by itself, and nearly every text is UTF-8.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return serializer.serialize_str(text);
    }
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(hex, "{byte:02x}");
    }
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry("bytes", &hex)?;
    map.end()
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    struct BytesVisitor;

    impl<'de> Visitor<'de> for BytesVisitor {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string, or {\"bytes\": hexadecimal digits}")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
            Ok(text.as_bytes().to_vec())
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<u8>, A::Error> {
            let Some((key, hex)) = map.next_entry::<String, String>()? else {
                return Err(de::Error::missing_field("bytes"));
            };
            if key != "bytes" {
                return Err(de::Error::unknown_field(&key, &["bytes"]));
            }
            unhex(&hex).ok_or_else(|| de::Error::custom("bytes are pairs of hexadecimal digits"))
        }
    }

    deserializer.deserialize_any(BytesVisitor)
}

/// The bytes that pairs of hexadecimal digits stand for.
pub(crate) fn unhex(hex: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16);
    hex.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}
