//! What waits on disk: the events of [`Config::spool`](crate::Config::spool).
//!
//! [`inspect`](fn@inspect) looks at what waits in a directory, without a client and without changing anything; so does
//! `thrivestack spool inspect DIR`, and `thrivestack spool drain DIR` delivers it. What the files look like is documented in
//! [a page of the guide](crate::guide::spool_format).

// With a spool, the disk is the queue: an event is a record that its caller appends, the worker reads records back in runs,
// and a cursor says which ones are settled. What the disk does not take goes through memory as without a spool. An event's
// position in the queue is how many were accepted before it, wherever its bytes are; so with a spool, nothing is accepted but
// under the lock of `Log`.

mod age;
mod contents;
mod cursor;
mod directory;
mod disk;
mod durable;
mod inspect;
mod jobs;
mod ledger;
mod log;
mod notices;
mod reader;
mod real;
mod record;
mod recover;
mod segment;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use durable::Durable;
pub use inspect::{ClientDirectory, Inspection, Segment, Unreadable, inspect};

use directory::Claimed;
use ledger::{Ledger, Store};
use log::{Log, Refused};
use reader::{Bounds, Look};
use record::Header;
use segment::Run;

use crate::arena::{self, Arena};
use crate::error::Error;
use crate::queue::{self, Queue};
use crate::reasons::{DropReason, Rejected};
use crate::wire::Endpoint;

pub(crate) use disk::Disk;
pub(crate) use jobs::Jobs;
pub(crate) use notices::Notices;
pub(crate) use real::{Real, close_inherited_locks};

/// The number of the client's own directory. Those that it took over have higher ones.
const OWN: u32 = 0;
const CURSOR: &str = "cursor";
/// What becomes the cursor when it is whole.
const NEW_CURSOR: &str = "cursor.new";
const LOCK: &str = "lock";
/// The most bytes of a segment. A smaller spool has smaller ones, since space comes back a segment at a time.
const LARGEST_SEGMENT: u64 = 8 * 1024 * 1024;
/// A segment that is being written is worth a new file once it has so many bytes of which none are needed.
const WORTH_REMOVING: u64 = 64 * 1024;
/// Records that are written within this time have one age, however short [`Config::spool_max_age`](crate::Config) is.
const SMALLEST_STEP_OF_AGE: Duration = Duration::from_secs(1);
/// How many runs one look reads at most. Their bytes are bounded by the arena's.
const MOST_RUNS: usize = 1_000;

/// The configuration of a spool.
#[derive(Debug, Clone)]
pub(crate) struct SpoolSettings {
    pub(crate) dir: PathBuf,
    /// Whether the disk is to confirm what was written.
    pub(crate) is_synced: bool,
    pub(crate) bytes: u64,
    pub(crate) max_age: Duration,
}

/// The directories of one client, between its callers and its worker.
pub(crate) struct Spool {
    disk: Arc<dyn Disk>,
    root: PathBuf,
    /// The client's own directory, below `root`.
    dir: PathBuf,
    limits: Limits,
    max_age: Duration,
    /// For the key of now. No file is touched while it is held.
    header: Arc<Mutex<Header>>,
    /// Taken before that of `log` by one job of the worker at a time, and by nobody else.
    ledger: Mutex<Ledger>,
    /// Held for one write of a caller, and for no other access to a file but a second attempt to write.
    log: Mutex<Log>,
    /// Wakes the thread that syncs.
    changed: Condvar,
    /// Set when the client ends, and nothing more is taken over.
    is_ending: AtomicBool,
}

/// Where an accepted event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Memory,
    Disk { sequence: u64 },
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    is_synced: bool,
    bytes: u64,
    segment_bytes: u64,
    worth_removing: u64,
    unsynced_bytes: usize,
    /// An event that takes more of `queue_bytes` than there are could never be read back.
    queue_bytes: usize,
    /// The longest time between the records of one run.
    ages_apart: Duration,
}

impl Spool {
    /// Makes a directory of the client's own, and lists those of others. Looks at nothing in them.
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        settings: SpoolSettings,
        queue_bytes: usize,
        key: &[u8],
    ) -> Result<Arc<Self>, Error> {
        let SpoolSettings { dir: given, is_synced, bytes, max_age } = settings;
        let Claimed { root, dir, lock } = directory::claim(&*disk, &given, is_synced)?;
        let segment_bytes = (bytes / 8).min(LARGEST_SEGMENT);
        let limits = Limits {
            is_synced,
            bytes,
            segment_bytes,
            worth_removing: WORTH_REMOVING.min(segment_bytes / 2),
            unsynced_bytes: queue_bytes,
            queue_bytes,
            ages_apart: (max_age / 64).max(SMALLEST_STEP_OF_AGE),
        };
        // What is left later is another client's, or is looked for in a minute.
        let listed = disk.directories(&root).ok();
        let stamped = header(key);
        let header = Arc::new(Mutex::new(stamped));
        let log = Log::new(disk.clone(), limits, dir.clone(), header.clone());
        let own = Store::own(dir.clone(), lock);
        Ok(Arc::new(Self {
            disk,
            root,
            dir,
            limits,
            max_age,
            header,
            ledger: Mutex::new(Ledger::new(own, stamped, listed)),
            log: Mutex::new(log),
            changed: Condvar::new(),
            is_ending: AtomicBool::new(false),
        }))
    }

    /// Accepts an event: on disk, or in memory if the disk fails.
    pub(crate) fn accept(&self, queue: &Queue, endpoint: Endpoint, event: &[u8]) -> Result<Place, Rejected> {
        let mut log = lock(&self.log);
        if log.is_closed {
            return Err(Rejected::ShutDown);
        }
        let position = queue.next_position()?;
        if arena::weight(event.len()) > self.limits.queue_bytes {
            return Err(Rejected::QueueFull);
        }
        let was_synced = log.unsynced.is_empty();
        match log.append(endpoint, event, position) {
            Ok((sequence, bytes)) => {
                queue.accept_spooled(bytes);
                drop(log);
                if self.limits.is_synced && was_synced {
                    self.changed.notify_one();
                }
                Ok(Place::Disk { sequence })
            }
            Err(Refused::Full) => Err(Rejected::SpoolFull),
            Err(Refused::Behind) => Err(Rejected::QueueFull),
            Err(Refused::NoDisk) => queue.append(endpoint, event).map(|()| Place::Memory),
        }
    }

    /// Takes out what was accepted first, from the disk or from memory, as much as there is room for.
    pub(crate) fn take(&self, queue: &Queue, spare: Arena) -> queue::Taken {
        let mut ledger = lock(&self.ledger);
        let log = lock(&self.log);
        let waiting = queue.first_waiting();
        let Some(first) = log.runs.front().map(|run| run.position).filter(|_| !log.is_closed) else {
            return queue.take(spare);
        };
        if waiting.is_some_and(|waiting| waiting < first) {
            return queue.take(spare);
        }
        let mut runs = Vec::new();
        for run in log.runs.iter().take(MOST_RUNS) {
            if runs.last().is_some_and(|last: &Run| last.position + last.count != run.position) {
                break;
            }
            runs.push(*run);
        }
        drop(log);
        let used = queue.used();
        let (weight, is_idle) = (self.limits.queue_bytes.saturating_sub(used), used == 0);
        let bounds = Bounds { weight, is_idle, max_age: self.max_age, now: Instant::now() };
        let mut look = Look::new(spare, first);
        look.read(&runs, bounds, |run| {
            let source = lock(&self.log).segments.get(&run.segment).map(segment::Segment::source);
            source.ok_or(std::io::ErrorKind::NotFound)?.open(&*self.disk)
        });
        let mut log = lock(&self.log);
        if let Some(error) = &look.error {
            log.notices.failed(error);
        }
        log.notices.damaged += look.damaged.len() as u64;
        log.notices.expired += look.expired.len() as u64;
        log.advance(look.count, look.bytes);
        drop(log);
        if look.count == 0 && waiting.is_some() {
            // What is on disk has no room, but what is in memory takes none that it does not have already.
            return queue.take(look.arena);
        }
        ledger.take(look.taken.iter().copied());
        let overflowed = queue.take_spooled(look.count, look.bytes, look.arena.weight());
        for (reason, positions) in
            [(DropReason::Damaged, &look.damaged), (DropReason::Expired, &look.expired)]
        {
            if !positions.is_empty() {
                let kept = ledger.settle(&*self.disk, &self.log, positions.iter().copied());
                queue.dropped(reason, positions.len() as u64, 0, kept);
            }
        }
        queue::Taken { arena: look.arena, first, overflowed }
    }

    /// The lowest position that was not taken out.
    pub(crate) fn untaken(&self, queue: &Queue) -> u64 {
        let log = lock(&self.log);
        let first = log.runs.front().map(|run| run.position);
        first.into_iter().chain(queue.first_waiting()).min().unwrap_or_else(|| queue.counts().accepted)
    }

    /// Forgets events that are delivered or dropped. Returns how many of them were on disk.
    pub(crate) fn settle(&self, positions: impl Iterator<Item = u64>) -> u64 {
        lock(&self.ledger).settle(&*self.disk, &self.log, positions)
    }

    /// Takes over what other clients that are gone have left for this key. Returns whether there was anything.
    pub(crate) fn adopt(&self, queue: &Queue, key: &[u8]) -> bool {
        let mut ledger = lock(&self.ledger);
        if lock(&self.log).is_closed || queue.is_closed() {
            return false;
        }
        self.restamp(&mut ledger);
        let before = lock(&self.log).notices.adopted;
        let result = ledger.adopt(&*self.disk, &self.root, &self.log, queue, key, &self.is_ending);
        let mut log = lock(&self.log);
        match result {
            Ok(left) => log.notices.left(left),
            Err(error) => log.notices.failed(&error),
        }
        log.notices.adopted > before
    }

    /// Begins to say that everything that is held is of another key, which its owner vouches for. The next job of the worker
    /// writes that into the files.
    pub(crate) fn set_key(&self, key: &[u8]) {
        *lock(&self.header) = header(key);
    }

    /// Takes what there is to say since the last time, unless a caller is writing.
    pub(crate) fn notices(&self) -> Option<Notices> {
        self.log.try_lock().ok().map(|mut log| log.notices.take())
    }

    /// Ends a look for what others have left.
    pub(crate) fn end_adoption(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
    }

    /// Releases the directories of a queue that is closed. What is not settled is kept there.
    pub(crate) fn release(&self) {
        let mut ledger = lock(&self.ledger);
        if std::mem::replace(&mut lock(&self.log).is_closed, true) {
            return;
        }
        self.changed.notify_all();
        self.restamp(&mut ledger);
        ledger.close(&*self.disk, &self.log);
    }

    /// Writes the header of the key into the segments that have that of an earlier one.
    fn restamp(&self, ledger: &mut Ledger) {
        let header = *lock(&self.header);
        if std::mem::replace(&mut ledger.stamped, header) == header {
            return;
        }
        let mut bytes = Vec::with_capacity(Header::LEN);
        header.write(&mut bytes);
        let sources: Vec<_> = lock(&self.log).segments.values().map(segment::Segment::source).collect();
        for source in sources {
            if let Err(error) = source.open(&*self.disk).and_then(|file| file.write_at(0, &bytes)) {
                lock(&self.log).notices.failed(&error);
            }
        }
    }
}

fn header(key: &[u8]) -> Header {
    Header::of(key, fastrand::u64(..).to_le_bytes())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while a lock is held, and a spool that stopped working would lose events.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod slow;
#[cfg(test)]
mod watched;
