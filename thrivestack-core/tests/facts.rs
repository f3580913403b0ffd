//! The tables, compared with the documented facts in `standard-events.json`.
//!
//! Everything that the file documents has to be in the tables. A table may know more: a new entry is added there alone.

use serde_json::{Map, Value};
use thrivestack_core::events::{self, MISNOMERS, STANDARD_EVENTS};
use thrivestack_core::group_types::{ACCOUNT, GROUP_TYPES};
use thrivestack_core::{onboarding, personal};

fn documented() -> Value {
    serde_json::from_str(include_str!("../standard-events.json")).expect("the file is JSON")
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("an object")
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array()
        .map(|list| list.iter().map(|text| text.as_str().expect("a text")).collect())
        .unwrap_or_default()
}

#[test]
fn every_documented_event_is_in_the_table_as_documented() {
    for (name, facts) in object(&documented()["events"]) {
        let event = STANDARD_EVENTS
            .iter()
            .find(|event| event.name == name)
            .unwrap_or_else(|| panic!("add `{name}` to thrivestack-core/src/events.rs"));
        assert_eq!(event.needs_group, facts["group"] == "required", "group of {name}");
        assert_eq!(event.required, texts(&facts["required"]), "required of {name}");
        assert_eq!(
            event.required_unless_eu,
            texts(&facts["required_unless_eu"]),
            "required_unless_eu of {name}"
        );
        assert_eq!(event.recommended, texts(&facts["recommended"]), "recommended of {name}");
        assert_eq!(event.older_form_of, facts["older_form_of"].as_str(), "older_form_of of {name}");
        let empty = Map::new();
        let values = facts["values"].as_object().unwrap_or(&empty);
        assert_eq!(event.values.len(), values.len(), "values of {name}");
        for (property, list) in values {
            assert_eq!(event.values_of(property), Some(&*texts(list)), "{property} of {name}");
        }
    }
}

#[test]
fn every_documented_misnomer_is_in_the_table() {
    for (name, standard) in object(&documented()["misnamed"]) {
        assert_eq!(events::meant_by(name), standard.as_str(), "{name}");
    }
}

#[test]
fn the_tables_are_consistent() {
    for (at, (wrong, right)) in MISNOMERS.iter().enumerate() {
        assert!(events::standard(right).is_some() && events::standard(wrong).is_none(), "{wrong}");
        assert!(MISNOMERS[..at].iter().all(|(earlier, _)| earlier != wrong), "{wrong} is there twice");
    }
    for (at, event) in STANDARD_EVENTS.iter().enumerate() {
        let name = event.name;
        assert!(STANDARD_EVENTS[..at].iter().all(|earlier| earlier.name != name), "{name} is there twice");
        assert!(!event.when.is_empty(), "{name}");
        for (property, values) in event.values {
            let is_known = event.required.contains(property) || event.recommended.contains(property);
            assert!(is_known && !values.is_empty(), "{property} of {name}");
        }
        if let Some(newer) = event.older_form_of {
            assert!(STANDARD_EVENTS.iter().any(|event| event.name == newer), "{name}");
        }
    }
}

#[test]
fn the_documented_group_types_are_in_the_table() {
    let documented = documented();
    for group_type in texts(&documented["group_types"]["values"]) {
        assert!(GROUP_TYPES.contains(&group_type), "{group_type}");
    }
    assert!(documented["group_types"]["reserved"].as_str().expect("a text").starts_with(ACCOUNT));
}

#[test]
fn the_documented_personal_data_is_in_the_tables() {
    let documented = documented();
    let facts = &documented["personal_data_stripped_in_eu_mode"];
    for (table, list) in [
        (personal::REMOVED, "always"),
        (personal::HASHED_IDS, "hashed_when_an_email_address"),
        (personal::REMOVED_IN_B2C, "removed_when_an_email_address"),
        (personal::REMOVED_IN_B2C, "removed_in_b2c"),
        (personal::SENSIBLE, "also_sensible"),
    ] {
        let documented = texts(&facts[list]);
        assert!(!documented.is_empty(), "{list}");
        for key in documented {
            assert!(table.contains(&key), "{key} of {list}");
        }
    }
}

#[test]
fn the_documented_pattern_of_a_step_is_the_one_that_is_looked_for() {
    // The pattern of the documentation, spelled out: the prefix, a step in snake_case that does not begin with `step_`,
    // and the suffix.
    let pattern = "^onboarding_(?!step_)[a-z][a-z0-9]*(_[a-z0-9]+)*_completed$";
    assert_eq!(documented()["events"][onboarding::STEP_COMPLETED]["pattern"], pattern);
    for (name, expected) in [
        ("onboarding_a_completed", true),
        ("onboarding_a1_2_completed", true),
        ("onboarding_steps_completed", true),
        ("onboarding_step_completed", false),
        ("onboarding_step_a_completed", false),
        ("onboarding_1_completed", false),
        ("onboarding_a__b_completed", false),
        ("onboarding__completed", false),
        ("onboarding_A_completed", false),
        ("onboarding_completed", false),
    ] {
        assert_eq!(onboarding::step_of(name).is_some(), expected, "{name}");
    }
}
