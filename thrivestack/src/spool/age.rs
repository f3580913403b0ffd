//! The age of what waits on disk. Pure: the time is passed in.
//!
//! A clock may have been wrong when a record was written, or be set while it waits. So what this process has seen is aged by
//! a clock that does not jump, and the time in a record counts only up to the moment when it was found.

use std::time::{Duration, Instant};

/// The first millisecond of 2024. No record was written before it, whatever its clock said.
const FIRST_MILLIS: u64 = 1_704_067_200_000;

/// From when on the age of a run's records counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// This process wrote the records between these moments.
    Written { first: Instant, last: Instant },
    /// An earlier process left the records. This one found them at a moment at which its clock said `millis`.
    Found { at: Instant, millis: u64 },
}

impl Age {
    pub(super) fn now() -> Self {
        let now = Instant::now();
        Self::Written { first: now, last: now }
    }

    /// Returns whether a record that says that it was written at `at_millis` is older than `max_age`.
    pub(super) fn is_over(self, at_millis: u64, max_age: Duration, now: Instant) -> bool {
        let (since, before) = match self {
            // The youngest decides, so that none expires too early.
            Self::Written { last, .. } => (last, 0),
            Self::Found { at, millis } if at_millis >= FIRST_MILLIS => (at, millis.saturating_sub(at_millis)),
            Self::Found { at, .. } => (at, 0),
        };
        now.saturating_duration_since(since).saturating_add(Duration::from_millis(before)) > max_age
    }

    /// The age of records of both, if they can share one: written at most `apart` from each other, or found together.
    pub(super) fn join(self, next: Self, apart: Duration) -> Option<Self> {
        match (self, next) {
            (Self::Written { first, .. }, Self::Written { last, .. }) => {
                (last.saturating_duration_since(first) <= apart).then_some(Self::Written { first, last })
            }
            _ => (self == next).then_some(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
    const HOUR: Duration = Duration::from_secs(60 * 60);
    /// A moment of 2026.
    const MILLIS: u64 = 1_780_000_000_000;

    #[test]
    fn a_record_of_this_process_ages_by_a_clock_that_does_not_jump() {
        let start = Instant::now();
        let age = Age::Written { first: start, last: start + HOUR };
        for at_millis in [0, MILLIS, u64::MAX] {
            assert!(!age.is_over(at_millis, WEEK, start));
            assert!(!age.is_over(at_millis, WEEK, start + WEEK + HOUR));
            assert!(age.is_over(at_millis, WEEK, start + WEEK + 2 * HOUR));
        }
    }

    #[test]
    fn a_record_that_was_found_ages_from_when_it_was_written() {
        let at = Instant::now();
        let age = Age::Found { at, millis: MILLIS };
        let written = MILLIS - 6 * 24 * 60 * 60 * 1_000;
        assert!(!age.is_over(written, WEEK, at + 24 * HOUR));
        assert!(age.is_over(written, WEEK, at + 25 * HOUR));
        assert!(age.is_over(written - WEEK.as_millis() as u64, WEEK, at));
    }

    #[test]
    fn an_age_that_cannot_be_counts_from_the_first_look() {
        let at = Instant::now();
        for (what, written, millis) in [
            ("at the beginning of 1970", 0, MILLIS),
            ("at the end of 2023", FIRST_MILLIS - 1, MILLIS),
            ("in the future", MILLIS + 1, MILLIS),
            ("in the future of a clock that says 1970", MILLIS, 1_000),
            ("at the end of time", u64::MAX, MILLIS),
        ] {
            let age = Age::Found { at, millis };
            assert!(!age.is_over(written, WEEK, at + WEEK), "{what}");
            assert!(age.is_over(written, WEEK, at + WEEK + HOUR), "{what}");
        }
    }

    #[test]
    fn only_records_of_about_one_age_share_it() {
        let start = Instant::now();
        let written = |at| Age::Written { first: at, last: at };
        let joined = written(start).join(written(start + HOUR), HOUR);
        assert_eq!(joined, Some(Age::Written { first: start, last: start + HOUR }));
        assert_eq!(joined.unwrap().join(written(start + 2 * HOUR), HOUR), None);
        let found = Age::Found { at: start, millis: MILLIS };
        assert_eq!(found.join(found, Duration::ZERO), Some(found));
        assert_eq!(found.join(written(start), HOUR), None);
    }
}
