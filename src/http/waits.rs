//! How long something has waited for the limits of hosts, for whoever bounds its time and leaves that out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

tokio::task_local! {
    /// Whose requests are being sent. The clients, and what collects with them, are shared by all targets of a run, so that
    /// no argument leads from a target to its requests; but they are sent within its future.
    static WHOSE: Arc<Waits>;
}

/// The waits of one target.
#[derive(Debug, Default)]
pub struct Waits(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// How many of its requests wait now, and since when one does.
    now: usize,
    since: Option<Instant>,
    /// How long it waited before that. Requests that wait together wait once.
    before: Duration,
}

impl Waits {
    /// Runs a future whose requests' waits are counted here, as far as it is no other task's.
    pub async fn of<F: Future>(self: &Arc<Self>, future: F) -> F::Output {
        WHOSE.scope(Arc::clone(self), future).await
    }

    /// How long it has waited so far.
    #[must_use]
    pub fn so_far(&self) -> Duration {
        let state = self.state();
        state.before + state.since.map(|since| since.elapsed()).unwrap_or_default()
    }

    /// Whether it waits now.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.state().now > 0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that waits for as long as this lives.
pub(super) struct Wait(Arc<Waits>);

/// Begins to wait, if anybody counts.
pub(super) fn begin() -> Option<Wait> {
    let waits = WHOSE.try_with(Arc::clone).ok()?;
    let mut state = waits.state();
    state.now += 1;
    state.since.get_or_insert_with(Instant::now);
    drop(state);
    Some(Wait(waits))
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.now -= 1;
        if state.now == 0 {
            let last = state.since.take().map(|since| since.elapsed());
            state.before += last.unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn wait(seconds: u64) {
        let _wait = begin();
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn waits_at_once_count_once_and_each_for_its_own() {
        let (one, other) = (Arc::new(Waits::default()), Arc::new(Waits::default()));
        let work = async {
            futures::future::join(wait(5), wait(7)).await;
            tokio::time::sleep(Duration::from_secs(100)).await;
            wait(3).await;
        };
        futures::future::join(one.of(work), other.of(wait(2))).await;
        assert_eq!((one.so_far().as_secs(), other.so_far().as_secs()), (10, 2));
        assert!(!one.is_waiting());
        // Nobody counts.
        wait(1).await;
        let under_way = one.of(wait(50));
        assert!(tokio::time::timeout(Duration::from_secs(4), under_way).await.is_err());
        assert_eq!(one.so_far().as_secs(), 14);
    }
}
