//! What a list of parts names by a purl, which alone decides what the reference asks about.

use super::package;
use crate::evidence::Package;
use crate::purl;

/// The package of a purl. Without a version in it the reference overlooks it; `version` is what the list says beside.
pub(super) fn by_purl(text: &str, version: &str, line: u32) -> Option<Package> {
    let purl = purl::parse(text)?;
    let (ecosystem, name) = purl.package()?;
    let overlooked = purl.version.is_empty();
    let version = if overlooked { version } else { &purl.version };
    Some(Package { overlooked, ..package(ecosystem, name, version, Some(line)) })
}
