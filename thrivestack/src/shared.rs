//! What a client's clones and its worker share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use crate::config::Settings;
use crate::key::ApiKey;
use crate::queue::Queue;
use crate::stats::Tallies;
#[cfg(feature = "testing")]
use crate::testing;
use crate::wire::Defaults;

/// How many clients of this process are enabled. While there are none, builders of the global functions serialize
/// nothing, since nobody could send what they hold.
static ENABLED_CLIENTS: AtomicUsize = AtomicUsize::new(0);

/// Whether a builder that names no client may find one that takes it, or a capture.
pub(crate) fn any_client_enabled() -> bool {
    #[cfg(feature = "testing")]
    if testing::is_capturing() {
        return true;
    }
    ENABLED_CLIENTS.load(Ordering::Relaxed) > 0
}

pub(crate) struct Shared {
    pub(crate) queue: Queue,
    pub(crate) tallies: Tallies,
    pub(crate) defaults: Defaults,
    pub(crate) shutdown_timeout: Duration,
    key: Mutex<Option<ApiKey>>,
    is_enabled: AtomicBool,
    worker: Mutex<Option<ThreadId>>,
    /// The process that the worker lives in.
    process: u32,
}

impl Shared {
    /// Splits the settings into what is shared and what the worker keeps to itself.
    pub(crate) fn new(settings: &mut Settings) -> Self {
        Self {
            queue: Queue::new(settings.queue),
            tallies: Tallies::default(),
            defaults: std::mem::take(&mut settings.defaults),
            shutdown_timeout: settings.shutdown_timeout,
            key: Mutex::new(settings.key.take()),
            is_enabled: AtomicBool::new(false),
            worker: Mutex::new(None),
            process: std::process::id(),
        }
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
        self.key.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The key, if nobody is looking at it right now.
    pub(crate) fn try_key(&self) -> Option<ApiKey> {
        self.key.try_lock().ok()?.clone()
    }

    /// Whether this is a forked process, in which there is no worker to wait for and a lock may be held forever.
    pub(crate) fn is_forked(&self) -> bool {
        self.process != std::process::id()
    }

    /// Takes another key for the next request.
    pub(crate) fn set_key(&self, key: ApiKey) {
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
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
