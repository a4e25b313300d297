//! What Dockerfiles build on.

use std::collections::BTreeSet;

use super::{Dependency, Kind, is_plain, place};
use crate::evidence::DockerImage;
use crate::path::RepoPath;

/// The images of a Dockerfile. A stage that builds on another stage is as good as that.
pub(super) fn images(path: &RepoPath, images: &[DockerImage]) -> Vec<Dependency> {
    let stages: BTreeSet<&str> = images.iter().filter_map(|image| image.alias.as_deref()).collect();
    // Of each image: whether it is pinned, and the line of the FROM from which it comes in the end.
    let mut judged: Vec<(bool, u32)> = Vec::with_capacity(images.len());
    for image in images {
        let stage = image.stage.and_then(|stage| judged.get(stage).copied());
        let (pinned, origin) = stage.unwrap_or((false, image.line));
        judged.push((image.scratch || image.digest || pinned, origin));
    }
    let real = images.iter().zip(judged).filter(|(image, _)| !image.scratch);
    real.map(|(image, (pinned, origin))| dependency(path, image, pinned, origin, &stages)).collect()
}

fn dependency(path: &RepoPath, image: &DockerImage, pinned: bool, origin: u32, stages: &BTreeSet<&str>) -> Dependency {
    let mut location = place(path, image.line).with_snippet(image.source().as_bytes());
    location.end_line = (image.further > 0).then(|| image.line.saturating_add(image.further));
    let is = if pinned { "is" } else { "is not" };
    let name = image.written.as_ref().unwrap_or(&image.name);
    let (message, remedy) = if image.stage.is_some() {
        (
            format!("the stage {name} {is} built on an image that is named by a digest"),
            format!("Name the image that the stage comes from by its digest: that of the FROM in line {origin}."),
        )
    } else {
        (format!("the image {name} {is} named by a digest"), remedy(image, stages))
    };
    Dependency { kind: Kind::Image, pinned, github: false, location, message, remedy: remedy.into() }
}

/// Whether a build argument may choose one of the stages of the file.
fn may_be_a_stage(image: &DockerImage, stages: &BTreeSet<&str>) -> bool {
    let begins = image.name.split('$').next().filter(|begins| !begins.is_empty() && begins.len() < image.name.len());
    begins.is_some_and(|begins| stages.range(begins..).next().is_some_and(|stage| stage.starts_with(begins)))
}

/// What to write instead.
fn remedy(image: &DockerImage, stages: &BTreeSet<&str>) -> String {
    if may_be_a_stage(image, stages) {
        return "The build argument chooses a stage of this file, which ossf/scorecard does not see. Name the images of these stages by their \
                digests."
            .to_owned();
    }
    // Quotes of build arguments stay in the name.
    let name = image.name.replace(['"', '\''], "");
    let bare = name.split('@').next().unwrap_or_default();
    let variable = image.written.is_some() || image.name.contains('$');
    let write = if variable {
        "Put the digest behind the value of the build argument, as in `ARG TAG=1.2@sha256:<digest>` for `FROM IMAGE:${TAG}`, or behind the tag \
         in the FROM itself"
            .to_owned()
    } else if is_plain(bare) {
        format!("Write `FROM {bare}@sha256:<digest>`")
    } else {
        return "Name the image by its digest: `FROM IMAGE@sha256:<digest>`.".to_owned();
    };
    if is_plain(bare) {
        format!("{write}; `docker buildx imagetools inspect {bare}` shows the digest. Dependabot and Renovate keep it up to date.")
    } else {
        format!("{write}; `docker buildx imagetools inspect IMAGE:TAG` shows the digest.")
    }
}
