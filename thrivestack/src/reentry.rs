//! A flag of each thread that is inside of the crate, where no event can be accepted.
//!
//! An allocator may report what it is asked for as an event. It is then called while a lock of ours is held, or while a draft is
//! made: the event would wait for its own thread, or have another draft made for ever.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};

thread_local! {
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// A part of the crate that must not be entered again on the same thread until this is dropped. It runs no code of the host but
/// its allocator.
pub(crate) struct Inside {
    was_inside: bool,
}

impl Inside {
    #[inline(always)]
    pub(crate) fn enter() -> Self {
        Self { was_inside: IS_INSIDE.replace(true) }
    }
}

impl Drop for Inside {
    #[inline(always)]
    fn drop(&mut self) {
        IS_INSIDE.set(self.was_inside);
    }
}

/// Returns true if only the host's allocator can have emitted an event.
#[inline(always)]
pub(crate) fn is_inside() -> bool {
    IS_INSIDE.get()
}

/// A lock that is held inside of the crate.
pub(crate) struct Held<G> {
    // Released before the thread is outside again.
    guard: G,
    _inside: Inside,
}

impl<G> Held<G> {
    #[inline(always)]
    pub(crate) fn lock(lock: impl FnOnce() -> G) -> Self {
        let inside = Inside::enter();
        Self { guard: lock(), _inside: inside }
    }
}

impl<G: Deref> Deref for Held<G> {
    type Target = G::Target;

    #[inline(always)]
    fn deref(&self) -> &G::Target {
        &self.guard
    }
}

impl<G: DerefMut> DerefMut for Held<G> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut G::Target {
        &mut self.guard
    }
}
