//! What a workflow and its jobs say of permissions, one record for each thing said.

use super::exempt::Exempt;
use crate::evidence::{Job, Permissions, Workflow};

/// Where something is said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// For all jobs of a workflow.
    Top,
    /// In a job.
    Job,
    /// Nowhere: what the workflow was recognised as.
    Workflow,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    None,
    Undeclared,
    Read,
    Write,
    Unknown,
}

impl Level {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Undeclared => "undeclared",
            Self::Read => "read",
            Self::Write => "write",
            Self::Unknown => "unknown",
        }
    }
}

pub(super) struct Record<'a> {
    pub(super) place: Place,
    pub(super) level: Level,
    pub(super) line: u32,
    /// The scope, if it is about one.
    scope: Option<&'a str>,
    value: &'a str,
    job: Option<&'a Job>,
    /// What the workflow was recognised as.
    note: Option<String>,
    /// Writing to the scope is what this workflow is for.
    exempt: bool,
}

/// Scopes with which a stranger who got the token could do harm, by what they cost.
pub(super) const SCOPES: [&str; 7] = ["statuses", "checks", "security-events", "deployments", "contents", "packages", "actions"];

/// All records of a workflow: those of the workflow, what it was recognised as, those of its jobs.
pub(super) fn records(workflow: &Workflow) -> Vec<Record<'_>> {
    let mut records = Vec::new();
    of(Place::Top, workflow.permissions.as_ref(), None, None, &mut records);
    let exempt = Exempt::of(workflow);
    records.extend(exempt.notes.iter().map(|(line, note)| Record {
        place: Place::Workflow,
        level: Level::Unknown,
        line: *line,
        scope: None,
        value: "",
        job: None,
        note: Some(note.clone()),
        exempt: false,
    }));
    for job in &workflow.jobs {
        of(Place::Job, job.permissions.as_ref(), Some(job), Some(&exempt), &mut records);
    }
    records
}

fn of<'a>(
    place: Place,
    permissions: Option<&'a Permissions>,
    job: Option<&'a Job>,
    exempt: Option<&Exempt>,
    records: &mut Vec<Record<'a>>,
) {
    let record = |level, line, scope, value, exempt| Record { place, level, line, scope, value, job, note: None, exempt };
    let Some(permissions) = permissions else {
        records.push(record(Level::Undeclared, job.map_or(1, |job| job.line), None, "", false));
        return;
    };
    if let Some(all) = &permissions.all {
        let level = match all.text.as_str() {
            "read-all" => Level::Read,
            word if word.eq_ignore_ascii_case("read-all") => Level::Unknown,
            _ => Level::Write,
        };
        records.push(record(level, all.line, None, all.text.as_str(), false));
    } else if permissions.scopes.is_empty() {
        // The reference places it on the first line.
        records.push(record(Level::None, 1, None, "", false));
    }
    for (scope, value) in &permissions.scopes {
        let covered = exempt.is_some_and(|exempt| exempt.covers(scope));
        let level = match value.text.as_str() {
            "read" | "read-all" => Level::Read,
            "none" => Level::None,
            word if word.eq_ignore_ascii_case("write") && SCOPES.contains(&scope.as_str()) && !covered => Level::Write,
            _ => Level::Unknown,
        };
        records.push(record(level, value.line, Some(scope.as_str()), value.text.as_str(), covered));
    }
}

impl Record<'_> {
    /// What is granted: a scope, or everything to a whole workflow.
    pub(super) fn token(&self) -> Option<&str> {
        self.scope.or((self.place == Place::Top && self.value == "write-all").then_some(self.value))
    }

    pub(super) fn snippet(&self) -> Option<String> {
        match self.scope {
            Some(scope) => Some(format!("{scope}: {}", self.value)),
            None => (!self.value.is_empty()).then(|| format!("permissions: {}", self.value)),
        }
    }

    fn whose(&self) -> String {
        self.job.map_or("the workflow".to_owned(), |job| format!("the job {}", job.id))
    }

    pub(super) fn text(&self) -> String {
        if let Some(note) = &self.note {
            return format!("the workflow {note}");
        }
        let whose = self.whose();
        match (self.level, self.scope) {
            (Level::Undeclared, _) if self.job.is_some() => format!("{whose} names no permissions of its own"),
            (Level::Undeclared, _) => format!("{whose} names no permissions"),
            (Level::None, None) => format!("{whose} has no permissions at all"),
            (Level::None, Some(scope)) => format!("{whose} has no access to {scope}"),
            (Level::Read, None) => format!("{whose} may read everything and write nothing"),
            (Level::Read, Some(scope)) => format!("{whose} may read {scope}"),
            (Level::Write, None) => format!("{whose} has the permissions \"{}\"", self.value),
            (Level::Write, Some(scope)) => format!("{whose} may write to {scope}"),
            (Level::Unknown, None) => format!("{whose} has the permissions \"{}\", which are not understood", self.value),
            (Level::Unknown, Some(scope)) if self.exempt => format!("{whose} may write to {scope}, which it is for"),
            (Level::Unknown, Some(scope)) => {
                format!("{whose} has the permission \"{scope}: {}\", which the score does not count", self.value)
            }
        }
    }

    /// What to write instead.
    pub(super) fn remedy(&self) -> Option<String> {
        const JOBS: &str = "and give single jobs what they need beyond, such as `permissions: {contents: read, packages: write}`";
        match (self.place, self.level, self.scope) {
            (Place::Top, Level::Undeclared, _) => {
                Some(format!("Write `permissions: {{contents: read}}` on a line of its own at the top of the workflow, {JOBS}."))
            }
            (Place::Top, Level::Write, None) => {
                Some(format!("Replace `permissions: {}` by `permissions: {{contents: read}}`, {JOBS}.", self.value))
            }
            (Place::Top, Level::Write, Some(scope)) => Some(format!(
                "Write `{scope}: read` at the top of the workflow, and `{scope}: {}` into the `permissions` of the job that needs it, beside all \
                 else that this job needs: they replace those of the workflow.",
                self.value
            )),
            (Place::Job, Level::Write, Some(scope)) => Some(format!(
                "Delete `{scope}: {}` unless a step of the job needs it; if one does, put that step into a job of its own.",
                self.value
            )),
            _ => None,
        }
    }
}
