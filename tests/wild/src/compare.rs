//! Compares what the compiler and the tests say of two copies of a crate.

use std::collections::BTreeMap;

use crate::cargo::{Message, Tests};

/// Returns the warnings of `after` that `before` does not have, by lint and line.
pub(crate) fn new_warnings<'a>(before: &[Message], after: &'a [Message]) -> Vec<&'a Message> {
    let mut known: BTreeMap<(&Option<String>, &(String, usize)), usize> = BTreeMap::new();
    for warning in warnings(before) {
        *known.entry((&warning.code, &warning.places[0])).or_default() += 1;
    }
    // The compiler and clippy see the library alone and for its tests, so a thing may be said four times.
    let mut new: Vec<&Message> = Vec::new();
    for warning in warnings(after) {
        let is_known = known.contains_key(&(&warning.code, &warning.places[0]));
        let is_repeated =
            new.iter().any(|other| other.code == warning.code && other.places[0] == warning.places[0]);
        if !is_known && !is_repeated {
            new.push(warning);
        }
    }
    new
}

fn warnings(messages: &[Message]) -> impl Iterator<Item = &Message> {
    // "3 warnings emitted" has no lint.
    messages.iter().filter(|message| !message.is_error && message.code.is_some())
}

/// Returns the tests whose results differ, with both.
pub(crate) fn differing(before: &Tests, after: &Tests) -> Vec<String> {
    let of = |tests: &Tests, key: &(String, String)| tests.get(key).cloned().unwrap_or("missing".to_owned());
    let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
    keys.filter(|key| of(before, key) != of(after, key))
        .map(|key| format!("{} {}: {} bare, {} annotated", key.0, key.1, of(before, key), of(after, key)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{differing, new_warnings};
    use crate::cargo::{Message, Tests};

    fn warning(lint: &str, line: usize) -> Message {
        Message {
            is_error: false,
            code: Some(lint.to_owned()),
            text: String::new(),
            rendered: String::new(),
            places: vec![("src/lib.rs".to_owned(), line)],
        }
    }

    #[test]
    fn a_warning_is_new_by_its_lint_and_its_line() {
        let before = [warning("unused", 3)];
        let after =
            [warning("unused", 3), warning("dead_code", 3), warning("unused", 4), warning("unused", 4)];
        let new: Vec<_> = new_warnings(&before, &after)
            .iter()
            .map(|it| (it.code.clone().unwrap(), it.places[0].1))
            .collect();
        assert_eq!(new, [("dead_code".to_owned(), 3), ("unused".to_owned(), 4)]);
    }

    #[test]
    fn tests_differ_by_result_or_by_being_there() {
        let tests = |results: &[(&str, &str)]| -> Tests {
            results.iter().map(|(name, it)| ((String::new(), (*name).to_owned()), (*it).to_owned())).collect()
        };
        let before = tests(&[("a", "ok"), ("b", "ok"), ("c", "FAILED")]);
        let after = tests(&[("a", "FAILED"), ("c", "FAILED"), ("d", "ok")]);
        assert_eq!(
            differing(&before, &after),
            [
                " a: ok bare, FAILED annotated",
                " b: ok bare, missing annotated",
                " d: missing bare, ok annotated"
            ]
        );
    }
}
