//! Where a redirect may lead: to the same host, or to one that the caller listed for this request.

use http::header::{AUTHORIZATION, COOKIE, LOCATION};
use http::{HeaderMap, Method, StatusCode, Uri};
use reqwest::Url;

use super::failure::Failure;

/// How many redirects are followed for one request.
pub(super) const MOST: usize = 5;

/// The hosts (with their port, where it is not the usual one) that a request may be sent on to beside its own; an
/// extension of the request. No token is sent to them.
#[derive(Clone, Debug, Default)]
pub struct RedirectHosts(pub Vec<String>);

/// Where an answer really came from; an extension of the response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective(pub Uri);

/// A host and its port, where it is not the usual one.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Where an answer sends on to, if it does.
///
/// # Errors
/// That must not be followed.
pub(super) fn follow(
    from: &Url,
    method: &Method,
    status: StatusCode,
    headers: &HeaderMap,
    allowed: Option<&RedirectHosts>,
) -> Result<Option<Url>, Failure> {
    let sends_on = [301, 302, 303, 307, 308].contains(&status.as_u16());
    let Some(location) = headers.get(LOCATION).filter(|_| sends_on) else { return Ok(None) };
    let refused = |to: &str| Failure::Redirected { host: authority(from), to: to.to_owned() };
    let to = location.to_str().ok().and_then(|location| from.join(location).ok()).ok_or_else(|| refused("an address that is none"))?;
    let is_safe = method == Method::GET || method == Method::HEAD;
    let is_same = from.scheme() == to.scheme() && authority(from) == authority(&to);
    let is_listed = to.scheme() == "https" || super::address::is_this_machine(to.host_str().unwrap_or_default());
    let is_listed =
        is_listed && allowed.is_some_and(|RedirectHosts(hosts)| hosts.iter().any(|host| host.eq_ignore_ascii_case(&authority(&to))));
    match is_safe && (is_same || is_listed) {
        true => Ok(Some(to)),
        false => Err(refused(&shown(&to))),
    }
}

/// Takes away what only the first host may see.
pub(super) fn strip(headers: &mut HeaderMap) {
    let secret: Vec<_> = headers.iter().filter(|(_, value)| value.is_sensitive()).map(|(name, _)| name.clone()).collect();
    for name in secret.into_iter().chain([AUTHORIZATION, COOKIE]) {
        headers.remove(name);
    }
}

/// An address as it may be shown: without user, query and fragment, which can hold secrets.
pub(super) fn shown(url: &Url) -> String {
    const LONGEST: usize = 200;
    let text = format!("{}://{}{}", url.scheme(), authority(url), url.path());
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn try_follow(method: &Method, from: &str, to: &str, hosts: &[&str]) -> Result<Option<String>, String> {
        let headers = HeaderMap::from_iter([(LOCATION, to.parse().expect("a header"))]);
        let hosts = RedirectHosts(hosts.iter().map(|host| (*host).to_owned()).collect());
        let found = follow(&from.parse().expect("a URL"), method, StatusCode::FOUND, &headers, Some(&hosts));
        found.map(|to| to.map(String::from)).map_err(|failure| failure.to_string())
    }

    #[test]
    fn redirects_stay_with_their_host_or_go_to_one_that_was_listed() {
        let get = |from, to, hosts: &[&str]| try_follow(&Method::GET, from, to, hosts);
        let a = "https://a.example/x";
        assert_eq!(get(a, "/y?z=1", &[]), Ok(Some("https://a.example/y?z=1".to_owned())));
        assert_eq!(get(a, "https://a.example:443/y", &[]), Ok(Some("https://a.example/y".to_owned())));
        assert_eq!(get(a, "https://b.example/y", &["b.example"]), Ok(Some("https://b.example/y".to_owned())));
        for (to, hosts) in [
            ("https://b.example/y", &[][..]),
            ("https://b.example/y", &["a.example", "x.b.example", "b.example:8443"]),
            ("https://a.example:8443/y", &["a.example"]),
            ("http://a.example/y", &["a.example"]),
            ("http://b.example/y", &["b.example"]),
            ("ftp://a.example/y", &["a.example"]),
            ("file:///etc/passwd", &[""]),
            ("//b.example/y", &[]),
            ("https://[", &[]),
        ] {
            assert!(get(a, to, hosts).is_err(), "{to}");
        }
        assert!(try_follow(&Method::POST, a, "/y", &[]).is_err());
    }

    #[test]
    fn what_is_shown_of_an_address_holds_no_secret() {
        let failed =
            try_follow(&Method::GET, "https://a.example/x", "https://user:pass@b.example/y?token=secret#part", &[]).expect_err("refused");
        assert_eq!(failed, "a.example sends on to https://b.example/y, which is not followed");
    }
}
