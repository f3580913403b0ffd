//! The future of an annotated `async fn`.
//!
//! Its values are taken when it is first polled, at the beginning of its body, where the arguments are. The event goes from
//! there to the future around the body through a place of the thread, since an async block inside of another would keep
//! everything twice, and since the compiler ends its search for auto traits at a certain depth.

use std::cell::RefCell;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Pending;
use super::tracked::Held as _;

thread_local! {
    /// One place for each future on the stack that is polled for the first time, the innermost last.
    static BEGUN: RefCell<Vec<Pending>> = const { RefCell::new(Vec::new()) };
}

pin_project! {
    /// The body of an `async fn` with its event.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Lazy<F, E> {
        #[pin]
        body: F,
        pending: Pending,
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
pub fn begun(pending: Pending) {
    if pending.is_live() {
        // What was in the place is dropped outside of it.
        let _idle = BEGUN.try_with(|begun| {
            begun.try_borrow_mut().ok().and_then(|mut begun| Some(mem::replace(begun.last_mut()?, pending)))
        });
    }
}

impl<R, F: Future<Output = R>, E: FnMut(Pending, &R)> Future for Lazy<F, E> {
    type Output = R;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<R> {
        let this = self.project();
        let place = Place::open(this.was_polled);
        let polled = this.body.poll(context);
        place.close(this.pending);
        if let Poll::Ready(returned) = &polled
            && this.pending.is_live()
        {
            (this.finish)(this.pending.take(), returned);
        }
        polled
    }
}

/// The place for an event, if it is open. It is taken back when the body panics, too.
struct Place(bool);

impl Place {
    /// Opens a place at the first poll.
    fn open(was_polled: &mut bool) -> Self {
        let is_first = !mem::replace(was_polled, true);
        let push = |begun: &RefCell<Vec<Pending>>| {
            begun.try_borrow_mut().is_ok_and(|mut begun| {
                begun.push(Pending::idle());
                true
            })
        };
        Self(is_first && BEGUN.try_with(push).unwrap_or(false))
    }

    /// Takes what was put into it.
    fn close(mut self, pending: &mut Pending) {
        if let Some(begun) = self.take() {
            *pending = begun;
        }
    }

    fn take(&mut self) -> Option<Pending> {
        if !mem::take(&mut self.0) {
            return None;
        }
        BEGUN.try_with(|begun| begun.try_borrow_mut().ok()?.pop()).ok().flatten()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.take());
    }
}
