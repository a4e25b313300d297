//! Words of commands, compared as the reference compares them.

use super::address::base;
use crate::parse::INTERPRETERS;
use crate::path;

/// Whether two words are the same but for their case.
pub(super) fn same(word: &str, name: &str) -> bool {
    path::eq_fold(word.as_bytes(), name)
}

/// Whether a word names a program, wherever that lies.
pub(super) fn is_program(word: &str, name: &str) -> bool {
    same(base(word), name)
}

/// The text of a word in quotes.
pub(super) fn quoted(word: &str) -> Option<&str> {
    ['\'', '"'].into_iter().find_map(|quote| word.strip_prefix(quote)?.strip_suffix(quote))
}

/// Whether a word names such a program.
pub(super) fn is_interpreter(word: &str) -> bool {
    path::is_one_of(base(word).as_bytes(), &INTERPRETERS)
}

/// The script that a command hands to a shell in quotes.
pub(super) fn script<'a>(words: &[&'a str]) -> Option<&'a str> {
    // Most commands quote nothing, and are done with.
    let script = words.iter().find_map(|word| quoted(word))?;
    let last_flag = words.iter().rposition(|word| word.starts_with('-') && word.contains('c'))?;
    let programs: Vec<&str> = words[..last_flag].iter().map(|word| base(word)).collect();
    let found = INTERPRETERS.iter().find(|name| programs.iter().any(|program| same(program, name)))?;
    if matches!(*found, "python" | "python3" | "python2.7" | "perl" | "ruby" | "php" | "node" | "nodejs" | "java") {
        return None;
    }
    Some(script)
}
