//! The program `carat`: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    carat::cli::run(std::env::args_os())
}
