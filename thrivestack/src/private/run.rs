//! Small functions that run the body of an annotated function between the begin and the end of its event.

use std::future::Future;
use std::thread;

use super::tracked::Held as _;
use super::{Pending, finish_now};

/// The body of a function. The bound makes the closure a `FnOnce`, which may return what it captured.
#[inline(always)]
pub fn once<R, F: FnOnce() -> R>(body: F) -> F {
    body
}

/// Runs the body of a function that returns a future.
#[inline]
pub fn run_future<R, F: Future<Output = R>>(body: impl FnOnce() -> F) -> F {
    body()
}

/// Takes the values of an event, away from the function: their space on its stack is free again while the body runs.
#[inline(never)]
pub fn values(begin: impl FnOnce() -> Pending) -> Pending {
    begin()
}

/// Runs the body of a function between the begin and the end of its event, away from the function.
#[inline(never)]
pub fn listening<R>(run: impl FnOnce() -> R) -> R {
    run()
}

/// Ends an event, away from the function.
#[inline(never)]
pub fn finished<R>(pending: &mut Pending, returned: &R, finish: impl FnOnce(Pending, &R)) {
    let pending = pending.take();
    if pending.is_live() {
        finish(pending, returned);
    }
}

/// Sends an event when a function returns, whatever it returns.
#[derive(Debug)]
pub struct OnReturn {
    pending: Pending,
    /// A function may be called while its thread unwinds.
    is_unwinding: bool,
}

impl OnReturn {
    /// The event of the function that it is a local variable of.
    #[must_use]
    pub fn new(pending: Pending) -> Self {
        let is_unwinding = pending.is_live() && thread::panicking();
        Self { pending, is_unwinding }
    }
}

impl Drop for OnReturn {
    fn drop(&mut self) {
        if self.pending.is_live() && thread::panicking() == self.is_unwinding {
            finish_now(self.pending.take());
        }
    }
}

/// Tells the type of a block that returns it, and is never called.
#[cold]
pub fn never<T>() -> T {
    unreachable!("an expansion calls it where `false` is true")
}
