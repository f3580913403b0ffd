//! Texts that differ by one slip of the keyboard.

/// Returns true if one edit turns one text into the other: the insertion, deletion or substitution of one character.
/// A doubled character is an insertion. Equal texts are no edit apart.
///
/// ```
/// use thrivestack_core::near::is_one_edit;
///
/// assert!(is_one_edit("feature_usd", "feature_used"));
/// assert!(!is_one_edit("feature_used", "feature_used"));
/// assert!(!is_one_edit("featureused", "feature_use"));
/// ```
#[must_use]
pub fn is_one_edit(one: &str, other: &str) -> bool {
    let (longer, shorter) = if one.len() >= other.len() { (one, other) } else { (other, one) };
    let mut longer_rest = longer.chars();
    let mut shorter_rest = shorter.chars();
    loop {
        let (longer_before, shorter_before) = (longer_rest.as_str(), shorter_rest.as_str());
        match (longer_rest.next(), shorter_rest.next()) {
            (None, None) => return false,
            (Some(a), Some(b)) if a == b => {}
            _ => {
                let (without_longer, without_shorter) =
                    (after_first(longer_before), after_first(shorter_before));
                return without_longer == without_shorter
                    || without_longer == shorter_before
                    || longer_before == without_shorter;
            }
        }
    }
}

fn after_first(text: &str) -> &str {
    let mut rest = text.chars();
    rest.next();
    rest.as_str()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::string::String;
    use std::vec::Vec;

    use super::is_one_edit;

    /// The Levenshtein distance by its definition.
    fn distance(one: &[char], other: &[char]) -> usize {
        match (one, other) {
            ([], rest) | (rest, []) => rest.len(),
            ([a, one @ ..], [b, other @ ..]) if a == b => distance(one, other),
            ([_, one_rest @ ..], [_, other_rest @ ..]) => {
                let substituted = distance(one_rest, other_rest);
                1 + substituted.min(distance(one_rest, other)).min(distance(one, other_rest))
            }
        }
    }

    proptest! {
        #[test]
        fn one_edit_is_a_levenshtein_distance_of_one(one in "[abß]{0,6}", other in "[abß]{0,6}") {
            let chars = |text: &String| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(is_one_edit(&one, &other), distance(&chars(&one), &chars(&other)) == 1);
            prop_assert_eq!(is_one_edit(&one, &other), is_one_edit(&other, &one));
        }
    }
}
