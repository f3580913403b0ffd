//! What waits on disk: events that a host wants to outlive its process.
//!
//! [`inspect`](fn@inspect) looks at what waits. The files are documented in [a page of the
//! guide](crate::guide::spool_format).

#![cfg_attr(not(test), expect(dead_code, reason = "nothing writes to the disk yet"))]

mod cursor;
mod inspect;
mod record;

pub use inspect::{ClientDirectory, Inspection, Segment, Unreadable, inspect};
