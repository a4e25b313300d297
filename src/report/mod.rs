//! Reports: a run in a format. Every format writes to a stream and knows nothing of where it leads.

mod evidence;
mod json;
mod line;
mod probe;
#[cfg(feature = "cli")]
mod table;
mod visible;

use std::io::{self, Write};
use std::path::PathBuf;

use crate::engine::Run;

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
    write: fn(&Run, &Look, &mut dyn Write) -> io::Result<()>,
}

impl Format {
    /// Writes a run.
    ///
    /// # Errors
    /// The stream's.
    pub fn write(&self, run: &Run, look: &Look, out: &mut dyn Write) -> io::Result<()> {
        (self.write)(run, look, out)
    }
}

/// All formats; the first is the default.
pub const FORMATS: &[Format] = &[
    #[cfg(feature = "cli")]
    Format { name: "table", short: "for people", write: table::write },
    Format { name: "json", short: "everything, as a superset of OpenSSF Scorecard's JSON", write: json::write },
    Format { name: "ndjson", short: "the same, a line for each repository", write: json::write },
    Format { name: "probe", short: "findings, as in OpenSSF Scorecard's probe format", write: probe::write },
    Format { name: "evidence", short: "what was collected, for carat score --evidence", write: evidence::write },
];

/// A whole number with separators between thousands.
#[cfg(feature = "cli")]
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
