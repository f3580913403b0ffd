//! Who did it, for everything that happens inside a request or a job.

#[cfg(feature = "testing")]
mod outlet;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use pin_project_lite::pin_project;

#[cfg(feature = "testing")]
pub(crate) use self::outlet::{Alive, Entered as EnteredOutlet, Outlet, forget_closed, install, outlet};
use crate::bounds::{Identifier, Serializable};
use crate::reentry::Held;
use crate::wire::{self, Ambient, Id, Millis, Value};

/// How far the timestamps of a scope may run ahead of the clock.
const LONGEST_LEAD: u64 = 1_000;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Scope>>> = const { RefCell::new(None) };
    /// Whether there is one: a quick answer for the many events outside any scope.
    static IS_IN_SCOPE: Cell<bool> = const { Cell::new(false) };
}

/// Who the user is, and which account they act for, for every event inside a scope.
///
/// Handlers know it from the session; functions far below do not, and need not. What an event says itself wins.
///
/// ```
/// use thrivestack::Context;
///
/// # async fn handle() {}
/// # async fn request() {
/// Context::new().user_id(17).group_id("acme").with("request_id", "r-1").scope(handle()).await;
/// # }
/// // The same for code that is not async:
/// let answer = Context::new().user_id(17).in_scope(|| 42);
/// assert_eq!(answer, 42);
/// ```
///
/// A scope holds across every `.await` and moves between threads with its future, in any runtime. Scopes nest: an
/// inner one inherits what it does not override. A task that is spawned is outside, unless it takes the context along:
/// `tokio::spawn(Context::current().scope(task))`.
///
/// Inside a scope, events follow one another by at least a millisecond, as ThriveStack asks of those that one handler
/// fires, running at most a second ahead of the clock. Timestamps that are set explicitly are left alone.
#[derive(Clone, Default)]
#[must_use = "a context does nothing until something runs in its scope"]
pub struct Context {
    ambient: Ambient,
    /// The timestamps of the scope that the context was taken from.
    clock: Option<Arc<ScopeClock>>,
    /// The outlet that was current where the context was taken.
    #[cfg(feature = "testing")]
    outlet: Option<Arc<dyn Outlet>>,
}

/// What is current while a future is polled or a closure runs.
pub(crate) struct Scope {
    ambient: Mutex<Ambient>,
    clock: Arc<ScopeClock>,
    /// The outlet that takes what is emitted in the scope, on every thread.
    #[cfg(feature = "testing")]
    outlet: Option<Arc<dyn Outlet>>,
}

/// The last timestamp of a scope, in milliseconds since 1970.
#[derive(Default)]
struct ScopeClock(AtomicU64);

pin_project! {
    /// A future in the scope of a [`Context`], made by [`Context::scope`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Scoped<F> {
        // `None` once it is dropped.
        #[pin]
        future: Option<F>,
        scope: Arc<Scope>,
    }

    impl<F> PinnedDrop for Scoped<F> {
        fn drop(this: Pin<&mut Self>) {
            // What a future that is given up holds may emit when it is dropped.
            let mut this = this.project();
            let _entered = Entered::enter(this.scope.clone());
            this.future.set(None);
        }
    }
}

impl Context {
    /// A context that says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What holds here, to hand it to a task or a thread. Empty outside any scope.
    pub fn current() -> Self {
        let scope = current();
        Self {
            ambient: scope.as_ref().map(|scope| scope.ambient()).unwrap_or_default(),
            clock: scope.map(|scope| scope.clock.clone()),
            #[cfg(feature = "testing")]
            outlet: outlet(),
        }
    }

    /// Changes the innermost scope from here on, for instance when a login has found out who the user is. Has no effect
    /// outside any scope.
    ///
    /// ```
    /// # use thrivestack::Context;
    /// Context::update(|context| context.user_id(17).group_id("acme"));
    /// ```
    pub fn update(change: impl FnOnce(Self) -> Self) {
        if let Some(scope) = current() {
            let changed = change(Self { ambient: scope.ambient(), ..Self::default() });
            *Held::lock(|| scope.says()) = changed.ambient;
        }
    }

    /// Sets the user's id. An empty id is none.
    pub fn user_id(self, id: impl Identifier) -> Self {
        self.id(Id::User, id)
    }

    /// [`user_id`](Self::user_id) if there is one.
    pub fn maybe_user_id(self, id: Option<impl Identifier>) -> Self {
        self.maybe_id(Id::User, id)
    }

    /// Sets the group's id.
    pub fn group_id(self, id: impl Identifier) -> Self {
        self.id(Id::Group, id)
    }

    /// [`group_id`](Self::group_id) if there is one.
    pub fn maybe_group_id(self, id: Option<impl Identifier>) -> Self {
        self.maybe_id(Id::Group, id)
    }

    /// Sets the session's id.
    pub fn session_id(self, id: impl Identifier) -> Self {
        self.id(Id::Session, id)
    }

    /// [`session_id`](Self::session_id) if there is one.
    pub fn maybe_session_id(self, id: Option<impl Identifier>) -> Self {
        self.maybe_id(Id::Session, id)
    }

    /// Sets the device's id.
    pub fn device_id(self, id: impl Identifier) -> Self {
        self.id(Id::Device, id)
    }

    /// Sets a key of the `context` of every event; it goes into no properties and no traits. A key that has a method of
    /// its own, and a value that cannot be serialized, are ignored.
    pub fn with(mut self, key: impl AsRef<str>, value: impl Serializable) -> Self {
        let key = key.as_ref();
        if !wire::is_reserved_in_context(None, key) {
            // Left out or written, the event is sent.
            let _ = self.ambient.fields.set(key, &Value::Json(&value), false);
        }
        self
    }

    /// Runs a future in this context: while it is polled, the context is the current one.
    pub fn scope<F: Future>(self, future: F) -> Scoped<F> {
        Scoped { future: Some(future), scope: self.into_scope() }
    }

    /// Runs what makes a future in this context, and then the future: a service may emit before it returns one.
    #[cfg(any(feature = "tower", feature = "actix"))]
    pub(crate) fn scope_of<F: Future>(self, make: impl FnOnce() -> F) -> Scoped<F> {
        let scope = self.into_scope();
        let entered = Entered::enter(scope.clone());
        let future = make();
        drop(entered);
        Scoped { future: Some(future), scope }
    }

    /// Runs a closure in this context.
    pub fn in_scope<R>(self, run: impl FnOnce() -> R) -> R {
        let _entered = Entered::enter(self.into_scope());
        run()
    }

    fn id(mut self, id: Id, value: impl Identifier) -> Self {
        self.ambient.set_id(id, &value);
        self
    }

    fn maybe_id(self, id: Id, value: Option<impl Identifier>) -> Self {
        match value {
            Some(value) => self.id(id, value),
            None => self.id(id, ""),
        }
    }

    fn into_scope(self) -> Arc<Scope> {
        let outer = Self::current();
        Arc::new(Scope {
            ambient: Mutex::new(self.ambient.over(outer.ambient)),
            clock: self.clock.or(outer.clock).unwrap_or_default(),
            #[cfg(feature = "testing")]
            outlet: self.outlet.or(outer.outlet),
        })
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = Entered::enter(this.scope.clone());
        // A future that was dropped is polled by nobody.
        this.future.as_pin_mut().map_or(Poll::Pending, |future| future.poll(context))
    }
}

/// Makes a scope the current one until it is dropped, be it by a panic.
struct Entered {
    outer: Option<Arc<Scope>>,
    #[cfg(feature = "testing")]
    _outlet: Option<outlet::Entered>,
}

impl Entered {
    fn enter(scope: Arc<Scope>) -> Self {
        Self {
            #[cfg(feature = "testing")]
            _outlet: scope.outlet.clone().map(outlet::Entered::enter),
            outer: replace_current(Some(scope)),
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        drop(replace_current(self.outer.take()));
    }
}

impl Scope {
    fn ambient(&self) -> Ambient {
        Held::lock(|| self.says()).clone()
    }

    /// Returns the time of the next event, a millisecond after the last one at least.
    pub(crate) fn next_time(&self, now: Millis) -> Millis {
        self.clock.next(now)
    }

    /// Locks what it says of every event in it.
    pub(crate) fn says(&self) -> MutexGuard<'_, Ambient> {
        self.ambient.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ScopeClock {
    /// The time of the next event, a millisecond after the last one at least.
    fn next(&self, Millis(now): Millis) -> Millis {
        let next = |last: u64| now.max(last.saturating_add(1)).min(now.saturating_add(LONGEST_LEAD));
        let last = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
        Millis(next(last.unwrap_or_else(|last| last)))
    }
}

/// Returns the innermost scope, if there is one.
#[inline]
pub(crate) fn current() -> Option<Arc<Scope>> {
    if IS_IN_SCOPE.get() { CURRENT.try_with(|current| current.borrow().clone()).ok().flatten() } else { None }
}

fn replace_current(scope: Option<Arc<Scope>>) -> Option<Arc<Scope>> {
    IS_IN_SCOPE.set(scope.is_some());
    // A thread that is ending has no current scope any more, and needs none.
    CURRENT.try_with(|current| current.replace(scope)).ok().flatten()
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for Scoped<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scoped").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timestamps_of_a_scope_follow_one_another_and_stay_near_the_clock() {
        let clock = ScopeClock::default();
        let at = Millis;
        assert_eq!(clock.next(at(5_000)), at(5_000));
        assert_eq!(clock.next(at(5_000)), at(5_001));
        assert_eq!(clock.next(at(5_000)), at(5_002));
        assert_eq!(clock.next(at(6_000)), at(6_000));
        for _ in 0..5_000 {
            clock.next(at(6_000));
        }
        assert_eq!(clock.next(at(6_000)), at(7_000), "a second ahead and no further");
        assert_eq!(clock.next(at(1_000)), at(2_000), "nor when the clock was set back");
    }
}
