//! The text of an id.

use serde_json::Value;

/// The text of an id, where there is one: the documented type is a string, but a number is an id too.
pub(crate) fn id_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
