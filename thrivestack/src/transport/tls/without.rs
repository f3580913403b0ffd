//! No TLS: for a server on this machine.

use std::time::Instant;

use reqwest::ClientBuilder;

use crate::error::{Error, ErrorKind};

#[derive(Clone)]
pub(super) struct Backend;

impl Backend {
    #[expect(clippy::unnecessary_wraps, reason = "another backend may have no provider")]
    pub(super) fn choose() -> Result<Self, Error> {
        Ok(Self)
    }

    /// reqwest has no methods to choose a backend with.
    #[expect(clippy::unnecessary_wraps, reason = "another backend may fail")]
    pub(super) fn plaintext(&self, builder: ClientBuilder) -> Result<ClientBuilder, Error> {
        Ok(builder)
    }

    pub(super) fn encrypted(
        &self,
        _: ClientBuilder,
        _: Instant,
        _: impl Fn(Instant) -> bool,
    ) -> Result<(ClientBuilder, Instant), Error> {
        Err(Error::new(
            ErrorKind::InvalidEndpoint,
            "an https endpoint needs TLS: enable the feature `rustls`, `rustls-ring`, `rustls-no-provider` or \
             `native-tls` of thrivestack",
        ))
    }
}

pub(super) fn is_rejected_certificate(_: &(dyn std::error::Error + 'static)) -> bool {
    false
}
