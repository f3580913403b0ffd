//! The handle of a running server.

use std::{fmt, io, net::SocketAddr, sync::Arc, thread::JoinHandle, time::Duration};

use tokio::sync::oneshot;

use crate::ingest::{Fault, LocalKey};
use crate::ledger::{Ledger, WaitTimeout};
use crate::record::{LocalCall, LocalRequest};
use crate::review;

/// A ThriveStack that listens on 127.0.0.1 until it is dropped.
///
/// It runs on a thread of its own, so it may be started, asked and dropped inside any async runtime or
/// outside of one.
pub struct LocalServer {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) address: SocketAddr,
    /// The thread runs for as long as this exists.
    pub(crate) running: Option<oneshot::Sender<()>>,
    pub(crate) thread: Option<JoinHandle<()>>,
}

impl LocalServer {
    /// The base address for a client, such as `http://127.0.0.1:4318/api`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the live page, such as `http://127.0.0.1:4318/`, which answers to names of loopback only.
    #[must_use]
    pub fn page(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Every object that it took, in order of arrival; the last ones if there is a
    /// [limit](crate::LocalServerBuilder::keep_at_most).
    #[must_use]
    pub fn calls(&self) -> Vec<LocalCall> {
        self.ledger.calls()
    }

    /// Every request to the path of a call, taken or refused, in order of their answers; the last ones if there is a
    /// [limit](crate::LocalServerBuilder::keep_at_most).
    #[must_use]
    pub fn requests(&self) -> Vec<LocalRequest> {
        self.ledger.requests()
    }

    /// Waits until at least `count` calls were taken since the start, and gives all that are kept.
    ///
    /// It blocks the calling thread. In async code, do so only where the client under test has a thread of
    /// its own.
    ///
    /// # Errors
    ///
    /// When fewer came within `timeout`; the error says what came instead.
    pub fn wait_for(&self, count: usize, timeout: Duration) -> Result<Vec<LocalCall>, WaitTimeout> {
        self.ledger.wait_for_calls(count, timeout)
    }

    /// Waits until at least `count` requests were answered since the start, and gives all that are
    /// kept.
    ///
    /// It blocks the calling thread, as [`wait_for`](Self::wait_for) does.
    ///
    /// # Errors
    ///
    /// When fewer came within `timeout`; the error says what came instead.
    pub fn wait_for_requests(
        &self,
        count: usize,
        timeout: Duration,
    ) -> Result<Vec<LocalRequest>, WaitTimeout> {
        self.ledger.wait_for_requests(count, timeout)
    }

    /// Returns what breaks ThriveStack's firing order, one text a breach, as the page's flow shows it. Each names its call
    /// and its rule.
    ///
    /// ```
    /// # let server = thrivestack_local::LocalServer::builder().start()?;
    /// assert_eq!(server.breaches(), [""; 0]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn breaches(&self) -> Vec<String> {
        let (calls, forgotten) = self.ledger.history();
        review::breaches(&calls, &forgotten)
    }

    /// Returns what ThriveStack's newest guides would have differently, one text a hint, as the page shows it. Each names
    /// its call and its rule. A hint is never in the [warnings](LocalCall::warnings) of a call: there may be a good reason.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        let (calls, forgotten) = self.ledger.history();
        review::hints(&calls, &forgotten)
    }

    /// Makes one more key valid, from the next request on.
    ///
    /// # Errors
    ///
    /// `InvalidInput` when a key has its name or its secret already, or when its secret cannot be sent in a
    /// header.
    pub fn add_key(&self, key: LocalKey) -> io::Result<()> {
        self.ledger.add_key(key)
    }

    /// Makes the key of that name unknown, from the next request on. Gives false when there is none.
    pub fn revoke(&self, name: &str) -> bool {
        self.ledger.revoke(name)
    }

    /// Switches a fault on, instead of the one before, or off; from the next request on.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.ledger.set_fault(fault);
    }
}

impl fmt::Debug for LocalServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        drop(self.running.take());
        if let Some(thread) = self.thread.take() {
            // A panic over there has been printed already, and is no reason to panic in a drop.
            let _ = thread.join();
        }
    }
}
