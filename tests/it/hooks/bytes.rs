//! Bytes that a hook does not touch are sent as they were.

use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use serde_json::json;
use serde_json::value::RawValue;
use thrivestack::{Client, Config, Decision, DropReason, Payload};
use thrivestack_tests::{LONG, Reply, Scripted};

/// Values that serde_json's `Value` does not hold as they are.
fn hostile() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<f64>()
            .prop_filter("JSON has no others", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
        any::<u128>().prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,4})?",
        "\"([a-z]|\\\\ud83d|\\\\u[0-9a-f]{4}){0,6}\"",
        Just("1e400".to_owned()),
        Just("-0.0".to_owned()),
        Just(format!("{}{}", "[".repeat(200), "]".repeat(200))),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[ {}]", items.join(" ,"))),
            prop::collection::vec(("\"[a-c]\"", inner), 0..4).prop_map(|members| {
                let members: Vec<_> = members.iter().map(|(key, value)| format!("{key} :{value}")).collect();
                format!("{{{}}}", members.join(", "))
            }),
        ]
    })
}

/// The bodies of requests with these values, each in an event of its own, in the order in which they came.
fn bodies(values: &[String], configure: impl FnOnce(Config) -> Config) -> Vec<String> {
    let server = Scripted::answering(|_| Reply::status(200));
    let config = Config::new("key").endpoint(server.endpoint()).message_ids(false).max_batch_events(1);
    let client = Client::new(configure(config)).unwrap();
    for value in values {
        let raw = RawValue::from_string(value.clone()).unwrap();
        let call = client
            .track("report_created")
            .user_id("u")
            .group_id("g")
            .timestamp(UNIX_EPOCH + Duration::from_secs(9));
        call.with("z", 1).with("value", &raw).with("a", 0.1).context("value", &raw).send();
    }
    assert!(client.flush(LONG));
    assert_eq!(client.stats().dropped_total(), 0);
    server.requests().into_iter().map(|request| String::from_utf8(request.body).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_a_hook_does_not_touch_is_sent_as_the_bytes_it_was(values in prop::collection::vec(hostile(), 1..40)) {
        let expected = bodies(&values, |config| config);
        let untouched = bodies(&values, |config| config.before_send(|_| Decision::Send));
        prop_assert_eq!(&untouched, &expected);
        let looked_at = bodies(&values, |config| config.before_send(|payload| {
            assert_eq!((payload.user_id(), payload.group_id()), (Some("u"), Some("g")));
            let shown = payload.properties_mut()["value"].clone();
            payload.context_mut().insert("value".to_owned(), shown);
            Decision::Send
        }));
        prop_assert_eq!(&looked_at, &expected);
        let changed = bodies(&values, |config| config.before_send(|payload| {
            payload.properties_mut()["z"] = json!("changed");
            payload.context_mut().remove("source");
            Decision::Send
        }));
        let expect_changed = |body: &String| {
            body.replacen("\"z\":1", "\"z\":\"changed\"", 1).replacen("\"source\":\"product\",", "", 1)
        };
        prop_assert_eq!(changed, expected.iter().map(expect_changed).collect::<Vec<_>>());
    }
}

#[test]
fn a_hook_that_keeps_what_it_knows_sees_every_key() {
    let values =
        ["1e400".to_owned(), "\"\\ud800\"".to_owned(), format!("{}{}", "[".repeat(300), "]".repeat(300))];
    let keep = |payload: &mut Payload| {
        payload.properties_mut().retain(|key, _| key != "value");
        payload.context_mut().retain(|key, _| key != "value");
        Decision::Send
    };
    for body in bodies(&values, |config| config.before_send(keep)) {
        assert!(!body.contains("\"value\""), "{body}");
        assert!(body.contains(r#""properties":{"z":1,"a":0.1}"#), "{body}");
    }
}

#[test]
fn a_hook_that_makes_events_large_has_them_sent_in_full_batches() {
    let server = Scripted::answering(|_| Reply::status(200));
    let config = Config::new("key").endpoint(server.endpoint()).flush_interval(Duration::from_secs(60));
    let config = config.queue_bytes(200_000).max_batch_bytes(20_000).before_send(|payload| {
        payload.properties_mut().insert("text".to_owned(), json!("x".repeat(1_000)));
        if payload.properties().contains_key("unwanted") { Decision::Drop } else { Decision::Send }
    });
    let client = Client::new(config).unwrap();
    for number in 0..400 {
        let call = client.track("report_created").user_id("u").with("number", number);
        if number % 4 == 0 { call.with("unwanted", true).send() } else { call.send() }
    }
    assert!(client.flush(LONG));
    let numbers: Vec<u64> = server
        .requests()
        .iter()
        .flat_map(thrivestack_tests::Request::events)
        .map(|event| event["properties"]["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (0..400).filter(|number| number % 4 != 0).collect::<Vec<_>>(), "in their order");
    assert_eq!(client.stats().dropped(DropReason::Hook), 100);
    // 300 events of some 1,200 bytes, of which 16 fit into a request.
    assert!(client.stats().requests() <= 30, "{:?}", client.stats());
}
