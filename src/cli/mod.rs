//! The command line: reads arguments, runs the library, writes what it says, and ends with an exit code.

mod access;
mod advisories;
mod args;
mod cache;
mod checks;
mod explain;
mod gh;
mod interrupt;
mod many;
mod output;
mod owners;
mod packages;
mod plan;
mod progress;
mod score;
mod targets;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::error::Error;
use crate::report::visible;
use args::{Cli, Command};

/// Runs the program with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; clap knows where each belongs.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let done = match cli.command {
        Command::Score(arguments) => score::run(&arguments),
        Command::Packages(arguments) => packages::run(&arguments),
        Command::Checks => checks::run(),
        Command::Advisories { what } => advisories::run(&what),
        Command::Cache { what } => cache::run(&what),
        Command::Explain { name } => explain::run(&name),
        Command::Completions { shell } => {
            // Into memory first: the generator panics where it cannot write.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut <Cli as clap::CommandFactory>::command(), "carat", &mut script);
            output::standard(|out| out.write_all(&script))
        }
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            report(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Says on standard error what went wrong, and what to do.
fn report(error: &Error) {
    let mut stderr = io::stderr().lock();
    let (bold, plain) = if colour(&stderr) { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
    let _ = writeln!(stderr, "{bold}error:{plain} {}", visible(&error.to_string()));
    if let Some(hint) = error.hint() {
        let _ = writeln!(stderr, "       {}", visible(&hint));
    }
}

/// Whether a stream is a terminal that shows colours, and the user wants them.
fn colour(stream: &impl io::IsTerminal) -> bool {
    let unset = |name| std::env::var_os(name).is_none_or(|value: OsString| value.is_empty());
    stream.is_terminal() && unset("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// How many columns standard output has; a fixed number where it is no terminal, so that files look alike.
fn width() -> u16 {
    const WITHOUT_TERMINAL: u16 = 100;
    match terminal_size::terminal_size_of(io::stdout()) {
        Some((columns, _)) => columns.0.max(40),
        None => WITHOUT_TERMINAL,
    }
}
