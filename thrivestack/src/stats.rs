//! What became of the events, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::counts::Counts;
use crate::reasons::{DropReason, Rejected};

/// Counters of a client since it was made, as of one moment.
///
/// `accepted() == delivered() + pending() + dropped_total()` at every moment: an accepted event is delivered, dropped
/// with a reason, or still on its way.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Stats {
    counts: Counts,
    rejected: [u64; Rejected::COUNT],
    left_out: u64,
    requests: u64,
    retries: u64,
}

/// The counters that need not agree with the queue.
#[derive(Default)]
pub(crate) struct Tallies {
    pub(crate) rejected: [AtomicU64; Rejected::COUNT],
    pub(crate) left_out: AtomicU64,
    pub(crate) requests: AtomicU64,
    pub(crate) retries: AtomicU64,
}

impl Stats {
    /// Events that were taken into the queue, those of an earlier process that a [spool](crate::Config::spool) kept among
    /// them.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.counts.accepted
    }

    /// Accepted events that ThriveStack answered with success.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.counts.delivered
    }

    /// Accepted events that wait, are in flight or will be sent again. After a shutdown, those that a
    /// [spool](crate::Config::spool) keeps for the next start.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.counts.pending()
    }

    /// Accepted events that were given up for this reason.
    #[must_use]
    pub fn dropped(&self, reason: DropReason) -> u64 {
        self.counts.dropped[reason as usize]
    }

    /// Accepted events that were given up for whatever reason.
    #[must_use]
    pub fn dropped_total(&self) -> u64 {
        self.counts.dropped_total()
    }

    /// Returns the number of calls that were never accepted for this reason. Calls made while there was no client count
    /// nowhere.
    #[must_use]
    pub fn rejected(&self, reason: Rejected) -> u64 {
        self.rejected[reason as usize]
    }

    /// Returns the number of calls that were never accepted for any reason.
    #[must_use]
    pub fn rejected_total(&self) -> u64 {
        self.rejected.iter().sum()
    }

    /// The former name of [`rejected`](Self::rejected).
    #[deprecated(since = "0.1.0", note = "renamed to `rejected`")]
    #[must_use]
    pub fn refused(&self, reason: Rejected) -> u64 {
        self.rejected(reason)
    }

    /// The former name of [`rejected_total`](Self::rejected_total).
    #[deprecated(since = "0.1.0", note = "renamed to `rejected_total`")]
    #[must_use]
    pub fn refused_total(&self) -> u64 {
        self.rejected_total()
    }

    /// Values of accepted events that failed to serialize and were left out.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// HTTP requests that were made, retries among them.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// HTTP requests that repeated an earlier one.
    #[must_use]
    pub fn retries(&self) -> u64 {
        self.retries
    }

    pub(crate) fn of(counts: Counts, tallies: &Tallies) -> Self {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Self {
            counts,
            rejected: std::array::from_fn(|reason| read(&tallies.rejected[reason])),
            left_out: read(&tallies.left_out),
            requests: read(&tallies.requests),
            retries: read(&tallies.retries),
        }
    }
}

impl Tallies {
    pub(crate) fn reject(&self, reason: Rejected) {
        self.rejected[reason as usize].fetch_add(1, Ordering::Relaxed);
    }
}
