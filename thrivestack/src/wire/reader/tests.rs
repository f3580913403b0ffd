use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;
use crate::wire::documents::{document, hostile};

/// The parts of a document, or an error.
fn tokens(json: &[u8]) -> Result<Vec<Token>, Malformed> {
    let mut reader = Reader::new(json);
    let mut tokens = Vec::new();
    while let Some(token) = reader.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

proptest! {
    #[test]
    fn it_takes_exactly_the_documents_that_serde_json_takes(json in prop_oneof![document(), hostile()]) {
        let is_taken = serde_json::from_str::<&RawValue>(&json).is_ok();
        prop_assert_eq!(tokens(json.as_bytes()).is_ok(), is_taken, "{}", json);
    }

    #[test]
    fn a_member_is_where_serde_json_finds_it(json in document()) {
        // serde_json does not read a key with a half of a surrogate pair.
        let (Ok(members), Ok(expected)) = (members(json.as_bytes()), pairs(&json)) else { return Ok(()) };
        let found = members.iter().map(|member| {
            (text(&json.as_bytes()[member.key.clone()]).into_owned(), &json[member.value.clone()])
        });
        let expected = expected.iter().map(|(key, value)| (key.clone(), value.get()));
        prop_assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_text_is_the_one_that_serde_json_reads(inner: String, escapes in "(\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4}|x){0,6}") {
        for json in [serde_json::to_string(&inner).unwrap(), format!("\"{escapes}\"")] {
            if let Ok(expected) = serde_json::from_str::<String>(&json) {
                prop_assert_eq!(text(json.as_bytes()), expected);
            }
        }
    }
}

/// The members of an object in their order, with those that are there twice.
fn pairs(json: &str) -> serde_json::Result<Vec<(String, &RawValue)>> {
    struct Pairs;

    impl<'de> serde::de::Visitor<'de> for Pairs {
        type Value = Vec<(String, &'de RawValue)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }

    serde::Deserializer::deserialize_map(&mut serde_json::Deserializer::from_str(json), Pairs)
}

#[test]
fn a_half_of_a_surrogate_pair_that_stands_alone_is_replaced() {
    for (json, expected) in [
        (r#""\ud800""#, "\u{fffd}"),
        (r#""a\udc00b""#, "a\u{fffd}b"),
        (r#""\ud83d\ude00""#, "\u{1f600}"),
        (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
        (r#""\ud83d\n""#, "\u{fffd}\n"),
        (r#""\ud83d\u0041""#, "\u{fffd}A"),
    ] {
        assert!(tokens(json.as_bytes()).is_ok());
        assert_eq!(text(json.as_bytes()), expected);
    }
}

#[test]
fn nesting_of_any_depth_is_read_without_recursion() {
    const DEPTH: usize = 1_000_000;
    let json = format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH));
    assert_eq!(tokens(json.as_bytes()).unwrap().len(), 2 * DEPTH);
    let object = format!("{{\"deep\":{json}}}");
    assert_eq!(members(object.as_bytes()).unwrap()[0].value, 8..8 + json.len());
}
