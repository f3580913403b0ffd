//! The checks against ThriveStack's rules, shared by the macros: what is wrong, and what to write instead.

use proc_macro2::Span;
use syn::{Error, Result};
use thrivestack_core::names::{is_snake_case, object_first, to_snake_case};
use thrivestack_core::rules::{self, Rule};
use thrivestack_core::{events, features, group_types, onboarding};

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
            let has_interface = properties().any(|value| value.key == "interface");
            for value in properties() {
                let Some((text, span)) = value.text_literal() else { continue };
                errors.take(property_value(&event, &value.key, &text, span));
                if event == "feature_used" && value.key == "feature_name" && !has_interface {
                    errors.take(feature_name(&text, span));
                }
            }
        }
    }
    if !args.allow.group_type {
        let in_context = args.values.iter().filter(|value| value.slot == Slot::Context);
        for value in in_context.filter(|value| value.key == "group_type") {
            if let Some((text, span)) = value.text_literal() {
                errors.take(group_type(&text, span));
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
    let error = |message: &str, rule| Err(Error::new(span, format!("{message} {}", unless(rule))));
    if !is_snake_case(name) {
        let instead = match to_snake_case(name) {
            Some(snake) => format!("write `{}`", plan_name(&snake)),
            None => "use only a-z, 0-9 and single underscores, a letter first".to_owned(),
        };
        return error(&format!("an event's name is in snake_case: {instead}"), &rules::EVENT_NAME);
    }
    let planned = plan_name(name);
    if events::meant_by(name).is_some() {
        return error(&format!("ThriveStack calls this event `{planned}`: write that"), &rules::EVENT_NAME);
    }
    if let Some(near) = events::near(name) {
        let message =
            format!("did you mean ThriveStack's event `{near}`? `{name}` is one letter away from it");
        return error(&message, &rules::EVENT_NAME);
    }
    if onboarding::is_vague(name) {
        let message = format!(
            "`{name}` does not say which step of the onboarding was completed: write the step into the name, such as \
             `onboarding_invited_team_member_completed`"
        );
        return error(&message, &rules::ONBOARDING_STEP);
    }
    if planned != name {
        let message = format!(
            "an event's name has the object first and then what happened, in the past tense: write `{planned}`"
        );
        return error(&message, &rules::EVENT_NAME);
    }
    Ok(())
}

/// Checks how the feature of a `feature_used` event is named.
fn feature_name(name: &str, span: Span) -> Result<()> {
    if features::is_well_named(name) {
        return Ok(());
    }
    let instead = match features::suggestion(name) {
        Some(suggestion) => format!("write `{suggestion}`"),
        None => "write it like `report_exported`".to_owned(),
    };
    let message = format!(
        "a feature is named by its noun and then by the verb in the past tense: {instead}. Where the product is used by API, \
         command line or agent, give `interface`, and the name is free {}",
        unless(&rules::FEATURE_NAME)
    );
    Err(Error::new(span, message))
}

/// Checks a group's type against the documented ones. Others are allowed, unless they look misspelled.
pub(crate) fn group_type(name: &str, span: Span) -> Result<()> {
    let Some(meant) = group_types::meant_by(name) else { return Ok(()) };
    let message = if meant.eq_ignore_ascii_case(name) {
        format!("ThriveStack writes it `{meant}` {}", unless(&rules::GROUP_TYPE))
    } else {
        format!(
            "did you mean the group type `{meant}`? `{name}` is one letter away from it {}",
            unless(&rules::GROUP_TYPE)
        )
    };
    Err(Error::new(span, message))
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
        "ThriveStack requires the {noun} {} of every `{event}`: add {pronoun} {}",
        suggest::list(&missing),
        unless(&rules::REQUIRED_PROPERTIES)
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
        "`{literal}` is no documented value of `{key}`: write one of {} {}",
        suggest::list(values),
        unless(&rules::PROPERTY_VALUES)
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

/// Names the rule, and the word that switches it off.
fn unless(rule: &Rule) -> String {
    match rule.allowed_by() {
        Some(word) => format!("(rule `{}`, or `allow({word})`)", rule.id),
        None => format!("(rule `{}`)", rule.id),
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;
    use thrivestack_core::events::{MISNOMERS, STANDARD_EVENTS};

    use super::{event_name, feature_name, group_type, property_value, required_properties};

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
    fn a_name_one_edit_from_a_standard_event_is_asked_about() {
        for (name, meant) in [
            ("feature_usd", "feature_used"),
            ("feature_usedd", "feature_used"),
            ("signedup", "signed_up"),
            ("signed_un", "signed_up"),
            ("acount_created", "account_created"),
            ("onboarding_steps_complete", ""),
            ("report_exported", ""),
        ] {
            let error = name_error(name).unwrap_or_default();
            assert_eq!(
                error.starts_with(&format!("did you mean ThriveStack's event `{meant}`")),
                !meant.is_empty(),
                "{error}"
            );
        }
    }

    #[test]
    fn a_step_of_the_onboarding_is_in_the_name() {
        for name in ["onboarding_step_completed", "onboarding_team_invited_completed", "onboarding_started"] {
            assert_eq!(name_error(name), None);
        }
        for name in ["step_1", "onboarding_completed", "onboarding_step_2_completed", "onboarding_complete"] {
            let error = name_error(name).unwrap();
            assert!(
                error.contains("which step") && error.contains("`onboarding_step`, or `allow(event_name)`"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_feature_is_named_by_noun_and_past_tense() {
        let span = Span::call_site();
        assert!(feature_name("report_exported", span).is_ok());
        for (name, instead) in
            [("export_report", "`report_exported`"), ("dashboard", "like `report_exported`")]
        {
            let error = feature_name(name, span).unwrap_err().to_string();
            assert!(error.contains(instead) && error.contains("allow(property_values)"), "{error}");
        }
    }

    #[test]
    fn a_group_type_of_ones_own_passes_and_a_misspelled_one_is_asked_about() {
        let span = Span::call_site();
        for good in ["Account", "BU", "Region", "Department"] {
            assert!(group_type(good, span).is_ok(), "{good}");
        }
        for (bad, words) in
            [("Acount", "did you mean the group type `Account`"), ("team", "writes it `Team`")]
        {
            let error = group_type(bad, span).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains("allow(group_type)"), "{error}");
        }
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
