//! Commands that fetch: from where, and into which file.

use std::sync::LazyLock;

use regex::Regex;

use super::address::{Address, base, clean, folder};
use super::words::{is_program, quoted, same};

/// Whether a command fetches something.
pub(super) fn fetches(words: &[&str]) -> bool {
    let Some(program) = words.first() else { return false };
    ["curl", "wget", "gsutil"].iter().any(|name| is_program(program, name)) || is_bucket(words)
}

fn is_bucket(words: &[&str]) -> bool {
    words.len() >= 3 && is_program(words[0], "aws") && same(words[1], "s3api") && same(words[2], "get-object")
}

static COMMIT: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[a-fA-F0-9]{40}$").expect("the expression is tested"));

/// Whether all that a command fetches is named by a commit of GitHub. What only looks like an address counts.
pub(super) fn is_pinned(words: &[&str]) -> bool {
    let addresses = words.iter().filter_map(|word| Address::request(quoted(word).unwrap_or(word)));
    let mut any = false;
    for address in addresses {
        let parts: Vec<&str> = address.path.split('/').collect();
        let named =
            address.scheme == "https" && address.host == "raw.githubusercontent.com" && parts.len() > 4 && COMMIT.is_match(parts[3]);
        if !named {
            return false;
        }
        any = true;
    }
    any
}

/// An address that cannot be read.
pub(super) struct BadAddress;

/// The file into which a command fetches, if that can be told. `to` is the file into which its output goes.
pub(super) fn file(words: &[&str], to: Option<&str>) -> Result<Option<String>, BadAddress> {
    if let Some(to) = to {
        return Ok(Some(to.to_owned()));
    }
    let path_of = |word: &str| Address::parse(word).map(|address| address.path).ok_or(BadAddress);
    let into = |target: &str, source: &str| {
        if clean(target) != folder(target) {
            return Ok(Some(target.to_owned()));
        }
        Ok(Some(clean(&format!("{}/{}", folder(target), base(&path_of(source)?)))))
    };
    let program = words[0];
    if is_program(program, "wget") {
        if let Some(at) = words[1..].iter().position(|word| same(word, "-o")).filter(|at| at + 2 < words.len()) {
            return Ok(Some(words[at + 2].to_owned()));
        }
        let Some(address) = words[1..].iter().find(|word| word.starts_with("http")) else { return Ok(None) };
        Ok(Some(base(&path_of(address)?).to_owned()))
    } else if is_program(program, "gsutil") {
        let at = words[1..].iter().position(|word| word.starts_with("gs://")).filter(|at| at + 2 < words.len());
        at.map_or(Ok(None), |at| into(words[at + 2], words[at + 1]))
    } else if is_bucket(words) && words.len() >= 5 {
        into(words[words.len() - 1], words[words.len() - 2])
    } else {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "4d5c1e7a90bb6f23d8e41c0f5a7b92e3c6d81f04";

    fn words(command: &str) -> Vec<&str> {
        command.split(' ').collect()
    }

    #[test]
    fn files_by_commit_are_pinned() {
        let raw = format!("https://raw.githubusercontent.com/o/r/{SHA}/x.sh");
        for command in [format!("curl {raw}"), format!("curl -s \"{raw}\" '{raw}'")] {
            assert!(is_pinned(&words(&command)), "{command}");
        }
        for command in [
            "curl -s".to_owned(),
            format!("/bin/curl {raw}"),
            format!("curl -o /x {raw}"),
            format!("curl -H a:b {raw}"),
            raw.replace("https", "http"),
            raw.replace("/x.sh", ""),
            raw.replace(SHA, "main"),
        ] {
            assert!(!is_pinned(&words(&command)), "{command}");
        }
    }

    #[test]
    fn the_file_is_named_or_follows_from_the_address() {
        for (command, want) in [
            ("wget -q https://h/a/b.sh?c", Some("b.sh")),
            ("wget https://h/a -O c", Some("c")),
            ("wget https://h/a -O", Some("a")),
            ("wget https://h", Some(".")),
            ("wget ftp://h/a", None),
            ("curl -o a https://h/a", None),
            ("gsutil cp gs://b/d/e f", Some("f")),
            ("gsutil cp gs://b/d/e .", Some("e")),
            ("gsutil cp gs://b/d/e /f/", Some("/f/e")),
            ("gsutil cp gs://b/d", None),
            ("aws s3api get-object --key d/e f", Some("f")),
            ("aws s3api get-object --key d/e .", Some("e")),
        ] {
            let words = words(command);
            assert!(fetches(&words), "{command}");
            assert_eq!(file(&words, None).ok().flatten().as_deref(), want, "{command}");
        }
        assert!(file(&words("wget https://h:p/x"), None).is_err());
        assert_eq!(file(&words("wget https://h:p/x"), Some("y")).ok().flatten().as_deref(), Some("y"));
    }
}
