//! The future of an annotated `async fn`.
//!
//! Its values are taken when it is first polled, at the beginning of its body, where the arguments are. The event goes from
//! there to the future around the body through a place of the thread, since an async block inside of another would keep
//! everything twice, and since the compiler ends its search for auto traits at a certain depth.

use std::cell::Cell;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Pending;
use super::tracked::Held as _;

thread_local! {
    /// The event of the innermost future that is polled for the first time. Those around it keep what was here before.
    static BEGUN: Cell<Pending> = const { Cell::new(Pending::idle()) };
}

pin_project! {
    /// The body of an `async fn` with its event.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Lazy<F, E> {
        // It comes first, so that the compiler knows its auto traits before it goes down into the body.
        pending: Pending,
        #[pin]
        body: F,
        was_polled: bool,
        finish: E,
    }
}

/// Returns the future of an `async fn`. `body` begins with a call of [`begun`].
#[inline]
pub fn lazy<R, F: Future<Output = R>, E: FnMut(Pending, &R)>(body: F, finish: E) -> Lazy<F, E> {
    Lazy { body, pending: Pending::idle(), was_polled: false, finish }
}

/// Hands the event of the innermost future that is polled for the first time to it.
#[inline]
pub fn begun(pending: Pending) {
    if pending.is_live() {
        // A thread that is ending has no such place any more.
        let _idle = BEGUN.try_with(|begun| begun.replace(pending));
    }
}

impl<R, F: Future<Output = R>, E: FnMut(Pending, &R)> Future for Lazy<F, E> {
    type Output = R;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<R> {
        let this = self.project();
        let polled = if mem::replace(this.was_polled, true) {
            this.body.poll(context)
        } else {
            let place = Place::open();
            let polled = this.body.poll(context);
            *this.pending = place.close();
            polled
        };
        if let Poll::Ready(returned) = &polled
            && this.pending.is_live()
        {
            (this.finish)(this.pending.take(), returned);
        }
        polled
    }
}

/// The event that the thread's place held before. It goes back when the body panics, too.
struct Place(Pending);

impl Place {
    #[inline]
    fn open() -> Self {
        Self(exchange(Pending::idle()))
    }

    /// Takes what was put into the place.
    #[inline]
    fn close(mut self) -> Pending {
        let begun = exchange(self.0.take());
        mem::forget(self);
        begun
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(exchange(self.0.take()));
    }
}

#[inline]
fn exchange(pending: Pending) -> Pending {
    BEGUN.try_with(|begun| begun.replace(pending)).unwrap_or(Pending::idle())
}
