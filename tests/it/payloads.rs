//! What is sent equals what ThriveStack documents.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use thrivestack::Config;

use thrivestack_tests::Scripted;
use thrivestack_tests::{LONG, start, start_with};

fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_785_585_600)
}

fn without_ids(config: Config) -> Config {
    config.message_ids(false)
}

#[test]
fn the_four_calls_have_the_documented_shape() {
    let local = start_with(without_ids);
    let client = &local.client;
    client
        .identify("u1")
        .with("user_email", "ada@example.com")
        .with("user_name", "Ada")
        .group_id("a1")
        .timestamp(noon())
        .send();
    client
        .group("a1")
        .user_id("u1")
        .group_type("Account")
        .with("account_name", "Acme")
        .with("plan_name", None::<&str>)
        .timestamp(noon())
        .send();
    client
        .track("invite_sent")
        .user_id("u1")
        .group_id("a1")
        .session_id("s1")
        .device_id("d1")
        .with("invitee_email", "bob@example.com")
        .with("seats", 3)
        .context("browser", "Firefox")
        .timestamp(noon() + Duration::from_nanos(7_999_999))
        .send();
    client.page("Homepage").user_id("u1").with("page_url", "https://example.com/").timestamp(noon()).send();

    let objects: Vec<Value> = local.calls().iter().map(|call| call.object().clone()).collect();
    assert_eq!(
        objects,
        [
            json!({
                "user_id": "u1",
                "traits": {"user_email": "ada@example.com", "user_name": "Ada"},
                "context": {"group_id": "a1", "source": "product"},
                "timestamp": "2026-08-01T12:00:00.000Z",
            }),
            json!({
                "group_id": "a1",
                "user_id": "u1",
                "traits": {"group_type": "Account", "account_name": "Acme"},
                "context": {"group_id": "a1", "group_type": "Account", "source": "product"},
                "timestamp": "2026-08-01T12:00:00.000Z",
            }),
            json!({
                "event_name": "invite_sent",
                "user_id": "u1",
                "properties": {"invitee_email": "bob@example.com", "seats": 3},
                "context": {
                    "group_id": "a1", "device_id": "d1", "session_id": "s1", "source": "product", "browser": "Firefox",
                },
                "timestamp": "2026-08-01T12:00:00.007Z",
            }),
            json!({
                "user_id": "u1",
                "properties": {"page_name": "Homepage", "page_url": "https://example.com/"},
                "context": {"source": "product"},
                "timestamp": "2026-08-01T12:00:00.000Z",
            }),
        ]
    );
}

#[test]
fn a_page_has_one_of_user_and_session_at_the_top() {
    let local = start_with(without_ids);
    local.client.page("Pricing").session_id("s1").source("marketing").timestamp(noon()).send();
    local.client.page("Pricing").session_id("s1").user_id("u1").timestamp(noon()).send();
    let calls = local.calls();
    assert_eq!(
        [calls[0].object(), calls[1].object()],
        [
            &json!({
                "session_id": "s1",
                "properties": {"page_name": "Pricing"},
                "context": {"source": "marketing"},
                "timestamp": "2026-08-01T12:00:00.000Z",
            }),
            &json!({
                "user_id": "u1",
                "properties": {"page_name": "Pricing"},
                "context": {"session_id": "s1", "source": "product"},
                "timestamp": "2026-08-01T12:00:00.000Z",
            }),
        ]
    );
}

#[test]
fn a_request_is_a_json_array_under_the_key_byte_for_byte() {
    let key = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83+/Wd/Ztg=";
    let server = Scripted::start([]);
    let config = Config::new(key).endpoint(server.endpoint());
    let client = thrivestack::Client::new(config).unwrap();
    client.track("signed_in").user_id(1).group_id(2).send();
    assert!(client.flush(LONG));
    let request = &server.requests()[0];
    assert!(request.head.starts_with("POST /api/track HTTP/1.1\r\n"), "{}", request.head);
    assert_eq!(request.head.matches("x-api-key").count(), 1);
    assert_eq!(request.header("x-api-key"), Some(key));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("referer"), None);
    assert_eq!(request.header("accept-encoding"), None);
    assert_eq!(request.events().len(), 1);
}

#[test]
fn an_event_without_a_timestamp_has_that_of_its_capture() {
    let local = start();
    let before = SystemTime::now() - Duration::from_millis(1);
    local.client.track("signed_in").user_id(1).group_id(2).send();
    let after = SystemTime::now();
    let call = local.only_call();
    let timestamp = call.timestamp().unwrap();
    assert_eq!((timestamp.len(), &timestamp[19..20], &timestamp[23..]), (24, ".", "Z"), "{timestamp}");
    let text = |time| humantime::format_rfc3339_millis(time).to_string();
    assert!(text(before).as_str() <= timestamp && timestamp <= text(after).as_str(), "{timestamp}");
}

#[test]
fn every_event_has_a_message_id_of_its_own() {
    let local = start();
    for _ in 0..100 {
        local.client.track("signed_in").user_id(1).group_id(2).send();
    }
    let ids: std::collections::BTreeSet<String> = local
        .calls()
        .iter()
        .map(|call| call.context("message_id").unwrap().as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 100);
}

#[test]
fn explicit_beats_default_and_the_last_value_of_a_key_wins() {
    let local = start_with(|config| {
        config
            .message_ids(false)
            .source("marketing")
            .context("environment", "production")
            .context("app_version", "1.2.3")
            .context("region", None::<&str>)
    });
    local
        .client
        .track("feature_used")
        .user_id("replaced")
        .user_id("u1")
        .with("feature_name", "replaced")
        .with("feature_name", "report_exported")
        .with("feature_type", "core")
        .with("feature_type", None::<&str>)
        .context("app_version", "replaced")
        .context("app_version", "2.0.0")
        .send();
    let call = local.only_call();
    assert_eq!(call.user_id(), Some("u1"));
    assert_eq!(call.object()["properties"], json!({"feature_name": "report_exported"}));
    assert_eq!(
        call.object()["context"],
        json!({"source": "marketing", "app_version": "2.0.0", "environment": "production"})
    );
}

#[test]
fn ids_are_whatever_displays_and_an_empty_one_is_missing() {
    let local = start();
    let client = &local.client;
    client.track("signed_out").user_id(17_u64).group_id('g').send();
    client.track("signed_out").user_id("\"quoted\"\n").maybe_group_id(Some(3)).send();
    client.track("signed_out").maybe_user_id(Some("u")).group_id("").send();
    client.track("signed_out").user_id("u").group_id("g").maybe_group_id(None::<u8>).send();
    let calls = local.calls();
    let ids: Vec<_> = calls.iter().map(|call| (call.user_id().unwrap(), call.group_id())).collect();
    assert_eq!(ids, [("17", Some("g")), ("\"quoted\"\n", Some("3")), ("u", None), ("u", None)]);
}

#[test]
fn values_of_every_kind_arrive_and_nulls_are_left_out() {
    #[derive(serde::Serialize)]
    struct Nested {
        list: Vec<u8>,
        unit: (),
    }
    let local = start();
    local
        .client
        .track("report_created")
        .user_id(1)
        .with("text", "tab\t \"quote\" \u{1F980} \u{0}")
        .with("number", u64::MAX)
        .with("float", 0.1)
        .with("yes", true)
        .with("nested", Nested { list: vec![1, 2], unit: () })
        .with("map", BTreeMap::from([("a", 1)]))
        .with("nothing", ())
        .with("not_a_number", f64::NAN)
        .with("endless", f64::INFINITY)
        .send();
    assert_eq!(
        local.only_call().object()["properties"],
        json!({
            "text": "tab\t \"quote\" \u{1F980} \u{0}",
            "number": u64::MAX,
            "float": 0.1,
            "yes": true,
            "nested": {"list": [1, 2], "unit": null},
            "map": {"a": 1},
        })
    );
}

#[test]
fn a_value_that_cannot_be_serialized_is_left_out_and_counted() {
    let local = start();
    let no_json = BTreeMap::from([((1, 2), 3)]);
    local.client.track("report_created").user_id(1).with("kept", 1).with("lost", no_json).send();
    assert_eq!(local.only_call().object()["properties"], json!({"kept": 1}));
    assert_eq!(local.client.stats().left_out(), 1);
}

#[test]
fn ten_thousand_keys_are_one_event_with_the_last_value_of_each() {
    let local = start();
    let mut call = local.client.track("report_created").user_id(1);
    for round in 0..2 {
        for key in 0..10_000 {
            call = call.with(format!("key_{key}"), round);
        }
    }
    call.send();
    let properties = local.only_call().object()["properties"].as_object().unwrap().clone();
    assert_eq!(properties.len(), 10_000);
    assert!(properties.values().all(|value| *value == json!(1)));
}

#[test]
fn eu_compliance_strips_the_email_and_the_name_of_a_user_wherever_they_are() {
    let local = start_with(|config| config.eu_compliance(true).context("user_email", "ada@example.com"));
    let client = &local.client;
    client
        .identify("u1")
        .with("user_email", "ada@example.com")
        .with("user_name", "Ada")
        .with("role", "admin")
        .send();
    client
        .track("signed_in")
        .user_id("u1")
        .with("user_email", "ada@example.com")
        .context("user_name", "Ada")
        .send();
    let calls = local.calls();
    assert_eq!(calls[0].object()["traits"], json!({"role": "admin"}));
    let everything: String = calls.iter().map(|call| call.object().to_string()).collect();
    assert!(!everything.contains("ada@example.com") && !everything.contains("Ada"), "{everything}");
}
