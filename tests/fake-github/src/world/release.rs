//! Releases, webhooks and runs of workflows.

/// A release.
#[derive(Clone, Debug)]
pub struct Release {
    /// The tag.
    pub tag: String,
    /// The branch or commit that the tag was made from.
    pub target_commitish: String,
    /// When it was published.
    pub published_at: String,
    /// Names of its files.
    pub assets: Vec<String>,
    /// Whether only those see it who may write.
    pub draft: bool,
    /// Whether it is a preview.
    pub prerelease: bool,
}

impl Release {
    /// A release of the default branch `main` with these files.
    pub fn new<'a>(tag: &str, assets: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            tag: tag.to_owned(),
            target_commitish: "main".to_owned(),
            published_at: "2024-05-02T12:00:00Z".to_owned(),
            assets: assets.into_iter().map(str::to_owned).collect(),
            draft: false,
            prerelease: false,
        }
    }
}

/// A webhook.
#[derive(Clone, Debug)]
pub struct Hook {
    /// Where it posts to.
    pub url: String,
    /// Whether it has a secret.
    pub secret: bool,
}

/// A workflow with its runs.
#[derive(Clone, Debug, Default)]
pub struct Workflow {
    /// The name of its file, without folder.
    pub file: String,
    /// Its runs, newest first.
    pub runs: Vec<Run>,
}

impl Workflow {
    /// A workflow that succeeded once.
    pub fn succeeded(file: &str) -> Self {
        let run = Run { conclusion: "success".to_owned(), head_sha: super::oid_of(file), created_at: "2024-05-01T13:00:00Z".to_owned() };
        Self { file: file.to_owned(), runs: vec![run] }
    }
}

/// A run of a workflow that is over.
#[derive(Clone, Debug)]
pub struct Run {
    /// `success`, `failure` and so on.
    pub conclusion: String,
    /// The commit that it ran for.
    pub head_sha: String,
    /// When it began.
    pub created_at: String,
}
