//! The one client below all hosts and services: connections, certificates, proxies, retries, limits, redirects, bounds,
//! and the bill. It knows nothing of what is asked.
//!
//! Everything that is sent may be sent twice: `GET`, `HEAD`, GraphQL queries, Git's fetch commands, and the wish for one
//! more token of an app, which expires by itself. So a retry is always safe, and nothing else must ever go through here.

mod address;
mod bill;
mod body;
mod client;
mod conditional;
mod failure;
pub mod graphql;
mod hosts;
pub mod octocrab;
mod pace;
mod rate;
mod redirect;
mod retry;
#[cfg(test)]
mod self_signed;
mod settings;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod token;
mod transport;
mod waits;

pub use bill::{Bill, Service, Spent};
pub use client::{Client, Streamed};
pub use conditional::{Answers, Asker};
pub use failure::{Error, Failure};
pub use hosts::Standing;
pub use redirect::{Effective, RedirectHosts};
pub use settings::{Proxies, RefusedToken, Settings, Waiting, Why};
pub use token::{NotAToken, Token};
pub use waits::Waits;
