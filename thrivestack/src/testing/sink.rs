//! The log of a capture.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::event::{CapturedEvent, RefusedCall};
use crate::context::{self, Alive, Outlet};
use crate::reasons::Rejected;
use crate::wire::{Defaults, Draft};

/// Where the events of a capture are kept.
pub(crate) struct Sink {
    defaults: Defaults,
    log: Mutex<Log>,
    is_open: AtomicBool,
    _alive: Alive,
}

#[derive(Default)]
pub(super) struct Log {
    pub(super) events: Vec<CapturedEvent>,
    pub(super) refused: Vec<RefusedCall>,
}

impl Sink {
    pub(super) fn new(defaults: Defaults) -> Self {
        Self { defaults, log: Mutex::default(), is_open: AtomicBool::new(true), _alive: Alive::new() }
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
        context::forget_closed();
    }
}

impl Outlet for Sink {
    fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    fn keep(&self, draft: &Draft, result: Result<(), Rejected>) {
        let mut log = self.lock();
        match result {
            Ok(()) => log.events.push(CapturedEvent::parse(draft.endpoint(), draft.bytes())),
            Err(reason) => {
                log.refused.push(RefusedCall::new(draft.endpoint(), draft.name().as_deref(), reason));
            }
        }
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
