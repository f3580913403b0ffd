//! Futures with an event that their output completes.
//!
//! They poll the user's future in place and never end it: what it holds is dropped when it is dropped, and it may be polled
//! again if it allows that.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Pending;

pin_project! {
    /// The future that a function returned.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Tracked<F, E, P = Pending> {
        // It comes first, so that the compiler knows its auto traits before it goes down into the future.
        pending: P,
        #[pin]
        future: F,
        finish: E,
    }
}

/// Wraps a future. `finish` is called at most once, with the first output.
#[inline]
pub fn tracked<F, E>(future: F, pending: Pending, finish: E) -> Tracked<F, E>
where
    F: Future,
    E: FnMut(Pending, &F::Output),
{
    Tracked { future, pending, finish }
}

/// Wraps a future whose clones share one event, which the first output completes.
#[inline]
pub fn tracked_and_cloned<F, E>(future: F, pending: Pending, finish: E) -> Tracked<F, E, Shared>
where
    F: Future,
    E: FnMut(Pending, &F::Output),
{
    let pending = Shared(pending.is_live().then(|| Arc::new(Mutex::new(pending))));
    Tracked { future, pending, finish }
}

impl<F: Future, E: FnMut(Pending, &F::Output), P: Held> Future for Tracked<F, E, P> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let polled = this.future.poll(context);
        if let Poll::Ready(returned) = &polled {
            let pending = this.pending.take();
            if pending.is_live() {
                (this.finish)(pending, returned);
            }
        }
        polled
    }
}

impl<F: Clone, E: Clone> Clone for Tracked<F, E, Shared> {
    fn clone(&self) -> Self {
        let Self { future, pending, finish } = self;
        Self { future: future.clone(), pending: pending.clone(), finish: finish.clone() }
    }
}

/// An event that is taken once.
pub trait Held {
    /// Takes the event, and leaves an idle one.
    fn take(&mut self) -> Pending;
}

impl Held for Pending {
    #[inline]
    fn take(&mut self) -> Pending {
        mem::replace(self, Pending::idle())
    }
}

/// The event of a future and its clones.
#[derive(Clone, Debug)]
pub struct Shared(Option<Arc<Mutex<Pending>>>);

impl Held for Shared {
    fn take(&mut self) -> Pending {
        let shared = self.0.take();
        shared.map_or(Pending::idle(), |shared| shared.lock().unwrap_or_else(PoisonError::into_inner).take())
    }
}

/// A boxed future that goes by an alias, such as `BoxFuture` of the crate `futures`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has the name of a boxed future, and is another type",
    label = "not a `Pin<Box<dyn Future<Output = ..>>>`",
    note = "return `Pin<Box<dyn Future<Output = ..> + Send>>`, or write `thrivestack::track!(..)` in the body"
)]
pub trait Rebox<F> {
    /// Boxes the wrapped future.
    fn rebox(future: F) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, F: Future<Output = T> + 'a, T> Rebox<F> for Pin<Box<dyn Future<Output = T> + 'a>> {
    fn rebox(future: F) -> Self {
        Box::pin(future)
    }
}

#[diagnostic::do_not_recommend]
impl<'a, F: Future<Output = T> + Send + 'a, T> Rebox<F> for Pin<Box<dyn Future<Output = T> + Send + 'a>> {
    fn rebox(future: F) -> Self {
        Box::pin(future)
    }
}

#[diagnostic::do_not_recommend]
impl<'a, F: Future<Output = T> + Send + Sync + 'a, T> Rebox<F>
    for Pin<Box<dyn Future<Output = T> + Send + Sync + 'a>>
{
    fn rebox(future: F) -> Self {
        Box::pin(future)
    }
}
