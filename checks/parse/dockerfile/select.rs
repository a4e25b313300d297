//! Which files are Dockerfiles.

use crate::parse::{scan, script};
use crate::path;

/// Endings of source files that are none, whatever their name. Case matters.
const SOURCES: [&[u8]; 8] = [b".go", b".c", b".cpp", b".rs", b".js", b".py", b".pyc", b".java"];

const SHELLS: [&str; 7] = ["exec", "su", "sh", "bash", "mksh", "dash", "ksh"];

/// Whether a path is that of a Dockerfile, as far as the path tells: the name holds `dockerfile` in any case, the path no
/// part `vendor` or `third_party`, and the ending is not that of a source file.
///
/// Whether it lies among test data is the caller's to ask, and [`is_dockerfile_text`] has a word too.
#[must_use]
pub fn is_dockerfile(file: &[u8]) -> bool {
    holds_dockerfile(path::name(file))
        && !SOURCES.iter().any(|ending| file.ends_with(ending))
        && !file.split(|byte| *byte == b'/').any(|part| path::eq_fold(part, "vendor") || path::eq_fold(part, "third_party"))
}

fn holds_dockerfile(name: &[u8]) -> bool {
    let lower;
    let name = if name.is_ascii() {
        name
    } else {
        lower = path::lower(name);
        &lower
    };
    name.windows(10).any(|part| part.eq_ignore_ascii_case(b"dockerfile"))
}

/// Whether the text of a file that [`is_dockerfile`] accepts is one to read: it holds instructions, and is no shell
/// script.
#[must_use]
pub fn is_dockerfile_text(file: &[u8], text: &[u8]) -> bool {
    !is_script(file, text) && has_instructions(text)
}

/// Whether there is a line that is neither blank nor a comment, before any that is too long to be read. A file without
/// one is skipped, and never refused.
#[must_use]
pub fn has_instructions(text: &[u8]) -> bool {
    scan::first_instruction(text) == Some(true)
}

/// Whether the name is that of a template: one of its parts, between dots, dashes and underscores, says so. The images of
/// a template are not looked at, its commands are.
#[must_use]
pub fn is_template(file: &[u8]) -> bool {
    let mut parts = path::name(file).split(|byte| matches!(byte, b'.' | b'-' | b'_'));
    parts.any(|part| ["template", "tmpl", "tpl"].iter().any(|word| path::eq_fold(part, word)))
}

/// Whether a file is a shell script by the interpreter that its first line names, or by its ending if that names none.
fn is_script(file: &[u8], text: &[u8]) -> bool {
    let by_name = || SHELLS.iter().any(|shell| file.strip_suffix(shell.as_bytes()).is_some_and(|stem| stem.ends_with(b".")));
    script::runs_in(&SHELLS, text).unwrap_or_else(by_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for file in [
            "Dockerfile",
            "Dockerfile.dev",
            "web.Dockerfile",
            "DOCKERFILE",
            "x/mydockerfiles.txt",
            ".dockerfile",
            "y/Dockerfile~",
            "dockerfile.ts",
            "dockerfile.PY",
            "dockerfile_spec.rb",
            "a/vendor_/Dockerfile",
            "third-party/Dockerfile",
            "Dockerfile.sh",
            "doc\u{212a}erfile",
        ] {
            assert!(is_dockerfile(file.as_bytes()), "{file}");
        }
        for file in [
            "Containerfile",
            "Dockerfile.d/base",
            "docker-file",
            "dockerfile.go",
            "a/dockerfile_test.py",
            "Dockerfile.java",
            "vendor/a/Dockerfile",
            "a/Third_Party/b/Dockerfile",
            "a/b/VENDOR/Dockerfile",
            "a/b/third_party/Dockerfile",
        ] {
            assert!(!is_dockerfile(file.as_bytes()), "{file}");
        }
    }

    #[test]
    fn templates() {
        let all = "Dockerfile.template Dockerfile.tmpl Dockerfile.template-debian Dockerfile.tmpl. Dockerfile-template tmpl.Dockerfile \
                   template.Dockerfile Dockerfile.tmpl.prod dockerfile.tpl Dockerfile_template a/Dockerfile.TEMPLATE";
        for file in all.split_whitespace() {
            assert!(is_template(file.as_bytes()), "{file}");
        }
        let none =
            "Dockerfile Dockerfile.linux DockerfileTemplate tmp.Dockerfile Dockerfile.temp.late template/Dockerfile Dockerfile.template2";
        for file in none.split_whitespace() {
            assert!(!is_template(file.as_bytes()), "{file}");
        }
    }

    #[test]
    fn texts() {
        let is = |file: &str, text: &str| is_dockerfile_text(file.as_bytes(), text.as_bytes());
        assert!(is("Dockerfile", "FROM a") && is("Dockerfile", "#!/usr/bin/env docker build -f\nFROM a"));
        assert!(is("Dockerfile", "#!/bin/zsh\nFROM a") && is("Dockerfile.sh", "#!/usr/bin/awk\nx") && is("Dockerfile", "#! /bin/sh\nx"));
        assert!(is("Dockerfile", "\u{feff}#!/bin/sh\nx") && is("sh", "FROM a"));
        for line in ["#!/bin/sh", "#!/bin/BASH -e\r", "#!/bin/env dash", "#!ksh", "#!/bin/sh/", "#!env su"] {
            assert!(!is("Dockerfile", &format!("{line}\nFROM a")), "{line}");
        }
        assert!(!is("Dockerfile.sh", "FROM a") && !is("Dockerfile.ksh", "\nFROM a") && !is("Dockerfile.exec", "FROM a"));
        assert!(!is("Dockerfile", "") && !is("Dockerfile", "# x\n\n"));
        assert!(!is("Dockerfile", &format!("#{}\nFROM a", "x".repeat(65_535))));
        assert!(!is("Dockerfile.sh", &format!("#!/bin/awk {}\nFROM a", "x".repeat(65_535))));
    }
}
