//! JSON that is known at compile time, written exactly as `serde_json` would write it at run time.

use std::fmt::Write;

/// The text as a JSON string, with its quotes.
pub(crate) fn json_string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            control @ '\0'..'\u{20}' => {
                write!(json, "\\u{:04x}", u32::from(control)).expect("a String takes every write");
            }
            other => json.push(other),
        }
    }
    json.push('"');
    json
}

/// A float as JSON, or `None` where JSON has no such number.
pub(crate) fn json_float(value: f64) -> Option<String> {
    value.is_finite().then(|| format!("{value:?}"))
}

#[cfg(test)]
mod tests {
    use super::{json_float, json_string};

    #[test]
    fn strings_are_escaped_like_serde_json() {
        let every_ascii: String = (0..=0x7f_u8).map(char::from).collect();
        for text in ["", "plain", "\"quoted\" \\ back", "Zoë ✓ \u{2028}", &every_ascii] {
            assert_eq!(json_string(text), serde_json::to_string(text).unwrap());
        }
    }

    #[test]
    fn floats_are_written_like_serde_json() {
        for value in [0.0, -0.5, 1.0, 1e3, 123_456.789, 1e300, 1e-7, 0.1] {
            let ours: f64 = json_float(value).unwrap().parse().unwrap();
            assert_eq!(ours.to_bits(), value.to_bits());
            let parsed: serde_json::Value = serde_json::from_str(&json_float(value).unwrap()).unwrap();
            assert_eq!(parsed, serde_json::json!(value));
        }
        assert_eq!(json_float(f64::NAN), None);
        assert_eq!(json_float(f64::INFINITY), None);
    }
}
