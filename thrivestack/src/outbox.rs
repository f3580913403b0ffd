//! Which batch is sent next, and when. Pure: time is passed in, and nothing here sends anything.
//!
//! Batches are loaded a wave at a time, in the order of [`batches`](crate::batcher::batches), and leave in that order:
//! one that waits for a retry holds up those behind it, so that no event overtakes the account it names. A parked
//! endpoint steps out of the line and holds up nothing; when it comes back, it takes the place that it had.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::batcher::{Batch, Rank};
use crate::reasons::{DropReason, ReportOutcome};
use crate::retry::{self, PROBE_INTERVAL, Verdict};
use crate::sizing::Sizing;
use crate::wire::Endpoint;

/// What the worker holds.
pub(crate) struct Outbox {
    line: VecDeque<Batch>,
    /// Failures in a row of the batch at the head of the line.
    failures: u32,
    not_before: Option<Instant>,
    parked: Vec<Parked>,
    sizing: Sizing,
}

/// The batches of an endpoint that waits for someone to change the key or the configuration.
struct Parked {
    endpoint: Endpoint,
    batches: VecDeque<Batch>,
    probe_at: Instant,
    failures: u32,
}

impl Outbox {
    /// Without a batch. `batch_bytes` is the configured limit.
    pub(crate) fn new(batch_bytes: usize) -> Self {
        Self {
            line: VecDeque::new(),
            failures: 0,
            not_before: None,
            parked: Vec::new(),
            sizing: Sizing::new(batch_bytes),
        }
    }

    /// Adds a wave behind what is there.
    pub(crate) fn load(&mut self, batches: Vec<Batch>) {
        for batch in batches {
            match self.parked(batch.endpoint) {
                Some(parked) => parked.batches.push_back(batch),
                None => self.line.push_back(batch),
            }
        }
    }

    /// Whether the next wave may be loaded. While one is waiting, the queue keeps what comes in its bounds.
    pub(crate) fn wants_more(&self) -> bool {
        self.line.is_empty()
    }

    /// Takes the batch that is due.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Batch> {
        // A probe does not wait for the line, which may never be empty, but for what stands before it there.
        let head = self.line.front().map(Batch::rank);
        let probe = self
            .parked
            .iter_mut()
            .filter(|parked| parked.probe_at <= now && parked.goes_before(head))
            .min_by_key(|parked| parked.rank());
        match probe {
            Some(parked) => parked.batches.pop_front(),
            None if self.not_before.is_none_or(|at| at <= now) => self.line.pop_front(),
            None => None,
        }
    }

    /// When [`next`](Self::next) has something, if nothing else happens.
    pub(crate) fn due_at(&self, now: Instant) -> Option<Instant> {
        let head = self.line.front().map(Batch::rank);
        let probes = self.parked.iter().filter(|parked| parked.goes_before(head));
        let line = head.map(|_| self.not_before.unwrap_or(now));
        probes.map(|parked| parked.probe_at).chain(line).min()
    }

    /// Takes notice of what came of a batch, and keeps what has to be sent again. `jitter` is a random number from 0
    /// to 1. Returns what became of its events.
    pub(crate) fn settle(
        &mut self,
        batch: Batch,
        verdict: Verdict,
        now: Instant,
        jitter: f64,
    ) -> ReportOutcome {
        match verdict {
            Verdict::Delivered => {
                self.sizing.delivered(batch.body.len());
                self.resume(batch.endpoint, []);
                ReportOutcome::Delivered
            }
            Verdict::Drop => {
                self.resume(batch.endpoint, []);
                ReportOutcome::Dropped(DropReason::RefusedByServer)
            }
            Verdict::Bisect if is_worth_splitting(&batch) => self.send_in_halves(&batch),
            Verdict::Bisect => {
                self.resume(batch.endpoint, []);
                ReportOutcome::Dropped(DropReason::RefusedByServer)
            }
            Verdict::Shrink => {
                self.sizing.refused(batch.body.len());
                if batch.len() > 1 {
                    return self.send_in_halves(&batch);
                }
                self.resume(batch.endpoint, []);
                ReportOutcome::Dropped(DropReason::TooLarge)
            }
            Verdict::Retry { not_before } => {
                match self.parked(batch.endpoint) {
                    Some(parked) => {
                        parked.failures = parked.failures.saturating_add(1);
                        parked.probe_at = now + retry::backoff(parked.failures, not_before, jitter);
                        parked.batches.push_front(batch);
                    }
                    None => {
                        self.failures = self.failures.saturating_add(1);
                        self.not_before = Some(now + retry::backoff(self.failures, not_before, jitter));
                        self.line.push_front(batch);
                    }
                }
                ReportOutcome::WillRetry
            }
            Verdict::Park => {
                self.park(batch, now + PROBE_INTERVAL);
                ReportOutcome::Parked
            }
        }
    }

    /// The most bytes that the next batches may have.
    pub(crate) fn batch_bytes(&self) -> usize {
        self.sizing.bytes()
    }

    /// Has every parked endpoint tried again at once, for the key may be the right one now.
    pub(crate) fn probe_now(&mut self, now: Instant) {
        for parked in &mut self.parked {
            parked.probe_at = now;
        }
    }

    /// The lowest position of an event that is held.
    pub(crate) fn oldest(&self) -> Option<u64> {
        let parked = self.parked.iter().flat_map(|parked| &parked.batches);
        self.line.iter().chain(parked).map(Batch::first).min()
    }

    /// The server has taken the key and has read the request, whatever it made of it: nothing of this endpoint needs to
    /// wait. `ahead` goes before everything else.
    fn resume<const N: usize>(&mut self, endpoint: Endpoint, ahead: [Batch; N]) {
        match self.parked.iter().position(|parked| parked.endpoint == endpoint) {
            Some(index) => {
                self.line.extend(self.parked.swap_remove(index).batches);
                self.line.make_contiguous().sort_by_key(Batch::rank);
            }
            None => {
                self.failures = 0;
                self.not_before = None;
            }
        }
        for batch in ahead.into_iter().rev() {
            self.line.push_front(batch);
        }
    }

    fn send_in_halves(&mut self, batch: &Batch) -> ReportOutcome {
        match batch.split() {
            Some(halves) => self.resume(batch.endpoint, halves),
            None => self.resume(batch.endpoint, []),
        }
        ReportOutcome::WillRetry
    }

    fn park(&mut self, batch: Batch, probe_at: Instant) {
        let endpoint = batch.endpoint;
        if let Some(parked) = self.parked(endpoint) {
            parked.probe_at = probe_at;
            parked.batches.push_front(batch);
            return;
        }
        // What stands behind it in line would be refused in the same way.
        let (mut batches, line): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut self.line).into_iter().partition(|waiting| waiting.endpoint == endpoint);
        batches.push_front(batch);
        self.line = line;
        self.failures = 0;
        self.not_before = None;
        self.parked.push(Parked { endpoint, batches, probe_at, failures: 0 });
    }

    fn parked(&mut self, endpoint: Endpoint) -> Option<&mut Parked> {
        self.parked.iter_mut().find(|parked| parked.endpoint == endpoint)
    }
}

impl Parked {
    fn rank(&self) -> Option<Rank> {
        self.batches.front().map(Batch::rank)
    }

    /// Whether its first batch goes before the one at the head of the line.
    fn goes_before(&self, head: Option<Rank>) -> bool {
        self.rank().is_some_and(|rank| head.is_none_or(|head| rank < head))
    }
}

/// Whether it has several events, and whether there is budget left to find the one that the server does not take. Takes
/// the two requests out of the budget.
fn is_worth_splitting(batch: &Batch) -> bool {
    let take_two = |left: u32| left.checked_sub(2);
    batch.len() > 1 && batch.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_two).is_ok()
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
