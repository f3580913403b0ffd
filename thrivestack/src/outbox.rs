//! Which batch is sent next, and when. Pure: time is passed in, and nothing here sends anything.
//!
//! Batches are loaded a wave at a time, in the order of [`batches`](crate::batcher::batches), and leave in that order:
//! one that waits for a retry holds up those behind it, so that no event overtakes the account it names. A parked
//! endpoint steps out of the line and holds up nothing.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::batcher::Batch;
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
        // A probe is rare, so it goes first: behind a line that is never empty it would never go.
        let probe =
            self.parked.iter_mut().find(|parked| parked.probe_at <= now && !parked.batches.is_empty());
        match probe {
            Some(parked) => parked.batches.pop_front(),
            None if self.not_before.is_none_or(|at| at <= now) => self.line.pop_front(),
            None => None,
        }
    }

    /// When [`next`](Self::next) has something, if nothing else happens.
    pub(crate) fn due_at(&self, now: Instant) -> Option<Instant> {
        let head = (!self.line.is_empty()).then(|| self.not_before.unwrap_or(now));
        self.parked.iter().map(|parked| parked.probe_at).chain(head).min()
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
                for batch in self.parked.swap_remove(index).batches.into_iter().rev() {
                    self.line.push_front(batch);
                }
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

/// Whether it has several events, and whether there is budget left to find the one that the server does not take. Takes
/// the two requests out of the budget.
fn is_worth_splitting(batch: &Batch) -> bool {
    let take_two = |left: u32| left.checked_sub(2);
    batch.len() > 1 && batch.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_two).is_ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::batcher::{BatchLimits, batches};
    use crate::queue::{Arena, Record, Taken};

    const RETRY: Verdict = Verdict::Retry { not_before: Duration::ZERO };
    const SECOND: Duration = Duration::from_secs(1);

    fn batch(endpoint: Endpoint, first: u64) -> Batch {
        batch_of(endpoint, first, 1)
    }

    fn batch_of(endpoint: Endpoint, first: u64, events: usize) -> Batch {
        let record = Record { endpoint, len: 1 };
        let arena = Arena { bytes: vec![b'1'; events], records: vec![record; events] };
        batches(&Taken { arena, first, overflowed: 0 }, BatchLimits { events, bytes: 2_000_000 }).remove(0)
    }

    fn wave() -> Vec<Batch> {
        Endpoint::ALL.into_iter().zip(0..).map(|(endpoint, first)| batch(endpoint, first)).collect()
    }

    /// Sends what is due, with `verdict` for every batch of `endpoint` and delivery for the others, until nothing is.
    fn run(outbox: &mut Outbox, now: Instant, endpoint: Endpoint, verdict: Verdict) -> Vec<Endpoint> {
        let mut sent = Vec::new();
        while let Some(batch) = outbox.next(now) {
            sent.push(batch.endpoint);
            let verdict = if batch.endpoint == endpoint { verdict } else { Verdict::Delivered };
            outbox.settle(batch, verdict, now, 1.0);
        }
        sent
    }

    #[test]
    fn a_wave_leaves_in_order() {
        let mut outbox = Outbox::new(2_000_000);
        outbox.load(wave());
        assert!(!outbox.wants_more());
        assert_eq!(run(&mut outbox, Instant::now(), Endpoint::Track, Verdict::Delivered), Endpoint::ALL);
        assert!(outbox.wants_more());
        assert_eq!(outbox.due_at(Instant::now()), None);
    }

    #[test]
    fn a_retry_holds_up_what_stands_behind_it() {
        let now = Instant::now();
        let mut outbox = Outbox::new(2_000_000);
        outbox.load(wave());
        assert_eq!(run(&mut outbox, now, Endpoint::Group, RETRY), [Endpoint::Identify, Endpoint::Group]);
        assert_eq!(outbox.oldest(), Some(1));
        assert_eq!(outbox.due_at(now), Some(now + SECOND / 2));
        assert_eq!(run(&mut outbox, now + SECOND / 4, Endpoint::Group, RETRY), []);
        assert_eq!(run(&mut outbox, now + SECOND / 2, Endpoint::Group, RETRY), [Endpoint::Group]);
        assert_eq!(outbox.due_at(now), Some(now + SECOND * 3 / 2), "the second back-off is twice the first");
        let rest = run(&mut outbox, now + SECOND * 3 / 2, Endpoint::Group, Verdict::Delivered);
        assert_eq!(rest, [Endpoint::Group, Endpoint::Track, Endpoint::Page]);
    }

    #[test]
    fn a_delivery_ends_the_back_off() {
        let now = Instant::now();
        let mut outbox = Outbox::new(2_000_000);
        outbox.load(vec![batch(Endpoint::Track, 0)]);
        for _ in 0..5 {
            run(&mut outbox, now + 1_000 * SECOND, Endpoint::Track, RETRY);
        }
        run(&mut outbox, now + 9_000 * SECOND, Endpoint::Track, Verdict::Delivered);
        outbox.load(vec![batch(Endpoint::Track, 1)]);
        run(&mut outbox, now, Endpoint::Track, RETRY);
        assert_eq!(outbox.due_at(now), Some(now + SECOND / 2));
    }

    #[test]
    fn a_parked_endpoint_holds_up_nothing_and_is_probed_once_a_minute() {
        let now = Instant::now();
        let mut outbox = Outbox::new(2_000_000);
        outbox.load(wave());
        assert_eq!(run(&mut outbox, now, Endpoint::Identify, Verdict::Park), Endpoint::ALL);
        assert!(outbox.wants_more());
        assert_eq!(outbox.oldest(), Some(0));

        outbox.load(vec![batch(Endpoint::Identify, 4), batch(Endpoint::Track, 5)]);
        assert_eq!(run(&mut outbox, now, Endpoint::Identify, Verdict::Park), [Endpoint::Track]);
        assert_eq!(outbox.due_at(now), Some(now + PROBE_INTERVAL));
        let probes = run(&mut outbox, now + PROBE_INTERVAL, Endpoint::Identify, Verdict::Park);
        assert_eq!(probes, [Endpoint::Identify]);

        let next = now + 2 * PROBE_INTERVAL;
        let delivered = run(&mut outbox, next, Endpoint::Identify, Verdict::Delivered);
        assert_eq!(delivered, [Endpoint::Identify; 2], "everything that was parked, in order");
        assert_eq!(outbox.oldest(), None);
    }

    #[test]
    fn a_new_key_is_tried_at_once() {
        let now = Instant::now();
        let mut outbox = Outbox::new(2_000_000);
        outbox.load(vec![batch(Endpoint::Track, 0), batch(Endpoint::Track, 1)]);
        assert_eq!(run(&mut outbox, now, Endpoint::Track, Verdict::Park), [Endpoint::Track]);
        outbox.probe_now(now);
        assert_eq!(run(&mut outbox, now, Endpoint::Track, Verdict::Delivered), [Endpoint::Track; 2]);
    }

    #[test]
    fn a_probe_goes_before_a_line_that_is_never_empty() {
        let now = Instant::now();
        let mut outbox = Outbox::new(2_000_000);
        outbox.load(vec![batch(Endpoint::Identify, 0), batch(Endpoint::Track, 1)]);
        let parked = outbox.next(now).unwrap();
        outbox.settle(parked, Verdict::Park, now, 1.0);
        assert_eq!(outbox.next(now + PROBE_INTERVAL).unwrap().endpoint, Endpoint::Identify);
    }

    /// Sends everything to a server that refuses a request with one of the `bad` positions in it. Returns how many
    /// requests that took, and what was dropped.
    fn bisect(batch: Batch, bad: &[u64]) -> (usize, usize, usize) {
        let now = Instant::now();
        let mut outbox = Outbox::new(2_000_000);
        outbox.load(vec![batch]);
        let (mut requests, mut delivered, mut dropped) = (0, 0, 0);
        while let Some(batch) = outbox.next(now) {
            requests += 1;
            let positions = batch.first()..batch.first() + batch.len() as u64;
            let is_bad = bad.iter().any(|position| positions.contains(position));
            let events = batch.len();
            match outbox.settle(batch, if is_bad { Verdict::Bisect } else { Verdict::Delivered }, now, 1.0) {
                ReportOutcome::Delivered => delivered += events,
                ReportOutcome::Dropped(DropReason::RefusedByServer) => dropped += events,
                other => assert_eq!(other, ReportOutcome::WillRetry),
            }
        }
        assert_eq!(outbox.due_at(now), None);
        (requests, delivered, dropped)
    }

    #[test]
    fn one_bad_event_among_a_thousand_costs_itself_and_few_requests() {
        for bad in [0, 1, 499, 500, 998, 999] {
            let (requests, delivered, dropped) = bisect(batch_of(Endpoint::Track, 0, 1_000), &[bad]);
            assert_eq!((delivered, dropped), (999, 1), "{bad}");
            assert!(requests <= 22, "{requests} for {bad}");
        }
    }

    #[test]
    fn a_batch_of_nothing_but_bad_events_is_no_storm() {
        let all: Vec<u64> = (0..1_000).collect();
        let (requests, delivered, dropped) = bisect(batch_of(Endpoint::Track, 0, 1_000), &all);
        assert_eq!((delivered, dropped), (0, 1_000));
        assert!(requests <= 65, "{requests}");
    }

    #[test]
    fn a_body_that_is_too_large_is_halved_and_later_ones_are_smaller() {
        let now = Instant::now();
        let mut outbox = Outbox::new(2_000_000);
        outbox.load(vec![batch_of(Endpoint::Track, 0, 4)]);
        let batch = outbox.next(now).unwrap();
        let bytes = batch.body.len();
        assert_eq!(outbox.settle(batch, Verdict::Shrink, now, 1.0), ReportOutcome::WillRetry);
        assert_eq!(outbox.batch_bytes(), bytes / 2);
        let halves: Vec<_> =
            std::iter::from_fn(|| outbox.next(now)).map(|half| (half.first(), half.len())).collect();
        assert_eq!(halves, [(0, 2), (2, 2)]);
        let single = batch_of(Endpoint::Track, 0, 1);
        let outcome = outbox.settle(single, Verdict::Shrink, now, 1.0);
        assert_eq!(outcome, ReportOutcome::Dropped(DropReason::TooLarge));
    }
}
