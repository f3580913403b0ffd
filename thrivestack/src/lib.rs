//! Product analytics for B2B SaaS: tell [ThriveStack](https://www.thrivestack.ai) who signed up, which account they
//! belong to and which features they use, by annotating functions.
//!
//! This is an independent SDK, not one of ThriveStack's.
//!
//! ```no_run
//! use thrivestack::{Config, Identify, track_event};
//!
//! #[derive(Identify)]
//! struct User {
//!     #[identify(user_id)]
//!     id: u64,
//!     #[identify(group_id)]
//!     account_id: u64,
//!     #[identify(rename = "user_email")]
//!     email: String,
//! }
//! # struct Invite { id: u64 }
//! # struct Error;
//!
//! #[track_event("invite_sent", user_id = inviter.id, group_id = inviter.account_id,
//!     properties(invitee_email = email, invite_id = |invite| invite.id))]
//! async fn send_invite(inviter: &User, email: &str) -> Result<Invite, Error> {
//!     // What you did before; the event leaves if it returns `Ok`.
//! #   Ok(Invite { id: 1 })
//! }
//!
//! fn main() {
//!     // Reads THRIVESTACK_API_KEY. A missing key is logged and leaves telemetry off.
//!     let _guard = thrivestack::init_or_disabled(Config::from_env());
//!     // …
//! } // The guard's drop delivers what is queued.
//! ```
//!
//! # How to say what
//!
//! | to say | use |
//! | --- | --- |
//! | that a function did something, once it succeeded | [`#[track_event]`](macro@track_event) |
//! | the same in the middle of a function | [`track!`](macro@track), or the builder of [`track`](fn@track) |
//! | who a user is | [`#[derive(Identify)]`](derive@Identify), or the builder of [`identify`](fn@identify) |
//! | that an account was created | [`#[derive(Group)]`](derive@Group), or the builder of [`group`](fn@group) |
//! | an event whose properties are a struct | [`#[derive(Event)]`](derive@Event) |
//! | that a page was seen | [`page`](fn@page) |
//! | who did all of this | [`Context`] |
//!
//! Three pages help to begin: [moving from the ten-line helper](guide::moving_from_a_helper),
//! [which call when](guide::which_call_when), and [testing your instrumentation](guide::testing).
//!
//! # Features
//!
//! | feature | default | what |
//! | --- | --- | --- |
//! | `rustls` | yes | TLS by rustls with aws-lc-rs, the provider that rustls and reqwest have by default, and the roots of the operating system |
//! | `rustls-ring` | no | the same with ring |
//! | `rustls-no-provider` | no | the same with the provider that the process has installed |
//! | `native-tls` | no | TLS by the operating system's library; used where no feature for rustls is on |
//! | `bundled-roots` | no | Mozilla's roots compiled in beside the system's, for containers that have none |
//! | `socks` | no | SOCKS proxies of the environment, which are an error at the start without it |
//! | `tower` | no | a [`Context`] for every request of axum, tonic and other tower services; no further dependency |
//! | `actix` | no | the same for actix-web |
//! | `testing` | no | captures what a test emits; for `[dev-dependencies]` |
//!
//! The feature for TLS has to fit what the host has: [a page of its own](guide::tls) says which host takes which, how to
//! find out, and what each costs.
//!
//! # What becomes of an event
//!
//! It is written as JSON on the caller's thread and appended to a queue, which wakes nobody. A thread of its own looks at
//! the queue once per [`flush_interval`](Config::flush_interval), or when a batch is full, and posts it.
//!
//! | answer | what happens |
//! | --- | --- |
//! | 2xx | the events are delivered |
//! | 408, 429, 5xx, none | the same bytes are sent again, after a back-off that doubles up to a minute, never before what `Retry-After` asks for |
//! | 401, 403, a redirect | the endpoint is parked: its events wait, one probe a minute, until [`set_api_key`] or a changed key file |
//! | 400 | the request is sent in halves, within a budget, until the event that the server does not take is alone; it is dropped and counted |
//! | 413 | the request is sent in halves, and later ones are smaller until larger ones are taken again |
//! | any other 4xx | the events are dropped and counted |
//!
//! Delivery is at least once: every event carries `context.message_id`, by which a consumer can tell a duplicate.
//! [`stats`](fn@stats) counts what was accepted, delivered, dropped and rejected. What waits in memory is lost if the
//! process is killed; with a [spool](guide::spool), it waits on disk and the next process delivers it. What else may go
//! wrong, and what holds then, is in [a table of its own](guide::faults).
//!
//! # What it says
//!
//! Messages of this crate have the target `thrivestack` and go to `tracing` where a subscriber is set, else to `log`: one
//! line at the start with the endpoint, one at the beginning and the end of trouble, and one for each line of your source
//! whose calls are rejected, with the reason. None has the key. Where neither listens, the standard error has one line if
//! telemetry is off because of its configuration. `THRIVESTACK_DEBUG=1` prints every event and every rejected call there.
//!
//! # What is not a breaking change
//!
//! A new variant or method of a `#[non_exhaustive]` type, a new standard event that is checked, the text of a message, a
//! higher minimum Rust version (1.89 now) in a minor release, and whatever is hidden from this documentation.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests start threads as they like"))]

#[cfg(any(doc, doctest))]
pub mod guide;

#[cfg(feature = "actix")]
pub mod actix;
mod arena;
mod batcher;
pub mod bounds;
mod calls;
mod client;
mod config;
mod context;
#[cfg(any(feature = "tower", feature = "actix"))]
mod cookies;
mod counts;
mod dispatch;
mod error;
mod global;
mod hooks;
mod journal;
mod key;
mod limits;
mod listener;
mod orders;
mod outbox;
mod panics;
mod payload;
mod queue;
mod reasons;
mod redaction;
mod reentry;
mod rejections;
mod retry;
mod shared;
mod sizing;
pub mod spool;
mod stats;
mod sync;
#[cfg(feature = "testing")]
pub mod testing;
mod thread;
mod ticks;
#[cfg(feature = "tower")]
pub mod tower;
mod transport;
mod unseen;
mod wire;
mod worker;

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private_0_1_0;

pub use calls::{
    Call, Event, Group, GroupCall, Identify, IdentifyCall, PageCall, TrackCall, group, identify, page, track,
};
pub use client::Client;
pub use config::{Config, Durability};
pub use context::{Context, Scoped};
pub use dispatch::{after_fork, is_enabled};
pub use error::{Error, ErrorKind};
pub use global::{
    Guard, flush, flush_async, init, init_or_disabled, set_api_key, set_enabled, shutdown, stats,
};
pub use hooks::{Decision, Report};
pub use payload::Payload;
pub use reasons::{DropReason, Rejected, ReportOutcome};
pub use spool::Durable;
pub use stats::Stats;
#[cfg(feature = "tower")]
pub use tower::ContextLayer;
pub use wire::Endpoint;

#[doc = include_str!("../docs/track_event.md")]
pub use thrivestack_macros::track_event;

#[doc = include_str!("../docs/track.md")]
pub use thrivestack_macros::track;

#[doc = include_str!("../docs/identify.md")]
pub use thrivestack_macros::Identify;

#[doc = include_str!("../docs/group.md")]
pub use thrivestack_macros::Group;

#[doc = include_str!("../docs/event.md")]
pub use thrivestack_macros::Event;
