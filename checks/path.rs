//! Paths inside a repository. They are bytes: Git stores any byte but NUL in a name, and a name that is no UTF-8 is
//! still a file that has to be judged.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::bytes;

/// A path relative to the root of a repository, its components separated by `/`.
///
/// Ordered by bytes, which is the order in which Git lists a tree.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(Box<[u8]>);

impl RepoPath {
    /// A path from its bytes.
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes of the whole path.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The last component.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        name(&self.0)
    }

    /// The path as text; bytes that are no UTF-8 become `\xNN`. Control characters are left as they are: whoever
    /// prints to a terminal neutralises them there.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(self.to_string()),
        }
    }
}

/// The last component of a path given as bytes.
#[must_use]
pub fn name(path: &[u8]) -> &[u8] {
    let start = memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1);
    &path[start..]
}

/// What stands behind the last dot of the last component, with the dot; empty without a dot.
///
/// The rule of Go's `filepath.Ext`, on which the reference's file rules rest: `.exe` is an extension and no name.
#[must_use]
pub fn extension(path: &[u8]) -> &[u8] {
    let name = name(path);
    memchr::memrchr(b'.', name).map_or(&[], |dot| &name[dot..])
}

/// Whether a path ends like this in any case of ASCII.
#[must_use]
pub fn ends_with(path: &[u8], ending: &str) -> bool {
    let Some(at) = path.len().checked_sub(ending.len()) else { return false };
    // Most are told by their first byte, a dot.
    path.get(at).map(u8::to_ascii_lowercase) == ending.bytes().next() && path[at..].eq_ignore_ascii_case(ending.as_bytes())
}

/// Whether the reference leaves this path out of its searches by pattern: anything below a folder `testdata` or
/// `src/test`, in exactly this spelling.
#[must_use]
pub fn is_test_data(path: &[u8]) -> bool {
    // Asked of every path, and several times: to prepare the searches takes longer than to search.
    static FOLDERS: LazyLock<[Finder<'_>; 2]> = LazyLock::new(|| ["testdata/", "src/test/"].map(Finder::new));
    FOLDERS.iter().any(|folder| folder.find_iter(path).any(|at| at == 0 || path[at - 1] == b'/'))
}

/// Whether a folder is the root, or stands in it.
#[must_use]
pub fn is_outer(folder: &[u8]) -> bool {
    !folder.contains(&b'/')
}

/// The path in lower case, a character at a time as Go's `strings.ToLower` does it.
#[must_use]
pub fn lower(path: &[u8]) -> Cow<'_, [u8]> {
    if path.is_ascii() {
        return if path.iter().any(u8::is_ascii_uppercase) { Cow::Owned(path.to_ascii_lowercase()) } else { Cow::Borrowed(path) };
    }
    let mut out = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        for c in chunk.valid().chars() {
            // Go maps rune to rune: of a lower case that has several characters it has only the first.
            out.push(c.to_lowercase().next().unwrap_or(c));
        }
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(out.into_bytes())
}

/// Whether `path` is `name` under Unicode's simple case folding; `name` is lower-case ASCII.
#[must_use]
#[inline]
pub fn eq_fold(path: &[u8], name: &str) -> bool {
    // What folds into ASCII from beyond it takes two bytes or three there, so that most words are told by their length.
    if path.len() == name.len() {
        return path.eq_ignore_ascii_case(name.as_bytes());
    }
    path.len() > name.len() && !path.is_ascii() && eq_fold_beyond_ascii(path, name)
}

fn eq_fold_beyond_ascii(path: &[u8], name: &str) -> bool {
    let Ok(path) = std::str::from_utf8(path) else {
        return false;
    };
    let fold = |c: char| match c {
        '\u{17f}' => 's',  // long s
        '\u{212a}' => 'k', // Kelvin sign
        _ => c.to_ascii_lowercase(),
    };
    path.chars().map(fold).eq(name.chars())
}

/// Whether [`eq_fold`] holds for one of the names.
#[must_use]
pub fn is_one_of(path: &[u8], names: &[&str]) -> bool {
    if path.is_ascii() {
        names.iter().any(|name| path.eq_ignore_ascii_case(name.as_bytes()))
    } else {
        names.iter().any(|name| eq_fold_beyond_ascii(path, name))
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02X}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text())
    }
}

impl From<&str> for RepoPath {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl Serialize for RepoPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        bytes::serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for RepoPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        bytes::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_data_is_left_out_at_any_depth_in_its_exact_spelling() {
        for path in ["testdata/a", "a/testdata/b", "src/test/a", "a/src/test/b"] {
            assert!(is_test_data(path.as_bytes()), "{path}");
        }
        for path in ["TestData/a", "mytestdata/a", "Src/test/a", "xsrc/test/a", "src/tests/a", "test/src/a", "testdata", "a/src/test"] {
            assert!(!is_test_data(path.as_bytes()), "{path}");
        }
    }

    #[test]
    fn extension_is_what_stands_behind_the_last_dot_of_the_name() {
        for (path, want) in [(".exe", ".exe"), ("a.b/c", ""), ("lib.so.1", ".1"), ("c.jar.", "."), ("d..so", ".so")] {
            assert_eq!(extension(path.as_bytes()), want.as_bytes(), "{path}");
        }
    }

    #[test]
    fn folding_knows_the_long_s_and_the_kelvin_sign() {
        assert!(eq_fold("\u{17f}ecurity.MAR\u{212a}DOWN".as_bytes(), "security.markdown"));
        assert!(!eq_fold("sécurity.md".as_bytes(), "security.md"));
        assert!(!eq_fold(b"\xffecurity.md", "security.md"));
        assert!(eq_fold(b"SCRATCH", "scratch") && !eq_fold("scratc\u{125}".as_bytes(), "scratch") && !eq_fold(b"as\xff", "as"));
        assert!(is_one_of("ba\u{17f}h".as_bytes(), &["sh", "bash"]) && is_one_of(b"SH", &["sh", "bash"]) && !is_one_of(b"ash", &["sh"]));
        assert!(eq_fold("\u{212a}\u{212a}".as_bytes(), "kk") && !eq_fold("\u{212a}".as_bytes(), "kkk") && !eq_fold(b"", "k"));
    }

    #[test]
    fn lower_case_maps_a_character_at_a_time() {
        assert_eq!(&*lower("RENOVATE.JSON".as_bytes()), b"renovate.json");
        assert_eq!(&*lower(".G\u{130}THUB".as_bytes()), b".github");
        assert_eq!(&*lower("\u{c9}".as_bytes()), "\u{e9}".as_bytes());
    }

    #[test]
    fn any_bytes_survive_json() {
        for bytes in [&b"a/b"[..], b"\xff\x00/\x1b[31m", "日本".as_bytes(), b""] {
            let path = RepoPath::new(bytes);
            let json = serde_json::to_string(&path).expect("a path serialises");
            assert_eq!(serde_json::from_str::<RepoPath>(&json).expect("and comes back"), path);
        }
        assert!(serde_json::from_str::<RepoPath>(r#"{"bytes": "0"}"#).is_err());
        assert!(serde_json::from_str::<RepoPath>(r#"{"hex": "00"}"#).is_err());
    }
}
