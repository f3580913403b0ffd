//! What the environment says, told without telling the key.

use std::{ffi::OsString, path::Path};

use hmac_sha256::Hash;
use thrivestack_core::calls::{ENDPOINT as DEFAULT_ENDPOINT, SOURCE_MARKETING, SOURCE_PRODUCT};
use thrivestack_core::environment::{self, Form, VARIABLES, Variable};
use thrivestack_core::key;
use url::Url;

use super::super::variables::{self, DEBUG, DISABLED, FoundKey, KEY, KEY_FILE, is_yes};
use super::{Finding, Level};

const ENDPOINT: &str = environment::ENDPOINT.name;
const SOURCE: &str = environment::SOURCE.name;
const EU_COMPLIANCE: &str = environment::EU_COMPLIANCE.name;
/// The variables that there is more to say about than their values.
const EXPLAINED: [&str; 7] = [KEY, KEY_FILE, ENDPOINT, SOURCE, EU_COMPLIANCE, DISABLED, DEBUG];

/// The variables that are set and not empty; an empty one is as good as none.
#[derive(Default)]
pub(super) struct Environment {
    key: Option<Key>,
    is_key_file_set: bool,
    pub(super) endpoint: String,
    is_endpoint_set: bool,
    source: Option<String>,
    eu_compliance: Option<String>,
    disabled: Option<String>,
    debug: Option<String>,
    others: Vec<(&'static Variable, Option<String>)>,
}

/// All that may be said of a key.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    /// The file that it is in.
    file: Option<String>,
    length: usize,
    fingerprint: String,
    has_usual_shape: bool,
}

impl Environment {
    pub(super) fn read(
        variable: impl Fn(&str) -> Option<OsString>,
        read_file: impl Fn(&Path) -> Option<String>,
    ) -> Self {
        let text = |name| {
            variable(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
        };
        let endpoint = text(ENDPOINT);
        Self {
            key: variables::key(&variable, read_file).map(|found| Key::of(&found)),
            is_key_file_set: text(KEY_FILE).is_some(),
            is_endpoint_set: endpoint.is_some(),
            endpoint: endpoint.unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned()),
            source: text(SOURCE),
            eu_compliance: text(EU_COMPLIANCE),
            disabled: text(DISABLED),
            debug: text(DEBUG),
            others: VARIABLES
                .iter()
                .filter(|variable| !EXPLAINED.contains(&variable.name))
                .map(|variable| (variable, text(variable.name)))
                .collect(),
        }
    }

    /// Whether nothing would be sent, on purpose.
    pub(super) fn is_quiet(&self) -> bool {
        is_yes(self.disabled.as_deref()) || is_yes(self.debug.as_deref())
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut findings = vec![self.about_key()];
        let endpoint = shown_endpoint(&self.endpoint);
        findings.push(if self.is_endpoint_set {
            Finding::new(Level::Good, ENDPOINT, endpoint)
        } else {
            Finding::new(Level::Note, ENDPOINT, format!("not set: {endpoint}"))
        });
        findings.push(match self.source.as_deref() {
            None => Finding::new(Level::Note, SOURCE, "not set: product"),
            Some(source @ (SOURCE_PRODUCT | SOURCE_MARKETING)) => Finding::new(Level::Good, SOURCE, source),
            Some(source) => Finding::new(
                Level::Warning,
                SOURCE,
                format!("{source}: ThriveStack knows `product` for what happens in the application and `marketing` for \
                         the public site"),
            ),
        });
        findings.push(match self.eu_compliance.as_deref() {
            value if is_yes(value) => Finding::new(
                Level::Good,
                EU_COMPLIANCE,
                "on: e-mail addresses and names of users are not sent",
            ),
            None => Finding::new(Level::Note, EU_COMPLIANCE, "not set: off"),
            Some(_) => Finding::new(Level::Note, EU_COMPLIANCE, "off"),
        });
        if is_yes(self.disabled.as_deref()) {
            findings.push(Finding::new(Level::Problem, DISABLED, "on, so nothing is sent: unset it to send"));
        }
        if is_yes(self.debug.as_deref()) {
            let text =
                "on, so events are printed on the standard error instead of being sent: unset it to send";
            findings.push(Finding::new(Level::Problem, DEBUG, text));
        }
        findings.extend(self.others.iter().map(|(variable, value)| about(variable, value.as_deref())));
        findings
    }

    /// Whether it is good, the SDK decides; this says which one it is.
    fn about_key(&self) -> Finding {
        let Some(key) = &self.key else {
            return if self.is_key_file_set {
                Finding::new(Level::Problem, KEY_FILE, "cannot be read: check its path and permissions")
            } else {
                Finding::new(Level::Note, KEY, "not set")
            };
        };
        let (about, origin) = match &key.file {
            None => (KEY, String::new()),
            Some(file) => (KEY_FILE, format!("{file}: ")),
        };
        let Key { length, fingerprint, .. } = key;
        let text = format!("{origin}{length} characters, SHA-256 {fingerprint}…");
        if key.has_usual_shape {
            Finding::new(Level::Good, about, text)
        } else {
            let text = format!(
                "{text}; keys from the console are 44 characters of base64 and end in `=`, so check that this one was \
                 copied whole"
            );
            Finding::new(Level::Warning, about, text)
        }
    }
}

impl Key {
    fn of(FoundKey { key, file }: &FoundKey) -> Self {
        let hash = Hash::hash(key.as_bytes());
        Self {
            file: file.as_ref().map(|file| file.display().to_string()),
            length: key.chars().count(),
            fingerprint: hash.as_ref()[..6].iter().map(|byte| format!("{byte:02x}")).collect(),
            has_usual_shape: key::has_usual_shape(key),
        }
    }
}

/// A variable that its value says everything about.
fn about(variable: &Variable, value: Option<&str>) -> Finding {
    let Variable { name, default, form, .. } = *variable;
    match (value, form) {
        (None, _) => Finding::new(Level::Note, name, format!("not set: {default}")),
        (Some(_), Form::Secret) => Finding::new(Level::Good, name, "set"),
        (Some(value), Form::Text | Form::Path) => Finding::new(Level::Good, name, value),
        (Some(value), Form::Switch) => {
            let text = if is_yes(Some(value)) { "on" } else { "off" };
            Finding::new(Level::Note, name, text)
        }
    }
}

/// Variables that look as if they were the SDK's, and are not.
pub(super) fn unknown_variables(names: impl Iterator<Item = OsString>) -> Vec<Finding> {
    let mut unknown: Vec<_> = names
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.starts_with("THRIVESTACK_") && environment::variable(name).is_none())
        .collect();
    unknown.sort();
    unknown
        .into_iter()
        .map(|name| {
            let text = format!("{name} means nothing to the SDK, which reads {}", known());
            Finding::new(Level::Warning, "other variables", text)
        })
        .collect()
}

fn known() -> String {
    VARIABLES.iter().map(|variable| variable.name).collect::<Vec<_>>().join(", ")
}

/// The endpoint without what may be a secret in it.
fn shown_endpoint(endpoint: &str) -> String {
    match Url::parse(endpoint) {
        Ok(mut url) => {
            let has_secret = !url.username().is_empty() || url.password().is_some() || url.query().is_some();
            url.set_query(None);
            url.set_fragment(None);
            // Neither fails where there is a host, and without one there is nothing to hide.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            if has_secret {
                format!("{url} (a part that may be secret is not shown)")
            } else {
                url.to_string()
            }
        }
        Err(_) => "set, but no address".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "q+Zt0/9b1n3x7mKc5vR2yU8wE6sD4fG1hJ0kL3pO5iA=";

    fn findings(variables: &[(&str, &str)]) -> Vec<Finding> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        };
        let file = |path: &Path| (path == Path::new("/run/key")).then(|| format!("{SECRET}\r\n"));
        Environment::read(variable, file).findings()
    }

    #[test]
    fn the_key_is_told_apart_but_not_told() {
        let direct = findings(&[(KEY, SECRET)]);
        assert_eq!((direct[0].level, direct[0].about), (Level::Good, KEY));
        // `printf %s "$THRIVESTACK_API_KEY" | sha256sum` begins with these digits.
        assert_eq!(direct[0].text, "44 characters, SHA-256 2367899b7221…");
        let from_file = findings(&[(KEY_FILE, "/run/key")]);
        assert_eq!((from_file[0].level, from_file[0].about), (Level::Good, KEY_FILE));
        assert_eq!(from_file[0].text, format!("/run/key: {}", direct[0].text));
    }

    #[test]
    fn keys_that_are_odd_or_missing() {
        let table = [
            (vec![], Level::Note, "not set"),
            (vec![(KEY, "")], Level::Note, "not set"),
            (vec![(KEY, "short")], Level::Warning, "5 characters"),
            (vec![(KEY, &SECRET[..43])], Level::Warning, "43 characters"),
            (vec![(KEY, "q%2BZt0/9b1n3x7mKc5vR2yU8wE6sD4fG1hJ0kL3pO5=")], Level::Warning, "44 characters"),
            (vec![(KEY_FILE, "/run/nothing")], Level::Problem, "cannot be read"),
        ];
        for (variables, level, text) in table {
            let finding = &findings(&variables)[0];
            assert_eq!(finding.level, level, "{variables:?}");
            assert!(finding.text.contains(text), "{}", finding.text);
        }
    }

    #[test]
    fn the_other_variables() {
        let table = [
            (ENDPOINT, "http://127.0.0.1:4819/api", Level::Good, "http://127.0.0.1:4819/api"),
            (ENDPOINT, "", Level::Note, "not set: https://api.app.thrivestack.ai/api"),
            (ENDPOINT, "https://me:hidden@host/api?key=hidden#x", Level::Good, "https://host/api (a part"),
            (ENDPOINT, "hidden", Level::Good, "set, but no address"),
            (SOURCE, "marketing", Level::Good, "marketing"),
            (SOURCE, "backend", Level::Warning, "backend: ThriveStack knows `product`"),
            (EU_COMPLIANCE, "YES", Level::Good, "on: e-mail"),
            (EU_COMPLIANCE, "off", Level::Note, "off"),
            (DISABLED, "1", Level::Problem, "nothing is sent"),
            (DEBUG, " True ", Level::Problem, "printed on the standard error"),
        ];
        for (name, value, level, text) in table {
            let findings = findings(&[(name, value)]);
            let finding = findings.iter().find(|finding| finding.about == name).unwrap();
            assert_eq!(finding.level, level, "{name}={value}");
            assert!(finding.text.starts_with(text) || finding.text.contains("on, so"), "{}", finding.text);
            assert!(finding.text.contains(text), "{}", finding.text);
            assert!(!finding.text.contains("hidden"), "{}", finding.text);
        }
        for value in ["0", "off", ""] {
            assert!(
                findings(&[(DISABLED, value)]).iter().all(|finding| finding.level == Level::Note),
                "{value}"
            );
        }
    }

    #[test]
    fn the_default_endpoint_is_the_sdk_s() {
        let config = format!("{:?}", thrivestack::Config::new("key"));
        assert!(config.contains(&format!("{DEFAULT_ENDPOINT:?}")), "{config}");
    }

    #[test]
    fn every_variable_of_the_sdk_is_told_of() {
        let none = Environment::read(|_| None, |_| None).findings();
        for variable in VARIABLES {
            let about_it = about(variable, Some("1")).text;
            assert!(variable.form != Form::Secret || about_it == "set", "{about_it}");
            let is_told = none.iter().any(|finding| finding.about == variable.name);
            // The key is one finding, and what is off on purpose is mentioned where it is on.
            assert!(is_told || [KEY_FILE, DISABLED, DEBUG].contains(&variable.name), "{}", variable.name);
        }
    }

    #[test]
    fn variables_that_mean_nothing() {
        let names = ["PATH", "THRIVESTACK_APIKEY", KEY, "THRIVESTACK_URL"].map(OsString::from);
        let found = unknown_variables(names.into_iter());
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|finding| finding.level == Level::Warning));
        assert!(found[0].text.starts_with("THRIVESTACK_APIKEY means nothing"), "{}", found[0].text);
    }
}
