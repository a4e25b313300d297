//! What is known of each host during a run: how many requests it has before it, and until when it wants none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::bill::Service;
use super::failure::{Failure, moment};
use super::settings::{Settings, Waiting, Why};

/// The hosts that have been asked.
#[derive(Default)]
pub(super) struct Hosts(Mutex<HashMap<String, Arc<Host>>>);

/// One of them.
pub(super) struct Host {
    name: String,
    free: Arc<Semaphore>,
    /// A limit counts for one of its services, and holds up no other host.
    closed: Mutex<HashMap<Service, (Instant, Why)>>,
}

impl Hosts {
    pub(super) fn get(&self, name: &str, settings: &Settings) -> Arc<Host> {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let free = Arc::new(Semaphore::new(settings.in_flight.clamp(1, 100)));
            Arc::new(Host { name: name.to_owned(), free, closed: Mutex::default() })
        };
        hosts.entry(name.to_owned()).or_insert_with(new).clone()
    }
}

impl Host {
    /// Room for one more request, once the host wants any. `waited` is how long the request has waited so far.
    pub(super) async fn enter(
        &self,
        service: Service,
        settings: &Settings,
        waited: &mut Duration,
    ) -> Result<OwnedSemaphorePermit, Failure> {
        loop {
            self.opened(service, settings, waited).await?;
            let Ok(permit) = self.free.clone().acquire_owned().await else {
                return Err(Failure::Request { host: self.name.clone(), why: "no more requests are sent".to_owned() });
            };
            // It may have closed while others were before this one.
            if self.closed(service).is_none() {
                return Ok(permit);
            }
        }
    }

    async fn opened(&self, service: Service, settings: &Settings, waited: &mut Duration) -> Result<(), Failure> {
        while let Some((until, why)) = self.closed(service) {
            let left = until.saturating_duration_since(Instant::now());
            if *waited + left > settings.max_wait {
                return Err(Failure::RateLimited { host: self.name.clone(), why, until: moment(left) });
            }
            tokio::time::sleep_until(until).await;
            *waited += left;
        }
        Ok(())
    }

    fn closed(&self, service: Service) -> Option<(Instant, Why)> {
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        closed.get(&service).copied().filter(|(until, _)| *until > Instant::now())
    }

    /// Sends nothing to it for a while. The first to be told so tells the observer.
    pub(super) fn close(&self, service: Service, wait: Duration, why: Why, settings: &Settings) {
        // Requests that were under way together are told nearly the same.
        const SAME: Duration = Duration::from_secs(2);
        let until = Instant::now() + wait;
        let is_news = {
            let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
            let before = closed.get(&service).map(|(until, _)| *until);
            if before.is_none_or(|before| before < until) {
                closed.insert(service, (until, why));
            }
            before.is_none_or(|before| before + SAME < until)
        };
        if is_news && !wait.is_zero() && wait <= settings.max_wait {
            (settings.on_wait)(Waiting { host: self.name.clone(), service, why, until: moment(wait) });
        }
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

    #[tokio::test(start_paused = true)]
    async fn a_limit_holds_up_its_host_and_service_alone_and_is_told_once() {
        let (settings, told) = settings();
        let hosts = Hosts::default();
        let (a, b) = (hosts.get("a", &settings), hosts.get("b", &settings));
        a.close(Service::Rest, Duration::from_secs(600), Why::UsedUp, &settings);
        a.close(Service::Rest, Duration::from_secs(601), Why::UsedUp, &settings);
        let start = Instant::now();
        let _b = b.enter(Service::Rest, &settings, &mut Duration::default()).await.expect("another host");
        let _a = a.enter(Service::Graphql, &settings, &mut Duration::default()).await.expect("another service");
        assert_eq!(start.elapsed(), Duration::ZERO);
        let mut waited = Duration::ZERO;
        let _c = a.enter(Service::Rest, &settings, &mut waited).await.expect("after the wait");
        assert_eq!((start.elapsed().as_secs(), waited.as_secs()), (601, 601));
        let told = told.lock().expect("no panic");
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].host.as_str(), told[0].service, told[0].why), ("a", Service::Rest, Why::UsedUp));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_too_long_is_a_failure_at_once() {
        let (settings, told) = settings();
        let host = Hosts::default().get("a", &settings);
        host.close(Service::Rest, Duration::from_secs(3_600), Why::UsedUp, &settings);
        let start = Instant::now();
        let failed = host.enter(Service::Rest, &settings, &mut Duration::default()).await.expect_err("too long");
        let Failure::RateLimited { until, .. } = failed else { panic!("{failed}") };
        assert!(until > moment(Duration::from_secs(3_500)));
        // One that has waited before has less patience left.
        host.close(Service::Git, Duration::from_secs(600), Why::Busy, &settings);
        assert!(host.enter(Service::Git, &settings, &mut Duration::from_secs(400)).await.is_err());
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert_eq!(told.lock().expect("no panic").len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_so_many_are_in_flight() {
        let (settings, _) = settings();
        let host = Hosts::default().get("a", &settings);
        let mut waited = Duration::ZERO;
        let first = host.enter(Service::Rest, &settings, &mut waited).await.expect("room");
        let _second = host.enter(Service::Rest, &settings, &mut waited).await.expect("room");
        let mut third = std::pin::pin!(host.enter(Service::Rest, &settings, &mut waited));
        assert!(tokio::time::timeout(Duration::from_secs(3_600), &mut third).await.is_err());
        drop(first);
        let _third = third.await.expect("room again");
    }
}
