//! Random lives of a spool on a simulated disk: emitting, sending, faults, ends of the process and of the machine. What was
//! promised to be there afterwards has to be.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use proptest::prelude::*;

use super::simulated::{Faults, Simulated};
use super::{Durable, Place, Spool, SpoolSettings};
use crate::arena::{Arena, weight};
use crate::counts::Counts;
use crate::limits::Limits;
use crate::queue::Queue;
use crate::reasons::DropReason;
use crate::wire::Endpoint;

const KEY: &[u8] = b"key";

/// One process after another.
struct Life {
    disk: Simulated,
    is_synced: bool,
    queue: Queue,
    spool: Arc<Spool>,
    emitted: u64,
    /// Events whose loss would break a promise.
    promised: BTreeSet<u64>,
    waiting: Vec<(u64, Durable)>,
    /// What was taken out and is not settled: positions, events and what they weigh.
    held: Vec<(u64, u64, usize)>,
    /// How often each was delivered.
    delivered: BTreeMap<u64, u32>,
}

#[derive(Debug, Clone)]
enum Step {
    Emit {
        len: usize,
        is_durable: bool,
    },
    Sync,
    Take,
    /// Settles every so manieth of what is held.
    Settle(usize),
    Faults(Faults),
    /// Lets the time pass after which a disk that failed is tried again.
    Wait,
    Restart,
    Kill,
    Crash(u64),
}

fn open(disk: &Simulated, is_synced: bool) -> (Queue, Arc<Spool>) {
    let queue = Queue::new(Limits { queue_bytes: 4_000, batch_events: 10, batch_bytes: 1_000 });
    let settings = SpoolSettings {
        dir: PathBuf::from("spool"),
        is_synced,
        bytes: 20_000,
        max_age: Duration::from_secs(1_000_000),
    };
    let spool = Spool::open(Arc::new(disk.clone()), settings, 4_000, KEY).unwrap();
    spool.adopt(&queue, KEY);
    (queue, spool)
}

impl Life {
    fn new(is_synced: bool) -> Self {
        let disk = Simulated::default();
        let (queue, spool) = open(&disk, is_synced);
        Self {
            disk,
            is_synced,
            queue,
            spool,
            emitted: 0,
            promised: BTreeSet::new(),
            waiting: Vec::new(),
            held: Vec::new(),
            delivered: BTreeMap::new(),
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Emit { len, is_durable } => self.emit(*len, *is_durable),
            Step::Sync => self.spool.sync(),
            Step::Take => self.take(),
            Step::Settle(nth) => self.settle(*nth),
            Step::Faults(faults) => self.disk.set_faults(*faults),
            Step::Wait => super::lock(&self.spool.log).retry_now(),
            Step::Restart => {
                self.queue.close();
                self.spool.release();
                if !self.is_synced {
                    let Counts { dropped, .. } = self.queue.counts();
                    assert_eq!(dropped[DropReason::Damaged as usize], 0, "only a crash makes holes");
                }
                self.reopen();
            }
            Step::Kill => {
                self.disk.kill();
                self.reopen();
            }
            Step::Crash(seed) => {
                let mut random = fastrand::Rng::with_seed(*seed);
                self.disk.crash(|| random.bool());
                self.reopen();
            }
        }
        self.listen();
        // Whatever happens, the counters agree.
        let log = super::lock(&self.spool.log);
        let unsettled: u64 = log.segments.values().map(|segment| segment.unsettled).sum();
        assert_eq!(unsettled, log.unsettled);
        assert!(self.queue.counts().pending() >= unsettled);
    }

    fn emit(&mut self, len: usize, is_durable: bool) {
        let number = self.emitted;
        let event = format!("{number:>len$}");
        let endpoint = Endpoint::ALL[number as usize % 4];
        let Ok(place) = self.spool.accept(&self.queue, endpoint, event.as_bytes()) else { return };
        self.emitted += 1;
        let Place::Disk { sequence } = place else { return };
        if !self.is_synced {
            self.promised.insert(number);
        }
        if is_durable {
            self.waiting.push((number, self.spool.durable(sequence)));
        }
    }

    /// Hears who is told that an event is on disk.
    fn listen(&mut self) {
        for (number, durable) in std::mem::take(&mut self.waiting) {
            let mut durable = durable;
            match pin!(&mut durable).poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Ok(())) => drop(self.promised.insert(number)),
                Poll::Ready(Err(_)) => {}
                Poll::Pending => self.waiting.push((number, durable)),
            }
        }
    }

    fn take(&mut self) {
        let taken = self.spool.take(&self.queue, Arena::default());
        for endpoint in Endpoint::ALL {
            for (record, event) in taken.arena.events(endpoint) {
                let number: u64 = std::str::from_utf8(event).unwrap().trim().parse().unwrap();
                assert!(number < self.emitted);
                assert_eq!(endpoint, Endpoint::ALL[number as usize % 4]);
                self.held.push((taken.first + u64::from(record.offset), number, weight(event.len())));
            }
        }
        self.held.sort_unstable();
    }

    fn settle(&mut self, nth: usize) {
        let mut index = 0;
        let (mut settled, mut freed) = (Vec::new(), 0);
        self.held.retain(|(position, number, weight)| {
            index += 1;
            let is_settled = index % nth == 0;
            if is_settled {
                settled.push(*position);
                freed += weight;
                *self.delivered.entry(*number).or_default() += 1;
            }
            !is_settled
        });
        let kept = self.spool.settle(settled.iter().copied());
        self.queue.delivered(settled.len() as u64, freed, kept);
    }

    fn reopen(&mut self) {
        self.disk.set_faults(Faults::default());
        self.held.clear();
        self.waiting.clear();
        (self.queue, self.spool) = open(&self.disk, self.is_synced);
    }

    /// A last process delivers what is there.
    fn end(mut self) -> Self {
        self.disk.kill();
        self.reopen();
        for _ in 0..1_000 {
            self.take();
            if self.held.is_empty() {
                break;
            }
            self.settle(1);
        }
        assert_eq!(self.queue.counts().pending(), 0, "everything is taken out in the end");
        self.queue.close();
        self.spool.release();
        self
    }
}

fn step(is_synced: bool) -> impl Strategy<Value = Step> {
    let end = if is_synced { any::<u64>().prop_map(Step::Crash).boxed() } else { Just(Step::Kill).boxed() };
    let faults =
        (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(is_full, keeps_halves, loses_writes)| {
            Step::Faults(Faults { is_full, keeps_halves: is_full && keeps_halves, loses_writes })
        });
    prop_oneof![
        12 => (20..300_usize, any::<bool>()).prop_map(|(len, is_durable)| Step::Emit { len, is_durable }),
        3 => Just(Step::Sync),
        3 => Just(Step::Take),
        3 => (1..4_usize).prop_map(Step::Settle),
        1 => faults,
        1 => Just(Step::Faults(Faults::default())),
        2 => Just(Step::Wait),
        1 => Just(Step::Restart),
        1 => end,
    ]
}

proptest! {
    #[test]
    fn what_was_promised_survives_the_process(steps in proptest::collection::vec(step(false), 1..120)) {
        let mut life = Life::new(false);
        steps.iter().for_each(|step| life.step(step));
        let life = life.end();
        for number in &life.promised {
            prop_assert!(life.delivered.contains_key(number), "{number} is lost");
        }
        if !steps.iter().any(|step| matches!(step, Step::Faults(faults) if faults.is_full)) {
            let twice: Vec<_> = life.delivered.iter().filter(|(_, times)| **times > 1).collect();
            prop_assert!(twice.is_empty(), "{twice:?}");
            let left = life.disk.contents();
            prop_assert!(left.is_empty(), "{:?}", left.keys());
        }
    }

    #[test]
    fn what_the_disk_confirmed_survives_the_machine(steps in proptest::collection::vec(step(true), 1..120)) {
        let mut life = Life::new(true);
        steps.iter().for_each(|step| life.step(step));
        let life = life.end();
        for number in &life.promised {
            prop_assert!(life.delivered.contains_key(number), "{number} is lost");
        }
    }
}

/// The contents of a disk on which a process has left so many events, and the only segment.
fn left(events: u64) -> (Simulated, PathBuf, Vec<u8>) {
    let mut life = Life::new(false);
    (0..events).for_each(|_| life.emit(40, false));
    life.disk.kill();
    let contents = life.disk.contents();
    let mut segments = contents.into_iter().filter(|(path, _)| path.extension().is_some());
    let (path, bytes) = segments.next().unwrap();
    assert!(segments.next().is_none());
    (life.disk.clone(), path, bytes)
}

/// What a process delivers of a disk, and how many it counts as damaged.
fn deliver(disk: &Simulated) -> (Vec<u64>, u64) {
    let (queue, spool) = open(disk, false);
    let mut life = Life::new(false);
    (life.queue, life.spool, life.emitted) = (queue, spool, u64::MAX);
    life.take();
    let counts = life.queue.counts();
    assert_eq!(counts.pending(), life.held.len() as u64);
    (life.held.iter().map(|(_, number, _)| *number).collect(), counts.dropped[DropReason::Damaged as usize])
}

#[test]
fn a_flipped_bit_costs_one_event_at_most_and_that_is_counted() {
    let (_, _, bytes) = left(10);
    // One bit of every byte.
    for byte in 0..bytes.len() {
        let (disk, path, mut bytes) = left(10);
        bytes[byte] ^= 1 << (byte % 8);
        disk.put(&path, bytes);
        let (delivered, damaged) = deliver(&disk);
        assert_eq!(delivered.len() as u64 + damaged, 10, "byte {byte}");
        assert!(damaged <= 1, "byte {byte}");
        assert!(delivered.is_sorted());
    }
}

#[test]
fn a_truncated_segment_costs_what_was_cut_off() {
    let (_, _, bytes) = left(10);
    let record = (bytes.len() - super::Header::LEN) / 10;
    for len in 0..bytes.len() {
        let (disk, path, mut bytes) = left(10);
        bytes.truncate(len);
        disk.put(&path, bytes);
        let whole = len.saturating_sub(super::Header::LEN) / record;
        // The rest of a header is as good as the whole one, since it has two copies.
        let (delivered, damaged) = deliver(&disk);
        assert_eq!((delivered, damaged), ((0..whole as u64).collect(), 0), "cut at {len}");
    }
}
