//! What an answer means for the events of a request, and how long to wait before the next one. Pure: no clock, no
//! thread, no socket.

use std::time::{Duration, SystemTime};

/// The ceiling of the first back-off; it doubles with every further failure.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
/// The highest ceiling of a back-off.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);
/// The longest time that a server may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);
/// How long a parked endpoint rests between two attempts.
pub(crate) const PROBE_INTERVAL: Duration = Duration::from_secs(60);

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The server answered.
    Answered {
        status: u16,
        /// The `Retry-After` header, if there is a readable one.
        retry_after: Option<Duration>,
        /// The beginning of the answer's body.
        body: Vec<u8>,
    },
    /// There was no answer.
    Failed(String),
}

/// What to do with the events of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Delivered,
    /// Send the same bytes again, but not before so long.
    Retry {
        not_before: Duration,
    },
    /// Keep them: no repetition helps before someone changes the key or the endpoint.
    Park,
    /// Send them in two halves: one of them may be what the server does not take.
    Bisect,
    /// Send them in two halves, and smaller batches from now on.
    Shrink,
    /// Give them up: no repetition helps.
    Drop,
}

/// Only a 2xx answer delivers.
pub(crate) fn judge(outcome: &Outcome) -> Verdict {
    match outcome {
        Outcome::Failed(_) => Verdict::Retry { not_before: Duration::ZERO },
        Outcome::Answered { status, retry_after, .. } => match status {
            200..=299 => Verdict::Delivered,
            // A redirect would carry the key to another address: the endpoint is configured wrongly.
            300..=399 | 401 | 403 => Verdict::Park,
            400 => Verdict::Bisect,
            413 => Verdict::Shrink,
            408 | 429 | 500.. => Verdict::Retry { not_before: retry_after.unwrap_or_default() },
            _ => Verdict::Drop,
        },
    }
}

/// How long to wait after `failures` failures in a row: full jitter, so that clients which fail together do not come
/// back together, on top of what the server asked for. `jitter` is a random number from 0 to 1.
pub(crate) fn backoff(failures: u32, not_before: Duration, jitter: f64) -> Duration {
    let doubled =
        FIRST_BACKOFF.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
    not_before + doubled.min(LONGEST_BACKOFF).mul_f64(jitter.clamp(0.0, 1.0))
}

/// Reads a `Retry-After` header: seconds or an HTTP date. Anything else counts as absent.
pub(crate) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number too large for its type is the longest time, not a missing one.
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default()
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answered(status: u16, retry_after: Option<u64>) -> Outcome {
        Outcome::Answered { status, retry_after: retry_after.map(Duration::from_secs), body: vec![] }
    }

    #[test]
    fn an_answer_decides_what_becomes_of_its_events() {
        let retry = |seconds| Verdict::Retry { not_before: Duration::from_secs(seconds) };
        for (statuses, verdict) in [
            (&[200, 201, 202, 204, 299][..], Verdict::Delivered),
            (&[300, 301, 302, 303, 307, 308, 401, 403], Verdict::Park),
            (&[408, 429, 500, 502, 503, 504, 599], retry(0)),
            (&[400], Verdict::Bisect),
            (&[413], Verdict::Shrink),
            (&[100, 402, 404, 405, 409, 415, 422], Verdict::Drop),
        ] {
            for status in statuses {
                assert_eq!(judge(&answered(*status, None)), verdict, "{status}");
            }
        }
        assert_eq!(judge(&answered(429, Some(7))), retry(7));
        assert_eq!(judge(&answered(503, Some(7))), retry(7));
        assert_eq!(judge(&Outcome::Failed("connection refused".into())), retry(0));
    }

    #[test]
    fn a_backoff_doubles_up_to_a_minute() {
        for (failures, longest) in [
            (0, 500),
            (1, 500),
            (2, 1_000),
            (3, 2_000),
            (7, 32_000),
            (8, 60_000),
            (33, 60_000),
            (u32::MAX, 60_000),
        ] {
            assert_eq!(backoff(failures, Duration::ZERO, 1.0), Duration::from_millis(longest), "{failures}");
            assert_eq!(backoff(failures, Duration::ZERO, 0.0), Duration::ZERO);
            assert_eq!(backoff(failures, Duration::from_secs(9), 0.0), Duration::from_secs(9));
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_785_585_600);
        for (value, expected) in [
            ("0", Some(0)),
            ("17", Some(17)),
            (" 17 ", Some(17)),
            ("301", Some(300)),
            ("1000000000000000000", Some(300)),
            ("99999999999999999999999999", Some(300)),
            ("Sat, 01 Aug 2026 12:00:30 GMT", Some(30)),
            ("Sat, 01 Aug 2026 11:00:00 GMT", Some(0)),
            ("Sun, 01 Aug 2027 12:00:00 GMT", Some(300)),
            ("-1", None),
            ("1.5", None),
            ("1e18", None),
            ("NaN", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(value, now), expected.map(Duration::from_secs), "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn a_wait_is_never_shorter_than_asked_nor_longer_than_a_minute_more(
            failures: u32,
            asked in 0..300_u64,
            jitter in 0.0..1.0_f64,
        ) {
            let asked = Duration::from_secs(asked);
            let wait = backoff(failures, asked, jitter);
            prop_assert!(wait >= asked && wait <= asked + LONGEST_BACKOFF);
        }

        #[test]
        fn any_retry_after_is_read_without_a_panic(value: String) {
            let _ = retry_after(&value, SystemTime::UNIX_EPOCH);
        }
    }
}
