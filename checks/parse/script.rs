//! Shell scripts as evidence keeps them: which files they are, and those of their commands that matter.

use std::borrow::Cow;

use super::scan::Weighed;
use super::shell::{Command, ErrorKind, Script, ShellError, Word, WordKind, shell};
use crate::bytes;
use crate::evidence::{ShellCommand, ShellText};
use crate::finding::Location;
use crate::path;

const SHELLS: [&str; 3] = ["sh", "bash", "mksh"];

/// Whether a file is a script by its name, unless its first line says otherwise.
pub(crate) fn has_script_name(file: &[u8]) -> bool {
    [&b".sh"[..], b".bash", b".mksh"].iter().any(|ending| file.ends_with(ending))
}

/// Whether a file is a shell script: by the interpreter that its first line names, or by its name if that names none.
pub(super) fn is_script(file: &[u8], text: &[u8]) -> bool {
    runs_in(&SHELLS, text).unwrap_or_else(|| has_script_name(file))
}

/// Whether the interpreter that a text's first line names is one of these; `None` where the line names none.
pub(super) fn runs_in(shells: &[&str], text: &[u8]) -> Option<bool> {
    let line = &text[..memchr::memchr(b'\n', text).unwrap_or(text.len())];
    // The reference does not read lines that are longer.
    let line = if line.len() < super::scan::LONG_LINE { line } else { &[] };
    let command = line.strip_prefix(b"#!")?;
    let command = command.strip_suffix(b"\r").unwrap_or(command);
    let mut words = command.split(|byte| *byte == b' ').map(program);
    let is_shell = |name: &[u8]| shells.iter().any(|shell| path::eq_fold(name, shell));
    Some(words.next().is_some_and(|first| is_shell(first) || (path::eq_fold(first, "env") && words.next().is_some_and(is_shell))))
}

/// The last part of a path; slashes at its end do not count.
fn program(mut path: &[u8]) -> &[u8] {
    while let Some(rest) = path.strip_suffix(b"/") {
        path = rest;
    }
    path::name(path)
}

/// All commands of a text.
pub(crate) fn read_commands(text: &[u8]) -> ShellText {
    Draft::read(text).finish()
}

/// What is kept of a script, if there is anything.
pub(super) fn read(text: &[u8]) -> Option<Weighed<ShellText>> {
    let mut drafts = [Draft::read(text)];
    keep_useful(&mut drafts);
    let [draft] = drafts;
    let content = draft.finish();
    let weight = weight(&content);
    (weight > 0).then_some(Weighed { weight, content })
}

/// How much there is of a script, in bytes.
pub(super) fn weight(script: &ShellText) -> usize {
    let one = |command: &ShellCommand| 64 + command.words.iter().map(|word| 8 + word.len()).sum::<usize>();
    match script {
        ShellText::Commands(commands) => commands.iter().map(one).sum(),
        ShellText::Broken { why, .. } => 64 + why.len(),
    }
}

/// A word of one literal, in its quotes.
fn text_of<'w>(word: &'w Word<'_>) -> Option<Cow<'w, str>> {
    match &word.kind {
        WordKind::Literal(text) => Some(Cow::Borrowed(text)),
        WordKind::Single(text) => Some(Cow::Owned(format!("'{text}'"))),
        WordKind::Double(text) => Some(Cow::Owned(format!("\"{text}\""))),
        WordKind::Process { .. } | WordKind::Composite => None,
    }
}

fn breaks(text: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text).count()).unwrap_or(u32::MAX)
}

/// A script whose commands are still pieces of its text: most are not kept, and get no texts of their own.
pub(super) struct Draft<'t> {
    text: &'t [u8],
    script: Result<Script<'t>, ShellError>,
    /// Which commands are kept, if not all are.
    keep: Option<Vec<bool>>,
}

impl<'t> Draft<'t> {
    pub(super) fn read(text: &'t [u8]) -> Self {
        let mut script = shell(text);
        if let Ok(script) = &mut script {
            script.pipes.retain(|pipe| pipe.first && !pipe.both);
        }
        Self { text, script, keep: None }
    }

    fn commands(&self) -> &[Command<'t>] {
        self.script.as_ref().map_or(&[], |script| &script.commands)
    }

    fn words(&self, command: &Command<'t>) -> &[Word<'t>] {
        self.script.as_ref().map_or(&[], |script| script.words_of(command))
    }

    /// Which command reads the output of this one.
    fn reader(&self, from: usize) -> Option<usize> {
        let pipes = self.script.as_ref().map_or(&[][..], |script| &script.pipes);
        pipes.binary_search_by_key(&from, |pipe| pipe.from).ok().map(|at| pipes[at].to)
    }

    /// The script, of the commands that are kept, with how they are written.
    pub(super) fn finish(self) -> ShellText {
        let commands = match &self.script {
            Ok(script) => &script.commands,
            Err(error) => {
                return ShellText::Broken { line: error.line, why: error.message.clone(), korn: error.kind == ErrorKind::Lang };
            }
        };
        let is_kept = |index: usize| self.keep.as_ref().is_none_or(|keep| keep[index]);
        if !(0..commands.len()).any(is_kept) {
            return ShellText::Commands(Vec::new());
        }
        let mut kept = 0;
        let places: Vec<Option<usize>> = (0..commands.len())
            .map(|index| {
                is_kept(index).then(|| {
                    kept += 1;
                    kept - 1
                })
            })
            .collect();
        let place = |index: usize| places[index];
        let written = commands.iter().enumerate().filter(|(index, _)| is_kept(*index)).map(|(index, command)| ShellCommand {
            pipe: self.reader(index).and_then(place),
            reads: source(self.words(command)).and_then(place),
            ..written(self.text, command, self.words(command))
        });
        ShellText::Commands(written.collect())
    }
}

/// Which command the second word of one reads from, if that is a process substitution.
fn source(words: &[Word<'_>]) -> Option<usize> {
    match words.get(1).map(|word| &word.kind) {
        Some(WordKind::Process { output: false, first }) => *first,
        _ => None,
    }
}

/// The file into which the output of a command goes, if a bare word names it.
fn target<'c>(command: &'c Command<'_>) -> Option<&'c str> {
    command.redirects.iter().filter(|redirect| redirect.operator == ">").find_map(|redirect| match &redirect.target.kind {
        WordKind::Literal(name) => Some(&**name),
        _ => None,
    })
}

/// The command with its words, how it is written, and over which lines.
fn written(text: &[u8], command: &Command<'_>, words: &[Word<'_>]) -> ShellCommand {
    let source = text.get(command.span.start as usize..command.span.end as usize).unwrap_or_default();
    let first = words.first().map_or(command.span.start, |word| word.span.start);
    let lead = &source[..(first.saturating_sub(command.span.start) as usize).min(source.len())];
    // An assignment in front is part of the call, a redirection is not.
    let redirected = command.redirects.iter().any(|redirect| redirect.target.span.start < first);
    let before = if redirected { breaks(lead) } else { 0 };
    let words: Vec<String> = words.iter().filter_map(text_of).map(Cow::into_owned).collect();
    let written = bytes::lossy(&source[..source.len().min(Location::SNIPPET + 3)]);
    let written = written[..written.floor_char_boundary(Location::SNIPPET)].trim_end();
    ShellCommand {
        line: command.line,
        further: breaks(source).saturating_sub(before),
        before,
        text: (!is_joined(written, &words)).then(|| written.to_owned()),
        words,
        to: target(command).map(str::to_owned),
        ..ShellCommand::default()
    }
}

/// Whether a text is nothing but the words with blanks between them.
fn is_joined(text: &str, words: &[String]) -> bool {
    let mut rest = text;
    for (index, word) in words.iter().enumerate() {
        let here = if index > 0 { rest.strip_prefix(' ') } else { Some(rest) };
        let Some(after) = here.and_then(|here| here.strip_prefix(&**word)) else { return false };
        rest = after;
    }
    rest.is_empty()
}

/// Programs that fetch.
const FETCHERS: [&str; 4] = ["curl", "wget", "gsutil", "aws"];

/// Programs that install.
const INSTALLERS: [&str; 12] =
    ["go", "pip", "pip3", "npm", "choco", "choco.exe", "nuget", "nuget.exe", "dotnet", "dotnet.exe", "msbuild", "msbuild.exe"];

/// Programs that run what they are given, in a file or in their words, in the order in which the reference looks for
/// them.
pub(crate) const INTERPRETERS: [&str; 18] = [
    "dotnet",
    "nuget",
    "perl",
    "ruby",
    "php",
    "node",
    "nodejs",
    "java",
    "exec",
    "su",
    "sh",
    "bash",
    "mksh",
    "dash",
    "ksh",
    "python",
    "python3",
    "python2.7",
];

/// The text of a bare word. What is in quotes names no program: the quotes count.
fn bare<'w>(word: &'w Word<'_>) -> Option<&'w str> {
    match &word.kind {
        WordKind::Literal(text) => Some(text),
        _ => None,
    }
}

/// The text of a word in quotes, without them.
fn quoted<'w>(word: &'w Word<'_>) -> Option<&'w str> {
    match &word.kind {
        WordKind::Single(text) | WordKind::Double(text) => Some(text),
        _ => None,
    }
}

/// For each length the first letters of the programs that are looked for: nearly all words are told by these two.
static BEGINNINGS: [u32; 12] = {
    let mut beginnings = [0; 12];
    let lists: [&[&str]; 3] = [&FETCHERS, &INSTALLERS, &INTERPRETERS];
    let mut list = 0;
    while list < lists.len() {
        let mut at = 0;
        while at < lists[list].len() {
            let name = lists[list][at].as_bytes();
            beginnings[name.len()] |= 1 << (name[0] - b'a');
            at += 1;
        }
        list += 1;
    }
    beginnings
};

/// Whether a name may be that of one of the programs; those that are not of ASCII all may.
fn may_be_known(name: &[u8]) -> bool {
    let Some(first) = name.first() else { return false };
    let letter = first.to_ascii_lowercase().wrapping_sub(b'a');
    let is_one = letter < 26 && BEGINNINGS.get(name.len()).is_some_and(|letters| letters >> letter & 1 == 1);
    is_one || !name.is_ascii()
}

/// What is to be known of a command to tell whether it is kept.
#[derive(Clone, Copy, Default)]
struct Traits(u8);

impl Traits {
    const FETCHES: u8 = 1;
    const INSTALLS: u8 = 2;
    const INTERPRETS: u8 = 4;
    /// A word of it stands in quotes.
    const QUOTES: u8 = 8;

    fn of(words: &[Word<'_>]) -> Self {
        let quotes = if words.iter().any(|word| quoted(word).is_some()) { Self::QUOTES } else { 0 };
        let name = program_of(words).and_then(bare).map(|word| program(word.as_bytes())).filter(|name| may_be_known(name));
        let kinds: [(&[&str], u8); 3] = [(&FETCHERS, Self::FETCHES), (&INSTALLERS, Self::INSTALLS), (&INTERPRETERS, Self::INTERPRETS)];
        let of_name = |name| kinds.iter().filter(|(programs, _)| path::is_one_of(name, programs)).fold(0, |all, (_, one)| all | one);
        Self(quotes | name.map_or(0, of_name))
    }

    const fn has(self, one_of: u8) -> bool {
        self.0 & one_of != 0
    }
}

/// The word that names the program, of those of one literal.
fn program_of<'w, 't>(words: &'w [Word<'t>]) -> Option<&'w Word<'t>> {
    let is_sudo = |word: &Word<'_>| bare(word).is_some_and(|word| word.eq_ignore_ascii_case("sudo"));
    words.iter().find(|word| (bare(word).is_some() || quoted(word).is_some()) && !is_sudo(word))
}

/// Whether a text holds the name of a program that fetches, in any case.
fn names_fetcher(text: &str) -> bool {
    let lower;
    let text = if text.is_ascii() {
        text.as_bytes()
    } else {
        lower = path::lower(text.as_bytes());
        &lower
    };
    let begins = |rest: &[u8], name: &str| rest.get(..name.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(name.as_bytes()));
    let is_first = |byte: &u8| matches!(byte, b'c' | b'w' | b'g' | b'a' | b'C' | b'W' | b'G' | b'A');
    text.iter().enumerate().any(|(at, byte)| is_first(byte) && FETCHERS.iter().any(|fetcher| begins(&text[at..], fetcher)))
}

/// Keeps those commands of the scripts of one file that fetch or install something, or may run what was fetched, and
/// what hangs together with them.
pub(super) fn keep_useful(scripts: &mut [Draft<'_>]) {
    let mut fetched: Vec<Vec<u8>> = Vec::new();
    let mut all = false;
    let mut traits: Vec<Traits> = Vec::new();
    for script in &*scripts {
        for command in script.commands() {
            let words = script.words(command);
            let of_command = Traits::of(words);
            traits.push(of_command);
            if of_command.has(Traits::FETCHES) {
                for word in words.iter().filter_map(text_of).chain(target(command).map(Cow::Borrowed)) {
                    all |= word.contains('%');
                    let plain = &word[..word.find(['?', '#']).unwrap_or(word.len())];
                    fetched.push(path::lower(program(plain.as_bytes())).into_owned());
                }
            }
            // A script in quotes may fetch what a later command runs.
            all |= of_command.has(Traits::QUOTES) && words.iter().filter_map(quoted).any(names_fetcher);
        }
    }
    fetched.sort_unstable();
    fetched.dedup();
    let fetches = all || !fetched.is_empty();
    let is_fetched = |word: &str| {
        let name = path::lower(program(word.as_bytes()));
        fetched.binary_search_by(|fetched| fetched[..].cmp(&name)).is_ok()
    };
    let may_run = |word: &Word<'_>| all || text_of(word).is_some_and(|word| word.starts_with('.') || is_fetched(&word));
    let is_module = |word: &Word<'_>| bare(word).is_some_and(|word| word.eq_ignore_ascii_case("-m"));
    // Asked only while a script has commands, so that the next script goes on with its own.
    let mut traits = traits.into_iter();
    for script in scripts {
        let keeps = |(command, traits): (&Command<'_>, Traits)| {
            let words = script.words(command);
            let interprets = |name: &[u8]| may_be_known(name) && path::is_one_of(name, &INTERPRETERS);
            let runs = || words.iter().filter_map(bare).any(|word| interprets(program(word.as_bytes())));
            traits.has(Traits::FETCHES | Traits::INSTALLS)
                || (traits.has(Traits::INTERPRETS) && (fetches || words.iter().any(is_module)))
                || (traits.has(Traits::QUOTES) && program_of(words).is_some() && runs())
                || (fetches && program_of(words).is_some_and(may_run))
        };
        let mut keep: Vec<bool> = script.commands().iter().zip(&mut traits).map(keeps).collect();
        for (index, command) in script.commands().iter().enumerate() {
            if source(script.words(command)).is_some_and(|source| keep[source]) {
                keep[index] = true;
            }
            if let Some(reader) = script.reader(index).filter(|_| keep[index]) {
                keep[reader] = true;
            }
        }
        script.keep = Some(keep);
    }
}

impl ShellText {
    /// The commands, of a text that can be read.
    #[must_use]
    pub fn commands(&self) -> &[ShellCommand] {
        match self {
            Self::Commands(commands) => commands,
            Self::Broken { .. } => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_known_by_their_first_line_then_by_their_name() {
        for (file, text, want) in [
            ("a", "#!/bin/sh\n", true),
            ("a", "#!/usr/bin/env bash\r\nx", true),
            ("a", "#!/bin/MKSH -e", true),
            ("a", "#!/usr/bin/env -S bash\n", false),
            ("a", "#! /bin/sh\n", false),
            ("a", "#!/bin/dash\n", false),
            ("a.sh", "#!/usr/bin/awk -f\n", false),
            ("a.sh", "x", true),
            ("a.bash", "", true),
            ("a.SH", "x", false),
            ("a.zsh", "x", false),
            ("a", "\u{feff}#!/bin/sh\n", false),
        ] {
            assert_eq!(is_script(file.as_bytes(), text.as_bytes()), want, "{file} {text:?}");
        }
        assert!(!is_script(b"a", format!("#!/bin/sh {}\n", "x".repeat(70_000)).as_bytes()));
    }

    #[test]
    fn only_what_matters_is_kept() {
        let kept = |text: &str| {
            let script = read(text.as_bytes());
            let commands = script.as_ref().map_or(&[][..], |script| script.content.commands());
            commands.iter().map(ShellCommand::source).collect::<Vec<_>>()
        };
        assert_eq!(kept("set -e\nmake\nsh x.sh\n./f\necho 'a b'"), [""; 0]);
        assert_eq!(kept("make\ncurl u | sudo tee x\nls"), ["curl u", "sudo tee x"]);
        assert_eq!(kept("wget h/f\n./f\n./g\nmake\nsh x"), ["wget h/f", "./f", "./g", "sh x"]);
        assert_eq!(kept("bash <(curl u)\ncat <(ls)"), ["bash <(curl u)", "curl u"]);
        assert_eq!(kept("x sh -c 'npm i'; FOO=1 pip install \"$X\""), ["x sh -c 'npm i'", "FOO=1 pip install \"$X\""]);
    }
}
