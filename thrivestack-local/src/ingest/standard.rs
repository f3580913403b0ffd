//! ThriveStack's standard events, read once from the table beside this file.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Standard {
    events: BTreeMap<String, Event>,
    misnamed: BTreeMap<String, String>,
    personal_data_stripped_in_eu_mode: Stripped,
}

/// What is documented of one event.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    pub(super) group: Presence,
    pub(super) required: Vec<String>,
    pub(super) recommended: Vec<String>,
    #[serde(default)]
    pub(super) values: BTreeMap<String, Vec<String>>,
}

/// Whether `context.group_id` has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Presence {
    Required,
    Optional,
}

#[derive(Debug, Deserialize)]
struct Stripped {
    always: BTreeSet<String>,
}

impl Standard {
    pub(super) fn get() -> &'static Self {
        static STANDARD: LazyLock<Standard> = LazyLock::new(|| {
            serde_json::from_str(include_str!("standard-events.json")).expect("a unit test reads this table")
        });
        &STANDARD
    }

    pub(super) fn event(&self, name: &str) -> Option<&Event> {
        self.events.get(name)
    }

    /// The documented name of an event that is often misnamed so.
    pub(super) fn right_name(&self, name: &str) -> Option<&str> {
        self.misnamed.get(name).map(String::as_str)
    }

    /// Whether EU compliance takes this property out, so that nobody can be blamed for its absence.
    pub(super) fn is_stripped(&self, property: &str) -> bool {
        self.personal_data_stripped_in_eu_mode.always.contains(property)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_consistent() {
        let standard = Standard::get();
        assert_eq!(standard.event("signed_up").unwrap().group, Presence::Optional);
        assert_eq!(standard.event("feature_used").unwrap().required, ["feature_name"]);
        assert_eq!(standard.right_name("signup"), Some("signed_up"));
        assert!(standard.is_stripped("user_email") && !standard.is_stripped("invitee_email"));
        for (wrong, right) in &standard.misnamed {
            assert!(standard.event(right).is_some() && standard.event(wrong).is_none(), "{wrong}");
        }
        for (name, event) in &standard.events {
            for property in event.values.keys() {
                assert!(event.required.contains(property) || event.recommended.contains(property), "{name}");
            }
        }
    }
}
