//! What a fake GitHub holds: plain values with defaults, and functions that make the usual ones in a line.

mod account;
mod commit;
mod contribution;
mod release;
mod repository;
mod rules;

pub use account::{Actor, App, Installation, Kind as ActorKind, Role, Token, User};
pub use commit::{Branch, CheckSuite, Checks, Commit, Entry, Person, Signature, Status, Tag, Target};
pub use contribution::{Comment, Contributor, Issue, PullRequest, Review};
pub use release::{Hook, Release, Run, Workflow};
pub use repository::{Blocked, License, Repository};
pub use rules::{Bypass, Protection, Rule, RuleParameters, Ruleset};

use std::time::Duration;

/// Sees everything and administers every repository.
pub const ADMIN: &str = "ghp_adminadminadminadminadminadminadmin0";
/// Sees what is public.
pub const READ: &str = "ghp_readreadreadreadreadreadreadread0000";
/// A workflow's own token.
pub const WORKFLOW: &str = "ghs_workflowworkflowworkflowworkflow0000";
/// A personal token that no organisation has authorised for its single sign-on.
pub const SSO: &str = "ghp_ssossossossossossossossossossossos00";

/// Everything that the fake serves.
#[derive(Clone, Debug)]
pub struct World {
    /// The repositories, of all owners.
    pub repositories: Vec<Repository>,
    /// Users of whom more is known than the login. An owner who is not here is an organisation.
    pub users: Vec<User>,
    /// Who may ask. Any other token is answered with 401.
    pub tokens: Vec<Token>,
    /// Apps, whose tokens are made when they ask for some.
    pub apps: Vec<App>,
    /// How much each token may ask.
    pub limits: Limits,
    /// Addresses of the projects on the OSS-Fuzz list.
    pub oss_fuzz: Vec<String>,
    /// Entries of the badge service: address of the repository, and level (`in_progress`, `passing`, `silver`, `gold`).
    pub badges: Vec<(String, String)>,
    /// How long each answer takes at least.
    pub latency: Duration,
}

impl Default for World {
    fn default() -> Self {
        Self {
            repositories: Vec::new(),
            users: Vec::new(),
            tokens: vec![
                Token { may_see_private: true, ..Token::new(ADMIN, Role::Admin) },
                Token::new(READ, Role::Read),
                Token { login: "github-actions[bot]".to_owned(), ..Token::new(WORKFLOW, Role::Integration) },
                Token::new(SSO, Role::Sso),
            ],
            apps: Vec::new(),
            limits: Limits::default(),
            oss_fuzz: Vec::new(),
            badges: Vec::new(),
            latency: Duration::ZERO,
        }
    }
}

impl World {
    /// A world of these repositories.
    pub fn of(repositories: impl IntoIterator<Item = Repository>) -> Self {
        Self { repositories: repositories.into_iter().collect(), ..Self::default() }
    }

    /// The repository `owner/name`, to change it.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[track_caller]
    pub fn repository(&mut self, name: &str) -> &mut Repository {
        let found = self.repositories.iter_mut().find(|repository| repository.full_name().eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| panic!("the world holds no repository {name}"))
    }
}

/// What GitHub allows a token. The defaults are GitHub's.
#[derive(Clone, Debug)]
pub struct Limits {
    /// REST requests in a window.
    pub core: u64,
    /// GraphQL points in a window.
    pub graphql: u64,
    /// Searches in a minute.
    pub search: u64,
    /// REST requests in a window without a token.
    pub anonymous: u64,
    /// How long a window of the first two lasts.
    pub window: Duration,
    /// The secondary limits, which GitHub answers with 403 and `Retry-After`; off by default.
    pub secondary: Option<Secondary>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { core: 5000, graphql: 5000, search: 30, anonymous: 60, window: Duration::from_secs(3600), secondary: None }
    }
}

/// GitHub's secondary limits, as far as it has published them.
#[derive(Clone, Debug)]
pub struct Secondary {
    /// Requests at the same time, REST and GraphQL together.
    pub at_once: usize,
    /// REST requests in a minute.
    pub rest_per_minute: u64,
    /// GraphQL requests in a minute, at a point each.
    pub graphql_per_minute: u64,
    /// What `Retry-After` says, in seconds.
    pub retry_after: u64,
}

impl Default for Secondary {
    fn default() -> Self {
        Self { at_once: 100, rest_per_minute: 900, graphql_per_minute: 2000, retry_after: 60 }
    }
}

/// The time `days` ago, as GitHub writes it.
pub fn days_ago(days: i64) -> String {
    date(jiff::Timestamp::now().as_second() - days * 86_400)
}

/// A time in seconds since 1970, as GitHub writes it.
pub fn date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Seconds since 1970 of a time that stands in the world.
///
/// # Panics
///
/// Where it is none: a world is written by a test.
#[track_caller]
pub(crate) fn seconds(date: &str) -> i64 {
    let time: Result<jiff::Timestamp, _> = date.parse();
    time.unwrap_or_else(|why| panic!("{date:?} is no time: {why}")).as_second()
}

/// A number that stands for a text, the same in every run.
pub(crate) fn number_of(text: &str) -> u64 {
    // FNV-1a, kept within what JSON and GraphQL can say exactly.
    let mixed = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    mixed % 2_000_000_000 + 1
}

/// Forty hexadecimal digits that stand for a text, for commits that no repository holds.
pub fn oid_of(text: &str) -> String {
    let words = (0..5).map(|n| number_of(&format!("{text}#{n}")) as u32);
    words.map(|word| format!("{word:08x}")).collect()
}
