//! What is known of each host during a run: how many requests it has before it, and until when it wants none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::bill::Service;
use super::failure::{Failure, moment};
use super::pace::{Pace, Room};
use super::rate::{Rates, is_githubs};
use super::settings::{Settings, Waiting, Why};

/// The hosts that have been asked.
#[derive(Default)]
pub(super) struct Hosts(Mutex<HashMap<String, Arc<Host>>>);

/// One of them.
pub(super) struct Host {
    name: String,
    pace: Arc<Pace>,
    /// Searches are sent one after the other: their allowance is a few each minute, and each answer tells what is left.
    search: Arc<Semaphore>,
    /// A limit counts for one of its services and one token, and holds up no other.
    closed: Mutex<HashMap<Queue, Closed>>,
    rates: Rates,
    /// What is left to each.
    left: Mutex<HashMap<Queue, Left>>,
}

/// Until when it wants no requests.
#[derive(Clone, Copy)]
struct Closed {
    until: Instant,
    why: Why,
    is_told: bool,
}

/// What is left of an allowance.
#[derive(Clone, Copy)]
struct Left {
    left: u64,
    until: Instant,
    /// Whether it is of GitHub's kind, which goes with limits of what is sent in a minute.
    is_githubs: bool,
}

/// A request that searches: an extension of the request. Searches have an allowance of their own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search;

/// Who stands in line for the same allowance.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Queue {
    pub(super) service: Service,
    pub(super) is_search: bool,
    pub(super) whose: Whose,
}

/// Whose allowance it is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Whose {
    /// That of a token, as it is shown.
    Token(HeaderValue),
    /// That of who shows none.
    Nobodys,
    /// The host has no room for anybody.
    Everybodys,
}

/// How a token stands with a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// In how long it may ask again.
    pub opens_in: Duration,
    /// How much it has left of the allowance that is nearest to its end, where answers have told.
    pub left: Option<u64>,
}

impl Queue {
    pub(super) fn of(service: Service, token: Option<&HeaderValue>) -> Self {
        Self { service, is_search: false, whose: token.map_or(Whose::Nobodys, |token| Whose::Token(token.clone())) }
    }

    /// That of searches, if it is one.
    pub(super) const fn searching(mut self, is_search: bool) -> Self {
        self.is_search = is_search;
        self
    }

    const fn of_everybody(service: Service) -> Self {
        Self { service, is_search: false, whose: Whose::Everybodys }
    }
}

impl Hosts {
    pub(super) fn get(&self, name: &str, settings: &Settings) -> Arc<Host> {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let (pace, search) = (Pace::new(settings.in_flight), Arc::new(Semaphore::new(1)));
            Arc::new(Host {
                name: name.to_owned(),
                pace,
                search,
                closed: Mutex::default(),
                rates: Rates::default(),
                left: Mutex::default(),
            })
        };
        hosts.entry(name.to_owned()).or_insert_with(new).clone()
    }
}

impl Host {
    /// Room for one more request, once the host wants any. `waited` is how long the request has waited so far.
    pub(super) async fn enter(&self, queue: &Queue, settings: &Settings, waited: &mut Duration) -> Result<Room, Failure> {
        let over = || Failure::Request { host: self.name.clone(), why: "no more requests are sent".to_owned() };
        loop {
            self.opened(queue, settings, waited).await?;
            let alone = match queue.is_search {
                true => Some(self.search.clone().acquire_owned().await.map_err(|_| over())?),
                false => None,
            };
            let room = self.pace.enter(alone).await.ok_or_else(over)?;
            // It may have closed while others were before this one.
            if self.closed(queue).is_some() {
                continue;
            }
            match self.rates.take(queue, self.is_githubs(queue)) {
                Ok(()) => return Ok(room),
                Err(again) => {
                    drop(room);
                    let _wait = super::waits::begin();
                    tokio::time::sleep_until(again).await;
                }
            }
        }
    }

    async fn opened(&self, queue: &Queue, settings: &Settings, waited: &mut Duration) -> Result<(), Failure> {
        while let Some(Closed { until, why, .. }) = self.closed(queue) {
            let left = until.saturating_duration_since(Instant::now());
            if *waited + left > settings.max_wait {
                return Err(Failure::RateLimited { host: self.name.clone(), why, until: moment(left) });
            }
            if self.is_news(queue) {
                (settings.on_wait)(Waiting { host: self.name.clone(), service: queue.service, why, until: moment(left) });
            }
            let _wait = super::waits::begin();
            tokio::time::sleep_until(until).await;
            *waited += left;
        }
        Ok(())
    }

    fn closed(&self, queue: &Queue) -> Option<Closed> {
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let both = [closed.get(queue), closed.get(&Queue::of_everybody(queue.service))];
        let both = both.into_iter().flatten().copied().filter(|closed| closed.until > Instant::now());
        both.max_by_key(|closed| closed.until)
    }

    /// Whether nobody was told yet of what a request waits for. It is told now.
    fn is_news(&self, queue: &Queue) -> bool {
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut is_news = false;
        for queue in [queue, &Queue::of_everybody(queue.service)] {
            if let Some(closed) = closed.get_mut(queue).filter(|closed| closed.until > Instant::now()) {
                is_news |= !std::mem::replace(&mut closed.is_told, true);
            }
        }
        is_news
    }

    /// Notes how much of an allowance an answer left, which counts for so long.
    pub(super) fn note(&self, queue: &Queue, left: u64, of: Option<u64>, length: Duration) {
        let mut all = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(queue.clone(), Left { left, until: Instant::now() + length, is_githubs: of.is_some_and(is_githubs) });
    }

    fn is_githubs(&self, queue: &Queue) -> bool {
        self.left.lock().unwrap_or_else(PoisonError::into_inner).get(queue).is_some_and(|left| left.is_githubs)
    }

    /// How these stand together.
    pub(super) fn standing(&self, queues: &[Queue]) -> Standing {
        let now = Instant::now();
        let opens = queues.iter().filter_map(|queue| self.closed(queue)).map(|closed| closed.until.saturating_duration_since(now));
        let opens_in = opens.max().unwrap_or_default();
        let all = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let left = queues.iter().filter_map(|queue| all.get(queue)).filter(|left| left.until > now).map(|left| left.left).min();
        Standing { opens_in, left }
    }

    /// Sends nothing to it for a while. Whoever waits first for that tells the observer.
    pub(super) fn close(&self, queue: &Queue, wait: Duration, why: Why) {
        // Requests that were under way together are told nearly the same.
        const SAME: Duration = Duration::from_secs(2);
        let queue = if why == Why::Busy { Queue::of_everybody(queue.service) } else { queue.clone() };
        let until = Instant::now() + wait;
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let before = closed.get(&queue).copied();
        if before.is_none_or(|before| before.until < until) {
            let is_told = before.is_some_and(|before| before.is_told && until < before.until + SAME);
            closed.insert(queue, Closed { until, why, is_told });
        }
    }

    /// How many requests may be in flight now.
    #[cfg(test)]
    pub(super) fn limit(&self) -> usize {
        self.pace.limit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> (Settings, Arc<Mutex<Vec<Waiting>>>) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let tell = told.clone();
        let on_wait = Arc::new(move |waiting| tell.lock().expect("no panic").push(waiting));
        (Settings { in_flight: 2, on_wait, ..Settings::default() }, told)
    }

    fn without(service: Service) -> Queue {
        Queue::of(service, None)
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_of_one_token_holds_up_no_other() {
        let (settings, _) = settings();
        let host = Hosts::default().get("a", &settings);
        let [one, other] = ["Bearer one", "Bearer other"].map(|token| Queue::of(Service::Rest, Some(&HeaderValue::from_static(token))));
        host.note(&one, 0, None, Duration::from_secs(600));
        host.note(&other, 90, None, Duration::from_secs(60));
        host.close(&one, Duration::from_secs(600), Why::UsedUp);
        let start = Instant::now();
        for open in [&other, &without(Service::Rest)] {
            drop(host.enter(open, &settings, &mut Duration::default()).await.expect("it need not wait"));
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert_eq!(host.standing(std::slice::from_ref(&one)), Standing { opens_in: Duration::from_secs(600), left: Some(0) });
        assert_eq!(host.standing(&[other.clone(), without(Service::Rest)]), Standing { opens_in: Duration::ZERO, left: Some(90) });
        // A host that has no room has none for anybody.
        host.close(&other, Duration::from_secs(70), Why::Busy);
        drop(host.enter(&without(Service::Rest), &settings, &mut Duration::default()).await.expect("after the wait"));
        assert_eq!(start.elapsed().as_secs(), 70);
        assert_eq!(host.standing(&[other]), Standing::default());
        drop(host.enter(&one, &settings, &mut Duration::default()).await.expect("after the wait"));
        assert_eq!(start.elapsed().as_secs(), 600);
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_holds_up_its_host_and_service_alone_and_is_told_once() {
        let (settings, told) = settings();
        let hosts = Hosts::default();
        let (a, b) = (hosts.get("a", &settings), hosts.get("b", &settings));
        a.close(&without(Service::Rest), Duration::from_secs(600), Why::UsedUp);
        a.close(&without(Service::Rest), Duration::from_secs(601), Why::UsedUp);
        let start = Instant::now();
        let _b = b.enter(&without(Service::Rest), &settings, &mut Duration::default()).await.expect("another host");
        let _a = a.enter(&without(Service::Graphql), &settings, &mut Duration::default()).await.expect("another service");
        assert_eq!(start.elapsed(), Duration::ZERO);
        let mut waited = Duration::ZERO;
        let _c = a.enter(&without(Service::Rest), &settings, &mut waited).await.expect("after the wait");
        assert_eq!((start.elapsed().as_secs(), waited.as_secs()), (601, 601));
        let told = told.lock().expect("no panic");
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].host.as_str(), told[0].service, told[0].why), ("a", Service::Rest, Why::UsedUp));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_too_long_is_a_failure_at_once() {
        let (settings, told) = settings();
        let host = Hosts::default().get("a", &settings);
        host.close(&without(Service::Rest), Duration::from_secs(3_600), Why::UsedUp);
        let start = Instant::now();
        let failed = host.enter(&without(Service::Rest), &settings, &mut Duration::default()).await.err().expect("too long");
        let Failure::RateLimited { until, .. } = failed else { panic!("{failed}") };
        assert!(until > moment(Duration::from_secs(3_500)));
        // One that has waited before has less patience left.
        host.close(&without(Service::Git), Duration::from_secs(600), Why::Busy);
        assert!(host.enter(&without(Service::Git), &settings, &mut Duration::from_secs(400)).await.is_err());
        assert_eq!(start.elapsed(), Duration::ZERO);
        // Nobody waits.
        assert_eq!(told.lock().expect("no panic").len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_so_many_are_in_flight() {
        let (settings, _) = settings();
        let host = Hosts::default().get("a", &settings);
        let mut waited = Duration::ZERO;
        let first = host.enter(&without(Service::Rest), &settings, &mut waited).await.expect("room");
        let _second = host.enter(&without(Service::Rest), &settings, &mut waited).await.expect("room");
        let queue = without(Service::Rest);
        let mut third = std::pin::pin!(host.enter(&queue, &settings, &mut waited));
        assert!(tokio::time::timeout(Duration::from_secs(3_600), &mut third).await.is_err());
        drop(first);
        let _third = third.await.expect("room again");
    }

    #[tokio::test(start_paused = true)]
    async fn searches_go_one_after_the_other_and_hold_up_nothing_else() {
        let (settings, _) = settings();
        let host = Hosts::default().get("a", &settings);
        let (rest, search) = (without(Service::Rest), without(Service::Rest).searching(true));
        let mut waited = Duration::ZERO;
        let first = host.enter(&search, &settings, &mut waited).await.expect("room");
        let mut second = std::pin::pin!(host.enter(&search, &settings, &mut waited));
        assert!(tokio::time::timeout(Duration::from_secs(60), &mut second).await.is_err());
        drop(host.enter(&rest, &settings, &mut Duration::default()).await.expect("room"));
        drop(first);
        drop(second.await.expect("room again"));
        let start = Instant::now();
        host.close(&search, Duration::from_secs(40), Why::UsedUp);
        drop(host.enter(&rest, &settings, &mut Duration::default()).await.expect("it need not wait"));
        assert_eq!(start.elapsed(), Duration::ZERO);
        drop(host.enter(&search, &settings, &mut Duration::default()).await.expect("after the wait"));
        assert_eq!(start.elapsed().as_secs(), 40);
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_counts_as_github_does_is_sent_no_more_in_a_minute_than_github_takes() {
        let (settings, told) = settings();
        let host = Hosts::default().get("a", &settings);
        let start = Instant::now();
        let [counted, other] = ["Bearer one", "Bearer other"].map(|token| Queue::of(Service::Rest, Some(&HeaderValue::from_static(token))));
        host.note(&counted, 4_000, Some(5_000), Duration::from_secs(3_600));
        host.note(&other, 900_000, Some(1_000_000), Duration::from_secs(3_600));
        let mut sent = Vec::new();
        for n in 0..2_000 {
            drop(host.enter(&counted, &settings, &mut Duration::default()).await.expect("room"));
            sent.push(start.elapsed());
            if n % 10 == 0 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        assert!(sent.iter().zip(&sent[900..]).all(|(first, last)| *last - *first > Duration::from_secs(59)));
        assert!(start.elapsed() < Duration::from_secs(150), "{:?}", start.elapsed());
        let start = Instant::now();
        for queue in [&other, &without(Service::Rest), &without(Service::Git)] {
            for _ in 0..2_000 {
                drop(host.enter(queue, &settings, &mut Duration::default()).await.expect("room"));
            }
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        // That is no limit of which anybody need be told.
        assert_eq!(told.lock().expect("no panic").len(), 0);
    }
}
