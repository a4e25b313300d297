//! The fake GitHub, asked over its socket.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod client;
mod complete;
mod faults;
mod git;
mod graphql;
mod rest;
mod schema;
