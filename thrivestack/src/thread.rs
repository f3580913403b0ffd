//! Threads of a client, which take no signal that is meant for their host.
//!
//! A signal to a process is delivered to any of its threads that does not block it. A thread of ours would take one that the
//! host waits for, or die of SIGPIPE on behalf of a host that left it at its default.

#![expect(clippy::disallowed_methods, reason = "the one place that starts threads")]

use std::io;
use std::thread::Builder;

/// Starts a thread. Every signal is blocked on it but those of its own faults, before it runs and on the threads that it
/// starts. The caller's signals stay as they are.
pub(crate) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let builder = Builder::new().name(name.to_owned());
    #[cfg(unix)]
    return unix::spawn(builder, run);
    #[cfg(not(unix))]
    builder.spawn(run).map(drop)
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::thread::Builder;

    use nix::sys::signal::{SigSet, SigmaskHow, Signal};

    /// A blocked signal of a fault ends the process past the host's handler.
    const FAULTS: [Signal; 6] =
        [Signal::SIGSEGV, Signal::SIGBUS, Signal::SIGFPE, Signal::SIGILL, Signal::SIGTRAP, Signal::SIGSYS];

    pub(super) fn spawn(builder: Builder, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let faults = SigSet::from_iter(FAULTS);
        let mut others = SigSet::all();
        FAULTS.into_iter().for_each(|fault| others.remove(fault));
        // A thread begins with the mask of the one that starts it.
        let mask = others.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        let spawned = builder.spawn(move || {
            // The host may have blocked them where it started us. There is no other error than an unknown operation.
            let _ = faults.thread_unblock();
            run();
        });
        mask.thread_set_mask()?;
        spawned.map(drop)
    }
}
