//! TLS by rustls.

use std::sync::Arc;
use std::time::Instant;

use reqwest::ClientBuilder;
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::Verifier;

use super::per_process::PerProcess;
use crate::error::{Error, ErrorKind};

/// The configuration with the provider that the process has installed, and the one with the provider of our features. A
/// host may install a provider after the first client was made, which keeps its own.
static INSTALLED: PerProcess<ClientConfig> = PerProcess::new();
static BUILT_IN: PerProcess<ClientConfig> = PerProcess::new();

/// The provider of one client.
#[derive(Clone)]
pub(super) struct Backend {
    provider: Arc<CryptoProvider>,
    shared: &'static PerProcess<ClientConfig>,
}

impl Backend {
    pub(super) fn choose() -> Result<Self, Error> {
        if let Some(provider) = CryptoProvider::get_default() {
            return Ok(Self { provider: provider.clone(), shared: &INSTALLED });
        }
        let provider = built_in().ok_or_else(|| {
            Error::new(
                ErrorKind::MissingCryptoProvider,
                "the feature `rustls-no-provider` of thrivestack needs a provider that the process has installed: call \
                 `install_default` of rustls' `CryptoProvider` before the client starts, or enable the feature `rustls` \
                 or `rustls-ring`",
            )
        })?;
        Ok(Self { provider: Arc::new(provider), shared: &BUILT_IN })
    }

    /// No certificates are read, since plain HTTP needs none.
    pub(super) fn plaintext(&self, builder: ClientBuilder) -> Result<ClientBuilder, Error> {
        let mut config =
            self.versions()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
        config.resumption = Resumption::disabled();
        Ok(builder.tls_backend_preconfigured(config))
    }

    pub(super) fn encrypted(
        &self,
        builder: ClientBuilder,
        now: Instant,
        is_fresh: impl Fn(Instant) -> bool,
    ) -> Result<(ClientBuilder, Instant), Error> {
        let made = self.shared.get(now, is_fresh, || self.config())?;
        Ok((builder.tls_backend_preconfigured(made.value), made.at))
    }

    fn config(&self) -> Result<ClientConfig, Error> {
        let verifier = verifier(self.provider.clone()).map_err(|error| {
            Error::new(
                ErrorKind::System,
                "the system has no root certificates: install them (the package is often called `ca-certificates`), \
                 or enable the feature `bundled-roots` of thrivestack",
            )
            .caused_by(error)
        })?;
        let config = self.versions()?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        Ok(config.with_no_client_auth())
    }

    fn versions(&self) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, Error> {
        ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| {
                Error::new(ErrorKind::System, "rustls has no usable TLS version").caused_by(error)
            })
    }
}

/// The provider of our features, for a process that has installed none.
#[cfg(feature = "rustls")]
#[expect(clippy::unnecessary_wraps, reason = "`rustls-no-provider` has none")]
fn built_in() -> Option<CryptoProvider> {
    Some(rustls::crypto::aws_lc_rs::default_provider())
}

#[cfg(all(feature = "rustls-ring", not(feature = "rustls")))]
#[expect(clippy::unnecessary_wraps, reason = "`rustls-no-provider` has none")]
fn built_in() -> Option<CryptoProvider> {
    Some(rustls::crypto::ring::default_provider())
}

#[cfg(not(any(feature = "rustls", feature = "rustls-ring")))]
fn built_in() -> Option<CryptoProvider> {
    None
}

#[cfg(not(feature = "bundled-roots"))]
fn verifier(provider: Arc<CryptoProvider>) -> Result<Verifier, rustls::Error> {
    Verifier::new(provider)
}

/// The system's roots stay, for a company's own authority is among them.
#[cfg(feature = "bundled-roots")]
fn verifier(provider: Arc<CryptoProvider>) -> Result<Verifier, rustls::Error> {
    Verifier::new_with_extra_roots(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned(), provider)
}

pub(super) fn is_rejected_certificate(cause: &(dyn std::error::Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_of_a_process_share_their_configuration() {
        let read = || {
            let backend = Backend::choose().unwrap();
            backend.encrypted(reqwest::Client::builder(), Instant::now(), |_| true).unwrap().1
        };
        assert_eq!(read(), read());
    }
}
