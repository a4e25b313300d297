//! What the targets of a run share: who may be asked, connections, what was asked before, and what it cost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use carat_checks::evidence::{BadgeLevel, Cause};
use tokio::sync::OnceCell;

use super::apps::Apps;
use super::tokens::{Chosen, Tokens};
use crate::advisories::Database;
use crate::cache::{Cache, CacheSettings, Checkout};
use crate::collect::advisories;
use crate::collect::github::Github;
use crate::collect::services::{badge, oss_fuzz};
use crate::error::{Error, Problem};
use crate::hosts::{Host, Hosts};
use crate::http::{Bill, Client, RefusedToken, Settings, Token};
use crate::transfer::GitSource;

/// Whom a run may ask, and how.
#[derive(Clone, Debug)]
pub struct Access {
    /// The hosts that are known, and the tokens for them.
    pub hosts: Hosts,
    /// How connections are made.
    pub connections: Settings,
    /// The folder in which what was fetched is kept; without one nothing is.
    pub cache: Option<PathBuf>,
    /// The folder for what is not kept.
    pub temporary: PathBuf,
    /// Where the badge service is.
    pub badge: String,
    /// Where the list of OSS-Fuzz is.
    pub oss_fuzz: String,
    /// From where advisories come, if the user has said so.
    pub advisories: Option<AdvisoriesFrom>,
    /// The folder of the advisory database; without one there is none.
    pub database: Option<PathBuf>,
    /// Where OSV's service is.
    pub osv: String,
    /// Ask nobody.
    pub offline: bool,
}

/// From where advisories come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdvisoriesFrom {
    /// The database on this machine.
    Database,
    /// OSV's service.
    Api,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            hosts: Hosts::default(),
            connections: Settings::default(),
            cache: None,
            temporary: PathBuf::from("/tmp"),
            badge: badge::ADDRESS.to_owned(),
            oss_fuzz: oss_fuzz::ADDRESS.to_owned(),
            advisories: None,
            database: None,
            osv: advisories::ADDRESS.to_owned(),
            offline: false,
        }
    }
}

/// What the targets of a run share.
#[derive(Debug)]
pub struct Session {
    pub(super) access: Access,
    client: OnceLock<Client>,
    /// By host and token: what one token sees, another may not.
    collectors: Mutex<BTreeMap<String, Arc<Github>>>,
    tokens: Tokens,
    apps: Apps,
    oss_fuzz: OnceCell<Result<BTreeSet<String>, Cause>>,
    pub(super) cache: Cache,
    database: OnceLock<Result<Option<Arc<Database>>, String>>,
}

impl Default for Session {
    fn default() -> Self {
        Self::new(Access::default())
    }
}

impl Session {
    /// A session in which nothing was asked yet. No connection is made before one is needed.
    #[must_use]
    pub fn new(access: Access) -> Self {
        let settings = CacheSettings::new(access.cache.clone(), access.temporary.clone());
        let cache = Cache::open(settings);
        let (collectors, tokens, apps) = (Mutex::default(), Tokens::default(), Apps::default());
        Self { access, client: OnceLock::new(), collectors, tokens, apps, oss_fuzz: OnceCell::new(), cache, database: OnceLock::new() }
    }

    /// What was asked so far; `None` where nothing was.
    #[must_use]
    pub fn bill(&self) -> Option<Bill> {
        self.client.get().map(Client::bill)
    }

    pub(super) fn client(&self) -> Result<&Client, Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let mut settings = self.access.connections.clone();
        if self.access.cache.is_some() {
            settings.answers = Some(Arc::new(self.cache.clone()));
        }
        let client = Client::new(settings)?;
        Ok(self.client.get_or_init(|| client))
    }

    /// The token to ask a host about a repository with.
    pub(super) async fn choose(&self, host: &Host, (owner, name): (&str, &str)) -> Result<Chosen, Error> {
        let client = self.client()?;
        let failed = |problem| Error::Remote { name: format!("{}/{owner}/{name}", host.name), problem };
        if let Some(app) = &host.app {
            let token = self.apps.token(client, host, app, owner).await.map_err(failed)?;
            return Ok(Chosen::of_app(host, token));
        }
        let chosen = self.tokens.choose(host, &format!("{owner}/{name}"), |token| client.standing(&host.api, token));
        chosen.ok_or_else(|| failed(Problem::BadToken { host: host.name.clone() }))
    }

    /// Leaves out a token that its host refused for an owner's repository, and tells whether others can be had.
    pub(super) fn refuse(&self, host: &Host, chosen: &Chosen, owner: &str) -> bool {
        if let (Some(app), Some(token)) = (&host.app, &chosen.host.token) {
            return self.apps.refuse(host, app, owner, token);
        }
        let (is_news, goes_on) = self.tokens.refuse(chosen);
        if is_news && goes_on {
            let refused = RefusedToken { host: host.name.clone(), number: chosen.number(), of: host.tokens().count() };
            (self.access.connections.on_refused)(refused);
        }
        goes_on
    }

    /// The collector for a host and its first token; one for all repositories that are asked about with it.
    pub(super) fn collector(&self, host: &Host) -> Result<Arc<Github>, Error> {
        let mut collectors = self.collectors.lock().unwrap_or_else(PoisonError::into_inner);
        let key = format!("{} {}", host.name, host.token.as_ref().map(Token::fingerprint).unwrap_or_default());
        // An app's tokens are new each hour, and see the same.
        if let Some(known) = collectors.get(&key).filter(|known| known.shows(host.token.as_ref())) {
            return Ok(Arc::clone(known));
        }
        let github = Arc::new(Github::new(self.client()?.clone(), host.clone())?);
        collectors.insert(key, Arc::clone(&github));
        Ok(github)
    }

    /// The advisory database, opened once; nothing if there is none.
    pub(super) fn database(&self) -> Result<Option<Arc<Database>>, Cause> {
        let opened = self.database.get_or_init(|| {
            let Some(folder) = &self.access.database else { return Ok(None) };
            let opened = Database::open(folder).map_err(|error| format!("{error}; {}", error.hint()))?;
            Ok(opened.map(Arc::new))
        });
        opened.clone().map_err(|why| Cause::Failed { why })
    }

    /// Whether a commit can be had without asking.
    pub(super) async fn has(&self, source: &GitSource, commit: &str) -> bool {
        self.cache.kept(source, commit).await.is_some()
    }

    /// Fetches a commit with its files, unless it is there already.
    pub(super) async fn fetch(&self, source: &GitSource, commit: &str) -> Result<Checkout, Error> {
        if self.access.offline {
            let kept = self.cache.kept(source, commit).await;
            return kept.ok_or_else(|| Error::Remote { name: source.names().join("/"), problem: Problem::Offline });
        }
        let fetched = self.cache.commit(self.client()?, source, commit).await;
        fetched.map_err(|error| {
            let problem = Problem::Failed { why: format!("Git could not fetch them: {error}") };
            Error::Remote { name: source.names().join("/"), problem }
        })
    }

    /// Whether OSS-Fuzz builds a repository. The list is asked for once a day.
    pub(super) async fn is_fuzzed(&self, repository: &str) -> Result<bool, Cause> {
        let list = self.oss_fuzz.get_or_init(|| self.fuzzed());
        list.await.as_ref().map(|list| list.contains(&repository.to_lowercase())).map_err(Clone::clone)
    }

    async fn fuzzed(&self) -> Result<BTreeSet<String>, Cause> {
        const KIND: &str = "oss-fuzz";
        let url = &self.access.oss_fuzz;
        if let Some(kept) = self.cache.get(KIND, url, Duration::from_secs(24 * 60 * 60)) {
            return Ok(String::from_utf8_lossy(&kept).lines().map(str::to_owned).collect());
        }
        let client = self.client().map_err(|error| Cause::Failed { why: error.to_string() })?;
        let list = oss_fuzz::projects(client, url).await?;
        let lines: Vec<&str> = list.iter().map(String::as_str).collect();
        // A cache that cannot be written costs a request, no more.
        let _ = self.cache.put(KIND, url, lines.join("\n").as_bytes());
        Ok(list)
    }

    /// The badge of a repository. It is asked for once an hour.
    pub(super) async fn badge(&self, repository: &str) -> Result<Option<BadgeLevel>, Cause> {
        const KIND: &str = "badge";
        let key = format!("{} {repository}", self.access.badge);
        let kept = self.cache.get(KIND, &key, Duration::from_secs(60 * 60));
        if let Some(level) = kept.and_then(|kept| serde_json::from_slice(&kept).ok()) {
            return Ok(level);
        }
        let client = self.client().map_err(|error| Cause::Failed { why: error.to_string() })?;
        let level = badge::badge(client, &self.access.badge, repository).await?;
        if let Ok(text) = serde_json::to_vec(&level) {
            let _ = self.cache.put(KIND, &key, &text);
        }
        Ok(level)
    }
}
