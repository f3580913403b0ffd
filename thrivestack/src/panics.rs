//! Panics of the host's code, which end here.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs code of the host, such as a hook, a `Serialize` or a subscriber of `tracing`. Returns `None` if it panics.
#[inline(always)]
pub(crate) fn catch<T>(run: impl FnOnce() -> T) -> Option<T> {
    #[expect(clippy::disallowed_methods, reason = "the one place that catches panics")]
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => Some(result),
        Err(payload) => {
            drop_payload(payload);
            None
        }
    }
}

/// Drops the payload of a panic, which is the host's too: its `Drop` may panic with another one, which is leaked.
#[cold]
#[inline(never)]
fn drop_payload(payload: Box<dyn Any + Send>) {
    #[expect(clippy::disallowed_methods, reason = "the one place that catches panics")]
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(another);
    }
}
