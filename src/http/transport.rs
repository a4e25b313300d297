//! The connections: certificates, proxies and addresses.

use std::sync::Arc;

use reqwest::redirect::Policy;
use reqwest::{Certificate, NoProxy, Proxy, Url};

use super::address::{Named, Resolver, is_this_machine, literal};
use super::failure::{Error, Failure};
use super::redirect::authority;
use super::settings::Settings;

/// Connections as the settings want them.
pub(super) fn connections(settings: &Settings, named: &Named) -> Result<reqwest::Client, Error> {
    let mut certificates = Vec::new();
    for path in &settings.certificates {
        let refused = |why: String| Error::Certificates { path: path.clone(), why };
        let text = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
        let found = Certificate::from_pem_bundle(&text).map_err(|error| refused(error.to_string()))?;
        if found.is_empty() {
            return Err(refused("there are none in it".to_owned()));
        }
        certificates.extend(found);
    }
    let proxies = proxies(settings, named)?;
    let builder = || {
        let mut builder = reqwest::Client::builder()
            .user_agent(&settings.user_agent)
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            // Ours, which count.
            .retry(reqwest::retry::never())
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            .dns_resolver(Arc::new(Resolver { named: named.clone() }));
        for proxy in &proxies {
            builder = builder.proxy(proxy.clone());
        }
        builder
    };
    // On a system without any certificates those that are given have to do; with none, no https host is trusted.
    let built = builder().tls_certs_merge(certificates.clone()).build();
    let built = built.or_else(|_| builder().tls_certs_only(certificates).build());
    built.map_err(|error| Error::Client { why: error.without_url().to_string() })
}

fn proxies(settings: &Settings, named: &Named) -> Result<Vec<Proxy>, Error> {
    let mut proxies = Vec::new();
    let except = settings.proxies.except.as_deref().and_then(NoProxy::from_string);
    for (scheme, address) in [("https", &settings.proxies.https), ("http", &settings.proxies.http)] {
        let Some(address) = address.as_deref().map(str::trim).filter(|address| !address.is_empty()) else { continue };
        let refused = || Error::Proxy { scheme };
        // As curl takes it: without a scheme it is http.
        let address = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let url = Url::parse(&address).map_err(|_| refused())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused());
        }
        named.add(url.host_str().ok_or_else(refused)?);
        let proxy = if scheme == "https" { Proxy::https(url) } else { Proxy::http(url) };
        proxies.push(proxy.map_err(|_| refused())?.no_proxy(except.clone()));
    }
    Ok(proxies)
}

/// The address of a request, if it may be asked: https, or http on this machine, without user info.
pub(super) fn checked(text: &str, named: &Named) -> Result<Url, Failure> {
    let bad = |why: &str| Failure::Request { host: "an address".to_owned(), why: why.to_owned() };
    let mut url = Url::parse(text).map_err(|_| bad("it is no URL"))?;
    let host = url.host_str().ok_or_else(|| bad("it names no host"))?.to_owned();
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(&host) => {}
        "http" => return Err(Failure::Plain { host: authority(&url) }),
        _ => return Err(bad("it is neither https nor http")),
    }
    // A resolver is asked for names alone.
    if let Some(address) = literal(&host)
        && !named.allows(&host, address)
    {
        return Err(Failure::Address { host: authority(&url), address });
    }
    // Where none can be, there is none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Proxies;

    #[test]
    fn addresses_are_checked_before_anything_is_sent() {
        let named = Named::default();
        named.add("127.0.0.1");
        let check = |url: &str| checked(url, &named).map(String::from);
        assert_eq!(check("https://user:secret@a.example/x?y"), Ok("https://a.example/x?y".to_owned()));
        assert_eq!(check("http://0x7f.1:80/x"), Ok("http://127.0.0.1/x".to_owned()));
        assert!(matches!(check("http://a.example/"), Err(Failure::Plain { .. })));
        for private in [
            "http://127.0.0.2/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://169.254.169.254/latest",
            "https://0/",
            "https://[::ffff:10.0.0.1]/",
        ] {
            assert!(matches!(check(private), Err(Failure::Address { .. })), "{private}");
        }
        for bad in ["", "a", "ftp://a.example/", "file:///etc/passwd", "https://", "data:,x"] {
            assert!(matches!(check(bad), Err(Failure::Request { .. })), "{bad}");
        }
    }

    #[test]
    fn settings_that_cannot_be_are_errors_without_secrets() {
        let bad = |proxies| connections(&Settings { proxies, ..Settings::default() }, &Named::default()).expect_err("refused").to_string();
        let https = |text: &str| Proxies { https: Some(text.to_owned()), ..Proxies::default() };
        for text in ["http://", "socks5://user:secret@proxy.example", "http://user:secret@[::", "http://a:secret@proxy.example:99999"] {
            let shown = bad(https(text));
            assert!(shown.contains("https") && !shown.contains("secret"), "{shown}");
        }
        let none = Settings { certificates: vec!["/nowhere/ca.pem".into()], ..Settings::default() };
        assert!(matches!(connections(&none, &Named::default()), Err(Error::Certificates { .. })));
        let empty = tempfile::NamedTempFile::new().expect("a file");
        let empty = Settings { certificates: vec![empty.path().to_owned()], ..Settings::default() };
        assert!(matches!(connections(&empty, &Named::default()), Err(Error::Certificates { .. })));
        for text in ["", " ", "proxy.example:3128", "http://user:secret@proxy.example:3128"] {
            assert!(connections(&Settings { proxies: https(text), ..Settings::default() }, &Named::default()).is_ok(), "{text}");
        }
    }
}
