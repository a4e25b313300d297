//! Scripts that only their first line shows, and bounds of what is read of scripts.

use std::fmt::Write as _;

use crate::support::{Folder, Repo};

fn script() -> String {
    let mut text = "#!/bin/sh\n".to_owned();
    for line in 0..20_000 {
        writeln!(text, "echo {line} >> log").expect("a text takes text");
    }
    text + "npm install\n"
}

#[test]
fn a_script_without_an_ending_is_read_to_its_end() {
    let text = script();
    let files = [("bin/tool", text.as_str()), ("bin/other", "#!/usr/bin/python3\nnpm install\n")];
    let folder = Folder::with(&files);
    let repo = Repo::with(&files);
    repo.commit();
    for run in [folder.score(), repo.score(), repo.score_at("HEAD")] {
        let card = run.args(["--checks", "Pinned-Dependencies"]).json();
        assert_eq!(card.places("pinsDependencies"), ["bin/tool"]);
        assert_eq!(card["findings"][0]["location"]["lineStart"], 20_002);
    }
}

#[test]
fn a_script_that_is_too_long_limits_the_score() {
    let text = format!("#!/bin/sh\n{}", "npm install\n".repeat(100_000));
    let folder = Folder::with(&[("bin/tool", text.as_str()), ("a.sh", text.as_str()), ("b.sh", "npm ci\n")]);
    let card = folder.score().args(["--checks", "Pinned-Dependencies"]).json();
    assert_eq!(card.score("Pinned-Dependencies"), 10);
    let check = card.check("Pinned-Dependencies");
    assert_eq!(check["bounds"], serde_json::json!([0, 10]), "{check}");
    assert_eq!(check["gaps"][0]["paths"], serde_json::json!(["a.sh", "bin/tool"]), "{check}");
}
