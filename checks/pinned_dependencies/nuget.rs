//! Commands of NuGet, .NET and MSBuild.

use super::packages::Install;
use super::words::{is_program, same};
use super::{Dependency, Kind};
use crate::evidence::{Project, ProjectSays};

fn is_either(word: &str, name: &str, with_ending: &str) -> bool {
    is_program(word, name) || is_program(word, with_ending)
}

fn has(words: &[&str], wanted: &[&str]) -> bool {
    words.iter().any(|word| wanted.iter().any(|name| same(word, name)))
}

/// What such a command installs.
pub(super) fn install(words: &[&str]) -> Option<Install> {
    let (pinned, remedy) = judged(words)?;
    Some(Install { kind: Kind::NuGet, pinned, remedy })
}

fn judged(words: &[&str]) -> Option<(bool, &'static str)> {
    let (program, verb) = (words.first()?, words.get(1)?);
    let rest = &words[2..];
    if is_either(program, "nuget", "nuget.exe") && same(verb, "install") {
        // A list of packages names versions.
        let pinned = rest.first().is_none_or(|first| path_ends(first, "packages.config")) || has(rest, &["-version"]);
        return Some((pinned, "Name the version: `nuget install PACKAGE -Version VERSION`, or install from a packages.config."));
    }
    if is_either(program, "nuget", "nuget.exe") && same(verb, "restore") {
        return Some((
            has(rest, &["-lockedmode"]),
            "Set `<RestorePackagesWithLockFile>true</RestorePackagesWithLockFile>` in the project, commit packages.lock.json, and \
         restore with `nuget restore -LockedMode`.",
        ));
    }
    if is_either(program, "dotnet", "dotnet.exe") && same(verb, "add") && words.len() >= 4 {
        if !has(&words[2..4], &["package"]) {
            return None;
        }
        return Some((has(&words[3..], &["-v", "--version"]), "Name the version: `dotnet add package PACKAGE --version VERSION`."));
    }
    if is_either(program, "dotnet", "dotnet.exe") && same(verb, "restore") {
        return Some((
            has(rest, &["--locked-mode"]),
            "Set `<RestorePackagesWithLockFile>true</RestorePackagesWithLockFile>` in the project, commit packages.lock.json, and \
         restore with `dotnet restore --locked-mode`.",
        ));
    }
    if is_either(program, "msbuild", "msbuild.exe") && has(&words[1..], &["/t:restore"]) {
        let pinned = has(&words[1..], &["/p:restorelockedmode=true"]);
        return Some((
            pinned,
            "Set `<RestorePackagesWithLockFile>true</RestorePackagesWithLockFile>` in the project, commit packages.lock.json, and \
         restore with `msbuild /t:restore /p:RestoreLockedMode=true`.",
        ));
    }
    None
}

fn path_ends(word: &str, ending: &str) -> bool {
    word.len() >= ending.len() && word.get(word.len() - ending.len()..).is_some_and(|end| same(end, ending))
}

/// Commands of NuGet are pinned after all where the projects say so: by exact versions in one place, or by lock files.
/// Gives the files that were looked at for that and cannot be read.
pub(super) fn reconsider<'a>(found: &mut [Dependency], projects: &'a [Project]) -> Vec<&'a Project> {
    let mut unpinned = found.iter_mut().filter(|one| one.kind == Kind::NuGet && !one.pinned).peekable();
    if unpinned.peek().is_none() {
        return Vec::new();
    }
    let mut broken = Vec::new();
    let (mut central, mut unlocked, mut locked) = (None, 0, 0);
    for project in projects {
        match &project.says {
            ProjectSays::Versions { central: is, inexact } => central = central.or(Some((*is, *inexact))),
            ProjectSays::Locked(true) => locked += 1,
            ProjectSays::Locked(false) => unlocked += 1,
            // Behind the first file of versions no other is read.
            ProjectSays::Broken { folder: true, .. } if central.is_some() => {}
            ProjectSays::Broken { .. } => broken.push(project),
        }
    }
    let pinned = match central {
        Some((true, inexact)) => inexact == 0,
        _ => locked > 0 && unlocked == 0,
    };
    if pinned {
        for one in unpinned {
            one.pinned = true;
            one.message = "the project files pin what a command of NuGet installs".to_owned();
        }
    }
    broken
}
