//! JSON documents for property tests, written as no serializer would.

use std::collections::HashSet;

use proptest::prelude::*;

use super::reader::text;

/// A number of any length.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<f64>()
            .prop_filter("JSON has no others", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
        any::<f64>()
            .prop_filter("JSON has no others", |number| number.is_finite())
            .prop_map(|number| number.to_string()),
        any::<u128>().prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,4})?",
    ]
}

/// A string with escapes that nobody needs, and lone surrogates.
fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        "\"([a-z@. ]|\\\\u[0-9a-fA-F]{4}|\\\\[\"\\\\/bfnrt]){0,8}\"",
    ]
}

/// A key of few, so that many are there twice, each written in one of several ways.
pub(crate) fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        "\"[a-c]\"",
        Just("\"\\u0061\"".to_owned()),
        string(),
        Just("\"user_email\"".to_owned()),
        Just("\"user_\\u006eame\"".to_owned()),
        Just("\"account_domain\"".to_owned()),
        Just("\"account_id\"".to_owned()),
    ]
}

fn space() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just("\n\t")]
}

/// A value.
pub(crate) fn value() -> impl Strategy<Value = String> {
    any_value(true)
}

/// An object.
pub(crate) fn object() -> impl Strategy<Value = String> {
    object_of(any_value(true), true)
}

/// An object in which no key is there twice, at any depth.
pub(crate) fn object_of_distinct_keys() -> impl Strategy<Value = String> {
    object_of(any_value(false), false)
}

fn any_value(repeats: bool) -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => number(),
        4 => string(),
        2 => prop_oneof![Just("true"), Just("false"), Just("null")].prop_map(str::to_owned),
        2 => Just("\"ada@example.com\"".to_owned()),
        1 => (120..140_usize).prop_map(|depth| format!("{}1{}", "[".repeat(depth), "]".repeat(depth))),
    ];
    leaf.prop_recursive(4, 16, 4, move |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..5), space())
                .prop_map(|(items, space)| format!("[{space}{}]", items.join(&format!(",{space}")))),
            object_of(inner, repeats),
        ]
    })
}

fn object_of(value: impl Strategy<Value = String>, repeats: bool) -> impl Strategy<Value = String> {
    prop::collection::vec((key(), value, space(), space()), 0..6).prop_map(move |members| {
        let mut keys = HashSet::new();
        let distinct = members.iter().filter(|(key, ..)| keys.insert(text(key.as_bytes())) || repeats);
        let members: Vec<_> = distinct
            .map(|(key, value, one, other)| format!("{one}{key}{other}:{other}{value}{one}"))
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

/// A document that is correct.
pub(crate) fn document() -> impl Strategy<Value = String> {
    prop_oneof![object(), value()]
}

/// A document that may be none.
pub(crate) fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\\[\\]{}\",:0-9eE+. \\\\untrfalse-]{0,24}",
        (document(), any::<prop::sample::Index>(), "[\\[\\]{}\",:0-9eE+.\\\\ \u{1}]?").prop_map(
            |(json, at, other)| {
                let mut characters: Vec<char> = json.chars().collect();
                let at = at.index(characters.len());
                characters.splice(at..=at, other.chars());
                characters.into_iter().collect()
            }
        ),
        (document(), any::<prop::sample::Index>()).prop_map(|(json, at)| {
            let at = at.index(json.chars().count());
            json.chars().take(at).collect()
        }),
    ]
}
