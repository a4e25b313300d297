//! Real Git repositories, in memory, and the part of Git's protocol that a fetch needs.

mod build;
mod http;
mod pkt;
mod serve;

pub(crate) use build::Built;
pub(crate) use http::{advertise, upload_pack};
