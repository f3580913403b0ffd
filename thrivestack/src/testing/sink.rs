//! Where captured events go, and whose turn it is on a thread.

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::event::{CapturedEvent, RefusedCall};
use crate::client::Client;
use crate::context;
use crate::reasons::Rejected;
use crate::wire::{Defaults, Draft};

/// How many sinks there are in the process. While there are none, nobody looks for one.
static ALIVE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The captures of this thread and the scopes that it is in, the latest at the end.
    static CURRENT: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// Where the events of a capture are kept.
pub(crate) struct Sink {
    defaults: Defaults,
    log: Mutex<Log>,
    is_open: AtomicBool,
}

#[derive(Default)]
pub(super) struct Log {
    pub(super) events: Vec<CapturedEvent>,
    pub(super) refused: Vec<RefusedCall>,
}

struct Entry {
    sink: Arc<Sink>,
    /// What a scope emits belongs to its capture even after that has ended, lest another one sees it.
    is_scope: bool,
}

/// Whether a capture takes what this thread emits now.
pub(crate) fn is_capturing() -> bool {
    current().is_some()
}

/// The capture that takes what this thread emits now.
pub(crate) fn current() -> Option<Arc<Sink>> {
    if ALIVE.load(Ordering::Relaxed) == 0 {
        return None;
    }
    let latest = |entries: &RefCell<Vec<Entry>>| {
        entries.borrow().iter().rev().find(|entry| entry.counts()).map(|entry| entry.sink.clone())
    };
    // A thread that is ending captures nothing any more.
    CURRENT.try_with(latest).ok().flatten()
}

/// Makes a sink that of this thread, until it is closed.
pub(super) fn push(sink: Arc<Sink>) {
    let _ = CURRENT.try_with(|entries| entries.borrow_mut().push(Entry { sink, is_scope: false }));
}

impl Entry {
    fn counts(&self) -> bool {
        self.is_scope || self.sink.is_open.load(Ordering::Relaxed)
    }
}

impl Sink {
    pub(super) fn new(defaults: Defaults) -> Self {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Self { defaults, log: Mutex::default(), is_open: AtomicBool::new(true) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was captured, for a failed assertion. No lock is held any more when that panics.
    pub(super) fn report(&self) -> String {
        self.lock().to_string()
    }

    /// Ends the capture. If it was begun on another thread, that one finds out when it looks.
    pub(super) fn close(&self) {
        self.is_open.store(false, Ordering::Relaxed);
        let _ = CURRENT.try_with(|entries| entries.borrow_mut().retain(Entry::counts));
    }

    /// Takes an event in the place of a client's queue. `client` is the one that was named for it.
    pub(crate) fn take(&self, client: Option<&Client>, draft: Option<&mut Draft>) -> Result<(), Rejected> {
        let draft = draft.ok_or(Rejected::Disabled)?;
        let result = match client.and_then(Client::refusal) {
            Some(reason) => Err(reason),
            None => {
                let defaults = client.and_then(Client::defaults).unwrap_or(&self.defaults);
                context::encode(draft, defaults)
            }
        };
        let mut log = self.lock();
        match result {
            Ok(()) => log.events.push(CapturedEvent::parse(draft.endpoint(), draft.bytes())),
            Err(reason) => {
                log.refused.push(RefusedCall::new(draft.endpoint(), draft.name().as_deref(), reason));
            }
        }
        result
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Makes a sink the one of this thread until it is dropped, be it by a panic.
pub(crate) struct Entered(Arc<Sink>);

impl Entered {
    pub(crate) fn enter(sink: Arc<Sink>) -> Self {
        let entry = Entry { sink: sink.clone(), is_scope: true };
        let _ = CURRENT.try_with(|entries| entries.borrow_mut().push(entry));
        Self(sink)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let _ = CURRENT.try_with(|entries| {
            let mut entries = entries.borrow_mut();
            let own = entries.iter().rposition(|entry| entry.is_scope && Arc::ptr_eq(&entry.sink, &self.0));
            own.map(|own| entries.remove(own))
        });
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.events.as_slice() {
            [] => f.write_str("nothing was captured")?,
            events => f.write_str("captured:").and_then(|()| list(f, events))?,
        }
        match self.refused.as_slice() {
            [] => Ok(()),
            refused => f.write_str("\nrefused:").and_then(|()| list(f, refused)),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, items: &[impl fmt::Display]) -> fmt::Result {
    items.iter().enumerate().try_for_each(|(index, item)| write!(f, "\n  {}. {item}", index + 1))
}
