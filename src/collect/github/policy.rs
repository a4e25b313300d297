//! The policy that an owner keeps for all repositories, in one that is called `.github`.

use carat_checks::evidence::{Cause, Facet, SecurityPolicy};
use carat_checks::parse::{is_policy_place, policy_text};
use carat_checks::path::RepoPath;
use serde::Deserialize;

use super::answer::{Answered, needs};
use super::document::{POLICY_FOLDERS, USUAL_POLICIES};

#[derive(Deserialize)]
struct Folder {
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(default)]
    mode: u32,
    object: Option<Object>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    byte_size: Option<u64>,
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
pub(super) struct Text {
    #[serde(default)]
    is_truncated: bool,
    text: Option<String>,
}

/// What the first answer tells.
pub(super) enum Found {
    /// There is no policy.
    None,
    /// There is one, and this is what it says.
    Read(String, Text),
    /// There is one in this place, of which the text has still to be asked for.
    At(String),
}

/// The type of a link, in a mode of Git.
const LINK: u32 = 0o120_000;
const TYPE: u32 = 0o170_000;

/// Looks for a policy in an answer.
pub(super) fn find(answered: &Answered<'_>) -> Result<Found, Cause> {
    if let Some(error) = answered.error("policy", &[]) {
        return match error.kind.as_deref() {
            // No such repository, or one that the token may not see: the reference makes no difference either.
            Some("NOT_FOUND") => Ok(Found::None),
            _ => Err(answered.cause(error, needs(Facet::OwnerPolicy))),
        };
    }
    if answered.value("policy").is_null() {
        return Ok(Found::None);
    }
    let mut places: Vec<String> = Vec::new();
    for (n, folder) in POLICY_FOLDERS.iter().enumerate() {
        let Some(listed) = answered.read::<Option<Folder>>(&format!("policy/f{n}"), &[], needs(Facet::OwnerPolicy))? else { continue };
        let files = listed.entries.into_iter().filter(|entry| entry.mode & TYPE != LINK);
        // Empty files are none, as everywhere.
        let files = files.filter(|entry| entry.object.as_ref().and_then(|object| object.byte_size).is_some_and(|size| size > 0));
        let paths = files.map(|entry| if folder.is_empty() { entry.name } else { format!("{folder}/{}", entry.name) });
        places.extend(paths.filter(|path| is_policy_place(path.as_bytes())));
    }
    places.sort_unstable();
    let Some(place) = places.into_iter().next() else { return Ok(Found::None) };
    match USUAL_POLICIES.iter().position(|usual| *usual == place) {
        Some(n) => match answered.read::<Option<Text>>(&format!("policy/p{n}"), &[], needs(Facet::OwnerPolicy))? {
            Some(text) => Ok(Found::Read(place, text)),
            None => Ok(Found::At(place)),
        },
        None => Ok(Found::At(place)),
    }
}

/// The text of an answer that was asked for by its place.
pub(super) fn text(answered: &Answered<'_>) -> Result<Text, Cause> {
    let text: Option<Text> = answered.read("policy/p0", &[], needs(Facet::OwnerPolicy))?;
    text.ok_or_else(|| Cause::Failed { why: "the owner's policy went away between two questions".to_owned() })
}

/// The policy at a place, whose text is this. `repository` is the owner's, with its host.
pub(super) fn policy(repository: &str, place: &str, text: &Text) -> Result<SecurityPolicy, Cause> {
    if text.is_truncated {
        return Err(Cause::LimitReached { bound: "512,000 bytes of a file in GraphQL".to_owned() });
    }
    let path = RepoPath::from(format!("{repository}/{place}").as_str());
    let said = text.text.as_deref().unwrap_or_default();
    Ok(SecurityPolicy { read_from: path.clone(), path, text: policy_text(said.as_bytes()) })
}
