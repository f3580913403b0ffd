//! What became of accepted events, as of one moment.

use crate::reasons::DropReason;

/// Counters that agree with one another.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) accepted: u64,
    pub(crate) delivered: u64,
    pub(crate) dropped: [u64; DropReason::COUNT],
}

impl Counts {
    pub(crate) fn dropped_total(&self) -> u64 {
        self.dropped.iter().sum()
    }

    pub(crate) fn pending(&self) -> u64 {
        self.accepted - self.delivered - self.dropped_total()
    }
}
