//! The worker's calls to the disk: on another thread, while the worker keeps the time of those who wait.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Instant;

use super::Worker;
use crate::orders::Waiter;
use crate::shared::Shared;

impl Worker {
    /// Runs what may wait for a disk, and keeps the time meanwhile. `None` if the client ends before the disk has answered.
    pub(super) async fn on_disk<T: Send + 'static>(
        &mut self,
        job: impl FnOnce(&Shared) -> T + Send + 'static,
    ) -> Option<T> {
        let Some(jobs) = &self.jobs else { return Some(job(&self.shared)) };
        let shared = self.shared.clone();
        let mut result = jobs.run(move || job(&shared));
        loop {
            let now = Instant::now();
            self.take_orders(now);
            // One who waits for the end is told of it when the spool is released.
            let end = self.shut_down_by;
            let is_late = |waiter: &mut Waiter| waiter.deadline <= now && Some(waiter.deadline) != end;
            for waiter in self.waiters.extract_if(.., is_late) {
                waiter.reply.send(false);
            }
            if self.shut_down_by.is_some_and(|deadline| deadline <= now) {
                self.shared.end_adoption();
            }
            let end = self.shut_down_by.map(|deadline| deadline + self.shared.release_timeout());
            if self.shared.queue.is_closed() || end.is_some_and(|end| end <= now) {
                // It has perhaps answered by now.
                return result.try_recv().ok();
            }
            let deadlines =
                self.waiters.iter().map(|waiter| waiter.deadline).filter(|deadline| *deadline > now);
            let due = deadlines.chain(end).min();
            let shared = self.shared.clone();
            let mut woken = pin!(shared.queue.woken());
            let mut sleep = pin!(due.map(|due| tokio::time::sleep_until(due.into())));
            let answered = poll_fn(|context| {
                if let Poll::Ready(result) = Pin::new(&mut result).poll(context) {
                    return Poll::Ready(Some(result.ok()));
                }
                let is_due = sleep.as_mut().as_pin_mut().is_some_and(|sleep| sleep.poll(context).is_ready());
                let is_woken = woken.as_mut().poll(context).is_ready();
                if is_due || is_woken { Poll::Ready(None) } else { Poll::Pending }
            });
            if let Some(result) = answered.await {
                return result;
            }
        }
    }

    /// Closes the queue and releases the spool, as far as its disk answers in time.
    pub(super) async fn release(&mut self) {
        self.shared.queue.close();
        if let Some(jobs) = &self.jobs {
            let shared = self.shared.clone();
            let released = jobs.run(move || shared.release());
            let _ = tokio::time::timeout(self.shared.release_timeout(), released).await;
        }
    }
}
