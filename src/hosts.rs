//! The hosts that the user has configured: their addresses, and the tokens for them. Nothing of it ever comes from a
//! repository.

use std::fmt;

use crate::app::App;
use crate::error::Error;
use crate::http::{NotAToken, Token};

/// A host whose interfaces for programs are GitHub's.
#[derive(Clone, PartialEq, Eq)]
pub struct Host {
    /// Its name in results, in lower case, with its port if it has an unusual one.
    pub name: String,
    /// Where its pages and repositories are, without a slash at the end.
    pub server: String,
    /// Where its REST interface is, without a slash at the end.
    pub api: String,
    /// Where its GraphQL interface is.
    pub graphql: String,
    /// What to show it; the first of several.
    pub token: Option<Token>,
    /// The other tokens for it, any of which will do.
    pub others: Vec<Token>,
    /// The app that gets tokens for it, where there is no other token.
    pub app: Option<App>,
    /// The variables that would hold a token for it, the first that counts first.
    pub token_variables: &'static [&'static str],
    /// One of them that is there and empty, where none holds a token: a secret that was not handed in.
    pub empty_variable: Option<&'static str>,
}

/// What the host of most repositories is called.
pub const GITHUB: &str = "github.com";

/// The variables for a token of github.com, in the order of the reference.
const TOKENS: &[&str] = &["GITHUB_AUTH_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GH_AUTH_TOKEN"];
/// Those for a token of any other host.
const ENTERPRISE_TOKENS: &[&str] = &["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];
/// Those in a workflow that runs on a host of its own, where `GITHUB_TOKEN` is that host's.
const SERVER_TOKENS: &[&str] = &["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GITHUB_TOKEN"];

/// The hosts that are known: github.com, and one of the user's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    github: Host,
    own: Option<Host>,
}

impl Default for Hosts {
    fn default() -> Self {
        Self { github: Host::github(None), own: None }
    }
}

impl Host {
    /// github.com.
    #[must_use]
    pub fn github(token: Option<Token>) -> Self {
        Self {
            name: GITHUB.to_owned(),
            server: "https://github.com".to_owned(),
            api: "https://api.github.com".to_owned(),
            graphql: "https://api.github.com/graphql".to_owned(),
            token,
            others: Vec::new(),
            app: None,
            token_variables: TOKENS,
            empty_variable: None,
        }
    }

    /// An address of this host as others know it: of what stands in for github.com, the one on github.com.
    #[must_use]
    pub fn public(&self, address: &str) -> String {
        if self.name == GITHUB {
            let known = Self::github(None);
            for (actual, public) in [(&self.api, &known.api), (&self.server, &known.server)] {
                if let Some(rest) = address.strip_prefix(actual.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
                    // Where one address stands in for both, only the interface for programs begins so.
                    let public = if self.api == self.server && !rest.starts_with("/repos/") { &known.server } else { public };
                    return format!("{public}{rest}");
                }
            }
        }
        address.to_owned()
    }

    /// A GitHub Enterprise server, or the host of an enterprise on GHE.com, which has its interfaces at `api.` before its
    /// name.
    #[must_use]
    pub fn enterprise(name: &str, token: Option<Token>) -> Self {
        let server = format!("{}://{name}", if is_loopback(name) { "http" } else { "https" });
        let (api, graphql) = match name.strip_suffix(".ghe.com") {
            Some(_) => (format!("https://api.{name}"), format!("https://api.{name}/graphql")),
            None => (format!("{server}/api/v3"), format!("{server}/api/graphql")),
        };
        let name = name.to_owned();
        Self { name, api, graphql, server, token, others: Vec::new(), app: None, token_variables: ENTERPRISE_TOKENS, empty_variable: None }
    }

    /// All tokens for it, the first first.
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.token.iter().chain(&self.others)
    }

    /// Whether there is a token for it, or an app that gets one.
    #[must_use]
    pub const fn has_token(&self) -> bool {
        self.token.is_some() || self.app.is_some()
    }

    /// What finds that which was kept for who asks about an owner's repositories. Of an app it is shown to nobody.
    pub(crate) fn seers(&self, owner: &str) -> impl Iterator<Item = Token> {
        let of_app = self.app.as_ref().map(|app| Token::of_nobody(&app.sees(&self.name, owner)));
        self.tokens().cloned().chain(of_app)
    }

    /// The same host with these tokens in place of its own, and of an app.
    #[must_use]
    pub fn with_tokens(&self, tokens: impl IntoIterator<Item = Token>) -> Self {
        let mut tokens = tokens.into_iter();
        Self { token: tokens.next(), others: tokens.collect(), app: None, ..self.clone() }
    }
}

impl Hosts {
    /// Reads the variables that GitHub's own tools know: `GITHUB_API_URL`, `GITHUB_GRAPHQL_URL`, `GITHUB_SERVER_URL`,
    /// `GH_HOST`, and those of tokens and of an app. `named` is a host that the user named otherwise; it comes before `GH_HOST`.
    ///
    /// # Errors
    /// An address or a token cannot be used.
    pub fn read(variable: impl Fn(&str) -> Option<String>, named: Option<&str>) -> Result<Self, Error> {
        let raw = variable;
        let variable = |name: &str| raw(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let tokens = |names: &[&str]| {
            let Some((name, value)) = names.iter().find_map(|name| Some((*name, variable(name)?))) else { return Ok(Vec::new()) };
            let refused = |error: NotAToken| Error::Usage(format!("cannot use {name}: {error}"));
            let mut tokens: Vec<Token> = Vec::new();
            for text in value.split(',').map(str::trim).filter(|text| !text.is_empty()) {
                let token = Token::new(text).map_err(refused)?;
                if !tokens.contains(&token) {
                    tokens.push(token);
                }
            }
            if tokens.is_empty() { Err(refused(NotAToken::Empty)) } else { Ok(tokens) }
        };
        let address = |name: &'static str| {
            let Some(value) = variable(name) else { return Ok(None) };
            let value = value.trim_end_matches('/').to_owned();
            let host = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://").filter(|host| is_loopback(authority(host))));
            match host {
                Some(host) if !authority(host).is_empty() && !host.contains('@') => Ok(Some(value)),
                _ => Err(Error::Usage(format!("cannot use {name}: it has to begin with https://, or with http:// for this machine"))),
            }
        };
        let (api, graphql, server) = (address("GITHUB_API_URL")?, address("GITHUB_GRAPHQL_URL")?, address("GITHUB_SERVER_URL")?);
        let mut github = Host::github(None).with_tokens(tokens(TOKENS)?);
        let mut own = None;
        let server_name = server.as_deref().map(|server| host_of(server).to_ascii_lowercase());
        let stands_in = [&api, &graphql, &server].into_iter().flatten().all(|address| is_loopback(authority(host_of(address))));
        let mut target = match &server_name {
            Some(name) if name != GITHUB && !stands_in => {
                // GITHUB_TOKEN is that server's then.
                github = github.with_tokens(tokens(&["GITHUB_AUTH_TOKEN", "GH_TOKEN", "GH_AUTH_TOKEN"])?);
                let host = Host::enterprise(name, None).with_tokens(tokens(SERVER_TOKENS)?);
                Some(own.insert(Host { token_variables: SERVER_TOKENS, ..host }))
            }
            _ => Some(&mut github),
        };
        if let Some(host) = target.take() {
            host.server = server.unwrap_or_else(|| host.server.clone());
            host.graphql = match (graphql, &api) {
                (Some(graphql), _) => graphql,
                // Enterprise servers have both under /api.
                (None, Some(api)) => match api.strip_suffix("/api/v3") {
                    Some(base) => format!("{base}/api/graphql"),
                    None => format!("{api}/graphql"),
                },
                (None, None) => host.graphql.clone(),
            };
            host.api = api.unwrap_or_else(|| host.api.clone());
        }
        let named = named.map(str::to_owned).or_else(|| variable("GH_HOST"));
        if let Some(named) = named {
            let name = host_of(&named).trim_end_matches('/').to_ascii_lowercase();
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte)) {
                return Err(Error::Usage(format!("{:?} is no name of a host", authority_of(&named))));
            }
            let is_own = own.as_ref().is_some_and(|own| own.name == name);
            if name == GITHUB {
                own = None;
            } else if !is_own {
                own = Some(Host::enterprise(&name, None).with_tokens(tokens(ENTERPRISE_TOKENS)?));
            }
        }
        // One proof of an app shown to another host would be one too many: it is that of bare names.
        let of_app = own.as_mut().unwrap_or(&mut github);
        if of_app.token.is_none() {
            of_app.app = App::read(&raw)?;
        }
        for host in [Some(&mut github), own.as_mut()].into_iter().flatten().filter(|host| !host.has_token()) {
            host.empty_variable = host.token_variables.iter().copied().find(|name| raw(name).is_some_and(|value| value.trim().is_empty()));
        }
        Ok(Self { github, own })
    }

    /// Shows this token to a host that is known, in place of any other.
    pub fn set_token(&mut self, name: &str, token: Token) {
        for host in [Some(&mut self.github), self.own.as_mut()].into_iter().flatten().filter(|host| host.name == name) {
            *host = host.with_tokens([token.clone()]);
            host.empty_variable = None;
        }
    }

    /// The host of a bare `OWNER/NAME`.
    #[must_use]
    pub fn default_name(&self) -> &str {
        self.own.as_ref().map_or(GITHUB, |own| &own.name)
    }

    /// Where these hosts are: all addresses, without their schemes.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        let hosts = [Some(&self.github), self.own.as_ref()].into_iter().flatten();
        hosts.flat_map(|host| [&host.server, &host.api, &host.graphql]).map(|address| host_of(address).to_owned()).collect()
    }

    /// Whether this is the name of a host that is known.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The host of this name, if it is known. Of others only Git can be asked, without a token.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Host> {
        [Some(&self.github), self.own.as_ref()].into_iter().flatten().find(|host| host.name.eq_ignore_ascii_case(name))
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("name", &self.name)
            .field("api", &self.api)
            .field("token", &self.token)
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

/// What stands between the scheme and the path of an address, or the text itself.
fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    authority(rest)
}

/// The host of an address, with its port and without user info.
pub(crate) fn authority_of(address: &str) -> &str {
    let host = host_of(address);
    host.rsplit_once('@').map_or(host, |(_, host)| host)
}

fn authority(rest: &str) -> &str {
    rest.split('/').next().unwrap_or(rest)
}

/// The host in an authority, without brackets and port.
pub(crate) fn without_port(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => authority.split(':').next().unwrap_or(authority),
    }
}

/// Whether an authority is this very machine.
pub(crate) fn is_loopback(authority: &str) -> bool {
    let host = without_port(authority);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)], named: Option<&str>) -> Result<Hosts, Error> {
        Hosts::read(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()), named)
    }

    fn secret(host: &Host) -> Option<&str> {
        host.token.as_ref().map(Token::expose)
    }

    #[test]
    fn the_first_variable_that_holds_a_token_counts() {
        let hosts = read(&[("GITHUB_AUTH_TOKEN", " "), ("GH_TOKEN", "c"), ("GITHUB_TOKEN", "b, x,,b")], None).expect("good");
        let github = hosts.find("GitHub.com").expect("known");
        assert_eq!((secret(github), github.tokens().map(Token::expose).collect::<Vec<_>>()), (Some("b"), vec!["b", "x"]));
        assert!(read(&[("GH_TOKEN", ","),], None).is_err() && read(&[("GH_TOKEN", "a,b c")], None).is_err());
        assert_eq!(hosts.default_name(), "github.com");
        assert!(
            matches!(read(&[("GH_TOKEN", "a b")], None), Err(Error::Usage(text)) if text.contains("GH_TOKEN") && !text.contains("a b"))
        );
    }

    #[test]
    fn a_token_of_one_host_is_not_shown_to_another() {
        let variables = [("GH_HOST", "ghe.example.org"), ("GITHUB_TOKEN", "public"), ("GH_ENTERPRISE_TOKEN", "own")];
        let hosts = read(&variables, None).expect("good");
        assert_eq!(hosts.default_name(), "ghe.example.org");
        let own = hosts.find("ghe.example.org").expect("known");
        assert_eq!((secret(own), own.api.as_str()), (Some("own"), "https://ghe.example.org/api/v3"));
        assert_eq!(own.graphql, "https://ghe.example.org/api/graphql");
        assert_eq!(secret(hosts.find(GITHUB).expect("known")), Some("public"));
        let without = read(&variables[..2], Some("other.example.org")).expect("good");
        assert_eq!(secret(without.find("other.example.org").expect("known")), None);
        assert!(without.find("ghe.example.org").is_none());
        let on_ghe = read(&[], Some("octo.ghe.com")).expect("good");
        let on_ghe = on_ghe.find("octo.ghe.com").expect("known");
        assert_eq!((on_ghe.api.as_str(), on_ghe.graphql.as_str()), ("https://api.octo.ghe.com", "https://api.octo.ghe.com/graphql"));
        let empty = read(&[("GITHUB_TOKEN", "")], None).expect("good");
        assert_eq!(empty.find(GITHUB).expect("known").empty_variable, Some("GITHUB_TOKEN"));
    }

    #[test]
    fn addresses_on_this_machine_stand_in_for_github() {
        let base = "http://localhost:8443";
        let variables = [("GITHUB_API_URL", base), ("GITHUB_GRAPHQL_URL", "http://localhost:8443/graphql"), ("GITHUB_SERVER_URL", base)];
        let hosts = read(&variables, None).expect("good");
        let github = hosts.find(GITHUB).expect("known");
        assert_eq!((hosts.default_name(), github.server.as_str(), github.api.as_str()), (GITHUB, base, base));
        assert!(hosts.find("localhost:8443").is_none());
        assert_eq!(github.public("http://localhost:8443/repos/o/n/releases/1"), "https://api.github.com/repos/o/n/releases/1");
        assert_eq!(github.public("http://localhost:8443/o/n/releases/tag/v1"), "https://github.com/o/n/releases/tag/v1");
        assert_eq!(github.public("http://localhost:84430/o"), "http://localhost:84430/o");
    }

    #[test]
    fn a_server_of_ones_own_is_the_host_of_bare_names() {
        let server = ("GITHUB_SERVER_URL", "https://ghe.example.org");
        let hosts = read(&[server, ("GITHUB_API_URL", "https://ghe.example.org/api/v3"), ("GITHUB_TOKEN", "t")], None).expect("good");
        let own = hosts.find("ghe.example.org").expect("known");
        assert_eq!((hosts.default_name(), own.graphql.as_str()), ("ghe.example.org", "https://ghe.example.org/api/graphql"));
        let github = hosts.find(GITHUB).expect("known");
        assert_eq!((github.api.as_str(), secret(github), secret(own)), ("https://api.github.com", None, Some("t")));
        let public = [("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_API_URL", "https://api.github.com")];
        assert_eq!(read(&public, None).expect("good"), Hosts::default());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (name, value) in [("GITHUB_API_URL", "http://example.org"), ("GITHUB_SERVER_URL", "x"), ("GH_HOST", "a b")] {
            assert!(matches!(read(&[(name, value)], None), Err(Error::Usage(_))), "{value}");
        }
    }

    #[test]
    fn an_app_is_that_of_bare_names_where_there_is_no_token() {
        let pem = crate::app::tests::pem();
        let app = [("GITHUB_APP_KEY_PATH", &*pem), ("GITHUB_APP_ID", "7")];
        let with = |more: &[(&str, &str)]| read(&[&app[..], more].concat(), None);
        let has = |hosts: &Hosts, name: &str| hosts.find(name).expect("known").app.is_some();
        let hosts = with(&[("GITHUB_TOKEN", "")]).expect("good");
        let github = hosts.find(GITHUB).expect("known");
        assert!(github.has_token() && github.token.is_none() && github.empty_variable.is_none());
        assert!(!has(&with(&[("GH_TOKEN", "t")]).expect("good"), GITHUB));
        let own = with(&[("GH_HOST", "ghe.example.org"), ("GH_TOKEN", "t")]).expect("good");
        assert!(has(&own, "ghe.example.org") && !has(&own, GITHUB));
        let own = with(&[("GH_HOST", "ghe.example.org"), ("GH_ENTERPRISE_TOKEN", "t")]).expect("good");
        assert!(!has(&own, "ghe.example.org") && !has(&own, GITHUB));
        // What is wrong is told only where it counts.
        let broken = ("GITHUB_APP_KEY_PATH", "/no/such/file");
        assert!(read(&[broken, app[1]], None).is_err() && read(&[broken, app[1], ("GH_TOKEN", "t")], None).is_ok());
    }
}
