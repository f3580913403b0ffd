//! The configuration as the user writes it, and as the worker gets it once it is checked.

mod environment;
mod settings;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thrivestack_core::calls::{ENDPOINT, SOURCE_PRODUCT};
use zeroize::Zeroizing;

use crate::bounds::Serializable;
use crate::hooks::{BeforeSend, Decision, OnReport, Report};
use crate::payload::Payload;
use crate::wire::{self, Fields, Value, Written};

pub(crate) use settings::{Settings, read_key};

/// How the SDK reaches ThriveStack, and within which limits.
///
/// Setters take and return the configuration and never fail; [`init`](crate::init) and
/// [`Client::new`](crate::Client::new) report what is wrong.
///
/// ```
/// use std::time::Duration;
///
/// let config = thrivestack::Config::new("the key from the console")
///     .context("app_version", env!("CARGO_PKG_VERSION"))
///     .context("environment", "production")
///     .flush_interval(Duration::from_millis(500));
/// # drop(config);
/// ```
#[derive(Clone)]
#[must_use = "a configuration does nothing until it is given to `init` or `Client::new`"]
pub struct Config {
    key: KeySource,
    endpoint: String,
    source: String,
    max_batch_events: usize,
    max_batch_bytes: usize,
    flush_interval: Duration,
    queue_bytes: usize,
    request_timeout: Duration,
    shutdown_timeout: Duration,
    eu_compliance: bool,
    disabled: bool,
    debug: bool,
    message_ids: bool,
    danger_allow_http: bool,
    context: Fields,
    /// The first thing that a setter found wrong.
    problem: Option<String>,
    before_send: Option<BeforeSend>,
    on_report: Option<OnReport>,
    spool: Option<PathBuf>,
    durability: Durability,
    spool_bytes: u64,
    spool_max_age: Duration,
}

/// What events of a [spool](Config::spool) outlive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// The end of the process, however it ends: an event is handed to the operating system before the call returns.
    #[default]
    Process,
    /// The end of the machine as well: a thread of its own has the disk confirm what was written, many events at a time. A
    /// call does not wait for that, unless it is `send_durable`.
    Disk,
}

/// Where the API key comes from.
#[derive(Clone)]
enum KeySource {
    Given(Zeroizing<String>),
    File(PathBuf),
    Missing,
}

impl Config {
    /// A configuration with ThriveStack's address, this key, and the defaults of every setter.
    ///
    /// A key in source code is against ThriveStack's rules: take it from where your secrets live, or use
    /// [`Config::from_env`].
    pub fn new(api_key: impl Into<String>) -> Self {
        Self::with_key(KeySource::Given(Zeroizing::new(api_key.into())))
    }

    /// A configuration whose key is in a file, as secret stores mount it; one trailing line break is dropped. The file
    /// is read again when the server answers 401, so that a rotated key needs no restart.
    pub fn with_key_file(path: impl Into<PathBuf>) -> Self {
        Self::with_key(KeySource::File(path.into()))
    }

    fn with_key(key: KeySource) -> Self {
        Self {
            key,
            endpoint: ENDPOINT.to_owned(),
            source: SOURCE_PRODUCT.to_owned(),
            max_batch_events: wire::MAX_REQUEST_EVENTS,
            max_batch_bytes: wire::MAX_REQUEST_BYTES,
            flush_interval: Duration::from_secs(1),
            queue_bytes: 8 * 1024 * 1024,
            request_timeout: Duration::from_secs(10),
            shutdown_timeout: Duration::from_secs(2),
            eu_compliance: false,
            disabled: false,
            debug: false,
            message_ids: true,
            danger_allow_http: false,
            context: Fields::default(),
            problem: None,
            before_send: None,
            on_report: None,
            spool: None,
            durability: Durability::Process,
            spool_bytes: 256 * 1024 * 1024,
            spool_max_age: Duration::from_secs(7 * 24 * 60 * 60),
        }
    }

    /// The base address of the API, to which `/track` and the others are added. Default: ThriveStack's documented
    /// `https://api.app.thrivestack.ai/api`. Plain `http` is taken for loopback only.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = endpoint.into();
        self
    }

    /// `context.source` of every event that sets none: `"product"` by default, as ThriveStack asks of events from
    /// inside an application.
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// The most events of one request: 1,000 by default, which is also ThriveStack's limit. As many events that wait
    /// have the worker send them before the flush interval is over.
    pub fn max_batch_events(mut self, events: usize) -> Self {
        self.max_batch_events = events;
        self
    }

    /// The most bytes of one request's body: 2,000,000 by default, which is also ThriveStack's limit. A single event
    /// between this and ThriveStack's limit goes alone.
    pub fn max_batch_bytes(mut self, bytes: usize) -> Self {
        self.max_batch_bytes = bytes;
        self
    }

    /// How often the worker looks for events: 1 second by default, which is how long one waits at most in a process
    /// with little to tell.
    pub fn flush_interval(mut self, interval: Duration) -> Self {
        self.flush_interval = interval;
        self
    }

    /// The most bytes of events that wait, are in flight or wait for a retry, together: 8 MiB by default. What comes
    /// when they are used up is refused and counted, so that the oldest events survive an outage.
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = bytes;
        self
    }

    /// The longest time of one request, from connecting to the last byte of the answer: 10 seconds by default.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// How long the guard's or the last client's drop waits for what is queued: 2 seconds by default. Zero waits for
    /// nothing.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }

    /// Removes personal data from every event, as ThriveStack's EU compliance mode of May 2026 asks for. Default: off.
    ///
    /// | field | sent as |
    /// | --- | --- |
    /// | `user_email`, `user_name`, `invitee_email` | removed |
    /// | `account_domain`, `account_name` | removed if it is an e-mail address, and from every B2C call |
    /// | `user_id`, `group_id`, `account_id` | if it is an e-mail address, the SHA-256 of the address, trimmed and in lower case, as hexadecimal digits in lower case |
    /// | a field that a derive marks `personal` | removed |
    ///
    /// That holds for properties, traits and context, at any depth, whichever way a value came in: from a builder, a macro, a
    /// derive, a `Context`, this configuration or [`before_send`](Self::before_send). An event that was
    /// [spooled](Self::spool) while the mode was off is changed when it is read; only the marks of a derive are not known then.
    ///
    /// An e-mail address is a text that has, without the white space around it, exactly one `@`, something on both sides of it
    /// and no white space. A call is B2C if the group that is sent with it is its user, compared before anything is hashed.
    /// Keys with other names, such as `source_url`, are sent as they are. The mode is one of the whole product: let all of its
    /// services have it on or off, or their ids differ.
    pub fn eu_compliance(mut self, on: bool) -> Self {
        self.eu_compliance = on;
        self
    }

    /// Sends nothing, starts no thread and needs no key: for tests and for installations without telemetry.
    /// [`set_enabled`](crate::set_enabled) does not undo it.
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }

    /// Whether every event carries `context.message_id`, by which a consumer can tell a duplicate. Default: on.
    pub fn message_ids(mut self, on: bool) -> Self {
        self.message_ids = on;
        self
    }

    /// A default for the context of every event, such as the version and the environment of the application. An
    /// event's own value wins.
    pub fn context(mut self, key: impl AsRef<str>, value: impl Serializable) -> Self {
        let key = key.as_ref();
        let problem = if wire::is_reserved_in_context(None, key) {
            Some("has a setter or a meaning of its own: use `source` or the ids of the events")
        } else {
            match self.context.set(key, &Value::Json(&value), false) {
                Ok(Written::Value | Written::Null) => None,
                Ok(Written::Failed) => Some("has a value that cannot be serialized as JSON"),
                Err(_) => Some("has a value whose `Serialize` panics"),
            }
        };
        if let Some(problem) = problem {
            self.problem.get_or_insert_with(|| format!("the default context key `{key}` {problem}"));
        }
        self
    }

    /// Takes a plain `http` endpoint that is not loopback: the API key and every event cross the network unencrypted.
    pub fn danger_allow_http(mut self, allow: bool) -> Self {
        self.danger_allow_http = allow;
        self
    }

    /// Passes every event to `hook` before its first attempt, on the worker's thread: it may change or drop it. It may
    /// emit events itself; a panic in it costs the event.
    ///
    /// Everything that the hook leaves alone is sent as the bytes that it was. The hook sees events a batch at a time.
    /// A quarter of [`queue_bytes`](Self::queue_bytes), at most a batch, is set aside for what it adds.
    pub fn before_send<F>(mut self, hook: F) -> Self
    where
        F: Fn(&mut Payload) -> Decision + Send + Sync + 'static,
    {
        self.before_send = Some(Arc::new(hook));
        self
    }

    /// Has `hook` see what came of every request, on the worker's thread. It should return soon: nothing is sent
    /// meanwhile.
    pub fn on_report<F>(mut self, hook: F) -> Self
    where
        F: Fn(&Report) + Send + Sync + 'static,
    {
        self.on_report = Some(Arc::new(hook));
        self
    }

    /// Keeps events in files below `dir` until they are delivered, so that they outlive the process: what one leaves, the
    /// next one with the same key delivers. Off by default.
    ///
    /// An emitting call then writes to a file, which takes it a few microseconds more, and what waits is bounded by
    /// [`spool_bytes`](Self::spool_bytes) instead of [`queue_bytes`](Self::queue_bytes), which still bounds the memory. While
    /// the disk fails or is full, events go through memory as without a spool; one message says so, and the disk is tried
    /// again once a second.
    ///
    /// `dir` is made if it is not there, for its owner alone. Its sub-directory `thrivestack-spool` belongs to the spool; nothing
    /// else in `dir` is touched. Any number of processes may share it: each has a directory of
    /// its own in it, and takes over those of processes that are gone. Events that were written for another key wait for
    /// a process that has it. Put it on a local disk that outlives the process: not on a network's, where locks may not
    /// hold, and not in a temporary directory that is cleaned.
    ///
    /// The files have the events as they were emitted, without what [`before_send`](Self::before_send) would make of them,
    /// and never the key. The [debug mode](Self::from_env), which delivers nothing, leaves the spool alone.
    ///
    /// ```
    /// use thrivestack::{Config, Durability};
    ///
    /// let config = Config::new("the key from the console")
    ///     .spool("/var/lib/invoices/thrivestack")
    ///     .durability(Durability::Disk);
    /// # drop(config);
    /// ```
    pub fn spool(mut self, dir: impl Into<PathBuf>) -> Self {
        self.spool = Some(dir.into());
        self
    }

    /// What events of the [spool](Self::spool) outlive: the process by default.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// The most bytes that the files of this client's [spool](Self::spool) take, those that it took over included: 256 MiB
    /// by default. What comes when they are used up is refused and counted as
    /// [`SpoolFull`](crate::Rejected::SpoolFull). Space comes back in parts of an eighth of it, 8 MiB at most.
    pub fn spool_bytes(mut self, bytes: u64) -> Self {
        self.spool_bytes = bytes;
        self
    }

    /// The longest time that an event waits in the [spool](Self::spool): 7 days by default. An older one is dropped and counted
    /// as [`Expired`](crate::DropReason::Expired) when its turn comes. A clock that is set meanwhile makes no event older; an
    /// event of an earlier process that says that it is of the future, or from before 2024, counts from the moment when this
    /// process finds it.
    pub fn spool_max_age(mut self, age: Duration) -> Self {
        self.spool_max_age = age;
        self
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = match &self.key {
            KeySource::Given(_) => "[API key]".to_owned(),
            KeySource::File(path) => format!("[API key in {}]", path.display()),
            KeySource::Missing => "none".to_owned(),
        };
        f.debug_struct("Config")
            .field("key", &format_args!("{key}"))
            .field("endpoint", &self.endpoint)
            .field("source", &self.source)
            .field("max_batch_events", &self.max_batch_events)
            .field("max_batch_bytes", &self.max_batch_bytes)
            .field("flush_interval", &self.flush_interval)
            .field("queue_bytes", &self.queue_bytes)
            .field("request_timeout", &self.request_timeout)
            .field("shutdown_timeout", &self.shutdown_timeout)
            .field("eu_compliance", &self.eu_compliance)
            .field("disabled", &self.disabled)
            .field("debug", &self.debug)
            .field("message_ids", &self.message_ids)
            .field("danger_allow_http", &self.danger_allow_http)
            .field("spool", &self.spool)
            .field("durability", &self.durability)
            .field("spool_bytes", &self.spool_bytes)
            .field("spool_max_age", &self.spool_max_age)
            .field("problem", &self.problem)
            .finish_non_exhaustive()
    }
}
