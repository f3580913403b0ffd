//! Which keys of a field go with which others.

use super::attrs::{FIELD_KEYS, FieldAttrs};
use super::kind::{Kind, Role};
use crate::errors::Errors;

/// A key that decides where a field goes, and what may stand beside it.
struct Row {
    key: &'static str,
    beside: &'static [&'static str],
    /// The effect of the key, to be read after "which".
    effect: &'static str,
}

/// Keys without a row go with each other.
const TABLE: [Row; 7] = [
    Row { key: "skip", beside: &[], effect: "leaves the field out" },
    Row { key: "user_id", beside: &["include"], effect: "makes the field the user's id" },
    Row { key: "group_id", beside: &["include"], effect: "makes the field the group's id" },
    Row { key: "session_id", beside: &["include"], effect: "makes the field the session's id" },
    Row { key: "device_id", beside: &["include"], effect: "makes the field the device's id" },
    Row { key: "timestamp", beside: &["include"], effect: "makes the field the time of the event" },
    Row {
        key: "flatten",
        beside: &["include", "personal", "skip_if", "with"],
        effect: "sends what is in the field under names of its own",
    },
];

/// Rejects keys that exclude each other, each at the key that has to go.
pub(super) fn check(kind: Kind, attrs: &FieldAttrs, errors: &mut Errors) {
    // What is no key of the derive's fields is reported already.
    let is_key = |key: &str| FIELD_KEYS.contains(&key) || kind.roles().iter().any(|role| role.key() == key);
    for (at, row) in TABLE.iter().enumerate() {
        if attrs.keys.span(row.key).is_none() || !is_key(row.key) {
            continue;
        }
        // A pair of two rows is the first one's to report.
        let reported: Vec<_> = TABLE[..at].iter().map(|row| row.key).collect();
        let goes_well: Vec<_> = row.beside.iter().copied().chain([row.key]).chain(reported).collect();
        for other in attrs.keys.other_than(&goes_well).filter(|other| is_key(&other.to_string())) {
            let Row { key, effect, .. } = row;
            let and_no_value = match Role::ALL.iter().any(|role| role.key() == *key) {
                true => format!(" and no {}", kind.value()),
                false => String::new(),
            };
            let instead = match (*key, &attrs.rename) {
                ("flatten", Some(name)) if other == "rename" => {
                    format!("write `flatten(prefix = \"{}_\")` instead", name.value())
                }
                _ => "take one of the two away".to_owned(),
            };
            errors.at(
                other.span(),
                format!("`{other}` does not go with `{key}`, which {effect}{and_no_value}: {instead}"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use syn::{Field, parse::Parser};

    use super::{TABLE, check};
    use crate::derive::attrs::FieldAttrs;
    use crate::derive::kind::{Kind, Role};
    use crate::errors::Errors;

    /// Every key, as it is written.
    const KEYS: [&str; 12] = [
        "skip",
        "user_id",
        "group_id",
        "session_id",
        "device_id",
        "timestamp",
        "flatten",
        "rename = \"name\"",
        "include",
        "skip_if = path",
        "with = path",
        "personal",
    ];

    fn messages(written: &str) -> Vec<String> {
        let field = Field::parse_named.parse_str(&format!("#[event({written})] field: T")).unwrap();
        let mut errors = Errors::default();
        let attrs = FieldAttrs::parse(Kind::Event, &field.attrs, &mut errors);
        check(Kind::Event, &attrs, &mut errors);
        match errors.or(()) {
            Ok(()) => Vec::new(),
            Err(error) => error.into_iter().map(|error| error.to_string()).collect(),
        }
    }

    fn word(key: &str) -> &str {
        key.split(' ').next().unwrap()
    }

    #[test]
    fn every_pair_of_keys_is_taken_or_rejected_once_in_either_order() {
        for (at, one) in KEYS.iter().enumerate() {
            assert_eq!(messages(one), Vec::<String>::new(), "{one}");
            for other in &KEYS[at + 1..] {
                let row = TABLE.iter().find(|row| row.key == word(one) || row.key == word(other));
                let is_taken = row.is_none_or(|row| {
                    let beside = if row.key == word(one) { other } else { one };
                    row.beside.contains(&word(beside))
                });
                for written in [format!("{one}, {other}"), format!("{other}, {one}")] {
                    let said = messages(&written);
                    assert_eq!(said.len(), usize::from(!is_taken), "{written}: {said:?}");
                }
            }
        }
    }

    #[test]
    fn every_role_has_a_row() {
        for role in Role::ALL {
            assert!(TABLE.iter().any(|row| row.key == role.key()), "{}", role.key());
        }
    }

    #[test]
    fn a_function_and_a_place_of_another_form_exclude_each_other() {
        let said = messages("user_id, with = ToString::to_string");
        assert!(said[0].contains("`with` does not go with `user_id`"), "{said:?}");
        assert!(messages("flatten, with = path").is_empty());
    }
}
