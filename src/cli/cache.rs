//! `carat cache`.

use std::process::ExitCode;

use super::{access, args::CacheCommand, output};
use crate::cache::{self, Cleared, Contents};
use crate::error::Error;
use crate::report::{thousands, visible};

pub(super) fn run(what: &CacheCommand) -> Result<ExitCode, Error> {
    let folder = access::cache();
    let folder = folder.ok_or_else(|| Error::Usage("there is no cache: neither XDG_CACHE_HOME nor HOME names a folder".to_owned()))?;
    match what {
        CacheCommand::Size => {
            let contents = cache::contents(&folder).map_err(|source| Error::Unreadable { path: folder.clone(), source })?;
            output::standard(|out| writeln!(out, "{}: {}", visible(&folder.to_string_lossy()), in_words(contents)))
        }
        CacheCommand::Clear => {
            let failed = |source| Error::Output { what: folder.display().to_string(), source };
            let Cleared { removed, in_use } = cache::clear(&folder).map_err(failed)?;
            output::standard(|out| {
                writeln!(out, "{}: removed {}", visible(&folder.to_string_lossy()), in_words(removed))?;
                match in_use.commits {
                    0 => Ok(()),
                    _ => writeln!(out, "still there, because runs use it: {}", in_words(in_use)),
                }
            })
        }
    }
}

fn in_words(Contents { commits, answers, bytes }: Contents) -> String {
    let count = |n: u64, what: &str| {
        let number = thousands(usize::try_from(n).unwrap_or(usize::MAX));
        if n == 1 { format!("{number} {what}") } else { format!("{number} {what}s") }
    };
    format!("{}, {}, {}", count(commits, "commit"), count(answers, "answer"), count(bytes, "byte"))
}
