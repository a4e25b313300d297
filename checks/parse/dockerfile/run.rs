//! The scripts that RUN instructions hold.

use std::borrow::Cow;

use super::{Dockerfile, DockerfileError, Problem};

/// A script that a RUN holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunScript<'a> {
    /// Its text. In the exec form the words joined by blanks, quoting lost, as the reference reads it.
    pub text: Cow<'a, [u8]>,
    /// The line of its first line. Of a RUN without here-document all is on the first line of the RUN, where it ends too.
    pub line: u32,
    /// The line that the reference counts its first line as. It goes astray behind the second here-document of a RUN,
    /// and where the RUN is continued over several lines.
    pub counted_line: u32,
    /// Which here-document of the RUN it is, counted from 0.
    pub heredoc: Option<usize>,
    /// The RUN, as an index into the instructions. Files that one RUN fetched are there in the next ones.
    pub instruction: usize,
}

/// The scripts of all instructions that are spelt `RUN`, in their order. Of one that has here-documents these are the
/// scripts, and its own words are none; an interpreter that they name does not count.
///
/// # Errors
/// A RUN that has no words.
pub fn run_scripts(dockerfile: &Dockerfile) -> Result<Vec<RunScript<'_>>, DockerfileError> {
    let mut scripts = Vec::new();
    for (index, instruction) in dockerfile.instructions.iter().enumerate() {
        if instruction.keyword != "RUN" {
            continue;
        }
        let mut offset = 1_u32;
        for (number, document) in instruction.heredocs.iter().enumerate() {
            scripts.push(RunScript {
                text: Cow::Borrowed(&document.content),
                line: document.first,
                counted_line: instruction.first.saturating_add(offset),
                heredoc: Some(number),
                instruction: index,
            });
            let lines = u32::try_from(memchr::memchr_iter(b'\n', &document.content).count()).unwrap_or(u32::MAX);
            // The reference adds the whole distance once more, which is right but for the first.
            offset = offset.saturating_mul(2).saturating_add(lines);
        }
        if !instruction.heredocs.is_empty() {
            continue;
        }
        let text = match &instruction.words[..] {
            [] => return Err(Problem::EmptyRun.at(instruction.first)),
            [one] => Cow::Borrowed(&one[..]),
            words => Cow::Owned(words.join(&b' ')),
        };
        let line = instruction.first;
        scripts.push(RunScript { text, line, counted_line: line, heredoc: None, instruction: index });
    }
    Ok(scripts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::dockerfile::dockerfile;

    fn scripts(text: &str) -> Result<Vec<(String, u32, u32)>, DockerfileError> {
        let dockerfile = dockerfile(text.as_bytes())?;
        let scripts = run_scripts(&dockerfile)?;
        Ok(scripts.iter().map(|script| (String::from_utf8_lossy(&script.text).into_owned(), script.line, script.counted_line)).collect())
    }

    #[test]
    fn forms() {
        let want = [("a && \"b\"", 1, 1), ("sh -c a | b", 2, 2), ("x", 3, 3)].map(|(text, line, counted)| (text.to_owned(), line, counted));
        assert_eq!(
            scripts("RUN a && \"b\"\nRUN [\"sh\", \"-c\", \"a | b\"]\nRUN --mount=a \\\n --b x\nrun y\nONBUILD RUN z"),
            Ok(want.to_vec())
        );
    }

    #[test]
    fn runs_without_words() {
        for text in ["RUN", "RUN []", "RUN --mount=x", "RUN \\\n"] {
            assert_eq!(scripts(&format!("FROM a\n{text}")), Err(Problem::EmptyRun.at(2)), "{text}");
        }
    }

    #[test]
    fn here_documents_are_the_scripts() {
        let got = scripts("FROM x\nRUN <<A bash <<B <<C\na\nb\nA\nc\nB\nd\nC\nRUN \\\n cat <<D\n\tD\ne\nD\n").expect("it parses");
        let want = [("a\nb\n", 3, 3), ("c\n", 6, 6), ("d\n", 8, 11), ("\tD\ne\n", 12, 11)];
        assert_eq!(got, want.map(|(text, line, counted)| (text.to_owned(), line, counted)));
    }
}
