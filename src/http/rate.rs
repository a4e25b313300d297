//! How many requests a minute a host that counts them is sent: a little less than the secondary limits of GitHub, so that
//! none of them is reached. <https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api>

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::bill::Service;
use super::hosts::Queue;

const MINUTE: Duration = Duration::from_secs(60);
/// The most that GitHub gives a token for an hour; who allows more counts by rules of its own.
const LARGEST_ALLOWANCE: u64 = 15_000;

/// When requests were sent, for each queue.
#[derive(Default)]
pub(super) struct Rates(Mutex<HashMap<Queue, VecDeque<Instant>>>);

/// How many requests a minute a service is sent. GitHub takes 900 and 2,000; what was sent apart may arrive together.
const fn most(service: Service) -> Option<usize> {
    match service {
        Service::Rest => Some(850),
        Service::Graphql => Some(1_900),
        _ => None,
    }
}

/// Whether an allowance is one of GitHub's kind.
pub(super) const fn is_githubs(allowance: u64) -> bool {
    allowance <= LARGEST_ALLOWANCE
}

impl Rates {
    /// Notes that a request is sent now.
    ///
    /// # Errors
    /// It would be one too many, where that counts: it may be sent then.
    pub(super) fn take(&self, queue: &Queue, counts: bool) -> Result<(), Instant> {
        let Some(most) = most(queue.service) else { return Ok(()) };
        let now = Instant::now();
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = sent.entry(queue.clone()).or_default();
        if sent.len() >= most {
            match sent.front().map(|first| *first + MINUTE).filter(|again| counts && *again > now) {
                Some(again) => return Err(again),
                None => sent.pop_front(),
            };
        }
        sent.push_back(now);
        Ok(())
    }
}
