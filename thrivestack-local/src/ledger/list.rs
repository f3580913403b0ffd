//! A numbered list that may forget its oldest items.

use std::collections::VecDeque;

/// The most bytes of memory that a bounded list keeps: a few huge objects must not take more than many small ones.
pub(super) const MAX_KEPT_BYTES: u64 = 100_000_000;

/// Items in the order of their numbers, 1, 2, 3 and so on, of which the oldest may be gone.
#[derive(Debug)]
pub(super) struct Kept<T> {
    items: VecDeque<Item<T>>,
    /// How many are gone.
    gone: u64,
    bytes: u64,
    /// The most items to keep; `None` keeps all.
    limit: Option<usize>,
}

#[derive(Debug)]
struct Item<T> {
    value: T,
    bytes: u64,
}

impl<T> Kept<T> {
    pub(super) fn new(limit: Option<usize>) -> Self {
        Self { items: VecDeque::new(), gone: 0, bytes: 0, limit }
    }

    /// How many there ever were, which is the number of the last one.
    pub(super) fn total(&self) -> u64 {
        self.gone + self.items.len() as u64
    }

    /// Adds an item, and tells of each that has to go for it.
    pub(super) fn push(&mut self, value: T, bytes: u64, mut forget: impl FnMut(&T)) {
        self.bytes += bytes;
        self.items.push_back(Item { value, bytes });
        let Some(limit) = self.limit else { return };
        while self.items.len() > limit || (self.bytes > MAX_KEPT_BYTES && self.items.len() > 1) {
            let Some(oldest) = self.items.pop_front() else { break };
            self.bytes -= oldest.bytes;
            self.gone += 1;
            forget(&oldest.value);
        }
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &T> {
        self.items.iter().map(|item| &item.value)
    }

    pub(super) fn get(&self, number: u64) -> Option<&T> {
        let index = number.checked_sub(self.gone + 1)?;
        Some(&self.items.get(usize::try_from(index).ok()?)?.value)
    }

    /// What is kept of the items after that number.
    pub(super) fn after(&self, number: u64) -> impl Iterator<Item = &T> {
        let known = usize::try_from(number.saturating_sub(self.gone)).unwrap_or(usize::MAX);
        self.items.range(known.min(self.items.len())..).map(|item| &item.value)
    }

    /// How many of the items after that number are gone.
    pub(super) fn gone_after(&self, number: u64) -> u64 {
        self.gone.saturating_sub(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(limit: Option<usize>, bytes: u64) -> (Kept<u64>, Vec<u64>) {
        let mut kept = Kept::new(limit);
        let mut forgotten = Vec::new();
        for number in 1..=5 {
            kept.push(number, bytes, |gone| forgotten.push(*gone));
        }
        (kept, forgotten)
    }

    #[test]
    fn the_oldest_go_and_the_numbers_stay() {
        let half = MAX_KEPT_BYTES / 2;
        let table = [
            (None, MAX_KEPT_BYTES, vec![1, 2, 3, 4, 5]),
            (Some(5), 1, vec![1, 2, 3, 4, 5]),
            (Some(2), 1, vec![4, 5]),
            (Some(0), 1, vec![]),
            (Some(9), half, vec![4, 5]),
            (Some(9), MAX_KEPT_BYTES + 1, vec![5]),
        ];
        for (limit, bytes, expected) in table {
            let (kept, forgotten) = filled(limit, bytes);
            assert_eq!(kept.iter().copied().collect::<Vec<_>>(), expected, "{limit:?} {bytes}");
            assert_eq!(forgotten, (1..=5).filter(|n| !expected.contains(n)).collect::<Vec<_>>());
            assert_eq!(kept.total(), 5);
            for number in 0..=6 {
                let found = kept.get(number).copied();
                assert_eq!(found, expected.contains(&number).then_some(number), "{limit:?} {number}");
            }
        }
    }

    #[test]
    fn what_a_reader_has_not_seen() {
        let (kept, _) = filled(Some(3), 1);
        let table: [(u64, &[u64], u64); 5] =
            [(0, &[3, 4, 5], 2), (1, &[3, 4, 5], 1), (3, &[4, 5], 0), (5, &[], 0), (9, &[], 0)];
        for (seen, unseen, gone) in table {
            assert_eq!(kept.after(seen).copied().collect::<Vec<_>>(), unseen, "{seen}");
            assert_eq!(kept.gone_after(seen), gone, "{seen}");
        }
    }
}
