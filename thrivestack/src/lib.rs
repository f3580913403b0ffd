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

mod batcher;
mod calls;
mod client;
mod config;
mod context;
mod credentials;
mod derives;
mod error;
mod global;
mod hooks;
mod journal;
mod key;
mod outbox;
mod pool;
mod queue;
mod reasons;
mod retry;
mod shared;
mod stats;
mod transport;
mod wire;
mod worker;

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private_0_1_0;

pub use calls::{Call, GroupCall, IdentifyCall, PageCall, TrackCall};
pub use client::Client;
pub use config::Config;
pub use context::{Context, Scoped};
pub use derives::{Event, Group, Identify};
pub use error::{Error, ErrorKind};
pub use global::{
    Guard, flush, flush_async, group, identify, init, init_or_disabled, is_enabled, page, set_api_key,
    set_enabled, shutdown, stats, track,
};
pub use hooks::{Decision, Payload, Report, ReportOutcome};
pub use reasons::{DropReason, Rejected};
pub use stats::Stats;
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
