//! How many requests a host bears at once. While all its room is used and all goes well it gets one more for each round;
//! when it is too much for the host, half of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The most that any host is trusted to bear; it is also what GitHub allows.
const MOST: usize = 100;

/// The fewest: one for a transfer, which can take long, and one beside it.
const LEAST: usize = 2;

/// The room at a host.
pub(super) struct Pace {
    free: Arc<Semaphore>,
    state: Mutex<State>,
}

struct State {
    /// How many may be in flight.
    limit: usize,
    /// How many of those that are in flight are too many since the limit fell.
    owed: usize,
    /// Good answers since the limit was changed last.
    good: usize,
    /// How often it fell.
    falls: u64,
}

/// The room of one request. It is free again when this is dropped.
pub(super) struct Room {
    permit: Option<OwnedSemaphorePermit>,
    pace: Arc<Pace>,
    /// How often the limit had fallen when the request was sent.
    falls: u64,
    /// What else is held for as long.
    alone: Option<OwnedSemaphorePermit>,
}

impl Pace {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        let limit = limit.clamp(1, MOST);
        Arc::new(Self { free: Arc::new(Semaphore::new(limit)), state: Mutex::new(State { limit, owed: 0, good: 0, falls: 0 }) })
    }

    /// Room for one more request, once there is some. `None` never comes while the program runs.
    pub(super) async fn enter(self: &Arc<Self>, alone: Option<OwnedSemaphorePermit>) -> Option<Room> {
        let permit = self.free.clone().acquire_owned().await.ok()?;
        let falls = self.state().falls;
        Some(Room { permit: Some(permit), pace: self.clone(), falls, alone })
    }

    /// How many may be in flight now.
    #[cfg(test)]
    pub(super) fn limit(&self) -> usize {
        self.state().limit
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    /// The host has answered well.
    pub(super) fn went_well(&self) {
        let mut state = self.pace.state();
        // A limit that is not reached says nothing of what the host bears.
        if self.pace.free.available_permits() > 0 || state.limit >= MOST {
            return;
        }
        state.good += 1;
        if state.good >= state.limit {
            (state.good, state.limit) = (0, state.limit + 1);
            match state.owed {
                0 => self.pace.free.add_permits(1),
                _ => state.owed -= 1,
            }
        }
    }

    /// It was too much for the host.
    pub(super) fn was_too_much(&self) {
        let mut state = self.pace.state();
        // Those that were under way together are one lesson.
        if self.falls != state.falls {
            return;
        }
        let limit = (state.limit / 2).max(LEAST.min(state.limit));
        let less = state.limit - limit;
        (state.limit, state.good, state.falls) = (limit, 0, state.falls + 1);
        state.owed += less - self.pace.free.forget_permits(less);
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        drop(self.alone.take());
        let mut state = self.pace.state();
        if let Some(permit) = self.permit.take().filter(|_| state.owed > 0) {
            state.owed -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn room(pace: &Arc<Pace>) -> Room {
        pace.enter(None).await.expect("it is open")
    }

    fn is_full(pace: &Arc<Pace>) -> bool {
        pace.free.available_permits() == 0
    }

    #[tokio::test]
    async fn it_falls_by_half_once_for_those_that_were_sent_together() {
        let pace = Pace::new(16);
        let mut rooms = Vec::new();
        for _ in 0..16 {
            rooms.push(room(&pace).await);
        }
        rooms.iter().for_each(Room::was_too_much);
        assert_eq!(pace.limit(), 8);
        // Those in flight end first.
        rooms.truncate(9);
        assert!(is_full(&pace));
        rooms.truncate(8);
        assert!(is_full(&pace));
        rooms.truncate(7);
        assert!(!is_full(&pace));
        // Those in flight from before teach nothing, new ones do, down to two.
        rooms.clear();
        for limit in [4, 2, 2] {
            room(&pace).await.was_too_much();
            assert_eq!(pace.limit(), limit);
        }
        let both = [room(&pace).await, room(&pace).await];
        assert!(is_full(&pace));
        drop(both);
        assert!(!is_full(&pace));
        let one = Pace::new(1);
        room(&one).await.was_too_much();
        assert_eq!(one.limit(), 1);
    }

    #[tokio::test]
    async fn it_grows_while_it_is_used_up_to_a_hundred() {
        let pace = Pace::new(1);
        for _ in 0..20_000 {
            let mut rooms = Vec::new();
            while !is_full(&pace) {
                rooms.push(room(&pace).await);
            }
            rooms[0].went_well();
        }
        assert_eq!(pace.limit(), MOST);
        // What is not used is not asked for.
        let pace = Pace::new(4);
        for _ in 0..100 {
            room(&pace).await.went_well();
        }
        assert_eq!(pace.limit(), 4);
    }

    #[tokio::test]
    async fn what_is_owed_is_paid_before_room_is_made() {
        let pace = Pace::new(4);
        let mut rooms = Vec::new();
        for _ in 0..4 {
            rooms.push(room(&pace).await);
        }
        rooms[0].was_too_much();
        rooms[0].went_well();
        rooms[0].went_well();
        assert_eq!(pace.limit(), 3);
        rooms.pop();
        assert!(is_full(&pace));
        rooms.pop();
        assert!(!is_full(&pace));
        drop(rooms);
        let all = [room(&pace).await, room(&pace).await, room(&pace).await];
        assert!(is_full(&pace));
        drop(all);
    }
}
