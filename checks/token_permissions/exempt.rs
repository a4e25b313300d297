//! Workflows whose jobs need to write.

use crate::evidence::Workflow;
use crate::packaging::PUBLISHES;
use crate::workflow::Hint::{Run, Uses};
use crate::workflow::{Trait, find};

static RELEASES: [Trait; 6] = [
    Trait::one("with python-semantic-release", Uses("relekang/python-semantic-release")),
    Trait::one("with semantic-release", Run(&["npx", "pnpm", "yarn"], "semantic-release")),
    Trait::both("with GoReleaser", Uses("actions/setup-go"), Uses("goreleaser/goreleaser-action")),
    Trait::one("with the SLSA builder for Go", Uses("slsa-framework/slsa-github-generator/.github/workflows/builder_go_slsa3.yml")),
    Trait::one("with the SLSA generator", Uses("slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml")),
    Trait::one("with Maven", Run(&["mvn"], "release:prepare")),
];

static PAGES: [Trait; 1] = [Trait::one("to GitHub Pages", Uses("peaceiris/actions-gh-pages"))];

/// Actions that upload what a scanner found.
const UPLOADS: [&str; 5] = [
    "github/codeql-action/analyze",
    "github/codeql-action/upload-sarif",
    "ossf/scorecard-action",
    "haskell-actions/hlint-scan",
    "zizmorcore/zizmor-action",
];

/// What a workflow was recognised as, and as what it was not: each with the line that shows it, or 1.
pub(super) struct Exempt {
    pub(super) packages: bool,
    pub(super) contents: bool,
    pub(super) security_events: bool,
    pub(super) notes: Vec<(u32, String)>,
}

impl Exempt {
    pub(super) fn of(workflow: &Workflow) -> Self {
        let packages = find(workflow, &PUBLISHES);
        let releases = find(workflow, &RELEASES);
        // The reference looks for pages only where it found no release.
        let pages = if releases.is_some() { None } else { find(workflow, &PAGES) };
        let mut notes = vec![
            (
                1,
                packages.map_or("is not recognised as one that publishes packages".to_owned(), |(_, found)| {
                    format!("publishes {}", found.means)
                }),
            ),
            (
                1,
                releases
                    .map_or("is not recognised as one that makes releases".to_owned(), |(_, found)| format!("releases {}", found.means)),
            ),
        ];
        if releases.is_none() {
            notes.push((
                1,
                pages.map_or("is not recognised as one that publishes pages".to_owned(), |(_, found)| format!("publishes {}", found.means)),
            ));
        }
        let uses = workflow.steps().filter_map(|step| step.uses());
        let uploads =
            uses.filter(|uses| UPLOADS.contains(&action(&uses.text))).map(|uses| (uses.line, format!("uploads by {}", uses.text)));
        let before = notes.len();
        notes.extend(uploads);
        let security_events = notes.len() > before;
        if !security_events {
            notes.push((1, "is not recognised as one that uploads results of a scanner".to_owned()));
        }
        Self { packages: packages.is_some(), contents: releases.is_some() || pages.is_some(), security_events, notes }
    }

    /// Whether a job may write to this scope.
    pub(super) fn covers(&self, scope: &str) -> bool {
        match scope {
            "packages" => self.packages,
            "contents" => self.contents,
            "security-events" => self.security_events,
            _ => false,
        }
    }
}

fn action(uses: &str) -> &str {
    uses.split_once('@').map_or(uses, |(action, _)| action)
}
