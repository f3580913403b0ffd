//! The configuration, checked.

use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use super::{Config, Durability, KeySource};
use crate::batcher::BatchLimits;
use crate::error::{Error, ErrorKind};
use crate::hooks::{BeforeSend, OnReport};
use crate::key::ApiKey;
use crate::limits::Limits;
use crate::spool::SpoolSettings;
use crate::transport::{Address, Http, Print, Transport};
use crate::wire::{self, Defaults};

/// No wait is longer than this, so that no sum of a moment and a wait overflows.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What a running client needs.
pub(crate) struct Settings {
    pub(crate) key: Option<ApiKey>,
    /// Where the key is read again when the server does not take it.
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) transport: Transport,
    pub(crate) defaults: Defaults,
    pub(crate) queue: Limits,
    /// The part of `queue_bytes` that is set aside for what events grow by when they are rewritten.
    pub(crate) growth_bytes: usize,
    pub(crate) batch: BatchLimits,
    pub(crate) flush_interval: Duration,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) before_send: Option<BeforeSend>,
    pub(crate) on_report: Option<OnReport>,
    pub(crate) spool: Option<SpoolSettings>,
}

impl Config {
    /// Checks everything, and makes the HTTP client. `None` if telemetry is disabled.
    pub(crate) fn check(&self) -> Result<Option<Settings>, Error> {
        if self.disabled {
            return Ok(None);
        }
        if let Some(problem) = &self.problem {
            return Err(Error::new(ErrorKind::InvalidContext, problem.clone()));
        }
        limit("max_batch_events", self.max_batch_events, wire::MAX_REQUEST_EVENTS)?;
        limit("max_batch_bytes", self.max_batch_bytes, wire::MAX_REQUEST_BYTES)?;
        limit("queue_bytes", self.queue_bytes, usize::MAX)?;
        duration("flush_interval", self.flush_interval)?;
        duration("request_timeout", self.request_timeout)?;
        limit("spool_bytes", usize::try_from(self.spool_bytes).unwrap_or(usize::MAX), usize::MAX)?;
        duration("spool_max_age", self.spool_max_age)?;
        let (key, key_file) = match &self.key {
            KeySource::Given(key) => (Some(ApiKey::parse(key.clone())?), None),
            KeySource::File(path) => (Some(read_key(path)?), Some(path.clone())),
            KeySource::Missing if self.debug => (None, None),
            KeySource::Missing => return Err(missing_key()),
        };
        let transport = if self.debug {
            Transport::Print(Print)
        } else {
            let address = Address::parse(&self.endpoint, self.danger_allow_http)?;
            Transport::Http(Http::new(&address, self.request_timeout.min(LONGEST))?)
        };
        let growth_bytes = self.growth_bytes();
        Ok(Some(Settings {
            key,
            key_file,
            transport,
            defaults: self.defaults(),
            queue: Limits {
                queue_bytes: self.queue_bytes - growth_bytes,
                batch_events: self.max_batch_events,
                batch_bytes: self.max_batch_bytes,
            },
            growth_bytes,
            batch: BatchLimits { events: self.max_batch_events, bytes: self.max_batch_bytes },
            flush_interval: self.flush_interval.min(LONGEST),
            shutdown_timeout: self.shutdown_timeout.min(LONGEST),
            before_send: self.before_send.clone(),
            on_report: self.on_report.clone(),
            // What is printed is not delivered, so nobody's events may be taken for it.
            spool: self.spool.as_ref().filter(|_| !self.debug).map(|dir| SpoolSettings {
                dir: dir.clone(),
                is_synced: self.durability == Durability::Disk,
                bytes: self.spool_bytes,
                max_age: self.spool_max_age.min(LONGEST),
            }),
        }))
    }

    /// Returns where events go to. It has no key in it: an endpoint with a query or a password is an error.
    pub(crate) fn destination(&self) -> &str {
        if self.debug { "the standard error" } else { &self.endpoint }
    }

    /// A batch's worth where events may grow, so that a full queue does not have them sent one by one.
    fn growth_bytes(&self) -> usize {
        let may_grow = self.before_send.is_some() || (self.eu_compliance && self.spool.is_some());
        if may_grow { self.max_batch_bytes.min(self.queue_bytes / 4) } else { 0 }
    }

    /// What is said of every event.
    pub(crate) fn defaults(&self) -> Defaults {
        Defaults::new(&self.source, self.context.clone(), self.eu_compliance, self.message_ids)
    }
}

/// Reads a key from a file, without the one line break that editors and secret stores put at its end.
pub(crate) fn read_key(path: &Path) -> Result<ApiKey, Error> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
        Error::new(
            ErrorKind::InvalidKey,
            format!("the API key's file `{}` cannot be read: check its path and permissions", path.display()),
        )
        .caused_by(error)
    })?;
    let key = text.strip_suffix('\n').map_or(text.as_str(), |key| key.strip_suffix('\r').unwrap_or(key));
    ApiKey::parse(Zeroizing::new(key.to_owned()))
}

pub(super) fn missing_key() -> Error {
    Error::new(
        ErrorKind::MissingKey,
        "there is no API key: set THRIVESTACK_API_KEY (or THRIVESTACK_API_KEY_FILE) to a key from the ThriveStack \
         console with the scope `telemetry_apis`, or THRIVESTACK_DISABLED=1 to run without telemetry",
    )
}

fn limit(name: &str, value: usize, ceiling: usize) -> Result<(), Error> {
    if value == 0 {
        return Err(Error::new(ErrorKind::InvalidLimit, format!("`{name}` is 0: nothing could be sent")));
    }
    if value > ceiling {
        return Err(Error::new(
            ErrorKind::InvalidLimit,
            format!("`{name}` is {value}, above ThriveStack's limit of {ceiling} for one request"),
        ));
    }
    Ok(())
}

fn duration(name: &str, value: Duration) -> Result<(), Error> {
    if value.is_zero() {
        return Err(Error::new(
            ErrorKind::InvalidLimit,
            format!("`{name}` is zero: give it at least a millisecond"),
        ));
    }
    Ok(())
}
