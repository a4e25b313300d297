//! Whom a run may ask: from the environment and the flags.

use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::args::{Score, TokenFrom};
use crate::collect::Progress;
use crate::engine::Access;
use crate::error::Error;
use crate::hosts::{Hosts, authority_of, without_port};
use crate::http::{Proxies, RefusedToken, Settings, Waiting};

/// The hosts that the user has configured.
pub(super) fn hosts(arguments: &Score) -> Result<Hosts, Error> {
    let mut hosts = Hosts::read(|name| env::var(name).ok(), arguments.host.as_deref())?;
    if let Some(TokenFrom::Gh) = arguments.token_from {
        super::gh::take_tokens(&mut hosts, arguments.targets.iter().map(AsRef::as_ref))?;
    }
    Ok(hosts)
}

/// How they may be asked.
pub(super) fn access(arguments: &Score, hosts: Hosts, progress: &Arc<Progress>) -> Result<Access, Error> {
    let by_default = Access::default();
    let address = |name: &str, otherwise: String| variable(name).unwrap_or(otherwise);
    let badge = address("CII_BEST_PRACTICES_URL", by_default.badge);
    let oss_fuzz = address("CARAT_OSS_FUZZ_URL", by_default.oss_fuzz);
    let mut certificates: Vec<PathBuf> = arguments.ca_cert.clone();
    certificates.extend(env::var_os("SSL_CERT_FILE").filter(|file| !file.is_empty()).map(PathBuf::from));
    let either = |upper: &str, lower: &str| variable(lower).or_else(|| variable(upper));
    let mut named_hosts = hosts.addresses();
    named_hosts.extend([&badge, &oss_fuzz].into_iter().map(|address| authority_of(address).to_owned()));
    let waiting = Arc::clone(progress);
    let quiet = arguments.quiet;
    let connections = Settings {
        certificates,
        proxies: Proxies {
            https: either("HTTPS_PROXY", "https_proxy"),
            http: either("HTTP_PROXY", "http_proxy"),
            except: either("NO_PROXY", "no_proxy"),
        },
        named_hosts: named_hosts.iter().map(|address| without_port(address).to_owned()).collect(),
        max_wait: Duration::from_secs(60 * arguments.max_wait),
        on_wait: Arc::new(move |wait| say(&waiting, &wait, quiet)),
        on_refused: Arc::new(move |refused| say_refused(&refused, quiet)),
        ..Settings::default()
    };
    let cache = if arguments.no_cache { None } else { cache() };
    Ok(Access { hosts, connections, cache, temporary: env::temp_dir(), badge, oss_fuzz, offline: arguments.offline })
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The folder of the cache, as the XDG specification has it.
pub(super) fn cache() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache"))).map(|folder| folder.join("carat"))
}

/// A wait is told at once, on a terminal or not: without a word a run would seem to hang.
fn say(progress: &Progress, wait: &Waiting, quiet: bool) {
    let text = format!("waiting for {} until {}: {}", wait.host, wait.until, wait.why);
    progress.say(text.clone());
    if !quiet {
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), "{}", crate::report::visible(&text));
    }
}

/// Without a word nobody would mend it: the run goes on with the others.
fn say_refused(RefusedToken { host, number, of }: &RefusedToken, quiet: bool) {
    if !quiet {
        use std::io::Write as _;
        let text = format!("{host} does not accept token {number} of {of}: it is wrong, expired or withdrawn; going on with the others");
        let _ = writeln!(std::io::stderr(), "{}", crate::report::visible(&text));
    }
}
