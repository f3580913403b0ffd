//! When a client takes newer roots. Time is passed in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The age at which roots are read again, so that an authority that was removed is not trusted for long.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);
/// The age from which a rejected certificate causes roots to be read again, so that an authority that was added is
/// trusted soon. A thousand clients of a server with a bad certificate read the roots at most this often.
const MAX_AGE_AFTER_REJECTION: Duration = Duration::from_secs(1);

/// The state of one client's roots. A client without roots is never renewed.
#[derive(Clone, Default)]
pub(super) struct Renewal {
    /// When the roots of this client were read, or last tried to be renewed.
    checked_at: Option<Instant>,
    /// Roots that were not read after this are not taken.
    newer_than: Option<Instant>,
    /// Shared with the clones that send the requests.
    has_rejected: Arc<AtomicBool>,
}

impl Renewal {
    /// Returns the state of a client whose roots were read at this time.
    pub(super) fn of(read_at: Instant) -> Self {
        Self { checked_at: Some(read_at), ..Self::default() }
    }

    /// Returns whether roots that were read at `read_at` are good enough for this client.
    pub(super) fn takes(&self, read_at: Instant, now: Instant) -> bool {
        !is_outdated(read_at, now, false) && self.newer_than.is_none_or(|old| old < read_at)
    }

    /// Records that a certificate was rejected.
    pub(super) fn rejected(&self) {
        self.has_rejected.store(true, Ordering::Relaxed);
    }

    /// Returns true if it is time to take newer roots. From then on, only newer ones are taken.
    pub(super) fn begin(&mut self, now: Instant) -> bool {
        let Some(checked_at) = self.checked_at else { return false };
        if !is_outdated(checked_at, now, self.has_rejected.load(Ordering::Relaxed)) {
            return false;
        }
        self.has_rejected.store(false, Ordering::Relaxed);
        self.newer_than = Some(checked_at);
        self.checked_at = Some(now);
        true
    }
}

fn is_outdated(since: Instant, now: Instant, has_rejected: bool) -> bool {
    now.saturating_duration_since(since) >= if has_rejected { MAX_AGE_AFTER_REJECTION } else { MAX_AGE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_renewed_after_an_hour_or_a_second_after_a_rejected_certificate() {
        let start = Instant::now();
        for (age, has_rejected, expected) in [
            (Duration::ZERO, false, false),
            (Duration::from_secs(3_599), false, false),
            (Duration::from_secs(3_600), false, true),
            (Duration::from_millis(999), true, false),
            (Duration::from_secs(1), true, true),
        ] {
            let mut renewal = Renewal::of(start);
            if has_rejected {
                renewal.clone().rejected();
            }
            assert_eq!(renewal.begin(start + age), expected, "{age:?}, {has_rejected}");
        }
    }

    #[test]
    fn only_roots_that_were_read_in_the_last_hour_and_since_the_old_ones_are_taken() {
        let start = Instant::now();
        let mut renewal = Renewal::of(start);
        assert!(renewal.takes(start, start + Duration::from_secs(3_599)));
        assert!(!renewal.takes(start, start + MAX_AGE));
        renewal.rejected();
        let now = start + Duration::from_secs(5);
        assert!(renewal.begin(now));
        assert!(!renewal.takes(start, now));
        assert!(renewal.takes(start + Duration::from_secs(4), now), "another client has read them meanwhile");
    }

    #[test]
    fn a_renewal_that_fails_is_tried_again_after_an_hour_or_another_rejection() {
        let start = Instant::now();
        let mut renewal = Renewal::of(start);
        let due = start + MAX_AGE;
        let soon = due + Duration::from_secs(2);
        assert!(renewal.begin(due));
        assert!(!renewal.begin(soon));
        renewal.rejected();
        assert!(renewal.begin(soon));
        assert!(!renewal.begin(soon + Duration::from_secs(2)));
        assert!(renewal.begin(soon + MAX_AGE));
    }

    #[test]
    fn a_client_without_roots_has_nothing_to_renew() {
        let mut renewal = Renewal::default();
        renewal.rejected();
        assert!(!renewal.begin(Instant::now() + 2 * MAX_AGE));
    }
}
