//! The checks against ThriveStack's rules, shared by the macros: what is wrong, and what to write instead.

use proc_macro2::Span;
use syn::{Error, Result};
use thrivestack_core::events;
use thrivestack_core::names::{is_snake_case, object_first, to_snake_case};

use crate::args::{Args, Name};
use crate::errors::Errors;
use crate::value::{Evaluated, Slot};
use crate::{leaves, suggest};

/// Checks what the arguments of `#[track_event]` or `track!` say.
pub(crate) fn args(args: &Args) -> Result<()> {
    let mut errors = Errors::default();
    let conditions = args.when.iter().filter_map(|when| match when {
        Evaluated::Before(expr) => Some(expr),
        Evaluated::After(_) => None,
    });
    let values = args.values.iter().filter_map(|value| match &value.evaluated {
        Evaluated::Before(expr) => Some(expr),
        Evaluated::After(_) => None,
    });
    for expr in values.chain(conditions).chain(&args.client) {
        errors.take(leaves::check(expr));
    }
    if let Name::Literal(name) = &args.name {
        let (event, span) = (name.value(), name.span());
        if !args.allow.event_name || event.is_empty() {
            errors.take(event_name(&event, span));
        }
        let properties = || args.values.iter().filter(|value| value.slot == Slot::Property);
        if !args.allow.missing_properties {
            let keys: Vec<&str> = properties().map(|value| value.key.as_str()).collect();
            errors.take(required_properties(&event, span, &keys));
        }
        if !args.allow.property_values {
            for value in properties() {
                if let Some((text, span)) = value.text_literal() {
                    errors.take(property_value(&event, &value.key, &text, span));
                }
            }
        }
    }
    errors.or(())
}

/// Checks how the event is named.
pub(crate) fn event_name(name: &str, span: Span) -> Result<()> {
    if name.is_empty() {
        return Err(Error::new(span, "the event needs a name, such as `invite_sent`"));
    }
    if !is_snake_case(name) {
        let instead = match to_snake_case(name) {
            Some(snake) => format!("write `{}`", plan_name(&snake)),
            None => "use only a-z, 0-9 and single underscores, a letter first".to_owned(),
        };
        return Err(Error::new(
            span,
            format!("an event's name is in snake_case: {instead}{}", unless("event_name")),
        ));
    }
    let planned = plan_name(name);
    if events::meant_by(name).is_some() {
        let message = format!("ThriveStack calls this event `{planned}`: write that{}", unless("event_name"));
        return Err(Error::new(span, message));
    }
    if planned != name {
        let message = format!(
            "an event's name has the object first and then what happened, in the past tense: write `{planned}`{}",
            unless("event_name")
        );
        return Err(Error::new(span, message));
    }
    Ok(())
}

/// Checks that the properties which ThriveStack asks of the event are there.
pub(crate) fn required_properties(event: &str, span: Span, keys: &[&str]) -> Result<()> {
    let Some(standard) = events::standard(event) else { return Ok(()) };
    let required = standard.required.iter().chain(standard.required_unless_eu);
    let missing: Vec<&str> = required.copied().filter(|key| !keys.contains(key)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (noun, pronoun) = if missing.len() == 1 { ("property", "it") } else { ("properties", "them") };
    let message = format!(
        "ThriveStack requires the {noun} {} of every `{event}`: add {pronoun}{}",
        suggest::list(&missing),
        unless("missing_properties")
    );
    Err(Error::new(span, message))
}

/// Checks a literal against the closed list of its property, where there is one.
pub(crate) fn property_value(event: &str, key: &str, literal: &str, span: Span) -> Result<()> {
    let Some(standard) = events::standard(event) else { return Ok(()) };
    let Some(values) = standard.values_of(key) else { return Ok(()) };
    if values.contains(&literal) {
        return Ok(());
    }
    let message = format!(
        "`{literal}` is no documented value of `{key}`: write one of {}{}",
        suggest::list(values),
        unless("property_values")
    );
    Err(Error::new(span, message))
}

/// The name of the plan for a name in snake_case: the standard event that is meant, or the object before the verb.
fn plan_name(snake: &str) -> String {
    match events::meant_by(snake) {
        Some(standard) => standard.to_owned(),
        None => object_first(snake).unwrap_or_else(|| snake.to_owned()),
    }
}

fn unless(check: &str) -> String {
    format!(" (or `allow({check})`)")
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;
    use thrivestack_core::events::{MISNOMERS, STANDARD_EVENTS};

    use super::{event_name, property_value, required_properties};

    fn name_error(name: &str) -> Option<String> {
        event_name(name, Span::call_site()).err().map(|error| error.to_string())
    }

    #[test]
    fn every_standard_name_passes_and_every_misnomer_names_its_event() {
        for event in STANDARD_EVENTS.iter().filter(|event| !event.is_pattern()) {
            assert_eq!(name_error(event.name), None);
        }
        for (name, standard) in MISNOMERS {
            assert!(name_error(name).unwrap().contains(&format!("`{standard}`")), "{name}");
        }
    }

    #[test]
    fn unknown_names_pass() {
        for name in
            ["report_exported", "sso_connection_tested", "build_42_deployed", "onboarding_profile_completed"]
        {
            assert_eq!(name_error(name), None);
        }
    }

    #[test]
    fn wrong_names_say_what_to_write() {
        for (name, instead) in [
            ("Invite Sent", "`invite_sent`"),
            ("SendInvite", "`invite_sent`"),
            ("create-report", "`report_created`"),
            ("delete_report", "`report_deleted`"),
        ] {
            let error = name_error(name).unwrap();
            assert!(error.contains(instead) && error.contains("allow(event_name)"), "{error}");
        }
        assert!(name_error("").is_some());
        assert!(name_error("größe_geändert").unwrap().contains("a-z"));
    }

    #[test]
    fn required_properties_are_asked_for() {
        let span = Span::call_site();
        let error = required_properties("invite_sent", span, &["role"]).unwrap_err().to_string();
        assert!(error.contains("`invitee_email`") && error.contains("allow(missing_properties)"), "{error}");
        assert!(required_properties("invite_sent", span, &["invitee_email"]).is_ok());
        assert!(required_properties("report_exported", span, &[]).is_ok());
    }

    #[test]
    fn literals_are_compared_with_closed_lists() {
        let span = Span::call_site();
        let error = property_value("feature_used", "interface", "apo", span).unwrap_err().to_string();
        assert!(
            error.contains("`api`, `cli`, `agent`") && error.contains("allow(property_values)"),
            "{error}"
        );
        let error =
            property_value("account_added_user", "join_method", "magic", span).unwrap_err().to_string();
        assert!(error.contains("`signup`, `invite`, `sso`, `scim`, `admin`"), "{error}");
        assert!(property_value("feature_used", "interface", "agent", span).is_ok());
        assert!(property_value("feature_used", "plan", "anything", span).is_ok());
        assert!(property_value("report_exported", "interface", "anything", span).is_ok());
    }
}
