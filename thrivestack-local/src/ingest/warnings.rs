//! What is right enough to be taken, but will be missed in a report.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use thrivestack_core::{
    events::{self, StandardEvent},
    personal,
};

use crate::record::cut;

use super::{MAX_QUOTED, endpoint::Endpoint, id::id_text, quote};

/// One thing that a report will miss.
#[derive(Debug)]
pub(crate) struct Warning {
    /// The event or call, and the field of it: an answer warns of each pair once.
    about: (String, String),
    text: String,
}

impl Warning {
    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// What the answer to a request says about all its objects together.
pub(crate) fn summary<'a>(warnings: impl Iterator<Item = &'a Warning>) -> Vec<String> {
    let mut said = BTreeSet::new();
    warnings.filter(|warning| said.insert(&warning.about)).map(|warning| warning.text.clone()).collect()
}

/// The warnings about one object that may be taken.
pub(crate) fn warnings(endpoint: Endpoint, object: &Map<String, Value>) -> Vec<Warning> {
    let event_name = match endpoint {
        Endpoint::Track => object.get("event_name").and_then(Value::as_str),
        _ => None,
    };
    let mut found = Found {
        object,
        payload: object.get(endpoint.payload_field()),
        subject: event_name.map_or_else(|| endpoint.to_string(), |name| cut(name, MAX_QUOTED).to_owned()),
        warnings: Vec::new(),
    };
    if let Some(name) = event_name {
        found.track(cut(name, MAX_QUOTED));
    }
    if endpoint == Endpoint::Group {
        found.group();
    }
    found.every_call();
    found.warnings
}

struct Found<'a> {
    object: &'a Map<String, Value>,
    payload: Option<&'a Value>,
    subject: String,
    warnings: Vec<Warning>,
}

impl<'a> Found<'a> {
    fn add(&mut self, field: &str, text: String) {
        self.warnings.push(Warning { about: (self.subject.clone(), field.to_owned()), text });
    }

    fn context(&self, key: &str) -> Option<&'a Value> {
        self.object.get("context")?.get(key)
    }

    /// A property that is not available has to be left out; only the UTM fields may be null.
    fn property(&self, name: &str) -> Option<&'a Value> {
        self.payload?.get(name).filter(|value| !value.is_null() || name.starts_with("utm_"))
    }

    fn track(&mut self, name: &str) {
        let right_name = events::meant_by(name);
        if let Some(right) = right_name {
            let text = format!("event `{name}` is called `{right}`: reports on `{right}` will not count it");
            self.add("event_name", text);
        }
        let event = events::standard(right_name.unwrap_or(name));
        if event.is_none_or(|event| event.needs_group) && id_text(self.context("group_id")).is_none() {
            let text =
                format!("`context.group_id` is missing on `{name}`: reports on accounts will not count it");
            self.add("context.group_id", text);
        }
        if let Some(event) = event {
            self.properties(name, event);
        }
    }

    fn properties(&mut self, name: &str, event: &StandardEvent) {
        for property in event.required.iter().chain(event.required_unless_eu) {
            if self.property(property).is_none() {
                let text =
                    format!("property `{property}` is missing on `{name}`: reports on `{name}` need it");
                self.add(property, text);
            }
        }
        for property in event.recommended {
            if self.property(property).is_none() && !personal::is_removed(property.as_bytes()) {
                let text = format!(
                    "property `{property}` is missing on `{name}`: reports that group by it will be \
                     incomplete"
                );
                self.add(property, text);
            }
        }
        for (property, documented) in event.values {
            let Some(value) = self.property(property) else { continue };
            if !value.as_str().is_some_and(|text| documented.contains(&text)) {
                let documented = documented.join("`, `");
                let text = format!(
                    "property `{property}` is {} on `{name}` and should be one of `{documented}`: \
                     reports that group by it will not know this value",
                    quote(value)
                );
                self.add(property, text);
            }
        }
    }

    fn group(&mut self) {
        let group_type = self.payload.and_then(|traits| traits.get("group_type"));
        for (field, own_name, own) in [
            ("group_id", "group_id", id_text(self.object.get("group_id"))),
            ("group_type", "traits.group_type", id_text(group_type)),
        ] {
            let state = match id_text(self.context(field)) {
                None => "is missing on".to_owned(),
                Some(theirs) if Some(&theirs) != own.as_ref() => format!("differs from `{own_name}` on"),
                Some(_) => continue,
            };
            let text = format!(
                "`context.{field}` {state} group: send the value of `{own_name}`, or reports on accounts \
                 will not find the group"
            );
            self.add(&format!("context.{field}"), text);
        }
    }

    fn every_call(&mut self) {
        let subject = self.subject.clone();
        if self.context("source").is_none_or(|source| source.is_null() || source == "") {
            let text = format!(
                "`context.source` is missing on `{subject}`: send `product`, or `marketing` for the public \
                 site, or reports will mix the two"
            );
            self.add("context.source", text);
        }
        if self.object.get("timestamp").is_none_or(Value::is_null) {
            let text = format!(
                "`timestamp` is missing on `{subject}`: reports will show the time of receipt instead"
            );
            self.add("timestamp", text);
        }
        for field in ["user_id", "group_id", "session_id"] {
            if self.object.get(field).is_some_and(Value::is_number) {
                let text = format!("`{field}` is a number on `{subject}`: its documented type is a string");
                self.add(field, text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ingest::check;

    const TIME: &str = "2026-01-31T12:00:00.000Z";

    fn texts(endpoint: Endpoint, objects: Vec<Value>) -> Vec<String> {
        summary(check(endpoint, objects).unwrap().iter().flat_map(|checked| &checked.warnings))
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
            (
                Endpoint::Identify,
                json!({"user_id": "u", "context": {"source": "product"}, "timestamp": TIME}),
            ),
            (
                Endpoint::Group,
                json!({"user_id": "u", "group_id": "g", "traits": {"group_type": "Team"}, "context": context,
                       "timestamp": TIME}),
            ),
            (
                Endpoint::Page,
                json!({"session_id": "s", "context": {"source": "marketing"}, "timestamp": TIME}),
            ),
            (Endpoint::Track, track("feature_used", &feature)),
            (Endpoint::Track, track("signed_up", &utm)),
            (Endpoint::Track, track("report_exported", &Value::Null)),
            (
                Endpoint::Track,
                track("onboarding_team_invited_completed", &json!({"step_index": 0, "total_steps": 3})),
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
                vec![
                    "property `feature_name` is missing on `feature_used`: reports on `feature_used` need it",
                ],
            ),
            (
                track("feature_used", &json!({"feature_name": "f", "interface": "api", "user_role": null})),
                vec![
                    "property `feature_type` is missing on `feature_used`: reports that group by it will be \
                     incomplete",
                    "property `user_role` is missing on `feature_used`: reports that group by it will be \
                     incomplete",
                ],
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
            assert!(
                texts.iter().zip(expected).all(|(text, expected)| text.starts_with(expected)),
                "{texts:?}"
            );
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
        let objects =
            vec![feature("a"), feature("b"), track("signed_in", &json!({})), track("signed_out", &json!({}))];
        let checked = check(Endpoint::Track, objects).unwrap();
        assert!(checked.iter().all(|checked| checked.warnings.len() == 1));
        let texts = summary(checked.iter().flat_map(|checked| &checked.warnings));
        assert_eq!(texts.len(), 3, "{texts:?}");
        assert!(texts[0].contains("is \"a\" on `feature_used`"), "{texts:?}");
        assert!(texts[1].contains("on `signed_in`") && texts[2].contains("on `signed_out`"), "{texts:?}");
    }
}
