//! The proxy that the environment names for an endpoint.

#[cfg(not(feature = "socks"))]
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use crate::error::Error;
#[cfg(not(feature = "socks"))]
use crate::error::ErrorKind;

/// Rejects an environment whose proxy for this endpoint speaks SOCKS. Without the feature, the HTTP library would speak HTTP
/// with it, and every request would fail.
#[cfg(not(feature = "socks"))]
pub(super) fn check(endpoint: &Url) -> Result<(), Error> {
    let Ok(uri) = endpoint.as_str().parse::<http::Uri>() else { return Ok(()) };
    match Matcher::from_system().intercept(&uri) {
        Some(proxy) if proxy.uri().scheme_str().is_some_and(|scheme| scheme.starts_with("socks")) => {
            Err(Error::new(
                ErrorKind::InvalidEnvironment,
                "the environment names a SOCKS proxy for the endpoint (HTTPS_PROXY or ALL_PROXY): enable the feature \
                 `socks` of thrivestack, name an HTTP proxy, or list the endpoint's host in NO_PROXY",
            ))
        }
        _ => Ok(()),
    }
}

#[cfg(feature = "socks")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature, SOCKS is an error")]
pub(super) fn check(_: &Url) -> Result<(), Error> {
    Ok(())
}
