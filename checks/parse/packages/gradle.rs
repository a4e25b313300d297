//! What Gradle locks and verifies: <https://docs.gradle.org/current/userguide/dependency_locking.html> and
//! <https://docs.gradle.org/current/userguide/dependency_verification.html>.

use super::lines::{TOO_LONG, lines};
use super::{Found, package};
use crate::ecosystem::Ecosystem;
use crate::parse::xml::Tree;

/// Reads `gradle.lockfile`: `group:artifact:version=configurations`. All that stands before the `=` is the version.
pub(super) fn read_lock(text: &[u8]) -> Found {
    let (mut found, mut all) = (Found::default(), lines(text));
    for (number, line) in all.by_ref() {
        let line = String::from_utf8_lossy(line);
        let line = line.trim();
        if line.starts_with('#') || line.starts_with("empty=") {
            continue;
        }
        let mut parts = line.splitn(3, ':');
        if let (Some(group), Some(artifact), Some((version, _))) =
            (parts.next(), parts.next(), parts.next().and_then(|rest| rest.split_once('=')))
        {
            found.push(package(Ecosystem::Maven, format!("{group}:{artifact}"), version, Some(number)));
        }
    }
    match all.too_long {
        Some(line) => Found::broken(Some(line), TOO_LONG),
        None => found,
    }
}

/// Reads `gradle/verification-metadata.xml`, which names all files that a build ever asked for.
pub(super) fn read_verification(text: &[u8]) -> Found {
    let tree = match Tree::read(text) {
        Ok(tree) => tree,
        Err(error) => return Found::broken(Some(error.line), error.what),
    };
    let mut found = Found::default();
    for component in tree.root().below(&["components", "component"]) {
        let of = |name| component.attribute(name).unwrap_or_default();
        let name = format!("{}:{}", of("group"), of("name"));
        found.push(package(Ecosystem::Maven, name, of("version"), Some(component.line())));
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(found: &Found) -> Vec<String> {
        let line = |package: &crate::evidence::Package| package.line.unwrap_or_default();
        found.packages.iter().map(|package| format!("{}@{} {}", package.name, package.version, line(package))).collect()
    }

    /// In the form that the documentation of locking shows.
    #[test]
    fn a_lock() {
        let text = "# This is a Gradle generated file for dependency locking.\r\n\
                    org.springframework:spring-beans:5.0.5.RELEASE=compileClasspath, runtimeClasspath\r\n\
                    \torg.x:classified:1.0:sources=a=b\n\
                    org.x:none=a\norg.x:y:1.0\n\nempty=annotationProcessor\n";
        let found = read_lock(text.as_bytes());
        assert_eq!(shown(&found), ["org.springframework:spring-beans@5.0.5.RELEASE 2", "org.x:classified@1.0:sources 3"]);
        assert!(found.broken.is_none());
    }

    #[test]
    fn a_line_that_is_too_long_spoils_a_lock() {
        let found = read_lock(format!("a:b:1=x\n{}\n", "c".repeat(1 << 16)).as_bytes());
        assert!(found.packages.is_empty() && found.broken.is_some_and(|broken| broken.line == Some(2)));
    }

    /// In the form that the documentation of verification shows.
    #[test]
    fn what_is_verified() {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?>
<verification-metadata xmlns="https://schema.gradle.org/dependency-verification">
   <configuration><verify-metadata>true</verify-metadata></configuration>
   <components>
      <component group="org.apache.pdfbox" name="pdfbox" version="2.0.17">
         <artifact name="pdfbox-2.0.17.jar"><sha512 value="7e11e5" origin="PDFBox Official site"/></artifact>
      </component>
      <component name="alone" version="1"/>
   </components>
</verification-metadata>"#;
        assert_eq!(shown(&read_verification(text.as_bytes())), ["org.apache.pdfbox:pdfbox@2.0.17 5", ":alone@1 8"]);
        assert!(read_verification(b"<verification-metadata><components>").broken.is_some());
        assert!(read_verification(b"<x/>").packages.is_empty());
    }

    proptest! {
        #[test]
        fn no_text_makes_them_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            read_lock(&text);
            read_verification(&text);
        }
    }
}
