//! The entries of one JSON object, before it is known which of them are sent.

use std::collections::HashSet;

use super::json;
use super::value::{Value, Written};
use crate::panics;
use crate::reasons::Rejected;

/// As many keys as an event usually has.
const FEW_KEYS: usize = 16;

/// Entries in the order in which they were set. A key may be there more than once: the last one counts.
#[derive(Clone, Default)]
pub(crate) struct Fields {
    /// `,"key":value` after `,"key":value`: what is sent, in one piece, unless an entry does not count. An event's
    /// properties have its beginning before them, and may have some among them that count in any case and have no entry.
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    /// Whether a key may be there twice, or a value be left out, so that someone has to look at every entry.
    is_irregular: bool,
}

#[derive(Clone)]
struct Entry {
    /// Where its comma is.
    start: usize,
    /// Where the key ends; its colon follows.
    key_end: usize,
    /// Where the value ends. A value that is left out ends where the colon does, and still overrides an earlier one.
    end: usize,
    personal: bool,
}

impl Entry {
    fn has_value(&self) -> bool {
        self.end > self.key_end + 1
    }
}

impl Fields {
    /// No entries, and room for so many bytes of them.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// Sets `key`; EU compliance strips what is `personal`. The result tells whether the value was written, or that the
    /// user's code panicked, which sets nothing.
    ///
    /// What serializes to `null` is left out silently, since ThriveStack wants an unavailable property left out.
    pub(crate) fn set(&mut self, key: &str, value: &Value<'_>, personal: bool) -> Result<Written, Rejected> {
        self.is_irregular = true;
        let start = self.bytes.len();
        self.bytes.push(b',');
        json::write_string(&mut self.bytes, key);
        self.bytes.push(b':');
        let value_start = self.bytes.len();
        let written = panics::catch(|| value.write(&mut self.bytes)).ok_or_else(|| {
            self.bytes.truncate(start);
            Rejected::Panicked
        })?;
        self.note(start, value_start, written, personal);
        Ok(written)
    }

    /// Sets a key that is ready, `,"key":`. The user's code runs in it, unguarded.
    pub(super) fn set_ready(&mut self, json_key: &[u8], value: &Value<'_>) -> Written {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(json_key);
        let value_start = self.bytes.len();
        let written = value.write(&mut self.bytes);
        self.note(start, value_start, written, false);
        written
    }

    /// [`set_ready`](Self::set_ready) of a key that is set but once and overrides nothing: what is left out leaves no
    /// trace.
    pub(super) fn add_ready(&mut self, json_key: &[u8], value: &Value<'_>, personal: bool) -> Written {
        let start = self.bytes.len();
        let written = self.write_ready(json_key, value);
        if written == Written::Value {
            let key_end = start + json_key.len() - 1;
            self.entries.push(Entry { start, key_end, end: self.bytes.len(), personal });
        }
        written
    }

    /// [`add_ready`](Self::add_ready) of a key that nothing overrides and nobody strips, so that it takes no entry.
    #[inline]
    pub(super) fn write_ready(&mut self, json_key: &[u8], value: &Value<'_>) -> Written {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(json_key);
        let written = value.write(&mut self.bytes);
        if written != Written::Value {
            self.bytes.truncate(start);
        }
        written
    }

    fn note(&mut self, start: usize, value_start: usize, written: Written, personal: bool) {
        if written != Written::Value {
            self.bytes.truncate(value_start);
            self.is_irregular = true;
        }
        self.entries.push(Entry { start, key_end: value_start - 1, end: self.bytes.len(), personal });
    }

    /// The bytes of the value that was set last, if it was written.
    pub(crate) fn last_value(&self) -> Option<&[u8]> {
        let last = self.entries.last()?;
        Some(&self.bytes[last.key_end + 1..last.end]).filter(|value| !value.is_empty())
    }

    /// Takes the entry that was set last back.
    pub(crate) fn undo(&mut self) {
        if let Some(last) = self.entries.pop() {
            self.bytes.truncate(last.start);
        }
    }

    /// Sets everything that `stronger` sets.
    pub(crate) fn append(&mut self, stronger: Self) {
        let shift = self.bytes.len();
        self.is_irregular |= stronger.is_irregular || !self.entries.is_empty();
        self.bytes.extend_from_slice(&stronger.bytes);
        self.entries.extend(stronger.entries.into_iter().map(|entry| Entry {
            start: entry.start + shift,
            key_end: entry.key_end + shift,
            end: entry.end + shift,
            personal: entry.personal,
        }));
    }

    /// Forgets all entries, and keeps the memory for others.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
        self.is_irregular = false;
    }

    /// How much memory it keeps.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity() + self.entries.capacity() * size_of::<Entry>()
    }

    /// What the entries are in. What is there before the first one stays before it.
    pub(super) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether an entry may not count, so that they have to be [settled](Self::settle).
    pub(super) fn is_irregular(&self) -> bool {
        self.is_irregular
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Removes what [`write_into`](Self::write_into) would not write, and what is personal if `strips`. Hands out the bytes
    /// for what comes after them.
    pub(super) fn settle(&mut self, strips: bool) -> &mut Vec<u8> {
        if self.is_irregular || strips {
            self.remove(strips);
        }
        self.entries.clear();
        &mut self.bytes
    }

    #[cold]
    fn remove(&mut self, strips: bool) {
        let overridden = self.overridden();
        let entries = std::mem::take(&mut self.entries);
        // What is kept moves to the front, over what is not.
        let (mut kept, mut seen) = (0, 0);
        for (index, entry) in entries.iter().enumerate() {
            if overridden.contains(&index) || !entry.has_value() || (strips && entry.personal) {
                self.bytes.copy_within(seen..entry.start, kept);
                kept += entry.start - seen;
                seen = entry.end;
            }
        }
        self.bytes.copy_within(seen.., kept);
        self.bytes.truncate(kept + self.bytes.len() - seen);
        self.entries = entries;
    }

    /// Appends every entry that counts, a comma before each, but for those whose key is in one of `stronger`.
    pub(super) fn write_into(&self, out: &mut Vec<u8>, stronger: &[&Self]) {
        if !self.is_irregular && stronger.iter().all(|stronger| stronger.is_empty()) {
            return out.extend_from_slice(&self.bytes);
        }
        let overridden = self.overridden();
        for (index, entry) in self.entries.iter().enumerate() {
            let key = self.key(entry);
            let counts = !overridden.contains(&index)
                && entry.has_value()
                && !stronger.iter().any(|stronger| stronger.has(key));
            if counts {
                out.extend_from_slice(&self.bytes[entry.start..entry.end]);
            }
        }
    }

    /// Whether the key was set, be it to nothing.
    pub(super) fn has(&self, key: &[u8]) -> bool {
        self.entries.iter().any(|entry| self.key(entry) == key)
    }

    /// The entries that a later one of the same key overrides.
    fn overridden(&self) -> HashSet<usize> {
        // Comparing every pair is quicker for as few keys as an event has, but would stall a caller with 10,000.
        let is_there_later = |index: usize, entry: &Entry| {
            self.entries[index + 1..].iter().any(|later| self.key(later) == self.key(entry))
        };
        let mut entries = self.entries.iter().enumerate();
        if self.entries.len() <= FEW_KEYS && !entries.any(|(index, entry)| is_there_later(index, entry)) {
            return HashSet::new();
        }
        let mut later = HashSet::new();
        let entries = self.entries.iter().enumerate().rev();
        entries.filter(|(_, entry)| !later.insert(self.key(entry))).map(|(index, _)| index).collect()
    }

    /// The key as it stands in JSON, without its quotes.
    fn key(&self, entry: &Entry) -> &[u8] {
        &self.bytes[entry.start + 2..entry.key_end - 1]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Set = (u8, Option<u16>, bool);

    /// Keys of few, so that many are set twice.
    fn sets() -> impl Strategy<Value = Vec<Set>> {
        prop::collection::vec((0..6_u8, any::<Option<u16>>(), any::<bool>()), 0..40)
    }

    fn key(number: u8) -> String {
        format!("key\"{number}")
    }

    fn fields(sets: &[Set]) -> Fields {
        let mut fields = Fields::default();
        for (number, value, personal) in sets {
            fields.set(&key(*number), &Value::Json(value), *personal).unwrap();
        }
        fields
    }

    /// What is sent of the sets, by key.
    fn expected(sets: &[Set], strips: bool) -> BTreeMap<String, u16> {
        let last: BTreeMap<_, _> =
            sets.iter().map(|(number, value, personal)| (*number, (*value, *personal))).collect();
        let sent = |(number, (value, personal)): (u8, (Option<u16>, bool))| {
            value.filter(|_| !(strips && personal)).map(|value| (key(number), value))
        };
        last.into_iter().filter_map(sent).collect()
    }

    fn parsed(entries: &[u8]) -> BTreeMap<String, u16> {
        let entries = entries.strip_prefix(b",").unwrap_or(entries);
        let object = [b"{", entries, b"}"].concat();
        let map: BTreeMap<String, u16> = serde_json::from_slice(&object).unwrap();
        let colons = entries.iter().filter(|byte| **byte == b':').count();
        assert_eq!(colons, map.len(), "a key is there twice");
        map
    }

    proptest! {
        #[test]
        fn the_last_value_of_a_key_counts_and_what_is_stripped_does_not(sets in sets(), strips: bool) {
            let mut fields = fields(&sets);
            let mut written = Vec::new();
            fields.write_into(&mut written, &[]);
            prop_assert_eq!(parsed(&written), expected(&sets, false));
            prop_assert_eq!(parsed(fields.settle(strips)), expected(&sets, strips));
        }

        #[test]
        fn what_is_stronger_overrides_even_with_nothing(weak in sets(), strong in sets()) {
            let mut written = Vec::new();
            fields(&weak).write_into(&mut written, &[&fields(&strong)]);
            let mut expected = expected(&weak, false);
            for (number, ..) in &strong {
                expected.remove(&key(*number));
            }
            prop_assert_eq!(parsed(&written), expected);
        }
    }

    #[test]
    fn a_ready_key_is_added_unless_its_value_is_left_out() {
        let mut fields = Fields::default();
        fields.bytes_mut().extend_from_slice(b"before");
        assert_eq!(fields.add_ready(b",\"a\":", &Value::Json(&1), false), Written::Value);
        assert_eq!(fields.add_ready(b",\"b\":", &Value::Json(&None::<u8>), false), Written::Null);
        assert_eq!(fields.add_ready(b",\"c\":", &Value::Text(&"x"), true), Written::Value);
        assert_eq!(fields.write_ready(b",\"d\":", &Value::Json(&2)), Written::Value);
        assert_eq!(fields.write_ready(b",\"e\":", &Value::Json(&None::<u8>)), Written::Null);
        assert_eq!(fields.add_ready(b",\"f\":", &Value::Json(&3), false), Written::Value);
        assert_eq!(fields.bytes(), b"before,\"a\":1,\"c\":\"x\",\"d\":2,\"f\":3");
        assert_eq!(fields.settle(true), b"before,\"a\":1,\"d\":2,\"f\":3");
    }
}
