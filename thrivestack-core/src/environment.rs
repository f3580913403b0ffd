//! The environment variables that the SDK reads.

/// An environment variable. One that is set to the empty text counts as not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// The name.
    pub name: &'static str,
    /// The effect of the variable, in one sentence.
    pub meaning: &'static str,
    /// The value that holds while the variable is not set.
    pub default: &'static str,
    /// The form of its value.
    pub form: Form,
}

/// The form of a variable's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A text, which may be shown.
    Text,
    /// A text that must never be shown.
    Secret,
    /// The path of a file or directory.
    Path,
    /// Yes or no; [`switch`] reads it.
    Switch,
}

macro_rules! variables {
    ($($constant:ident = $name:literal, $form:ident, $default:expr, $meaning:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`: ", $meaning)]
            pub const $constant: Variable =
                Variable { name: $name, meaning: $meaning, default: $default, form: Form::$form };
        )*

        /// Every variable that the SDK reads.
        pub const VARIABLES: &[Variable] = &[$($constant),*];
    };
}

variables! {
    API_KEY = "THRIVESTACK_API_KEY", Secret, "none",
        "The API key, under the name that ThriveStack's documentation recommends.";
    API_KEY_FILE = "THRIVESTACK_API_KEY_FILE", Path, "none",
        "A file with the API key. The SDK reads it again when the server answers 401. One trailing line break is dropped.";
    ENDPOINT = "THRIVESTACK_ENDPOINT", Text, crate::calls::ENDPOINT,
        "The base address of the API.";
    SOURCE = "THRIVESTACK_SOURCE", Text, crate::calls::SOURCE_PRODUCT,
        "The `context.source` of every event: `product`, or `marketing` for the public site.";
    EU_COMPLIANCE = "THRIVESTACK_EU_COMPLIANCE", Switch, "off",
        "Turns EU compliance on: e-mail addresses and names of users are not sent.";
    DISABLED = "THRIVESTACK_DISABLED", Switch, "off",
        "Turns telemetry off. No key is needed then.";
    DEBUG = "THRIVESTACK_DEBUG", Switch, "off",
        "Prints every event on the standard error instead of sending it. No key is needed then.";
}

/// Returns the variable of that name, if the SDK reads it.
#[must_use]
pub fn variable(name: &str) -> Option<&'static Variable> {
    VARIABLES.iter().find(|variable| variable.name == name)
}

/// The values that turn a switch on, and those that turn it off.
pub const SWITCH_VALUES: [(&str, &str); 4] = [("1", "0"), ("true", "false"), ("yes", "no"), ("on", "off")];

/// Reads the value of a switch, in any case and with white space around it. Returns `None` for any other text.
///
/// ```
/// use thrivestack_core::environment::switch;
///
/// assert_eq!(switch(" Yes"), Some(true));
/// assert_eq!(switch("OFF"), Some(false));
/// assert_eq!(switch("maybe"), None);
/// ```
#[must_use]
pub fn switch(value: &str) -> Option<bool> {
    let value = value.trim();
    SWITCH_VALUES.iter().find_map(|(on, off)| {
        let is_on = value.eq_ignore_ascii_case(on);
        (is_on || value.eq_ignore_ascii_case(off)).then_some(is_on)
    })
}

#[cfg(test)]
mod tests {
    use super::{VARIABLES, switch};

    #[test]
    fn every_variable_is_listed_once_and_says_what_it_does() {
        for (at, variable) in VARIABLES.iter().enumerate() {
            assert!(variable.name.starts_with("THRIVESTACK_"), "{}", variable.name);
            assert!(variable.meaning.ends_with('.') && !variable.default.is_empty(), "{}", variable.name);
            assert!(VARIABLES[..at].iter().all(|earlier| earlier.name != variable.name), "{}", variable.name);
        }
    }

    #[test]
    fn a_switch_is_read_in_any_case() {
        for (value, expected) in [
            ("1", Some(true)),
            ("TRUE", Some(true)),
            (" on\n", Some(true)),
            ("0", Some(false)),
            ("No", Some(false)),
            ("2", None),
            ("", None),
            ("yes please", None),
        ] {
            assert_eq!(switch(value), expected, "{value:?}");
        }
    }
}
