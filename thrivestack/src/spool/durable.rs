//! Events that are known to be on disk: what a caller can wait for, and the thread that has the disk confirm it.

use std::collections::BTreeSet;
use std::fmt;
use std::pin::{Pin, pin};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Wake};
use std::thread::Thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::log::Log;
use super::segment::{Segment, SegmentId};
use super::{Spool, lock};
use crate::error::{Error, ErrorKind};
use crate::reasons::Rejected;
use crate::reentry::Inside;
use crate::thread;

/// How long events that nobody waits for are gathered before the disk confirms them together.
const GATHERING: Duration = Duration::from_millis(100);
/// How long a disk that failed is left alone.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// The word that an event is on disk: made by `send_durable`, a future, or [`wait`](Self::wait) for it.
///
/// It resolves when the event will outlive the process, or with [`Durability::Disk`](crate::Durability::Disk) the machine.
/// Dropping it changes nothing about the event.
///
/// ```no_run
/// # async fn paid(client: &thrivestack::Client) -> Result<(), thrivestack::Rejected> {
/// client.track("invoice_paid").user_id(17).group_id("acme").send_durable().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "the event is sent, but nobody knows whether it is on disk: await it, or call `wait`"]
pub struct Durable(State);

enum State {
    Known(Result<(), Rejected>),
    Asked(oneshot::Receiver<bool>),
}

/// What was written since the disk confirmed anything.
#[derive(Default)]
pub(super) struct Unsynced {
    /// The records themselves: after a failure nobody knows what the disk has of them.
    pub(super) records: Vec<u8>,
    /// The sequence of the first one.
    pub(super) first: u64,
    /// The sequence behind the last one.
    end: u64,
    /// Where they are.
    pub(super) dirty: Vec<SegmentId>,
    /// Whether a segment was made.
    pub(super) is_dir_dirty: bool,
    /// Whether they have to be written once more before anything else is.
    pub(super) is_abandoned: bool,
    /// Which of them are settled.
    settled: BTreeSet<u64>,
    waiting: Vec<(u64, oneshot::Sender<bool>)>,
}

impl Durable {
    pub(crate) fn known(result: Result<(), Rejected>) -> Self {
        Self(State::Known(result))
    }

    /// Waits on this thread, in any runtime or none.
    ///
    /// # Errors
    ///
    /// The call was refused, or, by [`Rejected::NotDurable`], the event was taken in memory only.
    pub fn wait(self) -> Result<(), Rejected> {
        struct Unpark(Thread);
        impl Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }
        let waker = Arc::new(Unpark(std::thread::current())).into();
        let mut durable = pin!(self);
        loop {
            if let Poll::Ready(result) = durable.as_mut().poll(&mut Context::from_waker(&waker)) {
                return result;
            }
            std::thread::park();
        }
    }
}

impl Future for Durable {
    type Output = Result<(), Rejected>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Known(result) => Poll::Ready(*result),
            State::Asked(answer) => Pin::new(answer).poll(context).map(|answer| {
                let result = answer.unwrap_or(false).then_some(()).ok_or(Rejected::NotDurable);
                self.0 = State::Known(result);
                result
            }),
        }
    }
}

impl fmt::Debug for Durable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = match &self.0 {
            State::Known(result) => Some(result),
            State::Asked(_) => None,
        };
        f.debug_struct("Durable").field("known", &known).finish()
    }
}

impl Unsynced {
    pub(super) fn push(&mut self, segment: SegmentId, sequence: u64, record: &[u8]) {
        if self.records.is_empty() {
            self.first = sequence;
        }
        self.records.extend_from_slice(record);
        self.end = sequence + 1;
        if self.dirty.last() != Some(&segment) {
            self.dirty.push(segment);
        }
    }

    /// Records that an event is delivered or dropped, so that it needs no copy any more.
    pub(super) fn settle(&mut self, sequence: u64) {
        if !self.is_empty() && sequence >= self.first {
            self.settled.insert(sequence);
        }
    }

    pub(super) fn is_settled(&self, sequence: u64) -> bool {
        self.settled.contains(&sequence)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Answers those who wait for what stands before a sequence.
    fn answer(&mut self, before: u64, is_durable: bool) {
        for (_, answer) in self.waiting.extract_if(.., |(sequence, _)| *sequence < before) {
            // Whoever gave up waiting does not need the answer.
            let _ = answer.send(is_durable);
        }
    }
}

impl Spool {
    /// Starts the thread that has the disk confirm what was written. It ends when the spool is closed.
    pub(crate) fn start_syncing(self: &Arc<Self>) -> Result<(), Error> {
        if !self.limits.is_synced {
            return Ok(());
        }
        let spool = self.clone();
        thread::spawn("thrivestack-disk", move || {
            let _inside = Inside::enter();
            while spool.wait_for_work() {
                spool.sync();
            }
            spool.end_syncing();
        })
        .map_err(|error| {
            Error::new(
                ErrorKind::System,
                "the spool's thread could not be started: the process may be out of threads",
            )
            .caused_by(error)
        })
    }

    /// The word that the record with this sequence is on disk.
    pub(crate) fn durable(&self, sequence: u64) -> Durable {
        let mut log = lock(&self.log);
        if !self.limits.is_synced || log.unsynced.is_empty() || sequence < log.unsynced.first {
            return Durable::known(Ok(()));
        }
        if log.is_closed || log.unsynced.is_abandoned {
            return Durable::known(Err(Rejected::NotDurable));
        }
        let (answer, receiver) = oneshot::channel();
        log.unsynced.waiting.push((sequence, answer));
        drop(log);
        self.changed.notify_one();
        Durable(State::Asked(receiver))
    }

    /// Has the disk confirm what was written by now, and what it fails to be written once more.
    pub(super) fn sync(&self) {
        let mut log = lock(&self.log);
        if log.unsynced.is_abandoned {
            drop(log);
            self.rewrite();
            return;
        }
        if log.unsynced.is_empty() {
            return;
        }
        let (len, end) = (log.unsynced.records.len(), log.unsynced.end);
        let dirty = std::mem::take(&mut log.unsynced.dirty);
        let is_dir_dirty = std::mem::take(&mut log.unsynced.is_dir_dirty);
        // A segment that is gone by now was delivered.
        let sources: Vec<_> =
            dirty.iter().filter_map(|id| log.segments.get(id)).map(Segment::source).collect();
        drop(log);
        let synced = sources
            .iter()
            .try_for_each(|source| source.open(&*self.disk)?.sync())
            .and_then(|()| if is_dir_dirty { self.disk.sync_dir(&self.dir) } else { Ok(()) });
        match synced {
            Ok(()) => lock(&self.log).confirm(len, end),
            Err(error) => {
                let mut log = lock(&self.log);
                log.unsynced.is_abandoned = true;
                log.unsynced.is_dir_dirty = true;
                log.notices.failed(&error);
                drop(log);
                self.rewrite();
            }
        }
    }

    /// Waits until there is something to confirm and it is time for it. `false` if the spool was closed.
    fn wait_for_work(&self) -> bool {
        let mut log = lock(&self.log);
        loop {
            if log.is_closed {
                return false;
            }
            if log.unsynced.is_abandoned {
                let (log, _) =
                    self.changed.wait_timeout(log, RETRY_INTERVAL).unwrap_or_else(PoisonError::into_inner);
                return !log.is_closed;
            }
            if !log.unsynced.waiting.is_empty() {
                return true;
            }
            if log.unsynced.is_empty() {
                log = self.changed.wait(log).unwrap_or_else(PoisonError::into_inner);
            } else {
                let (log, _) =
                    self.changed.wait_timeout(log, GATHERING).unwrap_or_else(PoisonError::into_inner);
                return !log.is_closed;
            }
        }
    }

    /// Begins a new segment with what the disk did not confirm, and has that confirmed. Whoever waits is told if it
    /// fails.
    fn rewrite(&self) {
        let mut log = lock(&self.log);
        if log.is_closed {
            return;
        }
        let rewritten = log.rewrite().and_then(|()| {
            let (len, end) = (log.unsynced.records.len(), log.unsynced.end);
            let dirty = log.unsynced.dirty.clone();
            let files: Vec<_> = dirty.iter().filter_map(|id| log.segments.get(id)).collect();
            files.iter().try_for_each(|segment| segment.source().open(&*self.disk)?.sync())?;
            self.disk.sync_dir(&self.dir)?;
            Ok((len, end))
        });
        match rewritten {
            Ok((len, end)) => {
                log.unsynced.dirty.clear();
                log.unsynced.is_dir_dirty = false;
                log.confirm(len, end);
            }
            Err(error) => {
                log.unsynced.is_abandoned = true;
                log.fail(&error);
                log.unsynced.answer(u64::MAX, false);
            }
        }
    }

    /// Confirms what was written before the spool was closed, and answers those who wait.
    fn end_syncing(&self) {
        self.sync();
        lock(&self.log).unsynced.answer(u64::MAX, false);
    }
}

impl Log {
    /// Takes notice that the disk has the first `len` bytes of what it had not confirmed, up to a sequence.
    fn confirm(&mut self, len: usize, end: u64) {
        self.unsynced.records.drain(..len);
        self.unsynced.first = end;
        self.unsynced.settled = self.unsynced.settled.split_off(&end);
        self.unsynced.answer(end, true);
        self.close_files();
        if !self.unsynced.is_abandoned {
            self.notices.recovered();
        }
    }
}
