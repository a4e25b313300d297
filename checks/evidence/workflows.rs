//! Workflows of GitHub Actions, as they are written.

use serde::{Deserialize, Serialize};

use crate::path::RepoPath;

/// A text and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// The text, after YAML's folding and unescaping.
    pub text: String,
    /// The line on which it begins, from 1: of a block of text, that of its indicator.
    pub line: u32,
}

/// A file in the place of workflows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowFile {
    /// The file.
    pub path: RepoPath,
    /// Whether a line of it is neither blank nor a comment, as far as lines are not too long to be read.
    pub has_commands: bool,
    /// What stands in it.
    pub content: WorkflowContent,
}

/// What stands in a workflow file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkflowContent {
    /// A workflow, which may be empty.
    Workflow(Workflow),
    /// Something that is no YAML.
    Broken {
        /// The line at which this was found.
        line: u32,
        /// What is wrong there.
        why: String,
    },
}

impl WorkflowFile {
    /// The workflow, if the file could be understood.
    #[must_use]
    pub fn workflow(&self) -> Option<&Workflow> {
        match &self.content {
            WorkflowContent::Workflow(workflow) => Some(workflow),
            WorkflowContent::Broken { .. } => None,
        }
    }
}

/// A workflow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workflow {
    /// The names of the events that start it, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<String>,
    /// What its token may do, if the workflow says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Permissions>,
    /// Its jobs, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<Job>,
}

/// What a token may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// The line on which this begins.
    pub line: u32,
    /// One word for all scopes, such as `read-all`; never empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<Placed>,
    /// The scopes by their names in lower case, in the order of the file. Without `all` and scopes nothing is allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<(String, Placed)>,
}

/// A job of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id in lower case.
    pub id: String,
    /// The line of its id.
    pub line: u32,
    /// What its token may do, if the job says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Permissions>,
    /// The labels of the machine that it runs on; empty where none is named. An expression is a label.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs_on: Vec<String>,
    /// The values of `os` in its matrix, then those that the matrix includes; of a value that is no text, an empty one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matrix_os: Vec<String>,
    /// The shell for its steps, if the job names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell: Option<String>,
    /// The workflow that it calls, of a job that has nothing of an ordinary one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<Placed>,
    /// Its steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

/// A step of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The line on which it begins.
    pub line: u32,
    /// Its condition, if it has one.
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// What it does.
    #[serde(flatten)]
    pub action: Action,
}

/// What a step does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing that is understood.
    #[default]
    Nothing,
    /// It uses an action.
    Uses {
        /// The action, with its version.
        name: Placed,
        /// The inputs by their names in lower case, in the order of the file.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        with: Vec<(String, String)>,
    },
    /// It runs a script.
    Run {
        /// The script.
        script: Placed,
        /// The shell, if the step names one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shell: Option<String>,
    },
}

impl Workflow {
    /// All steps of all jobs.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.jobs.iter().flat_map(|job| &job.steps)
    }
}

impl Step {
    /// The action that it uses, with its version.
    #[must_use]
    pub fn uses(&self) -> Option<&Placed> {
        match &self.action {
            Action::Uses { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The script that it runs.
    #[must_use]
    pub fn run(&self) -> Option<&Placed> {
        match &self.action {
            Action::Run { script, .. } => Some(script),
            _ => None,
        }
    }

    /// An input of the action that it uses; `name` is in lower case.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<&str> {
        match &self.action {
            Action::Uses { with, .. } => with.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()),
            _ => None,
        }
    }
}
