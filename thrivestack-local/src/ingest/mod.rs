//! Judges a request: its key, its body and its objects. Pure: bytes in, objects or the reason against them out.

mod endpoint;
mod fault;
mod id;
mod keys;
mod warnings;

use std::sync::Arc;

use serde_json::{Map, Value, value::RawValue};
use thrivestack_core::{calls::MAX_REQUEST_EVENTS, group_types::GROUP_TYPES};

use self::warnings::warnings;
pub use self::{endpoint::Endpoint, fault::Fault, keys::LocalKey};
pub(crate) use self::{
    fault::{Faults, Strike},
    id::id_text,
    keys::{KeyRefusal, KeyRing},
    warnings::{Warning, summary},
};
use crate::record::cut;

/// The most bytes of a value or name that a message quotes.
const MAX_QUOTED: usize = 200;

/// An object that may be taken, and what is to be said about it.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) object: Value,
    pub(super) warnings: Vec<Warning>,
}

/// Refuses every content type but JSON.
pub(super) fn check_content_type(value: Option<&[u8]>) -> Result<(), String> {
    let media_type = value.unwrap_or_default().split(|byte| *byte == b';').next().unwrap_or_default();
    if media_type.trim_ascii().eq_ignore_ascii_case(b"application/json") {
        Ok(())
    } else {
        Err("the header `content-type` must be `application/json`".to_owned())
    }
}

/// Reads the body as a JSON array, whatever is in it.
pub(super) fn parse(body: &[u8]) -> Result<Vec<Value>, String> {
    let text = std::str::from_utf8(body).map_err(|error| {
        format!("the body is not UTF-8 from byte {} on: send plain, uncompressed JSON", error.valid_up_to())
    })?;
    match serde_json::from_str(text) {
        Ok(Value::Array(objects)) => Ok(objects),
        Ok(other) => {
            Err(format!("the body is {} and must be an array: wrap the objects in `[` and `]`", kind(&other)))
        }
        Err(error) => Err(format!("the body is not valid JSON: {error}")),
    }
}

/// Returns the text of each object of a body that was taken, as it came.
pub(super) fn texts(body: &[u8]) -> Result<Vec<Arc<str>>, String> {
    let texts: Vec<&RawValue> =
        serde_json::from_slice(body).map_err(|error| format!("the body is not valid JSON: {error}"))?;
    Ok(texts.into_iter().map(|text| Arc::from(text.get())).collect())
}

/// Takes all objects, or none with the first reason against them.
pub(super) fn check(
    endpoint: Endpoint,
    objects: Vec<Value>,
    eu_compliance: bool,
) -> Result<Vec<Checked>, String> {
    match objects.len() {
        0 => return Err("the array is empty: send at least one object".to_owned()),
        1..=MAX_REQUEST_EVENTS => {}
        count => {
            return Err(format!(
                "{count} objects are over the limit of {MAX_REQUEST_EVENTS}: send several requests"
            ));
        }
    }
    let checked = objects.into_iter().enumerate().map(|(index, object)| {
        let Value::Object(fields) = &object else {
            return Err(format!("index {index} is {} and must be an object", kind(&object)));
        };
        check_object(endpoint, fields).map_err(|reason| format!("the object at index {index}: {reason}"))?;
        Ok(Checked { warnings: warnings(endpoint, fields, eu_compliance), object })
    });
    checked.collect()
}

fn check_object(endpoint: Endpoint, object: &Map<String, Value>) -> Result<(), String> {
    for field in ["context", endpoint.payload_field()] {
        match object.get(field) {
            None | Some(Value::Null | Value::Object(_)) => {}
            Some(other) => return Err(format!("`{field}` is {} and must be an object", kind(other))),
        }
    }
    match endpoint {
        Endpoint::Identify => require_id(object, "user_id")?,
        Endpoint::Group => {
            require_id(object, "group_id")?;
            require_id(object, "user_id")?;
            check_group_type(object)?;
        }
        Endpoint::Track => {
            require_event_name(object)?;
            require_id(object, "user_id")?;
        }
        Endpoint::Page => require_one_of_two_ids(object)?,
    }
    check_timestamp(object.get("timestamp"))
}

fn require_id(object: &Map<String, Value>, field: &str) -> Result<(), String> {
    if has_id(object, field)? { Ok(()) } else { Err(format!("`{field}` is missing")) }
}

/// An empty or null id is a missing one; any other type is a mistake of its own.
fn has_id(object: &Map<String, Value>, field: &str) -> Result<bool, String> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::String(text)) => Ok(!text.is_empty()),
        Some(Value::Number(_)) => Ok(true),
        Some(other) => Err(format!("`{field}` is {} and must be a string", kind(other))),
    }
}

fn require_one_of_two_ids(object: &Map<String, Value>) -> Result<(), String> {
    match (has_id(object, "user_id")?, has_id(object, "session_id")?) {
        (true, false) | (false, true) => Ok(()),
        (false, false) => Err("`user_id` or `session_id` is missing: send one of them".to_owned()),
        (true, true) => Err("`user_id` and `session_id` are both there: send one of them".to_owned()),
    }
}

fn require_event_name(object: &Map<String, Value>) -> Result<(), String> {
    match object.get("event_name") {
        None | Some(Value::Null) => Err("`event_name` is missing".to_owned()),
        Some(Value::String(name)) if name.is_empty() => Err("`event_name` is missing".to_owned()),
        Some(Value::String(_)) => Ok(()),
        Some(other) => Err(format!("`event_name` is {} and must be a string", kind(other))),
    }
}

fn check_group_type(object: &Map<String, Value>) -> Result<(), String> {
    let group_type = object.get("traits").and_then(|traits| traits.get("group_type"));
    let missing =
        || format!("`traits.group_type` is missing: send one of {}, or a type of your own", group_types());
    match group_type {
        None | Some(Value::Null) => Err(missing()),
        Some(Value::String(text)) if text.is_empty() => Err(missing()),
        Some(Value::String(_)) => Ok(()),
        Some(other) => Err(format!("`traits.group_type` is {} and must be a string", kind(other))),
    }
}

fn group_types() -> String {
    GROUP_TYPES.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A missing timestamp is taken: the time of receipt stands for it.
fn check_timestamp(timestamp: Option<&Value>) -> Result<(), String> {
    match timestamp {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(text)) if is_timestamp(text) => Ok(()),
        Some(other) => Err(format!(
            "`timestamp` is {} and must be ISO 8601 in UTC, such as `2026-01-31T12:00:00.000Z`, with \
             no, three or six digits of fraction",
            quote(other)
        )),
    }
}

/// The parser alone would also take other numbers of digits, and `+00:00` for the `Z`.
fn is_timestamp(text: &str) -> bool {
    let well_formed = match text.len() {
        20 => true,
        24 | 27 => text.as_bytes()[19] == b'.',
        _ => false,
    };
    well_formed && text.ends_with('Z') && humantime::parse_rfc3339(text).is_ok()
}

/// Returns a value as a message has it: the beginning of its JSON.
fn quote(value: &Value) -> String {
    let text = match value {
        Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
        scalar => scalar.to_string(),
    };
    let shown = cut(&text, MAX_QUOTED);
    if shown.len() < text.len() { format!("{shown}…") } else { text }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(endpoint: Endpoint, body: &[u8]) -> Result<usize, String> {
        Ok(check(endpoint, parse(body)?, false)?.len())
    }

    #[test]
    fn bodies_that_are_no_array_of_objects() {
        let table: [(&[u8], &str); 13] = [
            (b"", "not valid JSON: EOF"),
            (b"[{\"user_id\": \"u\"},]", "not valid JSON: trailing comma at line 1 column 19"),
            (b"[{\"user_id\": \"u\"}] []", "not valid JSON: trailing characters"),
            (b"[{\"user_id\": NaN}]", "not valid JSON"),
            (b"[{\"user_id\": \"u\", \"n\": 1e999}]", "not valid JSON: number out of range"),
            (b"[{\"user_id\": \"\\ud800\"}]", "not valid JSON: unexpected end of hex escape"),
            (b"[{\"user_id\": \"\\udc00\"}]", "not valid JSON: lone leading surrogate"),
            (b"[{\"user_id\": \"\xff\"}]", "not UTF-8 from byte 14 on"),
            (b"{\"user_id\": \"u\"}", "the body is an object and must be an array"),
            (b"null", "the body is null and must be an array"),
            (b"[]", "the array is empty"),
            (b"[{\"user_id\": \"u\"}, 7]", "index 1 is a number and must be an object"),
            (b"[[{\"user_id\": \"u\"}]]", "index 0 is an array and must be an object"),
        ];
        for (body, expected) in table {
            let refusal = verdict(Endpoint::Identify, body).unwrap_err();
            assert!(refusal.contains(expected), "{}: {refusal}", String::from_utf8_lossy(body));
        }
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert!(verdict(Endpoint::Identify, deep.as_bytes()).unwrap_err().contains("recursion limit"));
    }

    #[test]
    fn objects_that_are_taken() {
        use Endpoint::*;
        let table = [
            (Identify, r#"{"user_id": "u"}"#),
            (Identify, r#"{"user_id": 42, "traits": {}, "context": {}, "unknown": [1]}"#),
            (Identify, r#"{"user_id": "u", "traits": null, "context": null, "timestamp": null}"#),
            (Group, r#"{"user_id": "u", "group_id": "g", "traits": {"group_type": "Account"}}"#),
            (Group, r#"{"user_id": "u", "group_id": "g", "traits": {"group_type": "Team"}}"#),
            (Group, r#"{"user_id": "u", "group_id": "g", "traits": {"group_type": "Region"}}"#),
            (Track, r#"{"user_id": "u", "event_name": "signed_up", "properties": {"utm_source": null}}"#),
            (Page, r#"{"user_id": "u", "properties": {"page_name": "Home"}}"#),
            (Page, r#"{"session_id": "s", "user_id": ""}"#),
            (Page, r#"{"user_id": "u", "context": {"session_id": "s"}}"#),
        ];
        for (endpoint, object) in table {
            assert_eq!(
                verdict(endpoint, format!("[{object}, {object}]").as_bytes()),
                Ok(2),
                "{endpoint} {object}"
            );
        }
    }

    #[test]
    fn objects_that_are_refused() {
        use Endpoint::*;
        let table = [
            (Identify, r#"{}"#, "`user_id` is missing"),
            (Identify, r#"{"user_id": null}"#, "`user_id` is missing"),
            (Identify, r#"{"user_id": ""}"#, "`user_id` is missing"),
            (Identify, r#"{"user_id": true}"#, "`user_id` is a boolean and must be a string"),
            (Identify, r#"{"user_id": "u", "traits": []}"#, "`traits` is an array and must be an object"),
            (Identify, r#"{"user_id": "u", "context": "x"}"#, "`context` is a string and must be an object"),
            (Group, r#"{"group_id": "g", "traits": {"group_type": "Team"}}"#, "`user_id` is missing"),
            (Group, r#"{"user_id": "u", "traits": {"group_type": "Team"}}"#, "`group_id` is missing"),
            (
                Group,
                r#"{"user_id": "u", "group_id": "g"}"#,
                "`traits.group_type` is missing: send one of `Account`",
            ),
            (
                Group,
                r#"{"user_id": "u", "group_id": "g", "traits": {"group_type": 7}}"#,
                "`traits.group_type` is a number and must be a string",
            ),
            (Track, r#"{"event_name": "signed_up"}"#, "`user_id` is missing"),
            (Track, r#"{"user_id": "u"}"#, "`event_name` is missing"),
            (Track, r#"{"user_id": "u", "event_name": ""}"#, "`event_name` is missing"),
            (Track, r#"{"user_id": "u", "event_name": 7}"#, "`event_name` is a number and must be a string"),
            (Track, r#"{"user_id": "u", "event_name": "e", "properties": 1}"#, "`properties` is a number"),
            (Page, r#"{"context": {"session_id": "s"}}"#, "`user_id` or `session_id` is missing"),
            (Page, r#"{"user_id": "u", "session_id": "s"}"#, "are both there: send one of them"),
        ];
        for (endpoint, object, expected) in table {
            let refusal = verdict(endpoint, format!("[{object}]").as_bytes()).unwrap_err();
            assert!(refusal.starts_with("the object at index 0: "), "{refusal}");
            assert!(refusal.contains(expected), "{endpoint} {object}: {refusal}");
        }
    }

    #[test]
    fn a_refusal_names_the_first_wrong_index() {
        let refusal =
            verdict(Endpoint::Identify, br#"[{"user_id": "u"}, {"user_id": "v"}, {}, 1]"#).unwrap_err();
        assert_eq!(refusal, "the object at index 2: `user_id` is missing");
    }

    #[test]
    fn the_number_of_objects() {
        for (count, taken) in [(1, true), (1_000, true), (1_001, false)] {
            let body = format!("[{}]", vec![r#"{"user_id": "u"}"#; count].join(","));
            assert_eq!(verdict(Endpoint::Identify, body.as_bytes()).is_ok(), taken, "{count}");
        }
    }

    #[test]
    fn timestamps() {
        let taken = [
            "\"2026-01-31T12:00:00Z\"",
            "\"2026-01-31T12:00:00.123Z\"",
            "\"2026-01-31T12:00:00.123456Z\"",
            "\"2024-02-29T23:59:59.999Z\"",
        ];
        let refused = [
            "\"\"",
            "\"yesterday\"",
            "1769860800",
            "\"2026-01-31\"",
            "\"2026-01-31T12:00:00\"",
            "\"2026-01-31 12:00:00Z\"",
            "\"2026-01-31T12:00:00+00:00\"",
            "\"2026-01-31T12:00:00.1+00:00\"",
            "\"2026-01-31T12:00:00+01:00\"",
            "\"2026-01-31T12:00:00z\"",
            "\"2026-01-31T12:00:00.Z\"",
            "\"2026-01-31T12:00:00.1Z\"",
            "\"2026-01-31T12:00:00.12Z\"",
            "\"2026-01-31T12:00:00.1234Z\"",
            "\"2026-01-31T12:00:00.123456789Z\"",
            "\"2026-01-31T12:00:00,123Z\"",
            "\"2026-01-31T12:00:00Z123Z\"",
            "\"2026-01-31T12:00:00.12éZ\"",
            "\"2026-02-30T12:00:00Z\"",
            "\"2026-01-31T24:00:00Z\"",
        ];
        let body = |timestamp| format!(r#"[{{"user_id": "u", "timestamp": {timestamp}}}]"#);
        for timestamp in taken {
            assert_eq!(verdict(Endpoint::Identify, body(timestamp).as_bytes()), Ok(1), "{timestamp}");
        }
        for timestamp in refused {
            let refusal = verdict(Endpoint::Identify, body(timestamp).as_bytes()).unwrap_err();
            assert!(refusal.contains("`timestamp` is"), "{refusal}");
        }
    }

    #[test]
    fn content_types() {
        for value in ["application/json", "application/json; charset=utf-8", "Application/JSON;x=y"] {
            assert_eq!(check_content_type(Some(value.as_bytes())), Ok(()), "{value}");
        }
        for value in
            [None, Some(""), Some("text/plain"), Some("application/jsonp"), Some("application/x-ndjson")]
        {
            assert!(check_content_type(value.map(str::as_bytes)).is_err(), "{value:?}");
        }
    }
}
