//! What the worker is asked to do besides delivering, and how it answers. The queue hands it over.

use std::sync::mpsc::SyncSender;
use std::time::Instant;

use tokio::sync::oneshot;

/// Someone who waits until everything before a position is settled.
pub(crate) struct Waiter {
    pub(crate) position: u64,
    pub(crate) deadline: Instant,
    pub(crate) reply: Reply,
}

/// How a waiter is told: a thread blocks, a task is woken in whatever runtime it lives.
pub(crate) enum Reply {
    Thread(SyncSender<bool>),
    Task(oneshot::Sender<bool>),
}

/// What the worker is asked to do.
#[derive(Default)]
pub(crate) struct Orders {
    pub(crate) waiters: Vec<Waiter>,
    pub(crate) key_changed: bool,
    pub(crate) shut_down_by: Option<Instant>,
}

impl Reply {
    pub(crate) fn send(self, settled: bool) {
        // Whoever gave up waiting does not need the answer.
        match self {
            Self::Thread(sender) => drop(sender.try_send(settled)),
            Self::Task(sender) => drop(sender.send(settled)),
        }
    }
}
