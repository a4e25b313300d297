//! The files by which tools that update dependencies are configured. Their text is never read, as in the reference.

use crate::path;

/// The tools, as the reference names them, and their files: whole paths in lower case.
const TOOLS: [(&str, &[&str]); 3] = [
    ("Dependabot", &[".github/dependabot.yml", ".github/dependabot.yaml"]),
    (
        "RenovateBot",
        &[
            "renovate.json",
            "renovate.json5",
            ".github/renovate.json",
            ".github/renovate.json5",
            ".gitlab/renovate.json",
            ".gitlab/renovate.json5",
            ".renovaterc",
            ".renovaterc.json",
            ".renovaterc.json5",
        ],
    ),
    (
        "scala-steward",
        &[
            ".scala-steward.conf",
            "scala-steward.conf",
            ".github/.scala-steward.conf",
            ".github/scala-steward.conf",
            ".config/.scala-steward.conf",
            ".config/scala-steward.conf",
        ],
    ),
];

/// The tool that a file configures.
#[must_use]
pub fn update_tool(file: &[u8]) -> Option<&'static str> {
    // A cheap sieve: how all the paths begin, and how long they are.
    let likely = matches!(file.first(), Some(b'.' | b'r' | b'R' | b's' | b'S' | 0x80..)) && (11..=40).contains(&file.len());
    if !likely {
        return None;
    }
    let file = path::lower(file);
    TOOLS.iter().find(|(_, paths)| paths.iter().any(|known| known.as_bytes() == &*file)).map(|(tool, _)| *tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_in_any_case_and_nowhere_else() {
        for (tool, paths) in TOOLS {
            for path in paths {
                assert_eq!(update_tool(path.as_bytes()), Some(tool), "{path}");
                assert_eq!(update_tool(path.to_uppercase().as_bytes()), Some(tool), "{path}");
                assert_eq!(update_tool(format!("sub/{path}").as_bytes()), None, "{path}");
            }
        }
        assert_eq!(update_tool(".G\u{130}thub/dependabot.yml".as_bytes()), Some("Dependabot"), "Go lowers this letter to an i");
        assert_eq!(update_tool(b"dependabot.yml"), None);
        assert_eq!(update_tool(b".github/renovate.jsonc"), None);
    }
}
