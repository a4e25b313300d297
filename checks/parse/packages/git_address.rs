//! Commits in the addresses that lock files give instead of versions.

use std::sync::LazyLock;

use regex::Regex;

/// The forms in which JavaScript's tools write a commit of Git, as the reference knows them.
static FORMS: LazyLock<[Regex; 5]> = LazyLock::new(|| {
    [
        r"^(?:.+@)?(?:git(?:\+(?:ssh|https))?|ssh)://.+#([0-9A-Za-z_]+)$",
        r"^(?:.+@)?https://.+\.git#([0-9A-Za-z_]+)$",
        r"https://codeload\.github\.com(?:/[0-9A-Za-z_.-]+){2}/tar\.gz/([0-9A-Za-z_]+)$",
        r".+#commit[:=]([0-9A-Za-z_]+)$",
        r"^(?:github|gitlab|bitbucket):.+#([0-9A-Za-z_]+)$",
    ]
    .map(|form| Regex::new(form).expect("the expression is tested"))
});

/// The commit that an address names.
pub(super) fn commit_of(address: &str) -> Option<&str> {
    // Nearly all are addresses of a registry.
    if !address.contains(['#', '?']) && !address.contains("codeload") {
        return None;
    }
    if let Some(found) = FORMS.iter().find_map(|form| form.captures(address)) {
        return found.get(1).map(|commit| commit.as_str());
    }
    // On these hosts any fragment is one.
    let (_, rest) = address.split_once("://")?;
    let (rest, fragment) = rest.split_once('#').map_or((rest, ""), |(rest, fragment)| (rest, fragment));
    let (place, query) = rest.split_once('?').map_or((rest, ""), |(place, query)| (place, query));
    let authority = place.split('/').next()?;
    let host = authority.rsplit('@').next()?;
    if !matches!(host, "github.com" | "gitlab.com" | "bitbucket.org") {
        return None;
    }
    let from_query = query.split('&').find_map(|pair| pair.strip_prefix("ref="));
    from_query.or(Some(fragment)).filter(|commit| !commit.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_commits() {
        for (address, want) in [
            ("git+https://github.com/a/b.git#0a1b2c3", Some("0a1b2c3")),
            ("git+ssh://git@github.com/a/b.git#0a1b2c3", Some("0a1b2c3")),
            ("git://x.org/b#v1", Some("v1")),
            ("https://x.org/b.git#0a1b2c3", Some("0a1b2c3")),
            ("https://codeload.github.com/a/b/tar.gz/0a1b2c3", Some("0a1b2c3")),
            ("b@https://x.org/b#commit=0a1b2c3", Some("0a1b2c3")),
            ("github:a/b#0a1b2c3", Some("0a1b2c3")),
            ("https://github.com/a/b#some-branch", Some("some-branch")),
            ("https://gitlab.com/a/b?ref=x", Some("x")),
            ("https://registry.npmjs.org/x/-/x-1.0.0.tgz", None),
            ("https://x.org/b#0a1b2c3", None),
            ("gist:abc", None),
            ("github:a/b#\u{e9}", None),
            ("a/b#c", None),
        ] {
            assert_eq!(commit_of(address), want, "{address}");
        }
    }
}
