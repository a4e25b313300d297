//! What the targets of a run share: who may be asked, connections, what was asked before, and what it cost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use carat_checks::evidence::{BadgeLevel, Cause};
use tokio::sync::OnceCell;

use crate::collect::github::Github;
use crate::collect::services::{badge, oss_fuzz};
use crate::error::Error;
use crate::hosts::{Host, Hosts};
use crate::http::{Bill, Client, Settings};
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
    /// Where the badge service is.
    pub badge: String,
    /// Where the list of OSS-Fuzz is.
    pub oss_fuzz: String,
    /// Ask nobody.
    pub offline: bool,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            hosts: Hosts::default(),
            connections: Settings::default(),
            cache: None,
            badge: badge::ADDRESS.to_owned(),
            oss_fuzz: oss_fuzz::ADDRESS.to_owned(),
            offline: false,
        }
    }
}

/// What the targets of a run share.
#[derive(Debug, Default)]
pub struct Session {
    pub(super) access: Access,
    client: OnceLock<Client>,
    collectors: Mutex<BTreeMap<String, Arc<Github>>>,
    oss_fuzz: OnceCell<Result<BTreeSet<String>, Cause>>,
}

impl Session {
    /// A session in which nothing was asked yet. No connection is made before one is needed.
    #[must_use]
    pub fn new(access: Access) -> Self {
        Self { access, ..Self::default() }
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
        let client = Client::new(self.access.connections.clone())?;
        Ok(self.client.get_or_init(|| client))
    }

    /// The collector for a host; one for all its repositories.
    pub(super) fn collector(&self, host: &Host) -> Result<Arc<Github>, Error> {
        let mut collectors = self.collectors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = collectors.get(&host.name) {
            return Ok(Arc::clone(known));
        }
        let github = Arc::new(Github::new(self.client()?.clone(), host.clone())?);
        collectors.insert(host.name.clone(), Arc::clone(&github));
        Ok(github)
    }

    /// Fetches a commit with its files, unless it is there already: the bare repository that holds it, and what to say
    /// about the way.
    pub(super) async fn fetch(&self, source: &GitSource, commit: &str) -> Result<(PathBuf, Option<String>, Arc<tempfile::TempDir>), Error> {
        let folder = Arc::new(tempfile::tempdir().map_err(|source| Error::Output { what: "a temporary folder".to_owned(), source })?);
        let fetched = crate::transfer::commit(self.client()?, source, commit, &folder, crate::transfer::Limits::default()).await;
        fetched.map_err(|error| Error::Remote { name: source.names().join("/"), problem: error.problem(None) })?;
        Ok((folder.path().to_owned(), None, folder))
    }

    /// Whether OSS-Fuzz builds a repository. The list is asked for once.
    pub(super) async fn is_fuzzed(&self, repository: &str) -> Result<bool, Cause> {
        let list = self.oss_fuzz.get_or_init(|| async {
            let client = self.client().map_err(|error| Cause::Failed { why: error.to_string() })?;
            oss_fuzz::projects(client, &self.access.oss_fuzz).await
        });
        list.await.as_ref().map(|list| list.contains(&repository.to_lowercase())).map_err(Clone::clone)
    }

    /// The badge of a repository.
    pub(super) async fn badge(&self, repository: &str) -> Result<Option<BadgeLevel>, Cause> {
        let client = self.client().map_err(|error| Cause::Failed { why: error.to_string() })?;
        badge::badge(client, &self.access.badge, repository).await
    }
}
