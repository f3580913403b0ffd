//! The configuration that the environment of the process gives.

use std::ffi::OsString;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::settings::missing_key;
use super::{Config, KeySource};
use crate::error::{Error, ErrorKind};

impl Config {
    /// Reads the environment. A variable that is empty counts as not set.
    ///
    /// | variable | meaning |
    /// | --- | --- |
    /// | `THRIVESTACK_API_KEY` | the key, the name that ThriveStack's documentation recommends |
    /// | `THRIVESTACK_API_KEY_FILE` | a file with the key, read again when the server answers 401; one trailing line break is dropped |
    /// | `THRIVESTACK_ENDPOINT` | [`Config::endpoint`] |
    /// | `THRIVESTACK_SOURCE` | [`Config::source`] |
    /// | `THRIVESTACK_EU_COMPLIANCE` | [`Config::eu_compliance`]: `1`, `true`, `yes`, `on` or `0`, `false`, `no`, `off` |
    /// | `THRIVESTACK_DISABLED` | [`Config::disabled`], likewise |
    /// | `THRIVESTACK_DEBUG` | likewise: every event is printed on the standard error instead of being sent; needs no key |
    ///
    /// # Errors
    ///
    /// No key, unless telemetry is disabled or debugged; two keys; a value that is neither yes nor no; a value that is
    /// not Unicode. [`init_or_disabled`](crate::init_or_disabled) takes the result as it is.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| std::env::var_os(name))
    }

    fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        let text = |name: &str| match variable(name).filter(|value| !value.is_empty()) {
            None => Ok(None),
            Some(value) => value.into_string().map(Some).map_err(|_| {
                Error::new(ErrorKind::InvalidEnvironment, format!("{name} is not Unicode: set it again"))
            }),
        };
        let switch = |name: &str| match text(name)?.as_deref().map(str::trim) {
            None => Ok(false),
            Some("1" | "true" | "yes" | "on") => Ok(true),
            Some("0" | "false" | "no" | "off") => Ok(false),
            Some(_) => Err(Error::new(
                ErrorKind::InvalidEnvironment,
                format!("{name} is neither yes nor no: write 1, true, yes or on, or 0, false, no or off"),
            )),
        };
        let disabled = switch("THRIVESTACK_DISABLED")?;
        let debug = switch("THRIVESTACK_DEBUG")?;
        let file = variable("THRIVESTACK_API_KEY_FILE").filter(|path| !path.is_empty());
        let key = match (text("THRIVESTACK_API_KEY")?.map(Zeroizing::new), file) {
            (Some(_), Some(_)) => {
                return Err(Error::new(
                    ErrorKind::InvalidEnvironment,
                    "both THRIVESTACK_API_KEY and THRIVESTACK_API_KEY_FILE are set: keep one of them",
                ));
            }
            (Some(key), None) => KeySource::Given(key),
            (None, Some(path)) => KeySource::File(PathBuf::from(path)),
            (None, None) if disabled || debug => KeySource::Missing,
            (None, None) => return Err(missing_key()),
        };
        let mut config = Self::with_key(key);
        config.disabled = disabled;
        config.debug = debug;
        config.eu_compliance = switch("THRIVESTACK_EU_COMPLIANCE")?;
        if let Some(endpoint) = text("THRIVESTACK_ENDPOINT")? {
            config.endpoint = endpoint;
        }
        if let Some(source) = text("THRIVESTACK_SOURCE")? {
            config.source = source;
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<Config, ErrorKind> {
        Config::from_variables(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        })
        .map_err(|error| error.kind())
    }

    #[test]
    fn every_variable_sets_what_it_says() {
        let config = from(&[
            ("THRIVESTACK_API_KEY", "key"),
            ("THRIVESTACK_ENDPOINT", "http://localhost/api"),
            ("THRIVESTACK_SOURCE", "marketing"),
            ("THRIVESTACK_EU_COMPLIANCE", "true"),
            ("THRIVESTACK_DEBUG", "on"),
            ("THRIVESTACK_DISABLED", "no"),
        ])
        .unwrap();
        assert!(matches!(&config.key, KeySource::Given(key) if key.as_str() == "key"));
        assert_eq!((config.endpoint.as_str(), config.source.as_str()), ("http://localhost/api", "marketing"));
        assert!(config.eu_compliance && config.debug && !config.disabled);

        let config = from(&[("THRIVESTACK_API_KEY_FILE", "/run/secrets/key")]).unwrap();
        assert!(matches!(&config.key, KeySource::File(path) if path.ends_with("key")));
        assert_eq!((config.endpoint.as_str(), config.source.as_str()), (super::super::ENDPOINT, "product"));
        assert!(!config.eu_compliance && !config.debug && !config.disabled);
    }

    #[test]
    fn a_missing_key_is_an_error_unless_none_is_needed() {
        for variables in [&[][..], &[("THRIVESTACK_API_KEY", "")], &[("THRIVESTACK_DISABLED", "0")]] {
            assert_eq!(from(variables).map(drop), Err(ErrorKind::MissingKey), "{variables:?}");
        }
        for variables in [[("THRIVESTACK_DISABLED", "1")], [("THRIVESTACK_DEBUG", "yes")]] {
            assert!(from(&variables).is_ok(), "{variables:?}");
        }
    }

    #[test]
    fn what_means_nothing_is_an_error() {
        for variables in [
            [("THRIVESTACK_API_KEY", "key"), ("THRIVESTACK_DISABLED", "maybe")],
            [("THRIVESTACK_API_KEY", "key"), ("THRIVESTACK_EU_COMPLIANCE", "2")],
            [("THRIVESTACK_API_KEY", "key"), ("THRIVESTACK_API_KEY_FILE", "/run/secrets/key")],
        ] {
            assert_eq!(from(&variables).map(drop), Err(ErrorKind::InvalidEnvironment), "{variables:?}");
        }
    }
}
