//! TLS by the library of the operating system.

use std::time::Instant;

use native_tls::{Protocol, TlsConnector};
use reqwest::ClientBuilder;

use super::per_process::PerProcess;
use crate::error::{Error, ErrorKind};

static SHARED: PerProcess<TlsConnector> = PerProcess::new();

#[derive(Clone)]
pub(super) struct Backend;

impl Backend {
    #[expect(clippy::unnecessary_wraps, reason = "another backend may have no provider")]
    pub(super) fn choose() -> Result<Self, Error> {
        Ok(Self)
    }

    /// The library reads its roots whether they are needed or not, so those are taken that are there.
    pub(super) fn plaintext(&self, builder: ClientBuilder) -> Result<ClientBuilder, Error> {
        let made = SHARED.get(Instant::now(), |_| true, connector)?;
        Ok(builder.tls_backend_preconfigured(made.value))
    }

    pub(super) fn encrypted(
        &self,
        builder: ClientBuilder,
        now: Instant,
        is_fresh: impl Fn(Instant) -> bool,
    ) -> Result<(ClientBuilder, Instant), Error> {
        let made = SHARED.get(now, is_fresh, connector)?;
        Ok((builder.tls_backend_preconfigured(made.value), made.at))
    }
}

fn connector() -> Result<TlsConnector, Error> {
    let mut builder = TlsConnector::builder();
    builder.min_protocol_version(Some(Protocol::Tlsv12));
    #[cfg(feature = "bundled-roots")]
    for root in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        let root = native_tls::Certificate::from_der(root).map_err(unusable)?;
        builder.add_root_certificate(root);
    }
    builder.build().map_err(unusable)
}

fn unusable(error: native_tls::Error) -> Error {
    Error::new(ErrorKind::System, "the TLS library of the operating system could not be set up")
        .caused_by(error)
}

/// The library does not tell a certificate from other reasons to end a handshake.
pub(super) fn is_rejected_certificate(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.is::<native_tls::Error>()
}
