//! Dockerfiles and project files as evidence keeps them.

use super::dockerfile::{BaseImage, DockerfileError, RunScript, base_images, dockerfile, is_dockerfile_text, is_template, run_scripts};
use super::msbuild::{directory_props, is_directory_props, project_file};
use super::scan::Weighed;
use super::script::{self, Draft};
use crate::evidence::{DockerImage, DockerRun, DockerfileContent, ProjectSays};
use crate::finding::Location;

/// What is kept of a Dockerfile, if it is one and there is anything.
pub(super) fn read_dockerfile(file: &[u8], text: &[u8]) -> Option<Weighed<DockerfileContent>> {
    if !is_dockerfile_text(file, text) {
        return None;
    }
    let content =
        instructions(file, text).unwrap_or_else(|error| DockerfileContent::Broken { line: error.line, why: error.problem.to_string() });
    let weight = weigh_dockerfile(&content);
    (weight > 0).then_some(Weighed { weight, content })
}

fn instructions(file: &[u8], text: &[u8]) -> Result<DockerfileContent, DockerfileError> {
    let dockerfile = dockerfile(text)?;
    let images = if is_template(file) { Vec::new() } else { base_images(&dockerfile)? };
    let mut lines = Lines::of(text);
    let images: Vec<DockerImage> = images.into_iter().map(|image| summed_up(&image, lines.of_instruction(&image))).collect();
    let scripts = run_scripts(&dockerfile)?;
    let mut drafts: Vec<Draft<'_>> = scripts.iter().map(|run| Draft::read(&run.text)).collect();
    script::keep_useful(&mut drafts);
    let run = |(run, draft): (&RunScript<'_>, Draft<'_>)| DockerRun {
        line: run.counted_line,
        further: match run.heredoc {
            None => dockerfile.instructions[run.instruction].last.saturating_sub(run.line),
            Some(_) => 0,
        },
        script: draft.finish(),
    };
    let mut runs: Vec<DockerRun> = scripts.iter().zip(drafts).map(run).collect();
    runs.retain(|run| script::weight(&run.script) > 0);
    Ok(DockerfileContent::Instructions { images, runs })
}

fn summed_up(image: &BaseImage, source: &[u8]) -> DockerImage {
    let short = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(Location::SNIPPET)]).into_owned();
    let mut summed_up = DockerImage {
        line: image.first,
        further: image.last.saturating_sub(image.first),
        name: short(&image.image),
        written: (image.written != image.image).then(|| short(&image.written)),
        text: None,
        alias: image.alias.as_deref().map(short),
        stage: image.stage,
        digest: image.digest.is_some(),
        scratch: image.scratch,
    };
    let source = short(source);
    summed_up.text = (source != summed_up.source()).then_some(source);
    summed_up
}

/// The lines of a text, for instructions in their order.
struct Lines<'a> {
    rest: &'a [u8],
    /// The line with which the rest begins.
    at: u32,
}

impl<'a> Lines<'a> {
    const fn of(text: &'a [u8]) -> Self {
        Self { rest: text, at: 1 }
    }

    /// The lines of an instruction, without blanks around them.
    fn of_instruction(&mut self, image: &BaseImage) -> &'a [u8] {
        while self.at < image.first && !self.rest.is_empty() {
            self.rest = &self.rest[self.end_of_line()..];
            self.at += 1;
        }
        let start = self.rest;
        while self.at <= image.last && !self.rest.is_empty() {
            self.rest = &self.rest[self.end_of_line()..];
            self.at += 1;
        }
        start[..start.len() - self.rest.len()].trim_ascii()
    }

    fn end_of_line(&self) -> usize {
        memchr::memchr(b'\n', self.rest).map_or(self.rest.len(), |end| end + 1)
    }
}

/// How much there is of a Dockerfile, in bytes.
fn weigh_dockerfile(content: &DockerfileContent) -> usize {
    match content {
        DockerfileContent::Instructions { images, runs } => {
            let more = |text: &Option<String>| text.as_ref().map_or(0, String::len);
            let images = images.iter().map(|image| 64 + image.name.len() + more(&image.written) + more(&image.text)).sum::<usize>();
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
