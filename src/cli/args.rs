//! The arguments of the command line.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

/// Tells how sound a source repository is.
///
/// carat looks at a repository, answers the questions of OpenSSF Scorecard about it, and scores it from 0 to 10.
#[derive(Parser)]
#[command(name = "carat", version, arg_required_else_help = true, disable_help_subcommand = true, max_term_width = 100)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Score a repository on this machine: a clone, a bare repository or a folder.
    Score(Box<Score>),
    /// List the checks, what they ask, and where the answer comes from.
    Checks,
    /// Explain a check or a probe: what it looks for, why, and how to mend what it finds.
    Explain {
        /// The name of a check or the id of a probe, in any case.
        name: String,
    },
    /// Write a script that completes the arguments of carat in a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

#[derive(Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Score {
    /// The folder to score; with @REV behind it, the tree of a branch, tag or commit.
    #[arg(value_name = "PATH[@REV]", value_hint = ValueHint::DirPath)]
    pub(super) target: OsString,

    /// Score the tree of this branch, tag or commit, as @REV does.
    #[arg(long, value_name = "REV")]
    pub(super) commit: Option<String>,

    /// Run these checks only.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub(super) checks: Vec<String>,

    /// Leave these checks out.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub(super) skip: Vec<String>,

    /// Run these probes; without --checks no check runs.
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    pub(super) probes: Vec<String>,

    /// Also run the experimental checks, SBOM and Webhooks.
    #[arg(long)]
    pub(super) experimental: bool,

    /// How to write the result: table, json or probe; with =FILE into a file. May be given several times.
    #[arg(short, long = "format", value_name = "FORMAT[=FILE]")]
    pub(super) formats: Vec<OsString>,

    /// Write the result into this file.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: Option<PathBuf>,

    /// In tables, show what each score rests on and what to do about it.
    #[arg(long)]
    pub(super) details: bool,

    /// End with exit code 1 if the total is below this, or if there is none.
    #[arg(long, value_name = "0..10", value_parser = total)]
    pub(super) fail_under: Option<f64>,

    /// End with exit code 4 if a selected check that this kind of target offers could not judge.
    #[arg(long)]
    pub(super) require_complete: bool,

    /// Ask nobody. This version never does.
    #[arg(long)]
    pub(super) offline: bool,

    /// Also look at files that Git neither tracks nor ignores.
    #[arg(long)]
    pub(super) untracked: bool,

    /// How many threads read files [default: one for each processor].
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,

    /// Say nothing on standard error but errors.
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,

    /// Say on standard error what was done.
    #[arg(short, long)]
    pub(super) verbose: bool,
}

fn total(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(total) if (0.0..=10.0).contains(&total) => Ok(total),
        _ => Err("a total is a number from 0 to 10".to_owned()),
    }
}

const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  done, and --fail-under failed
    2  wrong usage
    3  the target could not be assessed
    4  incomplete where --require-complete demanded more
    5  output could not be written
   70  a bug in carat
  130  interrupted";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Cli::command().debug_assert();
    }
}
