//! Marks of fuzzers and property-based tests in source files, by language.
//!
//! Each language is searched for its own words: first for a literal over the whole text, then, on a line that holds
//! one, with the language's expression. Nearly all files hold none, so the first step is all that is ever paid.

use std::sync::OnceLock;

use memchr::memmem::Finder;
use regex::bytes::Regex;

use crate::path;

/// A language and how fuzzing shows in it.
pub struct Language {
    /// Its name as hosts spell it, in lower case.
    pub name: &'static str,
    /// The name by which the reference reports it.
    pub tool: &'static str,
    /// The endings of its files, in lower case. Hits in files of the first of two are reported twice by the
    /// reference.
    pub endings: &'static [&'static str],
    /// Literals of which a marked line holds at least one.
    literals: &'static [&'static str],
    /// What the line matches.
    pattern: &'static str,
    regex: OnceLock<Regex>,
    finders: OnceLock<Vec<Finder<'static>>>,
}

/// Any character on a line.
macro_rules! any {
    () => {
        concat!(
            r"(?:[^\n]|[\xC2-\xDF][\x80-\xBF]|\xE0[\xA0-\xBF][\x80-\xBF]|[\xE1-\xEC\xEE\xEF][\x80-\xBF]{2}|\xED[\x80-\x9F][\x80-\xBF]",
            r"|\xF0[\x90-\xBF][\x80-\xBF]{2}|[\xF1-\xF3][\x80-\xBF]{3}|\xF4[\x80-\x8F][\x80-\xBF]{2})"
        )
    };
}

/// The place of Go among the languages, the one whose ending is more than what stands behind the last dot.
const GO: usize = 0;

const SCRIPT: &str = concat!(
    r#"from[\t\n\x0c\r ]+['"](?:fast-check|@fast-check/(?:ava|jest|vitest))['"]"#,
    r#"|require\([\t\n\x0c\r ]*['"](?:fast-check|@fast-check/(?:ava|jest|vitest))['"][\t\n\x0c\r ]*\)"#
);

/// The languages, in the order in which their findings are reported.
///
/// The expressions are the reference's with its classes written out: `\s` knows no vertical tab there, `\w` and `\s`
/// are ASCII, and a dot is any character, of UTF-8 or a byte that is none. The characters of UTF-8 are written out as well:
/// to compile Unicode's dot takes longer than most searches.
pub static LANGUAGES: [Language; 15] = [
    language(
        "go",
        "GoBuiltInFuzzer",
        &["_test.go"],
        &["Fuzz"],
        concat!(r"func[\t\n\x0c\r ]+Fuzz[0-9A-Za-z_]+[\t\n\x0c\r ]*\([0-9A-Za-z_]+[\t\n\x0c\r ]+\*testing", any!(), r"F\)"),
    ),
    language(
        "erlang",
        "ErlangPropertyBasedTesting",
        &[".erl", ".hrl"],
        &["-include_lib(\""],
        concat!(r#"-include_lib\("(?:eqc|proper)/include/(?:eqc|proper)"#, any!(), r#"hrl"\)\."#),
    ),
    language(
        "haskell",
        "HaskellPropertyBasedTesting",
        &[".hs", ".lhs"],
        &["Test."],
        r"import[\t\n\x0c\r ]+(?:qualified[\t\n\x0c\r ]+)?Test\.(?:(?:Hspec|Tasty)\.)?(?:QuickCheck|Hedgehog|Validity|SmallCheck)",
    ),
    language(
        "elixir",
        "ElixirPropertyBasedTesting",
        &[".ex", ".exs"],
        &["PropCheck", "ExUnitProperties"],
        r"use[\t\n\x0c\r ]+(?:PropCheck|ExUnitProperties)",
    ),
    language("gleam", "GleamPropertyBasedTesting", &[".gleam"], &["qcheck"], r"import[\t\n\x0c\r ]+qcheck"),
    language("javascript", "JavaScriptPropertyBasedTesting", &[".js", ".jsx"], &["fast-check"], SCRIPT),
    language("typescript", "TypeScriptPropertyBasedTesting", &[".ts", ".tsx"], &["fast-check"], SCRIPT),
    language("python", "PythonAtherisFuzzer", &[".py"], &["import atheris"], "import atheris"),
    language("c", "CLibFuzzer", &[".c"], &["LLVMFuzzerTestOneInput"], "LLVMFuzzerTestOneInput"),
    language("c++", "CppLibFuzzer", &[".cc", ".cpp"], &["LLVMFuzzerTestOneInput"], "LLVMFuzzerTestOneInput"),
    language("rust", "RustCargoFuzzer", &[".rs"], &["libfuzzer_sys"], "libfuzzer_sys"),
    language(
        "java",
        "JavaJazzerFuzzer",
        &[".java"],
        &["FuzzedDataProvider;"],
        concat!("com", any!(), "code_intelligence", any!(), "jazzer", any!(), "api", any!(), "FuzzedDataProvider;"),
    ),
    language("swift", "SwiftLibFuzzer", &[".swift"], &["LLVMFuzzerTestOneInput"], "LLVMFuzzerTestOneInput"),
    language(
        "c#",
        "CSharpPropertyBasedTesting",
        &[".cs"],
        &["FsCheck"],
        r"using[\t\n\x0c\r ]+(?:FsCheck|FsCheck\.(?:NUnit|Xunit)|Expecto\.ExpectoFsCheck);",
    ),
    language(
        "f#",
        "FSharpPropertyBasedTesting",
        &[".fs"],
        &["FsCheck"],
        r"open[\t\n\x0c\r ]+(?:FsCheck|FsCheck\.(?:NUnit|Xunit)|Expecto\.ExpectoFsCheck)",
    ),
];

const fn language(
    name: &'static str,
    tool: &'static str,
    endings: &'static [&'static str],
    literals: &'static [&'static str],
    pattern: &'static str,
) -> Language {
    Language { name, tool, endings, literals, pattern, regex: OnceLock::new(), finders: OnceLock::new() }
}

/// The language of a file by its name, as an index into [`LANGUAGES`], and which of its endings the name has.
#[must_use]
pub fn language_of(file: &[u8]) -> Option<(usize, usize)> {
    let name = path::name(file);
    let lower;
    let name = if name.is_ascii() {
        name
    } else {
        lower = path::lower(name);
        &lower
    };
    // All endings are short; the dot is within the last nine bytes or nowhere.
    let dot = memchr::memrchr(b'.', &name[name.len().saturating_sub(9)..])?;
    let ending = &name[name.len().saturating_sub(9)..][dot..];
    if ending.eq_ignore_ascii_case(b".go") {
        return path::ends_with(name, LANGUAGES[GO].endings[0]).then_some((GO, 0));
    }
    LANGUAGES.iter().enumerate().find_map(|(index, language)| {
        let found = language.endings.iter().position(|known| ending.eq_ignore_ascii_case(known.as_bytes()))?;
        Some((index, found))
    })
}

impl Language {
    /// The mark in a line that holds a literal.
    fn mark<'a>(&self, line: &'a [u8]) -> Option<&'a [u8]> {
        match self.literals {
            // To compile an expression takes as long as to search megabytes.
            [word] if *word == self.pattern => memchr::memmem::find(line, word.as_bytes()).map(|at| &line[at..at + word.len()]),
            _ => self.regex().find(line).map(|found| found.as_bytes()),
        }
    }

    fn regex(&self) -> &Regex {
        self.regex.get_or_init(|| Regex::new(&format!("(?-u){}", self.pattern)).expect("the pattern is constant and a test compiles it"))
    }

    /// The first place, from `from` on, that holds a literal.
    fn literal(&self, text: &[u8], from: usize) -> Option<usize> {
        let finders = self.finders.get_or_init(|| self.literals.iter().map(Finder::new).collect());
        finders.iter().filter_map(|finder| finder.find(&text[from..])).min().map(|at| from + at)
    }
}

/// The search of one file, piece by piece.
pub(super) struct Search {
    language: &'static Language,
    lines_before: u32,
    hit_in_open_line: bool,
    /// Line and text of each hit.
    pub(super) hits: Vec<(u32, String)>,
}

impl Search {
    /// How many marks of one file are kept.
    pub(super) const MOST: usize = 1_000;

    pub(super) fn new(language: usize) -> Self {
        Self { language: &LANGUAGES[language], lines_before: 0, hit_in_open_line: false, hits: Vec::new() }
    }

    /// Searches a piece. It begins where the last one ended and ends with a line's end, with the file's, or, of a
    /// line that is longer than a piece may be, anywhere.
    pub(super) fn feed(&mut self, piece: &[u8]) {
        let mut at = 0;
        let (mut line, mut counted) = (self.lines_before + 1, 0);
        if self.hit_in_open_line {
            match memchr::memchr(b'\n', piece) {
                Some(end) => at = end + 1,
                None => return,
            }
            self.hit_in_open_line = false;
        }
        while let Some(hit) = self.language.literal(piece, at) {
            if self.hits.len() == Self::MOST {
                return;
            }
            let start = memchr::memrchr(b'\n', &piece[..hit]).map_or(0, |end| end + 1);
            let end = memchr::memchr(b'\n', &piece[hit..]).map_or(piece.len(), |end| hit + end);
            if let Some(text) = self.language.mark(&piece[start..end]) {
                line += newlines(&piece[counted..start]);
                counted = start;
                self.hits.push((line, crate::finding::snippet(text)));
                self.hit_in_open_line = end == piece.len();
            }
            if end == piece.len() {
                break;
            }
            at = end + 1;
        }
        self.lines_before = line - 1 + newlines(&piece[counted..]);
    }
}

fn newlines(text: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(file: &str, text: &[u8]) -> Vec<u32> {
        let Some((language, _)) = language_of(file.as_bytes()) else { return Vec::new() };
        let mut search = Search::new(language);
        search.feed(text);
        search.hits.into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn every_expression_compiles_and_needs_one_of_its_literals() {
        for language in &LANGUAGES {
            let _ = language.regex();
            for literal in language.literals {
                assert!(language.pattern.replace(r"\(", "(").replace(r"\.", ".").contains(literal), "{literal}");
            }
        }
    }

    #[test]
    fn files_have_a_language_by_their_ending_in_any_case() {
        for (file, tool) in [
            ("a_test.go", "GoBuiltInFuzzer"),
            ("A_TEST.GO", "GoBuiltInFuzzer"),
            ("_test.go", "GoBuiltInFuzzer"),
            (".py", "PythonAtherisFuzzer"),
            ("fuzz.C", "CLibFuzzer"),
            ("a.d.ts", "TypeScriptPropertyBasedTesting"),
            ("a.gleam", "GleamPropertyBasedTesting"),
            ("é.swİft", "SwiftLibFuzzer"),
        ] {
            let found = language_of(file.as_bytes()).map(|(index, _)| LANGUAGES[index].tool);
            assert_eq!(found, Some(tool), "{file}");
        }
        for file in ["a.go", "atest.go", "go", "a.mjs", "a.rs.txt", "Makefile", "a.", ""] {
            assert!(language_of(file.as_bytes()).is_none(), "{file}");
        }
    }

    #[test]
    fn go_fuzz_functions_as_the_reference_sees_them() {
        assert_eq!(hits("a_test.go", b"package a\n\nfunc FuzzA(f *testing.F) {}\nfunc FuzzB (x\t*testing/F)"), [3, 4]);
        for text in [
            "func Fuzz(f *testing.F) {}",
            "func FuzzA(f *testing.T) {}",
            "func FuzzÜber(f *testing.F) {}",
            "func FuzzAé(f *testing.F) {}",
            "func FuzzA(f\n*testing.F) {}",
            "func (s S) FuzzA(f *testing.F) {}",
        ] {
            assert_eq!(hits("a_test.go", text.as_bytes()), [0u32; 0], "{text}");
        }
        assert_eq!(hits("a_test.go", "func FuzzA(f *testingéF)".as_bytes()), [1]);
        assert_eq!(hits("a_test.go", b"func FuzzA(f *testing\xffF)"), [1]);
        for (between, is_one) in [
            (&b"\xe2\x82\xac"[..], true),
            (b"\xf0\x9f\x98\x80", true),
            (b"\xf4\x8f\xbf\xbf", true),
            (b"\xed\x9f\xbf", true),
            (b"\xc3", true),
            (b"\xed\xa0\x80", false),
            (b"\xf4\x90\x80\x80", false),
            (b"\xc0\x80", false),
            (b"\xc3\xa9\xa9", false),
            (b"\n", false),
            (b"", false),
        ] {
            let text = [b"func FuzzA(f *testing", between, b"F)"].concat();
            assert_eq!(hits("a_test.go", &text).len(), usize::from(is_one), "{between:x?}");
        }
    }

    #[test]
    fn at_most_one_hit_a_line_whatever_the_pieces() {
        let text = b"x\nlibfuzzer_sys libfuzzer_sys\n\nlibfuzzer_sys";
        assert_eq!(hits("a.rs", text), [2, 4]);
        for cut in 0..text.len() {
            // Pieces end with a line's end, or anywhere within a line that has been hit already.
            let whole = text[..cut].ends_with(b"\n") || (15..30).contains(&cut);
            if whole {
                let mut search = Search::new(language_of(b"a.rs").expect("known").0);
                search.feed(&text[..cut]);
                search.feed(&text[cut..]);
                assert_eq!(search.hits.iter().map(|hit| hit.0).collect::<Vec<_>>(), [2, 4], "cut at {cut}");
            }
        }
    }

    #[test]
    fn script_imports() {
        let text = b"import fc from 'fast-check';\nconst x = require( \"@fast-check/jest\" )\nimport('fast-check')\nfrom 'fast-checks'";
        assert_eq!(hits("a.jsx", text), [1, 2]);
    }

    #[test]
    fn elixir_finds_the_nearer_of_two_literals() {
        assert_eq!(hits("a.ex", b"use ExUnitProperties\nuse PropCheck\nPropCheck\nuse\x0bPropCheck"), [1, 2]);
    }
}
