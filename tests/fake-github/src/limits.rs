//! What each token has used of what it is allowed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::world::Limits;

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Resource {
    Core,
    Graphql,
    Search,
}

impl Resource {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Graphql => "graphql",
            Self::Search => "search",
        }
    }
}

/// How a token stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) resource: Resource,
    pub(crate) limit: u64,
    pub(crate) used: u64,
    /// Seconds since 1970.
    pub(crate) reset: u64,
    /// Whether what was asked for was still allowed.
    pub(crate) allowed: bool,
}

impl Standing {
    pub(crate) fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }

    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let values = [
            ("limit", self.limit.to_string()),
            ("remaining", self.remaining().to_string()),
            ("used", self.used.to_string()),
            ("reset", self.reset.to_string()),
            ("resource", self.resource.name().to_owned()),
        ];
        values.map(|(name, value)| (format!("x-ratelimit-{name}"), value)).to_vec()
    }
}

#[derive(Default)]
pub(crate) struct Used(Mutex<Books>);

#[derive(Default)]
struct Books {
    windows: HashMap<(String, Resource), (u64, u64)>,
    blocked_until: u64,
    minute: Option<Instant>,
    in_minute: HashMap<Resource, u64>,
}

impl Used {
    /// Uses so much, if it is still allowed. Without a token the address is counted.
    pub(crate) fn take(&self, limits: &Limits, token: Option<&str>, resource: Resource, cost: u64) -> Standing {
        let mut books = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = match (resource, token) {
            (Resource::Core, Some(_)) => limits.core,
            (Resource::Core, None) => limits.anonymous,
            (Resource::Graphql, _) => limits.graphql,
            (Resource::Search, _) => limits.search,
        };
        if books.blocked_until > now() {
            return Standing { resource, limit, used: limit, reset: books.blocked_until, allowed: false };
        }
        let length = if resource == Resource::Search { Duration::from_secs(60) } else { limits.window };
        let fresh = (0, now() + length.as_secs().max(1));
        let (used, reset) = books.windows.entry((token.unwrap_or_default().to_owned(), resource)).or_insert(fresh);
        if *reset <= now() {
            (*used, *reset) = fresh;
        }
        let allowed = *used + cost <= limit;
        if allowed {
            *used += cost;
        }
        Standing { resource, limit, used: *used, reset: *reset, allowed }
    }

    /// Everything is used up for so long.
    pub(crate) fn use_up(&self, lasting: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).blocked_until = now() + lasting.as_secs().max(1);
    }

    /// Whether one more request keeps within the secondary limits.
    pub(crate) fn keeps_secondary(&self, limits: &Limits, resource: Resource, at_once: usize) -> bool {
        let Some(secondary) = &limits.secondary else { return true };
        let mut books = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if books.minute.is_none_or(|start| start.elapsed() > Duration::from_secs(60)) {
            books.minute = Some(Instant::now());
            books.in_minute.clear();
        }
        let counted = if resource == Resource::Graphql { Resource::Graphql } else { Resource::Core };
        let sofar = books.in_minute.entry(counted).or_default();
        *sofar += 1;
        let most = if counted == Resource::Graphql { secondary.graphql_per_minute } else { secondary.rest_per_minute };
        *sofar <= most && at_once <= secondary.at_once
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
