//! What part a file plays in its repository, as far as its path tells. The role is information for the reader of a
//! finding; no check leaves a file out because of it.

use serde::{Deserialize, Serialize};

use crate::path;

/// The part that a file plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// What is built, shipped or run; also whatever the path does not tell.
    #[default]
    Production,
    /// Tests and their data.
    Test,
    /// Examples, demonstrations and samples.
    Example,
    /// Copies of other projects' files.
    Vendored,
    /// Written by a program: minified, compiled from a definition, or below a folder for build results.
    Generated,
    /// Text for people.
    Documentation,
}

impl Role {
    /// The role of the file at `path`. A folder decides before a name, an outer folder before an inner one.
    #[must_use]
    pub fn of(file: &[u8]) -> Self {
        let name = path::name(file);
        Self::of_folders(&file[..file.len() - name.len()]).unwrap_or_else(|| Self::of_name(name))
    }

    /// `production`, `test`, ...
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Test => "test",
            Self::Example => "example",
            Self::Vendored => "vendored",
            Self::Generated => "generated",
            Self::Documentation => "documentation",
        }
    }

    /// Whether this is [`Role::Production`], which evidence leaves unsaid.
    #[must_use]
    pub fn is_production(&self) -> bool {
        *self == Self::Production
    }

    fn of_folders(folders: &[u8]) -> Option<Self> {
        folders.split(|byte| *byte == b'/').find_map(Self::of_folder)
    }

    fn of_folder(folder: &[u8]) -> Option<Self> {
        // The longest of the names has 17 bytes.
        let mut lower = [0; 17];
        let lower = lower.get_mut(..folder.len())?;
        lower.copy_from_slice(folder);
        lower.make_ascii_lowercase();
        match &*lower {
            b"vendor" | b"vendored" | b"third_party" | b"third-party" | b"thirdparty" | b"3rdparty" | b"node_modules"
            | b"bower_components" => Some(Self::Vendored),
            b"test" | b"tests" | b"testdata" | b"test-data" | b"test_data" | b"testing" | b"__tests__" | b"__snapshots__"
            | b"__fixtures__" | b"__mocks__" | b"fixtures" | b"fixture" | b"spec" | b"specs" | b"e2e" | b"snapshots" | b"testfiles"
            | b"testutil" | b"testutils" => Some(Self::Test),
            b"example" | b"examples" | b"sample" | b"samples" | b"demo" | b"demos" | b"playground" => Some(Self::Example),
            b"dist" | b"generated" | b"__generated__" | b"__pycache__" => Some(Self::Generated),
            b"doc" | b"docs" | b"documentation" | b"website" => Some(Self::Documentation),
            _ => None,
        }
    }

    fn of_name(name: &[u8]) -> Self {
        let role = memchr::memrchr(b'.', name).and_then(|dot| Self::of_ending(&name[..dot], &name[dot + 1..]));
        match role {
            Some(Self::Documentation) | None if name.starts_with(b"test_") => Self::Test,
            role => role.unwrap_or_default(),
        }
    }

    /// What the ending of a name tells, together with what stands before it. A name that is nothing else tells nothing.
    fn of_ending(before: &[u8], ending: &[u8]) -> Option<Self> {
        let ends = |with: &str| before.len() > with.len() && path::ends_with(before, with);
        let is = |role: Self, before: &[&str]| before.iter().any(|with| ends(with)).then_some(role);
        let mut lower = [0; 8];
        let lower = lower.get_mut(..ending.len()).filter(|_| !before.is_empty())?;
        lower.copy_from_slice(ending);
        lower.make_ascii_lowercase();
        match &*lower {
            b"js" => is(Self::Generated, &[".min"]).or_else(|| is(Self::Test, &[".test", ".spec"])),
            b"css" => is(Self::Generated, &[".min"]),
            b"go" => is(Self::Generated, &[".pb"]).or_else(|| is(Self::Test, &["_test"])),
            b"py" => is(Self::Generated, &["_pb2"]).or_else(|| is(Self::Test, &["_test"])),
            b"cc" | b"h" => is(Self::Generated, &[".pb"]),
            b"dart" => is(Self::Generated, &[".g"]),
            b"map" => Some(Self::Generated),
            b"rb" => is(Self::Test, &["_spec", "_test"]),
            b"exs" => is(Self::Test, &["_test"]),
            b"ts" => is(Self::Test, &[".test", ".spec"]),
            b"tsx" => is(Self::Test, &[".test"]),
            b"md" | b"rst" | b"adoc" | b"markdown" => Some(Self::Documentation),
            _ => None,
        }
    }
}

/// The roles of the files of a list: what a folder tells is found out once for all files in it that follow each other.
#[derive(Debug, Default)]
pub struct Roles {
    folder: Vec<u8>,
    role: Option<Role>,
}

impl Roles {
    /// The role of the file at `path`, as [`Role::of`].
    pub fn of(&mut self, file: &[u8]) -> Role {
        let name = path::name(file);
        let folder = &file[..file.len() - name.len()];
        if folder != self.folder {
            self.folder.clear();
            self.folder.extend_from_slice(folder);
            self.role = Role::of_folders(folder);
        }
        self.role.unwrap_or_else(|| Role::of_name(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_follow_folders_then_names() {
        let mut roles = Roles::default();
        for (path, role) in [
            ("src/main.rs", Role::Production),
            ("LICENSE", Role::Production),
            ("vendor/x/tests/a.c", Role::Vendored),
            ("crates/a/tests/vendor/b.rs", Role::Test),
            ("Examples/a.py", Role::Example),
            ("docs/a.py", Role::Documentation),
            ("README.md", Role::Documentation),
            ("pkg/a_test.go", Role::Test),
            ("parser/testfiles/Dockerfile", Role::Test),
            ("web/app.min.js", Role::Generated),
            ("__pycache__/a.pyc", Role::Generated),
            ("testy/a.rs", Role::Production),
            ("a/test_x.md", Role::Test),
            ("a/test_x.map", Role::Generated),
            ("TEST_A.MD", Role::Documentation),
            ("a/x.min.CSS", Role::Generated),
            ("a/.min.css", Role::Production),
            ("a/.md", Role::Production),
            ("a/_test.go", Role::Production),
            ("a/x_pb2.py", Role::Generated),
            ("a/x_test.py", Role::Test),
            ("a/x.spec.ts", Role::Test),
            ("a/x.test.tsx", Role::Test),
            ("a/x.spec.tsx", Role::Production),
            ("a/x_test.exs", Role::Test),
            ("a/x.g.dart", Role::Generated),
            ("a/x.pb.h", Role::Generated),
            ("a/x.map", Role::Generated),
            ("a/x.markdown", Role::Documentation),
            ("a/x.", Role::Production),
            ("a/third_party_or_other/x.rs", Role::Production),
            ("a/Bower_Components/x.rs", Role::Vendored),
            ("", Role::Production),
        ] {
            assert_eq!(Role::of(path.as_bytes()), role, "{path}");
            assert_eq!(roles.of(path.as_bytes()), role, "{path} after others");
        }
    }
}
