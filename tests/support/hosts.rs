//! Runs against a GitHub on loopback, and what they asked it.

use std::path::Path;

use fake_github::{FakeGithub, Kind};
use serde_json::Value;

use super::{Carat, Ran, carat};

/// `carat score TARGET`, with this host for github.com, its badge service and its list of OSS-Fuzz.
pub(crate) fn score_on(fake: &FakeGithub, target: &str) -> Carat {
    carat(["score", target]).on(fake)
}

impl Carat {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.env("GITHUB_TOKEN", token)
    }

    /// This host for github.com and for the services beside it.
    pub(crate) fn on(self, fake: &FakeGithub) -> Self {
        let of_github = [("GITHUB_API_URL", fake.url()), ("GITHUB_GRAPHQL_URL", fake.graphql_url()), ("GITHUB_SERVER_URL", fake.url())];
        of_github.into_iter().fold(self.services_on(fake), |run, (name, value)| run.env(name, &value))
    }

    /// This host for the services beside a host alone.
    pub(crate) fn services_on(self, fake: &FakeGithub) -> Self {
        self.env("CII_BEST_PRACTICES_URL", &fake.badge_url()).env("CARAT_OSS_FUZZ_URL", &fake.oss_fuzz_url())
    }

    /// A cache that lasts for longer than the run.
    pub(crate) fn cache(self, folder: &Path) -> Self {
        let folder = folder.to_str().expect("temporary paths are UTF-8").to_owned();
        self.env("XDG_CACHE_HOME", &folder)
    }

    /// Runs it with `--format evidence`; it must succeed.
    #[track_caller]
    pub(crate) fn evidence(self) -> Value {
        self.args(["--format", "evidence"]).ok().json()["evidence"].take()
    }
}

impl Ran {
    /// The run has done its work, whatever it said on the way.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self
    }
}

/// Requests of Git, GraphQL, REST, the badge service and the list of OSS-Fuzz.
pub(crate) fn asked(fake: &FakeGithub) -> [usize; 5] {
    [Kind::Git, Kind::Graphql, Kind::Rest, Kind::Badge, Kind::OssFuzz].map(|kind| fake.count(kind))
}

/// Why a facet is missing, as its cause is written; empty for one that is known.
pub(crate) fn cause(evidence: &Value, facet: &str) -> String {
    let fact = &evidence[facet];
    assert!(fact.is_object(), "{facet} is a facet");
    match &fact["missing"]["cause"] {
        Value::Null => String::new(),
        Value::String(cause) => cause.clone(),
        cause => cause.to_string(),
    }
}
