//! From what was taken out of the queue to the bodies of requests. Pure: no clock, no thread, no socket.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use bytes::Bytes;

use crate::queue::{self, Taken};
use crate::wire::Endpoint;

/// The most that one request carries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchLimits {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

/// The body of one request, ready to be sent as often as it takes.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) endpoint: Endpoint,
    /// `[event,event,…]`
    pub(crate) body: Bytes,
    /// The position of the first event that was taken out of the queue together with these.
    wave: u64,
    /// Where the events are in the body, in order.
    events: Arc<[Event]>,
    /// How often it was sent.
    pub(crate) attempts: u32,
    /// How many more requests may be spent on finding out which event a server does not take. Shared with the batches
    /// that this one is split into.
    pub(crate) budget: Arc<AtomicU32>,
}

/// What goes first: what was taken earlier, within that the calls in their order, within a call what was accepted earlier.
pub(crate) type Rank = (u64, Endpoint, u64);

/// One event of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Event {
    /// Where it stood in the queue.
    position: u64,
    /// Its bytes in whatever holds them.
    bytes: Range<usize>,
}

/// One bad event among 1,000 is found by 20 requests after the first one. More bad ones take more; a batch of nothing
/// else is given up before it becomes a storm.
const SPLIT_BUDGET: u32 = 64;

impl Batch {
    /// Puts events of `bytes` between brackets.
    fn new(wave: u64, endpoint: Endpoint, events: &[Event], bytes: &[u8], budget: Arc<AtomicU32>) -> Self {
        let len: usize = events.iter().map(|event| event.bytes.len() + 1).sum();
        let mut body = Vec::with_capacity(len + 1);
        let mut placed = Vec::with_capacity(events.len());
        for event in events {
            body.push(if body.is_empty() { b'[' } else { b',' });
            let start = body.len();
            body.extend_from_slice(&bytes[event.bytes.clone()]);
            placed.push(Event { position: event.position, bytes: start..body.len() });
        }
        body.push(b']');
        Self { endpoint, body: body.into(), wave, events: placed.into(), attempts: 0, budget }
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    /// The position in the queue of the first event.
    pub(crate) fn first(&self) -> u64 {
        self.events.first().map_or(0, |event| event.position)
    }

    /// The positions of all of them.
    pub(crate) fn positions(&self) -> impl Iterator<Item = u64> {
        self.events.iter().map(|event| event.position)
    }

    /// Its place among all batches.
    pub(crate) fn rank(&self) -> Rank {
        (self.wave, self.endpoint, self.first())
    }

    /// What the events take of the queue's bytes until they are settled.
    pub(crate) fn weight(&self) -> usize {
        self.events.iter().map(|event| queue::weight(event.bytes.len())).sum()
    }

    /// Two batches of half the events each. `None` for a single event.
    pub(crate) fn split(&self) -> Option<[Self; 2]> {
        let (first, second) = self.events.split_at(self.events.len() / 2);
        if first.is_empty() {
            return None;
        }
        Some(
            [first, second]
                .map(|half| Self::new(self.wave, self.endpoint, half, &self.body, self.budget.clone())),
        )
    }
}

/// Makes batches in the order in which they have to be sent: identify, group, track, page, and in the order of the
/// queue within each.
pub(crate) fn batches(taken: &Taken, limits: BatchLimits) -> Vec<Batch> {
    let mut batches = Vec::new();
    for endpoint in Endpoint::ALL {
        let events = events_of(endpoint, taken);
        let lengths: Vec<usize> = events.iter().map(|event| event.bytes.len()).collect();
        for range in cut(&lengths, limits) {
            let budget = Arc::new(AtomicU32::new(SPLIT_BUDGET));
            batches.push(Batch::new(taken.first, endpoint, &events[range], &taken.arena.bytes, budget));
        }
    }
    batches
}

/// Where to cut events of these lengths so that no body is over a limit. An event that is over it alone goes alone.
fn cut(lengths: &[usize], limits: BatchLimits) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    // Every event costs its bytes and a comma or, for the last one, the closing bracket; one more opens the array.
    let mut bytes = 1;
    for (index, len) in lengths.iter().enumerate() {
        let is_full = index - start == limits.events || bytes + len + 1 > limits.bytes;
        if is_full && index > start {
            ranges.push(start..index);
            start = index;
            bytes = 1;
        }
        bytes += len + 1;
    }
    if start < lengths.len() {
        ranges.push(start..lengths.len());
    }
    ranges
}

fn events_of(endpoint: Endpoint, taken: &Taken) -> Vec<Event> {
    let mut start = 0;
    let mut events = Vec::new();
    for (position, record) in (taken.first..).zip(&taken.arena.records) {
        let end = start + record.len as usize;
        // A hook left nothing of an event that it dropped but its position.
        if record.endpoint == endpoint && record.len > 0 {
            events.push(Event { position, bytes: start..end });
        }
        start = end;
    }
    events
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::queue::{Arena, Record};

    const DEFAULT: BatchLimits = BatchLimits { events: 1_000, bytes: 2_000_000 };

    #[test]
    fn a_batch_ends_at_the_first_limit_that_it_reaches() {
        let two = BatchLimits { events: 2, bytes: 100 };
        for (lengths, limits, expected) in [
            (vec![], two, vec![]),
            (vec![1], two, vec![1]),
            (vec![1, 1], two, vec![2]),
            (vec![1, 1, 1], two, vec![2, 1]),
            // `[` + 49 + `,` + 48 + `]` is exactly 100 bytes.
            (vec![49, 48], two, vec![2]),
            (vec![49, 49], two, vec![1, 1]),
            (vec![98, 1], two, vec![1, 1]),
            (vec![500, 1], two, vec![1, 1]),
            (vec![1, 500], two, vec![1, 1]),
            (vec![1_999_998], DEFAULT, vec![1]),
            (vec![1; 2_500], DEFAULT, vec![1_000, 1_000, 500]),
        ] {
            let sizes: Vec<usize> = cut(&lengths, limits).into_iter().map(|range| range.len()).collect();
            assert_eq!(sizes, expected, "{limits:?} of {} lengths", lengths.len());
        }
    }

    #[test]
    fn identify_goes_before_group_before_track_before_page() {
        let mut arena = Arena::default();
        for (endpoint, event) in [
            (Endpoint::Page, "4"),
            (Endpoint::Track, "30"),
            (Endpoint::Group, "2"),
            (Endpoint::Track, "31"),
            (Endpoint::Identify, "1"),
        ] {
            arena.bytes.extend_from_slice(event.as_bytes());
            arena.records.push(Record { endpoint, len: event.len() as u32 });
        }
        let batches = batches(&Taken { arena, first: 10, overflowed: 0 }, DEFAULT);
        let seen: Vec<_> =
            batches.iter().map(|batch| (&batch.body[..], batch.first(), batch.len())).collect();
        assert_eq!(
            seen,
            [(&b"[1]"[..], 14, 1), (&b"[2]"[..], 12, 1), (&b"[30,31]"[..], 11, 2), (&b"[4]"[..], 10, 1)]
        );
    }

    fn any_taken() -> impl Strategy<Value = Taken> {
        proptest::collection::vec((0..4_usize, 1..60_usize), 0..80).prop_map(|events| {
            let mut arena = Arena::default();
            for (position, (endpoint, len)) in events.into_iter().enumerate() {
                // Every event is its position in the queue, filled up with spaces: valid JSON that says who it is.
                let event = format!("{position:>len$}");
                arena.bytes.extend_from_slice(event.as_bytes());
                arena.records.push(Record { endpoint: Endpoint::ALL[endpoint], len: event.len() as u32 });
            }
            Taken { arena, first: 0, overflowed: 0 }
        })
    }

    proptest! {
        #[test]
        fn halves_have_the_events_of_the_whole_in_order(taken in any_taken()) {
            for batch in batches(&taken, DEFAULT) {
                let Some(halves) = batch.split() else {
                    prop_assert_eq!(batch.len(), 1);
                    continue;
                };
                let mut joined: Vec<u64> = Vec::new();
                for half in &halves {
                    let positions: Vec<u64> = serde_json::from_slice(&half.body).unwrap();
                    prop_assert_eq!(positions[0], half.first());
                    joined.extend(positions);
                }
                prop_assert_eq!(joined, serde_json::from_slice::<Vec<u64>>(&batch.body).unwrap());
                prop_assert_eq!(halves[0].weight() + halves[1].weight(), batch.weight());
                prop_assert!(halves[0].len().abs_diff(halves[1].len()) <= 1);
            }
        }

        #[test]
        fn no_event_is_lost_or_doubled_or_overtaken(taken in any_taken(), events in 1..20_usize, bytes in 2..200_usize) {
            let batches = batches(&taken, BatchLimits { events, bytes });
            let mut seen = Vec::new();
            for batch in &batches {
                let positions: Vec<u64> = serde_json::from_slice(&batch.body).unwrap();
                prop_assert!(positions.len() <= events);
                prop_assert!(batch.body.len() <= bytes || positions.len() == 1);
                prop_assert_eq!(positions.len(), batch.len());
                prop_assert_eq!(positions[0], batch.first());
                seen.extend(positions.iter().map(|position| (batch.endpoint, *position)));
            }
            let mut expected: Vec<_> =
                taken.arena.records.iter().zip(0..).map(|(record, position)| (record.endpoint, position)).collect();
            expected.sort();
            prop_assert_eq!(seen, expected);
            let weight: usize = batches.iter().map(Batch::weight).sum();
            let records: usize = taken.arena.records.iter().map(|record| record.weight()).sum();
            prop_assert_eq!(weight, records);
        }
    }
}
