//! Tests of the warnings, and of their absence.

use serde_json::json;

use super::*;
use crate::ingest::check;

const TIME: &str = "2026-01-31T12:00:00.000Z";

fn texts(endpoint: Endpoint, objects: Vec<Value>) -> Vec<String> {
    summary(check(endpoint, objects, false).unwrap().iter().flat_map(|checked| &checked.warnings))
}

/// A track call that is complete but for what `properties` lack.
fn track(name: &str, properties: &Value) -> Value {
    let context = json!({"group_id": "g", "source": "product"});
    json!({"event_name": name, "user_id": "u", "properties": properties, "context": context,
           "timestamp": TIME})
}

#[test]
fn a_complete_call_is_not_warned_of() {
    let context = json!({"group_id": "g", "group_type": "Team", "source": "product"});
    let feature =
        json!({"feature_name": "f", "feature_type": "core", "interface": "api", "user_role": "admin"});
    let utm = json!({"utm_source": null, "utm_medium": null, "utm_campaign": "c", "utm_term": "t"});
    let table = [
        (Endpoint::Identify, json!({"user_id": "u", "context": {"source": "product"}, "timestamp": TIME})),
        (
            Endpoint::Group,
            json!({"user_id": "u", "group_id": "g", "traits": {"group_type": "Team"}, "context": context,
                   "timestamp": TIME}),
        ),
        (Endpoint::Page, json!({"session_id": "s", "context": {"source": "marketing"}, "timestamp": TIME})),
        (Endpoint::Track, track("feature_used", &feature)),
        (Endpoint::Track, track("signed_up", &utm)),
        (Endpoint::Track, track("report_exported", &Value::Null)),
        (Endpoint::Track, track("onboarding_team_invited_completed", &json!({}))),
        // What is only recommended may not be available.
        (Endpoint::Track, track("feature_used", &json!({"feature_name": "report_exported"}))),
        (Endpoint::Track, track("signed_in", &json!({}))),
        (Endpoint::Track, track("onboarding_step_completed", &json!({"step_name": "team_invited"}))),
        (
            Endpoint::Group,
            json!({"user_id": "u", "group_id": "g", "traits": {"group_type": "Region"}, "timestamp": TIME,
                   "context": {"group_id": "g", "group_type": "Region", "source": "product"}}),
        ),
    ];
    for (endpoint, object) in table {
        assert_eq!(texts(endpoint, vec![object.clone()]), [""; 0], "{object}");
    }
}

#[test]
fn what_a_track_call_lacks() {
    let table = [
        (
            track("feature_used", &json!({"feature_type": "core", "interface": "api", "user_role": "r"})),
            vec!["property `feature_name` is missing on `feature_used`: reports on `feature_used` need it"],
        ),
        (
            track("invite_sent", &json!({"invitee_email": null})),
            vec![
                "property `invitee_email` is missing on `invite_sent`: reports on `invite_sent` need it (rule `required_properties`)",
            ],
        ),
        (
            track("feature_usd", &json!({})),
            vec!["event `feature_usd` is one letter away from `feature_used`"],
        ),
        (
            track(
                "feature_used",
                &json!({"feature_name": "f", "feature_type": "Core", "interface": 7, "user_role": 1}),
            ),
            vec![
                "property `feature_type` is \"Core\" on `feature_used` and should be one of `core`, \
                 `sticky`",
                "property `interface` is 7 on `feature_used` and should be one of `api`, `cli`, `agent`",
            ],
        ),
        (
            track("login", &json!({"user_role": "r"})),
            vec!["event `login` is called `signed_in`: reports on `signed_in`"],
        ),
        (
            json!({"event_name": "signup", "user_id": "u", "timestamp": TIME,
                   "context": {"source": "product"}, "properties":
                   {"utm_source": 1, "utm_medium": 1, "utm_campaign": 1, "utm_term": 1}}),
            vec!["event `signup` is called `signed_up`"],
        ),
        (
            json!({"event_name": "signed_up", "user_id": "u", "properties":
                   {"utm_source": 1, "utm_medium": 1, "utm_campaign": 1, "utm_term": 1}}),
            vec!["`context.source` is missing on `signed_up`", "`timestamp` is missing on `signed_up`"],
        ),
        (
            json!({"event_name": "report_exported", "user_id": 42, "timestamp": TIME,
                   "context": {"group_id": "", "source": ""}}),
            vec![
                "`context.group_id` is missing on `report_exported`: reports on accounts",
                "`context.source` is missing on `report_exported`",
                "`user_id` is a number on `report_exported`",
            ],
        ),
    ];
    for (object, expected) in table {
        let texts = texts(Endpoint::Track, vec![object]);
        assert_eq!(texts.len(), expected.len(), "{texts:?}");
        for (text, expected) in texts.iter().zip(expected) {
            assert!(text.starts_with(expected), "{text}");
        }
    }
}

#[test]
fn a_group_call_and_its_context() {
    let table = [
        (
            json!({"source": "product"}),
            ["`context.group_id` is missing on", "`context.group_type` is missing on"],
        ),
        (
            json!({"source": "product", "group_id": "h", "group_type": "Account"}),
            [
                "`context.group_id` differs from `group_id`",
                "`context.group_type` differs from `traits.group_type`",
            ],
        ),
    ];
    for (context, expected) in table {
        let object = json!({"user_id": "u", "group_id": "g", "traits": {"group_type": "Team"},
                            "context": context, "timestamp": TIME});
        let texts = texts(Endpoint::Group, vec![object]);
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert!(texts.iter().zip(expected).all(|(text, expected)| text.starts_with(expected)), "{texts:?}");
    }
}

#[test]
fn a_request_warns_once_of_an_event_and_property() {
    let feature = |kind: &str| {
        track(
            "feature_used",
            &json!({"feature_name": "f", "feature_type": kind, "interface": "api", "user_role": "r"}),
        )
    };
    let objects = vec![feature("a"), feature("b"), track("login", &json!({})), track("logout", &json!({}))];
    let checked = check(Endpoint::Track, objects, false).unwrap();
    assert!(checked.iter().all(|checked| checked.warnings.len() == 1));
    let texts = summary(checked.iter().flat_map(|checked| &checked.warnings));
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert!(texts[0].contains("is \"a\" on `feature_used`"), "{texts:?}");
    assert!(texts[1].contains("called `signed_in`") && texts[2].contains("called `signed_out`"), "{texts:?}");
}

#[test]
fn a_group_type_that_looks_misspelled() {
    for (written, meant) in [("Acount", "Account"), ("workspace", "Workspace")] {
        let object = json!({"user_id": "u", "group_id": "g", "traits": {"group_type": written}, "timestamp": TIME,
                            "context": {"source": "product", "group_id": "g", "group_type": written}});
        let texts = texts(Endpoint::Group, vec![object]);
        assert_eq!(texts.len(), 1, "{texts:?}");
        assert!(
            texts[0].contains(&format!("write `{meant}`")) && texts[0].ends_with("(rule `group_type`)"),
            "{texts:?}"
        );
    }
}

#[test]
fn what_eu_compliance_removes_is_not_missing_and_what_it_would_have_removed_is_noticed() {
    let warned = |object: Value| {
        let checked = check(Endpoint::Track, vec![object], true).unwrap();
        summary(checked.iter().flat_map(|checked| &checked.warnings))
    };
    assert_eq!(warned(track("invite_sent", &json!({}))), [""; 0]);
    let mut consumers = track("account_created", &json!({}));
    consumers["user_id"] = json!("g");
    assert_eq!(warned(consumers), [""; 0]);
    assert_eq!(warned(track("account_created", &json!({}))).len(), 1, "the name of a company is kept");

    for properties in [
        json!({"user_email": "ada@example.com"}),
        json!({"people": [{"user_name": "Ada"}]}),
        json!({"invitee_email": "grace@example.com"}),
        json!({"account_domain": "ada@example.com"}),
    ] {
        let warnings = warned(track("report_exported", &properties));
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].ends_with("(rule `eu_compliance`)"), "{warnings:?}");
    }
    for properties in
        [json!({"account_domain": "example.com", "account_name": "Acme"}), json!({"user_email": null})]
    {
        assert_eq!(warned(track("report_exported", &properties)), [""; 0]);
    }
    let mut by_address = track("report_exported", &json!({}));
    by_address["user_id"] = json!("ada@example.com");
    assert_eq!(warned(by_address).len(), 1);
}
