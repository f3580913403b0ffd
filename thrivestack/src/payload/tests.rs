use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::wire::documents::{object, value};

fn payload(event: &str) -> Payload {
    Payload::new(Endpoint::Track, event.as_bytes().to_vec()).unwrap()
}

fn event(payload: Payload) -> String {
    String::from_utf8(payload.into_event().unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_not_touched_is_sent_as_the_bytes_it_was(properties in object(), context in object(), other in value()) {
        let before = format!(r#"{{"user_id":"u","event_name":"e","properties":{properties}, "context":{context},"x":{other}}}"#);
        prop_assert_eq!(&event(payload(&before)), &before);

        let mut looked_at = payload(&before);
        let _ = format!("{:?} {:?}", looked_at, looked_at.group_id());
        looked_at.properties_mut();
        looked_at.context_mut();
        prop_assert_eq!(&event(looked_at), &before);

        let mut changed = payload(&before);
        changed.context_mut().insert("in no event".to_owned(), json!(1));
        prop_assert_eq!(changed.context()["in no event"].clone(), json!(1));
        let after = event(changed);
        let added = if context == "{}" { r#""in no event":1"# } else { r#","in no event":1"# };
        prop_assert_eq!(after.replacen(added, "", 1), before);
    }
}

#[test]
fn it_tells_what_the_event_says() {
    let before =
        r#"{"event_name":"e\u0031","user_id":"\u0075","properties":{"a":1},"context":{"group_id":"g"}}"#;
    let payload = payload(before);
    assert_eq!(
        (payload.event_name(), payload.user_id(), payload.group_id()),
        (Some("e1"), Some("u"), Some("g"))
    );
    assert_eq!(payload.properties()["a"], json!(1));
}

#[test]
fn an_event_without_the_objects_gets_those_that_the_hook_fills() {
    let mut payload = payload(r#"{"session_id":"s","context":null}"#);
    assert_eq!((payload.user_id(), payload.event_name(), payload.group_id()), (None, None, None));
    payload.properties_mut().insert("a".to_owned(), json!(1));
    payload.context_mut().insert("b".to_owned(), json!(2));
    assert_eq!(event(payload), r#"{"session_id":"s","context":{"b":2},"properties":{"a":1}}"#);
}

#[test]
fn what_is_no_object_is_an_error() {
    for event in ["", "[]", "{", r#"{"properties":}"#] {
        assert!(Payload::new(Endpoint::Track, event.as_bytes().to_vec()).is_err());
    }
}
