use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::wire::documents::{key, object, value};

fn edited(original: &str, edit: impl FnOnce(&mut Map<String, Value>)) -> String {
    let mut now = shown::object(original.as_bytes()).unwrap();
    edit(&mut now);
    let mut out = Vec::new();
    write_edited(original.as_bytes(), &now, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_changes_where_nothing_was_changed(original in object()) {
        prop_assert_eq!(edited(&original, |_| {}), original);
    }

    #[test]
    fn a_change_leaves_the_bytes_of_everything_else(original in object(), added in key(), removes: bool, within: bool) {
        let name = reader::text(added.as_bytes()).into_owned();
        let before = reader::members(original.as_bytes()).unwrap();
        let others = |json: &str| -> Vec<(String, String)> {
            let members = reader::members(json.as_bytes()).unwrap();
            let member = |member: &Member| (json[member.key.clone()].to_owned(), json[member.value.clone()].to_owned());
            members.iter().map(member).filter(|(key, _)| reader::text(key.as_bytes()) != name).collect()
        };
        let out = edited(&original, |now| match (removes, within) {
            (true, _) => drop(now.remove(&name)),
            (false, false) => drop(now.insert(name.clone(), json!({ "changed": true }))),
            (false, true) => drop(now.entry(name.clone()).or_insert(json!({}))),
        });
        prop_assert_eq!(others(&out), others(&original), "{} became {}", original, out);
        let now = shown::object(out.as_bytes()).unwrap();
        match (removes, within) {
            (true, _) => prop_assert!(!now.contains_key(&name)),
            (false, false) => {
                prop_assert_eq!(&now[&name], &json!({ "changed": true }));
                // The hook did not see the earlier ones.
                let same = reader::members(out.as_bytes()).unwrap();
                let same = same.iter().filter(|member| reader::text(&out.as_bytes()[member.key.clone()]) == name);
                prop_assert_eq!(same.count(), 1);
            }
            (false, true) => prop_assert!(now.contains_key(&name) && now.len() <= before.len() + 1),
        }
    }

    #[test]
    fn a_change_deep_within_leaves_the_bytes_around_it(one in value(), other in value()) {
        let original = format!(r#"{{"a": {{"list":[{one},{{"b":1,"c":{other}}},{one}],"d":{one}}}, "e":{other}}}"#);
        let out = edited(&original, |now| now["a"]["list"][1]["b"] = json!("now"));
        prop_assert_eq!(out, original.replacen(r#"{"b":1,"#, r#"{"b":"now","#, 1));
    }

    #[test]
    fn what_is_removed_from_an_array_leaves_the_bytes_of_its_other_items(
        items in prop::collection::vec(value(), 1..8),
        kept in prop::collection::vec(any::<bool>(), 8),
    ) {
        let list = |items: Vec<&str>| format!(r#"{{"list":[{}]}}"#, items.join(","));
        let original = list(items.iter().map(String::as_str).collect());
        let out = edited(&original, |now| {
            let mut kept = kept.iter();
            now["list"].as_array_mut().unwrap().retain(|_| *kept.next().unwrap());
        });
        let expected = list(items.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(item, _)| item.as_str()).collect());
        // Of items that look the same, either may have been removed.
        prop_assert_eq!(
            shown::object(out.as_bytes()).unwrap(),
            shown::object(expected.as_bytes()).unwrap()
        );
        let distinct = shown::object(original.as_bytes()).unwrap()["list"].as_array().unwrap().clone();
        if (1..distinct.len()).all(|at| !distinct[..at].contains(&distinct[at])) {
            prop_assert_eq!(out, expected);
        }
    }
}

#[test]
fn what_cannot_be_shown_is_shown_as_its_text_and_stays_as_it_is() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let original = format!(r#"{{"huge":1e400,"half":"\ud800","deep":{deep},"long":{},"x":1}}"#, u128::MAX);
    let now = shown::object(original.as_bytes()).unwrap();
    assert_eq!(now["huge"], json!("1e400"));
    assert_eq!(now["half"], json!("\u{fffd}"));
    assert_eq!(now["long"], json!(u128::MAX as f64));
    let out = edited(&original, |now| now["x"] = json!(2));
    assert_eq!(out, original.replace("\"x\":1", "\"x\":2"));
    let out = edited(&original, |now| now.retain(|key, _| key == "x"));
    assert_eq!(out, r#"{"x":1}"#, "a hook that keeps what it knows sees every key");
}

#[test]
fn an_object_that_was_empty_and_one_that_becomes_empty_are_objects() {
    assert_eq!(edited("{ }", |now| drop(now.insert("a".to_owned(), json!(1)))), r#"{"a":1 }"#);
    assert_eq!(edited(r#"{"a":1, "b":2}"#, Map::clear), "{}");
    assert_eq!(edited(r#"{"a":1, "b":2}"#, |now| drop(now.remove("a"))), r#"{"b":2}"#);
}

#[test]
fn a_member_is_added_behind_the_others() {
    for (object, expected) in
        [("{}", r#"{"a":{}}"#), ("{ } ", r#"{ "a":{}}"#), (r#"{"b":1}"#, r#"{"b":1,"a":{}}"#)]
    {
        let mut out = object.as_bytes().to_vec();
        add_member(&mut out, "a", &Map::new()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
