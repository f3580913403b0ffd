//! What the server says in the body of its answer.

use serde_json::Value;

use crate::retry::Outcome;

/// Words longer than this are cut: they end up in reports, not in a store.
const LONGEST: usize = 500;

/// The parts of an answer that people read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) message: Option<String>,
    pub(crate) warnings: Vec<String>,
}

impl Words {
    /// The server's, or those of the error that kept it from answering. A server may quote the key that it does not like,
    /// so whatever it says passes `redact` first.
    pub(crate) fn of(outcome: &Outcome, redact: impl Fn(&str) -> String) -> Self {
        match outcome {
            Outcome::Answered { body, .. } => read(body, |text| cut(&redact(text))),
            Outcome::Failed(error) => Self { message: Some(error.clone()), warnings: Vec::new() },
        }
    }
}

/// Reads an answer of any of the documented shapes. What is no JSON object is a message as it stands, since proxies
/// answer in HTML; an empty body says nothing.
fn read(body: &[u8], tidy: impl Fn(&str) -> String) -> Words {
    let Ok(Value::Object(answer)) = serde_json::from_slice(body) else {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        return Words { message: (!text.is_empty()).then(|| tidy(text)), warnings: Vec::new() };
    };
    let message = ["message", "error"].into_iter().find_map(|key| match answer.get(key)? {
        Value::String(text) => Some(tidy(text)),
        Value::Null => None,
        other => Some(tidy(&other.to_string())),
    });
    let warnings = answer.get("warnings").and_then(Value::as_array).into_iter().flatten();
    let warnings = warnings.map(|warning| tidy(warning.as_str().unwrap_or(&warning.to_string()))).collect();
    Words { message, warnings }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_shape_is_read() {
        for (body, message, warnings) in [
            ("", None, &[][..]),
            (r#"{"success":true,"eventId":"evt_1"}"#, None, &[]),
            (
                r#"{"success":true,"response_id":"1","message":"ok","warnings":["no plan"],"documentation":"d"}"#,
                Some("ok"),
                &["no plan"],
            ),
            (r#"{"error":"invalid key"}"#, Some("invalid key"), &[]),
            (r#"{"error":{"code":7},"warnings":[{"a":1}]}"#, Some(r#"{"code":7}"#), &[r#"{"a":1}"#]),
            ("<html>502</html>\n", Some("<html>502</html>"), &[]),
            (r#"{"message":"cut o"#, Some(r#"{"message":"cut o"#), &[]),
            ("[1]", Some("[1]"), &[]),
        ] {
            let expected = Words {
                message: message.map(str::to_owned),
                warnings: warnings.iter().map(|warning| (*warning).to_owned()).collect(),
            };
            assert_eq!(read(body.as_bytes(), cut), expected, "{body}");
        }
        assert_eq!(read(&[0xff; 9_999], cut).message.unwrap().chars().count(), LONGEST);
    }
}
