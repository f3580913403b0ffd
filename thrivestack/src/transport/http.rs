//! The HTTPS client: one origin, one header with the key, no redirects.

use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, Url};
use thrivestack_core::calls::CONTENT_TYPE as JSON;
use thrivestack_core::key::HEADER as KEY_HEADER;
use tokio::sync::oneshot;

use super::connections::{Connections, before, first_success, is_lost};
use super::proxy;
use super::tls::{self, Tls};
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
    tls: Tls,
    address: Address,
    /// In the order of [`Endpoint::ALL`].
    urls: Arc<[Url; 4]>,
    request_timeout: Duration,
    connections: Connections,
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
        Self::with(Tls::choose()?, address, request_timeout)
    }

    fn with(mut tls: Tls, address: &Address, request_timeout: Duration) -> Result<Self, Error> {
        let connections = Connections::default();
        let builder = Client::builder()
            .user_agent(concat!("thrivestack-rust/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT.min(request_timeout));
        let builder = connections.watch(builder, CONNECT_TIMEOUT.max(request_timeout / 2));
        let builder = if address.0.scheme() == "http" {
            // No proxy from the environment may see the key.
            tls.plaintext(builder.no_proxy())?
        } else {
            proxy::check(&address.0)?;
            tls.encrypted(builder)?.https_only(true)
        };
        let client = tls::build(builder)?;
        let urls = Arc::new(Endpoint::ALL.map(|endpoint| address.of(endpoint)));
        Ok(Self { client, tls, address: address.clone(), urls, request_timeout, connections })
    }

    pub(super) fn start_over(&self) -> Result<Self, Error> {
        Self::with(self.tls.clone(), &self.address, self.request_timeout)
    }

    /// Returns true if it is time to start over, with newer roots of the system or with new connections.
    pub(super) fn begin_renewal(&mut self) -> bool {
        self.tls.begin_renewal() || self.connections.are_stale(SystemTime::now())
    }

    pub(super) async fn post(
        &self,
        endpoint: Endpoint,
        body: Bytes,
        key: &ApiKey,
        hurried: oneshot::Receiver<()>,
    ) -> Outcome {
        let deadline = Instant::now() + self.request_timeout;
        let begun = self.connections.begun();
        let is_reused = || self.connections.begun() == begun;
        let again = || self.attempt(endpoint, body.clone(), key, deadline);
        let mut first = pin!(again());
        // A sender that is gone hurries nobody.
        let hurried = async {
            if hurried.await.is_err() || !is_reused() {
                std::future::pending::<()>().await;
            }
        };
        let result = match before(first.as_mut(), hurried).await {
            // The server has most likely closed the connection before it knew of the request.
            Some(Err(error)) if is_reused() && is_lost(&error) => again().await,
            Some(result) => result,
            None => first_success(first, again()).await,
        };
        self.connections.used(SystemTime::now());
        result.unwrap_or_else(|error| {
            self.tls.failed(&error);
            Outcome::Failed(describe(&error))
        })
    }

    /// Sends a request once, on a connection that is idle or a new one.
    async fn attempt(
        &self,
        endpoint: Endpoint,
        body: Bytes,
        key: &ApiKey,
        deadline: Instant,
    ) -> Result<Outcome, reqwest::Error> {
        let request = self
            .client
            .post(self.urls[endpoint as usize].clone())
            .header(CONTENT_TYPE, HeaderValue::from_static(JSON))
            .header(KEY_HEADER, key.header())
            .timeout(deadline.saturating_duration_since(Instant::now()))
            .body(body);
        Ok(answer(request.send().await?).await)
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
