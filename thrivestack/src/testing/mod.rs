//! What a test emits, without a network: feature `testing`.
//!
//! ```
//! use thrivestack::{testing, track_event};
//!
//! #[track_event("invite_sent", user_id = inviter, group_id = "acme", properties(invitee_email = email))]
//! fn send_invite(inviter: u64, email: &str) -> Result<(), &'static str> {
//!     if email.contains('@') { Ok(()) } else { Err("not an e-mail address") }
//! }
//!
//! let events = testing::capture();
//! send_invite(17, "nobody").unwrap_err();
//! events.assert_nothing();
//!
//! send_invite(17, "ada@example.com").unwrap();
//! events.assert_tracked("invite_sent").user_id(17).with("invitee_email", "ada@example.com");
//! ```
//!
//! A capture needs no client, no key and no `init`, and tests that capture run in parallel: each sees what its own
//! thread emits. A future that may be polled elsewhere, because it is spawned, goes through [`Capture::scope`]; so does
//! another thread through [`Capture::in_scope`]. A [`Context`](crate::Context) takes the capture along wherever it is
//! handed to, so code that hands its context on needs neither.
//!
//! Put the feature where only tests see it:
//!
//! ```toml
//! [dev-dependencies]
//! thrivestack = { version = "0.1", features = ["testing"] }
//! ```

mod assertion;
mod event;
mod sink;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

pub use assertion::Assertion;
pub use event::{CapturedEvent, RefusedCall};
use sink::Sink;

use crate::config::Config;
use crate::context::{self, EnteredOutlet};
use crate::wire::Endpoint;

/// Takes what this thread emits from here on until the [`Capture`] is dropped.
///
/// Events are taken as they would be queued with the defaults of [`Config`]: `source` is `product`, and EU compliance is
/// off. Those of a [`Client`](crate::Client) that is named explicitly are taken as that client would send them.
/// `before_send` is not called, and message ids, which differ each time, are left out.
///
/// While a capture is on, [`is_enabled`](crate::is_enabled) is true, whether there is a client of the process or not, and
/// nothing is sent. So is that of a client that [`Config::disabled`] turned off; one that
/// [`set_enabled`](crate::Client::set_enabled) switched off refuses its events here too. A second capture on the same thread takes over until it is dropped.
pub fn capture() -> Capture {
    capture_with(&Config::new(""))
}

/// [`capture`] with the defaults of a configuration: its `source`, `context` and EU compliance. Its key is not looked at.
///
/// ```
/// use thrivestack::{Config, testing};
///
/// let events = testing::capture_with(&Config::new("").eu_compliance(true));
/// thrivestack::identify(17).with("user_email", "ada@example.com").with("role", "owner").send();
/// events.assert_identified(17).with("role", "owner").without("user_email");
/// ```
pub fn capture_with(config: &Config) -> Capture {
    let sink = Arc::new(Sink::new(config.defaults()));
    context::install(sink.clone());
    Capture { sink }
}

/// What a test emitted so far, made by [`capture`].
#[must_use = "dropping the capture ends it: bind it to a variable"]
pub struct Capture {
    sink: Arc<Sink>,
}

pin_project! {
    /// A future whose events a [`Capture`] takes, made by [`Capture::scope`].
    #[must_use = "futures do nothing unless polled"]
    pub struct CaptureScope<F> {
        // `None` once it is dropped.
        #[pin]
        future: Option<F>,
        sink: Arc<Sink>,
    }

    impl<F> PinnedDrop for CaptureScope<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = EnteredOutlet::enter(this.sink.clone());
            this.future.set(None);
        }
    }
}

impl Capture {
    /// The events in the order in which they were emitted. Calls that were refused are not among them.
    #[must_use]
    pub fn all(&self) -> Vec<CapturedEvent> {
        self.sink.lock().events.clone()
    }

    /// The calls that were refused, for instance because they had no user id.
    #[must_use]
    pub fn refused(&self) -> Vec<RefusedCall> {
        self.sink.lock().refused.clone()
    }

    /// Forgets what was captured so far.
    pub fn clear(&self) {
        let mut log = self.sink.lock();
        log.events.clear();
        log.refused.clear();
    }

    /// Takes what a future emits, on whichever thread it is polled.
    ///
    /// ```
    /// # use thrivestack::testing;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let events = testing::capture();
    /// let job = async { thrivestack::track("report_created").user_id(17).group_id("acme").send() };
    /// tokio::spawn(events.scope(job)).await.unwrap();
    /// events.assert_tracked("report_created").group_id("acme");
    /// # }
    /// ```
    pub fn scope<F: Future>(&self, future: F) -> CaptureScope<F> {
        CaptureScope { future: Some(future), sink: self.sink.clone() }
    }

    /// Takes what a closure emits, on whichever thread it runs.
    ///
    /// ```
    /// # use thrivestack::testing;
    /// let events = testing::capture();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| events.in_scope(|| thrivestack::track("report_created").user_id(17).send()));
    /// });
    /// events.assert_tracked("report_created");
    /// ```
    pub fn in_scope<R>(&self, run: impl FnOnce() -> R) -> R {
        let _entered = EnteredOutlet::enter(self.sink.clone());
        run()
    }

    /// Asserts that an event of this name was tracked. What is chained to it has to hold for one and the same event.
    #[track_caller]
    pub fn assert_tracked(&self, event_name: &str) -> Assertion {
        self.assert(format!("event `{event_name}`"), Endpoint::Track, |event| event.name() == event_name)
    }

    /// Asserts that a user with this id was identified.
    #[track_caller]
    pub fn assert_identified(&self, user_id: impl fmt::Display) -> Assertion {
        let user_id = user_id.to_string();
        self.assert(format!("identify call of `{user_id}`"), Endpoint::Identify, |event| {
            event.user_id() == Some(&user_id)
        })
    }

    /// Asserts that there was a group call with this id.
    #[track_caller]
    pub fn assert_grouped(&self, group_id: impl fmt::Display) -> Assertion {
        let group_id = group_id.to_string();
        self.assert(format!("group call of `{group_id}`"), Endpoint::Group, |event| {
            event.group_id() == Some(&group_id)
        })
    }

    /// Asserts that a page of this name was seen.
    #[track_caller]
    pub fn assert_paged(&self, page_name: &str) -> Assertion {
        self.assert(format!("page `{page_name}`"), Endpoint::Page, |event| event.name() == page_name)
    }

    /// Asserts that these were the events, no others, in this order, each by its [name](CapturedEvent::name).
    ///
    /// ```
    /// # use thrivestack::testing;
    /// let events = testing::capture();
    /// thrivestack::identify(17).send();
    /// thrivestack::track("signed_in").user_id(17).group_id("acme").send();
    /// events.assert_order(["identify", "signed_in"]);
    /// ```
    #[track_caller]
    pub fn assert_order<'a>(&self, names: impl IntoIterator<Item = &'a str>) {
        let expected: Vec<&str> = names.into_iter().collect();
        let log = self.sink.lock();
        let is_as_expected =
            log.refused.is_empty() && log.events.iter().map(CapturedEvent::name).eq(expected.iter().copied());
        drop(log);
        assert!(is_as_expected, "the events should have been {expected:?}\n{}", self.sink.report());
    }

    /// Asserts that nothing was emitted, nor tried to be and refused.
    #[track_caller]
    pub fn assert_nothing(&self) {
        let log = self.sink.lock();
        let is_empty = log.events.is_empty() && log.refused.is_empty();
        drop(log);
        assert!(is_empty, "nothing should have been emitted\n{}", self.sink.report());
    }

    #[track_caller]
    fn assert(
        &self,
        asserted: String,
        endpoint: Endpoint,
        is_meant: impl Fn(&CapturedEvent) -> bool,
    ) -> Assertion {
        let log = self.sink.lock();
        let is_meant = |event: &&CapturedEvent| event.endpoint() == endpoint && is_meant(event);
        let candidates = log.events.iter().filter(is_meant).cloned().collect();
        drop(log);
        Assertion::new(asserted, candidates, self.sink.clone())
    }
}

impl<F: Future> Future for CaptureScope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = EnteredOutlet::enter(this.sink.clone());
        // A future that was dropped is polled by nobody.
        this.future.as_pin_mut().map_or(Poll::Pending, |future| future.poll(context))
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.sink.close();
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let log = self.sink.lock();
        f.debug_struct("Capture").field("all", &log.events).field("refused", &log.refused).finish()
    }
}

impl<F> fmt::Debug for CaptureScope<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaptureScope").finish_non_exhaustive()
    }
}
