//! TLS: the library, the provider and the roots of a client.
//!
//! The backend is chosen explicitly, for plain HTTP too: reqwest's own choice depends on the features that the host gives
//! it, and panics where they leave it without a provider. The host's process-wide provider is used and never set.

#[cfg(feature = "__tls")]
mod per_process;
mod renewal;

#[cfg(feature = "__rustls")]
#[path = "rustls.rs"]
mod backend;
#[cfg(all(feature = "native-tls", not(feature = "__rustls")))]
#[path = "native.rs"]
mod backend;
#[cfg(not(feature = "__tls"))]
#[path = "without.rs"]
mod backend;

use std::error::Error as StdError;
use std::io;
use std::time::Instant;

use reqwest::{Client, ClientBuilder};

use self::backend::Backend;
use self::renewal::Renewal;
use crate::error::{Error, ErrorKind};
use crate::panics;

/// The TLS of one client.
#[derive(Clone)]
pub(super) struct Tls {
    backend: Backend,
    renewal: Renewal,
}

impl Tls {
    /// Chooses the backend and the provider. They stay the same as long as the client lives.
    pub(super) fn choose() -> Result<Self, Error> {
        Ok(Self { backend: Backend::choose()?, renewal: Renewal::default() })
    }

    /// Configures a client of plain HTTP.
    pub(super) fn plaintext(&self, builder: ClientBuilder) -> Result<ClientBuilder, Error> {
        self.backend.plaintext(builder)
    }

    /// Configures a client of HTTPS. It shares its roots with the other clients of the process.
    pub(super) fn encrypted(&mut self, builder: ClientBuilder) -> Result<ClientBuilder, Error> {
        let now = Instant::now();
        let (builder, read_at) =
            self.backend.encrypted(builder, now, |read_at| self.renewal.takes(read_at, now))?;
        self.renewal = Renewal::of(read_at);
        Ok(builder)
    }

    /// Records a failed request.
    pub(super) fn failed(&self, error: &reqwest::Error) {
        if causes(error).any(backend::is_rejected_certificate) {
            self.renewal.rejected();
        }
    }

    /// Returns true if it is time to make the client anew, with newer roots than it has.
    pub(super) fn begin_renewal(&mut self) -> bool {
        self.renewal.begin(Instant::now())
    }
}

/// Iterates over an error and its causes. An I/O error does not name the error that it wraps as its source.
pub(super) fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(Some(error as &(dyn StdError + 'static)), |&error| {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}

/// Makes the client. reqwest panics if the host gave it `rustls-no-provider` and installed no provider, and no feature of
/// ours has the methods with which another backend is chosen.
pub(super) fn build(builder: ClientBuilder) -> Result<Client, Error> {
    match panics::catch(|| builder.build()) {
        Some(Ok(client)) => Ok(client),
        Some(Err(error)) => {
            Err(Error::new(ErrorKind::System, "the HTTP client could not be made").caused_by(error))
        }
        None => Err(Error::new(
            ErrorKind::System,
            "the HTTP client panicked while it was made: enable a feature for TLS of thrivestack, or install a \
             process-wide provider with `install_default` of rustls' `CryptoProvider` before the client starts",
        )),
    }
}
