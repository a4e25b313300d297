//! Dockerfiles: instructions, the images they build on, and the scripts they run.
//!
//! It reads what the reference's parser reads, which is far less strict than a build: unknown instructions, missing
//! arguments and files without FROM are fine. What it refuses, it refuses for the whole file. Which texts those
//! are, and how lines and words are told apart, follows moby/buildkit v0.26.3 (Apache-2.0), with which the reference
//! reads Dockerfiles.

mod from;
mod heredoc;
mod json;
mod lex;
mod lines;
mod run;
mod select;
mod text;
mod words;

use std::borrow::Cow;
use std::fmt;

use self::lines::{Directives, Lines};

pub use self::from::{BaseImage, Digest, base_images};
pub use self::heredoc::Heredoc;
pub use self::run::{RunScript, run_scripts};
pub use self::select::{has_instructions, is_dockerfile, is_dockerfile_text, is_template};

/// The instructions of a Dockerfile, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dockerfile {
    /// The instructions, unknown ones included.
    pub instructions: Vec<Instruction>,
    /// The escape character in force: a backslash, or a backquote by directive.
    pub escape: u8,
}

/// An instruction. Texts are bytes, as they stand in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The keyword as it is written. `FROM`, `ARG` and `RUN` in another spelling mean the same to a build, and nothing to
    /// the reference.
    pub keyword: Cow<'static, str>,
    /// The first line, counted from 1.
    pub first: u32,
    /// The last line, here-documents included.
    pub last: u32,
    /// Its flags, such as `--platform=x`, without their quotes.
    pub flags: Vec<String>,
    /// Its words. Of FROM and EXPOSE those between blanks; of ARG, ENV and LABEL with their quotes; of ADD, COPY and
    /// VOLUME those of the array or those between blanks; of RUN, CMD, ENTRYPOINT and SHELL those of the array or one,
    /// the whole text; of HEALTHCHECK its kind and then the like; of unknown ones none.
    pub words: Vec<Vec<u8>>,
    /// Whether the words are those of an array in JSON: the exec form.
    pub json: bool,
    /// Its here-documents.
    pub heredocs: Vec<Heredoc>,
    /// What ONBUILD holds, the innermost where it is repeated. It has lines of its own but no here-documents: these
    /// belong to the ONBUILD.
    pub onbuild: Option<Box<Self>>,
}

impl Instruction {
    /// The value of a flag that is written `--name=value`.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find_map(|flag| flag.strip_prefix("--")?.strip_prefix(name)?.strip_prefix('='))
    }
}

/// Why a Dockerfile is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DockerfileError {
    /// The line, counted from 1: of the instruction, the directive or the long line; 0 if it is of the whole file.
    pub line: u32,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a Dockerfile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no instruction in it.
    Empty,
    /// A parser directive stands there twice.
    DirectiveTwice,
    /// The directive `escape` names another character than a backslash or a backquote.
    BadEscape,
    /// A physical line is longer than 65,535 bytes.
    LineTooLong,
    /// ENV or LABEL without a value, or with a word that assigns nothing among assignments.
    Assignment,
    /// An array in JSON that holds something else than strings.
    NotStrings,
    /// A here-document without its end.
    Unterminated,
    /// The mark of a here-document that cannot be read.
    BadMark,
    /// A RUN that runs nothing.
    EmptyRun,
    /// A FROM that is neither `FROM image` nor `FROM image AS name`.
    BadFrom,
    /// A bound of ours: substitutions nest too deep.
    TooDeep,
    /// A bound of ours: build arguments make the names of images too long.
    TooLong,
}

impl Problem {
    pub(super) const fn at(self, line: u32) -> DockerfileError {
        DockerfileError { line, problem: self }
    }

    /// Whether the file is refused for a bound of ours; the reference reads it.
    #[must_use]
    pub const fn is_bound(self) -> bool {
        matches!(self, Self::TooDeep | Self::TooLong)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "there is no instruction",
            Self::DirectiveTwice => "a parser directive stands there twice",
            Self::BadEscape => "the escape character may only be a backslash or a backquote",
            Self::LineTooLong => "a line is longer than 65,535 bytes",
            Self::Assignment => "ENV and LABEL take name=value",
            Self::NotStrings => "an array holds something else than strings",
            Self::Unterminated => "a here-document has no end",
            Self::BadMark => "the mark of a here-document cannot be read",
            Self::EmptyRun => "RUN without a command",
            Self::BadFrom => "FROM takes an image, or an image, AS and a name",
            Self::TooDeep => "substitutions nest deeper than is read",
            Self::TooLong => "build arguments make the name of an image longer than is read",
        })
    }
}

impl fmt::Display for DockerfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => self.problem.fmt(f),
            line => write!(f, "line {line}: {}", self.problem),
        }
    }
}

impl std::error::Error for DockerfileError {}

/// Reads a Dockerfile.
///
/// # Errors
/// Where the reference's parser fails, and where a bound is reached.
pub fn dockerfile(text: &[u8]) -> Result<Dockerfile, DockerfileError> {
    let mut lines = Lines::new(text);
    let mut directives = Directives::new();
    let mut instructions = Vec::new();
    while let Some(line) = lines.read()? {
        let first = lines.number;
        let line = if first == 1 { line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line) } else { line };
        let line = text::trim_start(lines::without_end(line));
        directives.read(line).map_err(|problem| problem.at(first))?;
        if matches!(line.first(), None | Some(b'#')) {
            continue;
        }
        let joined = lines.join(line, directives.escape)?;
        instructions.push(instruction(&joined, first, &mut lines, directives.escape)?);
    }
    if instructions.is_empty() {
        return Err(Problem::Empty.at(0));
    }
    Ok(Dockerfile { instructions, escape: directives.escape })
}

fn instruction(joined: &[u8], first: u32, lines: &mut Lines<'_>, escape: u8) -> Result<Instruction, DockerfileError> {
    let at = |problem: Problem| problem.at(first);
    let (mut instruction, may_have_documents) = words::instruction(joined, escape).map_err(at)?;
    if may_have_documents {
        instruction.heredocs = heredoc::opened(joined).map_err(at)?;
        for document in &mut instruction.heredocs {
            heredoc::fill(document, lines, first)?;
        }
    }
    (instruction.first, instruction.last) = (first, lines.number);
    if let Some(inner) = &mut instruction.onbuild {
        (inner.first, inner.last) = (first, lines.number);
    }
    Ok(instruction)
}

#[cfg(test)]
mod tests;
