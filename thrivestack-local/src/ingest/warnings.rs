//! Warnings: mistakes in objects that are taken, and that a report will miss.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use thrivestack_core::{
    events::{self, StandardEvent},
    group_types, personal,
    rules::{self, Rule},
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

/// Returns the warnings of an answer about all objects of its request together.
pub(crate) fn summary<'a>(warnings: impl Iterator<Item = &'a Warning>) -> Vec<String> {
    let mut said = BTreeSet::new();
    warnings.filter(|warning| said.insert(&warning.about)).map(|warning| warning.text.clone()).collect()
}

/// The warnings about one object that may be taken. `eu_compliance` says that its sender has the mode on.
pub(super) fn warnings(endpoint: Endpoint, object: &Map<String, Value>, eu_compliance: bool) -> Vec<Warning> {
    let event_name = match endpoint {
        Endpoint::Track => object.get("event_name").and_then(Value::as_str),
        _ => None,
    };
    let mut found = Found {
        object,
        payload: object.get(endpoint.payload_field()),
        subject: event_name.map_or_else(|| endpoint.to_string(), |name| cut(name, MAX_QUOTED).to_owned()),
        eu_compliance,
        warnings: Vec::new(),
    };
    if let Some(name) = event_name {
        found.track(cut(name, MAX_QUOTED));
    }
    if endpoint == Endpoint::Group {
        found.group();
    }
    found.every_call();
    if eu_compliance {
        found.personal_data();
    }
    found.warnings
}

struct Found<'a> {
    object: &'a Map<String, Value>,
    payload: Option<&'a Value>,
    subject: String,
    eu_compliance: bool,
    warnings: Vec<Warning>,
}

impl<'a> Found<'a> {
    fn add(&mut self, field: &str, rule: &Rule, text: &str) {
        let text = format!("{text} (rule `{}`)", rule.id);
        self.warnings.push(Warning { about: (self.subject.clone(), field.to_owned()), text });
    }

    /// Adds a warning about a field that the documentation of the API describes, and no rule.
    fn add_plain(&mut self, field: &str, text: String) {
        self.warnings.push(Warning { about: (self.subject.clone(), field.to_owned()), text });
    }

    fn context(&self, key: &str) -> Option<&'a Value> {
        self.object.get("context")?.get(key)
    }

    /// A property that is not available has to be left out; only the UTM fields may be null.
    fn property(&self, name: &str) -> Option<&'a Value> {
        self.payload?.get(name).filter(|value| !value.is_null() || name.starts_with("utm_"))
    }

    /// Returns true if EU compliance has removed the property, so that it is not missing.
    fn is_removed(&self, property: &str) -> bool {
        let is_b2c = || {
            let user = id_text(self.object.get("user_id"));
            user.is_some() && user == id_text(self.context("group_id"))
        };
        self.eu_compliance && personal::is_removed_in_b2c(property.as_bytes()) && is_b2c()
    }

    fn track(&mut self, name: &str) {
        let right_name = events::meant_by(name);
        if let Some(right) = right_name {
            let text = format!("event `{name}` is called `{right}`: reports on `{right}` will not count it");
            self.add("event_name", &rules::EVENT_NAME, &text);
        } else if let Some(near) = events::near(name) {
            let text = format!(
                "event `{name}` is one letter away from `{near}`: if it is meant, reports on `{near}` will not count it"
            );
            self.add("event_name", &rules::EVENT_NAME, &text);
        }
        let event = events::standard(right_name.unwrap_or(name));
        if event.is_none_or(|event| event.needs_group) && id_text(self.context("group_id")).is_none() {
            let text =
                format!("`context.group_id` is missing on `{name}`: reports on accounts will not count it");
            self.add("context.group_id", &rules::GROUP_ID_ON_TRACK, &text);
        }
        if let Some(event) = event {
            self.properties(name, event);
        }
    }

    fn properties(&mut self, name: &str, event: &StandardEvent) {
        let unless_eu = if self.eu_compliance { &[][..] } else { event.required_unless_eu };
        for property in event.required.iter().chain(unless_eu) {
            if self.property(property).is_none() && !self.is_removed(property) {
                let text =
                    format!("property `{property}` is missing on `{name}`: reports on `{name}` need it");
                self.add(property, &rules::REQUIRED_PROPERTIES, &text);
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
                self.add(property, &rules::PROPERTY_VALUES, &text);
            }
        }
    }

    fn group(&mut self) {
        let group_type = self.payload.and_then(|traits| traits.get("group_type"));
        if let Some(written) = group_type.and_then(Value::as_str)
            && let Some(meant) = group_types::meant_by(written)
        {
            let text = format!("`traits.group_type` is `{written}`: write `{meant}`, if that is meant");
            self.add("traits.group_type", &rules::GROUP_TYPE, &text);
        }
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
            self.add(&format!("context.{field}"), &rules::GROUP_CONTEXT, &text);
        }
    }

    fn every_call(&mut self) {
        let subject = self.subject.clone();
        if self.context("source").is_none_or(|source| source.is_null() || source == "") {
            let text = format!(
                "`context.source` is missing on `{subject}`: send `product`, or `marketing` for the public \
                 site, or reports will mix the two"
            );
            self.add("context.source", &rules::SOURCE_PRODUCT, &text);
        }
        if self.object.get("timestamp").is_none_or(Value::is_null) {
            let text = format!(
                "`timestamp` is missing on `{subject}`: reports will show the time of receipt instead"
            );
            self.add_plain("timestamp", text);
        }
        for field in ["user_id", "group_id", "session_id"] {
            if self.object.get(field).is_some_and(Value::is_number) {
                let text = format!("`{field}` is a number on `{subject}`: its documented type is a string");
                self.add_plain(field, text);
            }
        }
    }

    /// Warns of values that EU compliance would have removed or replaced.
    fn personal_data(&mut self) {
        let mut keys = BTreeSet::new();
        collect_entries(self.object, &mut keys);
        let subject = self.subject.clone();
        for key in keys {
            let text = format!(
                "`{key}` has personal data in it on `{subject}`: the sender has EU compliance off, or does not keep it"
            );
            self.add(&format!("personal.{key}"), &rules::EU_COMPLIANCE, &text);
        }
    }
}

/// Collects the keys, at any depth, under which a sender in EU compliance mode would not have sent this value.
fn collect_entries(entries: &Map<String, Value>, keys: &mut BTreeSet<String>) {
    for (key, value) in entries {
        let name = key.as_bytes();
        let is_without_addresses = personal::is_hashed_id(name) || personal::is_removed_in_b2c(name);
        let is_address = || value.as_str().is_some_and(personal::is_email_address);
        if !value.is_null() && personal::is_removed(name) || is_without_addresses && is_address() {
            keys.insert(key.clone());
        }
        collect_within(value, keys);
    }
}

fn collect_within(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => collect_entries(entries, keys),
        Value::Array(values) => values.iter().for_each(|value| collect_within(value, keys)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
