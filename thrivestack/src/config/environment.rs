//! The configuration that the environment of the process gives.

use std::ffi::OsString;
use std::path::PathBuf;

use thrivestack_core::environment::{
    API_KEY, API_KEY_FILE, DEBUG, DISABLED, ENDPOINT, EU_COMPLIANCE, SOURCE, switch as read_switch,
};
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
    /// | `THRIVESTACK_EU_COMPLIANCE` | [`Config::eu_compliance`]: `1`, `true`, `yes`, `on` or `0`, `false`, `no`, `off`, in any case |
    /// | `THRIVESTACK_DISABLED` | [`Config::disabled`], likewise |
    /// | `THRIVESTACK_DEBUG` | likewise: every event is printed on the standard error instead of being sent; needs no key |
    ///
    /// # Errors
    ///
    /// No key, unless telemetry is disabled or debugged; two keys; a value that is neither yes nor no, that is in quotes, as
    /// an `.env` file may have it, or that is not Unicode. [`init_or_disabled`](crate::init_or_disabled) takes the result as it is.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| std::env::var_os(name))
    }

    fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        let text = |name: &str| match variable(name).filter(|value| !value.is_empty()) {
            None => Ok(None),
            Some(value) => {
                let value = value.into_string().map_err(|_| {
                    Error::new(ErrorKind::InvalidEnvironment, format!("{name} is not Unicode: set it again"))
                })?;
                // The key says so itself, wherever it comes from.
                if name != API_KEY.name && is_quoted(&value) {
                    return Err(quoted(name));
                }
                Ok(Some(value))
            }
        };
        let switch = |name: &str| {
            let Some(value) = text(name)? else { return Ok(false) };
            read_switch(&value).ok_or_else(|| {
                Error::new(
                    ErrorKind::InvalidEnvironment,
                    format!("{name} is neither yes nor no: write 1, true, yes or on, or 0, false, no or off"),
                )
            })
        };
        let disabled = switch(DISABLED.name)?;
        let debug = switch(DEBUG.name)?;
        // A path need not be Unicode.
        let file = variable(API_KEY_FILE.name).filter(|path| !path.is_empty());
        if file.as_ref().and_then(|path| path.to_str()).is_some_and(is_quoted) {
            return Err(quoted(API_KEY_FILE.name));
        }
        let key = match (text(API_KEY.name)?.map(Zeroizing::new), file) {
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
        config.eu_compliance = switch(EU_COMPLIANCE.name)?;
        if let Some(endpoint) = text(ENDPOINT.name)? {
            config.endpoint = endpoint;
        }
        if let Some(source) = text(SOURCE.name)? {
            config.source = source;
        }
        Ok(config)
    }
}

/// Returns whether the text begins and ends with the same quote.
fn is_quoted(text: &str) -> bool {
    ['"', '\''].iter().any(|quote| text.len() > 1 && text.starts_with(*quote) && text.ends_with(*quote))
}

fn quoted(name: &str) -> Error {
    Error::new(
        ErrorKind::InvalidEnvironment,
        format!(
            "{name} is in quotes, which would be a part of its value: remove them; not everything that reads an `.env` \
             file takes them off"
        ),
    )
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use thrivestack_core::environment::VARIABLES;

    use super::*;

    fn variables(variables: &[(&str, &str)]) -> Result<Config, Error> {
        Config::from_variables(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        })
    }

    fn from(set: &[(&str, &str)]) -> Result<Config, ErrorKind> {
        variables(set).map_err(|error| error.kind())
    }

    #[test]
    fn every_variable_of_the_table_is_read_and_no_other() {
        let asked = RefCell::new(BTreeSet::new());
        let variable = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            (name == API_KEY.name).then(|| OsString::from("key"))
        };
        let _ = Config::from_variables(variable).unwrap();
        let known: BTreeSet<_> = VARIABLES.iter().map(|variable| variable.name.to_owned()).collect();
        assert_eq!(asked.into_inner(), known, "of thrivestack-core/src/environment.rs");
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
        assert_eq!(
            (config.endpoint.as_str(), config.source.as_str()),
            (thrivestack_core::calls::ENDPOINT, "product")
        );
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
    fn yes_and_no_are_known_in_any_case() {
        for (value, expected) in [
            ("TRUE", true),
            ("True", true),
            ("Yes", true),
            ("ON", true),
            (" oN ", true),
            ("FALSE", false),
            ("No", false),
            ("oFF", false),
        ] {
            for name in ["THRIVESTACK_DISABLED", "THRIVESTACK_DEBUG", "THRIVESTACK_EU_COMPLIANCE"] {
                let config = from(&[("THRIVESTACK_API_KEY", "key"), (name, value)]).unwrap();
                let found = config.disabled || config.debug || config.eu_compliance;
                assert_eq!(found, expected, "{name}={value}");
            }
        }
    }

    #[test]
    fn quotes_of_an_env_file_are_an_error_that_says_so() {
        for (name, value) in [
            ("THRIVESTACK_ENDPOINT", "\"https://localhost/api\""),
            ("THRIVESTACK_SOURCE", "'product'"),
            ("THRIVESTACK_SOURCE", "\"\""),
            ("THRIVESTACK_DISABLED", "\"true\""),
            ("THRIVESTACK_EU_COMPLIANCE", "'1'"),
            ("THRIVESTACK_API_KEY_FILE", "\"/run/secrets/key\""),
        ] {
            let set = [(name, value), ("THRIVESTACK_DEBUG", "1")];
            let error = variables(&set).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidEnvironment, "{name}={value}");
            assert!(error.to_string().starts_with(&format!("{name} is in quotes")), "{error}");
        }
        let key = from(&[("THRIVESTACK_API_KEY", "\"key\"")]).unwrap();
        assert!(crate::Client::new(key).unwrap_err().to_string().contains("in quotes"));
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
