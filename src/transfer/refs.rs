//! Which commit a name stands for. Only refs that begin with the name are asked for.

use super::error::FetchError;
use super::packet::{self, Packet, Packets, line};
use super::remote::Remote;
use super::{Resolved, is_id};

/// The longest name; the longest that a host takes is shorter.
const LONGEST_NAME: usize = 1_000;

/// The commit that a name stands for at a host.
pub(super) async fn resolve(remote: &mut Remote<'_>, name: &str) -> Result<Resolved, FetchError> {
    if is_id(name) {
        return Ok(Resolved { commit: name.to_owned(), name: None, moved_to: None });
    }
    // It goes into a line of its own.
    if name.is_empty() || name.len() > LONGEST_NAME || name.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return Err(FetchError::UnknownRevision);
    }
    // In the order in which Git itself looks.
    let full = match name {
        "HEAD" | "@" => vec!["HEAD".to_owned()],
        _ if name.starts_with("refs/") => vec![name.to_owned()],
        _ => vec![format!("refs/tags/{name}"), format!("refs/heads/{name}")],
    };
    let listed = list(remote, full.iter().map(String::as_str)).await?;
    let found = full.iter().find_map(|name| listed.iter().find(|listed| listed.name == *name));
    match found {
        Some(Listed { commit, name, branch }) => {
            Ok(Resolved { commit: commit.clone(), name: branch.clone().or_else(|| Some(name.clone())), moved_to: None })
        }
        None if full == ["HEAD"] => Err(FetchError::NoHead),
        None => Err(FetchError::UnknownRevision),
    }
}

/// Whether a commit is at the tip of a branch or of a tag. Other refs say nothing: anybody's pull request has one.
pub(super) async fn is_tip(remote: &mut Remote<'_>, commit: &str) -> Result<bool, FetchError> {
    let listed = list(remote, ["refs/heads/", "refs/tags/"]).await?;
    Ok(listed.iter().any(|listed| listed.commit == commit))
}

/// The refs that begin with one of these.
async fn list<'a>(remote: &mut Remote<'_>, prefixes: impl IntoIterator<Item = &'a str>) -> Result<Vec<Listed>, FetchError> {
    let prefixes = prefixes.into_iter().map(|prefix| format!("ref-prefix {prefix}"));
    let arguments: Vec<String> = ["symrefs", "peel"].map(str::to_owned).into_iter().chain(prefixes).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let request = packet::command("ls-refs", &arguments);
    loop {
        let listed = match remote.send(request.clone()).await {
            Ok(answer) => read(&answer),
            Err(error) => Err(error),
        };
        match listed {
            Err(error) if remote.may_be_elsewhere(&error) => remote.look(error).await?,
            listed => return listed,
        }
    }
}

/// A ref as a host lists it.
#[derive(PartialEq, Eq, Debug)]
struct Listed {
    name: String,
    /// What it leads to; of a tag that is an object of its own, what that one leads to.
    commit: String,
    /// The ref that it stands for.
    branch: Option<String>,
}

fn read(bytes: &[u8]) -> Result<Vec<Listed>, FetchError> {
    let mut packets = Packets::default();
    packets.feed(bytes);
    let mut listed = Vec::new();
    loop {
        match packets.next()? {
            Some(Packet::Data(data)) if data.starts_with(b"ERR ") => return Err(FetchError::said(&data[4..])),
            // A name that is no text is no name that could be asked for.
            Some(Packet::Data(data)) => {
                if let Ok(text) = std::str::from_utf8(line(&data)) {
                    listed.extend(parse(text)?);
                }
            }
            Some(Packet::Flush) if packets.is_empty() => return Ok(listed),
            Some(_) => return Err(FetchError::Malformed("a list of refs that is none")),
            None => return Err(FetchError::Cut),
        }
    }
}

fn parse(text: &str) -> Result<Option<Listed>, FetchError> {
    let mut words = text.split(' ');
    let (Some(id), Some(name)) = (words.next(), words.next()) else { return Err(FetchError::Malformed("a ref that is none")) };
    if id == "unborn" {
        return Ok(None);
    }
    let mut listed = Listed { name: name.to_owned(), commit: id.to_owned(), branch: None };
    for word in words {
        if let Some(peeled) = word.strip_prefix("peeled:") {
            peeled.clone_into(&mut listed.commit);
        } else if let Some(branch) = word.strip_prefix("symref-target:") {
            listed.branch = Some(branch.to_owned());
        }
    }
    if !is_id(id) || !is_id(&listed.commit) {
        return Err(FetchError::Malformed("a ref that leads to no object"));
    }
    Ok(Some(listed))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "0123456789abcdef0123456789abcdef01234567";
    const B: &str = "76543210fedcba9876543210fedcba9876543210";

    fn list(lines: &[String]) -> Vec<u8> {
        let lines = lines.iter().map(|line| format!("{:04x}{line}\n", line.len() + 5));
        lines.chain(["0000".to_owned()]).collect::<String>().into_bytes()
    }

    #[test]
    fn lists_of_refs_are_read_and_what_is_none_is_refused() {
        let good =
            list(&[format!("{A} HEAD symref-target:refs/heads/main"), format!("{A} refs/tags/v1 peeled:{B}"), "unborn HEAD".to_owned()]);
        let listed = read(&good).expect("a list");
        assert_eq!((listed.len(), listed[0].branch.as_deref(), listed[0].commit.as_str()), (2, Some("refs/heads/main"), A));
        assert_eq!(listed[1], Listed { name: "refs/tags/v1".to_owned(), commit: B.to_owned(), branch: None });
        for bad in ["x refs/heads/a".to_owned(), A.to_owned(), format!("{A} refs/tags/x peeled:zz"), String::new()] {
            assert!(matches!(read(&list(std::slice::from_ref(&bad))), Err(FetchError::Malformed(_))), "{bad}");
        }
        for cut in 0..good.len() {
            assert_eq!(read(&good[..cut]), Err(FetchError::Cut), "{cut}");
        }
        assert!(read(&[&good[..], b"0000"].concat()).is_err());
    }
}
