//! The queue between the callers and the worker: bytes under a lock, and the counters that have to agree with them.
//!
//! An event wakes nobody, because waking a thread costs its caller a hundred times the event. The worker looks once
//! per flush interval; only the event that completes a batch, and control, wake it. Control never waits behind data:
//! a flush is a position in the queue.

use std::collections::VecDeque;
use std::ops::DerefMut;
use std::time::Instant;

use tokio::sync::{Notify, futures::Notified};

use crate::arena::{self, Arena};
use crate::counts::Counts;
use crate::limits::{Limits, Load, Room};
use crate::orders::{Orders, Reply, Waiter};
use crate::reasons::{DropReason, Rejected};
use crate::reentry::Held;
use crate::sync::{Mutex, MutexGuard, PoisonError};
use crate::wire::Endpoint;

/// How many arenas are kept for what comes: to touch memory for the first time costs as much as to copy the event there.
const MOST_SPARES: usize = 2;

/// What the callers and the worker share.
pub(crate) struct Queue {
    state: Mutex<State>,
    wake: Notify,
    limits: Limits,
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

#[derive(Default)]
struct State {
    /// What was filled since the worker looked, oldest first, and the position of each one's first record.
    full: VecDeque<(u64, Arena)>,
    /// What is being filled.
    arena: Arena,
    /// The position of its first record.
    first: u64,
    /// What is filled next.
    spares: Vec<Arena>,
    /// The bytes that wait in all of them.
    waiting: usize,
    /// What waits on disk instead.
    spooled: Spooled,
    /// Accepted events that are on disk and not settled. They are kept when the queue is closed.
    kept: u64,
    /// The bytes that the worker has taken out and not yet settled.
    held: usize,
    /// Whether the worker was already woken for what the arena holds.
    is_announced: bool,
    overflowed: u64,
    counts: Counts,
    orders: Orders,
    phase: Phase,
    /// What is accepted without another look. None, when anything else has happened.
    room: Room,
}

/// Events that have positions in the queue and whose bytes are on disk.
#[derive(Debug, Default, Clone, Copy)]
struct Spooled {
    events: u64,
    bytes: u64,
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

impl State {
    #[inline(always)]
    fn accept(&mut self, endpoint: Endpoint, event: &[u8]) {
        self.arena.push(endpoint, event);
        self.waiting += arena::weight(event.len());
        self.counts.accepted += 1;
    }

    fn load(&self) -> Load {
        Load {
            arena: self.arena.weight(),
            waiting: self.waiting,
            held: self.held,
            spooled: self.spooled.bytes,
            events: self.arena.len() as u64 + self.spooled.events,
            has_full_arena: !self.full.is_empty(),
            is_announced: self.is_announced,
        }
    }

    /// The position of the first event that waits in memory.
    fn first_waiting(&self) -> Option<u64> {
        let filling = (self.arena.len() > 0).then_some(self.first);
        self.full.front().map(|(first, _)| *first).or(filling)
    }

    /// Leaves the arena as it is if there is something in it, since the next position is not in memory.
    fn end_arena(&mut self) {
        if self.arena.len() > 0 {
            self.begin_arena(Arena::default());
        }
    }

    #[cold]
    fn begin_spare(&mut self) {
        let mut empty = self.spares.pop().unwrap_or_default();
        empty.reserve_as(&self.arena);
        self.begin_arena(empty);
    }

    fn begin_arena(&mut self, empty: Arena) {
        let full = std::mem::replace(&mut self.arena, empty);
        self.full.push_back((self.first, full));
    }
}

impl Queue {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { state: Mutex::default(), wake: Notify::new(), limits }
    }

    /// Accepts an event of at most `MAX_REQUEST_BYTES`. The caller is [inside](crate::reentry::Inside).
    pub(crate) fn append(&self, endpoint: Endpoint, event: &[u8]) -> Result<(), Rejected> {
        let weight = arena::weight(event.len());
        let mut state = self.lock_only();
        if !state.room.takes(weight) {
            return self.append_with_care(state, endpoint, event);
        }
        state.accept(endpoint, event);
        Ok(())
    }

    /// [`append`](Self::append) where there may be something to decide.
    #[inline(never)]
    fn append_with_care(
        &self,
        mut state: MutexGuard<'_, State>,
        endpoint: Endpoint,
        event: &[u8],
    ) -> Result<(), Rejected> {
        let weight = arena::weight(event.len());
        if state.phase != Phase::Open {
            return Err(Rejected::ShutDown);
        }
        let load = state.load();
        if self.limits.is_full(&load, weight) {
            state.overflowed += 1;
            return Err(Rejected::QueueFull);
        }
        if self.limits.ends_arena(&load, weight) {
            state.begin_spare();
        }
        if state.arena.len() == 0 {
            state.first = state.counts.accepted;
        }
        state.accept(endpoint, event);
        let load = state.load();
        if !load.is_announced && self.limits.is_batch(&load) {
            self.announce(state);
        } else {
            state.room = self.limits.room(&load);
        }
        Ok(())
    }

    /// Swaps the oldest arena out, and leaves `empty` for what comes. Wakes the worker again if enough is left for
    /// another look.
    pub(crate) fn take(&self, empty: Arena) -> Taken {
        let mut state = self.lock();
        let (first, arena) = match state.full.pop_front() {
            Some(full) => {
                state.spares.push(empty);
                full
            }
            None => {
                let first = state.first_waiting().unwrap_or(state.counts.accepted);
                (first, std::mem::replace(&mut state.arena, empty))
            }
        };
        let surplus = state.spares.len().saturating_sub(MOST_SPARES);
        // Given back when the lock is not held any more.
        let _surplus: Vec<_> = state.spares.drain(..surplus).collect();
        state.waiting -= arena.weight();
        state.held += arena.weight();
        let overflowed = std::mem::take(&mut state.overflowed);
        self.announce(state);
        Taken { arena, first, overflowed }
    }

    /// The position of the next event, if one is taken. It stays the next one as long as nobody else accepts any.
    pub(crate) fn next_position(&self) -> Result<u64, Rejected> {
        let state = self.lock();
        if state.phase == Phase::Open { Ok(state.counts.accepted) } else { Err(Rejected::ShutDown) }
    }

    /// Accepts an event whose record of so many bytes is on disk.
    pub(crate) fn accept_spooled(&self, bytes: u64) {
        let mut state = self.lock();
        state.end_arena();
        state.counts.accepted += 1;
        state.kept += 1;
        state.spooled.events += 1;
        state.spooled.bytes += bytes;
        if !state.is_announced {
            self.announce(state);
        }
    }

    /// Accepts the events that an earlier process left on disk. Those that are damaged are dropped at once. Returns the
    /// position of the first one.
    pub(crate) fn adopt(&self, events: u64, damaged: u64, bytes: u64) -> u64 {
        let mut state = self.lock();
        state.end_arena();
        let first = state.counts.accepted;
        state.counts.accepted += events + damaged;
        state.counts.dropped[DropReason::Damaged as usize] += damaged;
        state.kept += events;
        state.spooled.events += events;
        state.spooled.bytes += bytes;
        self.announce(state);
        first
    }

    /// Takes notice that the worker has read so many records from disk, which take so much of `queue_bytes` until they are
    /// settled. Returns how many events were refused since it looked last.
    pub(crate) fn take_spooled(&self, events: u64, bytes: u64, weight: usize) -> u64 {
        let mut state = self.lock();
        state.spooled.events = state.spooled.events.saturating_sub(events);
        state.spooled.bytes = state.spooled.bytes.saturating_sub(bytes);
        state.held += weight;
        let overflowed = std::mem::take(&mut state.overflowed);
        self.announce(state);
        overflowed
    }

    /// The position of the first event that waits in memory.
    pub(crate) fn first_waiting(&self) -> Option<u64> {
        self.lock().first_waiting()
    }

    /// The lowest position that was not taken out, if all that waits is in memory.
    pub(crate) fn untaken(&self) -> u64 {
        let state = self.lock();
        state.first_waiting().unwrap_or(state.counts.accepted)
    }

    /// The bytes that wait and those that the worker holds.
    pub(crate) fn used(&self) -> usize {
        let state = self.lock();
        state.waiting + state.held
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

    /// Counts events as delivered and frees their bytes. `kept` of them were on disk.
    pub(crate) fn delivered(&self, events: u64, weight: usize, kept: u64) {
        self.settle(weight, kept, |counts| counts.delivered += events);
    }

    /// Counts events as dropped and frees their bytes. `kept` of them were on disk.
    pub(crate) fn dropped(&self, reason: DropReason, events: u64, weight: usize, kept: u64) {
        self.settle(weight, kept, |counts| counts.dropped[reason as usize] += events);
    }

    /// Takes notice that what the worker holds takes more or fewer bytes than it did in the queue.
    pub(crate) fn reweigh(&self, before: usize, after: usize) {
        let mut state = self.lock();
        state.held = (state.held + after).saturating_sub(before);
    }

    /// Stops accepting events. Counts everything pending as dropped, except the events that are on disk.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        if state.phase != Phase::Closed {
            state.phase = Phase::Closed;
            let pending = state.counts.pending().saturating_sub(state.kept);
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

    fn wait(&self, mut state: Held<MutexGuard<'_, State>>, deadline: Instant, reply: Reply) {
        if state.phase == Phase::Closed {
            return reply.send(state.counts.pending() == 0);
        }
        let position = state.counts.accepted;
        state.orders.waiters.push(Waiter { position, deadline, reply });
        drop(state);
        self.wake.notify_one();
    }

    /// Wakes the worker if what waits is enough for a batch.
    fn announce(&self, mut state: impl DerefMut<Target = State>) {
        state.is_announced = self.limits.is_batch(&state.load());
        let is_announced = state.is_announced;
        drop(state);
        if is_announced {
            self.wake.notify_one();
        }
    }

    fn settle(&self, weight: usize, kept: u64, count: impl FnOnce(&mut Counts)) {
        let mut state = self.lock();
        if state.phase != Phase::Closed {
            count(&mut state.counts);
            state.kept = state.kept.saturating_sub(kept);
            state.held = state.held.saturating_sub(weight);
        }
    }

    /// The state, for whatever may change what events there is room for.
    fn lock(&self) -> Held<MutexGuard<'_, State>> {
        let mut state = Held::lock(|| self.lock_only());
        state.room = Room::default();
        state
    }

    fn lock_only(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held, and a queue that stopped working would lose events.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
