//! Places where events go instead of to a client, for everything that happens in a scope.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::reasons::Rejected;
use crate::wire::{Defaults, Draft};

/// The number of outlets in the process. While it is zero, no thread looks for one.
static ALIVE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The outlets of this thread and of the scopes that it is in, the innermost last.
    static CURRENT: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// A place that takes events instead of a client, such as the capture of a test.
pub(crate) trait Outlet: Send + Sync {
    /// The defaults of events that name no client.
    fn defaults(&self) -> &Defaults;

    /// Returns whether it still takes the events of the thread that it was installed on.
    fn is_open(&self) -> bool;

    /// Keeps an event that was encoded, or the reason for which it was rejected.
    fn keep(&self, draft: &Draft, result: Result<(), Rejected>);
}

/// Counts an outlet for as long as it lives.
#[derive(Debug)]
pub(crate) struct Alive(());

struct Entry {
    outlet: Arc<dyn Outlet>,
    /// The events of a scope belong to its outlet even after that was closed, so that no other one sees them.
    is_scope: bool,
}

/// Makes an outlet the current one of this thread until it is dropped, also by a panic.
pub(crate) struct Entered(Arc<dyn Outlet>);

impl Alive {
    pub(crate) fn new() -> Self {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Returns the outlet that takes the events of this thread at the moment.
pub(crate) fn outlet() -> Option<Arc<dyn Outlet>> {
    if ALIVE.load(Ordering::Relaxed) == 0 {
        return None;
    }
    let innermost = |entries: &RefCell<Vec<Entry>>| {
        entries.borrow().iter().rev().find(|entry| entry.counts()).map(|entry| entry.outlet.clone())
    };
    // A thread that is ending has no outlets any more.
    CURRENT.try_with(innermost).ok().flatten()
}

/// Makes an outlet that of this thread until it is closed.
pub(crate) fn install(outlet: Arc<dyn Outlet>) {
    let _ = CURRENT.try_with(|entries| entries.borrow_mut().push(Entry { outlet, is_scope: false }));
}

/// Forgets the outlets of this thread that were closed.
pub(crate) fn forget_closed() {
    let _ = CURRENT.try_with(|entries| entries.borrow_mut().retain(Entry::counts));
}

impl Entry {
    fn counts(&self) -> bool {
        self.is_scope || self.outlet.is_open()
    }
}

impl Entered {
    pub(crate) fn enter(outlet: Arc<dyn Outlet>) -> Self {
        let entry = Entry { outlet: outlet.clone(), is_scope: true };
        let _ = CURRENT.try_with(|entries| entries.borrow_mut().push(entry));
        Self(outlet)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let _ = CURRENT.try_with(|entries| {
            let mut entries = entries.borrow_mut();
            let own = entries.iter().rposition(|entry| entry.is_scope && Arc::ptr_eq(&entry.outlet, &self.0));
            own.map(|own| entries.remove(own))
        });
    }
}
