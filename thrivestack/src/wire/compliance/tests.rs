use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::wire::documents::{object, object_of_distinct_keys};
use crate::wire::shown;

fn compliant(event: &str) -> String {
    let mut out = Vec::new();
    write_compliant(event.as_bytes(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn hash(address: &str) -> String {
    let mut out = Vec::new();
    write_hash(address, &mut out);
    serde_json::from_slice(&out).unwrap()
}

/// The rules once more, for values that are interpreted.
mod model {
    use super::*;

    pub(super) fn event(event: &Value) -> Value {
        let user = &event["user_id"];
        let is_b2c = !user.is_null() && (event["group_id"] == *user || event["context"]["group_id"] == *user);
        filtered(event, is_b2c, false)
    }

    fn filtered(value: &Value, is_b2c: bool, is_id: bool) -> Value {
        match value {
            Value::String(text) if is_id && personal::is_email_address(text) => json!(hash(text)),
            Value::Array(items) => items.iter().map(|item| filtered(item, is_b2c, is_id)).collect(),
            Value::Object(members) => {
                let sent = members.iter().filter(|(key, value)| !is_removed(key, value, is_b2c));
                let sent = sent.map(|(key, value)| {
                    let is_id = is_id || personal::is_hashed_id(key.as_bytes());
                    (key.clone(), filtered(value, is_b2c, is_id))
                });
                Value::Object(sent.collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }

    fn is_removed(key: &str, value: &Value, is_b2c: bool) -> bool {
        personal::is_removed(key.as_bytes())
            || (personal::is_removed_in_b2c(key.as_bytes()) && (is_b2c || has_address(value)))
    }

    fn has_address(value: &Value) -> bool {
        match value {
            Value::String(text) => personal::is_email_address(text),
            Value::Array(items) => items.iter().any(has_address),
            Value::Object(members) => members.values().any(has_address),
            _ => false,
        }
    }
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("\"u1\"".to_owned()),
        Just("\"ada@example.com\"".to_owned()),
        Just("\" Ada@Example.com\"".to_owned()),
        Just("5".to_owned())
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bytes_are_filtered_as_values_are(
        user in id(),
        group in id(),
        properties in object_of_distinct_keys(),
        context in object_of_distinct_keys(),
    ) {
        let event = format!(
            r#"{{"user_id":{user},"properties":{properties},"context":{{"group_id":{group}, "more":{context}}}}}"#
        );
        let out = compliant(&event);
        let shown = |json: &str| Value::Object(shown::object(json.as_bytes()).unwrap());
        prop_assert_eq!(shown(&out), model::event(&shown(&event)), "{} became {}", event, out);
    }

    #[test]
    fn what_was_filtered_stays_as_it_is(properties in object(), context in object()) {
        let event = format!(r#"{{"user_id":"u1","properties":{properties},"context":{context}}}"#);
        let once = compliant(&event);
        prop_assert_eq!(compliant(&once), once);
    }
}

#[test]
fn the_table_of_the_guide() {
    let ada = hash("ada@example.com");
    for (event, expected) in [
        (
            json!({"user_id": "u1", "traits": {"user_email": "a@b", "user_name": "Ada", "user_role": "admin"}}),
            json!({"user_id": "u1", "traits": {"user_role": "admin"}}),
        ),
        (
            json!({"user_id": "u1", "properties": {"invitee_email": "a@b", "invitee_role": "admin"}}),
            json!({"user_id": "u1", "properties": {"invitee_role": "admin"}}),
        ),
        (
            json!({"user_id": " Ada@Example.COM", "context": {"group_id": "ada@example.com"}}),
            json!({"user_id": ada, "context": {"group_id": ada}}),
        ),
        (
            json!({"user_id": "u1", "group_id": "a1", "traits": {"account_domain": "acme.example", "account_name": "Acme"}}),
            json!({"user_id": "u1", "group_id": "a1", "traits": {"account_domain": "acme.example", "account_name": "Acme"}}),
        ),
        (
            json!({"user_id": "u1", "group_id": "a1", "traits": {"account_domain": "a@b", "account_name": "a@b", "plan": 1}}),
            json!({"user_id": "u1", "group_id": "a1", "traits": {"plan": 1}}),
        ),
        (
            json!({"user_id": "u1", "group_id": "u1", "traits": {"account_domain": "acme.example", "account_name": "Ada"}}),
            json!({"user_id": "u1", "group_id": "u1", "traits": {}}),
        ),
        (
            json!({"user_id": "u1", "properties": {"account_name": "Ada"}, "context": {"group_id": "u1"}}),
            json!({"user_id": "u1", "properties": {}, "context": {"group_id": "u1"}}),
        ),
        (
            json!({"user_id": "u1", "properties": {"account_id": "ada@example.com", "all": [{"user_id": "ada@example.com"}]}}),
            json!({"user_id": "u1", "properties": {"account_id": ada, "all": [{"user_id": ada}]}}),
        ),
        (
            json!({"user_id": 5, "properties": {"text": "ada@example.com", "account_id": "no @ address"}}),
            json!({"user_id": 5, "properties": {"text": "ada@example.com", "account_id": "no @ address"}}),
        ),
        (
            json!({"session_id": "s1", "properties": {"account_name": "Acme"}}),
            json!({"session_id": "s1", "properties": {"account_name": "Acme"}}),
        ),
    ] {
        let out: Value = serde_json::from_str(&compliant(&event.to_string())).unwrap();
        assert_eq!(out, expected, "of {event}");
    }
}

#[test]
fn the_hash_is_the_one_that_everyone_computes() {
    // As `printf ada@example.com | sha256sum` has it.
    assert_eq!(
        hash("\tADA@example.com "),
        "b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72"
    );
}

#[test]
fn a_group_that_is_another_spelling_of_the_user_is_decided_before_hashing() {
    let event = r#"{"user_id":"Ada@b","context":{"group_id":"ada@b","account_name":"Acme"}}"#;
    assert!(compliant(event).contains("Acme"));
}

#[test]
fn what_is_removed_takes_one_comma_along_wherever_it_stands() {
    for (properties, expected) in [
        (r#"{"user_name":1}"#, "{}"),
        (r#"{ "user_name":1 , "a":2 }"#, r#"{"a":2 }"#),
        (r#"{"a":2, "user_name":1}"#, r#"{"a":2}"#),
        (r#"{"a":2, "user_name":1, "b":3}"#, r#"{"a":2, "b":3}"#),
        (r#"{"user_name":1,"user_email":{"user_name":[]},"b":3}"#, r#"{"b":3}"#),
        (r#"{"user_name":1,"b":{"user_name":1,"c":{}},"user_email":2}"#, r#"{"b":{"c":{}}}"#),
        (r#"{"user_\u006eame":1,"b":1e400}"#, r#"{"b":1e400}"#),
        (r#"[{"user_name":1},{"a":[],"user_name":1}]"#, r#"[{},{"a":[]}]"#),
    ] {
        let event = format!(r#"{{"properties":{properties},"context":{{}}}}"#);
        assert_eq!(compliant(&event), format!(r#"{{"properties":{expected},"context":{{}}}}"#));
    }
}

#[test]
fn what_is_no_event_is_an_error() {
    for event in ["", "[]", "1", "{", r#"{"a":1"#, r#"{"a":1}}"#, r#"{"user_name":}"#] {
        assert_eq!(write_compliant(event.as_bytes(), &mut Vec::new()), Err(Malformed), "{event}");
    }
}

#[test]
fn nesting_of_any_depth_is_looked_into() {
    const DEPTH: usize = 100_000;
    let nest = |inner: &str| format!("{}{inner}{}", r#"{"account_name":"#.repeat(DEPTH), "}".repeat(DEPTH));
    let event = format!(r#"{{"user_id":"u","properties":{{"all":[{}]}}}}"#, nest(r#"{"user_name":1,"a":2}"#));
    assert_eq!(compliant(&event), event.replace(r#""user_name":1,"#, ""));
    let event = format!(r#"{{"user_id":"u","properties":{{"all":[{}]}}}}"#, nest("\"a@b\""));
    assert_eq!(compliant(&event), r#"{"user_id":"u","properties":{"all":[{}]}}"#);
}
