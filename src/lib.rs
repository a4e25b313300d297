//! `carat` tells how sound a source repository is: it collects evidence, answers small questions about it, and scores
//! the checks of OpenSSF Scorecard from the answers.
//!
//! The library prints nothing, reads no environment and ends no process; the command line (feature `cli`) does.
//!
//! ```no_run
//! # async fn example() -> Result<(), carat::Error> {
//! use carat::{Options, Progress, Request, Selection, Session, Target, hosts::Hosts};
//!
//! let request = Request {
//!     target: Target::parse("path/to/clone".as_ref(), None, &Hosts::default())?,
//!     selection: Selection { checks: carat::checks::CHECKS.to_vec(), probes: Vec::new() },
//!     as_of: jiff::Timestamp::now(),
//!     options: Options::default(),
//! };
//! let run = carat::score(&Session::default(), request, Progress::default().into()).await?;
//! println!("{:?}", run.scorecard.total.score);
//! # Ok(())
//! # }
//! ```

#[cfg(not(unix))]
compile_error!("carat opens files beneath a folder by its descriptor, which only Unix systems can do");

pub mod advisories;
pub mod app;
pub mod cache;
mod collect;
mod engine;
mod error;
pub mod hosts;
pub mod http;
mod replay;
pub mod report;
mod target;
pub mod transfer;

#[cfg(feature = "cli")]
pub mod cli;

pub use carat_checks as checks;
pub use carat_checks::scorecard::{Scorecard, Selection};
pub use collect::{Listed, Listing, Options, Price, Progress, Requests};
pub use engine::{Access, Plan, Request, Run, Session, as_of, inventory, plan, repositories, score};
pub use error::Error;
pub use replay::Saved;
pub use target::{LocalTarget, Owner, RemoteTarget, Target};

/// Readers that are no part of the library's interface, for the fuzz targets alone.
#[cfg(fuzzing)]
pub mod fuzzing {
    /// The paths that an index lists.
    ///
    /// # Errors
    /// What about it cannot be read.
    pub fn index(bytes: &[u8]) -> Result<Vec<Vec<u8>>, &'static str> {
        crate::collect::index_paths(bytes)
    }

    /// The pack in an answer to a fetch command that comes in pieces of a length.
    ///
    /// # Errors
    /// It is no such answer.
    pub fn fetched(bytes: &[u8], length: usize) -> Result<Vec<u8>, crate::transfer::FetchError> {
        crate::transfer::read_answer(bytes, length)
    }
}

/// The names that are most like a name that does not exist: at most `most` of them, the likest first.
pub(crate) fn nearest(name: &str, names: impl IntoIterator<Item = String>, most: usize) -> Vec<String> {
    let name = name.to_lowercase();
    let likeness = |other: &str| strsim::jaro_winkler(&name, &other.to_lowercase());
    let mut scored: Vec<(f64, String)> = names.into_iter().map(|other| (likeness(&other), other)).filter(|(like, _)| *like > 0.7).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.truncate(most);
    scored.into_iter().map(|(_, other)| other).collect()
}
