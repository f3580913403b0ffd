//! What the tests share: a server that behaves, and one that follows a script.

mod local;
mod scripted;

pub use local::{LONG, Local, config, start, start_with};
pub use scripted::{Reply, Request, Scripted};
