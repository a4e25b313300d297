//! The lines on a terminal that show how far a run is. Nothing of it is ever written into a pipe or a file.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::collect::Progress;
use crate::report::{thousands, visible};

/// A terminal on which lines show what goes on, and others stay.
#[derive(Clone, Debug)]
pub(super) struct Screen {
    lines: MultiProgress,
    /// Whether anybody sees it.
    pub(super) is_shown: bool,
}

impl Screen {
    /// The terminal of standard error, if it is one and something is to be shown.
    pub(super) fn new(quiet: bool) -> Self {
        let is_shown = !quiet && io::stderr().is_terminal();
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { lines: MultiProgress::with_draw_target(target), is_shown }
    }

    /// A line at the bottom.
    pub(super) fn line(&self) -> ProgressBar {
        self.lines.add(bar())
    }

    /// Writes a line that stays.
    pub(super) fn say(&self, text: &str) {
        self.apart(|| _ = writeln!(io::stderr(), "{}", visible(text)));
    }

    /// Does what writes to the terminal, while nothing else stands in its way there.
    pub(super) fn apart<T>(&self, writes: impl FnOnce() -> T) -> T {
        self.lines.suspend(writes)
    }
}

/// A line for each target in work, as many as there is room for, and below them one for all.
pub(super) struct Lines {
    screen: Screen,
    each: Vec<ProgressBar>,
    all: ProgressBar,
}

impl Lines {
    pub(super) fn new(screen: &Screen) -> Self {
        Self { screen: screen.clone(), each: Vec::new(), all: screen.line() }
    }

    /// Shows this.
    pub(super) fn show<'a>(&mut self, all: String, work: impl ExactSizeIterator<Item = (&'a str, &'a Arc<Progress>)>) {
        let room = terminal_size::terminal_size_of(io::stderr()).map_or(24, |(_, rows)| usize::from(rows.0)).saturating_sub(2);
        let wanted = work.len().min(room);
        while self.each.len() > wanted {
            if let Some(line) = self.each.pop() {
                line.finish_and_clear();
                self.screen.lines.remove(&line);
            }
        }
        while self.each.len() < wanted {
            let line = self.screen.lines.insert_before(&self.all, bar());
            self.each.push(line);
        }
        for (line, (name, progress)) in self.each.iter().zip(work) {
            line.set_message(visible(&format!("{name}: {}", doing(progress))).into_owned());
            line.tick();
        }
        self.all.set_message(all);
        self.all.tick();
    }

    /// Takes all lines away.
    pub(super) fn clear(self) {
        self.each.iter().chain([&self.all]).for_each(ProgressBar::finish_and_clear);
    }
}

/// What is being done, in a few words.
pub(super) fn doing(progress: &Progress) -> String {
    let (listed, read) = (progress.listed.load(Ordering::Relaxed), progress.read.load(Ordering::Relaxed));
    match listed {
        0 => progress.doing().unwrap_or_else(|| "listing files".to_owned()),
        listed => format!("reading files: {} of {}", thousands(read.min(listed)), thousands(listed)),
    }
}

/// A line that is cut where the terminal ends.
fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}
