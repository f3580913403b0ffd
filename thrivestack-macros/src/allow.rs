//! `allow(..)`: which of the checks against ThriveStack's rules are switched off.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, Result, Token};

use crate::suggest;

const CHECKS: [&str; 4] = ["event_name", "missing_properties", "property_values", "group_type"];

/// The checks that one `allow(..)` names. Parses what stands between its parentheses.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allow {
    /// The event may be named against the rules.
    pub(crate) event_name: bool,
    /// Required properties may be missing.
    pub(crate) missing_properties: bool,
    /// Literals may be outside a documented list.
    pub(crate) property_values: bool,
    /// A group's type may look like a misspelled one.
    pub(crate) group_type: bool,
}

impl Parse for Allow {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.is_empty() {
            return Err(Error::new(
                input.span(),
                format!("`allow` names a check: {}", suggest::list(&CHECKS)),
            ));
        }
        let mut allow = Self::default();
        for check in Punctuated::<Ident, Token![,]>::parse_terminated(input)? {
            let switch = match check.to_string().as_str() {
                "event_name" => &mut allow.event_name,
                "missing_properties" => &mut allow.missing_properties,
                "property_values" => &mut allow.property_values,
                "group_type" => &mut allow.group_type,
                other => {
                    let message =
                        format!("no check is called `{other}`{}", suggest::did_you_mean(other, &CHECKS));
                    return Err(Error::new(check.span(), message));
                }
            };
            if *switch {
                return Err(Error::new(check.span(), format!("`{check}` is already allowed")));
            }
            *switch = true;
        }
        Ok(allow)
    }
}

#[cfg(test)]
mod tests {
    use super::Allow;

    #[test]
    fn the_checks_are_known_and_no_others() {
        let all: Allow =
            syn::parse_str("event_name, missing_properties, property_values, group_type,").unwrap();
        assert_eq!(
            all,
            Allow { event_name: true, missing_properties: true, property_values: true, group_type: true }
        );
        let error = syn::parse_str::<Allow>("event_names").unwrap_err();
        assert_eq!(error.to_string(), "no check is called `event_names`; did you mean `event_name`?");
        assert!(syn::parse_str::<Allow>("").is_err());
        assert!(syn::parse_str::<Allow>("event_name, event_name").is_err());
    }
}
