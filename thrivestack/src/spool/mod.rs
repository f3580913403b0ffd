//! Events on disk, for a host that wants them to outlive its process.

#![cfg_attr(not(test), expect(dead_code, reason = "nothing writes to the disk yet"))]

mod cursor;
mod record;
