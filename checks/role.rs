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
        const FOLDERS: [(&[&str], Role); 5] = [
            (
                &["vendor", "vendored", "third_party", "third-party", "thirdparty", "3rdparty", "node_modules", "bower_components"],
                Role::Vendored,
            ),
            (
                &[
                    "test",
                    "tests",
                    "testdata",
                    "test-data",
                    "test_data",
                    "testing",
                    "__tests__",
                    "__snapshots__",
                    "__fixtures__",
                    "__mocks__",
                    "fixtures",
                    "fixture",
                    "spec",
                    "specs",
                    "e2e",
                    "snapshots",
                    "testfiles",
                    "testutil",
                    "testutils",
                ],
                Role::Test,
            ),
            (&["example", "examples", "sample", "samples", "demo", "demos", "playground"], Role::Example),
            (&["dist", "generated", "__generated__", "__pycache__"], Role::Generated),
            (&["doc", "docs", "documentation", "website"], Role::Documentation),
        ];
        // The longest name of the table has 17 bytes; most folders are told by their length alone.
        (3..=17).contains(&folder.len()).then_some(())?;
        FOLDERS.iter().find(|(names, _)| names.iter().any(|name| folder.eq_ignore_ascii_case(name.as_bytes()))).map(|(_, role)| *role)
    }

    fn of_name(name: &[u8]) -> Self {
        let ends = |ending: &str| name.len() > ending.len() && path::ends_with(name, ending);
        if [".min.js", ".min.css", ".pb.go", "_pb2.py", ".pb.cc", ".pb.h", ".g.dart", ".map"].into_iter().any(ends) {
            Self::Generated
        } else if ["_test.go", "_test.py", "_spec.rb", "_test.rb", "_test.exs", ".test.js", ".test.ts", ".test.tsx", ".spec.js", ".spec.ts"]
            .into_iter()
            .any(ends)
            || name.starts_with(b"test_")
        {
            Self::Test
        } else if [".md", ".rst", ".adoc", ".markdown"].into_iter().any(ends) {
            Self::Documentation
        } else {
            Self::Production
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
            ("", Role::Production),
        ] {
            assert_eq!(Role::of(path.as_bytes()), role, "{path}");
            assert_eq!(roles.of(path.as_bytes()), role, "{path} after others");
        }
    }
}
