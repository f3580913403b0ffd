//! The HTTPS client: one origin, one header with the key, no redirects.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, ClientBuilder, Response, Url};
#[cfg(feature = "rustls")]
use rustls_platform_verifier::Verifier;

use crate::error::{Error, ErrorKind};
use crate::key::ApiKey;
use crate::retry::{self, Outcome};
use crate::wire::Endpoint;

/// Sooner than the whole request's deadline, so that a black hole is told from a slow answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// More of an answer than this is not read: ThriveStack's answers are a few hundred bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The base address of the API, checked.
#[derive(Debug, Clone)]
pub(crate) struct Address(Url);

/// A client that posts batches.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client,
    address: Address,
    /// In the order of [`Endpoint::ALL`].
    urls: Arc<[Url; 4]>,
    request_timeout: Duration,
}

impl Address {
    /// Takes `https` anywhere, and `http` on loopback or where the user insists.
    pub(crate) fn parse(text: &str, allow_http: bool) -> Result<Self, Error> {
        let url = Url::parse(text).map_err(|error| {
            Error::new(
                ErrorKind::InvalidEndpoint,
                format!(
                    "the endpoint `{text}` is no address: write it like `https://api.app.thrivestack.ai/api`"
                ),
            )
            .caused_by(error)
        })?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(Error::new(
                ErrorKind::InvalidEndpoint,
                format!("the endpoint `{text}` is neither http nor https: write it like `https://host/api`"),
            ));
        }
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(Error::new(
                ErrorKind::InvalidEndpoint,
                "the endpoint has a user, a password, a query or a fragment: give the base address alone, like \
                 `https://host/api`; the key goes into `Config::new` or THRIVESTACK_API_KEY",
            ));
        }
        if url.scheme() == "http" && !is_loopback(&url) && !allow_http {
            return Err(Error::new(
                ErrorKind::InsecureEndpoint,
                format!(
                    "the endpoint `{text}` would send the API key unencrypted: use https, or \
                     `danger_allow_http(true)` if the network is yours"
                ),
            ));
        }
        Ok(Self(url))
    }

    fn of(&self, endpoint: Endpoint) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{endpoint}", self.0.path().trim_end_matches('/')));
        url
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == "localhost"
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl Http {
    pub(crate) fn new(address: &Address, request_timeout: Duration) -> Result<Self, Error> {
        let builder = Client::builder()
            .user_agent(concat!("thrivestack-rust/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT.min(request_timeout))
            .timeout(request_timeout)
            .pool_max_idle_per_host(1);
        let builder = if address.0.scheme() == "http" { plaintext(builder)? } else { encrypted(builder)? };
        let client = builder.build().map_err(|error| {
            Error::new(ErrorKind::System, "the HTTP client could not be made").caused_by(error)
        })?;
        let urls = Arc::new(Endpoint::ALL.map(|endpoint| address.of(endpoint)));
        Ok(Self { client, address: address.clone(), urls, request_timeout })
    }

    pub(super) fn start_over(&self) -> Result<Self, Error> {
        Self::new(&self.address, self.request_timeout)
    }

    pub(super) async fn post(&self, endpoint: Endpoint, body: Bytes, key: &ApiKey) -> Outcome {
        let request = self
            .client
            .post(self.urls[endpoint as usize].clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header("x-api-key", key.header())
            .body(body);
        match request.send().await {
            Ok(response) => answer(response).await,
            Err(error) => Outcome::Failed(describe(&error)),
        }
    }
}

async fn answer(mut response: Response) -> Outcome {
    let status = response.status().as_u16();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| retry::retry_after(value, SystemTime::now()));
    let mut body = Vec::new();
    // The status has decided what becomes of the events; an answer that breaks off changes nothing about it.
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = MAX_ANSWER_BYTES - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == MAX_ANSWER_BYTES {
            break;
        }
    }
    Outcome::Answered { status, retry_after, body }
}

/// The innermost cause, which is the one that says what happened. No part of it has the key or the payload.
fn describe(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if error.is_timeout() { format!("timed out: {cause}") } else { cause.to_string() }
}

/// For `http`: no proxy from the environment may see the key, and no certificates are read that nobody needs.
fn plaintext(builder: ClientBuilder) -> Result<ClientBuilder, Error> {
    let builder = builder.no_proxy();
    #[cfg(feature = "rustls")]
    let builder = builder.tls_backend_preconfigured(
        tls_versions()?.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth(),
    );
    Ok(builder)
}

/// For `https`, by rustls: the ring provider for this client alone, since the provider of the process is the host's to
/// choose, and the roots of the operating system.
#[cfg(feature = "rustls")]
fn encrypted(builder: ClientBuilder) -> Result<ClientBuilder, Error> {
    let config = tls_versions()?;
    let verifier = verifier(config.crypto_provider().clone()).map_err(|error| {
        Error::new(
            ErrorKind::System,
            "the system has no root certificates: install them (the package is often called `ca-certificates`), or \
             enable the feature `bundled-roots` of thrivestack",
        )
        .caused_by(error)
    })?;
    let config = config.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.https_only(true).tls_backend_preconfigured(config.with_no_client_auth()))
}

#[cfg(all(feature = "rustls", not(feature = "bundled-roots")))]
fn verifier(provider: Arc<rustls::crypto::CryptoProvider>) -> Result<Verifier, rustls::Error> {
    Verifier::new(provider)
}

/// The system's roots stay, for a company's own authority is among them.
#[cfg(feature = "bundled-roots")]
fn verifier(provider: Arc<rustls::crypto::CryptoProvider>) -> Result<Verifier, rustls::Error> {
    Verifier::new_with_extra_roots(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned(), provider)
}

#[cfg(feature = "rustls")]
fn tls_versions() -> Result<rustls::ConfigBuilder<rustls::ClientConfig, rustls::WantsVerifier>, Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(ErrorKind::System, "rustls has no usable TLS version").caused_by(error))
}

/// For `https`, by the library of the operating system.
#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
fn encrypted(builder: ClientBuilder) -> Result<ClientBuilder, Error> {
    Ok(builder.https_only(true))
}

#[cfg(not(any(feature = "native-tls", feature = "rustls")))]
fn encrypted(_: ClientBuilder) -> Result<ClientBuilder, Error> {
    Err(Error::new(
        ErrorKind::InvalidEndpoint,
        "an https endpoint needs TLS: enable the feature `rustls` or `native-tls` of thrivestack",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_goes_unencrypted_to_loopback_only() {
        for (text, expected) in [
            ("https://api.app.thrivestack.ai/api", Ok(())),
            ("http://127.0.0.1:4819/api", Ok(())),
            ("http://[::1]:4819/api", Ok(())),
            ("http://localhost/api", Ok(())),
            ("http://example.com/api", Err(ErrorKind::InsecureEndpoint)),
            ("http://127.0.0.1.example.com/api", Err(ErrorKind::InsecureEndpoint)),
            ("http://10.0.0.1/api", Err(ErrorKind::InsecureEndpoint)),
            ("ftp://127.0.0.1/api", Err(ErrorKind::InvalidEndpoint)),
            ("127.0.0.1:4819", Err(ErrorKind::InvalidEndpoint)),
            ("api.app.thrivestack.ai", Err(ErrorKind::InvalidEndpoint)),
            ("", Err(ErrorKind::InvalidEndpoint)),
            ("https://user:secret@host/api", Err(ErrorKind::InvalidEndpoint)),
            ("https://host/api?key=secret", Err(ErrorKind::InvalidEndpoint)),
        ] {
            let found = Address::parse(text, false).map(drop).map_err(|error| error.kind());
            assert_eq!(found, expected, "{text}");
        }
        assert!(Address::parse("http://example.com/api", true).is_ok());
    }

    #[test]
    fn a_call_is_a_path_below_the_endpoint() {
        for base in ["https://host/api", "https://host/api/"] {
            let address = Address::parse(base, false).unwrap();
            assert_eq!(address.of(Endpoint::Identify).as_str(), "https://host/api/identify");
        }
        let address = Address::parse("https://host", false).unwrap();
        assert_eq!(address.of(Endpoint::Track).as_str(), "https://host/track");
    }
}
