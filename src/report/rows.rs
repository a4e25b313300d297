//! `table` for many repositories: a row for each.

use std::io::{self, Write};

use carat_checks::check::Verdict;
use carat_checks::model::rounded;
use carat_checks::scorecard::Scorecard;
use comfy_table::{ContentArrangement, Table};

use super::table::RULED;
use super::visible;

/// What a row shows of a repository: all that is kept of it.
pub(crate) struct Row {
    name: String,
    score: Option<f64>,
    interval: Option<(f64, f64)>,
    judged: usize,
    possible: usize,
    worst: String,
}

impl Row {
    pub(crate) fn new(scorecard: &Scorecard) -> Self {
        const WORST: usize = 3;
        let total = &scorecard.total;
        let scored = scorecard.checks.iter().filter_map(|check| match &check.verdict {
            Verdict::Scored { score, .. } if *score < 10 => Some((*score, check.name.as_str())),
            _ => None,
        });
        let mut scored: Vec<_> = scored.collect();
        scored.sort_unstable();
        let worst: Vec<String> = scored.iter().take(WORST).map(|(score, name)| format!("{name} {score}")).collect();
        Self {
            name: scorecard.repository.name.clone(),
            score: total.score,
            interval: total.interval,
            judged: total.completeness.judged,
            possible: total.completeness.possible,
            worst: worst.join(", "),
        }
    }
}

/// Writes the rows in their order.
pub(crate) fn write<'a>(rows: impl Iterator<Item = &'a Row>, width: u16, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(RULED).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(["Score", "Between", "Judged", "Repository", "Worst checks"]);
    let mut any = false;
    for row in rows {
        any = true;
        let number = |score: f64| format!("{:.1}", rounded(Some(score)));
        table.add_row([
            row.score.map_or_else(|| "none".to_owned(), number),
            row.interval.map_or_else(String::new, |(low, high)| format!("{}-{}", number(low), number(high))),
            format!("{} of {}", row.judged, row.possible),
            visible(&row.name).into_owned(),
            row.worst.clone(),
        ]);
    }
    if any {
        for line in table.to_string().lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}
