//! The outbox against a model of it: random waves, answers and steps of time, after which nothing is lost, doubled,
//! overtaken, or sent too soon.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::arena::Arena;
use crate::batcher::{BatchLimits, batches};
use crate::queue::Taken;

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    /// Events of these endpoints are there when the outbox wants more.
    Load(Vec<usize>),
    Wait(Duration),
    /// The next requests get these answers, with this jitter each.
    Answer(Vec<(Verdict, f64)>),
    NewKey,
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        6 => Just(Verdict::Delivered),
        3 => (0..3_000_u64).prop_map(|wait| Verdict::Retry { not_before: Duration::from_millis(wait) }),
        1 => Just(Verdict::Park),
        1 => Just(Verdict::Bisect),
        1 => Just(Verdict::Shrink),
        1 => Just(Verdict::Drop),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => proptest::collection::vec(0..Endpoint::ALL.len(), 1..12).prop_map(Step::Load),
        3 => (0..90_000_u64).prop_map(|wait| Step::Wait(Duration::from_millis(wait))),
        4 => proptest::collection::vec((any_verdict(), 0.0..1.0), 1..6).prop_map(Step::Answer),
        1 => Just(Step::NewKey),
    ]
}

/// What is known of the outbox from outside.
struct Model {
    outbox: Outbox,
    now: Instant,
    /// The events that were loaded so far.
    loaded: u64,
    /// What is neither delivered nor dropped, by its position: the wave and the endpoint.
    held: BTreeMap<u64, (u64, Endpoint)>,
    waves: u64,
    delivered: Vec<(Endpoint, u64)>,
    dropped: u64,
    /// What must be sent again as it was, by its first event.
    again: HashMap<u64, Batch>,
    /// When something may be sent again that is not parked, and the failures in a row until then.
    line: (Instant, u32),
    /// The same for every endpoint that is parked.
    parked: HashMap<Endpoint, (Instant, u32)>,
}

impl Model {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            outbox: Outbox::new(2_000_000),
            now,
            loaded: 0,
            held: BTreeMap::new(),
            waves: 0,
            delivered: Vec::new(),
            dropped: 0,
            again: HashMap::new(),
            line: (now, 0),
            parked: HashMap::new(),
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Load(endpoints) => self.load(&endpoints),
            Step::Wait(time) => self.now += time,
            Step::Answer(verdicts) => {
                for (verdict, jitter) in verdicts {
                    self.exchange(verdict, jitter);
                }
            }
            Step::NewKey => {
                self.outbox.probe_now(self.now);
                self.parked.values_mut().for_each(|(probe_at, _)| *probe_at = self.now);
            }
        }
        assert_eq!(self.outbox.oldest(), self.held.keys().next().copied());
        assert_eq!(self.delivered.len() as u64 + self.dropped + self.held.len() as u64, self.loaded);
    }

    fn load(&mut self, endpoints: &[usize]) {
        if !self.outbox.wants_more() {
            return;
        }
        let mut arena = Arena::default();
        for (endpoint, position) in endpoints.iter().zip(self.loaded..) {
            let endpoint = Endpoint::ALL[*endpoint];
            arena.push(endpoint, position.to_string().as_bytes());
            self.held.insert(position, (self.waves, endpoint));
        }
        let mut taken = Taken { arena, first: self.loaded, overflowed: 0 };
        self.loaded += endpoints.len() as u64;
        self.waves += 1;
        self.outbox.load(batches(&mut taken, BatchLimits { events: 3, bytes: 2_000_000 }));
    }

    /// Sends what is due, if anything is, and has it answered so.
    fn exchange(&mut self, verdict: Verdict, jitter: f64) {
        let due = self.outbox.due_at(self.now);
        let Some(batch) = self.outbox.next(self.now) else {
            assert!(due.is_none_or(|due| due > self.now), "a worker would look for it again and again");
            return;
        };
        assert!(due.is_some_and(|due| due <= self.now), "a worker would not have looked for it");
        self.check_order(&batch);
        let (not_before, failures) = self.parked.get(&batch.endpoint).copied().unwrap_or(self.line);
        assert!(not_before <= self.now, "sent again too soon");
        if let Some(earlier) = self.again.remove(&batch.first()) {
            assert_eq!((earlier.endpoint, earlier.body), (batch.endpoint, batch.body.clone()));
        }
        let (endpoint, sent) = (batch.endpoint, batch.clone());
        match self.outbox.settle(batch, verdict, self.now, jitter) {
            ReportOutcome::Delivered => {
                for position in positions(&sent) {
                    assert!(self.held.remove(&position).is_some(), "{position} was delivered twice");
                    self.delivered.push((endpoint, position));
                }
            }
            ReportOutcome::Dropped(_) => {
                for position in positions(&sent) {
                    assert!(self.held.remove(&position).is_some(), "{position} was dropped twice");
                    self.dropped += 1;
                }
            }
            ReportOutcome::WillRetry | ReportOutcome::Parked => {}
        }
        match verdict {
            Verdict::Retry { not_before } => {
                let failures = failures + 1;
                let wait = (self.now + retry::backoff(failures, not_before, jitter), failures);
                match self.parked.get_mut(&endpoint) {
                    Some(parked) => *parked = wait,
                    None => self.line = wait,
                }
                self.again.insert(sent.first(), sent);
            }
            Verdict::Park => {
                let was_parked = self.parked.get(&endpoint).map(|(_, failures)| *failures);
                self.parked.insert(endpoint, (self.now + PROBE_INTERVAL, was_parked.unwrap_or(0)));
                if was_parked.is_none() {
                    self.line = (self.now, 0);
                }
                self.again.insert(sent.first(), sent);
            }
            Verdict::Delivered | Verdict::Bisect | Verdict::Shrink | Verdict::Drop => {
                if self.parked.remove(&endpoint).is_none() {
                    self.line = (self.now, 0);
                }
            }
        }
    }

    /// Nothing that is not parked stands before this batch.
    fn check_order(&self, batch: &Batch) {
        let wave = self.held[&batch.first()].0;
        let rank = (wave, batch.endpoint, batch.first());
        for (position, (wave, endpoint)) in &self.held {
            let is_before = (*wave, *endpoint, *position) < rank;
            assert!(
                !is_before || (self.parked.contains_key(endpoint) && *endpoint != batch.endpoint),
                "{position} was overtaken by {rank:?}"
            );
        }
    }
}

fn positions(batch: &Batch) -> Vec<u64> {
    serde_json::from_slice(&batch.body).expect("an array of positions")
}

proptest! {
    #[test]
    fn nothing_is_lost_doubled_overtaken_or_sent_too_soon(
        steps in proptest::collection::vec(any_step(), 1..60),
    ) {
        let mut model = Model::new();
        for step in steps {
            model.take(step);
        }
        // The server is well again: within a probe's interval after the longest wait, everything is delivered.
        for _ in 0..4 {
            model.now += retry::backoff(u32::MAX, Duration::from_secs(3), 1.0);
            while model.outbox.due_at(model.now).is_some_and(|due| due <= model.now) {
                model.exchange(Verdict::Delivered, 1.0);
            }
        }
        prop_assert!(model.held.is_empty(), "{:?}", model.held);
        let distinct: BTreeSet<_> = model.delivered.iter().map(|(_, position)| *position).collect();
        prop_assert_eq!(distinct.len() as u64 + model.dropped, model.loaded);
        for endpoint in Endpoint::ALL {
            let of_one = model.delivered.iter().filter(|(delivered, _)| *delivered == endpoint);
            prop_assert!(of_one.is_sorted(), "{} is out of order", endpoint);
        }
    }
}
