//! How the client behaves. The caller hands everything in: no environment is read here.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::bill::Service;
use super::conditional::Answers;

/// How the client behaves.
#[derive(Clone)]
pub struct Settings {
    /// What the client calls itself.
    pub user_agent: String,
    /// Files of certificates (PEM) that are trusted beside the system's.
    pub certificates: Vec<PathBuf>,
    /// Through whom requests go.
    pub proxies: Proxies,
    /// Hosts that the user named, by their name or address without a port: only their addresses may be private, of this
    /// machine or of the link, and only with them a plain connection to this machine is possible.
    pub named_hosts: Vec<String>,
    /// How many requests are in flight to a host at first: 1 to 100. Fewer when that is too much for the host, and more
    /// while it bears them.
    pub in_flight: usize,
    /// Where answers are kept between runs, if they are.
    pub answers: Option<Arc<dyn Answers>>,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a host may be silent.
    pub read_timeout: Duration,
    /// How long one request may take whose answer is wanted as a whole.
    pub total_timeout: Duration,
    /// How long one answer may take that is read in pieces.
    pub stream_timeout: Duration,
    /// The pause before the first retry; each further one doubles it.
    pub first_pause: Duration,
    /// After how long a failing request is not tried again.
    pub retry_for: Duration,
    /// How long a request may wait for the end of a limit, waits taken together.
    pub max_wait: Duration,
    /// Told of each wait for the end of a limit when it begins.
    pub on_wait: Arc<dyn Fn(Waiting) + Send + Sync>,
    /// Told once of each token that its host refuses, where there are others to go on with.
    pub on_refused: Arc<dyn Fn(RefusedToken) + Send + Sync>,
}

/// Through whom requests go: addresses as in `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
#[derive(Clone, Default)]
pub struct Proxies {
    /// For addresses that begin with `https`.
    pub https: Option<String>,
    /// For addresses that begin with `http`.
    pub http: Option<String>,
    /// For which hosts not.
    pub except: Option<String>,
}

/// A wait for the end of a limit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Whose limit.
    pub host: String,
    /// For what.
    pub service: Service,
    /// Which limit.
    pub why: Why,
    /// When the wait ends.
    pub until: Timestamp,
}

/// A token that its host refuses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusedToken {
    /// Who refuses it.
    pub host: String,
    /// Which of the tokens for this host it is, the first being 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

/// Why a host wants one to wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// The allowance is used up.
    UsedUp,
    /// Too much was asked in too short a time.
    TooFast,
    /// The host is overloaded or being worked at.
    Busy,
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::UsedUp => "the allowance of requests is used up",
            Self::TooFast => "requests came too fast for it",
            Self::Busy => "it is busy",
        })
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user_agent: concat!("carat/", env!("CARGO_PKG_VERSION")).to_owned(),
            certificates: Vec::new(),
            proxies: Proxies::default(),
            named_hosts: Vec::new(),
            in_flight: 16,
            answers: None,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(60),
            stream_timeout: Duration::from_secs(600),
            first_pause: Duration::from_millis(500),
            retry_for: Duration::from_secs(120),
            max_wait: Duration::from_secs(15 * 60),
            on_wait: Arc::new(|_| {}),
            on_refused: Arc::new(|_| {}),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Addresses of proxies can hold passwords.
        out.debug_struct("Settings").field("named_hosts", &self.named_hosts).field("max_wait", &self.max_wait).finish_non_exhaustive()
    }
}
