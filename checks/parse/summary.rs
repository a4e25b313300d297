//! Dockerfiles and project files as evidence keeps them.

use super::dockerfile::{DockerfileError, base_images, dockerfile, is_dockerfile_text, is_template, run_scripts};
use super::msbuild::{directory_props, is_directory_props, project_file};
use super::script;
use crate::evidence::{DockerImage, DockerRun, DockerfileContent, ProjectSays, ShellText};
use crate::finding::Location;

/// What is kept of a Dockerfile, if it is one and there is anything.
pub(super) fn read_dockerfile(file: &[u8], text: &[u8]) -> Option<DockerfileContent> {
    if !is_dockerfile_text(file, text) {
        return None;
    }
    let content =
        instructions(file, text).unwrap_or_else(|error| DockerfileContent::Broken { line: error.line, why: error.problem.to_string() });
    (weigh_dockerfile(&content) > 0).then_some(content)
}

fn instructions(file: &[u8], text: &[u8]) -> Result<DockerfileContent, DockerfileError> {
    let dockerfile = dockerfile(text)?;
    let images = if is_template(file) { Vec::new() } else { base_images(&dockerfile)? };
    let short = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(Location::SNIPPET)]).into_owned();
    let images = images.into_iter().map(|image| DockerImage {
        line: image.first,
        further: image.last.saturating_sub(image.first),
        name: short(&image.image),
        alias: image.alias.as_deref().map(short),
        stage: image.stage,
        digest: image.digest.is_some(),
        scratch: image.scratch,
    });
    let run = |run: super::RunScript<'_>| DockerRun {
        line: run.counted_line,
        further: match run.heredoc {
            None => dockerfile.instructions[run.instruction].last.saturating_sub(run.line),
            Some(_) => 0,
        },
        script: script::read_commands(&run.text),
    };
    let mut runs: Vec<DockerRun> = run_scripts(&dockerfile)?.into_iter().map(run).collect();
    let mut scripts: Vec<&mut ShellText> = runs.iter_mut().map(|run| &mut run.script).collect();
    script::keep_useful(&mut scripts);
    runs.retain(|run| script::weight(&run.script) > 0);
    Ok(DockerfileContent::Instructions { images: images.collect(), runs })
}

/// How much there is of a Dockerfile, in bytes.
pub(super) fn weigh_dockerfile(content: &DockerfileContent) -> usize {
    match content {
        DockerfileContent::Instructions { images, runs } => {
            let images = images.iter().map(|image| 64 + image.name.len()).sum::<usize>();
            images + runs.iter().map(|run| 16 + script::weight(&run.script)).sum::<usize>()
        }
        DockerfileContent::Broken { why, .. } => 64 + why.len(),
    }
}

/// What a project file says.
pub(super) fn read_project(file: &[u8], text: &[u8]) -> ProjectSays {
    let folder = is_directory_props(file);
    let says = if folder {
        directory_props(text).map(|props| ProjectSays::Versions {
            central: props.central,
            inexact: props.versions.iter().filter(|version| !version.is_exact()).count(),
        })
    } else {
        project_file(text).map(|project| ProjectSays::Locked(project.restore_locked_mode))
    };
    says.unwrap_or_else(|error| ProjectSays::Broken { line: error.line, why: error.to_string(), folder })
}
