//! Reports: a run in a format. Every format writes to a stream and knows nothing of where it leads.

mod evidence;
mod failure;
mod json;
mod line;
#[cfg(feature = "cli")]
mod packages;
mod probe;
#[cfg(feature = "cli")]
mod rows;
#[cfg(feature = "cli")]
mod sbom;
#[cfg(feature = "cli")]
mod table;
mod visible;

use std::io::{self, Write};
use std::path::PathBuf;

use crate::engine::Run;

pub use failure::Failure;
#[cfg(feature = "cli")]
pub(crate) use packages::{write_json as write_packages, write_purls, write_table as write_package_table};
#[cfg(feature = "cli")]
pub(crate) use rows::{Row, write as write_rows};
#[cfg(feature = "cli")]
pub(crate) use sbom::{write_cyclonedx, write_spdx};
#[cfg(feature = "cli")]
pub(crate) use table::RULED;
pub use visible::visible;

/// How a report is to look, where its format leaves a choice.
#[derive(Clone, Debug)]
pub struct Look {
    /// How many columns there are.
    pub width: u16,
    /// Whether colours are wanted.
    pub colour: bool,
    /// The folder into which places are linked, as an absolute path; no links without it.
    pub links: Option<PathBuf>,
    /// Whether the maintainers' annotations are shown.
    pub annotations: bool,
    /// Whether tables say which arguments show more.
    pub hints: bool,
    /// Whether tables show what each score rests on; other formats always do.
    pub details: bool,
}

/// A format of reports.
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in a few words.
    pub short: &'static str,
    /// What becomes of several results.
    pub several: Several,
    write: fn(&Run, &Look, &mut dyn Write) -> io::Result<()>,
    failed: fn(&Failure, &mut dyn Write) -> io::Result<()>,
}

/// What a format makes of several results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Several {
    /// A row for each.
    Rows,
    /// An array, in the order asked.
    Array,
    /// A line for each, as they end.
    Lines,
    /// Nothing: it is for one result.
    Refused,
}

impl Format {
    /// Writes a run.
    ///
    /// # Errors
    /// The stream's.
    pub fn write(&self, run: &Run, look: &Look, out: &mut dyn Write) -> io::Result<()> {
        (self.write)(run, look, out)
    }

    /// Writes a target that could not be assessed.
    ///
    /// # Errors
    /// The stream's.
    pub fn write_failure(&self, failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
        (self.failed)(failure, out)
    }
}

/// All formats; the first is the default.
pub const FORMATS: &[Format] = &[
    #[cfg(feature = "cli")]
    Format { name: "table", short: "for people", several: Several::Rows, write: table::write, failed: failure::text },
    Format {
        name: "json",
        short: "everything, as a superset of OpenSSF Scorecard's JSON",
        several: Several::Array,
        write: json::write,
        failed: failure::json,
    },
    Format {
        name: "ndjson",
        short: "the same, a line for each repository",
        several: Several::Lines,
        write: json::write,
        failed: failure::json,
    },
    Format {
        name: "probe",
        short: "findings, as in OpenSSF Scorecard's probe format",
        several: Several::Array,
        write: probe::write,
        failed: failure::probe,
    },
    Format {
        name: "evidence",
        short: "what was collected, for carat score --evidence",
        several: Several::Refused,
        write: evidence::write,
        failed: failure::text,
    },
];

/// A whole number with separators between thousands.
pub(crate) fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        let shown: Vec<String> = [0, 999, 1_000, 28_016, 1_234_567].into_iter().map(thousands).collect();
        assert_eq!(shown, ["0", "999", "1,000", "28,016", "1,234,567"]);
    }
}
