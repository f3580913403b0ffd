//! What the tests share: a server that behaves, and one that follows a script.

mod block_on;
mod local;
mod scripted;

/// The README's examples are tests, and this package has both crates that they use.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

pub use block_on::block_on;
pub use local::{LONG, Local, config, start, start_with};
pub use scripted::{Reply, Request, Scripted, reset};
