//! What an event has at most one of, each a string.

use super::value::Value;

/// A text that is longer is not kept in memory for the next event.
const LONGEST_KEPT: usize = 1024;
/// Whether there is such a text, in the bit of the set that no id has.
const IS_LONG: u8 = 1 << 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Id {
    /// The name of a page.
    Page,
    User,
    Group,
    GroupType,
    Session,
    Device,
    Source,
}

/// The ids of an event, or of a scope.
#[derive(Clone, Default)]
pub(super) struct Ids {
    /// By [`Id`], each as an entry of a JSON object, `,"user_id":"u1"`.
    entries: [Vec<u8>; Id::Source as usize + 1],
    /// Which ones there are, a bit each.
    set: u8,
}

impl Id {
    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// How an entry of it begins, as far as its text.
    pub(super) const fn opening(self) -> &'static [u8] {
        match self {
            Self::Page => b",\"page_name\":\"",
            Self::User => b",\"user_id\":\"",
            Self::Group => b",\"group_id\":\"",
            Self::GroupType => b",\"group_type\":\"",
            Self::Session => b",\"session_id\":\"",
            Self::Device => b",\"device_id\":\"",
            Self::Source => b",\"source\":\"",
        }
    }

    /// Makes an entry of what was empty, and returns whether it is one: not if the text is empty or cannot be told, which may
    /// leave a part of it behind. The user's code runs in it, unguarded.
    #[inline]
    pub(super) fn write(self, entry: &mut Vec<u8>, value: &Value<'_>) -> bool {
        entry.extend_from_slice(self.opening());
        let is_told = value.write_text(entry).is_ok() && entry.len() > self.opening().len();
        if is_told {
            entry.push(b'"');
        }
        is_told
    }
}

impl Ids {
    /// The id, `,"user_id":"u1"`, if it is there.
    #[inline]
    pub(super) fn get(&self, id: Id) -> Option<&[u8]> {
        (self.set & id.bit() != 0).then(|| self.entries[id as usize].as_slice())
    }

    /// The id as a JSON string, `"u1"`.
    pub(super) fn json(&self, id: Id) -> Option<&[u8]> {
        self.get(id)?.get(id.opening().len() - 1..)
    }

    /// Whether there is any besides a user and a group, or a long one.
    #[inline]
    pub(super) fn are_unusual(&self) -> bool {
        self.set & !(Id::User.bit() | Id::Group.bit()) != 0
    }

    /// Sets an id. It is missing if the text is empty or cannot be told. The user's code runs in it, unguarded.
    #[inline]
    pub(super) fn set(&mut self, id: Id, value: &Value<'_>) {
        // It is missing as well if the user's code panics.
        self.set &= !id.bit();
        let entry = &mut self.entries[id as usize];
        entry.clear();
        if id.write(entry, value) {
            self.set |= id.bit();
        }
        if entry.len() > LONGEST_KEPT {
            self.set |= IS_LONG;
        }
    }

    /// Sets an id to what is a JSON string, if it is one.
    pub(super) fn set_json(&mut self, id: Id, json: Option<&[u8]>) {
        self.set &= !id.bit();
        if let Some(after_quote) = json.and_then(|json| json.strip_prefix(b"\"")) {
            let entry = &mut self.entries[id as usize];
            entry.clear();
            entry.extend_from_slice(id.opening());
            entry.extend_from_slice(after_quote);
            self.set |= id.bit();
        }
    }

    /// What this says, and what `weaker` says where this says nothing.
    pub(super) fn over(mut self, weaker: Self) -> Self {
        for (at, entry) in weaker.entries.into_iter().enumerate() {
            if weaker.set & !self.set & 1 << at != 0 {
                self.entries[at] = entry;
            }
        }
        self.set |= weaker.set;
        self
    }

    /// Forgets all of them, and keeps the memory for others.
    #[inline]
    pub(super) fn clear(&mut self) {
        if self.set & IS_LONG != 0 {
            *self = Self::default();
        }
        self.set = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(ids: &Ids) -> usize {
        ids.entries.iter().map(Vec::capacity).sum()
    }

    #[test]
    fn the_memory_of_an_id_is_kept_unless_it_is_long() {
        let mut ids = Ids::default();
        ids.set(Id::User, &Value::Text(&"u1"));
        assert_eq!(ids.get(Id::User), Some(b",\"user_id\":\"u1\"".as_slice()));
        ids.clear();
        assert!(ids.get(Id::User).is_none() && kept(&ids) > 0);
        ids.set(Id::Device, &Value::Text(&"d".repeat(2_000)));
        assert!(kept(&ids) > 2_000);
        ids.clear();
        assert_eq!(kept(&ids), 0);
    }
}
