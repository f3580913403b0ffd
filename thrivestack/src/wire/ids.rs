//! What an event has at most one of, each a string.

use super::value::Value;

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
    /// By [`Id`], each as the rest of a JSON string after its first quote, `u1"`.
    texts: [Vec<u8>; Id::Source as usize + 1],
    /// Which ones there are, a bit each.
    set: u8,
}

impl Id {
    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Ids {
    /// The id, `u1"`, if it is there.
    #[inline]
    pub(super) fn get(&self, id: Id) -> Option<&[u8]> {
        (self.set & id.bit() != 0).then(|| self.texts[id as usize].as_slice())
    }

    /// Whether there is any besides a user and a group.
    #[inline]
    pub(super) fn are_unusual(&self) -> bool {
        self.set & !(Id::User.bit() | Id::Group.bit()) != 0
    }

    /// Sets an id. It is missing if the text is empty or cannot be told. The user's code runs in it, unguarded.
    #[inline]
    pub(super) fn set(&mut self, id: Id, value: &Value<'_>) {
        // It is missing as well if the user's code panics.
        self.set &= !id.bit();
        let text = &mut self.texts[id as usize];
        text.clear();
        if value.write_text(text).is_ok() && !text.is_empty() {
            text.push(b'"');
            self.set |= id.bit();
        }
    }

    /// Sets an id to what is a JSON string, if it is one.
    pub(super) fn set_json(&mut self, id: Id, json: Option<&[u8]>) {
        self.set &= !id.bit();
        let text = &mut self.texts[id as usize];
        text.clear();
        if let Some(after_quote) = json.and_then(|json| json.strip_prefix(b"\"")) {
            text.extend_from_slice(after_quote);
            self.set |= id.bit();
        }
    }

    /// What this says, and what `weaker` says where this says nothing.
    pub(super) fn over(mut self, weaker: Self) -> Self {
        for (at, text) in weaker.texts.into_iter().enumerate() {
            if weaker.set & !self.set & 1 << at != 0 {
                self.texts[at] = text;
            }
        }
        self.set |= weaker.set;
        self
    }

    /// Forgets all of them, and keeps the memory for others.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.set = 0;
    }

    /// How much memory it keeps.
    #[inline]
    pub(super) fn capacity(&self) -> usize {
        self.texts.iter().map(Vec::capacity).sum()
    }
}
