//! The entries of one JSON object, before it is known which of them are sent.

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::json::{self, Json};
use crate::reasons::Rejected;

/// A value on its way into an event.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    /// JSON that is ready.
    Raw(&'a str),
    /// What serde serializes.
    Json(&'a dyn Json),
    /// What is sent as the text of its `Display`.
    Display(&'a dyn fmt::Display),
    /// What is sent as the text of its `Debug`.
    Debug(&'a dyn fmt::Debug),
}

/// Entries in the order in which they were set. A key may be there more than once: the last one counts.
#[derive(Clone, Default)]
pub(crate) struct Fields {
    /// `"key":value` after `"key":value`, without commas.
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    /// Whether a key may be there twice, so that someone has to look for overridden entries.
    may_repeat: bool,
}

#[derive(Clone)]
struct Entry {
    start: usize,
    /// Where the key ends; its colon follows.
    key_end: usize,
    /// Where the value ends. A value that is left out ends where the colon does, and still overrides an earlier one.
    end: usize,
    personal: bool,
}

impl Fields {
    /// Sets `key`; EU compliance strips what is `personal`. The result tells whether the value was written.
    ///
    /// What serializes to `null` is left out silently, since ThriveStack wants an unavailable property left out.
    pub(crate) fn set(&mut self, key: &str, value: Value<'_>, personal: bool) -> Result<Written, Rejected> {
        self.may_repeat = true;
        let start = self.bytes.len();
        json::write_string(&mut self.bytes, key);
        let key_end = self.bytes.len();
        self.bytes.push(b':');
        self.write_value(start, key_end, value, personal)
    }

    /// Sets a key that is ready, `"key":`, and that no other call sets.
    pub(crate) fn set_ready(
        &mut self,
        json_key: &str,
        value: Value<'_>,
        personal: bool,
    ) -> Result<Written, Rejected> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(json_key.as_bytes());
        let key_end = self.bytes.len() - 1;
        self.write_value(start, key_end, value, personal)
    }

    fn write_value(
        &mut self,
        start: usize,
        key_end: usize,
        value: Value<'_>,
        personal: bool,
    ) -> Result<Written, Rejected> {
        let value_start = key_end + 1;
        let bytes = &mut self.bytes;
        // User code runs here. If it panics, the event is lost, and the host must not notice.
        let result = catch_unwind(AssertUnwindSafe(|| match value {
            Value::Raw(json) => {
                bytes.extend_from_slice(json.as_bytes());
                true
            }
            Value::Json(json) => json.write_json(bytes).is_ok(),
            Value::Display(text) => json::write_display(bytes, format_args!("{text}")).is_ok(),
            Value::Debug(text) => json::write_display(bytes, format_args!("{text:?}")).is_ok(),
        }));
        let written = match result {
            Ok(true) if &self.bytes[value_start..] == b"null" => Written::Null,
            Ok(true) => Written::Value,
            Ok(false) => Written::Failed,
            Err(_) => {
                self.bytes.truncate(start);
                return Err(Rejected::Panicked);
            }
        };
        if !matches!(written, Written::Value) {
            self.bytes.truncate(value_start);
        }
        self.entries.push(Entry { start, key_end, end: self.bytes.len(), personal });
        Ok(written)
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
        self.may_repeat |= stronger.may_repeat || !self.entries.is_empty();
        self.bytes.extend_from_slice(&stronger.bytes);
        self.entries.extend(stronger.entries.into_iter().map(|entry| Entry {
            start: entry.start + shift,
            key_end: entry.key_end + shift,
            end: entry.end + shift,
            personal: entry.personal,
        }));
    }

    /// Forgets all entries, and gives memory beyond `largest` bytes back.
    pub(crate) fn clear(&mut self, largest: usize) {
        self.bytes.clear();
        self.bytes.shrink_to(largest);
        self.entries.clear();
        self.entries.shrink_to(largest / size_of::<Entry>());
        self.may_repeat = false;
    }

    /// Calls `each` with every entry that counts.
    pub(super) fn for_each<'a>(&'a self, mut each: impl FnMut(Field<'a>)) {
        // Comparing every pair is the quickest for as few keys as an event has, but would stall a caller with 10,000.
        const FEW: usize = 32;
        let mut later = HashSet::new();
        let mut overridden = vec![];
        if self.may_repeat && self.entries.len() > FEW {
            overridden = vec![false; self.entries.len()];
            for (index, entry) in self.entries.iter().enumerate().rev() {
                overridden[index] = !later.insert(self.key(entry));
            }
        }
        for (index, entry) in self.entries.iter().enumerate() {
            let is_overridden = if !self.may_repeat {
                false
            } else if let Some(known) = overridden.get(index) {
                *known
            } else {
                self.entries[index + 1..].iter().any(|later| self.key(later) == self.key(entry))
            };
            if !is_overridden && entry.end > entry.key_end + 1 {
                each(Field {
                    key: self.key(entry),
                    text: &self.bytes[entry.start..entry.end],
                    personal: entry.personal,
                });
            }
        }
    }

    /// Whether `json_key`, with its quotes, was set, be it to nothing.
    pub(super) fn has(&self, json_key: &[u8]) -> bool {
        self.entries.iter().any(|entry| self.key(entry) == json_key)
    }

    fn key(&self, entry: &Entry) -> &[u8] {
        &self.bytes[entry.start..entry.key_end]
    }
}

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Value,
    /// Left out, because it is `null`.
    Null,
    /// Left out, because it could not be serialized.
    Failed,
}

/// An entry that is sent.
pub(super) struct Field<'a> {
    /// The key with its quotes.
    pub(super) key: &'a [u8],
    /// `"key":value`
    pub(super) text: &'a [u8],
    /// Whether EU compliance strips it for what it is marked as.
    pub(super) personal: bool,
}
