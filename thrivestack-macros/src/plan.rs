//! ThriveStack's standard events and the names that are mistaken for them, as its documentation lists them.
//!
//! Unknown events and properties pass everywhere: no build may break because this table is older than the plan.

/// An event with a documented meaning.
pub(crate) struct StandardEvent {
    pub(crate) name: &'static str,
    /// The properties that every such event carries, whoever the user is.
    pub(crate) required: &'static [&'static str],
    /// The properties with a closed list of values.
    pub(crate) values: &'static [(&'static str, &'static [&'static str])],
}

/// The standard event of that name.
pub(crate) fn standard(name: &str) -> Option<&'static StandardEvent> {
    STANDARD_EVENTS.iter().find(|event| event.name == name)
}

/// The standard event that a name in common use stands for.
pub(crate) fn meant_by(misnomer: &str) -> Option<&'static str> {
    MISNAMED.iter().find(|(name, _)| *name == misnomer).map(|(_, standard)| *standard)
}

const fn event(name: &'static str, required: &'static [&'static str]) -> StandardEvent {
    StandardEvent { name, required, values: &[] }
}

pub(crate) const STANDARD_EVENTS: &[StandardEvent] = &[
    event("signed_up", &[]),
    event("signed_in", &[]),
    event("signed_out", &[]),
    event("account_created", &["account_name"]),
    StandardEvent {
        name: "account_added_user",
        required: &[],
        values: &[("join_method", &["signup", "invite", "sso", "scim", "admin"])],
    },
    event("account_removed_user", &[]),
    event("account_deleted", &[]),
    StandardEvent {
        name: "feature_used",
        required: &["feature_name"],
        values: &[
            ("feature_type", &["core", "sticky", "support", "secondary", "add-on"]),
            ("interface", &["api", "cli", "agent"]),
        ],
    },
    event("invite_sent", &["invitee_email"]),
    event("onboarding_step_completed", &["step_name"]),
    event("profile_completed", &[]),
    event("page_visit", &["page_url"]),
    event("trial_started", &["trial_plan_name"]),
    event("trial_ended", &["trial_plan_name"]),
    event("user_waitlisted", &[]),
    event("tenant_waitlisted", &[]),
];

pub(crate) const MISNAMED: &[(&str, &str)] = &[
    ("signup", "signed_up"),
    ("sign_up", "signed_up"),
    ("user_signup_event", "signed_up"),
    ("login", "signed_in"),
    ("logged_in", "signed_in"),
    ("sign_in", "signed_in"),
    ("logout", "signed_out"),
    ("logged_out", "signed_out"),
    ("sign_out", "signed_out"),
    ("create_account", "account_created"),
    ("new_account", "account_created"),
    ("user_added_to_account", "account_added_user"),
    ("send_invite", "invite_sent"),
    ("invitation", "invite_sent"),
    ("use_feature", "feature_used"),
    ("page_view", "page_visit"),
    ("page_viewed", "page_visit"),
    ("profile_done", "profile_completed"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::{MISNAMED, STANDARD_EVENTS};

    fn documented() -> Value {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../thrivestack-local/src/ingest/standard-events.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    fn texts(list: &Value) -> Vec<&str> {
        list.as_array()
            .map(|list| list.iter().map(|text| text.as_str().unwrap()).collect())
            .unwrap_or_default()
    }

    #[test]
    fn the_table_holds_what_is_documented() {
        let documented = documented();
        let events = documented["events"].as_object().unwrap();
        assert_eq!(STANDARD_EVENTS.len(), events.len());
        for event in STANDARD_EVENTS {
            let facts = &events[event.name];
            assert_eq!(event.required, texts(&facts["required"]), "required by {}", event.name);
            let values: BTreeMap<_, _> =
                event.values.iter().map(|(key, list)| (*key, list.to_vec())).collect();
            let expected: BTreeMap<_, _> = facts["values"]
                .as_object()
                .map(|lists| lists.iter().map(|(key, list)| (key.as_str(), texts(list))).collect())
                .unwrap_or_default();
            assert_eq!(values, expected, "values of {}", event.name);
        }
        let misnamed: BTreeMap<_, _> = MISNAMED.iter().copied().collect();
        let expected: BTreeMap<_, _> = documented["misnamed"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, standard)| (name.as_str(), standard.as_str().unwrap()))
            .collect();
        assert_eq!(misnamed, expected);
    }
}
