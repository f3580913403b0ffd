//! Hints: things that ThriveStack's newest guides advise differently about a call that may be right as it is.

use serde_json::Value;
use thrivestack_core::{events, features, names, onboarding, personal, rules};

use crate::ingest::Endpoint;
use crate::record::{LocalCall, cut};
use crate::remark::Remark;

/// The most bytes of a name that a hint quotes.
const MAX_QUOTED: usize = 200;

/// Returns the hints about a call that need no other call to be seen.
pub(crate) fn hints(call: &LocalCall) -> Vec<Remark> {
    let mut hints = Vec::new();
    if let Some(name) = call.event() {
        hints.extend(onboarding_step(call, name).or_else(|| event_name(name)));
        hints.extend(feature_name(call, name));
        hints.extend(account_of_a_consumer(call, name));
    }
    hints.extend(nulls(call));
    hints.extend(user_id(call));
    hints.extend(group_id(call));
    hints
}

/// Returns true if the user is the account, as in a product without accounts.
pub(crate) fn is_b2c(call: &LocalCall) -> bool {
    call.user_id().is_some() && call.user_id() == call.group_id()
}

fn onboarding_step(call: &LocalCall, name: &str) -> Option<Remark> {
    let text = if name == onboarding::OLDER_STEP_COMPLETED {
        let step = call.property("step_name").and_then(Value::as_str);
        let step = step.and_then(|step| names::to_snake_case(cut(step, MAX_QUOTED)));
        let step = step.as_deref().unwrap_or("team_invited");
        format!(
            "`{name}` is the older name: write the step into the name, such as `onboarding_{step}_completed`"
        )
    } else if onboarding::is_vague(name) {
        format!(
            "`{name}` does not say which step was completed: write the step into the name, such as \
             `onboarding_team_invited_completed`"
        )
    } else {
        format!("ThriveStack writes it `{}`, and does not count `{name}`", onboarding::documented_form(name)?)
    };
    Some(Remark::new(&rules::ONBOARDING_STEP, text))
}

/// A name that means another event is worth a warning, and is not mentioned again.
fn event_name(name: &str) -> Option<Remark> {
    if events::standard(name).or(events::meant_by(name).and_then(events::standard)).is_some()
        || events::near(name).is_some()
    {
        return None;
    }
    let instead = if names::is_snake_case(name) {
        names::object_first(name)?
    } else {
        names::to_snake_case(name).unwrap_or_else(|| "object_verbed".to_owned())
    };
    let text = format!(
        "`{name}` is not an object and a verb in the past tense, in snake_case: write it like `{instead}`"
    );
    Some(Remark::new(&rules::EVENT_NAME, text))
}

fn feature_name(call: &LocalCall, name: &str) -> Option<Remark> {
    let feature = call.property("feature_name")?.as_str()?;
    let has_interface = call.property("interface").is_some_and(|interface| !interface.is_null());
    if name != "feature_used" || has_interface || features::is_well_named(feature) {
        return None;
    }
    let feature = cut(feature, MAX_QUOTED);
    let instead = features::suggestion(feature).unwrap_or_else(|| "report_exported".to_owned());
    let text = format!(
        "`feature_name` is `{feature}`, and is the noun and then the verb in the past tense, like `{instead}`"
    );
    Some(Remark::new(&rules::FEATURE_NAME, text))
}

fn account_of_a_consumer(call: &LocalCall, name: &str) -> Option<Remark> {
    (name == "account_created" && is_b2c(call)).then(|| {
        Remark::new(
            &rules::B2C,
            "the account is the user, and a product without accounts has no `account_created`",
        )
    })
}

fn nulls(call: &LocalCall) -> Option<Remark> {
    let payload = call.object().get(call.endpoint().payload_field())?.as_object()?;
    let mut nulls = payload.iter().filter(|(key, value)| value.is_null() && !key.starts_with("utm_"));
    let (key, _) = nulls.next()?;
    let others = match nulls.count() {
        0 => String::new(),
        count => format!(" and in {count} more"),
    };
    let text = format!("null in `{}`{others}: leave out what is not available", cut(key, MAX_QUOTED));
    Some(Remark::new(&rules::LEFT_OUT, text))
}

fn user_id(call: &LocalCall) -> Option<Remark> {
    call.user_id().filter(|id| personal::is_email_address(id)).map(|_| {
        let text =
            "`user_id` is an e-mail address, which may change: use another id if there is a stable one";
        Remark::new(&rules::STABLE_USER_ID, text)
    })
}

fn group_id(call: &LocalCall) -> Option<Remark> {
    let id = call.group_id().filter(|_| !is_b2c(call))?;
    let is_value = |key| call.property(key).and_then(Value::as_str) == Some(id);
    let what = if personal::is_email_address(id) {
        "an e-mail address"
    } else if is_value("account_name") {
        "the account's name"
    } else if is_value("account_domain") || looks_like_a_domain(id) {
        "a domain"
    } else if id.contains(char::is_whitespace) {
        "a name"
    } else {
        return None;
    };
    let field = if call.endpoint() == Endpoint::Group { "group_id" } else { "context.group_id" };
    let text = format!("`{field}` reads like {what}: use the id that your database has for the account");
    Some(Remark::new(&rules::STABLE_GROUP_ID, text))
}

fn looks_like_a_domain(id: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    id.rsplit_once('.').is_some_and(|(rest, last)| {
        last.len() > 1 && last.bytes().all(|byte| byte.is_ascii_alphabetic()) && rest.split('.').all(is_label)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::record::call_of;

    fn rules_of(endpoint: Endpoint, object: Value) -> Vec<&'static str> {
        hints(&call_of(1, endpoint, object)).iter().map(|hint| hint.rule.id).collect()
    }

    fn track(name: &str, properties: &Value) -> Value {
        json!({"event_name": name, "user_id": "u", "context": {"group_id": "g"}, "properties": properties})
    }

    #[test]
    fn names_that_the_newest_guides_would_have_differently() {
        let table: [(&str, Value, &[&str]); 15] = [
            ("onboarding_step_completed", json!({"step_name": "Team invited"}), &["onboarding_step"]),
            ("onboarding_completed", json!({}), &["onboarding_step"]),
            ("step_1", json!({}), &["onboarding_step"]),
            ("onboarding_step_payment_completed", json!({}), &["onboarding_step"]),
            ("onboarding_payment_completed", json!({}), &[]),
            ("Invite Sent", json!({}), &["event_name"]),
            ("send_report", json!({}), &["event_name"]),
            ("report_exported", json!({}), &[]),
            // These are warned of.
            ("signup", json!({}), &[]),
            ("send_invite", json!({}), &[]),
            ("feature_usd", json!({}), &[]),
            ("feature_used", json!({"feature_name": "export_report"}), &["feature_name"]),
            ("feature_used", json!({"feature_name": "orders", "interface": "api"}), &[]),
            ("feature_used", json!({"feature_name": "report_exported"}), &[]),
            (
                "feature_used",
                json!({"feature_name": "report_exported", "plan": null, "utm_term": null}),
                &["left_out"],
            ),
        ];
        for (name, properties, expected) in table {
            assert_eq!(rules_of(Endpoint::Track, track(name, &properties)), expected, "{name}");
        }
        let older = call_of(
            1,
            Endpoint::Track,
            track("onboarding_step_completed", &json!({"step_name": "Team invited"})),
        );
        assert!(hints(&older)[0].to_string().contains("`onboarding_team_invited_completed`"));
    }

    #[test]
    fn ids_that_are_not_stable() {
        let group = |user: &str, id: &str, traits: Value| {
            rules_of(Endpoint::Group, json!({"user_id": user, "group_id": id, "traits": traits}))
        };
        assert_eq!(group("ada@example.com", "acc_1", json!({})), ["stable_user_id"]);
        for (id, traits) in [
            ("acme.example", json!({})),
            ("ops@acme.example", json!({})),
            ("Acme Inc", json!({})),
            ("Acme", json!({"account_name": "Acme"})),
        ] {
            assert_eq!(group("u", id, traits), ["stable_group_id"], "{id}");
        }
        for id in ["acc_1", "67e55044-10b1-426f-9247-bb680e5fe0c8", "42", "v1.2", "Acme"] {
            assert_eq!(group("u", id, json!({"account_name": "Acme Inc"})), [""; 0], "{id}");
        }
    }

    #[test]
    fn a_user_who_is_the_account() {
        let created = |group: &str| {
            let context = json!({"group_id": group});
            let object = json!({"event_name": "account_created", "user_id": "u", "context": context});
            rules_of(Endpoint::Track, object)
        };
        assert_eq!(created("u"), ["b2c"]);
        assert_eq!(created("a"), [""; 0]);
    }
}
