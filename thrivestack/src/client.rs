//! A client: one configuration, one queue, one worker.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::config::Config;
#[cfg(feature = "testing")]
use crate::context;
use crate::error::{Error, ErrorKind};
use crate::key::ApiKey;
use crate::orders::Reply;
use crate::reasons::DropReason;
use crate::shared::Shared;
pub(crate) use crate::shared::any_client_enabled;
use crate::spool::{Disk, Real};
use crate::stats::Stats;
use crate::worker;

/// The longest wait; it keeps a moment plus a wait from overflowing.
const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A connection to ThriveStack with a queue and a sender of its own.
///
/// A program needs only the global client of [`init`](crate::init); a test, a library or a process that serves
/// several environments makes its own. Clones are cheap and share everything. When the last one is dropped, it waits
/// for what is queued, for at most [`shutdown_timeout`](Config::shutdown_timeout).
///
/// ```no_run
/// # fn main() -> Result<(), thrivestack::Error> {
/// let client = thrivestack::Client::new(thrivestack::Config::from_env()?)?;
/// client.track("report_exported").user_id(17).group_id("acme").with("format", "pdf").send();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    /// `None` if telemetry is disabled.
    running: Option<Arc<Running>>,
}

/// What the last clone's drop ends.
struct Running {
    shared: Arc<Shared>,
    /// What it was made from, for a forked process to make another.
    config: Config,
}

impl Client {
    /// Checks the configuration and starts the worker's thread.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the configuration, by [`Error::kind`]; or a system without room for a thread.
    pub fn new(config: Config) -> Result<Self, Error> {
        let destination = config.destination().to_owned();
        Self::start(config, Some(destination))
    }

    /// Starts a client whose worker says where events go to, if that is given.
    pub(crate) fn start(config: Config, destination: Option<String>) -> Result<Self, Error> {
        Self::with_disk(config, destination, Arc::new(Real))
    }

    /// Starts a client whose spool is on this disk.
    pub(crate) fn with_disk(
        config: Config,
        destination: Option<String>,
        disk: Arc<dyn Disk>,
    ) -> Result<Self, Error> {
        let Some(mut settings) = config.check()? else { return Ok(Self::disabled()) };
        let shared = Arc::new(Shared::new(&mut settings, disk)?);
        worker::start(shared.clone(), settings, destination)
            .and_then(|()| shared.start_spool())
            .inspect_err(|_| shared.queue.close())?;
        shared.set_enabled(true);
        Ok(Self { running: Some(Arc::new(Running { shared, config })) })
    }

    /// A client like this one with a queue and a worker of its own, for a process that was forked from this client's.
    pub(crate) fn after_fork(&self) -> Result<Self, Error> {
        let Some(running) = &self.running else { return Ok(Self::disabled()) };
        let client = Self::start(running.config.clone(), None)?;
        // Another thread may have held the lock when the process was forked; then nobody will release it here.
        if let (Some(key), Some(shared)) = (running.shared.try_key(), client.shared()) {
            shared.set_key(key);
        }
        client.set_enabled(self.is_switched_on());
        Ok(client)
    }

    pub(crate) fn disabled() -> Self {
        Self { running: None }
    }

    /// Waits until everything that was accepted before this call is delivered, or dropped and counted; at most for
    /// `timeout`. The worker is woken; a back-off that a server asked for is kept.
    ///
    /// Returns whether that is so. Called by a hook on the worker's own thread, it returns at once what is so then.
    #[must_use = "`false` means that the time ran out first"]
    pub fn flush(&self, timeout: Duration) -> bool {
        let Some(shared) = self.shared() else { return true };
        if shared.is_forked() {
            return false;
        }
        if shared.is_worker() {
            return shared.queue.counts().pending() == 0;
        }
        let (sender, receiver) = sync_channel(1);
        let timeout = timeout.min(LONGEST_WAIT);
        shared.queue.wait_until_settled(Instant::now() + timeout, Reply::Thread(sender));
        // A hook may be holding the worker up, so the deadline is kept here as well.
        receiver.recv_timeout(timeout).unwrap_or(false)
    }

    /// [`flush`](Self::flush) for async code, in any runtime or none. The worker keeps the time, so a hook that holds it
    /// up holds up this too.
    #[must_use = "`false` means that the time ran out first"]
    pub async fn flush_async(&self, timeout: Duration) -> bool {
        let Some(shared) = self.shared() else { return true };
        if shared.is_forked() {
            return false;
        }
        if shared.is_worker() {
            return shared.queue.counts().pending() == 0;
        }
        let (sender, receiver) = oneshot::channel();
        let deadline = Instant::now() + timeout.min(LONGEST_WAIT);
        shared.queue.wait_until_settled(deadline, Reply::Task(sender));
        receiver.await.unwrap_or(false)
    }

    /// Refuses new events, waits for what is queued, for at most [`shutdown_timeout`](Config::shutdown_timeout), and
    /// ends the worker. What could not be delivered by then is dropped and counted. If nothing can be delivered
    /// because the server does not take the key, it returns at once.
    ///
    /// With a [spool](Config::spool), what is on disk is kept for the next start instead, and stays pending. Its directory is
    /// released then; for that, the call waits for a quarter of a second more at most.
    ///
    /// Returns whether everything was delivered that was not dropped before. A second call waits for nothing.
    pub fn shutdown(&self) -> bool {
        let Some(shared) = self.shared() else { return true };
        if shared.is_forked() {
            return false;
        }
        shared.shut_down();
        let counts = shared.queue.counts();
        counts.pending() == 0 && counts.dropped[DropReason::ShutDown as usize] == 0
    }

    /// What became of the events so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared().map_or_else(Stats::default, |shared| Stats::of(shared.queue.counts(), &shared.tallies))
    }

    /// Takes another API key for the next request, and has endpoints that refused the old one tried again at once.
    ///
    /// # Errors
    ///
    /// A key that is blank or cannot be sent; the old one stays then. A client that is disabled.
    pub fn set_api_key(&self, key: impl Into<String>) -> Result<(), Error> {
        let key = ApiKey::parse(Zeroizing::new(key.into()))?;
        let shared = self.shared().ok_or_else(|| {
            Error::new(
                ErrorKind::NotRunning,
                "telemetry is disabled: there is nothing that could use the API key",
            )
        })?;
        shared.set_key(key);
        shared.queue.announce_key();
        Ok(())
    }

    /// Switches telemetry on or off at run time, for instance when consent is given or withdrawn. What was accepted
    /// before is still delivered. Has no effect on a disabled or shut-down client.
    pub fn set_enabled(&self, enabled: bool) {
        if let Some(shared) = self.shared() {
            shared.set_enabled(enabled);
        }
    }

    /// Whether events are taken at the moment.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        // A capture takes what a client without a queue cannot.
        #[cfg(feature = "testing")]
        if self.running.is_none() && context::outlet().is_some() {
            return true;
        }
        self.is_switched_on()
    }

    /// Whether it has a queue that takes events.
    pub(crate) fn is_switched_on(&self) -> bool {
        self.shared().is_some_and(Shared::is_enabled)
    }

    pub(crate) fn shared(&self) -> Option<&Shared> {
        self.running.as_deref().map(|running| &*running.shared)
    }
}

impl Shared {
    fn shut_down(&self) {
        self.set_enabled(false);
        let (sender, receiver) = sync_channel(1);
        self.queue.order_shutdown(Instant::now() + self.shutdown_timeout, Reply::Thread(sender));
        // The worker cannot wait for itself.
        if !self.is_worker() {
            // Whether the time ran out here or there, or a hook holds the worker up: what is not settled by now is dropped.
            let _ = receiver.recv_timeout(self.shutdown_timeout + self.release_timeout());
            self.queue.close();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.shared.is_forked() && !self.shared.queue.is_closing() {
            self.shared.shut_down();
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("enabled", &self.is_enabled())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
