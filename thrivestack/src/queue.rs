//! The queue between the callers and the worker: bytes under a lock, and the counters that have to agree with them.
//!
//! An event wakes nobody, because waking a thread costs its caller a hundred times the event. The worker looks once
//! per flush interval; only the event that completes a batch, and control, wake it. Control never waits behind data:
//! a flush is a position in the queue.

use std::collections::VecDeque;
use std::time::Instant;

use tokio::sync::{Notify, futures::Notified, oneshot};

use crate::arena::{self, Arena};
use crate::reasons::{DropReason, Rejected};
use crate::sync::{Mutex, MutexGuard, PoisonError};
use crate::wire::Endpoint;

/// The most that the worker takes out at once, so that making bodies of it costs little memory, and that no growing
/// buffer is copied while callers wait.
const LARGEST_ARENA: usize = 2 * 1024 * 1024;
/// How many arenas are kept for what comes: to touch memory for the first time costs as much as to copy the event there.
const MOST_SPARES: usize = 2;

/// What the callers and the worker share.
pub(crate) struct Queue {
    state: Mutex<State>,
    wake: Notify,
    limits: Limits,
}

/// When an event is refused, and when the worker is woken before its time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The most bytes that wait, are in flight or wait for a retry, together.
    pub(crate) queue_bytes: usize,
    pub(crate) batch_events: usize,
    pub(crate) batch_bytes: usize,
}

/// What the worker takes out at once.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) arena: Arena,
    /// The position of the first record: how many events were accepted before it.
    pub(crate) first: u64,
    /// How many events were refused because the queue was full, since the worker looked last.
    pub(crate) overflowed: u64,
}

/// Counters of one moment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) accepted: u64,
    pub(crate) delivered: u64,
    pub(crate) dropped: [u64; DropReason::COUNT],
}

/// Someone who waits until everything before a position is settled.
pub(crate) struct Waiter {
    pub(crate) position: u64,
    pub(crate) deadline: Instant,
    pub(crate) reply: Reply,
}

/// How a waiter is told: a thread blocks, a task is woken in whatever runtime it lives.
pub(crate) enum Reply {
    Thread(std::sync::mpsc::SyncSender<bool>),
    Task(oneshot::Sender<bool>),
}

/// What the worker is asked to do.
#[derive(Default)]
pub(crate) struct Orders {
    pub(crate) waiters: Vec<Waiter>,
    pub(crate) key_changed: bool,
    pub(crate) shut_down_by: Option<Instant>,
}

#[derive(Default)]
struct State {
    /// What was filled since the worker looked, oldest first.
    full: VecDeque<Arena>,
    /// What is being filled.
    arena: Arena,
    /// What is filled next.
    spares: Vec<Arena>,
    /// The bytes that wait in all of them.
    waiting: usize,
    /// The bytes that the worker has taken out and not yet settled.
    held: usize,
    /// How many events the worker has taken out so far.
    taken: u64,
    /// Whether the worker was already woken for what the arena holds.
    is_announced: bool,
    overflowed: u64,
    counts: Counts,
    orders: Orders,
    phase: Phase,
}

/// What the queue still takes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// No new events; what was accepted may still be delivered.
    Closing,
    /// Nothing: what was pending is counted as dropped, and what the worker says of it no longer counts.
    Closed,
}

impl Counts {
    pub(crate) fn dropped_total(&self) -> u64 {
        self.dropped.iter().sum()
    }

    pub(crate) fn pending(&self) -> u64 {
        self.accepted - self.delivered - self.dropped_total()
    }
}

impl Reply {
    pub(crate) fn send(self, settled: bool) {
        // Whoever gave up waiting does not need the answer.
        match self {
            Self::Thread(sender) => drop(sender.try_send(settled)),
            Self::Task(sender) => drop(sender.send(settled)),
        }
    }
}

impl Queue {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { state: Mutex::default(), wake: Notify::new(), limits }
    }

    /// Accepts an event of at most [`MAX_REQUEST_BYTES`](crate::wire::MAX_REQUEST_BYTES).
    pub(crate) fn append(&self, endpoint: Endpoint, event: &[u8]) -> Result<(), Rejected> {
        let weight = arena::weight(event.len());
        let mut state = self.lock();
        if state.phase != Phase::Open {
            return Err(Rejected::ShutDown);
        }
        if state.waiting + state.held + weight > self.limits.queue_bytes {
            state.overflowed += 1;
            return Err(Rejected::QueueFull);
        }
        if state.arena.weight() + weight > LARGEST_ARENA {
            let mut empty = state.spares.pop().unwrap_or_default();
            empty.reserve_as(&state.arena);
            let full = std::mem::replace(&mut state.arena, empty);
            state.full.push_back(full);
        }
        state.arena.push(endpoint, event);
        state.waiting += weight;
        state.counts.accepted += 1;
        if !state.is_announced {
            self.announce(state);
        }
        Ok(())
    }

    /// Swaps the oldest arena out, and leaves `empty` for what comes. Wakes the worker again if enough is left for
    /// another look.
    pub(crate) fn take(&self, empty: Arena) -> Taken {
        let mut state = self.lock();
        let arena = match state.full.pop_front() {
            Some(full) => {
                state.spares.push(empty);
                full
            }
            None => std::mem::replace(&mut state.arena, empty),
        };
        let surplus = state.spares.len().saturating_sub(MOST_SPARES);
        // Given back when the lock is not held any more.
        let _surplus: Vec<_> = state.spares.drain(..surplus).collect();
        state.waiting -= arena.weight();
        state.held += arena.weight();
        let first = state.taken;
        state.taken += arena.len() as u64;
        let overflowed = std::mem::take(&mut state.overflowed);
        self.announce(state);
        Taken { arena, first, overflowed }
    }

    /// Whether enough waits for the worker to look before its time.
    pub(crate) fn is_announced(&self) -> bool {
        self.lock().is_announced
    }

    /// Gives back what memory is kept for more than is waiting.
    pub(crate) fn release_spares(&self) {
        let spares = std::mem::take(&mut self.lock().spares);
        // The lock is not held any more.
        drop(spares);
    }

    /// Counts events as delivered and frees their bytes.
    pub(crate) fn delivered(&self, events: u64, weight: usize) {
        self.settle(weight, |counts| counts.delivered += events);
    }

    /// Counts events as dropped and frees their bytes.
    pub(crate) fn dropped(&self, reason: DropReason, events: u64, weight: usize) {
        self.settle(weight, |counts| counts.dropped[reason as usize] += events);
    }

    /// Takes notice that what the worker holds takes more or fewer bytes than it did in the queue.
    pub(crate) fn reweigh(&self, before: usize, after: usize) {
        let mut state = self.lock();
        state.held = (state.held + after).saturating_sub(before);
    }

    /// Takes nothing more, and counts what is still pending as dropped.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        if state.phase != Phase::Closed {
            state.phase = Phase::Closed;
            let pending = state.counts.pending();
            state.counts.dropped[DropReason::ShutDown as usize] += pending;
            state.full.clear();
            state.arena = Arena::default();
            state.spares.clear();
            state.waiting = 0;
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Whether new events are refused.
    pub(crate) fn is_closing(&self) -> bool {
        self.lock().phase != Phase::Open
    }

    /// Whether there is nothing left to do.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().phase == Phase::Closed
    }

    pub(crate) fn counts(&self) -> Counts {
        self.lock().counts
    }

    /// Asks for word when everything that is accepted by now is settled, at once if there is no worker any more.
    pub(crate) fn wait_until_settled(&self, deadline: Instant, reply: Reply) {
        self.wait(self.lock(), deadline, reply);
    }

    /// Tells the worker that the key changed.
    pub(crate) fn announce_key(&self) {
        self.lock().orders.key_changed = true;
        self.wake.notify_one();
    }

    /// Refuses new events, and has the worker deliver what it can until `deadline`.
    pub(crate) fn order_shutdown(&self, deadline: Instant, reply: Reply) {
        let mut state = self.lock();
        if state.phase == Phase::Open {
            state.phase = Phase::Closing;
        }
        state.orders.shut_down_by = Some(deadline);
        self.wait(state, deadline, reply);
    }

    /// What was asked since the last call.
    pub(crate) fn orders(&self) -> Orders {
        std::mem::take(&mut self.lock().orders)
    }

    /// Resolves when something wakes the worker, also if that happened before the call.
    pub(crate) fn woken(&self) -> Notified<'_> {
        self.wake.notified()
    }

    fn wait(&self, mut state: MutexGuard<'_, State>, deadline: Instant, reply: Reply) {
        if state.phase == Phase::Closed {
            drop(state);
            return reply.send(true);
        }
        let position = state.counts.accepted;
        state.orders.waiters.push(Waiter { position, deadline, reply });
        drop(state);
        self.wake.notify_one();
    }

    /// Wakes the worker if what waits is enough for a batch.
    fn announce(&self, mut state: MutexGuard<'_, State>) {
        state.is_announced = !state.full.is_empty()
            || state.arena.len() >= self.limits.batch_events
            || state.waiting >= self.limits.batch_bytes.min(self.limits.queue_bytes / 2);
        let is_announced = state.is_announced;
        drop(state);
        if is_announced {
            self.wake.notify_one();
        }
    }

    fn settle(&self, weight: usize, count: impl FnOnce(&mut Counts)) {
        let mut state = self.lock();
        if state.phase != Phase::Closed {
            count(&mut state.counts);
            state.held = state.held.saturating_sub(weight);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held, and a queue that stopped working would lose events.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
