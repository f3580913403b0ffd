//! The API key, and the promise that it shows in one header of one request and nowhere else.

use std::collections::VecDeque;
use std::fmt;

use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};
use crate::redaction;

/// The number of former keys that a client remembers.
const MOST_FORMER: usize = 16;

/// A key that can be sent: not blank, and a valid header value byte for byte.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ApiKey(Zeroizing<String>);

impl ApiKey {
    /// Checks the key. It is never trimmed: what the console shows is what is sent.
    pub(crate) fn parse(key: Zeroizing<String>) -> Result<Self, Error> {
        if key.trim().is_empty() {
            return Err(Error::new(
                ErrorKind::MissingKey,
                "the API key is empty: make one in the ThriveStack console with the scope `telemetry_apis` and put \
                 it into THRIVESTACK_API_KEY",
            ));
        }
        let is_quote = |text: char| matches!(text, '"' | '\'' | '`');
        if key.starts_with(is_quote) || key.ends_with(is_quote) {
            return Err(Error::new(
                ErrorKind::InvalidKey,
                "the API key is in quotes, which would be sent as a part of it: remove them; not everything that reads an \
                 `.env` file takes them off",
            ));
        }
        if key.trim() != key.as_str() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::new(
                ErrorKind::InvalidKey,
                "the API key has white space or characters that no header can carry: copy it again from the \
                 ThriveStack console, without quotes, spaces or line breaks",
            ));
        }
        Ok(Self(key))
    }

    /// The value of the `x-api-key` header, marked so that no HTTP library prints it.
    pub(crate) fn header(&self) -> HeaderValue {
        // `parse` has let only visible ASCII through, which every header value may hold.
        let mut value = HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }

    /// The key itself, for what tells it from others without telling it.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The key of a client, and those that it had before.
pub(crate) struct Keys {
    current: Option<ApiKey>,
    /// The latest last. A server may still quote one of them.
    former: VecDeque<ApiKey>,
}

impl Keys {
    pub(crate) fn new(current: Option<ApiKey>) -> Self {
        Self { current, former: VecDeque::new() }
    }

    pub(crate) fn current(&self) -> Option<&ApiKey> {
        self.current.as_ref()
    }

    pub(crate) fn replace(&mut self, key: ApiKey) {
        if let Some(former) = self.current.replace(key)
            && self.current.as_ref() != Some(&former)
        {
            self.former.push_back(former);
            if self.former.len() > MOST_FORMER {
                self.former.pop_front();
            }
        }
    }

    /// Replaces every key in a text that comes from outside.
    pub(crate) fn redact(&self, text: &str) -> String {
        let keys: Vec<_> = self.current.iter().chain(&self.former).map(ApiKey::bytes).collect();
        redaction::redact(text, &keys)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[API key]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(key: &str) -> Result<ApiKey, ErrorKind> {
        ApiKey::parse(Zeroizing::new(key.to_owned())).map_err(|error| error.kind())
    }

    #[test]
    fn a_key_is_taken_byte_for_byte_or_not_at_all() {
        let base64 = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83+/Wd/Ztg=";
        assert_eq!(parse(base64).unwrap().header().as_bytes(), base64.as_bytes());
        for blank in ["", " ", "\t\n"] {
            assert_eq!(parse(blank), Err(ErrorKind::MissingKey), "{blank:?}");
        }
        for quoted in ["\"k\"", "'k'", "`k`", "\"k", "k'", "\"\"", "'k '"] {
            let error = ApiKey::parse(Zeroizing::new(quoted.to_owned())).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidKey, "{quoted}");
            assert!(error.to_string().contains("in quotes"), "{quoted}: {error}");
        }
        for unsendable in ["a b", "key\n", " key", "k\u{e9}y", "k\0y", "k\u{7f}y"] {
            assert_eq!(parse(unsendable), Err(ErrorKind::InvalidKey), "{unsendable:?}");
        }
    }

    #[test]
    fn neither_debug_nor_a_redacted_text_shows_it() {
        let key = parse("topsecret").unwrap();
        assert_eq!(format!("{key:?} {:?}", key.header()), "[API key] Sensitive");
        let mut keys = Keys::new(Some(key));
        keys.replace(parse("another").unwrap());
        assert_eq!(keys.redact("neither topsecret nor another!"), "neither [API key] nor [API key]!");
        for number in 0..100 {
            keys.replace(parse(&format!("key{number:03}")).unwrap());
        }
        assert_eq!(keys.redact("key083 key084 key099"), "[API key] [API key] [API key]");
    }
}
