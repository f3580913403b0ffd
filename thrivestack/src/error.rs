//! What can be wrong with a configuration.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

/// Why the SDK could not be configured or started.
///
/// The message says what is wrong and what to do about it, and never contains the key. [`Error::kind`] tells the cases
/// apart in code; [`source`](StdError::source) has the underlying error where there is one.
pub struct Error {
    kind: ErrorKind,
    message: Cow<'static, str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no API key, or it is blank.
    MissingKey,
    /// The API key cannot be sent as a header, or the file that should hold it cannot be read.
    InvalidKey,
    /// The endpoint is no `http` or `https` address.
    InvalidEndpoint,
    /// The endpoint would send the key unencrypted over a network.
    InsecureEndpoint,
    /// A limit or a duration is zero or above its ceiling.
    InvalidLimit,
    /// A default of the context has a key that is not free, or a value that cannot be serialized.
    InvalidContext,
    /// An environment variable has a value that means nothing, or names a proxy that cannot be used.
    InvalidEnvironment,
    /// The directory of the [spool](crate::Config::spool) cannot be used.
    UnusableSpool,
    /// [`init`](crate::init) was called before.
    AlreadyInitialized,
    /// The operation needs a client, and there is none, it is disabled, or it was shut down.
    NotRunning,
    /// The feature `rustls-no-provider` is on, and the process has installed no provider.
    MissingCryptoProvider,
    /// The operating system refused something: a thread, or the roots of TLS.
    System,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    pub(crate) fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Which kind of error this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.kind).field("message", &self.message);
        if let Some(source) = &self.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        }
    }
}
