//! What is sent when, one case a test.

use std::time::Duration;

use super::*;
use crate::arena::Arena;
use crate::batcher::{BatchLimits, batches};
use crate::queue::Taken;

const RETRY: Verdict = Verdict::Retry { not_before: Duration::ZERO };
const SECOND: Duration = Duration::from_secs(1);

fn batch(endpoint: Endpoint, first: u64) -> Batch {
    batch_of(endpoint, first, 1)
}

fn batch_of(endpoint: Endpoint, first: u64, events: usize) -> Batch {
    let mut arena = Arena::default();
    (0..events).for_each(|_| arena.push(endpoint, b"1"));
    batches(&mut Taken { arena, first, overflowed: 0 }, BatchLimits { events, bytes: 2_000_000 }).remove(0)
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
