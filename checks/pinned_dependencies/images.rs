//! What Dockerfiles build on.

use super::{Dependency, Kind, is_plain, place};
use crate::evidence::DockerImage;
use crate::path::RepoPath;

/// The images of a Dockerfile. A stage that builds on another stage is as good as that.
pub(super) fn images(path: &RepoPath, images: &[DockerImage]) -> Vec<Dependency> {
    let mut pinned: Vec<bool> = Vec::with_capacity(images.len());
    for image in images {
        let stage = image.stage.and_then(|stage| pinned.get(stage).copied()).unwrap_or(false);
        pinned.push(image.scratch || image.digest || stage);
    }
    let real = images.iter().zip(pinned).filter(|(image, _)| !image.scratch);
    real.map(|(image, pinned)| dependency(path, image, pinned)).collect()
}

fn dependency(path: &RepoPath, image: &DockerImage, pinned: bool) -> Dependency {
    let mut location = place(path, image.line).with_snippet(image.source().as_bytes());
    location.end_line = (image.further > 0).then(|| image.line.saturating_add(image.further));
    let is = if pinned { "is" } else { "is not" };
    let name = image.written.as_ref().unwrap_or(&image.name);
    let (message, remedy) = if image.stage.is_some() {
        (
            format!("the stage {name} {is} built on an image that is named by a digest"),
            format!("Name the image of the stage {name} by its digest."),
        )
    } else {
        (format!("the image {name} {is} named by a digest"), remedy(image))
    };
    Dependency { kind: Kind::Image, pinned, github: false, location, message, remedy }
}

/// What to write instead.
fn remedy(image: &DockerImage) -> String {
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
