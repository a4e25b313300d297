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
    let name = &image.name;
    let snippet = image.alias.as_ref().map_or(format!("FROM {name}"), |alias| format!("FROM {name} AS {alias}"));
    let mut location = place(path, image.line).with_snippet(snippet.as_bytes());
    location.end_line = (image.further > 0).then(|| image.line.saturating_add(image.further));
    let (message, remedy) = if image.stage.is_some() {
        let is = if pinned { "is" } else { "is not" };
        (
            format!("the stage {name} {is} built on an image that is named by a digest"),
            format!("Name the image of the stage {name} by its digest."),
        )
    } else {
        let is = if pinned { "is" } else { "is not" };
        let bare = name.split('@').next().unwrap_or(name);
        let remedy = if is_plain(bare) {
            format!(
                "Write `FROM {bare}@sha256:<digest>`; `docker buildx imagetools inspect {bare}` shows the digest. Dependabot and Renovate keep it up to date."
            )
        } else {
            "Name the image by its digest: `FROM IMAGE@sha256:<digest>`.".to_owned()
        };
        (format!("the image {name} {is} named by a digest"), remedy)
    };
    Dependency { kind: Kind::Image, pinned, github: false, location, message, remedy }
}
