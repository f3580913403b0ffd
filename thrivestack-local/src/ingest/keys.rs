//! API keys: what one authorizes, and why a request's key is refused.

use std::{fmt, io, time::SystemTime};

use base64::{Engine, engine::general_purpose::STANDARD};
use thrivestack_core::key;

use super::endpoint::Endpoint;

/// An API key of a [`LocalServer`](crate::LocalServer), as the ThriveStack console would make it.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use thrivestack_local::LocalKey;
///
/// let in_an_hour = SystemTime::now() + Duration::from_secs(3_600);
/// let key = LocalKey::new("ci").scope("track_api").expires_at(in_an_hour);
/// assert_eq!(key.secret().len(), 44);
/// ```
#[derive(Clone)]
#[must_use = "a key does nothing until a server has it"]
pub struct LocalKey {
    name: String,
    secret: String,
    scopes: Vec<String>,
    expires_at: Option<SystemTime>,
}

impl LocalKey {
    /// Makes a key with a fresh secret, without any scope, that never expires.
    ///
    /// The secret has the shape of ThriveStack's: 44 characters of base64. It always has a `+`, a `/` and a
    /// `=` in it, so that a client that encodes, trims or splits it fails here and not only with some of
    /// the real keys.
    ///
    /// # Panics
    ///
    /// When the operating system's source of randomness fails.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), secret: fresh_secret(), scopes: Vec::new(), expires_at: None }
    }

    /// Adds a scope: `telemetry_apis` for all four calls, or `track_api`, `identify_api`, `group_api`,
    /// `page_api` for one. A key without a scope, or with scopes of other names only, authorizes nothing.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Sets the moment from which on the key is refused.
    pub fn expires_at(mut self, moment: impl Into<SystemTime>) -> Self {
        self.expires_at = Some(moment.into());
        self
    }

    /// Sets the secret, instead of the fresh one.
    pub fn secret_value(mut self, secret: impl Into<String>) -> Self {
        self.secret = secret.into();
        self
    }

    /// The name, by which calls, requests and messages speak of this key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The secret, which a request carries in its `x-api-key` header.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    fn authorizes(&self, endpoint: Endpoint) -> bool {
        self.scopes.iter().any(|scope| scope == key::SCOPE || scope == endpoint.scope())
    }
}

impl fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey")
            .field("name", &self.name)
            .field("scopes", &self.scopes)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A fourth of all secrets has both a `+` and a `/`, so this draws about four times.
fn fresh_secret() -> String {
    loop {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system's source of randomness should work");
        let secret = STANDARD.encode(bytes);
        if secret.contains('+') && secret.contains('/') {
            return secret;
        }
    }
}

/// The keys that a server knows.
#[derive(Debug, Default)]
pub(crate) struct KeyRing(Vec<LocalKey>);

impl KeyRing {
    /// Adds a key, unless it could not be told from another one or could never arrive in a header.
    pub(crate) fn add(&mut self, key: LocalKey) -> io::Result<()> {
        let name = &key.name;
        let complaint = if self.0.iter().any(|known| known.name == *name) {
            format!("there is a key named `{name}` already: give each key a name of its own")
        } else if let Some(known) = self.0.iter().find(|known| known.secret == key.secret) {
            format!(
                "keys `{}` and `{name}` have the same secret: give each key a secret of its own",
                known.name
            )
        } else if key.secret.is_empty() || !key.secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            format!("the secret of key `{name}` cannot be sent in a header: use visible ASCII only")
        } else {
            self.0.push(key);
            return Ok(());
        };
        Err(io::Error::new(io::ErrorKind::InvalidInput, complaint))
    }

    /// Forgets the key of that name; false when there is none.
    pub(crate) fn revoke(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|key| key.name != name);
        self.0.len() < before
    }

    /// Finds the key that a request carries, if it may make this call at this moment.
    pub(crate) fn admit(
        &self,
        secret: Option<&[u8]>,
        endpoint: Endpoint,
        now: SystemTime,
    ) -> Result<&LocalKey, KeyRefusal> {
        let secret = secret.ok_or(KeyRefusal::Missing)?;
        let key = self.0.iter().find(|key| key.secret.as_bytes() == secret).ok_or(KeyRefusal::Unknown)?;
        match key.expires_at {
            Some(at) if at <= now => Err(KeyRefusal::Expired { name: key.name.clone(), at }),
            _ if !key.authorizes(endpoint) => Err(KeyRefusal::Scope { name: key.name.clone(), endpoint }),
            _ => Ok(key),
        }
    }
}

/// Why a request's key does not let it in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum KeyRefusal {
    Missing,
    Unknown,
    Expired { name: String, at: SystemTime },
    Scope { name: String, endpoint: Endpoint },
}

impl KeyRefusal {
    /// The name of the key, where it is a known one.
    pub(crate) fn key_name(&self) -> Option<&str> {
        match self {
            Self::Missing | Self::Unknown => None,
            Self::Expired { name, .. } | Self::Scope { name, .. } => Some(name),
        }
    }
}

impl fmt::Display for KeyRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the API key is missing: send it in the header `x-api-key`"),
            Self::Unknown => f.write_str(
                "the API key is not one of this server's: send it exactly as it was made, neither \
                 URL-encoded nor cut",
            ),
            Self::Expired { name, at } => {
                let at = humantime::format_rfc3339_millis(*at);
                write!(f, "the API key `{name}` expired at {at}: make a new one")
            }
            Self::Scope { name, endpoint } => write!(
                f,
                "the API key `{name}` does not authorize {endpoint}: give it scope `{}` or `{}`",
                key::SCOPE,
                endpoint.scope()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn ring(key: LocalKey) -> KeyRing {
        let mut ring = KeyRing::default();
        ring.add(key).unwrap();
        ring
    }

    #[test]
    fn a_fresh_secret_has_the_shape_of_a_real_one() {
        let (one, other) = (LocalKey::new("one"), LocalKey::new("other"));
        assert_ne!(one.secret(), other.secret());
        for key in [one, other] {
            let secret = key.secret();
            assert_eq!(secret.len(), 44);
            assert!(secret.ends_with('=') && secret.contains('+') && secret.contains('/'));
            assert_eq!(STANDARD.decode(secret).unwrap().len(), 32);
        }
    }

    #[test]
    fn scopes_authorize_their_calls() {
        use Endpoint::*;
        let table: [(&[&str], &[Endpoint]); 7] = [
            (&[], &[]),
            (&["telemetry_apis"], &[Identify, Group, Track, Page]),
            (&["track_api"], &[Track]),
            (&["identify_api"], &[Identify]),
            (&["group_api"], &[Group]),
            (&["page_api", "track_api"], &[Track, Page]),
            (&["everything"], &[]),
        ];
        for (scopes, authorized) in table {
            let key =
                scopes.iter().fold(LocalKey::new("k").secret_value("s"), |key, scope| key.scope(*scope));
            let ring = ring(key);
            let admitted: Vec<_> = Endpoint::ALL
                .into_iter()
                .filter(|endpoint| ring.admit(Some(b"s"), *endpoint, at(0)).is_ok())
                .collect();
            assert_eq!(admitted, authorized, "{scopes:?}");
        }
    }

    #[test]
    fn a_refusal_says_which_and_what_to_do() {
        let key = LocalKey::new("ci").secret_value("a+b/c=").scope("track_api").expires_at(at(1_000));
        let ring = ring(key);
        let table: [(Option<&str>, Endpoint, u64, &str); 6] = [
            (None, Endpoint::Track, 0, "is missing: send it in the header `x-api-key`"),
            (Some("a%2Bb%2Fc%3D"), Endpoint::Track, 0, "neither URL-encoded"),
            (Some("a+b/c"), Endpoint::Track, 0, "not one of this server's"),
            (Some(""), Endpoint::Track, 0, "not one of this server's"),
            (
                Some("a+b/c="),
                Endpoint::Track,
                1_000,
                "`ci` expired at 1970-01-01T00:16:40.000Z: make a new one",
            ),
            (
                Some("a+b/c="),
                Endpoint::Page,
                999,
                "`ci` does not authorize page: give it scope `telemetry_apis`",
            ),
        ];
        for (secret, endpoint, now, expected) in table {
            let refusal = ring.admit(secret.map(str::as_bytes), endpoint, at(now)).unwrap_err();
            assert!(refusal.to_string().contains(expected), "{refusal}");
        }
        assert_eq!(ring.admit(Some(b"a+b/c="), Endpoint::Track, at(999)).unwrap().name(), "ci");
    }

    #[test]
    fn keys_that_cannot_be_told_apart_are_refused() {
        let mut ring = ring(LocalKey::new("a").secret_value("same"));
        let table = [
            (LocalKey::new("a"), "a key named `a` already"),
            (LocalKey::new("b").secret_value("same"), "`a` and `b` have the same secret"),
            (LocalKey::new("c").secret_value(""), "cannot be sent in a header"),
            (LocalKey::new("d").secret_value("a\r\nb"), "cannot be sent in a header"),
        ];
        for (key, expected) in table {
            let error = ring.add(key).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            assert!(error.to_string().contains(expected), "{error}");
        }
        assert!(ring.revoke("a"));
        assert!(!ring.revoke("a"));
        ring.add(LocalKey::new("a").secret_value("same")).unwrap();
    }
}
