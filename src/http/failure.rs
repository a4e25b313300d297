//! Why a request failed.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;

use super::address::{Forbidden, Unresolved};
use super::settings::Why;

/// Why no client could be made: the settings are wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of certificates cannot be used.
    #[error("cannot use the certificates in {}: {why}", .path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The address of a proxy cannot be used. It is not shown: there can be a password in it.
    #[error("the address of the proxy for {scheme} cannot be used")]
    Proxy {
        /// For which addresses it was meant.
        scheme: &'static str,
    },
    /// Anything else.
    #[error("cannot set up connections: {why}")]
    Client {
        /// Why.
        why: String,
    },
}

/// Why a request failed, after all retries. No text of it holds a token, a query or user info of an address.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// It cannot be asked for at all.
    #[error("cannot ask {host}: {why}")]
    Request {
        /// Who was to be asked.
        host: String,
        /// Why not.
        why: String,
    },
    /// Plain `http` to another machine.
    #[error("will not ask {host} over plain http: only https is used, but for this machine")]
    Plain {
        /// Who was to be asked.
        host: String,
    },
    /// The host's address is private, of this machine or of the link, and the user did not name the host.
    #[error("will not ask {host}: {address} is no public address, and you did not name this host")]
    Address {
        /// Who was to be asked.
        host: String,
        /// Its address.
        address: std::net::IpAddr,
    },
    /// The host's name has no address.
    #[error("cannot find the address of {host}: {why}")]
    Dns {
        /// Who was to be asked.
        host: String,
        /// Why.
        why: String,
    },
    /// There is no connection.
    #[error("cannot connect to {host}: {why}")]
    Connect {
        /// Who was to be asked.
        host: String,
        /// Why.
        why: String,
    },
    /// The host's certificate is not trusted, or the encrypted connection fails otherwise.
    #[error("no trusted connection to {host}: {why}")]
    Certificate {
        /// Who was to be asked.
        host: String,
        /// Why.
        why: String,
    },
    /// Nothing came for too long, or all of it took too long.
    #[error("{host} took too long to answer")]
    Timeout {
        /// Who was asked.
        host: String,
    },
    /// The connection broke, or what came was no HTTP.
    #[error("the connection to {host} broke: {why}")]
    Reset {
        /// Who was asked.
        host: String,
        /// Why.
        why: String,
    },
    /// The answer is longer than it may be.
    #[error("the answer of {host} is longer than {most} bytes")]
    TooLarge {
        /// Who was asked.
        host: String,
        /// How long it may be.
        most: usize,
    },
    /// The answer is packed in a way that is not understood, or wrongly.
    #[error("the answer of {host} cannot be unpacked: {why}")]
    Encoding {
        /// Who was asked.
        host: String,
        /// Why.
        why: String,
    },
    /// The host names another address, which is not followed.
    #[error("{host} sends on to {to}, which is not followed")]
    Redirected {
        /// Who was asked.
        host: String,
        /// To where, without its query.
        to: String,
    },
    /// The host failed.
    #[error("{host} answered {status}")]
    Status {
        /// Who was asked.
        host: String,
        /// 500 or more.
        status: StatusCode,
    },
    /// A limit is reached whose end is too far away.
    #[error("{host} wants no requests before {until}: {why}")]
    RateLimited {
        /// Who was asked.
        host: String,
        /// Which limit.
        why: Why,
        /// When to come back.
        until: Timestamp,
    },
}

impl Failure {
    /// Whose failure this is.
    #[must_use]
    pub fn host(&self) -> &str {
        match self {
            Self::Request { host, .. }
            | Self::Plain { host }
            | Self::Address { host, .. }
            | Self::Dns { host, .. }
            | Self::Connect { host, .. }
            | Self::Certificate { host, .. }
            | Self::Timeout { host }
            | Self::Reset { host, .. }
            | Self::TooLarge { host, .. }
            | Self::Encoding { host, .. }
            | Self::Redirected { host, .. }
            | Self::Status { host, .. }
            | Self::RateLimited { host, .. } => host,
        }
    }

    /// What an error of the library below means.
    pub(super) fn of(host: &str, error: reqwest::Error) -> Self {
        let host = host.to_owned();
        let is_timeout = error.is_timeout();
        let is_connect = error.is_connect();
        let is_request = error.is_builder();
        // An address can hold more than its host.
        let error = error.without_url();
        let mut why = error.to_string();
        let mut cause = error.source();
        while let Some(next) = cause {
            why = next.to_string();
            if let Some(Forbidden(address)) = next.downcast_ref() {
                return Self::Address { host, address: *address };
            }
            if let Some(Unresolved(why)) = next.downcast_ref() {
                return Self::Dns { host, why: why.clone() };
            }
            if next.is::<rustls::Error>() {
                return Self::Certificate { host, why };
            }
            // An io::Error passes over the error that it wraps when asked for its source.
            cause = match next.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
                Some(inner) => Some(inner),
                None => next.source(),
            };
        }
        if is_timeout {
            Self::Timeout { host }
        } else if is_request {
            Self::Request { host, why }
        } else if is_connect {
            Self::Connect { host, why }
        } else {
            Self::Reset { host, why }
        }
    }

    /// How often the same may be tried once more.
    pub(super) const fn retries(&self) -> u32 {
        match self {
            Self::Reset { .. } => 3,
            Self::Connect { .. } | Self::Timeout { .. } => 2,
            Self::Dns { .. } => 1,
            _ => 0,
        }
    }
}

/// A wait from now on, as a moment.
pub(super) fn moment(wait: Duration) -> Timestamp {
    let now = Timestamp::now();
    now.checked_add(wait).unwrap_or(Timestamp::MAX).round(jiff::Unit::Second).unwrap_or(now)
}
