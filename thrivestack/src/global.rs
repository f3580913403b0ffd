//! The client of the process, behind the free functions and the macros.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use once_cell::sync::OnceCell;

use crate::client::Client;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::listener::{self, Listener, Maker, say};
use crate::stats::Stats;

static FIRST: Generation = Generation { client: OnceCell::new(), forked: OnceCell::new() };
/// Whether the macros have someone to emit to. All that they cost before `init` is one load of it.
static IS_ENABLED: AtomicBool = AtomicBool::new(false);

/// A guard that is dropped sooner than this after the start, with nothing emitted, was hardly meant to be.
const AT_ONCE: Duration = Duration::from_millis(100);

/// The client of the process, and the one that took its place after a fork.
struct Generation {
    client: OnceCell<Client>,
    forked: OnceCell<Box<Generation>>,
}

/// Delivers what is queued when it is dropped. Keep it until the end of `main`.
///
/// The drop waits for at most [`Config::shutdown_timeout`].
#[must_use = "dropping the guard ends telemetry: bind it to a variable such as `_guard` in `main`"]
pub struct Guard {
    /// When the client of the process was started. `None` if it stands for telemetry that is off.
    started: Option<Instant>,
}

/// Starts the client of the process.
///
/// # Errors
///
/// Whatever is wrong with the configuration; a second call, which changes nothing about the first client.
pub fn init(config: Config) -> Result<Guard, Error> {
    let mut is_first = false;
    let destination = config.destination().to_owned();
    let client = generation().client.get_or_try_init(|| {
        is_first = true;
        Client::start(config, None)
    })?;
    if !is_first {
        return Err(Error::new(
            ErrorKind::AlreadyInitialized,
            "thrivestack was already initialized: call `init` once, in `main`; make a `Client` for another key",
        ));
    }
    IS_ENABLED.store(client.is_switched_on(), Ordering::Relaxed);
    if client.is_switched_on() {
        say!(&Maker::default(), info, "telemetry is on", destination);
    } else {
        say!(&Maker::default(), info, "telemetry is off: the configuration disables it");
    }
    Ok(Guard { started: Some(Instant::now()) })
}

/// Starts the client of the process, or leaves telemetry off if the configuration is wrong: a missing key must not
/// keep a service from starting. The error is logged, once.
///
/// ```no_run
/// let _guard = thrivestack::init_or_disabled(thrivestack::Config::from_env());
/// ```
pub fn init_or_disabled(config: Result<Config, Error>) -> Guard {
    config.and_then(init).unwrap_or_else(|error| {
        let maker = Maker::default();
        let listener = if error.kind() == ErrorKind::AlreadyInitialized {
            say!(&maker, error, "this start changes nothing", error)
        } else {
            say!(&maker, error, "telemetry is off", error)
        };
        if listener == Listener::Nobody {
            listener::print(&format!("telemetry is off: {error}"));
        }
        Guard { started: None }
    })
}

/// [`Client::flush`] of the client of the process. `true` if there is none.
#[must_use = "`false` means that the time ran out first"]
pub fn flush(timeout: Duration) -> bool {
    client().is_none_or(|client| client.flush(timeout))
}

/// [`Client::flush_async`] of the client of the process. `true` if there is none.
#[must_use = "`false` means that the time ran out first"]
pub async fn flush_async(timeout: Duration) -> bool {
    match client() {
        Some(client) => client.flush_async(timeout).await,
        None => true,
    }
}

/// [`Client::shutdown`] of the client of the process, for programs that end without dropping the [`Guard`].
pub fn shutdown() -> bool {
    IS_ENABLED.store(false, Ordering::Relaxed);
    client().is_none_or(Client::shutdown)
}

/// [`Client::stats`] of the client of the process. All zero if there is none.
#[must_use]
pub fn stats() -> Stats {
    client().map(Client::stats).unwrap_or_default()
}

/// [`Client::set_api_key`] of the client of the process.
///
/// # Errors
///
/// A key that cannot be sent, or no client.
pub fn set_api_key(key: impl Into<String>) -> Result<(), Error> {
    let client = client().ok_or_else(|| {
        Error::new(ErrorKind::NotRunning, "there is no client whose API key could be set: call `init` first")
    })?;
    client.set_api_key(key)
}

/// [`Client::set_enabled`] of the client of the process.
pub fn set_enabled(enabled: bool) {
    if let Some(client) = client() {
        client.set_enabled(enabled);
        IS_ENABLED.store(client.is_switched_on(), Ordering::Relaxed);
    }
}

/// Puts a client in the place of that of the process, whose threads a fork left behind in its parent.
///
/// # Errors
///
/// A system without room for a thread; telemetry is off then.
pub(crate) fn replace_after_fork() -> Result<(), Error> {
    let newest = generation();
    let Some(client) = newest.client.get() else { return Ok(()) };
    IS_ENABLED.store(false, Ordering::Relaxed);
    let client = client.after_fork()?;
    let is_enabled = client.is_switched_on();
    // Only a second call of the same child could have set it, and that is as good.
    let _ = newest
        .forked
        .set(Box::new(Generation { client: OnceCell::with_value(client), forked: OnceCell::new() }));
    IS_ENABLED.store(is_enabled, Ordering::Relaxed);
    Ok(())
}

/// Returns whether the client of the process is switched on.
#[inline]
pub(crate) fn is_switched_on() -> bool {
    IS_ENABLED.load(Ordering::Relaxed)
}

/// Returns the client of the process.
pub(crate) fn client<'a>() -> Option<&'a Client> {
    generation().client.get()
}

fn generation() -> &'static Generation {
    let mut newest = &FIRST;
    while let Some(forked) = newest.forked.get() {
        newest = forked;
    }
    newest
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Some(started) = self.started else { return };
        let stats = stats();
        let is_unused = is_switched_on() && stats.accepted() == 0 && stats.rejected_total() == 0;
        if is_unused && started.elapsed() < AT_ONCE {
            say!(
                &Maker::default(),
                warn,
                "the guard was dropped right after the start, which ends telemetry: if that was not meant, bind it to a \
                 variable such as `_guard`, since `let _ =` drops it at once"
            );
        }
        shutdown();
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("is_armed", &self.started.is_some()).finish()
    }
}
