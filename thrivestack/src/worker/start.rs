//! The worker's thread, from its start to its end.

use std::sync::Arc;

use super::Worker;
use crate::config::Settings;
use crate::error::{Error, ErrorKind};
use crate::journal::Journal;
use crate::listener::Maker;
use crate::shared::Shared;
use crate::spool::Jobs;
use crate::thread;

/// Starts the worker's thread. It ends by [`Queue::order_shutdown`](crate::queue::Queue::order_shutdown).
pub(crate) fn start(
    shared: Arc<Shared>,
    settings: Settings,
    destination: Option<String>,
) -> Result<(), Error> {
    let system = |message: &'static str| move |error| Error::new(ErrorKind::System, message).caused_by(error);
    let jobs =
        if shared.has_spool() {
            Some(Jobs::start().map_err(system(
                "the spool's thread could not be started: the process may be out of threads",
            ))?)
        } else {
            None
        };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build().map_err(
        system("the worker's runtime could not be started: the process may be out of file descriptors"),
    )?;
    let maker = Maker::current();
    thread::spawn("thrivestack", move || {
        shared.set_worker(std::thread::current().id());
        let exit = Exit { shared: shared.clone(), jobs: jobs.clone() };
        let journal = Journal::new(maker, destination);
        runtime.block_on(Worker::new(shared, settings, journal, jobs).run());
        drop(exit);
        // A name look-up that hangs in the operating system must not keep anyone waiting.
        runtime.shutdown_background();
    })
    .map_err(system("the worker's thread could not be started: the process may be out of threads"))
}

/// Closes the queue when the worker ends, however it ends, so that nobody waits for a worker that is gone and every
/// event is accounted for.
struct Exit {
    shared: Arc<Shared>,
    jobs: Option<Jobs>,
}

impl Drop for Exit {
    fn drop(&mut self) {
        self.shared.set_enabled(false);
        self.shared.queue.close();
        if let Some(jobs) = &self.jobs {
            let shared = self.shared.clone();
            drop(jobs.run(move || shared.release()));
        }
        let is_settled = self.shared.queue.counts().pending() == 0;
        for waiter in self.shared.queue.orders().waiters {
            waiter.reply.send(is_settled);
        }
    }
}
