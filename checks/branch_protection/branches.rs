//! Which branches are judged: the default one, and those that releases were made from.

use super::rules::Protection;
use crate::evidence::{Branch, Branches, Cause, Evidence, Facet, Fact, Gap, Release, Request};
use crate::finding;

/// How many releases are looked at: those of the host's first page.
const RELEASES: usize = 30;

/// The branch for which releases of `master` stand where that is gone.
const MAIN: &str = "main";
const MASTER: &str = "master";

/// The releases that count. A host that has none to show has no release branches.
fn releases(evidence: &Evidence) -> Result<&[Release], &Gap> {
    match evidence.releases.get() {
        Ok(releases) => Ok(&releases[..releases.len().min(RELEASES)]),
        Err(Gap { cause: Cause::NotOffered { .. }, .. }) => Ok(&[]),
        Err(gap) => Err(gap),
    }
}

fn is_commit(target: &str) -> bool {
    target.len() == 40 && target.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The branches to ask for.
pub(super) fn asks(evidence: &Evidence) -> Vec<Request> {
    let (Ok(branches), Ok(releases)) = (evidence.branches.get(), releases(evidence)) else { return Vec::new() };
    let mut wanted: Vec<&str> = branches.default.as_deref().into_iter().filter(|name| !name.is_empty()).collect();
    let main_exists = matches!(branches.by_name.get(MAIN), Some(Fact::Known(branch)) if branch.is_some());
    if releases.iter().all(|release| !release.target.is_empty()) {
        for target in releases.iter().map(|release| release.target.as_str()).filter(|target| !is_commit(target)) {
            match target {
                MASTER if main_exists => {}
                // If it is gone it stands for the other one: to ask for both at once spares a round.
                MASTER => wanted.extend([MASTER, MAIN]),
                _ => wanted.push(target),
            }
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    wanted.retain(|name| !branches.by_name.contains_key(*name));
    wanted.into_iter().map(|name| Request::Branch(name.to_owned())).collect()
}

/// The branches and their rules, the default one first; none where there is nothing to judge.
///
/// # Errors
/// What is missing: without it nothing can be said of any branch, as in the reference.
pub(super) fn judged(evidence: &Evidence) -> Result<Vec<Protection<'_>>, Gap> {
    let branches = evidence.branches.get().map_err(Gap::clone)?;
    let rulesets = branches.rulesets.get().map_err(Gap::clone)?;
    let releases = releases(evidence).map_err(Gap::clone)?;
    let default = branches.default.as_deref().filter(|name| !name.is_empty());
    let mut out: Vec<Protection<'_>> = Vec::new();
    let look = |name| match find(branches, name)? {
        Some((name, branch)) => Protection::of(name, branch, rulesets, default == Some(name)).map(Some),
        None => Ok(None),
    };
    if let Some(default) = default {
        out.extend(look(default)?);
    }
    for release in releases {
        let target = release.target.as_str();
        if target.is_empty() {
            let why = format!("the release {} does not say what it was made from", finding::snippet(release.tag.as_bytes()));
            return Err(Gap::new(Facet::Releases, Cause::Failed { why }));
        }
        let known = |name| out.iter().any(|other| other.branch == name);
        if is_commit(target) || known(target) || target == MASTER && known(MAIN) {
            continue;
        }
        let found = match look(target)? {
            None if target == MASTER => look(MAIN)?,
            found => found,
        };
        out.extend(found);
    }
    Ok(out)
}

/// A branch, if it exists.
fn find<'a>(branches: &'a Branches, name: &str) -> Result<Option<(&'a str, &'a Branch)>, Gap> {
    match branches.by_name.get_key_value(name) {
        Some((name, Fact::Known(branch))) => Ok(branch.as_ref().as_ref().map(|branch| (name.as_str(), branch))),
        Some((_, Fact::Missing(gap))) => Err(gap.clone()),
        None => Err(Gap::new(Facet::Branches, Cause::NotAsked)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Repository, SourceKind};

    #[test]
    fn branches_of_releases_are_asked_for_once_and_master_with_main() {
        let repository = Repository { name: "x".into(), asked_as: None, commit: None, revision: None, source: SourceKind::Host };
        let mut evidence = Evidence::new(repository, String::new());
        assert_eq!(asks(&evidence), [], "nothing is known yet");
        let branch = || Fact::known(Some(Branch { rule: Fact::known(None), refused: false, update_rule: Fact::known(None) }));
        let with = |default: &str, known: &[&str]| Branches {
            default: Some(default.to_owned()),
            rulesets: Fact::known(Vec::new()),
            by_name: known.iter().map(|name| ((*name).to_owned(), branch())).collect(),
        };
        let from = |targets: &[&str]| targets.iter().map(|target| Release { target: (*target).to_owned(), ..Release::default() }).collect();
        let mut asked = |branches: Branches, targets: &[&str]| {
            evidence.branches = Fact::known(branches);
            evidence.releases = Fact::known(from(targets));
            let name = |request| match request {
                Request::Branch(name) => name,
                other => panic!("{other:?}"),
            };
            asks(&evidence).into_iter().map(name).collect::<Vec<_>>().join(" ")
        };
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(asked(with("main", &["main"]), &["main", "stable", commit, "stable", "abc1234"]), "abc1234 stable");
        assert_eq!(asked(with("main", &["main"]), &["master"]), "", "it stands for main");
        assert_eq!(asked(with("develop", &["develop"]), &["main", "master"]), "main master");
        assert_eq!(asked(with("develop", &["develop", "main", "master"]), &["master"]), "", "once they are known");
        assert_eq!(asked(with("main", &[]), &[]), "main");
        assert_eq!(asked(with("main", &["main"]), &["stable", ""]), "", "the check has no answer anyway");
        let mut many = vec!["main"; RELEASES];
        many.push("stable");
        assert_eq!(asked(with("main", &["main"]), &many), "", "it is beyond the first page");
    }
}
