//! What the tests share: a server that behaves, one that follows a script, and an ear for what is logged.

mod block_on;
mod explosive;
mod listener;
mod local;
mod logger;
mod scripted;

/// The README's examples are tests, and this package has both crates that they use.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

pub use block_on::block_on;
pub use explosive::explode;
pub use listener::{Listener, is_ours, message};
pub use local::{LONG, Local, config, start, start_with};
pub use logger::Logger;
pub use scripted::{Reply, Request, Scripted, reset};
