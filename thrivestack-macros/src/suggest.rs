//! What an error proposes instead of a word it does not know.

/// `; did you mean ..?` where a known word is near, the list of all of them where none is.
pub(crate) fn did_you_mean(unknown: &str, known: &[&str]) -> String {
    match nearest(unknown, known) {
        Some(word) => format!("; did you mean `{word}`?"),
        None => format!("; write one of {}", list(known)),
    }
}

/// The words, each in backticks, with commas between them.
pub(crate) fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The known word with the fewest edits from the unknown one, if they are few enough for a slip of the keyboard.
pub(crate) fn nearest<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    let most = (unknown.chars().count() / 3).max(1);
    known
        .iter()
        .map(|word| (edits(unknown, word), *word))
        .filter(|(edits, _)| *edits <= most)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, word)| word)
}

/// The Levenshtein distance, one row of its table at a time.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{edits, nearest};

    #[test]
    fn near_words_are_proposed_and_far_ones_are_not() {
        let known = ["user_id", "group_id", "properties", "on"];
        assert_eq!(nearest("userid", &known), Some("user_id"));
        assert_eq!(nearest("propertys", &known), Some("properties"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(nearest("x", &known), None);
    }

    #[test]
    fn edits_are_counted() {
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("same", "same"), 0);
    }
}
