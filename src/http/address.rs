//! Which addresses are asked. A host that data named must not lead to this machine or its network; only one that the
//! user named may.

use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The hosts whose addresses may be any.
#[derive(Clone, Default, Debug)]
pub(super) struct Named(Arc<RwLock<HashSet<String>>>);

impl Named {
    pub(super) fn add(&self, host: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(plain(host));
    }

    fn has(&self, host: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&plain(host))
    }

    /// Whether a host may be asked at this address.
    pub(super) fn allows(&self, host: &str, address: IpAddr) -> bool {
        is_public(address) || self.has(host)
    }
}

/// A host as it is compared: without brackets and a dot at its end.
fn plain(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

/// The address that a host is, if it is no name.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    plain(host).parse().ok()
}

/// Whether a host is this machine whatever a resolver says.
pub(super) fn is_this_machine(host: &str) -> bool {
    match literal(host) {
        Some(address) => address.to_canonical().is_loopback(),
        None => is_localhost(host),
    }
}

fn is_localhost(host: &str) -> bool {
    let host = plain(host);
    host == "localhost" || host.ends_with(".localhost")
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_benchmark = a == 198 && (b == 18 || b == 19);
    let is_protocol = (a, b, c) == (192, 0, 0);
    !(a == 0
        || a >= 240
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || is_shared
        || is_benchmark
        || is_protocol)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b) {
        // An address of the other kind, wrapped: mapped, compatible, translated, 6to4.
        (0, 0) if (c, d, e) == (0, 0, 0) && (f == 0xffff || f == 0) && (g, h) != (0, 0) && (g, h) != (0, 1) => is_public_v4(v4(g, h)),
        (0x64, 0xff9b) => (c, d, e, f) == (0, 0, 0, 0) && is_public_v4(v4(g, h)),
        (0x2002, _) => is_public_v4(v4(b, c)),
        // Teredo, and addresses for examples.
        (0x2001, 0 | 0xdb8) => false,
        // Of all the rest only this has been given out.
        _ => a & 0xe000 == 0x2000,
    }
}

/// The names' addresses as the system knows them, without those that may not be asked.
pub(super) struct Resolver {
    pub(super) named: Named,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let named = self.named.clone();
        Box::pin(async move {
            let host = name.as_str();
            let found = tokio::net::lookup_host((host, 0)).await.map_err(|error| Unresolved(error.to_string()))?;
            let found: Vec<SocketAddr> = found.collect();
            let must_be_here = is_localhost(host);
            let may =
                |address: &SocketAddr| named.allows(host, address.ip()) && (!must_be_here || address.ip().to_canonical().is_loopback());
            let Some(first) = found.first().copied() else { return Err(Unresolved("it has none".to_owned()).into()) };
            let allowed: Vec<SocketAddr> = found.into_iter().filter(may).collect();
            if allowed.is_empty() {
                return Err(Forbidden(first.ip()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// An address that may not be asked.
#[derive(Debug)]
pub(super) struct Forbidden(pub(super) IpAddr);

impl fmt::Display for Forbidden {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} is no public address", self.0)
    }
}

impl std::error::Error for Forbidden {}

/// A name without an address.
#[derive(Debug)]
pub(super) struct Unresolved(pub(super) String);

impl fmt::Display for Unresolved {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Unresolved {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_not_public_are_told_in_every_disguise() {
        let private = "0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1 192.0.0.8 192.168.1.1 198.18.0.1 \
             224.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::127.0.0.1 ::ffff:10.0.0.1 64:ff9b::10.0.0.1 64:ff9b:1::1 2002:7f00:1:: \
             2001::1 2001:db8::1 fc00::1 fd12::1 fe80::1 fec0::1 ff02::1 100::1";
        for text in private.split_whitespace() {
            assert!(!is_public(text.parse().expect(text)), "{text}");
        }
        let public = "1.1.1.1 8.8.8.8 100.63.0.1 172.32.0.1 192.1.0.1 140.82.121.4 2606:50c0:8000::153 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::";
        for text in public.split_whitespace() {
            assert!(is_public(text.parse().expect(text)), "{text}");
        }
    }

    #[test]
    fn only_hosts_that_the_user_named_may_be_here() {
        let named = Named::default();
        named.add("Git.Example.");
        named.add("[::1]");
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert!(named.allows("git.example", here) && named.allows("::1", here));
        assert!(!named.allows("other.example", here) && !named.allows("x.git.example", here));
        for host in ["127.0.0.1", "[::1]", "localhost", "a.localhost", "LOCALHOST.", "[::ffff:127.0.0.1]"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["10.0.0.1", "localhost.example", "example.com", "127.0.0.1.example.com"] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
