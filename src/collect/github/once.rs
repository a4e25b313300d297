//! What is asked once a run, though several repositories want to know it at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// How much is remembered: when there is more, it is asked again.
const MOST: usize = 50_000;
/// How long others are waited for. They may be held up by what does not concern who waits.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers by what they are about.
#[derive(Debug)]
pub(super) struct Once<T> {
    state: Mutex<State<T>>,
    changed: Notify,
}

#[derive(Debug)]
struct State<T> {
    known: BTreeMap<String, T>,
    /// What is being asked.
    asked: BTreeSet<String>,
}

/// Whose turn it is to ask.
pub(super) enum Turn<T> {
    /// Nobody's: this is known.
    Known(T),
    /// Whoever wanted to know. Others wait until the claims are dropped.
    Mine,
    /// Somebody asks already.
    Others,
}

/// What its holder has taken upon itself to ask.
pub(super) struct Claims<'a, T> {
    of: &'a Once<T>,
    keys: Vec<String>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self { state: Mutex::new(State { known: BTreeMap::new(), asked: BTreeSet::new() }), changed: Notify::new() }
    }
}

impl<T: Clone> Once<T> {
    pub(super) const fn claims(&self) -> Claims<'_, T> {
        Claims { of: self, keys: Vec::new() }
    }

    pub(super) fn know(&self, key: &str, answer: T) {
        let mut state = self.state();
        if state.known.len() >= MOST {
            state.known.clear();
        }
        state.known.insert(key.to_owned(), answer);
    }

    /// Waits until nobody asks for any of these any more, but not for ever. Tells whether that is so.
    pub(super) async fn settled(&self, keys: &[String]) -> bool {
        let settled = async {
            loop {
                let changed = self.changed.notified();
                if !keys.iter().any(|key| self.state().asked.contains(key)) {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(PATIENCE, settled).await.is_ok()
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Claims<'_, T> {
    /// Whose turn it is to ask for something; one's own, too, if one is tired of waiting for others.
    pub(super) fn turn(&mut self, key: &str, is_tired: bool) -> Turn<T> {
        let mut state = self.of.state();
        if let Some(known) = state.known.get(key) {
            return Turn::Known(known.clone());
        }
        if state.asked.insert(key.to_owned()) {
            self.keys.push(key.to_owned());
            return Turn::Mine;
        }
        if is_tired { Turn::Mine } else { Turn::Others }
    }
}

impl<T> Drop for Claims<'_, T> {
    fn drop(&mut self) {
        let mut state = self.of.state.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &self.keys {
            state.asked.remove(key);
        }
        drop(state);
        self.of.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(turn: &Turn<u8>) -> &'static str {
        match turn {
            Turn::Known(_) => "known",
            Turn::Mine => "mine",
            Turn::Others => "others",
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_asks_and_others_wait_but_not_for_ever() {
        let once = Once::default();
        let (mut first, mut second) = (once.claims(), once.claims());
        assert_eq!((is(&first.turn("a", false)), is(&second.turn("a", false)), is(&second.turn("b", false))), ("mine", "others", "mine"));
        assert!(!once.settled(&["a".to_owned()]).await);
        assert_eq!(is(&second.turn("a", true)), "mine");
        let keys = ["a".to_owned()];
        let (settled, ()) = futures::future::join(once.settled(&keys), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            once.know("a", 1);
            drop(first);
        })
        .await;
        assert!(settled);
        assert_eq!(is(&second.turn("a", false)), "known");
        // Whoever asked did not learn it.
        drop(second);
        assert_eq!(is(&once.claims().turn("b", false)), "mine");
    }
}
