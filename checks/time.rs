//! Times: how long before the moment of judging something may lie.

use jiff::{SignedDuration, Timestamp};

/// The moment that lies `days` calendar days before `as_of`, in UTC, where each has 24 hours. What happened within
/// these days lies strictly after it. `None` if `as_of` is no RFC 3339 time, or if that moment is out of range.
pub(crate) fn days_before(as_of: &str, days: i64) -> Option<Timestamp> {
    let seconds = days.checked_mul(24 * 60 * 60)?;
    let as_of: Timestamp = as_of.parse().ok()?;
    as_of.checked_sub(SignedDuration::from_secs(seconds)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_back_in_utc() {
        let moment = |as_of, days| days_before(as_of, days).map(|moment| moment.to_string());
        assert_eq!(moment("2026-11-25T00:00:00Z", 90).as_deref(), Some("2026-08-27T00:00:00Z"));
        assert_eq!(moment("2024-03-01T12:30:01Z", 1).as_deref(), Some("2024-02-29T12:30:01Z"));
        assert_eq!(moment("2026-11-25T01:00:00+02:00", 1).as_deref(), Some("2026-11-23T23:00:00Z"));
        assert_eq!(moment("2026-11-25", 1), None);
        assert_eq!(moment("", 1), None);
        assert_eq!(moment("2026-11-25T00:00:00Z", i64::MAX), None);
        assert_eq!(moment("2026-11-25T00:00:00Z", 100_000_000), None);
    }
}
