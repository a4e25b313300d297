//! What to do after an answer or a failure: take it, ask again, or wait. Pure: it looks at no clock but what it is told.

use std::time::Duration;

use http::StatusCode;
use http::header::{DATE, HeaderMap, RETRY_AFTER};
use jiff::Timestamp;

use super::bill::Service;
use super::failure::Failure;
use super::settings::Why;

/// What GitHub asks for where it names no time itself.
const UNNAMED: Duration = Duration::from_secs(60);
/// The longest pause before a retry.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// The longest wait that a host is believed to want.
const LONGEST_WAIT: Duration = Duration::from_secs(30 * 86_400);
/// By how much longer one waits than a host says: it counts whole seconds.
pub(super) const WHOLE: Duration = Duration::from_secs(1);
/// How often one request is sent again after a limit.
pub(super) const MOST_WAITS: u32 = 5;

/// How often a request that was answered so may be sent again.
pub(super) const fn retries(service: Service, status: StatusCode) -> u32 {
    match status.as_u16() {
        500 => 1,
        // A query that was too much for the host is so again: whoever asked splits it.
        502 | 504 if matches!(service, Service::Graphql) => 1,
        502..=504 => 3,
        507..=599 => 2,
        _ => 0,
    }
}

/// The pause before a retry, of which `tried` came before: doubled each time, with jitter, so that many that failed
/// together do not come back together.
pub(super) fn pause(first: Duration, tried: u32) -> Duration {
    let full = first.saturating_mul(1 << tried.min(10)).min(LONGEST_PAUSE);
    full.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// How long a host wants no requests after this answer, if that is what the answer says.
pub(super) fn limit(service: Service, status: StatusCode, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Option<(Duration, Why)> {
    let now = date(headers, DATE.as_str()).unwrap_or(now);
    let remaining = number(headers, "x-ratelimit-remaining");
    let until = |at: Timestamp| Duration::try_from(at.duration_since(now)).unwrap_or_default();
    let reset = || {
        let at = i64::try_from(number(headers, "x-ratelimit-reset")?).ok()?;
        Some(until(Timestamp::from_second(at).ok()?) + WHOLE)
    };
    let after = number(headers, RETRY_AFTER.as_str()).map(Duration::from_secs).or_else(|| date(headers, RETRY_AFTER.as_str()).map(until));
    let bounded = |(wait, why): (Duration, Why)| (wait.min(LONGEST_WAIT), why);
    let says = |words: &str| memchr::memmem::find(body, words.as_bytes()).is_some();
    let limit = match status.as_u16() {
        403 | 429 => match (after, remaining) {
            (Some(after), _) => Some((after, if remaining == Some(0) { Why::UsedUp } else { Why::TooFast })),
            (None, Some(0)) => Some((reset().unwrap_or(UNNAMED), Why::UsedUp)),
            _ if status == StatusCode::TOO_MANY_REQUESTS || says("secondary rate limit") => Some((UNNAMED, Why::TooFast)),
            _ => None,
        },
        503 => after.map(|after| (after, Why::Busy)),
        // GraphQL says so in an answer that is none.
        200 if service == Service::Graphql && remaining == Some(0) && says("RATE_LIMITED") => {
            Some((reset().unwrap_or(UNNAMED), Why::UsedUp))
        }
        _ => None,
    };
    limit.map(bounded)
}

/// How much of an allowance is left by an answer, and for how long that counts. Searches have an allowance of their own.
pub(super) fn left(headers: &HeaderMap, is_search: bool, now: Timestamp) -> Option<(u64, Duration)> {
    let resource = headers.get("x-ratelimit-resource").and_then(|name| name.to_str().ok());
    let is_its_own = match resource {
        None => !is_search,
        Some(name) if is_search => name == "search",
        Some(name) => matches!(name, "core" | "graphql"),
    };
    if !is_its_own {
        return None;
    }
    let now = date(headers, DATE.as_str()).unwrap_or(now);
    let reset = Timestamp::from_second(i64::try_from(number(headers, "x-ratelimit-reset")?).ok()?).ok()?;
    let length = Duration::try_from(reset.duration_since(now)).unwrap_or_default().min(LONGEST_WAIT);
    Some((number(headers, "x-ratelimit-remaining")?, length))
}

/// Of how large an allowance that is.
pub(super) fn allowance(headers: &HeaderMap) -> Option<u64> {
    number(headers, "x-ratelimit-limit")
}

/// Whether the same may be sent once more, and after which pause, after so many tries that failed.
pub(super) fn again(failure: &Failure, service: Service, tried: u32, first_pause: Duration) -> Option<Duration> {
    let most = match failure {
        Failure::Status { status, .. } => retries(service, *status),
        _ => failure.retries(),
    };
    (tried < most).then(|| pause(first_pause, tried))
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

fn date(headers: &HeaderMap, name: &str) -> Option<Timestamp> {
    let zoned = jiff::fmt::rfc2822::parse(headers.get(name)?.to_str().ok()?).ok()?;
    Some(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-25T21:00:00Z";

    fn limited(service: Service, status: u16, headers: &[(&'static str, &str)], body: &str) -> Option<(u64, Why)> {
        let headers = headers.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().expect("a header"))).collect();
        let status = StatusCode::from_u16(status).expect("a status");
        limit(service, status, &headers, body.as_bytes(), NOW.parse().expect("a moment")).map(|(wait, why)| (wait.as_secs(), why))
    }

    #[test]
    fn limits_are_told_from_refusals() {
        let reset = NOW.parse::<Timestamp>().expect("a moment").as_second() + 100;
        let reset = reset.to_string();
        let used_up = &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &*reset)][..];
        let rest = |status, headers: &[(&'static str, &str)]| limited(Service::Rest, status, headers, "");
        assert_eq!(rest(403, used_up), Some((101, Why::UsedUp)));
        assert_eq!(rest(429, used_up), Some((101, Why::UsedUp)));
        assert_eq!(rest(403, &[("x-ratelimit-remaining", "0")]), Some((60, Why::UsedUp)));
        assert_eq!(rest(403, &[("retry-after", "7")]), Some((7, Why::TooFast)));
        assert_eq!(rest(403, &[("retry-after", "Wed, 25 Nov 2026 21:00:30 GMT")]), Some((30, Why::TooFast)));
        assert_eq!(rest(429, &[]), Some((60, Why::TooFast)));
        assert_eq!(limited(Service::Rest, 403, &[], "You have exceeded a secondary rate limit."), Some((60, Why::TooFast)));
        assert_eq!(rest(503, &[("retry-after", "3")]), Some((3, Why::Busy)));
        // The past, and numbers beyond belief.
        assert_eq!(rest(403, &[("retry-after", "Wed, 25 Nov 2020 21:00:30 GMT")]), Some((0, Why::TooFast)));
        assert_eq!(rest(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "99999999999999999999")]), Some((60, Why::UsedUp)));
        assert_eq!(rest(403, &[("retry-after", "18446744073709551615")]), Some((2_592_000, Why::TooFast)));
        assert_eq!(rest(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "99999999999")]), Some((2_592_000, Why::UsedUp)));
        // The host's own clock counts.
        let late = [used_up, &[("date", "Wed, 25 Nov 2026 21:01:30 GMT")]].concat();
        assert_eq!(rest(403, &late), Some((11, Why::UsedUp)));
        assert_eq!(limited(Service::Graphql, 200, used_up, r#"{"errors":[{"type":"RATE_LIMITED"}]}"#), Some((101, Why::UsedUp)));
        for plain in [
            rest(403, &[("x-ratelimit-remaining", "12")]),
            rest(403, &[]),
            rest(404, used_up),
            rest(200, used_up),
            rest(401, &[("retry-after", "7")]),
            rest(503, &[]),
            limited(Service::Graphql, 200, used_up, r#"{"data":{}}"#),
        ] {
            assert_eq!(plain, None);
        }
    }

    #[test]
    fn what_is_left_is_told_until_it_is_counted_anew() {
        let reset = (NOW.parse::<Timestamp>().expect("a moment").as_second() + 100).to_string();
        let told = |headers: &[(&'static str, &str)]| {
            let pairs = headers.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().expect("a header")));
            left(&pairs.collect(), false, NOW.parse().expect("a moment")).map(|(left, length)| (left, length.as_secs()))
        };
        let both = [("x-ratelimit-remaining", "12"), ("x-ratelimit-reset", &*reset)];
        assert_eq!(told(&both), Some((12, 100)));
        assert_eq!(told(&[both[0], both[1], ("x-ratelimit-resource", "graphql")]), Some((12, 100)));
        let search = [both[0], both[1], ("x-ratelimit-resource", "search")];
        assert_eq!(told(&search), None);
        let of_search = |headers: &[(&'static str, &str)]| {
            let pairs = headers.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().expect("a header")));
            left(&pairs.collect(), true, NOW.parse().expect("a moment")).map(|(left, _)| left)
        };
        assert_eq!((of_search(&search), of_search(&both)), (Some(12), None));
        assert_eq!((told(&both[..1]), told(&both[1..])), (None, None));
        assert_eq!(told(&[both[0], ("x-ratelimit-reset", "99999999999")]), Some((12, 2_592_000)));
    }

    #[test]
    fn what_may_pass_is_tried_again_a_few_times_and_nothing_else() {
        let count =
            |failure: &Failure, service| (0..10).take_while(|tried| again(failure, service, *tried, Duration::ZERO).is_some()).count();
        let status = |status| Failure::Status { host: String::new(), status: StatusCode::from_u16(status).expect("a status") };
        let (host, why) = (String::new, String::new);
        for (failure, times) in [
            (status(500), 1),
            (status(501), 0),
            (status(502), 3),
            (status(503), 3),
            (status(504), 3),
            (status(505), 0),
            (status(522), 2),
            (status(404), 0),
            (Failure::Reset { host: host(), why: why() }, 3),
            (Failure::Timeout { host: host() }, 2),
            (Failure::Connect { host: host(), why: why() }, 2),
            (Failure::Dns { host: host(), why: why() }, 1),
            (Failure::Certificate { host: host(), why: why() }, 0),
            (Failure::TooLarge { host: host(), most: 1 }, 0),
        ] {
            assert_eq!(count(&failure, Service::Rest), times, "{failure:?}");
        }
        assert_eq!(count(&status(502), Service::Graphql), 1);
    }

    #[test]
    fn pauses_grow_within_bounds() {
        let first = Duration::from_millis(500);
        for tried in 0..100 {
            let full = first.saturating_mul(1 << tried.min(10)).min(LONGEST_PAUSE);
            let pause = pause(first, tried);
            assert!(pause >= full / 2 && pause <= full, "{tried}: {pause:?}");
        }
    }
}
