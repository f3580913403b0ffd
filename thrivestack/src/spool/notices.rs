//! What the spool has to tell. It is told by the worker: whoever listens may emit, which no caller's lock would survive.

use std::io;

use super::recover::Left;

/// News of a spool.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    /// The error with which an episode of trouble began.
    pub(crate) failure: Option<String>,
    pub(crate) has_recovered: bool,
    /// Events that were refused because the spool is full.
    pub(crate) overflowed: u64,
    /// Events that were taken over from clients that are gone.
    pub(crate) adopted: u64,
    /// Events that are dropped because their records are damaged, or too old.
    pub(crate) damaged: u64,
    pub(crate) expired: u64,
    /// What waits for another key or a later version, if that has changed.
    pub(crate) left: Option<Left>,
    is_failing: bool,
    last_left: Left,
}

impl Notices {
    pub(super) fn failed(&mut self, error: &io::Error) {
        if !std::mem::replace(&mut self.is_failing, true) {
            self.failure = Some(error.to_string());
        }
    }

    pub(super) fn recovered(&mut self) {
        if std::mem::replace(&mut self.is_failing, false) {
            self.has_recovered = true;
        }
    }

    pub(super) fn left(&mut self, left: Left) {
        if std::mem::replace(&mut self.last_left, left) != left && left != Left::default() {
            self.left = Some(left);
        }
    }

    /// Leaves what has to be remembered for the next ones.
    pub(super) fn take(&mut self) -> Self {
        let rest = Self { is_failing: self.is_failing, last_left: self.last_left, ..Self::default() };
        std::mem::replace(self, rest)
    }
}
