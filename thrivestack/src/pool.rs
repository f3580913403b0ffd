//! Drafts that are used again, so that an event allocates nothing once a thread has sent a few.

use std::cell::RefCell;

use crate::wire::{Draft, Endpoint};

/// How many drafts a thread keeps: events nest when a value emits one, and live across an await in async code.
const MOST_KEPT: usize = 8;
/// A draft's buffer that one huge event enlarged is given back.
const LARGEST_KEPT: usize = 16 * 1024;

thread_local! {
    #[expect(clippy::vec_box, reason = "a draft moves between the pool and its users as a pointer")]
    static POOL: RefCell<Vec<Box<Draft>>> = const { RefCell::new(Vec::new()) };
}

/// A draft that goes back to the pool, or none where nobody listens.
pub(crate) struct Lease(Option<Box<Draft>>);

impl Lease {
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    pub(crate) fn take(endpoint: Endpoint) -> Self {
        let pooled = POOL.try_with(|pool| pool.try_borrow_mut().ok()?.pop());
        // A thread that is ending has no pool any more.
        let mut draft = pooled.ok().flatten().unwrap_or_else(|| Box::new(Draft::new()));
        draft.reset(endpoint, LARGEST_KEPT);
        Self(Some(draft))
    }

    pub(crate) fn draft(&self) -> Option<&Draft> {
        self.0.as_deref()
    }

    pub(crate) fn draft_mut(&mut self) -> Option<&mut Draft> {
        self.0.as_deref_mut()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(draft) = self.0.take() else { return };
        let _ = POOL.try_with(|pool| {
            if let Ok(mut pool) = pool.try_borrow_mut()
                && pool.len() < MOST_KEPT
            {
                pool.push(draft);
            }
        });
    }
}
