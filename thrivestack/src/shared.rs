//! What a client's clones and its worker share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use crate::arena::Arena;
use crate::config::Settings;
use crate::error::Error;
use crate::key::{ApiKey, Keys};
use crate::queue::{Queue, Taken};
use crate::reasons::Rejected;
use crate::reentry::Inside;
use crate::rejections::Rejections;
use crate::spool::{Disk, Durable, Notices, Place, Spool};
use crate::stats::Tallies;
use crate::wire::{Defaults, Endpoint};

/// How many clients of this process are enabled. While there are none, builders of the global functions serialize
/// nothing, since nobody could send what they hold.
static ENABLED_CLIENTS: AtomicUsize = AtomicUsize::new(0);

/// Returns whether any client of the process takes events.
pub(crate) fn any_client_enabled() -> bool {
    ENABLED_CLIENTS.load(Ordering::Relaxed) > 0
}

/// A disk that works needs a few milliseconds.
const RELEASE_TIMEOUT: Duration = Duration::from_millis(250);

pub(crate) struct Shared {
    pub(crate) queue: Queue,
    pub(crate) tallies: Tallies,
    pub(crate) rejections: Rejections,
    pub(crate) defaults: Defaults,
    pub(crate) shutdown_timeout: Duration,
    keys: Mutex<Keys>,
    /// In the place of the queue's memory.
    spool: Option<Arc<Spool>>,
    is_enabled: AtomicBool,
    worker: Mutex<Option<ThreadId>>,
    /// The process that the worker lives in.
    process: u32,
}

/// Runs what takes the locks of the spool.
fn inside<T>(run: impl FnOnce() -> T) -> T {
    let _inside = Inside::enter();
    run()
}

impl Shared {
    /// Splits the settings into what is shared and what the worker keeps to itself.
    pub(crate) fn new(settings: &mut Settings, disk: Arc<dyn Disk>) -> Result<Self, Error> {
        let queue = Queue::new(settings.queue);
        let key = settings.key.take();
        let spool = match (settings.spool.take(), &key) {
            (Some(spool), Some(key)) => {
                Some(Spool::open(disk, spool, settings.queue.queue_bytes, key.bytes())?)
            }
            _ => None,
        };
        Ok(Self {
            queue,
            tallies: Tallies::default(),
            rejections: Rejections::new(settings.transport.is_print()),
            defaults: std::mem::take(&mut settings.defaults),
            shutdown_timeout: settings.shutdown_timeout,
            keys: Mutex::new(Keys::new(key)),
            spool,
            is_enabled: AtomicBool::new(false),
            worker: Mutex::new(None),
            process: std::process::id(),
        })
    }

    /// Starts what the spool does beside the worker.
    pub(crate) fn start_spool(&self) -> Result<(), Error> {
        self.spool.as_ref().map_or(Ok(()), Spool::start_syncing)
    }

    /// Accepts an event. A forked child's goes to memory: its parent's files are not its own.
    pub(crate) fn accept(&self, endpoint: Endpoint, event: &[u8]) -> Result<Place, Rejected> {
        match &self.spool {
            Some(spool) if !self.is_forked() => spool.accept(&self.queue, endpoint, event),
            _ => self.queue.append(endpoint, event).map(|()| Place::Memory),
        }
    }

    /// The word that an event that was accepted is on disk.
    pub(crate) fn durable(&self, place: Place) -> Durable {
        match (&self.spool, place) {
            (Some(spool), Place::Disk { sequence }) => inside(|| spool.durable(sequence)),
            _ => Durable::known(Err(Rejected::NotDurable)),
        }
    }

    /// Takes out what was accepted first. `spare` is an arena to fill.
    pub(crate) fn take(&self, spare: Arena) -> Taken {
        match &self.spool {
            Some(spool) => inside(|| spool.take(&self.queue, spare)),
            None => self.queue.take(spare),
        }
    }

    /// The lowest position that was not taken out.
    pub(crate) fn untaken(&self) -> u64 {
        match &self.spool {
            Some(spool) => inside(|| spool.untaken(&self.queue)),
            None => self.queue.untaken(),
        }
    }

    /// Forgets events that are delivered or dropped. Returns how many of them were on disk.
    pub(crate) fn settle(&self, positions: impl Iterator<Item = u64>) -> u64 {
        self.spool.as_ref().map_or(0, |spool| inside(|| spool.settle(positions)))
    }

    /// The time that a shutdown waits for the spool to be released, once its deadline is over.
    pub(crate) fn release_timeout(&self) -> Duration {
        if self.has_spool() { RELEASE_TIMEOUT } else { Duration::ZERO }
    }

    /// Ends a look for what others have left, since the client ends.
    pub(crate) fn end_adoption(&self) {
        if let Some(spool) = &self.spool {
            inside(|| spool.end_adoption());
        }
    }

    /// Releases the spool of a client whose queue is closed.
    pub(crate) fn release(&self) {
        if let Some(spool) = &self.spool {
            inside(|| spool.release());
        }
    }

    pub(crate) fn has_spool(&self) -> bool {
        self.spool.is_some()
    }

    /// Takes over what others have left on disk. Returns whether there was anything.
    pub(crate) fn adopt(&self) -> bool {
        match (&self.spool, self.key()) {
            (Some(spool), Some(key)) => inside(|| spool.adopt(&self.queue, key.bytes())),
            _ => false,
        }
    }

    /// What the spool has to tell.
    pub(crate) fn notices(&self) -> Option<Notices> {
        self.spool.as_ref().and_then(|spool| inside(|| spool.notices()))
    }

    /// Returns the reason for which a client that is off rejects events.
    pub(crate) fn refusal(&self) -> Rejected {
        if self.queue.is_closing() { Rejected::ShutDown } else { Rejected::Disabled }
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.is_enabled.load(Ordering::Relaxed)
    }

    /// Switches accepting on or off; a closed queue stays off.
    pub(crate) fn set_enabled(&self, enabled: bool) {
        let enabled = enabled && !self.queue.is_closing();
        if self.is_enabled.swap(enabled, Ordering::Relaxed) != enabled {
            if enabled {
                ENABLED_CLIENTS.fetch_add(1, Ordering::Relaxed);
            } else {
                ENABLED_CLIENTS.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    pub(crate) fn key(&self) -> Option<ApiKey> {
        self.keys().current().cloned()
    }

    /// The key, if nobody is looking at it right now.
    pub(crate) fn try_key(&self) -> Option<ApiKey> {
        self.keys.try_lock().ok()?.current().cloned()
    }

    /// Whether this is a forked process, in which there is no worker to wait for and a lock may be held forever.
    pub(crate) fn is_forked(&self) -> bool {
        self.process != std::process::id()
    }

    /// Takes another key for the next request.
    pub(crate) fn set_key(&self, key: ApiKey) {
        let mut keys = self.keys();
        if keys.current() != Some(&key)
            && let Some(spool) = &self.spool
        {
            inside(|| spool.set_key(key.bytes()));
        }
        keys.replace(key);
    }

    /// Replaces every key that this client has or had in a text that comes from outside.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.keys().redact(text)
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_worker(&self, thread: ThreadId) {
        *self.worker.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
    }

    /// Whether the caller is the worker, which cannot wait for itself: a hook that flushes or drops a client.
    pub(crate) fn is_worker(&self) -> bool {
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        *worker == Some(std::thread::current().id())
    }
}
