//! A GitHub on loopback, for tests and benches.
//!
//! It speaks real HTTP on a port of its own, from a thread of its own, so that a test can run a program against it and
//! wait for that:
//!
//! ```
//! use fake_github::{FakeGithub, Kind, Repository, World};
//!
//! let github = FakeGithub::start(World::of([Repository::new("octo/cat").file("README.md", "Hello")]));
//! // … run something with GITHUB_API_URL = github.url() …
//! assert_eq!(github.count(Kind::Rest), 0);
//! ```
//!
//! REST is at the root and under `/api/v3`, GraphQL at `/graphql` and `/api/graphql`, Git at `/OWNER/NAME`, the badge
//! service at `/_badge` and the OSS-Fuzz list at `/_oss_fuzz/status.json`. What it does not know, and GraphQL that GitHub
//! would refuse, is answered as GitHub would, kept, and makes the test fail when the fake is dropped.

mod faults;
mod git;
mod graphql;
mod ledger;
mod limits;
mod reply;
mod rest;
mod route;
mod server;
mod services;
mod state;
mod world;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

pub use faults::{Effect, Fault};
pub use graphql::{SCHEMA, invalid, subset_of};
pub use ledger::{Graphql, Kind, Request};
pub use world::*;

use faults::Faults;
use graphql::Schemas;
use ledger::Ledger;
use limits::Used;
use server::{Changes, GRACE, Shared};
use state::State;

/// A GitHub that is running. It stops when it is dropped, and then panics if it was asked for something unknown.
pub struct FakeGithub {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeGithub {
    /// Starts one that serves this world.
    ///
    /// # Panics
    ///
    /// Where loopback cannot be listened on, and where the world does not hold together.
    pub fn start(world: World) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        listener.set_nonblocking(true).expect("a socket can be made not to block");
        let address = listener.local_addr().expect("the socket is bound");
        let shared = Arc::new(Shared {
            state: RwLock::new(Arc::new(State::new(world))),
            schemas: Schemas::default(),
            ledger: Ledger::default(),
            faults: Faults::default(),
            used: Used::default(),
            changes: Changes::default(),
            issued: AtomicU64::default(),
        });
        let (stop, stopped) = oneshot::channel();
        let for_thread = Arc::clone(&shared);
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("the socket does not block");
                tokio::spawn(server::serve(listener, for_thread));
                let _ = stopped.await;
            });
            runtime.shutdown_timeout(GRACE);
        };
        let thread = std::thread::Builder::new().name("fake-github".to_owned()).spawn(work).expect("a thread can be started");
        Self { address, shared, stop: Some(stop), thread: Some(thread) }
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// `http://127.0.0.1:PORT`: the base of REST in github.com's layout, and of Git.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where GraphQL is in github.com's layout.
    pub fn graphql_url(&self) -> String {
        format!("{}/graphql", self.url())
    }

    /// The base of the badge service.
    pub fn badge_url(&self) -> String {
        format!("{}/_badge", self.url())
    }

    /// Where the OSS-Fuzz list is.
    pub fn oss_fuzz_url(&self) -> String {
        format!("{}/_oss_fuzz/status.json", self.url())
    }

    /// The id of the commit at a branch, a tag or `HEAD` of `owner/name`.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[track_caller]
    pub fn commit(&self, repository: &str, revision: &str) -> String {
        let (owner, name) = repository.split_once('/').unwrap_or_else(|| panic!("{repository:?} is no owner/name"));
        let state = self.shared.state();
        let found = state.find(owner, name).map(|found| found.repo());
        let oid = found.and_then(|repo| repo.git.resolve(repo.is, revision));
        oid.unwrap_or_else(|| panic!("{repository} has no {revision}")).to_string()
    }

    /// The ids of the commits of the default branch, oldest first.
    ///
    /// # Panics
    ///
    /// Where there is no such repository.
    #[track_caller]
    pub fn commits(&self, repository: &str) -> Vec<String> {
        let (owner, name) = repository.split_once('/').unwrap_or_else(|| panic!("{repository:?} is no owner/name"));
        let state = self.shared.state();
        let found = state.find(owner, name).unwrap_or_else(|| panic!("the world holds no {repository}"));
        found.repo().git.line.iter().map(ToString::to_string).collect()
    }

    /// The ids of a branch's own commits, oldest first, also where no ref names it.
    ///
    /// # Panics
    ///
    /// Where there is no such repository or branch.
    #[track_caller]
    pub fn branch_commits(&self, repository: &str, branch: &str) -> Vec<String> {
        let (owner, name) = repository.split_once('/').unwrap_or_else(|| panic!("{repository:?} is no owner/name"));
        let state = self.shared.state();
        let found = state.find(owner, name).unwrap_or_else(|| panic!("the world holds no {repository}")).repo();
        let place = found.is.branches.iter().position(|known| known.name == branch);
        let place = place.unwrap_or_else(|| panic!("{repository} has no branch {branch}"));
        found.git.commits_of(place).iter().map(ToString::to_string).collect()
    }

    /// Changes the world. Commits that stay as they are keep their ids.
    pub fn change(&self, change: impl FnOnce(&mut World)) {
        self.shared.change(change);
    }

    /// Changes the world when the first request arrives for which this holds, before that is answered.
    pub fn change_when(&self, condition: impl Fn(&Request) -> bool + Send + 'static, change: impl FnOnce(&mut World) + Send + 'static) {
        self.shared.changes.add(condition, change);
    }

    /// Lets something go wrong from now on. Of several faults that concern a request the first one that is due happens.
    pub fn fault(&self, fault: Fault) {
        self.shared.faults.add(fault);
    }

    /// Ends all faults.
    pub fn calm(&self) {
        self.shared.faults.clear();
    }

    /// Takes `Type.field` out of the schema, as on an older server.
    #[track_caller]
    pub fn remove_field(&self, field: &str) {
        self.shared.schemas.remove(field);
    }

    /// Puts an error on `Type.field`, beside the data of the others. The type of the error is `FORBIDDEN` and the like.
    #[track_caller]
    pub fn fail_field(&self, field: &str, message: &str, kind: Option<&str>) {
        self.shared.schemas.fail(field, (message.to_owned(), kind.map(str::to_owned)));
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.ledger.requests()
    }

    /// How many requests went to a service.
    pub fn count(&self, kind: Kind) -> usize {
        usize::try_from(self.shared.ledger.sum(|request| u64::from(request.kind == kind))).unwrap_or(usize::MAX)
    }

    /// What the GraphQL calls cost together.
    pub fn points(&self) -> u64 {
        self.shared.ledger.sum(|request| request.points)
    }

    /// Bytes of all answers' bodies.
    pub fn bytes(&self) -> u64 {
        self.shared.ledger.sum(|request| request.bytes)
    }

    /// The most requests that were being answered at the same time.
    pub fn most_at_once(&self) -> usize {
        self.shared.ledger.most_at_once()
    }

    /// Forgets the requests so far. What was unknown stays in mind, and so does what was used of the limits.
    pub fn forget(&self) {
        self.shared.ledger.forget();
    }

    /// What the fake did not expect so far, for a test that wants it. It is forgotten then.
    pub fn take_surprises(&self) -> Vec<String> {
        self.shared.ledger.take_surprises()
    }
}

impl Drop for FakeGithub {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let surprises = self.take_surprises();
        if !std::thread::panicking() {
            assert!(surprises.is_empty(), "the fake GitHub did not expect: {surprises:#?}");
        }
    }
}
