//! Starts afresh in a forked process.

use super::pool;
use crate::error::Error;
use crate::global;
use crate::spool;

/// Starts afresh in a process that was made by `fork`, whose threads stayed behind in its parent: call it in the child
/// before anything is emitted.
///
/// Queued events belong to the parent, which delivers them; the child gets a queue, a worker and connections of its own,
/// with the same configuration and key. A child that does not call it must not emit: its events would wait for a worker
/// that is not there. A [`Client`](crate::Client) of one's own has to be made anew. The directories of the
/// parent's [spools](crate::Config::spool), those of such clients too, stay with the parent: when it is gone, another process takes
/// them over, though this one lives on.
///
/// # Errors
///
/// A system without room for a thread; telemetry is off in the child then.
pub fn after_fork() -> Result<(), Error> {
    // Both processes would go on with the same random numbers and drafts, and so with the same message ids.
    pool::clear();
    fastrand::seed(fastrand::u64(..) ^ u64::from(std::process::id()).rotate_left(32));
    spool::close_inherited_locks();
    global::replace_after_fork()
}
