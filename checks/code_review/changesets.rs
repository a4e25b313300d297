//! Changesets: the commits that were reviewed together.

use std::collections::HashSet;

use crate::evidence::{Commit, Gap, PullRequest};

/// The platform that a change was reviewed on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Platform {
    Prow,
    GitHub,
    Phabricator,
    Gerrit,
    Piper,
    Unknown,
}

/// The commits with the same review, by the first of them.
pub(super) struct Changeset<'a> {
    platform: Platform,
    commit: &'a Commit,
    /// Where it was reviewed, if that was on the host itself.
    pull_request: Option<&'a PullRequest>,
}

/// The changesets of the commits, in their order.
pub(super) fn changesets(commits: &[Commit]) -> Vec<Changeset<'_>> {
    let mut seen = HashSet::new();
    commits
        .iter()
        .filter_map(|commit| {
            let merged = commit.pull_request.as_ref().filter(|pull| pull.merged_at.is_some());
            let (platform, id) = review_of(commit, merged);
            let pull_request = merged.filter(|_| platform == Platform::GitHub);
            seen.insert((platform, id)).then_some(Changeset { platform, commit, pull_request })
        })
        .collect()
}

/// Where a commit was reviewed, and what the review is called there.
fn review_of(commit: &Commit, merged: Option<&PullRequest>) -> (Platform, String) {
    if let Some(pull) = merged {
        let by_label = |label: &String| label == "lgtm" || (label == "approved" && pull.number != 0);
        if pull.labels.iter().any(by_label) {
            return (Platform::Prow, pull.number.to_string());
        }
        if pull.number != 0 {
            return (Platform::GitHub, pull.number.to_string());
        }
    }
    let marks = &commit.marks;
    match (&marks.phabricator, &marks.piper) {
        (Some(revision), _) => (Platform::Phabricator, revision.clone()),
        (None, _) if marks.gerrit => (Platform::Gerrit, commit.id.clone()),
        (None, Some(revision)) => (Platform::Piper, revision.clone()),
        (None, None) => (Platform::Unknown, commit.id.clone()),
    }
}

impl<'a> Changeset<'a> {
    /// What a person finds it by: the pull request, or the first commit.
    pub(super) fn name(&self) -> String {
        match self.commit.pull_request.as_ref().filter(|_| matches!(self.platform, Platform::GitHub | Platform::Prow)) {
            Some(pull) => format!("#{}", pull.number),
            None => self.commit.id.get(..10).unwrap_or(&self.commit.id).to_owned(),
        }
    }

    /// Who wrote it; empty where nobody knows, which is so for all that was not reviewed on the host itself.
    pub(super) fn author(&self) -> &'a str {
        self.pull_request.map_or("", |pull| &pull.author.login)
    }

    /// Whether an app wrote it.
    pub(super) fn is_by_bot(&self) -> bool {
        self.pull_request.is_some_and(|pull| pull.author.is_bot)
    }

    /// Whether somebody else than the author approved it. Merging is an approval.
    pub(super) fn is_approved(&self) -> Result<bool, &'a Gap> {
        match (self.platform, self.pull_request) {
            (Platform::Unknown, _) => Ok(false),
            (Platform::GitHub, Some(pull)) => {
                let author = &pull.author.login;
                if pull.merged_by.login != *author {
                    return Ok(true);
                }
                Ok(pull.reviews.get()?.iter().any(|review| review.state == "APPROVED" && review.author != *author))
            }
            _ => Ok(true),
        }
    }

    /// Everybody who left a review of any kind, and who merged; as often as they did, the author among them.
    pub(super) fn reviewers(&self) -> Result<Vec<&'a str>, &'a Gap> {
        let Some(pull) = self.pull_request else { return Ok(Vec::new()) };
        let reviews = pull.reviews.get()?.iter().map(|review| review.author.as_str());
        Ok(reviews.chain([pull.merged_by.login.as_str()]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Fact, ReviewMarks, User};

    fn commit(id: &str, number: Option<u64>, labels: &[&str], marks: ReviewMarks) -> Commit {
        let pull_request = number.map(|number| PullRequest {
            number,
            head: format!("head-{number}"),
            merged_at: Some(jiff::Timestamp::UNIX_EPOCH),
            author: User { login: "alice".into(), is_bot: false },
            merged_by: User::default(),
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            reviews: Fact::known(Vec::new()),
        });
        Commit { id: id.into(), pull_request, marks, ..Commit::default() }
    }

    fn names(commits: &[Commit]) -> Vec<String> {
        changesets(commits).iter().map(Changeset::name).collect()
    }

    #[test]
    fn commits_of_one_review_are_one_changeset_in_any_order() {
        let phabricator = || ReviewMarks { phabricator: Some("D1".into()), ..ReviewMarks::default() };
        let gerrit = || ReviewMarks { gerrit: true, ..ReviewMarks::default() };
        let mut commits = [
            commit("a", Some(1), &[], phabricator()),
            commit("b", None, &[], phabricator()),
            commit("c", Some(1), &[], ReviewMarks::default()),
            commit("d", None, &[], phabricator()),
            commit("e", None, &[], gerrit()),
            commit("f", None, &[], gerrit()),
            commit("g", None, &[], ReviewMarks::default()),
            commit("h", Some(1), &["lgtm"], ReviewMarks::default()),
        ];
        assert_eq!(names(&commits), ["#1", "b", "e", "f", "g", "#1"]);
        commits.reverse();
        assert_eq!(names(&commits), ["#1", "g", "f", "e", "d", "#1"]);
    }

    #[test]
    fn a_pull_request_without_a_number_counts_by_its_label_alone() {
        let approved = |labels: &[&str]| {
            let commits = [commit("a", Some(0), labels, ReviewMarks::default())];
            changesets(&commits)[0].is_approved() == Ok(true)
        };
        assert!(approved(&["lgtm"]));
        assert!(!approved(&["approved"]));
        assert!(!approved(&[]));
    }
}
