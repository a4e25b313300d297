//! Whom a run may ask: from the environment and the flags.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::args::{Score, TokenFrom};
use super::progress::Screen;
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
pub(super) fn access(arguments: &Score, hosts: Hosts, progress: &Arc<Progress>, screen: &Screen) -> Result<Access, Error> {
    let by_default = Access::default();
    let address = |name: &str, otherwise: String| variable(name).unwrap_or(otherwise);
    let badge = address("CII_BEST_PRACTICES_URL", by_default.badge);
    let oss_fuzz = address("CARAT_OSS_FUZZ_URL", by_default.oss_fuzz);
    let mut named_hosts = hosts.addresses();
    let osv = address("CARAT_OSV_URL", by_default.osv).trim_end_matches('/').to_owned();
    named_hosts.extend([&badge, &oss_fuzz, &osv].into_iter().map(|address| authority_of(address).to_owned()));
    let connections = connections(&arguments.ca_cert, &named_hosts, arguments.max_wait, progress, arguments.quiet, screen);
    let cache = if arguments.no_cache { None } else { cache() };
    Ok(Access {
        hosts,
        connections,
        cache,
        temporary: env::temp_dir(),
        badge,
        oss_fuzz,
        osv,
        advisories: arguments.advisories.map(Into::into),
        database: advisories(arguments.database.as_deref()),
        offline: arguments.offline,
    })
}

/// How connections are made, by the environment and these flags.
pub(super) fn connections(
    ca_cert: &[PathBuf],
    named_hosts: &[String],
    max_wait: u64,
    progress: &Arc<Progress>,
    quiet: bool,
    screen: &Screen,
) -> Settings {
    let mut certificates = ca_cert.to_vec();
    certificates.extend(env::var_os("SSL_CERT_FILE").filter(|file| !file.is_empty()).map(PathBuf::from));
    let either = |upper: &str, lower: &str| variable(lower).or_else(|| variable(upper));
    let waiting = Arc::clone(progress);
    let (waits, refusals) = (screen.clone(), screen.clone());
    Settings {
        certificates,
        proxies: Proxies {
            https: either("HTTPS_PROXY", "https_proxy"),
            http: either("HTTP_PROXY", "http_proxy"),
            except: either("NO_PROXY", "no_proxy"),
        },
        named_hosts: named_hosts.iter().map(|address| without_port(address).to_owned()).collect(),
        max_wait: Duration::from_secs(max_wait.saturating_mul(60)),
        on_wait: Arc::new(move |wait| say(&waiting, &wait, quiet, &waits)),
        on_refused: Arc::new(move |refused| say_refused(&refused, quiet, &refusals)),
        ..Settings::default()
    }
}

pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The folder of the cache, as the XDG specification has it.
pub(super) fn cache() -> Option<PathBuf> {
    folder("XDG_CACHE_HOME", ".cache").map(|folder| folder.join("carat"))
}

/// The folder of the advisory database: the one named on the command line, or by the environment, or that for data as the
/// XDG specification has it. It is no cache: what is in it cannot always be fetched again.
pub(super) fn advisories(named: Option<&Path>) -> Option<PathBuf> {
    let by_variable = || env::var_os("CARAT_ADVISORIES_DIR").filter(|path| !path.is_empty()).map(PathBuf::from);
    let by_default = || folder("XDG_DATA_HOME", ".local/share").map(|folder| folder.join("carat/advisories"));
    named.map(Path::to_owned).or_else(by_variable).or_else(by_default)
}

fn folder(variable: &str, in_home: &str) -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute(variable).or_else(|| Some(absolute("HOME")?.join(in_home)))
}

/// A wait is told at once, on a terminal or not: without a word a run would seem to hang.
fn say(progress: &Progress, wait: &Waiting, quiet: bool, screen: &Screen) {
    let text = format!("waiting for {} until {}: {}", wait.host, wait.until, wait.why);
    progress.say(text.clone());
    if !quiet {
        screen.say(&text);
    }
}

/// Without a word nobody would mend it: the run goes on with the others.
fn say_refused(RefusedToken { host, number, of }: &RefusedToken, quiet: bool, screen: &Screen) {
    if !quiet {
        let text = format!("{host} does not accept token {number} of {of}: it is wrong, expired or withdrawn; going on with the others");
        screen.say(&text);
    }
}
