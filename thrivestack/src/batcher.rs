//! From what was taken out of the queue to the bodies of requests. Pure: no clock, no thread, no socket.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use bytes::Bytes;

use crate::arena::{Lane, Record, SEPARATOR};
use crate::queue::Taken;
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
    /// `[event, event, …]`, a part of the memory into which the callers wrote.
    pub(crate) body: Bytes,
    /// The position of the first event that was taken out of the queue together with these.
    wave: u64,
    /// Everything of this call that was taken out of the queue with them.
    records: Arc<[Record]>,
    /// Which of the records are in the body.
    range: Range<usize>,
    /// How often it was sent.
    pub(crate) attempts: u32,
    /// How many more requests may be spent on finding out which event a server does not take. Shared with the batches
    /// that this one is split into.
    pub(crate) budget: Arc<AtomicU32>,
}

/// What goes first: what was taken earlier, within that the calls in their order, within a call what was accepted earlier.
pub(crate) type Rank = (u64, Endpoint, u64);

/// Where a body begins and ends in the bytes of a lane, and which records are in it.
#[derive(Debug, PartialEq, Eq)]
struct Cut {
    bytes: Range<usize>,
    records: Range<usize>,
}

/// One bad event among 1,000 is found by 20 requests after the first one. More bad ones take more; a batch of nothing
/// else is given up before it becomes a storm.
const SPLIT_BUDGET: u32 = 64;

impl Batch {
    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.range.len()
    }

    /// The position in the queue of the first event.
    pub(crate) fn first(&self) -> u64 {
        self.wave + u64::from(self.records[self.range.start].offset)
    }

    /// The positions of all of them.
    pub(crate) fn positions(&self) -> impl Iterator<Item = u64> {
        self.records[self.range.clone()].iter().map(|record| self.wave + u64::from(record.offset))
    }

    /// Its place among all batches.
    pub(crate) fn rank(&self) -> Rank {
        (self.wave, self.endpoint, self.first())
    }

    /// What the events take of the queue's bytes until they are settled: a body is as long as they and what stood behind
    /// each of them.
    pub(crate) fn weight(&self) -> usize {
        self.body.len() + self.len() * size_of::<Record>()
    }

    /// Two batches of half the events each. `None` for a single event.
    pub(crate) fn split(&self) -> Option<[Self; 2]> {
        let Range { start, end } = self.range;
        let middle = start + self.len() / 2;
        if middle == start {
            return None;
        }
        let middle_byte: usize = self.records[start..middle].iter().map(|record| taken_by(*record)).sum();
        let half = |range, body: &[u8]| {
            let mut body = body.to_vec();
            open_and_close(&mut body);
            Self { body: body.into(), range, attempts: 0, ..self.clone() }
        };
        let (first, second) = self.body.split_at(middle_byte);
        Some([half(start..middle, first), half(middle..end, second)])
    }
}

/// Makes batches in the order in which they have to be sent: identify, group, track, page, and in the order of the
/// queue within each. Leaves nothing but memory in the arena.
pub(crate) fn batches(taken: &mut Taken, limits: BatchLimits) -> Vec<Batch> {
    let mut batches = Vec::new();
    for endpoint in Endpoint::ALL {
        let lane = taken.arena.lane(endpoint);
        let cuts = cut(lane, limits);
        for cut in &cuts {
            open_and_close(&mut lane.bytes[cut.bytes.clone()]);
        }
        let bytes = lane.freeze();
        let records: Arc<[Record]> = lane.records.as_slice().into();
        batches.extend(cuts.into_iter().map(|cut| Batch {
            endpoint,
            body: bytes.slice(cut.bytes),
            wave: taken.first,
            records: records.clone(),
            range: cut.records,
            attempts: 0,
            budget: Arc::new(AtomicU32::new(SPLIT_BUDGET)),
        }));
    }
    taken.arena.clear();
    batches
}

/// Makes an array of events with what stands around them.
fn open_and_close(body: &mut [u8]) {
    if let [first, .., last] = body {
        *first = b'[';
        *last = b']';
    }
}

/// What an event takes of a body: its bytes, and half of what separates it from the one before and from the one behind.
fn taken_by(record: Record) -> usize {
    record.len as usize + SEPARATOR.len()
}

/// Where to cut a lane so that no body is over a limit. An event that is over it alone goes alone.
fn cut(lane: &Lane, limits: BatchLimits) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = Vec::new();
    for (index, record) in lane.records.iter().enumerate() {
        let taken = taken_by(*record);
        match cuts.last_mut() {
            Some(Cut { bytes, records })
                if records.len() < limits.events && bytes.len() + taken <= limits.bytes =>
            {
                bytes.end += taken;
                records.end += 1;
            }
            last => {
                let start = last.map_or(0, |last| last.bytes.end);
                cuts.push(Cut { bytes: start..start + taken, records: index..index + 1 });
            }
        }
    }
    cuts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::arena::Arena;

    const DEFAULT: BatchLimits = BatchLimits { events: 1_000, bytes: 2_000_000 };

    #[test]
    fn a_batch_ends_at_the_first_limit_that_it_reaches() {
        let two = BatchLimits { events: 2, bytes: 100 };
        for (lengths, limits, expected) in [
            (vec![], two, vec![]),
            (vec![1], two, vec![1]),
            (vec![1, 1], two, vec![2]),
            (vec![1, 1, 1], two, vec![2, 1]),
            // `[` + 49 + `, ` + 47 + `]` is exactly 100 bytes.
            (vec![49, 47], two, vec![2]),
            (vec![49, 48], two, vec![1, 1]),
            (vec![98, 1], two, vec![1, 1]),
            (vec![500, 1], two, vec![1, 1]),
            (vec![1, 500], two, vec![1, 1]),
            (vec![1_999_998], DEFAULT, vec![1]),
            (vec![1; 2_500], DEFAULT, vec![1_000, 1_000, 500]),
        ] {
            let mut arena = Arena::default();
            lengths.iter().for_each(|len| arena.push(Endpoint::Track, &vec![b'1'; *len]));
            let sizes: Vec<usize> = batches(&mut taken(arena), limits).iter().map(Batch::len).collect();
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
            arena.push(endpoint, event.as_bytes());
        }
        let batches = batches(&mut Taken { first: 10, ..taken(arena) }, DEFAULT);
        let seen: Vec<_> =
            batches.iter().map(|batch| (&batch.body[..], batch.first(), batch.len())).collect();
        assert_eq!(
            seen,
            [(&b"[1]"[..], 14, 1), (&b"[2]"[..], 12, 1), (&b"[30, 31]"[..], 11, 2), (&b"[4]"[..], 10, 1)]
        );
    }

    #[test]
    fn a_position_without_an_event_is_in_no_batch() {
        let mut arena = Arena::default();
        arena.place(Endpoint::Track, 2, b"2");
        arena.place(Endpoint::Track, 5, b"5");
        arena.place(Endpoint::Identify, 4, b"4");
        assert_eq!(arena.len(), 6);
        let batches = batches(&mut taken(arena), BatchLimits { events: 1, bytes: 100 });
        let seen: Vec<_> = batches.iter().map(|batch| (&batch.body[..], batch.first())).collect();
        assert_eq!(seen, [(&b"[4]"[..], 4), (&b"[2]"[..], 2), (&b"[5]"[..], 5)]);
    }

    #[test]
    fn bodies_are_sent_from_where_the_events_lie() {
        let mut arena = Arena::default();
        (0..100).for_each(|_| arena.push(Endpoint::Track, b"12345678"));
        let written = arena.events(Endpoint::Track).next().unwrap().1.as_ptr();
        let mut taken = taken(arena);
        let mut batches = batches(&mut taken, BatchLimits { events: 50, bytes: 10_000 });
        assert_eq!(batches[0].body[1..].as_ptr(), written);
        // The last of them gives the memory back for the events to come.
        for batch in batches.drain(..) {
            taken.arena.recycle(batch.endpoint, batch.body);
        }
        taken.arena.push(Endpoint::Track, b"1");
        assert_eq!(taken.arena.events(Endpoint::Track).next().unwrap().1.as_ptr(), written);
    }

    fn taken(arena: Arena) -> Taken {
        Taken { arena, first: 0, overflowed: 0 }
    }

    /// The endpoints of events at 0, 1 and so on, and an arena with them.
    fn any_events() -> impl Strategy<Value = (Vec<Endpoint>, Taken)> {
        proptest::collection::vec((0..4_usize, 1..60_usize), 0..80).prop_map(|events| {
            let mut arena = Arena::default();
            for (position, (endpoint, len)) in events.iter().enumerate() {
                // Every event is its position in the queue, filled up with spaces: valid JSON that says who it is.
                arena.push(Endpoint::ALL[*endpoint], format!("{position:>len$}").as_bytes());
            }
            (events.into_iter().map(|(endpoint, _)| Endpoint::ALL[endpoint]).collect(), taken(arena))
        })
    }

    proptest! {
        #[test]
        fn halves_have_the_events_of_the_whole_in_order((_, mut taken) in any_events()) {
            for batch in batches(&mut taken, DEFAULT) {
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
        fn no_event_is_lost_or_doubled_or_overtaken(
            (endpoints, mut taken) in any_events(),
            events in 1..20_usize,
            bytes in 2..200_usize,
        ) {
            let total_weight = taken.arena.weight();
            let batches = batches(&mut taken, BatchLimits { events, bytes });
            let mut seen = Vec::new();
            for batch in &batches {
                let positions: Vec<u64> = serde_json::from_slice(&batch.body).unwrap();
                prop_assert!(positions.len() <= events);
                prop_assert!(batch.body.len() <= bytes || positions.len() == 1);
                prop_assert_eq!(positions.len(), batch.len());
                prop_assert_eq!(positions[0], batch.first());
                seen.extend(positions.iter().map(|position| (batch.endpoint, *position)));
            }
            let mut expected: Vec<_> = endpoints.into_iter().zip(0..).collect();
            expected.sort();
            prop_assert_eq!(seen, expected);
            prop_assert_eq!(batches.iter().map(Batch::weight).sum::<usize>(), total_weight);
        }
    }
}
