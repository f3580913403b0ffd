//! The thread that reads, writes and removes files on behalf of the worker, which keeps the time of those who wait meanwhile:
//! a disk may take seconds for a call, or never answer.

use std::io;
use std::sync::mpsc::{Sender, channel};

use tokio::sync::oneshot;

use crate::reentry::Inside;
use crate::thread;

type Job = Box<dyn FnOnce() + Send>;

/// The way to the thread, which ends when there is none any more.
#[derive(Clone)]
pub(crate) struct Jobs(Sender<Job>);

impl Jobs {
    /// Starts the thread.
    pub(crate) fn start() -> io::Result<Self> {
        let (sender, jobs) = channel::<Job>();
        thread::spawn("thrivestack-spool", move || {
            let _inside = Inside::enter();
            jobs.into_iter().for_each(|job| job());
        })?;
        Ok(Self(sender))
    }

    /// Runs a job behind those that were given before. Its result comes when the disk has answered.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (reply, result) = oneshot::channel();
        // A result that comes too late is not missed. A thread that is gone drops the job, which its result tells.
        let _ = self.0.send(Box::new(move || drop(reply.send(job()))));
        result
    }
}
